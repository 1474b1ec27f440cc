/* One connection to a carrier: whether it works, new credentials, its settings, and ports that nobody knows. */
#include "carriers/carrier.h"
#include "pages_templates.gen.h"
#include "web/connections_parts.h"
#include "web/requests_parts.h"

static struct url page_of(const struct web_request *web)
{
    return url_pathf(web->arena, "/connections/%.*s", TEXT_ARG(web_param(web, "id")));
}

/* Loads the connection of the path's {id}. False: the answer is given already. */
static bool load(struct web_request *web, struct connection_view *ret)
{
    struct problem problem = {0};
    if (connection_load(web->app->porting, web->actor, web_param(web, "id"), web->arena, ret, &problem)) {
        return true;
    }
    web_problem(web, &problem);
    return false;
}

static bool show_unknown(struct web_request *web, const struct reader *reader, struct view_connection *view)
{
    struct problem problem = {0};
    struct unknown_port *ports;
    size_t count;
    if (!connection_unknown_ports(
            web->app->porting, web->actor, web_param(web, "id"), web->arena, &ports, &count, &problem)) {
        web_problem(web, &problem);
        return false;
    }
    struct view_unknown_port *shown = ARENA_ARRAY(web->arena, struct view_unknown_port, count + 1);
    for (size_t i = 0; i < count; i++) {
        shown[i] = (struct view_unknown_port){
            ports[i].ref, ports[i].status, ports[i].numbers, connection_day(reader, ports[i].found_at)};
    }
    view->unknown = shown;
    view->unknown_count = count;
    return true;
}

static void show_forms(struct web_request *web, const struct connection_view *connection,
    const struct connection_changes *values, struct view_connection *view)
{
    const struct form_errors *errors = &view->errors;
    const struct carrier_can *can = web->app->porting->gaining->can;
    struct text rate = values->calls_per_second > 0
                           ? text_format(web->arena, "%lld", (long long)values->calls_per_second)
                           : TEXT_EMPTY;
    view->key_sid = connection_field(errors, "key_sid", WORD_connection_field_key_sid,
        WORD_connection_field_key_sid_hint, connection->key_sid);
    view->key_sid.css = "mono medium";
    view->secret = connection_secret_field(
        errors, "secret", WORD_connection_field_secret, WORD_connection_field_secret_hint);
    view->signing = connection_secret_field(
        errors, "signing", WORD_connection_field_signing, WORD_connection_field_signing_hint);
    view->secret.required = true;
    view->label = connection_field(errors, "label", WORD_connection_field_label, WORD_NONE, values->label);
    view->rate = connection_field(
        errors, "calls_per_second", WORD_connection_field_rate, WORD_connection_field_rate_hint, rate);
    view->rate.inputmode = "numeric";
    view->letter_subject = connection_field(errors, "letter_subject", WORD_connection_field_letter_subject,
        WORD_connection_field_letter_hint, values->letter.subject);
    view->letter_redirect = connection_field(
        errors, "letter_redirect", WORD_connection_field_letter_redirect, WORD_NONE, values->letter.redirect);
    view->letter_logo = connection_field(
        errors, "letter_logo", WORD_connection_field_letter_logo, WORD_NONE, values->letter.logo);
    view->letter_message = values->letter.message;
    view->letter_message_error = form_errors_of(errors, "letter_message");
    view->takes_new = values->takes_new;
    view->brands_letter = can->brands_letter;
}

static struct text stamp_of(const struct web_request *web, const struct connection_view *connection)
{
    return text_format(web->arena, "%d.%d.%lld", connection->is_checking, connection->has_next,
        (long long)connection->tested_at);
}

