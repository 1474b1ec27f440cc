/* The disk and the memory fail in the middle of a group of writes, at each of their calls in turn: what was answered is there, what was refused is
 * not, nothing is half, and the next write is as if nothing had been. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault_vfs.h"
#include "group.h"
#include "store/file.h"
#include "store/migrations.h"

static const struct db_migration steps[] = {
    {1, "rows",
        "CREATE TABLE line (id INTEGER NOT NULL PRIMARY KEY, body BLOB);"
        "CREATE TABLE child (id INTEGER NOT NULL PRIMARY KEY, line INTEGER NOT NULL REFERENCES line (id),"
        " name TEXT);"},
    {0, NULL, NULL},
};

#define CALLS_MAX 3000 /* in a group; who needs more has lost count */

static int64_t pages_of_big = 20;

/* The closures of the group. Each writes a line and its child, so that a half of it can be told. */

static bool insert_line(struct db_tx *tx, const struct member *member, int64_t bytes)
{
    return db_exec(tx, "INSERT INTO line (id, body) VALUES ($1, zeroblob($2))",
        DB_ARGS(db_int(member->id), db_int(bytes)));
}

static bool insert_child(struct db_tx *tx, const struct member *member, struct text name)
{
    return db_exec(tx, "INSERT INTO child (id, line, name) VALUES ($1, $1, $2)",
        DB_ARGS(db_int(member->id), db_text(name)));
}

static bool add(struct db_tx *tx, void *context)
{
    struct member *member = context;
    member->runs++;
    insert_line(tx, member, 100);
    return insert_child(tx, member, TEXT("small"));
}

static bool add_many_pages(struct db_tx *tx, void *context)
{
    struct member *member = context;
    insert_line(tx, member, pages_of_big * 4096);
    return insert_child(tx, member, TEXT("big"));
}

static bool add_and_fail(struct db_tx *tx, void *context)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    problem_set(&problem, PROBLEM_FORBIDDEN, WORD_problem_forbidden, NULL, NULL, NULL);
    add(tx, context);
    return db_fail(tx, &problem);
}

static bool add_and_collide(struct db_tx *tx, void *context)
{
    const struct member *member = context;
    insert_line(tx, member, 100);
    return db_exec(tx, "INSERT INTO child (id, line) VALUES ($1, 987654321)", DB_ARGS(db_int(member->id)));
}

/* A number that is read as text needs memory when it is read: what comes without it must not be taken for an empty text. */
static bool add_what_was_read(struct db_tx *tx, void *context)
{
    const struct member *member = context;
    insert_line(tx, member, 100);
    DB_ROWS rows = db_query(tx, "SELECT 1234567 + COUNT(*) - COUNT(*) FROM line", DB_NO_ARGS);
    struct text name = db_next(rows) ? db_col_text(rows, 0) : TEXT_EMPTY;
    return insert_child(tx, member, name);
}

/* What the database has of a member: 0 nothing, 2 all of it, 1 a half. */
static int64_t stored(struct db *db, int64_t id)
{
    return scratch_number(db,
        "SELECT (SELECT COUNT(*) FROM line WHERE id = $1) + (SELECT COUNT(*) FROM child WHERE line = $1)",
        DB_ARGS(db_int(id)));
}

static bool is_sound(struct db *db)
{
    return scratch_number(db,
               "SELECT COUNT(*) FROM child WHERE name NOT IN ('small', 'big', '1234567') OR name IS NULL",
               DB_NO_ARGS) == 0 &&
           scratch_number(
               db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check LIMIT 1", DB_NO_ARGS) == 1;
}

static void copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(in >= 0 && out >= 0);
    static char bytes[1 << 16];
    size_t len = sizeof bytes;
    while (len == sizeof bytes) {
        assert_true(file_read_all(in, bytes, sizeof bytes, &len, from, NULL));
        assert_true(file_write_all(out, bytes, len, to, NULL));
    }
    close(in);
    close(out);
}

struct check {
    const char *path; /* of the database */
    const char *copy, *wal, *copy_wal;
    struct db *db;
    struct member members[6];
    int64_t next_id;
    size_t unknown; /* members that were refused, but would be there after a kill */
};

