#include "carriers/twilio.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "base/failpoint.h"
#include "carriers/twilio_wire.h"
#include "net/http_client.h"

#define FIND_PAGES_MAX 20

struct carrier {
    struct arena *arena; /* holds the texts below */
    struct text base_url, upload_url, account_sid, auth_token;
    struct http_client *client;
};

static struct http_call call_of(const struct carrier *carrier, const char *method, struct text url)
{
    return (struct http_call){
        .method = method, .url = url, .user = carrier->account_sid, .password = carrier->auth_token};
}

/* What an answer outside 2xx means: 401/403 are our credentials, 404 is gone, 429 and 5xx may pass, all else stays. */
static bool refuse(struct arena *arena, const struct http_answer *answer, struct problem *problem)
{
    struct text message;
    int64_t code = twilio_read_error(arena, answer->body, &message);
    enum problem_kind kind = PROBLEM_UPSTREAM;
    enum word word = WORD_carrier_refused;
    if (answer->status == 401 || answer->status == 403)
        word = WORD_carrier_credentials;
    else if (answer->status == 404) {
        kind = PROBLEM_NOT_FOUND;
        word = WORD_carrier_gone;
    } else if (answer->status == 429 || answer->status >= 500) {
        kind = PROBLEM_LATER;
        word = WORD_carrier_unreachable;
    } else if (code == 22137)
        kind = PROBLEM_CONFLICT;
    return problem_set(problem, kind, word, NULL, NULL, "twilio: HTTP %d, code %lld: %.*s", answer->status,
        (long long)code, TEXT_ARG(message));
}

/* A call whose answer must be 2xx. */
static bool fetch_ok(struct carrier *carrier, const struct http_call *call, struct arena *arena,
    struct http_answer *ret, bool *ret_sent, struct problem *problem)
{
    if (!http_fetch(carrier->client, call, arena, ret, ret_sent, problem))
        return false;
    if (ret->status >= 200 && ret->status < 300)
        return true;
    /* A refusal is an answer: nothing was made. A server error may hide a port that was. */
    if (ret_sent)
        *ret_sent = ret->status >= 500;
    return refuse(arena, ret, problem);
}

static bool portability(struct carrier *carrier, struct text e164, struct arena *arena,
    struct portability_answer *ret, struct problem *problem)
{
    struct text number = text_percent(arena, e164);
    struct http_call call = call_of(carrier, "GET",
        text_format(arena, "%.*s/v1/Porting/Portability/PhoneNumber/%.*s?TargetAccountSid=%.*s",
            TEXT_ARG(carrier->base_url), TEXT_ARG(number), TEXT_ARG(carrier->account_sid)));
    struct http_answer answer;
    if (!http_fetch(carrier->client, &call, arena, &answer, NULL, problem))
        return false;
    /* Twilio answers 400 with the reason in the body for numbers that it cannot take. */
    if (answer.status == 200 || answer.status == 400)
        return twilio_read_portability(arena, answer.body, ret, problem);
    return refuse(arena, &answer, problem);
}

static bool upload(struct carrier *carrier, const struct carrier_document *document, struct arena *arena,
    struct text *ret_ref, struct problem *problem)
{
    const struct http_part parts[] = {
        {.name = "document_type", .value = TEXT("utility_bill")},
        {.name = "friendly_name", .value = document->friendly_name},
        {.name = "File",
            .file_name = document->file_name,
            .type = document->type,
            .read = document->read,
            .context = document->context,
            .size = document->size},
    };
    struct http_call call =
        call_of(carrier, "POST", text_format(arena, "%.*s/v1/Documents", TEXT_ARG(carrier->upload_url)));
    call.parts = parts;
    call.part_count = sizeof parts / sizeof parts[0];
    struct http_answer answer;
    return fetch_ok(carrier, &call, arena, &answer, NULL, problem) &&
           twilio_read_document(arena, answer.body, ret_ref, problem);
}

