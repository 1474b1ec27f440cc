#include <assert.h>
#include <errno.h>
#include <time.h>

#include "base/failpoint.h"
#include "base/metrics.h"
#include "store/sqlite.h"

#define GROUP_MAX 256 /* closures */
/* Pages that the WAL has grown by since the last checkpoint. It is carried over when nobody has written for a moment; under load later,
 * since a page that is written often is carried over once then, and readers are waited for a little, so that it starts anew. One
 * reader that stays long, as a backup does, holds nobody up: the WAL grows meanwhile. */
#define CHECKPOINT_PAGES 1000
#define CHECKPOINT_BUSY_PAGES 8000
#define CHECKPOINT_WAIT_MS 20
#define IDLE_MS 20

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
    pthread_mutex_unlock(&writer->lock);
    while (first) {
        struct sqlite_write *write = first;
        first = first->next; /* it is gone once it is answered */
        sem_post(&write->answered);
    }
}

static int pages_to_carry(struct sqlite_writer *writer)
{
    if (writer->connection.wal_pages < writer->carried_at) {
        writer->carried_at = 0; /* it has started anew */
    }
    return writer->connection.wal_pages - writer->carried_at;
}

/* After the answers, so that nobody of the group waits for it. A failure shows again at a later one; nothing is lost by it. While a reader
 * holds on to an old state the WAL cannot start anew and grows; it is tried again when it has grown by as much once more. */
static void checkpoint(struct sqlite_writer *writer, bool busy)
{
    sqlite3 *handle = writer->connection.handle;
    if (pages_to_carry(writer) < (busy ? CHECKPOINT_BUSY_PAGES : CHECKPOINT_PAGES)) {
        return;
    }
    sqlite3_busy_timeout(handle, CHECKPOINT_WAIT_MS); /* writes wait meanwhile */
    int mode = busy ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
    sqlite3_wal_checkpoint_v2(handle, NULL, mode, NULL, NULL);
    sqlite3_busy_timeout(handle, SQLITE_BUSY_MS);
    writer->carried_at = writer->connection.wal_pages;
}

/* With the lock held: until there is something to write or it stops, or, when there is something to carry over, for a moment. */
static void wait_for_writes(struct sqlite_writer *writer)
{
    bool carries = pages_to_carry(writer) >= CHECKPOINT_PAGES;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += IDLE_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    int code = 0;
    while (!writer->first && !writer->stopping && code != ETIMEDOUT) {
        code = carries ? pthread_cond_clockwait(&writer->wanted, &writer->lock, CLOCK_MONOTONIC, &until)
                       : pthread_cond_wait(&writer->wanted, &writer->lock);
    }
}

static void *writer_main(void *context)
{
    struct sqlite_writer *writer = context;
    while (true) {
        pthread_mutex_lock(&writer->lock);
        wait_for_writes(writer);
        struct sqlite_write *group = group_take(writer);
        bool over = !group && writer->stopping;
        pthread_mutex_unlock(&writer->lock);
        if (over) {
            return NULL;
        }
        if (group) {
            struct db_stats stats = group_write(writer, group);
            group_answer(writer, group, &stats);
        }
        checkpoint(writer, group != NULL);
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
    sem_init(&write.answered, 0, 0);
    pthread_mutex_lock(&writer->lock);
    assert(!writer->stopping);
    if (writer->first) {
        writer->last->next = &write;
    } else {
        writer->first = &write;
    }
    writer->last = &write;
    pthread_cond_signal(&writer->wanted);
    pthread_mutex_unlock(&writer->lock);
    while (sem_wait(&write.answered) != 0) {
        assert(errno == EINTR);
    }
    sem_destroy(&write.answered);
    return write.ok || db_problem_pass(problem, &write.problem);
}

struct db_stats sqlite_writer_stats(struct sqlite_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    struct db_stats stats = writer->stats;
    pthread_mutex_unlock(&writer->lock);
    return stats;
}
