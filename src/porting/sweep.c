#include "porting/sweep.h"

#include "base/log.h"
#include "porting/hold.h"
#include "porting/stored.h"

struct sweep {
    struct porting *porting;
    int64_t store_now;
    struct swept swept;
    bool failed;
    struct problem problem;
};

struct named {
    struct text account;
    struct id document;
    bool preview;
    bool found;
};

static bool named_closure(struct db_tx *tx, void *context)
{
    struct named *named = context;
    named->found = stored_is_named(tx, named->account, &named->document, named->preview);
    return db_ok(tx);
}

/* Removes it unless somebody holds the documents. The row was looked for before: see removal_begin. */
static bool remove_blob(struct sweep *sweep, struct text account, struct text blob)
{
    int lock = -1;
    if (!removal_begin(sweep->porting, &lock, &sweep->swept.held, &sweep->problem))
        return false;
    if (sweep->swept.held)
        return true;
    bool removed = blob_remove(sweep->porting->blobs, account, blob, &sweep->problem);
    removal_end(lock);
    sweep->swept.removed += removed ? 1 : 0;
    return removed;
}

static bool look(void *context, struct text account, struct text blob, int64_t changed_at)
{
    struct sweep *sweep = context;
    struct named named = {.account = account};
    int64_t made_at = 0;
    if (!stored_name_parse(blob, &named.document, &named.preview, &made_at) ||
        made_at > clock_now(sweep->porting->clock) - SWEEP_AGE ||
        changed_at > sweep->store_now - SWEEP_STORE_AGE)
        return true;
    sweep->failed = !db_read(sweep->porting->db, named_closure, &named, &sweep->problem);
    if (sweep->failed || named.found)
        return !sweep->failed;
    sweep->failed = !remove_blob(sweep, account, blob);
    return !sweep->failed && !sweep->swept.held;
}

bool documents_sweep(struct porting *porting, int64_t store_now, struct swept *ret, struct problem *problem)
{
    struct sweep sweep = {.porting = porting, .store_now = store_now};
    bool listed =
        blobs_sweep(porting->blobs, store_now - SWEEP_STORE_AGE, &sweep.swept.unfinished, problem) &&
        blobs_each(porting->blobs, look, &sweep, problem);
    *ret = sweep.swept;
    if (sweep.failed && problem)
        *problem = sweep.problem;
    return listed && !sweep.failed;
}

bool sweep_add(struct db_tx *tx, struct clock *clock)
{
    return job_add(tx, clock,
        &(struct job_new){.account = TEXT("operator"), .kind = JOB_SWEEP, .subject = TEXT("documents")});
}

bool sweep_work(
    void *porting, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)job;
    (void)arena;
    struct porting *self = porting;
    struct swept swept = {0};
    bool done = documents_sweep(self, clock_now(clock_system()), &swept, problem);
    if (swept.removed + swept.unfinished)
        log_event(LOG_LEVEL_INFO, "documents.swept", LOG_NUMBER("documents", swept.removed),
            LOG_NUMBER("unfinished", swept.unfinished));
    *ret_again_at = clock_now(self->clock) + (swept.held ? SWEEP_HELD_AGAIN : SWEEP_EVERY);
    return done;
}
