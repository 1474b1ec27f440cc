/* One person of an account: role, removal, handing the ownership over; what the porting team begins for them. */
#include "numbering/number.h"
#include "pages_templates.gen.h"
#include "people/rights.h"
#include "web/people_parts.h"
#include "web/wizard.h"

/* What the porting team began for the person. False: the answer is given already. */
static bool load_begun(struct web_request *web, struct view_person *view)
{
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    struct draft_begun *drafts;
    size_t count;
    struct text account = people_account(web), user = web_param(web, "user");
    if (!draft_begun_list(web->app->porting, web->actor, account, user, web->arena, &drafts, &count,
            &view->begun_more, &problem)) {
        web_problem(web, &problem);
        return false;
    }
    struct view_begun *begun = ARENA_ARRAY(web->arena, struct view_begun, count + 1);
    for (size_t i = 0; i < count; i++) {
        begun[i] = (struct view_begun){.url = wizard_url(web, id_text(&drafts[i].id), drafts[i].step),
            .reference = drafts[i].reference,
            .number = number_show(web->arena, drafts[i].first_number),
            .more = drafts[i].number_count - 1,
            .at = people_day(&reader, drafts[i].created_at)};
    }
    view->begun = begun;
    view->begun_count = count;
    return true;
}

/* Fills the view of the path's {user}. False: the answer is given already. */
static bool load(
    struct web_request *web, struct text role, const struct form_errors *errors, struct view_person *ret)
{
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    struct members members;
    struct member member;
    struct text account = people_account(web);
    if (!member_load(web->app->people, web->actor, account, web_param(web, "user"), web->arena, &members,
            &member, &problem)) {
        web_problem(web, &problem);
        return false;
    }
    bool leads = member.role == ROLE_OWNER || member.role == ROLE_PORTING_TEAM;
    struct text chosen = role.len > 0 ? role : text_from(role_name(member.role));
    *ret = (struct view_person){
        .layout = web_layout(web, member.name, people_nav(web, account)),
        .errors = *errors,
        .place = people_place(web, &members.account),
        .member = people_member(web, &reader, &members.account, &member),
        .roles = people_roles(web, &members, chosen, form_errors_of(errors, "role")),
        .of_team = members.account.is_operator,
        .is_last = leads && members.last,
    };
    ret->remove = url_pathf(web->arena, "%.*s/remove", TEXT_ARG(ret->member.url.text));
    ret->owner = url_pathf(web->arena, "%.*s/ownership", TEXT_ARG(ret->member.url.text));
    ret->may_remove = member.may_manage;
    ret->reset = url_pathf(web->arena, "%.*s/second-factor", TEXT_ARG(ret->member.url.text));
    ret->may_reset = member.may_manage && ret->member.has_second && !ret->member.is_you;
    ret->may_role = member.may_manage && !ret->is_last && !ret->of_team;
    ret->may_hand_over =
        members.is_own && web->actor->role == ROLE_OWNER && !ret->member.is_you && member.role != ROLE_OWNER;
    ret->layout.has_errors = errors->items_count > 0;
    ret->begin = url_pathf(web->arena, "%.*s/requests", TEXT_ARG(ret->member.url.text));
    ret->may_begin = right_over(web->actor, RIGHT_REQUEST_START_FOR, account, member.id) && !ret->of_team;
    return true;
}

/* The page itself, which alone shows what was begun. */
static void show(struct web_request *web, int status, struct text role, const struct form_errors *errors)
{
    struct view_person view;
    if (load(web, role, errors, &view) && load_begun(web, &view)) {
        user_page_write(web_html(web, status), web->language, &view);
    }
}

void person_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    show(web, 200, TEXT_EMPTY, &none);
}

void person_role_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct text account = people_account(web), typed = web_field(web, "role");
    enum role role = ROLE_AGENT;
    if (!role_from(typed, &role)) {
        problem_set(&problem, PROBLEM_INPUT, WORD_users_role_missing, "role", NULL, NULL);
    } else if (member_change_role(
                   web->app->people, web->actor, account, web_param(web, "user"), role, &problem)) {
        web_redirect_saying(web, people_url(web, account), WORD_users_flash_role);
        return;
    }
    if (problem.kind != PROBLEM_INPUT) {
        web_problem(web, &problem);
        return;
    }
    form_errors_problem(web->arena, web->language, &errors, &problem);
    show(web, 422, typed, &errors);
}

/* ---- A request for them ---- */

void person_begin_post(struct web_request *web)
{
    struct problem problem = {0};
    struct id id;
    if (draft_start_for(
            web->app->porting, web->actor, people_account(web), web_param(web, "user"), &id, &problem)) {
        web_redirect(web, wizard_url(web, id_text(&id), 1));
    } else {
        web_problem(web, &problem);
    }
}

/* ---- Removal ---- */

void person_remove_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    struct view_person view;
    if (load(web, TEXT_EMPTY, &none, &view)) {
        user_remove_write(web_html(web, 200), web->language, &view);
    }
}

void person_remove_post(struct web_request *web)
{
    struct problem problem = {0};
    struct text account = people_account(web), user = web_param(web, "user");
    if (!member_remove(web->app->people, web->actor, account, user, &problem)) {
        web_problem(web, &problem);
    } else if (text_equal(user, web->actor->user)) {
        web_redirect(web, url_path(TEXT("/sign-in")));
    } else {
        web_redirect_saying(web, people_url(web, account), WORD_users_flash_removed);
    }
}

/* ---- The ownership ---- */

void person_owner_get(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors none = form_errors_new(web->arena);
    struct view_person view;
    if (!load(web, TEXT_EMPTY, &none, &view)) {
        return;
    }
    if (!view.may_hand_over) {
        problem_set(&problem, PROBLEM_CONFLICT,
            view.place.is_own ? WORD_people_owner_already : WORD_people_owner_elsewhere, NULL, NULL, NULL);
        web_problem(web, &problem);
        return;
    }
    user_owner_write(web_html(web, 200), web->language, &view);
}

void person_owner_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors none = form_errors_new(web->arena);
    struct view_person view;
    if (!load(web, TEXT_EMPTY, &none, &view)) {
        return;
    }
    if (ownership_hand_over(
            web->app->people, web->actor, people_account(web), web_param(web, "user"), &problem)) {
        web_redirect_saying(web, url_path(TEXT("/people")), WORD_users_flash_handed);
    } else {
        web_problem(web, &problem);
    }
}
