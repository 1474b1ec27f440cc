/* Webhooks, and jobs that died: what comes from outside is stored before anybody believes it, and what cannot go on by itself
 * goes to a person. */
#include <string.h>

#include "porting/advance.h"
#include "porting/order.h"

struct hook {
    struct porting *porting;
    const struct order_event *event;
    struct text ref;
    bool known;
};

static bool keep_event(struct db_tx *tx, const struct hook *hook, struct text account, struct text order)
{
    struct id id = id_new(hook->porting->clock, "evt");
    struct vault_place place = place_event(id_text(&id));
    struct text sealed = vault_seal(hook->porting->vault, &place, hook->event->body, db_arena(tx));
    return db_exec(tx,
        "INSERT INTO inbound_event (id, carrier, at, signature, sealed, account, carrier_order)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        DB_ARGS(db_text(id_text(&id)), db_text(hook->event->carrier), db_int(clock_now(hook->porting->clock)),
            db_text(hook->event->signature), db_bytes(sealed), db_text_or_null(account),
            db_text_or_null(order)));
}

static bool hook_closure(struct db_tx *tx, void *context)
{
    struct hook *hook = context;
    struct text account = TEXT_EMPTY, order = TEXT_EMPTY;
    {
        DB_ROWS rows = db_query(tx,
            "SELECT r.account, r.carrier_order FROM carrier_ref r JOIN carrier_order o ON o.account ="
            " r.account AND o.id = r.carrier_order JOIN carrier_connection c ON c.id = o.connection"
            " JOIN carrier_connection h ON h.id = $3 AND h.account_sid = c.account_sid WHERE"
            " r.carrier = $1 AND r.ref = $2",
            DB_ARGS(db_text(hook->event->carrier), db_text(hook->ref), db_text(hook->event->connection)));
        hook->known = db_next(rows);
        if (hook->known) {
            account = db_col_copy(rows, 0, db_arena(tx));
            order = db_col_copy(rows, 1, db_arena(tx));
        }
    }
    keep_event(tx, hook, account, order);
    if (!hook->known)
        return db_ok(tx);
    return job_add(tx, hook->porting->clock,
        &(struct job_new){.account = account, .kind = JOB_ORDER_SYNC, .subject = order});
}

bool order_webhook(
    struct porting *porting, const struct order_event *event, struct arena *arena, struct problem *problem)
{
    struct hook hook = {.porting = porting, .event = event};
    if (!porting->gaining->webhook_ref(event->body, arena, &hook.ref, problem))
        return false;
    if (!db_write(porting->db, hook_closure, &hook, problem))
        return false;
    if (hook.known && porting->jobs)
        jobs_wake(porting->jobs);
    return true;
}

/* ---- Jobs that died ---- */

struct died {
    struct porting *porting;
    const struct job *job;
};

static bool died_closure(struct db_tx *tx, void *context)
{
    struct died *died = context;
    struct order_row order;
    struct advance advance;
    if (!row_order(tx, died->job->account, died->job->subject, db_arena(tx), &order) ||
        !advance_load(tx, died->porting, order.account, order.request, &advance))
        return false;
    struct order_row *mine = advance_order(&advance, order.id);
    if (mine->phase == ORDER_ENDED)
        return db_ok(tx);
    advance.reread = true;
    return advance_unclear(tx, &advance, mine) && advance_roll_up(tx, &advance);
}

void order_job_died(void *porting, const char *kind, const struct job *job, const struct problem *problem)
{
    struct died died = {porting, job};
    struct problem unwritten = {0};
    (void)problem; /* kept with the dead job */
    bool of_order =
        !strcmp(kind, JOB_ORDER_PLACE) || !strcmp(kind, JOB_ORDER_SYNC) || !strcmp(kind, JOB_ORDER_CANCEL);
    if (of_order)
        db_write(died.porting->db, died_closure, &died, &unwritten);
}
