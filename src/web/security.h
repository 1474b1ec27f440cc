/* My Settings, Security: sessions, two-step sign-in, recovery codes; the account's rule about them; resetting another's. A further way to
 * prove who one is gets a section in security_page.html and its own handlers. */
#ifndef WEB_SECURITY_H
#define WEB_SECURITY_H

#include "people/recovery_code.h"
#include "web/context.h"
#include "web/request_views.h"
#include "web/settings.h"

struct view_session {
    struct text id, browser, client;
    struct view_date since, seen;
    enum word how;
    bool is_this;
};

struct view_security {
    struct view_layout layout;
    struct view_settings_head head;
    const struct view_session *sessions;
    size_t sessions_count;
    bool has_others;
    bool app; /* two-step sign-in is on */
    struct view_date app_since;
    int64_t recovery_left;
    bool few;   /* recovery codes */
    bool asked; /* of the person, by a rule */
};

/* Setting up; also what turns off, and what makes new codes: a form with a code, and the password unless the sign-in is fresh. */
struct view_security_form {
    struct view_layout layout;
    struct form_errors errors;
    struct text account;
    bool begun;        /* the secret is there */
    bool must;         /* nothing else is open to the person */
    bool ask_password; /* the sign-in is not fresh */
    bool asked;        /* cannot be turned off */
    struct view_field code, password;
    struct text key; /* the secret to be typed */
    struct text qr;  /* the path of the QR code, in squares */
    int qr_size;
};

struct view_recovery_code {
    struct text code;
};
struct view_security_codes {
    struct view_layout layout;
    bool just_on; /* two-step sign-in was turned on by this */
    struct view_recovery_code codes[RECOVERY_CODES];
    size_t codes_count;
    struct text all; /* a line each, for the form that gives the file */
    struct url next;
};

struct view_security_choice {
    struct text value;
    enum word word;
    bool chosen;
};
struct view_security_rule {
    struct view_layout layout;
    struct form_errors errors;
    struct text account;
    bool team; /* the settings ask it of the reader's team in any case */
    struct view_security_choice choices[3];
    size_t choices_count;
    struct text error;
};

struct view_security_reset {
    struct view_layout layout;
    struct form_errors errors;
    struct text name;
    struct url self, back;
    bool has; /* there is something to reset */
};

/* security.c */
void security_get(struct web_request *web);
void security_sessions_post(struct web_request *web);
/* Whether the route is open to somebody who must set up a second factor first. */
bool security_is_open_before(const struct route *route);
/* "Firefox on Windows", of a stored browser_name. */
struct text security_browser(const struct web_request *web, struct text name);

/* security_code.c */
void security_begin_post(struct web_request *web);
void security_code_get(struct web_request *web);
void security_code_post(struct web_request *web);

/* security_codes.c */
void security_off_get(struct web_request *web);
void security_off_post(struct web_request *web);
void security_recovery_get(struct web_request *web);
void security_recovery_post(struct web_request *web);
void security_file_post(struct web_request *web);
/* The page that shows new codes, once. */
void security_show_codes(struct web_request *web, const struct text *codes, bool just_on);

/* security_rule.c */
void security_rule_get(struct web_request *web);
void security_rule_post(struct web_request *web);
void security_reset_get(struct web_request *web);
void security_reset_post(struct web_request *web);

/* A form with a code, empty, with its errors; what the pages that ask one begin with. */
struct view_security_form security_form(
    struct web_request *web, enum word title, const struct form_errors *errors, enum word code_label);
/* Whether the password of the form, asked unless the sign-in is fresh, and its code are there and the password is right; otherwise their errors
 * are added, or (*ret_answered) another answer was given. */
bool security_form_proof(struct web_request *web, struct form_errors *errors, bool *ret_answered);
/* A use case's refusal at the form's field or above it; false when it was another kind of problem, which was answered. */
bool security_form_refused(
    struct web_request *web, struct form_errors *errors, const struct problem *problem);

#endif
