/* What is done once an hour: old records that nobody needs any more are removed, and orders that no job looks after any more are
 * found. */
#ifndef PORTING_JANITOR_H
#define PORTING_JANITOR_H

#include "porting/porting.h"

#define JOB_JANITOR "janitor"

#define JANITOR_EVERY CLOCK_HOUR
#define KEEP_EVENTS (30 * CLOCK_DAY) /* webhooks as they came */
#define KEEP_LINKS                                                                                           \
    (30 * CLOCK_DAY) /* links that work once, after their end: until then a page says that they are over */
#define KEEP_KEYS (7 * CLOCK_DAY)     /* idempotency keys: longer than any form is kept open */
#define KEEP_SIGN_INS (1 * CLOCK_DAY) /* sign-ins that failed; they count for less */
#define KEEP_ACCOUNT_NUMBERS                                                                                 \
    (30 * CLOCK_DAY) /* of requests that ended and may be sent again; of completed ones it is gone at once */
#define KEEP_DRAFT_PINS (30 * CLOCK_DAY) /* of drafts: it is asked again then */
#define JANITOR_ROWS 500                 /* at most, of each kind, in one transaction */

/* Adds the job, when it is not there already; at each start. */
bool janitor_add(struct db_tx *tx, struct clock *clock);

/* The job; its context is the struct porting. Orders whose job died and which nobody was told of go to the porting team; orders that are
 * with the carrier and have no job that re-reads them get one, so that what stopped them (wrong credentials, a carrier out for days)
 * need only be mended. */
bool janitor_work(
    void *porting, const struct job *job, struct arena *, int64_t *ret_again_at, struct problem *);

#endif
