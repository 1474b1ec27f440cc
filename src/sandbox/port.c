#include "sandbox/port.h"

#define PORT_COLUMNS                                                                                         \
    "sid, status, customer_type, customer_name, account_number, btn, representative, representative_email, " \
    "street, street_2, city, state, zip, country, notification_emails, target_date, target_start, "          \
    "target_end, "                                                                                           \
    "cancel_reason, sign_token, signature, signed_ip, address_sid, bundle_sid, advance_carrier, "            \
    "auto_cancel, position, changed_at, created_at, letter_at, expires_at, signed_at, declined_at"

static void read_port(struct db_rows *rows, struct arena *arena, struct port *port)
{
    struct text *texts[] = {&port->sid, &port->status, &port->customer_type, &port->customer_name,
        &port->account_number, &port->btn, &port->representative, &port->representative_email, &port->street,
        &port->street_2, &port->city, &port->state, &port->zip, &port->country, &port->notification_emails,
        &port->target_date, &port->target_start, &port->target_end, &port->cancel_reason, &port->sign_token,
        &port->signature, &port->signed_ip, &port->address_sid, &port->bundle_sid, &port->advance_carrier,
        &port->auto_cancel};
    int64_t *numbers[] = {&port->position, &port->changed_at, &port->created_at, &port->letter_at,
        &port->expires_at, &port->signed_at, &port->declined_at};
    int column = 0;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = db_col_copy(rows, column++, arena);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        *numbers[i] = db_col_int(rows, column++);
}

static void read_numbers(struct db_tx *tx, struct arena *arena, struct port *port)
{
    size_t count = (size_t)db_number(
        tx, "SELECT COUNT(*) FROM port_number WHERE port_sid = $1", DB_ARGS(db_text(port->sid)), 0);
    port->numbers = ARENA_ARRAY(arena, struct port_number, count + 1);
    DB_ROWS rows = db_query(tx,
        "SELECT sid, e164, type, status, reason, verdict, rejection, before_canceling, scenario, reason_code,"
        " changed_at, port_at, inventory_at, portable, is_open, redated FROM port_number WHERE port_sid = $1 ORDER BY position",
        DB_ARGS(db_text(port->sid)));
    while (port->number_count < count && db_next(rows)) {
        struct port_number *number = &port->numbers[port->number_count++];
        struct text *texts[] = {&number->sid, &number->e164, &number->type, &number->status, &number->reason,
            &number->verdict, &number->rejection, &number->before_canceling, &number->scenario};
        int column = 0;
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            *texts[i] = db_col_copy(rows, column++, arena);
        number->reason_code = db_col_int(rows, column++);
        number->changed_at = db_col_int(rows, column++);
        number->port_at = db_col_int(rows, column++);
        number->inventory_at = db_col_int(rows, column++);
        number->portable = db_col_int(rows, column++) != 0;
        number->is_open = db_col_int(rows, column++) != 0;
        number->redated = db_col_int(rows, column++) != 0;
    }
}

static void read_documents(struct db_tx *tx, struct arena *arena, struct port *port)
{
    DB_ROWS rows =
        db_query(tx, "SELECT document_sid FROM port_document WHERE port_sid = $1 ORDER BY position LIMIT 20",
            DB_ARGS(db_text(port->sid)));
    while (port->document_count < PORT_DOCUMENTS_MAX && db_next(rows))
        port->documents[port->document_count++] = db_col_copy(rows, 0, arena);
}

/* The first row of the query, with what belongs to it. */
static bool load_first(struct db_tx *tx, const char *sql, struct text key, struct arena *arena,
    struct port *ret, bool *ret_found)
{
    *ret = (struct port){.sid = TEXT_EMPTY};
    *ret_found = false;
    {
        DB_ROWS rows = db_query(tx, sql, DB_ARGS(db_text(key)));
        if (db_next(rows)) {
            read_port(rows, arena, ret);
            *ret_found = true;
        }
    }
    if (*ret_found) {
        read_numbers(tx, arena, ret);
        read_documents(tx, arena, ret);
    }
    return db_ok(tx);
}

bool port_load(struct db_tx *tx, struct text sid, struct arena *arena, struct port *ret, bool *ret_found)
{
    return load_first(tx, "SELECT " PORT_COLUMNS " FROM port WHERE sid = $1", sid, arena, ret, ret_found);
}

bool port_of_token(
    struct db_tx *tx, struct text token, struct arena *arena, struct port *ret, bool *ret_found)
{
    return load_first(
        tx, "SELECT " PORT_COLUMNS " FROM port WHERE sign_token = $1", token, arena, ret, ret_found);
}

static bool insert_number(struct db_tx *tx, const struct port *port, size_t index)
{
    const struct port_number *number = &port->numbers[index];
    return db_exec(tx,
        "INSERT INTO port_number (sid, port_sid, position, e164, type, status, is_open, changed_at,"
        " portable, reason, reason_code, verdict) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        DB_ARGS(db_text(number->sid), db_text(port->sid), db_int((int64_t)index), db_text(number->e164),
            db_text(number->type), db_text(number->status), db_int(number->is_open),
            db_int(number->changed_at), db_int(number->portable), db_text_or_null(number->reason),
            db_int_or_null(number->reason_code), db_text_or_null(number->verdict)));
}

bool port_insert(struct db_tx *tx, const struct port *port)
{
    db_exec(tx,
        "INSERT INTO port (" PORT_COLUMNS
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, NULL,"
        " $19, NULL, NULL, $22, $23, $24, $25, (SELECT COALESCE(MAX(position), 0) + 1 FROM port), $20, $21,"
        " NULL, NULL, NULL, NULL)",
        DB_ARGS(db_text(port->sid), db_text(port->status), db_text(port->customer_type),
            db_text(port->customer_name), db_text(port->account_number), db_text(port->btn),
            db_text(port->representative), db_text(port->representative_email), db_text(port->street),
            db_text(port->street_2), db_text(port->city), db_text(port->state), db_text(port->zip),
            db_text(port->country), db_text(port->notification_emails), db_text_or_null(port->target_date),
            db_text_or_null(port->target_start), db_text_or_null(port->target_end), db_text(port->sign_token),
            db_int(port->changed_at), db_int(port->created_at), db_text_or_null(port->address_sid),
            db_text_or_null(port->bundle_sid), db_text_or_null(port->advance_carrier),
            db_text_or_null(port->auto_cancel)));
    for (size_t i = 0; i < port->number_count; i++)
        insert_number(tx, port, i);
    for (size_t i = 0; i < port->document_count; i++)
        db_exec(tx, "INSERT INTO port_document (document_sid, port_sid, position) VALUES ($1, $2, $3)",
            DB_ARGS(db_text(port->documents[i]), db_text(port->sid), db_int((int64_t)i)));
    return db_ok(tx);
}

size_t port_copies(const struct port *port, struct arena *arena, struct text ret[PORT_EMAILS_MAX + 1])
{
    JSON_CLEANUP emails = NULL;
    size_t count = 0;
    ret[count++] = port->representative_email;
    if (!json_parse(port->notification_emails, 64 * 1024, &emails, NULL))
        return count;
    for (size_t i = 0; i < json_array_size(emails) && count <= PORT_EMAILS_MAX; i++) {
        const json_t *email = json_array_get(emails, i);
        struct text address = {json_string_value(email), json_string_length(email)};
        if (address.len && !text_equal_nocase(address, port->representative_email))
            ret[count++] = text_copy(arena, address);
    }
    return count;
}
