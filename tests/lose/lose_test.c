/* That the directory loses what was not made durable, and nothing else: programs that leave out one step are caught, those that do all are not. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "store/file.h"

static const char *tool, *library;

/* One step of a program that is killed after its last. */
struct step {
    enum { END, WRITE, ADD, SYNC, RENAME, UNLINK, MKDIR, SYNC_DIR } what;
    const char *name;
    const char *more; /* what is written, or the new name */
};

#define STEPS_MAX 8

struct program {
    const char *name;
    struct step steps[STEPS_MAX];
    const char *file;    /* looked at after the cut */
    const char *content; /* NULL: it is not there */
};

/* "kept" was made durable before: it holds "old", and so does folder/inner. */
static const struct program programs[] = {
    {"nothing at all", {{END, NULL, NULL}}, "kept", "old"},
    {"a new file, all done", {{WRITE, "a", "new"}, {SYNC, "a", NULL}, {SYNC_DIR, ".", NULL}}, "a", "new"},
    {"content not synced", {{WRITE, "a", "new"}, {SYNC_DIR, ".", NULL}}, "a", ""},
    {"name not synced", {{WRITE, "a", "new"}, {SYNC, "a", NULL}}, "a", NULL},
    {"replaced, all done",
        {{WRITE, "a", "new"}, {SYNC, "a", NULL}, {RENAME, "a", "kept"}, {SYNC_DIR, ".", NULL}}, "kept",
        "new"},
    {"replaced, name not synced", {{WRITE, "a", "new"}, {SYNC, "a", NULL}, {RENAME, "a", "kept"}}, "kept",
        "old"},
    {"replaced, content not synced", {{WRITE, "a", "new"}, {RENAME, "a", "kept"}, {SYNC_DIR, ".", NULL}},
        "kept", ""},
    {"moved, the wrong folder synced", {{RENAME, "kept", "folder/kept"}, {SYNC_DIR, ".", NULL}},
        "folder/kept", NULL},
    {"moved, all done", {{RENAME, "kept", "folder/kept"}, {SYNC_DIR, ".", NULL}, {SYNC_DIR, "folder", NULL}},
        "folder/kept", "old"},
    {"removed, not synced", {{UNLINK, "kept", NULL}}, "kept", "old"},
    {"removed, all done", {{UNLINK, "kept", NULL}, {SYNC_DIR, ".", NULL}}, "kept", NULL},
    {"removed and made again, content not synced",
        {{UNLINK, "kept", NULL}, {WRITE, "kept", "new"}, {SYNC_DIR, ".", NULL}}, "kept", ""},
    {"more at the end, not synced", {{ADD, "kept", "er"}}, "kept", "old"},
    {"more at the end, all done", {{ADD, "kept", "er"}, {SYNC, "kept", NULL}}, "kept", "older"},
    {"more after the sync", {{ADD, "kept", "er"}, {SYNC, "kept", NULL}, {ADD, "kept", "!"}}, "kept", "older"},
    {"a folder, not synced",
        {{MKDIR, "b", NULL}, {WRITE, "b/a", "new"}, {SYNC, "b/a", NULL}, {SYNC_DIR, "b", NULL}}, "b/a", NULL},
    {"a folder, its names not synced",
        {{MKDIR, "b", NULL}, {SYNC_DIR, ".", NULL}, {WRITE, "b/a", "new"}, {SYNC, "b/a", NULL}}, "b/a", NULL},
    {"a folder, all done",
        {{MKDIR, "b", NULL}, {SYNC_DIR, ".", NULL}, {WRITE, "b/a", "new"}, {SYNC, "b/a", NULL},
            {SYNC_DIR, "b", NULL}},
        "b/a", "new"},
    {"what is deeper stays", {{UNLINK, "kept", NULL}}, "folder/inner", "old"},
};

static void write_file(const char *path, const char *text, int flags, bool sync)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
    assert_true(fd >= 0);
    assert_true(file_write_all(fd, text, strlen(text), path, NULL));
    assert_true(!sync || fsync(fd) == 0);
    close(fd);
}

static void sync_path(const char *path, int flags)
{
    int fd = open(path, O_CLOEXEC | flags); /* O_WRONLY too: as who wrote it has it */
    assert_true(fd >= 0);
    assert_int_equal(fsync(fd), 0);
    close(fd);
}

static void step_run(const struct step *step)
{
    switch (step->what) {
    case WRITE:
        write_file(step->name, step->more, O_EXCL, false);
        break;
    case ADD:
        write_file(step->name, step->more, O_APPEND, false);
        break;
    case SYNC:
        sync_path(step->name, O_WRONLY);
        break;
    case SYNC_DIR:
        sync_path(step->name, O_RDONLY | O_DIRECTORY);
        break;
    case RENAME:
        assert_int_equal(rename(step->name, step->more), 0);
        break;
    case UNLINK:
        assert_int_equal(unlink(step->name), 0);
        break;
    case MKDIR:
        assert_int_equal(mkdir(step->name, 0700), 0);
        break;
    case END:
        break;
    }
}

