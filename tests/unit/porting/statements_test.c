/* A submission writes what tests/bench/submission.tsv says, statement by statement: script/bench takes its yardstick from there, and a
 * statement more is seen here. */
#include "bench.h"

#include <dlfcn.h>
#include <sqlite3.h>
#include <stdatomic.h>

#define HEARD_MAX 64

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_submission, bench_setup, bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
