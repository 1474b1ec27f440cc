/* What the porting team sees of that which did not go on by itself, and what trying again does. */
#include <stdio.h>

#include "bench.h"
#include "notices/notice.h"
#include "porting/order.h"
#include "porting/stuck.h"

struct statement {
    const char *sql;
    const struct db_value *args;
    size_t count;
};

static bool statement_closure(struct db_tx *tx, void *context)
{
    const struct statement *statement = context;
    return db_exec(tx, statement->sql, statement->args, statement->count);
}

static void run_sql(struct bench *bench, const char *sql, const struct db_value *args, size_t count)
{
    struct statement statement = {sql, args, count};
    struct problem problem = {0};
    if (!db_write(bench->db, statement_closure, &statement, &problem))
        fail_msg("%s", problem.detail);
}

static void dead_job(
    struct bench *bench, struct text account, const char *kind, struct text subject, int64_t at)
{
    run_sql(bench,
        "INSERT INTO job (account, kind, subject, state, due, attempt, problem, changed_at) VALUES ($1, $2, $3,"
        " 'dead', 0, 12, 'it <b>broke</b>', $4) ON CONFLICT (account, kind, subject) DO UPDATE SET"
        " state = 'dead', attempt = 12, problem = excluded.problem, changed_at = excluded.changed_at",
        DB_ARGS(db_text(account), db_text(text_from(kind)), db_text(subject), db_int(at)));
}

static struct stuck_list list_of(struct bench *bench, enum stuck_show show, struct text before)
{
    struct problem problem = {0};
    struct stuck_list list;
    if (!stuck_list(&bench->porting, &bench->team, show, before, bench->arena, &list, &problem))
        fail_msg("%s %s", words_key(problem.word), problem.detail);
    return list;
}

struct found {
    struct arena *arena;
    struct text order;
};

static bool order_closure(struct db_tx *tx, void *context)
{
    struct found *found = context;
    DB_ROWS rows = db_query(tx, "SELECT id FROM carrier_order ORDER BY id DESC LIMIT 1", DB_NO_ARGS);
    assert_true(db_next(rows));
    found->order = db_col_copy(rows, 0, found->arena);
    return db_ok(tx);
}

static struct text newest_order(struct bench *bench)
{
    struct found found = {.arena = bench->arena};
    assert_true(db_read(bench->db, order_closure, &found, NULL));
    return found.order;
}

static void test_nothing_is_stuck(void **state)
{
    struct bench *bench = *state;
    bench_submitted(bench, &bench->owner, "415-552-0134");
    struct stuck_list list = list_of(bench, STUCK_ALL, TEXT_EMPTY);
    assert_int_equal(list.rows_count, 0);
    assert_int_equal(list.counts[STUCK_ALL], 0);
    assert_int_equal(list.next.len, 0);
}

