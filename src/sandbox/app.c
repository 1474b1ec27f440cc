#include "sandbox/app.h"

#include "base/log.h"
#include "base/metrics.h"
#include "base/trace.h"
#include "sandbox_pages.gen.h"

struct text say(struct exchange *exchange, enum word word)
{
    return words_say(exchange->arena, LANGUAGE_EN, word, WORD_NO_ARGS);
}

static void header(struct exchange *exchange, const char *name, const char *value)
{
    http_set_header(exchange->request, exchange->response, name, text_from(value));
}

void answer_json(struct exchange *exchange, int status, const json_t *json)
{
    exchange->response->status = status;
    header(exchange, "Content-Type", "application/json");
    header(exchange, "Cache-Control", "no-store");
    header(exchange, "X-Content-Type-Options", "nosniff");
    /* Straight into the body: a long list need not fit into the request's arena as well. */
    size_t len = json_dumpb(json, NULL, 0, JSON_COMPACT);
    exchange->response->body.limit = len;
    char *at = buffer_reserve(&exchange->response->body, len);
    if (at)
        exchange->response->body.len += json_dumpb(json, at, len, JSON_COMPACT);
}

void answer_page(struct exchange *exchange, int status, struct text title, bool operator_pages, bool error)
{
    struct view_shell shell = {.title = title, .operator_pages = operator_pages, .error = error};
    exchange->response->status = status;
    header(exchange, "Content-Type", "text/html; charset=utf-8");
    http_set_header(exchange->request, exchange->response, "Content-Security-Policy",
        text_format(exchange->arena,
            "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; frame-src 'self';%s"
            " form-action 'self' %.*s; base-uri 'none'; frame-ancestors 'none'",
            exchange->has_script ? " script-src 'self';" : "", TEXT_ARG(exchange->form_to)));
    header(exchange, "X-Content-Type-Options", "nosniff");
    /* A signing link opens a letter: it must not travel on in a Referer. */
    header(exchange, "Referrer-Policy", "same-origin");
    header(exchange, "Cross-Origin-Opener-Policy", "same-origin");
    header(exchange, "Cache-Control", "no-store");
    exchange->response->body.limit = SANDBOX_ANSWER_MAX;
    shell_begin_write(&exchange->response->body, LANGUAGE_EN, &shell);
}

void answer_page_end(struct exchange *exchange, bool operator_pages)
{
    struct view_shell shell = {.operator_pages = operator_pages};
    shell_end_write(&exchange->response->body, LANGUAGE_EN, &shell);
}

void answer_message(struct exchange *exchange, int status, enum word title, enum word said)
{
    struct view_message view = {.title = say(exchange, title), .said = say(exchange, said)};
    struct text path = exchange->request->path;
    /* Whoever was at the control page or the mailbox finds the way back; whoever signs never gets there. */
    bool operator_pages = text_starts(path, TEXT("/control")) || text_starts(path, TEXT("/mail"));
    answer_page(exchange, status, view.title, operator_pages, false);
    message_page_write(&exchange->response->body, LANGUAGE_EN, &view);
    answer_page_end(exchange, operator_pages);
}

void answer_problem(struct exchange *exchange, const struct problem *problem)
{
    if (problem->kind == PROBLEM_INTERNAL)
        log_problem(LOG_LEVEL_ERROR, "page.failed", problem);
    answer_message(exchange, problem_status(problem->kind), WORD_sandbox_message_title,
        problem->word == WORD_NONE ? WORD_sandbox_internal : problem->word);
}

void answer_see_other(struct exchange *exchange, struct text path)
{
    exchange->response->status = 303;
    http_set_header(exchange->request, exchange->response, "Location", path);
    header(exchange, "Cache-Control", "no-store");
}

void api_error(struct exchange *exchange, int status, int code, const char *message, ...)
{
    char text[512];
    va_list args;
    va_start(args, message);
    int len = vsnprintf(text, sizeof text, message, args);
    va_end(args);
    size_t used = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    /* The cut may have gone through a character. */
    while (used > 0 && !text_is_utf8((struct text){text, used}))
        used--;
    JSON_CLEANUP json = json_object();
    json_put_i64(json, "code", code);
    json_put_text(json, "message", (struct text){text, used});
    json_put_text(
        json, "more_info", text_format(exchange->arena, "https://www.twilio.com/docs/errors/%d", code));
    json_put_i64(json, "status", status);
    answer_json(exchange, status, json);
}

