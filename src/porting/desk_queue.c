/* The queue: what needs a person, the most urgent first. */
#include "people/rights.h"
#include "porting/desk.h"

#define CURSOR_MAX 80

/* What the queue can be narrowed to; each condition has an index (db/portdesk/0019_desk.sql) whose condition it repeats. $4 is the reader. */
#define WHY_ANY "r.desk_why > 0"
#define WHY_1 "(r.desk_why & 1) <> 0"
#define WHY_2 "(r.desk_why & 2) <> 0"
#define WHY_4 "(r.desk_why & 4) <> 0"
#define WHY_8 "(r.desk_why & 8) <> 0"
#define WHY_16 "(r.desk_why & 16) <> 0"
#define WHY_32 "(r.desk_why & 32) <> 0"
#define ANYBODYS " AND $4 <> ''"
#define MINE " AND r.assigned_user = $4"
#define NOBODYS " AND $4 <> '' AND r.assigned_user IS NULL"

#define SELECTED                                                                                             \
    "SELECT r.id, a.name, r.reference, r.first_number, r.losing_carrier, r.losing_carrier_name,"             \
    " r.owner_name, r.firm_date, r.numbers_count, r.status, r.turn, r.turn_since, r.desk_why, r.desk_since," \
    " r.desk_due, c.time_zone, r.assigned_user, t.name FROM port_request r JOIN account a ON a.id ="         \
    " r.account LEFT JOIN app_user c ON c.account = r.account AND c.id = COALESCE(r.submitted_by,"           \
    " r.created_by) LEFT JOIN app_user t ON t.account = r.assigned_account AND t.id = r.assigned_user WHERE "
#define FROM_CURSOR                                                                                          \
    " AND r.desk_due >= $1 AND (r.desk_due > $1 OR r.id > $2) ORDER BY r.desk_due, r.id LIMIT $3"
#define QUEUE(why, whose) SELECTED why whose FROM_CURSOR
#define QUEUES(whose)                                                                                        \
    {                                                                                                        \
        QUEUE(WHY_1, whose), QUEUE(WHY_2, whose), QUEUE(WHY_4, whose), QUEUE(WHY_8, whose),                  \
            QUEUE(WHY_16, whose), QUEUE(WHY_32, whose), QUEUE(WHY_ANY, whose)                                \
    }
/* The last of each row is of any reason. */
static const char *const queue_sql[DESK_WHOSE_COUNT][DESK_WHY_COUNT + 1] = {
    [DESK_ANYBODYS] = QUEUES(ANYBODYS), [DESK_MINE] = QUEUES(MINE), [DESK_NOBODYS] = QUEUES(NOBODYS)};

#define COUNTED(which)                                                                                       \
    "(SELECT count(*) FROM (SELECT 1 AS one FROM port_request r WHERE " which " LIMIT $2) AS counted)"
#define COUNT_TWO                                                                                            \
    "SELECT " COUNTED(WHY_ANY) ", " COUNTED(                                                                 \
        WHY_ANY " AND r.assigned_user IS NOT NULL AND r.assigned_user = $1")
static const char counts_sql[] = COUNT_TWO;
static const char all_counts_sql[] =
    COUNT_TWO ", " COUNTED(WHY_ANY " AND r.assigned_user IS NULL") ", " COUNTED(WHY_1) ", " COUNTED(
        WHY_2) ", " COUNTED(WHY_4) ", " COUNTED(WHY_8) ", " COUNTED(WHY_16) ", " COUNTED(WHY_32);

struct queue {
    struct porting *porting;
    const struct actor *actor;
    const struct desk_filter *filter;
    struct arena *arena;
    int64_t before_due;
    struct text before_id;
    struct desk_list list;
};

/* "<desk_due>.<id>" of the last row. */
static void read_cursor(struct queue *queue)
{
    struct text cursor = queue->filter->before;
    size_t dot = text_find_char(cursor, '.', 0);
    struct id id;
    queue->before_due = 0;
    queue->before_id = TEXT_EMPTY;
    if (cursor.len > CURSOR_MAX || dot == SIZE_MAX ||
        !id_parse(text_part(cursor, dot + 1, cursor.len), "pr", &id) ||
        !text_to_i64(text_part(cursor, 0, dot), 0, INT64_MAX, &queue->before_due))
        return;
    queue->before_id = text_copy(queue->arena, id_text(&id));
}