/* One of each: what it is, and the request that it is about. */
static void test_each_kind_leads_to_its_request(void **state)
{
    struct bench *bench = *state;
    struct id request = bench_submitted(bench, &bench->owner, "415-552-0134");
    struct text account = bench->owner.account, order = newest_order(bench);
    struct request_view view = bench_view(bench, &bench->owner, &request);
    int64_t now = clock_now(bench->clock);
    run_sql(bench,
        "INSERT INTO mail (account, id, request, notice, once_key, to_name, to_address, queued_at, refused)"
        " VALUES ($1, 'ml_1', $2, 'rejected', 'x', 'Dana', 'dana@example.com', $3, '550 no such user'),"
        " ($1, 'ml_2', $2, 'expired', 'y', 'Dana', 'dana@example.com', $4, '550 long ago'),"
        " ($1, 'ml_3', $2, 'completed', 'z', 'Dana', 'dana@example.com', $3, NULL)",
        DB_ARGS(
            db_text(account), db_text(id_text(&request)), db_int(now - 5), db_int(now - STUCK_SHOWN - 1)));
    run_sql(bench,
        "INSERT INTO unknown_word (carrier, word, times, last_order, last_at) VALUES ('twilio', 'port-in-limbo', 3, $1, $2),"
        " ('twilio', 'of old', 3, $1, $3)",
        DB_ARGS(db_text(order), db_int(now - 6), db_int(now - STUCK_SHOWN - 1)));
    dead_job(bench, account, JOB_ORDER_SYNC, order, now - 1);
    dead_job(bench, account, "of_requests", id_text(&request), now - 2);
    dead_job(bench, account, JOB_MAIL, TEXT("ml_3"), now - 3);
    dead_job(bench, TEXT("operator"), "connection_check", TEXT("twilio"), now - 4);
    static const struct {
        enum stuck_show what;
        const char *kind;
        bool of_request;
        int64_t times;
    } wanted[] = {{STUCK_JOBS, "order_sync", true, 12}, {STUCK_JOBS, "of_requests", true, 12},
        {STUCK_JOBS, "mail_send", true, 12}, {STUCK_JOBS, "connection_check", false, 12},
        {STUCK_MAILS, "rejected", true, 0}, {STUCK_WORDS, "twilio", true, 3}};
    struct stuck_list list = list_of(bench, STUCK_ALL, TEXT_EMPTY);
    assert_int_equal(list.rows_count, COUNT(wanted));
    for (size_t i = 0; i < COUNT(wanted); i++) {
        const struct stuck_row *row = &list.rows[i];
        assert_text(row->kind, wanted[i].kind);
        assert_int_equal(row->what, wanted[i].what);
        assert_int_equal(row->times, wanted[i].times);
        assert_int_equal(row->since, now - 1 - (int64_t)i);
        assert_true(text_equal(row->reference, wanted[i].of_request ? view.reference : TEXT_EMPTY));
        assert_true(text_equal(row->request, wanted[i].of_request ? id_text(&request) : TEXT_EMPTY));
        assert_text(row->account_name, wanted[i].of_request ? "Harbor & Pine Realty" : "");
        assert_false(row->moot);
    }
    assert_text(list.rows[4].subject, "dana@example.com");
    assert_text(list.rows[4].detail, "550 no such user");
    assert_text(list.rows[5].subject, "port-in-limbo");
    static const int64_t counts[] = {6, 4, 1, 1};
    for (int show = STUCK_ALL; show <= STUCK_WORDS; show++) {
        assert_int_equal(list.counts[show], counts[show]);
        assert_int_equal(list_of(bench, (enum stuck_show)show, TEXT_EMPTY).rows_count, counts[show]);
    }
}

static void test_an_order_worked_moot_is_told(void **state)
{
    struct bench *bench = *state;
    bench_submitted(bench, &bench->owner, "415-552-0134");
    struct text order = newest_order(bench);
    static const struct {
        const char *phase;
        bool moot;
    } phases[] = {{"new", false}, {"placing", false}, {"unclear", true}, {"placed", true}, {"ended", true}};
    dead_job(bench, bench->owner.account, JOB_ORDER_PLACE, order, 1);
    for (size_t i = 0; i < COUNT(phases); i++) {
        run_sql(bench, "UPDATE carrier_order SET phase = $1", DB_ARGS(db_text(text_from(phases[i].phase))));
        struct stuck_list list = list_of(bench, STUCK_JOBS, TEXT_EMPTY);
        assert_int_equal(list.rows_count, 1);
        if (list.rows[0].moot != phases[i].moot)
            fail_msg("%s", phases[i].phase);
    }
}

static void test_pages_hold_each_once(void **state)
{
    struct bench *bench = *state;
    char subject[16];
    for (int i = 0; i < 2 * STUCK_PAGE + 7; i++) { /* many of the same instant */
        snprintf(subject, sizeof subject, "s.%03d", i);
        dead_job(bench, TEXT("operator"), "x", text_from(subject), 1000 + i / 60);
    }
    static const size_t sizes[] = {STUCK_PAGE, STUCK_PAGE, 7};
    struct text before = TEXT_EMPTY, last = TEXT("s.999");
    for (size_t page = 0; page < COUNT(sizes); page++) {
        struct stuck_list list = list_of(bench, STUCK_ALL, before);
        assert_int_equal(list.rows_count, sizes[page]);
        for (size_t i = 0; i < list.rows_count; i++) {
            assert_true(text_compare(list.rows[i].subject, last) < 0);
            last = list.rows[i].subject;
        }
        assert_int_equal(list.next.len > 0, page + 1 < COUNT(sizes));
        before = list.next;
    }
    static const char *const odd[] = {"x", "1", ".", "-1.x", "99999999999999999999.x", "' OR 1=1 --"};
    for (size_t i = 0; i < COUNT(odd); i++)
        assert_int_equal(list_of(bench, STUCK_ALL, text_from(odd[i])).rows_count, STUCK_PAGE);
}

