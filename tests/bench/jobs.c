/* How fast the queue is by itself: jobs whose work is nothing.
 *
 * `jobs DATABASE WORKERS JOBS WAITING`: adds JOBS that are due, of a thousand accounts, beside WAITING of one account whose time has
 * not come, runs them by WORKERS threads, and prints one line of JSON. DATABASE is a path or an address, and new. */
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "jobs/jobs.h"
#include "store/migrations.h"

#define BATCH 1000

static atomic_long runs;

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool work(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)context;
    (void)job;
    (void)arena;
    (void)ret_again_at;
    (void)problem;
    runs++;
    return true;
}

static const struct job_kind kinds[] = {
    {"work", work, 3, CLOCK_SECOND, CLOCK_MINUTE, 1, NULL}, {NULL, NULL, 0, 0, 0, 0, NULL}};

struct addition {
    long from, count;
    int64_t due;
    bool one_account;
};

static bool add(struct db_tx *tx, void *context)
{
    const struct addition *addition = context;
    for (long i = 0; i < addition->count; i++) {
        char account[24], subject[24];
        snprintf(account, sizeof account, "ac_%ld", addition->one_account ? 0 : (addition->from + i) % 1000);
        snprintf(subject, sizeof subject, "%s_%ld", addition->one_account ? "w" : "s", addition->from + i);
        job_add(tx, clock_system(),
            &(struct job_new){.account = text_from(account),
                .kind = "work",
                .subject = text_from(subject),
                .due = addition->due});
    }
    return db_ok(tx);
}

static bool add_all(struct db *db, long count, int64_t due, bool one_account, struct problem *problem)
{
    for (long from = 0; from < count; from += BATCH) {
        struct addition addition = {from, count - from < BATCH ? count - from : BATCH, due, one_account};
        if (!db_write_loose(db, add, &addition, problem)) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    if (argc != 5) {
        fprintf(stderr, "usage: jobs DATABASE WORKERS JOBS WAITING\n");
        return 2;
    }
    long workers = strtol(argv[2], NULL, 10), count = strtol(argv[3], NULL, 10),
         waiting = strtol(argv[4], NULL, 10);
    struct db *db = NULL;
    struct jobs *jobs = NULL;
    log_set_level(LOG_LEVEL_ERROR);
    int64_t now = clock_now(clock_system());
    struct db_options database = {
        .url = argv[1], .migrations = portdesk_migrations, .connections = (size_t)workers + 2};
    if (!db_open(&database, &db, &problem) || !add_all(db, waiting, now + 365 * CLOCK_DAY, true, &problem) ||
        !add_all(db, count, now, false, &problem)) {
        fprintf(stderr, "jobs: %s\n", problem.detail);
        return 1;
    }
    double began = seconds_now();
    struct jobs_options options = {.db = db,
        .clock = clock_system(),
        .table = kinds,
        .workers = (size_t)workers,
        .shared = db_url_is_shared(text_from(argv[1]))};
    if (!jobs_start(&options, &jobs, &problem)) {
        fprintf(stderr, "jobs: %s\n", problem.detail);
        return 1;
    }
    while (runs < count) {
        poll(NULL, 0, 1);
    }
    bool stopped = jobs_stop(jobs, 60000);
    double took = seconds_now() - began;
    db_close(db);
    printf("{\"workers\": %ld, \"jobs\": %ld, \"waiting\": %ld, \"seconds\": %.3f, \"per_second\": %.0f}\n",
        workers, count, waiting, took, (double)count / took);
    return stopped ? 0 : 1;
}
