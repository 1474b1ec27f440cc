/* The control API: JSON calls by which tests make things happen. Each answers when what it asked for is done, so that whoever
 * calls need not wait. It is described in docs/sandbox.md. */
#include "sandbox/control.h"
#include "sandbox/scenario.h"
#include "sandbox/signing.h"

#define BODY_MAX ((size_t)16 * 1024)
#define EVENTS_A_TIME 50
#define STEPS_MAX 50

struct change {
    struct exchange *exchange;
    struct arena *arena;
    struct shown shown;
    bool found;
    int64_t now, count;
    bool expiry;
    struct text reason, e164;
};

static void refuse(struct exchange *exchange, int status, int code, const char *message)
{
    api_error(exchange, status, code, "%s", message);
}

/* The body's object; an empty body is an empty object. The caller releases it. */
static json_t *body_of(struct exchange *exchange)
{
    json_t *body = NULL;
    struct text bytes = exchange->request->body;
    if (!bytes.len)
        return json_object();
    if (json_parse(bytes, BODY_MAX, &body, NULL) && json_is_object(body))
        return body;
    json_decref(body);
    refuse(exchange, 400, 20001, "The body is not a JSON object");
    return NULL;
}

static bool load(struct db_tx *tx, void *context)
{
    struct change *change = context;
    return control_load(tx, change->exchange->params[0], change->arena, &change->shown, &change->found);
}

/* Answers with the port as it stands now. */
static void answer_port(struct change *change)
{
    struct exchange *exchange = change->exchange;
    struct problem problem = {0};
    if (!db_read(exchange->sandbox->db, load, change, &problem)) {
        api_problem(exchange, &problem);
    } else if (!change->found) {
        api_not_found(exchange);
    } else {
        JSON_CLEANUP json = control_port_json(exchange, &change->shown, change->arena);
        answer_json(exchange, 200, json);
    }
}

void control_port(struct exchange *exchange)
{
    ARENA_CLEANUP arena = arena_new(CONTROL_ARENA);
    struct change change = {.exchange = exchange, .arena = arena};
    answer_port(&change);
}

struct round {
    int64_t now;
    size_t done;
};

static bool do_events(struct db_tx *tx, void *context)
{
    struct round *round = context;
    return machine_work(tx, round->now, EVENTS_A_TIME, &round->done);
}

/* Does what is due, to the last. Some at a time: a thousand numbers that answer at once are no reason for a transaction without
 * end. */
static bool settle(struct exchange *exchange, int64_t now, struct problem *problem)
{
    struct round round = {.now = now, .done = 1};
    while (round.done)
        if (!db_write(exchange->sandbox->db, do_events, &round, problem))
            return false;
    sandbox_wake_all(exchange->sandbox);
    return true;
}

static bool hurry(struct db_tx *tx, void *context)
{
    struct change *change = context;
    return machine_hurry(tx, change->exchange->params[0], change->expiry, change->now, &change->count);
}

/* Lets the next steps of the address's port happen, or its letter run out. */
static void take_steps(struct exchange *exchange, int64_t steps, bool expiry)
{
    ARENA_CLEANUP arena = arena_new(CONTROL_ARENA);
    struct problem problem = {0};
    struct change change = {
        .exchange = exchange, .arena = arena, .expiry = expiry, .now = clock_now(exchange->sandbox->clock)};
    int64_t taken = 0;
    for (; taken < steps; taken++) {
        if (!db_write(exchange->sandbox->db, hurry, &change, &problem) ||
            !settle(exchange, change.now, &problem)) {
            api_problem(exchange, &problem);
            return;
        }
        if (!change.count)
            break;
    }
    if (taken)
        answer_port(&change);
    else
        refuse(exchange, 409, 20409, "Nothing of this port is due that could come sooner");
}

void control_advance(struct exchange *exchange)
{
    JSON_CLEANUP body = body_of(exchange);
    int64_t steps = 1;
    if (!body)
        return;
    if (json_get_i64(body, "steps", 1, STEPS_MAX, 1, &steps, NULL))
        take_steps(exchange, steps, false);
    else
        refuse(exchange, 400, 20001, "steps must be a number from 1 to 50");
}

void control_expire(struct exchange *exchange)
{
    take_steps(exchange, 1, true);
}

/* How far to move, from `advance_seconds` or `to`; false when neither makes sense. */
static bool read_move(struct exchange *exchange, const json_t *body, int64_t *ret_us)
{
    struct text to = TEXT_EMPTY;
    int64_t seconds = 0, until = 0, now = clock_now(exchange->sandbox->clock);
    if (!json_get_i64(body, "advance_seconds", 0, CONTROL_ADVANCE_MAX, 0, &seconds, NULL) ||
        !json_get_text(body, "to", 40, &to, NULL) || (to.len && seconds))
        return false;
    *ret_us = seconds * CLOCK_SECOND;
    if (!to.len)
        return true;
    if (!instant_parse(to, &until) || until < now || until > now + CONTROL_ADVANCE_MAX * CLOCK_SECOND)
        return false;
    *ret_us = until - now;
    return true;
}

