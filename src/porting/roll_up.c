/* From the numbers to the request: its status, whose turn it is, and what its end brings. */
#include "notices/notice.h"
#include "people/people.h"
#include "porting/acting.h"
#include "porting/desk.h"
#include "porting/watch.h"

static struct number_in_roll_up *collect(struct db_tx *tx, const struct advance *advance)
{
    struct number_in_roll_up *numbers =
        ARENA_ARRAY(db_arena(tx), struct number_in_roll_up, advance->numbers_count + 1);
    for (size_t i = 0; i < advance->numbers_count; i++)
        numbers[i] =
            watch_number(advance->porting, advance->orders, advance->orders_count, &advance->numbers[i]);
    return numbers;
}

static bool notify_one(struct db_tx *tx, const struct advance *advance, enum notice_kind kind,
    struct text order, struct text once_key, struct text name, struct text address)
{
    return notice_queue(tx, advance->porting->clock,
        &(struct notice_new){.account = advance->request.account,
            .request = advance->request.id,
            .order = order,
            .kind = kind,
            .once_key = once_key,
            .to_name = name,
            .to_address = address});
}

bool advance_notify(
    struct db_tx *tx, const struct advance *advance, int notice_kind, struct text order, struct text once_key)
{
    const struct request_row *request = &advance->request;
    enum notice_kind kind = (enum notice_kind)notice_kind;
    if (kind == NOTICE_SIGNATURE_REMINDER)
        return notify_one(
            tx, advance, kind, order, once_key, request->fields.owner_name, request->fields.owner_email);
    struct user owner, user;
    struct arena *arena = db_arena(tx);
    bool has_requester = request_requester(tx, request, arena, &user);
    bool has_owner = account_owner(tx, arena, request->account, &owner);
    /* What somebody must act on goes to the requester whatever they chose; when there is none any more, to the owner. */
    bool is_same = has_owner && has_requester && text_equal(owner.id, user.id);
    if (has_owner && notice_is_wanted(kind, owner.notices_off, is_same || !has_requester))
        notify_one(tx, advance, kind, order, once_key, owner.name, owner.email);
    if (has_requester && !is_same && notice_is_wanted(kind, user.notices_off, true))
        notify_one(tx, advance, kind, order, once_key, user.name, user.email);
    return db_ok(tx);
}

/* One notice for each order and time of refusal, however many numbers were refused together; a number that was mended and is
 * refused once more is news. */
static bool notify_rejected(struct db_tx *tx, struct advance *advance)
{
    for (size_t i = 0; i < advance->numbers_count; i++) {
        const struct number_row *number = &advance->numbers[i];
        if (number->status != NUMBER_STATUS_REJECTED)
            continue;
        struct text once = text_format(
            db_arena(tx), "rejected:%.*s:%lld", TEXT_ARG(number->order), (long long)number->status_since);
        if (!advance_notify(
                tx, advance, number->retry_at ? NOTICE_RETRY : NOTICE_REJECTED, number->order, once))
            return false;
    }
    return db_ok(tx);
}

bool pin_wipe(struct db_tx *tx, struct porting *porting, struct text account, struct text request)
{
    (void)porting;
    return db_exec(tx, "DELETE FROM port_pin WHERE account = $1 AND request = $2",
        DB_ARGS(db_text(account), db_text(request)));
}

static bool notify_end(struct db_tx *tx, struct advance *advance, enum request_status status)
{
    struct text id = advance->request.id;
    struct arena *arena = db_arena(tx);
    if (status == REQUEST_STATUS_COMPLETED || status == REQUEST_STATUS_PARTLY_COMPLETED)
        return advance_notify(
            tx, advance, NOTICE_COMPLETED, TEXT_EMPTY, text_format(arena, "completed:%.*s", TEXT_ARG(id)));
    if (status == REQUEST_STATUS_CANCELED)
        return advance_notify(tx, advance, NOTICE_CANCELED, TEXT_EMPTY,
            text_format(arena, "canceled:%.*s:%d", TEXT_ARG(id), advance->request.attempt));
    if (status == REQUEST_STATUS_EXPIRED)
        return advance_notify(tx, advance, NOTICE_EXPIRED, TEXT_EMPTY,
            text_format(arena, "expired:%.*s:%d", TEXT_ARG(id), advance->request.attempt));
    return db_ok(tx);
}

static bool end_request(struct db_tx *tx, struct advance *advance, enum request_status status)
{
    struct request_row *request = &advance->request;
    int64_t pins = db_number(tx, "SELECT count(*) FROM port_pin WHERE account = $1 AND request = $2",
        DB_ARGS(db_text(request->account), db_text(request->id)), 0);
    if (pins) {
        pin_wipe(tx, advance->porting, request->account, request->id);
        advance_tell(tx, advance, EVENT_PIN_WIPED, &(struct news_source){ACTOR_PORTDESK, TEXT_EMPTY},
            TEXT_EMPTY, TEXT_EMPTY);
    }
    /* Whatever ended otherwise may be corrected and sent again: then it goes some days later (janitor.h). */
    if (status == REQUEST_STATUS_COMPLETED)
        db_exec(tx, "UPDATE port_request SET account_number_sealed = NULL WHERE account = $1 AND id = $2",
            DB_ARGS(db_text(request->account), db_text(request->id)));
    return notify_end(tx, advance, status);
}

/* What the lists show of the numbers. */
struct summary {
    int64_t count, completed;
    struct text first_number, firm_date;
    int64_t ported_at;
    bool team_waits;
    uint32_t desk_why; /* bits of enum desk_why */
};

