/* The second factor: what a person has, what sign-in asks after the password, and who must have one. The seam between signing in and the
 * ways to prove it: an app with one-time codes and recovery codes (people/authenticator.h); a passkey counts as both factors. */
#ifndef PEOPLE_SECOND_FACTOR_H
#define PEOPLE_SECOND_FACTOR_H

#include "people/sessions.h"

/* An account's rule: who must have one. */
enum second_factor_rule {
    SECOND_FACTOR_FREE,     /* nobody */
    SECOND_FACTOR_MANAGERS, /* owners and admins */
    SECOND_FACTOR_ALL,      /* everybody */
    SECOND_FACTOR_RULE_COUNT,
};
/* "free": as it is stored, and in forms. */
const char *second_factor_rule_name(enum second_factor_rule rule);
bool second_factor_rule_parse(struct text name, enum second_factor_rule *ret);
/* The stored name's; everybody when it is none. */
enum second_factor_rule second_factor_rule_of(struct text name);

/* Whether one is asked of somebody with that role, by the account's rule or the desk's settings. */
bool second_factor_is_asked(const struct sessions *sessions, enum second_factor_rule rule, enum role role);

/* Whether the person has one that works. */
bool second_factor_has(struct db_tx *tx, struct text account, struct text user);

/* Whether the person must have one and has passkeys alone: then a password opens nothing, or whoever has found it out would set up an app of
 * their own. */
bool second_factor_is_passkey(struct db_tx *tx, const struct sessions *sessions, enum second_factor_rule rule,
    struct text account, struct text user, enum role role);

/* What sign-in asks once the password was right. */
enum second_step {
    SECOND_STEP_NONE,    /* nothing: the person is signed in */
    SECOND_STEP_CODE,    /* a code of the app, or a recovery code */
    SECOND_STEP_PASSKEY, /* to sign in with a passkey instead */
};
enum second_step second_factor_next(
    struct db_tx *tx, const struct sessions *sessions, struct text account, struct text user, enum role role);

/* What the person's page shows. */
struct second_factor {
    bool app;              /* there is one, and it was confirmed */
    int64_t app_since;     /* 0: none */
    int64_t recovery_left; /* codes that were not used */
    bool asked;            /* the person must have one */
};
bool second_factor_load(const struct sessions *sessions, const struct session *session,
    struct second_factor *ret, struct problem *problem);

/* The rule of the actor's account. Setting it needs RIGHT_ACCOUNT_SETTINGS, and for a rule that reaches the actor a second factor of the
 * actor's own: PROBLEM_INPUT on `second_factor` otherwise, so that nobody shuts themselves out by a slip. */
bool second_factor_rule_load(const struct sessions *sessions, const struct actor *actor,
    enum second_factor_rule *ret, struct problem *problem);
bool second_factor_rule_set(const struct sessions *sessions, const struct actor *actor,
    enum second_factor_rule rule, struct problem *problem);

/* Takes another person's second factor away, and their passkeys, because app and codes are lost, and ends all their sessions; the person is told by mail. An
 * actor needs RIGHT_USER_MANAGE over the person, and RIGHT_OWNER_MANAGE when that is an owner; NULL is the command line. PROBLEM_NOT_FOUND
 * when there is no such person, or not within reach; PROBLEM_INPUT when there is nothing to take away, or it is the actor. */
bool second_factor_reset(const struct sessions *sessions, const struct actor *actor, struct text account,
    struct text user, struct problem *problem);
/* Part of it: all that the person has, in the caller's transaction. */
bool second_factor_wipe(struct db_tx *tx, struct text account, struct text user);

#endif
