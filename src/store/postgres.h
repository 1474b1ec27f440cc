/* Inside store/: the PostgreSQL engine's own parts. A connection belongs to one transaction at a time. Statements that need no
 * answer are sent without waiting (libpq's pipeline): BEGIN goes with the first statement, what only writes goes with the next
 * query or with COMMIT, so a transaction costs one round trip a query and one for its commit. */
#ifndef STORE_POSTGRES_H
#define STORE_POSTGRES_H

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>

#include "store/engine.h"

#define PG_STATEMENTS_MAX 1024 /* prepared on each connection; a power of two */
#define PG_PENDING_MAX 256     /* commands that are sent before an answer is read */

enum pg_state { PG_NEW, PG_SENT, PG_READY };

/* A statement that is prepared at the server, for arguments of certain types. */
struct pg_statement {
    const char *literal; /* its address is the key, together with the types */
    char *sql;           /* a copy: SQL that is no literal may come to stand where another stood */
    size_t count;
    Oid types[DB_ARGS_MAX]; /* 0: was NULL when it was prepared, so its type is the server's guess */
    char name[16];
    enum pg_state state;
};

enum pg_what { PG_PREPARE, PG_EXEC, PG_QUERY, PG_SYNC };

/* A command that was sent and whose answer was not read yet. */
struct pg_pending {
    enum pg_what what;
    const char *sql;
    struct pg_statement *statement; /* of PG_PREPARE */
};

/* What became of a transaction that failed at the server, beyond its problem. */
enum pg_fault {
    PG_SOUND,
    PG_FAILED,   /* the statement itself */
    PG_REPEAT,   /* it could not be serialized: the same again may work */
    PG_DEADLOCK, /* likewise */
    PG_CONFLICT, /* a key that another transaction took meanwhile, perhaps: the same again may tell more */
    PG_LOST,     /* the connection is gone */
};

struct pg_connection {
    PGconn *handle;            /* NULL: not connected */
    struct pg_database *owner; /* where it connects to */
    struct pg_statement *statements[PG_STATEMENTS_MAX];
    size_t statements_count;
    unsigned next_name;
    struct pg_pending pending[PG_PENDING_MAX];
    size_t pending_count;
    PGresult *answer;      /* of the query that is under way */
    int64_t changed;       /* rows, of the last command that was answered */
    bool begun;            /* BEGIN was sent */
    bool committing;       /* COMMIT was sent, and nothing before it failed */
    const char *begin;     /* which, before it was */
    enum pg_fault fault;   /* the first of this transaction */
    struct problem failed; /* belongs to it */
    struct db_tx tx;
};

struct pg_database {
    struct db db;
    char *url;
    bool no_prepared, read_only;
    struct pg_connection *connections;
    size_t count;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t returned;
    struct pg_connection **free;
    size_t free_count;
    struct db_stats stats;
    atomic_size_t open; /* connections */
};

/* postgres.c */
extern const struct db_engine postgres_engine;
bool postgres_open(const struct db_options *options, struct db **ret, struct problem *problem);

/* postgres_connection.c */
/* Connects when it is not connected, or the server closed the connection while it was idle. */
bool pg_connect(struct pg_connection *connection, struct problem *problem);
void pg_disconnect(struct pg_connection *connection);
/* Puts a command into the pipeline. False: it could not be sent; .fault and .failed say why. */
bool pg_send(struct pg_connection *connection, enum pg_what what, const char *sql,
    struct pg_statement *statement, int sent);
/* Makes room in the pipeline for `count` more commands. */
bool pg_room(struct pg_connection *connection, size_t count);
/* Sends what was put into the pipeline, without waiting for the answers. */
bool pg_push(struct pg_connection *connection);
/* Waits for the answers to all that was sent, for a bounded time. False when any of them is an error. */
bool pg_settle(struct pg_connection *connection);
/* A command of our own, without arguments: BEGIN, COMMIT, ... Not waited for. */
bool pg_command(struct pg_connection *connection, const char *sql);
/* Notes the first fault of the transaction. Returns false. */
bool pg_fail(struct pg_connection *connection, enum pg_fault fault, const struct problem *problem);
/* What the server's error means. */
enum pg_fault pg_meaning(const PGresult *result, const char *sql, struct problem *problem);

/* postgres_transaction.c */
bool pg_write(struct db *db, bool loose, db_closure *closure, void *context, struct problem *problem);
bool pg_read(struct db *db, db_closure *closure, void *context, struct problem *problem);
/* Runs the closure once on this connection, from `begin` to COMMIT. False: .fault says what kind of failure it was. *ret_unknown:
 * the connection was lost while it committed, so nobody knows whether it did. */
bool pg_run(struct pg_connection *connection, const char *begin, db_closure *closure, void *context,
    bool *ret_unknown);

/* postgres_statement.c: the engine's exec, query and columns (engine.h) */
bool pg_exec(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count,
    int64_t *ret_changed, struct problem *problem);
bool pg_query(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count,
    struct db_rows *rows, struct problem *problem);
void pg_statements_free(struct pg_connection *connection);

/* postgres_rows.c */
void pg_rows_begin(struct db_rows *rows, PGresult *result);
bool pg_next(struct db_rows *rows, bool *ret_row, struct problem *problem);
void pg_rows_end(struct db_rows *rows);
bool pg_is_null(struct db_rows *rows, int column);
int64_t pg_integer(struct db_rows *rows, int column);
struct text pg_text(struct db_rows *rows, int column);
struct text pg_bytes(struct db_rows *rows, int column);

/* postgres_migrate.c */
bool pg_migrate(
    struct pg_connection *connection, const struct db_migration *migrations, struct problem *problem);
bool pg_migrated(
    struct pg_connection *connection, const struct db_migration *migrations, struct problem *problem);

#endif
