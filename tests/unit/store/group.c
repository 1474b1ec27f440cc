#include "group.h"

#include <sched.h>

static void *member_write(void *context)
{
    struct member *member = context;
    member->ok = db_write(member->db, member->closure, member, &member->problem);
    return NULL;
}

static size_t queue_length(struct sqlite_writer *writer)
{
    size_t length = 0;
    pthread_mutex_lock(&writer->lock);
    for (const struct sqlite_write *write = writer->first; write; write = write->next) {
        length++;
    }
    pthread_mutex_unlock(&writer->lock);
    return length;
}

struct gathering {
    struct db *db;
    void (*ready)(void);
    struct member *members;
    size_t count;
};

/* Runs in the writer's thread, so that what comes meanwhile becomes the next group, in this order. It writes nothing. */
static bool gather(struct db_tx *tx, void *context)
{
    const struct gathering *gathering = context;
    for (size_t i = 0; i < gathering->count; i++) {
        struct member *member = &gathering->members[i];
        member->db = gathering->db;
        assert_int_equal(pthread_create(&member->thread, NULL, member_write, member), 0);
        while (queue_length(&((struct sqlite_db *)gathering->db)->writer) <= i) {
            sched_yield();
        }
    }
    if (gathering->ready) {
        gathering->ready();
    }
    return db_ok(tx);
}

struct db_stats group_write(struct db *db, void (*ready)(void), struct member *members, size_t count)
{
    struct db_stats before = db_stats(db);
    struct gathering gathering = {.db = db, .ready = ready, .members = members, .count = count};
    /* What `ready` arms may already fail the gathering's own commit, which is of nothing. */
    bool gathered = db_write(db, gather, &gathering, NULL);
    assert_true(gathered || ready);
    for (size_t i = 0; i < count; i++) {
        pthread_join(members[i].thread, NULL);
    }
    struct db_stats after = db_stats(db);
    return (struct db_stats){.groups = after.groups - before.groups - 1,
        .writes = after.writes - before.writes - gathered,
        .replays = after.replays - before.replays};
}
