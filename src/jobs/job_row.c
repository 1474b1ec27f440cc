#include "jobs/job_row.h"

#include <assert.h>
#include <string.h>

bool job_add(struct db_tx *tx, struct clock *clock, const struct job_new *job)
{
    assert(job->account.len > 0 && job->subject.len > 0 && strlen(job->kind) <= JOB_KIND_MAX);
    int64_t now = clock_now(clock);
    return db_exec(tx,
        "INSERT INTO job (account, kind, subject, state, due, changed_at) VALUES ($1, $2, $3, 'waiting', $4,"
        " $5) ON CONFLICT (account, kind, subject) DO UPDATE SET again_at = CASE WHEN job.state <> 'running'"
        " THEN job.again_at  WHEN job.again_at < excluded.due THEN job.again_at ELSE excluded.due END, due ="
        " CASE WHEN job.state = 'running' OR (job.state = 'waiting' AND job.due < excluded.due)  THEN"
        " job.due ELSE excluded.due END, attempt = CASE WHEN job.state = 'dead' THEN 0 ELSE job.attempt END,"
        " interrupted = CASE WHEN job.state = 'dead' THEN 0 ELSE job.interrupted END, state = CASE WHEN"
        " job.state = 'dead' THEN 'waiting' ELSE job.state END, changed_at = excluded.changed_at",
        DB_ARGS(db_text(job->account), db_text(text_from(job->kind)), db_text(job->subject),
            db_int(job->due ? job->due : now), db_int(now)));
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

bool job_take_back(struct db_tx *tx, int64_t now)
{
    /* The attempt did not end, so it does not count. */
    return db_exec(tx,
        "UPDATE job SET state = 'waiting', attempt = attempt - 1, interrupted = interrupted + 1, changed_at"
        " = $1 WHERE state = 'running'",
        DB_ARGS(db_int(now)));
}

bool job_next_due(struct db_tx *tx, int64_t *ret_due)
{
    int64_t due = db_number(
        tx, "SELECT due FROM job WHERE state = 'waiting' ORDER BY due LIMIT 1", DB_NO_ARGS, INT64_MAX);
    if (db_ok(tx)) {
        *ret_due = due;
    }
    return db_ok(tx);
}

/* The row of the job that is due longest. */
struct candidate {
    struct job job;
    struct text kind;
    int64_t interrupted;
};

static bool candidate_find(struct db_tx *tx, int64_t now, struct arena *arena, struct candidate *ret)
{
    DB_ROWS rows = db_query(tx,
        "SELECT account, kind, subject, attempt, interrupted FROM job WHERE state = 'waiting' AND due <= $1"
        " ORDER BY due LIMIT 1",
        DB_ARGS(db_int(now)));
    if (!db_next(rows)) {
        return false;
    }
    ret->job.account = db_col_copy(rows, 0, arena);
    ret->kind = db_col_copy(rows, 1, arena);
    ret->job.subject = db_col_copy(rows, 2, arena);
    ret->job.attempt = (int)db_col_int(rows, 3) + 1;
    ret->interrupted = db_col_int(rows, 4);
    return true;
}

static bool row_bury(struct db_tx *tx, const struct job *job, struct text kind, int64_t now, struct text why)
{
    return db_exec(tx,
        "UPDATE job SET state = 'dead', interrupted = 0, again_at = NULL, problem = $4, changed_at = $5"
        " WHERE account = $1 AND kind = $2 AND subject = $3",
        DB_ARGS(db_text(job->account), db_text(kind), db_text(job->subject), db_text(why), db_int(now)));
}

bool job_take(
    struct db_tx *tx, const struct job_kind *table, int64_t now, struct arena *arena, struct job_taken *ret)
{
    *ret = (struct job_taken){.kind = NULL};
    struct candidate found = {.interrupted = 0};
    while (!ret->kind && candidate_find(tx, now, arena, &found)) {
        const struct job_kind *kind = table;
        while (kind->kind && !text_is(found.kind, kind->kind)) {
            kind++;
        }
        if (!kind->kind) {
            row_bury(tx, &found.job, found.kind, now, TEXT("this program knows no such kind of job"));
        } else if (found.interrupted >= JOB_INTERRUPTED_MAX) {
            row_bury(tx, &found.job, found.kind, now, TEXT("the program ended each time while it ran"));
        } else {
            *ret = (struct job_taken){.job = found.job, .kind = kind};
        }
    }
    if (!ret->kind) {
        return db_ok(tx);
    }
    /* What was added for a time that has come is served by this run. */
    return db_exec(tx,
        "UPDATE job SET state = 'running', attempt = $4, changed_at = $5,"
        " again_at = CASE WHEN again_at <= $5 THEN NULL ELSE again_at END"
        " WHERE account = $1 AND kind = $2 AND subject = $3",
        DB_ARGS(db_text(ret->job.account), db_text(text_from(ret->kind->kind)), db_text(ret->job.subject),
            db_int(ret->job.attempt), db_int(now)));
}

/* What was added while it ran: 0 when nothing was. */
static int64_t added_meanwhile(struct db_tx *tx, const struct job_taken *taken)
{
    return db_number(tx, "SELECT again_at FROM job WHERE account = $1 AND kind = $2 AND subject = $3",
        DB_ARGS(
            db_text(taken->job.account), db_text(text_from(taken->kind->kind)), db_text(taken->job.subject)),
        0);
}

static bool row_renew(
    struct db_tx *tx, const struct job_taken *taken, int64_t now, int64_t due, struct text why)
{
    return db_exec(tx,
        "UPDATE job SET state = 'waiting', due = $4, again_at = NULL, attempt = 0, interrupted = 0, problem"
        " = $5, changed_at = $6 WHERE account = $1 AND kind = $2 AND subject = $3",
        DB_ARGS(db_text(taken->job.account), db_text(text_from(taken->kind->kind)),
            db_text(taken->job.subject), db_int(due), db_text_or_null(why), db_int(now)));
}

bool job_done(struct db_tx *tx, const struct job_taken *taken, int64_t now, int64_t again_at)
{
    int64_t added = added_meanwhile(tx, taken);
    if (added && (!again_at || added < again_at)) {
        again_at = added;
    }
    if (again_at) {
        return row_renew(tx, taken, now, again_at, TEXT_EMPTY);
    }
    return db_exec(tx, "DELETE FROM job WHERE account = $1 AND kind = $2 AND subject = $3",
        DB_ARGS(
            db_text(taken->job.account), db_text(text_from(taken->kind->kind)), db_text(taken->job.subject)));
}

bool job_retry(struct db_tx *tx, const struct job_taken *taken, int64_t now, int64_t due, struct text why)
{
    /* What was added meanwhile does not shorten the backoff; the next attempt serves it when its time has come by then. */
    return db_exec(tx,
        "UPDATE job SET state = 'waiting', due = $4, interrupted = 0, problem = $5, changed_at = $6"
        " WHERE account = $1 AND kind = $2 AND subject = $3",
        DB_ARGS(db_text(taken->job.account), db_text(text_from(taken->kind->kind)),
            db_text(taken->job.subject), db_int(due), db_text(why), db_int(now)));
}

bool job_bury(struct db_tx *tx, const struct job_taken *taken, int64_t now, struct text why, bool *ret_dead)
{
    int64_t added = added_meanwhile(tx, taken);
    *ret_dead = added == 0;
    return added ? row_renew(tx, taken, now, added, why)
                 : row_bury(tx, &taken->job, text_from(taken->kind->kind), now, why);
}
