/* What the frame's templates show. A page has its own struct with a `struct view_layout layout` in it. */
#ifndef WEB_VIEWS_H
#define WEB_VIEWS_H

#include "base/html.h"
#include "people/actor.h"
#include "web/form_errors.h"

/* Entries of the rail. */
enum nav {
    NAV_NONE,
    NAV_NUMBERS,
    NAV_CONNECTIONS,
    NAV_STUCK,
    NAV_DESK,
    NAV_SETTINGS,
    NAV_AUDIT,
    NAV_PEOPLE,
    NAV_ACCOUNTS,
};

/* Everything around a page. */
struct view_layout {
    struct text title;         /* of the document, without the product's name */
    bool has_errors;           /* the title begins with "Error:" */
    const struct actor *actor; /* NULL on public pages */
    struct text monogram;      /* of the actor */
    enum word role;            /* the actor's, as a word */
    struct text csrf;          /* hidden field `csrf` of every form */
    struct text key;           /* hidden field `key` of a form that makes something: fresh for each page */
    struct text theme;         /* "auto", "light" or "dark" */
    struct text here;          /* path of this page, for forms that come back */
    int64_t your_turn;         /* requests that wait for the reader */
    struct text your_turn_shown;
    bool your_turn_many;     /* more than were counted */
    int64_t stuck;           /* jobs that were given up, for the porting team */
    int64_t desk, desk_mine; /* for the porting team: on its desk, and the reader's of them */
    struct text desk_shown;
    bool desk_many;    /* more than were counted */
    struct text flash; /* what the page before had to say, or empty */
    struct text operator_name;
    struct url home;
    bool on_numbers, on_connections, on_stuck, on_desk, is_team;
    bool on_settings;
    bool has_connections;     /* may see those to carriers */
    bool on_audit, has_audit; /* may see the audit log */
    bool on_people, on_accounts;
    bool has_people, has_accounts; /* may see the account's people; all accounts */
    bool theme_auto, theme_light, theme_dark;
};

/* One input with label, hint and error. */
struct view_field {
    const char *name; /* also its id */
    const char *type; /* text, email, password, tel, ... */
    enum word label;
    enum word hint; /* WORD_NONE: none */
    struct text value;
    struct text error; /* empty: none */
    const char *autocomplete;
    const char *inputmode; /* NULL: none */
    const char *css;       /* more classes of the input ("mono medium"), or "" */
    bool required;
    bool focus; /* where the page begins */
};

/* The wizard's shell: steps on the left. The page writes <main class="wiz-main"> and <aside class="wiz-aside"> inside; its form
 * has the id "wizard", which "Save and close" sends with go=close. */
struct view_wizard_step {
    enum word name;
    int number;
    bool done, now, linked; /* linked: a button that saves the form and goes there */
};

struct view_wizard {
    struct view_layout layout;
    const struct view_wizard_step *steps;
    size_t steps_count;
    struct text acting; /* the account that the porting team acts for; empty: the reader's own */
    int step;           /* from 1 */
    enum word step_name;
    bool with_bill;       /* a wide third column */
    struct text saved_at; /* "10:42 AM", or empty */
    struct text saved_at_iso;
};

/* Pages of the frame itself. */
struct view_demo_sign_in {
    struct text name, role, email, password;
};

struct view_sign_in {
    struct view_layout layout;
    struct form_errors errors;
    struct view_field email, password;
    struct text next;
    struct text notice; /* too many tries, the line is full, a passkey that was not taken */
    bool passkeys;      /* the desk has an address that they work at */
    const struct view_demo_sign_in *demo;
    size_t demo_count;
    bool sign_up; /* strangers may make accounts */
};

struct view_sign_in_code {
    struct view_layout layout;
    struct form_errors errors;
    struct view_field code;
    struct text next;
    struct url self, other; /* other: the page for the other kind of code */
    bool recovery;
};

struct view_error {
    struct view_layout layout;
    int status;
    enum word title;
    struct text sentence;
    const char *icon;
    struct text trace; /* the request's id, for whoever writes to us */
    struct url onward;
    enum word onward_word;
};

#endif
