#include "net/http_exchange.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "net/proxies.h"

#define ARENA_LIMIT ((size_t)64 * 1024 * 1024)
#define ANSWER_LIMIT ((size_t)32 * 1024 * 1024)
#define BLANKS_MAX 64 /* before a header's value */
#define STREAM_BLOCK ((size_t)32 * 1024)

/* Whose request libmicrohttpd is reading in this thread: its log callback does not say. */
static _Thread_local struct exchange *reading;

struct text http_header(const struct http_request *request, const char *name)
{
    const struct exchange *exchange = request->native;
    for (size_t i = 0; i < exchange->header_count; i++) {
        if (text_equal_nocase(exchange->headers[i].name, text_from(name))) {
            return text_trim(exchange->headers[i].value);
        }
    }
    return TEXT_EMPTY;
}

bool http_has_header(const struct http_request *request, const char *name)
{
    const struct exchange *exchange = request->native;
    bool found = false;
    for (size_t i = 0; i < exchange->header_count; i++) {
        found |= text_equal_nocase(exchange->headers[i].name, text_from(name));
    }
    return found;
}

struct text http_cookie(const struct http_request *request, const char *name)
{
    const struct exchange *exchange = request->native;
    for (size_t i = 0; i < exchange->header_count; i++) {
        struct text rest = exchange->headers[i].value;
        if (!text_equal_nocase(exchange->headers[i].name, TEXT("Cookie"))) {
            continue;
        }
        struct text pair = TEXT_EMPTY;
        while (text_next(&rest, ';', &pair)) {
            struct text found = TEXT_EMPTY;
            pair = text_trim(pair);
            if (text_next(&pair, '=', &found) && text_is(found, name)) {
                return pair;
            }
        }
    }
    return TEXT_EMPTY;
}

struct text http_query(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->query_count; i++) {
        if (text_is(request->query[i].name, name)) {
            return request->query[i].value;
        }
    }
    return TEXT_EMPTY;
}

static bool breaks_line(struct text value)
{
    return text_find_char(value, '\r', 0) != SIZE_MAX || text_find_char(value, '\n', 0) != SIZE_MAX ||
           text_find_char(value, '\0', 0) != SIZE_MAX;
}

void http_set_header(
    struct http_request *request, struct http_response *response, const char *name, struct text value)
{
    size_t room = sizeof response->headers / sizeof response->headers[0];
    assert(response->header_count < room && !breaks_line(text_from(name)) && !breaks_line(value));
    response->headers[response->header_count++] =
        (struct http_pair){text_copy(request->arena, text_from(name)), text_copy(request->arena, value)};
}

void *exchange_begin(void *server, const char *target, struct MHD_Connection *connection)
{
    struct arena *arena = arena_new(ARENA_LIMIT);
    struct exchange *exchange = ARENA_NEW(arena, struct exchange);
    exchange->server = server;
    exchange->connection = connection;
    exchange->target = text_copy(arena, text_from(target));
    exchange->request.arena = arena;
    exchange->request.native = exchange;
    exchange->response =
        (struct http_response){.status = 200, .body = BUFFER(ANSWER_LIMIT), .stream_size = -1};
    reading = exchange;
    return exchange;
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
    (void)kind;
    struct exchange *exchange = context;
    struct http_pair pair = {{name, name_len}, {value ? value : "", value ? value_len : 0}};
    http_gate_header(&exchange->gate, pair.name, pair.value);
    if (exchange->header_count < HTTP_HEADERS_MAX) {
        exchange->headers[exchange->header_count++] = pair;
    }
    return MHD_YES;
}

static struct text peer_address(struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char text[INET6_ADDRSTRLEN] = "";
    if (info != NULL && info->client_addr != NULL && info->client_addr->sa_family == AF_INET) {
        struct sockaddr_in address;
        memcpy(&address, info->client_addr, sizeof address);
        inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
    } else if (info != NULL && info->client_addr != NULL && info->client_addr->sa_family == AF_INET6) {
        struct sockaddr_in6 address;
        memcpy(&address, info->client_addr, sizeof address);
        const unsigned char *bytes = address.sin6_addr.s6_addr;
        bool mapped = IN6_IS_ADDR_V4MAPPED(&address.sin6_addr);
        inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? bytes + 12 : bytes, text, sizeof text);
    }
    return text_copy(exchange->request.arena, text_from(text));
}

/* All X-Forwarded-For headers as one list: proxies add to the last, or add one. X-Forwarded-Host and the like are never read. */
static struct text forwarded_for(struct exchange *exchange)
{
    struct arena *arena = exchange->request.arena;
    struct text list = TEXT_EMPTY;
    for (size_t i = 0; i < exchange->header_count; i++) {
        struct text value = exchange->headers[i].value;
        if (text_equal_nocase(exchange->headers[i].name, TEXT("X-Forwarded-For"))) {
            list = list.len == 0 ? value : text_format(arena, "%.*s,%.*s", TEXT_ARG(list), TEXT_ARG(value));
        }
    }
    return list;
}

