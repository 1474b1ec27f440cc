/* Correcting what was refused and sending it again: a further attempt. */
#include "net/smtp.h"
#include "numbering/address.h"
#include "porting/acting.h"
#include "porting/advance.h"
#include "porting/claim.h"
#include "porting/fix_scope.h"
#include "porting/new_order.h"
#include "porting/order.h"

struct fix {
    struct porting *porting;
    const struct actor *actor; /* NULL: the desk, which sends again what only needed time */
    struct text request, key;
    uint32_t fields;
    const struct draft_fields *values;
    struct number btn;
    enum fix_scope scope;
};

/* ---- The fields ---- */

static bool need(struct text value, const char *field, size_t max, struct problem *problem)
{
    if (!value.len)
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_field_missing, field, NULL, NULL);
    if (text_length(value) > max)
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_field_too_long, field, NULL, NULL);
    return true;
}

static bool has(uint32_t fields, enum draft_field field)
{
    return (fields & DRAFT_FIELD_BIT(field)) != 0;
}

static bool check_account(struct fix *fix, struct problem *problem)
{
    const struct draft_fields *values = fix->values;
    if (has(fix->fields, DRAFT_FIELD_ACCOUNT_NAME) &&
        !need(values->account_name, "account_name", DRAFT_NAME_MAX, problem))
        return false;
    if (has(fix->fields, DRAFT_FIELD_ACCOUNT_TYPE) && !text_is(values->account_type, "business") &&
        !text_is(values->account_type, "residential"))
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_field_missing, "account_type", NULL, NULL);
    if (has(fix->fields, DRAFT_FIELD_ACCOUNT_NUMBER) &&
        !account_number_check(values->account_number, problem))
        return false;
    if (has(fix->fields, DRAFT_FIELD_PIN) && !pin_check(values->pin, problem))
        return false;
    return !has(fix->fields, DRAFT_FIELD_BTN) || number_parse(values->btn, &fix->btn, "btn", problem);
}

static bool check_owner_and_address(const struct fix *fix, struct problem *problem)
{
    const struct draft_fields *values = fix->values;
    if (has(fix->fields, DRAFT_FIELD_OWNER_NAME) &&
        !need(values->owner_name, "owner_name", DRAFT_NAME_MAX, problem))
        return false;
    if (has(fix->fields, DRAFT_FIELD_OWNER_EMAIL) && !mail_address_ok(values->owner_email))
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_email_wrong, "owner_email", NULL, NULL);
    if (has(fix->fields, DRAFT_FIELD_STREET) && !need(values->street, "street", DRAFT_STREET_MAX, problem))
        return false;
    if (has(fix->fields, DRAFT_FIELD_UNIT) && text_length(values->unit) > DRAFT_UNIT_MAX)
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_field_too_long, "unit", NULL, NULL);
    if (has(fix->fields, DRAFT_FIELD_CITY) && !need(values->city, "city", DRAFT_CITY_MAX, problem))
        return false;
    if (has(fix->fields, DRAFT_FIELD_STATE) && !state_find(values->state))
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_state_wrong, "state", NULL, NULL);
    if (has(fix->fields, DRAFT_FIELD_ZIP) && !zip_is_valid(values->zip, NULL) &&
        !postal_code_is_valid(values->zip))
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_zip_wrong, "zip", NULL, NULL);
    return true;
}

bool request_fix_check(uint32_t fields, const struct draft_fields *values, struct problem *problem)
{
    struct fix fix = {.fields = fields, .values = values};
    return check_account(&fix, problem) && check_owner_and_address(&fix, problem);
}

/* ---- What differs, for the record ---- */

static bool keep_change(struct db_tx *tx, const struct request_row *row, int attempt, enum draft_field field,
    struct text was, struct text now, bool secret)
{
    if (!secret && text_equal(was, now))
        return db_ok(tx);
    return db_exec(tx,
        "INSERT INTO attempt_change (account, request, attempt, field, was, now) VALUES ($1, $2, $3, $4, $5,"
        " $6)",
        DB_ARGS(db_text(row->account), db_text(row->id), db_int(attempt),
            db_text(text_from(draft_field_name(field))), secret ? db_null() : db_text_or_null(was),
            secret ? db_null() : db_text_or_null(now)));
}

/* One plain field of the request: its column, and what is in it. */
struct plain_field {
    enum draft_field field;
    const char *sql;
    struct text was, now;
};

