#include "sandbox/machine.h"

#include "base/failpoint.h"
#include "sandbox/delivery.h"
#include "sandbox/told.h"

#define ZONE TEXT("America/New_York")

struct event {
    int64_t id, due_at;
    enum event_kind kind;
    struct text port_sid, number_sid; /* number_sid may be empty */
};

static const struct {
    const char *name;
    enum word said;
} event_kinds[EVENT_KINDS] = {
    [EVENT_REVIEWED] = {"reviewed", WORD_sandbox_event_reviewed},
    [EVENT_ANSWERED] = {"answered", WORD_sandbox_event_answered},
    [EVENT_REDATED] = {"redated", WORD_sandbox_event_redated},
    [EVENT_PORTED] = {"ported", WORD_sandbox_event_ported},
    [EVENT_CANCELED] = {"canceled", WORD_sandbox_event_canceled},
    [EVENT_EXPIRED] = {"expired", WORD_sandbox_event_expired},
};

enum word event_word(enum event_kind kind)
{
    return event_kinds[kind].said;
}

bool event_kind_of(struct text name, enum event_kind *ret)
{
    for (int kind = 0; kind < EVENT_KINDS; kind++)
        if (text_is(name, event_kinds[kind].name)) {
            *ret = (enum event_kind)kind;
            return true;
        }
    return false;
}

static bool event_add(
    struct db_tx *tx, enum event_kind kind, struct text port_sid, struct text number_sid, int64_t due_at)
{
    return db_exec(tx, "INSERT INTO event (port_sid, number_sid, kind, due_at) VALUES ($1, $2, $3, $4)",
        DB_ARGS(db_text(port_sid), db_text_or_null(number_sid), db_text(text_from(event_kinds[kind].name)),
            db_int(due_at)));
}

/* The status of a number, and the name of Twilio's webhook for it (NULL: there is none). */
static bool number_set(struct db_tx *tx, struct port *port, struct port_number *number, const char *status,
    bool is_open, int64_t at, const char *event)
{
    number->status = text_from(status);
    number->is_open = is_open;
    number->changed_at = at;
    db_exec(tx,
        "UPDATE port_number SET status = $2, is_open = $3, changed_at = $4, rejection = $5, port_at = $6,"
        " before_canceling = $7, redated = $8, inventory_at = $9 WHERE sid = $1",
        DB_ARGS(db_text(number->sid), db_text(number->status), db_int(is_open), db_int(at),
            db_text_or_null(number->rejection), db_int_or_null(number->port_at),
            db_text_or_null(number->before_canceling), db_int(number->redated),
            db_int_or_null(number->inventory_at)));
    return event ? delivery_add_webhook(tx, event, port, number, at) : db_ok(tx);
}

static const struct {
    const char *status, *event;
} request_events[] = {
    {"Waiting for Signature", "PortInWaitingForSignature"},
    {"In progress", "PortInInProgress"},
    {"Completed", "PortInCompleted"},
    {"Action Required", "PortInActionRequired"},
    {"Canceled", "PortInCanceled"},
    {"Expired", "PortInExpired"},
};

/* What the request's status is by its numbers; NULL when they say nothing new. */
static const char *rolled_up(const struct port *port)
{
    size_t open = 0, review = 0, waiting = 0, on_way = 0, completed = 0, unsigned_ends = 0;
    for (size_t i = 0; i < port->number_count; i++) {
        const struct port_number *number = &port->numbers[i];
        if (text_is(number->status, "port_rejected"))
            return "Action Required";
        open += number->is_open;
        review += text_is(number->status, "in_review");
        waiting += number->is_open && text_is(number->status, "waiting_for_signature");
        on_way += text_is(number->status, "port_submitted") || text_is(number->status, "port_pending");
        completed += text_is(number->status, "completed");
        unsigned_ends += !number->is_open && text_is(number->status, "waiting_for_signature");
    }
    if (on_way)
        return "In progress";
    if (waiting)
        return "Waiting for Signature";
    if (review)
        return "In review";
    if (open) /* all that is left is being canceled */
        return NULL;
    if (completed)
        return "Completed";
    return unsigned_ends ? "Expired" : "Canceled";
}

