#include "carriers/twilio_wire.h"

#define SHORT_MAX 64   /* words, codes, dates */
#define REASON_MAX 500 /* sentences: what is kept of them, in code points */
#define REASON_BYTES_MAX 16384
#define URL_MAX 2048
#define TOKEN_MAX 1024

bool twilio_is_sid(struct text text, const char *prefix)
{
    unsigned char bytes[16];
    return text.len == TWILIO_SID_LENGTH && text_starts(text, text_from(prefix)) &&
           text_unhex(text_part(text, 2, 32), bytes, sizeof bytes);
}

static void put_if(json_t *object, const char *name, struct text value)
{
    if (value.len)
        json_put_text(object, name, value);
}

static json_t *text_array(const struct text *texts, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_stringn(texts[i].at, texts[i].len));
    return array;
}

static json_t *write_address(const struct port_order *order)
{
    json_t *address = json_object();
    json_put_text(address, "street", order->street);
    put_if(address, "street_2", order->unit);
    json_put_text(address, "city", order->city);
    json_put_text(address, "state", order->state);
    json_put_text(address, "zip", order->zip);
    json_put_text(address, "country", order->country);
    return address;
}

static json_t *write_losing_carrier(const struct port_order *order)
{
    json_t *information = json_object();
    json_put_text(information, "customer_type", order->business ? TEXT("Business") : TEXT("Individual"));
    json_put_text(information, "customer_name", order->customer_name);
    put_if(information, "account_number", order->account_number);
    put_if(information, "account_telephone_number", order->btn);
    json_put_text(information, "authorized_representative", order->owner_name);
    json_put_text(information, "authorized_representative_email", order->owner_email);
    json_object_set_new(information, "address", write_address(order));
    return information;
}

/* "10:15:00-08:00": the time of day with the offset that its place has on that very date. */
static struct text time_with_offset(struct arena *arena, struct date date, int minutes, struct text zone)
{
    int64_t at = date_at(date, minutes / 60, minutes % 60, zone);
    int64_t offset = (date_at(date, minutes / 60, minutes % 60, TEXT_EMPTY) - at) / CLOCK_MINUTE;
    int64_t east = offset < 0 ? -offset : offset;
    return text_format(arena, "%02d:%02d:00%c%02d:%02d", minutes / 60, minutes % 60, offset < 0 ? '-' : '+',
        (int)(east / 60), (int)(east % 60));
}

/* The date is that of the number's place: Twilio turns both into UTC when times are given, and answers them so. */
static void write_wish(struct arena *arena, json_t *body, const struct port_order *order)
{
    struct date date;
    put_if(body, "target_port_in_date", order->wished_date);
    if (!order->wished_until || !date_parse(order->wished_date, &date))
        return;
    json_put_text(body, "target_port_in_time_range_start",
        time_with_offset(arena, date, order->wished_from, order->zone));
    json_put_text(body, "target_port_in_time_range_end",
        time_with_offset(arena, date, order->wished_until, order->zone));
}

struct text twilio_write_order(struct arena *arena, struct text account_sid, const struct port_order *order)
{
    JSON_CLEANUP body = json_object();
    json_put_text(body, "account_sid", account_sid);
    json_object_set_new(body, "documents", text_array(order->documents, order->document_count));
    json_object_set_new(body, "losing_carrier_information", write_losing_carrier(order));
    json_t *numbers = json_array();
    for (size_t i = 0; i < order->number_count; i++) {
        json_t *number = json_object();
        json_put_text(number, "phone_number", order->numbers[i]);
        put_if(number, "pin", order->pin);
        json_array_append_new(numbers, number);
    }
    json_object_set_new(body, "phone_numbers", numbers);
    if (order->copy_count)
        json_object_set_new(body, "notification_emails", text_array(order->copies_to, order->copy_count));
    write_wish(arena, body, order);
    return json_write(arena, body);
}

/* Not what Twilio describes: perhaps a proxy's page, so the next try may go better. */
static bool odd(struct problem *problem, const char *what)
{
    return problem_set(problem, PROBLEM_LATER, WORD_carrier_answer_odd, NULL, NULL, "twilio: %s", what);
}

/* Parses an answer; a syntax error of the carrier's is not one of our user's. */
static bool parse(struct text body, json_t **ret, struct problem *problem)
{
    struct problem inner = {0};
    if (!json_parse(body, TWILIO_ANSWER_MAX, ret, &inner))
        return odd(problem, inner.detail[0] ? inner.detail : "not JSON");
    if (json_is_object(*ret))
        return true;
    json_cleanup(ret);
    *ret = NULL;
    return odd(problem, "not an object");
}

