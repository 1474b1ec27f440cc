/* What only PostgreSQL does: many processes that migrate together, transactions that are repeated, connections that are lost. Runs
 * only where a server is given (test_database.h). */
#include "store/postgres.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scratch.h"
#include "store/migrations.h"
#include "test_database.h"

static const struct db_migration steps[] = {
    {1, "counters",
        "CREATE TABLE counter (id INTEGER NOT NULL PRIMARY KEY, value INTEGER NOT NULL, note TEXT);\n"
        "INSERT INTO counter (id, value) VALUES (1, 0), (2, 0);"},
    {0, NULL, NULL},
};

#define WRITERS 6
#define WRITES 25

static bool read_and_raise(struct db_tx *tx, void *context)
{
    const int64_t *id = context;
    int64_t value = db_number(tx, "SELECT value FROM counter WHERE id = $1", DB_ARGS(db_int(*id)), -1);
    return db_exec(
        tx, "UPDATE counter SET value = $2 WHERE id = $1", DB_ARGS(db_int(*id), db_int(value + 1)));
}

static void *raise_often(void *db)
{
    int64_t id = 1;
    for (int i = 0; i < WRITES; i++) {
        struct problem problem = {.kind = PROBLEM_NONE};
        if (!db_write(db, read_and_raise, &id, &problem)) {
            fprintf(stderr, "%s\n", problem.detail);
            abort();
        }
    }
    return NULL;
}

/* Each reads and writes what it read: without serialization updates are lost, and without repeats some fail. */
static void colliding_writes_are_repeated_until_all_are_made(void **state)
{
    struct db *db = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    struct db_options options = {
        .url = scratch_url(scratch_path(*state, "a")), .migrations = steps, .connections = WRITERS};
    assert_true(db_open(&options, &db, &problem));
    pthread_t threads[WRITERS];
    for (size_t i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, raise_often, db), 0);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(
        scratch_number(db, "SELECT value FROM counter WHERE id = 1", DB_NO_ARGS), WRITERS * WRITES);
    assert_true(db_stats(db).retries_serialization > 0);
    db_close(db);
}

struct cutting {
    int runs;
    bool before; /* the first statement */
    /* Between us and the server, which is `far`. */
    int near, far;
    pthread_t relay;
};

/* Ends its own connection at the server the first time it runs, as a restart would. */
static bool cut_once(struct db_tx *tx, void *context)
{
    struct cutting *cutting = context;
    cutting->runs++;
    if (!cutting->before) {
        db_exec(tx, "UPDATE counter SET value = value + 1 WHERE id = 2", DB_NO_ARGS);
    }
    if (cutting->runs == 1) {
        db_number(tx, "SELECT pg_terminate_backend(pg_backend_pid())", DB_NO_ARGS, 0);
    }
    db_exec(tx, "UPDATE counter SET value = value + 10 WHERE id = 2", DB_NO_ARGS);
    return db_ok(tx);
}

static void a_connection_that_is_lost_before_the_commit_is_made_anew(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "a"), steps);
    for (int before = 0; before < 2; before++) {
        struct cutting cutting = {.before = before != 0};
        struct problem problem = {.kind = PROBLEM_NONE};
        assert_true(db_write(db, cut_once, &cutting, &problem));
        assert_int_equal(cutting.runs, 2);
    }
    assert_int_equal(scratch_number(db, "SELECT value FROM counter WHERE id = 2", DB_NO_ARGS), 11 + 10);
    db_close(db);
}

/* Ends the one connection that `victim` has, from outside. */
static void cut(struct db *victim, struct db *from)
{
    int64_t pid = scratch_number(victim, "SELECT pg_backend_pid()", DB_NO_ARGS);
    assert_int_equal(
        scratch_number(from, "SELECT pg_terminate_backend($1::integer, 10000)", DB_ARGS(db_int(pid))), 1);
}

static void connections_that_died_in_the_pool_are_found_out(void **state)
{
    const char *path = scratch_path(*state, "a");
    struct db *db = scratch_db(path, steps);
    struct db *other = scratch_db(path, steps);
    cut(db, other);
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM counter", DB_NO_ARGS), 2);
    cut(db, other);
    scratch_exec(db, "UPDATE counter SET value = 5 WHERE id = 2", DB_NO_ARGS);
    assert_int_equal(scratch_number(other, "SELECT value FROM counter WHERE id = 2", DB_NO_ARGS), 5);
    db_close(db);
    db_close(other);
}

/* The server hears it and commits, and its answer does not come: nobody can know, so nothing is repeated and nothing is claimed. */
static void *relay(void *context)
{
    const struct cutting *cutting = context;
    char bytes[8192];
    ssize_t len = read(cutting->near, bytes, sizeof bytes);
    assert(len > 0 && write(cutting->far, bytes, (size_t)len) == len);
    len = read(cutting->far, bytes, sizeof bytes); /* the answer, which goes no further */
    assert(len > 0);
    close(cutting->far);
    close(cutting->near);
    return NULL;
}

static bool deafen(struct db_tx *tx, void *context)
{
    struct cutting *cutting = context;
    cutting->runs++;
    const struct pg_connection *connection = tx->connection;
    db_number(tx, "SELECT 1", DB_NO_ARGS, 0);
    int ends[2] = {-1, -1};
    int wire = PQsocket(connection->handle);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    cutting->far = dup(wire);
    cutting->near = ends[1];
    assert_int_equal(fcntl(cutting->far, F_SETFL, 0), 0);
    assert_int_equal(dup2(ends[0], wire), wire);
    close(ends[0]);
    assert_int_equal(fcntl(wire, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(pthread_create(&cutting->relay, NULL, relay, cutting), 0);
    return db_exec(tx, "UPDATE counter SET value = value + 1 WHERE id = 1", DB_NO_ARGS);
}

static void a_connection_that_is_lost_in_the_commit_is_not_repeated(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "a"), steps);
    struct cutting cutting = {.runs = 0};
    struct problem problem = {.kind = PROBLEM_NONE};
    assert_false(db_write(db, deafen, &cutting, &problem));
    assert_int_equal(problem.kind, PROBLEM_LATER);
    assert_int_equal(cutting.runs, 1);
    pthread_join(cutting.relay, NULL);
    assert_int_equal(scratch_number(db, "SELECT value FROM counter WHERE id = 1", DB_NO_ARGS), 1);
    db_close(db);
}

