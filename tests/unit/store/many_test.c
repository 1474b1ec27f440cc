/* One statement for many rows: as many as there are, none twice, in few statements, on either engine. */
#include "store/db_many.h"

#include "scratch.h"

static const struct db_migration steps[] = {
    {1, "pets",
        "CREATE TABLE pet (house TEXT NOT NULL, id INTEGER NOT NULL, name TEXT, PRIMARY KEY (house, id))"},
    {0, NULL, NULL},
};

static struct db_many inserts = DB_MANY("INSERT INTO pet (house, id, name) VALUES ", "($1, ?, ?)",
    " ON CONFLICT (house, id) DO UPDATE SET name = excluded.name", 1, 2);
static struct db_many removals = DB_MANY("DELETE FROM pet WHERE house = $1 AND id IN (", "?", ")", 1, 1);
static struct db_many looks =
    DB_MANY("SELECT id, name FROM pet WHERE house = $1 AND id IN (", "?", ")", 1, 1);

struct task {
    size_t first, count;
    int64_t changed, seen, sum;
};

static struct db_value house(void)
{
    return db_text(TEXT("left"));
}

static bool insert_closure(struct db_tx *tx, void *context)
{
    struct task *task = context;
    struct db_value *values = ARENA_ARRAY(db_arena(tx), struct db_value, 2 * task->count + 1), of = house();
    for (size_t i = 0; i < task->count; i++) {
        values[2 * i] = db_int((int64_t)(task->first + i));
        values[2 * i + 1] = i % 3 == 0 ? db_null() : db_text(text_format(db_arena(tx), "pet %zu", i));
    }
    return db_exec_many(tx, &inserts, &of, values, task->count, &task->changed);
}

static const struct db_value *ids_of(struct db_tx *tx, const struct task *task)
{
    struct db_value *ids = ARENA_ARRAY(db_arena(tx), struct db_value, task->count + 1);
    for (size_t i = 0; i < task->count; i++)
        ids[i] = db_int((int64_t)(task->first + i));
    return ids;
}

static void see(struct db_rows *rows, void *context)
{
    struct task *task = context;
    task->seen++;
    task->sum += db_col_int(rows, 0);
}

static bool look_closure(struct db_tx *tx, void *context)
{
    struct task *task = context;
    struct db_value of = house();
    task->seen = task->sum = 0;
    return db_query_many(tx, &looks, &of, ids_of(tx, task), task->count, see, task);
}

static bool remove_closure(struct db_tx *tx, void *context)
{
    struct task *task = context;
    struct db_value of = house();
    return db_exec_many(tx, &removals, &of, ids_of(tx, task), task->count, &task->changed);
}

/* Every count around the sizes of the statements. */
static void each_row_is_written_once(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "many.db"), steps);
    static const size_t counts[] = {0, 1, 2, 7, 8, 9, 16, 118, 119, 120, 127, 238, 239, 240, 477, 478, 1000};
    for (size_t i = 0; i < COUNT(counts); i++) {
        struct problem problem = {0};
        struct task task = {.first = 1, .count = counts[i]};
        int64_t count = (int64_t)counts[i];
        for (int twice = 0; twice < 2; twice++) { /* an insert, and an update of the same rows */
            assert_true(db_write(db, insert_closure, &task, &problem));
            assert_int_equal(task.changed, count);
            assert_int_equal(scratch_number(db, "SELECT count(*) FROM pet", DB_NO_ARGS), count);
        }
        assert_true(db_read(db, look_closure, &task, &problem));
        assert_int_equal(task.seen, count);
        assert_int_equal(task.sum, count * (count + 1) / 2);
        struct task further = {.first = 3, .count = counts[i]}; /* two of them are not there */
        assert_true(db_write(db, remove_closure, &further, &problem));
        assert_int_equal(further.changed, count > 2 ? count - 2 : 0);
        assert_true(db_write(db, remove_closure, &task, &problem));
        assert_int_equal(scratch_number(db, "SELECT count(*) FROM pet", DB_NO_ARGS), 0);
    }
    db_close(db);
}

static bool strict_closure(struct db_tx *tx, void *context)
{
    static struct db_many strict = DB_MANY("INSERT INTO pet (house, id) VALUES ", "('left', ?)", "", 0, 1);
    const struct task *task = context;
    return db_exec_many(tx, &strict, NULL, ids_of(tx, task), task->count, NULL);
}

/* What one of the rows violates takes back all of them. */
static void all_or_none(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "one.db"), steps);
    struct problem problem = {0};
    struct task task = {.first = 1, .count = 600};
    scratch_exec(db, "INSERT INTO pet (house, id) VALUES ('left', 550)", DB_NO_ARGS);
    assert_false(db_write(db, strict_closure, &task, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    assert_int_equal(scratch_number(db, "SELECT count(*) FROM pet", DB_NO_ARGS), 1);
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_row_is_written_once, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(all_or_none, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