static bool read_row(struct db_rows *rows, struct queue *queue, struct desk_row *ret)
{
    struct arena *arena = queue->arena;
    struct draft_fields fields = {
        .carrier = db_col_copy(rows, 4, arena), .carrier_name = db_col_copy(rows, 5, arena)};
    *ret = (struct desk_row){
        .account_name = db_col_copy(rows, 1, arena),
        .reference = db_col_copy(rows, 2, arena),
        .first_number = db_col_copy(rows, 3, arena),
        .losing_carrier = losing_carrier_name(queue->porting, &fields),
        .owner_name = db_col_copy(rows, 6, arena),
        .firm_date = db_col_copy(rows, 7, arena),
        .number_count = db_col_int(rows, 8),
        .turn_since = db_col_int(rows, 11),
        .why = (uint32_t)db_col_int(rows, 12),
        .since = db_col_int(rows, 13),
        .due = db_col_int(rows, 14),
        .zone = db_col_copy(rows, 15, arena),
        .assigned_user = db_col_copy(rows, 16, arena),
        .assigned_name = db_col_copy(rows, 17, arena),
    };
    return id_parse(db_col_text(rows, 0), "pr", &ret->id) &&
           request_status_parse(db_col_text(rows, 9), &ret->status) &&
           turn_parse(db_col_text(rows, 10), &ret->turn);
}

static bool read_rows(struct db_tx *tx, struct queue *queue)
{
    struct desk_list *list = &queue->list;
    int why = queue->filter->why < 0 ? DESK_WHY_COUNT : queue->filter->why;
    list->rows = ARENA_ARRAY(queue->arena, struct desk_row, DESK_PAGE);
    DB_ROWS rows = db_query(tx, queue_sql[queue->filter->whose][why],
        DB_ARGS(db_int(queue->before_due), db_text(queue->before_id), db_int(DESK_PAGE + 1),
            db_text(queue->actor->user)));
    while (db_next(rows)) {
        if (list->rows_count == DESK_PAGE) {
            const struct desk_row *last = &list->rows[DESK_PAGE - 1];
            list->next =
                text_format(queue->arena, "%lld.%.*s", (long long)last->due, TEXT_ARG(id_text(&last->id)));
            break;
        }
        if (read_row(rows, queue, &list->rows[list->rows_count]))
            list->rows_count++;
    }
    return db_ok(tx);
}

static bool read_counts(struct db_tx *tx, struct queue *queue)
{
    struct desk_list *list = &queue->list;
    DB_ROWS rows = db_query(tx, all_counts_sql, DB_ARGS(db_text(queue->actor->user), db_int(LIST_COUNT_MAX)));
    if (!db_next(rows))
        return db_ok(tx);
    for (int whose = 0; whose < DESK_WHOSE_COUNT; whose++)
        list->whose[whose] = db_col_int(rows, whose);
    for (int why = 0; why < DESK_WHY_COUNT; why++)
        list->why[why] = db_col_int(rows, DESK_WHOSE_COUNT + why);
    return db_ok(tx);
}

static bool queue_closure(struct db_tx *tx, void *context)
{
    struct queue *queue = context;
    queue->list = (struct desk_list){0};
    return read_counts(tx, queue) && read_rows(tx, queue);
}

bool desk_list(struct porting *porting, const struct actor *actor, const struct desk_filter *filter,
    struct arena *arena, struct desk_list *ret, struct problem *problem)
{
    struct queue queue = {.porting = porting, .actor = actor, .filter = filter, .arena = arena};
    if (!right_any(actor, RIGHT_DESK))
        return problem_set(problem, PROBLEM_FORBIDDEN, WORD_problem_forbidden, NULL, NULL, NULL);
    read_cursor(&queue);
    if (!db_read(porting->db, queue_closure, &queue, problem))
        return false;
    *ret = queue.list;
    return true;
}

struct counts {
    const struct actor *actor;
    int64_t all, mine;
};

static bool counts_closure(struct db_tx *tx, void *context)
{
    struct counts *counts = context;
    DB_ROWS rows = db_query(tx, counts_sql, DB_ARGS(db_text(counts->actor->user), db_int(LIST_COUNT_MAX)));
    if (db_next(rows)) {
        counts->all = db_col_int(rows, 0);
        counts->mine = db_col_int(rows, 1);
    }
    return db_ok(tx);
}

bool desk_counts(struct porting *porting, const struct actor *actor, int64_t *ret_all, int64_t *ret_mine,
    struct problem *problem)
{
    struct counts counts = {.actor = actor};
    if (right_any(actor, RIGHT_DESK) && !db_read(porting->db, counts_closure, &counts, problem))
        return false;
    *ret_all = counts.all;
    *ret_mine = counts.mine;
    return true;
}
