/* Fetching and canceling ports and their numbers, and the portability of a number. */
#include "sandbox/app.h"
#include "sandbox/machine.h"
#include "sandbox/scenario.h"

struct lookup {
    struct exchange *exchange;
    struct port port;
    bool found;
    /* Of a cancellation. */
    struct text number_sid;
    int64_t at, canceled;
};

static bool load(struct db_tx *tx, void *context)
{
    struct lookup *lookup = context;
    return port_load(tx, lookup->exchange->params[0], lookup->exchange->arena, &lookup->port, &lookup->found);
}

/* Reads the port of the address; answers itself when there is none. */
static bool fetch(struct lookup *lookup)
{
    struct exchange *exchange = lookup->exchange;
    struct problem problem = {0};
    if (sid_ok(exchange->params[0], "KW") && !db_read(exchange->sandbox->db, load, lookup, &problem)) {
        api_problem(exchange, &problem);
        return false;
    }
    if (!lookup->found)
        api_not_found(exchange);
    return lookup->found;
}

static const struct port_number *number_of(const struct lookup *lookup)
{
    for (size_t i = 0; i < lookup->port.number_count; i++)
        if (text_equal(lookup->port.numbers[i].sid, lookup->exchange->params[1]))
            return &lookup->port.numbers[i];
    return NULL;
}

void api_port_fetch(struct exchange *exchange)
{
    struct lookup lookup = {.exchange = exchange};
    if (!fetch(&lookup))
        return;
    JSON_CLEANUP json = port_json(exchange->sandbox, exchange->arena, &lookup.port);
    answer_json(exchange, 200, json);
}

void api_number_fetch(struct exchange *exchange)
{
    struct lookup lookup = {.exchange = exchange};
    if (!fetch(&lookup))
        return;
    const struct port_number *number = number_of(&lookup);
    if (!number) {
        api_not_found(exchange);
        return;
    }
    JSON_CLEANUP json = port_number_json(exchange->sandbox, exchange->arena, &lookup.port, number);
    answer_json(exchange, 200, json);
}

static bool cancel(struct db_tx *tx, void *context)
{
    struct lookup *lookup = context;
    return machine_cancel(tx, &lookup->port, lookup->number_sid, lookup->at, &lookup->canceled);
}

static void answer_canceled(struct lookup *lookup)
{
    struct exchange *exchange = lookup->exchange;
    struct problem problem = {0};
    lookup->at = clock_now(exchange->sandbox->clock);
    if (!db_write(exchange->sandbox->db, cancel, lookup, &problem)) {
        api_problem(exchange, &problem);
        return;
    }
    if (!lookup->canceled) {
        api_error(exchange, 400, 20001, "The port has ended and cannot be canceled");
        return;
    }
    sandbox_wake_all(exchange->sandbox);
    exchange->response->status = 204;
}

void api_port_delete(struct exchange *exchange)
{
    struct lookup lookup = {.exchange = exchange};
    if (fetch(&lookup))
        answer_canceled(&lookup);
}

void api_number_delete(struct exchange *exchange)
{
    struct lookup lookup = {.exchange = exchange, .number_sid = exchange->params[1]};
    if (!fetch(&lookup))
        return;
    if (number_of(&lookup))
        answer_canceled(&lookup);
    else
        api_not_found(exchange);
}

struct held {
    struct text e164;
    int64_t open, completed;
};

static bool look_held(struct db_tx *tx, void *context)
{
    struct held *held = context;
    held->open = db_number(tx, "SELECT COUNT(*) FROM port_number WHERE e164 = $1 AND is_open = 1",
        DB_ARGS(db_text(held->e164)), 0);
    held->completed =
        db_number(tx, "SELECT COUNT(*) FROM port_number WHERE e164 = $1 AND status = 'completed'",
            DB_ARGS(db_text(held->e164)), 0);
    return db_ok(tx);
}

/* "+" and 7 to 15 digits: E.164, of whatever country. */
static bool e164_ok(struct text number)
{
    if (number.len < 8 || number.len > 16 || number.at[0] != '+' || number.at[1] == '0')
        return false;
    for (size_t i = 1; i < number.len; i++)
        if (number.at[i] < '0' || number.at[i] > '9')
            return false;
    return true;
}

static struct portability_verdict verdict_of(struct text e164, bool held)
{
    struct portability_verdict verdict =
        number_ok(e164) ? scenario_portability(e164)
                        : (struct portability_verdict){
                              .code = 22130, .reason = "UNSUPPORTED", .type = "UNKNOWN", .country = ""};
    if (held) {
        verdict.portable = false;
        verdict.code = 22131;
        verdict.reason = "ALREADY_IN_THE_TARGET_ACCOUNT";
    }
    return verdict;
}

void api_portability(struct exchange *exchange)
{
    struct problem problem = {0};
    struct held held = {.e164 = exchange->params[0]};
    struct text account = exchange->sandbox->settings.account_sid;
    struct text target = http_query(exchange->request, "TargetAccountSid");
    struct text address = http_query(exchange->request, "AddressSid");
    if (!e164_ok(held.e164)) {
        api_error(exchange, 400, 22102, "Invalid phone number: it must be in E.164 format");
        return;
    }
    if (address.len && !sid_ok(address, "AD")) {
        api_error(exchange, 400, 20001, "Invalid parameter: AddressSid");
        return;
    }
    if (target.len && !text_equal(target, account)) {
        api_error(exchange, 403, 20003, "Permission denied for TargetAccountSid");
        return;
    }
    if (!db_read(exchange->sandbox->db, look_held, &held, &problem)) {
        api_problem(exchange, &problem);
        return;
    }
    struct portability_verdict verdict = verdict_of(held.e164, held.open || held.completed);
    JSON_CLEANUP json = json_object();
    json_put_text(json, "phone_number", held.e164);
    json_text_or_null(json, "account_sid", held.completed ? account : TEXT_EMPTY);
    json_object_set_new(json, "portable", json_boolean(verdict.portable));
    json_object_set_new(json, "pin_and_account_number_required", json_boolean(verdict.pin_needed));
    json_text_or_null(json, "not_portable_reason", text_from(verdict.reason));
    json_object_set_new(
        json, "not_portable_reason_code", verdict.code ? json_integer(verdict.code) : json_null());
    json_put_text(json, "number_type", text_from(verdict.type));
    json_text_or_null(json, "country", text_from(verdict.country));
    json_put_text(json, "url",
        text_format(exchange->arena, "%.*s/v1/Porting/Portability/PhoneNumber/%.*s",
            TEXT_ARG(exchange->sandbox->origin), TEXT_ARG(held.e164)));
    /* Twilio says "unsupported" with 400 and the reason in the body. */
    answer_json(exchange, verdict.code == 22130 ? 400 : 200, json);
}
