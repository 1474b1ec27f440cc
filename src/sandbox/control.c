/* The control page: what stands where, the shared clock, and what can be made to happen. */
#include "sandbox/control.h"
#include "sandbox/fault.h"
#include "sandbox/letter.h"
#include "sandbox/scenario.h"
#include "sandbox_pages.gen.h"

#define PORTS_SHOWN 50
#define NUMBERS_SHOWN 20
#define PORTS_TOLD 500    /* in the JSON */
#define NUMBERS_READ 5000 /* of all ports in one answer; older ports are left out */

static const struct {
    const char *name;
    enum word label;
} counters[] = {
    {"creates", WORD_sandbox_counter_creates},
    {"duplicates", WORD_sandbox_counter_duplicates},
    {"refused", WORD_sandbox_counter_refused},
    {"documents", WORD_sandbox_counter_documents},
    {"webhooks_sent", WORD_sandbox_counter_webhooks_sent},
    {"webhooks_failed", WORD_sandbox_counter_webhooks_failed},
    {"mails_sent", WORD_sandbox_counter_mails_sent},
    {"mails_failed", WORD_sandbox_counter_mails_failed},
    {"unauthorized", WORD_sandbox_counter_unauthorized},
};
#define COUNTERS (sizeof counters / sizeof counters[0])

static const struct {
    int64_t speed;
    enum word label;
} speeds[] = {
    {1, WORD_sandbox_speed_1},
    {60, WORD_sandbox_speed_60},
    {3600, WORD_sandbox_speed_3600},
    {86400, WORD_sandbox_speed_86400},
};
#define SPEEDS (sizeof speeds / sizeof speeds[0])

static const struct {
    const char *status, *pill, *icon;
} pills[] = {
    {"In review", "tone-info", "review"},
    {"Waiting for Signature", "tone-sign", "pen"},
    {"In progress", "tone-info", "half"},
    {"Completed", "tone-good", "done"},
    {"Action Required", "solid", "alert"},
    {"Canceled", "", "stopped"},
    {"Expired", "", "hourglass"},
};

struct overview {
    struct arena *arena;
    size_t max;
    struct shown *ports;
    size_t count;
    int64_t total, waiting_deliveries;
    int64_t values[COUNTERS];
    struct text webhook;
};

static void read_next(struct db_tx *tx, struct shown *shown)
{
    DB_ROWS rows =
        db_query(tx, "SELECT kind, due_at FROM event WHERE port_sid = $1 ORDER BY due_at DESC, id DESC",
            DB_ARGS(db_text(shown->port.sid)));
    while (db_next(rows)) {
        enum event_kind kind = EVENT_EXPIRED;
        event_kind_of(db_col_text(rows, 0), &kind);
        if (kind == EVENT_EXPIRED) {
            shown->has_expiry = true;
            continue;
        }
        shown->has_next = true;
        shown->next = kind;
        shown->next_due = db_col_int(rows, 1);
    }
}

bool control_load(struct db_tx *tx, struct text sid, struct arena *arena, struct shown *ret, bool *ret_found)
{
    *ret = (struct shown){.next = EVENT_KINDS};
    if (port_load(tx, sid, arena, &ret->port, ret_found) && *ret_found)
        read_next(tx, ret);
    return db_ok(tx);
}

static void read_counters(struct db_tx *tx, struct overview *overview)
{
    for (size_t i = 0; i < COUNTERS; i++)
        overview->values[i] = db_number(tx, "SELECT value FROM counter WHERE name = $1",
            DB_ARGS(db_text(text_from(counters[i].name))), 0);
    overview->waiting_deliveries =
        db_number(tx, "SELECT COUNT(*) FROM delivery WHERE state = 'waiting'", DB_NO_ARGS, 0);
    DB_ROWS rows = db_query(tx, "SELECT url FROM webhook WHERE type = 'PORT_IN'", DB_NO_ARGS);
    if (db_next(rows))
        overview->webhook = db_col_copy(rows, 0, overview->arena);
}

static bool read_overview(struct db_tx *tx, void *context)
{
    struct overview *overview = context;
    overview->count = 0;
    overview->total = db_number(tx, "SELECT COUNT(*) FROM port", DB_NO_ARGS, 0);
    struct text *sids = ARENA_ARRAY(overview->arena, struct text, overview->max);
    size_t sid_count = 0, numbers = 0;
    {
        DB_ROWS rows = db_query(tx, "SELECT sid FROM port ORDER BY position DESC", DB_NO_ARGS);
        while (sid_count < overview->max && db_next(rows))
            sids[sid_count++] = db_col_copy(rows, 0, overview->arena);
    }
    for (size_t i = 0; i < sid_count && numbers < NUMBERS_READ; i++) {
        struct shown *shown = &overview->ports[overview->count];
        bool found = false;
        if (control_load(tx, sids[i], overview->arena, shown, &found) && found) {
            overview->count++;
            numbers += shown->port.number_count;
        }
    }
    read_counters(tx, overview);
    return db_ok(tx);
}

