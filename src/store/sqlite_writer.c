#include <assert.h>

#include "base/failpoint.h"
#include "base/metrics.h"
#include "store/sqlite.h"

#define GROUP_MAX 256         /* closures */
#define CHECKPOINT_PAGES 1000 /* of the WAL; then it is carried over as far as readers allow */
#define RESTART_PAGES 16000   /* 64 MB; then readers are waited for, so that it starts anew */
#define RESTART_WAIT_MS 100   /* but not for long */

static bool group_stands(struct sqlite_writer *writer)
{
    return !sqlite3_get_autocommit(writer->connection.handle);
}

/* Under the id of the request that the write belongs to: what it adds, as a job, is of that request. */
static bool run(struct sqlite_connection *connection, struct sqlite_write *write)
{
    trace_set(write->trace);
    bool done = db_tx_run(&connection->tx, write->closure, write->context);
    trace_set(TEXT_EMPTY);
    return done;
}

static bool commit(struct sqlite_writer *writer, struct problem *problem)
{
    failpoint("write-before-commit");
    bool done = sqlite_control(&writer->connection, "COMMIT", problem);
    failpoint("write-after-commit");
    return done;
}

/* One closure in a transaction of its own. A COMMIT that fails by a fault of the disk may have written all there is: until the
 * next commit writes over it, a kill brings it back. Whoever asked knows no more than "try again". */
static void write_alone(struct sqlite_writer *writer, struct sqlite_write *write)
{
    struct db_tx *tx = &writer->connection.tx;
    db_tx_reset(tx);
    write->ok = sqlite_begin(&writer->connection, "BEGIN IMMEDIATE", &tx->problem) &&
                run(&writer->connection, write) && commit(writer, &tx->problem);
    write->problem = tx->problem;
    sqlite_rollback(&writer->connection, NULL);
}

/* One closure within the group. False when the group does not stand any more, whatever became of the closure. */
static bool write_in_group(struct sqlite_writer *writer, struct sqlite_write *write)
{
    struct sqlite_connection *connection = &writer->connection;
    struct db_tx *tx = &connection->tx;
    db_tx_reset(tx);
    if (!sqlite_control(connection, "SAVEPOINT closure", NULL)) {
        return false;
    }
    write->ok = run(connection, write);
    write->problem = tx->problem;
    /* A full disk or a failed read ends the whole transaction, not only the statement. */
    if (!group_stands(writer)) {
        return false;
    }
    return (write->ok || sqlite_control(connection, "ROLLBACK TO closure", NULL)) &&
           sqlite_control(connection, "RELEASE closure", NULL);
}

static bool write_together(struct sqlite_writer *writer, struct sqlite_write *first)
{
    if (!sqlite_begin(&writer->connection, "BEGIN IMMEDIATE", NULL)) {
        return false;
    }
    for (struct sqlite_write *write = first; write; write = write->next) {
        if (!write_in_group(writer, write)) {
            return false;
        }
    }
    return commit(writer, NULL);
}

/* Decides every write of the group. What it returns is for the statistics: commits and replays. */
static struct db_stats group_write(struct sqlite_writer *writer, struct sqlite_write *first)
{
    struct db_stats stats = {.groups = 1};
    if (!first->next) {
        write_alone(writer, first);
    } else if (!write_together(writer, first)) {
        sqlite_rollback(&writer->connection, NULL);
        stats.groups = 0;
        /* All of them, also those that failed: what they saw may not have happened. */
        for (struct sqlite_write *write = first; write; write = write->next) {
            write_alone(writer, write);
            stats.groups++;
            stats.replays++;
        }
    }
    int64_t size = 0;
    for (struct sqlite_write *write = first; write; write = write->next) {
        stats.writes += write->ok;
        size++;
    }
    metric_observe(METRIC_DB_GROUP_SIZE, METRIC_ONE, size);
    return stats;
}