static struct text least(struct text a, struct text b)
{
    return !a.len || (b.len && text_compare(b, a) < 0) ? b : a;
}

/* Why the number puts the request on the porting team's desk. */
static uint32_t desk_why_of(
    const struct advance *advance, const struct number_row *number, const struct number_in_roll_up *rolled)
{
    bool open = number->status == NUMBER_STATUS_IN_REVIEW || number->status == NUMBER_STATUS_SUBMITTED ||
                number->status == NUMBER_STATUS_CANCELING;
    if (number->status == NUMBER_STATUS_REJECTED && rolled->rejection_turn == TURN_PORTING_TEAM)
        return DESK_BIT(DESK_CORRECTION);
    if (!rolled->by_hand || !open)
        return 0;
    for (size_t i = 0; i < advance->orders_count; i++)
        if (text_equal(advance->orders[i].id, number->order))
            return DESK_BIT(text_is(advance->orders[i].carrier, "manual") ? DESK_BY_HAND : DESK_UNCLEAR);
    return 0;
}

static struct summary sum_up(const struct advance *advance, const struct number_in_roll_up *numbers)
{
    struct summary sum = {.count = (int64_t)advance->numbers_count};
    for (size_t i = 0; i < advance->numbers_count; i++) {
        const struct number_row *number = &advance->numbers[i];
        sum.completed += number->status == NUMBER_STATUS_COMPLETED ? 1 : 0;
        sum.first_number = least(sum.first_number, number->e164);
        sum.firm_date = least(sum.firm_date, number->firm_date);
        sum.ported_at = number->ported_at > sum.ported_at ? number->ported_at : sum.ported_at;
        sum.team_waits |= numbers[i].by_hand && (number->status == NUMBER_STATUS_IN_REVIEW ||
                                                    number->status == NUMBER_STATUS_SUBMITTED ||
                                                    number->status == NUMBER_STATUS_CANCELING);
        sum.desk_why |= desk_why_of(advance, number, &numbers[i]);
    }
    return sum;
}

/* Its place on the desk, in the customer's business hours; the zone is read only when something waits. */
static bool place_on_desk(struct db_tx *tx, struct advance *advance, const struct summary *sum, bool team,
    int64_t team_since, struct desk_place *ret)
{
    const struct request_row *row = &advance->request;
    uint32_t why = !team ? 0 : sum->desk_why | (row->escalated ? DESK_BIT(DESK_SILENT) : 0);
    *ret = (struct desk_place){0};
    if (!team && !row->asked_since && !row->mail_refused_at)
        return true;
    if (!advance->zone.len && !watch_zone(tx, row, db_arena(tx), &advance->zone))
        return false;
    *ret = desk_place_of(
        advance->porting, row, team && !why ? DESK_BIT(DESK_BY_HAND) : why, team_since, advance->zone);
    return true;
}

static bool write_roll_up(struct db_tx *tx, struct advance *advance, const struct summary *sum, bool ends,
    int64_t changed_at, bool news)
{
    const struct request_row *request = &advance->request;
    int64_t now = clock_now(advance->porting->clock);
    bool team = request->turn == TURN_PORTING_TEAM || (!ends && (sum->team_waits || request->escalated));
    int64_t team_since = !team ? 0 : request->team_since ? request->team_since : now;
    struct desk_place place;
    if (!place_on_desk(tx, advance, sum, team, team_since, &place))
        return false;
    return db_exec(tx,
        "UPDATE port_request SET status = $3, turn = $4, turn_since = $5, ended_at = $6, changed_at = $7,"
        " numbers_count = $8, numbers_completed = $9, first_number = $10, firm_date = $11, ported_at = $12,"
        " team_waits = $13, team_since = $14, escalated = $15, watch_at = CASE WHEN $16 > 0 THEN $16 ELSE watch_at END,"
        " desk_why = $17, desk_since = $18, desk_due = $19 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(request->account), db_text(request->id),
            db_text(text_from(request_status_name(request->status))),
            db_text(text_from(turn_name(request->turn))), db_int(request->turn_since),
            ends ? db_int(request->ended_at ? request->ended_at : now) : db_null(), db_int(changed_at),
            db_int(sum->count), db_int(sum->completed), db_text_or_null(sum->first_number),
            db_text_or_null(sum->firm_date), db_int_or_null(sum->ported_at), db_int(team),
            db_int_or_null(team_since), db_int(!ends && request->escalated), db_int(news ? now : 0),
            db_int(place.why), db_int_or_null(place.since), db_int_or_null(place.due)));
}

bool advance_roll_up(struct db_tx *tx, struct advance *advance)
{
    struct request_row *request = &advance->request;
    struct number_in_roll_up *numbers = collect(tx, advance);
    enum request_status status = request_roll_up(numbers, advance->numbers_count, NULL);
    enum turn turn = request_turn(numbers, advance->numbers_count);
    int64_t now = clock_now(advance->porting->clock);
    bool ends = request_status_is_terminal(status);
    if (ends && !request_status_is_terminal(request->status) && !end_request(tx, advance, status))
        return false;
    if (status == REQUEST_STATUS_ACTION_REQUIRED && !notify_rejected(tx, advance))
        return false;
    if (turn != request->turn)
        request->turn_since = now;
    /* Who was slow has moved; whether somebody else is, the next look at the turn tells. */
    request->escalated &= turn == request->turn && status == request->status;
    bool news = !advance->reread || advance->news || turn != request->turn || status != request->status;
    int64_t changed_at = news ? now : request->changed_at;
    request->status = status;
    request->turn = turn;
    struct summary sum = sum_up(advance, numbers);
    return write_roll_up(tx, advance, &sum, ends, changed_at, news);
}
