#include "jobs/keeper.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "jobs/job_row.h"

#define BEAT_MS 2000
#define LEASE_MS 10000
#define WORKERS_MAX 512        /* processes that are watched */
#define UNKNOWN_MS 600000      /* between two looks for jobs that nobody knows */
#define UNKNOWN_KEPT CLOCK_DAY /* an update from version to version is over by then */

/* Another process, as we saw it. */
struct watched {
    struct id id;
    int64_t beat;
    int64_t still_ms; /* for how long of our watching it did not move */
};

struct keeper {
    struct keeper_options options;
    pthread_mutex_t lock;
    pthread_cond_t ring;
    struct id worker; /* behind the lock */
    bool stopping, doubted;
    bool has_thread;
    pthread_t thread;
    /* Of the thread. */
    struct watched watched[WORKERS_MAX];
    size_t watched_count;
    int64_t looked_ms;
    int64_t unknown_ms; /* when it was looked for last */
};

static int64_t monotonic_ms(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

struct id keeper_worker(struct keeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    struct id worker = keeper->worker;
    pthread_mutex_unlock(&keeper->lock);
    return worker;
}

void keeper_doubt(struct keeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    keeper->doubted = true;
    pthread_cond_signal(&keeper->ring);
    pthread_mutex_unlock(&keeper->lock);
}

/* ---- Registering ---- */

struct registering {
    struct keeper *keeper;
    struct id worker;
    bool alone; /* nobody else can have the database open */
};

static bool register_closure(struct db_tx *tx, void *context)
{
    const struct registering *registering = context;
    const struct keeper_options *options = &registering->keeper->options;
    int64_t now = clock_now(options->clock);
    int64_t buried = 0;
    if (registering->alone) {
        job_take_back(tx, now);
    }
    job_bury_unknown(tx, options->table, now, registering->alone ? now : now - UNKNOWN_KEPT, &buried);
    return job_worker_add(tx, id_text(&registering->worker), now);
}

static bool register_process(struct keeper *keeper, struct problem *problem)
{
    struct registering registering = {
        keeper, id_new(keeper->options.clock, "jw"), .alone = !keeper->options.shared};
    if (!db_write_loose(keeper->options.db, register_closure, &registering, problem)) {
        return false;
    }
    pthread_mutex_lock(&keeper->lock);
    keeper->worker = registering.worker;
    pthread_mutex_unlock(&keeper->lock);
    return true;
}

/* ---- The beat ---- */

struct beat {
    struct id worker;
    bool known;
};

static bool beat_closure(struct db_tx *tx, void *context)
{
    struct beat *beat = context;
    return job_worker_beat(tx, id_text(&beat->worker), &beat->known);
}

static void beat(struct keeper *keeper)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    struct beat beat = {.worker = keeper_worker(keeper)};
    bool written = db_write_loose(keeper->options.db, beat_closure, &beat, &problem);
    if (written && !beat.known) {
        log_event(LOG_LEVEL_WARN, "jobs.declared_dead", LOG_TEXT("worker", id_text(&beat.worker)));
        written = register_process(keeper, &problem);
        keeper->options.taken_back(keeper->options.context);
    }
    if (!written) {
        log_problem(LOG_LEVEL_ERROR, "jobs.no_beat", &problem);
    }
}

/* ---- The others ---- */

struct watching {
    struct watched seen[WORKERS_MAX];
    size_t count;
};

static bool watching_closure(struct db_tx *tx, void *context)
{
    struct watching *watching = context;
    watching->count = 0;
    DB_ROWS rows =
        db_query(tx, "SELECT id, beat FROM job_worker ORDER BY id LIMIT $1", DB_ARGS(db_int(WORKERS_MAX)));
    while (watching->count < WORKERS_MAX && db_next(rows)) {
        struct watched *seen = &watching->seen[watching->count];
        *seen = (struct watched){.beat = db_col_int(rows, 1)};
        watching->count += id_parse(db_col_text(rows, 0), "jw", &seen->id);
    }
    return db_ok(tx);
}

static const struct watched *watched_before(const struct keeper *keeper, const struct watched *seen)
{
    for (size_t i = 0; i < keeper->watched_count; i++) {
        if (strcmp(keeper->watched[i].id.at, seen->id.at) == 0 && keeper->watched[i].beat == seen->beat) {
            return &keeper->watched[i];
        }
    }
    return NULL;
}

struct death {
    struct job_worker_end end;
    bool gone;
    int64_t jobs;
};

static bool death_closure(struct db_tx *tx, void *context)
{
    struct death *death = context;
    return job_worker_remove(tx, &death->end, &death->gone, &death->jobs);
}

static void declare_dead(struct keeper *keeper, const struct watched *dead)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    struct death death = {.end = {.worker = id_text(&dead->id),
                              .beat = dead->beat,
                              .interrupted = true,
                              .now = clock_now(keeper->options.clock)}};
    if (!db_write_loose(keeper->options.db, death_closure, &death, &problem)) {
        if (problem.kind != PROBLEM_CONFLICT) { /* it takes a job: it lives */
            log_problem(LOG_LEVEL_ERROR, "jobs.not_taken_back", &problem);
        }
    } else if (death.gone) {
        log_event(LOG_LEVEL_WARN, "jobs.worker_died", LOG_TEXT("worker", id_text(&dead->id)),
            LOG_NUMBER("jobs", death.jobs));
        keeper->options.taken_back(keeper->options.context);
    }
}

