/* Recovery codes, and turning two-step sign-in off. */
#include "pages_templates.gen.h"
#include "people/authenticator.h"
#include "people/second_factor.h"
#include "web/parts.h"
#include "web/security.h"

/* ---- Codes ---- */

void security_show_codes(struct web_request *web, const struct text *codes, bool just_on)
{
    struct view_security_codes view = {
        .layout = web_layout_word(web, WORD_security_codes_title, NAV_SETTINGS),
        .just_on = just_on,
        .codes_count = RECOVERY_CODES,
        .all = TEXT_EMPTY,
        .next = url_path(TEXT("/settings/security"))};
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        view.codes[i].code = codes[i];
        view.all =
            text_format(web->arena, "%.*s%s%.*s", TEXT_ARG(view.all), i > 0 ? " " : "", TEXT_ARG(codes[i]));
    }
    security_codes_page_write(web_html(web, 200), web->language, &view);
}

/* The codes of the page, as a file. Only such as are the person's own, so that nobody makes us hand out another text. */
void security_file_post(struct web_request *web)
{
    struct problem problem = {0};
    struct text codes[RECOVERY_CODES], rest = web_field(web, "codes"), code;
    size_t count = 0;
    bool good = false;
    while (count < RECOVERY_CODES && text_next(&rest, ' ', &code)) {
        codes[count++] = code;
    }
    if (!authenticator_codes_are(&web->app->sessions, web->actor, codes, count, &good, &problem)) {
        web_problem(web, &problem);
        return;
    }
    if (!good || rest.len > 0) {
        problem_set(&problem, PROBLEM_INPUT, WORD_people_recovery_wrong, NULL, NULL, NULL);
        web_problem(web, &problem);
        return;
    }
    struct buffer *body = web_bytes(web, 200, "text/plain; charset=utf-8");
    http_set_header(web->request, web->response, "Cache-Control", TEXT("no-store"));
    http_set_header(web->request, web->response, "Content-Disposition",
        TEXT("attachment; filename=\"recovery-codes.txt\""));
    words_write(body, web->language, WORD_security_codes_file_head,
        WORD_ARGS(
            WORD_TEXT("email", web->actor->email), WORD_TEXT("operator", web->app->config.operator_name)));
    buffer_string(body, "\r\n\r\n");
    for (size_t i = 0; i < count; i++) {
        buffer_text(body, codes[i]);
        buffer_string(body, "\r\n");
    }
}

/* ---- Forms that ask a code ---- */

typedef void write_form(struct buffer *out, enum language language, const struct view_security_form *v);

static void show(struct web_request *web, int status, const struct form_errors *errors, bool off)
{
    struct problem problem = {0};
    struct second_factor has;
    if (!second_factor_load(&web->app->sessions, &web->session, &has, &problem)) {
        web_problem(web, &problem);
        return;
    }
    if (!has.app || (off && has.asked && errors->items_count == 0)) {
        web_redirect(web, url_path(TEXT("/settings/security")));
        return;
    }
    struct view_security_form view =
        security_form(web, off ? WORD_security_off_title : WORD_security_renew_title, errors,
            off ? WORD_security_off_code : WORD_security_code);
    write_form *write = off ? security_off_write : security_renew_write;
    view.asked = has.asked;
    write(web_html(web, status), web->language, &view);
}

void security_off_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    show(web, 200, &none, true);
}

void security_off_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    bool answered = false;
    if (!security_form_proof(web, &errors, &answered)) {
        if (!answered) {
            show(web, 422, &errors, true);
        }
        return;
    }
    if (!authenticator_off(&web->app->sessions, &web->session, web_field(web, "code"), &problem)) {
        if (security_form_refused(web, &errors, &problem)) {
            show(web, 422, &errors, true);
        }
        return;
    }
    web_redirect_saying(web, url_path(TEXT("/settings/security")), WORD_security_flash_off);
}

void security_recovery_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    show(web, 200, &none, false);
}

void security_recovery_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct text *codes;
    bool answered = false;
    if (!security_form_proof(web, &errors, &answered)) {
        if (!answered) {
            show(web, 422, &errors, false);
        }
        return;
    }
    if (!authenticator_renew(
            &web->app->sessions, web->arena, &web->session, web_field(web, "code"), &codes, &problem)) {
        if (problem.kind == PROBLEM_CONFLICT) {
            web_redirect(web, url_path(TEXT("/settings/security")));
        } else if (security_form_refused(web, &errors, &problem)) {
            show(web, 422, &errors, false);
        }
        return;
    }
    security_show_codes(web, codes, false);
}
