/* My Settings: what a person chooses for oneself. Each of its pages begins with settings_head, which has the title and the tabs:
 *
 *     {{use app_begin(&v->layout)}}
 *     {{use settings_head(&v->head)}}
 *     <h2>...</h2>
 *
 * A tab is shown once the table of routes has its page: to add one, add it to enum settings_tab and to the table in
 * settings_head.c. */
#ifndef WEB_SETTINGS_H
#define WEB_SETTINGS_H

#include "web/context.h"

enum settings_tab {
    SETTINGS_ME,       /* /settings: name, phone, time zone, mails */
    SETTINGS_PASSWORD, /* /settings/password */
    SETTINGS_EMAIL,    /* /settings/email */
    SETTINGS_SECURITY, /* /settings/security: sessions, second factor */
    SETTINGS_PASSKEYS, /* /settings/passkeys */
    SETTINGS_TAB_COUNT,
};

struct view_settings_tab {
    struct url url;
    enum word name;
    bool here;
};

struct view_settings_head {
    const struct actor *actor;
    enum word role;
    const struct view_settings_tab *tabs;
    size_t tabs_count;
};

/* The title and the tabs, for settings_head.html. */
struct view_settings_head settings_head(struct web_request *web, enum settings_tab here);

/* /settings, and the way there from a page of ours to which it leads back after saving. */
void settings_get(struct web_request *web);
void settings_post(struct web_request *web);
struct url settings_url(struct web_request *web, struct url back_to);

struct view_settings_zone {
    struct text name, shown;
    bool chosen;
};

/* A group of mails that can be switched off. */
struct view_settings_mail {
    const char *name;
    enum word what, hint; /* hint: WORD_NONE: none */
    bool wanted;
};

/* Where a number is that cannot be the personal phone. */
struct view_settings_holder {
    bool in_port, in_inventory;
    struct text number, reference; /* reference: empty when it is nothing that the reader may see */
    struct url request;
    struct text still; /* the phone that stays; empty: none */
};

/* A field that differs from what was saved meanwhile. */
struct view_settings_meanwhile {
    enum word field;
    struct text value;
};

struct view_settings {
    struct view_layout layout;
    struct view_settings_head head;
    struct form_errors errors;
    struct view_field name, phone;
    struct view_settings_holder holder;
    const struct view_settings_zone *near, *far;
    size_t near_count, far_count;
    struct text zone_error;
    const struct view_settings_mail *mails; /* none for the porting team */
    size_t mails_count;
    const struct view_settings_meanwhile *meanwhile;
    size_t meanwhile_count;
    bool is_owner; /* who gets mails of the whole account */
    bool is_stale; /* changed in another window meanwhile */
    int64_t version;
    struct text back; /* the path to go back to, or empty */
    struct url back_url;
};

#endif
