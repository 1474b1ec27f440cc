#include "people/sessions.h"

#include <sodium.h>
#include <string.h>

#define TOKEN_SECRET_LEN 43 /* 32 random bytes as base64url */
#define SEEN_STEP (10 * CLOCK_MINUTE)

void sessions_init(struct sessions *sessions, struct db *db, struct clock *clock, struct passwords *passwords,
    const struct vault *vault)
{
    *sessions = (struct sessions){.db = db, .clock = clock, .passwords = passwords, .vault = vault};
    vault_derive(vault, "csrf", sessions->csrf_key);
}

/* Account and secret of a token that looks like one of ours. */
static bool token_split(struct text token, struct text *ret_account)
{
    struct id account;
    unsigned char secret[32];
    size_t dot = text_find_char(token, '.', 0);
    if (dot == SIZE_MAX || dot >= ID_MAX || token.len - dot - 1 != TOKEN_SECRET_LEN) {
        return false;
    }
    if (!id_parse(text_part(token, 0, dot), ACCOUNT_ID_PREFIX, &account) ||
        !text_unbase64url(text_part(token, dot + 1, SIZE_MAX), secret, sizeof secret)) {
        return false;
    }
    *ret_account = text_part(token, 0, dot);
    return true;
}

struct session_read {
    struct text account, hash;
    struct arena *arena;
    struct session *ret;
    int64_t now;
    bool found;
    bool seen_long_ago;
};

static bool session_select(struct db_tx *tx, void *context)
{
    struct session_read *read = context;
    struct actor *actor = &read->ret->actor;
    read->found = false;
    DB_ROWS rows = db_query(tx,
        "SELECT s.created_at, s.seen_at, u.id, u.name, u.email, u.role, u.time_zone, u.theme, a.name, a.id"
        " FROM session s JOIN app_user u ON u.account = s.account AND u.id = s.user_id JOIN account a ON"
        " a.id = s.account WHERE s.account = $1 AND s.token_hash = $2 AND s.created_at > $3 AND s.seen_at >"
        " $4 AND u.removed_at IS NULL",
        DB_ARGS(db_text(read->account), db_text(read->hash), db_int(read->now - SESSION_LIFE),
            db_int(read->now - SESSION_IDLE)));
    if (db_next(rows)) {
        read->found = true;
        read->ret->created_at = db_col_int(rows, 0);
        read->seen_long_ago = read->now - db_col_int(rows, 1) > SEEN_STEP;
        *actor = (struct actor){.user = db_col_copy(rows, 2, read->arena),
            .name = db_col_copy(rows, 3, read->arena),
            .email = db_col_copy(rows, 4, read->arena),
            .role = ROLE_AGENT,
            .language = LANGUAGE_EN,
            .time_zone = db_col_copy(rows, 6, read->arena),
            .theme = db_col_copy(rows, 7, read->arena),
            .account_name = db_col_copy(rows, 8, read->arena),
            .account = db_col_copy(rows, 9, read->arena)};
        role_from(db_col_text(rows, 5), &actor->role);
    }
    return db_ok(tx);
}

static bool session_touch(struct db_tx *tx, void *context)
{
    struct session_read *read = context;
    db_exec(tx, "UPDATE session SET seen_at = $3 WHERE account = $1 AND token_hash = $2 AND seen_at < $3",
        DB_ARGS(db_text(read->account), db_text(read->hash), db_int(read->now)));
    return db_ok(tx);
}

bool session_find(const struct sessions *sessions, struct arena *arena, struct text token,
    struct session *ret, struct problem *problem)
{
    struct session session = {.token = token};
    struct session_read read = {.arena = arena, .ret = &session, .now = clock_now(sessions->clock)};
    bool is_token = token_split(token, &read.account);
    if (is_token) {
        read.hash = token_hash(arena, token);
        if (!db_read(sessions->db, session_select, &read, problem)) {
            return false;
        }
    }
    if (!read.found) {
        return problem_set(problem, PROBLEM_SIGN_IN, WORD_people_signed_out, NULL, NULL, NULL);
    }
    if (read.seen_long_ago && !db_write(sessions->db, session_touch, &read, problem)) {
        return false;
    }
    *ret = session;
    return true;
}

static bool session_delete(struct db_tx *tx, void *context)
{
    struct session_read *read = context;
    db_exec(tx, "DELETE FROM session WHERE account = $1 AND token_hash = $2",
        DB_ARGS(db_text(read->account), db_text(read->hash)));
    return db_ok(tx);
}

bool session_end(const struct sessions *sessions, struct text token, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(16 * 1024);
    struct session_read read = {0};
    if (!token_split(token, &read.account)) {
        return true;
    }
    read.hash = token_hash(arena, token);
    return db_write(sessions->db, session_delete, &read, problem);
}

struct user_of_account {
    struct text account, user;
};

static bool session_delete_all(struct db_tx *tx, void *context)
{
    struct user_of_account *of = context;
    db_exec(tx, "DELETE FROM session WHERE account = $1 AND user_id = $2",
        DB_ARGS(db_text(of->account), db_text(of->user)));
    return db_ok(tx);
}

bool session_end_all(
    const struct sessions *sessions, struct text account, struct text user, struct problem *problem)
{
    struct user_of_account of = {account, user};
    return db_write(sessions->db, session_delete_all, &of, problem);
}

struct text csrf_token(const struct sessions *sessions, struct arena *arena, struct text cookie_token)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256(mac, (const unsigned char *)cookie_token.at, cookie_token.len, sessions->csrf_key);
    return text_base64url(arena, mac, sizeof mac);
}

bool csrf_is_good(
    const struct sessions *sessions, struct arena *arena, struct text cookie_token, struct text given)
{
    return cookie_token.len > 0 && text_equal_secret(csrf_token(sessions, arena, cookie_token), given);
}
