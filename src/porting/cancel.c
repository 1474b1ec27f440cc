/* Canceling: orders that no carrier has seen end at once, the others when the carrier says so. */
#include "porting/acting.h"
#include "porting/advance.h"
#include "porting/order.h"
#include "porting/submit.h"

struct cancel {
    struct porting *porting;
    const struct actor *actor;
    struct text request, key;
};

/* Numbers of the order that can still be canceled get the status; returns how many. */
static size_t cancel_numbers(struct db_tx *tx, struct advance *advance, struct order_row *order,
    enum number_status status, const struct news_source *by)
{
    int64_t now = clock_now(advance->porting->clock);
    struct number_news *news = ARENA_ARRAY(db_arena(tx), struct number_news, advance->numbers_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < advance->numbers_count; i++) {
        const struct number_row *number = &advance->numbers[i];
        if (!text_equal(number->order, order->id) || !number_may_be_canceled(number->status))
            continue;
        /* The carrier's time stays: it is what a refused cancel is told apart by. */
        news[count++] = (struct number_news){.e164 = number->e164,
            .truth = {status, number->carrier_time, now},
            .firm_date = number->firm_date,
            .firm_at = number->firm_at,
            .rejection = number->rejection,
            .rejection_words = number->rejection_words};
    }
    advance_take(tx, advance, order, news, count, by);
    return count;
}

static bool ask_carrier(struct db_tx *tx, struct advance *advance, struct order_row *order)
{
    db_exec(tx,
        "UPDATE carrier_order SET cancel_wanted = 1, cancel_sent_at = NULL WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(order->account), db_text(order->id)));
    if (!order->carrier_ref.len)
        return db_ok(tx); /* placing: the job that places it sees the wish; by hand: a person does */
    return job_add(tx, advance->porting->clock,
        &(struct job_new){.account = order->account, .kind = JOB_ORDER_CANCEL, .subject = order->id});
}

/* An order that waits for the one it replaces: its numbers stand in that one still, and end when the carrier confirms there. */
static size_t cancel_waiting(
    struct db_tx *tx, struct advance *advance, struct order_row *order, const struct news_source *by)
{
    struct order_row *old = advance_order(advance, order->replaces);
    for (size_t i = 0; old && i < advance->numbers_count; i++)
        if (text_equal(advance->numbers[i].order, order->id))
            advance_bring_back(tx, advance, old, &advance->numbers[i]);
    advance_phase(tx, order, ORDER_ENDED);
    size_t count = old ? cancel_numbers(tx, advance, old, NUMBER_STATUS_CANCELING, by) : 0;
    if (count)
        ask_carrier(tx, advance, old);
    return count;
}

static size_t cancel_order(
    struct db_tx *tx, struct advance *advance, struct order_row *order, const struct news_source *by)
{
    if (order->phase == ORDER_WAITING)
        return cancel_waiting(tx, advance, order, by);
    bool at_carrier = order->phase != ORDER_NEW && order->phase != ORDER_ENDED;
    size_t count =
        cancel_numbers(tx, advance, order, at_carrier ? NUMBER_STATUS_CANCELING : NUMBER_STATUS_CANCELED, by);
    if (count && !at_carrier)
        advance_phase(tx, order, ORDER_ENDED);
    if (count && at_carrier)
        ask_carrier(tx, advance, order);
    return count;
}

static bool cancel_closure(struct db_tx *tx, void *context)
{
    struct cancel *cancel = context;
    struct request_row row;
    struct advance advance;
    bool repeated = false;
    if (!row_request(tx, cancel->actor, RIGHT_REQUEST_WORK, cancel->request, db_arena(tx), &row) ||
        !idempotency_keep(tx, cancel->porting->clock, row.account, cancel->key, "cancel", row.id, &repeated))
        return false;
    if (repeated || row.status == REQUEST_STATUS_CANCELING)
        return db_ok(tx);
    if (!advance_load(tx, cancel->porting, row.account, row.id, &advance))
        return false;
    struct news_source by = {timeline_actor_of(cancel->actor), cancel->actor->name};
    advance_tell(tx, &advance, EVENT_CANCEL_ASKED, &by, TEXT_EMPTY, TEXT_EMPTY);
    size_t count = 0;
    /* Newest first: numbers that wait go back to the order before, which is then looked at. */
    for (size_t i = advance.orders_count; i > 0; i--)
        count += cancel_order(tx, &advance, &advance.orders[i - 1], &by);
    if (!count)
        return db_ok(tx) && row_refuse(tx, PROBLEM_CONFLICT, WORD_porting_nothing_to_cancel, NULL, NULL);
    return advance_roll_up(tx, &advance) &&
           row_audit(tx, cancel->porting->clock, cancel->actor, AUDIT_REQUEST_CANCELED, row.account, row.id,
               row.reference) &&
           acted(tx, cancel->porting, cancel->actor, row.account, row.id, ACTED_CANCELED);
}

bool request_cancel(struct porting *porting, const struct actor *actor, struct text request, struct text key,
    struct problem *problem)
{
    struct cancel cancel = {.porting = porting, .actor = actor, .request = request, .key = key};
    if (!db_write(porting->db, cancel_closure, &cancel, problem))
        return false;
    if (porting->jobs)
        jobs_wake(porting->jobs);
    return true;
}
