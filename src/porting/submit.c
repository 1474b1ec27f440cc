#include "porting/submit.h"

#include <stdio.h>

#include "base/failpoint.h"
#include "porting/acting.h"
#include "porting/advance.h"
#include "porting/claim.h"
#include "porting/new_order.h"
#include "porting/order.h"
#include "porting/view.h"
#include "rules/split.h"
#include "store/db_many.h"

#define SUBMIT_ARENA (16 * 1024 * 1024)

struct submit {
    struct porting *porting;
    const struct actor *actor;
    struct text key;
    const struct draft *draft;
    const struct split *split;
    bool repeated;
};

/* The first thing that must be put right, as a problem at its field. */
static bool refuse_faults(const struct draft *draft, struct problem *problem)
{
    for (size_t i = 0; i < draft->findings_count; i++) {
        const struct finding *finding = &draft->findings[i];
        if (finding->severity != SEVERITY_MUST)
            continue;
        char about[64];
        snprintf(about, sizeof about, "%.*s", TEXT_ARG(finding->about));
        /* A problem has no room for a second name. */
        enum word word = finding->who.len ? WORD_porting_number_personal : finding->word;
        return problem_set(problem, PROBLEM_INPUT, word, draft_field_name(finding->field), about, NULL);
    }
    return true;
}

static struct text *numbers_of(struct arena *arena, const struct split_order *order)
{
    struct text *numbers = ARENA_ARRAY(arena, struct text, order->numbers_count + 1);
    for (size_t i = 0; i < order->numbers_count; i++)
        numbers[i] = number_e164(&order->numbers[i]);
    return numbers;
}

static bool claim_all(struct db_tx *tx, const struct submit *submit)
{
    struct text account = id_text(&submit->draft->account);
    for (size_t i = 0; i < submit->split->orders_count; i++) {
        const struct split_order *order = &submit->split->orders[i];
        if (!claim_ports(tx, account, numbers_of(db_arena(tx), order), order->numbers_count))
            return false;
    }
    return true;
}

static bool make_numbers(struct db_tx *tx, const struct new_order *made, const struct split_order *order,
    int64_t now, struct advance *advance)
{
    static struct db_many many = DB_MANY(
        "INSERT INTO port_number (account, request, way, status, status_since, carrier_order, id, e164, claimed,"
        " e164_reversed) VALUES ",
        "($1, $2, $3, 'in_review', $4, $5, ?, ?, ?, ?)", "", 5, 4);
    struct arena *arena = db_arena(tx);
    struct text *numbers = numbers_of(arena, order), id = text_copy(arena, id_text(&made->id));
    const struct db_value shared[] = {
        db_text(made->account), db_text(made->request), db_text(made->way), db_int(now), db_text(id)};
    struct db_value *values = ARENA_ARRAY(arena, struct db_value, 4 * order->numbers_count + 1);
    struct id *ids = ARENA_ARRAY(arena, struct id, order->numbers_count + 1);
    for (size_t i = 0; i < order->numbers_count; i++) {
        struct text e164 = numbers[i];
        ids[i] = id_new(advance->porting->clock, "num");
        struct db_value *row = &values[4 * i];
        row[0] = db_text(id_text(&ids[i]));
        row[1] = row[2] = db_text(e164);
        row[3] = db_text(text_reverse(arena, text_part(e164, 1, e164.len)));
        advance->numbers[advance->numbers_count++] =
            (struct number_row){.e164 = e164, .order = id, .status = NUMBER_STATUS_IN_REVIEW};
    }
    return db_exec_many(tx, &many, shared, values, order->numbers_count, NULL) &&
           new_order_numbers(tx, made, numbers, order->numbers_count);
}

/* The order with its numbers: rows in the database, and in `advance`. */
static bool make_order(
    struct db_tx *tx, const struct submit *submit, const struct split_order *order, struct advance *advance)
{
    struct porting *porting = submit->porting;
    struct text account = advance->request.account, request = advance->request.id;
    int64_t now = clock_now(porting->clock);
    struct new_order made = {
        .account = account, .request = request, .attempt = 1, .way = text_from(way_name(order->way))};
    made.carrier = order_goes_by_api(porting->gaining->can, order->way) ? text_from(porting->gaining->name)
                                                                        : TEXT("manual");
    if (!new_order(tx, porting, &made))
        return false;
    struct text id = text_copy(db_arena(tx), id_text(&made.id));
    advance->orders[advance->orders_count++] =
        (struct order_row){.account = account, .id = id, .request = request, .carrier = made.carrier};
    return make_numbers(tx, &made, order, now, advance);
}

/* Its status and turn follow by the roll-up. */
static bool write_request(struct db_tx *tx, const struct submit *submit)
{
    const struct draft *draft = submit->draft;
    struct number btn;
    struct text e164 = draft->fields.btn;
    if (number_parse(draft->fields.btn, &btn, "btn", NULL))
        e164 = number_e164(&btn);
    return db_exec(tx,
        "UPDATE port_request SET btn = $3, submitted_by = $4, submitted_at = $5, wished_date = $6,"
        " acknowledged = $7, step = $8, wished_time = $9 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(id_text(&draft->account)), db_text(id_text(&draft->id)), db_text_or_null(e164),
            db_text(submit->actor->user), db_int(clock_now(submit->porting->clock)),
            db_text_or_null(draft->fields.wished_date), db_int(draft->fields.acknowledged),
            db_int(DRAFT_STEPS), db_text_or_null(draft->fields.wished_time)));
}

