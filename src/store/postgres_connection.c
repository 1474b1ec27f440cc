#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/postgres.h"

#define CONNECT_S "5"
#define ANSWER_MS 40000 /* the server's own limits (settings[]) are shorter: past this it hangs */

/* A pooler that hands each transaction another connection takes none of these: there they belong to the role. */
static const char settings[] = "SET statement_timeout = '30s'; SET lock_timeout = '10s';"
                               " SET idle_in_transaction_session_timeout = '60s'";

bool pg_fail(struct pg_connection *connection, enum pg_fault fault, const struct problem *problem)
{
    if (connection->fault == PG_SOUND) {
        connection->fault = fault;
        connection->failed = *problem;
    }
    return false;
}

static bool lost(struct pg_connection *connection, const char *why)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    problem_set(
        &problem, PROBLEM_LATER, WORD_problem_later, NULL, NULL, "database: connection lost: %.300s", why);
    connection->fault = PG_SOUND; /* whatever it was: gone with the connection */
    pg_fail(connection, PG_LOST, &problem);
    pg_disconnect(connection);
    return false;
}

/* SQLSTATEs, by their first characters: PostgreSQL's documentation, appendix A. */
static const struct {
    const char *state;
    enum pg_fault fault;
    enum problem_kind kind;
} meanings[] = {
    {"40P01", PG_DEADLOCK, PROBLEM_LATER},
    {"40", PG_REPEAT, PROBLEM_LATER}, /* serialization failure */
    {"23505", PG_CONFLICT, PROBLEM_CONFLICT},
    {"23503", PG_CONFLICT, PROBLEM_CONFLICT},
    {"08", PG_LOST, PROBLEM_LATER},
    {"57P", PG_LOST, PROBLEM_LATER},   /* shut down, crashed, starting up */
    {"25P03", PG_LOST, PROBLEM_LATER}, /* it was idle for too long */
    {"25P04", PG_LOST, PROBLEM_LATER},
    {"53", PG_FAILED, PROBLEM_LATER},    /* disk full, out of memory, too many connections */
    {"55P03", PG_FAILED, PROBLEM_LATER}, /* waited too long for a lock */
    {"57014", PG_FAILED, PROBLEM_LATER}, /* took too long */
    {"58", PG_FAILED, PROBLEM_LATER},    /* the server's input and output */
    {"", PG_FAILED, PROBLEM_INTERNAL},
};

enum pg_fault pg_meaning(const PGresult *result, const char *sql, struct problem *problem)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY); /* no values in it */
    struct text code = text_from(state ? state : "");
    size_t i = 0;
    while (!text_starts(code, text_from(meanings[i].state))) {
        i++;
    }
    enum problem_kind kind = meanings[i].kind;
    if (kind == PROBLEM_INTERNAL) {
        problem_internal(problem, "database: %.150s (%.5s): %.200s", message ? message : "?", code.at, sql);
    } else {
        problem_set(problem, kind, kind == PROBLEM_CONFLICT ? WORD_problem_conflict : WORD_problem_later,
            NULL, NULL, "database: %.150s (%.5s): %.200s", message ? message : "?", code.at, sql);
    }
    return meanings[i].fault;
}

/* "relation exists, skipping" and the like: of no use to anybody, and library code does not log. */
static void ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

/* Whether the server has closed it, as far as is known here by now. */
static bool closed_meanwhile(PGconn *handle)
{
    struct pollfd ready = {.fd = PQsocket(handle), .events = POLLIN};
    return PQstatus(handle) != CONNECTION_OK || (poll(&ready, 1, 0) > 0 && !PQconsumeInput(handle));
}

bool pg_connect(struct pg_connection *connection, struct problem *problem)
{
    if (connection->handle && !closed_meanwhile(connection->handle)) {
        return true;
    }
    pg_disconnect(connection);
    const char *const keys[] = {"dbname", "application_name", "connect_timeout", "client_encoding",
        "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", NULL};
    const char *const values[] = {
        connection->owner->url, "portdesk", CONNECT_S, "UTF8", "30", "5", "3", "30000", NULL};
    PGconn *handle = PQconnectdbParams(keys, values, 1);
    bool open = PQstatus(handle) == CONNECTION_OK;
    if (open && !connection->owner->no_prepared) {
        PGresult *result = PQexec(handle, settings);
        open = PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
    }
    if (!open || PQenterPipelineMode(handle) != 1 || PQsetnonblocking(handle, 1) != 0) {
        problem_set(problem, PROBLEM_LATER, WORD_problem_later, NULL, NULL, "%.380s", PQerrorMessage(handle));
        PQfinish(handle);
        return false;
    }
    PQsetNoticeProcessor(handle, ignore_notice, NULL);
    connection->handle = handle;
    atomic_fetch_add(&connection->owner->open, 1);
    return true;
}

void pg_disconnect(struct pg_connection *connection)
{
    PQclear(connection->answer);
    connection->answer = NULL;
    connection->pending_count = 0;
    connection->begun = false;
    if (connection->handle) {
        PQfinish(connection->handle);
        connection->handle = NULL;
        atomic_fetch_sub(&connection->owner->open, 1);
    }
    pg_statements_free(connection);
}

