/* Inside jobs/: what becomes of a job's row. Each is a closure's part, run in a write transaction. */
#ifndef JOBS_JOB_ROW_H
#define JOBS_JOB_ROW_H

#include "jobs/jobs.h"

#define JOB_INTERRUPTED_MAX 10 /* times in a row that the process may end while a job runs; then it is dead */

/* A job that was taken to be run. */
struct job_taken {
    struct job job;
    const struct job_kind *kind;
};

/* Waiting again: what was running when the process ended. One process runs jobs, and it runs none yet. */
bool job_take_back(struct db_tx *tx, int64_t now);

/* When the next waiting job is due: INT64_MAX when none waits. */
bool job_next_due(struct db_tx *tx, int64_t *ret_due);

/* Takes the job that is due longest. ret->kind stays NULL when none is due. A job that nobody here can run, or that ended the
 * process too often, is buried on the way. Texts in the arena. */
bool job_take(
    struct db_tx *tx, const struct job_kind *table, int64_t now, struct arena *arena, struct job_taken *ret);

/* The work is done. The row goes, or waits for `again_at` (0: not asked for) or for what was added meanwhile. */
bool job_done(struct db_tx *tx, const struct job_taken *taken, int64_t now, int64_t again_at);

/* Waits until `due` for the next attempt. */
bool job_retry(struct db_tx *tx, const struct job_taken *taken, int64_t now, int64_t due, struct text why);

/* Dead, unless it was added again meanwhile: then it is as good as new. */
bool job_bury(struct db_tx *tx, const struct job_taken *taken, int64_t now, struct text why, bool *ret_dead);

#endif
