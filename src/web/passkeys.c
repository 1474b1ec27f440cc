/* A person's passkeys: their list, adding one by the browser's own dialog, its name, removing it. */
#include "web/passkeys.h"

#include "pages_templates.gen.h"
#include "people/browser_name.h"
#include "web/parts.h"
#include "web/requests_parts.h"

#define PASSKEYS_PATH "/settings/passkeys"

static struct view_passkey_row row_of(const struct reader *reader, const struct passkey *passkey)
{
    struct view_passkey_row row = {.name = passkey->name,
        .url = url_pathf(reader->arena, PASSKEYS_PATH "/%.*s", TEXT_ARG(passkey->id)),
        .added = {instant_short(reader->arena, passkey->created_at, reader->now, reader->zone),
            instant_iso(reader->arena, passkey->created_at)},
        .was_used = passkey->last_used_at > 0,
        .on_many = passkey->backed_up};
    if (row.was_used) {
        row.used =
            (struct view_date){instant_short(reader->arena, passkey->last_used_at, reader->now, reader->zone),
                instant_iso(reader->arena, passkey->last_used_at)};
    }
    return row;
}

static struct view_field name_field(const struct form_errors *errors, struct text value)
{
    return (struct view_field){.name = "name",
        .type = "text",
        .label = WORD_passkey_name,
        .hint = WORD_passkey_name_hint,
        .value = value,
        .error = form_errors_of(errors, "name"),
        .autocomplete = "off",
        .css = "medium",
        .required = true};
}

static struct view_field password_field(const struct form_errors *errors)
{
    return (struct view_field){.name = "password",
        .type = "password",
        .label = WORD_passkey_password,
        .hint = WORD_passkey_password_hint,
        .value = TEXT_EMPTY,
        .error = form_errors_of(errors, "password"),
        .autocomplete = "current-password",
        .css = "medium",
        .required = true};
}

static bool asks_password(const struct web_request *web)
{
    return !session_is_fresh(&web->app->sessions, &web->session);
}

static void passkeys_show(struct web_request *web, int status, const struct form_errors *errors)
{
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    struct passkey *passkeys;
    size_t count;
    if (!passkey_list(&web->app->passkeys, web->arena, web->actor, &passkeys, &count, &problem)) {
        web_problem(web, &problem);
        return;
    }
    struct view_passkey_row *rows = ARENA_ARRAY(web->arena, struct view_passkey_row, count + 1);
    for (size_t i = 0; i < count; i++) {
        rows[i] = row_of(&reader, &passkeys[i]);
    }
    struct view_passkeys view = {.layout = web_layout_word(web, WORD_passkey_title, NAV_NONE),
        .head = settings_head(web, SETTINGS_PASSKEYS),
        .errors = *errors,
        .rows = rows,
        .rows_count = count,
        .name = name_field(errors, web_field(web, "name")),
        .password = password_field(errors),
        .available = web->app->passkeys.available,
        .full = count >= PASSKEYS_MAX,
        .asks_password = asks_password(web)};
    view.layout.has_errors = errors->items_count > 0;
    view.layout.here = TEXT(PASSKEYS_PATH);
    passkeys_page_write(web_html(web, status), web->language, &view);
}

void passkeys_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    passkeys_show(web, 200, &none);
}

/* Whether the address of the desk has passkeys at all; when not, that is the answer. */
static bool are_available(struct web_request *web)
{
    struct problem problem = {0};
    if (web->app->passkeys.available) {
        return true;
    }
    problem_set(&problem, PROBLEM_CONFLICT, WORD_passkey_unavailable, NULL, NULL, NULL);
    web_problem(web, &problem);
    return false;
}

/* Whether it is still the person: by a sign-in a moment ago, or by the password once more. */
static bool is_confirmed(struct web_request *web, struct problem *problem)
{
    return !asks_password(web) ||
           sign_in_confirm(&web->app->sessions, web->actor, web_field(web, "password"), problem);
}

/* Whether it is still the person; the challenge that is then given is what passkeys_post asks for. */
void passkey_begin_post(struct web_request *web)
{
    struct problem problem = {0};
    struct passkeys *passkeys = &web->app->passkeys;
    const struct actor *actor = web->actor;
    struct passkey *known;
    size_t count;
    if (!are_available(web)) {
        return;
    }
    if (!is_confirmed(web, &problem) ||
        !passkey_list(passkeys, web->arena, actor, &known, &count, &problem)) {
        web_problem(web, &problem);
        return;
    }
    JSON_CLEANUP answer = json_object();
    json_t *exclude = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(exclude, json_stringn(known[i].credential.at, known[i].credential.len));
    }
    struct text operator_name = web->app->config.operator_name;
    json_put_text(
        answer, "challenge", passkey_challenge(passkeys, web->arena, PASSKEY_TO_ADD, web->session.token));
    json_put_text(answer, "rp", passkeys->rp.id);
    json_put_text(answer, "rp_name", operator_name.len > 0 ? operator_name : passkeys->rp.id);
    json_put_text(answer, "user", passkey_user_handle(passkeys, web->arena, actor->account, actor->user));
    json_put_text(answer, "user_name", actor->email);
    json_put_text(answer, "user_display", actor->name);
    json_object_set_new(answer, "exclude", exclude);
    web_json(web, 200, answer);
}

