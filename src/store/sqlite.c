#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/file.h"

/* One connection writes: nobody commits meanwhile, so a loose write sees what a strict one sees. */
static bool write_now(struct db *db, bool loose, db_closure *closure, void *context, struct problem *problem)
{
    (void)loose;
    struct sqlite_db *self = (struct sqlite_db *)db;
    if (!self->has_writer) {
        return problem_internal(problem, "the database was opened for reading alone");
    }
    return sqlite_writer_write(&self->writer, closure, context, problem);
}

static bool read_now(struct db *db, db_closure *closure, void *context, struct problem *problem)
{
    return sqlite_readers_read(&((struct sqlite_db *)db)->readers, closure, context, problem);
}

static struct text version(struct db *db, struct arena *arena)
{
    (void)db;
    return text_format(arena, "SQLite %s", sqlite3_libversion());
}

static struct db_stats read_stats(struct db *db)
{
    struct sqlite_db *self = (struct sqlite_db *)db;
    struct db_stats stats = {.groups = 0};
    if (self->has_writer) {
        stats = sqlite_writer_stats(&self->writer);
    }
    stats.connections = self->readers.count + self->has_writer;
    return stats;
}

/* The writer's connection last: it alone may carry the WAL over into the file. */
static void close_all(struct db *db)
{
    struct sqlite_db *self = (struct sqlite_db *)db;
    if (self->has_writer) {
        sqlite_writer_stop(&self->writer);
    }
    if (self->readers.connections) {
        sqlite_readers_close(&self->readers);
    }
    sqlite_connection_close(&self->writer.connection);
    if (self->lock_fd >= 0) {
        close(self->lock_fd);
    }
    free(self);
}

static const char *const checks[] = {
    "SELECT integrity_check FROM pragma_integrity_check(100)",
    "SELECT \"table\" || ' row ' || coalesce(rowid, '?') || ' has no ' || parent FROM pragma_foreign_key_check LIMIT 1000",
    NULL,
};

const struct db_engine sqlite_engine = {
    .close = close_all,
    .write = write_now,
    .read = read_now,
    .version = version,
    .stats = read_stats,
    .checks = checks,
    .exec = sqlite_exec,
    .query = sqlite_query,
    .next = sqlite_next,
    .rows_end = sqlite_rows_end,
    .is_null = sqlite_is_null,
    .integer = sqlite_integer,
    .text = sqlite_text,
    .bytes = sqlite_bytes,
};

/* The instance's lock: held as long as the file is open, and so let go also by a process that is killed. The file stays. */
static bool lock_take(struct sqlite_db *self, const char *path, struct problem *problem)
{
    BUFFER_CLEANUP name = BUFFER(FILE_PATH_MAX);
    buffer_string(&name, path);
    buffer_add(&name, ".lock", sizeof ".lock");
    if (name.overflowed) {
        return problem_set(
            problem, PROBLEM_INTERNAL, WORD_store_not_opened, NULL, path, "the path is too long");
    }
    self->lock_fd = open(name.at, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (self->lock_fd < 0) {
        return problem_set(problem, PROBLEM_INTERNAL, WORD_store_not_opened, NULL, path, "cannot open %s: %s",
            name.at, strerrordesc_np(errno));
    }
    if (flock(self->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        return problem_set(problem, PROBLEM_CONFLICT, WORD_store_in_use, NULL, path, "cannot lock %s: %s",
            name.at, strerrordesc_np(errno));
    }
    return true;
}

/* Made by us rather than by SQLite, so that nobody else can ever read it; SQLite gives its other files the same mode. */
static bool file_make(const char *path, struct problem *problem)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return problem_set(
            problem, PROBLEM_INTERNAL, WORD_store_not_opened, NULL, path, "%s", strerrordesc_np(errno));
    }
    close(fd);
    return file_sync_parent(path, problem);
}

/* The file's path: what stands after "sqlite://", or all of it. */
static const char *path_of(const struct db_options *options)
{
    static const char scheme[] = "sqlite://";
    bool has = strncmp(options->url, scheme, sizeof scheme - 1) == 0;
    return options->url + (has ? sizeof scheme - 1 : 0);
}

/* What a savepoint would take back stays in memory, a KiB at a time: a closure of the usual size would pass the usual limit, and be written
 * to a temporary file for nothing. Not so while it migrates: a step may change every row there is. (A higher limit, by
 * SQLITE_CONFIG_STMTJRNL_SPILL, takes so much at once for each closure, and where it is passed SQLite 3.40 takes its own write of 128 KiB
 * for a full disk.) */
static bool keep_savepoints_in_memory(struct sqlite_connection *connection, struct problem *problem)
{
    return sqlite_run(connection, "PRAGMA temp_store = MEMORY", problem);
}

static bool open_writer(struct sqlite_db *self, const struct db_options *options, struct problem *problem)
{
    const char *path = path_of(options);
    if (!lock_take(self, path, problem) || !file_make(path, problem) ||
        !sqlite_connection_open(&self->writer.connection, path, true, problem) ||
        !sqlite_migrate(&self->writer.connection, options->migrations, problem) ||
        !keep_savepoints_in_memory(&self->writer.connection, problem)) {
        return false;
    }
    sqlite_writer_start(&self->writer);
    self->has_writer = true;
    return true;
}

static bool open_readers(struct sqlite_db *self, const struct db_options *options, struct problem *problem)
{
    if (!sqlite_readers_open(&self->readers, path_of(options), options->connections, problem)) {
        return false;
    }
    return !options->read_only ||
           sqlite_migrated(&self->readers.connections[0], options->migrations, problem);
}

bool sqlite_open(const struct db_options *options, struct db **ret, struct problem *problem)
{
    struct sqlite_db *self = calloc(1, sizeof *self);
    if (!self) {
        abort();
    }
    self->db.engine = &sqlite_engine;
    self->lock_fd = -1;
    if ((!options->read_only && !open_writer(self, options, problem)) ||
        !open_readers(self, options, problem)) {
        close_all(&self->db);
        return false;
    }
    *ret = &self->db;
    return true;
}
