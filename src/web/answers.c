/* How handlers answer. */
#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "web/parts.h"

#define POLICY                                                                                               \
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "          \
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

/* An address with a token in it is told to nobody, not even to our own pages. */
static struct text referrer_policy(const struct route *route)
{
    bool secret = route != NULL && strstr(route->pattern, "{token}") != NULL;
    return secret ? TEXT("no-referrer") : TEXT("same-origin");
}

void web_security_headers(
    const struct route *route, struct http_request *request, struct http_response *response)
{
    http_set_header(request, response, "Content-Security-Policy", TEXT(POLICY));
    http_set_header(request, response, "X-Content-Type-Options", TEXT("nosniff"));
    http_set_header(request, response, "Referrer-Policy", referrer_policy(route));
    http_set_header(request, response, "Cross-Origin-Opener-Policy", TEXT("same-origin"));
    http_set_header(request, response, "Cross-Origin-Resource-Policy", TEXT("same-origin"));
}

struct buffer *web_bytes(struct web_request *web, int status, const char *type)
{
    web->response->status = status;
    web->response->body.limit = WEB_PAGE_MAX;
    web_security_headers(web->route, web->request, web->response);
    http_set_header(web->request, web->response, "Content-Type", text_from(type));
    return &web->response->body;
}

struct buffer *web_html(struct web_request *web, int status)
{
    struct buffer *body = web_bytes(web, status, "text/html; charset=utf-8");
    http_set_header(web->request, web->response, "Cache-Control", TEXT("no-store"));
    return body;
}

void web_json(struct web_request *web, int status, const json_t *value)
{
    struct buffer *body = web_bytes(
        web, status, status >= 400 ? "application/problem+json" : "application/json; charset=utf-8");
    http_set_header(web->request, web->response, "Cache-Control", TEXT("no-store"));
    buffer_text(body, json_write(web->arena, value));
}

void web_redirect(struct web_request *web, struct url to)
{
    web_bytes(web, 303, "text/plain; charset=utf-8");
    http_set_header(web->request, web->response, "Cache-Control", TEXT("no-store"));
    http_set_header(web->request, web->response, "Location", to.text);
}

void web_redirect_saying(struct web_request *web, struct url to, enum word flash)
{
    web_set_cookie(web, COOKIE_FLASH, text_from(words_key(flash)), 60);
    web_redirect(web, to);
}

bool web_wants_json(const struct web_request *web)
{
    return text_find(http_header(web->request, "Accept"), TEXT("application/json"), 0) != SIZE_MAX;
}

struct text web_safe_next(struct arena *arena, struct text next)
{
    if (next.len == 0 || next.len > 1024 || next.at[0] != '/' || (next.len > 1 && next.at[1] == '/')) {
        return TEXT("/");
    }
    for (size_t i = 0; i < next.len; i++) {
        if (next.at[i] <= ' ' || next.at[i] > '~' || next.at[i] == '\\') {
            return TEXT("/");
        }
    }
    return text_starts(next, TEXT("/sign-")) ? TEXT("/") : text_copy(arena, next);
}

/* Where a page asked for by GET, or whose form was sent, is found again after the sign-in. */
static void redirect_to_sign_in(struct web_request *web)
{
    const struct http_request *request = web->request;
    struct text next = request->raw_path;
    bool is_get = request->method == HTTP_GET || request->method == HTTP_HEAD;
    if (is_get && request->raw_query.len > 0) {
        next = text_format(web->arena, "%.*s?%.*s", TEXT_ARG(next), TEXT_ARG(request->raw_query));
    } else if (!is_get) {
        struct route_param params[ROUTE_PARAMS_MAX];
        size_t count;
        bool found = false;
        for (size_t i = 0; i < web->app->routes_count && !found; i++) {
            const struct route *route = &web->app->routes[i];
            found = route->method == HTTP_GET && route_fits(route->pattern, request->path, params, &count);
        }
        next = found ? next : TEXT("/");
    }
    next = web_safe_next(web->arena, next);
    if (text_is(next, "/")) {
        web_redirect(web, url_path(TEXT("/sign-in")));
        return;
    }
    struct text encoded = text_percent(web->arena, next);
    web_redirect(web, url_pathf(web->arena, "/sign-in?next=%.*s", TEXT_ARG(encoded)));
}

static void problem_json(struct web_request *web, const struct problem *problem)
{
    BUFFER_CLEANUP sentence = BUFFER(4096);
    JSON_CLEANUP value = json_object();
    int status = problem_status(problem->kind);
    problem_say(&sentence, web->language, problem);
    json_put_text(value, "type", TEXT("about:blank"));
    json_put_i64(value, "status", status);
    json_put_text(value, "title", buffer_view(&sentence));
    json_put_text(value, "code", text_from(words_key(problem->word)));
    json_put_text(value, "request", web->trace);
    if (problem->field[0] != '\0') {
        json_put_text(value, "field", text_from(problem->field));
    }
    web_json(web, status, value);
}

void web_problem(struct web_request *web, const struct problem *problem)
{
    assert(problem->kind != PROBLEM_NONE);
    bool ours = problem->kind == PROBLEM_INTERNAL || problem->kind == PROBLEM_LATER;
    if (ours || problem->kind == PROBLEM_UPSTREAM) {
        log_problem(ours ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, "web.problem", problem);
    }
    if (web_wants_json(web)) {
        problem_json(web, problem);
    } else if (problem->kind == PROBLEM_SIGN_IN) {
        redirect_to_sign_in(web);
    } else {
        error_page(web, problem_status(problem->kind), problem);
    }
}

struct text web_param(const struct web_request *web, const char *name)
{
    for (size_t i = 0; i < web->params_count; i++) {
        if (text_is(web->params[i].name, name)) {
            return web->params[i].value;
        }
    }
    return TEXT_EMPTY;
}

struct text web_query(const struct web_request *web, const char *name)
{
    return http_query(web->request, name);
}

struct text web_field(const struct web_request *web, const char *name)
{
    return form_get(web->form, web->form_count, name);
}
