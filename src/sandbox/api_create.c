/* POST /v1/Porting/PortIn: everything is checked before anything is stored; a number that is in an open port and a document
 * that was used are refused and counted. */
#include "base/id.h"
#include "net/smtp.h"
#include "sandbox/app.h"
#include "sandbox/machine.h"
#include "sandbox/scenario.h"

#define BODY_MAX ((size_t)1024 * 1024)
#define TARGET_DAYS_MIN 7

/* What the transaction found. */
enum outcome {
    CREATED,
    NUMBER_OPEN,
    DOCUMENT_USED,
    DOCUMENT_UNKNOWN,
    DOCUMENT_FAILED,
    NO_BILL,
    NOTHING_PORTABLE
};

struct creation {
    struct exchange *exchange;
    struct port port;
    struct text *pins;
    bool found; /* of the address that a SID names */
    enum outcome outcome;
    struct text about;
    char about_bytes[64];
};

/* Reads a text member; true when it is there and not empty. Answers when it is not. */
static bool take(
    struct creation *creation, const json_t *object, const char *name, bool needed, struct text *ret)
{
    struct problem problem = {0};
    struct text value = TEXT_EMPTY;
    if (!json_get_text(object, name, SANDBOX_TEXT_MAX, &value, &problem)) {
        api_error(creation->exchange, 400, 20001, "Invalid parameter: %s", name);
        return false;
    }
    *ret = text_copy(creation->exchange->arena, text_trim(value));
    if (needed && !ret->len) {
        api_error(creation->exchange, 400, 22171, "Missing required fields: %s", name);
        return false;
    }
    return true;
}

static bool take_object(struct creation *creation, const json_t *object, const char *name, json_t **ret)
{
    *ret = NULL;
    if (!json_get_object(object, name, ret, NULL)) {
        api_error(creation->exchange, 400, 20001, "Invalid parameter: %s", name);
        return false;
    }
    if (!*ret)
        api_error(creation->exchange, 400, 22171, "Missing required fields: %s", name);
    return *ret != NULL;
}

/* The array's items as texts, at most `max`; answers when something else stands in it. */
static bool take_texts(struct creation *creation, const json_t *object, const char *name, size_t max,
    struct text *ret, size_t *ret_count)
{
    json_t *array = NULL;
    *ret_count = 0;
    if (!json_get_array(object, name, max, &array, NULL)) {
        api_error(creation->exchange, 400, 20001, "Invalid parameter: %s (at most %zu)", name, max);
        return false;
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        struct text text = {json_string_value(item), json_string_length(item)};
        if (!json_is_string(item) || !text.len || text.len > SANDBOX_TEXT_MAX) {
            api_error(creation->exchange, 400, 20001, "Invalid parameter: %s", name);
            return false;
        }
        ret[(*ret_count)++] = text_copy(creation->exchange->arena, text);
    }
    return true;
}

/* Copies the address of an address SID: what becomes of it later changes nothing of the port. */
static bool load_address(struct db_tx *tx, void *context)
{
    struct creation *creation = context;
    struct port *port = &creation->port;
    DB_ROWS rows = db_query(tx,
        "SELECT street, street_2, city, region, postal_code, country FROM address WHERE sid = $1",
        DB_ARGS(db_text(port->address_sid)));
    creation->found = db_next(rows);
    struct text *const texts[] = {
        &port->street, &port->street_2, &port->city, &port->state, &port->zip, &port->country};
    for (int i = 0; creation->found && i < (int)(sizeof texts / sizeof texts[0]); i++)
        *texts[i] = db_col_copy(rows, i, creation->exchange->arena);
    return db_ok(tx);
}

static bool take_address_sid(struct creation *creation)
{
    struct problem problem = {0};
    struct text sid = creation->port.address_sid;
    creation->found = false;
    if (sid_ok(sid, "AD") && !db_read(creation->exchange->sandbox->db, load_address, creation, &problem)) {
        api_problem(creation->exchange, &problem);
        return false;
    }
    if (!creation->found)
        api_error(creation->exchange, 400, 20404, "Address %.*s was not found", TEXT_ARG(sid));
    return creation->found;
}

