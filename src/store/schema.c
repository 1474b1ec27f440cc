#include "store/schema.h"

#include <string.h>

/* SQL in pieces: words, literals and single characters; comments are left out. */
struct sql {
    struct text rest;
    struct text token; /* empty at the end */
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t token_length(struct text rest)
{
    size_t len = 1;
    if (rest.at[0] == '\'') {
        while (len < rest.len && rest.at[len] != '\'') {
            len++;
        }
        return len < rest.len ? len + 1 : len;
    }
    while (is_word(rest.at[0]) && len < rest.len && is_word(rest.at[len])) {
        len++;
    }
    return len;
}

static void step(struct sql *sql)
{
    while (true) {
        sql->rest = text_part(sql->rest, 0, SIZE_MAX);
        while (sql->rest.len > 0 && strchr(" \n\t\r", sql->rest.at[0])) {
            sql->rest = text_part(sql->rest, 1, SIZE_MAX);
        }
        if (!text_starts(sql->rest, TEXT("--"))) {
            break;
        }
        size_t end = text_find_char(sql->rest, '\n', 0);
        sql->rest = text_part(sql->rest, end == SIZE_MAX ? sql->rest.len : end, SIZE_MAX);
    }
    size_t len = sql->rest.len ? token_length(sql->rest) : 0;
    sql->token = text_part(sql->rest, 0, len);
    sql->rest = text_part(sql->rest, len, SIZE_MAX);
}

static bool at(const struct sql *sql, const char *word)
{
    return text_equal_nocase(sql->token, text_from(word));
}

static bool take(struct sql *sql, const char *word)
{
    bool there = at(sql, word);
    if (there) {
        step(sql);
    }
    return there;
}

static bool at_end(const struct sql *sql)
{
    return sql->token.len == 0;
}

/* To the end of what began: behind the statement's semicolon, or at the comma or parenthesis that ends a column. */
static void skip_statement(struct sql *sql)
{
    while (!at_end(sql) && !take(sql, ";")) {
        step(sql);
    }
}

static bool type_of(const struct sql *sql, enum db_type *ret)
{
    *ret = at(sql, "INTEGER") ? DB_INT : at(sql, "BLOB") ? DB_BYTES : DB_TEXT;
    return at(sql, "INTEGER") || at(sql, "BLOB") || at(sql, "TEXT");
}

static bool key_add(struct schema_table *table, struct text column)
{
    size_t index = schema_column_find(table, column);
    if (index == SIZE_MAX || table->key_count == SCHEMA_KEY_MAX) {
        return false;
    }
    table->key[table->key_count++] = index;
    return true;
}

/* At the name of a column; leaves off at the comma, parenthesis or semicolon behind it. */
static bool read_column(struct sql *sql, struct schema_table *table, struct arena *arena)
{
    if (table->columns_count == SCHEMA_COLUMNS_MAX || !is_word(sql->token.at[0])) {
        return false;
    }
    struct schema_column *column = &table->columns[table->columns_count++];
    column->name = text_copy(arena, sql->token);
    step(sql);
    if (!type_of(sql, &column->type)) {
        return false;
    }
    int depth = 0;
    while (!at_end(sql) && (depth > 0 || (!at(sql, ",") && !at(sql, ")") && !at(sql, ";")))) {
        depth += at(sql, "(") ? 1 : at(sql, ")") ? -1 : 0;
        bool primary = depth == 0 && at(sql, "PRIMARY");
        if (primary && !key_add(table, column->name)) {
            return false;
        }
        step(sql);
    }
    return true;
}

/* "PRIMARY KEY (a, b)", or another constraint of the table, which is skipped. */
static bool read_constraint(struct sql *sql, struct schema_table *table)
{
    bool primary = take(sql, "PRIMARY") && take(sql, "KEY");
    int depth = 0;
    while (!at_end(sql) && (depth > 0 || (!at(sql, ",") && !at(sql, ")")))) {
        depth += at(sql, "(") ? 1 : at(sql, ")") ? -1 : 0;
        if (primary && is_word(sql->token.at[0]) && !key_add(table, sql->token)) {
            return false;
        }
        step(sql);
    }
    return true;
}

static bool at_constraint(const struct sql *sql)
{
    return at(sql, "PRIMARY") || at(sql, "UNIQUE") || at(sql, "FOREIGN") || at(sql, "CHECK") ||
           at(sql, "CONSTRAINT");
}

static bool read_table(struct sql *sql, struct arena *arena, struct schema *schema)
{
    if (take(sql, "IF")) {
        step(sql);
        step(sql);
    }
    if (schema->count == SCHEMA_TABLES_MAX || at_end(sql) || schema_find(schema, sql->token)) {
        return false;
    }
    struct schema_table *table = ARENA_NEW(arena, struct schema_table);
    table->name = text_copy(arena, sql->token);
    schema->tables[schema->count++] = table;
    step(sql);
    if (!take(sql, "(")) {
        return false;
    }
    do {
        if (!(at_constraint(sql) ? read_constraint(sql, table) : read_column(sql, table, arena))) {
            return false;
        }
    } while (take(sql, ","));
    return take(sql, ")") && take(sql, ";") && table->key_count > 0;
}

/* "ALTER TABLE t ADD COLUMN c ..."; nothing else is done to a table that is there. */
static bool read_alter(struct sql *sql, struct arena *arena, const struct schema *schema)
{
    const struct schema_table *found = schema_find(schema, sql->token);
    step(sql);
    if (!found || !take(sql, "ADD")) {
        return false;
    }
    take(sql, "COLUMN");
    for (size_t i = 0; i < schema->count; i++) {
        if (schema->tables[i] == found) {
            return read_column(sql, schema->tables[i], arena) && take(sql, ";");
        }
    }
    return false;
}

static bool read_step(const char *text, struct arena *arena, struct schema *schema)
{
    struct sql sql = {.rest = text_from(text)};
    bool sound = true;
    step(&sql);
    while (sound && !at_end(&sql)) {
        if (take(&sql, "CREATE")) {
            if (take(&sql, "TABLE")) {
                sound = read_table(&sql, arena, schema);
            } else {
                skip_statement(&sql); /* an index */
            }
        } else if (take(&sql, "ALTER")) {
            sound = take(&sql, "TABLE") && read_alter(&sql, arena, schema);
        } else {
            sound = !at(&sql, "DROP") || text_starts(text_trim(sql.rest), TEXT("INDEX"));
            skip_statement(&sql); /* of rows */
        }
    }
    return sound;
}

bool schema_read(
    const struct db_migration *migrations, struct arena *arena, struct schema *ret, struct problem *problem)
{
    struct schema schema = {.count = 0};
    for (const struct db_migration *step = migrations; step->sql; step++) {
        if (!read_step(step->sql, arena, &schema)) {
            return problem_internal(problem, "migration %04d_%s makes tables in a way that is not understood",
                step->number, step->name);
        }
    }
    *ret = schema;
    return true;
}

const struct schema_table *schema_find(const struct schema *schema, struct text table)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (text_equal(schema->tables[i]->name, table)) {
            return schema->tables[i];
        }
    }
    return NULL;
}

size_t schema_column_find(const struct schema_table *table, struct text column)
{
    for (size_t i = 0; i < table->columns_count; i++) {
        if (text_equal(table->columns[i].name, column)) {
            return i;
        }
    }
    return SIZE_MAX;
}
