/* The addresses that show nothing of their own: home, the colors, the health of the program. */
#include "web/parts.h"
#include "web/readiness.h"

void home_get(struct web_request *web)
{
    bool desk = right_any(web->actor, RIGHT_DESK);
    web_redirect(web, url_path(desk ? TEXT("/team") : TEXT("/requests")));
}

void theme_post(struct web_request *web)
{
    struct problem problem = {0};
    struct text theme = web_field(web, "theme");
    if (!text_is(theme, "light") && !text_is(theme, "dark") && !text_is(theme, "auto")) {
        problem_set(&problem, PROBLEM_INPUT, WORD_people_theme_wrong, "theme", NULL, NULL);
        web_problem(web, &problem);
        return;
    }
    if (web->actor != NULL &&
        !user_set_theme(web->app->db, web->actor->account, web->actor->user, theme, &problem)) {
        web_problem(web, &problem);
        return;
    }
    web_set_cookie(web, COOKIE_THEME, theme, 365 * CLOCK_DAY / CLOCK_SECOND);
    struct text next = web_field(web, "next");
    /* The sign-in page is a place to come back to here, unlike after a sign-in. */
    web_redirect(web, url_path(text_is(next, "/sign-in") ? next : web_safe_next(web->arena, next)));
}

static void say_plainly(struct web_request *web, int status, enum word word)
{
    struct buffer *body = web_bytes(web, status, "text/plain; charset=utf-8");
    http_set_header(web->request, web->response, "Cache-Control", TEXT("no-store"));
    buffer_text(body, words_say(web->arena, LANGUAGE_EN, word, WORD_NO_ARGS));
    buffer_char(body, '\n');
}

/* The process lives. Nothing else is looked at: restarting it would not bring a database back. */
void health_get(struct web_request *web)
{
    say_plainly(web, 200, WORD_ready_ok);
}

void ready_get(struct web_request *web)
{
    enum word why = WORD_ready_ok;
    bool ready = !web->app->readiness || readiness_look(web->app->readiness, &why);
    say_plainly(web, ready ? 200 : 503, why);
}