void api_not_found(struct exchange *exchange)
{
    api_error(
        exchange, 404, 20404, "The requested resource %.*s was not found", TEXT_ARG(exchange->request->path));
}

void api_problem(struct exchange *exchange, const struct problem *problem)
{
    if (problem->kind == PROBLEM_INTERNAL || problem->kind == PROBLEM_LATER) {
        log_problem(LOG_LEVEL_ERROR, "api.failed", problem);
        api_error(exchange, problem_status(problem->kind), 20500, "An internal server error has occurred");
    } else
        api_error(exchange, problem_status(problem->kind), 20001, "Bad request: %s", problem->field);
}

/* Both are compared to their ends, so that the time taken tells nothing. */
static bool is_pair(struct text user, struct text password, struct text wanted_user, struct text wanted)
{
    bool right_user = text_equal_secret(user, wanted_user), right = text_equal_secret(password, wanted);
    return right_user && right && wanted_user.len && wanted.len;
}

/* The credentials of an Authorization header: "Basic " and base64 of user:password. The account's SID and token, or an API
 * key's SID and secret. */
static bool authorized(const struct exchange *exchange)
{
    struct text value = http_header(exchange->request, "Authorization");
    struct text plain;
    if (value.len < 6 || !text_equal_nocase(text_part(value, 0, 6), TEXT("Basic ")) ||
        !text_unbase64(exchange->arena, text_trim(text_part(value, 6, value.len - 6)), 512, &plain))
        return false;
    size_t colon = text_find_char(plain, ':', 0);
    if (colon == SIZE_MAX)
        return false;
    const struct sandbox_settings *settings = &exchange->sandbox->settings;
    struct text user = text_part(plain, 0, colon);
    struct text password = text_part(plain, colon + 1, plain.len - colon - 1);
    bool account = is_pair(user, password, settings->account_sid, settings->auth_token);
    bool key = is_pair(user, password, settings->api_key_sid, settings->api_key_secret);
    return account || key;
}

/* A browser tells where a form came from; a name that is not ours may be another's that points here. */
static bool same_site(const struct exchange *exchange)
{
    struct text site = http_header(exchange->request, "Sec-Fetch-Site");
    struct text origin = http_header(exchange->request, "Origin");
    if (site.len)
        return text_is(site, "same-origin") || text_is(site, "none");
    if (!origin.len)
        return true;
    struct text host = http_header(exchange->request, "Host");
    return text_equal(origin, exchange->sandbox->origin) ||
           text_equal(origin, text_format(exchange->arena, "http://%.*s", TEXT_ARG(host)));
}

/* Compares path and pattern segment by segment; fills the params. */
static bool matches(struct text path, const char *pattern, struct text params[2])
{
    struct text rest = text_from(pattern), piece, given;
    size_t count = 0;
    while (text_next(&rest, '/', &piece)) {
        if (!text_next(&path, '/', &given))
            return false;
        if (!text_is(piece, "{}")) {
            if (!text_equal(piece, given))
                return false;
        } else if (given.len && count < 2) {
            params[count++] = given;
        } else {
            return false;
        }
    }
    return !text_next(&path, '/', &given);
}

static void find_route(struct exchange *exchange)
{
    enum http_method method = exchange->request->method == HTTP_HEAD ? HTTP_GET : exchange->request->method;
    for (size_t i = 0; i < route_count && !exchange->route; i++) {
        struct text params[2] = {TEXT_EMPTY, TEXT_EMPTY};
        if (!matches(exchange->request->path, routes[i].pattern, params))
            continue;
        if (routes[i].method != method) {
            exchange->wrong_method = true;
            continue;
        }
        exchange->route = &routes[i];
        exchange->params[0] = params[0];
        exchange->params[1] = params[1];
    }
}

static bool is_api(const struct exchange *exchange)
{
    struct text path = exchange->request->path;
    return exchange->route ? exchange->route->kind == ROUTE_API
                           : text_starts(path, TEXT("/v1/")) || text_starts(path, TEXT("/v2/")) ||
                                 text_starts(path, TEXT("/2010-04-01/"));
}