static bool unique_late(struct db_tx *tx, void *context)
{
    (void)context;
    db_exec(tx, "INSERT INTO counter (id, value) VALUES (1, 0)", DB_NO_ARGS);
    /* Sent, not yet answered: the closure learns nothing of it, the transaction does. */
    return true;
}

static void an_error_that_shows_only_at_the_commit_is_a_failure(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "a"), steps);
    struct problem problem = {.kind = PROBLEM_NONE};
    assert_false(db_write(db, unique_late, NULL, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM counter", DB_NO_ARGS), 2);
    db_close(db);
}

static bool update_many(struct db_tx *tx, void *context)
{
    (void)context;
    for (int64_t i = 0; i < 3000; i++) {
        db_exec(tx, "INSERT INTO counter (id, value, note) VALUES ($1, $2, $3)",
            DB_ARGS(db_int(100 + i), db_int(i), i % 3 ? db_text(TEXT("x")) : db_null()));
    }
    return db_ok(tx);
}

static void many_statements_go_through_a_short_pipeline(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "a"), steps);
    assert_true(db_write(db, update_many, NULL, NULL));
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM counter", DB_NO_ARGS), 3002);
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM counter WHERE note IS NULL", DB_NO_ARGS), 1002);
    db_close(db);
}

static void without_prepared_statements_all_is_the_same(void **state)
{
    struct db *db = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    struct db_options options = {.url = scratch_url(scratch_path(*state, "a")),
        .migrations = steps,
        .connections = 1,
        .no_prepared = true};
    assert_true(db_open(&options, &db, &problem));
    assert_true(db_write(db, update_many, NULL, NULL));
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM counter", DB_NO_ARGS), 3002);
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM pg_prepared_statements", DB_NO_ARGS), 0);
    db_close(db);
}

static void nobody_waits_for_ever_for_a_server_that_is_not_there(void **state)
{
    (void)state;
    struct db *db = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    struct db_options options = {.url = "postgresql://postgres@127.0.0.1:1/none", .migrations = steps};
    assert_false(db_open(&options, &db, &problem));
    assert_int_equal(problem.kind, PROBLEM_LATER);
    assert_int_equal(problem.word, WORD_store_not_reached);
}

static void five_processes_that_start_together_migrate_once(void **state)
{
    const char *path = scratch_path(*state, "a");
    const char *url = scratch_url(path); /* makes the schema */
    pid_t children[5];
    for (size_t i = 0; i < COUNT(children); i++) {
        children[i] = scratch_spawn("migrate", url, NULL);
    }
    for (size_t i = 0; i < COUNT(children); i++) {
        assert_int_equal(scratch_wait(children[i]), 0);
    }
    size_t count = 0;
    while (portdesk_migrations[count].sql) {
        count++;
    }
    struct db *db = scratch_db(path, portdesk_migrations);
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM schema_migration", DB_NO_ARGS), (int64_t)count);
    db_close(db);
}

static const struct db_migration patient_steps[] = {
    {1, "patient",
        "CREATE TABLE seen (id INTEGER NOT NULL PRIMARY KEY, setting TEXT);"
        "INSERT INTO seen (id, setting) SELECT 1, current_setting('statement_timeout')"},
    {0, NULL, NULL},
};

/* A step that fills a column of a large table may take minutes; what serves people may not. */
static void a_step_has_no_time_limit_and_what_follows_has(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "a"), patient_steps);
    assert_int_equal(scratch_number(db, "SELECT 1 FROM seen WHERE setting = '0'", DB_NO_ARGS), 1);
    assert_int_equal(
        scratch_number(db, "SELECT 1 WHERE current_setting('statement_timeout') = '30s'", DB_NO_ARGS), 1);
    db_close(db);
}

static int migrate(const char *url)
{
    struct db *db = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    if (!db_open(&(struct db_options){.url = url, .migrations = portdesk_migrations}, &db, &problem)) {
        fprintf(stderr, "%s %s\n", words_key(problem.word), problem.detail);
        return 1;
    }
    db_close(db);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "migrate") == 0) {
        return migrate(argv[2]);
    }
    if (!test_on_postgres()) {
        fprintf(stderr, "PORTDESK_TEST_DATABASE gives no server\n");
        return 1;
    }
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(colliding_writes_are_repeated_until_all_are_made),
        CASE(a_connection_that_is_lost_before_the_commit_is_made_anew),
        CASE(connections_that_died_in_the_pool_are_found_out),
        CASE(a_connection_that_is_lost_in_the_commit_is_not_repeated),
        CASE(an_error_that_shows_only_at_the_commit_is_a_failure),
        CASE(many_statements_go_through_a_short_pipeline),
        CASE(without_prepared_statements_all_is_the_same),
        CASE(nobody_waits_for_ever_for_a_server_that_is_not_there),
        CASE(five_processes_that_start_together_migrate_once),
        CASE(a_step_has_no_time_limit_and_what_follows_has),
    };
    return cmocka_run_group_tests_name("postgres", tests, NULL, NULL);
}
