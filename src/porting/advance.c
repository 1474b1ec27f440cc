#include "porting/advance.h"

#include "notices/notice.h"
#include "porting/advance_write.h"
#include "porting/order.h"
#include "porting/watch.h"
#include "rules/business_time.h"

bool advance_load(
    struct db_tx *tx, struct porting *porting, struct text account, struct text request, struct advance *ret)
{
    struct arena *arena = db_arena(tx);
    *ret = (struct advance){.porting = porting};
    return row_request_of(tx, account, request, arena, &ret->request) &&
           row_numbers(tx, account, request, arena, &ret->numbers, &ret->numbers_count) &&
           row_orders(tx, account, request, arena, &ret->orders, &ret->orders_count);
}

struct order_row *advance_order(struct advance *advance, struct text order)
{
    for (size_t i = 0; i < advance->orders_count; i++)
        if (text_equal(advance->orders[i].id, order))
            return &advance->orders[i];
    return NULL;
}

bool advance_tell(struct db_tx *tx, const struct advance *advance, enum timeline_event event,
    const struct news_source *source, struct text e164, struct text about)
{
    return timeline_add(tx, advance->porting->clock,
        &(struct timeline_entry){.account = advance->request.account,
            .request = advance->request.id,
            .event = event,
            .actor = source->actor,
            .actor_name = source->actor_name,
            .e164 = e164,
            .about = about});
}

