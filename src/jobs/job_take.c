/* Which job is next. A job whose time has come gets a turn: its place in the line of its kind. A new turn of an account is one
 * after its last one, and not before the front of the line; so who has one job to do is served after at most one job of each
 * other account, however many those have. */
#include <assert.h>
#include <string.h>

#include "jobs/job_row.h"

static uint32_t kind_bit(const struct job_kind *table, struct text kind)
{
    for (size_t i = 0; table[i].kind; i++) {
        if (text_is(kind, table[i].kind)) {
            return UINT32_C(1) << i;
        }
    }
    return 0;
}

bool job_look(struct db_tx *tx, const struct job_kind *table, struct job_look *ret)
{
    struct job_look look = {.due = INT64_MAX};
    /* From kind to kind by the index, however many jobs each has. */
    DB_ROWS rows = db_query(tx,
        "WITH RECURSIVE lined (kind) AS (SELECT (SELECT kind FROM job WHERE turn > 0 ORDER BY kind LIMIT 1)"
        " UNION ALL SELECT (SELECT j.kind FROM job j WHERE j.turn > 0 AND j.kind > lined.kind ORDER BY j.kind"
        " LIMIT 1) FROM lined WHERE lined.kind IS NOT NULL)"
        " SELECT kind, 0 FROM lined WHERE kind IS NOT NULL UNION ALL SELECT NULL, (SELECT due FROM job WHERE"
        " state = 'waiting' AND turn = 0 ORDER BY due LIMIT 1)",
        DB_NO_ARGS);
    while (db_next(rows)) {
        if (!db_col_is_null(rows, 0)) {
            look.lined |= kind_bit(table, db_col_text(rows, 0));
        } else if (!db_col_is_null(rows, 1)) {
            look.due = db_col_int(rows, 1);
        }
    }
    if (db_ok(tx)) {
        *ret = look;
    }
    return db_ok(tx);
}

/* Holds the line until the transaction ends; false when another process does. */
static bool line_hold(struct db_tx *tx)
{
    return db_number(tx, "SELECT id FROM job_line WHERE id = 1 FOR UPDATE SKIP LOCKED", DB_NO_ARGS, 0) == 1;
}

/* A job and its place. */
struct place {
    struct text account, kind, subject;
    int64_t turn;
};

static size_t places_read(struct db_tx *tx, int64_t now, struct place *ret)
{
    size_t count = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT d.account, d.kind, d.subject, ROW_NUMBER() OVER (PARTITION BY d.kind, d.account ORDER BY"
        " d.due) + COALESCE((SELECT l.turn FROM job l WHERE l.kind = d.kind AND l.account = d.account AND"
        " l.turn > 0 ORDER BY l.turn DESC LIMIT 1), (SELECT f.turn - 1 FROM job f WHERE f.kind = d.kind AND"
        " f.turn > 0 ORDER BY f.turn LIMIT 1), 0) FROM (SELECT account, kind, subject, due FROM job WHERE"
        " state = 'waiting' AND turn = 0 AND due <= $1 ORDER BY due LIMIT $2) AS d",
        DB_ARGS(db_int(now), db_int(JOB_LINE_BATCH)));
    while (count < JOB_LINE_BATCH && db_next(rows)) {
        ret[count++] = (struct place){db_col_copy(rows, 0, db_arena(tx)), db_col_copy(rows, 1, db_arena(tx)),
            db_col_copy(rows, 2, db_arena(tx)), db_col_int(rows, 3)};
    }
    return count;
}

bool job_line_up(struct db_tx *tx, int64_t now, bool *ret_more)
{
    *ret_more = false;
    if (!line_hold(tx)) {
        return db_ok(tx);
    }
    struct place *places = ARENA_ARRAY(db_arena(tx), struct place, JOB_LINE_BATCH);
    size_t count = places_read(tx, now, places);
    for (size_t i = 0; i < count; i++) {
        /* It may have been taken back or done otherwise meanwhile. */
        db_exec(tx,
            "UPDATE job SET turn = $4 WHERE account = $1 AND kind = $2 AND subject = $3 AND state ="
            " 'waiting' AND turn = 0",
            DB_ARGS(db_text(places[i].account), db_text(places[i].kind), db_text(places[i].subject),
                db_int(places[i].turn)));
    }
    *ret_more = count == JOB_LINE_BATCH;
    return db_ok(tx);
}

