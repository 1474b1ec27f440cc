/* The database as lines of JSON, the same for both engines, so that what one wrote the other can read. A part is a text: its first line names a
 * table and its columns, {"table": "job", "columns": ["account", ...]}, each further one is a row, an array with a value for each column:
 * a number, a string, null, {"b64": "..."} for bytes, or {"t64": "..."} for a text that is no valid UTF-8. */
#ifndef STORE_DUMP_H
#define STORE_DUMP_H

#include "store/schema.h"

#define DUMP_PART_BYTES ((size_t)2 * 1024 * 1024) /* a part ends behind the row that passes this */
#define DUMP_PART_MAX ((size_t)64 * 1024 * 1024)  /* bytes, whatever its rows hold */

/* What is not in a dump: a table, or one of its columns. A list of them ends with a NULL table. */
struct dump_leaves {
    const char *table, *column; /* column NULL: the whole table */
};

/* Takes a part; false with a problem ends the dump. */
typedef bool dump_part(void *context, struct text part, struct problem *problem);

struct dump_counts {
    int64_t rows[SCHEMA_TABLES_MAX]; /* by index in the schema */
};

/* Gives every row of every table, but what `leaves` out, in an order in which foreign keys can be kept. Part of a
 * read transaction; a few hundred rows are in memory at a time. Fails the transaction. */
bool dump_tables(struct db_tx *tx, const struct schema *schema, const struct dump_leaves *leaves,
    dump_part *part, void *context, struct dump_counts *ret);

/* Whether the list leaves that out. */
bool dump_leaves_out(const struct dump_leaves *leaves, struct text table, const char *column);

/* Writes the rows of a part; columns that are not in it take their defaults. Part of a write transaction; may be repeated. PROBLEM_INPUT when it is no such part, or not of this schema.
 * *ret_table: its index; *ret_rows: how many. Fails the transaction. */
bool dump_load(
    struct db_tx *tx, const struct schema *schema, struct text part, size_t *ret_table, int64_t *ret_rows);

/* As dump_load without a database: whether it is such a part. */
bool dump_check(const struct schema *schema, struct text part, size_t *ret_table, int64_t *ret_rows,
    struct problem *problem);

#endif
