/* portdesk user invite, role, remove, reset, list: what the page People does, from the command line; and portdesk account. */
#include "commands/member.h"

#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/program.h"
#include "people/accounts.h"
#include "people/email.h"
#include "people/invitations.h"
#include "people/joining.h"
#include "people/members.h"
#include "people/standing.h"

#define LIST_MEMORY ((size_t)4 * 1024 * 1024)

/* What people typed stands in it: nothing of that may steer the terminal. */
static void print_clean(struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        putchar(c >= 0x20 && c != 0x7f ? c : '?');
    }
}

static void print_columns(const struct text *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            putchar('\t');
        print_clean(columns[i].len > 0 ? columns[i] : TEXT("-"));
    }
    putchar('\n');
}

/* ---- Looking up ---- */

struct finding {
    struct arena *arena;
    struct text name, email; /* of an account; of a user */
    struct account account;
    struct user user;
    bool found, several;
};

static bool account_closure(struct db_tx *tx, void *context)
{
    struct finding *finding = context;
    finding->found = finding->several = false;
    struct text id = TEXT_EMPTY;
    {
        DB_ROWS rows = db_query(tx, "SELECT id FROM account WHERE name = $1 OR id = $1 ORDER BY id LIMIT 2",
            DB_ARGS(db_text(finding->name)));
        while (db_next(rows)) {
            finding->several = id.len > 0;
            id = db_col_copy(rows, 0, finding->arena);
        }
    }
    finding->found = id.len > 0 && account_by_id(tx, finding->arena, id, &finding->account);
    return db_ok(tx);
}

/* The account with that name or id. */
static bool find_account(
    struct program *program, struct text name, struct finding *ret, struct problem *problem)
{
    *ret = (struct finding){.arena = program->arena, .name = name};
    if (!db_read(program->db, account_closure, ret, problem))
        return false;
    if (ret->several)
        return problem_set(problem, PROBLEM_INPUT, WORD_command_account_several, "--account", NULL, NULL);
    return ret->found || problem_set(problem, PROBLEM_INPUT, WORD_people_no_account, "--account", NULL, NULL);
}

static bool user_closure(struct db_tx *tx, void *context)
{
    struct finding *finding = context;
    finding->found = user_by_email(tx, finding->arena, finding->email, &finding->user);
    return db_ok(tx);
}

static bool find_user(
    struct program *program, struct text email, struct finding *ret, struct problem *problem)
{
    *ret = (struct finding){.arena = program->arena};
    if (!email_parse(program->arena, email, "--email", &ret->email, problem) ||
        !db_read(program->db, user_closure, ret, problem))
        return false;
    return ret->found || problem_set(problem, PROBLEM_INPUT, WORD_people_no_user, "--email", NULL, NULL);
}

static bool open(struct program *program, struct problem *problem)
{
    if (!program_open(program, problem))
        return false;
    program_assemble_people(program);
    return true;
}

/* ---- Users ---- */

bool member_invite(struct program *program, const struct member_flags *flags, struct problem *problem)
{
    struct finding finding;
    enum role role = ROLE_AGENT;
    if (!role_from(flags->role, &role))
        return problem_set(problem, PROBLEM_INPUT, WORD_command_role_wrong, "--role", NULL, NULL);
    return open(program, problem) && find_account(program, flags->account, &finding, problem) &&
           invitation_send(&program->people, NULL,
               &(struct invitation_new){
                   .account = finding.account.id, .email = flags->email, .name = flags->name, .role = role},
               problem);
}

bool member_role(struct program *program, const struct member_flags *flags, struct problem *problem)
{
    struct finding finding;
    enum role role = ROLE_AGENT;
    if (!role_from(flags->role, &role))
        return problem_set(problem, PROBLEM_INPUT, WORD_command_role_wrong, "--role", NULL, NULL);
    return open(program, problem) && find_user(program, flags->email, &finding, problem) &&
           member_change_role(&program->people, NULL, finding.user.account, finding.user.id, role, problem);
}

bool member_take_out(struct program *program, const struct member_flags *flags, struct problem *problem)
{
    struct finding finding;
    return open(program, problem) && find_user(program, flags->email, &finding, problem) &&
           member_remove(&program->people, NULL, finding.user.account, finding.user.id, problem);
}

struct resetting {
    const struct people *people;
    const struct user *user;
    struct text path;
    struct arena *arena;
    bool print;
};

static bool reset_closure(struct db_tx *tx, void *context)
{
    struct resetting *resetting = context;
    struct text path = TEXT_EMPTY;
    if (!reset_add(tx, resetting->people, resetting->user, TEXT_EMPTY, resetting->print ? &path : NULL))
        return false;
    resetting->path = text_copy(resetting->arena, path);
    return db_ok(tx);
}

