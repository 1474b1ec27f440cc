/* A submission writes what tests/bench/submission.tsv says, statement by statement: script/bench takes its yardstick from there, and a
 * statement more is seen here. And what pages read is found by indexes, however much a desk has. */
#include "bench.h"

#include "calls/inventory.h"
#include "people/audit_list.h"
#include "porting/desk.h"
#include "porting/messages.h"

#include <dlfcn.h>
#include <sqlite3.h>
#include <stdatomic.h>

#define HEARD_MAX 4096

static atomic_bool listening;
static atomic_int heard_count;
static char heard[HEARD_MAX][2048];

/* Stands before the library's own. */
int sqlite3_step(sqlite3_stmt *statement)
{
    static int (*step)(sqlite3_stmt *);
    if (!step)
        *(void **)&step = dlsym(RTLD_NEXT, "sqlite3_step");
    if (atomic_load(&listening) && !sqlite3_stmt_busy(statement)) {
        int at = atomic_fetch_add(&heard_count, 1);
        assert_true(at < HEARD_MAX);
        snprintf(heard[at], sizeof heard[at], "%s", sqlite3_sql(statement));
    }
    return step(statement);
}

/* The next statement of the list, without what stands for its parameters. */
static const char *next_wanted(FILE *list, char *line, size_t size)
{
    while (fgets(line, (int)size, list)) {
        char *tab = strchr(line, '\t');
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '#' && tab)
            return tab + 1;
    }
    return NULL;
}

static void test_submission(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct draft_fields review = {.acknowledged = ACKNOWLEDGE_ALL, .wished_date = TEXT("")};
    struct id id = bench_draft(bench, &bench->owner, "415-552-0134");
    atomic_store(&listening, true);
    assert_true(
        request_submit(&bench->porting, &bench->owner, id_text(&id), &review, bench_key(bench), &problem));
    atomic_store(&listening, false);
    int at = 0, count = atomic_load(&heard_count);
    while (at < count && strcmp(heard[at], "BEGIN IMMEDIATE") != 0)
        at++;
    FILE *list = fopen(SUBMISSION_LIST, "re");
    assert_non_null(list);
    char line[2048];
    for (const char *wanted; (wanted = next_wanted(list, line, sizeof line));) {
        assert_true(++at < count);
        assert_string_equal(heard[at], wanted);
    }
    fclose(list);
    assert_true(at > 1 && at + 2 == count);
    assert_string_equal(heard[at + 1], "COMMIT");
}

/* ---- A thousand numbers ---- */

static void begin_to_count(void)
{
    atomic_store(&heard_count, 0);
    atomic_store(&listening, true);
}

static int counted(void)
{
    atomic_store(&listening, false);
    return atomic_load(&heard_count);
}

static const char *a_thousand(struct bench *bench)
{
    struct text list = TEXT_EMPTY;
    for (int i = 0; i < 1000; i += 50) {
        char lines[50 * 13 + 1];
        for (int j = 0; j < 50; j++)
            snprintf(&lines[j * 13], 14, "415-552-%04d\n", i + j);
        list = text_format(bench->arena, "%.*s%s", TEXT_ARG(list), lines);
    }
    return list.at;
}

/* What it costs does not grow with each number: a statement is written for dozens of them, and nothing for those that did not change. */
static void test_a_thousand(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_draft(bench, &bench->owner, a_thousand(bench));
    begin_to_count();
    assert_true(
        request_submit(&bench->porting, &bench->owner, id_text(&id), NULL, bench_key(bench), &problem));
    int submitted = counted();
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM port_number WHERE claimed IS NOT NULL"), 1000);
    begin_to_count();
    assert_true(bench_run(bench));
    int placed = counted();
    assert_int_equal(bench_port(bench)->numbers_count, 1000);
    begin_to_count();
    bench_state(bench, bench_port(bench), "port_pending");
    int pending = counted();
    begin_to_count();
    bench_state(bench, NULL, NULL); /* read again, and nothing is new */
    int again = counted();
    begin_to_count();
    bench_state(bench, bench_port(bench), "completed");
    int completed = counted();
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number"), 1000);
    assert_int_equal(bench_number(bench,
                         "SELECT count(*) FROM port_number WHERE status = 'completed' AND claimed IS NULL"),
        1000);
    print_message("statements: submitted %d, placed %d, pending %d, nothing new %d, completed %d\n",
        submitted, placed, pending, again, completed);
    assert_in_range(submitted, 1, 150);
    assert_in_range(placed, 1, 400);
    assert_in_range(pending, 1, 120);
    assert_in_range(again, 1, 50);
    assert_in_range(completed, 1, 500);
}

/* A page of the queue is two queries, and each begins and ends a read, however many rows it has. */
static void test_the_desk(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct desk_list list;
    struct desk_filter filter = {DESK_ANYBODYS, -1, TEXT_EMPTY};
    int few = 0;
    for (int i = 0; i < 40; i++) {
        bench_submitted(bench, &bench->owner, text_format(bench->arena, "800-552-01%02d", i).at);
        if (i > 0 && i < 39)
            continue;
        begin_to_count();
        assert_true(desk_list(&bench->porting, &bench->team, &filter, bench->arena, &list, &problem));
        few = few ? few : counted();
        assert_int_equal(counted(), few);
        assert_int_equal(list.rows_count, i + 1);
    }
    assert_in_range(few, 2, 4);
}

/* ---- The plans of what pages read ---- */