bool advance_phase(struct db_tx *tx, struct order_row *order, enum order_phase phase)
{
    order->phase = phase;
    return db_exec(tx, "UPDATE carrier_order SET phase = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(order->account), db_text(order->id), db_text(text_from(order_phase_name(phase)))));
}

bool advance_unclear(struct db_tx *tx, struct advance *advance, struct order_row *order)
{
    if (order->phase == ORDER_UNCLEAR)
        return db_ok(tx);
    advance->news = true;
    advance_phase(tx, order, ORDER_UNCLEAR);
    return advance_tell(tx, advance, EVENT_ORDER_UNCLEAR, &(struct news_source){ACTOR_PORTDESK, TEXT_EMPTY},
        TEXT_EMPTY, text_from(advance->porting->gaining->label));
}

static struct number_row *find_number(struct advance *advance, struct text e164)
{
    for (size_t i = 0; i < advance->numbers_count; i++)
        if (text_equal(advance->numbers[i].e164, e164))
            return &advance->numbers[i];
    return NULL;
}

/* The customer's zone; read once, however many numbers ask. */
static bool zone_of(struct db_tx *tx, struct advance *advance, struct text *ret)
{
    if (!advance->zone.len && !watch_zone(tx, &advance->request, db_arena(tx), &advance->zone))
        return false;
    *ret = advance->zone;
    return true;
}

/* What only time mends is sent again by itself, so often; a re-read that says the same again sets no other time. */
static bool set_retry(struct db_tx *tx, struct advance *advance, struct number_row *number, bool was_rejected)
{
    const struct rejection *rejection = rejection_of_name(advance->porting->rejections, number->rejection);
    int64_t now = clock_now(advance->porting->clock);
    struct text zone;
    if (number->status != NUMBER_STATUS_REJECTED || rejection->kind != REJECTION_TIME ||
        number->retries >= (int)rejection->retries) {
        number->retry_at = 0;
        return true;
    }
    if (was_rejected)
        return true;
    if (!zone_of(tx, advance, &zone))
        return false;
    number->retry_at = business_time_add(advance->porting->calendar, now, rejection->retry_days, zone);
    return true;
}

static bool change_number(struct db_tx *tx, struct advance *advance, struct batch *batch,
    struct number_row *number, const struct number_news *news, int64_t known_at)
{
    int64_t now = clock_now(advance->porting->clock);
    struct number_row before = *number;
    bool changed = number->status != news->truth.status;
    bool completed = news->truth.status == NUMBER_STATUS_COMPLETED;
    bool same_refusal = !changed && text_equal(number->rejection, news->rejection);
    advance->news |= changed || !text_equal(number->firm_date, news->firm_date) ||
                     !text_equal(number->rejection, news->rejection);
    number->status = news->truth.status;
    number->status_since = changed ? now : number->status_since;
    number->carrier_time = news->truth.carrier_time;
    number->asked_at = news->truth.asked_at;
    number->rejection = news->rejection;
    number->rejection_words = news->rejection_words;
    /* What was committed stays readable after the move. */
    number->firm_date = completed && !news->firm_date.len ? number->firm_date : news->firm_date;
    number->firm_at = completed && !news->firm_at ? number->firm_at : news->firm_at;
    number->ported_at = completed && changed ? now : number->ported_at;
    if (!set_retry(tx, advance, number, same_refusal))
        return false;
    /* Only that it was asked for again: the order's own time tells that. */
    before.asked_at = known_at ? number->asked_at : before.asked_at;
    if (!batch_is_alike(&before, number))
        batch->changed[batch->changed_count++] = number;
    return true;
}

/* An order that was replaced before it ended: if the carrier completed the number all the same, or will not cancel it, that is the
 * truth, and the attempt that would have replaced it is not needed for this number any more. */
static bool comes_back(const struct advance *advance, const struct order_row *order,
    const struct number_row *number, const struct number_news *news)
{
    bool goes_on = news->cancel_refused && !number_status_is_terminal(news->truth.status) &&
                   news->truth.status != NUMBER_STATUS_CANCELING;
    if ((news->truth.status != NUMBER_STATUS_COMPLETED && !goes_on) ||
        number_status_is_terminal(number->status))
        return false;
    for (size_t i = 0; i < advance->orders_count; i++) {
        const struct order_row *latest = &advance->orders[i];
        if (text_equal(latest->id, number->order))
            return text_equal(latest->replaces, order->id) && latest->phase == ORDER_WAITING;
    }
    return false;
}

bool advance_bring_back(
    struct db_tx *tx, struct advance *advance, const struct order_row *order, struct number_row *number)
{
    db_exec(tx, "DELETE FROM order_number WHERE account = $1 AND carrier_order = $2 AND e164 = $3",
        DB_ARGS(db_text(order->account), db_text(number->order), db_text(number->e164)));
    number->order = order->id;
    return db_exec(tx, "UPDATE port_number SET carrier_order = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(advance->request.account), db_text(number->id), db_text(order->id)));
}

/* What the timeline tells of a change, once for all numbers that share it. */
struct tale {
    enum timeline_event event;
    struct text about;
    struct number_row *first;
    struct text was; /* the firm date before */
    size_t count;
};

struct tales {
    struct tale *items;
    size_t count;
};

static void add_tale(
    struct tales *tales, enum timeline_event event, struct text about, struct number_row *number)
{
    for (size_t i = 0; i < tales->count; i++)
        if (tales->items[i].event == event && text_equal(tales->items[i].about, about)) {
            tales->items[i].count++;
            return;
        }
    tales->items[tales->count++] = (struct tale){.event = event, .about = about, .first = number, .count = 1};
}

static struct text firm_date_words(struct advance *advance, struct arena *arena, struct text firm_date)
{
    struct date date;
    if (!date_parse(firm_date, &date))
        return firm_date;
    return date_short(arena, date, clock_date(clock_now(advance->porting->clock), TEXT_EMPTY));
}

static struct text rejection_words_of(struct arena *arena, struct text rejection)
{
    enum rejection_reason reason = REJECTION_OTHER;
    rejection_parse(rejection, &reason);
    return words_say(arena, LANGUAGE_EN, rejection_short_word(reason), WORD_NO_ARGS);
}

static const enum timeline_event status_events[NUMBER_STATUS_COUNT] = {
    [NUMBER_STATUS_IN_REVIEW] = EVENT_IN_REVIEW,
    [NUMBER_STATUS_WAITING_FOR_SIGNATURE] = EVENT_WAITING_FOR_SIGNATURE,
    [NUMBER_STATUS_SUBMITTED] = EVENT_PORT_SUBMITTED,
    [NUMBER_STATUS_PENDING] = EVENT_PENDING,
    [NUMBER_STATUS_REJECTED] = EVENT_REJECTED,
    [NUMBER_STATUS_COMPLETED] = EVENT_COMPLETED,
    [NUMBER_STATUS_CANCELED] = EVENT_CANCELED,
    [NUMBER_STATUS_EXPIRED] = EVENT_EXPIRED,
    [NUMBER_STATUS_NOT_PORTABLE] = EVENT_NOT_PORTABLE,
};

static struct text event_about(struct advance *advance, struct arena *arena, const struct number_news *news)
{
    switch (news->truth.status) {
    case NUMBER_STATUS_WAITING_FOR_SIGNATURE:
        return advance->request.fields.owner_name;
    case NUMBER_STATUS_SUBMITTED:
    case NUMBER_STATUS_PENDING:
    case NUMBER_STATUS_COMPLETED:
        return losing_carrier_name(advance->porting, &advance->request.fields);
    case NUMBER_STATUS_REJECTED:
        return rejection_words_of(arena, news->rejection);
    case NUMBER_STATUS_NOT_PORTABLE:
    case NUMBER_STATUS_CANCELED:
        return news->rejection_words;
    default:
        return TEXT_EMPTY;
    }
}

/* A date is news while the number is under way: set, another one, or taken back, whichever state it comes with. */
static void tell_date(struct advance *advance, struct arena *arena, struct tales *tales,
    const struct number_row *before, struct number_row *number)
{
    bool pending = number->status == NUMBER_STATUS_PENDING;
    bool back = before->firm_date.len && number_status_rank(number->status) >= 0;
    if (text_equal(before->firm_date, number->firm_date) || (!pending && !back))
        return;
    enum timeline_event event = !number->firm_date.len  ? EVENT_FIRM_DATE_LOST
                                : before->firm_date.len ? EVENT_FIRM_DATE_MOVED
                                                        : EVENT_FIRM_DATE;
    size_t known = tales->count;
    add_tale(tales, event, firm_date_words(advance, arena, number->firm_date), number);
    if (tales->count > known)
        tales->items[known].was = before->firm_date;
}

/* The day on which it is sent again, in the customer's zone. */
static struct text retry_words(struct db_tx *tx, struct advance *advance, const struct number_row *number)
{
    struct text zone;
    if (!zone_of(tx, advance, &zone))
        return TEXT_EMPTY;
    return date_short(db_arena(tx), clock_date(number->retry_at, zone),
        clock_date(clock_now(advance->porting->clock), zone));
}

/* Nobody here asked for it. */
static bool ended_there(const struct order_row *order, const struct number_news *news)
{
    return news->truth.status == NUMBER_STATUS_CANCELED && order->carrier_ref.len && !order->cancel_wanted &&
           news->rejection_words.len;
}

/* Collects what is to be told of one number's change; `before` is the number as it was. */
static void tell_change(struct db_tx *tx, struct advance *advance, struct tales *tales,
    const struct order_row *order, const struct number_row *before, struct number_row *number,
    const struct number_news *news)
{
    struct arena *arena = db_arena(tx);
    bool came_back = !text_equal(before->order, number->order);
    if (before->status == NUMBER_STATUS_WAITING_FOR_SIGNATURE &&
        number_status_rank(number->status) > number_status_rank(NUMBER_STATUS_WAITING_FOR_SIGNATURE))
        add_tale(tales, EVENT_SIGNED, TEXT_EMPTY, number);
    if (before->status != number->status && status_events[number->status]) {
        bool there = ended_there(order, news);
        bool plain = number->status == NUMBER_STATUS_CANCELED && !there;
        add_tale(tales, there ? EVENT_CANCELED_THERE : status_events[number->status],
            plain ? TEXT_EMPTY : event_about(advance, arena, news), number);
    }
    tell_date(advance, arena, tales, before, number);
    if (number->retry_at && number->retry_at != before->retry_at)
        add_tale(tales, EVENT_RETRY_SET, retry_words(tx, advance, number), number);
    /* It goes on, or has moved: whoever asked to cancel came too late. */
    bool goes_on = number_status_rank(number->status) >= 0 || number->status == NUMBER_STATUS_COMPLETED;
    bool we_asked = before->status == NUMBER_STATUS_CANCELING && order->cancel_wanted;
    if ((we_asked && goes_on) || (news->cancel_refused && came_back))
        add_tale(tales, EVENT_CANCEL_REFUSED, TEXT_EMPTY, number);
}

/* Our cancel has not reached the carrier yet: a state under way is not its answer, however new it is. Its time is kept, so that the same
 * state is none afterwards either. */
static bool before_cancel(
    const struct order_row *order, const struct number_row *number, const struct number_news *news)
{
    return number->status == NUMBER_STATUS_CANCELING && order->cancel_wanted && !order->cancel_sent_at &&
           !news->cancel_refused && !number_status_is_terminal(news->truth.status) &&
           news->truth.status != NUMBER_STATUS_CANCELING && news->truth.carrier_time > number->carrier_time;
}

static bool keep_carrier_time(
    struct db_tx *tx, const struct advance *advance, struct number_row *number, int64_t carrier_time)
{
    number->carrier_time = carrier_time;
    return db_exec(tx, "UPDATE port_number SET carrier_time = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(advance->request.account), db_text(number->id), db_int(carrier_time)));
}

/* The carrier itself said canceling of the number when the order was read before (our own wish to cancel has no word of its). When
 * the number is under way again, the carrier did not cancel, whoever asked it to. */
static bool was_canceling(const struct number_news *was)
{
    return was && was->truth.status == NUMBER_STATUS_CANCELING && was->carrier_status.len > 0;
}

/* When the number was asked for last: a re-read of the order that brought nothing new of it is noted with the order alone. */
static int64_t known_since(
    const struct advance *advance, const struct order_row *order, const struct number_row *number)
{
    bool by_order =
        advance->reread && text_equal(number->order, order->id) && number->status != NUMBER_STATUS_CANCELING;
    return by_order ? order->synced_at : 0;
}

static bool take_one(struct db_tx *tx, struct advance *advance, struct order_row *order,
    const struct number_news *given, const struct said *said, struct batch *batch, struct tales *tales)
{
    struct number_news *news = ARENA_NEW(db_arena(tx), struct number_news);
    *news = *given;
    struct number_row *number = find_number(advance, news->e164);
    if (!number)
        return db_ok(tx); /* the carrier speaks of a number that we never gave it */
    struct number_row before = *number;
    const struct number_news *was = said_find(said, news->e164);
    /* A re-read that a newer one has overtaken says nothing of the order any more. */
    bool overtaken = news->truth.asked_at < order->synced_at;
    bool moved_on = !text_equal(number->order, order->id);
    bool let_go = !overtaken && was_canceling(was);
    if (moved_on && let_go)
        news->cancel_refused = true;
    if (!overtaken && !said_is(was, news))
        batch->said[batch->said_count++] = news;
    int64_t known_at = known_since(advance, order, number);
    if (moved_on) {
        if (!comes_back(advance, order, number, news))
            return db_ok(tx);
        advance_bring_back(tx, advance, order, number);
    }
    if (!let_go && before_cancel(order, number, news))
        return keep_carrier_time(tx, advance, number, news->truth.carrier_time);
    struct number_truth now = {
        number->status, number->carrier_time, known_at > number->asked_at ? known_at : number->asked_at};
    struct number_reread reread = {news->truth, news->cancel_refused || let_go};
    if (number_may_change(&now, &reread) != NUMBER_CHANGE_TAKE)
        return db_ok(tx);
    if (!change_number(tx, advance, batch, number, news, known_at))
        return false;
    batch_end_number(batch, number);
    tell_change(tx, advance, tales, order, &before, number, news);
    return db_ok(tx);
}

/* How many numbers of the request the order has now; a line about all of them needs no number in it. */
static size_t numbers_of(const struct advance *advance, const struct order_row *order)
{
    size_t count = 0;
    for (size_t i = 0; i < advance->numbers_count; i++)
        count += text_equal(advance->numbers[i].order, order->id) ? 1 : 0;
    return count;
}

/* A date is told once for each order and day; when it was taken back in between, once more. */
static bool notify_date(
    struct db_tx *tx, const struct advance *advance, const struct order_row *order, const struct tale *tale)
{
    bool lost = tale->event == EVENT_FIRM_DATE_LOST;
    struct text day = lost ? tale->was : tale->first->firm_date;
    int64_t others =
        db_number(tx, "SELECT count(*) FROM timeline WHERE account = $1 AND request = $2 AND event = $3",
            DB_ARGS(db_text(order->account), db_text(order->request),
                db_text(text_from(timeline_event_name(lost ? EVENT_FIRM_DATE : EVENT_FIRM_DATE_LOST)))),
            0);
    struct text once = text_format(db_arena(tx), "%s:%.*s:%.*s:%lld", lost ? "lost" : "date",
        TEXT_ARG(order->id), TEXT_ARG(day), (long long)others);
    return advance_notify(tx, advance,
        lost                                   ? NOTICE_DATE_LOST
        : tale->event == EVENT_FIRM_DATE_MOVED ? NOTICE_DATE_MOVED
                                               : NOTICE_DATE_SET,
        order->id, once);
}

static bool notify_tale(
    struct db_tx *tx, const struct advance *advance, const struct order_row *order, const struct tale *tale)
{
    struct arena *arena = db_arena(tx);
    switch (tale->event) {
    case EVENT_FIRM_DATE:
    case EVENT_FIRM_DATE_MOVED:
    case EVENT_FIRM_DATE_LOST:
        return notify_date(tx, advance, order, tale);
    case EVENT_NOT_PORTABLE:
        return advance_notify(tx, advance, NOTICE_NOT_PORTABLE, order->id,
            text_format(arena, "not_portable:%.*s", TEXT_ARG(order->id)));
    case EVENT_CANCEL_REFUSED:
        return advance_notify(tx, advance, NOTICE_CANCEL_REFUSED, order->id,
            text_format(
                arena, "cancel_refused:%.*s:%lld", TEXT_ARG(order->id), (long long)order->cancel_sent_at));
    default:
        return db_ok(tx);
    }
}

static bool write_tales(struct db_tx *tx, struct advance *advance, struct order_row *order,
    struct tales *tales, const struct news_source *source)
{
    bool single = advance->numbers_count == 1;
    for (size_t i = 0; i < tales->count; i++) {
        struct tale *tale = &tales->items[i];
        struct news_source by = *source;
        if (tale->event == EVENT_SIGNED && by.actor != ACTOR_TEAM)
            by = (struct news_source){ACTOR_SIGNER, advance->request.fields.owner_name};
        bool all = single || tale->count == numbers_of(advance, order);
        if (!notify_tale(tx, advance, order, tale))
            return false;
        advance_tell(tx, advance, tale->event, &by, all ? TEXT_EMPTY : tale->first->e164, tale->about);
        if (tale->event == EVENT_SIGNED)
            db_exec(tx, "UPDATE carrier_order SET signed_at = $3 WHERE account = $1 AND id = $2",
                DB_ARGS(
                    db_text(order->account), db_text(order->id), db_int(clock_now(advance->porting->clock))));
    }
    return db_ok(tx);
}

bool advance_take(struct db_tx *tx, struct advance *advance, struct order_row *order,
    const struct number_news *news, size_t count, const struct news_source *source)
{
    /* At most a status, a signature, a date, a retry and a refusal for each number. */
    struct tales tales = {ARENA_ARRAY(db_arena(tx), struct tale, 5 * count + 1), 0};
    struct batch batch = batch_new(db_arena(tx), count);
    struct said said;
    if (!said_read(tx, order, &said))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!take_one(tx, advance, order, &news[i], &said, &batch, &tales))
            return false;
    if (!batch_write(tx, advance, order, &batch))
        return false;
    if (batch.completed_count && order->carrier_ref.len)
        job_add(tx, advance->porting->clock,
            &(struct job_new){.account = order->account, .kind = JOB_ORDER_READY, .subject = order->id});
    return write_tales(tx, advance, order, &tales, source);
}
