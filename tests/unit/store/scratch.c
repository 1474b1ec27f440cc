#include "scratch.h"

#include "store/migrations.h"
#include "test_database.h"

#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int setup_in(const char *parent, void **state)
{
    struct scratch *scratch = calloc(1, sizeof *scratch);
    assert_non_null(scratch);
    snprintf(scratch->folder, sizeof scratch->folder, "%s/portdesk-unit-XXXXXX", parent);
    assert_non_null(mkdtemp(scratch->folder));
    *state = scratch;
    return 0;
}

int scratch_setup(void **state)
{
    return setup_in("/tmp", state);
}

int scratch_setup_in_memory(void **state)
{
    return setup_in(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", state);
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *at)
{
    (void)stat;
    (void)type;
    (void)at;
    return remove(path);
}

int scratch_teardown(void **state)
{
    struct scratch *scratch = *state;
    test_databases_drop();
    nftw(scratch->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(scratch);
    return 0;
}

static char *next_url(void)
{
    static char urls[8][TEST_URL_MAX];
    static size_t next;
    return urls[next++ % COUNT(urls)];
}

const char *scratch_url(const char *path)
{
    return test_database(path, next_url());
}

const char *scratch_path(struct scratch *scratch, const char *name)
{
    char *path = scratch->paths[scratch->next++ % COUNT(scratch->paths)];
    char folder[sizeof scratch->folder]; /* gcc takes two parts of one struct for the same */
    memcpy(folder, scratch->folder, sizeof folder);
    snprintf(path, sizeof scratch->paths[0], "%s/%s", folder, name);
    return path;
}

static void fail_with(const struct problem *problem)
{
    fail_msg("%s: %s", words_key(problem->word), problem->detail);
}

struct db *scratch_db(const char *path, const struct db_migration *migrations)
{
    struct db *db = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    bool whole = migrations == portdesk_migrations || migrations == sandbox_migrations;
    const char *url = whole ? test_database_with(path, migrations, next_url()) : scratch_url(path);
    if (!db_open(
            &(struct db_options){.url = url, .migrations = migrations, .connections = 2}, &db, &problem)) {
        fail_with(&problem);
    }
    return db;
}

struct statement {
    const char *sql;
    const struct db_value *args;
    size_t count;
    int64_t number;
};

static bool run_statement(struct db_tx *tx, void *context)
{
    const struct statement *statement = context;
    return db_exec(tx, statement->sql, statement->args, statement->count);
}

static bool read_number(struct db_tx *tx, void *context)
{
    struct statement *statement = context;
    statement->number = db_number(tx, statement->sql, statement->args, statement->count, INT64_MIN);
    return db_ok(tx);
}

void scratch_exec(struct db *db, const char *sql, const struct db_value *args, size_t count)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    struct statement statement = {.sql = sql, .args = args, .count = count};
    if (!db_write(db, run_statement, &statement, &problem)) {
        fail_with(&problem);
    }
}

int64_t scratch_number(struct db *db, const char *sql, const struct db_value *args, size_t count)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    struct statement statement = {.sql = sql, .args = args, .count = count};
    if (!db_read(db, read_number, &statement, &problem)) {
        fail_with(&problem);
    }
    return statement.number;
}

pid_t scratch_spawn(const char *mode, const char *argument, int *ret_out)
{
    test_databases_spoiled();
    int ends[2] = {-1, -1};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (ret_out) {
        assert_int_equal(pipe(ends), 0);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        posix_spawn_file_actions_addclose(&actions, ends[0]);
        posix_spawn_file_actions_addclose(&actions, ends[1]);
    }
    char program[] = "/proc/self/exe";
    char *const argv[] = {program, (char *)mode, (char *)argument, NULL};
    pid_t child = 0;
    assert_int_equal(posix_spawn(&child, program, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    if (ret_out) {
        close(ends[1]);
        *ret_out = ends[0];
    }
    return child;
}

int scratch_wait(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