/* With --print the link goes to the terminal instead of a mail: for a desk whose mail does not go. */
bool member_reset(struct program *program, const struct member_flags *flags, struct problem *problem)
{
    struct finding finding;
    if (!open(program, problem) || !find_user(program, flags->email, &finding, problem))
        return false;
    struct resetting resetting = {&program->people, &finding.user, TEXT_EMPTY, program->arena, flags->print};
    if (!db_write(program->db, reset_closure, &resetting, problem))
        return false;
    if (flags->print)
        printf("%.*s%.*s\n", TEXT_ARG(program->settings.base_url), TEXT_ARG(resetting.path));
    return true;
}

struct listing {
    struct arena *arena;
    struct text account;
};

static bool list_closure(struct db_tx *tx, void *context)
{
    const struct listing *listing = context;
    DB_ROWS rows = db_query(tx,
        "SELECT a.name, u.role, u.email, u.name, u.signed_in_at FROM app_user u JOIN account a ON a.id = u.account"
        " WHERE u.removed_at IS NULL AND ($1 = '' OR a.id = $1) ORDER BY a.name, u.name, u.id",
        DB_ARGS(db_text(listing->account)));
    while (db_next(rows)) {
        int64_t last = db_col_int(rows, 4);
        struct text columns[] = {db_col_text(rows, 0), db_col_text(rows, 1), db_col_text(rows, 2),
            db_col_text(rows, 3), last ? instant_iso(listing->arena, last) : TEXT_EMPTY};
        print_columns(columns, sizeof columns / sizeof *columns);
    }
    return db_ok(tx);
}

bool member_list(struct program *program, const struct member_flags *flags, struct problem *problem)
{
    struct finding finding = {0};
    if (!program_open_beside(program, problem) ||
        (flags->account.len > 0 && !find_account(program, flags->account, &finding, problem)))
        return false;
    struct listing listing = {program->arena, finding.account.id};
    return db_read(program->db, list_closure, &listing, problem);
}

/* ---- Accounts ---- */

static bool account_make(struct program *program, const struct member_flags *flags, struct problem *problem)
{
    struct id id;
    struct account_open account = {.name = flags->name,
        .country = flags->country.len > 0 ? flags->country : TEXT("US"),
        .owner_name = flags->owner_name,
        .owner_email = flags->email};
    if (!open(program, problem) || !account_open(&program->people, NULL, &account, &id, problem))
        return false;
    printf("%.*s\n", TEXT_ARG(id_text(&id)));
    return true;
}

static bool account_show(struct program *program, const struct member_flags *flags, struct problem *problem)
{
    struct text after = TEXT_EMPTY;
    if (!program_open_beside(program, problem))
        return false;
    program_assemble_people(program);
    do {
        ARENA_CLEANUP arena = arena_new(LIST_MEMORY);
        struct accounts list;
        if (!accounts_list(&program->people, NULL, flags->search, after, arena, &list, problem))
            return false;
        for (size_t i = 0; i < list.rows_count; i++) {
            const struct account_row *row = &list.rows[i];
            struct text columns[] = {row->id, row->country, row->name,
                text_format(arena, "%lld", (long long)row->users), row->owner};
            print_columns(columns, sizeof columns / sizeof *columns);
        }
        after = text_copy(program->arena, list.next);
    } while (after.len > 0);
    return true;
}

int command_account(int argc, char **argv)
{
    bool adds = argc > 0 && !strcmp(argv[0], "add"), lists = argc > 0 && !strcmp(argv[0], "list");
    if (!adds && !lists) {
        fprintf(stderr,
            "usage: portdesk account add --name NAME [--country US|CA] [--owner NAME --email ADDRESS] | list [--search "
            "WORDS], each with settings\n");
        return 2;
    }
    argc--;
    argv++;
    struct problem problem = {0};
    struct program program = {.arena = arena_new(LIST_MEMORY)};
    struct member_flags flags = {0};
    settings_take_flag(&argc, argv, "--name", &flags.name);
    settings_take_flag(&argc, argv, "--country", &flags.country);
    settings_take_flag(&argc, argv, "--owner", &flags.owner_name);
    settings_take_flag(&argc, argv, "--email", &flags.email);
    settings_take_flag(&argc, argv, "--search", &flags.search);
    int code = 2;
    if (settings_read(argc, argv, program.arena, &program.settings)) {
        bool done =
            adds ? account_make(&program, &flags, &problem) : account_show(&program, &flags, &problem);
        code = done ? 0 : command_failed(&problem);
    }
    program_close(&program);
    return code;
}
