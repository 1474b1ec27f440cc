#include "people/recovery_code.h"

#include <sodium.h>

#include "base/id.h"

#define CODE_LETTERS 16
#define GROUP 4

/* Without i, l, o and u, which are read as others. */
static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";

struct text *recovery_codes_new(struct arena *arena)
{
    struct text *codes = ARENA_ARRAY(arena, struct text, RECOVERY_CODES);
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        char *at = ARENA_ARRAY(arena, char, CODE_LETTERS + CODE_LETTERS / GROUP);
        size_t len = 0;
        for (size_t j = 0; j < CODE_LETTERS; j++) {
            if (j > 0 && j % GROUP == 0) {
                at[len++] = '-';
            }
            at[len++] = letters[randombytes_uniform(sizeof letters - 1)];
        }
        at[len] = '\0';
        codes[i] = (struct text){at, len};
    }
    return codes;
}

bool recovery_code_parse(struct arena *arena, struct text typed, struct text *ret)
{
    char *at = ARENA_ARRAY(arena, char, CODE_LETTERS + 1);
    size_t len = 0;
    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.at[i];
        if (c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n') {
            continue;
        }
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        c = c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c;
        if (len == CODE_LETTERS ||
            text_find_char(TEXT("0123456789abcdefghjkmnpqrstvwxyz"), c, 0) == SIZE_MAX) {
            return false;
        }
        at[len++] = c;
    }
    at[len] = '\0';
    *ret = (struct text){at, len};
    return len == CODE_LETTERS;
}

static struct text hash_of(struct db_tx *tx, struct text user, struct text code)
{
    struct arena *arena = db_arena(tx);
    return token_hash(arena, text_format(arena, "recovery:%.*s:%.*s", TEXT_ARG(user), TEXT_ARG(code)));
}

bool recovery_codes_set(
    struct db_tx *tx, struct clock *clock, struct text account, struct text user, const struct text *codes)
{
    db_exec(tx, "DELETE FROM recovery_code WHERE account = $1 AND user_id = $2",
        DB_ARGS(db_text(account), db_text(user)));
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        struct text plain;
        if (recovery_code_parse(db_arena(tx), codes[i], &plain)) {
            db_exec(tx,
                "INSERT INTO recovery_code (account, user_id, code_hash, created_at) VALUES ($1, $2, $3, $4)",
                DB_ARGS(db_text(account), db_text(user), db_text(hash_of(tx, user, plain)),
                    db_int(clock_now(clock))));
        }
    }
    return db_ok(tx);
}

bool recovery_code_use(struct db_tx *tx, struct clock *clock, struct text account, struct text user,
    struct text code, bool *ret_good, int64_t *ret_left)
{
    int64_t changed = 0;
    db_exec_changed(tx,
        "UPDATE recovery_code SET used_at = $4 WHERE account = $1 AND user_id = $2 AND code_hash = $3 AND used_at"
        " IS NULL",
        DB_ARGS(db_text(account), db_text(user), db_text(hash_of(tx, user, code)), db_int(clock_now(clock))),
        &changed);
    *ret_good = changed == 1;
    *ret_left = db_number(tx,
        "SELECT count(*) FROM recovery_code WHERE account = $1 AND user_id = $2 AND used_at IS NULL",
        DB_ARGS(db_text(account), db_text(user)), 0);
    return db_ok(tx);
}

bool recovery_code_is_there(struct db_tx *tx, struct text account, struct text user, struct text code)
{
    return db_number(tx,
               "SELECT count(*) FROM recovery_code WHERE account = $1 AND user_id = $2 AND code_hash = $3 AND"
               " used_at IS NULL",
               DB_ARGS(db_text(account), db_text(user), db_text(hash_of(tx, user, code))), 0) == 1;
}
