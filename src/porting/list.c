#include "people/people.h"
#include "porting/row.h"
#include "porting/view.h"
#include "store/db_many.h"

#define CURSOR_MAX 80
#define SEARCH_MAX 40

struct list {
    struct porting *porting;
    const struct actor *actor;
    const struct list_filter *filter;
    struct arena *arena;
    struct text digits, reference; /* of the search; one of them or none */
    struct text *told;             /* beside the rows: the id of the team's last message, or empty */
    int64_t before_at;
    struct text before_id;
    struct list_view view;
};

/* What each list holds; each has an index with the same condition, in the order of the list (db/portdesk/0010_lists.sql, and of one's own
 * 0015_rights.sql). $1 is the account, or '' for who sees every account's requests, but no drafts. */
#define TOUCHED "(r.status <> 'draft' OR r.changed_at <> r.created_at)"
#define OF_TURN "r.turn = 'customer' AND " TOUCHED
#define UNDER_WAY "r.ended_at IS NULL AND r.status <> 'draft'"
#define ENDED "r.ended_at IS NOT NULL"
#define EVERY_ALL "$1 = '' AND r.status <> 'draft'"
#define EVERY_TURN "$1 = '' AND r.team_waits = 1"
#define EVERY_UNDER_WAY "$1 = '' AND " UNDER_WAY
#define EVERY_ENDED "$1 = '' AND " ENDED
#define OF_ACCOUNT "r.account = $1 AND "
/* Of a person: what they began, and what they submitted for another. */
#define BEGUN_BY(user) "r.account = $1 AND r.created_by = " user " AND "
#define SENT_BY(user) "r.account = $1 AND r.submitted_by = " user " AND r.submitted_by <> r.created_by AND "
#define EITHER(user) "r.account = $1 AND (r.created_by = " user " OR r.submitted_by = " user ") AND "

/* Which row of the tables of SQL: how far the reader's right reaches. */
enum side { SIDE_OWN, SIDE_ACCOUNT, SIDE_EVERY, SIDE_COUNT };

/* One person's own, with the conditions of the account; the account's; every account's. */
#define LISTS(own, sql)                                                                                      \
    {                                                                                                        \
        [SIDE_OWN] = {own(TOUCHED), own(OF_TURN), own(UNDER_WAY), own(ENDED)},                               \
        [SIDE_ACCOUNT] = {sql(OF_ACCOUNT TOUCHED), sql(OF_ACCOUNT OF_TURN), sql(OF_ACCOUNT UNDER_WAY),       \
            sql(OF_ACCOUNT ENDED)},                                                                          \
        [SIDE_EVERY] = {sql(EVERY_ALL), sql(EVERY_TURN), sql(EVERY_UNDER_WAY), sql(EVERY_ENDED)},            \
    }

#define COUNT_SQL(which)                                                                                     \
    "SELECT count(*) FROM (SELECT 1 AS one FROM port_request r WHERE " which " LIMIT $2) AS counted"
#define COUNT_OWN_SQL(which)                                                                                 \
    COUNT_SQL(BEGUN_BY("$3") "" which " UNION ALL SELECT 1 FROM port_request r WHERE " SENT_BY("$3") "" which)
static const char *const counts_sql[SIDE_COUNT][4] = LISTS(COUNT_OWN_SQL, COUNT_SQL);

#define COLUMNS                                                                                              \
    "SELECT r.id, r.account, a.name, r.reference, r.status, r.turn, r.turn_since, r.losing_carrier,"         \
    " r.losing_carrier_name, r.owner_name, r.wished_date, r.step, r.changed_at, r.numbers_count,"            \
    " r.numbers_completed, r.first_number, r.firm_date, r.ported_at,"                                        \
    " COALESCE(r.team_since, r.turn_since),"                                                                 \
    " CASE WHEN r.status = 'draft' THEN r.numbers_typed ELSE '' END, r.last_team_message"
#define NEWEST " ORDER BY r.changed_at DESC, r.id DESC LIMIT $4"
#define OLDER " AND r.changed_at <= $2 AND (r.changed_at < $2 OR r.id < $3)" NEWEST
#define LIST_SQL(which) COLUMNS " FROM port_request r JOIN account a ON a.id = r.account WHERE " which OLDER
/* Two walks, a page of each, by their indexes; of these the page is taken. */
#define WALK(which) "(SELECT r.id FROM port_request r WHERE " which OLDER ")"
#define LIST_OWN_SQL(which)                                                                                  \
    COLUMNS                                                                                                  \
    " FROM (SELECT b.id FROM " WALK(BEGUN_BY("$5") "" which) " AS b UNION ALL SELECT s.id FROM " WALK(       \
        SENT_BY(                                                                                             \
            "$5") "" which) " AS s) AS m CROSS JOIN port_request r CROSS JOIN account a WHERE r.account ="   \
                            " $1 AND r.id = m.id AND a.id = r.account" NEWEST
