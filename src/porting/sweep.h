/* The sweep of documents that no row names: what an upload left that was cut off between its file and its row, or a removal
 * between its row and its file. A job, as others may be uploading meanwhile: nothing young is ever touched. */
#ifndef PORTING_SWEEP_H
#define PORTING_SWEEP_H

#include "porting/porting.h"

#define JOB_SWEEP "document_sweep"
#define SWEEP_EVERY (6 * CLOCK_HOUR)
#define SWEEP_HELD_AGAIN (10 * CLOCK_MINUTE)
#define SWEEP_AGE CLOCK_DAY /* by the time in the document's own id, which is of the injected clock */
#define SWEEP_STORE_AGE                                                                                      \
    CLOCK_HOUR /* and by the store's own clock: days of the injected one may pass within an upload */

struct swept {
    size_t removed;    /* documents and pictures */
    size_t unfinished; /* that were never whole */
    bool held;         /* somebody holds the documents: it ended early */
};

/* Removes them, and pictures of documents that have none by their row. `store_now`: now, by the store's clock. A file whose name is none of
 * ours is left alone. *ret counts also when it fails half-way. */
bool documents_sweep(struct porting *porting, int64_t store_now, struct swept *ret, struct problem *problem);

/* Adds the job, when it is not there already; at each start. */
bool sweep_add(struct db_tx *tx, struct clock *clock);
/* The job; its context is the struct porting. */
bool sweep_work(
    void *porting, const struct job *job, struct arena *, int64_t *ret_again_at, struct problem *);

#endif