static bool take_address_object(struct creation *creation, const json_t *losing)
{
    struct port *port = &creation->port;
    json_t *address = NULL;
    return take_object(creation, losing, "address", &address) &&
           take(creation, address, "street", true, &port->street) &&
           take(creation, address, "street_2", false, &port->street_2) &&
           take(creation, address, "city", true, &port->city) &&
           take(creation, address, "state", true, &port->state) &&
           take(creation, address, "zip", true, &port->zip) &&
           take(creation, address, "country", true, &port->country);
}

static bool take_address(struct creation *creation, const json_t *losing)
{
    struct port *port = &creation->port;
    if (!take(creation, losing, "address_sid", false, &port->address_sid))
        return false;
    if (!(port->address_sid.len ? take_address_sid(creation) : take_address_object(creation, losing)))
        return false;
    if (text_equal_nocase(port->country, TEXT("US")) || text_equal_nocase(port->country, TEXT("USA")))
        return true;
    api_error(creation->exchange, 400, 22130, "Ports to this country are not supported: %.*s",
        TEXT_ARG(port->country));
    return false;
}

static bool take_losing_carrier(struct creation *creation, const json_t *body)
{
    struct port *port = &creation->port;
    json_t *losing = NULL;
    if (!take_object(creation, body, "losing_carrier_information", &losing) ||
        !take(creation, losing, "customer_type", false, &port->customer_type) ||
        !take(creation, losing, "customer_name", true, &port->customer_name) ||
        !take(creation, losing, "account_number", false, &port->account_number) ||
        !take(creation, losing, "account_telephone_number", false, &port->btn) ||
        !take(creation, losing, "authorized_representative", true, &port->representative) ||
        !take(creation, losing, "authorized_representative_email", true, &port->representative_email) ||
        !take_address(creation, losing))
        return false;
    if (port->customer_type.len && !text_is(port->customer_type, "Business") &&
        !text_is(port->customer_type, "Individual"))
        api_error(creation->exchange, 400, 20001, "customer_type must be Business or Individual");
    else if (!mail_address_ok(port->representative_email))
        api_error(creation->exchange, 400, 20001, "authorized_representative_email is not an e-mail address");
    else if (port->btn.len && !number_ok(port->btn))
        api_error(creation->exchange, 400, 22102, "account_telephone_number is not in E.164 format");
    else
        return true;
    return false;
}

static bool take_number(struct creation *creation, const json_t *item, size_t index)
{
    struct exchange *exchange = creation->exchange;
    struct port *port = &creation->port;
    struct port_number *number = &port->numbers[index];
    if (!json_is_object(item)) {
        api_error(exchange, 400, 20001, "Invalid parameter: phone_numbers");
        return false;
    }
    if (!take(creation, item, "phone_number", true, &number->e164) ||
        !take(creation, item, "pin", false, &creation->pins[index]))
        return false;
    if (!number_ok(number->e164)) {
        api_error(exchange, 400, 22172, "phone_numbers must be in E.164 format and of one country: %.*s",
            TEXT_ARG(number->e164));
        return false;
    }
    for (size_t i = 0; i < index; i++)
        if (text_equal(port->numbers[i].e164, number->e164)) {
            api_error(exchange, 400, 20001, "phone_numbers has %.*s twice", TEXT_ARG(number->e164));
            return false;
        }
    struct portability_verdict verdict = scenario_portability(number->e164);
    if (!text_is(text_from(scenario_portability(port->numbers[0].e164).country), verdict.country)) {
        api_error(exchange, 400, 22172, "phone_numbers must be of one country: %.*s", TEXT_ARG(number->e164));
        return false;
    }
    if (verdict.pin_needed && (!creation->pins[index].len || !port->account_number.len)) {
        api_error(exchange, 400, 22171,
            "Missing required fields: pin and account_number for the mobile number %.*s",
            TEXT_ARG(number->e164));
        return false;
    }
    number->sid = sid_new(exchange->arena, "PU");
    number->type = text_from(verdict.type);
    number->portable = verdict.portable;
    number->reason = text_from(verdict.reason);
    number->reason_code = verdict.code;
    number->verdict = scenario_verdict(
        exchange->arena, creation->pins[index], port->account_number, port->street, port->customer_name);
    return true;
}

