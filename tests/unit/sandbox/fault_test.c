/* Scripts, and faults on purpose: the same seed makes the same faults, and the journal of a run is the script of the same run. */
#include "scratch.h"

#include <string.h>

#include "sandbox/delivery.h"
#include "sandbox/script.h"
#include "store/migrations.h"

#define PASSES 40

static const char *const numbers[] = {"+14152010001", "+14152010002", "+14152010003"};

struct run {
    uint64_t seed;
    const struct fault_rule *rules;
    size_t count;
    bool backwards;                   /* numbers come by in another order */
    int does[COUNT(numbers)][PASSES]; /* -1: nothing went wrong */
    int after[COUNT(numbers)][PASSES];
};

static bool pass_all(struct db_tx *tx, void *context)
{
    struct run *run = context;
    db_exec(tx, "DELETE FROM fault", DB_NO_ARGS);
    db_exec(tx, "DELETE FROM fault_pass", DB_NO_ARGS);
    for (size_t pass = 0; pass < PASSES; pass++)
        for (size_t i = 0; i < COUNT(numbers); i++) {
            size_t n = run->backwards ? COUNT(numbers) - 1 - i : i;
            struct fault_rule fault;
            bool made = fault_decide(tx, FAULT_AT_CREATE, text_from(numbers[n]), 1000, &fault);
            run->does[n][pass] = made ? fault.does : -1;
            run->after[n][pass] = made ? fault.after : -1;
        }
    return db_ok(tx);
}

static void go(struct db *db, struct run *run)
{
    struct problem problem = {0};
    fault_use(run->seed, run->rules, run->count);
    if (!db_write(db, pass_all, run, &problem))
        fail_msg("%s", problem.detail);
}

static size_t faults_in(const struct run *run)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT(numbers); i++)
        for (size_t pass = 0; pass < PASSES; pass++)
            count += run->does[i][pass] >= 0;
    return count;
}

static bool same(const struct run *a, const struct run *b)
{
    return memcmp(a->does, b->does, sizeof a->does) == 0 && memcmp(a->after, b->after, sizeof a->after) == 0;
}

static void the_seed_decides(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "sandbox.db"), sandbox_migrations);
    static const struct fault_rule rules[] = {{.at = FAULT_AT_CALL, .chance = 30}};
    struct run first = {.seed = 7, .rules = rules, .count = 1}, again = first, other = first;
    again.backwards = true;
    other.seed = 8;
    go(db, &first);
    go(db, &again);
    go(db, &other);
    assert_true(same(&first, &again));
    assert_false(same(&first, &other));
    /* About as often as asked for, and in every way. */
    assert_in_range(
        faults_in(&first), PASSES * COUNT(numbers) * 15 / 100, PASSES * COUNT(numbers) * 45 / 100);
    bool seen[FAULT_DOES] = {false};
    for (size_t i = 0; i < COUNT(numbers); i++)
        for (size_t pass = 0; pass < PASSES; pass++)
            if (first.does[i][pass] >= 0)
                seen[first.does[i][pass]] = true;
    for (int does = FAULT_ERROR; does <= FAULT_OVERSIZED; does++)
        assert_true(seen[does]);
    db_close(db);
}

struct journal {
    struct arena *arena;
    json_t *rules;
};

static bool read_journal(struct db_tx *tx, void *context)
{
    struct journal *journal = context;
    DB_ROWS rows = db_query(tx, "SELECT body FROM fault ORDER BY id", DB_NO_ARGS);
    while (db_next(rows)) {
        json_t *rule = NULL;
        assert_true(json_parse(db_col_text(rows, 0), 4096, &rule, NULL));
        json_array_append_new(journal->rules, rule);
    }
    return db_ok(tx);
}

