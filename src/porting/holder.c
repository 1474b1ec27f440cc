#include "porting/holder.h"

#include "people/rights.h"

struct find {
    const struct actor *actor;
    struct text e164;
    struct arena *arena;
    struct number_holder holder;
};

static bool find_port(struct db_tx *tx, struct find *find)
{
    const struct actor *actor = find->actor;
    DB_ROWS rows = db_query(tx,
        "SELECT r.id, r.reference, r.created_by, r.submitted_by FROM port_number n JOIN port_request r"
        " ON r.account = n.account AND r.id = n.request WHERE n.account = $1 AND n.claimed = $2",
        DB_ARGS(db_text(actor->account), db_text(find->e164)));
    if (db_next(rows) && (right_over(actor, RIGHT_REQUEST_SEE, actor->account, db_col_text(rows, 2)) ||
                             right_over(actor, RIGHT_REQUEST_SEE, actor->account, db_col_text(rows, 3)))) {
        find->holder.request = db_col_copy(rows, 0, find->arena);
        find->holder.reference = db_col_copy(rows, 1, find->arena);
    }
    return db_ok(tx);
}

static bool find_closure(struct db_tx *tx, void *context)
{
    struct find *find = context;
    find->holder = (struct number_holder){0};
    {
        DB_ROWS rows = db_query(tx, "SELECT kind FROM number_use WHERE account = $1 AND e164 = $2",
            DB_ARGS(db_text(find->actor->account), db_text(find->e164)));
        if (!db_next(rows))
            return db_ok(tx);
        struct text kind = db_col_text(rows, 0);
        find->holder.holding = text_is(kind, "port")        ? HOLDING_PORT
                               : text_is(kind, "inventory") ? HOLDING_INVENTORY
                                                            : HOLDING_NONE;
    }
    return find->holder.holding != HOLDING_PORT || find_port(tx, find);
}

bool number_holder(struct porting *porting, const struct actor *actor, struct text e164, struct arena *arena,
    struct number_holder *ret, struct problem *problem)
{
    struct find find = {.actor = actor, .e164 = e164, .arena = arena};
    if (!db_read(porting->db, find_closure, &find, problem))
        return false;
    *ret = find.holder;
    return true;
}
