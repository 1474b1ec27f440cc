/* portdesk init: makes the data directory, the key and the database; with --demo, the demo's accounts and people too. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "commands/commands.h"
#include "commands/program.h"
#include "store/file.h"

const struct demo_person demo_people[] = {
    {"Harbor & Pine Realty", "Priya Raman", "priya@harborpine.example", "owner", "America/Los_Angeles"},
    {"Harbor & Pine Realty", "Marcus Oyelaran", "marcus@harborpine.example", "admin", "America/Los_Angeles"},
    {"Harbor & Pine Realty", "Elena Marsh", "elena@harborpine.example", "agent", "America/Denver"},
    {"Birch Street Dental", "Tom Okafor", "tom@birchdental.example", "owner", "America/Chicago"},
    {"Northline Support", "Nadia Weiss", "nadia@northline.example", "porting_team", "America/New_York"},
};
const size_t demo_people_count = sizeof demo_people / sizeof demo_people[0];

/* Its entry is made durable also when it is there: who made it may have been killed before. */
static bool make_directory(struct program *program, const char *path, struct problem *problem)
{
    struct stat info;
    if (mkdir(path, 0700) != 0 && !(errno == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode)))
        return problem_internal(problem, "%s: %s", path, strerror(errno));
    const char *in_parent = text_format(program->arena, "%s/../.", path).at;
    return file_sync_parent(in_parent, problem);
}

/* The key, unless it is there already: an init that was interrupted can be repeated. */
static bool make_key(struct program *program, struct problem *problem)
{
    struct stat info;
    const char *path = program_path(program, "portdesk.key");
    return stat(path, &info) == 0 ? file_sync_parent(path, problem) : vault_key_create(path, problem);
}

static bool make_person(
    struct program *program, const struct demo_person *person, struct text account, struct problem *problem)
{
    struct id id;
    enum role role = ROLE_AGENT;
    role_from(text_from(person->role), &role);
    struct user_new user = {.account = account,
        .email = text_from(person->email),
        .name = text_from(person->name),
        .role = role,
        .password = TEXT(DEMO_PASSWORD),
        .time_zone = text_from(person->time_zone)};
    if (!user_create(program->db, program->clock, program->passwords, &user, &id, problem))
        return false;
    printf("  %-16s %-28s %s\n", person->name, person->email, person->role);
    return true;
}

static bool make_people(struct program *program, struct problem *problem)
{
    struct id account = {0};
    printf("Sign-ins of the demo, all with the password " DEMO_PASSWORD "\n");
    for (size_t i = 0; i < demo_people_count; i++) {
        const struct demo_person *person = &demo_people[i];
        struct account_new new_account = {.name = text_from(person->account),
            .country = TEXT("US"),
            .is_operator = !strcmp(person->role, "porting_team")};
        bool next = !i || strcmp(person->account, demo_people[i - 1].account) != 0;
        if (next && !account_create(program->db, program->clock, &new_account, &account, problem))
            return false;
        if (next)
            printf("%s\n", person->account);
        if (!make_person(program, person, id_text(&account), problem))
            return false;
    }
    return true;
}

static bool make(struct program *program, bool demo, struct problem *problem)
{
    const char *directory = text_cstr(program->arena, program->settings.data_dir);
    if (!make_directory(program, directory, problem) || !make_key(program, problem) ||
        !program_open(program, problem))
        return false;
    if (demo && !program->settings.demo)
        return problem_set(problem, PROBLEM_INPUT, WORD_command_demo_off, NULL, NULL, NULL);
    return !demo || make_people(program, problem);
}

int command_init(int argc, char **argv)
{
    bool demo = settings_take_flag(&argc, argv, "--demo", NULL);
    struct problem problem = {0};
    struct program program = {.arena = arena_new(4 * 1024 * 1024)};
    if (!settings_read(argc, argv, program.arena, &program.settings)) {
        arena_free(program.arena);
        return 2;
    }
    int code = make(&program, demo, &problem) ? 0 : command_failed(&problem);
    program_close(&program);
    return code;
}
