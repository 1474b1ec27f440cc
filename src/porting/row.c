#include "porting/row.h"

#include "porting/timeline.h"
#include "store/sealed.h"

/* The order of ids, as an expression: so that SQLite finds the few rows of a request by its index and sorts them, rather than go through
 * the whole account in this order, looking for them. */
#define BY_ID " ORDER BY id || ''"

#define REQUEST_COLUMNS                                                                                      \
    "SELECT account, id, reference, status, turn, turn_since, losing_carrier, losing_carrier_name, "         \
    "numbers_typed,"                                                                                         \
    " account_type, account_name, account_number_sealed, btn, pin_later, owner_name, owner_email, street, "  \
    "unit,"                                                                                                  \
    " city, state, zip, bill_confirmed, acknowledged, wished_date, step, attempt, created_by, created_at,"   \
    " changed_at, submitted_by, submitted_at, ended_at, reminded_at, team_since, escalated, desk_why,"       \
    " asked_since, mail_refused_at, assigned_account, assigned_user, messages, last_message, last_note,"     \
    " checklist, wished_time, begun_by FROM port_request "

bool row_refuse(
    struct db_tx *tx, enum problem_kind kind, enum word word, const char *field, const char *about)
{
    struct problem problem = {0};
    problem_set(&problem, kind, word, field, about, NULL);
    return db_fail(tx, &problem);
}

static void read_fields(struct db_rows *rows, struct arena *arena, struct draft_fields *ret)
{
    *ret = (struct draft_fields){
        .carrier = db_col_copy(rows, 6, arena),
        .carrier_name = db_col_copy(rows, 7, arena),
        .numbers = db_col_copy(rows, 8, arena),
        .account_type = db_col_copy(rows, 9, arena),
        .account_name = db_col_copy(rows, 10, arena),
        .btn = db_col_copy(rows, 12, arena),
        .pin_later = db_col_int(rows, 13) != 0,
        .owner_name = db_col_copy(rows, 14, arena),
        .owner_email = db_col_copy(rows, 15, arena),
        .street = db_col_copy(rows, 16, arena),
        .unit = db_col_copy(rows, 17, arena),
        .city = db_col_copy(rows, 18, arena),
        .state = db_col_copy(rows, 19, arena),
        .zip = db_col_copy(rows, 20, arena),
        .bill_confirmed = db_col_int(rows, 21) != 0,
        .acknowledged = (uint32_t)db_col_int(rows, 22),
        .wished_date = db_col_copy(rows, 23, arena),
        .wished_time = db_col_copy(rows, 44, arena),
        .checklist = (uint32_t)db_col_int(rows, 43),
    };
}

static bool read_request(struct db_rows *rows, struct arena *arena, struct request_row *ret)
{
    *ret = (struct request_row){
        .account = db_col_copy(rows, 0, arena),
        .id = db_col_copy(rows, 1, arena),
        .reference = db_col_copy(rows, 2, arena),
        .turn_since = db_col_int(rows, 5),
        .account_number_sealed = text_copy(arena, db_col_bytes(rows, 11)),
        .step = (int)db_col_int(rows, 24),
        .attempt = (int)db_col_int(rows, 25),
        .created_by = db_col_copy(rows, 26, arena),
        .created_at = db_col_int(rows, 27),
        .changed_at = db_col_int(rows, 28),
        .submitted_by = db_col_copy(rows, 29, arena),
        .submitted_at = db_col_int(rows, 30),
        .ended_at = db_col_int(rows, 31),
        .reminded_at = db_col_int(rows, 32),
        .team_since = db_col_int(rows, 33),
        .escalated = db_col_int(rows, 34) != 0,
        .desk_why = (uint32_t)db_col_int(rows, 35),
        .asked_since = db_col_int(rows, 36),
        .mail_refused_at = db_col_int(rows, 37),
        .assigned_account = db_col_copy(rows, 38, arena),
        .assigned_user = db_col_copy(rows, 39, arena),
        .messages = db_col_int(rows, 40),
        .last_message = db_col_copy(rows, 41, arena),
        .last_note = db_col_copy(rows, 42, arena),
        .begun_by = db_col_copy(rows, 45, arena),
    };
    read_fields(rows, arena, &ret->fields);
    return request_status_parse(db_col_text(rows, 3), &ret->status) &&
           turn_parse(db_col_text(rows, 4), &ret->turn);
}

