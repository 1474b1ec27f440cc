/* portdesk doctor: looks whether this machine and these settings can run a desk, and says what to mend. Changes nothing. */
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "bills/reader.h"
#include "commands/commands.h"
#include "commands/deep.h"
#include "commands/program.h"

#define DISK_MIN (1024LL * 1024 * 1024)

struct check {
    int faults;
};

static void say(struct check *check, bool ok, const char *what, const char *more)
{
    printf("%s  %s%s%s\n", ok ? "ok  " : "FAIL", what, more[0] ? ": " : "", more);
    check->faults += ok ? 0 : 1;
}

static void check_key(struct check *check, struct program *program)
{
    struct problem problem = {0};
    bool ok = vault_open(program_path(program, "portdesk.key"), &program->vault, &problem);
    say(check, ok, "key file opens and is private", problem.detail);
}

/* SQLite before 3.51.3 can corrupt a WAL database when two connections write or checkpoint; here one connection of one process
 * does both, so the version is told, not refused. */
static void check_database(struct check *check, struct program *program)
{
    struct problem problem = {0};
    struct db_options options = program_database(program);
    options.connections = 1;
    options.read_only = true;
    bool ok = db_open(&options, &program->db, &problem);
    say(check, ok, "database opens", ok ? db_version(program->db, program->arena).at : problem.detail);
}

static void check_disk(struct check *check, struct program *program)
{
    struct statvfs info;
    const char *directory = text_cstr(program->arena, program->settings.data_dir);
    bool ok = statvfs(directory, &info) == 0 && access(directory, W_OK) == 0;
    int64_t left = ok ? (int64_t)info.f_bavail * (int64_t)info.f_frsize : 0;
    say(check, ok, "data directory can be written", directory);
    say(check, left > DISK_MIN, "disk has more than 1 GiB left",
        text_format(program->arena, "%lld MiB", (long long)(left / (1024 * 1024))).at);
}

static void check_reader(struct check *check, struct program *program)
{
    struct problem problem = {0};
    struct bill_reader_options options = {
        .allow_weak_cage = program->settings.reader_weak_cage, .at_once = 1};
    bool ok = bill_reader_start(
        text_cstr(program->arena, program->settings.reader_program), &options, &program->reader, &problem);
    const char *weakness = ok ? text_cstr(program->arena, bill_reader_weakness(program->reader)) : "";
    if (weakness[0])
        say(check, false, "bill reader starts, but this kernel lacks a part of its cage", weakness);
    else
        say(check, ok, "bill reader starts in its cage", problem.detail);
}

static void check_zones(struct check *check)
{
    struct date date = {2026, 7, 1};
    int64_t new_york = date_at(date, 0, 0, TEXT("America/New_York"));
    say(check, new_york != date_at(date, 0, 0, TEXT_EMPTY), "time zones are installed", "");
}

static void print_word(struct program *program, enum word word, const struct word_arg *args, size_t count)
{
    struct text line = words_say(program->arena, LANGUAGE_EN, word, args, count);
    printf("%.*s\n", TEXT_ARG(line));
}

static bool print_json(const struct deep *deep, json_t *whole, struct problem *problem)
{
    json_put_i64(whole, "findings", deep->findings);
    json_object_set(whole, "checks", deep->checks);
    bool written = json_dumpf(whole, stdout, JSON_INDENT(2)) == 0 && putchar('\n') == '\n';
    return written || problem_internal(problem, "standard output cannot be written");
}

/* Every record, sealed value and document. Returns the exit code. */
static int deep_doctor(struct program *program, bool json)
{
    struct problem problem = {0};
    JSON_CLEANUP whole = json_object();
    JSON_CLEANUP checks = json ? json_array() : NULL;
    struct deep deep = {.program = program, .checks = checks};
    if (!program_open_beside(program, &problem) || !deep_run(&deep, &problem) ||
        (json && !print_json(&deep, whole, &problem)))
        return command_failed(&problem);
    if (!json)
        print_word(program, deep.findings ? WORD_doctor_deep_findings : WORD_doctor_deep_sound,
            WORD_ARGS(WORD_NUMBER("count", deep.findings)));
    return deep.findings ? 1 : 0;
}

int command_doctor(int argc, char **argv)
{
    bool deep = settings_take_flag(&argc, argv, "--deep", NULL);
    bool json = deep && settings_take_flag(&argc, argv, "--json", NULL);
    struct check check = {0};
    struct program program = {.arena = arena_new(4 * 1024 * 1024)};
    if (!settings_read(argc, argv, program.arena, &program.settings)) {
        arena_free(program.arena);
        return 2;
    }
    if (deep) {
        int code = deep_doctor(&program, json);
        program_close(&program);
        return code;
    }
    bool secure = text_starts(program.settings.base_url, TEXT("https://"));
    say(&check, secure || program.settings.demo, "web.base_url is https", program.settings.base_url.at);
    check_zones(&check);
    check_disk(&check, &program);
    check_key(&check, &program);
    check_database(&check, &program);
    check_reader(&check, &program);
    printf(check.faults ? "%d to mend\n" : "all is well\n", check.faults);
    program_close(&program);
    return check.faults ? 1 : 0;
}
