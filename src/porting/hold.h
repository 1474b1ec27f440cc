/* Holding documents: while a backup copies the documents that its snapshot of the database names, nobody removes one. A hold is a lock on a
 * file of the data directory, which goes with the process that has it; where several machines may share a database, it is a row as well, which ends by
 * itself when it is not renewed. */
#ifndef PORTING_HOLD_H
#define PORTING_HOLD_H

#include "porting/porting.h"

#define HOLD_FILE "documents.hold"     /* in the data directory */
#define HOLD_LASTS (30 * CLOCK_MINUTE) /* of the row, on the injected clock */

struct hold;

/* Begins a hold; waits for a removal under way. `writes`: the row too (porting->db must be open for writing). */
bool hold_begin(struct porting *porting, bool writes, struct hold **ret, struct problem *problem);
/* Renews the row; to be called every minute or so of real time. PROBLEM_CONFLICT when it had ended: the clock jumped, or this process
 * was stopped; documents may have been removed meanwhile. */
bool hold_renew(struct hold *hold, struct problem *problem);
/* Ends it. NULL is allowed. */
void hold_end(struct hold *hold);

/* Before a document is removed whose row is gone already, in that order: what a backup begins after this names it no more. *ret_held:
 * somebody holds them; leave it to the sweep. Else removal_end must follow the removal. */
bool removal_begin(struct porting *porting, int *ret_lock, bool *ret_held, struct problem *problem);
void removal_end(int lock);

#endif
