/* The addresses that show nothing of their own: home, the colors, the health of the program. */
#include "web/parts.h"

void home_get(struct web_request *web)
{
    web_redirect(web, url_path(TEXT("/requests")));
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

static bool database_answers(struct db_tx *tx, void *context)
{
    (void)context;
    db_number(tx, "SELECT count(*) FROM account", DB_NO_ARGS, 0);
    return db_ok(tx);
}

void health_get(struct web_request *web)
{
    struct problem problem = {0};
    bool well = db_read(web->app->db, database_answers, NULL, &problem);
    struct buffer *body = web_bytes(web, well ? 200 : 503, "text/plain; charset=utf-8");
    http_set_header(web->request, web->response, "Cache-Control", TEXT("no-store"));
    buffer_string(body, well ? "ok\n" : "the database does not answer\n");
}
