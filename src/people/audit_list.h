/* Reading the audit log: who did what, when, from where, newest first. RIGHT_AUDIT_SEE says whose log somebody sees. */
#ifndef PEOPLE_AUDIT_LIST_H
#define PEOPLE_AUDIT_LIST_H

#include "people/audit.h"
#include "people/people.h"

#define AUDIT_PAGE 50
#define AUDIT_DOWNLOAD 2000 /* lines that are given in one go */

enum audit_by {
    AUDIT_BY_ANYBODY,
    AUDIT_BY_USER, /* of `user` */
    AUDIT_BY_TEAM, /* the porting team */
};

struct audit_filter {
    struct text account; /* whose log; empty: the reader's own, and of who sees everybody's all of them */
    bool of_kind;
    enum audit_kind kind;
    enum audit_by by;
    struct text user;   /* id */
    struct text before; /* of the page before: its cursor; may be empty */
};

struct audit_row {
    int64_t at; /* µs */
    bool known; /* the kind; a newer version writes others */
    enum audit_kind kind;
    struct text kind_name;
    struct text account, account_name;     /* whose log it is; the name is empty for the desk's own */
    struct text by_user, by_name, by_role; /* empty: nobody signed in, or the desk itself */
    struct text client, subject, about;
};

struct audit_list {
    struct audit_row *rows;
    size_t rows_count;
    struct text next;    /* cursor of the next page, or empty */
    struct text account; /* whose log it is; empty: of all */
    struct text account_name;
    struct user *users; /* whom the log can be narrowed to: those of the account; none in the log of all */
    size_t users_count;
};

/* At most `max` lines, AUDIT_PAGE or AUDIT_DOWNLOAD; of the latter users are not read. PROBLEM_FORBIDDEN without the right,
 * PROBLEM_NOT_FOUND for an account that it does not reach. Everything lives in the arena. */
bool audit_list(struct db *db, const struct actor *actor, const struct audit_filter *filter, size_t max,
    struct arena *arena, struct audit_list *ret, struct problem *problem);

/* Removes what is older than `before` (µs), at most `max` lines; *ret_removed how many. Part of a transaction. */
bool audit_prune(struct db_tx *tx, int64_t before, int64_t max, int64_t *ret_removed);

#endif
