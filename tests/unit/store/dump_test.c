/* The database as lines of JSON: what goes out comes in again, on either engine, and nothing else is taken. */
#include "store/dump.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "scratch.h"

static const struct db_migration steps[] = {
    {1, "pets",
        "CREATE TABLE owner (account TEXT NOT NULL, id INTEGER NOT NULL, name TEXT, PRIMARY KEY (account, id));\n"
        "CREATE TABLE pet (mood TEXT DEFAULT 'calm', id TEXT NOT NULL PRIMARY KEY, account TEXT, owner INTEGER, picture BLOB,"
        " FOREIGN KEY (account, owner) REFERENCES owner (account, id));"
        "CREATE TABLE moment (id INTEGER NOT NULL PRIMARY KEY);"},
    {0, NULL, NULL},
};
static const struct dump_leaves leaves[] = {{"moment", NULL}, {"pet", "mood"}, {NULL, NULL}};

struct dumped {
    struct schema schema;
    struct dump_counts counts;
    struct buffer parts[64];
    size_t count;
};

static bool take_part(void *context, struct text part, struct problem *problem)
{
    (void)problem;
    struct dumped *dumped = context;
    assert_true(dumped->count < COUNT(dumped->parts));
    dumped->parts[dumped->count] = BUFFER(DUMP_PART_MAX);
    assert_true(buffer_text(&dumped->parts[dumped->count++], part));
    return true;
}

static bool dump_closure(struct db_tx *tx, void *context)
{
    struct dumped *dumped = context;
    return dump_tables(tx, &dumped->schema, leaves, take_part, dumped, &dumped->counts);
}

static void dump(struct db *db, struct dumped *dumped)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    dumped->count = 0;
    if (!db_read(db, dump_closure, dumped, &problem)) {
        fail_msg("%s", problem.detail);
    }
}

static void dumped_free(struct dumped *dumped)
{
    for (size_t i = 0; i < dumped->count; i++) {
        buffer_free(&dumped->parts[i]);
    }
}

struct load {
    struct dumped *dumped;
    struct text part;
    int64_t rows;
};

static bool load_closure(struct db_tx *tx, void *context)
{
    struct load *load = context;
    size_t table = 0;
    return dump_load(tx, &load->dumped->schema, load->part, &table, &load->rows);
}

static void fill(struct db *db)
{
    static const char bytes[] = "\0\1\xff' \"";
    const struct text texts[] = {TEXT("plain"), TEXT(""), TEXT("q\"u\\o'te \n\t\x01 \x7f"),
        TEXT("Zoë 電話 \xf0\x9f\x93\x9e"), TEXT("</script>"), TEXT("null")};
    for (size_t i = 0; i < COUNT(texts); i++) {
        scratch_exec(db, "INSERT INTO owner (account, id, name) VALUES ($1, $2, $3)",
            DB_ARGS(db_text(TEXT("ac_1")), db_int((int64_t)i), db_text(texts[i])));
    }
    const int64_t numbers[] = {INT64_MAX, INT64_MIN, -1};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        scratch_exec(db, "INSERT INTO owner (account, id, name) VALUES ($1, $2, $3)",
            DB_ARGS(db_text(TEXT("ac_2")), db_int(numbers[i]), db_null()));
    }
    scratch_exec(db, "INSERT INTO pet (id, account, owner, picture) VALUES ($1, $2, $3, $4)",
        DB_ARGS(db_text(TEXT("a")), db_text(TEXT("ac_1")), db_int(3),
            db_bytes((struct text){bytes, sizeof bytes - 1})));
    scratch_exec(db, "INSERT INTO pet (id, account, owner, picture) VALUES ($1, $2, $3, $4)",
        DB_ARGS(db_text(TEXT("b")), db_null(), db_null(), db_bytes(TEXT_EMPTY)));
    scratch_exec(db, "INSERT INTO moment (id) VALUES ($1)", DB_ARGS(db_int(1)));
}

static bool many_closure(struct db_tx *tx, void *context)
{
    struct text big = *(struct text *)context;
    for (int64_t i = 0; i < 1000; i++) {
        db_exec(tx, "INSERT INTO owner (account, id, name) VALUES ('ac_3', $1, $2)",
            DB_ARGS(db_int(i * 7 - 3000), db_text(big)));
    }
    return db_ok(tx);
}