static bool retry(
    struct bench *bench, const struct actor *actor, struct text kind, struct text key, enum problem_kind *ret)
{
    struct problem problem = {0};
    struct stuck_job job = {TEXT("operator"), kind, TEXT("twilio")};
    bool done = stuck_retry(&bench->porting, actor, &job, key, &problem);
    *ret = problem.kind;
    return done;
}

#define WAITING "SELECT count(*) FROM job WHERE state = 'waiting' AND attempt = 0"

static void test_a_retry_is_one(void **state)
{
    struct bench *bench = *state;
    enum problem_kind kind;
    struct text webhook = TEXT("connection_check"), key = bench_key(bench);
    assert_false(retry(bench, &bench->team, webhook, bench_key(bench), &kind));
    assert_int_equal(kind, PROBLEM_CONFLICT);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM idempotency"), 0);
    dead_job(bench, TEXT("operator"), "connection_check", TEXT("twilio"), 1);
    assert_false(retry(bench, &bench->team, TEXT("webhook"), bench_key(bench), &kind));
    assert_int_equal(kind, PROBLEM_CONFLICT);
    assert_int_equal(bench_number(bench, WAITING), 0);
    assert_true(retry(bench, &bench->team, webhook, key, &kind));
    assert_int_equal(bench_number(bench, WAITING), 1);
    assert_true(retry(bench, &bench->team, webhook, key, &kind)); /* the same form once more */
    assert_false(retry(bench, &bench->team, webhook, bench_key(bench), &kind));
    assert_int_equal(kind, PROBLEM_CONFLICT);
    /* It died again: the old form does not revive it. */
    dead_job(bench, TEXT("operator"), "connection_check", TEXT("twilio"), 2);
    assert_true(retry(bench, &bench->team, webhook, key, &kind));
    assert_int_equal(bench_number(bench, WAITING), 0);
    /* Another form of the same page. */
    dead_job(bench, TEXT("operator"), "janitor", TEXT("twilio"), 2);
    assert_true(retry(bench, &bench->team, TEXT("janitor"), key, &kind));
    assert_int_equal(bench_number(bench, WAITING), 1);
    assert_false(retry(bench, &bench->team, webhook, TEXT("short"), &kind));
    assert_int_equal(kind, PROBLEM_SYNTAX);
}