static bool tell(struct db_tx *tx, const struct submit *submit, const struct advance *advance)
{
    struct arena *arena = db_arena(tx);
    struct news_source by = {timeline_actor_of(submit->actor), submit->actor->name};
    struct news_source desk = {ACTOR_PORTDESK, TEXT_EMPTY};
    struct text numbers = words_say(arena, LANGUAGE_EN, WORD_porting_numbers_count,
        WORD_ARGS(WORD_NUMBER("count", (int64_t)advance->numbers_count)));
    advance_tell(tx, advance, EVENT_SUBMITTED, &by, TEXT_EMPTY, numbers);
    if (submit->split->orders_count > 1)
        advance_tell(tx, advance, EVENT_SPLIT, &desk, TEXT_EMPTY,
            text_format(arena, "%zu", submit->split->orders_count));
    for (size_t i = 0; i < submit->split->orders_count; i++)
        if (!order_goes_by_api(submit->porting->gaining->can, submit->split->orders[i].way)) {
            advance_tell(tx, advance, EVENT_ORDER_MANUAL, &desk, TEXT_EMPTY, TEXT_EMPTY);
            break;
        }
    return db_ok(tx);
}

/* What of the request may have changed since it was checked. */
static bool read_draft(struct db_tx *tx, const struct submit *submit, struct request_row *ret)
{
    struct text account = id_text(&submit->draft->account), id = id_text(&submit->draft->id);
    DB_ROWS rows = db_query(tx,
        "SELECT status, turn, turn_since, changed_at FROM port_request WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(account), db_text(id)));
    if (!db_next(rows))
        return row_refuse(tx, PROBLEM_NOT_FOUND, WORD_porting_not_found, NULL, NULL);
    *ret = (struct request_row){
        .account = account, .id = id, .turn_since = db_col_int(rows, 2), .changed_at = db_col_int(rows, 3)};
    return (request_status_parse(db_col_text(rows, 0), &ret->status) &&
               turn_parse(db_col_text(rows, 1), &ret->turn)) ||
           row_refuse(tx, PROBLEM_INTERNAL, WORD_problem_internal, NULL, NULL);
}

/* Everything that is written is known: nothing is read again. */
static bool submit_closure(struct db_tx *tx, void *context)
{
    struct submit *submit = context;
    const struct split *split = submit->split;
    struct advance advance = {.porting = submit->porting};
    struct request_row *request = &advance.request;
    if (!read_draft(tx, submit, request) || !idempotency_keep(tx, submit->porting->clock, request->account,
                                                submit->key, "submit", request->id, &submit->repeated))
        return false;
    if (submit->repeated || request->status != REQUEST_STATUS_DRAFT)
        return db_ok(tx);
    /* What was checked is what is submitted: a change in between, from another window, is looked at first. */
    if (request->changed_at != submit->draft->changed_at)
        return row_refuse(tx, PROBLEM_CONFLICT, WORD_porting_changed_meanwhile, NULL, NULL);
    if (!claim_all(tx, submit) || !write_request(tx, submit))
        return false;
    advance.orders = ARENA_ARRAY(db_arena(tx), struct order_row, split->orders_count + 1);
    advance.numbers = ARENA_ARRAY(db_arena(tx), struct number_row, submit->draft->numbers.count + 1);
    for (size_t i = 0; i < split->orders_count; i++)
        if (!make_order(tx, submit, &split->orders[i], &advance))
            return false;
    bool ok = tell(tx, submit, &advance) && advance_roll_up(tx, &advance) &&
              row_audit(tx, submit->porting->clock, submit->actor, AUDIT_REQUEST_SUBMITTED, request->account,
                  request->id, submit->draft->reference) &&
              acted(tx, submit->porting, submit->actor, request->account, request->id, ACTED_SUBMITTED);
    failpoint("submit-before-commit");
    return ok;
}

/* Whether the request stands submitted already; then a submit that comes again is answered as the first was. */
static bool is_submitted(struct porting *porting, const struct actor *actor, struct text request)
{
    struct request_view view;
    ARENA_CLEANUP arena = arena_new(SUBMIT_ARENA);
    return request_load(porting, actor, request, arena, &view, NULL) && view.status != REQUEST_STATUS_DRAFT;
}

bool request_submit(struct porting *porting, const struct actor *actor, struct text request,
    const struct draft_fields *review, struct text key, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(SUBMIT_ARENA);
    struct draft draft;
    struct problem inner = {0};
    if (!draft_load_reviewed(porting, actor, request, review, arena, &draft, &inner)) {
        if (inner.kind == PROBLEM_CONFLICT && is_submitted(porting, actor, request))
            return true;
        *problem = inner;
        return false;
    }
    if (!refuse_faults(&draft, problem))
        return false;
    struct split split;
    split_numbers(arena, &draft.numbers, porting->gaining->can->numbers_max, &split);
    struct submit submit = {.porting = porting, .actor = actor, .key = key, .draft = &draft, .split = &split};
    if (!db_write(porting->db, submit_closure, &submit, problem))
        return false;
    failpoint("submit-after-commit");
    if (porting->jobs)
        jobs_wake(porting->jobs);
    return true;
}
