/* Inside jobs/: how many workers of this process may wait for the same outside at once, so that a carrier that hangs leaves
 * workers for mail, and a mail server that hangs leaves some for the carrier. A quarter of the workers, at least one, stays free. */
#ifndef JOBS_SLOTS_H
#define JOBS_SLOTS_H

#include <pthread.h>

#include "jobs/jobs.h"

struct slots {
    pthread_mutex_t lock;
    const struct job_kind *table;
    size_t groups;                      /* distinct .outside of the table */
    unsigned char group[JOB_KINDS_MAX]; /* of each kind, from 1; 0: it waits for nobody */
    size_t used[JOB_KINDS_MAX + 1];
    size_t limit; /* of each group */
    bool refused; /* since somebody gave one back */
};

void slots_init(struct slots *slots, const struct job_kind *table, size_t workers);
void slots_end(struct slots *slots);

/* A set of groups, of each of which the caller holds one place: bit g for group g. */
typedef uint32_t slots_held;

/* Takes one place of each group that has one and that `held` is not in. Returns `held` with them. */
slots_held slots_take(struct slots *slots, slots_held held);
/* Gives these back. True when somebody went without meanwhile, and should look again. */
bool slots_give(struct slots *slots, slots_held held);
/* The kinds that may be run with these: bit i for table[i]. */
uint32_t slots_kinds(const struct slots *slots, slots_held held);
/* The place that a kind needs: one bit, or none. */
slots_held slots_of(const struct slots *slots, const struct job_kind *kind);

#endif
