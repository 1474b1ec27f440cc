/* The people of an account: who they are and who is invited; and what the other pages about them share. */
#include "pages_templates.gen.h"
#include "people/invitations.h"
#include "people/rights.h"
#include "web/people_parts.h"

/* ---- Shared ---- */

struct text people_account(const struct web_request *web)
{
    struct text id = web_param(web, "id");
    return id.len > 0 ? id : web->actor->account;
}

struct url people_url(const struct web_request *web, struct text account)
{
    return text_equal(account, web->actor->account)
               ? url_path(TEXT("/people"))
               : url_pathf(web->arena, "/accounts/%.*s", TEXT_ARG(account));
}

struct view_place people_place(const struct web_request *web, const struct account *account)
{
    return (struct view_place){
        people_url(web, account->id), account->name, text_equal(account->id, web->actor->account)};
}

enum nav people_nav(const struct web_request *web, struct text account)
{
    return text_equal(account, web->actor->account) ? NAV_PEOPLE : NAV_ACCOUNTS;
}

struct view_roles people_roles(
    const struct web_request *web, const struct members *members, struct text chosen, struct text error)
{
    static const enum word may[] = {[ROLE_AGENT] = WORD_users_agent_may,
        [ROLE_ADMIN] = WORD_users_admin_may,
        [ROLE_OWNER] = WORD_users_owner_may,
        [ROLE_PORTING_TEAM] = WORD_users_team_may};
    struct view_role_choice *roles = ARENA_ARRAY(web->arena, struct view_role_choice, ROLE_COUNT);
    size_t count = 0;
    for (int role = 0; role < ROLE_COUNT; role++) {
        bool fits = members->account.is_operator == (role == ROLE_PORTING_TEAM);
        if (fits && (role != ROLE_OWNER || members->may_own)) {
            const char *name = role_name((enum role)role);
            roles[count++] =
                (struct view_role_choice){name, role_word((enum role)role), may[role], text_is(chosen, name)};
        }
    }
    if (count == 1) {
        roles[0].chosen = true;
    }
    return (struct view_roles){roles, count, error};
}

struct view_date people_day(const struct reader *reader, int64_t at)
{
    return (struct view_date){
        instant_short(reader->arena, at, reader->now, reader->zone), instant_iso(reader->arena, at)};
}

struct view_member people_member(const struct web_request *web, const struct reader *reader,
    const struct account *account, const struct member *member)
{
    return (struct view_member){
        .url =
            url_pathf(web->arena, "/accounts/%.*s/people/%.*s", TEXT_ARG(account->id), TEXT_ARG(member->id)),
        .name = member->name,
        .email = member->email,
        .role = role_word(member->role),
        .last = people_day(reader, member->signed_in_at),
        .since = people_day(reader, member->created_at),
        .ever = member->signed_in_at > 0,
        .is_you = text_equal(member->id, web->actor->user),
        .may_manage = member->may_manage,
        .has_second = member->has_app || member->has_passkey,
        .second = member->has_app       ? WORD_security_step_on
                  : member->has_passkey ? WORD_security_step_passkey
                                        : WORD_security_step_off,
    };
}

struct view_field people_field(const struct web_request *web, const struct form_errors *errors,
    const char *name, const char *type, enum word label, enum word hint, const char *autocomplete)
{
    bool secret = text_is(text_from(type), "password");
    return (struct view_field){.name = name,
        .type = type,
        .label = label,
        .hint = hint,
        .value = secret ? TEXT_EMPTY : web_field(web, name),
        .error = form_errors_of(errors, name),
        .autocomplete = autocomplete,
        .css = "medium",
        .required = true};
}

struct text people_notice(struct web_request *web, const struct problem *problem)
{
    BUFFER_CLEANUP sentence = BUFFER(1024);
    problem_say(&sentence, web->language, problem);
    return text_copy(web->arena, buffer_view(&sentence));
}

bool people_form_problem(struct web_request *web, const struct problem *problem, struct form_errors *errors,
    struct text *ret_notice, int *ret_status)
{
    if (problem->kind == PROBLEM_INPUT) {
        form_errors_problem(web->arena, web->language, errors, problem);
        *ret_status = 422;
        return true;
    }
    if (problem->kind == PROBLEM_TOO_MANY) {
        *ret_notice = people_notice(web, problem);
        *ret_status = 429;
        return true;
    }
    web_problem(web, problem);
    return false;
}

/* ---- The page ---- */

