#include "store/dump.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

#define PAGE_ROWS 300
#define SQL_MAX ((size_t)16 * 1024)
#define VALUE_MEMORY ((size_t)48 * 1024 * 1024) /* for a value's base64 */

/* ---- Out ---- */

struct dumping {
    struct db_tx *tx;
    const struct schema_table *table;
    size_t columns_count;
    size_t columns[SCHEMA_COLUMNS_MAX]; /* of the table, that are in the dump */
    dump_part *part;
    void *context;
    struct buffer out;  /* the part being made */
    bool any;           /* has rows */
    struct buffer last; /* the key of the last row, texts one after the other */
    struct db_value key[SCHEMA_KEY_MAX];
    bool begun; /* there is a last row */
    int64_t rows;
};

static void put_string(struct buffer *out, struct text text)
{
    buffer_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '"' || c == '\\') {
            buffer_char(out, '\\');
            buffer_char(out, (char)c);
        } else if (c < 0x20) {
            buffer_format(out, "\\u%04x", c);
        } else {
            buffer_char(out, (char)c);
        }
    }
    buffer_char(out, '"');
}

static void put_base64(struct buffer *out, const char *name, struct text bytes)
{
    ARENA_CLEANUP arena = arena_new(VALUE_MEMORY);
    buffer_format(out, "{\"%s\":\"", name);
    buffer_text(out, text_base64(arena, bytes.at, bytes.len));
    buffer_string(out, "\"}");
}

static void put_value(struct buffer *out, struct db_rows *rows, int column, enum db_type type)
{
    if (db_col_is_null(rows, column)) {
        buffer_string(out, "null");
    } else if (type == DB_INT) {
        buffer_i64(out, db_col_int(rows, column));
    } else if (type == DB_BYTES) {
        put_base64(out, "b64", db_col_bytes(rows, column));
    } else if (text_is_utf8(db_col_text(rows, column))) {
        put_string(out, db_col_text(rows, column));
    } else {
        put_base64(out, "t64", db_col_text(rows, column));
    }
}

static void put_head(struct dumping *dumping)
{
    struct buffer *out = &dumping->out;
    buffer_reset(out);
    buffer_string(out, "{\"table\":");
    put_string(out, dumping->table->name);
    buffer_string(out, ",\"columns\":[");
    for (size_t i = 0; i < dumping->columns_count; i++) {
        buffer_string(out, i ? "," : "");
        put_string(out, dumping->table->columns[dumping->columns[i]].name);
    }
    buffer_string(out, "]}\n");
    dumping->any = false;
}

static bool give_part(struct dumping *dumping)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    if (dumping->out.overflowed) {
        problem_internal(&problem, "a row of %.*s is too large", TEXT_ARG(dumping->table->name));
        return db_fail(dumping->tx, &problem);
    }
    if (!dumping->part(dumping->context, buffer_view(&dumping->out), &problem)) {
        return db_fail(dumping->tx, &problem);
    }
    put_head(dumping);
    return true;
}

/* Where a column of the table stands in a row that is read. */
static int column_of(const struct dumping *dumping, size_t column)
{
    size_t i = 0;
    while (dumping->columns[i] != column) {
        i++;
    }
    return (int)i;
}

/* Keeps the key of the current row. */
static void keep_key(struct dumping *dumping, struct db_rows *rows)
{
    const struct schema_table *table = dumping->table;
    size_t starts[SCHEMA_KEY_MAX] = {0};
    buffer_reset(&dumping->last);
    for (size_t i = 0; i < table->key_count; i++) {
        int column = column_of(dumping, table->key[i]);
        bool number = table->columns[table->key[i]].type == DB_INT;
        starts[i] = dumping->last.len;
        dumping->key[i] = number ? db_int(db_col_int(rows, column)) : db_text(db_col_text(rows, column));
        if (!number) {
            buffer_text(&dumping->last, dumping->key[i].text);
        }
    }
    for (size_t i = 0; i < table->key_count; i++) {
        if (dumping->key[i].type == DB_TEXT && dumping->key[i].text.len > 0) {
            dumping->key[i].text.at = dumping->last.at + starts[i];
        }
    }
    dumping->begun = true;
}

static void put_names(
    struct buffer *out, const struct schema_table *table, const size_t *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_string(out, i ? ", " : "");
        buffer_text(out, table->columns[columns[i]].name);
    }
}

