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

/* /settings */
void settings_get(struct web_request *web);

struct view_settings {
    struct view_layout layout;
    struct view_settings_head head;
};

#endif
