/* A connection as it stands in the database. Inside porting/ only. */
#ifndef PORTING_CONNECTION_ROW_H
#define PORTING_CONNECTION_ROW_H

#include "porting/connection.h"

struct connection_row {
    struct text account, id, kind, account_sid, key_sid, next_key_sid, base_url, upload_url, api_url;
    struct text sealed, next_sealed; /* as bytes */
    int64_t calls_per_second, version;
    struct text label, webhook_hash, letter_hash;
    struct carrier_brand letter;
    bool webhook_wanted;
};

/* That of the account or of the operator. Fails with PROBLEM_NOT_FOUND when there is none. */
bool connection_row(struct db_tx *tx, struct text account, struct text connection, struct arena *arena,
    struct connection_row *ret);
/* That of the account alone, whose job it is. */
bool connection_row_of(struct db_tx *tx, struct text account, struct text connection, struct arena *arena,
    struct connection_row *ret);

/* Seals; opens what is sealed (`next`: what is to replace it). */
struct text connection_seal(const struct porting *porting, struct text account, struct text connection,
    bool next, const struct connection_secrets *secrets, struct arena *arena);
bool connection_unseal(const struct porting *porting, const struct connection_row *row, bool next,
    struct arena *arena, struct connection_secrets *ret, struct problem *problem);

/* Whether a connection can be opened with that; it is closed again, and no call was made. */
bool connections_try(struct connections *connections, struct text kind, const struct carrier_access *access,
    struct problem *problem);

/* Asks for a look at the connection now. */
bool connection_look(struct db_tx *tx, struct clock *clock, struct text account, struct text connection);

const char *connection_test_name(enum connection_test test);
enum connection_test connection_test_parse(struct text name);

#endif
