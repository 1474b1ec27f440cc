/* The workers: threads that take a job, do its work, and write how it ended. The ending and the next taking are one transaction. */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/trace.h"
#include "jobs/job_row.h"
#include "jobs/keeper.h"
#include "jobs/slots.h"

#define LOOK_MS 1000    /* real time after which a worker looks without being woken */
#define CONTENDED_MS 20 /* the same, when another process gives the turns out at this moment */
#define JOB_MEMORY_MAX ((size_t)128 * 1024 * 1024)

struct jobs {
    struct db *db;
    struct clock *clock;
    struct job_kind *table; /* in order of priority */
    void *context;
    job_died *died;
    struct keeper *keeper;
    struct slots slots;
    int wake_fd; /* readable: look now */
    atomic_bool stopping;
    _Atomic int64_t runs; /* begun or about to be */
    size_t threads_count;
    pthread_t threads[];
};

/* How a job's work ended, and what is therefore written. */
struct ending {
    const struct job_taken *taken;
    bool done;
    int64_t took; /* µs */
    int64_t now;
    int64_t again_at; /* done: 0 or when to run once more */
    int64_t retry_at; /* failed: 0 when it dies */
    struct text why;
    bool dead, lost; /* written by the closure */
};

/* What a worker does in one transaction. */
struct turn {
    struct jobs *jobs;
    int64_t unclear_run;   /* of which nobody knows whether it was taken, or 0 */
    struct ending *ending; /* of the job before, or NULL */
    bool takes;
    struct id worker, unclear_worker;
    uint32_t kinds;
    int64_t run;
    struct arena *arena; /* of what is taken */
    struct job_taken taken;
    bool more; /* turns were given out, and there may be more to give */
};

/* A thread, with what it keeps from job to job. */
struct worker {
    struct jobs *jobs;
    struct arena *arenas[2]; /* of the job under way, and of the next */
    size_t current;
    slots_held held;
    struct id unclear_worker; /* what took, or did not take, the run whose taking failed */
    int64_t unclear_run;      /* 0: none */
};

void jobs_wake(struct jobs *jobs)
{
    if (!jobs) {
        return;
    }
    uint64_t one = 1;
    ssize_t written = write(jobs->wake_fd, &one, sizeof one);
    assert(written == sizeof one || errno == EAGAIN); /* full: it is readable as it is */
}

static void wake_after_death(void *context)
{
    jobs_wake(context);
}

static void wakes_forget(struct jobs *jobs)
{
    uint64_t count = 0;
    ssize_t got = read(jobs->wake_fd, &count, sizeof count);
    assert(got == sizeof count || errno == EAGAIN);
}

/* ---- The transaction ---- */

static bool write_ending(struct db_tx *tx, struct ending *ending)
{
    ending->dead = false;
    if (ending->done) {
        return job_done(tx, ending->taken, ending->now, ending->again_at, &ending->lost);
    }
    if (ending->retry_at) {
        return job_retry(tx, ending->taken, ending->now, ending->retry_at, ending->why, &ending->lost);
    }
    return job_bury(tx, ending->taken, ending->now, ending->why, &ending->dead, &ending->lost);
}

static bool take(struct db_tx *tx, struct turn *turn)
{
    const struct jobs *jobs = turn->jobs;
    int64_t now = clock_now(jobs->clock);
    struct job_look look = {.lined = 0};
    if (!job_look(tx, jobs->table, &look)) {
        return false;
    }
    if (look.due <= now) {
        /* All turns are given out before the next is taken: what came last may be the first of its account. */
        if (!job_line_up(tx, now, &turn->more) || turn->more || !job_look(tx, jobs->table, &look)) {
            return db_ok(tx);
        }
    }
    struct job_taker taker = {.table = jobs->table,
        .kinds = turn->kinds & look.lined,
        .worker = id_text(&turn->worker),
        .run = turn->run,
        .now = now};
    return job_take(tx, &taker, turn->arena, &turn->taken);
}

static bool turn_closure(struct db_tx *tx, void *context)
{
    struct turn *turn = context;
    arena_reset(turn->arena);
    turn->taken = (struct job_taken){.kind = NULL};
    turn->more = false;
    if (turn->unclear_run) {
        job_run_take_back(
            tx, id_text(&turn->unclear_worker), turn->unclear_run, clock_now(turn->jobs->clock));
    }
    if (turn->ending && !write_ending(tx, turn->ending)) {
        return false;
    }
    return !turn->takes || take(tx, turn);
}