static void find_client(struct exchange *exchange)
{
    const struct proxies *proxies = exchange->server->options.proxies;
    struct http_request *request = &exchange->request;
    request->client = peer_address(exchange);
    request->from_proxy = proxies != NULL && proxies_have(proxies, request->client);
    if (request->from_proxy) {
        request->client = proxies_client(proxies, request->arena, request->client, forwarded_for(exchange));
    }
}

static void refuse_plainly(struct exchange *exchange, int status)
{
    struct http_response *response = &exchange->response;
    response->status = status;
    http_set_header(&exchange->request, response, "Content-Type", TEXT("text/plain; charset=utf-8"));
    buffer_format(&response->body, "%d %s\n", status, MHD_get_reason_phrase_for((unsigned)status));
}

static enum MHD_Result refuse_at_gate(struct exchange *exchange, int status)
{
    const struct http_server_options *options = &exchange->server->options;
    exchange->response.status = status;
    if (options->refuse != NULL) {
        options->refuse(options->application, status, &exchange->request, &exchange->response);
    } else {
        refuse_plainly(exchange, status);
    }
    exchange->stage = EXCHANGE_ANSWERED;
    wire_answer(exchange);
    return MHD_NO;
}

/* What libmicrohttpd refuses (a length that is no number, a line without a colon, a broken chunk) it answers with its head
 * written twice. Our answer goes out first and closes the connection for writing, so that its own is never sent. */
void exchange_library_says(void *server, const char *format, va_list args)
{
    (void)server;
    if (reading == NULL || reading->stage == EXCHANGE_ANSWERED ||
        !text_starts(text_from(format), TEXT("Error processing request"))) {
        return;
    }
    unsigned status = va_arg(args, unsigned);
    if (!reading->refused_by_library) {
        reading->refused_by_library = true;
        pthread_mutex_lock(&reading->server->lock);
        reading->server->refusing++;
        pthread_mutex_unlock(&reading->server->lock);
    }
    refuse_at_gate(reading, status == 431 ? 431 : 400);
}

static enum MHD_Result refuse_body(struct exchange *exchange)
{
    exchange->plan.answer(
        exchange->plan.context, &exchange->request, &exchange->response, &exchange->refused);
    exchange->stage = EXCHANGE_ANSWERED;
    wire_answer(exchange);
    return MHD_NO;
}

/* libmicrohttpd 0.9.75 hides from us where lines are folded, end with a bare LF, hold a NUL or have no name: what is behind
 * a NUL or a fold is lost or, worse, becomes part of a name, so that a length is not seen. But it leaves the bytes where they
 * came, so the headers that it tells of must stand one behind the other, two bytes apart, from the version to the end. */
static bool headers_are_all(const struct exchange *exchange, const char *method, const char *version)
{
#if MHD_VERSION < 0x01000000
    const char *end = version + text_from(version).len + 2;
    for (size_t i = 0; i < exchange->header_count; i++) {
        struct text name = exchange->headers[i].name, value = exchange->headers[i].value;
        uintptr_t blanks = (uintptr_t)value.at - (uintptr_t)(name.at + name.len + 1);
        if (name.at != end || blanks > BLANKS_MAX) {
            return false;
        }
        end = value.at + value.len + 2;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info != NULL && (uintptr_t)(end + 2) - (uintptr_t)method == info->header_size;
#else
    (void)exchange; /* it refuses all of these by itself */
    (void)method;
    (void)version;
    return true;
#endif
}

static bool too_large(struct exchange *exchange)
{
    return problem_set(&exchange->refused, PROBLEM_TOO_LARGE, WORD_problem_too_large, NULL, NULL,
        "body of more than %zu bytes", exchange->plan.body == HTTP_BODY_NONE ? 0 : exchange->plan.limit);
}

static enum MHD_Result take_headers(struct exchange *exchange, const char *method, const char *version)
{
    struct http_request *request = &exchange->request;
    request->method = http_gate_method(text_from(method));
    MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, take_header, exchange);
    find_client(exchange);
    int status = http_gate_status(&exchange->gate, request->method, text_from(version));
    if (status == 0 && (!headers_are_all(exchange, method, version) ||
                           !http_gate_target(request->arena, exchange->target, request))) {
        status = 400;
    }
    if (status != 0) {
        return refuse_at_gate(exchange, status);
    }
    struct http_server *server = exchange->server;
    pthread_mutex_lock(&server->lock);
    server->active++;
    pthread_mutex_unlock(&server->lock);
    exchange->planned = true;
    server->options.accept(server->options.application, request, &exchange->plan);
    assert(exchange->plan.answer != NULL);
    assert(exchange->plan.body != HTTP_BODY_STREAM || exchange->plan.sink != NULL);
    exchange->body = BUFFER(exchange->plan.limit);
    exchange->stage = EXCHANGE_BODY;
    bool none = exchange->plan.body == HTTP_BODY_NONE;
    if (http_gate_has_body(&exchange->gate) && (none || exchange->gate.length > exchange->plan.limit)) {
        too_large(exchange);
        return refuse_body(exchange);
    }
    return MHD_YES;
}

