/* GET /v1/Porting/PortIn/PortInRequests: newest first; a token is the SID that a page begins with. */
#include "sandbox/app.h"
#include "sandbox/told.h"

#define SIZE_DEFAULT 20
#define SIZE_MAX_PAGE 100
#define SIDS_MAX 3600 /* bytes of a list of SIDs */

struct listing {
    struct exchange *exchange;
    uint64_t size;
    struct text token, sids, status;
    int64_t before, after; /* µs; INT64_MAX and 0 when not given */
    json_t *ports;
    struct text next, previous;
};

#define FILTER                                                                                               \
    " FROM port WHERE ($1 = '' OR $1 LIKE '%' || sid || '%') AND ($2 = '' OR status = $2) AND created_at < " \
    "$3 AND "                                                                                                \
    "created_at >= $4 "

/* In which state a port needs somebody, and what for. */
static struct text suggested(struct text status)
{
    if (text_is(status, "Action Required"))
        return TEXT("Review the rejection reason of each phone number");
    if (text_is(status, "Waiting for Signature"))
        return TEXT("Ask the authorized representative to sign the letter of authorization");
    return TEXT_EMPTY;
}

/* The status as the port itself is told: its first number with a scenario says how. */
static struct text told(struct db_rows *rows, struct arena *arena)
{
    struct port_number number = {.status = TEXT_EMPTY, .scenario = db_col_text(rows, 5)};
    struct port port = {.status = db_col_text(rows, 1), .numbers = &number, .number_count = 1};
    return told_request(arena, &port);
}

static json_t *item_of(struct db_rows *rows, struct arena *arena)
{
    json_t *item = json_object();
    json_put_text(item, "port_in_request_sid", db_col_text(rows, 0));
    json_put_text(item, "port_in_request_status", told(rows, arena));
    json_put_text(item, "status_last_updated_timestamp", instant_iso(arena, db_col_int(rows, 2)));
    json_put_i64(item, "phone_numbers_requested", db_col_int(rows, 3));
    json_put_i64(item, "phone_numbers_ported", db_col_int(rows, 4));
    json_text_or_null(item, "suggested_action", suggested(db_col_text(rows, 1)));
    return item;
}

static bool read_page(struct db_tx *tx, void *context)
{
    struct listing *listing = context;
    struct arena *arena = listing->exchange->arena;
    int64_t from = INT64_MAX;
    json_array_clear(listing->ports);
    listing->next = listing->previous = TEXT_EMPTY;
    if (listing->token.len)
        from = db_number(tx, "SELECT position FROM port WHERE sid = $1", DB_ARGS(db_text(listing->token)), 0);
    DB_ROWS rows = db_query(tx,
        "SELECT sid, status, changed_at, (SELECT COUNT(*) FROM port_number WHERE port_sid = port.sid),"
        " (SELECT "
        "COUNT(*) FROM port_number WHERE port_sid = port.sid AND status = 'completed'), (SELECT scenario FROM"
        " port_number WHERE port_sid = port.sid AND scenario IS NOT NULL ORDER BY position LIMIT 1)" FILTER
        "AND position <= $5 ORDER BY position DESC LIMIT $6",
        DB_ARGS(db_text(listing->sids), db_text(listing->status), db_int(listing->before),
            db_int(listing->after), db_int(from), db_int((int64_t)listing->size + 1)));
    while (db_next(rows)) {
        if (json_array_size(listing->ports) == listing->size) {
            listing->next = db_col_copy(rows, 0, arena);
            break;
        }
        json_array_append_new(listing->ports, item_of(rows, arena));
    }
    DB_ROWS newer = db_query(tx, "SELECT sid" FILTER "AND position > $5 ORDER BY position LIMIT $6",
        DB_ARGS(db_text(listing->sids), db_text(listing->status), db_int(listing->before),
            db_int(listing->after), db_int(from), db_int((int64_t)listing->size)));
    while (db_next(newer))
        listing->previous = db_col_copy(newer, 0, arena);
    return db_ok(tx);
}

static bool bad(struct exchange *exchange, const char *name)
{
    api_error(exchange, 400, 20001, "Invalid parameter: %s", name);
    return false;
}

static bool sids_ok(struct text sids)
{
    struct text sid;
    if (sids.len > SIDS_MAX)
        return false;
    while (text_next(&sids, ',', &sid))
        if (!sid_ok(sid, "KW"))
            return false;
    return true;
}

static bool read_query(struct listing *listing)
{
    struct exchange *exchange = listing->exchange;
    const struct http_request *request = exchange->request;
    struct text size = http_query(request, "Size"), before = http_query(request, "CreatedBefore"),
                after = http_query(request, "CreatedAfter");
    struct date date;
    listing->token = http_query(request, "Token");
    listing->sids = http_query(request, "PortInRequestSid");
    listing->status = http_query(request, "PortInRequestStatus");
    if (size.len && (!text_to_u64(size, SIZE_MAX_PAGE, &listing->size) || !listing->size))
        return bad(exchange, "Size");
    if (listing->token.len && !sid_ok(listing->token, "KW"))
        return bad(exchange, "Token");
    if (!sids_ok(listing->sids))
        return bad(exchange, "PortInRequestSid");
    if (!text_is_clean(listing->status) || listing->status.len > SANDBOX_TEXT_MAX)
        return bad(exchange, "PortInRequestStatus");
    if (before.len && !date_parse(before, &date))
        return bad(exchange, "CreatedBefore");
    if (before.len)
        listing->before = date_at(date, 0, 0, TEXT_EMPTY);
    if (after.len && !date_parse(after, &date))
        return bad(exchange, "CreatedAfter");
    if (after.len)
        listing->after = date_at(date, 0, 0, TEXT_EMPTY);
    return true;
}

void api_port_list(struct exchange *exchange)
{
    struct problem problem = {0};
    JSON_CLEANUP ports = json_array();
    struct listing listing = {
        .exchange = exchange, .size = SIZE_DEFAULT, .before = INT64_MAX, .ports = ports};
    if (!read_query(&listing))
        return;
    if (!db_read(exchange->sandbox->db, read_page, &listing, &problem)) {
        api_problem(exchange, &problem);
        return;
    }
    JSON_CLEANUP json = json_object();
    json_object_set(json, "port_in_requests", ports);
    json_t *meta = json_object();
    json_text_or_null(meta, "next_token", listing.next);
    json_text_or_null(meta, "previous_token", listing.previous);
    json_object_set_new(json, "meta", meta);
    answer_json(exchange, 200, json);
}
