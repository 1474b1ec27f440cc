/* The durable queue and the outbox: what must happen outside, or later, is a row written in the same transaction as the
 * change that wants it. Delivery is at least once; a job's work must be safe to repeat. A job carries ids, never
 * contents or secrets. Several processes may run the jobs of one database; each job is run by one of them at a time. */
#ifndef JOBS_JOBS_H
#define JOBS_JOBS_H

#include "base/clock.h"
#include "store/db.h"

#define JOB_KIND_MAX 32
#define JOB_KINDS_MAX 32 /* in a table */

struct job_new {
    struct text account;
    const char *kind;    /* a name in the table of kinds */
    struct text subject; /* id of what it is about; one job of a kind and subject runs at a time */
    int64_t due;         /* µs; 0 is now */
};

/* Adds a job of this thread's request (base/trace.h), under whose id it will run, or when one of this kind and subject waits already, brings it forward to `due` if that is earlier, or when it
 * is running, marks it to run again after. So hints are never lost and never pile up. A dead one is revived. */
bool job_add(struct db_tx *tx, struct clock *clock, const struct job_new *job);
/* Takes a waiting job back; one that is running is not stopped. */
bool job_cancel(struct db_tx *tx, struct text account, const char *kind, struct text subject);
/* Lets a dead job begin anew, due now, with all its attempts; one that waits or runs is left as it is. *ret_revived: it was dead.
 * `kind` may be any text. Call jobs_wake after the commit. */
bool jobs_revive(struct db_tx *tx, struct clock *clock, struct text account, struct text kind,
    struct text subject, bool *ret_revived);
/* Removes a dead job for good; one that waits or runs is left as it is. *ret_dropped: it was dead. */
bool jobs_drop(
    struct db_tx *tx, struct text account, struct text kind, struct text subject, bool *ret_dropped);

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
    int priority;        /* the smaller first; among the jobs of a kind the accounts take turns */
    /* Whom the work waits for: "carrier", "mail server". The kinds of one such name never hold all workers of a process, so that
     * one that hangs does not stop the others. NULL: nobody. */
    const char *outside;
};

struct jobs;

/* When a job dies: called after it was written. */
typedef void job_died(void *context, const char *kind, const struct job *job, const struct problem *problem);

struct jobs_options {
    struct db *db;
    struct clock *clock;
    const struct job_kind *table; /* ended by .kind == NULL; at most JOB_KINDS_MAX */
    void *context;                /* goes to every work function and to `died` */
    job_died *died;               /* may be NULL */
    size_t workers;               /* threads */
    /* Whether other processes may run jobs of this database too. Each then raises a beat; one whose beat stands still is taken
     * for dead, and its jobs are taken over. Without it what stands as running is taken back at the start. */
    bool shared;
    int beat_ms;  /* real time between two beats; 0 is 2 s */
    int lease_ms; /* real time after which a beat that stood still is a death; 0 is 10 s */
};

/* Starts the workers. */
bool jobs_start(const struct jobs_options *options, struct jobs **ret, struct problem *problem);
/* Tells the workers to look now; call after a db_write that added jobs. Cheap. NULL (a process that runs no jobs) is allowed: other
 * processes look every second. */
void jobs_wake(struct jobs *jobs);
/* From now on no job is begun. */
void jobs_quiesce(struct jobs *jobs);
/* Begins no further job, and waits for the work under way for at most `grace_ms` of real time. True: all ended, and `jobs` is gone. False:
 * what still runs was given back for another process or the next start; its threads still live, so the process must end
 * without closing anything that they use. NULL is allowed. */
bool jobs_stop(struct jobs *jobs, int grace_ms);

struct job_counts {
    int64_t waiting, running, dead;
};
/* Counts all: for the command line. */
bool jobs_count(struct db_tx *tx, struct job_counts *ret);
/* The same up to JOBS_SHOWN_MAX of each, and how long the job that is due longest waits by `now` (µs): for /metrics, cheap however many
 * there are. */
#define JOBS_SHOWN_MAX 100000
struct job_gauges {
    struct job_counts counts;
    int64_t oldest_due; /* 0 when none is due */
};
bool jobs_gauges(struct db_tx *tx, int64_t now, struct job_gauges *ret);
/* The dead alone, by their index. */
bool jobs_count_dead(struct db_tx *tx, int64_t *ret);

#endif