static struct fault next_fault; /* armed when the group is gathered */

static void arm(void)
{
    fault_arm(&next_fault);
}

/* As a kill right after the answers would leave it: opened from copies of the files. A commit that failed after all of it was written may come back
 * then: it is whole, and it was refused with "try again", never as wrong. */
static void check_after_kill(struct check *check)
{
    copy_file(check->path, check->copy);
    copy_file(check->wal, check->copy_wal);
    struct db *copy = scratch_db(check->copy, steps);
    for (size_t i = 0; i < COUNT(check->members); i++) {
        const struct member *member = &check->members[i];
        int64_t there = stored(copy, member->id);
        assert_int_equal(there, member->ok || there ? 2 : 0);
        if (there && !member->ok) {
            assert_int_equal(member->problem.kind, PROBLEM_LATER);
            check->unknown++;
        }
    }
    assert_true(is_sound(copy));
    db_close(copy);
}

static void check_answers(struct check *check)
{
    for (size_t i = 0; i < COUNT(check->members); i++) {
        const struct member *member = &check->members[i];
        assert_int_equal(stored(check->db, member->id), member->ok ? 2 : 0);
        bool refused = member->closure == add_and_fail || member->closure == add_and_collide;
        enum problem_kind own = member->closure == add_and_fail ? PROBLEM_FORBIDDEN : PROBLEM_CONFLICT;
        assert_true(!refused || !member->ok);
        assert_true(
            member->ok || member->problem.kind == PROBLEM_LATER || (refused && member->problem.kind == own));
    }
    assert_true(is_sound(check->db));
}

/* A log so long that the next group makes it be carried over. */
static void fill_log(struct check *check)
{
    const struct sqlite_connection *writer = &((struct sqlite_db *)check->db)->writer.connection;
    while (writer->wal_pages < 970) {
        scratch_exec(check->db, "INSERT INTO line (id, body) VALUES ($1, zeroblob(40000))",
            DB_ARGS(db_int(check->next_id++)));
    }
}

/* Until there was one more: it comes when nobody has written for a moment. */
static void wait_for_checkpoint(uint64_t before)
{
    while (fault_checkpoints() == before) {
        sched_yield();
    }
}

/* The group with one fault. Returns whether it struck; every answer is checked in each way that a reader may see it. */
static bool strike(struct check *check, const struct fault *fault)
{
    static db_closure *const closures[] = {
        add, add_many_pages, add_and_fail, add_what_was_read, add_and_collide, add};
    struct member before = {.id = check->next_id++};
    for (size_t i = 0; i < COUNT(closures); i++) {
        check->members[i] = (struct member){.closure = closures[i], .id = check->next_id++};
    }
    /* The database stays small, and something is in the log, so that a commit that fails is not its first. */
    scratch_exec(check->db, "DELETE FROM child", DB_NO_ARGS);
    scratch_exec(check->db, "DELETE FROM line", DB_NO_ARGS);
    if (fault->in_checkpoint) {
        fill_log(check);
    }
    assert_true(db_write(check->db, add, &before, NULL));
    scratch_exec(check->db, "PRAGMA shrink_memory", DB_NO_ARGS); /* what is needed is read anew */
    next_fault = *fault;
    uint64_t checkpoints = fault_checkpoints();
    group_write(check->db, arm, check->members, COUNT(check->members));
    if (fault->in_checkpoint) {
        wait_for_checkpoint(checkpoints);
    }
    bool struck = fault_disarm();
    check_after_kill(check);
    check_answers(check);
    struct member next = {.closure = add, .id = check->next_id++};
    assert_true(db_write(check->db, add, &next, NULL));
    check_answers(check);
    db_close(check->db);
    check->db = scratch_db(check->path, steps);
    check_answers(check);
    assert_int_equal(stored(check->db, next.id), 2);
    return struck;
}

static struct check check_begin(void **state)
{
    struct check check = {.path = scratch_path(*state, "a.db"),
        .wal = scratch_path(*state, "a.db-wal"),
        .copy = scratch_path(*state, "b.db"),
        .copy_wal = scratch_path(*state, "b.db-wal"),
        .next_id = 1};
    check.db = scratch_db(check.path, steps);
    return check;
}

