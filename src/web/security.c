/* Where a person is signed in, and how. */
#include "web/security.h"

#include "pages_templates.gen.h"
#include "people/authenticator.h"
#include "people/browser_name.h"
#include "people/second_factor.h"
#include "web/parts.h"
#include "web/requests_parts.h"

static const enum word how_words[SESSION_HOW_COUNT] = {[SESSION_BY_PASSWORD] = WORD_security_how_password,
    [SESSION_BY_CODE] = WORD_security_how_code,
    [SESSION_BY_RECOVERY] = WORD_security_how_recovery,
    [SESSION_BY_PASSKEY] = WORD_security_how_passkey};

bool security_is_open_before(const struct route *route)
{
    static const char *const pages[] = {"security_code", "security_begin"};
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        if (text_is(text_from(route->page), pages[i])) {
            return true;
        }
    }
    return false;
}

struct text security_browser(const struct web_request *web, struct text name)
{
    struct text said = browser_name_say(web->arena, web->language, name);
    return said.len > 0 ? said
                        : words_say(web->arena, web->language, WORD_security_browser_unknown, WORD_NO_ARGS);
}

static struct view_date instant_of(const struct web_request *web, int64_t at)
{
    return (struct view_date){
        instant_short(web->arena, at, web->now, web->actor->time_zone), instant_iso(web->arena, at)};
}

static bool show_sessions(struct web_request *web, struct view_security *view, struct problem *problem)
{
    struct session_view *found;
    size_t count;
    if (!session_list(&web->app->sessions, web->arena, &web->session, &found, &count, problem)) {
        return false;
    }
    struct view_session *rows = ARENA_ARRAY(web->arena, struct view_session, count + 1);
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct view_session){.id = found[i].id,
            .browser = security_browser(web, found[i].browser),
            .client = found[i].client,
            .since = instant_of(web, found[i].created_at),
            .seen = instant_of(web, found[i].seen_at),
            .how = how_words[found[i].how],
            .is_this = found[i].is_this};
        view->has_others = view->has_others || !found[i].is_this;
    }
    view->sessions = rows;
    view->sessions_count = count;
    return true;
}

void security_get(struct web_request *web)
{
    struct problem problem = {0};
    struct second_factor has;
    struct view_security view = {0};
    if (!second_factor_load(&web->app->sessions, &web->session, &has, &problem) ||
        !show_sessions(web, &view, &problem)) {
        web_problem(web, &problem);
        return;
    }
    view.layout = web_layout_word(web, WORD_security_title, NAV_SETTINGS);
    view.head = settings_head(web, SETTINGS_SECURITY);
    view.app = has.app;
    view.app_since = instant_of(web, has.app_since);
    view.recovery_left = has.recovery_left;
    view.few = has.recovery_left <= RECOVERY_FEW;
    view.asked = has.asked;
    security_page_write(web_html(web, 200), web->language, &view);
}

void security_sessions_post(struct web_request *web)
{
    struct problem problem = {0};
    const struct sessions *sessions = &web->app->sessions;
    struct text which = web_field(web, "session");
    bool others = text_is(which, "others");
    bool ended = others ? session_end_rest(sessions, &web->session, &problem)
                        : session_end_one(sessions, &web->session, which, &problem);
    /* One that is not there is as ended as it should be: the form came twice, or the session was over by itself. */
    if (!ended && problem.kind != PROBLEM_NOT_FOUND) {
        web_problem(web, &problem);
        return;
    }
    web_redirect_saying(web, url_path(TEXT("/settings/security")),
        others ? WORD_security_flash_ended_others : WORD_security_flash_ended);
}