static void what_goes_out_comes_in(void **state)
{
    ARENA_CLEANUP arena = arena_new(8 * 1024 * 1024);
    struct problem problem = {.kind = PROBLEM_NONE};
    static struct dumped first, second;
    assert_true(schema_read(steps, arena, &first.schema, &problem));
    second.schema = first.schema;
    struct db *db = scratch_db(scratch_path(*state, "a.db"), steps);
    struct db *copy = scratch_db(scratch_path(*state, "b.db"), steps);
    fill(db);
    char *at = arena_alloc(arena, 5000, 1);
    memset(at, 'x', 5000);
    struct text big = {at, 5000};
    assert_true(db_write(db, many_closure, &big, &problem));
    dump(db, &first);
    assert_int_equal(first.counts.rows[0], 6 + 3 + 1000);
    assert_int_equal(first.counts.rows[1], 2);
    assert_int_equal(first.counts.rows[2], 0); /* left out */
    scratch_exec(db, "UPDATE pet SET mood = 'angry'", DB_NO_ARGS);
    assert_true(first.count >= 4); /* 5 MB of owners, and the pets */
    for (size_t i = 0; i < first.count; i++) {
        struct load load = {.dumped = &first, .part = buffer_view(&first.parts[i])};
        if (!db_write(copy, load_closure, &load, &problem)) {
            fail_msg("%s", problem.detail);
        }
    }
    dump(copy, &second);
    assert_int_equal(scratch_number(copy, "SELECT count(*) FROM pet WHERE mood = 'calm'", DB_NO_ARGS), 2);
    assert_int_equal(first.count, second.count);
    for (size_t i = 0; i < first.count; i++) {
        assert_true(text_equal(buffer_view(&first.parts[i]), buffer_view(&second.parts[i])));
    }
    dumped_free(&first);
    dumped_free(&second);
    db_close(db);
    db_close(copy);
}

static void other_parts_are_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "\n",
        "{}\n",
        "[]\n",
        "{\"table\":\"owner\"}\n",
        "{\"table\":\"nobody\",\"columns\":[]}\n",
        "{\"table\":\"schema_migration\",\"columns\":[\"number\",\"name\"]}\n[9,\"x\"]\n",
        "{\"table\":\"owner\",\"columns\":[]}\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"id\"]}\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"name) VALUES (1); --\"]}\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",3]}\n",
        "{\"table\":\"owner\",\"columns\":\"account\"}\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"name\"],\"more\":1}\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"name\"]}\n[\"a\",1,\"b\"]", /* cut off */
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"name\"]}\n[\"a\",1]\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"name\"]}\n[\"a\",1,\"b\",2]\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"name\"]}\n[\"a\",\"1\",\"b\"]\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"name\"]}\n[\"a\",1.5,\"b\"]\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"name\"]}\n[\"a\",1,2]\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"name\"]}\n[\"a\",1,{\"b64\":\"YQ==\"}]\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"name\"]}\n[\"a\",1,{\"t64\":\"Y\"}]\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"name\"]}\n[\"a\",1,{\"t64\":\"YQ==\",\"x\":1}]\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"name\"]}\n{\"a\":1}\n",
        "{\"table\":\"owner\",\"columns\":[\"account\",\"id\",\"name\"]}\n\n",
        "{\"table\":\"pet\",\"columns\":[\"id\",\"account\",\"owner\",\"picture\"]}\n[\"a\",null,null,\"text\"]\n",
    };
    ARENA_CLEANUP arena = arena_new(8 * 1024 * 1024);
    static struct dumped dumped;
    assert_true(schema_read(steps, arena, &dumped.schema, NULL));
    struct db *db = scratch_db(scratch_path(*state, "a.db"), steps);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {.kind = PROBLEM_NONE};
        struct load load = {.dumped = &dumped, .part = text_from(cases[i])};
        size_t table = 0;
        int64_t rows = 0;
        if (dump_check(&dumped.schema, load.part, &table, &rows, &problem) || problem.kind != PROBLEM_INPUT) {
            fail_msg("%s", cases[i]);
        }
        problem = (struct problem){.kind = PROBLEM_NONE};
        assert_false(db_write(db, load_closure, &load, &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
    }
    assert_int_equal(scratch_number(db, "SELECT count(*) FROM owner", DB_NO_ARGS), 0);
    /* The columns may stand in another order, as a migration of another day would have made them. */
    struct load load = {.dumped = &dumped,
        .part = TEXT("{\"columns\":[\"name\",\"id\",\"account\"],\"table\":\"owner\"}\n[null,5,\"a\"]\n")};
    assert_true(db_write(db, load_closure, &load, NULL));
    assert_int_equal(
        scratch_number(db, "SELECT id FROM owner WHERE account = 'a' AND name IS NULL", DB_NO_ARGS), 5);
    db_close(db);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(what_goes_out_comes_in),
        CASE(other_parts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