static bool fetch(struct exchange *exchange, struct overview *overview)
{
    struct problem problem = {0};
    overview->ports = ARENA_ARRAY(overview->arena, struct shown, overview->max);
    if (db_read(exchange->sandbox->db, read_overview, overview, &problem))
        return true;
    answer_problem(exchange, &problem);
    return false;
}

static struct text when_of(struct exchange *exchange, int64_t us)
{
    return instant_short(exchange->arena, us, clock_now(exchange->sandbox->clock), TEXT("America/New_York"));
}

static struct text number_detail(struct exchange *exchange, const struct port_number *number)
{
    if (!number->portable)
        return number->reason;
    if (text_is(number->status, "port_rejected"))
        return number->rejection;
    if (text_is(number->status, "port_pending"))
        return words_say(exchange->arena, LANGUAGE_EN, WORD_sandbox_detail_firm,
            WORD_ARGS(WORD_TEXT("date", when_of(exchange, number->port_at))));
    if (number->is_open && number->verdict.len && !text_is(number->status, "canceling"))
        return words_say(exchange->arena, LANGUAGE_EN, WORD_sandbox_detail_will_refuse,
            WORD_ARGS(WORD_TEXT("reason", number->verdict)));
    return TEXT_EMPTY;
}

/* The reasons to choose from; the one that stands for all open numbers is chosen. */
static struct view_choice *choices(const struct port *port, struct arena *arena, size_t *ret_count)
{
    struct text chosen = port->number_count ? port->numbers[0].verdict : TEXT_EMPTY;
    size_t count = 0;
    while (rejection_reasons[count])
        count++;
    struct view_choice *list = ARENA_ARRAY(arena, struct view_choice, count);
    for (size_t i = 0; i < count; i++)
        list[i] = (struct view_choice){
            .value = text_from(rejection_reasons[i]), .chosen = text_is(chosen, rejection_reasons[i])};
    *ret_count = count;
    return list;
}

static bool answer_open(const struct port *port)
{
    for (size_t i = 0; i < port->number_count; i++) {
        struct text status = port->numbers[i].status;
        if (port->numbers[i].is_open &&
            (text_is(status, "in_review") || text_is(status, "waiting_for_signature") ||
                text_is(status, "port_submitted")))
            return true;
    }
    return false;
}

static struct view_port port_view(struct exchange *exchange, const struct shown *shown, struct arena *arena)
{
    const struct port *port = &shown->port;
    struct view_number *numbers = ARENA_ARRAY(arena, struct view_number, NUMBERS_SHOWN);
    size_t count = port->number_count < NUMBERS_SHOWN ? port->number_count : NUMBERS_SHOWN;
    for (size_t i = 0; i < count; i++)
        numbers[i] = (struct view_number){.e164 = port->numbers[i].e164,
            .status = port->numbers[i].status,
            .detail = number_detail(exchange, &port->numbers[i])};
    struct view_port view = {.sid = port->sid,
        .customer = port->customer_name,
        .status = port->status,
        .icon = TEXT("info"),
        .has_next = shown->has_next,
        .next = shown->has_next ? event_word(shown->next) : WORD_NONE,
        .next_due = shown->has_next ? when_of(exchange, shown->next_due) : TEXT_EMPTY,
        .can_expire = shown->has_expiry,
        .can_sign = shown->has_expiry,
        .expires = shown->has_expiry ? letter_date(arena, port->expires_at) : TEXT_EMPTY,
        .can_answer = answer_open(port),
        .next_action = url_pathf(arena, "/control/ports/%.*s/next", TEXT_ARG(port->sid)),
        .expire_action = url_pathf(arena, "/control/ports/%.*s/expire", TEXT_ARG(port->sid)),
        .verdict_action = url_pathf(arena, "/control/ports/%.*s/answer", TEXT_ARG(port->sid)),
        .sign = url_pathf(arena, "/sign/%.*s", TEXT_ARG(port->sign_token)),
        .numbers = numbers,
        .numbers_count = count,
        .more_numbers = (int64_t)(port->number_count - count)};
    view.verdicts = choices(port, arena, &view.verdicts_count);
    for (size_t i = 0; i < sizeof pills / sizeof pills[0]; i++)
        if (text_is(port->status, pills[i].status)) {
            view.pill = text_from(pills[i].pill);
            view.icon = text_from(pills[i].icon);
        }
    return view;
}

