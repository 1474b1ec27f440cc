#include <assert.h>
#include <pthread.h>

#include "store/sqlite.h"

bool sqlite_problem(sqlite3 *handle, const char *sql, struct problem *problem)
{
    const char *message = sqlite3_errmsg(handle);
    switch (sqlite3_extended_errcode(handle)) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return problem_set(
            problem, PROBLEM_CONFLICT, WORD_problem_conflict, NULL, NULL, "%s: %.200s", message, sql);
    default:
        break;
    }
    switch (sqlite3_errcode(handle) & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN: /* no file descriptor is left, say */
    case SQLITE_PROTOCOL:
        return problem_set(problem, PROBLEM_LATER, WORD_problem_later, NULL, NULL,
            "database: %s (%d): %.200s", message, sqlite3_extended_errcode(handle), sql);
    default:
        return problem_internal(
            problem, "database: %s (%d): %.200s", message, sqlite3_extended_errcode(handle), sql);
    }
}

bool sqlite_run(struct sqlite_connection *connection, const char *sql, struct problem *problem)
{
    if (sqlite3_exec(connection->handle, sql, NULL, NULL, NULL) != SQLITE_OK) {
        return sqlite_problem(connection->handle, sql, problem);
    }
    return true;
}

static bool is_wal(sqlite3 *handle)
{
    sqlite3_stmt *statement = NULL;
    bool wal = sqlite3_prepare_v2(handle, "PRAGMA journal_mode", -1, &statement, NULL) == SQLITE_OK &&
               sqlite3_step(statement) == SQLITE_ROW &&
               text_is(text_from((const char *)sqlite3_column_text(statement, 0)), "wal");
    sqlite3_finalize(statement);
    return wal;
}

static int note_wal_pages(void *context, sqlite3 *handle, const char *name, int pages)
{
    (void)handle;
    (void)name;
    struct sqlite_connection *connection = context;
    connection->wal_pages = pages;
    return SQLITE_OK;
}

static bool configure(struct sqlite_connection *connection, bool writes, struct problem *problem)
{
    sqlite3 *handle = connection->handle;
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, SQLITE_BUSY_MS);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (!writes) {
        sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        return sqlite_run(connection, "PRAGMA wal_autocheckpoint = 0; PRAGMA query_only = ON", problem);
    }
    /* The writer checkpoints by itself, after it has answered; the hook takes the automatic one's place. */
    if (!sqlite_run(connection,
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
            "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384",
            problem)) {
        return false;
    }
    sqlite3_wal_hook(handle, note_wal_pages, connection);
    return is_wal(handle) || problem_internal(problem, "the file system cannot hold a database in WAL mode");
}

/* Once for the process. Without its own statistics of memory SQLite need not take a lock of the whole process at every allocation, which 64
 * readers at once would stand in line for; nobody reads these statistics. */
static void configure_library(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

bool sqlite_connection_open(
    struct sqlite_connection *connection, const char *path, bool writes, struct problem *problem)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure_library);
    *connection = (struct sqlite_connection){.handle = NULL};
    int flags =
        (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(path, &connection->handle, flags, NULL);
    if (code != SQLITE_OK || !configure(connection, writes, problem)) {
        problem_set(problem, PROBLEM_INTERNAL, WORD_store_not_opened, NULL, path, "%s",
            connection->handle ? sqlite3_errmsg(connection->handle) : sqlite3_errstr(code));
        sqlite3_close(connection->handle);
        connection->handle = NULL;
        return false;
    }
    connection->tx.engine = &sqlite_engine;
    connection->tx.connection = connection;
    connection->tx.arena = arena_new(DB_SCRATCH_MAX);
    return sqlite_statements_prepare(connection, problem);
}

void sqlite_connection_close(struct sqlite_connection *connection)
{
    if (!connection->handle) {
        return;
    }
    sqlite_statements_free(connection);
    int code = sqlite3_close(connection->handle);
    assert(code == SQLITE_OK); /* no statement is left */
    connection->handle = NULL;
    arena_free(connection->tx.arena);
}
