#include "sandbox/delivery.h"

#include "sandbox/fault.h"
#include "sandbox/told.h"

/* Pauses after each failed try: 1 s, 2 s, 4 s ... to 64 s. */
#define PAUSE_FIRST_US CLOCK_SECOND
#define REORDERED_MAX_US (2 * CLOCK_SECOND) /* how long one waits for the next to overtake it */
#define KEPT_MAX 10000                      /* ended deliveries; older ones go */

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
    json_put_text(json, "status", number ? told_number(arena, number) : told_request(arena, port));
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

/* With a fault's name, and real time to go out at; 0: at once. */
static bool add(struct db_tx *tx, const struct delivery *delivery, int64_t due_at)
{
    return db_exec(tx,
        "INSERT INTO delivery (kind, port_sid, target, event, body, at, due_at, tries, state, fault) VALUES"
        " ($1, $2, $3, $4, $5, $6, $7, 0, 'waiting', $8)",
        DB_ARGS(db_text(delivery->kind), db_text(delivery->port_sid), db_text(delivery->target),
            db_text(delivery->event), db_text(delivery->body), db_int(delivery->at), db_int(due_at),
            db_text_or_null(delivery->fault)));
}

bool delivery_is_lie(const struct delivery *delivery)
{
    for (int does = FAULT_FORGED_SIGNATURE; does <= FAULT_GARBAGE_BODY; does++)
        if (text_is(delivery->fault, fault_does_name(does)))
            return true;
    return false;
}

/* What somebody else might send in the carrier's name. */
static struct text lie(struct arena *arena, struct text subject, const struct delivery *truth, int does)
{
    static const char *const garbage[] = {"", "\xff\xfe", "[]", "{\"port_in_request_sid\":", "{}",
        "{\"port_in_request_sid\":[],\"status\":{}}", "port_in_request_sid=KW1&status=completed"};
    uint64_t chance = fault_random(subject, (uint64_t)truth->at);
    if (does == FAULT_GARBAGE_BODY)
        return text_from(garbage[chance % (sizeof garbage / sizeof garbage[0])]);
    JSON_CLEANUP json = json_object();
    json_put_text(json, "port_in_request_sid",
        does == FAULT_FORGED_REFERENCE
            ? text_format(arena, "KW%016llx%016llx", (unsigned long long)chance, (unsigned long long)~chance)
            : truth->port_sid);
    if (does == FAULT_UNKNOWN_EVENT) {
        json_put_text(json, "event_type", TEXT("PortInPhoneNumberTeleported"));
        json_put_text(json, "status", TEXT("port_teleported"));
    } else
        json_put_text(json, "status", chance % 2 ? TEXT("completed") : TEXT("canceled"));
    json_put_text(json, "phone_number", subject);
    json_put_text(json, "last_date_updated", instant_iso(arena, truth->at + CLOCK_DAY));
    return json_write(arena, json);
}

/* A further delivery with the lie, beside the true one. */
static bool add_lie(struct db_tx *tx, struct text subject, const struct delivery *truth, int does)
{
    struct delivery forged = *truth;
    forged.fault = text_from(fault_does_name(does));
    forged.body = lie(db_arena(tx), subject, truth, does);
    return add(tx, &forged, 0);
}

static bool add_faulty(
    struct db_tx *tx, struct text subject, struct delivery *delivery, const struct fault_rule *fault)
{
    int64_t now = clock_now(clock_system());
    switch (fault->does) {
    case FAULT_LOST:
        return db_ok(tx);
    case FAULT_DOUBLED:
        return add(tx, delivery, 0) && add(tx, delivery, 0);
    case FAULT_LATE:
        return add(tx, delivery, now + fault->seconds * CLOCK_SECOND);
    case FAULT_REORDERED:
        delivery->fault = text_from(fault_does_name(FAULT_REORDERED));
        return add(tx, delivery, now + REORDERED_MAX_US);
    default:
        return add(tx, delivery, 0) && add_lie(tx, subject, delivery, fault->does);
    }
}

/* What waits for this one goes right after it. Returns how many there were. */
static int64_t let_follow(struct db_tx *tx, const struct delivery *delivery)
{
    int64_t count = 0;
    db_exec_changed(tx,
        "UPDATE delivery SET due_at = 1 WHERE port_sid = $1 AND state = 'waiting' AND fault = $2 AND tries ="
        " 0 AND due_at > 1",
        DB_ARGS(db_text(delivery->port_sid), db_text(text_from(fault_does_name(FAULT_REORDERED)))), &count);
    return count;
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
    struct delivery delivery = {.at = at,
        .kind = TEXT("webhook"),
        .port_sid = port->sid,
        .target = url,
        .event = text_from(event),
        .body = payload(db_arena(tx), port, number, at)};
    struct text subject = number ? number->e164 : port->numbers[0].e164;
    struct fault_rule fault;
    if (!fault_possible(FAULT_AT_WEBHOOK))
        return add(tx, &delivery, 0);
    bool overtakes = let_follow(tx, &delivery) > 0;
    if (!fault_decide(tx, FAULT_AT_WEBHOOK, subject, at, &fault) ||
        (overtakes && fault.does == FAULT_REORDERED))
        return add(tx, &delivery, 0);
    return add_faulty(tx, subject, &delivery, &fault);
}

bool delivery_add_mail(struct db_tx *tx, const char *kind, struct text port_sid, struct text to, int64_t at)
{
    return add(
        tx, &(struct delivery){.at = at, .kind = text_from(kind), .port_sid = port_sid, .target = to}, 0);
}

bool delivery_first_due(
    struct db_tx *tx, bool webhook, int64_t now, struct arena *arena, struct delivery *ret)
{
    DB_ROWS rows = db_query(tx,
        "SELECT id, at, tries, kind, port_sid, target, event, body, fault FROM delivery WHERE state = 'waiting' AND"
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
        .body = db_col_copy(rows, 7, arena),
        .fault = db_col_copy(rows, 8, arena)};
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
    bool is_lie = delivery_is_lie(delivery);
    bool dead = !taken && (give_up || is_lie || tries >= DELIVERY_TRIES_MAX);
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
    if (is_lie)
        return db_ok(tx);
    if (taken)
        return counter_add(tx, webhook ? "webhooks_sent" : "mails_sent", 1);
    return counter_add(tx, webhook ? "webhooks_failed" : "mails_failed", 1);
}
