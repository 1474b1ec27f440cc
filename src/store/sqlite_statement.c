#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite.h"

static const char rollback_sql[] = "ROLLBACK";

static struct sqlite_connection *connection_of(struct db_tx *tx)
{
    return tx->connection;
}

static sqlite3_stmt *handle_of(struct db_rows *rows)
{
    return ((struct sqlite_statement *)rows->statement)->handle;
}

/* The place of the literal, or the free place where it belongs; NULL when the table is full. */
static struct sqlite_statement **cache_place(struct sqlite_connection *connection, const char *literal)
{
    size_t hash = (size_t)((uintptr_t)literal * UINT64_C(0x9e3779b97f4a7c15) >> 32);
    for (size_t i = 0; i < SQLITE_STATEMENTS_MAX; i++) {
        struct sqlite_statement **place = &connection->statements[(hash + i) % SQLITE_STATEMENTS_MAX];
        if (!*place || (*place)->literal == literal) {
            return place;
        }
    }
    return NULL;
}

/* Reads which argument each parameter takes: "$3" takes the third. */
static bool parameters_read(struct sqlite_statement *statement, const char *sql, struct problem *problem)
{
    int count = sqlite3_bind_parameter_count(statement->handle);
    if (count > DB_ARGS_MAX) {
        return problem_internal(problem, "too many parameters: %.200s", sql);
    }
    statement->parameters = (size_t)count;
    for (int i = 1; i <= count; i++) {
        const char *name = sqlite3_bind_parameter_name(statement->handle, i);
        uint64_t number = 0;
        if (!name || name[0] != '$' || !text_to_u64(text_from(name + 1), (uint64_t)count, &number) ||
            number == 0) {
            return problem_internal(problem, "parameters are $1, $2, ... without a gap: %.200s", sql);
        }
        statement->argument[i - 1] = (unsigned char)(number - 1);
    }
    return true;
}

/* Bytes of the statement that SQLite is to see: with one writer no row is ever locked, so it has no words for that. */
static size_t sql_length(const char *sql)
{
    static const char locking[] = " FOR UPDATE SKIP LOCKED";
    struct text text = text_from(sql);
    return text.len - (text_ends(text, text_from(locking)) ? sizeof locking - 1 : 0);
}

static void statement_free(struct sqlite_statement *statement)
{
    if (statement) {
        sqlite3_finalize(statement->handle);
        free(statement);
    }
}

static struct sqlite_statement *statement_prepare(
    struct sqlite_connection *connection, const char *sql, struct problem *problem)
{
    struct sqlite_statement *statement = calloc(1, sizeof *statement);
    if (!statement) {
        abort();
    }
    statement->literal = sql;
    const char *rest = NULL;
    size_t len = sql_length(sql);
    bool sound = true;
    if (sqlite3_prepare_v3(connection->handle, sql, (int)len, SQLITE_PREPARE_PERSISTENT, &statement->handle,
            &rest) != SQLITE_OK) {
        sound = sqlite_problem(connection->handle, sql, problem);
    } else if (!statement->handle || rest + strspn(rest, " \n\t;") < sql + len) {
        sound = problem_internal(problem, "not one statement: %.200s", sql);
    }
    if (!sound || !parameters_read(statement, sql, problem)) {
        statement_free(statement);
        return NULL;
    }
    return statement;
}

/* From the cache, or prepared and put there. A statement that is in use, or does not fit, is made for this once. */
static struct sqlite_statement *statement_take(
    struct sqlite_connection *connection, const char *sql, struct problem *problem)
{
    struct sqlite_statement **place = cache_place(connection, sql);
    /* The text is compared too: SQL that is no literal may come to stand where another stood. */
    if (place && *place && !(*place)->busy &&
        text_equal(text_from(sqlite3_sql((*place)->handle)), (struct text){sql, sql_length(sql)})) {
        (*place)->busy = true;
        return *place;
    }
    struct sqlite_statement *statement = statement_prepare(connection, sql, problem);
    if (!statement) {
        return NULL;
    }
    statement->busy = true;
    /* Never quite full, so that looking for what is not there stays quick. */
    if (place && !*place && connection->statements_count < SQLITE_STATEMENTS_MAX / 4 * 3) {
        statement->cached = true;
        connection->statements_count++;
        *place = statement;
    }
    return statement;
}

static void statement_return(struct sqlite_statement *statement)
{
    if (!statement->cached) {
        statement_free(statement);
        return;
    }
    sqlite3_reset(statement->handle);
    sqlite3_clear_bindings(statement->handle);
    statement->busy = false;
}

bool sqlite_control(struct sqlite_connection *connection, const char *literal, struct problem *problem)
{
    struct sqlite_statement *statement = statement_take(connection, literal, problem);
    if (!statement) {
        return false;
    }
    bool done = sqlite3_step(statement->handle) == SQLITE_DONE ||
                sqlite_problem(connection->handle, literal, problem);
    statement_return(statement);
    return done;
}

bool sqlite_rollback(struct sqlite_connection *connection, struct problem *problem)
{
    if (sqlite3_get_autocommit(connection->handle)) {
        return true;
    }
    struct problem why = {.kind = PROBLEM_NONE};
    sqlite_control(connection, rollback_sql, &why);
    /* What it says matters less than what is. */
    return sqlite3_get_autocommit(connection->handle) || db_problem_pass(problem, &why) ||
           problem_internal(problem, "a transaction does not end");
}

