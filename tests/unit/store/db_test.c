/* The database: opening, migrations, statements, errors, reading. */
#include "store/db.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "scratch.h"
#include "test_database.h"

static const struct db_migration steps[] = {
    {1, "pets",
        "CREATE TABLE owner (id INTEGER NOT NULL PRIMARY KEY);\n"
        "CREATE TABLE pet (id INTEGER NOT NULL PRIMARY KEY, name TEXT UNIQUE, picture BLOB, weight INTEGER,"
        " owner INTEGER REFERENCES owner (id), legs INTEGER CHECK (legs >= 0));"},
    {3, "toys", "CREATE TABLE toy (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)"},
    {0, NULL, NULL},
};
static const struct db_migration first_step[] = {
    {1, "pets", "CREATE TABLE pet (id INTEGER NOT NULL PRIMARY KEY)"},
    {0, NULL, NULL},
};
static const struct db_migration other_step[] = {
    {1, "plants", "CREATE TABLE plant (id INTEGER NOT NULL PRIMARY KEY)"},
    {0, NULL, NULL},
};
static const struct db_migration broken_step[] = {
    {1, "pets", "CREATE TABLE pet (id INTEGER NOT NULL PRIMARY KEY)"},
    {2, "broken", "CREATE TABLE half (id INTEGER NOT NULL PRIMARY KEY); CREATE TABLE pet (id INTEGER)"},
    {0, NULL, NULL},
};
static const struct db_migration ending_step[] = {
    {1, "ends", "CREATE TABLE pet (id INTEGER); COMMIT"},
    {0, NULL, NULL},
};
static const struct db_migration no_steps[] = {{0, NULL, NULL}};

static void migrations_are_made_once_and_known(void **state)
{
    const char *path = scratch_path(*state, "a.db");
    const struct {
        const struct db_migration *steps;
        bool read_only;
        enum word refused; /* WORD_NONE: it opens */
        int64_t tables;    /* afterwards */
    } cases[] = {
        {no_steps, true, test_on_postgres() ? WORD_store_not_migrated : WORD_store_not_opened,
            -1}, /* not there yet */
        {no_steps, false, WORD_NONE, 0},
        {first_step, true, WORD_store_not_migrated, -1},
        {first_step, false, WORD_NONE, 1},
        {first_step, false, WORD_NONE, 1},
        {first_step, true, WORD_NONE, 1},
        {broken_step, false, WORD_problem_internal, -1},
        {first_step, false, WORD_NONE, 1}, /* nothing half made */
        {other_step, false, WORD_store_unknown_migration, -1},
        {no_steps, false, WORD_store_unknown_migration, -1},
        {no_steps, true, WORD_store_unknown_migration, -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct db *db = NULL;
        struct problem problem = {.kind = PROBLEM_NONE};
        struct db_options options = {
            .url = scratch_url(path), .migrations = cases[i].steps, .read_only = cases[i].read_only};
        bool opened = db_open(&options, &db, &problem);
        assert_int_equal(opened, cases[i].refused == WORD_NONE);
        assert_int_equal(problem.word, cases[i].refused);
        if (opened) {
            int64_t tables = scratch_number(db,
                test_on_postgres()
                    ? "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT"
                      " LIKE 'schema_%'"
                    : "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name <> 'schema_migration'",
                DB_NO_ARGS);
            assert_int_equal(tables, cases[i].tables);
        }
        db_close(db);
    }
}

static void a_migration_cannot_end_its_transaction(void **state)
{
    struct db *db = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    struct db_options options = {.url = scratch_url(scratch_path(*state, "a.db")), .migrations = ending_step};
    assert_false(db_open(&options, &db, &problem));
    assert_int_equal(problem.kind, PROBLEM_INTERNAL);
}

static void files_are_private(void **state)
{
    if (test_on_postgres()) {
        return; /* the server's */
    }
    struct db *db = scratch_db(scratch_path(*state, "a.db"), steps);
    static const char *const names[] = {"a.db", "a.db-wal", "a.db-shm", "a.db.lock"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct stat stat_of;
        assert_int_equal(stat(scratch_path(*state, names[i]), &stat_of), 0);
        assert_int_equal(stat_of.st_mode & 0777, 0600);
    }
    db_close(db);
}

static void paths_that_cannot_be_opened_are_problems(void **state)
{
    /* A file on either engine: an address is opened as what it says it is. */
    const char *const paths[] = {"/nowhere/at/all.db", ((struct scratch *)*state)->folder};
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct db *db = NULL;
        struct problem problem = {.kind = PROBLEM_NONE};
        assert_false(db_open(&(struct db_options){.url = paths[i], .migrations = steps}, &db, &problem));
        assert_int_equal(problem.word, WORD_store_not_opened);
        assert_null(db);
    }
}

