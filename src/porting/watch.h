/* The turns of requests, followed: one job of the desk looks at each request whose time has come, reminds whoever must act, tells the customer when somebody
 * else is slow, asks the porting team to look, and sends again what only needed time. What is done when stands in rules/turn.h. */
#ifndef PORTING_WATCH_H
#define PORTING_WATCH_H

#include "porting/advance.h"

#define JOB_WATCH "turn_watch"
#define WATCH_EVERY (15 * CLOCK_MINUTE) /* at the latest; earlier when something is due */
#define WATCH_ROWS 500                  /* requests at most in one run */
#define WATCH_BATCH 20                  /* of them in one transaction, */
#define WATCH_BATCH_NUMBERS 1000        /* while they have no more numbers: all of them are in its memory */

/* Adds the job, when it is not there already; at each start. */
bool watch_add(struct db_tx *tx, struct clock *clock);
/* The job; its context is the struct porting. Safe to repeat. */
bool watch_work(
    void *porting, const struct job *job, struct arena *, int64_t *ret_again_at, struct problem *problem);

/* The number as the rules see it. */
struct number_in_roll_up watch_number(const struct porting *porting, const struct order_row *orders,
    size_t orders_count, const struct number_row *number);

/* One kind of wait among the numbers of a request. */
struct request_wait {
    enum wait wait;
    int64_t since; /* of the number that waits longest; of WAIT_DATE the first firm time */
};
/* What the request waits for, who must act first standing first; at most WAIT_COUNT. Returns how many; ended numbers wait for nothing. While a number is
 * rejected, only the rejected ones decide whose turn it is; they stand before the others. */
size_t watch_waits(const struct porting *porting, const struct order_row *orders, size_t orders_count,
    const struct number_row *numbers, size_t numbers_count, struct request_wait ret[WAIT_COUNT]);

/* The zone whose business hours count: the requester's, else of the account's owner. */
bool watch_zone(struct db_tx *tx, const struct request_row *request, struct arena *arena, struct text *ret);

/* How far a wait was followed; what was never looked at has only begun. */
bool watch_read(
    struct db_tx *tx, const struct request_row *request, const struct request_wait *wait, struct watch *ret);

#endif