static bool take_numbers(struct creation *creation, const json_t *body)
{
    struct port *port = &creation->port;
    json_t *array = NULL;
    if (!json_get_array(body, "phone_numbers", PORT_NUMBERS_MAX, &array, NULL)) {
        api_error(creation->exchange, 400, 20001, "Invalid parameter: phone_numbers (at most %d)",
            PORT_NUMBERS_MAX);
        return false;
    }
    port->number_count = json_array_size(array);
    if (!port->number_count) {
        api_error(creation->exchange, 400, 22171, "Missing required fields: phone_numbers");
        return false;
    }
    port->numbers = ARENA_ARRAY(creation->exchange->arena, struct port_number, port->number_count);
    creation->pins = ARENA_ARRAY(creation->exchange->arena, struct text, port->number_count);
    for (size_t i = 0; i < port->number_count; i++)
        if (!take_number(creation, json_array_get(array, i), i))
            return false;
    return true;
}

static bool take_documents(struct creation *creation, const json_t *body)
{
    struct port *port = &creation->port;
    if (!take_texts(creation, body, "documents", PORT_DOCUMENTS_MAX, port->documents, &port->document_count))
        return false;
    if (!port->document_count) {
        api_error(creation->exchange, 400, 22171, "Missing required fields: documents");
        return false;
    }
    for (size_t i = 0; i < port->document_count; i++)
        for (size_t k = 0; k <= i; k++)
            if (!sid_ok(port->documents[i], "RD") ||
                (k < i && text_equal(port->documents[i], port->documents[k]))) {
                api_error(creation->exchange, 400, 20001, "Invalid parameter: documents");
                return false;
            }
    return true;
}

static bool take_emails(struct creation *creation, const json_t *body)
{
    struct text emails[PORT_EMAILS_MAX];
    size_t count = 0;
    if (!take_texts(creation, body, "notification_emails", PORT_EMAILS_MAX, emails, &count))
        return false;
    JSON_CLEANUP array = json_array();
    for (size_t i = 0; i < count; i++) {
        if (!mail_address_ok(emails[i])) {
            api_error(creation->exchange, 400, 20001,
                "notification_emails has something that is no e-mail address");
            return false;
        }
        json_array_append_new(array, json_stringn(emails[i].at, emails[i].len));
    }
    creation->port.notification_emails = json_write(creation->exchange->arena, array);
    return true;
}

/* "10:15:00-08:00" on a day, as the instant. */
static bool time_of(struct creation *creation, struct text date, struct text time, int64_t *ret)
{
    return instant_parse(
        text_format(creation->exchange->arena, "%.*sT%.*s", TEXT_ARG(date), TEXT_ARG(time)), ret);
}

static struct text utc_time(struct creation *creation, int64_t us)
{
    return text_part(instant_iso(creation->exchange->arena, us), 11, 9);
}

/* The wished date; with a range of time it is told in UTC, date and all. */
static bool take_target(struct creation *creation, const json_t *body)
{
    struct port *port = &creation->port;
    struct exchange *exchange = creation->exchange;
    if (!take(creation, body, "target_port_in_date", false, &port->target_date) ||
        !take(creation, body, "target_port_in_time_range_start", false, &port->target_start) ||
        !take(creation, body, "target_port_in_time_range_end", false, &port->target_end))
        return false;
    struct date date;
    int64_t start = 0, end = 0, today = date_to_days(clock_date(port->created_at, TEXT_EMPTY));
    if (!port->target_date.len) {
        port->target_start = port->target_end = TEXT_EMPTY;
        return true;
    }
    if (!date_parse(port->target_date, &date) || date_to_days(date) < today + TARGET_DAYS_MIN) {
        api_error(
            exchange, 400, 20001, "target_port_in_date must be at least 7 days in the future (YYYY-MM-DD)");
        return false;
    }
    if ((port->target_start.len && !time_of(creation, port->target_date, port->target_start, &start)) ||
        (port->target_end.len && !time_of(creation, port->target_date, port->target_end, &end)) ||
        (start && end && end < start)) {
        api_error(exchange, 400, 20001,
            "target_port_in_time_range must be like 10:15:00-08:00, the end after the start");
        return false;
    }
    if (start || end)
        port->target_date = date_iso(exchange->arena, clock_date(start ? start : end, TEXT_EMPTY));
    if (start)
        port->target_start = utc_time(creation, start);
    if (end)
        port->target_end = utc_time(creation, end);
    return true;
}

