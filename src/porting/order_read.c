#include "porting/order_read.h"

#include "porting/order.h"
#include "rules/split.h"

/* The firm date as the number's own place sees it. Midnight UTC is how a bare date is written: it is taken as it stands. */
static struct text firm_date(
    struct arena *arena, const struct porting *porting, const struct carrier_number *from)
{
    if (!from->port_at || from->port_at % CLOCK_DAY == 0)
        return from->port_date;
    return date_iso(arena, clock_date(from->port_at, number_zone_of(porting->area_codes, from->e164)));
}

static bool read_one(struct arena *arena, const struct porting *porting, const struct carrier_port *port,
    const struct carrier_number *from, int64_t asked_at, struct number_news *ret)
{
    struct carrier_words words = {from->status, port->status, from->not_portable};
    struct number_news news = {.e164 = from->e164,
        .truth = {.carrier_time = from->changed_at, .asked_at = asked_at},
        .carrier_ref = from->ref,
        .carrier_status = from->status};
    if (!carrier_words_to_status(&words, &news.truth.status))
        return false;
    if (news.truth.status == NUMBER_STATUS_REJECTED) {
        const struct rejection *rejection =
            rejection_of_word(porting->rejections, text_from(porting->gaining->name), from->rejection);
        news.rejection = text_from(rejection_name(rejection->reason));
        news.rejection_words = from->rejection;
    }
    if (news.truth.status == NUMBER_STATUS_NOT_PORTABLE)
        news.rejection_words = from->not_portable_reason;
    if (news.truth.status == NUMBER_STATUS_CANCELED)
        news.rejection_words = port->cancel_reason;
    if (news.truth.status == NUMBER_STATUS_PENDING || news.truth.status == NUMBER_STATUS_COMPLETED) {
        news.firm_date = firm_date(arena, porting, from);
        news.firm_at = from->port_at;
    }
    *ret = news;
    return true;
}

void order_read(struct arena *arena, const struct porting *porting, const struct carrier_port *port,
    int64_t asked_at, struct number_news **ret_news, size_t *ret_count, struct text *ret_unknown)
{
    struct number_news *news = ARENA_ARRAY(arena, struct number_news, port->number_count + 1);
    size_t count = 0;
    *ret_unknown = TEXT_EMPTY;
    for (size_t i = 0; i < port->number_count; i++) {
        const struct carrier_number *from = &port->numbers[i];
        if (read_one(arena, porting, port, from, asked_at, &news[count]))
            count++;
        else
            *ret_unknown = from->status.len ? from->status : port->status;
    }
    *ret_news = news;
    *ret_count = count;
}

/* An unknown word never changes a state: kept, counted, shown to the porting team once for each request. */
static bool keep_unknown(
    struct db_tx *tx, struct advance *advance, const struct order_row *order, struct text word)
{
    if (!word.len)
        return db_ok(tx);
    int64_t now = clock_now(advance->porting->clock);
    db_exec(tx,
        "INSERT INTO unknown_word (carrier, word, times, last_order, last_at) VALUES ($1, $2, 1, $3, $4) ON"
        " CONFLICT (carrier, word) DO UPDATE SET times = unknown_word.times + 1, last_order ="
        " excluded.last_order, last_at = excluded.last_at",
        DB_ARGS(db_text(order->carrier), db_text(word), db_text(order->id), db_int(now)));
    int64_t told = db_number(tx,
        "SELECT count(*) FROM timeline WHERE account = $1 AND request = $2 AND event = 'unknown_word' AND"
        " about = $3",
        DB_ARGS(db_text(order->account), db_text(order->request), db_text(word)), 0);
    if (told)
        return db_ok(tx);
    advance->news = true;
    return advance_tell(
        tx, advance, EVENT_UNKNOWN_WORD, &(struct news_source){ACTOR_PORTDESK, TEXT_EMPTY}, TEXT_EMPTY, word);
}

