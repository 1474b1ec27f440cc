/* Scripts as JSON, in and out, by one table of members each. */
#include "sandbox/script.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum member_kind {
    MEMBER_TEXT, /* a char array of `max` bytes */
    MEMBER_FLAG, /* true or false, as 1 or 0 */
    MEMBER_NUMBER,
    MEMBER_WORD, /* one of `words`, as its index */
};

struct member {
    const char *name;
    enum member_kind kind;
    size_t offset;
    int max;
    const char *const *words; /* NULL-terminated */
};

static const char *const date_words[] = {"kept", "moved", "lost", NULL};
static const char *const spelling_words[] = {
    "twilio", "title", "hyphens", "bare", "prefixed", "capitals", NULL};
static const char *const effect_words[] = {"before", "after", NULL};

#define AT(member) offsetof(struct scenario, member)
static const struct member scenario_members[] = {
    {"name", MEMBER_TEXT, AT(name), SCENARIO_NAME_MAX, NULL},
    {"not_portable", MEMBER_NUMBER, AT(not_portable), 99999, NULL},
    {"mobile", MEMBER_FLAG, AT(mobile), 1, NULL},
    {"review_days", MEMBER_NUMBER, AT(review_days), 365, NULL},
    {"letter_days", MEMBER_NUMBER, AT(letter_days), 365, NULL},
    {"answer_days", MEMBER_NUMBER, AT(answer_days), SCENARIO_NEVER, NULL},
    {"reject", MEMBER_TEXT, AT(reject), SCENARIO_REASON_MAX, NULL},
    {"attempts", MEMBER_NUMBER, AT(attempts), 1000, NULL},
    {"firm_date", MEMBER_WORD, AT(firm_date), 0, date_words},
    {"late_cancel", MEMBER_FLAG, AT(late_cancel), 1, NULL},
    {"dropped", MEMBER_FLAG, AT(dropped), 1, NULL},
    {"strange_status", MEMBER_FLAG, AT(strange_status), 1, NULL},
    {"spelling", MEMBER_WORD, AT(spelling), 0, spelling_words},
    {"inventory_hours", MEMBER_NUMBER, AT(inventory_hours), 8760, NULL},
};
#undef AT
#define AT(member) offsetof(struct fault_rule, member)
static const struct member rule_members[] = {
    {"number_ends", MEMBER_TEXT, AT(number), FAULT_NUMBER_MAX, NULL},
    {"effect", MEMBER_WORD, AT(after), 0, effect_words},
    {"status", MEMBER_NUMBER, AT(status), 599, NULL},
    {"seconds", MEMBER_NUMBER, AT(seconds), 3600, NULL},
    {"chance", MEMBER_NUMBER, AT(chance), 100, NULL},
    {"nth", MEMBER_NUMBER, AT(nth), 1000000, NULL},
    {"times", MEMBER_NUMBER, AT(times), 1000000, NULL},
};
#undef AT
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The members by which a scenario is chosen. */
static const char *const by_names[BY_COUNT] = {[BY_NUMBER_END] = "number_ends",
    [BY_PIN] = "pin",
    [BY_ACCOUNT_NUMBER] = "account_number_begins",
    [BY_STREET] = "street_begins",
    [BY_NAME] = "name_begins"};

static bool wrong(struct problem *problem, const char *where, const char *name, const char *what)
{
    return problem_set(
        problem, PROBLEM_INPUT, WORD_sandbox_script_wrong, NULL, name, "%s: %s %s", where, name, what);
}

/* ---- In ---- */

static bool word_index(const char *const *words, struct text word, int *ret)
{
    for (int i = 0; words[i]; i++)
        if (text_is(word, words[i])) {
            *ret = i;
            return true;
        }
    return false;
}

static bool take_member(
    const json_t *object, const struct member *member, void *to, const char *where, struct problem *problem)
{
    struct problem inner = {0};
    struct text text = TEXT_EMPTY;
    int64_t number = 0;
    bool flag = false;
    char *at = (char *)to + member->offset;
    switch (member->kind) {
    case MEMBER_TEXT:
        if (!json_get_text(object, member->name, (size_t)member->max - 1, &text, &inner))
            return wrong(problem, where, member->name, "is no text, or too long");
        text_to_chars(at, (size_t)member->max, text);
        return true;
    case MEMBER_FLAG:
        if (!json_get_bool(object, member->name, false, &flag, &inner))
            return wrong(problem, where, member->name, "is neither true nor false");
        *(int *)(void *)at = flag;
        return true;
    case MEMBER_NUMBER:
        if (!json_get_i64(object, member->name, 0, member->max, 0, &number, &inner))
            return wrong(problem, where, member->name, "is no whole number, or too large");
        *(int *)(void *)at = (int)number;
        return true;
    case MEMBER_WORD:
        if (!json_get_text(object, member->name, 64, &text, &inner) ||
            (text.len && !word_index(member->words, text, (int *)(void *)at)))
            return wrong(problem, where, member->name, "is none of the words that it may be");
        return true;
    }
    return true;
}

