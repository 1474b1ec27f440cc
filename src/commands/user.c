/* portdesk user. "add" makes a user, and the account when it is new: the password is read from standard input, so that it stands in no
 * process list and no shell history. Works on a desk that is not running. The others: member.c. */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/member.h"

struct find_account {
    struct text name;
    struct id id;
    bool found, is_operator;
};

static bool find_closure(struct db_tx *tx, void *context)
{
    struct find_account *find = context;
    DB_ROWS rows = db_query(tx, "SELECT id, kind FROM account WHERE name = $1", DB_ARGS(db_text(find->name)));
    find->found = db_next(rows) && id_parse(db_col_text(rows, 0), ACCOUNT_ID_PREFIX, &find->id);
    find->is_operator = find->found && text_is(db_col_text(rows, 1), "operator");
    return db_ok(tx);
}

/* Whether what is typed is seen; a file or a pipe has no such thing. */
static void show_typing(bool shown)
{
    struct termios terminal;
    if (tcgetattr(STDIN_FILENO, &terminal) != 0)
        return;
    if (shown)
        terminal.c_lflag |= ECHO;
    else
        terminal.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal);
}

static bool read_password(char *at, size_t max, struct text *ret, struct problem *problem)
{
    fprintf(stderr, "Password (10 characters or more): ");
    show_typing(false);
    bool typed = fgets(at, (int)max, stdin) != NULL;
    show_typing(true);
    fprintf(stderr, "\n");
    if (!typed)
        return problem_set(problem, PROBLEM_INPUT, WORD_command_no_password, NULL, NULL, NULL);
    *ret = text_part(text_from(at), 0, strcspn(at, "\r\n"));
    return true;
}

static bool add(struct program *program, const struct member_flags *flags, struct problem *problem)
{
    char typed[1024];
    struct text password;
    struct id id;
    enum role role = ROLE_AGENT;
    struct find_account find = {.name = flags->account};
    if (!role_from(flags->role, &role))
        return problem_set(problem, PROBLEM_INPUT, WORD_command_role_wrong, "--role", NULL, NULL);
    if (!program_open(program, problem) || !db_read(program->db, find_closure, &find, problem))
        return false;
    bool is_team = role == ROLE_PORTING_TEAM;
    /* The porting team sees the requests of all accounts: nobody of a customer's account gets that by a slip. */
    if (find.found && find.is_operator != is_team)
        return problem_set(problem, PROBLEM_INPUT, WORD_command_role_elsewhere, "--role", NULL, NULL);
    if (!read_password(typed, sizeof typed, &password, problem))
        return false;
    struct account_new account = {.name = flags->account, .country = TEXT("US"), .is_operator = is_team};
    if (!find.found && !account_create(program->db, program->clock, &account, &find.id, problem))
        return false;
    struct user_new user = {.account = id_text(&find.id),
        .email = flags->email,
        .name = flags->name,
        .role = role,
        .password = password,
        .time_zone = flags->time_zone};
    return user_create(program->db, program->clock, program->passwords, &user, &id, problem);
}

static const struct {
    const char *name;
    bool (*run)(struct program *program, const struct member_flags *flags, struct problem *problem);
} subcommands[] = {
    {"add", add},
    {"invite", member_invite},
    {"role", member_role},
    {"remove", member_take_out},
    {"reset", member_reset},
    {"list", member_list},
};
#define SUBCOMMANDS (sizeof subcommands / sizeof subcommands[0])

static int usage(void)
{
    fprintf(stderr,
        "usage: portdesk user add --account NAME --name NAME --email ADDRESS --role owner|admin|agent|porting_team"
        " [--zone America/New_York]\n"
        "       portdesk user invite --account NAME --name NAME --email ADDRESS --role ROLE\n"
        "       portdesk user role --email ADDRESS --role ROLE\n"
        "       portdesk user remove --email ADDRESS\n"
        "       portdesk user reset --email ADDRESS [--print]\n"
        "       portdesk user reset-second-factor --email ADDRESS\n"
        "       portdesk user list [--account NAME]\n"
        "each with settings\n");
    return 2;
}

int command_user(int argc, char **argv)
{
    if (argc >= 1 && strcmp(argv[0], "reset-second-factor") == 0)
        return command_reset_second_factor(argc - 1, argv + 1);
    size_t which = 0;
    while (which < SUBCOMMANDS && (argc < 1 || strcmp(argv[0], subcommands[which].name) != 0))
        which++;
    if (which == SUBCOMMANDS)
        return usage();
    argc--;
    argv++;
    struct problem problem = {0};
    struct program program = {.arena = arena_new(4 * 1024 * 1024)};
    struct member_flags flags = {.time_zone = TEXT("America/New_York")};
    settings_take_flag(&argc, argv, "--account", &flags.account);
    settings_take_flag(&argc, argv, "--name", &flags.name);
    settings_take_flag(&argc, argv, "--email", &flags.email);
    settings_take_flag(&argc, argv, "--role", &flags.role);
    settings_take_flag(&argc, argv, "--zone", &flags.time_zone);
    flags.print = settings_take_flag(&argc, argv, "--print", NULL);
    int code = 2;
    if (settings_read(argc, argv, program.arena, &program.settings))
        code = subcommands[which].run(&program, &flags, &problem) ? 0 : command_failed(&problem);
    program_close(&program);
    return code;
}
