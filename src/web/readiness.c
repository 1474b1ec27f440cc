#include "web/readiness.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FRESH_MS 1000
#define WAIT_MS 2000

enum state { STATE_READY, STATE_NO_DATABASE, STATE_NOT_MIGRATED };

struct readiness {
    struct db *db;
    int last_step; /* of the steps that the database must have */
    pthread_mutex_t lock;
    pthread_cond_t asked, answered;
    pthread_t thread;
    bool stopping, ended;
    bool wanted, looking; /* a look is asked for; is under way */
    int64_t began_ms;     /* when the look that is wanted or under way was asked for */
    int64_t looked_ms;    /* when the last one ended; 0: none has */
    enum state state;
};

static int64_t monotonic_ms(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

struct look {
    int last_step;
    bool migrated;
};

static bool look_closure(struct db_tx *tx, void *context)
{
    struct look *look = context;
    look->migrated = db_has_step(tx, look->last_step);
    return db_ok(tx);
}

static void *readiness_main(void *context)
{
    struct readiness *readiness = context;
    pthread_mutex_lock(&readiness->lock);
    while (true) {
        while (!readiness->wanted && !readiness->ended) {
            pthread_cond_wait(&readiness->asked, &readiness->lock);
        }
        if (readiness->ended) {
            break;
        }
        readiness->wanted = false;
        readiness->looking = true;
        pthread_mutex_unlock(&readiness->lock);
        struct look look = {.last_step = readiness->last_step};
        bool answered = db_read(readiness->db, look_closure, &look, NULL);
        pthread_mutex_lock(&readiness->lock);
        readiness->state = !answered ? STATE_NO_DATABASE : look.migrated ? STATE_READY : STATE_NOT_MIGRATED;
        readiness->looking = false;
        readiness->looked_ms = monotonic_ms();
        pthread_cond_broadcast(&readiness->answered);
    }
    pthread_mutex_unlock(&readiness->lock);
    return NULL;
}

static void readiness_free(struct readiness *readiness)
{
    pthread_cond_destroy(&readiness->answered);
    pthread_cond_destroy(&readiness->asked);
    pthread_mutex_destroy(&readiness->lock);
    free(readiness);
}

bool readiness_start(
    struct db *db, const struct db_migration *steps, struct readiness **ret, struct problem *problem)
{
    struct readiness *readiness = calloc(1, sizeof *readiness);
    if (!readiness) {
        abort();
    }
    readiness->db = db;
    for (const struct db_migration *step = steps; step->sql; step++) {
        readiness->last_step = step->number;
    }
    pthread_mutex_init(&readiness->lock, NULL);
    pthread_cond_init(&readiness->asked, NULL);
    pthread_cond_init(&readiness->answered, NULL);
    int code = pthread_create(&readiness->thread, NULL, readiness_main, readiness);
    if (code != 0) {
        readiness_free(readiness);
        return problem_internal(problem, "no thread that looks at the database: %s", strerrordesc_np(code));
    }
    *ret = readiness;
    return true;
}

void readiness_stopping(struct readiness *readiness)
{
    if (readiness) {
        pthread_mutex_lock(&readiness->lock);
        readiness->stopping = true;
        pthread_mutex_unlock(&readiness->lock);
    }
}

/* With the lock held. Until a look has ended that was asked for by now, or it takes too long. */
static bool look_wait(struct readiness *readiness)
{
    int64_t before = readiness->looked_ms;
    if (!readiness->wanted && !readiness->looking) {
        readiness->wanted = true;
        readiness->began_ms = monotonic_ms();
        pthread_cond_signal(&readiness->asked);
    }
    int64_t end = readiness->began_ms + WAIT_MS;
    struct timespec until = {.tv_sec = (time_t)(end / 1000), .tv_nsec = (long)(end % 1000) * 1000000};
    int code = 0;
    while (readiness->looked_ms == before && code != ETIMEDOUT) {
        code = pthread_cond_clockwait(&readiness->answered, &readiness->lock, CLOCK_MONOTONIC, &until);
    }
    return readiness->looked_ms != before;
}

bool readiness_look(struct readiness *readiness, enum word *ret_why)
{
    static const enum word why[] = {
        [STATE_NO_DATABASE] = WORD_ready_no_database, [STATE_NOT_MIGRATED] = WORD_ready_not_migrated};
    pthread_mutex_lock(&readiness->lock);
    bool stopping = readiness->stopping;
    bool fresh = readiness->looked_ms && monotonic_ms() - readiness->looked_ms < FRESH_MS;
    bool answered = stopping || fresh || look_wait(readiness);
    bool ready = !stopping && answered && readiness->state == STATE_READY;
    if (!ready) {
        *ret_why = stopping ? WORD_ready_stopping : !answered ? WORD_ready_slow : why[readiness->state];
    }
    pthread_mutex_unlock(&readiness->lock);
    return ready;
}

void readiness_stop(struct readiness *readiness)
{
    if (readiness) {
        pthread_mutex_lock(&readiness->lock);
        readiness->ended = true;
        pthread_cond_signal(&readiness->asked);
        pthread_mutex_unlock(&readiness->lock);
        pthread_join(readiness->thread, NULL);
        readiness_free(readiness);
    }
}