static void show(struct web_request *web, int status, const struct connection_view *connection,
    const struct connection_changes *values, const struct form_errors *errors)
{
    struct reader reader = web_reader(web);
    struct view_connection view = {.layout = web_layout(web, connection->label, NAV_CONNECTIONS),
        .errors = *errors,
        .row = connection_row_view(&reader, connection),
        .stamp = stamp_of(web, connection),
        .account_sid = connection->account_sid,
        .key = connection->key_sid,
        .says = connection->is_checking ? WORD_connection_says_checking : connection_says(connection->test),
        .words = connection->is_checking || connection->test == CONNECTION_GOOD ? TEXT_EMPTY
                                                                                : connection->test_words,
        .is_checking = connection->is_checking,
        .was_rotated = connection->rotated_at > 0,
        .from_settings = connection->from_settings,
        .next_waits = connection->has_next && connection->next_test == CONNECTION_UNTESTED,
        .next_bad = connection->has_next && connection->next_test != CONNECTION_UNTESTED,
        .next_says = connection_says(connection->next_test),
        .events_good = connection->webhook == CONNECTION_WEBHOOK_GOOD,
        .events_elsewhere = connection->webhook == CONNECTION_WEBHOOK_ELSEWHERE,
        .events_host = connection->webhook_found,
        .rotated = connection_day(&reader, connection->rotated_at)};
    view.layout.has_errors = errors->items_count > 0;
    show_forms(web, connection, values, &view);
    if (show_unknown(web, &reader, &view)) {
        connection_page_write(web_html(web, status), web->language, &view);
    }
}

void connection_state_get(struct web_request *web)
{
    struct connection_view connection;
    if (!load(web, &connection)) {
        return;
    }
    JSON_CLEANUP json = json_object();
    json_put_text(json, "state", stamp_of(web, &connection));
    web_json(web, 200, json);
}

static struct connection_changes values_of(const struct connection_view *connection)
{
    return (struct connection_changes){.label = connection->label,
        .takes_new = connection->takes_new,
        .letter = connection->letter,
        .calls_per_second = connection->calls_per_second};
}

void connection_get(struct web_request *web)
{
    struct connection_view connection;
    struct form_errors none = form_errors_new(web->arena);
    if (!load(web, &connection)) {
        return;
    }
    struct connection_changes values = values_of(&connection);
    show(web, 200, &connection, &values, &none);
}

/* The page again, with what was wrong at its field. */
static void show_problem(
    struct web_request *web, const struct problem *problem, const struct connection_changes *typed)
{
    struct connection_view connection;
    struct form_errors errors = form_errors_new(web->arena);
    if (problem->kind != PROBLEM_INPUT) {
        web_problem(web, problem);
        return;
    }
    form_errors_problem(web->arena, web->language, &errors, problem);
    if (!load(web, &connection)) {
        return;
    }
    struct connection_changes values = values_of(&connection);
    show(web, 422, &connection, typed != NULL ? typed : &values, &errors);
}

void connection_test_post(struct web_request *web)
{
    struct problem problem = {0};
    bool take = text_is(web_field(web, "events"), "here"), forget = text_is(web_field(web, "next"), "forget");
    struct text id = web_param(web, "id");
    bool done = forget ? connection_forget_next(web->app->porting, web->actor, id, web->key, &problem)
                       : connection_test(web->app->porting, web->actor, id, take, web->key, &problem);
    if (done) {
        web_redirect_saying(
            web, page_of(web), forget ? WORD_connection_flash_forgotten : WORD_connection_flash_testing);
    } else {
        web_problem(web, &problem);
    }
}

void connection_rotate_post(struct web_request *web)
{
    struct problem problem = {0};
    struct connection_secrets secrets = connection_secrets_of(web);
    if (connection_rotate(
            web->app->porting, web->actor, web_param(web, "id"), &secrets, web->key, &problem)) {
        web_redirect_saying(web, page_of(web), WORD_connection_flash_rotated);
    } else {
        show_problem(web, &problem, NULL);
    }
}

void connection_change_post(struct web_request *web)
{
    struct problem problem = {0};
    uint64_t rate = 0;
    struct text typed = text_trim(web_field(web, "calls_per_second"));
    struct connection_changes changes = {.label = text_trim(web_field(web, "label")),
        .takes_new = text_is(web_field(web, "takes_new"), "yes"),
        .letter = {.subject = text_trim(web_field(web, "letter_subject")),
            .message = text_trim(web_field(web, "letter_message")),
            .redirect = text_trim(web_field(web, "letter_redirect")),
            .logo = text_trim(web_field(web, "letter_logo"))}};
    /* What is no number is refused where it is checked, as one that is too large. */
    changes.calls_per_second = typed.len == 0                         ? 0
                               : text_to_u64(typed, INT32_MAX, &rate) ? (int64_t)rate
                                                                      : INT32_MAX;
    if (connection_change(
            web->app->porting, web->actor, web_param(web, "id"), &changes, web->key, &problem)) {
        web_redirect_saying(web, page_of(web), WORD_connection_flash_changed);
    } else {
        show_problem(web, &problem, &changes);
    }
}