static const char *const list_sql[SIDE_COUNT][4] = LISTS(LIST_OWN_SQL, LIST_SQL);

/* The porting team's queue: who has waited longest stands first. */
static const char queue_sql[] = COLUMNS
    " FROM port_request r JOIN account a ON a.id = r.account WHERE " EVERY_TURN
    " AND COALESCE(r.team_since, r.turn_since) >= $2 AND (COALESCE(r.team_since, r.turn_since) > $2 OR"
    " r.id > $3) ORDER BY COALESCE(r.team_since, r.turn_since), r.id LIMIT $4";

#define REFERENCE_SQL(which)                                                                                 \
    COLUMNS " FROM port_request r JOIN account a ON a.id = r.account WHERE r.reference = $5 AND " which OLDER
#define REFERENCE_OWN_SQL(which) REFERENCE_SQL(EITHER("$6") "" which)
static const char *const reference_sql[SIDE_COUNT][4] = LISTS(REFERENCE_OWN_SQL, REFERENCE_SQL);

/* Numbers that begin or end with the digits, by two indexes: $5 to $6, and $7 to $8 from the end. CROSS JOIN: the requests are found from
 * the numbers, never the other way. */
#define ACCOUNT_NUMBERS "n.account = $1 AND "
#define EVERY_NUMBERS "$1 = '' AND "
#define MATCHES(whose)                                                                                       \
    "(SELECT b.account, b.request FROM (SELECT n.account, n.request FROM port_number n WHERE " whose         \
    "n.e164 >= $5 AND n.e164 < $6 LIMIT $9) AS b UNION SELECT e.account, e.request FROM (SELECT n.account,"  \
    " n.request FROM port_number n WHERE " whose                                                             \
    "n.e164_reversed >= $7 AND n.e164_reversed < $8 LIMIT $9) AS e)"
#define NUMBERS_SQL(whose, which)                                                                            \
    COLUMNS " FROM " MATCHES(                                                                                \
        whose) " AS m CROSS JOIN port_request r CROSS JOIN account a WHERE r.account = m.account AND r.id =" \
               " m.request AND a.id = r.account AND " which OLDER
#define OF_NUMBERS(whose, all, turn, under_way, ended)                                                       \
    {                                                                                                        \
        NUMBERS_SQL(whose, all), NUMBERS_SQL(whose, turn), NUMBERS_SQL(whose, under_way),                    \
            NUMBERS_SQL(whose, ended)                                                                        \
    }
static const char *const numbers_sql[SIDE_COUNT][4] = {
    [SIDE_OWN] = OF_NUMBERS(ACCOUNT_NUMBERS, EITHER("$10") TOUCHED, EITHER("$10") OF_TURN,
        EITHER("$10") UNDER_WAY, EITHER("$10") ENDED),
    [SIDE_ACCOUNT] = OF_NUMBERS(
        ACCOUNT_NUMBERS, OF_ACCOUNT TOUCHED, OF_ACCOUNT OF_TURN, OF_ACCOUNT UNDER_WAY, OF_ACCOUNT ENDED),
    [SIDE_EVERY] = OF_NUMBERS(EVERY_NUMBERS, EVERY_ALL, EVERY_TURN, EVERY_UNDER_WAY, EVERY_ENDED),
};

/* How many numbers begin, or end, so. */
#define RANGE_SQL(whose, column)                                                                             \
    "SELECT count(*) FROM (SELECT 1 AS one FROM port_number n WHERE " whose "n." column                      \
    " >= $2 AND n." column " < $3 LIMIT $4) AS counted"
static const char *const ranges_sql[SIDE_COUNT][2] = {
    [SIDE_OWN] = {RANGE_SQL(ACCOUNT_NUMBERS, "e164"), RANGE_SQL(ACCOUNT_NUMBERS, "e164_reversed")},
    [SIDE_ACCOUNT] = {RANGE_SQL(ACCOUNT_NUMBERS, "e164"), RANGE_SQL(ACCOUNT_NUMBERS, "e164_reversed")},
    [SIDE_EVERY] = {RANGE_SQL(EVERY_NUMBERS, "e164"), RANGE_SQL(EVERY_NUMBERS, "e164_reversed")},
};