static bool take_members(const json_t *object, const struct member *members, size_t count, void *to,
    const char *where, struct problem *problem)
{
    for (size_t i = 0; i < count; i++)
        if (!take_member(object, &members[i], to, where, problem))
            return false;
    return true;
}

static bool is_known(const char *name, const struct member *members, size_t count, const char *const *further,
    size_t further_count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, members[i].name) == 0)
            return true;
    for (size_t i = 0; i < further_count; i++)
        if (further[i] && strcmp(name, further[i]) == 0)
            return true;
    return false;
}

static bool all_known(json_t *object, const struct member *members, size_t count, const char *const *further,
    size_t further_count, const char *where, struct problem *problem)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object))
        return wrong(problem, where, where, "is no object");
    json_object_foreach(object, name, value)
    {
        if (!is_known(name, members, count, further, further_count)) {
            struct text shown = text_clip(text_from(name), 30);
            return problem_set(problem, PROBLEM_INPUT, WORD_sandbox_script_wrong, NULL, "?",
                "%s: there is no %.*s", where, TEXT_ARG(shown));
        }
    }
    return true;
}

/* By what it is chosen: exactly one member of them. */
static bool take_by(const json_t *object, struct scenario *scenario, struct problem *problem)
{
    int given = 0;
    for (int by = 0; by < BY_COUNT; by++) {
        struct problem inner = {0};
        struct text pattern = TEXT_EMPTY;
        if (!json_get_text(object, by_names[by], SCENARIO_PATTERN_MAX - 1, &pattern, &inner))
            return wrong(problem, "scenarios", by_names[by], "is no text, or too long");
        if (!pattern.len)
            continue;
        given++;
        scenario->by = by;
        text_to_chars(scenario->pattern, sizeof scenario->pattern, pattern);
    }
    if (given == 1)
        return true;
    return wrong(
        problem, "scenarios", by_names[0], "or another member that chooses it is needed, and only one");
}

static bool take_scenario(json_t *object, struct scenario *scenario, struct problem *problem)
{
    if (!all_known(
            object, scenario_members, COUNT(scenario_members), by_names, BY_COUNT, "scenarios", problem) ||
        !take_members(object, scenario_members, COUNT(scenario_members), scenario, "scenarios", problem) ||
        !take_by(object, scenario, problem))
        return false;
    if (scenario->not_portable && !portability_reason(scenario->not_portable))
        return wrong(problem, "scenarios", "not_portable", "is no code that portability gives");
    if (scenario->by != BY_NUMBER_END && !scenario->reject[0])
        return wrong(
            problem, "scenarios", "reject", "is all that can go by a customer's data, and is needed");
    if (!scenario->name[0])
        text_to_chars(scenario->name, sizeof scenario->name, text_from(scenario->pattern));
    return true;
}

static bool take_names(json_t *object, struct fault_rule *rule, struct problem *problem)
{
    struct problem inner = {0};
    struct text at = TEXT_EMPTY, does = TEXT_EMPTY;
    if (!json_get_text(object, "at", 32, &at, &inner) || !json_get_text(object, "does", 32, &does, &inner))
        return wrong(problem, "faults", "at", "and does must be texts");
    rule->at = FAULT_PLACES;
    rule->does = does.len ? FAULT_DOES : FAULT_ANY;
    for (int i = 0; i < FAULT_PLACES; i++)
        if (text_is(at, fault_place_name(i)))
            rule->at = i;
    for (int i = 0; i < FAULT_DOES; i++)
        if (text_is(does, fault_does_name(i)))
            rule->does = i;
    if (rule->at == FAULT_PLACES)
        return wrong(problem, "faults", "at", "is no place where something can go wrong");
    if (rule->does == FAULT_DOES || !fault_fits(rule->at, rule->does))
        return wrong(problem, "faults", "does", "is nothing that can go wrong there");
    return true;
}

static bool take_rule(json_t *object, struct fault_rule *rule, struct problem *problem)
{
    static const char *const further[] = {"at", "does"};
    if (!all_known(object, rule_members, COUNT(rule_members), further, COUNT(further), "faults", problem) ||
        !take_members(object, rule_members, COUNT(rule_members), rule, "faults", problem) ||
        !take_names(object, rule, problem))
        return false;
    if (rule->status && (rule->does != FAULT_ERROR || rule->status < 400))
        return wrong(problem, "faults", "status", "is of an error, and from 400 to 599");
    return true;
}

