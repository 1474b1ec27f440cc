#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "jobs/job_row.h"

#define LOOK_MS 1000 /* real time after which a worker looks without being woken */
#define JOB_MEMORY_MAX ((size_t)128 * 1024 * 1024)

struct jobs {
    struct db *db;
    struct clock *clock;
    const struct job_kind *table;
    void *context;
    job_died *died;
    int wake_fd; /* readable: look now */
    atomic_bool stopping;
    size_t threads_count;
    pthread_t threads[];
};

/* How a job's work ended, and what is therefore written. */
struct ending {
    struct jobs *jobs;
    const struct job_taken *taken;
    bool done;
    int64_t now;
    int64_t again_at; /* done: 0 or when to run once more */
    int64_t retry_at; /* failed: 0 when it dies */
    struct text why;
    bool dead; /* written by the closure */
};

struct taking {
    struct jobs *jobs;
    struct arena *arena;
    struct job_taken taken;
};

void jobs_wake(struct jobs *jobs)
{
    uint64_t one = 1;
    ssize_t written = write(jobs->wake_fd, &one, sizeof one);
    assert(written == sizeof one || errno == EAGAIN); /* full: it is readable as it is */
}

static void wakes_forget(struct jobs *jobs)
{
    uint64_t count = 0;
    ssize_t got = read(jobs->wake_fd, &count, sizeof count);
    assert(got == sizeof count || errno == EAGAIN);
}

static bool look(struct db_tx *tx, void *context)
{
    return job_next_due(tx, context);
}

static bool take(struct db_tx *tx, void *context)
{
    struct taking *taking = context;
    arena_reset(taking->arena);
    return job_take(tx, taking->jobs->table, clock_now(taking->jobs->clock), taking->arena, &taking->taken);
}

static bool write_ending(struct db_tx *tx, void *context)
{
    struct ending *ending = context;
    ending->dead = false;
    if (ending->done) {
        return job_done(tx, ending->taken, ending->now, ending->again_at);
    }
    if (ending->retry_at) {
        return job_retry(tx, ending->taken, ending->now, ending->retry_at, ending->why);
    }
    return job_bury(tx, ending->taken, ending->now, ending->why, &ending->dead);
}

/* The wait before the next attempt: doubled for each that failed, up to a quarter more so that they do not come in
 * step, and never more than the kind's limit. */
static int64_t backoff(const struct job_kind *kind, int attempt)
{
    int64_t wait = kind->backoff;
    for (int i = 1; i < attempt && wait < kind->backoff_max; i++) {
        wait = wait > kind->backoff_max / 2 ? kind->backoff_max : wait * 2;
    }
    uint32_t parts = randombytes_uniform(257);
    wait += wait / 1024 * (int64_t)parts;
    return wait < kind->backoff_max ? wait : kind->backoff_max;
}

static void ending_fill(struct ending *ending, const struct problem *problem, struct arena *arena)
{
    const struct job_taken *taken = ending->taken;
    ending->now = clock_now(ending->jobs->clock);
    if (ending->done) {
        return;
    }
    ending->why =
        text_copy(arena, text_from(problem->detail[0] ? problem->detail : words_key(problem->word)));
    if (problem->kind == PROBLEM_LATER && taken->job.attempt < taken->kind->max_attempts) {
        ending->retry_at = ending->now + backoff(taken->kind, taken->job.attempt);
    }
}

/* Until it is written: the work was done and must not be done again without need. When the jobs are stopped meanwhile it is
 * taken back at the next start. */
static bool ending_write(struct jobs *jobs, struct ending *ending)
{
    failpoint("job-before-commit");
    while (true) {
        struct problem problem = {.kind = PROBLEM_NONE};
        if (db_write(jobs->db, write_ending, ending, &problem)) {
            failpoint("job-after-commit");
            return true;
        }
        log_problem(LOG_LEVEL_ERROR, "job.not_recorded", &problem);
        if (atomic_load(&jobs->stopping)) {
            return false;
        }
        clock_wait(jobs->clock, INT64_MAX, -1, LOOK_MS);
    }
}

