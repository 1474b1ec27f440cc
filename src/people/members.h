/* The users of an account, seen and managed: roles, removal, handing over. */
#ifndef PEOPLE_MEMBERS_H
#define PEOPLE_MEMBERS_H

#include "people/user_link.h"

struct member {
    struct text id, name, email;
    enum role role;
    int64_t created_at, signed_in_at; /* 0: never */
    bool may_manage;                  /* the reader may change and remove them */
    bool has_app;                     /* that shows one-time codes, and is asked for at sign-in */
    bool has_passkey;
};

struct members {
    struct account account;
    bool is_own;                             /* the reader's */
    bool may_manage, may_own, may_set, last; /* rights; last: only one owner, or only one of the team */
    struct member *users;
    size_t users_count; /* at most USERS_MAX */
    struct user_link *invitations;
    size_t invitations_count; /* that wait, the newest first */
};

/* Who the account's users are, and who is invited. PROBLEM_NOT_FOUND for an account that the actor may not know of. */
bool members_list(const struct people *people, const struct actor *actor, struct text account,
    struct arena *arena, struct members *ret, struct problem *problem);

/* One of them. PROBLEM_NOT_FOUND. */
bool member_load(const struct people *people, const struct actor *actor, struct text account,
    struct text user, struct arena *arena, struct members *ret_account, struct member *ret,
    struct problem *problem);

/* Gives the user another role. PROBLEM_INPUT on `role`, PROBLEM_FORBIDDEN, PROBLEM_NOT_FOUND; PROBLEM_CONFLICT for the last owner. The role that
 * they have already is no change. */
bool member_change_role(const struct people *people, const struct actor *actor, struct text account,
    struct text user, enum role role, struct problem *problem);

/* Removes the user: signed out everywhere, links and the personal phone's claim gone, the e-mail free again. What they made stays and keeps their name.
 * Somebody may remove themselves. Problems as above. */
bool member_remove(const struct people *people, const struct actor *actor, struct text account,
    struct text user, struct problem *problem);

/* Makes the user an owner, and the actor an admin. PROBLEM_CONFLICT unless the actor is an owner of that account and the user none. */
bool ownership_hand_over(const struct people *people, const struct actor *actor, struct text account,
    struct text user, struct problem *problem);

/* In the caller's transaction: ends what lets the user in, now and later: sessions and links. */
bool member_access_end(struct db_tx *tx, struct text account, struct text user);

#endif