static bool write_plain(struct db_tx *tx, const struct fix *fix, const struct request_row *row)
{
#define SET(column) "UPDATE port_request SET " column " = $3 WHERE account = $1 AND id = $2"
    const struct draft_fields *was = &row->fields, *now = fix->values;
    const struct plain_field plain[] = {
        {DRAFT_FIELD_ACCOUNT_NAME, SET("account_name"), was->account_name, now->account_name},
        {DRAFT_FIELD_ACCOUNT_TYPE, SET("account_type"), was->account_type, now->account_type},
        {DRAFT_FIELD_BTN, SET("btn"), was->btn, number_e164(&fix->btn)},
        {DRAFT_FIELD_OWNER_NAME, SET("owner_name"), was->owner_name, now->owner_name},
        {DRAFT_FIELD_OWNER_EMAIL, SET("owner_email"), was->owner_email, now->owner_email},
        {DRAFT_FIELD_STREET, SET("street"), was->street, now->street},
        {DRAFT_FIELD_UNIT, SET("unit"), was->unit, now->unit},
        {DRAFT_FIELD_CITY, SET("city"), was->city, now->city},
        {DRAFT_FIELD_STATE, SET("state"), was->state, now->state},
        {DRAFT_FIELD_ZIP, SET("zip"), was->zip, now->zip},
    };
#undef SET
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (!has(fix->fields, plain[i].field))
            continue;
        keep_change(tx, row, row->attempt + 1, plain[i].field, plain[i].was, plain[i].now, false);
        db_exec(tx, plain[i].sql,
            DB_ARGS(db_text(row->account), db_text(row->id), db_text_or_null(plain[i].now)));
    }
    return db_ok(tx);
}

static bool write_secrets(struct db_tx *tx, const struct fix *fix, const struct request_row *row)
{
    if (has(fix->fields, DRAFT_FIELD_ACCOUNT_NUMBER)) {
        struct vault_place place = place_account_number(row->account, row->id);
        struct text sealed =
            vault_seal(fix->porting->vault, &place, fix->values->account_number, db_arena(tx));
        keep_change(tx, row, row->attempt + 1, DRAFT_FIELD_ACCOUNT_NUMBER, TEXT_EMPTY, TEXT_EMPTY, true);
        db_exec(tx, "UPDATE port_request SET account_number_sealed = $3 WHERE account = $1 AND id = $2",
            DB_ARGS(db_text(row->account), db_text(row->id), db_bytes(sealed)));
    }
    if (has(fix->fields, DRAFT_FIELD_PIN)) {
        keep_change(tx, row, row->attempt + 1, DRAFT_FIELD_PIN, TEXT_EMPTY, TEXT_EMPTY, true);
        pin_keep(tx, fix->porting, row->account, row->id, fix->values->pin);
    }
    return db_ok(tx);
}

/* ---- The new attempt ---- */

/* Moves one number into the new order; one that had ended claims its place again. */
static bool move_number(
    struct db_tx *tx, const struct fix *fix, struct number_row *number, const struct new_order *order)
{
    int64_t now = clock_now(fix->porting->clock);
    if (!number->claimed && !claim_ports(tx, order->account, &number->e164, 1))
        return false;
    new_order_numbers(tx, order, &number->e164, 1);
    return db_exec(tx,
        "UPDATE port_number SET carrier_order = $3, status = 'in_review', status_since = $4, carrier_time ="
        " 0, asked_at = $4, rejection = NULL, rejection_words = NULL, firm_date = NULL, firm_at = NULL,"
        " retry_at = NULL, retries = $5, claimed = e164 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(order->account), db_text(number->id), db_text(id_text(&order->id)), db_int(now),
            db_int(fix->actor ? 0 : number->retries + 1)));
}

/* Whether this correction takes the number along. */
static bool is_theirs(const struct fix *fix, const struct advance *advance, const struct number_row *number)
{
    int64_t now = clock_now(fix->porting->clock);
    if (!fix->actor)
        return number->status == NUMBER_STATUS_REJECTED && number->retry_at && number->retry_at <= now;
    bool team = right_any(fix->actor, RIGHT_DESK);
    return fix->scope != FIX_NOTHING &&
           number_fix_scope(fix->porting, advance->orders, advance->orders_count, number, team) == fix->scope;
}

static enum fix_scope scope_of(const struct fix *fix, const struct advance *advance)
{
    bool team = fix->actor && right_any(fix->actor, RIGHT_DESK);
    return request_fix_scope(
        fix->porting, advance->orders, advance->orders_count, advance->numbers, advance->numbers_count, team);
}

/* Whether a number to correct is still open at the carrier in the old order. */
static bool is_open(const struct fix *fix, const struct advance *advance, const struct order_row *old)
{
    if (!old->carrier_ref.len || old->phase == ORDER_ENDED)
        return false;
    for (size_t i = 0; i < advance->numbers_count; i++)
        if (text_equal(advance->numbers[i].order, old->id) && is_theirs(fix, advance, &advance->numbers[i]) &&
            !number_status_is_terminal(advance->numbers[i].status))
            return true;
    return false;
}