static bool create(struct carrier *carrier, const struct port_order *order, struct arena *arena,
    struct carrier_port *ret, bool *ret_sent, struct problem *problem)
{
    struct http_call call =
        call_of(carrier, "POST", text_format(arena, "%.*s/v1/Porting/PortIn", TEXT_ARG(carrier->base_url)));
    call.body = twilio_write_order(arena, carrier->account_sid, order);
    call.content_type = TEXT("application/json");
    struct http_answer answer;
    failpoint("carrier-before-call");
    bool ok = fetch_ok(carrier, &call, arena, &answer, ret_sent, problem);
    failpoint("carrier-after-answer");
    if (!ok)
        return false;
    *ret_sent = true;
    return twilio_read_port(arena, answer.body, ret, problem);
}

static struct text port_url(struct carrier *carrier, struct arena *arena, struct text ref)
{
    return text_format(arena, "%.*s/v1/Porting/PortIn/%.*s", TEXT_ARG(carrier->base_url), TEXT_ARG(ref));
}

static bool fetch(struct carrier *carrier, struct text ref, struct arena *arena, struct carrier_port *ret,
    struct problem *problem)
{
    struct http_call call = call_of(carrier, "GET", port_url(carrier, arena, ref));
    struct http_answer answer;
    return fetch_ok(carrier, &call, arena, &answer, NULL, problem) &&
           twilio_read_port(arena, answer.body, ret, problem);
}

static bool holds(const struct carrier_port *port, struct text document_ref)
{
    for (size_t i = 0; i < port->document_count; i++)
        if (text_equal(port->documents[i], document_ref))
            return true;
    return false;
}

/* The ports of one page, looked at one by one: the list does not tell their documents. */
static bool find_in_page(struct carrier *carrier, const struct text *refs, size_t count, struct text document_ref,
    struct arena *arena, bool *ret_found, struct carrier_port *ret, struct problem *problem)
{
    for (size_t i = 0; i < count && !*ret_found; i++) {
        struct carrier_port port;
        if (!fetch(carrier, refs[i], arena, &port, problem))
            return false;
        if (holds(&port, document_ref)) {
            *ret = port;
            *ret_found = true;
        }
    }
    return true;
}

static bool find(struct carrier *carrier, struct text document_ref, int64_t since, struct arena *arena,
    bool *ret_found, struct carrier_port *ret, struct problem *problem)
{
    /* A day earlier, as the filter takes dates and does not say of which zone. */
    struct text after = date_iso(arena, clock_date(since - CLOCK_DAY, TEXT_EMPTY));
    struct text token = TEXT_EMPTY;
    *ret_found = false;
    for (int page = 0; page < FIND_PAGES_MAX && !*ret_found; page++) {
        struct http_call call = call_of(carrier, "GET",
            text_format(arena, "%.*s/v1/Porting/PortIn/PortInRequests?Size=100&CreatedAfter=%.*s%s%.*s",
                TEXT_ARG(carrier->base_url), TEXT_ARG(after), token.len ? "&Token=" : "",
                TEXT_ARG(text_percent(arena, token))));
        struct http_answer answer;
        struct text *refs;
        size_t count;
        if (!fetch_ok(carrier, &call, arena, &answer, NULL, problem) ||
            !twilio_read_list(arena, answer.body, &refs, &count, &token, problem) ||
            !find_in_page(carrier, refs, count, document_ref, arena, ret_found, ret, problem))
            return false;
        if (!token.len)
            return true;
    }
    return *ret_found || problem_set(problem, PROBLEM_UPSTREAM, WORD_carrier_answer_odd, NULL, NULL,
                             "twilio: more than %d pages of ports", FIND_PAGES_MAX);
}

static bool cancel(struct carrier *carrier, struct text ref, struct text number_ref, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(TWILIO_ANSWER_MAX * 2);
    struct text url = port_url(carrier, arena, ref);
    if (number_ref.len)
        url = text_format(arena, "%.*s/PhoneNumber/%.*s", TEXT_ARG(url), TEXT_ARG(number_ref));
    struct http_call call = call_of(carrier, "DELETE", url);
    struct http_answer answer;
    struct problem inner = {0};
    if (fetch_ok(carrier, &call, arena, &answer, NULL, &inner) || inner.kind == PROBLEM_NOT_FOUND)
        return true;
    if (problem)
        *problem = inner;
    return false;
}