/* Writes the ending, if there is one, and takes what is next, if it may. */
static bool turn_write(
    struct worker *worker, struct ending *ending, bool takes, struct turn *ret, struct problem *problem)
{
    struct jobs *jobs = worker->jobs;
    takes = takes && !atomic_load(&jobs->stopping);
    slots_held held = takes ? slots_take(&jobs->slots, worker->held) : worker->held;
    *ret = (struct turn){.jobs = jobs,
        .unclear_worker = worker->unclear_worker,
        .unclear_run = worker->unclear_run,
        .ending = ending,
        .takes = takes,
        .worker = keeper_worker(jobs->keeper),
        .kinds = slots_kinds(&jobs->slots, held),
        .run = atomic_fetch_add(&jobs->runs, 1) + 1,
        .arena = worker->arenas[1 - worker->current]};
    bool written = db_write_loose(jobs->db, turn_closure, ret, problem);
    if (written) {
        worker->held = ret->taken.kind ? slots_of(&jobs->slots, ret->taken.kind) : 0;
        worker->unclear_run = 0;
    } else if (takes) {
        worker->unclear_worker = ret->worker;
        worker->unclear_run = ret->run;
    }
    if (slots_give(&jobs->slots, held & ~worker->held)) {
        jobs_wake(jobs);
    }
    return written;
}

/* ---- After the work ---- */

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

