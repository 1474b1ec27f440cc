#include "sandbox/delivery.h"

#include "sandbox/scenario.h"

/* Pauses after each failed try: 1 s, 2 s, 4 s ... to 64 s. */
#define PAUSE_FIRST_US CLOCK_SECOND
#define KEPT_MAX 10000 /* ended deliveries; older ones go */

/* Whether the list of wanted events (a JSON array; empty wants all) has this one. */
static bool wants(struct text notifications_of, const char *event)
{
    JSON_CLEANUP list = NULL;
    if (!json_parse(notifications_of, 64 * 1024, &list, NULL) || json_array_size(list) == 0)
        return true;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *wanted = json_string_value(json_array_get(list, i));
        if (wanted && text_is(text_from(wanted), event))
            return true;
    }
    return false;
}

static struct text payload(
    struct arena *arena, const struct port *port, const struct port_number *number, int64_t at)
{
    JSON_CLEANUP json = json_object();
    json_put_text(json, "port_in_request_sid", port->sid);
    json_text_or_null(json, "port_in_phone_number_sid", number ? number->sid : TEXT_EMPTY);
    json_text_or_null(json, "phone_number", number ? number->e164 : TEXT_EMPTY);
    json_put_text(json, "status", number ? number->status : port->status);
    json_instant_or_null(json, "last_date_updated", arena, at);
    /* A string, as at Twilio. */
    json_text_or_null(json, "portable",
        !number            ? TEXT_EMPTY
        : number->portable ? TEXT("true")
                           : TEXT("false"));
    json_text_or_null(json, "not_portable_reason", number ? number->reason : TEXT_EMPTY);
    json_text_or_null(json, "not_portable_reason_code",
        number && number->reason_code ? text_format(arena, "%lld", (long long)number->reason_code)
                                      : TEXT_EMPTY);
    json_text_or_null(json, "rejection_reason", number ? number->rejection : TEXT_EMPTY);
    json_text_or_null(json, "rejection_reason_code",
        number && number->rejection.len
            ? text_format(arena, "%lld", (long long)rejection_code(number->rejection))
            : TEXT_EMPTY);
    return json_write(arena, json);
}

static bool add(struct db_tx *tx, const char *kind, struct text port_sid, struct text target,
    const char *event, struct text body, int64_t at)
{
    return db_exec(tx,
        "INSERT INTO delivery (kind, port_sid, target, event, body, at, due_at, tries, state) VALUES ($1,"
        " $2, $3, $4, $5, $6, 0, 0, 'waiting')",
        DB_ARGS(db_text(text_from(kind)), db_text(port_sid), db_text(target), db_text(text_from(event)),
            db_text(body), db_int(at)));
}

bool delivery_add_webhook(struct db_tx *tx, const char *event, const struct port *port,
    const struct port_number *number, int64_t at)
{
    struct text url = TEXT_EMPTY;
    {
        DB_ROWS rows =
            db_query(tx, "SELECT url, notifications_of FROM webhook WHERE type = 'PORT_IN'", DB_NO_ARGS);
        if (db_next(rows) && wants(db_col_text(rows, 1), event))
            url = db_col_copy(rows, 0, db_arena(tx));
    }
    if (!url.len)
        return db_ok(tx);
    return add(tx, "webhook", port->sid, url, event, payload(db_arena(tx), port, number, at), at);
}

bool delivery_add_mail(struct db_tx *tx, const char *kind, struct text port_sid, struct text to, int64_t at)
{
    return add(tx, kind, port_sid, to, "", TEXT_EMPTY, at);
}

bool delivery_first_due(
    struct db_tx *tx, bool webhook, int64_t now, struct arena *arena, struct delivery *ret)
{
    DB_ROWS rows = db_query(tx,
        "SELECT id, at, tries, kind, port_sid, target, event, body FROM delivery WHERE state = 'waiting' AND"
        " (kind = 'webhook') = ($1 = 1) AND due_at <= $2 ORDER BY due_at, id LIMIT 1",
        DB_ARGS(db_int(webhook), db_int(now)));
    if (!db_next(rows))
        return false;
    *ret = (struct delivery){.id = db_col_int(rows, 0),
        .at = db_col_int(rows, 1),
        .tries = db_col_int(rows, 2),
        .kind = db_col_copy(rows, 3, arena),
        .port_sid = db_col_copy(rows, 4, arena),
        .target = db_col_copy(rows, 5, arena),
        .event = db_col_copy(rows, 6, arena),
        .body = db_col_copy(rows, 7, arena)};
    return true;
}

int64_t delivery_next_due(struct db_tx *tx, bool webhook)
{
    DB_ROWS rows = db_query(tx,
        "SELECT MIN(due_at) FROM delivery WHERE state = 'waiting' AND (kind = 'webhook') = ($1 = 1)",
        DB_ARGS(db_int(webhook)));
    return db_next(rows) && !db_col_is_null(rows, 0) ? db_col_int(rows, 0) : INT64_MAX;
}

bool delivery_done(struct db_tx *tx, const struct delivery *delivery, bool taken, bool give_up,
    struct text answer, int64_t now)
{
    int64_t tries = delivery->tries + 1;
    bool dead = !taken && (give_up || tries >= DELIVERY_TRIES_MAX);
    bool webhook = text_is(delivery->kind, "webhook");
    db_exec(tx, "UPDATE delivery SET state = $2, tries = $3, due_at = $4, answer = $5 WHERE id = $1",
        DB_ARGS(db_int(delivery->id),
            db_text(text_from(taken  ? "sent"
                              : dead ? "dead"
                                     : "waiting")),
            db_int(tries), db_int(now + (PAUSE_FIRST_US << (delivery->tries < 6 ? delivery->tries : 6))),
            db_text(answer)));
    db_exec(tx, "DELETE FROM delivery WHERE state <> 'waiting' AND id <= $1",
        DB_ARGS(db_int(delivery->id - KEPT_MAX)));
    if (taken)
        return counter_add(tx, webhook ? "webhooks_sent" : "mails_sent", 1);
    return counter_add(tx, webhook ? "webhooks_failed" : "mails_failed", 1);
}
