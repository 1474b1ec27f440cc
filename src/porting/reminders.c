#include "porting/reminders.h"

#include "notices/notice.h"
#include "people/people.h"
#include "porting/submit.h"

static const struct news_source desk = {ACTOR_PORTDESK, {NULL, 0}};

/* The same reminder of the same wait goes out once, however often the transaction is tried. */
static struct text once(
    struct db_tx *tx, const struct advance *advance, const struct watch *watch, const char *what)
{
    return text_format(db_arena(tx), "%s:%.*s:%s:%lld:%u", what, TEXT_ARG(advance->request.id),
        wait_name(watch->wait), (long long)watch->since, watch->reminders);
}

/* ---- The signer ---- */

/* Whether the order has a letter that waits and can be opened by its link. */
static bool has_letter(const struct advance *advance, const struct order_row *order)
{
    for (size_t i = 0; i < advance->numbers_count && order->signature_url.len; i++)
        if (advance->numbers[i].status == NUMBER_STATUS_WAITING_FOR_SIGNATURE &&
            text_equal(advance->numbers[i].order, order->id))
            return true;
    return false;
}

/* Each letter that waits has its own link. Returns how many there are. */
static size_t remind_signer(struct db_tx *tx, const struct advance *advance, const struct news_source *by)
{
    int64_t now = clock_now(advance->porting->clock);
    const struct request_row *row = &advance->request;
    size_t letters = 0;
    for (size_t i = 0; i < advance->orders_count; i++) {
        const struct order_row *order = &advance->orders[i];
        if (!has_letter(advance, order))
            continue;
        struct text key =
            text_format(db_arena(tx), "reminder:%.*s:%lld", TEXT_ARG(order->id), (long long)now);
        advance_notify(tx, advance, NOTICE_SIGNATURE_REMINDER, order->id, key);
        letters++;
    }
    if (!letters)
        return 0;
    advance_tell(tx, advance, EVENT_REMINDER_SENT, by, TEXT_EMPTY, row->fields.owner_email);
    db_exec(tx, "UPDATE port_request SET reminded_at = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id), db_int(now)));
    return letters;
}

/* ---- The porting team ---- */

static bool tell_team(struct db_tx *tx, const struct advance *advance, struct text once_key)
{
    struct account operator_account;
    struct user *users;
    size_t count;
    struct arena *arena = db_arena(tx);
    if (!account_of_operator(tx, arena, &operator_account) ||
        !users_of_account(tx, arena, operator_account.id, &users, &count))
        return db_ok(tx);
    for (size_t i = 0; i < count; i++)
        if (right_reach(users[i].role, RIGHT_DESK) == REACH_ALL)
            notice_queue(tx, advance->porting->clock,
                &(struct notice_new){.account = advance->request.account,
                    .request = advance->request.id,
                    .kind = NOTICE_TEAM,
                    .once_key = once_key,
                    .to_name = users[i].name,
                    .to_address = users[i].email});
    return db_ok(tx);
}

/* Who is waited for, for the line on the timeline. */
static struct text who(const struct advance *advance, const struct watch *watch)
{
    switch (wait_turn(watch->wait)) {
    case TURN_SIGNER:
        return advance->request.fields.owner_name;
    case TURN_LOSING_CARRIER:
        return losing_carrier_name(advance->porting, &advance->request.fields);
    case TURN_GAINING_CARRIER:
        return text_from(advance->porting->gaining->label);
    default:
        return TEXT_EMPTY;
    }
}

static bool remind(struct db_tx *tx, const struct advance *advance, const struct watch *watch)
{
    if (watch->wait == WAIT_SIGNATURE)
        return remind_signer(tx, advance, &desk) > 0 || db_ok(tx);
    if (watch->wait == WAIT_TEAM)
        return tell_team(tx, advance, once(tx, advance, watch, "team"));
    advance_tell(tx, advance, EVENT_CUSTOMER_REMINDED, &desk, TEXT_EMPTY, TEXT_EMPTY);
    return advance_notify(
        tx, advance, NOTICE_CORRECTION_REMINDER, TEXT_EMPTY, once(tx, advance, watch, "correction"));
}

static bool tell(struct db_tx *tx, const struct advance *advance, const struct watch *watch)
{
    bool letter = watch->wait == WAIT_SIGNATURE;
    advance_tell(tx, advance, EVENT_SLOW, &desk, TEXT_EMPTY, who(advance, watch));
    return advance_notify(tx, advance, letter ? NOTICE_LETTER_WAITS : NOTICE_CARRIER_SILENT, TEXT_EMPTY,
        once(tx, advance, watch, "tell"));
}

static bool escalate(struct db_tx *tx, const struct advance *advance, const struct watch *watch)
{
    struct text waits_for = who(advance, watch);
    struct text key = text_format(
        db_arena(tx), "%.*s:%lld", TEXT_ARG(once(tx, advance, watch, "ask")), (long long)watch->put_off);
    advance_tell(tx, advance, waits_for.len ? EVENT_ESCALATED : EVENT_ESCALATED_CUSTOMER, &desk, TEXT_EMPTY,
        waits_for);
    return tell_team(tx, advance, key);
}

bool reminders_send(
    struct db_tx *tx, const struct advance *advance, const struct watch *watch, enum watch_act act)
{
    switch (act) {
    case WATCH_REMIND:
        return remind(tx, advance, watch);
    case WATCH_TELL:
        return tell(tx, advance, watch);
    case WATCH_TEAM:
        return escalate(tx, advance, watch);
    default:
        return db_ok(tx);
    }
}

/* ---- By hand ---- */

struct by_hand {
    struct porting *porting;
    const struct actor *actor;
    struct text request;
};

static bool remind_closure(struct db_tx *tx, void *context)
{
    const struct by_hand *hand = context;
    struct request_row row;
    struct advance advance;
    if (!row_request(tx, hand->actor, RIGHT_REQUEST_WORK, hand->request, db_arena(tx), &row) ||
        !advance_load(tx, hand->porting, row.account, row.id, &advance))
        return false;
    if (row.reminded_at && clock_now(hand->porting->clock) - row.reminded_at < CLOCK_HOUR)
        return row_refuse(tx, PROBLEM_TOO_MANY, WORD_porting_reminded_already, NULL, NULL);
    struct news_source by = {timeline_actor_of(hand->actor), hand->actor->name};
    return remind_signer(tx, &advance, &by) > 0 ||
           (db_ok(tx) && row_refuse(tx, PROBLEM_CONFLICT, WORD_porting_nothing_to_sign, NULL, NULL));
}

bool request_remind(
    struct porting *porting, const struct actor *actor, struct text request, struct problem *problem)
{
    struct by_hand hand = {porting, actor, request};
    if (!db_write(porting->db, remind_closure, &hand, problem))
        return false;
    if (porting->jobs)
        jobs_wake(porting->jobs);
    return true;
}