struct round {
    struct db_value put;
    struct db_value got;
    struct arena *arena;
};

static bool put_and_get(struct db_tx *tx, void *context)
{
    struct round *round = context;
    /* The column of the value's type. Not one literal for all, so that none is kept prepared for the wrong type. */
    static const char *const puts[] = {[DB_NULL] = "INSERT INTO pet (name, id) VALUES ($2, $1)",
        [DB_INT] = "INSERT INTO pet (weight, id) VALUES ($2, $1)",
        [DB_TEXT] = "INSERT INTO pet (name, id) VALUES ($2, $1)",
        [DB_BYTES] = "INSERT INTO pet (picture, id) VALUES ($2, $1)"};
    static const char *const gets[] = {
        [DB_NULL] = "SELECT name, name IS NULL, id FROM pet WHERE id = $1 AND id >= $1",
        [DB_INT] = "SELECT weight, weight IS NULL, id FROM pet WHERE id = $1 AND id >= $1",
        [DB_TEXT] = "SELECT name, name IS NULL, id FROM pet WHERE id = $1 AND id >= $1",
        [DB_BYTES] = "SELECT picture, picture IS NULL, id FROM pet WHERE id = $1 AND id >= $1"};
    db_exec(tx, "DELETE FROM pet", DB_NO_ARGS);
    db_exec(tx, puts[round->put.type], DB_ARGS(db_int(7), round->put));
    DB_ROWS rows = db_query(tx, gets[round->put.type], DB_ARGS(db_int(7)));
    if (!db_next(rows)) {
        return false;
    }
    assert_int_equal(db_col_int(rows, 2), 7);
    assert_int_equal(db_col_is_null(rows, 0), db_col_int(rows, 1));
    round->got.type = db_col_is_null(rows, 0) ? DB_NULL : round->put.type;
    round->got.number = db_col_int(rows, 0);
    round->got.text = text_copy(round->arena, db_col_bytes(rows, 0));
    assert_false(db_next(rows));
    return db_ok(tx);
}

static void values_come_back_as_they_went(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "a.db"), steps);
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    const struct db_value cases[] = {db_null(), db_int(0), db_int(INT64_MIN), db_int(INT64_MAX),
        db_text(TEXT("")), db_text((struct text){NULL, 0}), db_text(TEXT("O'Brien; DROP TABLE pet --")),
        db_text(TEXT("Ünïcödé 電話")), db_bytes(TEXT("nul\0inside")), db_bytes(TEXT("")),
        db_bytes(TEXT("\0\xff\x80\0")), db_text_or_null(TEXT("")), db_text_or_null(TEXT("x")),
        db_int_or_null(0), db_int_or_null(5)};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct round round = {.put = cases[i], .arena = arena};
        assert_true(db_write(db, put_and_get, &round, NULL));
        assert_int_equal(round.got.type, cases[i].type);
        if (cases[i].type == DB_INT) {
            assert_int_equal(round.got.number, cases[i].number);
        } else {
            assert_true(text_equal(round.got.text, cases[i].text));
        }
    }
    db_close(db);
}