static bool roll_up(struct db_tx *tx, struct port *port, int64_t at)
{
    const char *status = rolled_up(port);
    if (!status || text_is(port->status, status))
        return db_ok(tx);
    port->status = text_from(status);
    port->changed_at = at;
    db_exec(tx, "UPDATE port SET status = $2, changed_at = $3 WHERE sid = $1",
        DB_ARGS(db_text(port->sid), db_text(port->status), db_int(at)));
    for (size_t i = 0; i < sizeof request_events / sizeof request_events[0]; i++)
        if (text_is(port->status, request_events[i].status))
            delivery_add_webhook(tx, request_events[i].event, port, NULL, at);
    return db_ok(tx);
}

/* What the losing carrier will say of a number by its scenario, where the customer's data said nothing; a later attempt may go through. */
static bool keep_scenario(struct db_tx *tx, const struct port_number *number, const struct scenario *scenario)
{
    bool refuses = scenario->reject[0] != '\0';
    if (refuses && scenario->attempts)
        refuses = db_number(tx, "SELECT COUNT(*) FROM port_number WHERE e164 = $1",
                      DB_ARGS(db_text(number->e164)), 0) <= scenario->attempts;
    return db_exec(tx, "UPDATE port_number SET scenario = $2, verdict = coalesce(verdict, $3) WHERE sid = $1",
        DB_ARGS(db_text(number->sid), db_text(text_from(scenario->name)),
            refuses ? db_text(text_from(scenario->reject)) : db_null()));
}

bool machine_begin(struct db_tx *tx, const struct port *port)
{
    int64_t review = 0;
    for (size_t i = 0; i < port->number_count; i++) {
        struct scenario scenario;
        if (!scenario_of_number(port->numbers[i].e164, &scenario))
            continue;
        keep_scenario(tx, &port->numbers[i], &scenario);
        review = scenario.review_days > review ? scenario.review_days : review;
    }
    return event_add(tx, EVENT_REVIEWED, port->sid, TEXT_EMPTY,
        port->created_at + (review ? review * CLOCK_DAY : REVIEW_US));
}

int64_t machine_firm_date(struct text target_date, int64_t answered_at)
{
    struct date wished, first = clock_date(answered_at, ZONE);
    int64_t days = date_to_days(first) + FIRM_DAYS;
    while (date_weekday(date_from_days(days)) == 0 || date_weekday(date_from_days(days)) == 6)
        days++;
    if (target_date.len && date_parse(target_date, &wished) && date_to_days(wished) > days)
        days = date_to_days(wished);
    return date_at(date_from_days(days), 10, 30, ZONE);
}

/* The letter goes out, to be signed before a day of the signer's calendar. */
static bool send_letter(struct db_tx *tx, struct port *port, int64_t at)
{
    int64_t days = LETTER_DAYS;
    for (size_t i = 0; i < port->number_count; i++) {
        struct scenario scenario = number_scenario(&port->numbers[i]);
        days = scenario.letter_days ? scenario.letter_days : days;
    }
    port->letter_at = at;
    port->expires_at = date_at(date_from_days(date_to_days(clock_date(at, ZONE)) + days), 0, 0, ZONE);
    db_exec(tx, "UPDATE port SET letter_at = $2, expires_at = $3 WHERE sid = $1",
        DB_ARGS(db_text(port->sid), db_int(at), db_int(port->expires_at)));
    delivery_add_mail(tx, "mail_letter", port->sid, port->representative_email, at);
    return event_add(tx, EVENT_EXPIRED, port->sid, TEXT_EMPTY, port->expires_at);
}

static bool reviewed(struct db_tx *tx, struct port *port, int64_t at)
{
    size_t waiting = 0;
    for (size_t i = 0; i < port->number_count; i++)
        if (text_is(port->numbers[i].status, "in_review")) {
            waiting++;
            number_set(tx, port, &port->numbers[i], "waiting_for_signature", true, at,
                "PortInPhoneNumberWaitingForSignature");
        }
    return waiting ? send_letter(tx, port, at) : db_ok(tx);
}

static bool expired(struct db_tx *tx, struct port *port, int64_t at)
{
    if (port->signed_at)
        return db_ok(tx);
    /* A request of which something goes on, or was ported, does not expire: what was not signed for is canceled. */
    bool lives = false;
    for (size_t i = 0; i < port->number_count; i++)
        lives |= text_is(port->numbers[i].status, "completed") ||
                 (port->numbers[i].is_open && !text_is(port->numbers[i].status, "waiting_for_signature"));
    for (size_t i = 0; i < port->number_count; i++)
        if (text_is(port->numbers[i].status, "waiting_for_signature") && port->numbers[i].is_open)
            number_set(tx, port, &port->numbers[i], lives ? "canceled" : "waiting_for_signature", false, at,
                lives ? "PortInPhoneNumberCanceled" : NULL);
    return db_ok(tx);
}

