/* What stands around every page. */
#include <string.h>

#include "base/log.h"
#include "base/words_table.h"
#include "people/rights.h"
#include "porting/connection.h"
#include "porting/desk.h"
#include "porting/stuck.h"
#include "web/context.h"
#include "web/parts.h"

/* The first letters of the first and the last name. */
static struct text monogram(struct arena *arena, struct text name)
{
    struct text rest = text_trim(name), word, first = TEXT_EMPTY, last = TEXT_EMPTY;
    while (text_next(&rest, ' ', &word)) {
        if (word.len > 0) {
            first = first.len > 0 ? first : word;
            last = word;
        }
    }
    struct text initials = text_format(arena, "%.*s%.*s", TEXT_ARG(text_clip(first, 1)),
        TEXT_ARG(last.at == first.at ? TEXT_EMPTY : text_clip(last, 1)));
    return text_upper(arena, initials);
}

struct text web_count(struct arena *arena, int64_t count)
{
    bool many = count > WEB_COUNT_SHOWN;
    return text_format(arena, "%lld%s", (long long)(many ? WEB_COUNT_SHOWN : count), many ? "+" : "");
}

static int64_t count_mine(struct web_request *web)
{
    struct web_app *app = web->app;
    struct problem problem = {0};
    int64_t count = 0;
    if (app->count_mine != NULL && !app->count_mine(app->porting, web->actor, &count, &problem)) {
        log_problem(LOG_LEVEL_WARN, "web.count_mine", &problem);
        return 0;
    }
    return count;
}

/* The porting team's desk. */
static void count_desk(struct web_request *web, struct view_layout *layout)
{
    struct problem problem = {0};
    if (web->app->porting == NULL || !layout->is_team) {
        return;
    }
    if (!desk_counts(web->app->porting, web->actor, &layout->desk, &layout->desk_mine, &problem)) {
        log_problem(LOG_LEVEL_WARN, "web.count_desk", &problem);
    }
    layout->desk_shown = web_count(web->arena, layout->desk);
    layout->desk_many = layout->desk > WEB_COUNT_SHOWN;
}

static int64_t count_stuck(struct web_request *web)
{
    struct problem problem = {0};
    int64_t count = 0;
    if (web->app->porting == NULL || !right_any(web->actor, RIGHT_DESK)) {
        return 0;
    }
    if (!stuck_count(web->app->porting, web->actor, &count, &problem)) {
        log_problem(LOG_LEVEL_WARN, "web.count_stuck", &problem);
        return 0;
    }
    return count;
}

/* The cookie comes from outside: only a sentence that is made for it and needs nothing is shown. */
static struct text flash(struct web_request *web)
{
    struct text key = web_cookie(web, COOKIE_FLASH);
    if (key.len == 0 || text_find(key, TEXT(".flash_"), 0) == SIZE_MAX) {
        return TEXT_EMPTY;
    }
    for (int word = WORD_NONE + 1; word < WORD_COUNT; word++) {
        if (text_is(key, words_key((enum word)word)) &&
            strchr(words_table[LANGUAGE_EN][word].other, '{') == NULL) {
            web_set_cookie(web, COOKIE_FLASH, TEXT_EMPTY, 0);
            return words_say(web->arena, web->language, (enum word)word, WORD_NO_ARGS);
        }
    }
    return TEXT_EMPTY;
}

static struct text theme(const struct web_request *web)
{
    struct text chosen = web->actor != NULL ? web->actor->theme : web_cookie(web, COOKIE_THEME);
    return text_is(chosen, "light") || text_is(chosen, "dark") ? chosen : TEXT("auto");
}

struct view_layout web_layout(struct web_request *web, struct text title, enum nav nav)
{
    struct text chosen = theme(web);
    struct view_layout layout = {.title = title,
        .actor = web->actor,
        .csrf = web->csrf,
        .key = token_new(web->arena, 16),
        .theme = chosen,
        .here = web_safe_next(web->arena, web->request->raw_path),
        .flash = flash(web),
        .operator_name = web->app->config.operator_name,
        .home = url_path(TEXT("/")),
        .on_numbers = nav == NAV_NUMBERS,
        .on_connections = nav == NAV_CONNECTIONS,
        .on_stuck = nav == NAV_STUCK,
        .on_settings = nav == NAV_SETTINGS,
        .on_audit = nav == NAV_AUDIT,
        .on_people = nav == NAV_PEOPLE,
        .on_accounts = nav == NAV_ACCOUNTS,
        .on_desk = nav == NAV_DESK,
        .theme_auto = text_is(chosen, "auto"),
        .theme_light = text_is(chosen, "light"),
        .theme_dark = text_is(chosen, "dark")};
    if (web->actor != NULL) {
        layout.monogram = monogram(web->arena, web->actor->name);
        layout.role = role_word(web->actor->role);
        layout.is_team = right_any(web->actor, RIGHT_DESK);
        layout.has_connections = right_any(web->actor, RIGHT_CONNECTION_MANAGE);
        layout.has_audit = right_any(web->actor, RIGHT_AUDIT_SEE);
        layout.has_people = right_any(web->actor, RIGHT_USER_SEE);
        layout.has_accounts = right_any(web->actor, RIGHT_ACCOUNT_CREATE);
        layout.your_turn = layout.is_team ? 0 : count_mine(web);
        layout.your_turn_shown = web_count(web->arena, layout.your_turn);
        layout.your_turn_many = layout.your_turn > WEB_COUNT_SHOWN;
        layout.stuck = count_stuck(web);
        count_desk(web, &layout);
    }
    if (web->new_visitor) {
        web->new_visitor = false;
        web_set_cookie(web, COOKIE_VISITOR, web->cookie_token, -1);
    }
    return layout;
}

struct view_layout web_layout_word(struct web_request *web, enum word title, enum nav nav)
{
    return web_layout(web, words_say(web->arena, web->language, title, WORD_NO_ARGS), nav);
}
