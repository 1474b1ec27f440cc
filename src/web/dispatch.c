/* From the headers of a request to its handler. */
#include <string.h>

#include "base/log.h"
#include "web/access.h"
#include "web/parts.h"
#include "web/security.h"
#include "web/web.h"

static enum http_method effective_method(const struct http_request *request)
{
    return request->method == HTTP_HEAD ? HTTP_GET : request->method;
}

/* The route of the request. Without one, `early` says whether the address is unknown or takes another method. */
static void find_route(struct web_request *web)
{
    struct web_app *app = web->app;
    for (size_t i = 0; i < app->routes_count; i++) {
        const struct route *route = &app->routes[i];
        if (!route_fits(route->pattern, web->request->path, web->params, &web->params_count)) {
            continue;
        }
        if (route->handler == metrics_get && !metrics_are_open(web)) {
            continue;
        }
        if (route->method == effective_method(web->request)) {
            web->route = route;
            return;
        }
        web->other_method = route;
    }
    web->params_count = 0;
    problem_set(&web->early, PROBLEM_NOT_FOUND, web->other_method ? WORD_web_method : WORD_problem_not_found,
        NULL, NULL, NULL);
}

/* Who asks: a session, or a visitor, whose cookie binds the CSRF token of the public forms. */
static void find_person(struct web_request *web)
{
    struct problem problem = {0};
    struct text token = web_cookie(web, COOKIE_SESSION);
    if (token.len > 0) {
        if (session_find(&web->app->sessions, web->arena, token, &web->session, &problem)) {
            web->session.actor.client = web->request->client;
            web->actor = &web->session.actor;
            web->language = web->actor->language;
            web->cookie_token = web->session.token;
        } else if (problem.kind != PROBLEM_SIGN_IN && web->early.kind == PROBLEM_NONE) {
            web->early = problem;
        }
    }
    if (web->actor == NULL) {
        web->cookie_token = web_cookie(web, COOKIE_VISITOR);
        unsigned char bytes[32];
        if (!text_unbase64url(web->cookie_token, bytes, sizeof bytes)) {
            web->cookie_token = token_new(web->arena, 32);
            web->new_visitor = true;
        }
    }
    web->csrf = csrf_token(&web->app->sessions, web->arena, web->cookie_token);
}

static void check_rights(struct web_request *web)
{
    enum right right = web->route->right;
    if (web->early.kind != PROBLEM_NONE || right == RIGHT_PUBLIC) {
        return;
    }
    if (web->actor == NULL) {
        problem_set(&web->early, PROBLEM_SIGN_IN, WORD_people_signed_out, NULL, NULL, NULL);
    } else if (!right_any(web->actor, right)) {
        problem_set(&web->early, PROBLEM_FORBIDDEN, WORD_problem_forbidden, NULL, NULL, NULL);
    } else if (web->session.must_set_up && !security_is_open_before(web->route)) {
        problem_set(&web->early, PROBLEM_FORBIDDEN, WORD_people_second_factor_first, NULL, NULL, NULL);
    }
}

/* Another site's page must not make the browser act here, whatever the cookies and tokens say. */
static void check_origin(struct web_request *web)
{
    if (web->early.kind == PROBLEM_NONE && web->route->method != HTTP_GET &&
        text_is(http_header(web->request, "Sec-Fetch-Site"), "cross-site")) {
        problem_set(&web->early, PROBLEM_FORBIDDEN, WORD_web_csrf, NULL, NULL, "posted from another site");
    }
}

static void answer_early(struct web_request *web, const struct problem *problem)
{
    if (web->other_method != NULL && web->route == NULL) {
        bool get = web->other_method->method == HTTP_GET;
        error_page(web, 405, problem);
        http_set_header(web->request, web->response, "Allow", get ? TEXT("GET, HEAD") : TEXT("POST"));
        return;
    }
    if (problem->word == WORD_people_second_factor_first && !web_wants_json(web)) {
        web_redirect(web, url_path(TEXT("/settings/security/code")));
        return;
    }
    web_problem(web, problem);
}

static void answer(void *context, struct http_request *request, struct http_response *response,
    const struct problem *refused)
{
    struct web_request *web = context;
    struct problem problem = {0};
    web->request = request;
    web->response = response;
    bool upload = web->route != NULL && web->route->body == ROUTE_BODY_UPLOAD;
    if (web->early.kind != PROBLEM_NONE) {
        answer_early(web, &web->early);
    } else if (refused != NULL && refused->kind != PROBLEM_NONE && !upload) {
        web_problem(web, refused);
    } else {
        if (refused != NULL && refused->kind != PROBLEM_NONE && web->refused.kind == PROBLEM_NONE) {
            web->refused = *refused;
        }
        if (body_check(web, &problem)) {
            web->route->handler(web);
        } else {
            web_problem(web, &problem);
        }
    }
    if (response->body.overflowed) {
        log_event(LOG_LEVEL_ERROR, "web.page_too_large",
            LOG_TEXT("page", text_from(web->route ? web->route->page : "")));
        buffer_reset(&response->body);
        response->status = 500;
    }
    access_answered(web);
}

static void end(void *context)
{
    body_end(context);
    access_end(context);
}

void web_accept(void *application, struct http_request *request, struct http_plan *plan)
{
    struct web_request *web = ARENA_NEW(request->arena, struct web_request);
    web->app = application;
    web->request = request;
    web->arena = request->arena;
    web->language = LANGUAGE_EN;
    web->now = clock_now(web->app->clock);
    access_begin(web);
    find_route(web);
    if (web->route == NULL || web->route->right != RIGHT_OUTSIDE) {
        find_person(web);
    }
    if (web->route != NULL && web->route->right != RIGHT_OUTSIDE) {
        check_rights(web);
        check_origin(web);
    }
    body_plan(web, plan);
    plan->answer = answer;
    plan->end = end;
    plan->context = web;
}

void web_refuse(void *application, int status, struct http_request *request, struct http_response *response)
{
    web_security_headers(NULL, request, response);
    response->status = status;
    response->body.limit = 1024;
    http_set_header(request, response, "Content-Type", TEXT("text/plain; charset=utf-8"));
    words_write(&response->body, LANGUAGE_EN, status == 413 ? WORD_problem_too_large : WORD_problem_syntax,
        WORD_NO_ARGS);
    access_refused(application, status, request, response);
}
