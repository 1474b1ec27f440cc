/* The head of every page of My Settings. */
#include "web/settings.h"

static const struct {
    const char *path;
    enum word name;
} tabs[SETTINGS_TAB_COUNT] = {
    [SETTINGS_ME] = {"/settings", WORD_settings_tab_me},
    [SETTINGS_PASSWORD] = {"/settings/password", WORD_settings_tab_password},
    [SETTINGS_EMAIL] = {"/settings/email", WORD_settings_tab_email},
    [SETTINGS_SECURITY] = {"/settings/security", WORD_settings_tab_security},
    [SETTINGS_PASSKEYS] = {"/settings/passkeys", WORD_passkey_title},
};

static bool is_routed(const struct web_app *app, const char *path)
{
    for (size_t i = 0; i < app->routes_count; i++) {
        if (app->routes[i].method == HTTP_GET && text_is(text_from(app->routes[i].pattern), path)) {
            return true;
        }
    }
    return false;
}

struct view_settings_head settings_head(struct web_request *web, enum settings_tab here)
{
    struct view_settings_tab *views = ARENA_ARRAY(web->arena, struct view_settings_tab, SETTINGS_TAB_COUNT);
    struct view_settings_head head = {
        .actor = web->actor, .role = role_word(web->actor->role), .tabs = views};
    for (int i = 0; i < SETTINGS_TAB_COUNT; i++) {
        if (is_routed(web->app, tabs[i].path)) {
            views[head.tabs_count++] = (struct view_settings_tab){
                .url = url_path(text_from(tabs[i].path)), .name = tabs[i].name, .here = i == (int)here};
        }
    }
    return head;
}
