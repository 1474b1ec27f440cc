/* Portability: which numbers of an order the carrier takes, which it does not, and which a person can bring to it. */
#include <stdlib.h>

#include "porting/advance.h"
#include "porting/new_order.h"
#include "porting/place.h"

/* Numbers whose portability is asked for in one run: what is longer goes on in the next, so that nobody waits for a job of minutes. */
#define ASK_BATCH 100

enum verdict { VERDICT_GO, VERDICT_STOP, VERDICT_BY_HAND };

struct verdicts {
    struct place *place;
    struct number_row *numbers; /* that were asked for in this run, by their e164 */
    size_t count;
    bool more; /* there are others behind them */
    enum verdict *each;
    struct text *reasons;
    size_t going;
};

/* How many numbers in a row the carrier may leave unanswered before the others are not asked for. */
#define UNHEARD_MAX 3

static enum verdict verdict_of(enum portability portability)
{
    if (portability == PORTABILITY_NO)
        return VERDICT_STOP;
    /* What is with the carrier already is not ported: a person looks whose it is, and takes it over. */
    bool by_hand = portability == PORTABILITY_MANUAL || portability == PORTABILITY_HERE;
    return by_hand ? VERDICT_BY_HAND : VERDICT_GO;
}

static int by_e164(const void *a, const void *b)
{
    return text_compare(((const struct number_row *)a)->e164, ((const struct number_row *)b)->e164);
}

/* The next numbers in their order, so that one text tells how far it is. */
static void next_batch(struct place *place, struct verdicts *ret)
{
    struct number_row *numbers = ARENA_ARRAY(place->arena, struct number_row, place->numbers_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < place->numbers_count; i++)
        if (text_compare(place->numbers[i].e164, place->order.asked_to) > 0)
            numbers[count++] = place->numbers[i];
    qsort(numbers, count, sizeof *numbers, by_e164);
    *ret = (struct verdicts){.place = place,
        .numbers = numbers,
        .count = count < ASK_BATCH ? count : ASK_BATCH,
        .more = count > ASK_BATCH,
        .each = ARENA_ARRAY(place->arena, enum verdict, ASK_BATCH),
        .reasons = ARENA_ARRAY(place->arena, struct text, ASK_BATCH)};
}

/* Asks for each number of a batch. A carrier that cannot tell stops nobody: the create will say. One that does not answer at all is not
 * asked a hundred times, each with its time-out; one that wants to be left alone is asked for the rest of them later. */
static void ask_portability(struct place *place, struct verdicts *ret, int64_t *ret_again_at)
{
    const struct lease *lease = &place->lease;
    int unheard = 0;
    next_batch(place, ret);
    for (size_t i = 0; i < ret->count; i++) {
        struct portability_answer answer;
        struct problem silence = {0};
        ret->each[i] = VERDICT_GO;
        if (unheard < UNHEARD_MAX &&
            lease->api->portability(lease->carrier, ret->numbers[i].e164, place->arena, &answer, &silence)) {
            unheard = 0;
            ret->reasons[i] = answer.reason.len
                                  ? answer.reason
                                  : text_format(place->arena, "%lld", (long long)answer.reason_code);
            ret->each[i] = verdict_of(answer.portability);
        } else if (lease_rests(lease, place->porting->clock, ret_again_at, &silence)) {
            ret->count = i;
            ret->more = true;
            return;
        } else
            unheard++;
        ret->going += ret->each[i] == VERDICT_GO ? 1 : 0;
    }
}

static bool stop_numbers(
    struct db_tx *tx, struct advance *advance, struct order_row *order, const struct verdicts *verdicts)
{
    struct news_source by = {ACTOR_GAINING_CARRIER, text_from(advance->porting->gaining->label)};
    struct number_news *news = ARENA_ARRAY(db_arena(tx), struct number_news, verdicts->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < verdicts->count; i++)
        if (verdicts->each[i] == VERDICT_STOP)
            news[count++] = (struct number_news){.e164 = verdicts->numbers[i].e164,
                .truth = {NUMBER_STATUS_NOT_PORTABLE, 0, clock_now(advance->porting->clock)},
                .rejection_words = verdicts->reasons[i]};
    return !count || advance_take(tx, advance, order, news, count, &by);
}

