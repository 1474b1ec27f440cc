#include "calls/inventory.h"

#include "people/personal_phone.h"
#include "people/rights.h"
#include "store/db_many.h"

bool inventory_add(struct db_tx *tx, const struct inventory_new *from)
{
    static struct db_many uses =
        DB_MANY("INSERT INTO number_use (account, e164, kind) VALUES ", "($1, ?, 'inventory')", "", 1, 1);
    static struct db_many rows =
        DB_MANY("INSERT INTO number (account, e164, carrier, request, since, ready_at) VALUES ",
            "($1, ?, $2, $3, $4, $5)", "", 5, 1);
    struct db_value *values = ARENA_ARRAY(db_arena(tx), struct db_value, from->count + 1);
    const struct db_value shared[] = {db_text(from->account), db_text(from->carrier),
        db_text_or_null(from->request), db_int(from->since), db_int_or_null(from->ready_at)};
    for (size_t i = 0; i < from->count; i++)
        values[i] = db_text(from->numbers[i]);
    const struct personal_phones_yield yield = {.account = from->account,
        .numbers = from->numbers,
        .count = from->count,
        .clock = from->clock,
        .vault = from->vault};
    return personal_phones_yield(tx, &yield) && db_exec_many(tx, &uses, shared, values, from->count, NULL) &&
           db_exec_many(tx, &rows, shared, values, from->count, NULL);
}

static const char count_sql[] =
    "SELECT count(*) FROM (SELECT 1 AS one FROM number WHERE account = $1 LIMIT $2) AS counted";

struct list_query {
    const struct actor *actor;
    struct text after;
    struct arena *arena;
    struct inventory_list list;
};

/* Who may not see the port is shown no way to it. */
static struct text request_of(const struct list_query *query, struct db_rows *rows)
{
    struct text account = query->actor->account;
    bool seen = right_over(query->actor, RIGHT_REQUEST_SEE, account, db_col_text(rows, 8)) ||
                right_over(query->actor, RIGHT_REQUEST_SEE, account, db_col_text(rows, 9));
    return seen ? db_col_copy(rows, 3, query->arena) : TEXT_EMPTY;
}

static bool list_closure(struct db_tx *tx, void *context)
{
    struct list_query *query = context;
    struct inventory_list list = {.rows = ARENA_ARRAY(query->arena, struct inventory_row, INVENTORY_PAGE)};
    struct db_value account = db_text(query->actor->account);
    list.total = db_number(tx, count_sql, DB_ARGS(account, db_int(INVENTORY_COUNT_MAX)), 0);
    DB_ROWS rows = db_query(tx,
        "SELECT n.e164, n.label, n.carrier, n.request, u.name, r.losing_carrier, n.since,"
        " n.ready_at, r.created_by, r.submitted_by FROM number n"
        " LEFT JOIN app_user u ON u.account = n.account AND u.id = n.assigned_user"
        " LEFT JOIN port_request r ON r.account = n.account AND r.id = n.request"
        " WHERE n.account = $1 AND n.e164 > $2 ORDER BY n.e164 LIMIT $3",
        DB_ARGS(account, db_text(query->after), db_int(INVENTORY_PAGE + 1)));
    while (db_next(rows)) {
        if (list.rows_count == INVENTORY_PAGE) {
            list.next = list.rows[list.rows_count - 1].e164;
            break;
        }
        list.rows[list.rows_count++] = (struct inventory_row){
            .e164 = db_col_copy(rows, 0, query->arena),
            .label = db_col_copy(rows, 1, query->arena),
            .carrier = db_col_copy(rows, 2, query->arena),
            .request = request_of(query, rows),
            .assigned_to = db_col_copy(rows, 4, query->arena),
            .losing_carrier = db_col_copy(rows, 5, query->arena),
            .since = db_col_int(rows, 6),
            .arriving = db_col_is_null(rows, 7),
        };
    }
    query->list = list;
    return db_ok(tx);
}

bool inventory_list(struct db *db, const struct actor *actor, struct text after, struct arena *arena,
    struct inventory_list *ret, struct problem *problem)
{
    struct list_query query = {.actor = actor, .after = after, .arena = arena};
    if (!right_need(actor, RIGHT_NUMBER_SEE, problem) || !db_read(db, list_closure, &query, problem))
        return false;
    *ret = query.list;
    return true;
}

struct count_query {
    struct text account;
    int64_t count;
};

static bool count_closure(struct db_tx *tx, void *context)
{
    struct count_query *query = context;
    query->count = db_number(tx, count_sql, DB_ARGS(db_text(query->account), db_int(INVENTORY_COUNT_MAX)), 0);
    return db_ok(tx);
}

bool inventory_count(struct db *db, const struct actor *actor, int64_t *ret, struct problem *problem)
{
    struct count_query query = {.account = actor->account};
    if (!right_need(actor, RIGHT_NUMBER_SEE, problem) || !db_read(db, count_closure, &query, problem))
        return false;
    *ret = query.count;
    return true;
}
