#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <time.h>

#include "base/failpoint.h"
#include "store/postgres.h"

#define POOL_WAIT_S 10  /* for a connection to come back */
#define REPEATS_MAX 40  /* of a transaction that could not be serialized */
#define CONFLICTS_MAX 2 /* of one that met a key which another took */
#define LOST_MAX 3      /* connections: after a restart of the server each is found out once */
#define PAUSE_MS_MAX 64

static const char begin_write[] = "BEGIN ISOLATION LEVEL SERIALIZABLE";
static const char begin_loose[] = "BEGIN ISOLATION LEVEL READ COMMITTED";
static const char begin_read[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/* Whether this thread is inside a transaction: one in another could wait for a connection that it holds itself. */
static _Thread_local bool inside;

static struct pg_connection *connection_take(struct pg_database *self, struct problem *problem)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += POOL_WAIT_S;
    struct pg_connection *connection = NULL;
    int code = 0;
    pthread_mutex_lock(&self->lock);
    self->stats.pool_waits += self->free_count == 0;
    while (self->free_count == 0 && code != ETIMEDOUT) {
        code = pthread_cond_clockwait(&self->returned, &self->lock, CLOCK_MONOTONIC, &until);
    }
    if (self->free_count > 0) {
        connection = self->free[--self->free_count];
    }
    pthread_mutex_unlock(&self->lock);
    if (!connection) {
        problem_set(problem, PROBLEM_LATER, WORD_problem_later, NULL, NULL, "no free connection");
    }
    return connection;
}

/* How often a transaction was run once more, by the fault that made it so. */
struct repeats {
    unsigned of[PG_LOST + 1];
};

static void connection_return(
    struct pg_database *self, struct pg_connection *connection, bool wrote, const struct repeats *repeats)
{
    pthread_mutex_lock(&self->lock);
    self->free[self->free_count++] = connection;
    self->stats.groups += wrote;
    self->stats.writes += wrote;
    self->stats.retries_serialization += repeats->of[PG_REPEAT] + repeats->of[PG_CONFLICT];
    self->stats.retries_deadlock += repeats->of[PG_DEADLOCK];
    self->stats.retries_connection += repeats->of[PG_LOST];
    pthread_cond_signal(&self->returned);
    pthread_mutex_unlock(&self->lock);
}

/* Ends a transaction that must not stand. */
static void roll_back(struct pg_connection *connection)
{
    if (connection->handle && connection->begun) {
        connection->fault = PG_SOUND;
        /* When what was sent before it fails, it is passed over; then it is sent once more. */
        pg_command(connection, "ROLLBACK");
        pg_settle(connection);
        if (connection->handle && PQtransactionStatus(connection->handle) != PQTRANS_IDLE) {
            connection->fault = PG_SOUND;
            pg_command(connection, "ROLLBACK");
            pg_settle(connection);
        }
    }
    connection->begun = false;
}

static bool commit(struct pg_connection *connection, bool *ret_unknown)
{
    if (!connection->begun) {
        return true;
    }
    if (connection->begin == begin_read) {
        /* Nothing hangs on it: its answer is read when the connection is taken again. */
        connection->begun = false;
        if (!pg_command(connection, "COMMIT") || !pg_push(connection)) {
            connection->fault = PG_SOUND; /* found out by the next */
        }
        return true;
    }
    failpoint("write-before-commit");
    connection->committing = true;
    bool sound = pg_command(connection, "COMMIT") && pg_settle(connection);
    *ret_unknown = !sound && connection->fault == PG_LOST && connection->committing;
    connection->committing = false;
    connection->begun = sound ? false : connection->begun;
    failpoint("write-after-commit");
    return sound;
}

bool pg_run(struct pg_connection *connection, const char *begin, db_closure *closure, void *context,
    bool *ret_unknown)
{
    struct db_tx *tx = &connection->tx;
    *ret_unknown = false;
    db_tx_reset(tx);
    connection->fault = PG_SOUND;
    connection->begin = begin;
    if (!pg_settle(connection)) {
        return false; /* lost since it was used last */
    }
    bool wanted = db_tx_run(tx, closure, context);
    /* An error of what was sent before the closure gave up came first, whatever the closure made of it. */
    bool all_told = wanted && begin != begin_read; /* its commit settles */
    bool sound = connection->fault == PG_SOUND && (all_told || pg_settle(connection));
    if (wanted && sound && commit(connection, ret_unknown)) {
        return true;
    }
    if (connection->fault == PG_SOUND) {
        pg_fail(connection, PG_FAILED, &tx->problem);
    }
    enum pg_fault fault = connection->fault;
    struct problem failed = connection->failed;
    roll_back(connection);
    connection->fault = fault;
    connection->failed = failed;
    return false;
}

/* Longer each time, and not in step with others. */
static void pause_before(unsigned repeat)
{
    unsigned longest = repeat < 6 ? 2U << repeat : PAUSE_MS_MAX;
    poll(NULL, 0, (int)randombytes_uniform(longest));
}

/* Whether it is run once more. A lost connection is no reason when it was lost in the commit: it may have been made. */
static bool may_repeat(enum pg_fault fault, bool unknown, struct repeats *repeats)
{
    static const unsigned most[PG_LOST + 1] = {[PG_REPEAT] = REPEATS_MAX,
        [PG_DEADLOCK] = REPEATS_MAX,
        [PG_CONFLICT] = CONFLICTS_MAX,
        [PG_LOST] = LOST_MAX};
    if (unknown || repeats->of[fault] >= most[fault]) {
        return false;
    }
    repeats->of[fault]++;
    return true;
}

static bool run_repeated(struct pg_connection *connection, const char *begin, db_closure *closure,
    void *context, struct problem *problem, struct repeats *repeats)
{
    bool unknown = false;
    while (pg_connect(connection, problem)) {
        if (pg_run(connection, begin, closure, context, &unknown)) {
            return true;
        }
        if (!may_repeat(connection->fault, unknown, repeats)) {
            return db_problem_pass(problem, &connection->failed);
        }
        if (connection->fault != PG_LOST) {
            pause_before(repeats->of[connection->fault]);
        }
    }
    return false;
}

static bool transact(
    struct pg_database *self, const char *begin, db_closure *closure, void *context, struct problem *problem)
{
    assert(!inside);
    struct pg_connection *connection = connection_take(self, problem);
    if (!connection) {
        return false;
    }
    struct repeats repeats = {.of = {0}};
    inside = true;
    bool done = run_repeated(connection, begin, closure, context, problem, &repeats);
    inside = false;
    connection_return(self, connection, done && begin != begin_read, &repeats);
    return done;
}

bool pg_write(struct db *db, bool loose, db_closure *closure, void *context, struct problem *problem)
{
    struct pg_database *self = (struct pg_database *)db;
    if (self->read_only) {
        return problem_internal(problem, "the database was opened for reading alone");
    }
    return transact(self, loose ? begin_loose : begin_write, closure, context, problem);
}

bool pg_read(struct db *db, db_closure *closure, void *context, struct problem *problem)
{
    return transact((struct pg_database *)db, begin_read, closure, context, problem);
}
