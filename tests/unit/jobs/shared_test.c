/* Several processes on one database, as far as one process can be several: each has workers and a beat of its own. Also run as a
 * child that is told to stop while a job hangs. */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "base/log.h"
#include "jobs/job_row.h"
#include "scratch.h"
#include "store/migrations.h"

#define START (1000 * CLOCK_SECOND)
#define GRACE_MS 60000
#define BEAT_MS 20
#define LEASE_MS 1500 /* a busy machine holds a thread up for long */
#define PROCESSES 3
#define SUBJECTS 10
#define HINTS 60 /* to each subject, by each of two */

struct desk {
    struct db *db;
    struct clock *clock;
    atomic_int runs, inside;
    atomic_int held; /* the first so many runs stay inside until they are let go */
    atomic_int wanted[SUBJECTS], served[SUBJECTS], at_work[SUBJECTS];
    atomic_int twice; /* times that a subject was worked on by two */
};

static bool work(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)arena;
    (void)ret_again_at;
    (void)problem;
    struct desk *desk = context;
    size_t subject = (size_t)(job->subject.at[0] - '0');
    assert(subject < SUBJECTS);
    int run = ++desk->runs;
    desk->inside++;
    desk->twice += desk->at_work[subject]++ > 0;
    int wanted = desk->wanted[subject];
    while (run <= desk->held) {
        sched_yield();
    }
    desk->served[subject] = wanted;
    desk->at_work[subject]--;
    desk->inside--;
    return true;
}

static const struct job_kind kinds[] = {
    {"read", work, 3, CLOCK_SECOND, CLOCK_MINUTE, 1, "carrier"}, {NULL, NULL, 0, 0, 0, 0, NULL}};

static void desk_open(struct desk *desk, const char *path)
{
    *desk = (struct desk){.db = scratch_db(path, portdesk_migrations), .clock = clock_fixed(START)};
}

static void desk_close(struct desk *desk)
{
    db_close(desk->db);
    clock_free(desk->clock);
}

static struct jobs *process(struct desk *desk, size_t workers)
{
    struct jobs *jobs = NULL;
    struct jobs_options options = {.db = desk->db,
        .clock = desk->clock,
        .table = kinds,
        .context = desk,
        .workers = workers,
        .shared = true,
        .beat_ms = BEAT_MS,
        .lease_ms = LEASE_MS};
    assert_true(jobs_start(&options, &jobs, NULL));
    return jobs;
}

struct addition {
    struct clock *clock;
    char subject[2];
};

static bool add_closure(struct db_tx *tx, void *context)
{
    const struct addition *addition = context;
    return job_add(tx, addition->clock,
        &(struct job_new){.account = TEXT("ac_1"), .kind = "read", .subject = text_from(addition->subject)});
}

static bool add(struct desk *desk, int subject)
{
    struct addition addition = {desk->clock, {(char)('0' + subject), '\0'}};
    desk->wanted[subject]++;
    return db_write(desk->db, add_closure, &addition, NULL);
}

static int64_t number(struct desk *desk, const char *sql)
{
    return scratch_number(desk->db, sql, DB_NO_ARGS);
}

static void until(struct desk *desk, const char *sql, int64_t wanted)
{
    while (number(desk, sql) != wanted) {
        sched_yield();
    }
}

#define WAITING "SELECT COUNT(*) FROM job WHERE state = 'waiting'"
#define RUNNING "SELECT COUNT(*) FROM job WHERE state = 'running'"
#define ALL "SELECT COUNT(*) FROM job"
#define WORKERS "SELECT COUNT(*) FROM job_worker"

/* A process that does nothing: what it does is done by the test. */
struct still {
    struct desk *desk;
    struct id id;
    struct arena *arena;
    struct job_taken taken;
    struct job_worker_end end;
    bool lost, dead, gone;
    int64_t jobs;
};

static bool register_closure(struct db_tx *tx, void *context)
{
    struct still *still = context;
    return job_worker_add(tx, id_text(&still->id), START);
}

static bool take_closure(struct db_tx *tx, void *context)
{
    struct still *still = context;
    bool more = false;
    struct job_taker taker = {
        .table = kinds, .kinds = 1, .worker = id_text(&still->id), .run = 1, .now = START};
    return job_line_up(tx, START, &more) && job_take(tx, &taker, still->arena, &still->taken);
}

static bool done_closure(struct db_tx *tx, void *context)
{
    struct still *still = context;
    return job_done(tx, &still->taken, START, 0, &still->lost);
}