static void watch(struct keeper *keeper)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    struct watching watching = {.count = 0};
    struct id own = keeper_worker(keeper);
    if (!db_read(keeper->options.db, watching_closure, &watching, &problem)) {
        log_problem(LOG_LEVEL_ERROR, "jobs.not_watched", &problem);
        keeper->looked_ms = monotonic_ms(); /* time in which nothing could be seen proves nothing */
        return;
    }
    /* Nor does a time in which this process was stopped itself. */
    int64_t now = monotonic_ms();
    int64_t gone = now - keeper->looked_ms;
    int64_t most = (int64_t)keeper->options.beat_ms * 2;
    gone = gone < most ? gone : most;
    for (size_t i = 0; i < watching.count; i++) {
        struct watched *seen = &watching.seen[i];
        const struct watched *before = watched_before(keeper, seen);
        seen->still_ms = before ? before->still_ms + gone : 0;
        if (seen->still_ms >= keeper->options.lease_ms && strcmp(seen->id.at, own.at) != 0) {
            declare_dead(keeper, seen);
        }
    }
    memcpy(keeper->watched, watching.seen, watching.count * sizeof watching.seen[0]);
    keeper->watched_count = watching.count;
    keeper->looked_ms = now;
}

/* ---- Jobs that nobody knows ---- */

static bool unknown_closure(struct db_tx *tx, void *context)
{
    const struct keeper *keeper = context;
    int64_t now = clock_now(keeper->options.clock);
    int64_t buried = 0;
    return job_bury_unknown(tx, keeper->options.table, now, now - UNKNOWN_KEPT, &buried);
}

static void bury_unknown(struct keeper *keeper)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    int64_t now = monotonic_ms();
    if (now - keeper->unknown_ms < UNKNOWN_MS) {
        return;
    }
    keeper->unknown_ms = now;
    if (!db_write_loose(keeper->options.db, unknown_closure, keeper, &problem)) {
        log_problem(LOG_LEVEL_ERROR, "jobs.not_buried", &problem);
    }
}

/* ---- The thread ---- */

/* Until the next beat, or a ring; false when it is to stop. */
static bool rest(struct keeper *keeper)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + (int64_t)keeper->options.beat_ms * 1000000;
    until.tv_sec += (time_t)(ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    int code = 0;
    pthread_mutex_lock(&keeper->lock);
    while (!keeper->stopping && !keeper->doubted && code != ETIMEDOUT) {
        code = pthread_cond_clockwait(&keeper->ring, &keeper->lock, CLOCK_MONOTONIC, &until);
    }
    keeper->doubted = false;
    bool on = !keeper->stopping;
    pthread_mutex_unlock(&keeper->lock);
    return on;
}

static void *keeper_main(void *context)
{
    struct keeper *keeper = context;
    keeper->looked_ms = monotonic_ms();
    keeper->unknown_ms = keeper->looked_ms;
    while (rest(keeper)) {
        beat(keeper);
        watch(keeper);
        bury_unknown(keeper);
    }
    return NULL;
}

void keeper_free(struct keeper *keeper)
{
    pthread_cond_destroy(&keeper->ring);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}

bool keeper_start(const struct keeper_options *options, struct keeper **ret, struct problem *problem)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper) {
        abort();
    }
    keeper->options = *options;
    keeper->options.beat_ms = options->beat_ms ? options->beat_ms : BEAT_MS;
    keeper->options.lease_ms = options->lease_ms ? options->lease_ms : LEASE_MS;
    assert(keeper->options.lease_ms > keeper->options.beat_ms);
    pthread_mutex_init(&keeper->lock, NULL);
    pthread_cond_init(&keeper->ring, NULL);
    bool started = register_process(keeper, problem);
    if (started && options->shared) {
        started = pthread_create(&keeper->thread, NULL, keeper_main, keeper) == 0 ||
                  problem_internal(problem, "no thread for the beat: %s", strerrordesc_np(errno));
        keeper->has_thread = started;
    }
    if (!started) {
        keeper_free(keeper);
        return false;
    }
    *ret = keeper;
    return true;
}

void keeper_stop(struct keeper *keeper, int64_t *ret_jobs)
{
    pthread_mutex_lock(&keeper->lock);
    keeper->stopping = true;
    pthread_cond_signal(&keeper->ring);
    pthread_mutex_unlock(&keeper->lock);
    if (keeper->has_thread) {
        pthread_join(keeper->thread, NULL);
    }
    struct problem problem = {.kind = PROBLEM_NONE};
    struct death death = {
        .end = {.worker = id_text(&keeper->worker), .beat = -1, .now = clock_now(keeper->options.clock)}};
    if (!db_write_loose(keeper->options.db, death_closure, &death, &problem)) {
        log_problem(LOG_LEVEL_WARN, "jobs.not_given_back", &problem);
    }
    *ret_jobs = death.jobs;
}
