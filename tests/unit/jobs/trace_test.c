/* Under which request's id a job runs, and what /metrics is told of the queue. */
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/trace.h"
#include "jobs/jobs.h"
#include "scratch.h"
#include "store/migrations.h"

#define START (1000 * CLOCK_SECOND)
#define GRACE_MS 60000

struct desk {
    struct db *db;
    struct clock *clock;
    struct jobs *jobs;
    char seen[4][TRACE_MAX + 1]; /* under which id each run went */
    atomic_int runs;
};

struct addition {
    struct clock *clock;
    struct job_new job;
};

static bool add_job(struct db_tx *tx, void *context)
{
    const struct addition *addition = context;
    return job_add(tx, addition->clock, &addition->job);
}

/* As somebody's request, or as nobody's. */
static void add(struct desk *desk, const char *request, const char *kind, const char *subject, int64_t due)
{
    struct addition addition = {.clock = desk->clock,
        .job = {.account = TEXT("ac_1"), .kind = kind, .subject = text_from(subject), .due = due}};
    trace_set(text_from(request));
    assert_true(db_write(desk->db, add_job, &addition, NULL));
    assert_true(text_is(trace_get(), request));
    trace_set(TEXT_EMPTY);
    jobs_wake(desk->jobs);
}

static bool see(struct desk *desk)
{
    snprintf(desk->seen[desk->runs], sizeof desk->seen[0], "%.*s", TEXT_ARG(trace_get()));
    desk->runs++;
    return true;
}

static bool work_last(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)job;
    (void)arena;
    (void)ret_again_at;
    (void)problem;
    return see(context);
}

/* Leaves another job behind. */
static bool work_first(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)arena;
    (void)ret_again_at;
    struct desk *desk = context;
    struct addition addition = {
        .clock = desk->clock, .job = {.account = job->account, .kind = "last", .subject = job->subject}};
    return db_write(desk->db, add_job, &addition, problem) && see(desk);
}

static const struct job_kind kinds[] = {
    {.kind = "first", .work = work_first, .max_attempts = 3, .backoff = 10, .backoff_max = 100},
    {.kind = "last", .work = work_last, .max_attempts = 3, .backoff = 10, .backoff_max = 100},
    {.kind = NULL},
};

static void desk_open(struct desk *desk, void **state)
{
    *desk = (struct desk){
        .db = scratch_db(scratch_path(*state, "jobs.db"), portdesk_migrations), .clock = clock_fixed(START)};
}

/* One worker, so that the runs are one after the other. */
static void work_until(struct desk *desk, int runs)
{
    struct jobs_options options = {
        .db = desk->db, .clock = desk->clock, .table = kinds, .context = desk, .workers = 1};
    assert_true(jobs_start(&options, &desk->jobs, NULL));
    while (desk->runs < runs ||
           scratch_number(desk->db, "SELECT COUNT(*) FROM job WHERE state = 'running'", DB_NO_ARGS)) {
        sched_yield();
    }
    assert_true(jobs_stop(desk->jobs, GRACE_MS));
    assert_int_equal(desk->runs, runs);
}

static void desk_close(struct desk *desk)
{
    db_close(desk->db);
    clock_free(desk->clock);
}

static void a_job_runs_under_its_request(void **state)
{
    struct desk desk;
    desk_open(&desk, state);
    add(&desk, "request-1", "first", "co_1", 0);
    work_until(&desk, 2);
    assert_string_equal(desk.seen[0], "request-1");
    assert_string_equal(desk.seen[1], "request-1"); /* what it left behind is of the same request */
    assert_int_equal(trace_get().len, 0);
    desk_close(&desk);
}

static void one_of_nobody_has_an_id_of_its_own(void **state)
{
    struct desk desk;
    desk_open(&desk, state);
    add(&desk, "", "last", "co_1", 0);
    add(&desk, "", "last", "co_2", 0);
    work_until(&desk, 2);
    assert_int_equal(strlen(desk.seen[0]), 12);
    assert_int_equal(strlen(desk.seen[1]), 12);
    assert_string_not_equal(desk.seen[0], desk.seen[1]);
    desk_close(&desk);
}

static void the_last_that_asked_is_kept(void **state)
{
    static const struct {
        const char *first, *second, *wanted;
    } cases[] = {
        {"request-1", "request-2", "request-2"},
        {"request-1", "", "request-1"}, /* nobody's hint does not make it nobody's */
        {"", "request-2", "request-2"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct desk desk;
        desk_open(&desk, state);
        scratch_exec(desk.db, "DELETE FROM job", DB_NO_ARGS);
        add(&desk, cases[i].first, "last", "co_1", START + CLOCK_HOUR);
        add(&desk, cases[i].second, "last", "co_1", 0);
        work_until(&desk, 1);
        assert_string_equal(desk.seen[0], cases[i].wanted);
        desk_close(&desk);
    }
}

static bool look(struct db_tx *tx, void *context)
{
    return jobs_gauges(tx, START + CLOCK_HOUR, context);
}

static void the_queue_is_told(void **state)
{
    struct desk desk;
    struct job_gauges gauges;
    desk_open(&desk, state);
    assert_true(db_read(desk.db, look, &gauges, NULL));
    assert_true(gauges.oldest_due == 0 && gauges.counts.waiting == 0);
    add(&desk, "", "last", "co_1", START + 2 * CLOCK_HOUR);
    assert_true(db_read(desk.db, look, &gauges, NULL));
    assert_true(gauges.oldest_due == 0 && gauges.counts.waiting == 1); /* its time has not come */
    add(&desk, "", "last", "co_2", START + CLOCK_MINUTE);
    add(&desk, "", "last", "co_3", 0);
    add(&desk, "", "last", "co_4", 0);
    add(&desk, "", "last", "co_5", 0);
    scratch_exec(desk.db, "UPDATE job SET state = 'dead' WHERE subject = $1", DB_ARGS(db_text(TEXT("co_3"))));
    scratch_exec(desk.db, "UPDATE job SET state = 'running' WHERE subject IN ($1, $2)",
        DB_ARGS(db_text(TEXT("co_4")), db_text(TEXT("co_5"))));
    assert_true(db_read(desk.db, look, &gauges, NULL));
    assert_int_equal(gauges.oldest_due, CLOCK_HOUR - CLOCK_MINUTE);
    assert_int_equal(gauges.counts.waiting, 2);
    assert_int_equal(gauges.counts.running, 2);
    assert_int_equal(gauges.counts.dead, 1);
    desk_close(&desk);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_job_runs_under_its_request),
        CASE(one_of_nobody_has_an_id_of_its_own),
        CASE(the_last_that_asked_is_kept),
        CASE(the_queue_is_told),
    };
    return cmocka_run_group_tests_name("job traces", tests, NULL, NULL);
}
