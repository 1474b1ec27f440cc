#include "carriers/twilio.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "base/failpoint.h"
#include "base/metrics.h"
#include "base/trace.h"
#include "carriers/twilio_wire.h"
#include "net/http_client.h"

#define FIND_PAGES_MAX 20
#define WORDS_MAX 300 /* code points of an error that are kept */
/* For one call: an answer, what is sent, and addresses. What the caller keeps is copied to his own arena. */
#define CALL_MEMORY_MAX ((size_t)TWILIO_ANSWER_MAX * 2)

struct carrier {
    struct arena *arena; /* holds the texts below */
    struct text base_url, upload_url, account_sid, auth_token;
    struct text basic; /* what goes over the wire in place of the two */
    struct http_client *client;
};

/* A call, with what it is counted as (CARRIER_... of metrics.h). */
struct call {
    size_t operation;
    struct http_call http;
    const struct port_order *order; /* whose secrets it tells, or NULL */
};

static struct call call_of(
    const struct carrier *carrier, size_t operation, const char *method, struct text url)
{
    struct call call = {.operation = operation,
        .http = {
            .method = method, .url = url, .user = carrier->account_sid, .password = carrier->auth_token}};
    /* Of no use to Twilio but when they look into their logs for us; the sandbox carrier writes it to its own. */
    if (trace_get().len)
        call.http.headers[0] = (struct http_pair){TEXT("X-Request-Id"), trace_get()};
    return call;
}

/* An error may repeat what was sent: with a secret in it, its words are left out. */
static bool repeats_secret(const struct carrier *carrier, const struct port_order *order, struct text words)
{
    const struct text secrets[] = {carrier->auth_token, carrier->basic, order ? order->pin : TEXT_EMPTY,
        order ? order->account_number : TEXT_EMPTY};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        if (secrets[i].len && text_find(words, secrets[i], 0) != SIZE_MAX)
            return true;
    return false;
}

/* What an answer outside 2xx means: 401/403 are our credentials, which the operator mends, so nobody's port is refused for them;
 * 404 is gone, 429 and 5xx may pass, all else stays. */
