#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres.h"

/* Types of parameters, as the server numbers them. */
enum { TYPE_UNKNOWN = 0, TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_TEXT = 25 };

static Oid type_of(const struct db_value *value)
{
    switch (value->type) {
    case DB_INT:
        return TYPE_INT8;
    case DB_TEXT:
        return TYPE_TEXT;
    case DB_BYTES:
        return TYPE_BYTEA;
    case DB_NULL:
        break;
    }
    return TYPE_UNKNOWN;
}

/* A NULL goes with any type. */
static bool fits(const struct pg_statement *statement, const struct db_value *args, size_t count)
{
    bool same = statement->count == count;
    for (size_t i = 0; same && i < count; i++) {
        same = args[i].type == DB_NULL || statement->types[i] == type_of(&args[i]);
    }
    return same;
}

/* The place of the statement for these types, or the free place where it belongs; NULL when the table is full. */
static struct pg_statement **cache_place(
    struct pg_connection *connection, const char *sql, const struct db_value *args, size_t count)
{
    size_t hash = (size_t)((uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15) >> 32);
    for (size_t i = 0; i < PG_STATEMENTS_MAX; i++) {
        struct pg_statement **place = &connection->statements[(hash + i) % PG_STATEMENTS_MAX];
        if (!*place || ((*place)->literal == sql && fits(*place, args, count))) {
            return place;
        }
    }
    return NULL;
}

void pg_statements_free(struct pg_connection *connection)
{
    for (size_t i = 0; i < PG_STATEMENTS_MAX; i++) {
        if (connection->statements[i]) {
            free(connection->statements[i]->sql);
            free(connection->statements[i]);
            connection->statements[i] = NULL;
        }
    }
    connection->statements_count = 0;
}

/* From the cache, or new in it; NULL when it is to be sent without being prepared. */
static struct pg_statement *statement_take(
    struct pg_connection *connection, const char *sql, const struct db_value *args, size_t count)
{
    if (connection->owner->no_prepared) {
        return NULL;
    }
    struct pg_statement **place = cache_place(connection, sql, args, count);
    if (place && *place) {
        return strcmp((*place)->sql, sql) == 0 ? *place : NULL;
    }
    /* Never quite full, so that looking for what is not there stays quick. */
    if (!place || connection->statements_count >= PG_STATEMENTS_MAX / 4 * 3) {
        return NULL;
    }
    struct pg_statement *statement = calloc(1, sizeof *statement);
    char *copy = strdup(sql);
    if (!statement || !copy) {
        abort();
    }
    *statement = (struct pg_statement){.literal = sql, .sql = copy, .count = count};
    for (size_t i = 0; i < count; i++) {
        statement->types[i] = type_of(&args[i]);
    }
    snprintf(statement->name, sizeof statement->name, "s%u", connection->next_name++);
    connection->statements_count++;
    *place = statement;
    return statement;
}

/* Arguments in the server's binary form. */
struct bound {
    Oid types[DB_ARGS_MAX];
    const char *values[DB_ARGS_MAX];
    int lengths[DB_ARGS_MAX];
    int formats[DB_ARGS_MAX];
    uint64_t numbers[DB_ARGS_MAX];
};

static void bind(struct bound *bound, const struct db_value *args, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bound->types[i] = type_of(&args[i]);
        bound->formats[i] = 1;
        bound->values[i] = args[i].text.len ? args[i].text.at : "";
        bound->lengths[i] = (int)args[i].text.len;
        if (args[i].type == DB_NULL) {
            bound->values[i] = NULL;
        } else if (args[i].type == DB_INT) {
            bound->numbers[i] = htobe64((uint64_t)args[i].number);
            bound->values[i] = (const char *)&bound->numbers[i];
            bound->lengths[i] = sizeof bound->numbers[i];
        }
    }
}

/* Whether the parameters are $1, $2, ... without a gap, `count` of them: the server would take more arguments than it needs. */
static bool parameters_are(const char *sql, size_t count)
{
    bool used[DB_ARGS_MAX] = {false};
    size_t found = 0;
    for (const char *at = strchr(sql, '$'); at; at = strchr(at + 1, '$')) {
        uint64_t number = 0;
        struct text digits = {at + 1, strspn(at + 1, "0123456789")};
        if (!text_to_u64(digits, count, &number) || number == 0) {
            return false;
        }
        found += used[number - 1] ? 0 : 1;
        used[number - 1] = true;
    }
    return found == count;
}

/* What the server would not refuse, or not in time. */
static bool check_args(const char *sql, const struct db_value *args, size_t count, struct problem *problem)
{
    if (count > DB_ARGS_MAX || !parameters_are(sql, count)) {
        return problem_internal(problem, "parameters are $1, $2, ... without a gap: %.200s", sql);
    }
    for (size_t i = 0; i < count; i++) {
        if (args[i].text.len > INT32_MAX / 2) {
            return problem_internal(problem, "an argument is too large: %.200s", sql);
        }
    }
    return true;
}

static bool prepare(
    struct pg_connection *connection, struct pg_statement *statement, const char *sql, size_t count)
{
    int sent = PQsendPrepare(connection->handle, statement->name, sql, (int)count, statement->types);
    statement->state = PG_SENT;
    return pg_send(connection, PG_PREPARE, sql, statement, sent);
}

/* Sends a statement with its arguments, which are copied. Before the first of a transaction goes its BEGIN. */
static bool send(struct pg_connection *connection, enum pg_what what, const char *sql,
    const struct db_value *args, size_t count)
{
    struct bound bound;
    bind(&bound, args, count);
    if (!pg_room(connection, 4)) {
        return false;
    }
    if (!connection->begun) {
        connection->begun = true;
        if (!pg_command(connection, connection->begin)) {
            return false;
        }
    }
    struct pg_statement *statement = statement_take(connection, sql, args, count);
    if (statement && statement->state == PG_NEW && !prepare(connection, statement, sql, count)) {
        return false;
    }
    int sent = statement ? PQsendQueryPrepared(connection->handle, statement->name, (int)count, bound.values,
                               bound.lengths, bound.formats, 1)
                         : PQsendQueryParams(connection->handle, sql, (int)count, bound.types, bound.values,
                               bound.lengths, bound.formats, 1);
    return pg_send(connection, what, sql, NULL, sent);
}

static bool pass(const struct pg_connection *connection, struct problem *problem)
{
    return db_problem_pass(problem, &connection->failed);
}

/* Nobody asks what it changed: it goes with what comes next, and an error shows there, or at the commit. */
bool pg_exec(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count,
    int64_t *ret_changed, struct problem *problem)
{
    struct pg_connection *connection = tx->connection;
    if (!check_args(sql, args, count, problem)) {
        return false;
    }
    if (!send(connection, PG_EXEC, sql, args, count) || (ret_changed && !pg_settle(connection))) {
        return pass(connection, problem);
    }
    if (ret_changed) {
        *ret_changed = connection->changed;
    }
    return true;
}

bool pg_query(struct db_tx *tx, const char *sql, const struct db_value *args, size_t count,
    struct db_rows *rows, struct problem *problem)
{
    struct pg_connection *connection = tx->connection;
    if (!check_args(sql, args, count, problem)) {
        return false;
    }
    if (!send(connection, PG_QUERY, sql, args, count) || !pg_settle(connection)) {
        return pass(connection, problem);
    }
    assert(connection->answer);
    pg_rows_begin(rows, connection->answer);
    connection->answer = NULL;
    return true;
}
