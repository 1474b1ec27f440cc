#include "porting/new_order.h"

#include "porting/order.h"
#include "store/db_many.h"

bool new_order(struct db_tx *tx, struct porting *porting, struct new_order *order)
{
    bool manual = text_is(order->carrier, "manual");
    enum order_phase phase = manual ? ORDER_PLACED : order->waits ? ORDER_WAITING : ORDER_NEW;
    int64_t now = clock_now(porting->clock);
    order->id = id_new(porting->clock, "ord");
    db_exec(tx,
        "INSERT INTO carrier_order (account, id, request, attempt, carrier, way, phase, replaces, placed_at,"
        " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        DB_ARGS(db_text(order->account), db_text(id_text(&order->id)), db_text(order->request),
            db_int(order->attempt), db_text(order->carrier), db_text(order->way),
            db_text(text_from(order_phase_name(phase))), db_text_or_null(order->replaces),
            manual ? db_int(now) : db_null(), db_int(now)));
    if (phase != ORDER_NEW)
        return db_ok(tx);
    return job_add(tx, porting->clock,
        &(struct job_new){
            .account = order->account, .kind = JOB_ORDER_PLACE, .subject = id_text(&order->id)});
}

bool order_goes_by_api(const struct carrier_can *can, enum way way)
{
    switch (way) {
    case WAY_US:
        return text_find(text_from(can->countries), TEXT("US"), 0) != SIZE_MAX;
    case WAY_CANADA:
        return text_find(text_from(can->countries), TEXT("CA"), 0) != SIZE_MAX;
    case WAY_TOLL_FREE:
        return can->toll_free;
    default:
        return false;
    }
}

bool new_order_numbers(struct db_tx *tx, const struct new_order *order, const struct text *e164, size_t count)
{
    static struct db_many many =
        DB_MANY("INSERT INTO order_number (account, carrier_order, e164, status) VALUES ",
            "($1, $2, ?, 'in_review')", "", 2, 1);
    const struct db_value shared[] = {db_text(order->account), db_text(id_text(&order->id))};
    struct db_value *values = ARENA_ARRAY(db_arena(tx), struct db_value, count + 1);
    for (size_t i = 0; i < count; i++)
        values[i] = db_text(e164[i]);
    return db_exec_many(tx, &many, shared, values, count, NULL);
}
