/* The carrier's list of all its ports beside our orders: a change that no webhook told and no poll has seen yet is read at once, and a
 * port that this desk did not make is shown to people. */
#include "porting/connection_row.h"
#include "porting/order.h"
#include "porting/row.h"

#define EVERY CLOCK_HOUR
#define BACK (90 * CLOCK_DAY)     /* how old a port may be when no order of ours is older */
#define PAGES_MAX 50              /* of 100 ports */
#define YOUNG (10 * CLOCK_MINUTE) /* a port that may still be told to us by the answer to its create */

struct reconcile {
    struct porting *porting;
    struct text account, id; /* of the connection */
    struct arena *arena;     /* of the job */
    int64_t began, since;
    const struct carrier_list *list;
    bool woken;
};

static bool since_closure(struct db_tx *tx, void *context)
{
    struct reconcile *reconcile = context;
    struct connection_row row;
    int64_t oldest =
        db_number(tx, "SELECT min(created_at) FROM carrier_order WHERE connection = $1 AND phase <> 'ended'",
            DB_ARGS(db_text(reconcile->id)), 0);
    reconcile->since = reconcile->began - BACK;
    if (oldest && oldest < reconcile->since)
        reconcile->since = oldest;
    return connection_row_of(tx, reconcile->account, reconcile->id, db_arena(tx), &row);
}

/* Ours: kept is what the carrier wants somebody to do, and a state that is new to us is read in full. */
static bool take_ours(
    struct db_tx *tx, struct reconcile *reconcile, const struct carrier_listed *item, struct db_rows *found)
{
    struct arena *arena = db_arena(tx);
    struct text account = db_col_copy(found, 0, arena), order = db_col_copy(found, 1, arena);
    bool ended = text_is(db_col_text(found, 2), "ended");
    bool news = !text_equal(db_col_text(found, 3), item->status);
    bool action = !text_equal(db_col_text(found, 4), item->suggested_action);
    if (action)
        db_exec(tx, "UPDATE carrier_order SET suggested_action = $3 WHERE account = $1 AND id = $2",
            DB_ARGS(db_text(account), db_text(order), db_text_or_null(item->suggested_action)));
    if (!news || ended)
        return db_ok(tx);
    reconcile->woken = true;
    return job_add(tx, reconcile->porting->clock,
        &(struct job_new){.account = account, .kind = JOB_ORDER_SYNC, .subject = order});
}

static bool take_unknown(
    struct db_tx *tx, const struct reconcile *reconcile, const struct carrier_listed *item)
{
    int64_t now = reconcile->began;
    if (item->changed_at > now - YOUNG)
        return db_ok(tx);
    return db_exec(tx,
        "INSERT INTO unknown_port (account, connection, ref, status, numbers, changed_at, found_at, seen_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (account, connection, ref) DO UPDATE SET"
        " status = excluded.status, numbers = excluded.numbers, changed_at = excluded.changed_at, seen_at ="
        " excluded.seen_at",
        DB_ARGS(db_text(reconcile->account), db_text(reconcile->id), db_text(item->ref),
            db_text(item->status), db_int(item->requested), db_int(item->changed_at), db_int(now)));
}

static bool page_closure(struct db_tx *tx, void *context)
{
    struct reconcile *reconcile = context;
    reconcile->woken = false;
    for (size_t i = 0; i < reconcile->list->count; i++) {
        const struct carrier_listed *item = &reconcile->list->items[i];
        bool known;
        {
            DB_ROWS rows = db_query(tx,
                "SELECT o.account, o.id, o.phase, o.carrier_status, o.suggested_action FROM carrier_ref r"
                " JOIN carrier_order o ON o.account = r.account AND o.id = r.carrier_order WHERE r.carrier ="
                " $1 AND r.ref = $2",
                DB_ARGS(db_text(text_from(reconcile->porting->gaining->name)), db_text(item->ref)));
            known = db_next(rows);
            if (known)
                take_ours(tx, reconcile, item, rows);
        }
        if (!known)
            take_unknown(tx, reconcile, item);
    }
    return db_ok(tx);
}

/* What the list has no more, or we know by now. */
static bool tidy_closure(struct db_tx *tx, void *context)
{
    const struct reconcile *reconcile = context;
    return db_exec(tx, "DELETE FROM unknown_port WHERE account = $1 AND connection = $2 AND seen_at < $3",
        DB_ARGS(db_text(reconcile->account), db_text(reconcile->id), db_int(reconcile->began)));
}

static bool take_pages(struct reconcile *reconcile, const struct lease *lease, struct problem *problem)
{
    struct text token = TEXT_EMPTY;
    for (int page = 0; page < PAGES_MAX; page++) {
        ARENA_CLEANUP arena = arena_new((size_t)4 * 1024 * 1024);
        struct carrier_list list;
        if (!lease->api->list(lease->carrier, reconcile->since, token, arena, &list, problem))
            return false;
        reconcile->list = &list;
        if (!db_write(reconcile->porting->db, page_closure, reconcile, problem))
            return false;
        jobs_wake(reconcile->woken ? reconcile->porting->jobs : NULL);
        token = text_copy(reconcile->arena, list.next);
        if (!token.len)
            return db_write(reconcile->porting->db, tidy_closure, reconcile, problem);
    }
    return true; /* older ones are left to polling */
}

bool connection_reconcile(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    struct porting *porting = context;
    struct reconcile reconcile = {.porting = porting,
        .account = job->account,
        .id = job->subject,
        .arena = arena,
        .began = clock_now(porting->clock)};
    LEASE_CLEANUP lease = {0};
    struct problem inner = {0};
    if (!db_read(porting->db, since_closure, &reconcile, &inner)) {
        if (inner.kind != PROBLEM_NOT_FOUND)
            *problem = inner;
        return inner.kind == PROBLEM_NOT_FOUND; /* the connection is gone */
    }
    if (!connection_lease(porting, reconcile.account, reconcile.id, &lease, problem))
        return false;
    if (!take_pages(&reconcile, &lease, problem))
        return lease_rests(&lease, porting->clock, ret_again_at, problem);
    int64_t second = (int64_t)clock_speed(porting->clock) * 10 * CLOCK_SECOND;
    *ret_again_at = clock_now(porting->clock) + (second > EVERY ? second : EVERY);
    return true;
}
