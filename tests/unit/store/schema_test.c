/* The tables as the migrations tell them, against what the engine has; and the table of sealed columns against both. */
#include "store/schema.h"

#include <sqlite3.h>
#include <string.h>

#include "scratch.h"
#include "store/migrations.h"
#include "store/sealed.h"

static sqlite3 *migrated(struct scratch *scratch)
{
    sqlite3 *handle = NULL;
    const char *path = scratch_path(scratch, "plain.db");
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    for (const struct db_migration *step = portdesk_migrations; step->sql; step++) {
        assert_int_equal(sqlite3_exec(handle, step->sql, NULL, NULL, NULL), SQLITE_OK);
    }
    return handle;
}

static struct text column(sqlite3_stmt *statement, int at)
{
    return text_from((const char *)sqlite3_column_text(statement, at));
}

static enum db_type type_of(struct text name)
{
    return text_is(name, "INTEGER") ? DB_INT : text_is(name, "BLOB") ? DB_BYTES : DB_TEXT;
}

/* Every column of the engine's table: its order, name, type and place in the primary key. */
static void check_table(sqlite3 *handle, const struct schema_table *table)
{
    sqlite3_stmt *statement = NULL;
    size_t columns = 0, keys = 0;
    assert_int_equal(
        sqlite3_prepare_v2(handle, "SELECT name, type, pk FROM pragma_table_info(?)", -1, &statement, NULL),
        SQLITE_OK);
    sqlite3_bind_text(statement, 1, table->name.at, (int)table->name.len, SQLITE_TRANSIENT);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        assert_true(columns < table->columns_count);
        assert_true(text_equal(table->columns[columns].name, column(statement, 0)));
        assert_int_equal(table->columns[columns].type, type_of(column(statement, 1)));
        int key = sqlite3_column_int(statement, 2);
        if (key > 0) {
            keys++;
            assert_true((size_t)key <= table->key_count);
            assert_int_equal(table->key[key - 1], columns);
        }
        columns++;
    }
    sqlite3_finalize(statement);
    assert_int_equal(columns, table->columns_count);
    assert_int_equal(keys, table->key_count);
}

static void the_migrations_are_understood(void **state)
{
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct schema schema;
    struct problem problem = {.kind = PROBLEM_NONE};
    if (!schema_read(portdesk_migrations, arena, &schema, &problem)) {
        fail_msg("%s", problem.detail);
    }
    sqlite3 *handle = migrated(*state);
    sqlite3_stmt *statement = NULL;
    size_t tables = 0;
    assert_int_equal(sqlite3_prepare_v2(handle,
                         "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
                         -1, &statement, NULL),
        SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const struct schema_table *table = schema_find(&schema, column(statement, 0));
        assert_non_null(table);
        check_table(handle, table);
        tables++;
    }
    sqlite3_finalize(statement);
    assert_int_equal(tables, schema.count);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

/* A foreign key points at a table that was made before: in that order rows can be put back. */
static bool is_left_out(struct text table, struct text column)
{
    return text_is(table, "job") && text_is(column, "worker"); /* no backup has it */
}

static void what_is_pointed_at_comes_first(void **state)
{
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct schema schema;
    assert_true(schema_read(portdesk_migrations, arena, &schema, NULL));
    sqlite3 *handle = migrated(*state);
    for (size_t i = 0; i < schema.count; i++) {
        sqlite3_stmt *statement = NULL;
        assert_int_equal(
            sqlite3_prepare_v2(
                handle, "SELECT \"table\", \"from\" FROM pragma_foreign_key_list(?)", -1, &statement, NULL),
            SQLITE_OK);
        sqlite3_bind_text(statement, 1, schema.tables[i]->name.at, -1, SQLITE_TRANSIENT);
        while (sqlite3_step(statement) == SQLITE_ROW) {
            size_t j = 0;
            while (j < i && !text_equal(schema.tables[j]->name, column(statement, 0))) {
                j++;
            }
            if (j == i && !is_left_out(schema.tables[i]->name, column(statement, 1))) {
                fail_msg("%s points at a table that is made later", schema.tables[i]->name.at);
            }
        }
        sqlite3_finalize(statement);
    }
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

static bool is_sealed_name(struct text name)
{
    return text_is(name, "sealed") || text_ends(name, TEXT("_sealed"));
}

/* Rotation, doctor and backups know the sealed columns by this table alone. */
static void every_sealed_column_is_listed(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct schema schema;
    size_t found = 0;
    assert_true(schema_read(portdesk_migrations, arena, &schema, NULL));
    for (size_t i = 0; i < schema.count; i++) {
        const struct schema_table *table = schema.tables[i];
        for (size_t j = 0; j < table->columns_count; j++) {
            if (!is_sealed_name(table->columns[j].name)) {
                continue;
            }
            size_t k = 0;
            while (k < SEALED_COUNT && !(text_is(table->name, sealed_columns[k].table) &&
                                           text_is(table->columns[j].name, sealed_columns[k].column))) {
                k++;
            }
            if (k == SEALED_COUNT) {
                fail_msg("%s.%s is not in the table of src/store/sealed.c", table->name.at,
                    table->columns[j].name.at);
            }
            assert_int_equal(table->columns[j].type, DB_BYTES);
            assert_int_equal(table->key_count, sealed_columns[k].by_account ? 2 : 1);
            assert_true(
                text_is(table->columns[table->key[table->key_count - 1]].name, sealed_columns[k].row));
            found++;
        }
    }
    assert_int_equal(found, SEALED_COUNT);
}

static void odd_statements(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        bool understood;
    } cases[] = {
        {"CREATE TABLE a (b TEXT PRIMARY KEY, c INTEGER DEFAULT 0, d BLOB);", true},
        {"create table a (b text not null default ')', c integer check (c > (1)), primary key (c, b));",
            true},
        {"-- CREATE TABLE x\nCREATE INDEX i ON a (b); INSERT INTO a VALUES ('it; is');", true},
        {"CREATE TABLE a (b TEXT PRIMARY KEY); ALTER TABLE a ADD COLUMN c INTEGER NOT NULL DEFAULT (1);",
            true},
        {"DROP INDEX i;", true},
        {"CREATE TABLE a (b TEXT);", false},             /* no key */
        {"CREATE TABLE a (b REAL PRIMARY KEY);", false}, /* a type that we do not use */
        {"CREATE TABLE a (b TEXT PRIMARY KEY); CREATE TABLE a (b TEXT PRIMARY KEY);", false},
        {"CREATE TABLE a (b TEXT, PRIMARY KEY (c));", false},
        {"CREATE TABLE a (b TEXT PRIMARY KEY); ALTER TABLE a RENAME TO c;", false},
        {"ALTER TABLE a ADD COLUMN c INTEGER;", false},
        {"DROP TABLE a;", false},
        {"CREATE TABLE a (b TEXT PRIMARY KEY", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        const struct db_migration steps[] = {{1, "odd", cases[i].sql}, {0, NULL, NULL}};
        struct schema schema;
        struct problem problem = {.kind = PROBLEM_NONE};
        if (schema_read(steps, arena, &schema, &problem) != cases[i].understood) {
            fail_msg("%s", cases[i].sql);
        }
    }
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(the_migrations_are_understood),
        CASE(what_is_pointed_at_comes_first),
        CASE(every_sealed_column_is_listed),
        CASE(odd_statements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
