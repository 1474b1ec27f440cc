/* The sweep of documents that no row names: what an upload left that was cut off between its file and its row, or a removal
 * between its row and its file. */
#ifndef PORTING_SWEEP_H
#define PORTING_SWEEP_H

#include "porting/porting.h"

/* Removes them, and pictures of documents that have none by their row. To be called once at the start, while nobody
 * uploads. A file whose name is none of ours is left alone. *ret_removed counts also when it fails half-way. */
bool documents_sweep(struct porting *porting, size_t *ret_removed, struct problem *problem);

#endif
