/* How often a carrier is called: not more than so many times a second by all threads of this process, and not at all while it has
 * asked to be left alone. Real time, whatever the desk's clock does. */
#ifndef CARRIERS_PACE_H
#define CARRIERS_PACE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define PACE_REST_MAX                                                                                        \
    (3600 * INT64_C(1000000)) /* µs; what a carrier asks for beyond that is taken for a mistake */

struct pace {
    pthread_mutex_t lock;
    pthread_cond_t never; /* nobody signals it: a wait that ends by its time */
    int64_t gap;          /* µs between two calls; 0: no limit */
    int64_t next;         /* when the next call may go, µs of the monotonic clock */
    int64_t rests_until;  /* µs of the monotonic clock */
};

void pace_init(struct pace *pace, unsigned calls_per_second);
void pace_end(struct pace *pace);
/* Waits for the caller's turn. False at once when the carrier rests. */
bool pace_wait(struct pace *pace);
/* The carrier asked to be left alone for `us`; 0 or less: it did not say for how long, and a second is taken. */
void pace_rest(struct pace *pace, int64_t us);
/* µs that it still rests. */
int64_t pace_rests_for(struct pace *pace);

#endif