static bool remove_closure(struct db_tx *tx, void *context)
{
    struct still *still = context;
    return job_worker_remove(tx, &still->end, &still->gone, &still->jobs);
}

static struct still still_open(struct desk *desk, struct arena *arena)
{
    struct still still = {.desk = desk, .id = id_new(desk->clock, "jw"), .arena = arena};
    assert_true(db_write_loose(desk->db, register_closure, &still, NULL));
    return still;
}

static void a_dead_process_loses_its_jobs(void **state)
{
    struct desk desk;
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    desk_open(&desk, scratch_path(*state, "jobs.db"));
    struct still dead = still_open(&desk, arena);
    assert_true(add(&desk, 1));
    assert_true(db_write_loose(desk.db, take_closure, &dead, NULL));
    assert_non_null(dead.taken.kind);
    struct jobs *jobs = process(&desk, 2);
    until(&desk, ALL, 0);
    assert_int_equal(desk.runs, 1);
    assert_int_equal(number(&desk, WORKERS), 1);
    /* It was only paused, and goes on: what it has to say of the job changes nothing. */
    assert_true(add(&desk, 1));
    assert_true(db_write_loose(desk.db, done_closure, &dead, NULL));
    assert_true(dead.lost);
    jobs_wake(jobs);
    until(&desk, ALL, 0);
    assert_int_equal(desk.runs, 2);
    /* Nor can it take one. */
    assert_true(jobs_stop(jobs, GRACE_MS));
    assert_true(add(&desk, 1));
    struct problem problem = {.kind = PROBLEM_NONE};
    assert_false(db_write_loose(desk.db, take_closure, &dead, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    assert_int_equal(number(&desk, WAITING), 1);
    desk_close(&desk);
}

/* The attempt does not count, and the time is counted in which the process ended. */
static void what_is_taken_over_is_as_before(void **state)
{
    struct desk desk;
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    desk_open(&desk, scratch_path(*state, "jobs.db"));
    static const struct {
        int64_t beat;
        bool interrupted;
        bool gone;
        int64_t count; /* that is added to interrupted */
    } ends[] = {{1, true, true, 1}, {-1, false, true, 0}, {0, true, false, 0}, {2, true, false, 0}};
    for (size_t i = 0; i < COUNT(ends); i++) {
        scratch_exec(desk.db, "DELETE FROM job", DB_NO_ARGS);
        struct still still = still_open(&desk, arena);
        assert_true(add(&desk, 1));
        assert_true(db_write_loose(desk.db, take_closure, &still, NULL));
        still.end = (struct job_worker_end){
            .worker = id_text(&still.id), .beat = ends[i].beat, .interrupted = ends[i].interrupted};
        assert_true(db_write_loose(desk.db, remove_closure, &still, NULL));
        assert_int_equal(still.gone, ends[i].gone);
        assert_int_equal(still.jobs, ends[i].gone);
        assert_int_equal(number(&desk, WAITING), ends[i].gone);
        assert_int_equal(number(&desk, RUNNING), !ends[i].gone);
        assert_int_equal(number(&desk, "SELECT attempt FROM job"), !ends[i].gone);
        assert_int_equal(number(&desk, "SELECT interrupted FROM job"), ends[i].count);
    }
    desk_close(&desk);
}

static void a_slow_job_is_left_to_its_process(void **state)
{
    struct desk desk;
    desk_open(&desk, scratch_path(*state, "jobs.db"));
    desk.held = 1;
    struct jobs *jobs[PROCESSES];
    for (size_t i = 0; i < PROCESSES; i++) {
        jobs[i] = process(&desk, 2);
    }
    assert_true(add(&desk, 1));
    while (desk.inside == 0) {
        sched_yield();
    }
    /* All have beaten, and so have watched, for two leases. The injected clock jumps: nobody looks at it. */
    int64_t beats = number(&desk, "SELECT MIN(beat) FROM job_worker") + 2 * LEASE_MS / BEAT_MS;
    while (number(&desk, "SELECT MIN(beat) FROM job_worker") < beats) {
        clock_advance(desk.clock, CLOCK_DAY);
        sched_yield();
    }
    assert_int_equal(number(&desk, WORKERS), PROCESSES);
    assert_int_equal(number(&desk, RUNNING), 1);
    assert_int_equal(desk.runs, 1);
    desk.held = 0;
    until(&desk, ALL, 0);
    assert_int_equal(desk.runs, 1);
    for (size_t i = 0; i < PROCESSES; i++) {
        assert_true(jobs_stop(jobs[i], GRACE_MS));
    }
    assert_int_equal(number(&desk, WORKERS), 0);
    desk_close(&desk);
}

/* One that was paused for longer than the lease: the job is another's meanwhile, and it finds its own place gone. */
static void who_was_taken_for_dead_begins_anew(void **state)
{
    struct desk desk;
    desk_open(&desk, scratch_path(*state, "jobs.db"));
    desk.held = 1;
    struct jobs *jobs = process(&desk, 1);
    assert_true(add(&desk, 1));
    while (desk.inside == 0) {
        sched_yield();
    }
    scratch_exec(desk.db, "UPDATE job SET state = 'waiting', worker = NULL, attempt = 0", DB_NO_ARGS);
    scratch_exec(desk.db, "DELETE FROM job_worker", DB_NO_ARGS);
    until(&desk, WORKERS, 1);
    /* Its run ends, is nobody's, and the job is run by who takes it now: the same process under its new name. */
    desk.held = 0;
    until(&desk, ALL, 0);
    assert_int_equal(desk.runs, 2);
    assert_true(jobs_stop(jobs, GRACE_MS));
    desk_close(&desk);
}

static void *hint(void *context)
{
    struct desk *desk = context;
    for (int i = 0; i < HINTS * SUBJECTS; i++) {
        assert(add(desk, i % SUBJECTS));
    }
    return NULL;
}

/* Twelve workers of three processes, and two who hint again and again: each subject has one at work at a time, and the last hint to each is
 * followed by a run. */
static void one_at_a_time_and_no_hint_is_lost(void **state)
{
    struct desk desk;
    pthread_t hinting[2];
    desk_open(&desk, scratch_path(*state, "jobs.db"));
    struct jobs *jobs[PROCESSES];
    for (size_t i = 0; i < PROCESSES; i++) {
        jobs[i] = process(&desk, 4);
    }
    for (size_t i = 0; i < COUNT(hinting); i++) {
        assert_int_equal(pthread_create(&hinting[i], NULL, hint, &desk), 0);
    }
    for (size_t i = 0; i < COUNT(hinting); i++) {
        pthread_join(hinting[i], NULL);
    }
    until(&desk, ALL, 0);
    for (size_t i = 0; i < PROCESSES; i++) {
        assert_true(jobs_stop(jobs[i], GRACE_MS));
    }
    assert_int_equal(desk.twice, 0);
    for (size_t i = 0; i < SUBJECTS; i++) {
        assert_int_equal(desk.wanted[i], 2 * HINTS);
        assert_int_equal(desk.served[i], desk.wanted[i]);
    }
    assert_true(desk.runs <= 2 * HINTS * SUBJECTS);
    desk_close(&desk);
}

/* The child: stops while its job hangs. */
static int stop_while_one_hangs(const char *path)
{
    struct desk desk;
    desk_open(&desk, path);
    desk.held = 1;
    struct jobs *jobs = process(&desk, 2);
    if (!add(&desk, 1)) {
        return 2;
    }
    while (desk.inside == 0) {
        sched_yield();
    }
    _exit(jobs_stop(jobs, 1) ? 3 : 0);
}

static void a_stop_gives_back_what_does_not_end(void **state)
{
    const char *path = scratch_path(*state, "jobs.db");
    db_close(scratch_db(path, portdesk_migrations)); /* so that the other process knows it by its path */
    assert_int_equal(scratch_wait(scratch_spawn("hang", path, NULL)), 0);
    struct desk desk;
    desk_open(&desk, path);
    assert_int_equal(number(&desk, WAITING " AND attempt = 0 AND interrupted = 0"), 1);
    assert_int_equal(number(&desk, WORKERS), 0);
    desk_close(&desk);
}

int main(int argc, char **argv)
{
    log_set_level(LOG_LEVEL_ERROR);
    if (argc == 3) {
        return stop_while_one_hangs(argv[2]);
    }
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_dead_process_loses_its_jobs),
        CASE(what_is_taken_over_is_as_before),
        CASE(a_slow_job_is_left_to_its_process),
        CASE(who_was_taken_for_dead_begins_anew),
        CASE(one_at_a_time_and_no_hint_is_lost),
        CASE(a_stop_gives_back_what_does_not_end),
    };
    return cmocka_run_group_tests_name("job processes", tests, NULL, NULL);
}