static void ending_fill(
    struct jobs *jobs, struct ending *ending, const struct problem *problem, struct arena *arena)
{
    const struct job_taken *taken = ending->taken;
    ending->now = clock_now(jobs->clock);
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
 * given back. */
static bool ending_write(struct worker *worker, struct ending *ending, struct job_taken *ret_next)
{
    struct jobs *jobs = worker->jobs;
    struct turn turn;
    bool takes = true;
    failpoint("job-before-commit");
    while (true) {
        struct problem problem = {.kind = PROBLEM_NONE};
        if (turn_write(worker, ending, takes, &turn, &problem)) {
            failpoint("job-after-commit");
            *ret_next = turn.taken;
            if (turn.more) {
                jobs_wake(jobs);
            }
            return true;
        }
        if (problem.kind == PROBLEM_CONFLICT) {
            keeper_doubt(
                jobs->keeper); /* the ending holds by itself: the taking said that we are not registered */
        }
        takes = false; /* first the ending */
        log_problem(LOG_LEVEL_ERROR, "job.not_recorded", &problem);
        if (atomic_load(&jobs->stopping)) {
            return false;
        }
        clock_wait(jobs->clock, INT64_MAX, -1, LOOK_MS);
    }
}

/* What became of a run, for the log and for who wants to know of deaths. */
static void run_ended(
    struct jobs *jobs, const struct ending *ending, bool written, const struct problem *problem)
{
    const struct job_taken *taken = ending->taken;
    size_t kind = metric_value(LABEL_JOB_KIND, text_from(taken->kind->kind));
    size_t outcome = ending->done ? JOB_OUTCOME_DONE : ending->dead ? JOB_OUTCOME_DEAD : JOB_OUTCOME_FAILED;
    metric_add(METRIC_JOB_RUNS, METRIC_AT(kind, outcome), 1);
    metric_observe(METRIC_JOB_DURATION, METRIC_AT(kind), ending->took);
    if (ending->done) {
        log_event(LOG_LEVEL_INFO, "job.done", LOG_TEXT("kind", text_from(taken->kind->kind)),
            LOG_TEXT("account", taken->job.account), LOG_TEXT("subject", taken->job.subject),
            LOG_NUMBER("attempt", taken->job.attempt), LOG_NUMBER("us", ending->took));
    }
    if (written && ending->lost) {
        log_event(LOG_LEVEL_WARN, "job.lost", LOG_TEXT("kind", text_from(taken->kind->kind)),
            LOG_TEXT("account", taken->job.account), LOG_TEXT("subject", taken->job.subject));
    }
    if (!ending->done) {
        log_event(ending->dead ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, ending->dead ? "job.dead" : "job.failed",
            LOG_TEXT("kind", text_from(taken->kind->kind)), LOG_TEXT("account", taken->job.account),
            LOG_TEXT("subject", taken->job.subject), LOG_NUMBER("attempt", taken->job.attempt),
            LOG_TEXT("why", ending->why));
    }
    if (written && ending->dead && jobs->died) {
        jobs->died(jobs->context, taken->kind->kind, &taken->job, problem);
    }
}

/* The run goes under the id of the request that added it, or one of its own. */
static void trace_begin(const struct job_taken *taken)
{
    trace_set(taken->trace);
    if (trace_get().len == 0) {
        trace_new();
    }
}

/* Does the work. What is next is in *ret_next, or its kind is NULL. */
static void run(struct worker *worker, const struct job_taken *taken, struct job_taken *ret_next)
{
    struct jobs *jobs = worker->jobs;
    struct arena *arena = worker->arenas[worker->current];
    struct problem problem = {.kind = PROBLEM_NONE};
    struct ending ending = {.taken = taken};
    int64_t again_at = 0;
    jobs_wake(jobs); /* the next worker looks whether there is more */
    trace_begin(taken);
    int64_t began = metric_clock();
    ending.done = taken->kind->work(jobs->context, &taken->job, arena, &again_at, &problem);
    ending.took = metric_clock() - began;
    ending.again_at = again_at;
    if (!ending.done && problem.kind == PROBLEM_NONE) {
        problem_internal(&problem, "the job failed without a problem");
    }
    ending_fill(jobs, &ending, &problem, arena);
    bool written = ending_write(worker, &ending, ret_next);
    run_ended(jobs, &ending, written, &problem);
    trace_set(TEXT_EMPTY);
    arena_reset(arena);
    worker->current = 1 - worker->current;
}

/* ---- The thread ---- */

struct looking {
    const struct jobs *jobs;
    struct job_look look;
};

static bool look_closure(struct db_tx *tx, void *context)
{
    struct looking *looking = context;
    return job_look(tx, looking->jobs->table, &looking->look);
}

/* Takes a job when there is one. Otherwise *ret_due and *ret_ms say when to look again. */
static void take_first(struct worker *worker, struct job_taken *ret, int64_t *ret_due, int *ret_ms)
{
    struct jobs *jobs = worker->jobs;
    struct problem problem = {.kind = PROBLEM_NONE};
    struct looking looking = {.jobs = jobs, .look.due = INT64_MAX};
    struct turn turn = {.more = false};
    bool sound = db_read(jobs->db, look_closure, &looking, &problem);
    *ret_due = looking.look.due;
    *ret_ms = LOOK_MS;
    if (sound && (looking.look.lined || looking.look.due <= clock_now(jobs->clock))) {
        *ret_due = INT64_MAX;
        do {
            sound = turn_write(worker, NULL, true, &turn, &problem);
        } while (sound && turn.more && !atomic_load(&jobs->stopping));
        *ret_ms = looking.look.lined ? LOOK_MS : CONTENDED_MS;
    }
    if (!sound && problem.kind == PROBLEM_CONFLICT) {
        keeper_doubt(jobs->keeper); /* it wakes us */
    }
    if (!sound) {
        log_problem(LOG_LEVEL_ERROR, "jobs.not_looked", &problem);
        *ret_due = INT64_MAX;
    }
    if (sound && turn.taken.kind) {
        *ret = turn.taken;
        worker->current = 1 - worker->current;
    }
}

static void *worker_main(void *context)
{
    struct jobs *jobs = context;
    ARENA_CLEANUP first = arena_new(JOB_MEMORY_MAX);
    ARENA_CLEANUP second = arena_new(JOB_MEMORY_MAX);
    struct worker worker = {.jobs = jobs, .arenas = {first, second}};
    struct job_taken next = {.kind = NULL};
    while (next.kind || !atomic_load(&jobs->stopping)) {
        if (next.kind) {
            struct job_taken taken = next;
            next.kind = NULL;
            run(&worker, &taken, &next);
            continue;
        }
        int64_t due = INT64_MAX;
        int ms = LOOK_MS;
        wakes_forget(jobs);
        if (!atomic_load(&jobs->stopping)) {
            take_first(&worker, &next, &due, &ms);
        }
        if (!next.kind && !atomic_load(&jobs->stopping)) {
            clock_wait(jobs->clock, due, jobs->wake_fd, ms);
        }
    }
    jobs_wake(jobs); /* this worker may have taken the wake that was meant for all */
    return NULL;
}

/* ---- Start and stop ---- */

/* A copy in order of priority; kinds of the same one stay in theirs. */
static struct job_kind *table_sorted(const struct job_kind *table)
{
    size_t count = 0;
    while (table[count].kind) {
        const struct job_kind *kind = &table[count++];
        assert(strlen(kind->kind) <= JOB_KIND_MAX && kind->work && kind->max_attempts > 0);
        assert(kind->backoff > 0 && kind->backoff_max >= kind->backoff && kind->backoff_max < INT64_MAX / 4);
    }
    assert(count <= JOB_KINDS_MAX);
    struct job_kind *sorted = calloc(count + 1, sizeof *sorted);
    if (!sorted) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        size_t place = i;
        while (place > 0 && sorted[place - 1].priority > table[i].priority) {
            sorted[place] = sorted[place - 1];
            place--;
        }
        sorted[place] = table[i];
    }
    return sorted;
}

