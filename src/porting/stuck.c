#include "porting/stuck.h"

#include "porting/order.h"
#include "porting/row.h"

#define CURSOR_MAX 400

struct stuck {
    const struct porting *porting;
    struct arena *arena;
    enum stuck_show show;
    int64_t before_at;
    struct text before_key;
    struct stuck_list list;
};

/* A cursor is "<since>.<key>" of the last row. */
static void read_cursor(struct stuck *stuck, struct text cursor)
{
    size_t dot = text_find_char(cursor, '.', 0);
    stuck->before_at = INT64_MAX;
    stuck->before_key = TEXT_EMPTY;
    if (cursor.len <= CURSOR_MAX && dot != SIZE_MAX &&
        text_to_i64(text_part(cursor, 0, dot), 0, INT64_MAX, &stuck->before_at))
        stuck->before_key = text_part(cursor, dot + 1, cursor.len);
}

static bool read_counts(struct db_tx *tx, struct stuck *stuck, int64_t shown_since)
{
    int64_t *counts = stuck->list.counts;
    jobs_count_dead(tx, &counts[STUCK_JOBS]);
    counts[STUCK_MAILS] =
        db_number(tx, "SELECT count(*) FROM mail WHERE refused IS NOT NULL AND queued_at >= $1",
            DB_ARGS(db_int(shown_since)), 0);
    counts[STUCK_WORDS] = db_number(
        tx, "SELECT count(*) FROM unknown_word WHERE last_at >= $1", DB_ARGS(db_int(shown_since)), 0);
    counts[STUCK_ALL] = counts[STUCK_JOBS] + counts[STUCK_MAILS] + counts[STUCK_WORDS];
    return db_ok(tx);
}

/* $1 what to show, $2 and $3 the cursor, $4 how many, $5 since when mails and words are shown. A job's subject is an order, a mail, a
 * request, or something of the desk's own. */
static const char list_sql[] =
    "SELECT s.what, s.at, s.sort_key, s.account, a.name, r.id, r.reference, s.kind, s.subject, s.detail,"
    " s.times, s.moot FROM ("
    "SELECT 1 AS what, j.changed_at AS at, '1 ' || j.account || ' ' || j.kind || ' ' || j.subject AS"
    " sort_key, j.account AS account, COALESCE(o.request, m.request, j.subject) AS request, j.kind AS"
    " kind, j.subject AS subject, j.problem AS detail, j.attempt AS times, CASE WHEN j.kind ="
    " 'order_place' AND o.phase NOT IN ('new', 'placing') THEN 1 ELSE 0 END AS moot FROM job j"
    " LEFT JOIN carrier_order o ON o.account = j.account AND o.id = j.subject"
    " LEFT JOIN mail m ON m.account = j.account AND m.id = j.subject"
    " WHERE j.state = 'dead' AND $1 IN (0, 1)"
    " UNION ALL "
    "SELECT 2, m.queued_at, '2 ' || m.account || ' ' || m.id, m.account, m.request, m.notice,"
    " m.to_address, m.refused, 0, 0 FROM mail m"
    " WHERE m.refused IS NOT NULL AND m.queued_at >= $5 AND $1 IN (0, 2)"
    " UNION ALL "
    "SELECT 3, w.last_at, '3 ' || w.carrier || ' ' || w.word, o.account, o.request, w.carrier, w.word,"
    " NULL, w.times, 0 FROM unknown_word w LEFT JOIN carrier_order o ON o.id = w.last_order"
    " WHERE w.last_at >= $5 AND $1 IN (0, 3)"
    ") AS s LEFT JOIN account a ON a.id = s.account"
    " LEFT JOIN port_request r ON r.account = s.account AND r.id = s.request"
    " WHERE s.at < $2 OR (s.at = $2 AND s.sort_key < $3)"
    " ORDER BY s.at DESC, s.sort_key DESC LIMIT $4";

