/* portdesk keys: status, rotate, prune. Rotating changes the key file alone; the running desk sees that and seals everything anew. All of it
 * works beside the running desk. */
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/program.h"
#include "porting/rewrap.h"

static void say(struct program *program, enum word word, const struct word_arg *args, size_t count)
{
    struct text line = words_say(program->arena, LANGUAGE_EN, word, args, count);
    printf("%.*s\n", TEXT_ARG(line));
}

static struct text word_text(struct program *program, enum word word)
{
    return words_say(program->arena, LANGUAGE_EN, word, WORD_NO_ARGS);
}

static bool state_closure(struct db_tx *tx, void *context)
{
    return rewrap_state(tx, context);
}

static void say_key(struct program *program, const struct key_use *use, size_t i)
{
    const struct vault_key *key = &use->keys[i];
    enum word state = key->current ? WORD_command_keys_current
                      : key->next  ? WORD_command_keys_next
                                   : WORD_command_keys_old;
    struct text since = key->made_at ? instant_iso(program->arena, key->made_at)
                                     : word_text(program, WORD_command_keys_unknown_since);
    say(program, WORD_command_keys_line,
        WORD_ARGS(WORD_TEXT("id", text_from(key->id)), WORD_TEXT("state", word_text(program, state)),
            WORD_TEXT("since", since), WORD_NUMBER("values", use->values[i]),
            WORD_NUMBER("documents", use->documents[i])));
}

static void say_progress(
    struct program *program, const struct rewrap_state *state, const struct vault_key *current)
{
    struct text id = text_from(state->key);
    if (!state->known) {
        say(program, WORD_command_keys_never, WORD_NO_ARGS);
    } else if (strcmp(state->key, current->id) != 0) {
        say(program, WORD_command_keys_waiting, WORD_NO_ARGS);
    } else if (!state->ended_at) {
        say(program, WORD_command_keys_under_way,
            WORD_ARGS(
                WORD_TEXT("id", id), WORD_NUMBER("done", state->done), WORD_NUMBER("failed", state->failed)));
    } else {
        say(program, WORD_command_keys_ended,
            WORD_ARGS(WORD_TEXT("id", id), WORD_TEXT("when", instant_iso(program->arena, state->ended_at)),
                WORD_NUMBER("done", state->done), WORD_NUMBER("failed", state->failed)));
    }
}

static bool status(struct program *program, struct problem *problem)
{
    struct key_use use;
    struct rewrap_state state;
    if (!program_open_beside(program, problem) || !db_read(program->db, state_closure, &state, problem) ||
        !key_use_count(&program->porting, &use, problem))
        return false;
    for (size_t i = 0; i < use.keys_count; i++)
        say_key(program, &use, i);
    if (use.values_other || use.documents_other)
        say(program, WORD_command_keys_other,
            WORD_ARGS(
                WORD_NUMBER("values", use.values_other), WORD_NUMBER("documents", use.documents_other)));
    if (use.documents_missing)
        say(program, WORD_command_keys_missing, WORD_ARGS(WORD_NUMBER("count", use.documents_missing)));
    say_progress(program, &state, &use.keys[0]);
    return true;
}

static bool rotate(struct program *program, bool next, struct problem *problem)
{
    struct vault_key keys[VAULT_KEYS_MAX];
    const char *path = program_path(program, "portdesk.key");
    if (!program_open_clock(program, problem) ||
        !vault_key_rotate(path, next, clock_now(program->clock), problem) ||
        !vault_open(path, &program->vault, problem))
        return false;
    size_t count = vault_keys(program->vault, keys), at = 0;
    while (next && at + 1 < count && !keys[at].next)
        at++;
    say(program, next ? WORD_command_keys_made_next : WORD_command_keys_made,
        WORD_ARGS(WORD_TEXT("id", text_from(keys[at].id))));
    return true;
}

/* Only when nothing that is sealed needs them any more, and nothing can come any more that does. */
static bool prune(struct program *program, struct problem *problem)
{
    struct key_use use;
    if (!program_open_beside(program, problem) || !key_use_count(&program->porting, &use, problem))
        return false;
    int64_t values = use.values_other, documents = use.documents_other, old = 0;
    for (size_t i = 0; i < use.keys_count; i++)
        if (!use.keys[i].current && !use.keys[i].next) {
            values += use.values[i];
            documents += use.documents[i];
            old++;
        }
    if (!old) {
        say(program, WORD_command_keys_nothing, WORD_NO_ARGS);
        return true;
    }
    if (values || documents) {
        struct text line = words_say(program->arena, LANGUAGE_EN, WORD_command_keys_in_use,
            WORD_ARGS(WORD_NUMBER("values", values), WORD_NUMBER("documents", documents)));
        fprintf(stderr, "portdesk: %.*s\n", TEXT_ARG(line));
        return false;
    }
    if (use.keys[0].made_at > clock_now(program->clock) - REWRAP_GRACE)
        return problem_set(problem, PROBLEM_CONFLICT, WORD_command_keys_too_young, NULL, NULL, NULL);
    if (!vault_key_prune(program_path(program, "portdesk.key"), problem))
        return false;
    say(program, WORD_command_keys_pruned, WORD_ARGS(WORD_NUMBER("count", old)));
    return true;
}

int command_keys(int argc, char **argv)
{
    const char *what = argc > 0 ? argv[0] : "";
    bool next = argc > 1 && !strcmp(what, "rotate") && !strcmp(argv[1], "--next");
    int taken = next ? 2 : 1;
    if (strcmp(what, "status") != 0 && strcmp(what, "rotate") != 0 && strcmp(what, "prune") != 0) {
        fprintf(stderr, "usage: portdesk keys status|rotate [--next]|prune [settings]\n");
        return 2;
    }
    struct problem problem = {0};
    struct program program = {.arena = arena_new(4 * 1024 * 1024)};
    int code = 2;
    if (settings_read(argc - taken, argv + taken, program.arena, &program.settings)) {
        bool done = !strcmp(what, "status")   ? status(&program, &problem)
                    : !strcmp(what, "rotate") ? rotate(&program, next, &problem)
                                              : prune(&program, &problem);
        code = done && fflush(stdout) == 0 ? 0 : 1;
        if (problem.kind != PROBLEM_NONE)
            command_failed(&problem);
    }
    program_close(&program);
    return code;
}
