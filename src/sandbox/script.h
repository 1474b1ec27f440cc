/* A script: what the carriers do beside what the magic numbers say, and what goes wrong, as one JSON object:
 *
 *   {"seed": 7,
 *    "scenarios": [{"number_ends": "0777", "reject": "INVALID_PIN", "attempts": 1, "answer_days": 2}],
 *    "faults": [{"at": "create", "does": "silence", "effect": "after", "chance": 20},
 *               {"at": "webhook", "does": "lost", "number_ends": "0777", "nth": 3}]}
 *
 * All members may be left out; an unknown one is refused. docs/sandbox.md tells them all. One script runs at a time, is kept in the
 * database, and begins with an empty journal. */
#ifndef SANDBOX_SCRIPT_H
#define SANDBOX_SCRIPT_H

#include "sandbox/fault.h"
#include "sandbox/scenario.h"

#define SCRIPT_BYTES_MAX ((size_t)256 * 1024)
#define SCRIPT_SCENARIOS_MAX 100

struct script {
    uint64_t seed;
    struct scenario scenarios[SCRIPT_SCENARIOS_MAX];
    size_t scenario_count;
    struct fault_rule rules[FAULT_RULES_MAX];
    size_t rule_count;
};

/* Reads a script; hostile input. PROBLEM_INPUT or PROBLEM_SYNTAX with what is wrong in `detail`. *ret is untouched then. */
bool script_parse(struct text body, struct script *ret, struct problem *problem);

/* A scenario or rule as it stands in a script; the caller releases it. */
json_t *script_scenario_json(const struct scenario *scenario);
json_t *script_rule_json(const struct fault_rule *rule);

/* The tables of scenarios and faults as they stand in docs/sandbox-scenarios.md. */
void script_tables(struct arena *arena, struct buffer *out);

/* Takes up what the settings and the database say, at the start of the program: the settings' script goes before the one that ran,
 * and begins anew when it is another one. */
bool script_start(struct sandbox *sandbox, struct problem *problem);
/* Replaces the running script and begins its journal anew. An empty body: none. */
bool script_run(struct sandbox *sandbox, struct text body, struct problem *problem);

#endif