struct attempt {
    const char *sql;
    struct db_value args[2];
    size_t count;
};

/* Each closure here first does what would be fine, and ends by claiming success: neither may count. */
static bool attempt_run(struct db_tx *tx, void *context)
{
    const struct attempt *attempt = context;
    db_exec(tx, "INSERT INTO owner (id) VALUES (99)", DB_NO_ARGS);
    if (strncmp(attempt->sql, "SELECT", 6) == 0) {
        DB_ROWS rows = db_query(tx, attempt->sql, attempt->args, attempt->count);
        db_next(rows);
    } else {
        db_exec(tx, attempt->sql, attempt->args, attempt->count);
    }
    db_exec(tx, "INSERT INTO owner (id) VALUES (100)", DB_NO_ARGS);
    assert_int_equal(db_number(tx, "SELECT 1", DB_NO_ARGS, 55), 55);
    return true;
}

static void a_failed_call_fails_the_transaction(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "a.db"), steps);
    scratch_exec(db, "INSERT INTO owner (id) VALUES (1)", DB_NO_ARGS);
    scratch_exec(db, "INSERT INTO pet (id, name, owner) VALUES (1, 'Rex', 1)", DB_NO_ARGS);
    const struct {
        struct attempt attempt;
        enum problem_kind kind;
    } cases[] = {
        {{.sql = "INSERT INTO pet (id) VALUES (1)"}, PROBLEM_CONFLICT},
        {{.sql = "INSERT INTO pet (id, name) VALUES (2, 'Rex')"}, PROBLEM_CONFLICT},
        {{.sql = "INSERT INTO pet (id, owner) VALUES (2, 17)"}, PROBLEM_CONFLICT},
        {{.sql = "DELETE FROM owner WHERE id = 1"}, PROBLEM_CONFLICT},
        {{.sql = "INSERT INTO pet (id, legs) VALUES (2, -1)"}, PROBLEM_INTERNAL},
        {{.sql = "INSERT INTO toy (id) VALUES (2)"}, PROBLEM_INTERNAL},
        {{.sql = "INSERT INTO nothing (id) VALUES (2)"}, PROBLEM_INTERNAL},
        {{.sql = "SELECT id FROM pet WHERE name = \"Rex\""}, PROBLEM_INTERNAL}, /* a column, not a text */
        {{.sql = "SELECT id FROM pet WHERE"}, PROBLEM_INTERNAL},
        {{.sql = ""}, PROBLEM_INTERNAL},
        {{.sql = "DELETE FROM toy; DELETE FROM pet"}, PROBLEM_INTERNAL},
        {{.sql = "DELETE FROM toy WHERE id = ?", .args = {db_int(1)}, .count = 1}, PROBLEM_INTERNAL},
        {{.sql = "DELETE FROM toy WHERE id = :id", .args = {db_int(1)}, .count = 1}, PROBLEM_INTERNAL},
        {{.sql = "DELETE FROM toy WHERE id = $2", .args = {db_int(1), db_int(2)}, .count = 2},
            PROBLEM_INTERNAL},
        {{.sql = "DELETE FROM toy WHERE id = $1"}, PROBLEM_INTERNAL},
        {{.sql = "DELETE FROM toy", .args = {db_int(1)}, .count = 1}, PROBLEM_INTERNAL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {.kind = PROBLEM_NONE};
        assert_false(db_write(db, attempt_run, (void *)&cases[i].attempt, &problem));
        assert_int_equal(problem.kind, cases[i].kind);
    }
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM owner", DB_NO_ARGS), 1);
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM pet", DB_NO_ARGS), 1);
    db_close(db);
}