/* Takes the one row of the query, or fails the transaction. */
static bool one_request(struct db_tx *tx, struct db_rows *rows, struct arena *arena, struct request_row *ret)
{
    if (!db_next(rows))
        return row_refuse(tx, PROBLEM_NOT_FOUND, WORD_porting_not_found, NULL, NULL);
    struct problem problem = {0};
    return read_request(rows, arena, ret) ||
           (problem_internal(&problem, "request with an unknown status"), db_fail(tx, &problem));
}

bool row_request_of(
    struct db_tx *tx, struct text account, struct text request, struct arena *arena, struct request_row *ret)
{
    DB_ROWS rows = db_query(
        tx, REQUEST_COLUMNS "WHERE account = $1 AND id = $2", DB_ARGS(db_text(account), db_text(request)));
    return one_request(tx, rows, arena, ret);
}

bool row_is_reached(const struct actor *actor, enum right right, const struct request_row *row)
{
    return right_over(actor, right, row->account, row->created_by) ||
           right_over(actor, right, row->account, row->submitted_by);
}

static bool any_request(struct db_tx *tx, struct text request, struct arena *arena, struct request_row *ret)
{
    DB_ROWS rows = db_query(tx, REQUEST_COLUMNS "WHERE id = $1", DB_ARGS(db_text(request)));
    return one_request(tx, rows, arena, ret);
}

bool row_request(struct db_tx *tx, const struct actor *actor, enum right right, struct text request,
    struct arena *arena, struct request_row *ret)
{
    enum reach reach = right_reach(actor->role, right);
    if (reach == REACH_NONE)
        return row_refuse(tx, PROBLEM_FORBIDDEN, WORD_problem_forbidden, NULL, NULL);
    struct request_row row;
    if (!(reach == REACH_ALL ? any_request(tx, request, arena, &row)
                             : row_request_of(tx, actor->account, request, arena, &row)))
        return false;
    if (!row_is_reached(actor, right, &row))
        return row_refuse(tx, PROBLEM_NOT_FOUND, WORD_porting_not_found, NULL, NULL);
    *ret = row;
    return true;
}

static void read_number(struct db_rows *rows, struct arena *arena, struct number_row *ret)
{
    *ret = (struct number_row){
        .id = db_col_copy(rows, 0, arena),
        .e164 = db_col_copy(rows, 1, arena),
        .way = db_col_copy(rows, 2, arena),
        .order = db_col_copy(rows, 3, arena),
        .status_since = db_col_int(rows, 5),
        .carrier_time = db_col_int(rows, 6),
        .asked_at = db_col_int(rows, 7),
        .rejection = db_col_copy(rows, 8, arena),
        .rejection_words = db_col_copy(rows, 9, arena),
        .firm_date = db_col_copy(rows, 10, arena),
        .firm_at = db_col_int(rows, 11),
        .ported_at = db_col_int(rows, 12),
        .claimed = !db_col_is_null(rows, 13),
        .retries = (int)db_col_int(rows, 14),
        .retry_at = db_col_int(rows, 15),
    };
}

