/* What jobs do with carrier orders. The kinds are listed in order_jobs; the program puts them into its table of jobs.
 *
 *   order_place   portability, documents, create; finds a port whose creation it did not hear of before it creates again
 *   order_sync    re-reads the carrier's own state, the only truth; runs after webhooks and by polling
 *   order_cancel  asks the carrier to cancel, whole or the rejected numbers only
 *   order_ready   waits until completed numbers stand in the carrier's inventory
 */
#ifndef PORTING_ORDER_H
#define PORTING_ORDER_H

#include "porting/porting.h"

/* Job kinds; the context of each is the struct porting. */
#define JOB_ORDER_PLACE "order_place"
#define JOB_ORDER_SYNC "order_sync"
#define JOB_ORDER_CANCEL "order_cancel"
bool order_place(
    void *porting, const struct job *job, struct arena *, int64_t *ret_again_at, struct problem *);
bool order_sync(
    void *porting, const struct job *job, struct arena *, int64_t *ret_again_at, struct problem *);
bool order_cancel(
    void *porting, const struct job *job, struct arena *, int64_t *ret_again_at, struct problem *);

/* Looks whether the completed numbers of an order have arrived in the carrier's inventory: it may lag behind the port. */
#define JOB_ORDER_READY "order_ready"
bool order_ready(
    void *porting, const struct job *job, struct arena *, int64_t *ret_again_at, struct problem *);

/* When a job of an order has died: the order goes to the porting team, with a line on the timeline. */
void order_job_died(void *porting, const char *kind, const struct job *job, const struct problem *problem);

/* A webhook as it came. */
struct order_event {
    struct text carrier;    /* the kind that sent it: "twilio" */
    struct text connection; /* whose address it came to */
    struct text body;
    struct text signature; /* "valid" or "missing" */
};
/* Stores a webhook raw (sealed) and has the order that it is about re-read, when it is of the same account at the carrier. An unknown
 * reference is stored and answered true. */
bool order_webhook(
    struct porting *porting, const struct order_event *event, struct arena *arena, struct problem *problem);

#endif
