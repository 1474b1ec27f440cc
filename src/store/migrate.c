#include "store/migrate.h"

#include <assert.h>

const char migrate_directory[] = "CREATE TABLE IF NOT EXISTS schema_migration ("
                                 "number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)";

static const struct db_migration *step_of(const struct db_migration *steps, int64_t number, struct text name)
{
    for (const struct db_migration *step = steps; step->sql; step++) {
        if (step->number == number && text_is(name, step->name)) {
            return step;
        }
    }
    return NULL;
}

/* Fails on a step that was made and is not known. */
static bool none_unknown(struct db_tx *tx, const struct db_migration *steps)
{
    DB_ROWS rows = db_query(tx, "SELECT number, name FROM schema_migration ORDER BY number", DB_NO_ARGS);
    while (db_next(rows)) {
        if (!step_of(steps, db_col_int(rows, 0), db_col_text(rows, 1))) {
            struct text about = text_format(
                db_arena(tx), "%lld %.*s", (long long)db_col_int(rows, 0), TEXT_ARG(db_col_text(rows, 1)));
            struct problem problem = {.kind = PROBLEM_NONE};
            problem_set(&problem, PROBLEM_CONFLICT, WORD_store_unknown_migration, NULL, about.at, NULL);
            return db_fail(tx, &problem);
        }
    }
    return db_ok(tx);
}

bool db_has_step(struct db_tx *tx, int number)
{
    return db_number(tx, "SELECT 1 FROM schema_migration WHERE number = $1", DB_ARGS(db_int(number)), 0) == 1;
}

bool migrate_find(struct db_tx *tx, void *context)
{
    struct migrating *migrating = context;
    migrating->step = NULL;
    if (!none_unknown(tx, migrating->steps)) {
        return false;
    }
    for (const struct db_migration *step = migrating->steps; step->sql && !migrating->step; step++) {
        assert(step == migrating->steps || step[-1].number < step->number);
        if (!db_has_step(tx, step->number)) {
            migrating->step = step;
        }
    }
    return db_ok(tx);
}

bool migrate_note(struct db_tx *tx, const struct db_migration *step)
{
    return db_exec(tx, "INSERT INTO schema_migration (number, name) VALUES ($1, $2)",
        DB_ARGS(db_int(step->number), db_text(text_from(step->name))));
}

bool migrate_complete(const struct migrating *found, struct problem *problem)
{
    return !found->step || problem_set(problem, PROBLEM_CONFLICT, WORD_store_not_migrated, NULL, NULL, NULL);
}