static void run(struct jobs *jobs, const struct job_taken *taken, struct arena *arena)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    struct ending ending = {.jobs = jobs, .taken = taken};
    int64_t again_at = 0;
    ending.done = taken->kind->work(jobs->context, &taken->job, arena, &again_at, &problem);
    ending.again_at = again_at;
    if (!ending.done && problem.kind == PROBLEM_NONE) {
        problem_internal(&problem, "the job failed without a problem");
    }
    ending_fill(&ending, &problem, arena);
    bool written = ending_write(jobs, &ending);
    if (!ending.done) {
        log_event(ending.dead ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, ending.dead ? "job.dead" : "job.failed",
            LOG_TEXT("kind", text_from(taken->kind->kind)), LOG_TEXT("account", taken->job.account),
            LOG_TEXT("subject", taken->job.subject), LOG_NUMBER("attempt", taken->job.attempt),
            LOG_TEXT("why", ending.why));
    }
    if (written && ending.dead && jobs->died) {
        jobs->died(jobs->context, taken->kind->kind, &taken->job, &problem);
    }
}

/* Runs a job when one is due. Otherwise *ret_due says when to look again. */
static bool run_next(struct jobs *jobs, struct arena *arena, int64_t *ret_due)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    struct taking taking = {.jobs = jobs, .arena = arena};
    int64_t due = INT64_MAX;
    bool sound = db_read(jobs->db, look, &due, &problem);
    bool is_due = sound && due <= clock_now(jobs->clock);
    if (is_due) {
        sound = db_write(jobs->db, take, &taking, &problem);
    }
    if (!sound) {
        log_problem(LOG_LEVEL_ERROR, "jobs.not_looked", &problem);
        due = INT64_MAX;
    }
    *ret_due = due;
    if (sound && taking.taken.kind) {
        jobs_wake(jobs); /* the next worker looks whether there is more */
        run(jobs, &taking.taken, arena);
        return true;
    }
    return sound && is_due; /* another worker was quicker: look again */
}

static void *worker(void *context)
{
    struct jobs *jobs = context;
    ARENA_CLEANUP arena = arena_new(JOB_MEMORY_MAX);
    while (!atomic_load(&jobs->stopping)) {
        wakes_forget(jobs);
        int64_t due = INT64_MAX;
        if (!atomic_load(&jobs->stopping) && !run_next(jobs, arena, &due)) {
            clock_wait(jobs->clock, due, jobs->wake_fd, LOOK_MS);
        }
        arena_reset(arena);
    }
    jobs_wake(jobs); /* this worker may have taken the wake that was meant for all */
    return NULL;
}

static bool take_back(struct db_tx *tx, void *context)
{
    return job_take_back(tx, *(const int64_t *)context);
}

static void check_table(const struct job_kind *table)
{
    for (const struct job_kind *kind = table; kind->kind; kind++) {
        assert(strlen(kind->kind) <= JOB_KIND_MAX && kind->work && kind->max_attempts > 0);
        assert(kind->backoff > 0 && kind->backoff_max >= kind->backoff && kind->backoff_max < INT64_MAX / 4);
    }
}

bool jobs_start(struct db *db, struct clock *clock, const struct job_kind *table, void *context,
    job_died *died, size_t workers, struct jobs **ret, struct problem *problem)
{
    check_table(table);
    int64_t now = clock_now(clock);
    if (!db_write(db, take_back, &now, problem)) {
        return false;
    }
    struct jobs *jobs = calloc(1, sizeof *jobs + workers * sizeof(pthread_t));
    if (!jobs) {
        abort();
    }
    *jobs = (struct jobs){.db = db, .clock = clock, .table = table, .context = context, .died = died};
    jobs->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool started = jobs->wake_fd >= 0;
    for (size_t i = 0; i < workers && started; i++) {
        started = pthread_create(&jobs->threads[i], NULL, worker, jobs) == 0;
        jobs->threads_count += started;
    }
    if (!started) {
        jobs_stop(jobs);
        return problem_internal(problem, "no workers for jobs: %s", strerrordesc_np(errno));
    }
    *ret = jobs;
    return true;
}

void jobs_stop(struct jobs *jobs)
{
    if (!jobs) {
        return;
    }
    atomic_store(&jobs->stopping, true);
    if (jobs->wake_fd >= 0) {
        jobs_wake(jobs);
    }
    for (size_t i = 0; i < jobs->threads_count; i++) {
        pthread_join(jobs->threads[i], NULL);
    }
    if (jobs->wake_fd >= 0) {
        close(jobs->wake_fd);
    }
    free(jobs);
}
