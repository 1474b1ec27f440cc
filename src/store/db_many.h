/* One statement for many rows, so that a request of a thousand numbers costs dozens of statements and not thousands. */
#ifndef STORE_DB_MANY_H
#define STORE_DB_MANY_H

#include <pthread.h>

#include "store/db.h"

/* "INSERT INTO t (a, b, c) VALUES" + "($1, $2, $3), ($1, $4, $5)" + " ON CONFLICT ...", or "DELETE FROM t WHERE a = $1 AND b IN (" + "$2, $3" +
 * ")". Static: the statements that are made of it live as long as the program. */
struct db_many {
    const char *before, *after;
    const char
        *row;      /* "($1, ?, 'x', ?)": a ? for each column of the row; $1, $2, ... are shared by all rows */
    size_t shared; /* how many */
    size_t columns; /* how many ? */
    pthread_mutex_t lock;
    const char *sql
        [3]; /* for one row, for a few, for as many as a statement takes; made when they are needed first */
};
#define DB_MANY(before_, row_, after_, shared_, columns_)                                                    \
    {                                                                                                        \
        .before = (before_), .row = (row_), .after = (after_), .shared = (shared_), .columns = (columns_),   \
        .lock = PTHREAD_MUTEX_INITIALIZER                                                                    \
    }

/* Runs it for `rows` rows of `columns` values each, in as few statements as it takes; none for no row. *ret_changed (may be NULL): how many
 * rows were changed. */
bool db_exec_many(struct db_tx *tx, struct db_many *many, const struct db_value *shared,
    const struct db_value *values, size_t rows, int64_t *ret_changed);

/* The same for a query; each row that it gives is shown. */
typedef void db_row(struct db_rows *rows, void *context);
bool db_query_many(struct db_tx *tx, struct db_many *many, const struct db_value *shared,
    const struct db_value *values, size_t rows, db_row *row, void *context);

#endif
