/* The workers. Also run as a child that dies at a job. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "jobs/jobs.h"
#include "scratch.h"
#include "store/migrations.h"

#define START (1000 * CLOCK_SECOND)
#define GRACE_MS 60000
#define BACKOFF CLOCK_MINUTE
#define BACKOFF_MAX (10 * CLOCK_MINUTE)

/* What the work of these tests shares with the test. */
struct desk {
    struct db *db;
    struct clock *clock;
    struct jobs *jobs;
    atomic_int runs;   /* works begun */
    atomic_int inside; /* works under way */
    atomic_int most;   /* works under way at once */
    atomic_int held;   /* works wait while it is not 0 */
    atomic_int died;
    atomic_int attempt;       /* of the last run */
    _Atomic int64_t again_at; /* what the work asks for, once */
    char detail[64];          /* of the job that died */
};

static bool count_run(struct desk *desk, const struct job *job)
{
    int inside = ++desk->inside;
    int most = desk->most;
    while (inside > most && !atomic_compare_exchange_weak(&desk->most, &most, inside)) {
    }
    desk->attempt = job->attempt;
    desk->runs++;
    while (desk->held) {
        sched_yield();
    }
    desk->inside--;
    return true;
}

static bool work_well(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)arena;
    (void)problem;
    struct desk *desk = context;
    *ret_again_at = atomic_exchange(&desk->again_at, 0);
    return count_run(desk, job);
}

static bool work_later(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)arena;
    (void)ret_again_at;
    count_run(context, job);
    return problem_set(problem, PROBLEM_LATER, WORD_problem_later, NULL, NULL, "the carrier is silent");
}

static bool work_never(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)arena;
    (void)ret_again_at;
    count_run(context, job);
    return problem_set(problem, PROBLEM_UPSTREAM, WORD_problem_internal, NULL, NULL, "the carrier refused");
}

static void note_death(void *context, const char *kind, const struct job *job, const struct problem *problem)
{
    struct desk *desk = context;
    assert_true(strlen(kind) > 0 && job->account.len > 0);
    snprintf(desk->detail, sizeof desk->detail, "%.60s", problem->detail);
    desk->died++;
}

static const struct job_kind kinds[] = {
    {.kind = "well", .work = work_well, .max_attempts = 3, .backoff = BACKOFF, .backoff_max = BACKOFF_MAX},
    {.kind = "later", .work = work_later, .max_attempts = 7, .backoff = BACKOFF, .backoff_max = BACKOFF_MAX},
    {.kind = "never", .work = work_never, .max_attempts = 3, .backoff = BACKOFF, .backoff_max = BACKOFF_MAX},
    {.kind = NULL},
};

static void desk_open(struct desk *desk, const char *path, size_t workers)
{
    *desk = (struct desk){.db = scratch_db(path, portdesk_migrations), .clock = clock_fixed(START)};
    struct jobs_options options = {.db = desk->db,
        .clock = desk->clock,
        .table = kinds,
        .context = desk,
        .died = note_death,
        .workers = workers};
    assert_true(jobs_start(&options, &desk->jobs, NULL));
}

static void desk_close(struct desk *desk)
{
    assert_true(jobs_stop(desk->jobs, GRACE_MS));
    db_close(desk->db);
    clock_free(desk->clock);
}

struct addition {
    struct clock *clock;
    struct job_new job;
};

static bool add_job(struct db_tx *tx, void *context)
{
    const struct addition *addition = context;
    return job_add(tx, addition->clock, &addition->job);
}

static void add(struct desk *desk, const char *kind, const char *subject, int64_t due)
{
    struct addition addition = {.clock = desk->clock,
        .job = {.account = TEXT("ac_1"), .kind = kind, .subject = text_from(subject), .due = due}};
    assert_true(db_write(desk->db, add_job, &addition, NULL));
    if (desk->jobs) {
        jobs_wake(desk->jobs);
    }
}

static bool count_jobs(struct db_tx *tx, void *context)
{
    return jobs_count(tx, context);
}

static struct job_counts counts_of(struct desk *desk)
{
    struct job_counts counts;
    assert_true(db_read(desk->db, count_jobs, &counts, NULL));
    return counts;
}

/* Until as many have begun and none is under way any more, also on record. The test's time-out bounds it. */
static void until_idle_after(struct desk *desk, int runs)
{
    while (desk->runs < runs || counts_of(desk).running > 0) {
        sched_yield();
    }
    assert_int_equal(desk->runs, runs);
}

