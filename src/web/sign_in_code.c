/* The second step of a sign-in: a code of the app, or a recovery code. */
#include "base/log.h"
#include "base/metrics.h"
#include "pages_templates.gen.h"
#include "people/browser_name.h"
#include "people/sign_in.h"
#include "web/parts.h"

static struct url with_next(struct web_request *web, const char *path, struct text next)
{
    return text_is(next, "/")
               ? url_path(text_from(path))
               : url_pathf(web->arena, "%s?next=%.*s", path, TEXT_ARG(text_percent(web->arena, next)));
}

struct url sign_in_code_url(struct web_request *web, struct text next)
{
    return with_next(web, "/sign-in/code", next);
}

static void show(
    struct web_request *web, int status, const struct form_errors *errors, bool recovery, struct text next)
{
    struct view_sign_in_code view = {
        .layout =
            web_layout_word(web, recovery ? WORD_sign_in_recovery_title : WORD_sign_in_code_title, NAV_NONE),
        .errors = *errors,
        .next = next,
        .recovery = recovery,
        .self = url_path(recovery ? TEXT("/sign-in/recovery") : TEXT("/sign-in/code")),
        .other = with_next(web, recovery ? "/sign-in/code" : "/sign-in/recovery", next),
        .code = {.name = "code",
            .type = "text",
            .label = recovery ? WORD_sign_in_recovery : WORD_sign_in_code,
            .hint = recovery ? WORD_sign_in_recovery_hint : WORD_sign_in_code_hint,
            .error = form_errors_of(errors, "code"),
            .autocomplete = recovery ? "off" : "one-time-code",
            .inputmode = recovery ? NULL : "numeric",
            .css = "mono",
            .required = true,
            .focus = errors->items_count == 0}};
    view.layout.has_errors = errors->items_count > 0;
    view.layout.here = TEXT("/sign-in");
    sign_in_code_page_write(web_html(web, status), web->language, &view);
}

/* Whether the browser is between the two steps; otherwise it is sent back to the first. */
static bool is_half(struct web_request *web, struct text next)
{
    struct problem problem = {0};
    bool half = false;
    if (!sign_in_is_half(&web->app->sessions, web_cookie(web, COOKIE_HALF), &half, &problem)) {
        web_problem(web, &problem);
        return false;
    }
    if (!half) {
        web_redirect_saying(web, with_next(web, "/sign-in", next), WORD_sign_in_flash_half_over);
    }
    return half;
}

static void get(struct web_request *web, bool recovery)
{
    struct text next = web_safe_next(web->arena, web_query(web, "next"));
    struct form_errors none = form_errors_new(web->arena);
    if (is_half(web, next)) {
        show(web, 200, &none, recovery, next);
    }
}

static void refused(struct web_request *web, struct form_errors *errors, const struct problem *problem,
    bool recovery, struct text next)
{
    bool too_many = problem->kind == PROBLEM_TOO_MANY;
    metric_add(METRIC_SIGN_INS,
        METRIC_AT(problem->kind == PROBLEM_INPUT || problem->kind == PROBLEM_SIGN_IN ? SIGN_IN_REFUSED
                  : too_many                                                         ? SIGN_IN_THROTTLED
                                                                                     : SIGN_IN_FAILED),
        1);
    if (problem->kind == PROBLEM_SIGN_IN) {
        web_set_cookie(web, COOKIE_HALF, TEXT_EMPTY, 0);
        web_redirect_saying(web, with_next(web, "/sign-in", next), WORD_sign_in_flash_half_over);
    } else if (problem->kind == PROBLEM_INPUT || too_many) {
        if (too_many) {
            log_event(LOG_LEVEL_WARN, "sign_in.too_many_codes", LOG_TEXT("client", web->request->client));
        }
        form_errors_problem(web->arena, web->language, errors, problem);
        show(web, too_many ? 429 : 422, errors, recovery, next);
    } else {
        web_problem(web, problem);
    }
}

static void post(struct web_request *web, bool recovery)
{
    struct problem problem = {0};
    struct signed_in done;
    struct form_errors errors = form_errors_new(web->arena);
    struct text next = web_safe_next(web->arena, web_field(web, "next"));
    struct sign_in_code code = {.half = web_cookie(web, COOKIE_HALF),
        .code = web_field(web, "code"),
        .recovery = recovery,
        .client = web->request->client,
        .browser = browser_name(web->arena, http_header(web->request, "User-Agent")),
        .replaces = web->actor != NULL ? web->session.token : TEXT_EMPTY,
        .device_cookie = web_cookie(web, COOKIE_DEVICE)};
    if (text_trim(code.code).len == 0) {
        if (is_half(web, next)) {
            form_errors_word(web->arena, web->language, &errors, "code", WORD_sign_in_code_empty);
            show(web, 422, &errors, recovery, next);
        }
        return;
    }
    if (!sign_in_finish(&web->app->sessions, web->arena, &code, &done, &problem)) {
        refused(web, &errors, &problem, recovery, next);
        return;
    }
    sign_in_done(web, &done, next);
}

void sign_in_code_get(struct web_request *web)
{
    get(web, false);
}

void sign_in_code_post(struct web_request *web)
{
    post(web, false);
}

void sign_in_recovery_get(struct web_request *web)
{
    get(web, true);
}

void sign_in_recovery_post(struct web_request *web)
{
    post(web, true);
}
