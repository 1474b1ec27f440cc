#include <assert.h>
#include <string.h>

#include "store/sqlite.h"

/* The directory of steps that were made. Not a step itself: it is there before the first. */
static const char make_directory[] = "CREATE TABLE IF NOT EXISTS schema_migration ("
                                     "number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)";

struct migrating {
    const struct db_migration *steps;
    const struct db_migration *step; /* to make */
};

static const struct db_migration *step_of(const struct db_migration *steps, int64_t number, struct text name)
{
    for (const struct db_migration *step = steps; step->sql; step++) {
        if (step->number == number && text_is(name, step->name)) {
            return step;
        }
    }
    return NULL;
}

static bool none_unknown(struct db_tx *tx, void *context)
{
    const struct migrating *migrating = context;
    DB_ROWS rows = db_query(tx, "SELECT number, name FROM schema_migration ORDER BY number", DB_NO_ARGS);
    while (db_next(rows)) {
        if (!step_of(migrating->steps, db_col_int(rows, 0), db_col_text(rows, 1))) {
            struct text about = text_format(
                tx->arena, "%lld %.*s", (long long)db_col_int(rows, 0), TEXT_ARG(db_col_text(rows, 1)));
            struct problem problem = {.kind = PROBLEM_NONE};
            problem_set(&problem, PROBLEM_CONFLICT, WORD_store_unknown_migration, NULL, about.at, NULL);
            return db_fail(tx, &problem);
        }
    }
    return db_ok(tx);
}

/* Leaves in .step the first step that is missing, or NULL. */
static bool find_missing(struct db_tx *tx, void *context)
{
    struct migrating *migrating = context;
    migrating->step = NULL;
    for (const struct db_migration *step = migrating->steps; step->sql && !migrating->step; step++) {
        assert(step == migrating->steps || step[-1].number < step->number);
        if (!db_number(
                tx, "SELECT 1 FROM schema_migration WHERE number = $1", DB_ARGS(db_int(step->number)), 0)) {
            migrating->step = step;
        }
    }
    return db_ok(tx);
}

static bool make_step(struct db_tx *tx, void *context)
{
    const struct db_migration *step = ((struct migrating *)context)->step;
    struct sqlite_connection *connection = tx->connection;
    struct problem problem = {.kind = PROBLEM_NONE};
    if (!sqlite_run(connection, step->sql, &problem)) {
        return db_fail(tx, &problem);
    }
    if (sqlite3_get_autocommit(connection->handle)) {
        problem_internal(&problem, "migration %04d_%s ends its transaction", step->number, step->name);
        return db_fail(tx, &problem);
    }
    return db_exec(tx, "INSERT INTO schema_migration (number, name) VALUES ($1, $2)",
        DB_ARGS(db_int(step->number), db_text(text_from(step->name))));
}

/* Runs a closure in a transaction of its own; there is no writer thread yet. */
static bool run_alone(struct sqlite_connection *connection, const char *begin, db_closure *closure,
    void *context, struct problem *problem)
{
    struct db_tx *tx = &connection->tx;
    db_tx_reset(tx);
    if (!sqlite_run(connection, begin, problem)) {
        return false;
    }
    bool done = db_tx_run(tx, closure, context) && sqlite_run(connection, "COMMIT", &tx->problem);
    if (!done) {
        db_problem_pass(problem, &tx->problem);
    }
    if (!sqlite3_get_autocommit(connection->handle)) {
        sqlite_run(connection, "ROLLBACK", NULL);
    }
    return done;
}

bool sqlite_migrate(
    struct sqlite_connection *connection, const struct db_migration *migrations, struct problem *problem)
{
    struct migrating migrating = {.steps = migrations};
    if (!sqlite_run(connection, make_directory, problem) ||
        !run_alone(connection, "BEGIN", none_unknown, &migrating, problem)) {
        return false;
    }
    while (true) {
        if (!run_alone(connection, "BEGIN", find_missing, &migrating, problem)) {
            return false;
        }
        if (!migrating.step) {
            return true;
        }
        if (!run_alone(connection, "BEGIN IMMEDIATE", make_step, &migrating, problem)) {
            return false;
        }
    }
}

bool sqlite_migrated(
    struct sqlite_connection *connection, const struct db_migration *migrations, struct problem *problem)
{
    struct migrating migrating = {.steps = migrations};
    if (!run_alone(connection, "BEGIN", none_unknown, &migrating, problem) ||
        !run_alone(connection, "BEGIN", find_missing, &migrating, problem)) {
        return false;
    }
    return !migrating.step ||
           problem_set(problem, PROBLEM_CONFLICT, WORD_store_not_migrated, NULL, NULL, NULL);
}