/* The losing carrier refuses, or commits to a date. */
static bool answered(struct db_tx *tx, struct port *port, struct port_number *number, int64_t at)
{
    if (!text_is(number->status, "port_submitted"))
        return db_ok(tx);
    if (number->verdict.len) {
        number->rejection = number->verdict;
        return number_set(tx, port, number, "port_rejected", true, at, "PortInPhoneNumberRejected");
    }
    number->port_at = machine_firm_date(port->target_date, at);
    if (number_scenario(number).firm_date && !number->redated)
        event_add(tx, EVENT_REDATED, port->sid, number->sid, at + CLOCK_DAY);
    return number_set(tx, port, number, "port_pending", true, at, "PortInPhoneNumberPending") &&
           event_add(tx, EVENT_PORTED, port->sid, number->sid, number->port_at);
}

/* The losing carrier takes its date back: for a later one, of which no webhook tells and no status speaks, or for none yet. */
static bool redated(struct db_tx *tx, struct port *port, struct port_number *number, int64_t at)
{
    if (!text_is(number->status, "port_pending"))
        return db_ok(tx);
    number->redated = true;
    db_exec(tx, "DELETE FROM event WHERE number_sid = $1", DB_ARGS(db_text(number->sid)));
    if (number_scenario(number).firm_date == DATE_MOVED) {
        number->port_at = machine_firm_date(TEXT_EMPTY, number->port_at);
        return number_set(tx, port, number, "port_pending", true, number->changed_at, NULL) &&
               event_add(tx, EVENT_PORTED, port->sid, number->sid, number->port_at);
    }
    number->port_at = 0;
    return number_set(tx, port, number, "port_submitted", true, at, "PortInPhoneNumberSubmitted") &&
           event_add(tx, EVENT_ANSWERED, port->sid, number->sid, at + CLOCK_DAY);
}

static bool ported(struct db_tx *tx, struct port *port, struct port_number *number, int64_t at)
{
    if (!text_is(number->status, "port_pending"))
        return db_ok(tx);
    struct scenario scenario = number_scenario(number);
    if (scenario.dropped)
        return number_set(tx, port, number, "canceled", false, at, "PortInPhoneNumberCanceled");
    number->inventory_at = at + scenario.inventory_hours * CLOCK_HOUR;
    return number_set(tx, port, number, "completed", false, at, "PortInPhoneNumberCompleted");
}

/* The cancellation is confirmed, or came too late and the number goes on as before. */
static bool canceled(struct db_tx *tx, struct port *port, struct port_number *number, int64_t at)
{
    if (!text_is(number->status, "canceling"))
        return db_ok(tx);
    bool was_submitted = text_is(number->before_canceling, "port_submitted");
    bool was_pending = text_is(number->before_canceling, "port_pending");
    number->before_canceling = TEXT_EMPTY;
    if (!number_scenario(number).late_cancel || (!was_submitted && !was_pending))
        return number_set(tx, port, number, "canceled", false, at, "PortInPhoneNumberCanceled");
    if (was_submitted)
        return number_set(tx, port, number, "port_submitted", true, at, "PortInPhoneNumberSubmitted") &&
               event_add(tx, EVENT_ANSWERED, port->sid, number->sid, at + CLOCK_HOUR);
    return number_set(tx, port, number, "port_pending", true, at, "PortInPhoneNumberPending") &&
           event_add(tx, EVENT_PORTED, port->sid, number->sid, number->port_at > at ? number->port_at : at);
}

static struct port_number *number_of(struct port *port, struct text sid)
{
    for (size_t i = 0; i < port->number_count; i++)
        if (text_equal(port->numbers[i].sid, sid))
            return &port->numbers[i];
    return NULL;
}

/* The port of the event before, as it stands after it: when a thousand numbers of one port are answered for at once, it is read once. */
struct at_work {
    struct port port;
    bool found;
};

