#include <assert.h>
#include <endian.h>
#include <string.h>

#include "store/postgres.h"

/* Types of columns, as the server numbers them (its catalogue pg_type; these never change). */
enum { TYPE_BOOL = 16, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23 };

/* The rows of an answered query. It is whole: a query's rows are bounded by its LIMIT. */
struct answer {
    PGresult *result;
    int row, count;
};

static const struct answer *answer_of(const struct db_rows *rows, int column)
{
    const struct answer *answer = rows->statement;
    assert(
        answer->row >= 0 && answer->row < answer->count && column >= 0 && column < PQnfields(answer->result));
    return answer;
}

void pg_rows_begin(struct db_rows *rows, PGresult *result)
{
    struct answer *answer = ARENA_NEW(rows->tx->arena, struct answer);
    *answer = (struct answer){.result = result, .row = -1, .count = PQntuples(result)};
    rows->statement = answer;
}

bool pg_next(struct db_rows *rows, bool *ret_row, struct problem *problem)
{
    (void)problem;
    struct answer *answer = rows->statement;
    if (answer->row < answer->count) {
        answer->row++;
    }
    *ret_row = answer->row < answer->count;
    return true;
}

void pg_rows_end(struct db_rows *rows)
{
    struct answer *answer = rows->statement;
    PQclear(answer->result);
    answer->result = NULL;
}

bool pg_is_null(struct db_rows *rows, int column)
{
    const struct answer *answer = answer_of(rows, column);
    return PQgetisnull(answer->result, answer->row, column) != 0;
}

/* A value in the server's binary form: integers are big-endian. */
int64_t pg_integer(struct db_rows *rows, int column)
{
    const struct answer *answer = answer_of(rows, column);
    const char *at = PQgetvalue(answer->result, answer->row, column);
    uint64_t wide = 0;
    uint32_t middle = 0;
    uint16_t narrow = 0;
    if (PQgetisnull(answer->result, answer->row, column)) {
        return 0;
    }
    switch (PQftype(answer->result, column)) {
    case TYPE_INT8:
        memcpy(&wide, at, sizeof wide);
        return (int64_t)be64toh(wide);
    case TYPE_INT4:
        memcpy(&middle, at, sizeof middle);
        return (int32_t)be32toh(middle);
    case TYPE_INT2:
        memcpy(&narrow, at, sizeof narrow);
        return (int16_t)be16toh(narrow);
    case TYPE_BOOL:
        return *at != 0;
    default:
        return 0; /* a text or bytes, as on SQLite: no number */
    }
}

struct text pg_bytes(struct db_rows *rows, int column)
{
    const struct answer *answer = answer_of(rows, column);
    if (PQgetisnull(answer->result, answer->row, column)) {
        return TEXT_EMPTY;
    }
    return (struct text){PQgetvalue(answer->result, answer->row, column),
        (size_t)PQgetlength(answer->result, answer->row, column)};
}

/* A number as text, as SQLite gives it. */
struct text pg_text(struct db_rows *rows, int column)
{
    const struct answer *answer = answer_of(rows, column);
    Oid type = PQftype(answer->result, column);
    bool number = type == TYPE_INT8 || type == TYPE_INT4 || type == TYPE_INT2 || type == TYPE_BOOL;
    if (number && !pg_is_null(rows, column)) {
        return text_format(rows->tx->arena, "%lld", (long long)pg_integer(rows, column));
    }
    return pg_bytes(rows, column);
}
