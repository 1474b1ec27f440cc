#include "porting/advance_write.h"

#include "store/db_many.h"

struct batch batch_new(struct arena *arena, size_t count)
{
    return (struct batch){.said = ARENA_ARRAY(arena, const struct number_news *, count + 1),
        .changed = ARENA_ARRAY(arena, struct number_row *, count + 1),
        .completed = ARENA_ARRAY(arena, struct claim, count + 1),
        .released = ARENA_ARRAY(arena, struct claim, count + 1)};
}

bool said_read(struct db_tx *tx, const struct order_row *order, struct said *ret)
{
    struct arena *arena = db_arena(tx);
    int64_t expected =
        db_number(tx, "SELECT count(*) FROM order_number WHERE account = $1 AND carrier_order = $2",
            DB_ARGS(db_text(order->account), db_text(order->id)), 0);
    *ret = (struct said){.items = ARENA_ARRAY(arena, struct number_news, (size_t)expected + 1)};
    DB_ROWS rows = db_query(tx,
        "SELECT e164, carrier_ref, status, carrier_status, rejection, rejection_words FROM order_number"
        " WHERE account = $1 AND carrier_order = $2",
        DB_ARGS(db_text(order->account), db_text(order->id)));
    while (ret->count < (size_t)expected && db_next(rows)) {
        struct number_news *item = &ret->items[ret->count++];
        *item = (struct number_news){.e164 = db_col_copy(rows, 0, arena),
            .carrier_ref = db_col_copy(rows, 1, arena),
            .carrier_status = db_col_copy(rows, 3, arena),
            .rejection = db_col_copy(rows, 4, arena),
            .rejection_words = db_col_copy(rows, 5, arena)};
        number_status_parse(db_col_text(rows, 2), &item->truth.status);
    }
    return db_ok(tx);
}

const struct number_news *said_find(const struct said *said, struct text e164)
{
    for (size_t i = 0; i < said->count; i++)
        if (text_equal(said->items[i].e164, e164))
            return &said->items[i];
    return NULL;
}

bool said_is(const struct number_news *before, const struct number_news *news)
{
    return before && before->truth.status == news->truth.status &&
           text_equal(before->carrier_status, news->carrier_status) &&
           (!news->carrier_ref.len || text_equal(before->carrier_ref, news->carrier_ref)) &&
           (!news->rejection.len || text_equal(before->rejection, news->rejection)) &&
           (!news->rejection_words.len || (before->rejection.len && !news->rejection.len) ||
               text_equal(before->rejection_words, news->rejection_words));
}

/* What the order said of the numbers, kept also when a number has moved on to another attempt. Words that come without a reason (of the cancel
 * that makes room for the next attempt) do not stand in for those of the refusal. */
static bool write_said(struct db_tx *tx, const struct order_row *order, const struct batch *batch)
{
    static struct db_many many = DB_MANY(
        "INSERT INTO order_number (account, carrier_order, e164, carrier_ref, status, carrier_status,"
        " rejection, rejection_words) VALUES ",
        "($1, $2, ?, ?, ?, ?, ?, ?)",
        " ON CONFLICT (account, carrier_order, e164) DO UPDATE SET carrier_ref = coalesce(excluded.carrier_ref,"
        " order_number.carrier_ref), status = excluded.status, carrier_status = excluded.carrier_status,"
        " rejection = coalesce(excluded.rejection, order_number.rejection), rejection_words = CASE WHEN"
        " excluded.rejection IS NULL AND order_number.rejection IS NOT NULL THEN order_number.rejection_words ELSE"
        " coalesce(excluded.rejection_words, order_number.rejection_words) END",
        2, 6);
    const struct db_value shared[] = {db_text(order->account), db_text(order->id)};
    struct db_value *values = ARENA_ARRAY(db_arena(tx), struct db_value, 6 * batch->said_count + 1);
    for (size_t i = 0; i < batch->said_count; i++) {
        const struct number_news *news = batch->said[i];
        struct db_value *row = &values[6 * i];
        row[0] = db_text(news->e164);
        row[1] = db_text_or_null(news->carrier_ref);
        row[2] = db_text(text_from(number_status_name(news->truth.status)));
        row[3] = db_text_or_null(news->carrier_status);
        row[4] = db_text_or_null(news->rejection);
        row[5] = db_text_or_null(news->rejection_words);
    }
    return db_exec_many(tx, &many, shared, values, batch->said_count, NULL);
}

bool batch_is_alike(const struct number_row *a, const struct number_row *b)
{
    return a->status == b->status && a->status_since == b->status_since &&
           a->carrier_time == b->carrier_time && a->asked_at == b->asked_at && a->firm_at == b->firm_at &&
           a->ported_at == b->ported_at && a->retry_at == b->retry_at &&
           text_equal(a->rejection, b->rejection) && text_equal(a->rejection_words, b->rejection_words) &&
           text_equal(a->firm_date, b->firm_date);
}

static bool write_alike(struct db_tx *tx, const struct advance *advance, const struct number_row *as,
    const struct db_value *ids, size_t count)
{
    static struct db_many many = DB_MANY(
        "UPDATE port_number SET status = $2, status_since = $3, carrier_time = $4, asked_at = $5, rejection"
        " = $6, rejection_words = $7, firm_date = $8, firm_at = $9, ported_at = $10, retry_at = $11 WHERE account = $1 AND"
        " id IN (",
        "?", ")", 11, 1);
    const struct db_value shared[] = {db_text(advance->request.account),
        db_text(text_from(number_status_name(as->status))), db_int(as->status_since),
        db_int(as->carrier_time), db_int(as->asked_at), db_text_or_null(as->rejection),
        db_text_or_null(as->rejection_words), db_text_or_null(as->firm_date), db_int_or_null(as->firm_at),
        db_int_or_null(as->ported_at), db_int_or_null(as->retry_at)};
    return db_exec_many(tx, &many, shared, ids, count, NULL);
}

static bool write_changed(struct db_tx *tx, const struct advance *advance, const struct batch *batch)
{
    struct db_value *ids = ARENA_ARRAY(db_arena(tx), struct db_value, batch->changed_count + 1);
    bool *done = ARENA_ARRAY(db_arena(tx), bool, batch->changed_count + 1);
    for (size_t i = 0; i < batch->changed_count; i++) {
        size_t count = 0;
        for (size_t j = i; j < batch->changed_count && !done[i]; j++)
            if (!done[j] && batch_is_alike(batch->changed[i], batch->changed[j])) {
                ids[count++] = db_text(batch->changed[j]->id);
                done[j] = j > i;
            }
        if (count && !write_alike(tx, advance, batch->changed[i], ids, count))
            return false;
    }
    return db_ok(tx);
}

bool batch_write(
    struct db_tx *tx, struct advance *advance, const struct order_row *order, const struct batch *batch)
{
    return write_said(tx, order, batch) && write_changed(tx, advance, batch) &&
           claim_release(tx, advance->request.account, batch->released, batch->released_count) &&
           claim_to_inventory(tx, advance->porting, advance->request.account, batch->completed,
               batch->completed_count, order->carrier, advance->request.id,
               clock_now(advance->porting->clock));
}

void batch_end_number(struct batch *batch, struct number_row *number)
{
    if (!number_status_is_terminal(number->status) || !number->claimed)
        return;
    struct claim claim = {number->id, number->e164};
    number->claimed = false;
    if (number->status == NUMBER_STATUS_COMPLETED)
        batch->completed[batch->completed_count++] = claim;
    else
        batch->released[batch->released_count++] = claim;
}