static void a_fault_in_a_group_harms_nobody(void **state)
{
    static const struct {
        const char *name;
        struct fault fault;
        int64_t pages; /* that one member writes; 0: 20 */
    } cases[] = {
        {.name = "disk full", .fault = {.places = FAULT_WRITE, .code = SQLITE_FULL}},
        {.name = "disk full, and stays so",
            .fault = {.places = FAULT_WRITE, .code = SQLITE_FULL, .lasting = true}},
        {.name = "write error", .fault = {.places = FAULT_WRITE, .code = SQLITE_IOERR_WRITE}},
        {.name = "read error", .fault = {.places = FAULT_READ, .code = SQLITE_IOERR_READ}},
        {.name = "sync error", .fault = {.places = FAULT_SYNC, .code = SQLITE_IOERR_FSYNC}},
        {.name = "sync errors", .fault = {.places = FAULT_SYNC, .code = SQLITE_IOERR_FSYNC, .lasting = true}},
        {.name = "shared memory",
            .fault = {.places = FAULT_SHM_MAP, .code = SQLITE_IOERR_SHMMAP},
            .pages = 4200},
        {.name = "locks", .fault = {.places = FAULT_SHM_LOCK, .code = SQLITE_IOERR_SHMLOCK}},
        {.name = "locks that are busy once", .fault = {.places = FAULT_SHM_LOCK, .code = SQLITE_BUSY}},
        {.name = "everything",
            .fault = {.places = ~(unsigned)FAULT_MEMORY, .code = SQLITE_IOERR, .lasting = true}},
        {.name = "no memory", .fault = {.places = FAULT_MEMORY}},
        {.name = "no memory any more", .fault = {.places = FAULT_MEMORY, .lasting = true}},
    };
    struct check check = check_begin(state);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fault fault = cases[i].fault;
        check.unknown = 0;
        pages_of_big = cases[i].pages ? cases[i].pages : 20;
        bool struck = true;
        for (fault.nth = 1; struck; fault.nth++) {
            assert_true(fault.nth < CALLS_MAX);
            struck = strike(&check, &fault);
        }
        print_message(
            "%s: %d moments, %zu times not known\n", cases[i].name, (int)fault.nth - 2, check.unknown);
        assert_true(fault.nth > 2);
    }
    db_close(check.db);
}

static void a_fault_in_a_checkpoint_harms_nobody(void **state)
{
    static const struct fault faults[] = {
        {.places = FAULT_WRITE, .code = SQLITE_FULL},
        {.places = FAULT_WRITE, .code = SQLITE_IOERR_WRITE, .lasting = true},
        {.places = FAULT_READ, .code = SQLITE_IOERR_READ},
        {.places = FAULT_SYNC, .code = SQLITE_IOERR_FSYNC},
        {.places = FAULT_SHM_LOCK, .code = SQLITE_IOERR_SHMLOCK},
        {.places = FAULT_MEMORY},
    };
    pages_of_big = 20;
    struct check check = check_begin(state);
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct fault fault = faults[i];
        fault.in_checkpoint = true;
        /* A checkpoint writes each page in the same way: the first ones, and then some. */
        bool struck = true;
        size_t strikes = 0;
        for (fault.nth = 1; struck; fault.nth += fault.nth < 3 ? 1 : fault.nth) {
            assert_true(fault.nth < CALLS_MAX);
            struck = strike(&check, &fault);
            strikes += struck;
        }
        print_message("checkpoint, place %u: %zu strikes\n", fault.places, strikes);
        assert_true(strikes > 0);
    }
    db_close(check.db);
}

static bool delete_all(struct db_tx *tx, void *context)
{
    (void)context;
    db_exec(tx, "DELETE FROM child", DB_NO_ARGS);
    return db_ok(tx);
}

static bool delete_all_by_force(struct db_tx *tx, void *context)
{
    db_exec(tx, "PRAGMA query_only = OFF", DB_NO_ARGS);
    return delete_all(tx, context);
}

