#include "people/audit_list.h"

#include "people/rights.h"

#define CURSOR_MAX 80

/* $1 is the account, or '' for the log of all; $2 and $3 the cursor, $4 how many; behind these what is asked of kind and user. Each is a
 * walk along an index of db/portdesk/0015_rights.sql. */
#define OF_ACCOUNT "e.account = $1"
#define OF_ALL "$1 = ''"
#define BY_TEAM " AND e.by_role = 'porting_team'"
#define BY_USER(user) " AND e.by_user = " user
#define OF_KIND " AND e.kind = $5"
#define LIST_SQL(of)                                                                                         \
    "SELECT e.at, e.id, e.kind, e.account, a.name, e.by_user, e.by_name, e.by_role, e.client, e.subject,"    \
    " e.about FROM audit_event e LEFT JOIN account a ON a.id = e.account WHERE " of                          \
    " AND e.at <= $2 AND (e.at < $2 OR e.id < $3) ORDER BY e.at DESC, e.id DESC LIMIT $4"
#define LISTS(of)                                                                                            \
    {                                                                                                        \
        {LIST_SQL(of), LIST_SQL(of BY_USER("$5")), LIST_SQL(of BY_TEAM)},                                    \
        {                                                                                                    \
            LIST_SQL(of OF_KIND), LIST_SQL(of OF_KIND BY_USER("$6")), LIST_SQL(of OF_KIND BY_TEAM)           \
        }                                                                                                    \
    }
static const char *const lists_sql[2][2][3] = {LISTS(OF_ACCOUNT), LISTS(OF_ALL)};

struct reading {
    const struct actor *actor;
    const struct audit_filter *filter;
    struct arena *arena;
    size_t max;
    int64_t before_at;
    struct text before_id;
    struct audit_list list;
};

/* A cursor is "<at>.<id>" of the last line; anything else begins at the top. */
static void read_cursor(struct reading *reading)
{
    struct text cursor = reading->filter->before;
    size_t dot = text_find_char(cursor, '.', 0);
    struct id id;
    reading->before_at = INT64_MAX;
    reading->before_id = TEXT_EMPTY;
    if (cursor.len <= CURSOR_MAX && dot != SIZE_MAX &&
        id_parse(text_part(cursor, dot + 1, cursor.len), "aud", &id) &&
        text_to_i64(text_part(cursor, 0, dot), 0, INT64_MAX, &reading->before_at)) {
        reading->before_id = text_copy(reading->arena, id_text(&id));
    }
}

static struct audit_row row_of(struct db_rows *rows, struct arena *arena)
{
    struct audit_row row = {
        .at = db_col_int(rows, 0),
        .kind_name = db_col_copy(rows, 2, arena),
        .account = db_col_copy(rows, 3, arena),
        .account_name = db_col_copy(rows, 4, arena),
        .by_user = db_col_copy(rows, 5, arena),
        .by_name = db_col_copy(rows, 6, arena),
        .by_role = db_col_copy(rows, 7, arena),
        .client = db_col_copy(rows, 8, arena),
        .subject = db_col_copy(rows, 9, arena),
        .about = db_col_copy(rows, 10, arena),
    };
    row.known = audit_kind_parse(row.kind_name, &row.kind);
    return row;
}

static struct db_rows *query(struct db_tx *tx, const struct reading *reading)
{
    const struct audit_filter *filter = reading->filter;
    bool all = reading->list.account.len == 0;
    struct db_value values[6] = {db_text(reading->list.account), db_int(reading->before_at),
        db_text(reading->before_id), db_int((int64_t)reading->max + 1)};
    size_t count = 4;
    if (filter->of_kind) {
        values[count++] = db_text(text_from(audit_kind_name(filter->kind)));
    }
    if (filter->by == AUDIT_BY_USER) {
        values[count++] = db_text(filter->user);
    }
    return db_query(tx, lists_sql[all ? 1 : 0][filter->of_kind ? 1 : 0][filter->by], values, count);
}

static bool read_rows(struct db_tx *tx, struct reading *reading)
{
    struct audit_list *list = &reading->list;
    struct text last = TEXT_EMPTY;
    list->rows = ARENA_ARRAY(reading->arena, struct audit_row, reading->max);
    DB_ROWS rows = query(tx, reading);
    while (db_next(rows)) {
        if (list->rows_count == reading->max) {
            list->next = text_format(
                reading->arena, "%lld.%.*s", (long long)list->rows[reading->max - 1].at, TEXT_ARG(last));
            break;
        }
        list->rows[list->rows_count++] = row_of(rows, reading->arena);
        if (list->rows_count == reading->max) {
            last = db_col_copy(rows, 1, reading->arena);
        }
    }
    return db_ok(tx);
}

static bool not_found(struct db_tx *tx)
{
    struct problem problem = {0};
    problem_set(&problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    return db_fail(tx, &problem);
}

/* Whose log: that of the account asked for, of one's own, or of all. */
static bool choose_account(struct db_tx *tx, struct reading *reading)
{
    const struct actor *actor = reading->actor;
    struct text account = reading->filter->account;
    struct account found;
    bool all = right_reach(actor->role, RIGHT_AUDIT_SEE) == REACH_ALL;
    if (account.len == 0 && all) {
        return true;
    }
    reading->list.account = account.len > 0 ? account : actor->account;
    if (!right_over(actor, RIGHT_AUDIT_SEE, reading->list.account, TEXT_EMPTY) ||
        !account_by_id(tx, reading->arena, reading->list.account, &found)) {
        return db_ok(tx) && not_found(tx);
    }
    reading->list.account_name = found.name;
    return true;
}

static bool reading_closure(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    struct audit_list *list = &reading->list;
    *list = (struct audit_list){0};
    return choose_account(tx, reading) && read_rows(tx, reading) &&
           (list->account.len == 0 || reading->max > AUDIT_PAGE ||
               users_of_account(tx, reading->arena, list->account, &list->users, &list->users_count));
}

bool audit_list(struct db *db, const struct actor *actor, const struct audit_filter *filter, size_t max,
    struct arena *arena, struct audit_list *ret, struct problem *problem)
{
    struct reading reading = {.actor = actor, .filter = filter, .arena = arena, .max = max};
    read_cursor(&reading);
    if (!right_need(actor, RIGHT_AUDIT_SEE, problem) || !db_read(db, reading_closure, &reading, problem)) {
        return false;
    }
    *ret = reading.list;
    return true;
}

bool audit_prune(struct db_tx *tx, int64_t before, int64_t max, int64_t *ret_removed)
{
    return db_exec_changed(tx,
        "DELETE FROM audit_event WHERE (account, id) IN (SELECT account, id FROM audit_event WHERE at < $1"
        " ORDER BY at, id LIMIT $2)",
        DB_ARGS(db_int(before), db_int(max)), ret_removed);
}