static enum side side(const struct actor *actor)
{
    switch (right_reach(actor->role, RIGHT_REQUEST_SEE)) {
    case REACH_ALL:
        return SIDE_EVERY;
    case REACH_ACCOUNT:
        return SIDE_ACCOUNT;
    default:
        return SIDE_OWN;
    }
}

static struct text whose_account(const struct actor *actor)
{
    return side(actor) == SIDE_EVERY ? TEXT("") : actor->account;
}

/* The values of a statement: behind its own the person, where the statements of one's own ask for it. */
#define VALUES_MAX 10
struct values {
    struct db_value at[VALUES_MAX];
    size_t count;
};

static struct values values_of(const struct actor *actor, const struct db_value *at, size_t count)
{
    struct values values = {.count = count};
    for (size_t i = 0; i < count; i++)
        values.at[i] = at[i];
    if (side(actor) == SIDE_OWN)
        values.at[values.count++] = db_text(actor->user);
    return values;
}

static int64_t count_shown(struct db_tx *tx, const struct actor *actor, enum list_show show)
{
    struct values values = values_of(actor, DB_ARGS(db_text(whose_account(actor)), db_int(LIST_COUNT_MAX)));
    return db_number(tx, counts_sql[side(actor)][show], values.at, values.count, 0);
}

/* The queue goes the other way than the lists; a search in it has their order. */
static bool is_queue(const struct list *list)
{
    return side(list->actor) == SIDE_EVERY && list->filter->show == LIST_YOUR_TURN && !list->digits.len &&
           !list->reference.len;
}

/* A search is a reference ("PR-1042") or the first or last digits of a number; anything else finds nothing. */
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
        list->digits = text_copy(list->arena, buffer_view(&digits));
}

/* A cursor is "<changed_at>.<id>" of the last row, in the queue "<team_since>.<id>"; anything else begins at the top. */
static void read_cursor(struct list *list)
{
    struct text cursor = list->filter->before;
    size_t dot = text_find_char(cursor, '.', 0);
    struct id id;
    list->before_at = is_queue(list) ? 0 : INT64_MAX;
    list->before_id = TEXT_EMPTY;
    if (cursor.len > CURSOR_MAX || dot == SIZE_MAX ||
        !id_parse(text_part(cursor, dot + 1, cursor.len), "pr", &id) ||
        !text_to_i64(text_part(cursor, 0, dot), 0, INT64_MAX, &list->before_at))
        return;
    list->before_id = text_copy(list->arena, id_text(&id));
}

static bool read_counts(struct db_tx *tx, struct list *list)
{
    for (int show = LIST_ALL; show <= LIST_ENDED; show++)
        list->view.counts[show] = count_shown(tx, list->actor, (enum list_show)show);
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
        .team_since = db_col_int(rows, 18),
    };
    if (!ret->number_count)
        ret->number_count =
            row_typed_numbers(list->porting, db_col_text(rows, 19), arena, &ret->first_number);
    return id_parse(db_col_text(rows, 0), "pr", &ret->id) &&
           id_parse(db_col_text(rows, 1), "acc", &ret->account) &&
           request_status_parse(db_col_text(rows, 4), &ret->status) &&
           turn_parse(db_col_text(rows, 5), &ret->turn);
}

/* What the digits are less than what: the same with the last digit raised, "41" behind "4099". */
static struct text after_digits(struct arena *arena, struct text digits)
{
    struct text copy = text_copy(arena, digits);
    char *at = (char *)copy.at;
    while (copy.len > 0 && at[copy.len - 1] == '9')
        copy.len--;
    if (copy.len > 0)
        at[copy.len - 1]++;
    return copy.len > 0 ? copy : TEXT("99999999999999999999"); /* all were nines: behind all numbers */
}

static struct text plus_one(struct arena *arena, struct text digits)
{
    const char *before =
        digits.len > 0 && digits.at[0] == '1' ? "+" : "+1"; /* of North America, all of them */
    return text_format(arena, "%s%.*s", before, TEXT_ARG(digits));
}

