/* Asking for a link without being signed in: a new password, an account of one's own. What is answered tells nothing of who is here. */
#include "pages_templates.gen.h"
#include "people/joining.h"
#include "web/parts.h"
#include "web/people_parts.h"

static bool was_sent(const struct web_request *web)
{
    return web->route->method == HTTP_GET && text_is(web_query(web, "sent"), "yes");
}

static struct asking asking_of(const struct web_request *web)
{
    return (struct asking){.email = web_field(web, "email"),
        .name = web_field(web, "name"),
        .account_name = web_field(web, "account_name"),
        .country = web_field(web, "country"),
        .client = web->request->client,
        .key = web->key};
}

static struct view_field field_of(const struct web_request *web, const struct form_errors *errors,
    const char *name, const char *type, enum word label, const char *autocomplete)
{
    struct view_field field = people_field(web, errors, name, type, label, WORD_NONE, autocomplete);
    field.css = "";
    return field;
}

/* ---- A new password ---- */

static void forgot_show(
    struct web_request *web, int status, const struct form_errors *errors, struct text notice)
{
    struct view_ask view = {
        .layout =
            web_layout_word(web, was_sent(web) ? WORD_join_sent_title : WORD_join_forgot_title, NAV_NONE),
        .errors = *errors,
        .notice = notice,
        .email = field_of(web, errors, "email", "email", WORD_join_email, "username"),
        .sent = was_sent(web),
        .again = url_path(TEXT("/forgot-password")),
    };
    view.layout.has_errors = errors->items_count > 0 || notice.len > 0;
    forgot_page_write(web_html(web, status), web->language, &view);
}

void forgot_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    forgot_show(web, 200, &none, TEXT_EMPTY);
}

void forgot_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct asking asking = asking_of(web);
    struct text notice = TEXT_EMPTY;
    int status = 422;
    if (reset_ask(web->app->people, &asking, &problem)) {
        web_redirect(web, url_path(TEXT("/forgot-password?sent=yes")));
    } else if (people_form_problem(web, &problem, &errors, &notice, &status)) {
        forgot_show(web, status, &errors, notice);
    }
}

/* ---- An account ---- */

static bool is_closed(struct web_request *web)
{
    struct problem problem = {0};
    if (web->app->people->sign_up_open) {
        return false;
    }
    problem_set(&problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    web_problem(web, &problem);
    return true;
}

static void sign_up_show(
    struct web_request *web, int status, const struct form_errors *errors, struct text notice)
{
    struct text country = web_field(web, "country");
    struct view_ask view = {
        .layout =
            web_layout_word(web, was_sent(web) ? WORD_join_sent_title : WORD_join_sign_up_title, NAV_NONE),
        .errors = *errors,
        .notice = notice,
        .email = field_of(web, errors, "email", "email", WORD_join_email, "username"),
        .name = field_of(web, errors, "name", "text", WORD_join_name, "name"),
        .account_name =
            field_of(web, errors, "account_name", "text", WORD_join_sign_up_company, "organization"),
        .us = country.len == 0 || text_is(country, "US"),
        .ca = text_is(country, "CA"),
        .country_error = form_errors_of(errors, "country"),
        .sent = was_sent(web),
        .is_sign_up = true,
        .again = url_path(TEXT("/sign-up")),
    };
    view.layout.has_errors = errors->items_count > 0 || notice.len > 0;
    sign_up_page_write(web_html(web, status), web->language, &view);
}

void sign_up_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    if (!is_closed(web)) {
        sign_up_show(web, 200, &none, TEXT_EMPTY);
    }
}

void sign_up_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct asking asking = asking_of(web);
    struct text notice = TEXT_EMPTY;
    int status = 422;
    if (is_closed(web)) {
        return;
    }
    if (sign_up_ask(web->app->people, &asking, &problem)) {
        web_redirect(web, url_path(TEXT("/sign-up?sent=yes")));
    } else if (people_form_problem(web, &problem, &errors, &notice, &status)) {
        sign_up_show(web, status, &errors, notice);
    }
}