static bool refuse(const struct carrier *carrier, const struct call *call, struct arena *arena,
    const struct http_answer *answer, struct problem *problem)
{
    struct text message;
    int64_t code = twilio_read_error(arena, answer->body, &message);
    if (repeats_secret(carrier, call->order, message))
        message = TEXT("refused; its words repeat a secret");
    message = text_clip(message, WORDS_MAX);
    enum problem_kind kind = PROBLEM_UPSTREAM;
    enum word word = WORD_carrier_refused;
    if (answer->status == 401 || answer->status == 403) {
        kind = PROBLEM_LATER;
        word = WORD_carrier_credentials;
    } else if (answer->status == 404) {
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

static size_t outcome_of(bool answered, int status, const struct problem *problem)
{
    if (!answered)
        return problem->kind == PROBLEM_LATER ? CARRIER_NO_ANSWER : CARRIER_BROKEN;
    if (status >= 200 && status < 300)
        return CARRIER_OK;
    if (status == 401 || status == 403)
        return CARRIER_UNAUTHORIZED;
    if (status == 429)
        return CARRIER_LIMITED;
    return status >= 400 && status < 500 ? CARRIER_REFUSED : CARRIER_ERROR;
}

static bool call_out(struct carrier *carrier, const struct call *call, struct arena *arena,
    struct http_answer *ret, bool *ret_sent, struct problem *problem)
{
    struct problem why = {0};
    int64_t began = metric_clock();
    bool sent = false, answered = http_fetch(carrier->client, &call->http, arena, ret, &sent, &why);
    metric_observe(METRIC_CARRIER_DURATION, METRIC_AT(call->operation), metric_clock() - began);
    metric_add(METRIC_CARRIER_CALLS,
        METRIC_AT(call->operation, outcome_of(answered, answered ? ret->status : 0, &why)), 1);
    if (ret_sent)
        *ret_sent = sent;
    /* What came was no answer of Twilio's, perhaps a proxy's: the next try may go better. */
    if (!answered && sent && why.kind == PROBLEM_UPSTREAM)
        why.kind = PROBLEM_LATER;
    if (!answered && problem && problem->kind == PROBLEM_NONE)
        *problem = why;
    return answered;
}

/* A call whose answer must be 2xx. */
static bool fetch_ok(struct carrier *carrier, const struct call *call, struct arena *arena,
    struct http_answer *ret, bool *ret_sent, struct problem *problem)
{
    if (!call_out(carrier, call, arena, ret, ret_sent, problem))
        return false;
    if (ret->status >= 200 && ret->status < 300)
        return true;
    /* A refusal is an answer: nothing was made. A server error may hide a port that was. */
    if (ret_sent)
        *ret_sent = ret->status >= 500;
    return refuse(carrier, call, arena, ret, problem);
}

static bool portability(struct carrier *carrier, struct text e164, struct arena *arena,
    struct portability_answer *ret, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    struct text number = text_percent(scratch, e164);
    struct call call = call_of(carrier, CARRIER_PORTABILITY, "GET",
        text_format(scratch, "%.*s/v1/Porting/Portability/PhoneNumber/%.*s?TargetAccountSid=%.*s",
            TEXT_ARG(carrier->base_url), TEXT_ARG(number), TEXT_ARG(carrier->account_sid)));
    struct http_answer answer;
    if (!call_out(carrier, &call, scratch, &answer, NULL, problem))
        return false;
    /* Twilio answers 400 with the reason in the body for numbers that it cannot take. */
    if (answer.status == 200 || answer.status == 400)
        return twilio_read_portability(arena, answer.body, ret, problem);
    return refuse(carrier, &call, scratch, &answer, problem);
}

static bool upload(struct carrier *carrier, const struct carrier_document *document, struct arena *arena,
    struct text *ret_ref, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
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
    struct call call = call_of(carrier, CARRIER_UPLOAD, "POST",
        text_format(scratch, "%.*s/v1/Documents", TEXT_ARG(carrier->upload_url)));
    call.http.parts = parts;
    call.http.part_count = sizeof parts / sizeof parts[0];
    struct http_answer answer;
    return fetch_ok(carrier, &call, scratch, &answer, NULL, problem) &&
           twilio_read_document(arena, answer.body, ret_ref, problem);
}

static void create_is_out(void)
{
    failpoint("carrier-during-call");
}

static bool create(struct carrier *carrier, const struct port_order *order, struct arena *arena,
    struct carrier_port *ret, bool *ret_sent, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    struct call call = call_of(carrier, CARRIER_CREATE, "POST",
        text_format(scratch, "%.*s/v1/Porting/PortIn", TEXT_ARG(carrier->base_url)));
    call.http.body = twilio_write_order(scratch, carrier->account_sid, order);
    call.http.content_type = TEXT("application/json");
    call.http.sent = create_is_out;
    call.order = order;
    struct http_answer answer;
    struct problem why = {0};
    failpoint("carrier-before-call");
    bool answered = fetch_ok(carrier, &call, scratch, &answer, ret_sent, &why);
    failpoint("carrier-after-answer");
    if (answered) {
        *ret_sent = true;
        if (twilio_read_port(arena, answer.body, ret, &why))
            return true;
    }
    /* It may have been made, by an answer that says nothing to us: that is no refusal, the next try looks for it. */
    if (*ret_sent)
        why.kind = PROBLEM_LATER;
    if (problem)
        *problem = why;
    return false;
}

static struct text port_url(struct carrier *carrier, struct arena *arena, struct text ref)
{
    return text_format(arena, "%.*s/v1/Porting/PortIn/%.*s", TEXT_ARG(carrier->base_url), TEXT_ARG(ref));
}

static bool fetch(struct carrier *carrier, struct text ref, struct arena *arena, struct carrier_port *ret,
    struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    struct call call = call_of(carrier, CARRIER_FETCH, "GET", port_url(carrier, scratch, ref));
    struct http_answer answer;
    return fetch_ok(carrier, &call, scratch, &answer, NULL, problem) &&
           twilio_read_port(arena, answer.body, ret, problem);
}

static bool holds(const struct carrier_port *port, struct text document_ref)
{
    for (size_t i = 0; i < port->document_count; i++)
        if (text_equal(port->documents[i], document_ref))
            return true;
    return false;
}

struct search {
    struct carrier *carrier;
    struct text document_ref;
    struct arena *arena; /* what is found is kept here */
    bool found;
    struct carrier_port port;
};

static bool look_at(struct search *search, struct text ref, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    struct call call = call_of(search->carrier, CARRIER_FIND, "GET", port_url(search->carrier, scratch, ref));
    struct http_answer answer;
    struct carrier_port port;
    struct problem inner = {0};
    if (!fetch_ok(search->carrier, &call, scratch, &answer, NULL, &inner)) {
        if (inner.kind == PROBLEM_NOT_FOUND)
            return true; /* gone since the list was made */
        *problem = inner;
        return false;
    }
    if (!twilio_read_port(scratch, answer.body, &port, problem))
        return false;
    search->found = holds(&port, search->document_ref);
    return !search->found || twilio_read_port(search->arena, answer.body, &search->port, problem);
}

/* The ports of one page, looked at one by one: the list does not tell their documents. *token is that of this page, and then
 * of the next. */
static bool find_in_page(
    struct search *search, struct text after, struct text *token, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    struct call call = call_of(search->carrier, CARRIER_FIND, "GET",
        text_format(scratch, "%.*s/v1/Porting/PortIn/PortInRequests?Size=100&CreatedAfter=%.*s%s%.*s",
            TEXT_ARG(search->carrier->base_url), TEXT_ARG(after), token->len ? "&Token=" : "",
            TEXT_ARG(text_percent(scratch, *token))));
    struct http_answer answer;
    struct text *refs;
    struct text next;
    size_t count;
    if (!fetch_ok(search->carrier, &call, scratch, &answer, NULL, problem) ||
        !twilio_read_list(scratch, answer.body, &refs, &count, &next, problem))
        return false;
    for (size_t i = 0; i < count && !search->found; i++)
        if (!look_at(search, refs[i], problem))
            return false;
    *token = text_copy(search->arena, next);
    return true;
}

static bool find(struct carrier *carrier, struct text document_ref, int64_t since, struct arena *arena,
    bool *ret_found, struct carrier_port *ret, struct problem *problem)
{
    struct search search = {.carrier = carrier, .document_ref = document_ref, .arena = arena};
    /* A day earlier, as the filter takes dates and does not say of which zone. */
    struct text after = date_iso(arena, clock_date(since - CLOCK_DAY, TEXT_EMPTY));
    struct text token = TEXT_EMPTY;
    struct problem inner = {0};
    for (int page = 0; page < FIND_PAGES_MAX && !search.found; page++) {
        if (!find_in_page(&search, after, &token, &inner)) {
            if (problem)
                *problem = inner;
            return false;
        }
        if (!token.len)
            break;
    }
    if (!search.found && token.len)
        return problem_set(problem, PROBLEM_UPSTREAM, WORD_carrier_answer_odd, NULL, NULL,
            "twilio: more than %d pages of ports", FIND_PAGES_MAX);
    *ret_found = search.found;
    if (search.found)
        *ret = search.port;
    return true;
}

static bool cancel(struct carrier *carrier, struct text ref, struct text number_ref, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    struct text url = port_url(carrier, scratch, ref);
    if (number_ref.len)
        url = text_format(scratch, "%.*s/PhoneNumber/%.*s", TEXT_ARG(url), TEXT_ARG(number_ref));
    struct call call = call_of(carrier, CARRIER_CANCEL, "DELETE", url);
    struct http_answer answer;
    struct problem inner = {0};
    if (fetch_ok(carrier, &call, scratch, &answer, NULL, &inner) || inner.kind == PROBLEM_NOT_FOUND)
        return true;
    if (problem)
        *problem = inner;
    return false;
}

static bool configure_webhook(struct carrier *carrier, struct text url, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(CALL_MEMORY_MAX);
    JSON_CLEANUP body = json_object();
    json_put_text(body, "port_in_target_url", url);
    /* No filter: every event, also those that Twilio's list does not name. */
    json_object_set_new(body, "notifications_of", json_array());
    struct call call = call_of(carrier, CARRIER_CONFIGURE_WEBHOOK, "POST",
        text_format(arena, "%.*s/v1/Porting/Configuration/Webhook", TEXT_ARG(carrier->base_url)));
    call.http.body = json_write(arena, body);
    call.http.content_type = TEXT("application/json");
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

bool twilio_open(
    const struct twilio_options *options, struct carrier_connection *ret, struct problem *problem)
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
    struct text pair = text_format(
        carrier->arena, "%.*s:%.*s", TEXT_ARG(carrier->account_sid), TEXT_ARG(carrier->auth_token));
    carrier->basic = text_base64(carrier->arena, pair.at, pair.len);
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
    if (!HMAC(EVP_sha1(), auth_token.at, (int)auth_token.len, (const unsigned char *)url.at, url.len, mac,
            &len) ||
        len != sizeof mac)
        return WEBHOOK_SIGNATURE_WRONG;
    struct text right = text_base64(arena, mac, sizeof mac);
    return text_equal_secret(right, signature) && body_is_named(arena, url, body) ? WEBHOOK_SIGNATURE_VALID
                                                                                  : WEBHOOK_SIGNATURE_WRONG;
}
