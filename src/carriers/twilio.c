#include "carriers/twilio.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "base/failpoint.h"
#include "carriers/twilio_call.h"

#define FIND_PAGES_MAX 20

static bool portability(struct carrier *carrier, struct text e164, struct arena *arena,
    struct portability_answer *ret, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    struct text number = text_percent(scratch, e164);
    struct twilio_call call = twilio_call_of(carrier, CARRIER_PORTABILITY, "GET",
        text_format(scratch, "%.*s/v1/Porting/Portability/PhoneNumber/%.*s?TargetAccountSid=%.*s",
            TEXT_ARG(carrier->base_url), TEXT_ARG(number), TEXT_ARG(carrier->account_sid)));
    struct http_answer answer;
    if (!twilio_call_out(carrier, &call, scratch, &answer, NULL, problem))
        return false;
    /* Twilio answers 400 with the reason in the body for numbers that it cannot take. */
    if (answer.status == 200 || answer.status == 400)
        return twilio_read_portability(arena, answer.body, ret, problem);
    return twilio_refuse(carrier, &call, scratch, &answer, problem);
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
    struct twilio_call call = twilio_call_of(carrier, CARRIER_UPLOAD, "POST",
        text_format(scratch, "%.*s/v1/Documents", TEXT_ARG(carrier->upload_url)));
    call.http.parts = parts;
    call.http.part_count = sizeof parts / sizeof parts[0];
    struct http_answer answer;
    return twilio_call_ok(carrier, &call, scratch, &answer, NULL, problem) &&
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
    struct twilio_call call = twilio_call_of(carrier, CARRIER_CREATE, "POST",
        text_format(scratch, "%.*s/v1/Porting/PortIn", TEXT_ARG(carrier->base_url)));
    call.http.body = twilio_write_order(scratch, carrier->account_sid, order);
    call.http.content_type = TEXT("application/json");
    call.http.sent = create_is_out;
    call.order = order;
    struct http_answer answer;
    struct problem why = {0};
    failpoint("carrier-before-call");
    bool answered = twilio_call_ok(carrier, &call, scratch, &answer, ret_sent, &why);
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
    struct twilio_call call = twilio_call_of(carrier, CARRIER_FETCH, "GET", port_url(carrier, scratch, ref));
    struct http_answer answer;
    return twilio_call_ok(carrier, &call, scratch, &answer, NULL, problem) &&
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
    const struct carrier_search *wanted;
    struct arena *arena; /* what is found is kept here */
    bool found;
    struct carrier_port port;
};

static bool look_at(struct search *search, struct text ref, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    struct twilio_call call =
        twilio_call_of(search->carrier, CARRIER_FIND, "GET", port_url(search->carrier, scratch, ref));
    struct http_answer answer;
    struct carrier_port port;
    struct problem inner = {0};
    if (!twilio_call_ok(search->carrier, &call, scratch, &answer, NULL, &inner)) {
        if (inner.kind == PROBLEM_NOT_FOUND)
            return true; /* gone since the list was made */
        *problem = inner;
        return false;
    }
    if (!twilio_read_port(scratch, answer.body, &port, problem))
        return false;
    search->found = holds(&port, search->wanted->document);
    return !search->found || twilio_read_port(search->arena, answer.body, &search->port, problem);
}

static bool is_other(const struct carrier_search *wanted, struct text ref)
{
    return wanted->is_other && wanted->is_other(wanted->context, ref);
}

/* The ports of one page, looked at one by one: the list does not tell their documents. *token is that of this page, and then
 * of the next. */
static bool find_in_page(struct search *search, struct text *token, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new(CALL_MEMORY_MAX);
    struct carrier_list list;
    if (!twilio_list(search->carrier, search->wanted->since, *token, scratch, &list, problem))
        return false;
    for (size_t i = 0; i < list.count && !search->found; i++)
        if (!is_other(search->wanted, list.items[i].ref) && !look_at(search, list.items[i].ref, problem))
            return false;
    *token = text_copy(search->arena, list.next);
    return true;
}