/* A new order in place of one that has numbers to correct. Returns how many it took. */
static size_t replace_order(
    struct db_tx *tx, const struct fix *fix, struct advance *advance, const struct order_row *old)
{
    struct new_order order = {.account = old->account,
        .request = old->request,
        .carrier = old->carrier,
        .way = old->way,
        .attempt = advance->request.attempt + 1,
        .replaces = old->id,
        .waits = is_open(fix, advance, old)};
    size_t count = 0;
    for (size_t i = 0; i < advance->numbers_count; i++) {
        struct number_row *number = &advance->numbers[i];
        if (!text_equal(number->order, old->id) || !is_theirs(fix, advance, number))
            continue;
        if (!count)
            new_order(tx, fix->porting, &order);
        move_number(tx, fix, number, &order);
        count++;
    }
    if (count && order.waits)
        job_add(tx, fix->porting->clock,
            &(struct job_new){.account = old->account, .kind = JOB_ORDER_CANCEL, .subject = old->id});
    return count;
}

/* Replaces the orders that have numbers to correct; PROBLEM_CONFLICT when there is none. */
static bool replace_orders(struct db_tx *tx, struct fix *fix, struct advance *advance)
{
    size_t count = 0;
    fix->scope = scope_of(fix, advance);
    for (size_t i = 0; i < advance->orders_count; i++)
        count += replace_order(tx, fix, advance, &advance->orders[i]);
    if (!count)
        return db_ok(tx) && row_refuse(tx, PROBLEM_CONFLICT, WORD_porting_nothing_to_fix, NULL, NULL);
    return db_exec(tx,
        "UPDATE port_request SET attempt = attempt + 1, ended_at = NULL WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(advance->request.account), db_text(advance->request.id)));
}

static bool tell_and_roll_up(
    struct db_tx *tx, struct fix *fix, struct advance *advance, enum timeline_event event)
{
    struct text account = advance->request.account, request = advance->request.id;
    struct news_source by = {ACTOR_PORTDESK, TEXT_EMPTY};
    if (fix->actor)
        by = (struct news_source){timeline_actor_of(fix->actor), fix->actor->name};
    if (!advance_load(tx, fix->porting, account, request, advance))
        return false;
    advance_tell(
        tx, advance, event, &by, TEXT_EMPTY, text_format(db_arena(tx), "%d", advance->request.attempt));
    return advance_roll_up(tx, advance);
}

static bool fix_closure(struct db_tx *tx, void *context)
{
    struct fix *fix = context;
    struct request_row row;
    struct advance advance;
    bool repeated = false;
    if (!row_request(tx, fix->actor, RIGHT_REQUEST_WORK, fix->request, db_arena(tx), &row) ||
        !idempotency_keep(tx, fix->porting->clock, row.account, fix->key, "fix", row.id, &repeated))
        return false;
    if (repeated)
        return db_ok(tx);
    if (!advance_load(tx, fix->porting, row.account, row.id, &advance) ||
        !replace_orders(tx, fix, &advance) || !write_plain(tx, fix, &row) || !write_secrets(tx, fix, &row))
        return false;
    return tell_and_roll_up(tx, fix, &advance, EVENT_FIXED) &&
           row_audit(tx, fix->porting->clock, fix->actor, AUDIT_REQUEST_CORRECTED, row.account, row.id,
               row.reference) &&
           acted(tx, fix->porting, fix->actor, row.account, row.id, ACTED_CORRECTED);
}

bool request_fix(struct porting *porting, const struct actor *actor, struct text request, uint32_t fields,
    const struct draft_fields *values, struct text key, struct problem *problem)
{
    struct fix fix = {.porting = porting,
        .actor = actor,
        .request = request,
        .key = key,
        .fields = fields,
        .values = values};
    if (!check_account(&fix, problem) || !check_owner_and_address(&fix, problem) ||
        !db_write(porting->db, fix_closure, &fix, problem))
        return false;
    if (porting->jobs)
        jobs_wake(porting->jobs);
    return true;
}

bool advance_retry(struct db_tx *tx, struct porting *porting, struct text account, struct text request)
{
    struct fix fix = {.porting = porting};
    struct advance advance;
    return advance_load(tx, porting, account, request, &advance) && replace_orders(tx, &fix, &advance) &&
           tell_and_roll_up(tx, &fix, &advance, EVENT_RETRIED);
}
