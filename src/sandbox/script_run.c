/* The script that runs: from the settings, or as it was posted; kept in the database. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "sandbox/script.h"

struct running {
    struct sandbox *sandbox;
    struct text body;
    struct arena *arena;
};

static bool load(struct db_tx *tx, void *context)
{
    struct running *running = context;
    DB_ROWS rows = db_query(tx, "SELECT body FROM script WHERE id = 1", DB_NO_ARGS);
    running->body = db_next(rows) ? db_col_copy(rows, 0, running->arena) : TEXT_EMPTY;
    return db_ok(tx);
}

/* Another script: what was counted and told of the one before goes. */
static bool store(struct db_tx *tx, void *context)
{
    const struct running *running = context;
    db_exec(tx, "DELETE FROM script", DB_NO_ARGS);
    db_exec(tx, "DELETE FROM fault", DB_NO_ARGS);
    db_exec(tx, "DELETE FROM fault_pass", DB_NO_ARGS);
    return db_exec(tx, "INSERT INTO script (id, body, set_at) VALUES (1, $1, $2)",
        DB_ARGS(db_text(running->body), db_int(clock_now(running->sandbox->clock))));
}

/* The flags' own rules come after the script's. */
static void add_settings(const struct sandbox_settings *settings, struct script *script)
{
    const struct fault_rule rules[] = {
        {.at = FAULT_AT_CALL, .chance = (int)settings->faults_calls},
        {.at = FAULT_AT_WEBHOOK, .chance = (int)settings->faults_webhooks},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].chance && script->rule_count < FAULT_RULES_MAX)
            script->rules[script->rule_count++] = rules[i];
    if (settings->script_seed)
        script->seed = (uint64_t)settings->script_seed;
}

static bool take_up(struct sandbox *sandbox, struct text body, struct problem *problem)
{
    struct script *script = calloc(1, sizeof *script);
    if (!script)
        return problem_internal(problem, "out of memory");
    bool ok = !body.len || script_parse(body, script, problem);
    if (ok) {
        add_settings(&sandbox->settings, script);
        scenario_use(script->scenarios, script->scenario_count);
        fault_use(script->seed, script->rules, script->rule_count);
        log_event(LOG_LEVEL_INFO, "script.taken", LOG_NUMBER("scenarios", (int64_t)script->scenario_count),
            LOG_NUMBER("faults", (int64_t)script->rule_count));
    }
    free(script);
    return ok;
}

static bool read_file(struct arena *arena, const char *path, struct text *ret, struct problem *problem)
{
    char *at = ARENA_ARRAY(arena, char, SCRIPT_BYTES_MAX + 1);
    size_t len = 0;
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return problem_set(problem, PROBLEM_INPUT, WORD_sandbox_script_wrong, NULL, "script.file",
            "%s cannot be read", path);
    do {
        got = read(fd, at + len, SCRIPT_BYTES_MAX + 1 - len);
        len += got > 0 ? (size_t)got : 0;
    } while (got > 0 && len <= SCRIPT_BYTES_MAX);
    close(fd);
    *ret = (struct text){at, len};
    return got >= 0 || problem_internal(problem, "%s cannot be read", path);
}

bool script_start(struct sandbox *sandbox, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(4 * SCRIPT_BYTES_MAX);
    struct running running = {.sandbox = sandbox, .arena = arena};
    struct text file = sandbox->settings.script_file, body = TEXT_EMPTY;
    if (!db_read(sandbox->db, load, &running, problem))
        return false;
    if (!file.len)
        return take_up(sandbox, running.body, problem);
    if (!read_file(arena, text_cstr(arena, file), &body, problem))
        return false;
    /* The same as before a restart goes on where it was. */
    return text_equal(body, running.body) ? take_up(sandbox, body, problem)
                                          : script_run(sandbox, body, problem);
}

bool script_run(struct sandbox *sandbox, struct text body, struct problem *problem)
{
    struct running running = {.sandbox = sandbox, .body = body};
    struct script *script = calloc(1, sizeof *script);
    if (!script)
        return problem_internal(problem, "out of memory");
    bool ok = (!body.len || script_parse(body, script, problem)) &&
              db_write(sandbox->db, store, &running, problem) && take_up(sandbox, body, problem);
    free(script);
    return ok;
}