static bool keep_order(
    struct db_tx *tx, struct order_row *order, const struct carrier_port *port, int64_t asked_at)
{
    return db_exec(tx,
        "UPDATE carrier_order SET suggested_action = CASE WHEN carrier_status = $3 THEN suggested_action ELSE"
        " NULL END, carrier_status = $3, signature_url = $4, support_ticket = $5, synced_at ="
        " $6 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(order->account), db_text(order->id), db_text(port->status),
            db_text_or_null(port->signature_url), db_text_or_null(port->support_ticket), db_int(asked_at)));
}

/* When no number that a waiting order is to take over is open in this one, or completed, the waiting order goes out. */
static bool release_waiting(struct db_tx *tx, struct advance *advance, const struct order_row *order)
{
    for (size_t i = 0; i < advance->orders_count; i++) {
        struct order_row *next = &advance->orders[i];
        if (next->phase != ORDER_WAITING || !text_equal(next->replaces, order->id))
            continue;
        int64_t open = db_number(tx,
            "SELECT count(*) FROM order_number o JOIN order_number n ON n.account = o.account AND n.e164 ="
            " o.e164 WHERE o.account = $1 AND o.carrier_order = $2 AND n.carrier_order = $3  AND o.status"
            " NOT IN ('canceled', 'expired', 'not_portable')",
            DB_ARGS(db_text(order->account), db_text(order->id), db_text(next->id)), 1);
        int64_t numbers =
            db_number(tx, "SELECT count(*) FROM order_number WHERE account = $1 AND carrier_order = $2",
                DB_ARGS(db_text(order->account), db_text(next->id)), 0);
        if (open)
            continue;
        advance->news = true;
        advance_phase(tx, next, numbers ? ORDER_NEW : ORDER_ENDED);
        if (numbers)
            job_add(tx, advance->porting->clock,
                &(struct job_new){.account = next->account, .kind = JOB_ORDER_PLACE, .subject = next->id});
    }
    return db_ok(tx);
}

/* What the re-read comes to, beside its news. */
struct reading {
    struct number_news *news;
    size_t count;
    struct text unknown;
    size_t lost; /* numbers of the order that the carrier does not name, though its port goes on */
};

static bool names(const struct carrier_port *port, struct text e164)
{
    for (size_t i = 0; i < port->number_count; i++)
        if (text_equal(port->numbers[i].e164, e164))
            return true;
    return false;
}

/* Numbers of the order that the re-read leaves out end with the port. */
static bool add_unnamed(struct db_tx *tx, const struct order_row *order, const struct carrier_port *port,
    int64_t asked_at, struct reading *reading)
{
    struct number_news *all = ARENA_ARRAY(db_arena(tx), struct number_news, reading->count + SPLIT_ORDER_MAX);
    for (size_t i = 0; i < reading->count; i++)
        all[i] = reading->news[i];
    size_t max = reading->count + SPLIT_ORDER_MAX;
    struct carrier_words words = {TEXT_EMPTY, port->status, false};
    DB_ROWS rows = db_query(tx,
        "SELECT e164 FROM order_number WHERE account = $1 AND carrier_order = $2"
        " AND status NOT IN ('completed', 'canceled', 'expired', 'not_portable')",
        DB_ARGS(db_text(order->account), db_text(order->id)));
    while (reading->count < max && db_next(rows)) {
        struct number_news *news = &all[reading->count];
        *news = (struct number_news){.truth = {.asked_at = asked_at}, .carrier_status = port->status};
        if (names(port, db_col_text(rows, 0)))
            continue;
        news->e164 = db_col_copy(rows, 0, db_arena(tx));
        if (carrier_words_to_status(&words, &news->truth.status))
            reading->count++;
        else
            reading->lost++;
    }
    reading->news = all;
    return db_ok(tx);
}

static bool is_over(const struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++)
        if (!number_status_is_terminal(reading->news[i].truth.status))
            return false;
    return !reading->unknown.len && !reading->lost;
}