static void a_journal_is_a_script(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "sandbox.db"), sandbox_migrations);
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    static const struct fault_rule rules[] = {{.at = FAULT_AT_CREATE, .does = FAULT_SILENCE, .chance = 10},
        {.at = FAULT_AT_CREATE, .chance = 25, .times = 5}};
    struct run first = {.seed = 11, .rules = rules, .count = 2}, again = {.seed = 999};
    go(db, &first);
    assert_true(faults_in(&first) > 5);
    JSON_CLEANUP json = json_object();
    struct journal journal = {arena, json_array()};
    json_object_set_new(json, "faults", journal.rules);
    struct problem problem = {0};
    assert_true(db_read(db, read_journal, &journal, &problem));
    struct script *script = ARENA_NEW(arena, struct script);
    if (!script_parse(json_write(arena, json), script, &problem))
        fail_msg("%s", problem.detail);
    again.rules = script->rules;
    again.count = script->rule_count;
    go(db, &again);
    assert_true(same(&first, &again));
    db_close(db);
}

static void rules_say_how_often(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "sandbox.db"), sandbox_migrations);
    static const struct fault_rule nth[] = {
        {.at = FAULT_AT_CREATE, .does = FAULT_CUT, .number = "0002", .nth = 3}};
    static const struct fault_rule times[] = {{.at = FAULT_AT_CREATE, .does = FAULT_ERROR, .times = 2}};
    static const struct fault_rule elsewhere[] = {{.at = FAULT_AT_FETCH, .does = FAULT_ERROR}};
    struct run third = {.rules = nth, .count = 1}, twice = {.rules = times, .count = 1},
               none = {.rules = elsewhere, .count = 1};
    go(db, &third);
    assert_int_equal(faults_in(&third), 1);
    assert_int_equal(third.does[1][2], FAULT_CUT);
    go(db, &twice);
    assert_int_equal(faults_in(&twice), 2 * COUNT(numbers));
    assert_int_equal(twice.does[0][1], FAULT_ERROR);
    go(db, &none);
    assert_int_equal(faults_in(&none), 0);
    db_close(db);
}

static void magic_numbers_make_faults(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "sandbox.db"), sandbox_migrations);
    fault_use(0, NULL, 0);
    for (size_t i = 0; i < fault_numbers_count; i++)
        assert_true(fault_possible((enum fault_place)fault_numbers[i].at) &&
                    fault_fits(fault_numbers[i].at, fault_numbers[i].does));
    assert_false(fault_possible(FAULT_AT_LIST));
    db_close(db);
}

static void scripts_are_refused_for_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *body, *why;
    } cases[] = {
        {"", "script: "},
        {"[]", "is no object"},
        {"{\"sed\": 1}", "there is no sed"},
        {"{\"seed\": -1}", "seed"},
        {"{\"scenarios\": {}}", "scenarios is no list"},
        {"{\"scenarios\": [1]}", "is no object"},
        {"{\"scenarios\": [{\"reject\": \"X\"}]}", "number_ends"},
        {"{\"scenarios\": [{\"number_ends\": \"1\", \"pin\": \"2\"}]}", "only one"},
        {"{\"scenarios\": [{\"number_ends\": \"1\", \"rejekt\": \"X\"}]}", "there is no rejekt"},
        {"{\"scenarios\": [{\"number_ends\": \"1\", \"not_portable\": 1}]}", "not_portable"},
        {"{\"scenarios\": [{\"number_ends\": \"1\", \"spelling\": \"odd\"}]}", "spelling"},
        {"{\"scenarios\": [{\"pin\": \"1\", \"answer_days\": 2}]}", "reject"},
        {"{\"faults\": [{\"at\": \"nowhere\"}]}", "at is no place"},
        {"{\"faults\": [{\"at\": \"webhook\", \"does\": \"error\"}]}", "does is nothing"},
        {"{\"faults\": [{\"at\": \"create\", \"does\": \"lost\"}]}", "does is nothing"},
        {"{\"faults\": [{\"at\": \"create\", \"does\": \"error\", \"status\": 200}]}", "status"},
        {"{\"faults\": [{\"at\": \"create\", \"chance\": 101}]}", "chance"},
        {"{\"faults\": [{\"at\": \"create\", \"effect\": \"never\"}]}", "effect"},
    };
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct script *script = ARENA_NEW(arena, struct script);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {0};
        assert_false(script_parse(text_from(cases[i].body), script, &problem));
        if (!strstr(problem.detail, cases[i].why))
            fail_msg("%s: %s", cases[i].body, problem.detail);
    }
}

