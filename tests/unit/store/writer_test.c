/* Group commit: durable, grouped, and nobody harmed by another. Also run as a child that is killed while it writes. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "group.h"

static const struct db_migration steps[] = {
    {1, "rows",
        "CREATE TABLE line (id INTEGER NOT NULL PRIMARY KEY, body BLOB);"
        "CREATE TABLE child (id INTEGER NOT NULL PRIMARY KEY,"
        " line INTEGER REFERENCES line (id));"},
    {0, NULL, NULL},
};

#define WRITERS 8
#define WRITES 100

static bool insert_line(struct db_tx *tx, void *context)
{
    return db_exec(tx, "INSERT INTO line (id) VALUES ($1)", DB_ARGS(db_int(*(int64_t *)context)));
}

struct many {
    struct db *db;
    int64_t first;
    int out; /* acknowledges go here; -1: nowhere */
};

static void *write_many(void *context)
{
    const struct many *many = context;
    for (int64_t id = many->first; id < many->first + WRITES; id++) {
        struct problem problem = {.kind = PROBLEM_NONE};
        assert_true(db_write(many->db, insert_line, &id, &problem));
        if (many->out >= 0 && write(many->out, &id, sizeof id) != sizeof id) {
            return NULL;
        }
    }
    return NULL;
}

static void write_from_all(struct db *db, int64_t first, int out)
{
    pthread_t threads[WRITERS];
    struct many many[WRITERS];
    for (size_t i = 0; i < WRITERS; i++) {
        many[i] = (struct many){.db = db, .first = first + (int64_t)i * WRITES, .out = out};
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &many[i]), 0);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void writes_are_grouped_and_durable(void **state)
{
    const char *path = scratch_path(*state, "a.db");
    struct db *db = scratch_db(path, steps);
    write_from_all(db, 1, -1);
    struct db_stats stats = db_stats(db);
    assert_int_equal(stats.writes, WRITERS * WRITES);
    assert_int_equal(stats.replays, 0);
    assert_true(stats.groups > 0 && stats.groups < stats.writes);
    db_close(db);
    db = scratch_db(path, steps);
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM line", DB_NO_ARGS), WRITERS * WRITES);
    db_close(db);
}

static bool add(struct db_tx *tx, void *context)
{
    struct member *member = context;
    member->runs++;
    return db_exec(tx, "INSERT INTO line (id) VALUES ($1)", DB_ARGS(db_int(member->id)));
}

static bool add_and_fail(struct db_tx *tx, void *context)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    problem_set(&problem, PROBLEM_FORBIDDEN, WORD_problem_forbidden, NULL, NULL, NULL);
    add(tx, context);
    return db_fail(tx, &problem);
}

static bool add_and_return_false(struct db_tx *tx, void *context)
{
    add(tx, context);
    return false;
}

static bool add_and_collide(struct db_tx *tx, void *context)
{
    add(tx, context);
    db_exec(tx, "INSERT INTO child (id, line) VALUES (1, 987654)", DB_NO_ARGS);
    return true;
}

static bool add_and_err(struct db_tx *tx, void *context)
{
    add(tx, context);
    db_exec(tx, "INSERT INTO nowhere (id) VALUES (1)", DB_NO_ARGS);
    return true;
}

/* A constraint that is looked at by COMMIT: what no closure of ours does, and what therefore shows a COMMIT that fails. */
static bool add_and_break_commit(struct db_tx *tx, void *context)
{
    add(tx, context);
    db_exec(tx, "PRAGMA defer_foreign_keys = ON", DB_NO_ARGS);
    return db_exec(tx, "INSERT INTO child (id, line) VALUES (1, 987654)", DB_NO_ARGS);
}

static bool add_too_much(struct db_tx *tx, void *context)
{
    add(tx, context);
    return db_exec(tx, "UPDATE line SET body = zeroblob(10000000) WHERE id = $1",
        DB_ARGS(db_int(((struct member *)context)->id)));
}

static void the_others_are_not_harmed(void **state)
{
    static const struct {
        db_closure *closure;
        enum problem_kind kind;
        bool replayed; /* the whole group had to be written again, each alone */
    } cases[] = {
        {add_and_fail, PROBLEM_FORBIDDEN, false},
        {add_and_return_false, PROBLEM_INTERNAL, false},
        {add_and_collide, PROBLEM_CONFLICT, false},
        {add_and_err, PROBLEM_INTERNAL, false},
        {add_and_break_commit, PROBLEM_CONFLICT, true},
        {add_too_much, PROBLEM_LATER, true},
    };
    const char *path = scratch_path(*state, "a.db");
    struct db *db = scratch_db(path, steps);
    scratch_exec(db, "PRAGMA max_page_count = 500", DB_NO_ARGS);
    int64_t rows = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct member members[5] = {{.closure = add}, {.closure = add}, {.closure = cases[i].closure},
            {.closure = add}, {.closure = cases[i].closure}};
        for (size_t j = 0; j < COUNT(members); j++) {
            members[j].id = (int64_t)(i * 100 + j);
        }
        struct db_stats stats = group_write(db, NULL, members, COUNT(members));
        for (size_t j = 0; j < COUNT(members); j++) {
            bool harmless = members[j].closure == add;
            assert_int_equal(members[j].ok, harmless);
            assert_int_equal(members[j].problem.kind, harmless ? PROBLEM_NONE : cases[i].kind);
        }
        assert_int_equal(members[0].runs, cases[i].replayed ? 2 : 1);
        assert_int_equal(stats.writes, 3);
        assert_int_equal(stats.groups, cases[i].replayed ? COUNT(members) : 1);
        assert_int_equal(stats.replays, cases[i].replayed ? COUNT(members) : 0);
        rows += 3;
        assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM line", DB_NO_ARGS), rows);
    }
    db_close(db);
    db = scratch_db(path, steps);
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM line", DB_NO_ARGS), rows);
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM child", DB_NO_ARGS), 0);
    db_close(db);
}