static bool count_unauthorized(struct db_tx *tx, void *context)
{
    (void)context;
    return counter_add(tx, "unauthorized", 1);
}

static bool refused(struct exchange *exchange, const struct problem *problem)
{
    if (is_api(exchange) && !authorized(exchange)) {
        db_write(exchange->sandbox->db, count_unauthorized, NULL, NULL);
        header(exchange, "WWW-Authenticate", "Basic realm=\"Twilio API\"");
        api_error(exchange, 401, 20003, "Authenticate");
        return true;
    }
    if (!exchange->route) {
        int status = exchange->wrong_method ? 405 : 404;
        if (is_api(exchange) && exchange->wrong_method)
            api_error(exchange, 405, 20004, "Method not allowed");
        else if (is_api(exchange))
            api_not_found(exchange);
        else
            answer_message(exchange, status, WORD_sandbox_message_title,
                exchange->wrong_method ? WORD_sandbox_method : WORD_sandbox_not_found);
        return true;
    }
    if (problem) {
        if (is_api(exchange) || exchange->route->kind == ROUTE_CONTROL)
            api_error(exchange, problem_status(problem->kind), 20001, "The body could not be taken");
        else
            answer_message(exchange, problem_status(problem->kind), WORD_sandbox_message_title,
                problem->kind == PROBLEM_TOO_LARGE ? WORD_sandbox_too_large : WORD_sandbox_bad_form);
        return true;
    }
    if (is_api(exchange) || exchange->route->method != HTTP_POST || same_site(exchange))
        return false;
    if (exchange->route->kind == ROUTE_CONTROL)
        api_error(exchange, 403, 20003, "This call comes from another site");
    else
        answer_message(exchange, 403, WORD_sandbox_message_title, WORD_sandbox_cross_site);
    return true;
}

/* With the id that the caller gave: so what it did can be found in both logs. */
static void say_call(const struct exchange *exchange)
{
    static const char *const methods[] = {[HTTP_GET] = "GET",
        [HTTP_HEAD] = "HEAD",
        [HTTP_POST] = "POST",
        [HTTP_PUT] = "PUT",
        [HTTP_DELETE] = "DELETE",
        [HTTP_OTHER] = "other"};
    log_event(LOG_LEVEL_INFO, "api.request",
        LOG_TEXT("method", text_from(methods[exchange->request->method])),
        LOG_TEXT("route", text_from(exchange->route ? exchange->route->pattern : "other")),
        LOG_NUMBER("status", exchange->response->status), LOG_NUMBER("us", metric_clock() - exchange->began));
}

static void answer(void *context, struct http_request *request, struct http_response *response,
    const struct problem *problem)
{
    struct exchange *exchange = context;
    exchange->request = request;
    exchange->response = response;
    if (!refused(exchange, problem))
        fault_handle(exchange);
    if (is_api(exchange))
        say_call(exchange);
}

static void end(void *context)
{
    (void)context;
    trace_set(TEXT_EMPTY);
}

/* Reads a body that nobody will look at, so that its sender gets the answer and not a broken connection. */
static bool discard(void *context, struct text bytes)
{
    (void)context;
    (void)bytes;
    return true;
}

void app_accept(void *application, struct http_request *request, struct http_plan *plan)
{
    struct exchange *exchange = ARENA_NEW(request->arena, struct exchange);
    exchange->sandbox = application;
    exchange->request = request;
    exchange->arena = request->arena;
    exchange->began = metric_clock();
    trace_set(http_header(request, "X-Request-Id"));
    find_route(exchange);
    plan->context = exchange;
    plan->answer = answer;
    plan->end = end;
    plan->body = exchange->route ? exchange->route->body : HTTP_BODY_MEMORY;
    plan->limit = exchange->route ? exchange->route->limit : 64 * 1024;
    if (plan->body != HTTP_BODY_STREAM)
        return;
    plan->sink = discard;
    if (authorized(exchange))
        api_document_begin(exchange, plan);
}

void app_refuse(void *application, int status, struct http_request *request, struct http_response *response)
{
    (void)application;
    response->status = status;
    http_set_header(request, response, "Content-Type", TEXT("text/plain; charset=utf-8"));
    if (!response->body.limit)
        response->body.limit = 256;
    buffer_format(&response->body, "%d\n", status);
}
