/* A script for the sandbox carrier as anybody may post it: what is taken is within its limits and is written as it was read. */
#include <stdint.h>
#include <stdlib.h>

#include "sandbox/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Reads a whole script that holds the one thing again. */
static void same(struct arena *arena, const char *list, json_t *thing, struct script *ret)
{
    struct problem problem = {0};
    JSON_CLEANUP json = json_object();
    json_t *array = json_array();
    json_array_append_new(array, thing);
    json_object_set_new(json, list, array);
    if (!script_parse(json_write(arena, json), ret, &problem))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ARENA_CLEANUP arena = arena_new((size_t)16 * 1024 * 1024);
    struct script *script = ARENA_NEW(arena, struct script), *again = ARENA_NEW(arena, struct script);
    struct problem problem = {0};
    if (!script_parse((struct text){(const char *)bytes, len}, script, &problem)) {
        if (problem.kind == PROBLEM_NONE || !problem.detail[0])
            abort();
        return 0;
    }
    for (size_t i = 0; i < script->scenario_count; i++) {
        same(arena, "scenarios", script_scenario_json(&script->scenarios[i]), again);
        if (!text_is(text_from(script->scenarios[i].pattern), again->scenarios[0].pattern) ||
            script->scenarios[i].spelling != again->scenarios[0].spelling)
            abort();
        scenario_said(arena, &script->scenarios[i]);
    }
    for (size_t i = 0; i < script->rule_count; i++) {
        same(arena, "faults", script_rule_json(&script->rules[i]), again);
        if (script->rules[i].does != again->rules[0].does ||
            script->rules[i].chance != again->rules[0].chance)
            abort();
        fault_said(arena, &script->rules[i]);
    }
    return 0;
}