/* A member's text, copied to the arena, since the JSON value is released before the answer is used. */
static bool take(const json_t *object, const char *name, size_t max, struct arena *arena, struct text *ret,
    struct problem *problem)
{
    struct problem inner = {0};
    struct text value = TEXT_EMPTY;
    if (!json_get_text(object, name, max, &value, &inner))
        return odd(problem, name);
    *ret = text_copy(arena, value);
    return true;
}

/* A sentence of theirs: a long one is clipped, it is only ever shown. */
static bool take_words(
    const json_t *object, const char *name, struct arena *arena, struct text *ret, struct problem *problem)
{
    struct problem inner = {0};
    struct text value = TEXT_EMPTY;
    if (!json_get_text(object, name, REASON_BYTES_MAX, &value, &inner))
        return odd(problem, name);
    *ret = text_copy(arena, text_clip(value, REASON_MAX));
    return true;
}

/* An instant in any of the forms seen: RFC 3339, or a bare date; anything else counts as not told. */
static int64_t instant_or_zero(struct text text)
{
    int64_t us = 0;
    struct date date;
    if (instant_parse(text, &us))
        return us;
    return date_parse(text, &date) ? date_at(date, 0, 0, TEXT_EMPTY) : 0;
}

/* A code is a number in one resource and a string in the other: both are read, neither is needed. */
static int64_t code_or_zero(const json_t *object, const char *name)
{
    int64_t code = 0;
    struct problem ignored = {0};
    return json_get_i64(object, name, 0, INT64_MAX, 0, &code, &ignored) ? code : 0;
}

static bool read_number(
    struct arena *arena, const json_t *object, struct carrier_number *ret, struct problem *problem)
{
    struct text changed = TEXT_EMPTY, port_date = TEXT_EMPTY;
    bool portable = true;
    struct problem ignored = {0};
    if (!json_is_object(object) || !take(object, "phone_number", SHORT_MAX, arena, &ret->e164, problem) ||
        !take(object, "port_in_phone_number_sid", SHORT_MAX, arena, &ret->ref, problem) ||
        !take(object, "port_in_phone_number_status", SHORT_MAX, arena, &ret->status, problem) ||
        !take(object, "status_last_time_updated_timestamp", SHORT_MAX, arena, &changed, problem) ||
        !take_words(object, "rejection_reason", arena, &ret->rejection, problem) ||
        !take_words(object, "not_portability_reason", arena, &ret->not_portable_reason, problem) ||
        !take(object, "port_date", SHORT_MAX, arena, &port_date, problem))
        return odd(problem, "phone_numbers");
    if (!json_get_bool(object, "portable", true, &portable, &ignored))
        return odd(problem, "portable");
    ret->not_portable = !portable;
    ret->rejection_code = code_or_zero(object, "rejection_reason_code");
    ret->changed_at = instant_or_zero(changed);
    ret->port_at = instant_or_zero(port_date);
    if (ret->port_at)
        ret->port_date = date_iso(arena, clock_date(ret->port_at, TEXT_EMPTY));
    return true;
}

static bool read_numbers(
    struct arena *arena, const json_t *port, struct carrier_port *ret, struct problem *problem)
{
    json_t *array = NULL;
    struct problem inner = {0};
    if (!json_get_array(port, "phone_numbers", TWILIO_NUMBERS_MAX, &array, &inner))
        return odd(problem, "phone_numbers");
    ret->number_count = array ? json_array_size(array) : 0;
    ret->numbers = ARENA_ARRAY(arena, struct carrier_number, ret->number_count + 1);
    for (size_t i = 0; i < ret->number_count; i++)
        if (!read_number(arena, json_array_get(array, i), &ret->numbers[i], problem))
            return false;
    return true;
}

static bool read_documents(
    struct arena *arena, const json_t *port, struct carrier_port *ret, struct problem *problem)
{
    json_t *array = NULL;
    struct problem inner = {0};
    if (!json_get_array(port, "documents", TWILIO_DOCUMENTS_MAX, &array, &inner))
        return odd(problem, "documents");
    size_t count = array ? json_array_size(array) : 0;
    struct text *documents = ARENA_ARRAY(arena, struct text, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *sid = json_array_get(array, i);
        struct text text = {json_string_value(sid), json_string_length(sid)};
        if (!json_is_string(sid) || !twilio_is_sid(text, "RD"))
            return odd(problem, "documents");
        documents[i] = text_copy(arena, text);
    }
    ret->documents = documents;
    ret->document_count = count;
    return true;
}

/* The date stands in UTC when times stand beside it: "2026-11-04" and "02:00:00Z" are the evening of the 3rd in California. */
static int64_t read_wish(struct arena *arena, struct text date, struct text from)
{
    if (!from.len || text_find_char(date, 'T', 0) != SIZE_MAX)
        return instant_or_zero(date);
    int64_t at = instant_or_zero(text_format(arena, "%.*sT%.*s", TEXT_ARG(date), TEXT_ARG(from)));
    return at ? at : instant_or_zero(date);
}

