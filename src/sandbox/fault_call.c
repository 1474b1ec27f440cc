/* Faults of calls: what a caller meets in place of the answer, before the call had its effect or after. */
#include "base/failpoint.h"
#include "sandbox/app.h"
#include "sandbox/fault.h"
#include "sandbox/scenario.h"

#define OVERSIZED_BYTES ((int64_t)48 * 1024 * 1024)

static const struct {
    void (*handle)(struct exchange *exchange);
    enum fault_place place;
} handlers[] = {
    {api_portability, FAULT_AT_PORTABILITY},
    {api_document, FAULT_AT_UPLOAD},
    {api_port_create, FAULT_AT_CREATE},
    {api_port_fetch, FAULT_AT_FETCH},
    {api_number_fetch, FAULT_AT_FETCH},
    {api_port_list, FAULT_AT_LIST},
    {api_port_delete, FAULT_AT_CANCEL},
    {api_number_delete, FAULT_AT_CANCEL},
    {api_webhook_set, FAULT_AT_CONFIGURE},
    {api_webhook_get, FAULT_AT_CONFIGURE},
    {api_webhook_delete, FAULT_AT_CONFIGURE},
    {api_signing_set, FAULT_AT_CONFIGURE},
    {api_signing_list, FAULT_AT_CONFIGURE},
    {api_inventory_list, FAULT_AT_INVENTORY},
    {api_inventory_fetch, FAULT_AT_INVENTORY},
    {api_signing_set, FAULT_AT_CONFIGURE},
    {api_signing_list, FAULT_AT_CONFIGURE},
};

static enum fault_place place_of(const struct exchange *exchange)
{
    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++)
        if (handlers[i].handle == exchange->route->handle)
            return handlers[i].place;
    return FAULT_AT_OTHER;
}

/* ---- Which number it is about ---- */

static struct text number_in_body(struct exchange *exchange)
{
    struct text body = exchange->request->body, key = TEXT("\"phone_number\"");
    size_t at = text_find(body, key, 0);
    size_t plus = at == SIZE_MAX ? SIZE_MAX : text_find_char(body, '+', at + key.len);
    struct text number = plus == SIZE_MAX ? TEXT_EMPTY : text_part(body, plus, 12);
    return number_ok(number) ? number : TEXT_EMPTY;
}

struct deciding {
    struct exchange *exchange;
    enum fault_place place;
    int64_t at;
    bool found;
    struct fault_rule rule;
    struct text subject;
};

/* Of a port it is the first number. */
static struct text subject_of(struct db_tx *tx, const struct deciding *deciding)
{
    struct exchange *exchange = deciding->exchange;
    if (deciding->place == FAULT_AT_CREATE)
        return number_in_body(exchange);
    if (deciding->place == FAULT_AT_PORTABILITY)
        return number_ok(exchange->params[0]) ? exchange->params[0] : TEXT_EMPTY;
    if (deciding->place != FAULT_AT_FETCH && deciding->place != FAULT_AT_CANCEL)
        return TEXT_EMPTY;
    DB_ROWS rows = db_query(tx, "SELECT e164 FROM port_number WHERE port_sid = $1 AND position = 0",
        DB_ARGS(db_text(exchange->params[0])));
    return db_next(rows) ? db_col_copy(rows, 0, exchange->arena) : TEXT_EMPTY;
}

static bool decide(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    deciding->subject = subject_of(tx, deciding);
    deciding->found = fault_decide(tx, deciding->place, deciding->subject, deciding->at, &deciding->rule);
    return db_ok(tx);
}

/* ---- What is answered ---- */

struct broken {
    struct text bytes;
    size_t sent;
};

/* Gives what there is, and then breaks the connection, since more was announced. */
static int64_t send_broken(void *context, char *at, size_t max)
{
    struct broken *broken = context;
    size_t left = broken->bytes.len - broken->sent, len = left < max ? left : max;
    if (!len)
        return -1;
    for (size_t i = 0; i < len; i++)
        at[i] = broken->bytes.at[broken->sent + i];
    broken->sent += len;
    return (int64_t)len;
}