/* Numbers that the API does not take but a person can go into an order that the porting team works. */
static bool move_by_hand(struct db_tx *tx, struct advance *advance, const struct verdicts *verdicts)
{
    const struct place *place = verdicts->place;
    struct new_order manual = {.account = place->account,
        .request = place->request.id,
        .carrier = TEXT("manual"),
        .way = place->order.way,
        .attempt = place->order.attempt};
    bool made = false;
    for (size_t i = 0; i < verdicts->count; i++) {
        struct number_row *number = &verdicts->numbers[i];
        if (verdicts->each[i] != VERDICT_BY_HAND)
            continue;
        if (!made)
            new_order(tx, place->porting, &manual);
        made = true;
        new_order_numbers(tx, &manual, &number->e164, 1);
        db_exec(tx, "DELETE FROM order_number WHERE account = $1 AND carrier_order = $2 AND e164 = $3",
            DB_ARGS(db_text(place->account), db_text(place->id), db_text(number->e164)));
        db_exec(tx,
            "UPDATE port_number SET carrier_order = $3, rejection_words = $4 WHERE account = $1 AND id = $2",
            DB_ARGS(db_text(place->account), db_text(number->id), db_text(id_text(&manual.id)),
                db_text_or_null(verdicts->reasons[i])));
    }
    if (made)
        advance_tell(tx, advance, EVENT_ORDER_MANUAL, &(struct news_source){ACTOR_PORTDESK, TEXT_EMPTY},
            TEXT_EMPTY, TEXT_EMPTY);
    return db_ok(tx);
}

static bool keep_asked(struct db_tx *tx, const struct place *place, struct text e164)
{
    return db_exec(tx, "UPDATE carrier_order SET asked_to = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(place->account), db_text(place->id), db_text(e164)));
}

static bool verdicts_closure(struct db_tx *tx, void *context)
{
    struct verdicts *verdicts = context;
    struct place *place = verdicts->place;
    struct advance advance;
    place_keep_connection(tx, place);
    if (verdicts->count)
        keep_asked(tx, place, verdicts->numbers[verdicts->count - 1].e164);
    if (verdicts->going == verdicts->count)
        return db_ok(tx);
    if (!advance_load(tx, place->porting, place->account, place->request.id, &advance))
        return false;
    struct order_row *order = advance_order(&advance, place->id);
    if (order->phase != ORDER_NEW)
        return db_ok(tx); /* canceled meanwhile */
    stop_numbers(tx, &advance, order, verdicts);
    move_by_hand(tx, &advance, verdicts);
    int64_t left = db_number(tx,
        "SELECT count(*) FROM order_number WHERE account = $1 AND carrier_order = $2 AND status ="
        " 'in_review'",
        DB_ARGS(db_text(place->account), db_text(place->id)), 1);
    if (!left)
        advance_phase(tx, order, ORDER_ENDED);
    return advance_load(tx, place->porting, place->account, place->request.id, &advance) &&
           advance_roll_up(tx, &advance);
}

bool place_look_at_portability(struct place *place, int64_t *ret_again_at, struct problem *problem)
{
    struct verdicts verdicts;
    if (place->order.attempt > 1 || !place->lease.api->can->asks_portability)
        return true;
    ask_portability(place, &verdicts, ret_again_at);
    if (verdicts.more && !*ret_again_at)
        *ret_again_at = clock_now(place->porting->clock);
    return (verdicts.going == verdicts.count && !verdicts.more) ||
           (db_write(place->porting->db, verdicts_closure, &verdicts, problem) &&
               (verdicts.more || db_read(place->porting->db, place_read, place, problem)));
}