bool twilio_read_port(
    struct arena *arena, struct text body, struct carrier_port *ret, struct problem *problem)
{
    JSON_CLEANUP port = NULL;
    struct carrier_port read = {0};
    struct text created = TEXT_EMPTY, wished = TEXT_EMPTY, from = TEXT_EMPTY;
    if (!parse(body, &port, problem) ||
        !take(port, "target_port_in_date", SHORT_MAX, arena, &wished, problem) ||
        !take(port, "target_port_in_time_range_start", SHORT_MAX, arena, &from, problem) ||
        !take(port, "port_in_request_sid", SHORT_MAX, arena, &read.ref, problem) ||
        !take(port, "port_in_request_status", SHORT_MAX, arena, &read.status, problem) ||
        !take_words(port, "order_cancellation_reason", arena, &read.cancel_reason, problem) ||
        !take(port, "signature_request_url", URL_MAX, arena, &read.signature_url, problem) ||
        !take(port, "date_created", SHORT_MAX, arena, &created, problem))
        return false;
    if (!twilio_is_sid(read.ref, "KW"))
        return odd(problem, "port_in_request_sid");
    int64_t ticket = code_or_zero(port, "support_ticket_id");
    read.support_ticket = ticket ? text_format(arena, "%lld", (long long)ticket) : TEXT_EMPTY;
    read.created_at = instant_or_zero(created);
    read.wished_at = read_wish(arena, wished, from);
    if (!read_numbers(arena, port, &read, problem) || !read_documents(arena, port, &read, problem))
        return false;
    *ret = read;
    return true;
}

/* What each reason of the Portability API means for us, by its code or, where that is not told, its word. */
static const struct {
    int64_t code;
    const char *reason;
    enum portability portability;
} portability_reasons[] = {
    {22130, "UNSUPPORTED", PORTABILITY_NO}, {22131, "ALREADY_IN_THE_TARGET_ACCOUNT", PORTABILITY_HERE},
    {22132, "ALREADY_IN_TWILIO_DIFFERENT_OWNER", PORTABILITY_MANUAL}, /* moved between accounts by a person */
    {22133, "MANUAL_PORTING_AVAILABLE", PORTABILITY_MANUAL},
    {22135, "ERROR_INTERNAL_SERVER_ERROR", PORTABILITY_UNKNOWN},
    {22136, "ALREADY_IN_ONE_OF_YOUR_TWILIO_ACCOUNTS", PORTABILITY_HERE},
    {22137, "", PORTABILITY_HERE}, /* a port of it is under way in one of our accounts */
};

static enum portability portability_of(bool portable, const struct portability_answer *answer)
{
    for (size_t i = 0; i < sizeof portability_reasons / sizeof portability_reasons[0]; i++)
        if (answer->reason_code
                ? answer->reason_code == portability_reasons[i].code
                : answer->reason.len && text_is(answer->reason, portability_reasons[i].reason))
            return portability_reasons[i].portability;
    return portable ? PORTABILITY_YES : PORTABILITY_UNKNOWN;
}

bool twilio_read_portability(
    struct arena *arena, struct text body, struct portability_answer *ret, struct problem *problem)
{
    JSON_CLEANUP answer = NULL;
    struct portability_answer read = {0};
    bool portable = false;
    struct problem ignored = {0};
    if (!parse(body, &answer, problem) ||
        !take_words(answer, "not_portable_reason", arena, &read.reason, problem) ||
        !take(answer, "number_type", SHORT_MAX, arena, &read.kind, problem))
        return false;
    if (!json_get_bool(answer, "portable", false, &portable, &ignored) ||
        !json_get_bool(answer, "pin_and_account_number_required", false, &read.pin_needed, &ignored))
        return odd(problem, "portable");
    read.reason_code = code_or_zero(answer, "not_portable_reason_code");
    if (!read.reason_code)
        read.reason_code = code_or_zero(answer, "code");
    read.portability = portability_of(portable, &read);
    *ret = read;
    return true;
}

bool twilio_read_document(
    struct arena *arena, struct text body, struct text *ret_ref, struct problem *problem)
{
    JSON_CLEANUP answer = NULL;
    struct text sid = TEXT_EMPTY, mime = TEXT_EMPTY;
    if (!parse(body, &answer, problem) || !take(answer, "sid", SHORT_MAX, arena, &sid, problem) ||
        !take(answer, "mime_type", SHORT_MAX, arena, &mime, problem))
        return false;
    if (!twilio_is_sid(sid, "RD"))
        return odd(problem, "sid of a document");
    if (!mime.len)
        return problem_set(
            problem, PROBLEM_LATER, WORD_carrier_unreachable, NULL, NULL, "twilio: document arrived empty");
    *ret_ref = sid;
    return true;
}

