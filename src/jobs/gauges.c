#include "jobs/jobs.h"

/* No more than the cap are looked at, by the index of states. */
static int64_t count_state(struct db_tx *tx, const char *state)
{
    return db_number(tx, "SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE state = $1 LIMIT $2) AS shown",
        DB_ARGS(db_text(text_from(state)), db_int(JOBS_SHOWN_MAX)), 0);
}

bool jobs_gauges(struct db_tx *tx, int64_t now, struct job_gauges *ret)
{
    struct job_gauges gauges = {
        .counts = {count_state(tx, "waiting"), count_state(tx, "running"), count_state(tx, "dead")}};
    int64_t due = db_number(
        tx, "SELECT due FROM job WHERE state = 'waiting' ORDER BY due LIMIT 1", DB_NO_ARGS, INT64_MAX);
    gauges.oldest_due = due < now ? now - due : 0;
    if (db_ok(tx)) {
        *ret = gauges;
    }
    return db_ok(tx);
}
