#include <ctype.h>
#include <string.h>

#include "store/migrate.h"
#include "store/postgres.h"

#define SQL_MAX ((size_t)1024 * 1024) /* of one step */

/* Many processes may start together. Whoever makes a step holds this one row meanwhile: engines that speak PostgreSQL's protocol
 * have no other lock in common. */
static const char make_lock[] = "CREATE TABLE IF NOT EXISTS schema_lock (one BIGINT NOT NULL PRIMARY KEY)";
static const char fill_lock[] = "INSERT INTO schema_lock (one) VALUES (1) ON CONFLICT (one) DO NOTHING";
static const char take_lock[] = "SELECT one FROM schema_lock WHERE one = 1 FOR UPDATE";

static const char begin_step[] = "BEGIN ISOLATION LEVEL READ COMMITTED";

/* The three types of our dialect. Texts are compared by their bytes, as on SQLite, whatever the database's own order is. */
static struct text type_here(struct text word)
{
    static const struct {
        const char *ours, *here;
    } types[] = {{"INTEGER", "BIGINT"}, {"BLOB", "BYTEA"}, {"TEXT", "TEXT COLLATE \"C\""}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (text_is(word, types[i].ours)) {
            return text_from(types[i].here);
        }
    }
    return word;
}

/* Length of the piece at the front: a literal, a quoted name, a comment, a word, or one other character. */
static size_t piece_length(struct text sql)
{
    char first = sql.at[0];
    size_t end = 1;
    if (first == '\'' || first == '"') {
        end = text_find_char(sql, first, 1);
        return end == SIZE_MAX ? sql.len : end + 1;
    }
    if (text_starts(sql, TEXT("--"))) {
        end = text_find_char(sql, '\n', 0);
        return end == SIZE_MAX ? sql.len : end;
    }
    if (isalpha((unsigned char)first) || first == '_') {
        while (end < sql.len && (isalnum((unsigned char)sql.at[end]) || sql.at[end] == '_')) {
            end++;
        }
    }
    return end;
}

static bool translate(const char *sql, struct buffer *out, struct problem *problem)
{
    struct text rest = text_from(sql);
    while (rest.len > 0) {
        size_t len = piece_length(rest);
        buffer_text(out, type_here(text_part(rest, 0, len)));
        rest = text_part(rest, len, rest.len);
    }
    buffer_char(out, '\0');
    return !out->overflowed || problem_internal(problem, "a migration is too long");
}

/* Several statements at once, outside the pipeline, which takes one each. */
static bool run_script(struct pg_connection *connection, const char *sql, struct problem *problem)
{
    if (!pg_settle(connection) || PQexitPipelineMode(connection->handle) != 1) {
        return db_problem_pass(problem, &connection->failed) && problem_internal(problem, "no way out");
    }
    PQsetnonblocking(connection->handle, 0);
    PGresult *result = PQexec(connection->handle, sql);
    bool done = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!done) {
        struct problem met = {.kind = PROBLEM_NONE};
        pg_fail(connection, pg_meaning(result, sql, &met), &met);
        db_problem_pass(problem, &met);
    }
    PQclear(result);
    bool again = PQenterPipelineMode(connection->handle) == 1 && PQsetnonblocking(connection->handle, 1) == 0;
    return done && (again || problem_internal(problem, "no way back into the pipeline"));
}

struct making {
    struct pg_connection *connection;
    struct migrating migrating;
};

/* Makes the first missing step, with the lock held to the end of the transaction. */
static bool make_step(struct db_tx *tx, void *context)
{
    struct making *making = context;
    struct problem problem = {.kind = PROBLEM_NONE};
    BUFFER_CLEANUP sql = BUFFER(SQL_MAX);
    db_number(tx, take_lock, DB_NO_ARGS, 0);
    if (!migrate_find(tx, &making->migrating) || !making->migrating.step) {
        return db_ok(tx);
    }
    const struct db_migration *step = making->migrating.step;
    /* A step over a large table takes as long as it takes. */
    db_exec(tx, "SET LOCAL statement_timeout = 0", DB_NO_ARGS);
    if (!translate(step->sql, &sql, &problem) || !run_script(making->connection, sql.at, &problem)) {
        return db_fail(tx, &problem);
    }
    if (PQtransactionStatus(making->connection->handle) != PQTRANS_INTRANS) {
        problem_internal(&problem, "migration %04d_%s ends its transaction", step->number, step->name);
        return db_fail(tx, &problem);
    }
    return migrate_note(tx, step);
}

static bool prepare_directory(struct db_tx *tx, void *context)
{
    (void)context;
    struct problem problem = {.kind = PROBLEM_NONE};
    BUFFER_CLEANUP sql = BUFFER(SQL_MAX);
    if (!translate(migrate_directory, &sql, &problem)) {
        return db_fail(tx, &problem);
    }
    db_exec(tx, sql.at, DB_NO_ARGS);
    db_exec(tx, make_lock, DB_NO_ARGS);
    /* Sent while the SQL still stands. */
    return db_number(tx, "SELECT 1", DB_NO_ARGS, 0) == 1 && db_ok(tx);
}

static bool fill(struct db_tx *tx, void *context)
{
    (void)context;
    return db_exec(tx, fill_lock, DB_NO_ARGS);
}

/* Two that make the same table at the same moment are in each other's way ("IF NOT EXISTS" looks before it makes): then the table
 * is there the next time. */
static bool run_patiently(
    struct pg_connection *connection, db_closure *closure, void *context, bool *ret_unknown)
{
    bool done = false;
    for (int tries = 0; tries < 10 && !done && connection->handle; tries++) {
        done = pg_run(connection, begin_step, closure, context, ret_unknown);
        if (!done && connection->fault != PG_CONFLICT && connection->fault != PG_REPEAT &&
            connection->fault != PG_DEADLOCK) {
            return false;
        }
    }
    return done;
}

bool pg_migrate(
    struct pg_connection *connection, const struct db_migration *migrations, struct problem *problem)
{
    struct making making = {.connection = connection, .migrating = {.steps = migrations}};
    bool unknown = false;
    bool done = run_patiently(connection, prepare_directory, NULL, &unknown) &&
                run_patiently(connection, fill, NULL, &unknown);
    while (done && run_patiently(connection, make_step, &making, &unknown)) {
        if (!making.migrating.step) {
            return true;
        }
    }
    return db_problem_pass(problem, &connection->failed);
}

bool pg_migrated(
    struct pg_connection *connection, const struct db_migration *migrations, struct problem *problem)
{
    struct migrating migrating = {.steps = migrations};
    bool unknown = false;
    if (!pg_run(connection, begin_step, migrate_find, &migrating, &unknown)) {
        return problem_set(problem,
            connection->failed.kind == PROBLEM_INTERNAL ? PROBLEM_CONFLICT : connection->failed.kind,
            connection->failed.kind == PROBLEM_INTERNAL ? WORD_store_not_migrated : connection->failed.word,
            NULL, connection->failed.about, "%s", connection->failed.detail);
    }
    return migrate_complete(&migrating, problem);
}