static bool nested(struct db_tx *tx, void *context)
{
    int64_t *pairs = context;
    *pairs = 0;
    static const char all[] = "SELECT id FROM toy ORDER BY id";
    DB_ROWS outer = db_query(tx, all, DB_NO_ARGS);
    while (db_next(outer)) {
        /* The same literal, while it is in use; and an argument that is a column of another row. */
        DB_ROWS inner = db_query(tx, all, DB_NO_ARGS);
        while (db_next(inner)) {
            *pairs += db_number(tx, "SELECT COUNT(*) FROM toy WHERE name = $1 AND id = $2",
                DB_ARGS(db_text(TEXT("ball")), db_int(db_col_int(inner, 0))), 0);
        }
    }
    return db_ok(tx);
}

static bool many_texts(struct db_tx *tx, void *context)
{
    (void)context;
    /* SQL in one place of memory that changes is not a literal, and yet must not be mistaken for what stood there. */
    char sql[64];
    for (int i = 0; i < 3000; i++) {
        snprintf(sql, sizeof sql, "SELECT %d", i);
        assert_int_equal(db_number(tx, sql, DB_NO_ARGS, -1), i);
    }
    return db_ok(tx);
}

static bool many_literals(struct db_tx *tx, void *context)
{
    char(*texts)[32] = context;
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(db_number(tx, texts[i % 1500], DB_NO_ARGS, -1), i % 1500);
    }
    return db_ok(tx);
}

static void statements_are_kept_apart(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "a.db"), steps);
    for (int i = 1; i <= 5; i++) {
        scratch_exec(db, "INSERT INTO toy (id, name) VALUES ($1, 'ball')", DB_ARGS(db_int(i)));
    }
    int64_t pairs = 0;
    assert_true(db_read(db, nested, &pairs, NULL));
    assert_int_equal(pairs, 25);
    assert_true(db_read(db, many_texts, NULL, NULL));
    static char texts[1500][32];
    for (int i = 0; i < 1500; i++) {
        snprintf(texts[i], sizeof texts[i], "SELECT %d", i);
    }
    assert_true(db_write(db, many_literals, texts, NULL));
    db_close(db);
}

static bool changes_counted(struct db_tx *tx, void *context)
{
    (void)context;
    int64_t changed = -1;
    db_exec_changed(tx, "UPDATE toy SET name = 'car' WHERE id <= $1", DB_ARGS(db_int(3)), &changed);
    assert_int_equal(changed, 3);
    db_exec_changed(tx, "UPDATE toy SET name = 'car' WHERE id > 100", DB_NO_ARGS, &changed);
    assert_int_equal(changed, 0);
    db_exec_changed(
        tx, "INSERT INTO toy (id, name) VALUES (1, 'x') ON CONFLICT (id) DO NOTHING", DB_NO_ARGS, &changed);
    assert_int_equal(changed, 0);
    assert_int_equal(db_number(tx, "SELECT NULL", DB_NO_ARGS, 42), 42);
    assert_int_equal(db_number(tx, "SELECT id FROM toy WHERE id > 100", DB_NO_ARGS, 43), 43);
    return db_ok(tx);
}

static void changes_are_counted(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "a.db"), steps);
    for (int i = 1; i <= 5; i++) {
        scratch_exec(db, "INSERT INTO toy (id, name) VALUES ($1, 'ball')", DB_ARGS(db_int(i)));
    }
    assert_true(db_write(db, changes_counted, NULL, NULL));
    db_close(db);
}

static bool count_toys(struct db_tx *tx, void *context)
{
    *(int64_t *)context = db_number(tx, "SELECT COUNT(*) FROM toy", DB_NO_ARGS, -1);
    return db_ok(tx);
}

static void *add_toy(void *db)
{
    scratch_exec(db, "INSERT INTO toy (id, name) VALUES (1, 'ball')", DB_NO_ARGS);
    return NULL;
}

static bool read_twice(struct db_tx *tx, void *context)
{
    int64_t before = -1;
    int64_t after = -1;
    count_toys(tx, &before);
    /* A write begins and ends while this reads: neither waits for the other, and this sees what it saw. */
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, add_toy, context), 0);
    pthread_join(thread, NULL);
    count_toys(tx, &after);
    assert_int_equal(before, 0);
    assert_int_equal(after, 0);
    return db_ok(tx);
}

