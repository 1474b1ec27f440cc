/* Connections to carriers: their list, and entering a new one. */
#include "web/connections.h"

#include "carriers/carrier.h"
#include "pages_templates.gen.h"
#include "porting/connection.h"
#include "web/connections_parts.h"
#include "web/requests_parts.h"

static const struct {
    enum word state, says;
    const char *icon, *tone;
} states[] = {
    [CONNECTION_UNTESTED] = {WORD_connection_state_untested, WORD_connection_says_untested, "clock", ""},
    [CONNECTION_GOOD] = {WORD_connection_state_good, WORD_connection_says_good, "check", "tone-good"},
    [CONNECTION_CREDENTIALS] = {WORD_connection_state_credentials, WORD_connection_says_credentials, "key",
        "tone-bad"},
    [CONNECTION_UNREACHABLE] = {WORD_connection_state_unreachable, WORD_connection_says_unreachable, "alert",
        "tone-warn"},
    [CONNECTION_REFUSED] = {WORD_connection_state_refused, WORD_connection_says_refused, "x", "tone-bad"},
};

enum word connection_says(enum connection_test test)
{
    return states[test].says;
}

struct view_date connection_day(const struct reader *reader, int64_t at)
{
    return (struct view_date){
        instant_short(reader->arena, at, reader->now, reader->zone), instant_iso(reader->arena, at)};
}

struct view_connection_row connection_row_view(
    const struct reader *reader, const struct connection_view *connection)
{
    bool of_operator = connection->account_name.len == 0;
    struct view_connection_row row = {
        .url = url_pathf(reader->arena, "/connections/%.*s", TEXT_ARG(id_text(&connection->id))),
        .label = connection->label,
        .whose = of_operator ? reader_say(reader, WORD_connection_whose_operator, WORD_NO_ARGS)
                             : connection->account_name,
        .carrier = connection->kind,
        .icon = states[connection->test].icon,
        .tone = states[connection->test].tone,
        .state = states[connection->test].state,
        .was_tested = connection->tested_at > 0,
        .is_operators = of_operator,
        .unknown_ports = connection->unknown_ports,
    };
    if (connection->is_checking) {
        row.state = WORD_connection_state_checking;
        row.icon = "clock";
        row.tone = "";
    }
    if (row.was_tested) {
        row.tested = connection_day(reader, connection->tested_at);
    }
    return row;
}

void connections_get(struct web_request *web)
{
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    struct connection_view *connections;
    size_t count;
    if (!connections_list(web->app->porting, web->actor, web->arena, &connections, &count, &problem)) {
        web_problem(web, &problem);
        return;
    }
    struct view_connection_row *rows = ARENA_ARRAY(web->arena, struct view_connection_row, count + 1);
    for (size_t i = 0; i < count; i++) {
        rows[i] = connection_row_view(&reader, &connections[i]);
    }
    struct view_connections view = {.layout = web_layout_word(web, WORD_connection_title, NAV_CONNECTIONS),
        .rows = rows,
        .rows_count = count,
        .is_team = reader.team};
    connections_list_write(web_html(web, 200), web->language, &view);
}

/* ---- Entering one ---- */

struct view_field connection_field(
    const struct form_errors *errors, const char *name, enum word label, enum word hint, struct text value)
{
    return (struct view_field){.name = name,
        .type = "text",
        .label = label,
        .hint = hint,
        .value = value,
        .error = form_errors_of(errors, name),
        .autocomplete = "off",
        .css = "medium"};
}

/* What is typed here is shown to nobody, and never comes back into the page. */
struct view_field connection_secret_field(
    const struct form_errors *errors, const char *name, enum word label, enum word hint)
{
    struct view_field field = connection_field(errors, name, label, hint, TEXT_EMPTY);
    field.type = "password";
    field.autocomplete = "new-password";
    field.css = "mono medium";
    return field;
}

static struct view_field field_of(const struct web_request *web, const struct form_errors *errors,
    const char *name, enum word label, enum word hint)
{
    return connection_field(errors, name, label, hint, web_field(web, name));
}

static void new_show(struct web_request *web, int status, const struct form_errors *errors)
{
    struct view_connection_new view = {
        .layout = web_layout_word(web, WORD_connection_new_title, NAV_CONNECTIONS),
        .errors = *errors,
        .is_team = right_any(web->actor, RIGHT_DESK),
        .label =
            field_of(web, errors, "label", WORD_connection_field_label, WORD_connection_field_label_hint),
        .account = field_of(
            web, errors, "account", WORD_connection_field_account, WORD_connection_field_account_hint),
        .account_sid = field_of(web, errors, "account_sid", WORD_connection_field_account_sid,
            WORD_connection_field_account_sid_hint),
        .key_sid = field_of(
            web, errors, "key_sid", WORD_connection_field_key_sid, WORD_connection_field_key_sid_hint),
        .secret = connection_secret_field(
            errors, "secret", WORD_connection_field_secret, WORD_connection_field_secret_hint),
        .signing = connection_secret_field(
            errors, "signing", WORD_connection_field_signing, WORD_connection_field_signing_hint),
        .base_url =
            field_of(web, errors, "base_url", WORD_connection_field_base_url, WORD_connection_field_url_hint),
        .upload_url = field_of(
            web, errors, "upload_url", WORD_connection_field_upload_url, WORD_connection_field_url_hint),
        .api_url =
            field_of(web, errors, "api_url", WORD_connection_field_api_url, WORD_connection_field_url_hint),
    };
    view.layout.has_errors = errors->items_count > 0;
    view.account_sid.css = view.key_sid.css = "mono medium";
    view.label.required = view.account_sid.required = view.secret.required = true;
    connection_new_page_write(web_html(web, status), web->language, &view);
}

void connection_new_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    new_show(web, 200, &none);
}

struct connection_secrets connection_secrets_of(const struct web_request *web)
{
    return (struct connection_secrets){.key_sid = text_trim(web_field(web, "key_sid")),
        .secret = text_trim(web_field(web, "secret")),
        .signing = text_trim(web_field(web, "signing"))};
}

void connection_new_post(struct web_request *web)
{
    struct problem problem = {0};
    struct id id;
    struct text account = text_trim(web_field(web, "account"));
    struct connection_new from = {.account = account.len > 0 ? account : CONNECTION_OPERATOR,
        .kind = text_from(web->app->porting->gaining->name),
        .label = text_trim(web_field(web, "label")),
        .account_sid = text_trim(web_field(web, "account_sid")),
        .secrets = connection_secrets_of(web),
        .base_url = text_trim(web_field(web, "base_url")),
        .upload_url = text_trim(web_field(web, "upload_url")),
        .api_url = text_trim(web_field(web, "api_url"))};
    if (connection_add(web->app->porting, web->actor, &from, web->key, &id, &problem)) {
        web_redirect_saying(web, url_pathf(web->arena, "/connections/%.*s", TEXT_ARG(id_text(&id))),
            WORD_connection_flash_added);
        return;
    }
    if (problem.kind != PROBLEM_INPUT) {
        web_problem(web, &problem);
        return;
    }
    struct form_errors errors = form_errors_new(web->arena);
    form_errors_problem(web->arena, web->language, &errors, &problem);
    new_show(web, 422, &errors);
}