static void all_are_run_once(void **state)
{
    struct desk desk;
    desk_open(&desk, scratch_path(*state, "jobs.db"), 4);
    for (int i = 0; i < 100; i++) {
        char subject[16];
        snprintf(subject, sizeof subject, "co_%d", i);
        add(&desk, "well", subject, 0);
    }
    until_idle_after(&desk, 100);
    assert_int_equal(counts_of(&desk).waiting, 0);
    assert_int_equal(counts_of(&desk).dead, 0);
    desk_close(&desk);
    assert_int_equal(desk.died, 0);
}

static void several_run_at_once_but_one_of_a_subject(void **state)
{
    struct desk desk;
    desk_open(&desk, scratch_path(*state, "jobs.db"), 4);
    desk.held = 1;
    add(&desk, "well", "co_1", 0);
    add(&desk, "well", "co_2", 0);
    while (desk.inside < 2) {
        sched_yield();
    }
    /* Two workers are free and woken again and again; what they find is the same job, running. */
    for (int i = 0; i < 50; i++) {
        add(&desk, "well", "co_1", 0);
    }
    assert_int_equal(desk.runs, 2);
    desk.held = 0;
    until_idle_after(&desk, 3); /* fifty hints are one run more */
    assert_int_equal(desk.most, 2);
    assert_int_equal(counts_of(&desk).waiting, 0);
    desk_close(&desk);
}

static void jobs_wait_for_their_time(void **state)
{
    struct desk desk;
    desk_open(&desk, scratch_path(*state, "jobs.db"), 2);
    add(&desk, "well", "co_1", START + CLOCK_HOUR);
    add(&desk, "well", "co_2", 0);
    until_idle_after(&desk, 1);
    assert_int_equal(counts_of(&desk).waiting, 1);
    desk.again_at = START + 3 * CLOCK_HOUR;
    clock_advance(desk.clock, CLOCK_HOUR);
    until_idle_after(&desk, 2);
    assert_int_equal(scratch_number(desk.db, "SELECT due FROM job WHERE state = 'waiting'", DB_NO_ARGS),
        START + 3 * CLOCK_HOUR);
    clock_advance(desk.clock, 2 * CLOCK_HOUR);
    until_idle_after(&desk, 3);
    assert_int_equal(counts_of(&desk).waiting, 0);
    desk_close(&desk);
}

static void failures_are_repeated_ever_later_and_then_dead(void **state)
{
    struct desk desk;
    desk_open(&desk, scratch_path(*state, "jobs.db"), 2);
    /* Doubling, up to a quarter more, and never more than the limit. */
    static const int64_t least[] = {1, 2, 4, 8, 10, 10};
    add(&desk, "later", "co_1", 0);
    for (size_t i = 0; i < COUNT(least); i++) {
        until_idle_after(&desk, (int)i + 1);
        assert_int_equal(desk.attempt, i + 1);
        int64_t due = scratch_number(desk.db, "SELECT due FROM job WHERE state = 'waiting'", DB_NO_ARGS);
        int64_t wait = due - clock_now(desk.clock);
        assert_true(wait >= least[i] * CLOCK_MINUTE && wait <= BACKOFF_MAX);
        assert_true(wait <= least[i] * CLOCK_MINUTE * 5 / 4);
        clock_advance(desk.clock, wait);
    }
    while (desk.died == 0) {
        sched_yield();
    }
    until_idle_after(&desk, kinds[1].max_attempts);
    assert_int_equal(counts_of(&desk).dead, 1);
    assert_int_equal(
        scratch_number(desk.db, "SELECT problem = 'the carrier is silent' FROM job", DB_NO_ARGS), 1);
    desk_close(&desk);
    assert_string_equal(desk.detail, "the carrier is silent");
    assert_int_equal(desk.died, 1);
}

static void what_can_never_work_is_dead_at_once_and_can_be_revived(void **state)
{
    struct desk desk;
    desk_open(&desk, scratch_path(*state, "jobs.db"), 2);
    for (int i = 1; i <= 2; i++) {
        add(&desk, "never", "co_1", 0);
        while (desk.died < i) {
            sched_yield();
        }
        assert_int_equal(desk.runs, i);
        assert_int_equal(counts_of(&desk).dead, 1);
    }
    desk_close(&desk);
    assert_string_equal(desk.detail, "the carrier refused");
}

static void *stop_jobs(void *context)
{
    struct desk *desk = context;
    assert_true(jobs_stop(desk->jobs, GRACE_MS));
    return NULL;
}

static void stopping_waits_for_the_work(void **state)
{
    struct desk desk;
    desk_open(&desk, scratch_path(*state, "jobs.db"), 4);
    desk.held = 1;
    add(&desk, "well", "co_1", 0);
    while (desk.inside < 1) {
        sched_yield();
    }
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, stop_jobs, &desk), 0);
    assert_int_equal(pthread_tryjoin_np(thread, NULL), EBUSY);
    desk.held = 0;
    pthread_join(thread, NULL);
    assert_int_equal(desk.inside, 0);
    assert_int_equal(counts_of(&desk).running, 0);
    assert_int_equal(counts_of(&desk).waiting, 0);
    desk.jobs = NULL;
    desk_close(&desk);
}

