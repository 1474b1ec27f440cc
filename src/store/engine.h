/* Inside store/: what an engine gives. db.c is the part that all engines share (sticky errors, misuse), an engine is a
 * table of functions and a struct that begins with struct db. */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include "store/db.h"

#define DB_ARGS_MAX 240
#define DB_SCRATCH_MAX ((size_t)64 * 1024 * 1024) /* bytes of a transaction's arena */

struct db_engine {
    void (*close)(struct db *db);
    bool (*write)(struct db *db, bool loose, db_closure *closure, void *context, struct problem *problem);
    bool (*read)(struct db *db, db_closure *closure, void *context, struct problem *problem);
    struct text (*version)(struct db *db, struct arena *arena);
    struct db_stats (*stats)(struct db *db);
    const char *const
        *checks; /* queries, ended by NULL: each row is something wrong, but one that says "ok" */

    /* Called only while the transaction is sound; false fills the problem. Without ret_changed an engine may send the statement and
     * learn later that it failed, at the latest before the transaction is committed. */
    bool (*exec)(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count,
        int64_t *ret_changed, struct problem *problem);
    bool (*query)(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count,
        struct db_rows *rows, struct problem *problem);
    bool (*next)(struct db_rows *rows, bool *ret_row, struct problem *problem);
    void (*rows_end)(struct db_rows *rows);
    bool (*is_null)(struct db_rows *rows, int column);
    int64_t (*integer)(struct db_rows *rows, int column);
    struct text (*text)(struct db_rows *rows, int column);
    struct text (*bytes)(struct db_rows *rows, int column);
};

struct db {
    const struct db_engine *engine;
};

struct db_tx {
    const struct db_engine *engine;
    void *connection; /* the engine's */
    struct arena *arena;
    bool failed;
    struct problem problem; /* why, when failed */
    size_t rows_open;
};

struct db_rows {
    struct db_tx *tx;
    void *statement; /* the engine's */
};

/* Begins anew on the same connection and arena. */
void db_tx_reset(struct db_tx *tx);
/* Runs the closure and judges it: true when it may be committed; otherwise tx->problem says why not. */
bool db_tx_run(struct db_tx *tx, db_closure *closure, void *context);
/* Hands a problem on as problem_set does: one that the caller filled before stays. Returns false. */
bool db_problem_pass(struct problem *to, const struct problem *from);

#endif