bool row_numbers(struct db_tx *tx, struct text account, struct text request, struct arena *arena,
    struct number_row **ret, size_t *ret_count)
{
    int64_t expected = db_number(tx, "SELECT count(*) FROM port_number WHERE account = $1 AND request = $2",
        DB_ARGS(db_text(account), db_text(request)), 0);
    struct number_row *numbers = ARENA_ARRAY(arena, struct number_row, (size_t)expected + 1);
    size_t count = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT id, e164, way, carrier_order, status, status_since, carrier_time, asked_at, rejection,"
        " rejection_words, firm_date, firm_at, ported_at, claimed, retries, retry_at FROM port_number WHERE account = $1 AND"
        " request = $2" BY_ID,
        DB_ARGS(db_text(account), db_text(request)));
    while (count < (size_t)expected && db_next(rows)) {
        read_number(rows, arena, &numbers[count]);
        if (!number_status_parse(db_col_text(rows, 4), &numbers[count].status))
            return row_refuse(tx, PROBLEM_INTERNAL, WORD_problem_internal, NULL, NULL);
        count++;
    }
    *ret = numbers;
    *ret_count = count;
    return db_ok(tx);
}

static const char *const phases[] = {
    [ORDER_NEW] = "new",
    [ORDER_WAITING] = "waiting",
    [ORDER_PLACING] = "placing",
    [ORDER_PLACED] = "placed",
    [ORDER_UNCLEAR] = "unclear",
    [ORDER_ENDED] = "ended",
};

const char *order_phase_name(enum order_phase phase)
{
    return phases[phase];
}

#define ORDER_COLUMNS                                                                                        \
    "SELECT account, id, request, attempt, carrier, way, phase, replaces, cancel_wanted, carrier_ref,"       \
    " carrier_status, signature_url, placing_since, placed_at, signed_at, synced_at, created_at, "           \
    "cancel_sent_at, connection, suggested_action, asked_to"                                                 \
    " FROM carrier_order "

static bool read_order(struct db_rows *rows, struct arena *arena, struct order_row *ret)
{
    *ret = (struct order_row){
        .account = db_col_copy(rows, 0, arena),
        .id = db_col_copy(rows, 1, arena),
        .request = db_col_copy(rows, 2, arena),
        .attempt = (int)db_col_int(rows, 3),
        .carrier = db_col_copy(rows, 4, arena),
        .way = db_col_copy(rows, 5, arena),
        .replaces = db_col_copy(rows, 7, arena),
        .cancel_wanted = db_col_int(rows, 8) != 0,
        .carrier_ref = db_col_copy(rows, 9, arena),
        .carrier_status = db_col_copy(rows, 10, arena),
        .signature_url = db_col_copy(rows, 11, arena),
        .placing_since = db_col_int(rows, 12),
        .placed_at = db_col_int(rows, 13),
        .signed_at = db_col_int(rows, 14),
        .synced_at = db_col_int(rows, 15),
        .created_at = db_col_int(rows, 16),
        .cancel_sent_at = db_col_int(rows, 17),
        .connection = db_col_copy(rows, 18, arena),
        .suggested_action = db_col_copy(rows, 19, arena),
        .asked_to = db_col_copy(rows, 20, arena),
    };
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++)
        if (text_is(db_col_text(rows, 6), phases[i])) {
            ret->phase = (enum order_phase)i;
            return true;
        }
    return false;
}

bool row_order(
    struct db_tx *tx, struct text account, struct text order, struct arena *arena, struct order_row *ret)
{
    DB_ROWS rows = db_query(
        tx, ORDER_COLUMNS "WHERE account = $1 AND id = $2", DB_ARGS(db_text(account), db_text(order)));
    if (!db_next(rows))
        return row_refuse(tx, PROBLEM_NOT_FOUND, WORD_porting_not_found, NULL, NULL);
    return read_order(rows, arena, ret) ||
           row_refuse(tx, PROBLEM_INTERNAL, WORD_problem_internal, NULL, NULL);
}

