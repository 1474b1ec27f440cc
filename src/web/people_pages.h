/* What the pages of people, accounts and links show, and their handlers. */
#ifndef WEB_PEOPLE_PAGES_H
#define WEB_PEOPLE_PAGES_H

#include "web/request_views.h"
#include "web/settings.h"

struct web_request;

/* ---- People of an account ---- */

struct view_member {
    struct url url; /* the person's page */
    struct text name, email;
    enum word role;
    struct view_date last, since;
    bool ever, is_you, may_manage, has_second;
    enum word second; /* what sign-in asks beside the password */
};

struct view_invitation {
    struct url again, withdraw;
    struct text name, email, by;
    enum word role;
    struct view_date sent, until;
    bool is_old, may_manage;
};

struct view_people {
    struct view_layout layout;
    struct text account;
    struct url invite, settings;
    bool is_own, of_team, may_manage, may_set;
    const struct view_member *rows;
    size_t rows_count;
    const struct view_invitation *waiting;
    size_t waiting_count;
};

struct view_role_choice {
    const char *value;
    enum word name, may;
    bool chosen;
};

/* The choice of a role; nothing to choose in the operator's account. */
struct view_roles {
    const struct view_role_choice *items;
    size_t items_count;
    struct text error;
};

/* Where a page of an account leads back to. */
struct view_place {
    struct url people;
    struct text account;
    bool is_own;
};

struct view_invite {
    struct view_layout layout;
    struct form_errors errors;
    struct view_place place;
    struct url action;
    struct view_field name, email;
    struct view_roles roles;
};

/* A draft that the porting team began for the person. */
struct view_begun {
    struct url url; /* into the wizard */
    struct text reference, number;
    int64_t more; /* further numbers */
    struct view_date at;
};

/* One person: facts, the role, and the ways to removal and handing over; or one of the pages that ask before these. */
struct view_person {
    struct view_layout layout;
    struct form_errors errors;
    struct view_place place;
    struct view_member member;
    struct view_roles roles;
    struct url remove, owner, reset; /* pages that ask */
    struct url begin;                /* what the porting team may do for them */
    const struct view_begun *begun;
    size_t begun_count;
    bool begun_more; /* there are older ones */
    bool may_role, may_remove, may_hand_over, may_reset, may_begin, is_last, of_team;
};

struct view_account_settings {
    struct view_layout layout;
    struct form_errors errors;
    struct view_place place;
    struct url action;
    struct text before; /* the name as the form was opened with it */
    bool is_own;
    struct view_field name;
    enum word country;
};

/* ---- Accounts ---- */

struct view_account_row {
    struct url url;
    struct text name, owner;
    int64_t users, invited;
    struct view_date since;
    bool is_operator;
};

struct view_accounts {
    struct view_layout layout;
    struct text search;
    const struct view_account_row *rows;
    size_t rows_count;
    struct url next, first;
    bool has_next, is_later;
};

struct view_account_new {
    struct view_layout layout;
    struct form_errors errors;
    struct view_field name, owner_name, email;
    bool us, ca;
    struct text country_error;
};

/* ---- Links ---- */

struct view_join {
    struct view_layout layout;
    struct form_errors errors;
    struct text notice; /* why it cannot be used after all, or empty */
    struct text title, lead;
    struct text email; /* that is signed in with afterwards */
    enum word submit;
    bool asks_name, asks_password;
    struct view_field name, password;
};

struct view_over {
    struct view_layout layout;
};

/* Asking for a link: a new password, an account. */
struct view_ask {
    struct view_layout layout;
    struct form_errors errors;
    struct text notice;
    struct view_field email, name, account_name;
    bool us, ca, sent, is_sign_up;
    struct text country_error;
    struct url again;
};

/* One's own password, or e-mail address. */
struct view_own {
    struct view_layout layout;
    struct view_settings_head head;
    struct form_errors errors;
    struct text notice, waits;
    struct view_field current, wanted;
};

/* ---- Handlers ---- */

void people_get(struct web_request *web);
void invite_get(struct web_request *web);
void invite_post(struct web_request *web);
void invitation_again_post(struct web_request *web);
void invitation_withdraw_post(struct web_request *web);
void person_get(struct web_request *web);
void person_role_post(struct web_request *web);
void person_begin_post(struct web_request *web);
void person_remove_get(struct web_request *web);
void person_remove_post(struct web_request *web);
void person_owner_get(struct web_request *web);
void person_owner_post(struct web_request *web);
void account_settings_get(struct web_request *web);
void account_settings_post(struct web_request *web);
void accounts_get(struct web_request *web);
void account_new_get(struct web_request *web);
void account_new_post(struct web_request *web);
void join_get(struct web_request *web);
void join_post(struct web_request *web);
void forgot_get(struct web_request *web);
void forgot_post(struct web_request *web);
void sign_up_get(struct web_request *web);
void sign_up_post(struct web_request *web);
void own_password_get(struct web_request *web);
void own_password_post(struct web_request *web);
void own_email_get(struct web_request *web);
void own_email_post(struct web_request *web);

#endif
