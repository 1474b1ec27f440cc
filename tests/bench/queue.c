/* How many jobs a second the queue runs when their work is nothing, beside a loop over SQLite that executes the statements of each job and
 * does nothing else, as many to a commit as the queue reached. `queue PATH COUNT WORKERS`, PATH a database that is not there yet;
 * prints one line of JSON. */
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/id.h"
#include "jobs/jobs.h"
#include "store/migrations.h"

#define ACCOUNTS 64
#define BATCH 500

static atomic_size_t done;

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what, const struct problem *problem)
{
    fprintf(stderr, "queue: %s: %s\n", what, problem ? problem->detail : "");
    exit(1);
}

static bool nothing(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    (void)context;
    (void)job;
    (void)arena;
    (void)again;
    (void)problem;
    atomic_fetch_add(&done, 1);
    return true;
}

struct adding {
    struct clock *clock;
    size_t first, count;
};

static bool add(struct db_tx *tx, void *context)
{
    struct adding *adding = context;
    for (size_t i = adding->first; i < adding->first + adding->count; i++) {
        struct text account = text_format(db_arena(tx), "acc_%032zu", i % ACCOUNTS);
        struct id subject = id_new(adding->clock, "job");
        job_add(tx, adding->clock,
            &(struct job_new){.account = account, .kind = "nothing", .subject = id_text(&subject)});
    }
    return db_ok(tx);
}

static void add_all(struct db *db, struct clock *clock, size_t count)
{
    struct problem problem = {0};
    for (size_t first = 0; first < count; first += BATCH) {
        struct adding adding = {clock, first, count - first < BATCH ? count - first : BATCH};
        if (!db_write(db, add, &adding, &problem)) {
            die("adding", &problem);
        }
    }
}

static double run_queue(struct db *db, struct clock *clock, size_t count, size_t workers)
{
    static const struct job_kind table[] = {{.kind = "nothing",
                                                .work = nothing,
                                                .max_attempts = 3,
                                                .backoff = CLOCK_SECOND,
                                                .backoff_max = CLOCK_MINUTE},
        {.kind = NULL}};
    struct jobs_options options = {.db = db, .clock = clock, .table = table, .workers = workers};
    struct problem problem = {0};
    struct jobs *jobs = NULL;
    double began = seconds_now();
    if (!jobs_start(&options, &jobs, &problem)) {
        die("starting", &problem);
    }
    while (atomic_load(&done) < count) {
        clock_wait(clock, INT64_MAX, -1, 1);
    }
    double spent = seconds_now() - began;
    jobs_stop(jobs, 10000);
    return spent;
}

/* The statements of one job: it gets its place, is taken, and is done. */
static const char *const statements[] = {
    "UPDATE job SET turn = ?1 + 1 WHERE account = ?2 AND kind = 'nothing' AND subject = ?3 AND state = 'waiting' AND turn = 0",
    "SELECT account, subject, attempt, interrupted, trace FROM job WHERE kind = 'nothing' AND turn > 0 ORDER BY turn, due LIMIT 1",
    "UPDATE job SET state = 'running', turn = 0, attempt = 1, run = ?1, changed_at = ?1, again_at = CASE WHEN again_at <= ?1 THEN"
    " NULL ELSE again_at END WHERE account = ?2 AND kind = 'nothing' AND subject = ?3",
    "DELETE FROM job WHERE account = ?2 AND kind = 'nothing' AND subject = ?3 AND state = 'running' AND run = ?1 AND again_at IS NULL",
};
#define STATEMENTS (sizeof statements / sizeof statements[0])

static void must(sqlite3 *db, int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
        fprintf(stderr, "queue: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
}

static size_t read_jobs(sqlite3 *db, char (*ret)[2][64], size_t count)
{
    sqlite3_stmt *all = NULL;
    size_t read = 0;
    must(db, sqlite3_prepare_v2(db, "SELECT account, subject FROM job ORDER BY due", -1, &all, NULL));
    while (read < count && sqlite3_step(all) == SQLITE_ROW) {
        for (int i = 0; i < 2; i++) {
            snprintf(ret[read][i], sizeof ret[read][i], "%s", (const char *)sqlite3_column_text(all, i));
        }
        read++;
    }
    sqlite3_finalize(all);
    return read;
}

/* `group`: commits for each job are two, when it is taken and when it is done; so half as many jobs as writes share one. */
static double run_bare(const char *path, size_t count, double group)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *prepared[STATEMENTS];
    char(*jobs)[2][64] = calloc(count, sizeof *jobs);
    if (jobs == NULL ||
        sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        die("bare", NULL);
    }
    must(db, sqlite3_exec(db,
                 "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 8000",
                 NULL, NULL, NULL));
    for (size_t i = 0; i < STATEMENTS; i++) {
        must(db, sqlite3_prepare_v3(db, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &prepared[i], NULL));
    }
    count = read_jobs(db, jobs, count);
    double began = seconds_now();
    size_t commits = 0;
    for (size_t job = 0; job < count; job++) {
        if ((double)job >= (double)commits * group) {
            must(db, sqlite3_exec(db, commits++ > 0 ? "COMMIT; BEGIN IMMEDIATE" : "BEGIN IMMEDIATE", NULL,
                         NULL, NULL));
        }
        for (size_t i = 0; i < STATEMENTS; i++) {
            sqlite3_bind_int64(prepared[i], 1, (sqlite3_int64)job);
            sqlite3_bind_text(prepared[i], 2, jobs[job][0], -1, SQLITE_STATIC);
            sqlite3_bind_text(prepared[i], 3, jobs[job][1], -1, SQLITE_STATIC);
            must(db, sqlite3_step(prepared[i]));
            sqlite3_reset(prepared[i]);
        }
    }
    must(db, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
    double spent = seconds_now() - began;
    for (size_t i = 0; i < STATEMENTS; i++) {
        sqlite3_finalize(prepared[i]);
    }
    sqlite3_close(db);
    free(jobs);
    return spent;
}

int main(int argc, char **argv)
{
    size_t count = argc == 4 ? strtoul(argv[2], NULL, 10) : 0,
           workers = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    if (count == 0 || workers == 0) {
        fprintf(stderr, "usage: queue PATH COUNT WORKERS\n");
        return 2;
    }
    struct db *db = NULL;
    struct problem problem = {0};
    struct clock *clock = clock_system();
    struct db_options options = {.url = argv[1], .migrations = portdesk_migrations, .connections = 4};
    if (!db_open(&options, &db, &problem)) {
        die(argv[1], &problem);
    }
    add_all(db, clock, count);
    struct db_stats before = db_stats(db);
    double spent = run_queue(db, clock, count, workers);
    struct db_stats after = db_stats(db);
    double group = (double)(after.writes - before.writes) / (double)(after.groups - before.groups);
    add_all(db, clock, count);
    db_close(db);
    double jobs_to_commit = group / 2 < 1 ? 0.5 : group / 2;
    double bare = run_bare(argv[1], count, jobs_to_commit < 1 ? 1 : jobs_to_commit);
    printf("{\"per_second\": %.1f, \"group\": %.2f, \"bare_per_second\": %.1f}\n", (double)count / spent,
        group, (double)count / bare);
    clock_free(clock);
    return 0;
}
