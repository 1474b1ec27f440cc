#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "store/sqlite.h"

#define READER_WAIT_S 10 /* for a connection to come back */

/* Whether this thread is inside a read: one in another would wait for a connection that it holds itself. */
static _Thread_local bool reading;

bool sqlite_readers_open(
    struct sqlite_readers *readers, const char *path, size_t count, struct problem *problem)
{
    pthread_mutex_init(&readers->lock, NULL);
    pthread_cond_init(&readers->returned, NULL);
    readers->count = count ? count : 1;
    readers->connections = calloc(readers->count, sizeof *readers->connections);
    readers->free = calloc(readers->count, sizeof(struct sqlite_connection *));
    if (!readers->connections || !readers->free) {
        abort();
    }
    for (size_t i = 0; i < readers->count; i++) {
        if (!sqlite_connection_open(&readers->connections[i], path, false, problem)) {
            return false;
        }
        readers->free[readers->free_count++] = &readers->connections[i];
    }
    return true;
}

void sqlite_readers_close(struct sqlite_readers *readers)
{
    for (size_t i = 0; i < readers->count; i++) {
        sqlite_connection_close(&readers->connections[i]);
    }
    free(readers->connections);
    free(readers->free);
    pthread_cond_destroy(&readers->returned);
    pthread_mutex_destroy(&readers->lock);
}

static struct sqlite_connection *reader_take(struct sqlite_readers *readers)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += READER_WAIT_S;
    struct sqlite_connection *connection = NULL;
    int code = 0;
    pthread_mutex_lock(&readers->lock);
    while (readers->free_count == 0 && code != ETIMEDOUT) {
        code = pthread_cond_clockwait(&readers->returned, &readers->lock, CLOCK_MONOTONIC, &until);
    }
    if (readers->free_count > 0) {
        connection = readers->free[--readers->free_count];
    }
    pthread_mutex_unlock(&readers->lock);
    return connection;
}

static void reader_return(struct sqlite_readers *readers, struct sqlite_connection *connection)
{
    pthread_mutex_lock(&readers->lock);
    readers->free[readers->free_count++] = connection;
    pthread_cond_signal(&readers->returned);
    pthread_mutex_unlock(&readers->lock);
}

bool sqlite_readers_read(
    struct sqlite_readers *readers, db_closure *closure, void *context, struct problem *problem)
{
    assert(!reading);
    struct sqlite_connection *connection = reader_take(readers);
    if (!connection) {
        return problem_set(
            problem, PROBLEM_LATER, WORD_problem_later, NULL, NULL, "no free connection to read with");
    }
    reading = true;
    struct db_tx *tx = &connection->tx;
    db_tx_reset(tx);
    bool done = sqlite_begin(connection, "BEGIN", &tx->problem) && db_tx_run(tx, closure, context);
    if (!done) {
        db_problem_pass(problem, &tx->problem);
    }
    sqlite_rollback(connection, NULL);
    reading = false;
    reader_return(readers, connection);
    return done;
}
