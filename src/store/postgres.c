#include "store/postgres.h"

#include <stdlib.h>
#include <string.h>

static struct text version(struct db *db, struct arena *arena)
{
    struct pg_database *self = (struct pg_database *)db;
    int number = PQserverVersion(self->connections[0].handle);
    return text_format(arena, "PostgreSQL %d.%d", number / 10000, number % 10000);
}

static struct db_stats stats(struct db *db)
{
    struct pg_database *self = (struct pg_database *)db;
    pthread_mutex_lock(&self->lock);
    struct db_stats now = self->stats;
    now.connections = self->open;
    pthread_mutex_unlock(&self->lock);
    return now;
}

static void close_all(struct db *db)
{
    struct pg_database *self = (struct pg_database *)db;
    for (size_t i = 0; i < self->count; i++) {
        pg_disconnect(&self->connections[i]);
        arena_free(self->connections[i].tx.arena);
    }
    pthread_cond_destroy(&self->returned);
    pthread_mutex_destroy(&self->lock);
    free(self->connections);
    free(self->free);
    free(self->url);
    free(self);
}

/* PostgreSQL holds its constraints by itself, but those that were added without looking at what was there. */
static const char *const checks[] = {
    "SELECT 'constraint ' || conname || ' was never checked' FROM pg_catalog.pg_constraint WHERE NOT convalidated"
    " AND connamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())",
    "SELECT 'index ' || c.relname || ' is not valid' FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid ="
    " i.indexrelid WHERE NOT i.indisvalid AND c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname ="
    " current_schema())",
    NULL,
};

const struct db_engine postgres_engine = {
    .close = close_all,
    .write = pg_write,
    .read = pg_read,
    .version = version,
    .stats = stats,
    .checks = checks,
    .exec = pg_exec,
    .query = pg_query,
    .next = pg_next,
    .rows_end = pg_rows_end,
    .is_null = pg_is_null,
    .integer = pg_integer,
    .text = pg_text,
    .bytes = pg_bytes,
};

/* All connections there may ever be; each connects when it is first needed. */
static void pool_make(struct pg_database *self, size_t count)
{
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->returned, NULL);
    self->count = count ? count : 1;
    self->connections = calloc(self->count, sizeof *self->connections);
    self->free = calloc(self->count, sizeof(struct pg_connection *));
    if (!self->connections || !self->free) {
        abort();
    }
    /* The first is taken first: version() looks at it. */
    for (size_t i = self->count; i-- > 0;) {
        struct pg_connection *connection = &self->connections[i];
        connection->owner = self;
        connection->tx = (struct db_tx){
            .engine = &postgres_engine, .connection = connection, .arena = arena_new(DB_SCRATCH_MAX)};
        self->free[self->free_count++] = connection;
    }
}

/* At the start it is the operator who reads what is wrong; later anybody. */
static bool connect_first(struct pg_connection *first, struct problem *problem)
{
    struct problem why = {.kind = PROBLEM_NONE};
    return pg_connect(first, &why) ||
           problem_set(problem, PROBLEM_LATER, WORD_store_not_reached, NULL, NULL, "%s", why.detail);
}

bool postgres_open(const struct db_options *options, struct db **ret, struct problem *problem)
{
    struct pg_database *self = calloc(1, sizeof *self);
    if (!self) {
        abort();
    }
    self->db.engine = &postgres_engine;
    self->url = strdup(options->url);
    self->no_prepared = options->no_prepared;
    self->read_only = options->read_only;
    pool_make(self, options->connections);
    struct pg_connection *first = &self->connections[0];
    bool opened = connect_first(first, problem) &&
                  (options->read_only ? pg_migrated(first, options->migrations, problem)
                                      : pg_migrate(first, options->migrations, problem));
    if (!opened) {
        close_all(&self->db);
        return false;
    }
    *ret = &self->db;
    return true;
}
