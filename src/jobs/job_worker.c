/* The processes that run jobs. A job that runs refers to its process, so none is registered away while it takes one. */
#include "jobs/job_row.h"

bool job_worker_add(struct db_tx *tx, struct text worker, int64_t now)
{
    return db_exec(tx, "INSERT INTO job_worker (id, beat, started_at) VALUES ($1, 1, $2)",
        DB_ARGS(db_text(worker), db_int(now)));
}

bool job_worker_beat(struct db_tx *tx, struct text worker, bool *ret_known)
{
    int64_t changed = 0;
    db_exec_changed(
        tx, "UPDATE job_worker SET beat = beat + 1 WHERE id = $1", DB_ARGS(db_text(worker)), &changed);
    *ret_known = changed > 0;
    return db_ok(tx);
}

bool job_worker_remove(struct db_tx *tx, const struct job_worker_end *end, bool *ret_gone, int64_t *ret_jobs)
{
    int64_t stands = 0;
    *ret_jobs = 0;
    /* Changes nothing, and holds the row: from here on its beat cannot move. */
    db_exec_changed(tx, "UPDATE job_worker SET beat = beat WHERE id = $1 AND (beat = $2 OR $2 < 0)",
        DB_ARGS(db_text(end->worker), db_int(end->beat)), &stands);
    *ret_gone = stands > 0;
    if (!stands) {
        return db_ok(tx);
    }
    /* The attempt did not end, so it does not count. */
    db_exec_changed(tx,
        "UPDATE job SET state = 'waiting', worker = NULL, attempt = attempt - 1, interrupted = interrupted +"
        " $2, changed_at = $3 WHERE worker = $1",
        DB_ARGS(db_text(end->worker), db_int(end->interrupted), db_int(end->now)), ret_jobs);
    return db_exec(tx, "DELETE FROM job_worker WHERE id = $1", DB_ARGS(db_text(end->worker)));
}

bool job_run_take_back(struct db_tx *tx, struct text worker, int64_t run, int64_t now)
{
    return db_exec(tx,
        "UPDATE job SET state = 'waiting', worker = NULL, attempt = attempt - 1, changed_at = $3 WHERE worker"
        " = $1 AND run = $2",
        DB_ARGS(db_text(worker), db_int(run), db_int(now)));
}

bool job_take_back(struct db_tx *tx, int64_t now)
{
    db_exec(tx,
        "UPDATE job SET state = 'waiting', worker = NULL, attempt = attempt - 1, interrupted = interrupted +"
        " 1, changed_at = $1 WHERE state = 'running'",
        DB_ARGS(db_int(now)));
    return db_exec(tx, "DELETE FROM job_worker", DB_NO_ARGS);
}
