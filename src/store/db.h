/* The database. Two engines behind one interface: SQLite in a file, for one process, and PostgreSQL (or an engine that speaks its
 * protocol), for many.
 *
 * A write is a closure handed to db_write: it may run more than once, so it does no I/O, hashing or rendering and changes
 * nothing outside the transaction but its own result struct, which it fills anew each time. On SQLite one thread
 * commits closures in groups, each in a savepoint, with one fsync; on PostgreSQL each has a connection of the pool and is repeated
 * when the server could not serialize it, or the connection was lost before its commit. db_write returns after the commit.
 *
 * Errors are sticky: after the first failed call in a transaction all further calls do nothing and fail, and the
 * transaction is rolled back whatever the closure returns. So a closure makes its calls and ends with `return db_ok(tx);`.
 *
 * SQL is in the dialect that both engines take: $1 placeholders, no engine's own functions, ON CONFLICT upserts, booleans
 * as 0/1 integers, instants as integer µs, dates as text YYYY-MM-DD. A query may end in FOR UPDATE SKIP LOCKED, which means
 * something only where there is more than one writer. Migrations know three types: INTEGER (64 bits), TEXT and BLOB. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

struct db;
struct db_tx;   /* one transaction, read or write */
struct db_rows; /* the rows of a query */

enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BYTES };

struct db_value {
    enum db_type type;
    int64_t number;
    struct text text;
};

static inline struct db_value db_text(struct text t)
{
    return (struct db_value){.type = DB_TEXT, .text = t};
}
static inline struct db_value db_bytes(struct text t)
{
    return (struct db_value){.type = DB_BYTES, .text = t};
}
static inline struct db_value db_int(int64_t n)
{
    return (struct db_value){.type = DB_INT, .number = n};
}
static inline struct db_value db_null(void)
{
    return (struct db_value){.type = DB_NULL};
}
/* The empty slice becomes NULL. */
static inline struct db_value db_text_or_null(struct text t)
{
    return t.len ? db_text(t) : db_null();
}
/* 0 becomes NULL; for instants that are not set. */
static inline struct db_value db_int_or_null(int64_t n)
{
    return n ? db_int(n) : db_null();
}
#define DB_ARGS(...)                                                                                         \
    (const struct db_value[]){__VA_ARGS__},                                                                  \
        sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)
#define DB_NO_ARGS NULL, 0

struct db_migration {
    int number;
    const char *name;
    const char *sql;
};

struct db_options {
    const char *
        url; /* sqlite:///absolute/path, a bare path of a SQLite file, or postgresql://... as libpq reads it */
    const struct db_migration *migrations; /* in order of number, ended by .sql == NULL */
    size_t
        connections; /* SQLite: that read; PostgreSQL: all of this process. Kept; who needs a further one waits */
    bool read_only; /* for commands beside a running server: no writer, no migration */
    bool
        no_prepared; /* PostgreSQL: prepare no statements, for a pooler that hands each transaction another connection */
};

/* Whether the address is one of PostgreSQL: whether more than one process may have the database open. */
bool db_url_is_shared(struct text url);

/* Opens the database and runs the missing migrations, each in a transaction of its own; a database with a migration that this
 * program does not know is refused with PROBLEM_CONFLICT. SQLite: takes the exclusive lock of the instance (a second process is
 * refused with PROBLEM_CONFLICT) and starts the writer thread. PostgreSQL: processes that start together migrate one after the
 * other. */
bool db_open(const struct db_options *options, struct db **ret, struct problem *problem);
/* Whether the database has the step with that number: for a process that runs on while another version migrates. */
bool db_has_step(struct db_tx *tx, int number);
/* Ends the writer after the group under way; no call may be running or follow. NULL is allowed. */
void db_close(struct db *db);

typedef bool db_closure(struct db_tx *tx, void *context);