/* "SELECT columns FROM table WHERE (key) > ($1, ...) ORDER BY key LIMIT n"; the first page has no WHERE. */
static const char *page_sql(struct dumping *dumping, struct arena *arena)
{
    BUFFER_CLEANUP sql = BUFFER(SQL_MAX);
    buffer_string(&sql, "SELECT ");
    put_names(&sql, dumping->table, dumping->columns, dumping->columns_count);
    buffer_string(&sql, " FROM ");
    buffer_text(&sql, dumping->table->name);
    if (dumping->begun) {
        buffer_string(&sql, " WHERE (");
        put_names(&sql, dumping->table, dumping->table->key, dumping->table->key_count);
        buffer_string(&sql, ") > (");
        for (size_t i = 0; i < dumping->table->key_count; i++) {
            buffer_format(&sql, "%s$%zu", i ? ", " : "", i + 1);
        }
        buffer_string(&sql, ")");
    }
    buffer_string(&sql, " ORDER BY ");
    put_names(&sql, dumping->table, dumping->table->key, dumping->table->key_count);
    buffer_format(&sql, " LIMIT %d", PAGE_ROWS);
    return text_cstr(arena, buffer_view(&sql));
}

static bool dump_page(struct dumping *dumping, const char *sql, bool *ret_more)
{
    int64_t seen = 0;
    DB_ROWS rows = db_query(dumping->tx, sql, dumping->key, dumping->begun ? dumping->table->key_count : 0);
    while (db_next(rows)) {
        seen++;
        buffer_char(&dumping->out, '[');
        for (size_t i = 0; i < dumping->columns_count; i++) {
            buffer_string(&dumping->out, i ? "," : "");
            put_value(&dumping->out, rows, (int)i, dumping->table->columns[dumping->columns[i]].type);
        }
        buffer_string(&dumping->out, "]\n");
        dumping->any = true;
        keep_key(dumping, rows);
        if (dumping->out.len > DUMP_PART_BYTES && !give_part(dumping)) {
            return false;
        }
    }
    dumping->rows += seen;
    *ret_more = seen == PAGE_ROWS;
    return db_ok(dumping->tx);
}

static bool dump_table(struct dumping *dumping)
{
    /* Kept as long as the table is read: their addresses key the statements. */
    ARENA_CLEANUP arena = arena_new(4 * SQL_MAX);
    const char *first = page_sql(dumping, arena);
    bool more = false;
    put_head(dumping);
    if (!dump_page(dumping, first, &more)) {
        return false;
    }
    const char *next = more ? page_sql(dumping, arena) : NULL;
    while (more) {
        if (!dump_page(dumping, next, &more)) {
            return false;
        }
    }
    return !dumping->any || give_part(dumping);
}

bool dump_leaves_out(const struct dump_leaves *leaves, struct text table, const char *column)
{
    for (; leaves->table; leaves++) {
        if (text_is(table, leaves->table) &&
            (!leaves->column || (column && strcmp(column, leaves->column) == 0))) {
            return true;
        }
    }
    return false;
}

static void choose_columns(struct dumping *dumping, const struct dump_leaves *leaves)
{
    const struct schema_table *table = dumping->table;
    for (size_t i = 0; i < table->columns_count; i++) {
        if (!dump_leaves_out(leaves, table->name, table->columns[i].name.at)) {
            dumping->columns[dumping->columns_count++] = i;
        }
    }
}

bool dump_tables(struct db_tx *tx, const struct schema *schema, const struct dump_leaves *leaves,
    dump_part *part, void *context, struct dump_counts *ret)
{
    BUFFER_CLEANUP out = BUFFER(DUMP_PART_MAX);
    BUFFER_CLEANUP last = BUFFER(64 * 1024);
    bool done = true;
    for (size_t i = 0; i < schema->count && done; i++) {
        struct dumping dumping = {
            .tx = tx, .table = schema->tables[i], .part = part, .context = context, .out = out, .last = last};
        ret->rows[i] = 0;
        if (!dump_leaves_out(leaves, schema->tables[i]->name, NULL)) {
            choose_columns(&dumping, leaves);
            done = dump_table(&dumping);
            ret->rows[i] = dumping.rows;
        }
        out = dumping.out;
        last = dumping.last;
    }
    return done && db_ok(tx);
}
