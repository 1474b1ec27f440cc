/* What the page of the audit log and the page of the table of rights show, and their handlers. */
#ifndef WEB_AUDIT_H
#define WEB_AUDIT_H

#include "web/request_views.h"

struct web_request;

struct view_audit_row {
    struct view_date at;
    struct text what, about, who, role, from, account;
    struct url subject; /* the page of what it was done to */
    enum word subject_word;
    struct url log; /* of the account */
    bool has_subject, has_log, by_nobody;
};

struct view_audit_option {
    struct text value, shown;
    bool chosen;
};

struct view_audit {
    struct view_layout layout;
    struct text lead, kept, download_hint;
    const struct view_audit_option *kinds;
    size_t kinds_count;
    const struct view_audit_option *people;
    size_t people_count;
    const struct view_audit_row *rows;
    size_t rows_count;
    struct text account; /* in the form: whose log was asked for; empty: nobody's by name */
    struct url clear, of_all, first, next, download;
    bool is_narrowed, is_of_all, has_of_all, is_later, has_next;
};

/* A right with what each role may, in the order of the roles. */
struct view_right {
    const char *name;
    enum word word;
    struct view_reach {
        enum word role, word;
        bool none;
    } cells[ROLE_COUNT];
    size_t cells_count;
};

struct view_rights {
    struct view_layout layout;
    const struct view_right *rows;
    size_t rows_count;
    struct view_rights_role {
        enum word word;
        bool own; /* the reader's */
    } roles[ROLE_COUNT];
    size_t roles_count;
};

void audit_get(struct web_request *web);
void audit_download_get(struct web_request *web);
void rights_get(struct web_request *web);

#endif