static const struct view_invitation *invitations_of(
    struct web_request *web, const struct reader *reader, const struct members *members)
{
    size_t count = members->invitations_count;
    struct view_invitation *waiting = ARENA_ARRAY(web->arena, struct view_invitation, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct user_link *link = &members->invitations[i];
        struct text account = members->account.id;
        waiting[i] = (struct view_invitation){
            .again = url_pathf(
                web->arena, "/accounts/%.*s/invitations/%.*s/again", TEXT_ARG(account), TEXT_ARG(link->id)),
            .withdraw = url_pathf(web->arena, "/accounts/%.*s/invitations/%.*s/withdraw", TEXT_ARG(account),
                TEXT_ARG(link->id)),
            .name = link->name,
            .email = link->email,
            .by = link->created_by_name,
            .role = role_word(link->role),
            .sent = people_day(reader, link->sent_at),
            .until = people_day(reader, link->expires_at),
            .is_old = link->expires_at <= web->now,
            .may_manage = members->may_manage && (link->role != ROLE_OWNER || members->may_own),
        };
    }
    return waiting;
}

void people_get(struct web_request *web)
{
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    struct members members;
    struct text account = people_account(web);
    if (!members_list(web->app->people, web->actor, account, web->arena, &members, &problem)) {
        web_problem(web, &problem);
        return;
    }
    struct view_member *rows = ARENA_ARRAY(web->arena, struct view_member, members.users_count + 1);
    for (size_t i = 0; i < members.users_count; i++) {
        rows[i] = people_member(web, &reader, &members.account, &members.users[i]);
    }
    struct view_people view = {
        .layout = members.is_own ? web_layout_word(web, WORD_users_title, NAV_PEOPLE)
                                 : web_layout(web, members.account.name, NAV_ACCOUNTS),
        .account = members.account.name,
        .invite = url_pathf(web->arena, "/accounts/%.*s/invite", TEXT_ARG(account)),
        .settings = members.is_own ? url_path(TEXT("/account"))
                                   : url_pathf(web->arena, "/accounts/%.*s/settings", TEXT_ARG(account)),
        .is_own = members.is_own,
        .of_team = members.account.is_operator,
        .may_manage = members.may_manage,
        .may_set = members.may_set,
        .rows = rows,
        .rows_count = members.users_count,
        .waiting = invitations_of(web, &reader, &members),
        .waiting_count = members.invitations_count,
    };
    users_list_write(web_html(web, 200), web->language, &view);
}

/* ---- Inviting ---- */

static void invite_show(struct web_request *web, int status, const struct form_errors *errors)
{
    struct problem problem = {0};
    struct members members;
    struct text account = people_account(web);
    if (!members_list(web->app->people, web->actor, account, web->arena, &members, &problem)) {
        web_problem(web, &problem);
        return;
    }
    struct view_invite view = {
        .layout = web_layout_word(web, WORD_users_invite_title, people_nav(web, account)),
        .errors = *errors,
        .place = people_place(web, &members.account),
        .action = url_pathf(web->arena, "/accounts/%.*s/invite", TEXT_ARG(account)),
        .name = people_field(web, errors, "name", "text", WORD_users_name, WORD_NONE, "off"),
        .email = people_field(web, errors, "email", "email", WORD_users_email, WORD_users_email_hint, "off"),
        .roles = people_roles(web, &members, web_field(web, "role"), form_errors_of(errors, "role")),
    };
    view.layout.has_errors = errors->items_count > 0;
    users_invite_write(web_html(web, status), web->language, &view);
}

void invite_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    invite_show(web, 200, &none);
}

void invite_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct text account = people_account(web);
    struct invitation_new invitation = {.account = account,
        .email = web_field(web, "email"),
        .name = web_field(web, "name"),
        .key = web->key};
    if (!role_from(web_field(web, "role"), &invitation.role)) {
        problem_set(&problem, PROBLEM_INPUT, WORD_users_role_missing, "role", NULL, NULL);
    } else if (invitation_send(web->app->people, web->actor, &invitation, &problem)) {
        web_redirect_saying(web, people_url(web, account), WORD_users_flash_invited);
        return;
    }
    if (problem.kind != PROBLEM_INPUT) {
        web_problem(web, &problem);
        return;
    }
    form_errors_problem(web->arena, web->language, &errors, &problem);
    invite_show(web, 422, &errors);
}

void invitation_again_post(struct web_request *web)
{
    struct problem problem = {0};
    struct text account = people_account(web);
    if (invitation_again(
            web->app->people, web->actor, account, web_param(web, "invitation"), web->key, &problem)) {
        web_redirect_saying(web, people_url(web, account), WORD_users_flash_again);
    } else {
        web_problem(web, &problem);
    }
}

void invitation_withdraw_post(struct web_request *web)
{
    struct problem problem = {0};
    struct text account = people_account(web);
    if (invitation_withdraw(web->app->people, web->actor, account, web_param(web, "invitation"), &problem)) {
        web_redirect_saying(web, people_url(web, account), WORD_users_flash_withdrawn);
    } else {
        web_problem(web, &problem);
    }
}