/* The row at the front of a line that nobody else takes at this moment. */
struct candidate {
    struct job job;
    struct text trace;
    int64_t interrupted;
};

static bool front_of(
    struct db_tx *tx, const struct job_kind *kind, struct arena *arena, struct candidate *ret)
{
    DB_ROWS rows = db_query(tx,
        "SELECT account, subject, attempt, interrupted, trace FROM job WHERE kind = $1 AND turn > 0 ORDER BY turn,"
        " due LIMIT 1 FOR UPDATE SKIP LOCKED",
        DB_ARGS(db_text(text_from(kind->kind))));
    if (!db_next(rows)) {
        return false;
    }
    ret->job.account = db_col_copy(rows, 0, arena);
    ret->job.subject = db_col_copy(rows, 1, arena);
    ret->job.attempt = (int)db_col_int(rows, 2) + 1;
    ret->interrupted = db_col_int(rows, 3);
    ret->trace = db_col_copy(rows, 4, arena);
    return true;
}

static bool begin(struct db_tx *tx, const struct job_taker *taker, const struct job_kind *kind,
    const struct candidate *found)
{
    /* What was added for a time that has come is served by this run. */
    return db_exec(tx,
        "UPDATE job SET state = 'running', turn = 0, attempt = $4, worker = $5, run = $6, changed_at = $7,"
        " again_at = CASE WHEN again_at <= $7 THEN NULL ELSE again_at END"
        " WHERE account = $1 AND kind = $2 AND subject = $3",
        DB_ARGS(db_text(found->job.account), db_text(text_from(kind->kind)), db_text(found->job.subject),
            db_int(found->job.attempt), db_text(taker->worker), db_int(taker->run), db_int(taker->now)));
}

static bool bury_front(
    struct db_tx *tx, const struct job_kind *kind, const struct candidate *found, int64_t now)
{
    return db_exec(tx,
        "UPDATE job SET state = 'dead', turn = 0, interrupted = 0, again_at = NULL, problem = $4, changed_at"
        " = $5 WHERE account = $1 AND kind = $2 AND subject = $3",
        DB_ARGS(db_text(found->job.account), db_text(text_from(kind->kind)), db_text(found->job.subject),
            db_text(TEXT("the program ended each time while it ran")), db_int(now)));
}

bool job_take(struct db_tx *tx, const struct job_taker *taker, struct arena *arena, struct job_taken *ret)
{
    *ret = (struct job_taken){.kind = NULL};
    for (size_t i = 0; taker->table[i].kind; i++) {
        const struct job_kind *kind = &taker->table[i];
        struct candidate found;
        if (!(taker->kinds >> i & 1)) {
            continue;
        }
        while (front_of(tx, kind, arena, &found)) {
            if (found.interrupted >= JOB_INTERRUPTED_MAX) {
                bury_front(tx, kind, &found, taker->now);
                continue;
            }
            *ret =
                (struct job_taken){found.job, kind, text_copy(arena, taker->worker), taker->run, found.trace};
            return begin(tx, taker, kind, &found);
        }
    }
    return db_ok(tx);
}

#define UNKNOWN_BATCH 100

bool job_bury_unknown(
    struct db_tx *tx, const struct job_kind *table, int64_t now, int64_t before, int64_t *ret_buried)
{
    struct {
        struct text account, kind, subject;
    } found[UNKNOWN_BATCH];
    size_t count = 0;
    {
        DB_ROWS rows = db_query(tx,
            "SELECT account, kind, subject FROM job WHERE state = 'waiting' AND due <= $1 ORDER BY due",
            DB_ARGS(db_int(before)));
        while (count < UNKNOWN_BATCH && db_next(rows)) {
            if (kind_bit(table, db_col_text(rows, 1)) == 0) {
                found[count].account = db_col_copy(rows, 0, db_arena(tx));
                found[count].kind = db_col_copy(rows, 1, db_arena(tx));
                found[count].subject = db_col_copy(rows, 2, db_arena(tx));
                count++;
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        db_exec(tx,
            "UPDATE job SET state = 'dead', turn = 0, interrupted = 0, again_at = NULL, problem = $4,"
            " changed_at = $5 WHERE account = $1 AND kind = $2 AND subject = $3 AND state = 'waiting'",
            DB_ARGS(db_text(found[i].account), db_text(found[i].kind), db_text(found[i].subject),
                db_text(TEXT("this program knows no such kind of job")), db_int(now)));
    }
    *ret_buried = (int64_t)count;
    return db_ok(tx);
}