void control_clock(struct exchange *exchange)
{
    JSON_CLEANUP body = body_of(exchange);
    struct clock *clock = exchange->sandbox->clock;
    struct problem problem = {0};
    int64_t speed = 0, move = 0;
    if (!body)
        return;
    if (!json_get_i64(body, "speed", 0, CONTROL_SPEED_MAX, clock_speed(clock), &speed, NULL) ||
        !read_move(exchange, body, &move)) {
        refuse(exchange, 400, 20001,
            "Give speed (0 to 1000000), advance_seconds (at most 31536000) or to (an instant within a year)");
        return;
    }
    clock_set_speed(clock, (uint32_t)speed);
    clock_advance(clock, move);
    int64_t now = clock_now(clock);
    if (!settle(exchange, now, &problem)) {
        api_problem(exchange, &problem);
        return;
    }
    JSON_CLEANUP json = json_object();
    json_put_text(json, "now", instant_iso(exchange->arena, now));
    json_put_i64(json, "speed", speed);
    answer_json(exchange, 200, json);
}

/* The letter of the port that the address names, as its signing link would open it; answers itself when there is none. */
static bool open_letter(struct change *change, struct signing *signing)
{
    struct exchange *exchange = change->exchange;
    struct problem problem = {0};
    *signing = (struct signing){.exchange = exchange, .at = clock_now(exchange->sandbox->clock)};
    if (!db_read(exchange->sandbox->db, load, change, &problem)) {
        api_problem(exchange, &problem);
        return false;
    }
    if (!change->found)
        api_not_found(exchange);
    signing->port = change->shown.port;
    return change->found;
}

static void answer_letter(struct change *change, bool done, const struct problem *problem)
{
    if (done)
        answer_port(change);
    else if (problem->kind == PROBLEM_CONFLICT)
        refuse(change->exchange, 409, 20409, "The letter does not wait to be signed");
    else
        api_problem(change->exchange, problem);
}

void control_sign(struct exchange *exchange)
{
    JSON_CLEANUP body = body_of(exchange);
    ARENA_CLEANUP arena = arena_new(CONTROL_ARENA);
    struct change change = {.exchange = exchange, .arena = arena};
    struct signing signing;
    struct drawing drawing = {.count = 0};
    struct problem problem = {0};
    struct text name = TEXT_EMPTY;
    if (!body || !open_letter(&change, &signing))
        return;
    if (!json_get_text(body, "name", SANDBOX_TEXT_MAX, &name, NULL) ||
        (name.len && signing_name_error(exchange, text_trim(name)).len)) {
        refuse(exchange, 400, 20001, "name must be a text of at most 100 characters");
        return;
    }
    name = name.len ? text_trim(name) : signing.port.representative;
    answer_letter(&change, signing_sign(&signing, name, &drawing, &problem), &problem);
}

void control_decline(struct exchange *exchange)
{
    JSON_CLEANUP body = body_of(exchange);
    ARENA_CLEANUP arena = arena_new(CONTROL_ARENA);
    struct change change = {.exchange = exchange, .arena = arena};
    struct signing signing;
    struct problem problem = {0};
    struct text reason = TEXT_EMPTY;
    if (!body || !open_letter(&change, &signing))
        return;
    if (!json_get_text(body, "reason", DECLINE_REASON_MAX, &reason, NULL)) {
        refuse(exchange, 400, 20001, "reason must be a text of at most 500 bytes");
        return;
    }
    answer_letter(&change, signing_decline(&signing, reason, &problem), &problem);
}

static bool set_verdict(struct db_tx *tx, void *context)
{
    struct change *change = context;
    if (!load(tx, change) || !change->found)
        return db_ok(tx);
    return machine_set_verdict(tx, &change->shown.port, change->e164, change->reason, &change->count);
}

void control_answer(struct exchange *exchange)
{
    JSON_CLEANUP body = body_of(exchange);
    ARENA_CLEANUP arena = arena_new(CONTROL_ARENA);
    struct problem problem = {0};
    struct change change = {.exchange = exchange, .arena = arena};
    if (!body)
        return;
    if (!json_get_text(body, "phone_number", SANDBOX_TEXT_MAX, &change.e164, NULL))
        refuse(exchange, 400, 20001, "phone_number must be one of the port's numbers");
    else if (!json_get_text(body, "reason", SANDBOX_TEXT_MAX, &change.reason, NULL) ||
             (change.reason.len && !rejection_code(change.reason)))
        refuse(exchange, 400, 20001, "reason must be null or one of Twilio's rejection reasons");
    else if (!db_write(exchange->sandbox->db, set_verdict, &change, &problem))
        api_problem(exchange, &problem);
    else if (change.found && !change.count)
        refuse(
            exchange, 409, 20409, "The losing carrier has answered already, or the port has no such number");
    else
        answer_port(&change);
}

static bool remove_everything(struct db_tx *tx, void *context)
{
    (void)context;
    static const char *const statements[] = {"DELETE FROM delivery", "DELETE FROM event",
        "DELETE FROM port_document", "DELETE FROM port_number", "DELETE FROM port", "DELETE FROM document",
        "DELETE FROM address", "DELETE FROM signing_configuration", "DELETE FROM webhook",
        "DELETE FROM counter", "DELETE FROM mail", "DELETE FROM fault", "DELETE FROM fault_pass"};
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
        db_exec(tx, statements[i], DB_NO_ARGS);
    return db_ok(tx);
}

void control_reset(struct exchange *exchange)
{
    struct problem problem = {0};
    if (db_write(exchange->sandbox->db, remove_everything, NULL, &problem))
        exchange->response->status = 204;
    else
        api_problem(exchange, &problem);
}