bool pg_send(struct pg_connection *connection, enum pg_what what, const char *sql,
    struct pg_statement *statement, int sent)
{
    if (sent != 1) {
        return lost(connection, PQerrorMessage(connection->handle));
    }
    assert(connection->pending_count < PG_PENDING_MAX);
    connection->pending[connection->pending_count++] =
        (struct pg_pending){.what = what, .sql = sql, .statement = statement};
    return true;
}

bool pg_room(struct pg_connection *connection, size_t count)
{
    if (!connection->handle) {
        return lost(connection, "it is not connected");
    }
    return connection->pending_count + count + 1 < PG_PENDING_MAX || pg_settle(connection);
}

bool pg_command(struct pg_connection *connection, const char *sql)
{
    return pg_send(connection, PG_EXEC, sql, NULL,
        PQsendQueryParams(connection->handle, sql, 0, NULL, NULL, NULL, NULL, 0));
}

static int64_t ms_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until libpq has the next result at hand, sending meanwhile what is not sent yet. */
static bool wait_for_result(struct pg_connection *connection, int64_t until)
{
    PGconn *handle = connection->handle;
    while (true) {
        int unsent = PQflush(handle);
        if (unsent < 0) {
            return lost(connection, PQerrorMessage(handle));
        }
        if (!PQisBusy(handle)) {
            return true;
        }
        struct pollfd ready = {.fd = PQsocket(handle), .events = (short)(POLLIN | (unsent ? POLLOUT : 0))};
        int64_t left = until - ms_now();
        int found = left > 0 ? poll(&ready, 1, (int)left) : 0;
        if (found == 0) {
            return lost(connection, "no answer in time");
        }
        if ((found < 0 && errno != EINTR) ||
            (found > 0 && (ready.revents & ~POLLOUT) && !PQconsumeInput(handle))) {
            return lost(connection, PQerrorMessage(handle));
        }
    }
}

static void note_success(struct pg_connection *connection, const struct pg_pending *pending, PGresult *result)
{
    if (pending->what == PG_PREPARE) {
        pending->statement->state = PG_READY;
    } else if (pending->what == PG_EXEC) {
        uint64_t changed = 0;
        text_to_u64(text_from(PQcmdTuples(result)), INT64_MAX, &changed);
        connection->changed = (int64_t)changed;
    }
    if (pending->what == PG_QUERY) {
        PQclear(connection->answer);
        connection->answer = result;
    } else {
        PQclear(result);
    }
}

/* The answer to one command. False when the connection was lost by it. */
static bool take_answer(struct pg_connection *connection, const struct pg_pending *pending, int64_t until)
{
    if (!wait_for_result(connection, until)) {
        return false;
    }
    PGresult *result = PQgetResult(connection->handle);
    if (!result) {
        return lost(connection, PQerrorMessage(connection->handle));
    }
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        note_success(connection, pending, result);
        break;
    case PGRES_PIPELINE_SYNC:
        PQclear(result);
        return true;             /* nothing follows it */
    case PGRES_PIPELINE_ABORTED: /* because of one before it, which told why */
        PQclear(result);
        break;
    default: {
        struct problem problem = {.kind = PROBLEM_NONE};
        enum pg_fault fault = pg_meaning(result, pending->sql, &problem);
        PQclear(result);
        if (fault == PG_LOST || PQstatus(connection->handle) != CONNECTION_OK) {
            /* Told in the place of an answer to what stands before COMMIT, so that COMMIT was not reached. */
            bool before = fault == PG_LOST && !text_is(text_from(pending->sql), "COMMIT");
            connection->committing = connection->committing && !before;
            return lost(connection, problem.detail);
        }
        pg_fail(connection, fault, &problem);
    }
    }
    /* Each command's answer ends in a NULL. */
    if (!wait_for_result(connection, until)) {
        return false;
    }
    result = PQgetResult(connection->handle);
    PQclear(result);
    return !result || lost(connection, "an answer that was not asked for");
}

bool pg_push(struct pg_connection *connection)
{
    return pg_send(connection, PG_SYNC, "", NULL, PQpipelineSync(connection->handle)) &&
           (PQflush(connection->handle) >= 0 || lost(connection, PQerrorMessage(connection->handle)));
}

bool pg_settle(struct pg_connection *connection)
{
    if (!connection->handle) {
        return false;
    }
    if (connection->pending_count > 0 && connection->pending[connection->pending_count - 1].what != PG_SYNC &&
        !pg_push(connection)) {
        return false;
    }
    int64_t until = ms_now() + ANSWER_MS;
    size_t count = connection->pending_count;
    for (size_t i = 0; i < count; i++) {
        if (!take_answer(connection, &connection->pending[i], until)) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct pg_statement *statement = connection->pending[i].statement;
        if (statement && statement->state == PG_SENT) {
            statement->state = PG_NEW; /* it was not reached */
        }
    }
    connection->pending_count = 0;
    return connection->fault == PG_SOUND;
}
