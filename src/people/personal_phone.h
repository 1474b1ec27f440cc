/* The personal phone under the guard (MISSION P11): a number has one use in an account, and number_use says which. Here are the
 * parts for other transactions; user_set_personal_phone (people.h) and my_settings_save are the ways of people. */
#ifndef PEOPLE_PERSONAL_PHONE_H
#define PEOPLE_PERSONAL_PHONE_H

#include "base/clock.h"
#include "store/db.h"
#include "store/vault.h"

/* Gives the user another personal phone (E.164), or with the empty text none, and ends the claim of the one before unless somebody shares
 * it. Fails the transaction with PROBLEM_INPUT on `personal_phone` when the number is being ported into the account or stands in
 * its inventory. The phone that stands there now is read, so that it is right whatever was shown before. A user who is removed gets
 * the empty text in the same transaction. */
bool personal_phone_change(struct db_tx *tx, struct text account, struct text user, struct text e164);

struct personal_phones_yield {
    struct text account;
    const struct text *numbers; /* E.164 */
    size_t count;
    struct clock *clock;
    const struct vault *vault; /* for the mail's link */
};

/* Those of the numbers that are personal phones are so no longer, since they live here now: written into the audit log, and mailed to
 * whoever had them. For a number that comes in whatever stands in its way: a completed port is never lost. */
bool personal_phones_yield(struct db_tx *tx, const struct personal_phones_yield *yield);

/* Whether the desk looks what a number is used for before it writes, which gives people the reason. Always so, but in the tests' build
 * with PORTDESK_TEST_GUARD=constraints: then the constraints of the tables alone stand between two uses. */
bool guard_looks_first(void);

#endif