/* Does what was due; the change counts as made at the event's own instant. */
static bool event_do(struct db_tx *tx, const struct event *event, struct at_work *work)
{
    struct port *port = &work->port;
    db_exec(tx, "DELETE FROM event WHERE id = $1", DB_ARGS(db_int(event->id)));
    if (!work->found || !text_equal(port->sid, event->port_sid))
        port_load(tx, event->port_sid, db_arena(tx), port, &work->found);
    if (!work->found)
        return db_ok(tx);
    struct port_number *number = number_of(port, event->number_sid);
    int64_t at = event->due_at > port->changed_at ? event->due_at : port->changed_at;
    if (event->kind == EVENT_REVIEWED)
        reviewed(tx, port, at);
    else if (event->kind == EVENT_EXPIRED)
        expired(tx, port, at);
    else if (number && event->kind == EVENT_ANSWERED)
        answered(tx, port, number, at);
    else if (number && event->kind == EVENT_REDATED)
        redated(tx, port, number, at);
    else if (number && event->kind == EVENT_PORTED)
        ported(tx, port, number, at);
    else if (number && event->kind == EVENT_CANCELED)
        canceled(tx, port, number, at);
    failpoint("sandbox-in-event");
    return roll_up(tx, port, at);
}

static bool conflict(struct db_tx *tx)
{
    struct problem problem = {0};
    problem_set(&problem, PROBLEM_CONFLICT, WORD_sandbox_sign_not_waiting, NULL, NULL, NULL);
    return db_fail(tx, &problem);
}

/* The losing carrier has it, and answers when its scenario says, or never. */
static bool await_answer(
    struct db_tx *tx, const struct port *port, const struct port_number *number, int64_t at)
{
    int days = number_scenario(number).answer_days;
    if (days == SCENARIO_NEVER)
        return db_ok(tx);
    return event_add(tx, EVENT_ANSWERED, port->sid, number->sid, at + (days ? days : 1) * CLOCK_DAY);
}

bool machine_sign(struct db_tx *tx, const struct port *given, struct text signature, struct text ip,
    struct text pdf, int64_t at)
{
    struct port port;
    bool found = false;
    if (!port_load(tx, given->sid, db_arena(tx), &port, &found))
        return false;
    bool waiting = false;
    for (size_t i = 0; i < port.number_count; i++)
        waiting |= port.numbers[i].is_open && text_is(port.numbers[i].status, "waiting_for_signature");
    if (!waiting || port.signed_at || !port.letter_at || at >= port.expires_at)
        return conflict(tx);
    db_exec(tx,
        "UPDATE port SET signature = $2, signed_at = $3, signed_ip = $4, letter_pdf = $5 WHERE sid = $1",
        DB_ARGS(db_text(port.sid), db_text(signature), db_int(at), db_text(ip), db_bytes(pdf)));
    db_exec(tx, "DELETE FROM event WHERE port_sid = $1 AND kind = 'expired'", DB_ARGS(db_text(port.sid)));
    for (size_t i = 0; i < port.number_count; i++) {
        struct port_number *number = &port.numbers[i];
        if (!number->is_open || !text_is(number->status, "waiting_for_signature"))
            continue;
        number_set(tx, &port, number, "port_submitted", true, at, "PortInPhoneNumberSubmitted");
        await_answer(tx, &port, number, at);
    }
    struct text copies[PORT_EMAILS_MAX + 1];
    size_t count = port_copies(&port, db_arena(tx), copies);
    for (size_t i = 0; i < count; i++)
        delivery_add_mail(tx, "mail_signed", port.sid, copies[i], at);
    return roll_up(tx, &port, at);
}

bool machine_decline(struct db_tx *tx, const struct port *given, struct text reason, int64_t at)
{
    struct port port;
    bool found = false;
    if (!port_load(tx, given->sid, db_arena(tx), &port, &found))
        return false;
    if (!text_is(port.status, "Waiting for Signature") || port.signed_at || at >= port.expires_at)
        return conflict(tx);
    db_exec(tx, "UPDATE port SET declined_at = $2, cancel_reason = $3 WHERE sid = $1",
        DB_ARGS(db_text(port.sid), db_int(at), db_text(reason)));
    db_exec(tx, "DELETE FROM event WHERE port_sid = $1", DB_ARGS(db_text(port.sid)));
    for (size_t i = 0; i < port.number_count; i++)
        if (port.numbers[i].is_open)
            number_set(tx, &port, &port.numbers[i], "canceled", false, at, "PortInPhoneNumberCanceled");
    return roll_up(tx, &port, at);
}

