#include "porting/acting.h"

#include "notices/notice.h"
#include "people/audit.h"
#include "porting/advance.h"

static const struct {
    enum audit_kind audit;
    int notice; /* or -1 */
} deeds[] = {
    [ACTED_BEGUN] = {AUDIT_ACTED_BEGUN, NOTICE_ACTED_BEGUN},
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

/* A request is begun once. */
static struct text begun_key(struct arena *arena, struct text request)
{
    return text_format(arena, "begun:%.*s", TEXT_ARG(request));
}

static bool tell_requester(struct db_tx *tx, struct porting *porting, const struct request_row *row)
{
    struct user user;
    if (!request_requester(tx, row, db_arena(tx), &user))
        return db_ok(tx);
    return notice_queue(tx, porting->clock,
        &(struct notice_new){.account = row->account,
            .request = row->id,
            .kind = NOTICE_ACTED_BEGUN,
            .once_key = begun_key(db_arena(tx), row->id),
            .to_name = user.name,
            .to_address = user.email});
}

bool acted_forget(struct db_tx *tx, struct text account, struct text request)
{
    return db_exec(tx, "DELETE FROM mail WHERE account = $1 AND once_key = $2",
        DB_ARGS(db_text(account), db_text(begun_key(db_arena(tx), request))));
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
    if (what == ACTED_BEGUN)
        return tell_requester(tx, porting, row);
    /* Each time it is done is one mail; a transaction that is tried again is undone before. */
    struct text once = text_format(db_arena(tx), "acted:%d:%.*s:%lld", (int)what, TEXT_ARG(request),
        (long long)clock_now(porting->clock));
    return advance_notify(tx, &advance, deeds[what].notice, TEXT_EMPTY, once);
}
