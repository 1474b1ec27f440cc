#include "store/migrate.h"
#include "store/sqlite.h"

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
    return migrate_note(tx, step);
}

/* Runs a closure in a transaction of its own; there is no writer thread yet. */
static bool run_alone(struct sqlite_connection *connection, const char *begin, db_closure *closure,
    void *context, struct problem *problem)
{
    struct db_tx *tx = &connection->tx;
    db_tx_reset(tx);
    if (!sqlite_begin(connection, begin, problem)) {
        return false;
    }
    bool done = db_tx_run(tx, closure, context) && sqlite_control(connection, "COMMIT", &tx->problem);
    if (!done) {
        db_problem_pass(problem, &tx->problem);
    }
    sqlite_rollback(connection, NULL);
    return done;
}

bool sqlite_migrate(
    struct sqlite_connection *connection, const struct db_migration *migrations, struct problem *problem)
{
    struct migrating migrating = {.steps = migrations};
    if (!sqlite_run(connection, migrate_directory, problem)) {
        return false;
    }
    while (run_alone(connection, "BEGIN", migrate_find, &migrating, problem)) {
        if (!migrating.step) {
            return true;
        }
        if (!run_alone(connection, "BEGIN IMMEDIATE", make_step, &migrating, problem)) {
            return false;
        }
    }
    return false;
}

bool sqlite_migrated(
    struct sqlite_connection *connection, const struct db_migration *migrations, struct problem *problem)
{
    struct migrating migrating = {.steps = migrations};
    return run_alone(connection, "BEGIN", migrate_find, &migrating, problem) &&
           migrate_complete(&migrating, problem);
}
