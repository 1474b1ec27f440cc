#include "porting/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct hold {
    struct porting *porting;
    int lock;
    bool has_row;
    struct id id;
    int64_t until; /* closure's result */
};

/* What root makes must be open to the desk, whose the directory is. */
static bool give_to_desk(int fd, const char *path)
{
    ARENA_CLEANUP arena = arena_new(8192);
    struct stat folder, file;
    if (geteuid() != 0)
        return true;
    size_t slash = text_from(path).len;
    while (slash > 0 && path[slash - 1] != '/')
        slash--;
    const char *parent = text_format(arena, "%.*s.", (int)slash, path).at;
    return stat(parent, &folder) == 0 && fstat(fd, &file) == 0 &&
           (file.st_uid == folder.st_uid || fchown(fd, folder.st_uid, folder.st_gid) == 0);
}

static bool lock_open(struct porting *porting, int *ret, struct problem *problem)
{
    int fd = open(porting->hold_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return problem_internal(problem, "cannot open %s: %m", porting->hold_path);
    if (!give_to_desk(fd, porting->hold_path)) {
        close(fd);
        return problem_internal(problem, "cannot give away %s: %m", porting->hold_path);
    }
    *ret = fd;
    return true;
}

static bool row_make(struct db_tx *tx, void *context)
{
    struct hold *hold = context;
    int64_t now = clock_now(hold->porting->clock);
    hold->until = now + HOLD_LASTS;
    db_exec(tx, "DELETE FROM document_hold WHERE until < $1", DB_ARGS(db_int(now - CLOCK_DAY)));
    return db_exec(tx, "INSERT INTO document_hold (account, id, until) VALUES ('operator', $1, $2)",
        DB_ARGS(db_text(id_text(&hold->id)), db_int(hold->until)));
}

static bool row_renew(struct db_tx *tx, void *context)
{
    struct hold *hold = context;
    int64_t now = clock_now(hold->porting->clock);
    int64_t renewed = 0;
    hold->until = now + HOLD_LASTS;
    db_exec_changed(tx,
        "UPDATE document_hold SET until = $2 WHERE account = 'operator' AND id = $1 AND until > $3",
        DB_ARGS(db_text(id_text(&hold->id)), db_int(hold->until), db_int(now)), &renewed);
    if (!db_ok(tx) || renewed)
        return db_ok(tx);
    struct problem problem = {0};
    problem_set(&problem, PROBLEM_CONFLICT, WORD_command_hold_ended, NULL, NULL, NULL);
    return db_fail(tx, &problem);
}

static bool row_remove(struct db_tx *tx, void *context)
{
    struct hold *hold = context;
    return db_exec(tx, "DELETE FROM document_hold WHERE account = 'operator' AND id = $1",
        DB_ARGS(db_text(id_text(&hold->id))));
}

bool hold_begin(struct porting *porting, bool writes, struct hold **ret, struct problem *problem)
{
    struct hold *hold = calloc(1, sizeof *hold);
    if (!hold)
        abort();
    hold->porting = porting;
    hold->lock = -1;
    hold->id = id_new(porting->clock, "hold");
    bool ok = lock_open(porting, &hold->lock, problem);
    if (ok && flock(hold->lock, LOCK_SH) != 0)
        ok = problem_internal(problem, "cannot lock %s: %m", porting->hold_path);
    if (ok && writes)
        ok = hold->has_row = db_write_loose(porting->db, row_make, hold, problem);
    if (!ok) {
        hold_end(hold);
        return false;
    }
    *ret = hold;
    return true;
}

bool hold_renew(struct hold *hold, struct problem *problem)
{
    return !hold->has_row || db_write_loose(hold->porting->db, row_renew, hold, problem);
}

void hold_end(struct hold *hold)
{
    if (!hold)
        return;
    struct problem ends_by_itself = {0};
    if (hold->has_row)
        db_write_loose(hold->porting->db, row_remove, hold, &ends_by_itself);
    if (hold->lock >= 0)
        close(hold->lock);
    free(hold);
}

struct look {
    int64_t now;
    bool held;
};

static bool row_look(struct db_tx *tx, void *context)
{
    struct look *look = context;
    look->held = db_number(tx, "SELECT count(*) FROM document_hold WHERE until > $1",
                     DB_ARGS(db_int(look->now)), 0) > 0;
    return db_ok(tx);
}

bool removal_begin(struct porting *porting, int *ret_lock, bool *ret_held, struct problem *problem)
{
    struct look look = {.now = clock_now(porting->clock)};
    int lock = -1;
    if (porting->hold_path) {
        if (!lock_open(porting, &lock, problem))
            return false;
        look.held = flock(lock, LOCK_EX | LOCK_NB) != 0;
        if (look.held && errno != EWOULDBLOCK) {
            close(lock);
            return problem_internal(problem, "cannot lock %s: %m", porting->hold_path);
        }
    }
    bool ok = look.held || db_read(porting->db, row_look, &look, problem);
    *ret_held = look.held;
    if (lock >= 0 && (!ok || look.held))
        close(lock);
    else
        *ret_lock = lock;
    return ok;
}

void removal_end(int lock)
{
    if (lock >= 0)
        close(lock);
}
