#include "store/sealed.h"

#define BY_ACCOUNT(table_, column_, label_, row_)                                                            \
    {                                                                                                        \
        .table = (table_), .column = (column_), .label = (label_), .by_account = true, .row = (row_),        \
        .page = "SELECT account, " row_ ", " column_ " FROM " table_ " WHERE (account, " row_                \
                ") > ($1, $2) AND " column_ " IS NOT NULL ORDER BY account, " row_ " LIMIT $3",              \
        .replace = "UPDATE " table_ " SET " column_ " = $1 WHERE account = $2 AND " row_                     \
                   " = $3 AND " column_ " = $4",                                                             \
        .count = "SELECT count(*) FROM " table_ " WHERE " column_ " IS NOT NULL",                            \
        .begins = "SELECT count(*) FROM " table_ " WHERE substr(" column_ ", 1, 9) = $1",                    \
    }
#define BY_ROW(table_, column_, label_, row_)                                                                \
    {                                                                                                        \
        .table = (table_), .column = (column_), .label = (label_), .by_account = false, .row = (row_),       \
        .page = "SELECT '', " row_ ", " column_ " FROM " table_ " WHERE $1 = '' AND " row_                   \
                " > $2 AND " column_ " IS NOT NULL ORDER BY " row_ " LIMIT $3",                              \
        .replace =                                                                                           \
            "UPDATE " table_ " SET " column_ " = $1 WHERE $2 = '' AND " row_ " = $3 AND " column_ " = $4",   \
        .count = "SELECT count(*) FROM " table_ " WHERE " column_ " IS NOT NULL",                            \
        .begins = "SELECT count(*) FROM " table_ " WHERE substr(" column_ ", 1, 9) = $1",                    \
    }

const struct sealed_column sealed_columns[SEALED_COUNT] = {
    [SEALED_ACCOUNT_NUMBER] = BY_ACCOUNT("port_request", "account_number_sealed", "account_number", "id"),
    [SEALED_PIN] = BY_ACCOUNT("port_pin", "sealed", "pin", "request"),
    [SEALED_EVENT] = BY_ROW("inbound_event", "sealed", "body", "id"),
    [SEALED_CONNECTION] = BY_ACCOUNT("carrier_connection", "sealed", "secrets", "id"),
    [SEALED_CONNECTION_NEXT] = BY_ACCOUNT("carrier_connection", "next_sealed", "next_secrets", "id"),
    [SEALED_TOTP] = BY_ACCOUNT("totp", "secret_sealed", "secret", "user_id"),
    [SEALED_PERSON_MAIL] = BY_ACCOUNT("person_mail", "link_sealed", "link", "id"),
    [SEALED_MESSAGE] = BY_ACCOUNT("request_message", "body_sealed", "body", "id"),
    [SEALED_NOTE] = BY_ACCOUNT("request_note", "body_sealed", "body", "id"),
};

struct vault_place sealed_place(enum sealed column, struct text account, struct text row)
{
    const struct sealed_column *self = &sealed_columns[column];
    return (struct vault_place){.table = self->table,
        .column = self->label,
        .account = self->by_account ? account : TEXT_EMPTY,
        .row = row};
}

struct stale {
    struct text account, row, value;
};

static bool renew_one(
    struct db_tx *tx, enum sealed column, struct sealed_pass *pass, const struct stale *stale)
{
    struct vault_place place = sealed_place(column, stale->account, stale->row);
    struct text plain;
    if (!vault_unseal(pass->vault, &place, stale->value, db_arena(tx), &plain, NULL)) {
        pass->failed++;
        return true;
    }
    pass->done++;
    struct text sealed = vault_seal(pass->vault, &place, plain, db_arena(tx));
    return db_exec(tx, sealed_columns[column].replace,
        DB_ARGS(db_bytes(sealed), db_text(stale->account), db_text(stale->row), db_bytes(stale->value)));
}

bool sealed_renew(struct db_tx *tx, enum sealed column, struct sealed_pass *pass,
    struct sealed_cursor *cursor, bool *ret_more)
{
    struct arena *arena = db_arena(tx);
    struct stale *stale = ARENA_ARRAY(arena, struct stale, pass->rows_max);
    size_t count = 0, seen = 0, bytes = 0;
    {
        DB_ROWS rows = db_query(tx, sealed_columns[column].page,
            DB_ARGS(db_text(cursor->account), db_text(cursor->row), db_int((int64_t)pass->rows_max)));
        while (bytes < pass->bytes_max && db_next(rows)) {
            seen++;
            cursor->account = db_col_copy(rows, 0, arena);
            cursor->row = db_col_copy(rows, 1, arena);
            struct text value = db_col_bytes(rows, 2);
            bytes += value.len;
            if (!vault_is_current(pass->vault, value)) {
                stale[count++] = (struct stale){cursor->account, cursor->row, text_copy(arena, value)};
            }
        }
    }
    for (size_t i = 0; i < count && db_ok(tx); i++) {
        renew_one(tx, column, pass, &stale[i]);
    }
    *ret_more = seen == pass->rows_max || bytes >= pass->bytes_max;
    return db_ok(tx);
}