static void reads_see_a_snapshot(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "a.db"), steps);
    assert_true(db_read(db, read_twice, db, NULL));
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM toy", DB_NO_ARGS), 1);
    db_close(db);
}

static bool delete_toys(struct db_tx *tx, void *context)
{
    (void)context;
    return db_exec(tx, "DELETE FROM toy", DB_NO_ARGS);
}

static void reads_cannot_write(void **state)
{
    const char *path = scratch_path(*state, "a.db");
    struct db *db = scratch_db(path, steps);
    add_toy(db);
    struct problem problem = {.kind = PROBLEM_NONE};
    assert_false(db_read(db, delete_toys, NULL, &problem));
    assert_int_equal(problem.kind, PROBLEM_INTERNAL);
    /* Beside the running server, for commands that only look. */
    struct db *beside = NULL;
    struct db_options options = {.url = scratch_url(path), .migrations = steps, .read_only = true};
    assert_true(db_open(&options, &beside, NULL));
    problem = (struct problem){.kind = PROBLEM_NONE};
    assert_false(db_write(beside, delete_toys, NULL, &problem));
    assert_int_equal(problem.kind, PROBLEM_INTERNAL);
    assert_int_equal(scratch_number(beside, "SELECT COUNT(*) FROM toy", DB_NO_ARGS), 1);
    db_close(beside);
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM toy", DB_NO_ARGS), 1);
    ARENA_CLEANUP arena = arena_new(1024);
    assert_true(
        text_starts(db_version(db, arena), test_on_postgres() ? TEXT("PostgreSQL ") : TEXT("SQLite 3.")));
    db_close(db);
}

static void *read_often(void *db)
{
    for (int i = 0; i < 200; i++) {
        int64_t count = -1;
        assert_true(db_read(db, count_toys, &count, NULL));
        assert_int_equal(count, 1);
    }
    return NULL;
}

static void more_threads_read_than_there_are_connections(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "a.db"), steps);
    add_toy(db);
    pthread_t threads[8];
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, db), 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    db_close(db);
}

static bool give_up(struct db_tx *tx, void *context)
{
    if (context) {
        return db_fail(tx, context);
    }
    return false;
}

