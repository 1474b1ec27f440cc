/* What an actor may do at the moment of the deed: the role is read again inside the transaction, since it may have changed, or the person
 * been removed, after the request came in. */
#ifndef PEOPLE_STANDING_H
#define PEOPLE_STANDING_H

#include "people/people.h"
#include "people/rights.h"

/* Whether the actor has the right over things of the account, now. Fails the transaction otherwise: PROBLEM_NOT_FOUND when the account is
 * none that they may know of, PROBLEM_FORBIDDEN when it is. NULL is the command line, which may everything. */
bool standing_demand(struct db_tx *tx, const struct actor *actor, enum right right, struct text account);

/* The right that it takes to invite, change or remove somebody of that role. */
enum right standing_right(enum role role);

/* The user of the account, not removed. Fails the transaction with PROBLEM_NOT_FOUND otherwise. */
bool standing_user(struct db_tx *tx, struct text account, struct text user, struct user *ret);

/* Fails the transaction with PROBLEM_CONFLICT unless the account keeps somebody when that user is gone, or is no owner any more: an owner, or
 * in the operator's account somebody of the porting team. Right on both engines, also when two do it to each other at once: the
 * transaction must be db_write's. */
bool standing_not_last(struct db_tx *tx, const struct user *user);

/* "agent": the role as it stands in a sentence. */
struct text standing_role(struct arena *arena, enum role role);

#endif