/* What stands in a row of a table is what a script can say. */
static void tables_are_scripts(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(16 * 1024 * 1024);
    JSON_CLEANUP json = json_object();
    json_t *list = json_array(), *rules = json_array();
    for (size_t i = 0; i < scenario_count; i++)
        json_array_append_new(list, script_scenario_json(&scenarios[i]));
    for (size_t i = 0; i < fault_numbers_count; i++)
        json_array_append_new(rules, script_rule_json(&fault_numbers[i]));
    json_object_set_new(json, "scenarios", list);
    json_object_set_new(json, "faults", rules);
    struct script *script = ARENA_NEW(arena, struct script);
    struct problem problem = {0};
    if (!script_parse(json_write(arena, json), script, &problem))
        fail_msg("%s", problem.detail);
    assert_int_equal(script->scenario_count, scenario_count);
    for (size_t i = 0; i < scenario_count; i++) {
        assert_memory_equal(&script->scenarios[i], &scenarios[i], sizeof scenarios[i]);
        assert_true(scenario_said(arena, &scenarios[i]).len > 0);
        /* None hides another. */
        struct scenario found;
        assert_true(scenario_named(text_from(scenarios[i].name), &found));
        assert_string_equal(found.pattern, scenarios[i].pattern);
    }
    for (size_t i = 0; i < fault_numbers_count; i++)
        assert_memory_equal(&script->rules[i], &fault_numbers[i], sizeof fault_numbers[i]);
}

static void extra_scenarios_go_first(void **state)
{
    (void)state;
    struct scenario extra = {"mine", BY_NUMBER_END, "0199", .answer_days = 3}, found;
    scenario_use(&extra, 1);
    assert_true(scenario_of_number(TEXT("+14152010199"), &found));
    assert_string_equal(found.name, "mine");
    scenario_use(NULL, 0);
    assert_true(scenario_of_number(TEXT("+14152010199"), &found));
    assert_int_equal(found.not_portable, 22130);
    assert_false(scenario_of_number(TEXT("+14152010134"), &found));
}

static void statuses_are_spelled_in_every_way(void **state)
{
    (void)state;
    static const struct {
        enum spelling spelling;
        const char *from, *to;
    } cases[] = {
        {SPELL_TWILIO, "port_submitted", "port_submitted"},
        {SPELL_TITLE, "port_submitted", "Port Submitted"},
        {SPELL_TITLE, "In review", "In Review"},
        {SPELL_HYPHENS, "Waiting for Signature", "waiting-for-signature"},
        {SPELL_BARE, "port_rejected", "rejected"},
        {SPELL_BARE, "completed", "completed"},
        {SPELL_PREFIXED, "in_review", "port_in_review"},
        {SPELL_PREFIXED, "port_pending", "port_pending"},
        {SPELL_SHOUTED, "canceled", "CANCELLED"},
        {SPELL_SHOUTED, "canceling", "CANCELLING"},
        {SPELL_SHOUTED, "Action Required", "ACTION_REQUIRED"},
    };
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text got = scenario_spell(arena, cases[i].spelling, text_from(cases[i].from));
        if (!text_is(got, cases[i].to))
            fail_msg("%s became %.*s", cases[i].from, TEXT_ARG(got));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_seed_decides, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_journal_is_a_script, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(rules_say_how_often, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(magic_numbers_make_faults, scratch_setup, scratch_teardown),
        cmocka_unit_test(scripts_are_refused_for_a_reason),
        cmocka_unit_test(tables_are_scripts),
        cmocka_unit_test(extra_scenarios_go_first),
        cmocka_unit_test(statuses_are_spelled_in_every_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