/* Runs `lose` and wants it to succeed. */
static void lose(const char *what, const struct scratch *scratch, const char *seed)
{
    char root[96];
    char shadow[96];
    snprintf(root, sizeof root, "%s/root", scratch->folder);
    snprintf(shadow, sizeof shadow, "%s/shadow", scratch->folder);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        unsetenv("LD_PRELOAD");
        execl(tool, tool, what, root, shadow, seed, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(scratch_wait(child), 0);
}

/* The directory as it was before: all of it durable. */
static void lay_out(struct scratch *scratch)
{
    const char *root = scratch_path(scratch, "root");
    assert_int_equal(mkdir(root, 0700), 0);
    assert_int_equal(mkdir(scratch_path(scratch, "root/folder"), 0700), 0);
    write_file(scratch_path(scratch, "root/kept"), "old", 0, false);
    write_file(scratch_path(scratch, "root/folder/inner"), "old", 0, false);
    lose("begin", scratch, NULL);
}

/* This program again, with the library, in the root; it kills itself. */
static void run_and_cut(struct scratch *scratch, const char *mode, const char *argument, const char *seed)
{
    setenv("LOSE_ROOT", scratch_path(scratch, "root"), 1);
    setenv("LOSE_SHADOW", scratch_path(scratch, "shadow"), 1);
    setenv("LD_PRELOAD", library, 1);
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    pid_t child = scratch_spawn(mode, argument, NULL);
    unsetenv("LD_PRELOAD");
    assert_int_equal(scratch_wait(child), 128 + SIGKILL);
    lose("restore", scratch, seed);
}

/* NULL when there is none. */
static const char *read_file(const char *path)
{
    static char content[64];
    size_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        assert_int_equal(errno, ENOENT);
        return NULL;
    }
    assert_true(file_read_all(fd, content, sizeof content - 1, &len, path, NULL));
    content[len] = '\0';
    close(fd);
    return content;
}

static char in_root[96];

static const char *looked_at(struct scratch *scratch, const struct program *program)
{
    snprintf(in_root, sizeof in_root, "root/%s", program->file);
    return read_file(scratch_path(scratch, in_root));
}

static void what_was_not_synced_is_lost(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(programs); i++) {
        void *scratch = NULL;
        scratch_setup(&scratch);
        lay_out(scratch);
        char number[8];
        snprintf(number, sizeof number, "%zu", i);
        run_and_cut(scratch, "program", number, NULL);
        const char *content = looked_at(scratch, &programs[i]);
        const char *wanted = programs[i].content;
        if ((content == NULL) != (wanted == NULL) || (content && strcmp(content, wanted) != 0)) {
            fail_msg("%s: %s", programs[i].name, content ? content : "not there");
        }
        scratch_teardown(&scratch);
    }
}

/* With a seed what was not durable is kept now and then; what was durable is kept always. */
static void a_seed_keeps_some_of_the_rest(void **state)
{
    (void)state;
    size_t kept = 0;
    size_t lost = 0;
    for (int seed = 1; seed <= 40; seed++) {
        void *scratch = NULL;
        scratch_setup(&scratch);
        lay_out(scratch);
        char text[8];
        snprintf(text, sizeof text, "%d", seed * 7919);
        run_and_cut(scratch, "program", "12", text); /* more at the end, not synced */
        const char *content = looked_at(scratch, &programs[12]);
        assert_non_null(content);
        assert_memory_equal(content, "old", 3);
        kept += strcmp(content, "older") == 0;
        lost += strcmp(content, "old") == 0;
        scratch_teardown(&scratch);
    }
    assert_true(kept > 3 && lost > 3);
}

/* SQLite as the product has it, and as it must not have it. */
static void a_database_that_does_not_sync_is_caught(void **state)
{
    (void)state;
    static const struct {
        const char *setting;
        bool kept;
    } cases[] = {{"FULL", true}, {"OFF", false}, {"NORMAL", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        void *scratch = NULL;
        scratch_setup(&scratch);
        lay_out(scratch);
        run_and_cut(scratch, "sqlite", cases[i].setting, NULL);
        sqlite3 *handle = NULL;
        assert_int_equal(sqlite3_open(scratch_path(scratch, "root/a.db"), &handle), SQLITE_OK);
        int code = sqlite3_exec(handle, "INSERT INTO line VALUES (1)", NULL, NULL, NULL);
        /* Its row is there when the same key is refused. */
        assert_int_equal(code == SQLITE_CONSTRAINT, cases[i].kept);
        sqlite3_close(handle);
        scratch_teardown(&scratch);
    }
}

static void enter_root(void)
{
    assert_int_equal(chdir(getenv("LOSE_ROOT")), 0);
}

static void run_program(const char *number)
{
    uint64_t index = 0;
    assert_true(text_to_u64(text_from(number), COUNT(programs) - 1, &index));
    for (size_t i = 0; i < STEPS_MAX; i++) {
        step_run(&programs[index].steps[i]);
    }
}

static void run_sqlite(const char *setting)
{
    sqlite3 *handle = NULL;
    char pragma[64];
    snprintf(pragma, sizeof pragma, "PRAGMA journal_mode = WAL; PRAGMA synchronous = %s", setting);
    assert_int_equal(sqlite3_open("a.db", &handle), SQLITE_OK);
    sync_path(".", O_RDONLY | O_DIRECTORY); /* as the product does when it has made the file */
    assert_int_equal(sqlite3_exec(handle, pragma, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(handle, "CREATE TABLE line (id INTEGER PRIMARY KEY)", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, "INSERT INTO line VALUES (1)", NULL, NULL, NULL), SQLITE_OK);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "program") == 0) {
        enter_root();
        run_program(argv[2]);
        return raise(SIGKILL);
    }
    if (argc == 3 && strcmp(argv[1], "sqlite") == 0) {
        enter_root();
        run_sqlite(argv[2]);
        return raise(SIGKILL);
    }
    assert_int_equal(argc, 3);
    tool = argv[1];
    library = argv[2];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_synced_is_lost),
        cmocka_unit_test(a_seed_keeps_some_of_the_rest),
        cmocka_unit_test(a_database_that_does_not_sync_is_caught),
    };
    return cmocka_run_group_tests_name("lose", tests, NULL, NULL);
}
