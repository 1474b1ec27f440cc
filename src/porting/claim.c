#include "porting/claim.h"

#include "calls/inventory.h"
#include "porting/row.h"

static enum word use_word(struct text kind)
{
    if (text_is(kind, "personal"))
        return WORD_porting_number_personal;
    return text_is(kind, "inventory") ? WORD_porting_number_here : WORD_porting_number_porting;
}

/* Why the account's own use of the number stands in the way. */
static bool refuse_use(struct db_tx *tx, struct text account, struct text e164, const char *about)
{
    struct arena *arena = db_arena(tx);
    DB_ROWS rows = db_query(tx, "SELECT kind FROM number_use WHERE account = $1 AND e164 = $2",
        DB_ARGS(db_text(account), db_text(e164)));
    struct text kind = db_next(rows) ? db_col_copy(rows, 0, arena) : TEXT_EMPTY;
    return row_refuse(tx, PROBLEM_CONFLICT, use_word(kind), "numbers", about);
}

bool claim_port(struct db_tx *tx, struct text account, struct text e164, struct text e164_for_people)
{
    const char *about = text_cstr(db_arena(tx), e164_for_people);
    int64_t changed = 0;
    if (!db_exec_changed(tx,
            "INSERT INTO number_use (account, e164, kind) VALUES ($1, $2, 'port')"
            " ON CONFLICT (account, e164) DO NOTHING",
            DB_ARGS(db_text(account), db_text(e164)), &changed))
        return false;
    if (!changed)
        return refuse_use(tx, account, e164, about);
    if (!db_exec_changed(tx,
            "INSERT INTO number_home (e164, account) VALUES ($1, $2) ON CONFLICT (e164) DO NOTHING",
            DB_ARGS(db_text(e164), db_text(account)), &changed))
        return false;
    return changed || row_refuse(tx, PROBLEM_CONFLICT, WORD_porting_number_elsewhere, "numbers", about);
}

static bool let_go(struct db_tx *tx, struct text account, struct text number_id, struct text e164)
{
    db_exec(tx, "UPDATE port_number SET claimed = NULL WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(account), db_text(number_id)));
    return db_exec(tx, "DELETE FROM number_use WHERE account = $1 AND e164 = $2 AND kind = 'port'",
        DB_ARGS(db_text(account), db_text(e164)));
}

bool claim_release(struct db_tx *tx, struct text account, struct text number_id, struct text e164)
{
    let_go(tx, account, number_id, e164);
    return db_exec(tx, "DELETE FROM number_home WHERE e164 = $1 AND account = $2",
        DB_ARGS(db_text(e164), db_text(account)));
}

bool claim_to_inventory(struct db_tx *tx, struct text account, struct text number_id, struct text e164,
    struct text carrier, struct text request, int64_t since)
{
    let_go(tx, account, number_id, e164);
    return inventory_add(tx, &(struct inventory_new){.account = account,
                                 .e164 = e164,
                                 .carrier = carrier,
                                 .request = request,
                                 .since = since,
                                 /* Who worked it by hand has seen it there. */
                                 .ready_at = text_is(carrier, "manual") ? since : 0});
}