bool sqlite_begin(struct sqlite_connection *connection, const char *literal, struct problem *problem)
{
    return sqlite_rollback(connection, problem) && sqlite_control(connection, literal, problem);
}

/* Prepares a statement that must not want memory later. */
static bool statement_keep(struct sqlite_connection *connection, const char *literal, struct problem *problem)
{
    struct sqlite_statement *statement = statement_take(connection, literal, problem);
    if (statement) {
        statement_return(statement);
    }
    return statement;
}

bool sqlite_statements_prepare(struct sqlite_connection *connection, struct problem *problem)
{
    return statement_keep(connection, rollback_sql, problem);
}

void sqlite_statements_free(struct sqlite_connection *connection)
{
    for (size_t i = 0; i < SQLITE_STATEMENTS_MAX; i++) {
        statement_free(connection->statements[i]);
        connection->statements[i] = NULL;
    }
    connection->statements_count = 0;
}

static int bind_one(
    sqlite3_stmt *handle, int parameter, const struct db_value *value, sqlite3_destructor_type life)
{
    /* A NULL pointer would bind NULL, where an empty text is meant. */
    const char *at = value->text.len ? value->text.at : "";
    switch (value->type) {
    case DB_INT:
        return sqlite3_bind_int64(handle, parameter, value->number);
    case DB_TEXT:
        return sqlite3_bind_text64(handle, parameter, at, value->text.len, life, SQLITE_UTF8);
    case DB_BYTES:
        return sqlite3_bind_blob64(handle, parameter, at, value->text.len, life);
    case DB_NULL:
        break;
    }
    return sqlite3_bind_null(handle, parameter);
}

static bool bind_all(struct sqlite_connection *connection, struct sqlite_statement *statement,
    const char *sql, const struct db_value *args, size_t count, sqlite3_destructor_type life,
    struct problem *problem)
{
    if (count != statement->parameters) {
        return problem_internal(
            problem, "%zu arguments for %zu parameters: %.200s", count, statement->parameters, sql);
    }
    for (size_t i = 0; i < count; i++) {
        if (bind_one(statement->handle, (int)i + 1, &args[statement->argument[i]], life) != SQLITE_OK) {
            return sqlite_problem(connection->handle, sql, problem);
        }
    }
    return true;
}

bool sqlite_exec(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count,
    int64_t *ret_changed, struct problem *problem)
{
    struct sqlite_connection *connection = connection_of(tx);
    struct sqlite_statement *statement = statement_take(connection, sql, problem);
    if (!statement) {
        return false;
    }
    bool done = bind_all(connection, statement, sql, args, count, SQLITE_STATIC, problem);
    if (done) {
        int code = SQLITE_ROW;
        while (code == SQLITE_ROW) {
            code = sqlite3_step(statement->handle);
        }
        done = code == SQLITE_DONE || sqlite_problem(connection->handle, sql, problem);
        if (done && ret_changed) {
            *ret_changed = sqlite3_changes64(connection->handle);
        }
    }
    statement_return(statement);
    return done;
}

bool sqlite_query(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count,
    struct db_rows *rows, struct problem *problem)
{
    struct sqlite_connection *connection = connection_of(tx);
    struct sqlite_statement *statement = statement_take(connection, sql, problem);
    if (!statement) {
        return false;
    }
    /* Copied: an argument may be a column of another query's current row. */
    if (!bind_all(connection, statement, sql, args, count, SQLITE_TRANSIENT, problem)) {
        statement_return(statement);
        return false;
    }
    rows->statement = statement;
    return true;
}

bool sqlite_next(struct db_rows *rows, bool *ret_row, struct problem *problem)
{
    struct sqlite_statement *statement = rows->statement;
    int code = sqlite3_step(statement->handle);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        return sqlite_problem(connection_of(rows->tx)->handle, statement->literal, problem);
    }
    *ret_row = code == SQLITE_ROW;
    return true;
}

void sqlite_rows_end(struct db_rows *rows)
{
    statement_return(rows->statement);
}

static void check_column(struct db_rows *rows, int column)
{
    assert(column >= 0 && column < sqlite3_data_count(handle_of(rows)));
}

bool sqlite_is_null(struct db_rows *rows, int column)
{
    check_column(rows, column);
    return sqlite3_column_type(handle_of(rows), column) == SQLITE_NULL;
}

int64_t sqlite_integer(struct db_rows *rows, int column)
{
    check_column(rows, column);
    return sqlite3_column_int64(handle_of(rows), column);
}

/* No text where there is no NULL: there was no memory to make a text of a number, say, and what looks empty is not. */
static struct text column_text(struct db_rows *rows, int column, const void *at)
{
    sqlite3 *handle = connection_of(rows->tx)->handle;
    if (!at && sqlite3_errcode(handle) == SQLITE_NOMEM) {
        struct problem problem = {.kind = PROBLEM_NONE};
        sqlite_problem(handle, ((struct sqlite_statement *)rows->statement)->literal, &problem);
        db_fail(rows->tx, &problem);
    }
    return at ? (struct text){at, (size_t)sqlite3_column_bytes(handle_of(rows), column)} : TEXT_EMPTY;
}

struct text sqlite_text(struct db_rows *rows, int column)
{
    check_column(rows, column);
    return column_text(rows, column, sqlite3_column_text(handle_of(rows), column));
}

struct text sqlite_bytes(struct db_rows *rows, int column)
{
    check_column(rows, column);
    return column_text(rows, column, sqlite3_column_blob(handle_of(rows), column));
}
