/* Inside store/: the SQLite engine's own parts. One connection writes and checkpoints (Debian's SQLite can corrupt a WAL
 * database when two do); it belongs to the writer thread. All others are opened read-only. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>

#include "base/trace.h"
#include "store/engine.h"

#define SQLITE_STATEMENTS_MAX 1024 /* cached for each connection; a power of two */
#define SQLITE_BUSY_MS 5000 /* only recovery, a last close or another program's reader make anybody wait */

struct sqlite_statement {
    const char *literal; /* its address is the key */
    sqlite3_stmt *handle;
    size_t parameters;
    unsigned char argument[DB_ARGS_MAX]; /* which argument (from 0) each parameter takes */
    bool busy;
    bool cached;
};

struct sqlite_connection {
    sqlite3 *handle;
    struct sqlite_statement *statements[SQLITE_STATEMENTS_MAX]; /* open addressing */
    size_t statements_count;
    struct db_tx tx;
    int wal_pages; /* after the last commit; of the writer */
};

struct sqlite_write {
    db_closure *closure;
    void *context;
    struct text trace; /* of the thread that waits */
    bool ok;
    struct problem problem;
    sem_t answered; /* its caller goes on without anybody's lock */
    struct sqlite_write *next;
};

struct sqlite_writer {
    struct sqlite_connection connection;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wanted;
    struct sqlite_write *first, *last;
    bool stopping;
    struct db_stats stats;
    int carried_at; /* pages of the WAL when it was last carried over; the thread's own */
};

struct sqlite_readers {
    struct sqlite_connection *connections;
    size_t count;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t returned;
    struct sqlite_connection **free;
    size_t free_count;
};

struct sqlite_db {
    struct db db;
    int lock_fd; /* holds the instance's lock; -1 when read-only */
    bool has_writer;
    struct sqlite_writer writer;
    struct sqlite_readers readers;
};

/* sqlite.c */
extern const struct db_engine sqlite_engine;
bool sqlite_open(const struct db_options *options, struct db **ret, struct problem *problem);

/* sqlite_connection.c */
bool sqlite_connection_open(
    struct sqlite_connection *connection, const char *path, bool writes, struct problem *problem);
void sqlite_connection_close(struct sqlite_connection *connection);
/* Statements of our own without arguments or rows: settings and the steps of a migration. */
bool sqlite_run(struct sqlite_connection *connection, const char *sql, struct problem *problem);
/* What the handle's last error means. Returns false. */
bool sqlite_problem(sqlite3 *handle, const char *sql, struct problem *problem);

/* sqlite_statement.c: the engine's exec, query and columns (engine.h), and the cache */
bool sqlite_exec(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count,
    int64_t *ret_changed, struct problem *problem);
bool sqlite_query(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count,
    struct db_rows *rows, struct problem *problem);
bool sqlite_next(struct db_rows *rows, bool *ret_row, struct problem *problem);
void sqlite_rows_end(struct db_rows *rows);
bool sqlite_is_null(struct db_rows *rows, int column);
int64_t sqlite_integer(struct db_rows *rows, int column);
struct text sqlite_text(struct db_rows *rows, int column);
struct text sqlite_bytes(struct db_rows *rows, int column);
/* One statement that moves the transaction: COMMIT, SAVEPOINT, ... Prepared once. */
bool sqlite_control(struct sqlite_connection *connection, const char *literal, struct problem *problem);
/* BEGIN or BEGIN IMMEDIATE, after what was left open. */
bool sqlite_begin(struct sqlite_connection *connection, const char *literal, struct problem *problem);
/* Whether no transaction is open afterwards. It can fail for want of memory; then sqlite_begin tries again. */
bool sqlite_rollback(struct sqlite_connection *connection, struct problem *problem);
/* Prepares what must not want memory when it is needed. */
bool sqlite_statements_prepare(struct sqlite_connection *connection, struct problem *problem);
void sqlite_statements_free(struct sqlite_connection *connection);

/* sqlite_migrate.c */
bool sqlite_migrate(
    struct sqlite_connection *connection, const struct db_migration *migrations, struct problem *problem);
/* Whether the database stands exactly where the program expects it; for a connection that cannot migrate. */
bool sqlite_migrated(
    struct sqlite_connection *connection, const struct db_migration *migrations, struct problem *problem);

/* sqlite_writer.c */
void sqlite_writer_start(struct sqlite_writer *writer);
void sqlite_writer_stop(struct sqlite_writer *writer);
bool sqlite_writer_write(
    struct sqlite_writer *writer, db_closure *closure, void *context, struct problem *problem);
struct db_stats sqlite_writer_stats(struct sqlite_writer *writer);

/* sqlite_reader.c */
bool sqlite_readers_open(
    struct sqlite_readers *readers, const char *path, size_t count, struct problem *problem);
void sqlite_readers_close(struct sqlite_readers *readers);
bool sqlite_readers_read(
    struct sqlite_readers *readers, db_closure *closure, void *context, struct problem *problem);

#endif
