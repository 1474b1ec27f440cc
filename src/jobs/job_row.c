#include "jobs/job_row.h"

#include <assert.h>
#include <string.h>

#include "base/trace.h"

bool job_add(struct db_tx *tx, struct clock *clock, const struct job_new *job)
{
    assert(job->account.len > 0 && job->subject.len > 0 && strlen(job->kind) <= JOB_KIND_MAX);
    int64_t now = clock_now(clock);
    return db_exec(tx,
        "INSERT INTO job (account, kind, subject, state, due, changed_at, trace) VALUES ($1, $2, $3, 'waiting',"
        " $4, $5, $6) ON CONFLICT (account, kind, subject) DO UPDATE SET again_at = CASE WHEN job.state <> 'running'"
        " THEN job.again_at  WHEN job.again_at < excluded.due THEN job.again_at ELSE excluded.due END, due ="
        " CASE WHEN job.state = 'running' OR (job.state = 'waiting' AND job.due < excluded.due)  THEN"
        " job.due ELSE excluded.due END, attempt = CASE WHEN job.state = 'dead' THEN 0 ELSE job.attempt END,"
        " interrupted = CASE WHEN job.state = 'dead' THEN 0 ELSE job.interrupted END, state = CASE WHEN"
        " job.state = 'dead' THEN 'waiting' ELSE job.state END, changed_at = excluded.changed_at, trace ="
        " COALESCE(excluded.trace, job.trace)",
        DB_ARGS(db_text(job->account), db_text(text_from(job->kind)), db_text(job->subject),
            db_int(job->due ? job->due : now), db_int(now), db_text_or_null(trace_get())));
}

bool job_cancel(struct db_tx *tx, struct text account, const char *kind, struct text subject)
{
    db_exec(tx, "DELETE FROM job WHERE account = $1 AND kind = $2 AND subject = $3 AND state = 'waiting'",
        DB_ARGS(db_text(account), db_text(text_from(kind)), db_text(subject)));
    return db_exec(tx,
        "UPDATE job SET again_at = NULL WHERE account = $1 AND kind = $2 AND subject = $3 AND state ="
        " 'running'",
        DB_ARGS(db_text(account), db_text(text_from(kind)), db_text(subject)));
}

bool jobs_revive(struct db_tx *tx, struct clock *clock, struct text account, struct text kind,
    struct text subject, bool *ret_revived)
{
    int64_t changed = 0;
    db_exec_changed(tx,
        "UPDATE job SET state = 'waiting', due = $4, again_at = NULL, attempt = 0, interrupted = 0, "
        "changed_at = $4 WHERE account = $1 AND kind = $2 AND subject = $3 AND state = 'dead'",
        DB_ARGS(db_text(account), db_text(kind), db_text(subject), db_int(clock_now(clock))), &changed);
    *ret_revived = changed > 0;
    return db_ok(tx);
}

bool jobs_drop(
    struct db_tx *tx, struct text account, struct text kind, struct text subject, bool *ret_dropped)
{
    int64_t changed = 0;
    db_exec_changed(tx,
        "DELETE FROM job WHERE account = $1 AND kind = $2 AND subject = $3 AND state = 'dead'",
        DB_ARGS(db_text(account), db_text(kind), db_text(subject)), &changed);
    *ret_dropped = changed > 0;
    return db_ok(tx);
}

bool jobs_count_dead(struct db_tx *tx, int64_t *ret)
{
    int64_t count = db_number(tx, "SELECT COUNT(*) FROM job WHERE state = 'dead'", DB_NO_ARGS, 0);
    if (db_ok(tx)) {
        *ret = count;
    }
    return db_ok(tx);
}

bool jobs_count(struct db_tx *tx, struct job_counts *ret)
{
    struct job_counts counts = {.waiting = 0};
    DB_ROWS rows = db_query(tx, "SELECT state, COUNT(*) FROM job GROUP BY state", DB_NO_ARGS);
    while (db_next(rows)) {
        struct text state = db_col_text(rows, 0);
        int64_t count = db_col_int(rows, 1);
        if (text_is(state, "waiting")) {
            counts.waiting = count;
        } else if (text_is(state, "running")) {
            counts.running = count;
        } else {
            counts.dead = count;
        }
    }
    if (db_ok(tx)) {
        *ret = counts;
    }
    return db_ok(tx);
}

/* The row of the run: what every ending asks for, as $1 to $5. */
#define MINE " WHERE account = $1 AND kind = $2 AND subject = $3 AND worker = $4 AND run = $5"
#define MINE_ARGS(taken)                                                                                     \
    db_text((taken)->job.account), db_text(text_from((taken)->kind->kind)), db_text((taken)->job.subject),   \
        db_text((taken)->worker), db_int((taken)->run)

bool job_done(struct db_tx *tx, const struct job_taken *taken, int64_t now, int64_t again_at, bool *ret_lost)
{
    int64_t changed = 0;
    /* Each statement looks anew: a job may be added between them, and the row must be met in one of the two states. */
    for (int i = 0; i < 2 && changed == 0 && db_ok(tx); i++) {
        if (again_at == 0) {
            db_exec_changed(
                tx, "DELETE FROM job" MINE " AND again_at IS NULL", DB_ARGS(MINE_ARGS(taken)), &changed);
        }
        if (changed == 0) {
            db_exec_changed(tx,
                "UPDATE job SET state = 'waiting', worker = NULL, due = CASE WHEN $6 > 0 AND (again_at IS NULL"
                " OR again_at > $6) THEN $6 ELSE again_at END, again_at = NULL, attempt = 0, interrupted = 0,"
                " problem = NULL, changed_at = $7" MINE " AND ($6 > 0 OR again_at IS NOT NULL)",
                DB_ARGS(MINE_ARGS(taken), db_int(again_at), db_int(now)), &changed);
        }
    }
    *ret_lost = changed == 0;
    return db_ok(tx);
}

bool job_retry(struct db_tx *tx, const struct job_taken *taken, int64_t now, int64_t due, struct text why,
    bool *ret_lost)
{
    int64_t changed = 0;
    /* What was added meanwhile does not shorten the backoff; the next attempt serves it when its time has come by then. */
    db_exec_changed(tx,
        "UPDATE job SET state = 'waiting', worker = NULL, due = $6, interrupted = 0, problem = $7, changed_at"
        " = $8" MINE,
        DB_ARGS(MINE_ARGS(taken), db_int(due), db_text(why), db_int(now)), &changed);
    *ret_lost = changed == 0;
    return db_ok(tx);
}

bool job_bury(struct db_tx *tx, const struct job_taken *taken, int64_t now, struct text why, bool *ret_dead,
    bool *ret_lost)
{
    int64_t changed = 0;
    db_exec_changed(tx,
        "UPDATE job SET state = CASE WHEN again_at IS NULL THEN 'dead' ELSE 'waiting' END, worker = NULL, due"
        " = COALESCE(again_at, due), attempt = CASE WHEN again_at IS NULL THEN attempt ELSE 0 END, again_at ="
        " NULL, interrupted = 0, problem = $6, changed_at = $7" MINE,
        DB_ARGS(MINE_ARGS(taken), db_text(why), db_int(now)), &changed);
    *ret_lost = changed == 0;
    /* The row is ours until the commit. */
    *ret_dead = changed > 0 &&
                db_number(tx,
                    "SELECT 1 FROM job WHERE account = $1 AND kind = $2 AND subject = $3 AND state = 'dead'",
                    DB_ARGS(db_text(taken->job.account), db_text(text_from(taken->kind->kind)),
                        db_text(taken->job.subject)),
                    0) == 1;
    return db_ok(tx);
}