static bool see_the_one_before(struct db_tx *tx, void *context)
{
    struct member *member = context;
    assert_int_equal(
        db_number(tx, "SELECT COUNT(*) FROM line WHERE id = $1", DB_ARGS(db_int(member->id - 1)), 0), 1);
    return add(tx, context);
}

static void a_group_is_written_in_the_order_of_asking(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "a.db"), steps);
    struct member members[6];
    for (size_t i = 0; i < COUNT(members); i++) {
        members[i] = (struct member){.closure = i ? see_the_one_before : add, .id = (int64_t)i};
    }
    struct db_stats stats = group_write(db, NULL, members, COUNT(members));
    assert_int_equal(stats.groups, 1);
    assert_int_equal(stats.writes, COUNT(members));
    db_close(db);
}

static int64_t size_of(const char *path)
{
    struct stat stat_of;
    assert_int_equal(stat(path, &stat_of), 0);
    return stat_of.st_size;
}

static void the_log_is_carried_over_while_it_runs(void **state)
{
    const char *path = scratch_path(*state, "a.db");
    struct db *db = scratch_db(path, steps);
    for (int64_t id = 1; id <= 90; id++) {
        scratch_exec(db, "INSERT INTO line (id, body) VALUES ($1, zeroblob(1000000))", DB_ARGS(db_int(id)));
    }
    /* Never much longer than 8000 pages, also while there is always something to write; and, when there is not, all of it soon. */
    assert_true(size_of(scratch_path(*state, "a.db-wal")) < 40 * 1000000);
    while (size_of(path) < 90 * 1000000) {
        sched_yield();
    }
    db_close(db);
}

static void a_second_process_is_refused(void **state)
{
    const char *path = scratch_path(*state, "a.db");
    struct db *db = scratch_db(path, steps);
    struct db *second = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    assert_false(db_open(&(struct db_options){.url = path, .migrations = steps}, &second, &problem));
    assert_int_equal(problem.word, WORD_store_in_use);
    assert_int_equal(scratch_wait(scratch_spawn("open", path, NULL)), PROBLEM_CONFLICT);
    db_close(db);
    assert_int_equal(scratch_wait(scratch_spawn("open", path, NULL)), PROBLEM_NONE);
}

/* Reads acknowledges until `wanted` have come, then kills the child and reads what it had still written. */
static size_t collect(pid_t child, int out, size_t wanted, int64_t *ids, size_t max)
{
    size_t count = 0;
    bool killed = false;
    while (count < max && read(out, &ids[count], sizeof ids[0]) == sizeof ids[0]) {
        count++;
        if (count >= wanted && !killed) {
            assert_int_equal(kill(child, SIGKILL), 0);
            killed = true;
        }
    }
    assert_int_equal(scratch_wait(child), 128 + SIGKILL);
    return count;
}

static void what_was_answered_survives_a_kill(void **state)
{
    static const size_t wanted[] = {1, 7, 20, 61, 150, 400};
    const char *path = scratch_path(*state, "a.db");
    static int64_t ids[WRITERS * WRITES];
    for (size_t i = 0; i < COUNT(wanted); i++) {
        int out = -1;
        pid_t child = scratch_spawn("write", path, &out);
        size_t count = collect(child, out, wanted[i], ids, COUNT(ids));
        close(out);
        assert_true(count >= wanted[i]);
        struct db *db = scratch_db(path, steps);
        for (size_t j = 0; j < count; j++) {
            assert_int_equal(
                scratch_number(db, "SELECT COUNT(*) FROM line WHERE id = $1", DB_ARGS(db_int(ids[j]))), 1);
        }
        assert_int_equal(scratch_number(db,
                             "SELECT integrity_check = 'ok' FROM pragma_integrity_check LIMIT 1", DB_NO_ARGS),
            1);
        db_close(db);
    }
}

static int run_as_child(const char *mode, const char *path)
{
    struct db *db = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    if (!db_open(&(struct db_options){.url = path, .migrations = steps}, &db, &problem)) {
        return (int)problem.kind;
    }
    if (strcmp(mode, "write") == 0) {
        /* Without end; the parent kills it. Rows of earlier rounds are there. */
        int64_t first = scratch_number(db, "SELECT COALESCE(MAX(id), 0) FROM line", DB_NO_ARGS) + 1;
        while (true) {
            write_from_all(db, first, STDOUT_FILENO);
            first += WRITERS * WRITES;
        }
    }
    db_close(db);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3) {
        return run_as_child(argv[1], argv[2]);
    }
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(writes_are_grouped_and_durable),
        CASE(the_others_are_not_harmed),
        CASE(a_group_is_written_in_the_order_of_asking),
        CASE(the_log_is_carried_over_while_it_runs),
        CASE(a_second_process_is_refused),
        CASE(what_was_answered_survives_a_kill),
    };
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