static void a_closure_fails_with_its_own_problem(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "a.db"), steps);
    struct problem own = {.kind = PROBLEM_NONE};
    problem_set(&own, PROBLEM_FORBIDDEN, WORD_problem_forbidden, "name", "Rex", NULL);
    struct problem problem = {.kind = PROBLEM_NONE};
    assert_false(db_write(db, give_up, &own, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    assert_string_equal(problem.about, "Rex");
    problem = (struct problem){.kind = PROBLEM_NONE};
    assert_false(db_read(db, give_up, &own, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    problem = (struct problem){.kind = PROBLEM_NONE};
    assert_false(db_write(db, give_up, NULL, &problem));
    assert_int_equal(problem.kind, PROBLEM_INTERNAL);
    db_close(db);
    db_close(NULL);
}

#define MUCH_ROWS 1500 /* of 4,000 bytes: more pages than any closure of the product changes */
static const struct db_migration much_steps[] = {
    {1, "much",
        "CREATE TABLE much (id INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL, CHECK (id < 100000))"},
    {2, "changes_all", "UPDATE much SET text = text || 'y'"},
    {0, NULL, NULL},
};
static const struct db_migration much_first[] = {
    {1, "much",
        "CREATE TABLE much (id INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL, CHECK (id < 100000))"},
    {0, NULL, NULL},
};

static bool write_much(struct db_tx *tx, void *context)
{
    (void)context;
    static char long_text[4000];
    memset(long_text, 'x', sizeof long_text);
    for (int64_t i = 0; i < MUCH_ROWS; i++) {
        db_exec(tx, "INSERT INTO much (id, text) VALUES ($1, $2)",
            DB_ARGS(db_int(i), db_text((struct text){long_text, sizeof long_text})));
    }
    return db_ok(tx);
}

/* Ends in an error at the last row, when all others are changed. */
static bool change_all_but_fail(struct db_tx *tx, void *context)
{
    (void)context;
    return db_exec(
        tx, "UPDATE much SET text = 'gone', id = CASE WHEN id = 1499 THEN 100000 ELSE id END", DB_NO_ARGS);
}

static bool delete_all(struct db_tx *tx, void *context)
{
    (void)context;
    return db_exec(tx, "DELETE FROM much WHERE id < 100000", DB_NO_ARGS) && db_ok(tx);
}

/* What a statement changed before it failed is kept somewhere meanwhile; that may be megabytes, in a write and in a migration. */
static void a_statement_may_change_much(void **state)
{
    const char *path = scratch_path(*state, "a.db");
    struct problem problem = {0};
    struct db *db = scratch_db(path, much_first);
    assert_true(db_write(db, write_much, NULL, NULL));
    assert_false(db_write(db, change_all_but_fail, NULL, &problem));
    assert_int_equal(
        scratch_number(db, "SELECT COUNT(*) FROM much WHERE LENGTH(text) = 4000", DB_NO_ARGS), MUCH_ROWS);
    db_close(db);
    db = scratch_db(path, much_steps);
    assert_int_equal(
        scratch_number(db, "SELECT COUNT(*) FROM much WHERE LENGTH(text) = 4001", DB_NO_ARGS), MUCH_ROWS);
    assert_true(db_write(db, delete_all, NULL, NULL));
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM much", DB_NO_ARGS), 0);
    db_close(db);
}

struct faults {
    size_t count;
    char last[200];
};

static bool note_fault(void *context, struct text what)
{
    struct faults *faults = context;
    faults->count++;
    snprintf(faults->last, sizeof faults->last, "%.*s", TEXT_ARG(what));
    return true;
}

/* What the engine does not hold by itself is found: on SQLite a foreign key that was broken while nobody looked, on PostgreSQL a
 * constraint that was added without looking. */
static void faults_of_the_whole_are_found(void **state)
{
    const char *path = scratch_path(*state, "a.db");
    struct db *db = scratch_db(path, steps);
    struct faults faults = {.count = 0};
    struct problem problem = {.kind = PROBLEM_NONE};
    assert_true(db_check(db, note_fault, &faults, &problem));
    assert_int_equal(faults.count, 0);
    if (test_on_postgres()) {
        scratch_exec(db, "ALTER TABLE pet ADD CONSTRAINT heavy CHECK (weight > 5) NOT VALID", DB_NO_ARGS);
    } else {
        db_close(db);
        sqlite3 *handle = NULL;
        assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
        assert_int_equal(
            sqlite3_exec(handle, "INSERT INTO pet (id, owner) VALUES (1, 77)", NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(handle), SQLITE_OK);
        db = scratch_db(path, steps);
    }
    assert_true(db_check(db, note_fault, &faults, &problem));
    assert_int_equal(faults.count, 1);
    assert_non_null(strstr(faults.last, test_on_postgres() ? "heavy" : "owner"));
    db_close(db);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(migrations_are_made_once_and_known),
        CASE(faults_of_the_whole_are_found),
        CASE(a_migration_cannot_end_its_transaction),
        CASE(files_are_private),
        CASE(paths_that_cannot_be_opened_are_problems),
        CASE(values_come_back_as_they_went),
        CASE(a_failed_call_fails_the_transaction),
        CASE(statements_are_kept_apart),
        CASE(changes_are_counted),
        CASE(reads_see_a_snapshot),
        CASE(reads_cannot_write),
        CASE(more_threads_read_than_there_are_connections),
        CASE(a_closure_fails_with_its_own_problem),
        CASE(a_statement_may_change_much),
    };
    return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
