#include "people/people.h"
#include "porting/row.h"
#include "porting/view.h"

#define CURSOR_MAX 80
#define SEARCH_MAX 40

struct list {
    struct porting *porting;
    const struct actor *actor;
    const struct list_filter *filter;
    struct arena *arena;
    struct text digits, reference; /* of the search; one of them or none */
    int64_t before_at;
    struct text before_id;
    struct list_view view;
};

/* Whose: $1 is the account, or '' for the porting team, which sees every account's but no drafts. Two queries, so that each has its
 * index. $2 is the turn that is the reader's own. */
#define OWN " r.account = $1 AND NOT (r.status = 'draft' AND r.changed_at = r.created_at)"
#define EVERY " $1 = '' AND r.status <> 'draft'"
/* An order worked by hand waits for the porting team also while others of the request wait for a signature or a correction. */
#define BY_HAND                                                                                              \
    " ($2 = 'porting_team' AND r.ended_at IS NULL AND EXISTS (SELECT 1 FROM port_number n JOIN"              \
    " carrier_order o ON o.account = n.account AND o.id = n.carrier_order WHERE n.account = r.account AND"   \
    " n.request = r.id AND (o.carrier = 'manual' OR o.phase = 'unclear') AND"                                \
    " n.status IN ('in_review', 'submitted', 'canceling')))"
#define OWN_TURN " AND r.turn = $2"
#define MINE " AND (r.turn = $2 OR" BY_HAND ")"

static struct text own_account(const struct actor *actor)
{
    return actor->role == ROLE_PORTING_TEAM ? TEXT("") : actor->account;
}

static struct text own_turn(const struct actor *actor)
{
    return text_from(turn_name(actor->role == ROLE_PORTING_TEAM ? TURN_PORTING_TEAM : TURN_CUSTOMER));
}

/* A search is a reference ("PR-1042") or some digits of a number; anything else finds nothing. */
static void read_search(struct list *list)
{
    struct text search = text_trim(text_clip(list->filter->search, SEARCH_MAX));
    BUFFER_CLEANUP digits = BUFFER(SEARCH_MAX * 4);
    for (size_t i = 0; i < search.len; i++)
        if (search.at[i] >= '0' && search.at[i] <= '9')
            buffer_char(&digits, search.at[i]);
    list->digits = TEXT_EMPTY;
    list->reference = TEXT_EMPTY;
    if (!search.len)
        return;
    struct text upper = text_upper(list->arena, search);
    if (text_starts(upper, TEXT("PR")) || !digits.len)
        list->reference =
            digits.len ? text_format(list->arena, "PR-%.*s", TEXT_ARG(buffer_view(&digits))) : upper;
    else
        list->digits = text_format(list->arena, "%%%.*s%%", TEXT_ARG(buffer_view(&digits)));
}

/* A cursor is "<changed_at>.<id>" of the last row; anything else begins at the top. */
static void read_cursor(struct list *list)
{
    struct text cursor = list->filter->before;
    size_t dot = text_find_char(cursor, '.', 0);
    struct id id;
    list->before_at = INT64_MAX;
    list->before_id = TEXT_EMPTY;
    if (cursor.len > CURSOR_MAX || dot == SIZE_MAX ||
        !id_parse(text_part(cursor, dot + 1, cursor.len), "pr", &id) ||
        !text_to_i64(text_part(cursor, 0, dot), 0, INT64_MAX, &list->before_at))
        return;
    list->before_id = text_copy(list->arena, id_text(&id));
}

#define COUNT_SQL(whose)                                                                                     \
    "SELECT count(*), sum(CASE WHEN r.turn = $2 OR" BY_HAND " THEN 1 ELSE 0 END),"                           \
    " sum(CASE WHEN r.ended_at IS NULL AND r.status <> 'draft' THEN 1 ELSE 0 END),"                          \
    " sum(CASE WHEN r.ended_at IS NOT NULL THEN 1 ELSE 0 END) FROM port_request r WHERE" whose

static bool read_counts(struct db_tx *tx, struct list *list)
{
    struct text account = own_account(list->actor);
    DB_ROWS rows = db_query(tx, account.len ? COUNT_SQL(OWN) : COUNT_SQL(EVERY),
        DB_ARGS(db_text(account), db_text(own_turn(list->actor))));
    bool found = db_next(rows);
    for (int show = LIST_ALL; found && show <= LIST_ENDED; show++)
        list->view.counts[show] = db_col_int(rows, show);
    return db_ok(tx);
}

static bool read_row(struct db_rows *rows, struct list *list, struct list_row *ret)
{
    struct arena *arena = list->arena;
    struct draft_fields fields = {
        .carrier = db_col_copy(rows, 7, arena), .carrier_name = db_col_copy(rows, 8, arena)};
    *ret = (struct list_row){
        .account_name = db_col_copy(rows, 2, arena),
        .reference = db_col_copy(rows, 3, arena),
        .turn_since = db_col_int(rows, 6),
        .losing_carrier = losing_carrier_name(list->porting, &fields),
        .owner_name = db_col_copy(rows, 9, arena),
        .wished_date = db_col_copy(rows, 10, arena),
        .step = (int)db_col_int(rows, 11),
        .changed_at = db_col_int(rows, 12),
        .number_count = db_col_int(rows, 13),
        .completed_count = db_col_int(rows, 14),
        .first_number = db_col_copy(rows, 15, arena),
        .firm_date = db_col_copy(rows, 16, arena),
        .ported_at = db_col_int(rows, 17),
    };
    struct text typed = db_col_text(rows, 18);
    struct number_list numbers;
    if (!ret->number_count && typed.len &&
        number_list_parse(arena, list->porting->area_codes, typed, &numbers, NULL)) {
        ret->number_count = (int64_t)numbers.usable;
        for (size_t i = 0; i < numbers.count && !ret->first_number.len; i++)
            if (number_item_usable(&numbers.items[i]))
                ret->first_number = text_copy(arena, number_e164(&numbers.items[i].number));
    }
    return id_parse(db_col_text(rows, 0), "pr", &ret->id) &&
           id_parse(db_col_text(rows, 1), "acc", &ret->account) &&
           request_status_parse(db_col_text(rows, 4), &ret->status) &&
           turn_parse(db_col_text(rows, 5), &ret->turn);
}

