#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "store/dump.h"

#define LINE_MAX_BYTES DUMP_PART_MAX
#define SQL_MAX ((size_t)16 * 1024)

struct loading {
    const struct schema *schema;
    struct text rest; /* lines not read */
    size_t index;     /* of the table */
    const struct schema_table *table;
    size_t columns_count;
    size_t columns[SCHEMA_COLUMNS_MAX]; /* of the table, in the part's order */
    int64_t line;
};

static bool wrong(struct loading *loading, const char *what, struct problem *problem)
{
    return problem_set(problem, PROBLEM_INPUT, WORD_store_archive_broken, NULL, NULL,
        "line %lld of a part of the database: %s", (long long)loading->line, what);
}

static bool next_line(struct loading *loading, json_t **ret, struct problem *problem)
{
    struct text line;
    loading->line++;
    if (!text_next(&loading->rest, '\n', &line)) {
        return wrong(loading, "there is none", problem);
    }
    struct problem why = {.kind = PROBLEM_NONE};
    return json_parse(line, LINE_MAX_BYTES, ret, &why) || wrong(loading, "it is no JSON", problem);
}

static bool read_columns(struct loading *loading, const json_t *columns, struct problem *problem)
{
    bool seen[SCHEMA_COLUMNS_MAX] = {false};
    size_t count = json_array_size(columns);
    if (count == 0 || count > loading->table->columns_count) {
        return wrong(loading, "it has not the columns of its table", problem);
    }
    loading->columns_count = count;
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(columns, i));
        size_t column = schema_column_find(loading->table, text_from(name));
        if (column == SIZE_MAX || seen[column]) {
            return wrong(loading, "it has not the columns of its table", problem);
        }
        seen[column] = true;
        loading->columns[i] = column;
    }
    return true;
}

static bool read_head(struct loading *loading, struct problem *problem)
{
    JSON_CLEANUP head = NULL;
    if (!text_ends(loading->rest, TEXT("\n")) || !next_line(loading, &head, problem)) {
        return wrong(loading, "it does not end", problem);
    }
    struct text name = text_from(json_string_value(json_object_get(head, "table")));
    while (loading->index < loading->schema->count &&
           !text_equal(loading->schema->tables[loading->index]->name, name)) {
        loading->index++;
    }
    if (loading->index == loading->schema->count || json_object_size(head) != 2) {
        return wrong(loading, "there is no such table", problem);
    }
    loading->table = loading->schema->tables[loading->index];
    return read_columns(loading, json_object_get(head, "columns"), problem);
}

static bool read_bytes(const json_t *value, const char *name, struct arena *arena, struct text *ret)
{
    const char *at = json_string_value(json_object_get(value, name));
    return at && json_object_size(value) == 1 && text_unbase64(arena, text_from(at), DUMP_PART_MAX, ret);
}

/* A value of the column's type; its text lives as long as the row and the arena. */
static bool read_value(const json_t *value, enum db_type type, struct arena *arena, struct db_value *ret)
{
    struct text text = TEXT_EMPTY;
    if (json_is_null(value)) {
        *ret = db_null();
        return true;
    }
    if (type == DB_INT) {
        *ret = db_int(json_integer_value(value));
        return json_is_integer(value);
    }
    if (type == DB_BYTES) {
        bool sound = read_bytes(value, "b64", arena, &text);
        *ret = db_bytes(text);
        return sound;
    }
    if (json_is_string(value)) {
        *ret = db_text((struct text){json_string_value(value), json_string_length(value)});
        return true;
    }
    bool sound = read_bytes(value, "t64", arena, &text);
    *ret = db_text(text);
    return sound;
}

static const char *insert_sql(const struct loading *loading, struct arena *arena)
{
    BUFFER_CLEANUP sql = BUFFER(SQL_MAX);
    const struct schema_table *table = loading->table;
    buffer_format(&sql, "INSERT INTO %.*s (", TEXT_ARG(table->name));
    for (size_t i = 0; i < loading->columns_count; i++) {
        buffer_format(&sql, "%s%.*s", i ? ", " : "", TEXT_ARG(table->columns[loading->columns[i]].name));
    }
    buffer_string(&sql, ") VALUES (");
    for (size_t i = 0; i < loading->columns_count; i++) {
        buffer_format(&sql, "%s$%zu", i ? ", " : "", i + 1);
    }
    buffer_string(&sql, ")");
    return text_cstr(arena, buffer_view(&sql));
}

/* Reads a row, and writes it when there is a transaction. */
static bool load_row(struct loading *loading, struct db_tx *tx, const char *sql, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(2 * DUMP_PART_MAX);
    JSON_CLEANUP row = NULL;
    struct db_value values[SCHEMA_COLUMNS_MAX];
    size_t count = loading->columns_count;
    if (!next_line(loading, &row, problem)) {
        return false;
    }
    if (!json_is_array(row) || json_array_size(row) != count) {
        return wrong(loading, "it is no row of its table", problem);
    }
    for (size_t i = 0; i < count; i++) {
        enum db_type type = loading->table->columns[loading->columns[i]].type;
        if (!read_value(json_array_get(row, i), type, arena, &values[i])) {
            return wrong(loading, "a value is not of its column's kind", problem);
        }
    }
    return !tx || db_exec(tx, sql, values, count);
}

static bool load(const struct schema *schema, struct text part, struct db_tx *tx, size_t *ret_table,
    int64_t *ret_rows, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(2 * SQL_MAX);
    struct loading loading = {.schema = schema, .rest = part};
    if (!read_head(&loading, problem)) {
        return false;
    }
    const char *sql = insert_sql(&loading, arena);
    int64_t rows = 0;
    while (loading.rest.len > 0) {
        if (!load_row(&loading, tx, sql, problem)) {
            return false;
        }
        rows++;
    }
    *ret_table = loading.index;
    *ret_rows = rows;
    return true;
}

bool dump_check(const struct schema *schema, struct text part, size_t *ret_table, int64_t *ret_rows,
    struct problem *problem)
{
    return load(schema, part, NULL, ret_table, ret_rows, problem);
}

bool dump_load(
    struct db_tx *tx, const struct schema *schema, struct text part, size_t *ret_table, int64_t *ret_rows)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    bool done = load(schema, part, tx, ret_table, ret_rows, &problem);
    if (!done && problem.kind != PROBLEM_NONE) {
        db_fail(tx, &problem);
    }
    return done && db_ok(tx);
}
