/* How bodies are taken: forms whole, uploads as a stream whose files go to the route, raw bodies for other programs. */
#include <string.h>

#include "base/metrics.h"
#include "net/http_form.h"
#include "web/parts.h"

#define UPLOAD_FIELDS_MAX 64
#define UPLOAD_FIELD_MAX (16 * 1024)
#define UPLOAD_PARTS_MAX 128
#define REFUSED_FORM_MAX (64 * 1024) /* of a refused request's form, read so that the answer arrives */

static bool csrf_check(struct web_request *web, struct problem *problem)
{
    struct text given = http_header(web->request, "X-CSRF-Token");
    if (given.len == 0) {
        given = web_field(web, "csrf");
    }
    web->csrf_checked =
        web->csrf_checked || csrf_is_good(&web->app->sessions, web->arena, web->cookie_token, given);
    return web->csrf_checked ||
           problem_set(problem, PROBLEM_FORBIDDEN, WORD_web_csrf, NULL, NULL, "csrf token missing or wrong");
}

static bool part_begin(void *context, const struct multipart_part *part, struct problem *problem)
{
    struct web_request *web = context;
    web->in_file = part->is_file;
    if (part->is_file) {
        return csrf_check(web, problem) && web->route->upload->begin(web, part, problem);
    }
    if (web->form_count == UPLOAD_FIELDS_MAX) {
        return problem_set(problem, PROBLEM_SYNTAX, WORD_problem_syntax, NULL, NULL, "too many form fields");
    }
    web->field_name = text_copy(web->arena, part->name);
    buffer_reset(&web->field);
    return true;
}

static bool part_bytes(void *context, struct text bytes, struct problem *problem)
{
    struct web_request *web = context;
    if (web->in_file) {
        metric_add(METRIC_UPLOAD_BYTES, METRIC_ONE, (int64_t)bytes.len);
        return web->route->upload->bytes(web, bytes, problem);
    }
    return buffer_text(&web->field, bytes) ||
           problem_set(problem, PROBLEM_TOO_LARGE, WORD_problem_too_large, NULL, NULL, "form field too long");
}

static bool part_end(void *context, struct problem *problem)
{
    struct web_request *web = context;
    if (web->in_file) {
        return web->route->upload->end(web, problem);
    }
    struct text value = buffer_view(&web->field);
    if (!text_is_clean(value)) {
        return problem_set(problem, PROBLEM_SYNTAX, WORD_problem_not_clean,
            text_cstr(web->arena, web->field_name), NULL, NULL);
    }
    web->form[web->form_count++] = (struct http_pair){web->field_name, text_copy(web->arena, value)};
    return true;
}

static bool upload_sink(void *context, struct text bytes)
{
    struct web_request *web = context;
    return multipart_feed(web->multipart, bytes, &web->refused);
}

static bool upload_plan(struct web_request *web, struct problem *problem)
{
    const struct multipart_handler handler = {web, part_begin, part_bytes, part_end};
    web->form = ARENA_ARRAY(web->arena, struct http_pair, UPLOAD_FIELDS_MAX);
    web->field = BUFFER(UPLOAD_FIELD_MAX);
    return multipart_new(web->arena, http_header(web->request, "Content-Type"), UPLOAD_PARTS_MAX, &handler,
        &web->multipart, problem);
}

void body_plan(struct web_request *web, struct http_plan *plan)
{
    const struct route *route = web->route;
    enum route_body body = route != NULL ? route->body : ROUTE_BODY_NONE;
    plan->body = HTTP_BODY_NONE;
    if (body == ROUTE_BODY_UPLOAD && web->early.kind == PROBLEM_NONE && upload_plan(web, &web->early)) {
        plan->body = HTTP_BODY_STREAM;
        plan->limit = route->limit;
        plan->sink = upload_sink;
    } else if (body == ROUTE_BODY_FORM || body == ROUTE_BODY_RAW) {
        plan->body = HTTP_BODY_MEMORY;
        plan->limit = route->limit;
        if (web->early.kind != PROBLEM_NONE && plan->limit > REFUSED_FORM_MAX) {
            plan->limit = REFUSED_FORM_MAX;
        }
    }
}

static bool form_check(struct web_request *web, struct problem *problem)
{
    struct text type = text_lower(web->arena, http_header(web->request, "Content-Type"));
    struct text media;
    if (!text_next(&type, ';', &media) || !text_is(text_trim(media), "application/x-www-form-urlencoded")) {
        return problem_set(
            problem, PROBLEM_SYNTAX, WORD_web_form_wrong_type, NULL, NULL, "content type of a form");
    }
    return form_parse(web->arena, web->request->body, &web->form, &web->form_count, problem);
}

/* The key makes a repeated submit one; a form without one gets one that nobody can repeat. */
static bool key_check(struct web_request *web, struct problem *problem)
{
    struct text key = http_header(web->request, "Idempotency-Key");
    if (key.len == 0) {
        key = web_field(web, "key");
    }
    if (key.len == 0) {
        web->key = token_new(web->arena, 16);
        return true;
    }
    bool good = key.len <= 64;
    for (size_t i = 0; i < key.len && good; i++) {
        char c = key.at[i];
        good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    }
    web->key = key;
    return good || problem_set(problem, PROBLEM_SYNTAX, WORD_problem_syntax, "key", NULL,
                       "idempotency key is malformed");
}

bool body_check(struct web_request *web, struct problem *problem)
{
    const struct route *route = web->route;
    if (route->right == RIGHT_OUTSIDE || route->method == HTTP_GET) {
        return true;
    }
    if (route->body == ROUTE_BODY_FORM && !form_check(web, problem)) {
        return false;
    }
    if (route->body == ROUTE_BODY_UPLOAD && web->refused.kind == PROBLEM_NONE) {
        multipart_finish(web->multipart, &web->refused);
    }
    if (csrf_check(web, problem)) {
        return key_check(web, problem);
    }
    /* Of a body that was not read, the token cannot be known: what refused it is what is told. */
    if (web->refused.kind != PROBLEM_NONE && problem != NULL) {
        *problem = web->refused;
    }
    return false;
}

void body_end(struct web_request *web)
{
    if (web->route != NULL && web->route->upload != NULL && web->route->upload->over != NULL) {
        web->route->upload->over(web);
    }
    buffer_free(&web->field);
}
