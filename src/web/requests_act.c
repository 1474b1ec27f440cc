/* What people do on the page of a request. */
#include "web/requests_parts.h"

static void back_saying(struct web_request *web, enum word flash)
{
    struct text id = web_param(web, "id");
    web_redirect_saying(web, url_pathf(web->arena, "/requests/%.*s", TEXT_ARG(id)), flash);
}

void request_remind_post(struct web_request *web)
{
    struct problem problem = {0};
    if (!request_remind(web->app->porting, web->actor, web_param(web, "id"), &problem)) {
        web_problem(web, &problem);
        return;
    }
    back_saying(web, WORD_request_flash_reminded);
}

void request_cancel_post(struct web_request *web)
{
    struct problem problem = {0};
    if (!request_cancel(web->app->porting, web->actor, web_param(web, "id"), web->key, &problem)) {
        web_problem(web, &problem);
        return;
    }
    back_saying(web, WORD_request_flash_canceling);
}

void request_put_off_post(struct web_request *web)
{
    struct problem problem = {0};
    if (!request_put_off(web->app->porting, web->actor, web_param(web, "id"), web->key, &problem)) {
        web_problem(web, &problem);
        return;
    }
    back_saying(web, WORD_request_flash_put_off);
}

static bool record(struct web_request *web, struct problem *problem)
{
    enum number_status status;
    struct text words = text_trim(web_field(web, "words"));
    if (!number_status_parse(web_field(web, "status"), &status)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_status_wrong, "status", NULL, NULL);
    }
    if (text_length(words) > RECORD_WORDS_MAX) {
        return problem_set(problem, PROBLEM_INPUT, WORD_request_record_too_long, "words", NULL, NULL);
    }
    struct record_form form = {.request = web_param(web, "id"),
        .number = web_field(web, "number"),
        .status = status,
        .firm_date = text_trim(web_field(web, "firm_date")),
        .rejection = web_field(web, "rejection"),
        .words = words,
        .sure = text_is(web_field(web, "sure"), "yes"),
        .key = web->key};
    return request_record(web->app->porting, web->actor, &form, problem);
}

void request_record_post(struct web_request *web)
{
    struct problem problem = {0};
    struct request_view request;
    if (record(web, &problem)) {
        back_saying(web, WORD_request_flash_recorded);
        return;
    }
    if (problem.kind != PROBLEM_INPUT && problem.field[0] == '\0') {
        web_problem(web, &problem);
        return;
    }
    struct form_errors errors = form_errors_new(web->arena);
    form_errors_problem(web->arena, web->language, &errors, &problem);
    if (!web_request_load(web, &request)) {
        return;
    }
    if (!request.can_record) {
        web_problem(web, &problem);
    } else {
        request_show(web, &request, problem_status(problem.kind), &errors);
    }
}