void passkeys_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct passkey_new passkey = {.name = web_field(web, "name"),
        .client_data = web_field(web, "client_data"),
        .attestation = web_field(web, "attestation")};
    if (passkey_add(&web->app->passkeys, web->arena, &web->session, &passkey, &problem)) {
        web_redirect_saying(web, url_path(TEXT(PASSKEYS_PATH)), WORD_passkey_flash_added);
    } else if (problem.kind == PROBLEM_INPUT) {
        form_errors_problem(web->arena, web->language, &errors, &problem);
        passkeys_show(web, 422, &errors);
    } else {
        web_problem(web, &problem);
    }
}

/* ---- One of them ---- */

static void passkey_show(struct web_request *web, int status, const struct form_errors *errors, bool renaming)
{
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    struct passkey passkey;
    if (!passkey_get(&web->app->passkeys, web->arena, web->actor, web_param(web, "id"), &passkey, &problem)) {
        web_problem(web, &problem);
        return;
    }
    struct view_passkey view = {.layout = web_layout_word(web, WORD_passkey_one_title, NAV_NONE),
        .head = settings_head(web, SETTINGS_PASSKEYS),
        .errors = *errors,
        .row = row_of(&reader, &passkey),
        .name = name_field(errors, renaming ? web_field(web, "name") : passkey.name),
        .password = password_field(errors),
        .asks_password = asks_password(web)};
    view.layout.has_errors = errors->items_count > 0;
    view.layout.here = view.row.url.text;
    passkey_page_write(web_html(web, status), web->language, &view);
}

void passkey_get_page(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    passkey_show(web, 200, &none, false);
}

/* The form again for what was typed wrong or too often, the page of the problem for all else. */
static void passkey_refused(struct web_request *web, const struct problem *problem, bool renaming)
{
    struct form_errors errors = form_errors_new(web->arena);
    if (problem->kind == PROBLEM_INPUT || problem->kind == PROBLEM_TOO_MANY) {
        form_errors_problem(web->arena, web->language, &errors, problem);
        passkey_show(web, problem_status(problem->kind), &errors, renaming);
    } else {
        web_problem(web, problem);
    }
}

void passkey_post(struct web_request *web)
{
    struct problem problem = {0};
    if (passkey_rename(&web->app->passkeys, web->arena, web->actor, web_param(web, "id"),
            web_field(web, "name"), &problem)) {
        web_redirect_saying(web, url_path(TEXT(PASSKEYS_PATH)), WORD_passkey_flash_renamed);
    } else {
        passkey_refused(web, &problem, true);
    }
}

void passkey_remove_post(struct web_request *web)
{
    struct problem problem = {0};
    if (is_confirmed(web, &problem) &&
        passkey_remove(&web->app->passkeys, &web->session, web_param(web, "id"), &problem)) {
        web_redirect_saying(web, url_path(TEXT(PASSKEYS_PATH)), WORD_passkey_flash_removed);
    } else {
        passkey_refused(web, &problem, false);
    }
}

/* ---- Signing in ---- */

void passkey_sign_in_get(struct web_request *web)
{
    if (!are_available(web)) {
        return;
    }
    struct passkeys *passkeys = &web->app->passkeys;
    JSON_CLEANUP answer = json_object();
    json_put_text(
        answer, "challenge", passkey_challenge(passkeys, web->arena, PASSKEY_TO_SIGN_IN, web->cookie_token));
    json_put_text(answer, "rp", passkeys->rp.id);
    web_json(web, 200, answer);
}

void passkey_sign_in_post(struct web_request *web)
{
    struct problem problem = {0};
    struct signed_in done;
    struct text next = web_safe_next(web->arena, web_field(web, "next"));
    struct passkey_sign_in sign_in = {.credential = web_field(web, "credential"),
        .user_handle = web_field(web, "user_handle"),
        .client_data = web_field(web, "client_data"),
        .auth_data = web_field(web, "auth_data"),
        .signature = web_field(web, "signature"),
        .cookie_token = web->cookie_token,
        .client = web->request->client,
        .browser = browser_name(web->arena, http_header(web->request, "User-Agent")),
        .replaces = web->actor != NULL ? web->session.token : TEXT_EMPTY,
        .device_cookie = web_cookie(web, COOKIE_DEVICE)};
    if (passkey_sign_in(&web->app->passkeys, web->arena, &sign_in, &done, &problem)) {
        sign_in_done(web, &done, next);
    } else {
        sign_in_refused(web, &problem, next);
    }
}