bool machine_cancel(
    struct db_tx *tx, const struct port *given, struct text number_sid, int64_t at, int64_t *ret_count)
{
    struct port port;
    bool found = false;
    *ret_count = 0;
    if (!port_load(tx, given->sid, db_arena(tx), &port, &found) || !found)
        return db_ok(tx);
    for (size_t i = 0; i < port.number_count; i++) {
        struct port_number *number = &port.numbers[i];
        if (!number->is_open || (number_sid.len && !text_equal(number->sid, number_sid)))
            continue;
        (*ret_count)++;
        if (text_is(number->status, "canceling"))
            continue;
        db_exec(tx, "DELETE FROM event WHERE number_sid = $1", DB_ARGS(db_text(number->sid)));
        number->before_canceling = number->status;
        number_set(tx, &port, number, "canceling", true, at, NULL);
        event_add(tx, EVENT_CANCELED, port.sid, number->sid, at + CANCEL_US);
    }
    if (*ret_count && !number_sid.len)
        db_exec(tx, "UPDATE port SET cancel_reason = $2 WHERE sid = $1",
            DB_ARGS(db_text(port.sid), db_text(TEXT("Canceled by customer"))));
    return roll_up(tx, &port, at);
}

bool machine_set_verdict(
    struct db_tx *tx, const struct port *port, struct text e164, struct text reason, int64_t *ret_count)
{
    return db_exec_changed(tx,
        "UPDATE port_number SET verdict = $2 WHERE port_sid = $1 AND ($3 = '' OR e164 = $3) AND status IN"
        " ('in_review', 'waiting_for_signature', 'port_submitted')",
        DB_ARGS(db_text(port->sid), db_text_or_null(reason), db_text(e164)), ret_count);
}

bool machine_hurry(struct db_tx *tx, struct text port_sid, bool expiry, int64_t now, int64_t *ret_count)
{
    struct db_value wanted = db_int(expiry);
    int64_t due =
        db_number(tx, "SELECT MIN(due_at) FROM event WHERE port_sid = $1 AND (kind = 'expired') = ($2 = 1)",
            DB_ARGS(db_text(port_sid), wanted), 0);
    *ret_count = 0;
    return db_exec_changed(tx,
        "UPDATE event SET due_at = CASE WHEN due_at < $3 THEN due_at ELSE $3 END WHERE port_sid = $1 AND"
        " (kind = 'expired') = ($2 = 1) AND due_at = $4",
        DB_ARGS(db_text(port_sid), wanted, db_int(now), db_int(due)), ret_count);
}

static bool event_first_due(struct db_tx *tx, int64_t now, struct arena *arena, struct event *ret)
{
    DB_ROWS rows = db_query(tx,
        "SELECT id, due_at, kind, port_sid, number_sid FROM event WHERE due_at <= $1 ORDER BY due_at, id"
        " LIMIT 1",
        DB_ARGS(db_int(now)));
    if (!db_next(rows))
        return false;
    *ret = (struct event){.id = db_col_int(rows, 0),
        .due_at = db_col_int(rows, 1),
        .kind = EVENT_KINDS,
        .port_sid = db_col_copy(rows, 3, arena),
        .number_sid = db_col_copy(rows, 4, arena)};
    event_kind_of(db_col_text(rows, 2), &ret->kind);
    return true;
}

bool machine_work(struct db_tx *tx, int64_t now, size_t max, size_t *ret_done)
{
    struct event event;
    struct at_work work = {.found = false};
    *ret_done = 0;
    while (*ret_done < max && event_first_due(tx, now, db_arena(tx), &event)) {
        if (!event_do(tx, &event, &work))
            return false;
        (*ret_done)++;
    }
    return db_ok(tx);
}

/* ---- Jumps ---- */

static const struct {
    const char *status, *event;
    bool is_open;
} number_statuses[] = {
    {"in_review", NULL, true},
    {"waiting_for_signature", "PortInPhoneNumberWaitingForSignature", true},
    {"port_submitted", "PortInPhoneNumberSubmitted", true},
    {"port_pending", "PortInPhoneNumberPending", true},
    {"port_rejected", "PortInPhoneNumberRejected", true},
    {"canceling", NULL, true},
    {"completed", "PortInPhoneNumberCompleted", false},
    {"canceled", "PortInPhoneNumberCanceled", false},
};
#define NUMBER_STATUSES (sizeof number_statuses / sizeof number_statuses[0])

