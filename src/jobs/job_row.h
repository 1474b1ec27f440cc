/* Inside jobs/: what becomes of a job's row. Each is a closure's part, run in a write transaction, and right also where each statement
 * sees what others committed meanwhile (db_write_loose). */
#ifndef JOBS_JOB_ROW_H
#define JOBS_JOB_ROW_H

#include "jobs/jobs.h"

#define JOB_INTERRUPTED_MAX 10 /* times in a row that the process may end while a job runs; then it is dead */
#define JOB_LINE_BATCH 1000    /* jobs that get their turn in one statement */

/* A job that was taken to be run. */
struct job_taken {
    struct job job;
    const struct job_kind *kind;
    struct text worker; /* the process's id, in the arena */
    int64_t run;        /* counted by the process */
    struct text trace;  /* of the request that added it, in the arena; or empty */
};

/* ---- Taking (job_take.c) ---- */

/* What there is to do. */
struct job_look {
    uint32_t lined; /* bit i: a job of table[i] has its turn */
    int64_t due;    /* of the next that has no turn yet: INT64_MAX when there is none */
};
bool job_look(struct db_tx *tx, const struct job_kind *table, struct job_look *ret);

/* Gives the jobs whose time has come their turns, up to JOB_LINE_BATCH of them: *ret_more says that there may be more. In the line of a
 * kind, the first job of each account goes before any account's second one, as it stands when they are lined up. Does nothing while another process does it. */
bool job_line_up(struct db_tx *tx, int64_t now, bool *ret_more);

struct job_taker {
    const struct job_kind *table; /* in order of priority */
    uint32_t kinds;               /* bit i: table[i] may be taken */
    struct text worker;
    int64_t run;
    int64_t now;
};
/* Takes the job whose turn it is, of the first kind that has one. ret->kind stays NULL when none is there. A job that ended the
 * process too often is buried on the way. Texts in the arena. A worker that is not registered fails with PROBLEM_CONFLICT. */
bool job_take(struct db_tx *tx, const struct job_taker *taker, struct arena *arena, struct job_taken *ret);

/* Buries what nobody here knows how to run and what has been due since `before`: by then no other version runs beside this one. */
bool job_bury_unknown(
    struct db_tx *tx, const struct job_kind *table, int64_t now, int64_t before, int64_t *ret_buried);

/* ---- Endings (job_row.c) ---- */

/* *ret_lost: the run was not this worker's any more; nothing was written. */

/* The work is done. The row goes, or waits for `again_at` (0: not asked for) or for what was added meanwhile. */
bool job_done(struct db_tx *tx, const struct job_taken *taken, int64_t now, int64_t again_at, bool *ret_lost);

/* Waits until `due` for the next attempt. */
bool job_retry(struct db_tx *tx, const struct job_taken *taken, int64_t now, int64_t due, struct text why,
    bool *ret_lost);

/* Dead, unless it was added again meanwhile: then it is as good as new. */
bool job_bury(struct db_tx *tx, const struct job_taken *taken, int64_t now, struct text why, bool *ret_dead,
    bool *ret_lost);

/* ---- Processes (job_worker.c) ---- */

bool job_worker_add(struct db_tx *tx, struct text worker, int64_t now);
/* *ret_known: it is registered. */
bool job_worker_beat(struct db_tx *tx, struct text worker, bool *ret_known);
/* Waiting again: what it was running, if its beat is still that (-1: whatever it is); then it is not registered any more.
 * `interrupted`: it did not end by itself, so that is counted. *ret_gone: done; *ret_jobs: how many. PROBLEM_CONFLICT when it
 * takes a job at this moment. */
struct job_worker_end {
    struct text worker;
    int64_t beat;
    bool interrupted;
    int64_t now;
};
bool job_worker_remove(struct db_tx *tx, const struct job_worker_end *end, bool *ret_gone, int64_t *ret_jobs);
/* Waiting again: that run, when it was taken and nobody knows: the answer to the taking was lost. */
bool job_run_take_back(struct db_tx *tx, struct text worker, int64_t run, int64_t now);
/* Waiting again: whatever runs, whoever runs it, and no process is registered. For a process that is alone. */
bool job_take_back(struct db_tx *tx, int64_t now);

#endif
