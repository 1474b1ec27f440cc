/* Invitations into an account: made, sent again, withdrawn. Each is a link that works once, for a week. */
#ifndef PEOPLE_INVITATIONS_H
#define PEOPLE_INVITATIONS_H

#include "people/user_link.h"

#define INVITATIONS_MAX 200     /* that wait in one account */
#define INVITATION_SENDS_MAX 10 /* of one invitation */

struct invitation_new {
    struct text account;
    struct text email, name; /* as typed */
    enum role role;
    struct text key; /* the form's idempotency key; empty: none */
};

/* Invites somebody. An e-mail that is invited already gets a new link instead of the old one. PROBLEM_INPUT on `email`, `name` or `role`
 * (owners by who may manage owners; the porting team in the operator's account, and nobody else there); PROBLEM_TOO_MANY. Whether the
 * e-mail is a user's of another account is not told: the mail itself says it to them. */
bool invitation_send(const struct people *people, const struct actor *actor,
    const struct invitation_new *invitation, struct problem *problem);

/* Sends it once more, with a new link. PROBLEM_NOT_FOUND; PROBLEM_TOO_MANY beyond INVITATION_SENDS_MAX. `key` may be empty. */
bool invitation_again(const struct people *people, const struct actor *actor, struct text account,
    struct text id, struct text key, struct problem *problem);

/* Ends it. One that is gone already is PROBLEM_NOT_FOUND. */
bool invitation_withdraw(const struct people *people, const struct actor *actor, struct text account,
    struct text id, struct problem *problem);

/* In the caller's transaction: an owner's invitation for a new account. `email` as email_parse gives it. */
bool invitation_add(struct db_tx *tx, const struct people *people, const struct actor *actor,
    const struct user_link *invitation);

#endif