/* Runs the closure in a write transaction and returns after it is durable. False when the closure failed (its problem)
 * or the database did (PROBLEM_INTERNAL; PROBLEM_LATER for a full disk and the like). PROBLEM_LATER is no promise that nothing was written: a
 * commit whose last step failed may be there after a kill or a lost connection, whole. So whoever asks again must be known again
 * (idempotency keys). Any thread. Never call it inside a closure. */
bool db_write(struct db *db, db_closure *closure, void *context, struct problem *problem);

/* As db_write, for what is right also when it sees what others committed meanwhile, statement by statement (READ COMMITTED on
 * PostgreSQL, where db_write is SERIALIZABLE): single statements, and takers of rows by FOR UPDATE SKIP LOCKED. */
bool db_write_loose(struct db *db, db_closure *closure, void *context, struct problem *problem);

/* Runs the closure on a snapshot for reading. Must not be called while this thread holds another read. */
bool db_read(struct db *db, db_closure *closure, void *context, struct problem *problem);

/* The transaction's own scratch memory: freed at its end. */
struct arena *db_arena(struct db_tx *tx);
bool db_ok(const struct db_tx *tx);
/* Fails the transaction with a problem of the caller's, filled before; returns false. */
bool db_fail(struct db_tx *tx, const struct problem *problem);

/* One statement without rows. With `ret_changed`, the number of rows that it changed. A violated unique or foreign key
 * constraint fails the transaction with PROBLEM_CONFLICT; check for what you expect before, or use ON CONFLICT. */
bool db_exec(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count);
bool db_exec_changed(
    struct db_tx *tx, const char *sql, const struct db_value *args, size_t count, int64_t *ret_changed);

/* A query. `sql` must be a literal (its address keys the statement cache). Declare DB_ROWS rows = db_query(...), then
 * while (db_next(rows)) { ... } ; a failure ends the loop and shows in db_ok. Two queries may be open at once. */
struct db_rows *db_query(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count);
bool db_next(struct db_rows *rows);
void db_rows_end(struct db_rows **rows);
#define DB_ROWS __attribute__((cleanup(db_rows_end))) struct db_rows *

/* Columns from 0 of the current row. Texts live until the next db_next; copy what must stay. NULL gives the empty
 * slice, and 0. */
struct text db_col_text(struct db_rows *rows, int column);
struct text db_col_bytes(struct db_rows *rows, int column);
int64_t db_col_int(struct db_rows *rows, int column);
bool db_col_is_null(struct db_rows *rows, int column);
/* A copy in the arena; NUL-terminated. */
struct text db_col_copy(struct db_rows *rows, int column, struct arena *arena);

/* The engine's name and version, for doctor: "SQLite 3.40.1". */
struct text db_version(struct db *db, struct arena *arena);

/* Shows what the engine finds wrong with the database as a whole: damaged pages, broken foreign keys, constraints that were never checked.
 * Reads only; takes as long as reading everything. False when it could not look. */
typedef bool db_fault(void *context, struct text what);
bool db_check(struct db *db, db_fault *fault, void *context, struct problem *problem);

/* What a read or write sees as a number, for short checks: the first column of the first row, or `otherwise`. */
int64_t db_number(
    struct db_tx *tx, const char *sql, const struct db_value *args, size_t count, int64_t otherwise);

struct db_stats {
    uint64_t groups;      /* commits: of the SQLite writer, or each of PostgreSQL */
    uint64_t writes;      /* closures that were committed */
    uint64_t replays;     /* closures that were replayed alone after a group failed; SQLite */
    uint64_t connections; /* open now, those that only read too */
    /* PostgreSQL alone. Transactions that were repeated, by why: */
    uint64_t retries_serialization; /* SQLSTATE 40001 */
    uint64_t retries_deadlock;      /* SQLSTATE 40P01 */
    uint64_t retries_connection;    /* the connection was lost */
    uint64_t pool_waits;            /* times that a transaction waited for a connection */
};
struct db_stats db_stats(struct db *db);

#endif