static bool take_all(json_t *json, struct script *script, struct problem *problem)
{
    static const char *const further[] = {"seed", "scenarios", "faults"};
    struct problem inner = {0};
    int64_t seed = 0;
    json_t *list = NULL, *rules = NULL;
    if (!all_known(json, NULL, 0, further, COUNT(further), "script", problem))
        return false;
    if (!json_get_i64(json, "seed", 0, INT64_MAX, 0, &seed, &inner))
        return wrong(problem, "script", "seed", "is no whole number from 0");
    if (!json_get_array(json, "scenarios", SCRIPT_SCENARIOS_MAX, &list, &inner))
        return wrong(problem, "script", "scenarios", "is no list, or too long");
    if (!json_get_array(json, "faults", FAULT_RULES_MAX, &rules, &inner))
        return wrong(problem, "script", "faults", "is no list, or too long");
    script->seed = (uint64_t)seed;
    script->scenario_count = list ? json_array_size(list) : 0;
    script->rule_count = rules ? json_array_size(rules) : 0;
    for (size_t i = 0; i < script->scenario_count; i++)
        if (!take_scenario(json_array_get(list, i), &script->scenarios[i], problem))
            return false;
    for (size_t i = 0; i < script->rule_count; i++)
        if (!take_rule(json_array_get(rules, i), &script->rules[i], problem))
            return false;
    return true;
}

bool script_parse(struct text body, struct script *ret, struct problem *problem)
{
    JSON_CLEANUP json = NULL;
    struct problem inner = {0};
    if (!json_parse(body, SCRIPT_BYTES_MAX, &json, &inner))
        return problem_set(problem, inner.kind, WORD_sandbox_script_wrong, NULL, "JSON", "script: %s",
            inner.detail[0] ? inner.detail : "too large");
    struct script *script = calloc(1, sizeof *script);
    if (!script)
        return problem_internal(problem, "out of memory");
    bool ok = take_all(json, script, problem);
    if (ok)
        *ret = *script;
    free(script);
    return ok;
}

/* ---- Out ---- */

static void put_members(json_t *json, const struct member *members, size_t count, const void *from)
{
    for (size_t i = 0; i < count; i++) {
        const char *at = (const char *)from + members[i].offset;
        int number = members[i].kind == MEMBER_TEXT ? 0 : *(const int *)(const void *)at;
        if (members[i].kind == MEMBER_TEXT && *at)
            json_put_text(json, members[i].name, text_from(at));
        else if (members[i].kind == MEMBER_FLAG && number)
            json_object_set_new(json, members[i].name, json_true());
        else if (members[i].kind == MEMBER_NUMBER && number)
            json_put_i64(json, members[i].name, number);
        else if (members[i].kind == MEMBER_WORD && number)
            json_put_text(json, members[i].name, text_from(members[i].words[number]));
    }
}

json_t *script_scenario_json(const struct scenario *scenario)
{
    json_t *json = json_object();
    json_put_text(json, by_names[scenario->by], text_from(scenario->pattern));
    put_members(json, scenario_members, COUNT(scenario_members), scenario);
    return json;
}

json_t *script_rule_json(const struct fault_rule *rule)
{
    json_t *json = json_object();
    json_put_text(json, "at", text_from(fault_place_name(rule->at)));
    json_put_text(json, "does", text_from(fault_does_name(rule->does)));
    put_members(json, rule_members, COUNT(rule_members), rule);
    return json;
}

/* ---- The tables ---- */

static void row(struct buffer *out, struct arena *arena, json_t *json, struct text said)
{
    struct text name = TEXT_EMPTY;
    for (int by = 0; by < BY_COUNT && !name.len; by++)
        json_get_text(json, by_names[by], SCENARIO_PATTERN_MAX, &name, NULL);
    buffer_format(
        out, "| %.*s | %.*s | `%.*s` |\n", TEXT_ARG(name), TEXT_ARG(said), TEXT_ARG(json_write(arena, json)));
}

void script_tables(struct arena *arena, struct buffer *out)
{
    buffer_string(out,
        "# Scenarios of the sandbox carrier\n\nMade by `portdesk-sandbox scenarios >docs/sandbox-scenarios.md`."
        " How to use them, and how to write your own, is in [sandbox-faults.md](sandbox-faults.md).\n\n"
        "A scenario is chosen by the last digits of a number, or by the data in the first column. The last"
        " column is how a script would say it.\n\n| Ends or begins with | What happens | In a script |\n|---|---|---|\n");
    for (size_t i = 0; i < scenario_count; i++) {
        JSON_CLEANUP json = script_scenario_json(&scenarios[i]);
        row(out, arena, json, scenario_said(arena, &scenarios[i]));
    }
    buffer_string(out,
        "\n## Faults\n\nWhat goes wrong with calls and webhooks about a number that ends so.\n\n"
        "| Ends with | What happens | In a script |\n|---|---|---|\n");
    for (size_t i = 0; i < fault_numbers_count; i++) {
        JSON_CLEANUP json = script_rule_json(&fault_numbers[i]);
        row(out, arena, json, fault_said(arena, &fault_numbers[i]));
    }
}
