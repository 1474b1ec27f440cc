/* Recovery codes: ten that a person keeps on paper for the day the app is gone. Each works once. Eighty random bits each, so that a plain
 * hash is enough to store, and nobody can try them all. */
#ifndef PEOPLE_RECOVERY_CODE_H
#define PEOPLE_RECOVERY_CODE_H

#include "base/clock.h"
#include "store/db.h"

#define RECOVERY_CODES 10
#define RECOVERY_FEW 3 /* so many left, or fewer, are few */

/* RECOVERY_CODES new ones as they are shown: "x7k2-9dmw-p3fa-hq5n". Made before the transaction. */
struct text *recovery_codes_new(struct arena *arena);

/* What was typed as it is hashed: lower case, without spaces and hyphens. False when it cannot be one. */
bool recovery_code_parse(struct arena *arena, struct text typed, struct text *ret);

/* Puts these in place of all that the person had. */
bool recovery_codes_set(
    struct db_tx *tx, struct clock *clock, struct text account, struct text user, const struct text *codes);

/* Uses a code up. *ret_good: it was one of the person's, and not used before; *ret_left: how many there are now. */
bool recovery_code_use(struct db_tx *tx, struct clock *clock, struct text account, struct text user,
    struct text code, bool *ret_good, int64_t *ret_left);

/* Whether the code is the person's and was not used. */
bool recovery_code_is_there(struct db_tx *tx, struct text account, struct text user, struct text code);

#endif
