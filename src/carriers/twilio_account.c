/* What is of the account and of no port: whether the credentials are good, the list of all ports, the inventory, where webhooks go, and
 * how the letter's mail looks. */
#include "base/json.h"
#include "carriers/twilio_call.h"

bool twilio_check(struct carrier *carrier, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    struct twilio_call call = twilio_call_of(carrier, CARRIER_CHECK, "GET",
        text_format(scratch, "%.*s/v1/Porting/PortIn/PortInRequests?Size=1", TEXT_ARG(carrier->base_url)));
    struct http_answer answer;
    struct carrier_list list;
    return twilio_call_ok(carrier, &call, scratch, &answer, NULL, problem) &&
           twilio_read_list(scratch, answer.body, &list, problem);
}

bool twilio_list(struct carrier *carrier, int64_t since, struct text token, struct arena *arena,
    struct carrier_list *ret, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    /* A day earlier, as the filter takes dates and does not say of which zone. */
    struct text after = date_iso(scratch, clock_date(since - CLOCK_DAY, TEXT_EMPTY));
    struct twilio_call call = twilio_call_of(carrier, CARRIER_LIST, "GET",
        text_format(scratch, "%.*s/v1/Porting/PortIn/PortInRequests?Size=100&CreatedAfter=%.*s%s%.*s",
            TEXT_ARG(carrier->base_url), TEXT_ARG(after), token.len ? "&Token=" : "",
            TEXT_ARG(text_percent(scratch, token))));
    struct http_answer answer;
    return twilio_call_ok(carrier, &call, scratch, &answer, NULL, problem) &&
           twilio_read_list(arena, answer.body, ret, problem);
}

bool twilio_owned(struct carrier *carrier, struct text e164, struct arena *arena, bool *ret_found,
    struct text *ret_ref, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    struct twilio_call call = twilio_call_of(carrier, CARRIER_OWNED, "GET",
        text_format(scratch, "%.*s/2010-04-01/Accounts/%.*s/IncomingPhoneNumbers.json?PhoneNumber=%.*s",
            TEXT_ARG(carrier->api_url), TEXT_ARG(carrier->account_sid),
            TEXT_ARG(text_percent(scratch, e164))));
    struct http_answer answer;
    struct problem inner = {0};
    if (twilio_call_ok(carrier, &call, scratch, &answer, NULL, &inner))
        return twilio_read_owned(arena, answer.body, e164, ret_found, ret_ref, problem);
    if (inner.kind == PROBLEM_NOT_FOUND) {
        *ret_found = false;
        *ret_ref = TEXT_EMPTY;
        return true;
    }
    if (problem)
        *problem = inner;
    return false;
}

static bool post(
    struct carrier *carrier, size_t operation, const char *path, const json_t *body, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    struct twilio_call call = twilio_call_of(
        carrier, operation, "POST", text_format(scratch, "%.*s%s", TEXT_ARG(carrier->base_url), path));
    call.http.body = json_write(scratch, body);
    call.http.content_type = TEXT("application/json");
    struct http_answer answer;
    return twilio_call_ok(carrier, &call, scratch, &answer, NULL, problem);
}

static void put_if(json_t *object, const char *name, struct text value)
{
    if (value.len)
        json_put_text(object, name, value);
}

bool twilio_brand(struct carrier *carrier, const struct carrier_brand *brand, struct problem *problem)
{
    JSON_CLEANUP body = json_object();
    json_put_text(body, "product", TEXT("Porting"));
    json_put_text(body, "country", TEXT("US"));
    put_if(body, "email_subject", brand->subject);
    put_if(body, "email_message", brand->message);
    put_if(body, "url_redirection", brand->redirect);
    put_if(body, "logo_sid", brand->logo);
    return post(carrier, CARRIER_BRAND, "/v1/SigningRequest/Configuration", body, problem);
}

bool twilio_webhook_now(
    struct carrier *carrier, struct arena *arena, struct text *ret_url, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    struct twilio_call call = twilio_call_of(carrier, CARRIER_WEBHOOK_NOW, "GET",
        text_format(scratch, "%.*s/v1/Porting/Configuration/Webhook", TEXT_ARG(carrier->base_url)));
    struct http_answer answer;
    struct problem inner = {0};
    *ret_url = TEXT_EMPTY;
    if (twilio_call_ok(carrier, &call, scratch, &answer, NULL, &inner))
        return twilio_read_webhook_url(arena, answer.body, ret_url, problem);
    if (inner.kind == PROBLEM_NOT_FOUND)
        return true; /* none was ever set */
    if (problem)
        *problem = inner;
    return false;
}

bool twilio_configure_webhook(struct carrier *carrier, struct text url, struct problem *problem)
{
    JSON_CLEANUP body = json_object();
    json_put_text(body, "port_in_target_url", url);
    /* No filter: every event, also those that Twilio's list does not name. */
    json_object_set_new(body, "notifications_of", json_array());
    return post(carrier, CARRIER_CONFIGURE_WEBHOOK, "/v1/Porting/Configuration/Webhook", body, problem);
}