static struct text pattern_words(struct arena *arena, int by, const char *pattern)
{
    static const enum word forms[] = {[BY_NUMBER_END] = WORD_sandbox_by_number,
        [BY_PIN] = WORD_sandbox_by_pin,
        [BY_ACCOUNT_NUMBER] = WORD_sandbox_by_account,
        [BY_STREET] = WORD_sandbox_by_street,
        [BY_NAME] = WORD_sandbox_by_name};
    return words_say(arena, LANGUAGE_EN, forms[by], WORD_ARGS(WORD_TEXT("value", text_from(pattern))));
}

static void fill_tables(struct exchange *exchange, const struct overview *overview, struct view_control *view)
{
    struct arena *arena = overview->arena;
    uint32_t speed = clock_speed(exchange->sandbox->clock);
    struct view_counter *counted = ARENA_ARRAY(arena, struct view_counter, COUNTERS);
    for (size_t i = 0; i < COUNTERS; i++)
        counted[i] = (struct view_counter){.label = counters[i].label, .value = overview->values[i]};
    struct view_speed *offered = ARENA_ARRAY(arena, struct view_speed, SPEEDS);
    for (size_t i = 0; i < SPEEDS; i++)
        offered[i] = (struct view_speed){
            .speed = speeds[i].speed, .label = speeds[i].label, .chosen = speeds[i].speed == speed};
    struct view_scenario *told =
        ARENA_ARRAY(arena, struct view_scenario, scenario_count + fault_numbers_count);
    for (size_t i = 0; i < scenario_count; i++)
        told[i] = (struct view_scenario){.said = scenario_said(arena, &scenarios[i]),
            .pattern = pattern_words(arena, scenarios[i].by, scenarios[i].pattern)};
    for (size_t i = 0; i < fault_numbers_count; i++)
        told[scenario_count + i] = (struct view_scenario){.said = fault_said(arena, &fault_numbers[i]),
            .pattern = pattern_words(arena, BY_NUMBER_END, fault_numbers[i].number)};
    view->speed = speed;
    view->counters = counted;
    view->counters_count = COUNTERS;
    view->speeds = offered;
    view->speeds_count = SPEEDS;
    view->scenarios = told;
    view->scenarios_count = scenario_count + fault_numbers_count;
}

void page_control(struct exchange *exchange)
{
    ARENA_CLEANUP arena = arena_new(CONTROL_ARENA);
    struct overview overview = {.arena = arena, .max = PORTS_SHOWN};
    if (!fetch(exchange, &overview))
        return;
    struct view_port *ports = ARENA_ARRAY(arena, struct view_port, overview.count + 1);
    for (size_t i = 0; i < overview.count; i++)
        ports[i] = port_view(exchange, &overview.ports[i], arena);
    int64_t now = clock_now(exchange->sandbox->clock);
    struct view_control view = {.now = instant_short(arena, now, 0, TEXT("America/New_York")),
        .ports = ports,
        .ports_count = overview.count,
        .more_ports = overview.total - (int64_t)overview.count,
        .webhook = overview.webhook};
    fill_tables(exchange, &overview, &view);
    answer_page(exchange, 200, say(exchange, WORD_sandbox_control_title), true, false);
    control_page_write(&exchange->response->body, LANGUAGE_EN, &view);
    answer_page_end(exchange, true);
}

json_t *control_port_json(struct exchange *exchange, const struct shown *shown, struct arena *arena)
{
    json_t *json = port_json(exchange->sandbox, arena, &shown->port);
    json_text_or_null(
        json, "next_event", shown->has_next ? text_from(words_key(event_word(shown->next))) : TEXT_EMPTY);
    json_instant_or_null(json, "next_due", arena, shown->has_next ? shown->next_due : 0);
    json_text_or_null(json, "sign_url",
        shown->has_expiry ? port_sign_url(exchange->sandbox, arena, &shown->port) : TEXT_EMPTY);
    json_instant_or_null(json, "expires_at", arena, shown->port.expires_at);
    json_instant_or_null(json, "signed_at", arena, shown->port.signed_at);
    json_instant_or_null(json, "declined_at", arena, shown->port.declined_at);
    return json;
}

