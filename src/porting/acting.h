/* What the porting team does for a customer: it stands in the customer's log of what people did, and the customer is told by mail of what
 * matters. Inside porting/ only. */
#ifndef PORTING_ACTING_H
#define PORTING_ACTING_H

#include "people/people.h"
#include "porting/row.h"

enum acted {
    ACTED_BEGUN,  /* told to the person alone for whom it was begun */
    ACTED_EDITED, /* what the draft says; noted once an hour for each person */
    ACTED_SUBMITTED,
    ACTED_CORRECTED,
    ACTED_CANCELED,
};

/* Notes it, and queues the mail. Of anybody but the porting team, nothing. */
bool acted(struct db_tx *tx, struct porting *porting, const struct actor *actor, struct text account,
    struct text request, enum acted what);

/* Of a draft that is thrown away: takes the mail about its beginning back, sent or not. */
bool acted_forget(struct db_tx *tx, struct text account, struct text request);

/* Whose request it is in the customer's account: who submitted it, or when the porting team did that for them, who began it. False when that
 * person is gone, or when the transaction has failed. */
bool request_requester(
    struct db_tx *tx, const struct request_row *request, struct arena *arena, struct user *ret);

#endif