static bool read_listed(
    struct arena *arena, const json_t *object, struct carrier_listed *ret, struct problem *problem)
{
    struct text changed = TEXT_EMPTY;
    struct carrier_listed read = {0};
    if (!json_is_object(object) ||
        !take(object, "port_in_request_sid", SHORT_MAX, arena, &read.ref, problem) ||
        !take(object, "port_in_request_status", SHORT_MAX, arena, &read.status, problem) ||
        !take_words(object, "suggested_action", arena, &read.suggested_action, problem) ||
        !take(object, "status_last_updated_timestamp", SHORT_MAX, arena, &changed, problem))
        return odd(problem, "list of ports");
    if (!twilio_is_sid(read.ref, "KW"))
        return odd(problem, "list of ports");
    read.changed_at = instant_or_zero(changed);
    read.requested = code_or_zero(object, "phone_numbers_requested");
    read.ported = code_or_zero(object, "phone_numbers_ported");
    *ret = read;
    return true;
}

bool twilio_read_list(
    struct arena *arena, struct text body, struct carrier_list *ret, struct problem *problem)
{
    JSON_CLEANUP answer = NULL;
    json_t *array = NULL, *meta = NULL;
    struct carrier_list read = {0};
    struct problem inner = {0};
    if (!parse(body, &answer, problem))
        return false;
    /* Who looks for a port takes an empty list for "there is none", so nothing else may pass for one. */
    if (!json_get_array(answer, "port_in_requests", 100, &array, &inner) || !array ||
        !json_get_object(answer, "meta", &meta, &inner) || !meta ||
        !take(meta, "next_token", TOKEN_MAX, arena, &read.next, problem))
        return odd(problem, "list of ports");
    read.count = json_array_size(array);
    read.items = ARENA_ARRAY(arena, struct carrier_listed, read.count + 1);
    for (size_t i = 0; i < read.count; i++)
        if (!read_listed(arena, json_array_get(array, i), &read.items[i], problem))
            return false;
    *ret = read;
    return true;
}

bool twilio_read_owned(struct arena *arena, struct text body, struct text e164, bool *ret_found,
    struct text *ret_ref, struct problem *problem)
{
    JSON_CLEANUP answer = NULL;
    json_t *array = NULL;
    struct problem inner = {0};
    if (!parse(body, &answer, problem))
        return false;
    if (!json_get_array(answer, "incoming_phone_numbers", TWILIO_NUMBERS_MAX, &array, &inner) || !array)
        return odd(problem, "incoming_phone_numbers");
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        struct text number = TEXT_EMPTY, sid = TEXT_EMPTY;
        if (!json_is_object(item) || !take(item, "phone_number", SHORT_MAX, arena, &number, problem) ||
            !take(item, "sid", SHORT_MAX, arena, &sid, problem))
            return odd(problem, "incoming_phone_numbers");
        /* The filter takes patterns: only the number itself counts. */
        if (!text_equal(number, e164) || !twilio_is_sid(sid, "PN"))
            continue;
        *ret_found = true;
        *ret_ref = sid;
        return true;
    }
    *ret_found = false;
    *ret_ref = TEXT_EMPTY;
    return true;
}

bool twilio_read_webhook_url(
    struct arena *arena, struct text body, struct text *ret_url, struct problem *problem)
{
    JSON_CLEANUP answer = NULL;
    return parse(body, &answer, problem) &&
           take(answer, "port_in_target_url", URL_MAX, arena, ret_url, problem);
}

int64_t twilio_read_error(struct arena *arena, struct text body, struct text *ret_message)
{
    JSON_CLEANUP answer = NULL;
    *ret_message = TEXT_EMPTY;
    if (!parse(body, &answer, NULL))
        return 0;
    struct problem ignored = {0};
    struct text message = TEXT_EMPTY;
    if (json_get_text(answer, "message", REASON_BYTES_MAX, &message, &ignored))
        *ret_message = text_copy(arena, message);
    return code_or_zero(answer, "code");
}

bool twilio_read_webhook(struct text body, struct arena *arena, struct text *ret_ref, struct problem *problem)
{
    JSON_CLEANUP event = NULL;
    struct text ref = TEXT_EMPTY;
    if (!parse(body, &event, NULL) || !take(event, "port_in_request_sid", SHORT_MAX, arena, &ref, NULL) ||
        !twilio_is_sid(ref, "KW"))
        return problem_set(problem, PROBLEM_SYNTAX, WORD_carrier_webhook_odd, NULL, NULL, NULL);
    *ret_ref = ref;
    return true;
}
