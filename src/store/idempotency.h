/* Keys of forms: a form that comes twice is done once. */
#ifndef STORE_IDEMPOTENCY_H
#define STORE_IDEMPOTENCY_H

#include "base/clock.h"
#include "store/db.h"

/* Keeps the key of a POST. *ret_repeated: the same key was used before by this account; then nothing must be done again. A key
 * that is too short or long, or that was used for another subject, is PROBLEM_SYNTAX. */
bool idempotency_keep(struct db_tx *tx, struct clock *clock, struct text account, struct text key,
    const char *use_case, struct text subject, bool *ret_repeated);

#endif