static struct db_rows *search_numbers(struct db_tx *tx, struct list *list)
{
    enum side of = side(list->actor);
    struct arena *arena = list->arena;
    struct text first = plus_one(arena, list->digits), reversed = text_reverse(arena, list->digits);
    struct db_value account = db_text(whose_account(list->actor)), from = db_text(first),
                    to = db_text(after_digits(arena, first)), back_from = db_text(reversed),
                    back_to = db_text(after_digits(arena, reversed)), most = db_int(LIST_COUNT_MAX);
    int64_t begin = db_number(tx, ranges_sql[of][0], DB_ARGS(account, from, to, most), 0);
    int64_t end = db_number(tx, ranges_sql[of][1], DB_ARGS(account, back_from, back_to, most), 0);
    list->view.search_cut = begin == LIST_COUNT_MAX || end == LIST_COUNT_MAX;
    struct values values =
        values_of(list->actor, DB_ARGS(account, db_int(list->before_at), db_text(list->before_id),
                                   db_int(LIST_PAGE + 1), from, to, back_from, back_to, most));
    return db_query(tx, numbers_sql[of][list->filter->show], values.at, values.count);
}

static struct db_rows *query(struct db_tx *tx, struct list *list)
{
    enum side of = side(list->actor);
    enum list_show show = list->filter->show;
    struct db_value account = db_text(whose_account(list->actor)), at = db_int(list->before_at),
                    id = db_text(list->before_id), most = db_int(LIST_PAGE + 1);
    if (list->digits.len)
        return search_numbers(tx, list);
    if (is_queue(list))
        return db_query(tx, queue_sql, DB_ARGS(account, at, id, most));
    struct values values =
        list->reference.len ? values_of(list->actor, DB_ARGS(account, at, id, most, db_text(list->reference)))
                            : values_of(list->actor, DB_ARGS(account, at, id, most));
    return db_query(
        tx, list->reference.len ? reference_sql[of][show] : list_sql[of][show], values.at, values.count);
}

static bool read_rows(struct db_tx *tx, struct list *list)
{
    struct list_view *view = &list->view;
    view->rows = ARENA_ARRAY(list->arena, struct list_row, LIST_PAGE);
    list->told = ARENA_ARRAY(list->arena, struct text, LIST_PAGE);
    DB_ROWS rows = query(tx, list);
    while (db_next(rows)) {
        if (view->rows_count == LIST_PAGE) {
            const struct list_row *last = &view->rows[LIST_PAGE - 1];
            view->next = text_format(list->arena, "%lld.%.*s",
                (long long)(is_queue(list) ? last->team_since : last->changed_at),
                TEXT_ARG(id_text(&last->id)));
            break;
        }
        if (read_row(rows, list, &view->rows[view->rows_count])) {
            list->told[view->rows_count] = db_col_copy(rows, 20, list->arena);
            view->rows_count++;
        }
    }
    return db_ok(tx);
}

static void take_seen(struct db_rows *rows, void *context)
{
    struct list *list = context;
    for (size_t i = 0; i < list->view.rows_count; i++)
        if (text_equal(id_text(&list->view.rows[i].id), db_col_text(rows, 0)))
            list->view.rows[i].unread = text_compare(list->told[i], db_col_text(rows, 1)) > 0;
}

/* So many requests are asked about in one statement; half a page, so that a page is two. */
#define TOGETHER 25
#define FIVE "?, ?, ?, ?, ?"
_Static_assert(LIST_PAGE % TOGETHER == 0, "a page is asked about in whole statements");

/* Up to which message the reader has seen the conversations that the team wrote in. The team's own place for what nobody has answered is its
 * desk. */
static bool mark_unread(struct db_tx *tx, struct list *list)
{
    static struct db_many seen = DB_MANY(
        "SELECT request, message FROM message_seen WHERE account = $1 AND by_user = $2 AND request IN (",
        FIVE ", " FIVE ", " FIVE ", " FIVE ", " FIVE, ")", 2, TOGETHER);
    const struct db_value reader[] = {db_text(list->actor->account), db_text(list->actor->user)};
    struct db_value requests[LIST_PAGE];
    size_t count = 0;
    if (side(list->actor) == SIDE_EVERY)
        return db_ok(tx);
    for (size_t i = 0; i < list->view.rows_count; i++) {
        list->view.rows[i].unread = list->told[i].len > 0;
        if (list->told[i].len)
            requests[count++] = db_text(id_text(&list->view.rows[i].id));
    }
    for (; count % TOGETHER; count++)
        requests[count] = requests[0]; /* of no harm */
    return db_query_many(tx, &seen, reader, requests, count / TOGETHER, take_seen, list);
}

static bool list_closure(struct db_tx *tx, void *context)
{
    struct list *list = context;
    list->view = (struct list_view){0};
    return read_counts(tx, list) && read_rows(tx, list) && mark_unread(tx, list);
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
    mine->count = count_shown(tx, mine->actor, LIST_YOUR_TURN);
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
