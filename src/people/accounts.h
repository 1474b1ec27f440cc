/* The desk's accounts, for the porting team; and an account's own settings. */
#ifndef PEOPLE_ACCOUNTS_H
#define PEOPLE_ACCOUNTS_H

#include "people/people.h"

#define ACCOUNTS_PAGE 50
#define ACCOUNTS_SEARCH_MAX 254 /* bytes */

struct account_row {
    struct text id, name, country;
    bool is_operator;
    int64_t users, invited; /* invited: who was not here yet */
    struct text owner;      /* an owner's name, or empty */
    int64_t created_at;
};

struct accounts {
    struct account_row *rows;
    size_t rows_count; /* at most ACCOUNTS_PAGE */
    struct text next;  /* id of the last row when there are more, or empty */
};

/* By name, from behind the account `after` (empty: from the first). `search` is part of a name, or a user's whole e-mail, or empty. For who has
 * RIGHT_ACCOUNT_CREATE; NULL is the command line. PROBLEM_FORBIDDEN. */
bool accounts_list(const struct people *people, const struct actor *actor, struct text search,
    struct text after, struct arena *arena, struct accounts *ret, struct problem *problem);

struct account_open {
    struct text name, country;
    struct text owner_name,
        owner_email; /* as typed; who is invited as its owner. Of the command line both may be empty: nobody */
    struct text key; /* the form's idempotency key; empty: none */
};

/* Makes an account and invites its owner. PROBLEM_INPUT on `name`, `country`, `owner_name` or `email`; PROBLEM_FORBIDDEN. The same key again gives the
 * same account. */
bool account_open(const struct people *people, const struct actor *actor, const struct account_open *account,
    struct id *ret, struct problem *problem);

/* Gives the account another name. PROBLEM_INPUT on `name`; PROBLEM_CONFLICT when it is not called `before` any more; PROBLEM_FORBIDDEN, PROBLEM_NOT_FOUND. */
bool account_rename(const struct people *people, const struct actor *actor, struct text account,
    struct text before, struct text name, struct problem *problem);

/* The account, for who may set it. PROBLEM_NOT_FOUND. */
bool account_load(const struct people *people, const struct actor *actor, struct text account,
    struct arena *arena, struct account *ret, struct problem *problem);

#endif
