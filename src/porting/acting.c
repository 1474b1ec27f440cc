#include "porting/acting.h"

#include "notices/notice.h"
#include "people/audit.h"
#include "porting/advance.h"

static const struct {
    enum audit_kind audit;
    int notice; /* or -1 */
} deeds[] = {
    [ACTED_EDITED] = {AUDIT_ACTED_EDITED, -1},
    [ACTED_SUBMITTED] = {AUDIT_ACTED_SUBMITTED, NOTICE_ACTED_SUBMITTED},
    [ACTED_CORRECTED] = {AUDIT_ACTED_CORRECTED, NOTICE_ACTED_CORRECTED},
    [ACTED_CANCELED] = {AUDIT_ACTED_CANCELED, NOTICE_ACTED_CANCELED},
};

bool request_requester(
    struct db_tx *tx, const struct request_row *request, struct arena *arena, struct user *ret)
{
    return (request->submitted_by.len &&
               user_by_id(tx, arena, request->account, request->submitted_by, ret) && !ret->removed) ||
           (user_by_id(tx, arena, request->account, request->created_by, ret) && !ret->removed);
}

/* A draft is saved again and again. */
static bool noted_already(
    struct db_tx *tx, struct porting *porting, const struct actor *actor, const struct request_row *row)
{
    return db_number(tx,
               "SELECT count(*) FROM audit_event WHERE account = $1 AND subject = $2 AND kind = $3 AND by_user"
               " = $4 AND at > $5",
               DB_ARGS(db_text(row->account), db_text(row->id),
                   db_text(text_from(audit_kind_name(AUDIT_ACTED_EDITED))), db_text(actor->user),
                   db_int(clock_now(porting->clock) - CLOCK_HOUR)),
               0) > 0;
}

bool acted(struct db_tx *tx, struct porting *porting, const struct actor *actor, struct text account,
    struct text request, enum acted what)
{
    struct advance advance = {.porting = porting};
    struct request_row *row = &advance.request;
    if (actor == NULL || !right_any(actor, RIGHT_DESK))
        return db_ok(tx);
    if (!row_request_of(tx, account, request, db_arena(tx), row))
        return false;
    if (what == ACTED_EDITED && noted_already(tx, porting, actor, row))
        return db_ok(tx);
    bool ok = audit_add(tx, porting->clock,
        &(struct audit_entry){.account = account,
            .kind = deeds[what].audit,
            .actor = actor,
            .subject = request,
            .about = row->reference});
    if (!ok || deeds[what].notice < 0)
        return ok;
    /* Each time it is done is one mail; a transaction that is tried again is undone before. */
    struct text once = text_format(db_arena(tx), "acted:%d:%.*s:%lld", (int)what, TEXT_ARG(request),
        (long long)clock_now(porting->clock));
    return advance_notify(tx, &advance, deeds[what].notice, TEXT_EMPTY, once);
}
