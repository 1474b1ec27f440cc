/* Groups that are put together on purpose, so that what happens to one happens each time. */
#ifndef UNIT_GROUP_H
#define UNIT_GROUP_H

#include <pthread.h>

#include "scratch.h"
#include "store/sqlite.h"

/* One write of a group. The closure's context is the member itself. */
struct member {
    db_closure *closure;
    int64_t id;
    bool ok;
    struct problem problem;
    int runs; /* counted by the closure */
    struct db *db;
    pthread_t thread;
};

/* Writes the members as one group, in this order, and waits for all answers. When the group is gathered and before it begins, `ready` is called
 * (may be NULL). Returns what the statistics grew by, without the gathering itself. */
struct db_stats group_write(struct db *db, void (*ready)(void), struct member *members, size_t count);

#endif
