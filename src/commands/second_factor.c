/* portdesk user reset-second-factor --email ADDRESS: for the person who has lost app and recovery codes when nobody else can let them in. */
#include <stdio.h>

#include "commands/commands.h"
#include "commands/program.h"
#include "people/email.h"
#include "people/second_factor.h"

struct find {
    struct text email;
    struct arena *arena;
    struct user user;
    bool found;
};

static bool find_closure(struct db_tx *tx, void *context)
{
    struct find *find = context;
    find->found = user_by_email(tx, find->arena, find->email, &find->user);
    return db_ok(tx);
}

static bool reset(struct program *program, struct text email, struct problem *problem)
{
    struct sessions sessions;
    struct find find = {.arena = program->arena};
    if (!email_parse(program->arena, email, "--email", &find.email, problem) ||
        !program_open(program, problem) || !db_read(program->db, find_closure, &find, problem))
        return false;
    if (!find.found)
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_people_no_user, "--email", NULL, NULL);
    program_open_sessions(program, &sessions);
    if (!second_factor_reset(&sessions, NULL, find.user.account, find.user.id, problem))
        return false;
    struct text said = words_say(program->arena, LANGUAGE_EN, WORD_command_user_reset_done,
        WORD_ARGS(WORD_TEXT("name", find.user.name)));
    printf("%.*s\n", TEXT_ARG(said));
    return true;
}

int command_reset_second_factor(int argc, char **argv)
{
    struct problem problem = {0};
    struct program program = {.arena = arena_new(4 * 1024 * 1024)};
    struct text email = TEXT_EMPTY;
    int code = 2;
    settings_take_flag(&argc, argv, "--email", &email);
    if (settings_read(argc, argv, program.arena, &program.settings))
        code = reset(&program, email, &problem) ? 0 : command_failed(&problem);
    program_close(&program);
    return code;
}