static bool find(struct carrier *carrier, const struct carrier_search *wanted, struct arena *arena,
    bool *ret_found, struct carrier_port *ret, struct problem *problem)
{
    struct search search = {.carrier = carrier, .wanted = wanted, .arena = arena};
    struct text token = TEXT_EMPTY;
    struct problem inner = {0};
    for (int page = 0; page < FIND_PAGES_MAX && !search.found; page++) {
        if (!find_in_page(&search, &token, &inner)) {
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
    struct twilio_call call = twilio_call_of(carrier, CARRIER_CANCEL, "DELETE", url);
    struct http_answer answer;
    struct problem inner = {0};
    bool answered = twilio_call_ok(carrier, &call, scratch, &answer, NULL, &inner);
    if ((answered && answer.status == 204) || inner.kind == PROBLEM_NOT_FOUND)
        return true;
    /* Twilio says 204. A page that somebody else put in between is no confirmation. */
    if (answered)
        problem_set(&inner, PROBLEM_LATER, WORD_carrier_answer_odd, NULL, NULL,
            "twilio: a cancel answered with HTTP %d", answer.status);
    if (problem)
        *problem = inner;
    return false;
}

static int64_t rests_for(struct carrier *carrier)
{
    return pace_rests_for(&carrier->pace);
}

static void close_connection(struct carrier *carrier)
{
    if (!carrier)
        return;
    pace_end(&carrier->pace);
    http_client_free(carrier->client);
    arena_free(carrier->arena);
    free(carrier);
}

/* Twilio's Porting API as documented and described by its OpenAPI (public beta): numbers, dates, documents, copies. What ported numbers
 * cost its API in calls a second is told nowhere: the rate is ours, gentle enough that it never had to refuse. */
static const struct carrier_can can = {
    .numbers_max = TWILIO_NUMBERS_MAX,
    .documents_max = 10,
    .document_bytes_max = 10 * 1024 * 1024,
    .document_types = "pdf jpeg png",
    .copies_max = 10,
    .countries = "US",
    .earliest_days = 7,
    .latest_days = 30,
    .takes_date = true,
    .takes_times = true,
    .own_letter = true,
    .asks_portability = true,
    .cancels_numbers = true,
    .tells_inventory = true,
    .brands_letter = true,
    .calls_per_second = 20,
};

const struct carrier_api twilio_api = {
    .name = "twilio",
    .label = "Twilio",
    .can = &can,
    .check = twilio_check,
    .portability = portability,
    .upload = upload,
    .create = create,
    .fetch = fetch,
    .find = find,
    .cancel = cancel,
    .list = twilio_list,
    .owned = twilio_owned,
    .brand = twilio_brand,
    .webhook_now = twilio_webhook_now,
    .configure_webhook = twilio_configure_webhook,
    .webhook_ref = twilio_read_webhook,
    .rests_for = rests_for,
    .close = close_connection,
};

/* Without the slash at the end, so that paths can be put behind it. */
static struct text base_of(struct arena *arena, struct text url)
{
    return text_copy(arena, text_ends(url, TEXT("/")) ? text_part(url, 0, url.len - 1) : url);
}

bool twilio_open(const struct carrier_access *access, struct carrier_connection *ret, struct problem *problem)
{
    if (!twilio_is_sid(access->account, "AC"))
        return problem_set(problem, PROBLEM_INPUT, WORD_carrier_sid_wrong, "account_sid", NULL, NULL);
    if (access->key.len && !twilio_is_sid(access->key, "SK"))
        return problem_set(problem, PROBLEM_INPUT, WORD_carrier_key_wrong, "key_sid", NULL, NULL);
    struct carrier *carrier = calloc(1, sizeof *carrier);
    if (!carrier)
        return problem_internal(problem, "out of memory");
    struct arena *arena = carrier->arena = arena_new(64 * 1024);
    carrier->base_url = base_of(arena, access->base_url);
    carrier->upload_url = base_of(arena, access->upload_url);
    carrier->api_url = base_of(arena, access->api_url);
    carrier->account_sid = text_copy(arena, access->account);
    carrier->user = text_copy(arena, access->key.len ? access->key : access->account);
    carrier->secret = text_copy(arena, access->secret);
    struct text pair = text_format(arena, "%.*s:%.*s", TEXT_ARG(carrier->user), TEXT_ARG(carrier->secret));
    carrier->basic = text_base64(arena, pair.at, pair.len);
    pace_init(&carrier->pace, access->calls_per_second ? access->calls_per_second : can.calls_per_second);
    carrier->client = http_client_new(&(struct http_client_options){
        .connect_ms = 10000,
        .total_ms = access->total_ms ? access->total_ms : 30000,
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