static void one_connection_writes_and_checkpoints(void **state)
{
    struct check check = check_begin(state);
    fault_counts_reset();
    fill_log(&check);
    pages_of_big = 40;
    struct member big = {.id = check.next_id++};
    assert_true(db_write(check.db, add_many_pages, &big, NULL));
    for (int i = 0; i < 20; i++) {
        struct member member = {.closure = add, .id = check.next_id++};
        assert_true(db_write(check.db, add, &member, NULL));
        assert_int_equal(stored(check.db, member.id), 2);
        static db_closure *const attempts[] = {delete_all, delete_all_by_force};
        struct problem problem = {.kind = PROBLEM_NONE};
        assert_false(db_read(check.db, attempts[i % 2], NULL, &problem));
        assert_int_equal(problem.kind, PROBLEM_INTERNAL);
    }
    struct fault_counts writer = fault_counts(true);
    struct fault_counts readers = fault_counts(false);
    assert_true(writer.writes > 1000 && writer.syncs > 20 && writer.write_locks > 20);
    assert_int_equal(readers.writes + readers.truncates + readers.syncs + readers.write_locks, 0);
    db_close(check.db);
    readers = fault_counts(false);
    assert_int_equal(readers.writes + readers.truncates + readers.syncs + readers.write_locks, 0);
}

struct holding {
    struct check *check;
    uint64_t locks; /* that 20 small writes took beside a long log */
};

static bool hold_on(struct db_tx *tx, void *context)
{
    struct holding *holding = context;
    struct check *check = holding->check;
    assert_int_equal(db_number(tx, "SELECT COUNT(*) FROM line", DB_NO_ARGS, -1), 0);
    const struct sqlite_connection *writer = &((struct sqlite_db *)check->db)->writer.connection;
    while (writer->wal_pages < 17000) { /* more than is waited for */
        scratch_exec(check->db, "INSERT INTO line (id, body) VALUES ($1, zeroblob(4000000))",
            DB_ARGS(db_int(check->next_id++)));
    }
    fault_counts_reset();
    for (int i = 0; i < 20; i++) {
        scratch_exec(check->db, "INSERT INTO line (id) VALUES ($1)", DB_ARGS(db_int(check->next_id++)));
    }
    holding->locks = fault_counts(true).write_locks;
    return db_ok(tx);
}

/* A reader that holds on to an old state keeps the log from starting anew. Writes go on beside it, and do not try it in vain each time. */
static void a_long_read_holds_up_nobody(void **state)
{
    struct check check = check_begin(state);
    struct holding holding = {.check = &check};
    assert_true(db_read(check.db, hold_on, &holding, NULL));
    assert_true(holding.locks >= 20 && holding.locks <= 22);
    /* When it has let go, the log is carried over and starts anew. */
    uint64_t checkpoints = fault_checkpoints();
    scratch_exec(check.db, "INSERT INTO line (id, body) VALUES ($1, zeroblob(5000000))",
        DB_ARGS(db_int(check.next_id++)));
    wait_for_checkpoint(checkpoints);
    scratch_exec(check.db, "INSERT INTO line (id) VALUES ($1)", DB_ARGS(db_int(check.next_id++)));
    assert_true(((struct sqlite_db *)check.db)->writer.connection.wal_pages < 100);
    db_close(check.db);
}

/* A constraint that is looked at by COMMIT would fail a whole group for one closure's sake. */
static void no_step_defers_a_constraint(void **state)
{
    (void)state;
    const struct db_migration *const programs[] = {portdesk_migrations, sandbox_migrations};
    for (size_t i = 0; i < COUNT(programs); i++) {
        assert_non_null(programs[i]->sql);
        for (const struct db_migration *step = programs[i]; step->sql; step++) {
            if (strcasestr(step->sql, "DEFERR") || strcasestr(step->sql, "defer_foreign_keys")) {
                fail_msg("%04d_%s defers a constraint", step->number, step->name);
            }
        }
    }
}

int main(void)
{
    fault_vfs_install();
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup_in_memory, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_fault_in_a_group_harms_nobody),
        CASE(a_fault_in_a_checkpoint_harms_nobody),
        CASE(one_connection_writes_and_checkpoints),
        CASE(a_long_read_holds_up_nobody),
        CASE(no_step_defers_a_constraint),
    };
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