static size_t status_index(struct text status)
{
    size_t i = 0;
    while (i < NUMBER_STATUSES && !text_is(status, number_statuses[i].status))
        i++;
    return i;
}

bool machine_knows(struct text status)
{
    return status_index(status) < NUMBER_STATUSES;
}

/* What comes next of a number that has jumped. */
static bool await_next(
    struct db_tx *tx, const struct port *port, const struct port_number *number, int64_t at)
{
    if (text_is(number->status, "port_submitted"))
        return await_answer(tx, port, number, at);
    if (text_is(number->status, "port_pending"))
        return event_add(
            tx, EVENT_PORTED, port->sid, number->sid, number->port_at > at ? number->port_at : at);
    if (text_is(number->status, "canceling"))
        return event_add(tx, EVENT_CANCELED, port->sid, number->sid, at + CANCEL_US);
    return db_ok(tx);
}

static bool jump_one(struct db_tx *tx, struct port *port, struct port_number *number, size_t to,
    struct text reason, int64_t at)
{
    bool canceling = text_is(text_from(number_statuses[to].status), "canceling");
    db_exec(tx, "DELETE FROM event WHERE number_sid = $1", DB_ARGS(db_text(number->sid)));
    if (canceling && !text_is(number->status, "canceling"))
        number->before_canceling = number->status;
    number->status = text_from(number_statuses[to].status);
    number->rejection = text_is(number->status, "port_rejected") ? reason : TEXT_EMPTY;
    if (text_is(number->status, "port_pending"))
        number->port_at = machine_firm_date(port->target_date, at);
    else if (!canceling && number_statuses[to].is_open)
        number->port_at = 0;
    if (text_is(number->status, "completed"))
        number->inventory_at = at + number_scenario(number).inventory_hours * CLOCK_HOUR;
    return number_set(tx, port, number, number_statuses[to].status, number_statuses[to].is_open, at,
               number_statuses[to].event) &&
           await_next(tx, port, number, at);
}

/* The letter and the review are the whole port's: after a jump they stand as its numbers want it. */
static bool settle_letter(struct db_tx *tx, struct port *port, int64_t at)
{
    bool review = false, waiting = false;
    for (size_t i = 0; i < port->number_count; i++) {
        review |= text_is(port->numbers[i].status, "in_review");
        waiting |= port->numbers[i].is_open && text_is(port->numbers[i].status, "waiting_for_signature");
    }
    db_exec(tx, "DELETE FROM event WHERE port_sid = $1 AND number_sid IS NULL", DB_ARGS(db_text(port->sid)));
    if (review)
        event_add(tx, EVENT_REVIEWED, port->sid, TEXT_EMPTY, at + REVIEW_US);
    if (!waiting)
        return db_ok(tx);
    /* A new letter, unsigned, under the same link. */
    db_exec(tx,
        "UPDATE port SET signature = NULL, signed_at = NULL, signed_ip = NULL, letter_pdf = NULL WHERE sid ="
        " $1",
        DB_ARGS(db_text(port->sid)));
    port->signed_at = 0;
    return send_letter(tx, port, at);
}

bool machine_jump(struct db_tx *tx, struct text port_sid, struct text e164, struct text status,
    struct text reason, int64_t at, bool *ret_done)
{
    struct port port;
    bool found = false;
    size_t to = status_index(status);
    *ret_done = false;
    if (to == NUMBER_STATUSES || !port_load(tx, port_sid, db_arena(tx), &port, &found) || !found)
        return db_ok(tx);
    at = at > port.changed_at ? at : port.changed_at;
    for (size_t i = 0; i < port.number_count; i++) {
        struct port_number *number = &port.numbers[i];
        if (!number->is_open || (e164.len && !text_equal(number->e164, e164)))
            continue;
        *ret_done = true;
        jump_one(tx, &port, number, to, reason.len ? reason : TEXT("CONTACT_SUPPORT_REQUIRED"), at);
    }
    if (*ret_done)
        settle_letter(tx, &port, at);
    return roll_up(tx, &port, at);
}