#define LIST_SQL(whose, which)                                                                               \
    "SELECT r.id, r.account, a.name, r.reference, r.status, r.turn, r.turn_since, r.losing_carrier,"         \
    " r.losing_carrier_name, r.owner_name, r.wished_date, r.step, r.changed_at,"                             \
    " (SELECT count(*) FROM port_number n WHERE n.account = r.account AND n.request = r.id),"                \
    " (SELECT count(*) FROM port_number n WHERE n.account = r.account AND n.request = r.id"                  \
    " AND n.status = 'completed'),"                                                                          \
    " (SELECT min(n.e164) FROM port_number n WHERE n.account = r.account AND n.request = r.id),"             \
    " (SELECT min(n.firm_date) FROM port_number n WHERE n.account = r.account AND n.request = r.id),"        \
    " (SELECT max(n.ported_at) FROM port_number n WHERE n.account = r.account AND n.request = r.id),"        \
    " CASE WHEN r.status = 'draft' THEN r.numbers_typed ELSE '' END"                                         \
    " FROM port_request r JOIN account a ON a.id = r.account WHERE" whose which                              \
    " AND ($3 = '' OR r.reference = $3)"                                                                     \
    " AND ($4 = '' OR EXISTS (SELECT 1 FROM port_number n WHERE n.account = r.account AND n.request = r.id"  \
    " AND n.e164 LIKE $4))"                                                                                  \
    " AND r.changed_at <= $5 AND (r.changed_at < $5 OR r.id < $6)"                                           \
    " ORDER BY r.changed_at DESC, r.id DESC LIMIT $7"
#define LISTS_SQL(whose, mine)                                                                               \
    {                                                                                                        \
        [LIST_ALL] = LIST_SQL(whose, " AND $2 <> ''"), [LIST_YOUR_TURN] = LIST_SQL(whose, mine),             \
        [LIST_UNDER_WAY] = LIST_SQL(whose, " AND $2 <> '' AND r.ended_at IS NULL AND r.status <> 'draft'"),  \
        [LIST_ENDED] = LIST_SQL(whose, " AND $2 <> '' AND r.ended_at IS NOT NULL"),                          \
    }

static bool read_rows(struct db_tx *tx, struct list *list)
{
    static const char *const own[] = LISTS_SQL(OWN, OWN_TURN), *const every[] = LISTS_SQL(EVERY, MINE);
    struct list_view *view = &list->view;
    struct text account = own_account(list->actor);
    view->rows = ARENA_ARRAY(list->arena, struct list_row, LIST_PAGE);
    DB_ROWS rows = db_query(tx, (account.len ? own : every)[list->filter->show],
        DB_ARGS(db_text(account), db_text(own_turn(list->actor)), db_text(list->reference),
            db_text(list->digits), db_int(list->before_at), db_text(list->before_id), db_int(LIST_PAGE + 1)));
    while (db_next(rows)) {
        if (view->rows_count == LIST_PAGE) {
            const struct list_row *last = &view->rows[LIST_PAGE - 1];
            view->next = text_format(
                list->arena, "%lld.%.*s", (long long)last->changed_at, TEXT_ARG(id_text(&last->id)));
            break;
        }
        if (read_row(rows, list, &view->rows[view->rows_count]))
            view->rows_count++;
    }
    return db_ok(tx);
}

static bool list_closure(struct db_tx *tx, void *context)
{
    struct list *list = context;
    list->view = (struct list_view){0};
    return read_counts(tx, list) && read_rows(tx, list);
}

bool request_list(struct porting *porting, const struct actor *actor, const struct list_filter *filter,
    struct arena *arena, struct list_view *ret, struct problem *problem)
{
    struct list list = {.porting = porting, .actor = actor, .filter = filter, .arena = arena};
    read_search(&list);
    read_cursor(&list);
    if (!db_read(porting->db, list_closure, &list, problem))
        return false;
    *ret = list.view;
    return true;
}

struct count_mine {
    const struct actor *actor;
    int64_t count;
};

static bool count_closure(struct db_tx *tx, void *context)
{
    struct count_mine *mine = context;
    struct text account = own_account(mine->actor);
    mine->count = db_number(tx,
        account.len ? "SELECT count(*) FROM port_request r WHERE" OWN OWN_TURN
                    : "SELECT count(*) FROM port_request r WHERE" EVERY MINE,
        DB_ARGS(db_text(account), db_text(own_turn(mine->actor))), 0);
    return db_ok(tx);
}

bool request_count_mine(
    struct porting *porting, const struct actor *actor, int64_t *ret, struct problem *problem)
{
    struct count_mine mine = {.actor = actor};
    if (!db_read(porting->db, count_closure, &mine, problem))
        return false;
    *ret = mine.count;
    return true;
}
