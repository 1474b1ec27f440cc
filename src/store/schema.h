/* The tables and columns that migrations make, read from the migrations themselves, so that nothing lists them twice. Tables come in the
 * order in which they are made: what a foreign key points at stands before it. A test holds this against what an engine says it has. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/db.h"

#define SCHEMA_TABLES_MAX 128
#define SCHEMA_COLUMNS_MAX 64 /* of a table */
#define SCHEMA_KEY_MAX 8      /* columns of a primary key */

struct schema_column {
    struct text name;
    enum db_type type; /* DB_INT, DB_TEXT, DB_BYTES */
};

struct schema_table {
    struct text name;
    size_t columns_count;
    struct schema_column columns[SCHEMA_COLUMNS_MAX];
    size_t key_count;
    size_t key[SCHEMA_KEY_MAX]; /* indexes of columns, in the key's order */
};

struct schema {
    size_t count;
    struct schema_table *tables[SCHEMA_TABLES_MAX];
};

/* PROBLEM_INTERNAL for a statement that is not understood. Texts live in the arena. */
bool schema_read(
    const struct db_migration *migrations, struct arena *arena, struct schema *ret, struct problem *problem);
/* NULL when there is none. */
const struct schema_table *schema_find(const struct schema *schema, struct text table);
/* The column's index, or SIZE_MAX. */
size_t schema_column_find(const struct schema_table *table, struct text column);

#endif
