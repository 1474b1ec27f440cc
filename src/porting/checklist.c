/* Ticking off what is to do before a number leaves a mobile (rules/checklist.h). */
#include "rules/checklist.h"
#include "porting/row.h"
#include "porting/submit.h"

struct ticking {
    const struct actor *actor;
    struct text request;
    uint32_t shown, ticked;
    uint32_t after;
};

static bool tick_closure(struct db_tx *tx, void *context)
{
    struct ticking *ticking = context;
    struct request_row row;
    if (!row_request(tx, ticking->actor, RIGHT_REQUEST_WORK, ticking->request, db_arena(tx), &row))
        return false;
    ticking->after = checklist_after(row.fields.checklist, ticking->shown, ticking->ticked);
    return db_exec(tx, "UPDATE port_request SET checklist = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row.account), db_text(row.id), db_int(ticking->after)));
}

bool request_tick(struct porting *porting, const struct actor *actor, struct text request, uint32_t shown,
    uint32_t ticked, uint32_t *ret, struct problem *problem)
{
    struct ticking ticking = {.actor = actor, .request = request, .shown = shown, .ticked = ticked};
    if (!db_write(porting->db, tick_closure, &ticking, problem))
        return false;
    *ret = ticking.after;
    return true;
}