static bool has_open_number(const struct advance *advance, const struct order_row *order)
{
    for (size_t i = 0; i < advance->numbers_count; i++)
        if (text_equal(advance->numbers[i].order, order->id) &&
            !number_status_is_terminal(advance->numbers[i].status))
            return true;
    return false;
}

static bool add_job(
    struct db_tx *tx, const struct advance *advance, const struct order_row *order, const char *kind)
{
    return job_add(tx, advance->porting->clock,
        &(struct job_new){.account = order->account, .kind = kind, .subject = order->id});
}

/* It can be read again: what was left undone meanwhile is taken up. */
static bool clear_up(struct db_tx *tx, struct advance *advance, struct order_row *order)
{
    bool replaced = false;
    for (size_t i = 0; i < advance->orders_count; i++)
        replaced |=
            advance->orders[i].phase == ORDER_WAITING && text_equal(advance->orders[i].replaces, order->id);
    advance_phase(tx, order, ORDER_PLACED);
    add_job(tx, advance, order, JOB_ORDER_SYNC);
    if (replaced || (order->cancel_wanted && !order->cancel_sent_at))
        add_job(tx, advance, order, JOB_ORDER_CANCEL);
    return db_ok(tx);
}

/* The order goes on, is over, or is for a person: when the carrier leaves out a number, or holds for ended what is open here. */
static bool settle(
    struct db_tx *tx, struct advance *advance, struct order_row *order, const struct reading *reading)
{
    bool over = is_over(reading), open = has_open_number(advance, order);
    if (reading->lost || (over && open))
        return order->phase == ORDER_ENDED || advance_unclear(tx, advance, order);
    if (over)
        return advance_phase(tx, order, ORDER_ENDED);
    return order->phase != ORDER_UNCLEAR || clear_up(tx, advance, order);
}

/* Whether a number that we asked to cancel has moved on at the carrier since, as if we had not: in no answer was it ever canceling. */
static bool cancel_got_lost(
    const struct advance *advance, const struct order_row *order, const struct reading *reading)
{
    for (size_t i = 0; order->cancel_sent_at && i < reading->count; i++) {
        const struct number_news *news = &reading->news[i];
        const struct number_truth *truth = &news->truth;
        if (number_status_is_terminal(truth->status) || truth->status == NUMBER_STATUS_CANCELING ||
            truth->carrier_time <= order->cancel_sent_at || truth->carrier_time > truth->asked_at)
            continue;
        for (size_t n = 0; n < advance->numbers_count; n++) {
            const struct number_row *number = &advance->numbers[n];
            bool moved_on =
                !text_equal(number->order, order->id) && !number_status_is_terminal(number->status);
            if (text_equal(number->e164, news->e164) &&
                (moved_on || number->status == NUMBER_STATUS_CANCELING))
                return true;
        }
    }
    return false;
}

bool order_take(struct db_tx *tx, struct advance *advance, struct order_row *order,
    const struct carrier_port *port, int64_t asked_at, bool cancel_refused)
{
    struct reading reading = {0};
    struct news_source carrier = {ACTOR_GAINING_CARRIER, text_from(advance->porting->gaining->label)};
    bool overtaken = asked_at < order->synced_at;
    order_read(
        db_arena(tx), advance->porting, port, asked_at, &reading.news, &reading.count, &reading.unknown);
    add_unnamed(tx, order, port, asked_at, &reading);
    for (size_t i = 0; i < reading.count; i++)
        reading.news[i].cancel_refused = cancel_refused;
    advance->reread = true;
    if (!overtaken) {
        keep_order(tx, order, port, asked_at);
        keep_unknown(tx, advance, order, reading.unknown);
    }
    if (!advance_take(tx, advance, order, reading.news, reading.count, &carrier) ||
        !release_waiting(tx, advance, order) || (!overtaken && !settle(tx, advance, order, &reading)))
        return false;
    if (!overtaken && cancel_got_lost(advance, order, &reading))
        add_job(tx, advance, order, JOB_ORDER_CANCEL);
    return advance_roll_up(tx, advance);
}
