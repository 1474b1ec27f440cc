/* Inside store/: what both engines' migrations share. Closures of a transaction; the context is a struct migrating. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/db.h"

struct migrating {
    const struct db_migration *steps;
    const struct db_migration *step; /* the first that is missing, or NULL: filled by migrate_find */
};

/* The directory of steps that were made. Not a step itself: it is there before the first. */
extern const char migrate_directory[];

/* Finds the first step that is missing. A step that this program does not know fails with PROBLEM_CONFLICT. */
bool migrate_find(struct db_tx *tx, void *context);
/* Notes that .step was made. */
bool migrate_note(struct db_tx *tx, const struct db_migration *step);
/* For a connection that cannot migrate: PROBLEM_CONFLICT when a step is missing. */
bool migrate_complete(const struct migrating *found, struct problem *problem);

#endif
