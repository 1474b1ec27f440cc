/* Who of the account must use two-step sign-in, and taking it away from somebody who has lost app and codes. */
#include "pages_templates.gen.h"
#include "people/passkeys.h"
#include "people/rights.h"
#include "people/second_factor.h"
#include "web/parts.h"
#include "web/people_parts.h"
#include "web/security.h"

static void rule_show(
    struct web_request *web, int status, const struct form_errors *errors, struct text chosen)
{
    static const enum word words[SECOND_FACTOR_RULE_COUNT] = {[SECOND_FACTOR_FREE] = WORD_security_rule_free,
        [SECOND_FACTOR_MANAGERS] = WORD_security_rule_managers,
        [SECOND_FACTOR_ALL] = WORD_security_rule_all};
    struct view_security_rule view = {
        .layout = web_layout_word(web, WORD_security_rule_title, people_nav(web, web->actor->account)),
        .errors = *errors,
        .account = web->actor->account_name,
        .team = web->actor->role == ROLE_PORTING_TEAM && web->app->sessions.team_second_factor,
        .error = form_errors_of(errors, "second_factor")};
    view.layout.has_errors = errors->items_count > 0;
    for (int i = 0; i < SECOND_FACTOR_RULE_COUNT; i++) {
        /* The operator's account has neither owners nor admins. */
        if (web->actor->role == ROLE_PORTING_TEAM && i == SECOND_FACTOR_MANAGERS) {
            continue;
        }
        struct text name = text_from(second_factor_rule_name((enum second_factor_rule)i));
        view.choices[view.choices_count++] =
            (struct view_security_choice){name, words[i], text_equal(name, chosen)};
    }
    security_rule_page_write(web_html(web, status), web->language, &view);
}

void security_rule_get(struct web_request *web)
{
    struct problem problem = {0};
    enum second_factor_rule rule;
    struct form_errors none = form_errors_new(web->arena);
    if (!second_factor_rule_load(&web->app->sessions, web->actor, &rule, &problem)) {
        web_problem(web, &problem);
        return;
    }
    rule_show(web, 200, &none, text_from(second_factor_rule_name(rule)));
}

void security_rule_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct text chosen = web_field(web, "second_factor");
    enum second_factor_rule rule;
    if (!second_factor_rule_parse(chosen, &rule)) {
        form_errors_word(web->arena, web->language, &errors, "second_factor", WORD_security_rule_missing);
        rule_show(web, 422, &errors, chosen);
        return;
    }
    if (!second_factor_rule_set(&web->app->sessions, web->actor, rule, &problem)) {
        if (security_form_refused(web, &errors, &problem)) {
            rule_show(web, 422, &errors, chosen);
        }
        return;
    }
    web_redirect_saying(web, url_path(TEXT("/account/security")), WORD_security_flash_rule);
}

/* ---- Another's ---- */

struct person {
    const struct actor *actor;
    struct arena *arena;
    struct text account, id;
    struct user user;
    bool found, has;
};

static bool person_read(struct db_tx *tx, void *context)
{
    struct person *person = context;
    person->found =
        user_by_id(tx, person->arena, person->account, person->id, &person->user) && !person->user.removed;
    person->has = person->found && (second_factor_has(tx, person->account, person->id) ||
                                       passkeys_count(tx, person->account, person->id) > 0);
    return db_ok(tx);
}

/* The person of the path. False: the answer was given. */
static bool person_find(struct web_request *web, struct person *ret)
{
    struct problem problem = {0};
    *ret = (struct person){.actor = web->actor,
        .arena = web->arena,
        .account = people_account(web),
        .id = web_param(web, "user")};
    if (!db_read(web->app->db, person_read, ret, &problem)) {
        web_problem(web, &problem);
        return false;
    }
    bool reached =
        ret->found && right_over(web->actor, RIGHT_USER_MANAGE, ret->account, ret->id) &&
        (ret->user.role != ROLE_OWNER || right_over(web->actor, RIGHT_OWNER_MANAGE, ret->account, ret->id));
    if (!reached) {
        problem_set(&problem, PROBLEM_NOT_FOUND, WORD_people_no_user, NULL, NULL, NULL);
        web_problem(web, &problem);
    }
    return reached;
}

static void reset_show(
    struct web_request *web, int status, const struct form_errors *errors, const struct person *person)
{
    struct view_security_reset view = {.layout = web_layout(web,
                                           words_say(web->arena, web->language, WORD_security_reset_title,
                                               WORD_ARGS(WORD_TEXT("name", person->user.name))),
                                           people_nav(web, person->account)),
        .errors = *errors,
        .name = person->user.name,
        .self = url_pathf(web->arena, "/accounts/%.*s/people/%.*s/second-factor", TEXT_ARG(person->account),
            TEXT_ARG(person->id)),
        .back = url_pathf(
            web->arena, "/accounts/%.*s/people/%.*s", TEXT_ARG(person->account), TEXT_ARG(person->id)),
        .has = person->has};
    view.layout.has_errors = errors->items_count > 0;
    security_reset_page_write(web_html(web, status), web->language, &view);
}

void security_reset_get(struct web_request *web)
{
    struct person person;
    struct form_errors none = form_errors_new(web->arena);
    if (person_find(web, &person)) {
        reset_show(web, 200, &none, &person);
    }
}

void security_reset_post(struct web_request *web)
{
    struct person person;
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    if (!person_find(web, &person)) {
        return;
    }
    if (!second_factor_reset(&web->app->sessions, web->actor, person.account, person.id, &problem)) {
        if (security_form_refused(web, &errors, &problem)) {
            reset_show(web, 422, &errors, &person);
        }
        return;
    }
    web_redirect_saying(web, people_url(web, person.account), WORD_security_flash_reset);
}
