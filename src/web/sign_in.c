/* Signing in and out. */
#include "people/sign_in.h"
#include "base/log.h"
#include "base/metrics.h"
#include "pages_templates.gen.h"
#include "people/browser_name.h"
#include "people/known_device.h"
#include "web/parts.h"

static struct view_demo_sign_in *demo_people(struct web_request *web, size_t *ret_count)
{
    const struct web_config *config = &web->app->config;
    size_t count = config->demo ? config->demo_sign_ins_count : 0;
    struct view_demo_sign_in *people = ARENA_ARRAY(web->arena, struct view_demo_sign_in, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct web_demo_sign_in *one = &config->demo_sign_ins[i];
        enum role role = ROLE_AGENT;
        role_from(one->role, &role);
        people[i] = (struct view_demo_sign_in){one->name,
            words_say(web->arena, web->language, role_word(role), WORD_NO_ARGS), one->email, one->password};
    }
    *ret_count = count;
    return people;
}

static void sign_in_show(struct web_request *web, int status, const struct form_errors *errors,
    struct text notice, struct text next)
{
    struct view_sign_in view = {.layout = web_layout_word(web, WORD_sign_in_title, NAV_NONE),
        .errors = *errors,
        .notice = notice,
        .passkeys = web->app->passkeys.available,
        .next = next,
        .email = {.name = "email",
            .type = "email",
            .label = WORD_sign_in_email,
            .value = web_field(web, "email"),
            .error = form_errors_of(errors, "email"),
            .autocomplete = web->app->passkeys.available ? "username webauthn" : "username",
            .css = "",
            .required = true,
            .focus = errors->items_count == 0},
        .password = {.name = "password",
            .type = "password",
            .label = WORD_sign_in_password,
            .value = TEXT_EMPTY,
            .error = form_errors_of(errors, "password"),
            .autocomplete = "current-password",
            .css = "",
            .required = true}};
    view.layout.has_errors = errors->items_count > 0 || notice.len > 0;
    view.layout.here = TEXT("/sign-in");
    view.sign_up = web->app->people != NULL && web->app->people->sign_up_open;
    view.demo = demo_people(web, &view.demo_count);
    sign_in_page_write(web_html(web, status), web->language, &view);
}

void sign_in_get(struct web_request *web)
{
    struct text next = web_safe_next(web->arena, web_query(web, "next"));
    if (web->actor != NULL) {
        web_redirect(web, url_path(next));
        return;
    }
    struct form_errors none = form_errors_new(web->arena);
    sign_in_show(web, 200, &none, TEXT_EMPTY, next);
}

void sign_in_refused(struct web_request *web, const struct problem *problem, struct text next)
{
    struct form_errors errors = form_errors_new(web->arena);
    size_t outcome = problem->kind == PROBLEM_INPUT      ? SIGN_IN_REFUSED
                     : problem->kind == PROBLEM_TOO_MANY ? SIGN_IN_THROTTLED
                                                         : SIGN_IN_FAILED;
    metric_add(METRIC_SIGN_INS, METRIC_AT(outcome), 1);
    if (problem->kind == PROBLEM_INPUT && problem->field[0] != '\0') {
        form_errors_problem(web->arena, web->language, &errors, problem);
        sign_in_show(web, 422, &errors, TEXT_EMPTY, next);
    } else if (problem->kind == PROBLEM_INPUT || problem->kind == PROBLEM_TOO_MANY) {
        BUFFER_CLEANUP sentence = BUFFER(1024);
        problem_say(&sentence, web->language, problem);
        if (problem->kind == PROBLEM_TOO_MANY) {
            log_event(LOG_LEVEL_WARN, "sign_in.too_many", LOG_TEXT("client", web->request->client));
        }
        sign_in_show(
            web, problem_status(problem->kind), &errors, text_copy(web->arena, buffer_view(&sentence)), next);
    } else {
        web_problem(web, problem);
    }
}

void sign_in_done(struct web_request *web, const struct signed_in *done, struct text next)
{
    metric_add(METRIC_SIGN_INS, METRIC_AT(SIGN_IN_GOOD), 1);
    web_set_cookie(web, COOKIE_SESSION, done->token, web->app->sessions.life / CLOCK_SECOND);
    web_set_cookie(web, COOKIE_DEVICE, done->device_cookie, DEVICE_COOKIE_LIFE / CLOCK_SECOND);
    web_set_cookie(web, COOKIE_HALF, TEXT_EMPTY, 0);
    web_redirect(web, url_path(next));
}

void sign_in_go(struct web_request *web, const struct signed_in *done, struct text next)
{
    if (!done->half) {
        sign_in_done(web, done, next);
        return;
    }
    web_set_cookie(web, COOKIE_HALF, done->token, HALF_SESSION_LIFE / CLOCK_SECOND);
    web_redirect(web, sign_in_code_url(web, next));
}

static bool is_filled(struct web_request *web, const struct sign_in *sign_in, struct form_errors *errors)
{
    if (text_trim(sign_in->email).len == 0) {
        form_errors_word(web->arena, web->language, errors, "email", WORD_sign_in_empty_email);
    }
    if (sign_in->password.len == 0) {
        form_errors_word(web->arena, web->language, errors, "password", WORD_sign_in_empty_password);
    }
    return errors->items_count == 0;
}

void sign_in_post(struct web_request *web)
{
    struct problem problem = {0};
    struct signed_in done;
    struct form_errors errors = form_errors_new(web->arena);
    struct text next = web_safe_next(web->arena, web_field(web, "next"));
    struct sign_in sign_in = {.email = web_field(web, "email"),
        .password = web_field(web, "password"),
        .client = web->request->client,
        .browser = browser_name(web->arena, http_header(web->request, "User-Agent")),
        .replaces = web->actor != NULL ? web->session.token : TEXT_EMPTY,
        .device_cookie = web_cookie(web, COOKIE_DEVICE)};
    if (!is_filled(web, &sign_in, &errors)) {
        sign_in_show(web, 422, &errors, TEXT_EMPTY, next);
        return;
    }
    if (!sign_in_begin(&web->app->sessions, web->arena, &sign_in, &done, &problem)) {
        sign_in_refused(web, &problem, next);
    } else {
        sign_in_go(web, &done, next);
    }
}

void sign_out_post(struct web_request *web)
{
    struct problem problem = {0};
    if (web->actor != NULL && !session_sign_out(&web->app->sessions, &web->session, &problem)) {
        web_problem(web, &problem);
        return;
    }
    web_set_cookie(web, COOKIE_SESSION, TEXT_EMPTY, 0);
    web_redirect_saying(web, url_path(TEXT("/sign-in")), WORD_web_flash_signed_out);
}
