#include "porting/claim.h"

#include "calls/inventory.h"
#include "numbering/number.h"
#include "people/personal_phone.h"
#include "porting/row.h"
#include "store/db_many.h"

static enum word use_word(struct text kind)
{
    if (text_is(kind, "personal"))
        return WORD_porting_number_personal;
    return text_is(kind, "inventory") ? WORD_porting_number_here : WORD_porting_number_porting;
}

static bool refuse(struct db_tx *tx, enum word word, struct text e164)
{
    const char *about = text_cstr(db_arena(tx), number_show(db_arena(tx), e164));
    return db_ok(tx) && row_refuse(tx, PROBLEM_CONFLICT, word, "numbers", about);
}

/* What the account uses the number for; empty when only the claim that was just made does. */
static struct text use_of(struct db_tx *tx, struct text account, struct text e164)
{
    DB_ROWS rows = db_query(tx,
        "SELECT u.kind, p.id FROM number_use u LEFT JOIN port_number p ON p.account = u.account AND"
        " p.claimed = u.e164 WHERE u.account = $1 AND u.e164 = $2",
        DB_ARGS(db_text(account), db_text(e164)));
    if (!db_next(rows) || (text_is(db_col_text(rows, 0), "port") && db_col_is_null(rows, 1)))
        return TEXT_EMPTY;
    return db_col_copy(rows, 0, db_arena(tx));
}

/* The first one that was in use before; a number that stands in the list twice is none, as lists are rid of those. */
static bool refuse_use(struct db_tx *tx, struct text account, const struct text *e164, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct text kind = use_of(tx, account, e164[i]);
        if (kind.len)
            return refuse(tx, use_word(kind), e164[i]);
    }
    return refuse(tx, WORD_porting_number_porting, e164[0]);
}

static bool refuse_home(struct db_tx *tx, struct text account, const struct text *e164, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t theirs = db_number(tx, "SELECT count(*) FROM number_home WHERE e164 = $1 AND account <> $2",
            DB_ARGS(db_text(e164[i]), db_text(account)), 0);
        if (theirs)
            return refuse(tx, WORD_porting_number_elsewhere, e164[i]);
    }
    return refuse(tx, WORD_porting_number_elsewhere, e164[0]);
}

static const struct db_value *values_of(struct arena *arena, const struct text *texts, size_t count)
{
    struct db_value *values = ARENA_ARRAY(arena, struct db_value, count + 1);
    for (size_t i = 0; i < count; i++)
        values[i] = db_text(texts[i]);
    return values;
}

bool claim_ports(struct db_tx *tx, struct text account, const struct text *e164, size_t count)
{
    static struct db_many uses = DB_MANY("INSERT INTO number_use (account, e164, kind) VALUES ",
        "($1, ?, 'port')", " ON CONFLICT (account, e164) DO NOTHING", 1, 1);
    static struct db_many homes = DB_MANY(
        "INSERT INTO number_home (account, e164) VALUES ", "($1, ?)", " ON CONFLICT (e164) DO NOTHING", 1, 1);
    const struct db_value *values = values_of(db_arena(tx), e164, count), of = db_text(account);
    int64_t changed = 0;
    if (!db_exec_many(tx, &uses, &of, values, count, &changed))
        return false;
    if (changed < (int64_t)count && guard_looks_first())
        return refuse_use(tx, account, e164, count);
    if (!db_exec_many(tx, &homes, &of, values, count, &changed))
        return false;
    return changed == (int64_t)count || refuse_home(tx, account, e164, count);
}

static const struct db_value *e164s_of(struct arena *arena, const struct claim *claims, size_t count)
{
    struct db_value *values = ARENA_ARRAY(arena, struct db_value, count + 1);
    for (size_t i = 0; i < count; i++)
        values[i] = db_text(claims[i].e164);
    return values;
}

static bool let_go(struct db_tx *tx, struct text account, const struct claim *claims, size_t count)
{
    static struct db_many numbers =
        DB_MANY("UPDATE port_number SET claimed = NULL WHERE account = $1 AND id IN (", "?", ")", 1, 1);
    static struct db_many uses =
        DB_MANY("DELETE FROM number_use WHERE account = $1 AND kind = 'port' AND e164 IN (", "?", ")", 1, 1);
    struct db_value *ids = ARENA_ARRAY(db_arena(tx), struct db_value, count + 1), of = db_text(account);
    for (size_t i = 0; i < count; i++)
        ids[i] = db_text(claims[i].number_id);
    return db_exec_many(tx, &numbers, &of, ids, count, NULL) &&
           db_exec_many(tx, &uses, &of, e164s_of(db_arena(tx), claims, count), count, NULL);
}

bool claim_release(struct db_tx *tx, struct text account, const struct claim *claims, size_t count)
{
    static struct db_many homes =
        DB_MANY("DELETE FROM number_home WHERE account = $1 AND e164 IN (", "?", ")", 1, 1);
    struct db_value of = db_text(account);
    return let_go(tx, account, claims, count) &&
           db_exec_many(tx, &homes, &of, e164s_of(db_arena(tx), claims, count), count, NULL);
}

bool claim_to_inventory(struct db_tx *tx, const struct porting *porting, struct text account,
    const struct claim *claims, size_t count, struct text carrier, struct text request, int64_t since)
{
    struct text *numbers = ARENA_ARRAY(db_arena(tx), struct text, count + 1);
    for (size_t i = 0; i < count; i++)
        numbers[i] = claims[i].e164;
    struct inventory_new from = {.account = account,
        .numbers = numbers,
        .count = count,
        .carrier = carrier,
        .request = request,
        .since = since,
        .clock = porting->clock,
        .vault = porting->vault,
        /* Who worked it by hand has seen it there. */
        .ready_at = text_is(carrier, "manual") ? since : 0};
    return let_go(tx, account, claims, count) && inventory_add(tx, &from);
}
