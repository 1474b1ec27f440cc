/* Whether this process can answer people, for /readyz: the database answers, all its steps were made, and nobody told the process to
 * stop. One look is enough for a second, one is under way at a time, and nobody waits for it longer than two: however often it
 * is asked, the database is asked once a second. */
#ifndef WEB_READINESS_H
#define WEB_READINESS_H

#include "base/words.h"
#include "store/db.h"

struct readiness;

/* `steps` are those that the database must have (its migrations). */
bool readiness_start(
    struct db *db, const struct db_migration *steps, struct readiness **ret, struct problem *problem);
/* From now on it is not ready: the process is about to stop. NULL is allowed. */
void readiness_stopping(struct readiness *readiness);
/* True when it is ready; otherwise *ret_why says why not. Any thread. */
bool readiness_look(struct readiness *readiness, enum word *ret_why);
/* Nobody may be looking. NULL is allowed. */
void readiness_stop(struct readiness *readiness);

#endif