/* Everything that tests look at: the counters, the clock, and the ports, newest first. */
void control_state(struct exchange *exchange)
{
    ARENA_CLEANUP arena = arena_new(CONTROL_ARENA * 2);
    struct overview overview = {.arena = arena, .max = PORTS_TOLD};
    if (!fetch(exchange, &overview))
        return;
    JSON_CLEANUP json = json_object();
    for (size_t i = 0; i < COUNTERS; i++)
        json_put_i64(json, counters[i].name, overview.values[i]);
    json_put_i64(json, "deliveries_waiting", overview.waiting_deliveries);
    json_put_text(json, "now", instant_iso(arena, clock_now(exchange->sandbox->clock)));
    json_put_i64(json, "speed", clock_speed(exchange->sandbox->clock));
    json_put_i64(json, "ports_count", overview.total);
    json_text_or_null(json, "webhook_url", overview.webhook);
    json_t *ports = json_array();
    for (size_t i = 0; i < overview.count; i++)
        json_array_append_new(ports, control_port_json(exchange, &overview.ports[i], arena));
    json_object_set_new(json, "ports", ports);
    answer_json(exchange, 200, json);
}

static bool read_form(struct exchange *exchange, struct http_pair **ret, size_t *ret_count)
{
    if (form_parse(exchange->arena, exchange->request->body, ret, ret_count, NULL))
        return true;
    answer_message(exchange, 400, WORD_sandbox_message_title, WORD_sandbox_bad_form);
    return false;
}

void page_control_clock(struct exchange *exchange)
{
    struct http_pair *fields = NULL;
    size_t count = 0;
    uint64_t number = 0;
    if (!read_form(exchange, &fields, &count))
        return;
    struct text speed = form_get(fields, count, "speed"), advance = form_get(fields, count, "advance");
    if (speed.len && !advance.len && text_to_u64(speed, CONTROL_SPEED_MAX, &number))
        clock_set_speed(exchange->sandbox->clock, (uint32_t)number);
    else if (advance.len && !speed.len && text_to_u64(advance, CONTROL_ADVANCE_MAX, &number) && number)
        clock_advance(exchange->sandbox->clock, (int64_t)number * CLOCK_SECOND);
    else {
        answer_message(exchange, 422, WORD_sandbox_message_title, WORD_sandbox_clock_wrong);
        return;
    }
    sandbox_wake_all(exchange->sandbox);
    answer_see_other(exchange, TEXT("/control"));
}

struct change {
    struct exchange *exchange;
    bool expiry, found;
    struct text reason;
    int64_t now, count;
};

static bool hurry(struct db_tx *tx, void *context)
{
    struct change *change = context;
    return machine_hurry(tx, change->exchange->params[0], change->expiry, change->now, &change->count);
}

static void hurry_port(struct exchange *exchange, bool expiry)
{
    struct problem problem = {0};
    struct change change = {
        .exchange = exchange, .expiry = expiry, .now = clock_now(exchange->sandbox->clock)};
    if (!sid_ok(exchange->params[0], "KW")) {
        answer_message(exchange, 404, WORD_sandbox_message_title, WORD_sandbox_not_found);
    } else if (!db_write(exchange->sandbox->db, hurry, &change, &problem)) {
        answer_problem(exchange, &problem);
    } else if (!change.count) {
        answer_message(exchange, 409, WORD_sandbox_message_title, WORD_sandbox_nothing_due);
    } else {
        sandbox_wake_all(exchange->sandbox);
        answer_see_other(exchange, TEXT("/control"));
    }
}

void page_control_next(struct exchange *exchange)
{
    hurry_port(exchange, false);
}

void page_control_expire(struct exchange *exchange)
{
    hurry_port(exchange, true);
}

static bool set_verdict(struct db_tx *tx, void *context)
{
    struct change *change = context;
    struct port port;
    if (!port_load(tx, change->exchange->params[0], db_arena(tx), &port, &change->found) || !change->found)
        return db_ok(tx);
    return machine_set_verdict(tx, &port, TEXT_EMPTY, change->reason, &change->count);
}

void page_control_verdict(struct exchange *exchange)
{
    struct problem problem = {0};
    struct http_pair *fields = NULL;
    size_t count = 0;
    if (!read_form(exchange, &fields, &count))
        return;
    struct change change = {.exchange = exchange, .reason = form_get(fields, count, "reason")};
    if (change.reason.len && !rejection_code(change.reason))
        answer_message(exchange, 422, WORD_sandbox_message_title, WORD_sandbox_reason_wrong);
    else if (!db_write(exchange->sandbox->db, set_verdict, &change, &problem))
        answer_problem(exchange, &problem);
    else if (!change.found)
        answer_message(exchange, 404, WORD_sandbox_message_title, WORD_sandbox_not_found);
    else
        answer_see_other(exchange, TEXT("/control"));
}
