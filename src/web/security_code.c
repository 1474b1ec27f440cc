/* Setting up two-step sign-in: a secret for the app, and a first code that proves that the app has it. */
#include "pages_templates.gen.h"
#include "people/authenticator.h"
#include "people/second_factor.h"
#include "people/sign_in.h"
#include "web/parts.h"
#include "web/qr.h"
#include "web/security.h"

struct view_security_form security_form(
    struct web_request *web, enum word title, const struct form_errors *errors, enum word code_label)
{
    struct view_security_form view = {.layout = web_layout_word(web, title, NAV_SETTINGS),
        .errors = *errors,
        .account = web->actor->account_name,
        .must = web->session.must_set_up,
        .ask_password = !session_is_fresh(&web->app->sessions, &web->session)};
    view.password = (struct view_field){.name = "password",
        .type = "password",
        .label = WORD_security_password,
        .hint = WORD_security_password_hint,
        .error = form_errors_of(errors, "password"),
        .autocomplete = "current-password",
        .css = "medium",
        .required = true};
    view.code = (struct view_field){.name = "code",
        .type = "text",
        .label = code_label,
        .hint = code_label == WORD_security_code ? WORD_security_code_hint : WORD_NONE,
        .error = form_errors_of(errors, "code"),
        .autocomplete = "one-time-code",
        .inputmode = code_label == WORD_security_code ? "numeric" : NULL,
        .css = "mono medium",
        .required = true};
    view.layout.has_errors = errors->items_count > 0;
    return view;
}

bool security_form_refused(struct web_request *web, struct form_errors *errors, const struct problem *problem)
{
    if (problem->kind != PROBLEM_INPUT && problem->kind != PROBLEM_TOO_MANY) {
        web_problem(web, problem);
        return false;
    }
    form_errors_problem(web->arena, web->language, errors, problem);
    return true;
}

bool security_form_proof(struct web_request *web, struct form_errors *errors, bool *ret_answered)
{
    struct problem problem = {0};
    const struct sessions *sessions = &web->app->sessions;
    *ret_answered = false;
    if (text_trim(web_field(web, "code")).len == 0) {
        form_errors_word(web->arena, web->language, errors, "code", WORD_sign_in_code_empty);
        return false;
    }
    if (!session_is_fresh(sessions, &web->session) &&
        !sign_in_confirm(sessions, web->actor, web_field(web, "password"), &problem)) {
        *ret_answered = !security_form_refused(web, errors, &problem);
        return false;
    }
    return true;
}

void security_begin_post(struct web_request *web)
{
    struct problem problem = {0};
    if (!authenticator_begin(&web->app->sessions, web->actor, &problem)) {
        web_problem(web, &problem);
        return;
    }
    web_redirect(web, url_path(TEXT("/settings/security/code")));
}

/* The secret, as it is shown. False: the answer was given. */
static bool show_secret(struct web_request *web, struct text secret, struct view_security_form *view)
{
    struct problem problem = {0};
    struct qr qr;
    struct text address = totp_address(web->arena, secret, web->app->config.operator_name, web->actor->email);
    if (!qr_make(web->arena, address, &qr, &problem)) {
        web_problem(web, &problem);
        return false;
    }
    view->begun = true;
    view->key = totp_key(web->arena, secret);
    view->qr = qr.path;
    view->qr_size = qr.size;
    return true;
}

static void show(struct web_request *web, int status, const struct form_errors *errors)
{
    struct problem problem = {0};
    struct text secret;
    struct second_factor has;
    const struct sessions *sessions = &web->app->sessions;
    if (!second_factor_load(sessions, &web->session, &has, &problem) ||
        !authenticator_waiting(sessions, web->arena, web->actor, &secret, &problem)) {
        web_problem(web, &problem);
        return;
    }
    if (has.app) {
        web_redirect(web, url_path(TEXT("/settings/security")));
        return;
    }
    struct view_security_form view =
        security_form(web, WORD_security_setup_title, errors, WORD_security_code);
    if (secret.len > 0 && !show_secret(web, secret, &view)) {
        return;
    }
    if (view.must) {
        security_setup_must_write(web_html(web, status), web->language, &view);
    } else {
        security_setup_write(web_html(web, status), web->language, &view);
    }
}

void security_code_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    show(web, 200, &none);
}

void security_code_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct authenticator_new made;
    const struct sessions *sessions = &web->app->sessions;
    bool answered = false;
    if (!security_form_proof(web, &errors, &answered)) {
        if (!answered) {
            show(web, 422, &errors);
        }
        return;
    }
    if (!authenticator_confirm(
            sessions, web->arena, &web->session, web_field(web, "code"), &made, &problem)) {
        if (problem.kind == PROBLEM_CONFLICT) {
            web_redirect(web, url_path(TEXT("/settings/security/code")));
        } else if (security_form_refused(web, &errors, &problem)) {
            show(web, 422, &errors);
        }
        return;
    }
    web_set_cookie(web, COOKIE_SESSION, made.token, sessions->life / CLOCK_SECOND);
    /* The page's forms belong to the new token. */
    web->session.token = made.token;
    web->session.must_set_up = false;
    web->cookie_token = made.token;
    web->csrf = csrf_token(sessions, web->arena, made.token);
    security_show_codes(web, made.codes, true);
}