/* The children's job: leaves a mark outside, and in the mode "work" dies before it returns. */
struct child {
    const char *marks;
    bool dies;
};

static bool work_marking(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)job;
    (void)arena;
    (void)ret_again_at;
    const struct child *child = context;
    int fd = open(child->marks, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    bool marked = fd >= 0 && write(fd, "x", 1) == 1;
    close(fd);
    if (child->dies) {
        raise(SIGKILL);
    }
    return marked || problem_internal(problem, "no mark");
}

static const struct job_kind marking[] = {
    {.kind = "mark", .work = work_marking, .max_attempts = 1, .backoff = BACKOFF, .backoff_max = BACKOFF_MAX},
    {.kind = NULL},
};

/* Runs the jobs of the folder until none is left, or until it dies of `mode`. */
static int run_as_child(const char *mode, const char *folder)
{
    char path[96];
    char marks[96];
    snprintf(path, sizeof path, "%s/jobs.db", folder);
    snprintf(marks, sizeof marks, "%s/marks", folder);
    if (strcmp(mode, "work") != 0 && strcmp(mode, "none") != 0) {
        setenv("PORTDESK_FAILPOINT", mode, 1);
    }
    if (!failpoint_init(NULL)) {
        return 2;
    }
    struct child child = {.marks = marks, .dies = strcmp(mode, "work") == 0};
    struct desk desk = {.db = scratch_db(path, portdesk_migrations), .clock = clock_fixed(START)};
    struct jobs *jobs = NULL;
    struct jobs_options options = {
        .db = desk.db, .clock = desk.clock, .table = marking, .context = &child, .workers = 2};
    if (!jobs_start(&options, &jobs, NULL)) {
        return 3;
    }
    struct job_counts counts = {.waiting = 1};
    while (counts.waiting + counts.running > 0) {
        sched_yield();
        counts = counts_of(&desk);
    }
    jobs_stop(jobs, GRACE_MS);
    db_close(desk.db);
    clock_free(desk.clock);
    return counts.dead == 0 ? 0 : 4;
}

static void jobs_of_a_killed_process_are_taken_back(void **state)
{
    static const struct {
        const char *mode;
        int ends;      /* of the child that dies */
        int64_t waits; /* rows after that */
        int marks;     /* at the end: how often the work was done */
    } cases[] = {
        {"work", 128 + SIGKILL, 1, 2},
        {"job-before-commit", 128 + SIGKILL, 1, 2},
        {"job-after-commit", 128 + SIGKILL, 0, 1},
        {"none", 0, 0, 1},
    };
    const char *folder = ((struct scratch *)*state)->folder;
    for (size_t i = 0; i < COUNT(cases); i++) {
        unlink(scratch_path(*state, "marks"));
        struct desk desk = {.db = scratch_db(scratch_path(*state, "jobs.db"), portdesk_migrations),
            .clock = clock_fixed(START)};
        add(&desk, "mark", "co_1", 0);
        db_close(desk.db);

        assert_int_equal(scratch_wait(scratch_spawn(cases[i].mode, folder, NULL)), cases[i].ends);
        desk.db = scratch_db(scratch_path(*state, "jobs.db"), portdesk_migrations);
        assert_int_equal(scratch_number(desk.db, "SELECT COUNT(*) FROM job", DB_NO_ARGS), cases[i].waits);
        db_close(desk.db);
        clock_free(desk.clock);

        /* The next start: with one attempt allowed, it may still be run, since the first one did not end. */
        assert_int_equal(scratch_wait(scratch_spawn("none", folder, NULL)), 0);
        int fd = open(scratch_path(*state, "marks"), O_RDONLY | O_CLOEXEC);
        char content[8];
        assert_int_equal(read(fd, content, sizeof content), cases[i].marks);
        close(fd);
    }
}

int main(int argc, char **argv)
{
    log_set_level(LOG_LEVEL_ERROR);
    if (argc == 3) {
        return run_as_child(argv[1], argv[2]);
    }
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(all_are_run_once),
        CASE(several_run_at_once_but_one_of_a_subject),
        CASE(jobs_wait_for_their_time),
        CASE(failures_are_repeated_ever_later_and_then_dead),
        CASE(what_can_never_work_is_dead_at_once_and_can_be_revived),
        CASE(stopping_waits_for_the_work),
        CASE(jobs_of_a_killed_process_are_taken_back),
    };
    return cmocka_run_group_tests_name("job runner", tests, NULL, NULL);
}