/* With the lock held. Takes up to GROUP_MAX writes off the queue. */
static struct sqlite_write *group_take(struct sqlite_writer *writer)
{
    struct sqlite_write *first = writer->first;
    struct sqlite_write *last = first;
    for (size_t count = 1; last && last->next && count < GROUP_MAX; count++) {
        last = last->next;
    }
    if (last) {
        writer->first = last->next;
        last->next = NULL;
    }
    return first;
}

static void group_answer(
    struct sqlite_writer *writer, struct sqlite_write *first, const struct db_stats *stats)
{
    pthread_mutex_lock(&writer->lock);
    writer->stats.groups += stats->groups;
    writer->stats.writes += stats->writes;
    writer->stats.replays += stats->replays;
    while (first) {
        struct sqlite_write *write = first;
        first = first->next; /* it is gone once it is answered */
        write->done = true;
        pthread_cond_signal(&write->answered);
    }
    pthread_mutex_unlock(&writer->lock);
}

/* After the answers, so that nobody waits for it. A failure shows again at a later one; nothing is lost by it. While a reader holds on to an old
 * state the WAL cannot start anew and grows, and at each CHECKPOINT_PAGES more it is tried again. */
static void checkpoint(struct sqlite_writer *writer)
{
    sqlite3 *handle = writer->connection.handle;
    int pages = writer->connection.wal_pages;
    if (pages < writer->carried_at) {
        writer->carried_at = 0; /* it has started anew */
    }
    if (pages - writer->carried_at < CHECKPOINT_PAGES) {
        return;
    }
    int mode = pages < RESTART_PAGES ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
    sqlite3_busy_timeout(handle, RESTART_WAIT_MS); /* writes wait meanwhile */
    sqlite3_wal_checkpoint_v2(handle, NULL, mode, NULL, NULL);
    sqlite3_busy_timeout(handle, SQLITE_BUSY_MS);
    writer->carried_at = pages;
}

static void *writer_main(void *context)
{
    struct sqlite_writer *writer = context;
    while (true) {
        pthread_mutex_lock(&writer->lock);
        while (!writer->first && !writer->stopping) {
            pthread_cond_wait(&writer->wanted, &writer->lock);
        }
        struct sqlite_write *group = group_take(writer);
        pthread_mutex_unlock(&writer->lock);
        if (!group) {
            return NULL;
        }
        struct db_stats stats = group_write(writer, group);
        group_answer(writer, group, &stats);
        checkpoint(writer);
    }
}

void sqlite_writer_start(struct sqlite_writer *writer)
{
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->wanted, NULL);
    int code = pthread_create(&writer->thread, NULL, writer_main, writer);
    assert(code == 0);
}

void sqlite_writer_stop(struct sqlite_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    pthread_cond_signal(&writer->wanted);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    pthread_cond_destroy(&writer->wanted);
    pthread_mutex_destroy(&writer->lock);
}

bool sqlite_writer_write(
    struct sqlite_writer *writer, db_closure *closure, void *context, struct problem *problem)
{
    assert(!pthread_equal(
        pthread_self(), writer->thread)); /* never within a closure: it would wait for itself */
    struct sqlite_write write = {.closure = closure, .context = context, .trace = trace_get()};
    pthread_cond_init(&write.answered, NULL);
    pthread_mutex_lock(&writer->lock);
    assert(!writer->stopping);
    if (writer->first) {
        writer->last->next = &write;
    } else {
        writer->first = &write;
    }
    writer->last = &write;
    pthread_cond_signal(&writer->wanted);
    while (!write.done) {
        pthread_cond_wait(&write.answered, &writer->lock);
    }
    pthread_mutex_unlock(&writer->lock);
    pthread_cond_destroy(&write.answered);
    return write.ok || db_problem_pass(problem, &write.problem);
}

struct db_stats sqlite_writer_stats(struct sqlite_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    struct db_stats stats = writer->stats;
    pthread_mutex_unlock(&writer->lock);
    return stats;
}