/* What only some countries ask for; it is kept and told, nothing more. */
static bool take_regulatory(struct creation *creation, const json_t *body)
{
    struct port *port = &creation->port;
    if (!take(creation, body, "bundle_sid", false, &port->bundle_sid) ||
        !take(creation, body, "portability_advance_carrier", false, &port->advance_carrier) ||
        !take(creation, body, "auto_cancel_approval_numbers", false, &port->auto_cancel))
        return false;
    if (!port->bundle_sid.len || sid_ok(port->bundle_sid, "BU"))
        return true;
    api_error(creation->exchange, 400, 20001, "Invalid parameter: bundle_sid");
    return false;
}

static bool take_account(struct creation *creation, const json_t *body)
{
    struct text account = TEXT_EMPTY;
    if (!take(creation, body, "account_sid", true, &account))
        return false;
    if (!sid_ok(account, "AC"))
        api_error(creation->exchange, 400, 20001, "Invalid parameter: account_sid");
    else if (!text_equal(account, creation->exchange->sandbox->settings.account_sid))
        api_error(creation->exchange, 403, 20003, "Permission denied for this account_sid");
    else
        return true;
    return false;
}

static void found(struct creation *creation, enum outcome outcome, struct text about)
{
    creation->outcome = outcome;
    size_t len = about.len < sizeof creation->about_bytes ? about.len : sizeof creation->about_bytes;
    for (size_t i = 0; i < len; i++)
        creation->about_bytes[i] = about.at[i];
    creation->about = (struct text){creation->about_bytes, len};
}

/* Looks for what would make the same port twice. */
static bool duplicates(struct db_tx *tx, struct creation *creation)
{
    const struct port *port = &creation->port;
    for (size_t i = 0; i < port->number_count; i++)
        if (db_number(tx, "SELECT COUNT(*) FROM port_number WHERE e164 = $1 AND is_open = 1",
                DB_ARGS(db_text(port->numbers[i].e164)), 0)) {
            found(creation, NUMBER_OPEN, port->numbers[i].e164);
            return true;
        }
    for (size_t i = 0; i < port->document_count; i++) {
        if (db_number(tx, "SELECT COUNT(*) FROM port_document WHERE document_sid = $1",
                DB_ARGS(db_text(port->documents[i])), 0)) {
            found(creation, DOCUMENT_USED, port->documents[i]);
            return true;
        }
    }
    return false;
}

/* Looks whether the documents are there, have content, and one of them is a bill. */
static bool documents_wrong(struct db_tx *tx, struct creation *creation)
{
    const struct port *port = &creation->port;
    bool bill = false;
    for (size_t i = 0; i < port->document_count; i++) {
        DB_ROWS rows = db_query(
            tx, "SELECT type, mime_type FROM document WHERE sid = $1", DB_ARGS(db_text(port->documents[i])));
        bool known = db_next(rows);
        if (!known || !db_col_text(rows, 1).len) {
            found(creation, known ? DOCUMENT_FAILED : DOCUMENT_UNKNOWN, port->documents[i]);
            return true;
        }
        bill |= text_is(db_col_text(rows, 0), "utility_bill");
    }
    if (!bill)
        found(creation, NO_BILL, TEXT_EMPTY);
    return !bill;
}

