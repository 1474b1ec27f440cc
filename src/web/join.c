/* The page behind a link: joining, making an account, a new password, a confirmed or a restored e-mail address. */
#include "people/joining.h"

#include "pages_templates.gen.h"
#include "people/browser_name.h"
#include "people/sign_in.h"
#include "people/standing.h"
#include "web/parts.h"
#include "web/people_parts.h"

static const struct {
    enum word title, submit, flash;
    bool name, password;
} kinds[LINK_KIND_COUNT] = {
    [LINK_INVITATION] = {WORD_join_title_invitation, WORD_join_do_invitation, WORD_join_flash_joined, true,
        true},
    [LINK_SIGN_UP] = {WORD_join_title_sign_up, WORD_join_do_sign_up, WORD_join_flash_joined, true, true},
    [LINK_RESET] = {WORD_join_title_reset, WORD_join_do_reset, WORD_join_flash_reset, false, true},
    [LINK_EMAIL_CHANGE] = {WORD_join_title_email_change, WORD_join_do_email_change, WORD_join_flash_email,
        false, false},
    [LINK_EMAIL_UNDO] = {WORD_join_title_email_undo, WORD_join_do_email_undo, WORD_join_flash_undone, false,
        true},
};

static struct text lead_of(struct web_request *web, const struct link_look *look)
{
    static const enum word leads[] = {[LINK_INVITATION] = WORD_join_lead_invitation,
        [LINK_SIGN_UP] = WORD_join_lead_sign_up,
        [LINK_RESET] = WORD_join_lead_reset,
        [LINK_EMAIL_CHANGE] = WORD_join_lead_email_change,
        [LINK_EMAIL_UNDO] = WORD_join_lead_email_undo};
    const struct user_link *link = &look->link;
    bool by_desk = link->kind == LINK_INVITATION && link->created_by_name.len == 0;
    return words_say(web->arena, web->language, by_desk ? WORD_join_lead_invitation_desk : leads[link->kind],
        WORD_ARGS(WORD_TEXT("who", link->created_by_name),
            WORD_TEXT("role", standing_role(web->arena, link->role)),
            WORD_TEXT("account", look->account_name), WORD_TEXT("name", look->user_name),
            WORD_TEXT("email", look->user_email)));
}

static void over_show(struct web_request *web)
{
    struct view_over view = {.layout = web_layout_word(web, WORD_join_title_over, NAV_NONE)};
    join_over_write(web_html(web, 404), web->language, &view);
}

/* False: the answer is given already. */
static bool look(struct web_request *web, struct link_look *ret)
{
    struct problem problem = {0};
    if (link_look(web->app->people, web->arena, web_param(web, "account"), web_param(web, "token"), ret,
            &problem)) {
        return true;
    }
    if (problem.kind == PROBLEM_NOT_FOUND) {
        over_show(web);
    } else {
        web_problem(web, &problem);
    }
    return false;
}

static void join_show(struct web_request *web, int status, const struct link_look *look,
    const struct form_errors *errors, struct text notice)
{
    enum link_kind kind = look->link.kind;
    struct text title = words_say(
        web->arena, web->language, kinds[kind].title, WORD_ARGS(WORD_TEXT("account", look->account_name)));
    bool comes_in = kinds[kind].name;
    struct view_join view = {
        .layout = web_layout(web, title, NAV_NONE),
        .errors = *errors,
        .notice = notice,
        .title = title,
        .lead = lead_of(web, look),
        .email = kind == LINK_RESET ? look->user_email : look->link.email,
        .submit = kinds[kind].submit,
        .asks_name = kinds[kind].name,
        .asks_password = kinds[kind].password,
        .name = people_field(web, errors, "name", "text", WORD_join_name, WORD_NONE, "name"),
        .password = people_field(web, errors, "password", "password",
            comes_in ? WORD_join_password : WORD_join_password_new, WORD_join_password_hint, "new-password"),
    };
    if (status == 200) {
        view.name.value = look->link.name;
    }
    view.name.css = view.password.css = "";
    view.layout.has_errors = errors->items_count > 0 || notice.len > 0;
    join_page_write(web_html(web, status), web->language, &view);
}

void join_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    struct link_look found;
    if (look(web, &found)) {
        join_show(web, 200, &found, &none, TEXT_EMPTY);
    }
}

/* Who came in is signed in by what they have just chosen, by the same door as everybody. */
static void sign_in(struct web_request *web, const struct user_link *link)
{
    struct problem problem = {0};
    struct signed_in done;
    struct sign_in sign_in = {.email = link->email,
        .password = web_field(web, "password"),
        .client = web->request->client,
        .browser = browser_name(web->arena, http_header(web->request, "User-Agent")),
        .replaces = web->actor != NULL ? web->session.token : TEXT_EMPTY,
        .device_cookie = web_cookie(web, COOKIE_DEVICE)};
    if (!sign_in_begin(&web->app->sessions, web->arena, &sign_in, &done, &problem)) {
        web_redirect_saying(web, url_path(TEXT("/sign-in")), kinds[link->kind].flash);
        return;
    }
    if (!done.half) {
        web_set_cookie(web, COOKIE_FLASH, text_from(words_key(WORD_join_flash_welcome)), 60);
    }
    sign_in_go(web, &done, TEXT("/"));
}

void join_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct link_look found;
    struct user_link used;
    struct text notice = TEXT_EMPTY;
    int status = 409;
    struct link_use use = {.account = web_param(web, "account"),
        .token = web_param(web, "token"),
        .name = web_field(web, "name"),
        .password = web_field(web, "password"),
        .client = web->request->client};
    if (!look(web, &found)) {
        return;
    }
    if (link_use(web->app->people, web->arena, &use, &used, &problem)) {
        if (kinds[used.kind].name) {
            sign_in(web, &used);
        } else {
            web_redirect_saying(web, url_path(TEXT("/sign-in")), kinds[used.kind].flash);
        }
        return;
    }
    if (problem.kind == PROBLEM_NOT_FOUND) {
        over_show(web);
    } else if (problem.kind == PROBLEM_CONFLICT) {
        notice = words_say(web->arena, web->language, WORD_join_taken, WORD_NO_ARGS);
        join_show(web, status, &found, &errors, notice);
    } else if (people_form_problem(web, &problem, &errors, &notice, &status)) {
        join_show(web, status, &found, &errors, notice);
    }
}
