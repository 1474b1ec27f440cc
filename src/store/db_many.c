#include "store/db_many.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "store/engine.h"

#define FEW 8
#define SQL_MAX ((size_t)64 * 1024)

/* How many rows each of the statements takes, the largest last. */
static size_t rows_of(const struct db_many *many, size_t size)
{
    const size_t sizes[] = {1, FEW, (DB_ARGS_MAX - many->shared) / many->columns};
    return sizes[size];
}

static void put_number(struct buffer *out, size_t number)
{
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    buffer_text(out, (struct text){digits + at, sizeof digits - at});
}

static const char *make(const struct db_many *many, size_t rows)
{
    BUFFER_CLEANUP out = BUFFER(SQL_MAX);
    size_t parameter = many->shared;
    buffer_string(&out, many->before);
    for (size_t row = 0; row < rows; row++) {
        buffer_string(&out, row > 0 ? ", " : "");
        for (const char *at = many->row; *at != '\0'; at++) {
            if (*at != '?') {
                buffer_char(&out, *at);
                continue;
            }
            buffer_char(&out, '$');
            put_number(&out, ++parameter);
        }
    }
    buffer_string(&out, many->after);
    struct text made = buffer_view(&out);
    assert(!out.overflowed && parameter == many->shared + rows * many->columns);
    char *sql = calloc(1, made.len + 1);
    if (sql == NULL) {
        abort();
    }
    memcpy(sql, made.at, made.len);
    return sql;
}

static const char *statement(struct db_many *many, size_t size)
{
    pthread_mutex_lock(&many->lock);
    if (many->sql[size] == NULL) {
        many->sql[size] = make(many, rows_of(many, size));
    }
    const char *sql = many->sql[size];
    pthread_mutex_unlock(&many->lock);
    return sql;
}

/* The values of the next statement, behind those that all share. */
struct next {
    struct db_value args[DB_ARGS_MAX];
    size_t count, rows;
    const char *sql;
};

static void next_statement(struct db_many *many, const struct db_value *shared, const struct db_value *values,
    size_t rows, struct next *ret)
{
    size_t size = 2;
    assert(many->columns > 0 && rows_of(many, 2) >= FEW);
    while (rows_of(many, size) > rows) {
        size--;
    }
    ret->rows = rows_of(many, size);
    ret->count = many->shared + ret->rows * many->columns;
    ret->sql = statement(many, size);
    for (size_t i = 0; i < many->shared; i++) {
        ret->args[i] = shared[i];
    }
    memcpy(&ret->args[many->shared], values, ret->rows * many->columns * sizeof *values);
}

bool db_exec_many(struct db_tx *tx, struct db_many *many, const struct db_value *shared,
    const struct db_value *values, size_t rows, int64_t *ret_changed)
{
    int64_t sum = 0, changed = 0;
    struct next next;
    for (size_t done = 0; done < rows; done += next.rows) {
        next_statement(many, shared, &values[done * many->columns], rows - done, &next);
        if (!db_exec_changed(tx, next.sql, next.args, next.count, &changed)) {
            return false;
        }
        sum += changed;
    }
    if (ret_changed != NULL) {
        *ret_changed = sum;
    }
    return db_ok(tx);
}

bool db_query_many(struct db_tx *tx, struct db_many *many, const struct db_value *shared,
    const struct db_value *values, size_t rows, db_row *row, void *context)
{
    struct next next;
    for (size_t done = 0; done < rows && db_ok(tx); done += next.rows) {
        next_statement(many, shared, &values[done * many->columns], rows - done, &next);
        DB_ROWS found = db_query(tx, next.sql, next.args, next.count);
        while (db_next(found)) {
            row(found, context);
        }
    }
    return db_ok(tx);
}