static void test_one_job_is_known_closer(void **state)
{
    struct bench *bench = *state;
    struct id request = bench_submitted(bench, &bench->owner, "415-552-0134");
    struct text account = bench->owner.account, order = newest_order(bench);
    dead_job(bench, account, JOB_ORDER_SYNC, order, 7);
    struct stuck_job job = {account, TEXT("order_sync"), order};
    struct stuck_look look;
    struct problem problem = {0};
    assert_true(stuck_look(&bench->porting, &bench->team, &job, bench->arena, &look, &problem));
    assert_int_equal(look.state, STUCK_DEAD);
    assert_int_equal(look.row.since, 7);
    assert_int_equal(look.row.times, 12);
    assert_text(look.row.detail, "it <b>broke</b>");
    assert_true(text_equal(look.row.request, id_text(&request)));
    assert_text(look.row.account_name, "Harbor & Pine Realty");
    run_sql(bench, "UPDATE job SET state = 'waiting', due = 9, interrupted = 3 WHERE kind = 'order_sync'",
        DB_NO_ARGS);
    assert_true(stuck_look(&bench->porting, &bench->team, &job, bench->arena, &look, &problem));
    assert_int_equal(look.state, STUCK_WAITING);
    assert_int_equal(look.due, 9);
    assert_int_equal(look.interrupted, 3);
    job.subject = TEXT("ord_none");
    assert_false(stuck_look(&bench->porting, &bench->team, &job, bench->arena, &look, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
}

/* Each job that can be about an order, in each phase: the drop leaves no order that nobody looks after. */
static void test_a_drop_leaves_no_order_alone(void **state)
{
    struct bench *bench = *state;
    bench_submitted(bench, &bench->owner, "415-552-0134");
    struct text account = bench->owner.account, order = newest_order(bench);
    static const struct {
        const char *kind, *phase, *after;
    } cases[] = {{"order_place", "new", "unclear"}, {"order_place", "placing", "unclear"},
        {"order_place", "placed", "placed"}, {"order_sync", "placed", "unclear"},
        {"order_cancel", "placed", "unclear"}, {"order_sync", "new", "new"}, {"order_sync", "ended", "ended"},
        {"order_place", "unclear", "unclear"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {0};
        struct stuck_job job = {account, text_from(cases[i].kind), order};
        run_sql(bench, "UPDATE carrier_order SET phase = $1", DB_ARGS(db_text(text_from(cases[i].phase))));
        dead_job(bench, account, cases[i].kind, order, 1);
        if (!stuck_drop(&bench->porting, &bench->team, &job, bench_key(bench), &problem))
            fail_msg("%s %s: %s", cases[i].kind, cases[i].phase, problem.detail);
        int64_t right = bench_number(bench,
            text_format(bench->arena, "SELECT count(*) FROM carrier_order WHERE phase = '%s'", cases[i].after)
                .at);
        if (right != 1)
            fail_msg("%s %s", cases[i].kind, cases[i].phase);
    }
    assert_int_equal(
        bench_number(bench, "SELECT count(*) FROM timeline WHERE event = 'work_dropped'"), COUNT(cases));
    assert_int_equal(
        bench_number(
            bench, "SELECT count(*) FROM timeline WHERE event = 'work_dropped' AND actor_kind = 'team'"),
        COUNT(cases));
}

static void test_a_drop_is_one(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0}, again = {0};
    struct stuck_job job = {TEXT("operator"), TEXT("connection_check"), TEXT("twilio")};
    struct text key = bench_key(bench);
    dead_job(bench, job.account, "connection_check", job.subject, 1);
    assert_true(stuck_drop(&bench->porting, &bench->team, &job, key, &problem));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM job WHERE kind = 'connection_check'"), 0);
    assert_true(stuck_drop(&bench->porting, &bench->team, &job, key, &problem)); /* the same form once more */
    assert_false(stuck_drop(&bench->porting, &bench->team, &job, bench_key(bench), &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    /* One that waits is not dropped. */
    dead_job(bench, job.account, "connection_check", job.subject, 1);
    run_sql(bench, "UPDATE job SET state = 'waiting' WHERE kind = 'connection_check'", DB_NO_ARGS);
    assert_false(stuck_drop(&bench->porting, &bench->team, &job, bench_key(bench), &again));
    assert_int_equal(again.kind, PROBLEM_CONFLICT);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM job WHERE kind = 'connection_check'"), 1);
}

static void test_nobody_else_may(void **state)
{
    struct bench *bench = *state;
    const struct actor *others[] = {&bench->owner, &bench->agent, &bench->stranger};
    dead_job(bench, TEXT("operator"), "connection_check", TEXT("twilio"), 1);
    for (size_t i = 0; i < COUNT(others); i++) {
        struct problem problem = {0}, counting = {0};
        struct stuck_list list;
        enum problem_kind kind;
        int64_t count;
        assert_false(
            stuck_list(&bench->porting, others[i], STUCK_ALL, TEXT_EMPTY, bench->arena, &list, &problem));
        assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
        assert_false(stuck_count(&bench->porting, others[i], &count, &counting));
        assert_int_equal(counting.kind, PROBLEM_FORBIDDEN);
        assert_false(retry(bench, others[i], TEXT("connection_check"), bench_key(bench), &kind));
        assert_int_equal(kind, PROBLEM_FORBIDDEN);
        struct problem looking = {0}, dropping = {0};
        struct stuck_job job = {TEXT("operator"), TEXT("connection_check"), TEXT("twilio")};
        struct stuck_look look;
        assert_false(stuck_look(&bench->porting, others[i], &job, bench->arena, &look, &looking));
        assert_int_equal(looking.kind, PROBLEM_FORBIDDEN);
        assert_false(stuck_drop(&bench->porting, others[i], &job, bench_key(bench), &dropping));
        assert_int_equal(dropping.kind, PROBLEM_FORBIDDEN);
    }
    int64_t count = 0;
    assert_true(stuck_count(&bench->porting, &bench->team, &count, NULL));
    assert_int_equal(count, 1);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_nothing_is_stuck),
        CASE(test_each_kind_leads_to_its_request),
        CASE(test_an_order_worked_moot_is_told),
        CASE(test_pages_hold_each_once),
        CASE(test_a_retry_is_one),
        CASE(test_one_job_is_known_closer),
        CASE(test_a_drop_leaves_no_order_alone),
        CASE(test_a_drop_is_one),
        CASE(test_nobody_else_may),
    };
    return cmocka_run_group_tests_name("stuck", tests, NULL, NULL);
}
