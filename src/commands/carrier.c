/* portdesk carrier: the connections to carriers from the command line. The secret is read from standard input or a file, so that it stands in
 * no process list and no shell history. What changes something works on a desk that does not run, or on PostgreSQL. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/program.h"

struct carrier_flags {
    struct text id, account, account_sid, key_sid, label, secret_file;
};

static void print_word(struct program *program, enum word word, const struct word_arg *args, size_t count)
{
    struct text line = words_say(program->arena, LANGUAGE_EN, word, args, count);
    printf("%.*s\n", TEXT_ARG(line));
}

/* One line: of the file, or of standard input. */
static bool read_secret(
    const struct carrier_flags *flags, struct program *program, struct text *ret, struct problem *problem)
{
    char line[1024];
    FILE *from = stdin;
    if (flags->secret_file.len)
        from = fopen(text_cstr(program->arena, flags->secret_file), "re");
    else
        print_word(program, WORD_connection_secret_prompt, WORD_NO_ARGS);
    if (!from)
        return problem_set(problem, PROBLEM_INPUT, WORD_connection_secret_file_wrong, "--secret-file",
            strerror(errno), NULL);
    bool got = fgets(line, sizeof line, from) != NULL;
    if (from != stdin)
        fclose(from);
    if (!got)
        return problem_set(problem, PROBLEM_INPUT, WORD_connection_secret_needed, "secret", NULL, NULL);
    *ret = text_copy(program->arena, text_trim(text_from(line)));
    return true;
}

/* ---- Each of them ---- */

static enum word state_word(enum connection_test test)
{
    static const enum word words[] = {[CONNECTION_UNTESTED] = WORD_connection_state_untested,
        [CONNECTION_GOOD] = WORD_connection_state_good,
        [CONNECTION_CREDENTIALS] = WORD_connection_state_credentials,
        [CONNECTION_UNREACHABLE] = WORD_connection_state_unreachable,
        [CONNECTION_REFUSED] = WORD_connection_state_refused};
    return words[test];
}

static bool list(struct program *program, const struct carrier_flags *flags, struct problem *problem)
{
    (void)flags;
    struct connection_view *views;
    size_t count;
    if (!program_open_beside(program, problem) ||
        !connections_list(&program->porting, NULL, program->arena, &views, &count, problem))
        return false;
    if (!count)
        print_word(program, WORD_connection_command_none, WORD_NO_ARGS);
    for (size_t i = 0; i < count; i++)
        print_word(program, WORD_connection_command_line,
            WORD_ARGS(WORD_TEXT("id", id_text(&views[i].id)), WORD_TEXT("kind", views[i].kind),
                WORD_TEXT("account_sid", views[i].account_sid),
                WORD_TEXT(
                    "state", words_say(program->arena, LANGUAGE_EN, state_word(views[i].test), WORD_NO_ARGS)),
                WORD_TEXT("label", views[i].label)));
    return true;
}

static bool add(struct program *program, const struct carrier_flags *flags, struct problem *problem)
{
    struct id id;
    struct connection_new from = {.account = flags->account.len ? flags->account : CONNECTION_OPERATOR,
        .kind = text_from("twilio"),
        .label = flags->label.len ? flags->label : TEXT("Twilio"),
        .account_sid = flags->account_sid,
        .secrets = {.key_sid = flags->key_sid}};
    if (!read_secret(flags, program, &from.secrets.secret, problem) || !program_open(program, problem) ||
        !program_assemble_porting(program, problem) ||
        !connection_add(&program->porting, NULL, &from, TEXT_EMPTY, &id, problem))
        return false;
    print_word(program, WORD_connection_command_added, WORD_ARGS(WORD_TEXT("id", id_text(&id))));
    return true;
}

