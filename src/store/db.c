#include "store/db.h"

#include <assert.h>

#include "store/postgres.h"
#include "store/sqlite.h"

void db_tx_reset(struct db_tx *tx)
{
    arena_reset(tx->arena);
    tx->failed = false;
    tx->problem = (struct problem){.kind = PROBLEM_NONE};
    tx->rows_open = 0;
}

bool db_tx_run(struct db_tx *tx, db_closure *closure, void *context)
{
    bool wanted = closure(tx, context);
    assert(tx->rows_open == 0); /* every query is a DB_ROWS of the closure */
    if (tx->failed) {
        return false;
    }
    if (!wanted) {
        tx->failed = true;
        problem_internal(&tx->problem, "a transaction gave up without a problem");
    }
    return wanted;
}

bool db_problem_pass(struct problem *to, const struct problem *from)
{
    if (to && to->kind == PROBLEM_NONE) {
        *to = *from;
    }
    return false;
}

bool db_url_is_shared(struct text url)
{
    return text_starts(url, TEXT("postgresql://")) || text_starts(url, TEXT("postgres://"));
}

bool db_open(const struct db_options *options, struct db **ret, struct problem *problem)
{
    return db_url_is_shared(text_from(options->url)) ? postgres_open(options, ret, problem)
                                                     : sqlite_open(options, ret, problem);
}

void db_close(struct db *db)
{
    if (db) {
        db->engine->close(db);
    }
}

bool db_write(struct db *db, db_closure *closure, void *context, struct problem *problem)
{
    return db->engine->write(db, false, closure, context, problem);
}

bool db_write_loose(struct db *db, db_closure *closure, void *context, struct problem *problem)
{
    return db->engine->write(db, true, closure, context, problem);
}

bool db_read(struct db *db, db_closure *closure, void *context, struct problem *problem)
{
    return db->engine->read(db, closure, context, problem);
}

struct text db_version(struct db *db, struct arena *arena)
{
    return db->engine->version(db, arena);
}

struct db_stats db_stats(struct db *db)
{
    return db->engine->stats(db);
}

struct checking {
    const char *sql;
    db_fault *fault;
    void *context;
};

static bool check_closure(struct db_tx *tx, void *context)
{
    const struct checking *checking = context;
    DB_ROWS rows = db_query(tx, checking->sql, DB_NO_ARGS);
    while (db_next(rows)) {
        struct text what = db_col_text(rows, 0);
        if (!text_is(what, "ok") && !checking->fault(checking->context, what)) {
            break;
        }
    }
    return db_ok(tx);
}

bool db_check(struct db *db, db_fault *fault, void *context, struct problem *problem)
{
    for (const char *const *sql = db->engine->checks; *sql; sql++) {
        struct checking checking = {*sql, fault, context};
        if (!db_read(db, check_closure, &checking, problem)) {
            return false;
        }
    }
    return true;
}

struct arena *db_arena(struct db_tx *tx)
{
    return tx->arena;
}

bool db_ok(const struct db_tx *tx)
{
    return !tx->failed;
}

bool db_fail(struct db_tx *tx, const struct problem *problem)
{
    assert(problem->kind != PROBLEM_NONE);
    if (!tx->failed) {
        tx->failed = true;
        tx->problem = *problem;
    }
    return false;
}

bool db_exec_changed(
    struct db_tx *tx, const char *sql, const struct db_value *args, size_t count, int64_t *ret_changed)
{
    if (tx->failed) {
        return false;
    }
    struct problem problem = {.kind = PROBLEM_NONE};
    int64_t changed = 0;
    if (!tx->engine->exec(tx, sql, args, count, ret_changed ? &changed : NULL, &problem)) {
        return db_fail(tx, &problem);
    }
    if (ret_changed) {
        *ret_changed = changed;
    }
    return true;
}

bool db_exec(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count)
{
    return db_exec_changed(tx, sql, args, count, NULL);
}

struct db_rows *db_query(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count)
{
    if (tx->failed) {
        return NULL;
    }
    struct problem problem = {.kind = PROBLEM_NONE};
    struct db_rows *rows = ARENA_NEW(tx->arena, struct db_rows);
    rows->tx = tx;
    if (!tx->engine->query(tx, sql, args, count, rows, &problem)) {
        db_fail(tx, &problem);
        return NULL;
    }
    tx->rows_open++;
    return rows;
}

bool db_next(struct db_rows *rows)
{
    if (!rows || rows->tx->failed) {
        return false;
    }
    struct problem problem = {.kind = PROBLEM_NONE};
    bool row = false;
    if (!rows->tx->engine->next(rows, &row, &problem)) {
        return db_fail(rows->tx, &problem);
    }
    return row;
}

void db_rows_end(struct db_rows **rows)
{
    if (*rows) {
        (*rows)->tx->engine->rows_end(*rows);
        (*rows)->tx->rows_open--;
        *rows = NULL;
    }
}

struct text db_col_text(struct db_rows *rows, int column)
{
    return rows->tx->engine->text(rows, column);
}

struct text db_col_bytes(struct db_rows *rows, int column)
{
    return rows->tx->engine->bytes(rows, column);
}

int64_t db_col_int(struct db_rows *rows, int column)
{
    return rows->tx->engine->integer(rows, column);
}

bool db_col_is_null(struct db_rows *rows, int column)
{
    return rows->tx->engine->is_null(rows, column);
}

struct text db_col_copy(struct db_rows *rows, int column, struct arena *arena)
{
    return text_copy(arena, db_col_text(rows, column));
}

int64_t db_number(
    struct db_tx *tx, const char *sql, const struct db_value *args, size_t count, int64_t otherwise)
{
    DB_ROWS rows = db_query(tx, sql, args, count);
    if (!db_next(rows)) {
        return otherwise;
    }
    return db_col_is_null(rows, 0) ? otherwise : db_col_int(rows, 0);
}
