/* One's own password and e-mail address. */
#include "pages_templates.gen.h"
#include "people/credentials.h"
#include "web/parts.h"
#include "web/people_parts.h"

/* ---- The password ---- */

static void password_show(
    struct web_request *web, int status, const struct form_errors *errors, struct text notice)
{
    struct view_own view = {
        .layout = web_layout_word(web, WORD_join_password_title, NAV_SETTINGS),
        .head = settings_head(web, SETTINGS_PASSWORD),
        .errors = *errors,
        .notice = notice,
        .current = people_field(
            web, errors, "current", "password", WORD_join_current, WORD_NONE, "current-password"),
        .wanted = people_field(web, errors, "password", "password", WORD_join_password_new,
            WORD_join_password_hint, "new-password"),
    };
    view.layout.has_errors = errors->items_count > 0 || notice.len > 0;
    settings_password_write(web_html(web, status), web->language, &view);
}

void own_password_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    password_show(web, 200, &none, TEXT_EMPTY);
}

void own_password_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct text notice = TEXT_EMPTY;
    int status = 422;
    struct password_change change = {.current = web_field(web, "current"),
        .wanted = web_field(web, "password"),
        .session = web->session.token,
        .next = session_token(web->arena, web->actor->account)};
    if (password_change(web->app->people, web->actor, &change, &problem)) {
        web_set_cookie(web, COOKIE_SESSION, change.next, web->app->sessions.life / CLOCK_SECOND);
        web_redirect_saying(web, url_path(TEXT("/settings/password")), WORD_join_flash_password);
    } else if (people_form_problem(web, &problem, &errors, &notice, &status)) {
        password_show(web, status, &errors, notice);
    }
}

/* ---- The e-mail address ---- */

static void email_show(
    struct web_request *web, int status, const struct form_errors *errors, struct text notice)
{
    struct problem problem = {0};
    struct text waits;
    if (!email_change_waits(web->app->people, web->actor, web->arena, &waits, &problem)) {
        web_problem(web, &problem);
        return;
    }
    struct view_own view = {
        .layout = web_layout_word(web, WORD_join_email_title, NAV_SETTINGS),
        .head = settings_head(web, SETTINGS_EMAIL),
        .errors = *errors,
        .notice = notice,
        .waits = waits,
        .current = people_field(web, errors, "current", "password", WORD_join_current,
            WORD_join_email_current_hint, "current-password"),
        .wanted = people_field(
            web, errors, "email", "email", WORD_join_email_new, WORD_join_email_new_hint, "email"),
    };
    view.layout.has_errors = errors->items_count > 0 || notice.len > 0;
    settings_email_write(web_html(web, status), web->language, &view);
}

void own_email_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    email_show(web, 200, &none, TEXT_EMPTY);
}

void own_email_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct text notice = TEXT_EMPTY;
    int status = 422;
    struct email_change change = {
        .current = web_field(web, "current"), .email = web_field(web, "email"), .key = web->key};
    if (email_change_ask(web->app->people, web->actor, &change, &problem)) {
        web_redirect_saying(web, url_path(TEXT("/settings/email")), WORD_join_flash_email_asked);
    } else if (people_form_problem(web, &problem, &errors, &notice, &status)) {
        email_show(web, status, &errors, notice);
    }
}
