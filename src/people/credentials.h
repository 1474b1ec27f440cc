/* One's own password and e-mail address. Both ask for the password of now, whoever holds the session. */
#ifndef PEOPLE_CREDENTIALS_H
#define PEOPLE_CREDENTIALS_H

#include "people/user_link.h"

#define OWN_PASSWORD_TRIES 10 /* of one user in TRIES_WINDOW */

struct password_change {
    struct text current, wanted; /* as typed */
    struct text session;         /* token of the session that stays; every other one of the user ends */
    struct text next;            /* its token from then on: of session_token */
};

/* PROBLEM_INPUT on `current` or `password`; PROBLEM_TOO_MANY after too many wrong ones. */
bool password_change(const struct people *people, const struct actor *actor,
    const struct password_change *change, struct problem *problem);

struct email_change {
    struct text current; /* the password */
    struct text email;   /* as typed */
    struct text key;     /* the form's idempotency key */
};

/* Sends a link to the new address; nothing changes before it is used. Whether somebody else signs in with that address is not told: the
 * mail says it there. PROBLEM_INPUT on `current` or `email`; PROBLEM_TOO_MANY. */
bool email_change_ask(const struct people *people, const struct actor *actor,
    const struct email_change *change, struct problem *problem);

/* The address that waits for its confirmation, or the empty text. */
bool email_change_waits(const struct people *people, const struct actor *actor, struct arena *arena,
    struct text *ret, struct problem *problem);

#endif