static struct stuck_row read_row(struct db_rows *rows, struct arena *arena)
{
    return (struct stuck_row){
        .what = (enum stuck_show)db_col_int(rows, 0),
        .since = db_col_int(rows, 1),
        .account = db_col_copy(rows, 3, arena),
        .account_name = db_col_copy(rows, 4, arena),
        .request = db_col_copy(rows, 5, arena),
        .reference = db_col_copy(rows, 6, arena),
        .kind = db_col_copy(rows, 7, arena),
        .subject = db_col_copy(rows, 8, arena),
        .detail = db_col_copy(rows, 9, arena),
        .times = db_col_int(rows, 10),
        .moot = db_col_int(rows, 11) != 0,
    };
}

static bool list_closure(struct db_tx *tx, void *context)
{
    struct stuck *stuck = context;
    struct stuck_list *list = &stuck->list;
    int64_t shown_since = clock_now(stuck->porting->clock) - STUCK_SHOWN;
    struct text last = TEXT_EMPTY;
    *list = (struct stuck_list){.rows = ARENA_ARRAY(stuck->arena, struct stuck_row, STUCK_PAGE)};
    if (!read_counts(tx, stuck, shown_since))
        return false;
    DB_ROWS rows = db_query(tx, list_sql,
        DB_ARGS(db_int(stuck->show), db_int(stuck->before_at), db_text(stuck->before_key),
            db_int(STUCK_PAGE + 1), db_int(shown_since)));
    while (db_next(rows)) {
        if (list->rows_count == STUCK_PAGE) {
            list->next = text_format(
                stuck->arena, "%lld.%.*s", (long long)list->rows[STUCK_PAGE - 1].since, TEXT_ARG(last));
            break;
        }
        list->rows[list->rows_count++] = read_row(rows, stuck->arena);
        if (list->rows_count == STUCK_PAGE)
            last = db_col_copy(rows, 2, stuck->arena);
    }
    return db_ok(tx);
}

bool stuck_list(struct porting *porting, const struct actor *actor, enum stuck_show show, struct text before,
    struct arena *arena, struct stuck_list *ret, struct problem *problem)
{
    struct stuck stuck = {.porting = porting, .arena = arena, .show = show};
    read_cursor(&stuck, before);
    if (!right_need(actor, RIGHT_DESK, problem) || !db_read(porting->db, list_closure, &stuck, problem))
        return false;
    *ret = stuck.list;
    return true;
}

static bool count_closure(struct db_tx *tx, void *context)
{
    return jobs_count_dead(tx, context);
}

bool stuck_count(struct porting *porting, const struct actor *actor, int64_t *ret, struct problem *problem)
{
    int64_t count = 0;
    if (!right_need(actor, RIGHT_DESK, problem) || !db_read(porting->db, count_closure, &count, problem))
        return false;
    *ret = count;
    return true;
}

struct retry {
    struct porting *porting;
    const struct actor *actor;
    const struct stuck_job *job;
    struct text key;
};

static bool retry_closure(struct db_tx *tx, void *context)
{
    const struct retry *retry = context;
    const struct stuck_job *job = retry->job;
    bool repeated = false, revived = false;
    /* The forms of one page share their key: it counts for each job by itself. */
    struct text use_case = text_format(db_arena(tx), "stuck_retry %.*s %.*s %.*s", TEXT_ARG(job->account),
        TEXT_ARG(job->kind), TEXT_ARG(job->subject));
    if (retry->key.len > 0 && !idempotency_keep(tx, retry->porting->clock, retry->actor->account, retry->key,
                                  use_case.at, job->subject, &repeated))
        return false;
    if (repeated)
        return true;
    return jobs_revive(tx, retry->porting->clock, job->account, job->kind, job->subject, &revived) &&
           (revived || row_refuse(tx, PROBLEM_CONFLICT, WORD_stuck_flash_gone, NULL, NULL)) &&
           stuck_tell(tx, retry->porting, retry->actor, AUDIT_JOB_RETRIED, job);
}

bool stuck_retry(struct porting *porting, const struct actor *actor, const struct stuck_job *job,
    struct text key, struct problem *problem)
{
    struct retry retry = {porting, actor, job, key};
    if (!right_need(actor, RIGHT_DESK, problem) || !db_write(porting->db, retry_closure, &retry, problem))
        return false;
    if (porting->jobs)
        jobs_wake(porting->jobs);
    return true;
}