static bool take_bytes(struct exchange *exchange, struct text bytes)
{
    struct http_plan *plan = &exchange->plan;
    if (bytes.len > plan->limit - exchange->received) {
        return too_large(exchange);
    }
    exchange->received += bytes.len;
    if (plan->body == HTTP_BODY_MEMORY) {
        return buffer_text(&exchange->body, bytes) || too_large(exchange);
    }
    return plan->sink(plan->context, bytes) ||
           problem_set(&exchange->refused, PROBLEM_SYNTAX, WORD_problem_syntax, NULL, NULL, "body refused");
}

static ssize_t stream_read(void *context, uint64_t position, char *at, size_t max)
{
    struct exchange *exchange = context;
    struct http_response *response = &exchange->response;
    int64_t got = response->stream(response->stream_context, at, max);
    assert(got <= (int64_t)max);
    if (got > 0) {
        return (ssize_t)got;
    }
    bool whole = response->stream_size < 0 || position == (uint64_t)response->stream_size;
    return got == 0 && whole ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

static struct MHD_Response *native_response(struct exchange *exchange)
{
    struct http_response *response = &exchange->response;
    if (response->stream != NULL) {
        uint64_t size = response->stream_size < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)response->stream_size;
        return MHD_create_response_from_callback(size, STREAM_BLOCK, stream_read, exchange, NULL);
    }
    /* Stays in the exchange, which lives until the answer is sent. */
    return MHD_create_response_from_buffer(response->body.len, response->body.at, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result send_answer(struct exchange *exchange)
{
    struct http_response *response = &exchange->response;
    assert(!response->body.overflowed);
    if (exchange->request.method == HTTP_HEAD && response->stream != NULL && response->stream_size < 0) {
        wire_answer(
            exchange); /* libmicrohttpd 0.9.75 would send the last chunk of a body that HEAD does not have */
        return MHD_NO;
    }
    struct MHD_Response *native = native_response(exchange);
    if (native == NULL) {
        return MHD_NO;
    }
    enum MHD_Result done = MHD_YES;
    for (size_t i = 0; i < response->header_count && done == MHD_YES; i++) {
        done = MHD_add_response_header(native, response->headers[i].name.at, response->headers[i].value.at);
    }
    /* A chunked body ends its connection: should we and a proxy ever disagree where it ended, nothing follows it. */
    if (done == MHD_YES &&
        (response->close || exchange->gate.codings > 0 || atomic_load(&exchange->server->stopping))) {
        done = MHD_add_response_header(native, "Connection", "close");
    }
    if (done == MHD_YES) {
        done = MHD_queue_response(exchange->connection, (unsigned)response->status, native);
    }
    MHD_destroy_response(native);
    return done;
}

static enum MHD_Result make_answer(struct exchange *exchange)
{
    exchange->request.body = buffer_view(&exchange->body);
    exchange->plan.answer(exchange->plan.context, &exchange->request, &exchange->response, NULL);
    exchange->stage = EXCHANGE_ANSWERED;
    return send_answer(exchange);
}

enum MHD_Result exchange_handle(void *server, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *bytes, size_t *size, void **context)
{
    (void)server;
    (void)connection;
    (void)url; /* libmicrohttpd's own reading of the target */
    struct exchange *exchange = *context;
    if (exchange->stage == EXCHANGE_NEW) {
        return take_headers(exchange, method, version);
    }
    if (*size > 0) {
        struct text piece = {bytes, *size};
        *size = 0;
        return take_bytes(exchange, piece) ? MHD_YES : refuse_body(exchange);
    }
    return exchange->stage == EXCHANGE_BODY ? make_answer(exchange) : MHD_NO;
}

void exchange_over(void *server_context, struct MHD_Connection *connection, void **context,
    enum MHD_RequestTerminationCode code)
{
    (void)connection;
    (void)code;
    struct http_server *server = server_context;
    struct exchange *exchange = *context;
    if (exchange == NULL) {
        return;
    }
    *context = NULL;
    reading = NULL;
    if (exchange->response.stream_end != NULL) {
        exchange->response.stream_end(exchange->response.stream_context);
    }
    bool planned = exchange->planned, refused = exchange->refused_by_library;
    if (planned && exchange->plan.end != NULL) {
        exchange->plan.end(exchange->plan.context);
    }
    buffer_free(&exchange->body);
    buffer_free(&exchange->response.body);
    arena_free(exchange->request.arena);
    if (planned || refused) {
        pthread_mutex_lock(&server->lock);
        server->active -= planned ? 1 : 0;
        server->refusing -= refused ? 1 : 0;
        pthread_cond_broadcast(&server->idle);
        pthread_mutex_unlock(&server->lock);
    }
}