static bool configure_webhook(struct carrier *carrier, struct text url, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(TWILIO_ANSWER_MAX * 2);
    JSON_CLEANUP body = json_object();
    json_put_text(body, "port_in_target_url", url);
    /* No filter: every event, also those that Twilio's list does not name. */
    json_object_set_new(body, "notifications_of", json_array());
    struct http_call call = call_of(
        carrier, "POST", text_format(arena, "%.*s/v1/Porting/Configuration/Webhook", TEXT_ARG(carrier->base_url)));
    call.body = json_write(arena, body);
    call.content_type = TEXT("application/json");
    struct http_answer answer;
    return fetch_ok(carrier, &call, arena, &answer, NULL, problem);
}

static void close_connection(struct carrier *carrier)
{
    if (!carrier)
        return;
    http_client_free(carrier->client);
    arena_free(carrier->arena);
    free(carrier);
}

static const struct carrier_api twilio_api = {
    .name = "twilio",
    .label = "Twilio",
    .portability = portability,
    .upload = upload,
    .create = create,
    .fetch = fetch,
    .find = find,
    .cancel = cancel,
    .configure_webhook = configure_webhook,
    .webhook_ref = twilio_read_webhook,
    .close = close_connection,
};

/* Without the slash at the end, so that paths can be put behind it. */
static struct text base_of(struct arena *arena, struct text url)
{
    return text_copy(arena, text_ends(url, TEXT("/")) ? text_part(url, 0, url.len - 1) : url);
}

bool twilio_open(const struct twilio_options *options, struct carrier_connection *ret, struct problem *problem)
{
    if (!twilio_is_sid(options->account_sid, "AC"))
        return problem_set(problem, PROBLEM_INPUT, WORD_carrier_sid_wrong, "twilio.account_sid", NULL, NULL);
    struct carrier *carrier = calloc(1, sizeof *carrier);
    if (!carrier)
        return problem_internal(problem, "out of memory");
    carrier->arena = arena_new(64 * 1024);
    carrier->base_url = base_of(carrier->arena, options->base_url);
    carrier->upload_url = base_of(carrier->arena, options->upload_url);
    carrier->account_sid = text_copy(carrier->arena, options->account_sid);
    carrier->auth_token = text_copy(carrier->arena, options->auth_token);
    carrier->client = http_client_new(&(struct http_client_options){
        .connect_ms = 10000,
        .total_ms = options->total_ms ? options->total_ms : 30000,
        .answer_max = TWILIO_ANSWER_MAX,
        .user_agent = "portdesk",
    });
    *ret = (struct carrier_connection){.api = &twilio_api, .carrier = carrier};
    return true;
}

/* Whether the URL's query has bodySHA256 with the hash of the body. */
static bool body_is_named(struct arena *arena, struct text url, struct text body)
{
    unsigned char hash[32];
    unsigned len = 0;
    if (!EVP_Digest(body.at, body.len, hash, &len, EVP_sha256(), NULL) || len != sizeof hash)
        return false;
    struct text wanted = text_format(arena, "bodySHA256=%.*s", TEXT_ARG(text_hex(arena, hash, sizeof hash)));
    size_t query = text_find_char(url, '?', 0);
    struct text rest = query == SIZE_MAX ? TEXT_EMPTY : text_part(url, query + 1, url.len);
    for (struct text pair; text_next(&rest, '&', &pair);)
        if (text_equal_nocase(pair, wanted))
            return true;
    return false;
}

enum webhook_signature twilio_check_signature(
    struct text auth_token, struct text url, struct text body, struct text signature)
{
    if (!signature.len)
        return WEBHOOK_SIGNATURE_MISSING;
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    unsigned char mac[20];
    unsigned len = 0;
    if (!HMAC(EVP_sha1(), auth_token.at, (int)auth_token.len, (const unsigned char *)url.at, url.len, mac, &len) ||
        len != sizeof mac)
        return WEBHOOK_SIGNATURE_WRONG;
    struct text right = text_base64(arena, mac, sizeof mac);
    return text_equal_secret(right, signature) && body_is_named(arena, url, body) ? WEBHOOK_SIGNATURE_VALID
                                                                                    : WEBHOOK_SIGNATURE_WRONG;
}