static int64_t send_blanks(void *context, char *at, size_t max)
{
    int64_t *left = context;
    int64_t len = *left < (int64_t)max ? *left : (int64_t)max;
    for (int64_t i = 0; i < len; i++)
        at[i] = ' ';
    *left -= len;
    return len;
}

static void stream(
    struct exchange *exchange, int64_t (*send)(void *, char *, size_t), void *context, int64_t announced)
{
    struct http_response *response = exchange->response;
    response->stream = send;
    response->stream_context = context;
    response->stream_size = announced;
    response->close = true;
}

/* What was answered, or a beginning like that of an answer when nothing was done. */
static struct text answer_so_far(struct exchange *exchange)
{
    struct text body = buffer_view(&exchange->response->body);
    return body.len ? text_copy(exchange->arena, body)
                    : TEXT("{\"port_in_request_sid\":\"KW0123456789abcdef0123456789abcdef\",\"url\"");
}

static void answer_garbage(struct exchange *exchange, const struct deciding *deciding)
{
    static const char *const pages[] = {"<html><body><h1>Welcome to your Wi-Fi</h1></body></html>", "{}",
        "[]", "null", "{\"port_in_request_sid\":", "\xff\xfe\x00",
        "{\"port_in_request_sid\":17,\"phone_numbers\":{}}",
        "{\"port_in_request_status\":\"In progress\",\"port_in_request_sid\":\"KW1\",\"sid\":\"RD1\"}"};
    uint64_t chance = fault_random(deciding->subject, (uint64_t)deciding->place);
    buffer_reset(&exchange->response->body);
    buffer_string(&exchange->response->body, pages[chance % (sizeof pages / sizeof pages[0])]);
    exchange->response->status = 200;
}

static void answer_fault(struct exchange *exchange, const struct deciding *deciding)
{
    struct http_response *response = exchange->response;
    const struct fault_rule *rule = &deciding->rule;
    struct text so_far = answer_so_far(exchange);
    if (rule->does == FAULT_ERROR || rule->does == FAULT_LIMIT) {
        int status = rule->does == FAULT_LIMIT ? 429 : rule->status ? rule->status : 500;
        struct text seconds = text_format(exchange->arena, "%d", rule->seconds);
        buffer_reset(&response->body);
        response->header_count = 0;
        if (rule->does == FAULT_LIMIT)
            http_set_header(exchange->request, response, "Retry-After", seconds);
        api_error(exchange, status, status == 429 ? 20429 : 20500,
            status == 429 ? "Too many requests" : "An internal server error has occurred");
    } else if (rule->does == FAULT_SILENCE) {
        fault_wait(rule->seconds);
        stream(exchange, send_broken, ARENA_NEW(exchange->arena, struct broken), 1);
    } else if (rule->does == FAULT_CUT) {
        struct broken *broken = ARENA_NEW(exchange->arena, struct broken);
        broken->bytes = text_part(so_far, 0, so_far.len / 2);
        response->status = response->status == 204 ? 200 : response->status;
        stream(exchange, send_broken, broken, (int64_t)so_far.len + 1);
    } else if (rule->does == FAULT_OVERSIZED) {
        int64_t *left = ARENA_NEW(exchange->arena, int64_t);
        *left = OVERSIZED_BYTES;
        response->status = 200;
        stream(exchange, send_blanks, left, OVERSIZED_BYTES);
    } else
        answer_garbage(exchange, deciding);
}

static void handle(struct exchange *exchange)
{
    failpoint("sandbox-before-effect");
    exchange->route->handle(exchange);
    failpoint("sandbox-before-answer");
}

void fault_handle(struct exchange *exchange)
{
    struct deciding deciding = {.exchange = exchange,
        .place = exchange->route->kind == ROUTE_API ? place_of(exchange) : FAULT_PLACES,
        .at = clock_now(exchange->sandbox->clock)};
    if (deciding.place == FAULT_PLACES) {
        exchange->route->handle(exchange);
        return;
    }
    if (fault_possible(deciding.place))
        db_write(exchange->sandbox->db, decide, &deciding, NULL);
    if (!deciding.found || deciding.rule.after)
        handle(exchange);
    if (deciding.found)
        answer_fault(exchange, &deciding);
}