/* Numbers that were ported before are in the account already. */
static size_t settle_numbers(struct db_tx *tx, struct port *port)
{
    size_t portable = 0;
    for (size_t i = 0; i < port->number_count; i++) {
        struct port_number *number = &port->numbers[i];
        if (number->portable &&
            db_number(tx, "SELECT COUNT(*) FROM port_number WHERE e164 = $1 AND status = 'completed'",
                DB_ARGS(db_text(number->e164)), 0)) {
            number->portable = false;
            number->reason = TEXT("ALREADY_IN_THE_TARGET_ACCOUNT");
            number->reason_code = 22131;
        }
        number->is_open = number->portable;
        number->status = number->portable ? TEXT("in_review") : TEXT("canceled");
        portable += number->portable;
    }
    return portable;
}

static bool create(struct db_tx *tx, void *context)
{
    struct creation *creation = context;
    creation->outcome = CREATED;
    if (duplicates(tx, creation))
        return counter_add(tx, "duplicates", 1);
    if (documents_wrong(tx, creation))
        return counter_add(tx, "refused", 1);
    if (!settle_numbers(tx, &creation->port)) {
        found(creation, NOTHING_PORTABLE, creation->port.numbers[0].e164);
        return counter_add(tx, "refused", 1);
    }
    port_insert(tx, &creation->port);
    creation->port.position =
        db_number(tx, "SELECT position FROM port WHERE sid = $1", DB_ARGS(db_text(creation->port.sid)), 0);
    counter_add(tx, "creates", 1);
    return machine_begin(tx, &creation->port);
}

static void answer_created(struct creation *creation)
{
    struct exchange *exchange = creation->exchange;
    switch (creation->outcome) {
    case NUMBER_OPEN:
        api_error(exchange, 400, 22137, "A port of %.*s is already in progress", TEXT_ARG(creation->about));
        return;
    case DOCUMENT_USED:
        api_error(exchange, 400, 22137, "Document %.*s is already used by a port", TEXT_ARG(creation->about));
        return;
    case DOCUMENT_UNKNOWN:
        api_error(exchange, 400, 20404, "Document %.*s was not found", TEXT_ARG(creation->about));
        return;
    case DOCUMENT_FAILED:
        api_error(exchange, 400, 20001, "Document %.*s has no content: its upload failed",
            TEXT_ARG(creation->about));
        return;
    case NO_BILL:
        api_error(exchange, 400, 22171, "Missing required fields: a document of type utility_bill");
        return;
    case NOTHING_PORTABLE:
        api_error(exchange, 400, (int)creation->port.numbers[0].reason_code,
            "None of the numbers can be ported: %.*s", TEXT_ARG(creation->port.numbers[0].reason));
        return;
    case CREATED:
        break;
    }
    sandbox_wake_all(exchange->sandbox);
    JSON_CLEANUP json = port_json(exchange->sandbox, exchange->arena, &creation->port);
    answer_json(exchange, 202, json);
}

static bool count_refused(struct db_tx *tx, void *context)
{
    (void)context;
    return counter_add(tx, "refused", 1);
}

void api_port_create(struct exchange *exchange)
{
    JSON_CLEANUP body = NULL;
    struct problem problem = {0};
    int64_t now = clock_now(exchange->sandbox->clock);
    struct creation creation = {.exchange = exchange,
        .port = {.sid = sid_new(exchange->arena, "KW"),
            .status = TEXT("In review"),
            .created_at = now,
            .changed_at = now,
            .sign_token = token_new(exchange->arena, 32)}};
    if (!json_parse(exchange->request->body, BODY_MAX, &body, &problem) || !json_is_object(body)) {
        api_error(exchange, 400, 20001, "The body is not a JSON object");
    } else if (take_account(&creation, body) && take_documents(&creation, body) &&
               take_losing_carrier(&creation, body) && take_numbers(&creation, body) &&
               take_emails(&creation, body) && take_target(&creation, body) &&
               take_regulatory(&creation, body)) {
        for (size_t i = 0; i < creation.port.number_count; i++)
            creation.port.numbers[i].changed_at = now;
        if (db_write(exchange->sandbox->db, create, &creation, &problem))
            answer_created(&creation);
        else
            api_problem(exchange, &problem);
        return;
    }
    db_write(exchange->sandbox->db, count_refused, NULL, NULL);
}