static void jobs_free(struct jobs *jobs)
{
    if (jobs->wake_fd >= 0) {
        close(jobs->wake_fd);
    }
    slots_end(&jobs->slots);
    free(jobs->table);
    free(jobs);
}

static bool threads_start(struct jobs *jobs, size_t workers, struct problem *problem)
{
    for (size_t i = 0; i < workers; i++) {
        int code = pthread_create(&jobs->threads[i], NULL, worker_main, jobs);
        if (code != 0) {
            return problem_internal(problem, "no workers for jobs: %s", strerrordesc_np(code));
        }
        jobs->threads_count++;
    }
    return true;
}

bool jobs_start(const struct jobs_options *options, struct jobs **ret, struct problem *problem)
{
    struct jobs *jobs = calloc(1, sizeof *jobs + options->workers * sizeof(pthread_t));
    if (!jobs) {
        abort();
    }
    *jobs = (struct jobs){.db = options->db,
        .clock = options->clock,
        .table = table_sorted(options->table),
        .context = options->context,
        .died = options->died};
    slots_init(&jobs->slots, jobs->table, options->workers);
    jobs->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (jobs->wake_fd < 0) {
        problem_internal(problem, "no eventfd for jobs: %s", strerrordesc_np(errno));
        jobs_free(jobs);
        return false;
    }
    struct keeper_options keeping = {.db = options->db,
        .clock = options->clock,
        .table = jobs->table,
        .shared = options->shared,
        .beat_ms = options->beat_ms,
        .lease_ms = options->lease_ms,
        .taken_back = wake_after_death,
        .context = jobs};
    if (!keeper_start(&keeping, &jobs->keeper, problem)) {
        jobs_free(jobs);
        return false;
    }
    if (!threads_start(jobs, options->workers, problem)) {
        jobs_stop(jobs, INT32_MAX); /* none of them has found work that takes long */
        return false;
    }
    *ret = jobs;
    return true;
}

void jobs_quiesce(struct jobs *jobs)
{
    if (jobs) {
        atomic_store(&jobs->stopping, true);
        jobs_wake(jobs);
    }
}

/* Whether all threads ended in time. */
static bool threads_join(struct jobs *jobs, int grace_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += grace_ms / 1000;
    until.tv_nsec += (long)(grace_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    bool all = true;
    for (size_t i = 0; i < jobs->threads_count; i++) {
        all = pthread_clockjoin_np(jobs->threads[i], NULL, CLOCK_MONOTONIC, &until) == 0 && all;
    }
    return all;
}

bool jobs_stop(struct jobs *jobs, int grace_ms)
{
    if (!jobs) {
        return true;
    }
    int64_t given_back = 0;
    jobs_quiesce(jobs);
    bool all = threads_join(jobs, grace_ms);
    keeper_stop(jobs->keeper, &given_back);
    if (given_back) {
        log_event(LOG_LEVEL_WARN, "jobs.given_back", LOG_NUMBER("jobs", given_back));
    }
    if (all) {
        keeper_free(jobs->keeper);
        jobs_free(jobs);
    }
    return all;
}