bool row_orders(struct db_tx *tx, struct text account, struct text request, struct arena *arena,
    struct order_row **ret, size_t *ret_count)
{
    int64_t expected = db_number(tx, "SELECT count(*) FROM carrier_order WHERE account = $1 AND request = $2",
        DB_ARGS(db_text(account), db_text(request)), 0);
    struct order_row *orders = ARENA_ARRAY(arena, struct order_row, (size_t)expected + 1);
    size_t count = 0;
    DB_ROWS rows = db_query(tx, ORDER_COLUMNS "WHERE account = $1 AND request = $2" BY_ID,
        DB_ARGS(db_text(account), db_text(request)));
    while (count < (size_t)expected && db_next(rows))
        if (!read_order(rows, arena, &orders[count++]))
            return row_refuse(tx, PROBLEM_INTERNAL, WORD_problem_internal, NULL, NULL);
    *ret = orders;
    *ret_count = count;
    return db_ok(tx);
}

bool order_is_by_hand(const struct order_row *orders, size_t count, const struct order_row *order)
{
    if (text_is(order->carrier, "manual") || order->phase == ORDER_UNCLEAR)
        return true;
    for (size_t i = 0; order->phase == ORDER_WAITING && i < count; i++)
        if (text_equal(orders[i].id, order->replaces))
            return orders[i].phase == ORDER_UNCLEAR;
    return false;
}

bool row_documents(struct db_tx *tx, struct text account, struct text request, struct arena *arena,
    struct draft_document **ret, size_t *ret_count)
{
    struct draft_document *documents = ARENA_ARRAY(arena, struct draft_document, DRAFT_DOCUMENTS_MAX);
    size_t count = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT id, file_name, type, size, pages, has_preview, active_content, added_at FROM document"
        " WHERE account = $1 AND request = $2" BY_ID,
        DB_ARGS(db_text(account), db_text(request)));
    while (count < DRAFT_DOCUMENTS_MAX && db_next(rows)) {
        struct draft_document *document = &documents[count];
        *document = (struct draft_document){
            .file_name = db_col_copy(rows, 1, arena),
            .type = db_col_copy(rows, 2, arena),
            .size = db_col_int(rows, 3),
            .pages = db_col_int(rows, 4),
            .has_preview = db_col_int(rows, 5) != 0,
            .active_content = db_col_int(rows, 6) != 0,
            .added_at = db_col_int(rows, 7),
        };
        count += id_parse(db_col_text(rows, 0), "doc", &document->id) ? 1 : 0;
    }
    *ret = documents;
    *ret_count = count;
    return db_ok(tx);
}

struct vault_place place_account_number(struct text account, struct text request)
{
    return sealed_place(SEALED_ACCOUNT_NUMBER, account, request);
}

struct vault_place place_pin(struct text account, struct text request)
{
    return sealed_place(SEALED_PIN, account, request);
}

struct vault_place place_event(struct text event)
{
    return sealed_place(SEALED_EVENT, TEXT_EMPTY, event);
}

int64_t row_typed_numbers(
    const struct porting *porting, struct text typed, struct arena *arena, struct text *ret_first)
{
    struct number_list numbers;
    *ret_first = TEXT_EMPTY;
    if (!typed.len || !number_list_parse(arena, porting->area_codes, typed, &numbers, NULL))
        return 0;
    for (size_t i = 0; i < numbers.count && !ret_first->len; i++)
        if (number_item_usable(&numbers.items[i]))
            *ret_first = text_copy(arena, number_e164(&numbers.items[i].number));
    return (int64_t)numbers.usable;
}

struct text losing_carrier_name(const struct porting *porting, const struct draft_fields *fields)
{
    const struct losing_carrier *carrier = directory_find(porting->directory, fields->carrier);
    return carrier ? carrier->name : fields->carrier_name;
}

bool row_audit(struct db_tx *tx, struct clock *clock, const struct actor *actor, enum audit_kind kind,
    struct text account, struct text request, struct text reference)
{
    return !actor || right_any(actor, RIGHT_DESK) ||
           audit_add(tx, clock,
               &(struct audit_entry){
                   .account = account, .kind = kind, .actor = actor, .subject = request, .about = reference});
}
