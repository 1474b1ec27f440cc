/* Re-reading an order, and canceling one: the carrier's own state is the truth. */
#include "base/failpoint.h"
#include "porting/connection.h"
#include "porting/order.h"
#include "porting/order_read.h"
#include "rules/split.h"

#define POLL_EVERY (10 * CLOCK_MINUTE)

struct sync {
    struct porting *porting;
    struct arena *arena; /* of the job */
    struct text account, id;
    struct order_row order;
    struct lease lease;
    const struct carrier_port *port;
    int64_t asked_at;
    int64_t cancel_sent_at; /* just before, or 0 */
    bool cancel_refused;
    bool over;
};

static bool read_order_closure(struct db_tx *tx, void *context)
{
    struct sync *sync = context;
    return row_order(tx, sync->account, sync->id, sync->arena, &sync->order);
}

static bool keep_cancel_sent(struct db_tx *tx, const struct sync *sync, struct order_row *order)
{
    order->cancel_sent_at = sync->cancel_sent_at;
    return db_exec(tx, "UPDATE carrier_order SET cancel_sent_at = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(sync->account), db_text(sync->id), db_int(order->cancel_sent_at)));
}

static bool take_closure(struct db_tx *tx, void *context)
{
    struct sync *sync = context;
    struct advance advance;
    if (!advance_load(tx, sync->porting, sync->account, sync->order.request, &advance))
        return false;
    struct order_row *order = advance_order(&advance, sync->id);
    if (sync->cancel_sent_at && order)
        keep_cancel_sent(tx, sync, order);
    bool ok = order && order_take(tx, &advance, order, sync->port, sync->asked_at, sync->cancel_refused);
    sync->over = order && order->phase == ORDER_ENDED;
    failpoint("sync-before-commit");
    return ok && db_ok(tx);
}

/* Reads the carrier's state and takes it. */
static bool reread(struct sync *sync, struct problem *problem)
{
    struct carrier_port port;
    const struct lease *carrier = &sync->lease;
    sync->asked_at = clock_now(sync->porting->clock);
    if (!carrier->api->fetch(carrier->carrier, sync->order.carrier_ref, sync->arena, &port, problem))
        return false;
    sync->port = &port;
    bool ok = db_write(sync->porting->db, take_closure, sync, problem);
    sync->port = NULL;
    failpoint("sync-after-commit");
    if (sync->porting->jobs)
        jobs_wake(sync->porting->jobs);
    return ok;
}

/* Polls no more often than once in a second of real time, however fast the demo's clock runs. */
static int64_t next_poll(struct clock *clock)
{
    int64_t second = (int64_t)clock_speed(clock) * CLOCK_SECOND;
    return clock_now(clock) + (second > POLL_EVERY ? second : POLL_EVERY);
}

typedef bool leased_work(void *context, struct problem *problem);

/* Does the work over the order's connection; when the carrier wants to be left alone, it is done again later. */
static bool with_lease(
    struct sync *sync, leased_work *work, void *context, int64_t *ret_again_at, struct problem *problem)
{
    if (!connection_lease(sync->porting, sync->account, sync->order.connection, &sync->lease, problem))
        return false;
    bool ok =
        work(context, problem) || lease_rests(&sync->lease, sync->porting->clock, ret_again_at, problem);
    connection_give_back(&sync->lease);
    return ok;
}

static bool sync_leased(void *context, struct problem *problem)
{
    return reread(context, problem);
}

bool order_sync(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    struct sync sync = {.porting = context, .arena = arena, .account = job->account, .id = job->subject};
    if (!db_read(sync.porting->db, read_order_closure, &sync, problem))
        return false;
    if (!sync.order.carrier_ref.len)
        return true;
    if (!with_lease(&sync, sync_leased, &sync, ret_again_at, problem))
        return false;
    if (!sync.over && !*ret_again_at)
        *ret_again_at = next_poll(sync.porting->clock);
    return true;
}

/* ---- Cancel ---- */

/* One number of the order that must be canceled at the carrier. */
struct to_cancel {
    struct sync sync;
    struct text *refs; /* the carrier's, of the numbers to cancel */
    size_t count;
    int64_t others; /* numbers of the order that go on */
};

/* To cancel are the order's numbers that stand as canceling, and those that have moved on to a later attempt. */
static bool targets_closure(struct db_tx *tx, void *context)
{
    struct to_cancel *cancel = context;
    struct sync *sync = &cancel->sync;
    if (!row_order(tx, sync->account, sync->id, sync->arena, &sync->order))
        return false;
    cancel->refs = ARENA_ARRAY(sync->arena, struct text, SPLIT_ORDER_MAX);
    cancel->count = 0;
    cancel->others = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT o.carrier_ref, n.carrier_order <> o.carrier_order OR n.status = 'canceling' FROM"
        " order_number o JOIN port_number n ON n.account = o.account AND n.request = $3 AND n.e164 = o.e164"
        " WHERE o.account = $1 AND o.carrier_order = $2 AND o.status NOT IN ('completed', 'canceled',"
        " 'expired', 'not_portable')",
        DB_ARGS(db_text(sync->account), db_text(sync->id), db_text(sync->order.request)));
    while (cancel->count < SPLIT_ORDER_MAX && db_next(rows))
        if (db_col_int(rows, 1))
            cancel->refs[cancel->count++] = db_col_copy(rows, 0, sync->arena);
        else
            cancel->others++;
    return db_ok(tx);
}

static bool ask(struct to_cancel *cancel, struct problem *problem)
{
    const struct lease *carrier = &cancel->sync.lease;
    struct text ref = cancel->sync.order.carrier_ref;
    if (!cancel->count)
        return true;
    if (!cancel->others)
        return carrier->api->cancel(carrier->carrier, ref, TEXT_EMPTY, problem);
    if (!carrier->api->can->cancels_numbers)
        return problem_set(problem, PROBLEM_UPSTREAM, WORD_carrier_refused, NULL, NULL,
            "this carrier cancels whole orders alone");
    /* Each is asked for, whatever becomes of the others; what may pass is tried again, for all of them. */
    for (size_t i = 0; i < cancel->count; i++) {
        struct problem one = {0};
        if (!cancel->refs[i].len)
            problem_set(&one, PROBLEM_LATER, WORD_carrier_unreachable, NULL, NULL, "number without a SID");
        else
            carrier->api->cancel(carrier->carrier, ref, cancel->refs[i], &one);
        if (one.kind != PROBLEM_NONE && problem->kind != PROBLEM_LATER)
            *problem = one;
    }
    return problem->kind == PROBLEM_NONE;
}

static bool cancel_leased(void *context, struct problem *problem)
{
    struct to_cancel *cancel = context;
    struct problem refused = {0};
    cancel->sync.cancel_sent_at = cancel->count ? clock_now(cancel->sync.porting->clock) : 0;
    if (!ask(cancel, &refused)) {
        if (refused.kind == PROBLEM_LATER) {
            *problem = refused;
            return false;
        }
        /* The carrier has said no: what it holds is the truth again. */
        cancel->sync.cancel_refused = true;
    }
    return reread(&cancel->sync, problem);
}

bool order_cancel(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    struct to_cancel cancel = {
        .sync = {.porting = context, .arena = arena, .account = job->account, .id = job->subject}};
    if (!db_read(cancel.sync.porting->db, targets_closure, &cancel, problem))
        return false;
    return !cancel.sync.order.carrier_ref.len ||
           with_lease(&cancel.sync, cancel_leased, &cancel, ret_again_at, problem);
}
