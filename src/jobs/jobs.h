/* The durable queue and the outbox: what must happen outside, or later, is a row written in the same transaction as the
 * change that wants it. Delivery is at least once; a job's work must be safe to repeat. A job carries ids, never
 * contents or secrets. */
#ifndef JOBS_JOBS_H
#define JOBS_JOBS_H

#include "base/clock.h"
#include "store/db.h"

#define JOB_KIND_MAX 32

struct job_new {
    struct text account;
    const char *kind;    /* a name in the table of kinds */
    struct text subject; /* id of what it is about; one job of a kind and subject runs at a time */
    int64_t due;         /* µs; 0 is now */
};

/* Adds a job, or when one of this kind and subject waits already, brings it forward to `due` if that is earlier, or when it
 * is running, marks it to run again after. So hints are never lost and never pile up. A dead one is revived. */
bool job_add(struct db_tx *tx, struct clock *clock, const struct job_new *job);
/* Takes a waiting job back; one that is running is not stopped. */
bool job_cancel(struct db_tx *tx, struct text account, const char *kind, struct text subject);
/* Lets a dead job begin anew, due now, with all its attempts; one that waits or runs is left as it is. *ret_revived: it was dead.
 * `kind` may be any text. Call jobs_wake after the commit. */
bool jobs_revive(struct db_tx *tx, struct clock *clock, struct text account, struct text kind,
    struct text subject, bool *ret_revived);

struct job {
    struct text account;
    struct text subject;
    int attempt; /* from 1 */
};

/* The work. True: done. False with PROBLEM_LATER: again after the backoff, until max_attempts, then dead. False with
 * any other problem: dead at once (a dead job is kept, shown to the operator, and revived by jobs_revive or by adding it again). May set
 * *ret_again_at (µs) and return true to run once more then (polling). An attempt that the process did not survive does not
 * count, but after ten in a row the job is dead. */
typedef bool job_work(void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at,
    struct problem *problem);

struct job_kind {
    const char *kind;
    job_work *work;
    int max_attempts;
    int64_t backoff;     /* µs before the second attempt; doubles each time with jitter */
    int64_t backoff_max; /* µs */
};

struct jobs;

/* Starts `workers` threads over the table (ended by .kind == NULL), and takes back what a killed process left running.
 * `context` goes to every work function. When a job dies, `died` is called (may be NULL). */
typedef void job_died(void *context, const char *kind, const struct job *job, const struct problem *problem);
bool jobs_start(struct db *db, struct clock *clock, const struct job_kind *table, void *context,
    job_died *died, size_t workers, struct jobs **ret, struct problem *problem);
/* Tells the workers to look now; call after a db_write that added jobs. Cheap. */
void jobs_wake(struct jobs *jobs);
/* Waits for the work under way, then ends the threads. */
void jobs_stop(struct jobs *jobs);

struct job_counts {
    int64_t waiting, running, dead;
};
bool jobs_count(struct db_tx *tx, struct job_counts *ret);

#endif