static void read_lists(struct bench *bench, const struct actor *actor)
{
    static const char *const searches[] = {"", "PR-1001", "415552", "0134"};
    struct problem problem = {0};
    for (int show = LIST_ALL; show <= LIST_ENDED; show++)
        for (size_t i = 0; i < COUNT(searches); i++) {
            struct list_view list;
            struct list_filter filter = {.show = (enum list_show)show, .search = text_from(searches[i])};
            assert_true(request_list(&bench->porting, actor, &filter, bench->arena, &list, &problem));
        }
}

/* The porting team's desk: each filter, and what stands on the page of a request of it. */
static void read_desk(struct bench *bench, struct text request)
{
    struct problem problem = {0};
    struct desk_list list;
    struct desk_hold hold;
    struct conversation said;
    int64_t all, mine;
    for (int whose = 0; whose < DESK_WHOSE_COUNT; whose++)
        for (int why = -1; why < DESK_WHY_COUNT; why++) {
            struct desk_filter filter = {(enum desk_whose)whose, why, TEXT_EMPTY};
            assert_true(desk_list(&bench->porting, &bench->team, &filter, bench->arena, &list, &problem));
        }
    assert_true(desk_counts(&bench->porting, &bench->team, &all, &mine, &problem));
    assert_true(desk_hold(&bench->porting, &bench->team, request, bench->arena, &hold, &problem));
    assert_true(
        conversation_read(&bench->porting, &bench->team, request, TEXT_EMPTY, bench->arena, &said, &problem));
}

static void read_audit(struct bench *bench, const struct actor *actor)
{
    struct problem problem = {0};
    for (int i = 0; i < 6; i++) {
        struct audit_list list;
        struct audit_filter filter = {.of_kind = i % 2 == 1,
            .kind = AUDIT_REQUEST_SUBMITTED,
            .by = (enum audit_by)(i / 2),
            .user = bench->owner.user};
        assert_true(audit_list(bench->db, actor, &filter, AUDIT_PAGE, bench->arena, &list, &problem));
    }
}

static void read_pages(struct bench *bench, struct text draft, struct text request)
{
    struct problem problem = {0};
    struct draft loaded;
    struct request_view view;
    struct inventory_list inventory;
    struct text stamp;
    struct arena *arena = bench->arena;
    const struct actor *owner = &bench->owner;
    read_lists(bench, owner);
    read_lists(bench, &bench->agent);
    read_lists(bench, &bench->team);
    read_audit(bench, owner);
    read_audit(bench, &bench->team);
    read_desk(bench, request);
    struct draft_begun *begun;
    size_t count;
    bool more;
    assert_true(draft_begun_list(
        &bench->porting, &bench->team, owner->account, owner->user, arena, &begun, &count, &more, &problem));
    assert_true(draft_load(&bench->porting, owner, draft, arena, &loaded, &problem));
    assert_true(request_load(&bench->porting, owner, request, arena, &view, &problem));
    assert_true(request_load(&bench->porting, &bench->team, request, arena, &view, &problem));
    assert_true(request_stamp(&bench->porting, owner, request, arena, &stamp, &problem));
    assert_true(inventory_list(bench->db, owner, TEXT_EMPTY, arena, &inventory, &problem));
}

/* A walk of a whole table, or of all that one account has in one that is not a list, is linear in the desk's age. */
static void check_plan(struct arena *arena, sqlite3 *db, const char *sql)
{
    static const char *const bounded[] = {
        "SCAN CONSTANT ROW", "SCAN (", "SCAN m", "SCAN b", "SCAN e", "SCAN s", "SCAN counted"};
    sqlite3_stmt *statement = NULL;
    struct text question = text_format(arena, "EXPLAIN QUERY PLAN %s", sql);
    assert_int_equal(sqlite3_prepare_v2(db, question.at, -1, &statement, NULL), SQLITE_OK);
    bool digits = strstr(sql, "e164_reversed") != NULL;
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *line = (const char *)sqlite3_column_text(statement, 3);
        bool scan = strncmp(line, "SCAN ", 5) == 0, of_account = strstr(line, "(account=?)") != NULL;
        for (size_t i = 0; i < COUNT(bounded); i++)
            scan &= strncmp(line, bounded[i], strlen(bounded[i])) != 0;
        scan &= strstr(line, "INDEX port_request_") == NULL; /* a list, up to its page */
        of_account &=
            strstr(line, "INDEX port_request_") == NULL && strstr(sql, "LIMIT $2) AS counted") == NULL;
        of_account &=
            strstr(sql, "FROM app_user") == NULL || strstr(sql, "JOIN"); /* people, at most USERS_MAX */
        bool sorts = strstr(sql, "FROM port_request r JOIN") && !strstr(sql, "r.reference = ") && !digits &&
                     strstr(line, "TEMP B-TREE");
        if (scan || of_account || sorts)
            fail_msg("%s: %s", line, sql);
    }
    sqlite3_finalize(statement);
}

static void test_plans(void **state)
{
    struct bench *bench = *state;
    struct id draft = bench_draft(bench, &bench->owner, "415-552-0134");
    struct id request = bench_submitted(bench, &bench->owner, "415-552-0135");
    struct problem problem = {0};
    assert_true(message_add(
        &bench->porting, &bench->team, id_text(&request), TEXT("Hello"), bench_key(bench), &problem));
    atomic_store(&heard_count, 0);
    atomic_store(&listening, true);
    read_pages(bench, id_text(&draft), id_text(&request));
    atomic_store(&listening, false);
    char path[128];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/portdesk.db", bench->folder);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    int count = atomic_load(&heard_count);
    assert_true(count > 50);
    for (int i = 0; i < count; i++)
        if (strncmp(heard[i], "SELECT", 6) == 0)
            check_plan(bench->arena, db, heard[i]);
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_plans, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_submission, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_the_desk, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_a_thousand, bench_setup, bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
