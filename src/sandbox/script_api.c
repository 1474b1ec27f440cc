/* The control API of scenarios and faults: JSON for programs that test. */
#include "net/header_param.h"
#include "sandbox/app.h"
#include "sandbox/machine.h"
#include "sandbox/script.h"

#define JOURNAL_MAX 1000 /* faults that one answer tells */

static void refuse(struct exchange *exchange, int status, struct text why)
{
    JSON_CLEANUP json = json_object();
    json_put_text(json, "problem", why);
    answer_json(exchange, status, json);
}

static void refuse_problem(struct exchange *exchange, const struct problem *problem)
{
    struct text detail = text_from(problem->detail);
    bool shown = problem->kind != PROBLEM_INTERNAL && detail.len && text_is_utf8(detail);
    refuse(exchange, problem_status(problem->kind), shown ? detail : TEXT("the request could not be taken"));
}

/* A page of another site can send a form, but no JSON. */
static bool is_json(struct exchange *exchange)
{
    struct text type = http_header(exchange->request, "Content-Type");
    if (text_equal_nocase(header_main(&type), TEXT("application/json")))
        return true;
    refuse(exchange, 415, TEXT("send application/json"));
    return false;
}

/* ---- The table ---- */

static json_t *scenario_json(struct exchange *exchange, const struct scenario *scenario)
{
    json_t *json = script_scenario_json(scenario);
    json_put_text(json, "said", scenario_said(exchange->arena, scenario));
    return json;
}

void control_scenarios(struct exchange *exchange)
{
    JSON_CLEANUP json = json_object();
    json_t *list = json_array(), *faults = json_array();
    for (size_t i = 0; i < scenario_count; i++)
        json_array_append_new(list, scenario_json(exchange, &scenarios[i]));
    for (size_t i = 0; i < fault_numbers_count; i++) {
        json_t *rule = script_rule_json(&fault_numbers[i]);
        json_put_text(rule, "said", fault_said(exchange->arena, &fault_numbers[i]));
        json_array_append_new(faults, rule);
    }
    json_object_set_new(json, "scenarios", list);
    json_object_set_new(json, "faults", faults);
    answer_json(exchange, 200, json);
}

/* ---- The script ---- */

void control_script(struct exchange *exchange)
{
    struct problem problem = {0};
    if (!is_json(exchange))
        return;
    if (!script_run(exchange->sandbox, exchange->request->body, &problem)) {
        refuse_problem(exchange, &problem);
        return;
    }
    exchange->response->status = 204;
}

struct journal {
    struct exchange *exchange;
    json_t *faults;
    int64_t after, total;
};

static bool read_journal(struct db_tx *tx, void *context)
{
    struct journal *journal = context;
    json_array_clear(journal->faults);
    journal->total = db_number(tx, "SELECT COUNT(*) FROM fault", DB_NO_ARGS, 0);
    DB_ROWS rows = db_query(tx, "SELECT id, at, body FROM fault WHERE id > $1 ORDER BY id LIMIT $2",
        DB_ARGS(db_int(journal->after), db_int(JOURNAL_MAX)));
    while (db_next(rows)) {
        json_t *rule = NULL, *fault = json_object();
        json_put_i64(fault, "id", db_col_int(rows, 0));
        json_put_text(fault, "date", instant_iso(journal->exchange->arena, db_col_int(rows, 1)));
        if (json_parse(db_col_text(rows, 2), SCRIPT_BYTES_MAX, &rule, NULL))
            json_object_set_new(fault, "fault", rule);
        json_array_append_new(journal->faults, fault);
    }
    return db_ok(tx);
}

/* The faults that were made, the oldest first, from after the one with the id `after`; each with the rule that makes it again. */
void control_faults(struct exchange *exchange)
{
    struct problem problem = {0};
    JSON_CLEANUP json = json_object();
    struct journal journal = {.exchange = exchange, .faults = json_array()};
    json_object_set_new(json, "faults", journal.faults);
    struct text after = http_query(exchange->request, "after");
    if (after.len && !text_to_i64(after, 0, INT64_MAX, &journal.after))
        refuse(exchange, 422, TEXT("after is the id of a fault"));
    else if (!db_read(exchange->sandbox->db, read_journal, &journal, &problem))
        refuse_problem(exchange, &problem);
    else {
        json_put_i64(json, "count", journal.total);
        answer_json(exchange, 200, json);
    }
}

/* ---- A jump ---- */

struct jump {
    struct exchange *exchange;
    struct text e164, status, reason;
    int64_t now;
    bool done;
};

static bool jump(struct db_tx *tx, void *context)
{
    struct jump *jump = context;
    return machine_jump(
        tx, jump->exchange->params[0], jump->e164, jump->status, jump->reason, jump->now, &jump->done);
}

/* Puts a number of a port, or all of them, into a status, forward or back: {"status": "port_rejected", "phone_number": "+1...",
 * "reason": "INVALID_PIN"}. */
void control_jump(struct exchange *exchange)
{
    struct problem problem = {0};
    JSON_CLEANUP json = NULL;
    struct jump asked = {.exchange = exchange, .now = clock_now(exchange->sandbox->clock)};
    if (!is_json(exchange))
        return;
    if (!json_parse(exchange->request->body, 4096, &json, &problem) || !json_is_object(json) ||
        !json_get_text(json, "phone_number", 16, &asked.e164, &problem) ||
        !json_get_text(json, "status", 64, &asked.status, &problem) ||
        !json_get_text(json, "reason", SCENARIO_REASON_MAX, &asked.reason, &problem))
        refuse(exchange, 400,
            TEXT("a JSON object with status, and phone_number and reason if wanted, is needed"));
    else if (!machine_knows(asked.status))
        refuse(exchange, 422, TEXT("status is none of a number at Twilio"));
    else if (!db_write(exchange->sandbox->db, jump, &asked, &problem))
        refuse_problem(exchange, &problem);
    else if (!asked.done)
        refuse(exchange, 409, TEXT("no open number of that port"));
    else {
        sandbox_wake_all(exchange->sandbox);
        exchange->response->status = 204;
    }
}
