#include "people/known_device.h"

#include "base/id.h"

#define TOKEN_LEN 43 /* 32 random bytes as base64url */

struct text device_token(struct arena *arena)
{
    return token_new(arena, 32);
}

/* The cookie's next token that looks like one. */
static bool next_token(struct text *rest, struct text *ret)
{
    unsigned char bytes[32];
    while (text_next(rest, '.', ret)) {
        if (ret->len == TOKEN_LEN && text_unbase64url(*ret, bytes, sizeof bytes)) {
            return true;
        }
    }
    return false;
}

/* The id of the user's device with that token, copied, or the empty text. */
static struct text find_one(struct db_tx *tx, struct arena *arena, int64_t now, struct text account,
    struct text user, struct text token)
{
    DB_ROWS rows = db_query(tx,
        "SELECT id FROM known_device WHERE account = $1 AND user_id = $2 AND seen_at > $3 AND token_hash = $4",
        DB_ARGS(db_text(account), db_text(user), db_int(now - DEVICE_LIFE),
            db_text(token_hash(db_arena(tx), token))));
    return db_next(rows) ? db_col_copy(rows, 0, arena) : TEXT_EMPTY;
}

struct text device_find(struct db_tx *tx, struct arena *arena, int64_t now, struct text account,
    struct text user, struct text cookie)
{
    struct text rest = cookie, token;
    for (size_t i = 0; i < DEVICES_OF_BROWSER && next_token(&rest, &token); i++) {
        struct text id = find_one(tx, arena, now, account, user, token);
        if (id.len > 0) {
            return id;
        }
    }
    return TEXT_EMPTY;
}

static void forget_old(struct db_tx *tx, const struct device_keep *keep)
{
    db_exec(tx,
        "DELETE FROM known_device WHERE account = $1 AND user_id = $2 AND (seen_at <= $3 OR id IN (SELECT id FROM"
        " known_device WHERE account = $1 AND user_id = $2 ORDER BY seen_at DESC, id DESC LIMIT 1000 OFFSET $4))",
        DB_ARGS(db_text(keep->account), db_text(keep->user), db_int(keep->now - DEVICE_LIFE),
            db_int(DEVICES_OF_USER - 1)));
}

bool device_keep(struct db_tx *tx, struct clock *clock, struct device_keep *keep)
{
    struct arena *arena = db_arena(tx);
    struct text rest = keep->cookie, token;
    struct text cookie = keep->token;
    size_t kept = 1;
    keep->id = TEXT_EMPTY;
    for (size_t i = 0; i < DEVICES_OF_BROWSER && next_token(&rest, &token); i++) {
        struct text id = find_one(tx, arena, keep->now, keep->account, keep->user, token);
        if (id.len > 0) {
            keep->id = id;
        } else if (kept < DEVICES_OF_BROWSER) {
            cookie = text_format(arena, "%.*s.%.*s", TEXT_ARG(cookie), TEXT_ARG(token));
            kept++;
        }
    }
    struct text hash = token_hash(arena, keep->token);
    if (keep->id.len > 0) {
        db_exec(tx, "UPDATE known_device SET token_hash = $3, seen_at = $4 WHERE account = $1 AND id = $2",
            DB_ARGS(db_text(keep->account), db_text(keep->id), db_text(hash), db_int(keep->now)));
    } else {
        struct id id = id_new(clock, "dev");
        keep->id = text_copy(arena, id_text(&id));
        forget_old(tx, keep);
        db_exec(tx,
            "INSERT INTO known_device (account, id, user_id, token_hash, created_at, seen_at) VALUES ($1, $2, $3,"
            " $4, $5, $5)",
            DB_ARGS(db_text(keep->account), db_text(keep->id), db_text(keep->user), db_text(hash),
                db_int(keep->now)));
    }
    keep->new_cookie = cookie;
    return db_ok(tx);
}
