/* Every sealed column of the product's database, in one table: what is sealed anew when the master key changes, what doctor opens, and
 * what a place in the vault is made of. A test holds it against the migrations: a column called `sealed` or `..._sealed` must be in it. */
#ifndef STORE_SEALED_H
#define STORE_SEALED_H

#include "store/db.h"
#include "store/vault.h"

enum sealed {
    SEALED_ACCOUNT_NUMBER,
    SEALED_PIN,
    SEALED_EVENT,
    SEALED_CONNECTION,
    SEALED_CONNECTION_NEXT,
    SEALED_TOTP,
    SEALED_PERSON_MAIL,
    SEALED_MESSAGE, /* what customers and the porting team write to each other */
    SEALED_NOTE,    /* what the porting team notes for itself */
    SEALED_COUNT,
};

struct sealed_column {
    const char *table, *column;
    const char *label;   /* in place of the column's name in what is bound */
    bool by_account;     /* the key is (account, row); else (row), and no account is bound */
    const char *row;     /* column */
    const char *page;    /* SQL: account, row, value behind ($1, $2), by key, $3 rows */
    const char *replace; /* SQL: value $1 for what is $4 now, at ($2, $3) */
    const char *count;   /* SQL: how many values there are */
    const char *begins;  /* SQL: how many values begin with the VAULT_PREFIX_BYTES bytes $1 */
};

extern const struct sealed_column sealed_columns[SEALED_COUNT];

/* Where a value of the column stands. */
struct vault_place sealed_place(enum sealed column, struct text account, struct text row);

/* How far a pass over a column is: begin with both empty. */
struct sealed_cursor {
    struct text account, row;
};

struct sealed_pass {
    const struct vault *vault;
    size_t rows_max;  /* of a batch */
    size_t bytes_max; /* sealed bytes of a batch, from which on it ends */
    int64_t done;     /* added to: values that were sealed anew */
    int64_t failed;   /* added to: values that do not open */
};

/* Seals a batch anew that is not sealed with the current key, behind the cursor, and moves it; *ret_more is false at the end. Part of a
 * write transaction; texts of the cursor live in its arena. */
bool sealed_renew(struct db_tx *tx, enum sealed column, struct sealed_pass *pass,
    struct sealed_cursor *cursor, bool *ret_more);

#endif
