/* Inside jobs/: that this process lives, and which others do not. With others on the same database it raises its beat, and watches
 * theirs on its own monotonic clock: the injected clock may jump, and clocks of two machines differ. One whose beat stood still for
 * as long as the lease, seen by us all that time, is dead: what it ran waits again. */
#ifndef JOBS_KEEPER_H
#define JOBS_KEEPER_H

#include "base/id.h"
#include "jobs/jobs.h"

struct keeper;

struct keeper_options {
    struct db *db;
    struct clock *clock;
    const struct job_kind *table;
    bool shared;
    int beat_ms, lease_ms;
    void (*taken_back)(void *context); /* jobs of a dead process wait again; any thread */
    void *context;
};

/* Registers the process. */
bool keeper_start(const struct keeper_options *options, struct keeper **ret, struct problem *problem);
/* What its jobs are taken by at this moment: another one after it was declared dead itself. */
struct id keeper_worker(struct keeper *keeper);
/* Looks now whether the process is still registered; when taking a job said that it is not. */
void keeper_doubt(struct keeper *keeper);
/* Ends the beat, gives back what still runs, and takes the process out of the directory. *ret_jobs: how many were given back. When the
 * database does not answer, the others do that. */
void keeper_stop(struct keeper *keeper, int64_t *ret_jobs);
/* After keeper_stop, when no worker is left that may ask it. */
void keeper_free(struct keeper *keeper);

#endif