/* By a call of this very process: nothing is written, so it works beside a desk that runs. */
static bool test(struct program *program, const struct carrier_flags *flags, struct problem *problem)
{
    struct connection_view view;
    LEASE_CLEANUP lease = {0};
    if (!program_open_beside(program, problem))
        return false;
    program_assemble_connections(program);
    if (!connection_load(&program->porting, NULL, flags->id, program->arena, &view, problem) ||
        !connection_lease(&program->porting, view.account, flags->id, &lease, problem) ||
        !lease.api->check(lease.carrier, problem))
        return false;
    print_word(program, WORD_connection_command_good, WORD_NO_ARGS);
    if (view.webhook == CONNECTION_WEBHOOK_ELSEWHERE)
        print_word(program, WORD_connection_command_events_elsewhere,
            WORD_ARGS(WORD_TEXT("host", view.webhook_found)));
    return true;
}

/* The job that the running desk would do, here and at once: the new credentials are tested before they replace the old. */
static bool rotate(struct program *program, const struct carrier_flags *flags, struct problem *problem)
{
    struct connection_view view;
    struct connection_secrets secrets = {.key_sid = flags->key_sid};
    int64_t again_at = 0;
    if (!read_secret(flags, program, &secrets.secret, problem) || !program_open(program, problem) ||
        !program_assemble_porting(program, problem) ||
        !connection_rotate(&program->porting, NULL, flags->id, &secrets, TEXT_EMPTY, problem) ||
        !connection_load(&program->porting, NULL, flags->id, program->arena, &view, problem))
        return false;
    struct job job = {view.account, flags->id, 1};
    struct problem why = {0};
    connection_check(&program->porting, &job, program->arena, &again_at, &why);
    if (!connection_load(&program->porting, NULL, flags->id, program->arena, &view, problem))
        return false;
    if (!view.has_next) {
        print_word(program, WORD_connection_command_rotated, WORD_NO_ARGS);
        return true;
    }
    char words[300];
    snprintf(words, sizeof words, "%.*s", TEXT_ARG(view.next_words));
    return connection_forget_next(&program->porting, NULL, flags->id, TEXT_EMPTY, problem) &&
           problem_set(problem, PROBLEM_UPSTREAM, WORD_connection_command_bad, NULL, NULL, "%s", words);
}

/* ---- The command ---- */

static const struct {
    const char *name;
    bool (*run)(struct program *program, const struct carrier_flags *flags, struct problem *problem);
    bool takes_id;
} actions[] = {{"list", list, false}, {"add", add, false}, {"test", test, true}, {"rotate", rotate, true}};

static int usage(void)
{
    ARENA_CLEANUP arena = arena_new((size_t)16 * 1024);
    struct text line = words_say(arena, LANGUAGE_EN, WORD_connection_command_usage, WORD_NO_ARGS);
    fprintf(stderr, "%.*s\n", TEXT_ARG(line));
    return 2;
}

static int run(size_t action, struct carrier_flags *flags, int argc, char **argv)
{
    struct problem problem = {0};
    struct program program = {.arena = arena_new(64 * 1024 * 1024)};
    int code = 2;
    if (settings_read(argc, argv, program.arena, &program.settings))
        code = actions[action].run(&program, flags, &problem) && fflush(stdout) == 0
                   ? 0
                   : command_failed(&problem);
    program_close(&program);
    return code;
}

int command_carrier(int argc, char **argv)
{
    struct carrier_flags flags = {0};
    size_t action = 0, count = sizeof actions / sizeof actions[0];
    while (action < count && (argc < 1 || strcmp(argv[0], actions[action].name) != 0))
        action++;
    if (action == count || (actions[action].takes_id && argc < 2))
        return usage();
    int taken = 1;
    if (actions[action].takes_id)
        flags.id = text_from(argv[taken++]);
    argc -= taken;
    argv += taken;
    settings_take_flag(&argc, argv, "--account", &flags.account);
    settings_take_flag(&argc, argv, "--account-sid", &flags.account_sid);
    settings_take_flag(&argc, argv, "--key-sid", &flags.key_sid);
    settings_take_flag(&argc, argv, "--label", &flags.label);
    settings_take_flag(&argc, argv, "--secret-file", &flags.secret_file);
    return run(action, &flags, argc, argv);
}
