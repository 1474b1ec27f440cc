#include "people/sessions.h"

#include <sodium.h>
#include <string.h>

#include "people/audit.h"
#include "people/browser_name.h"
#include "people/known_device.h"
#include "people/new_sign_in.h"
#include "people/second_factor.h"
#include "people/sign_in_parts.h"

#define TOKEN_SECRET_LEN 43 /* 32 random bytes as base64url */
#define SEEN_STEP (10 * CLOCK_MINUTE)

static const char *const how_names[SESSION_HOW_COUNT] = {[SESSION_BY_PASSWORD] = "password",
    [SESSION_BY_CODE] = "code",
    [SESSION_BY_RECOVERY] = "recovery",
    [SESSION_BY_PASSKEY] = "passkey"};

const char *session_how_name(enum session_how how)
{
    return how_names[how];
}

enum session_how session_how_of(struct text name)
{
    for (int i = 0; i < SESSION_HOW_COUNT; i++) {
        if (text_is(name, how_names[i])) {
            return (enum session_how)i;
        }
    }
    return SESSION_BY_PASSWORD;
}

void sessions_init(struct sessions *sessions, struct db *db, struct clock *clock, struct passwords *passwords,
    const struct vault *vault)
{
    *sessions = (struct sessions){.db = db,
        .clock = clock,
        .passwords = passwords,
        .vault = vault,
        .idle = SESSION_IDLE,
        .life = SESSION_LIFE};
    vault_derive(vault, "csrf", sessions->csrf_key);
}

struct text session_token(struct arena *arena, struct text account)
{
    return text_format(arena, "%.*s.%.*s", TEXT_ARG(account), TEXT_ARG(token_new(arena, 32)));
}

bool session_token_account(struct text token, struct text *ret_account)
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

/* ---- Making ---- */

static void end_replaced(struct db_tx *tx, struct text token)
{
    struct text account;
    if (session_token_account(token, &account)) {
        db_exec(tx, "DELETE FROM session WHERE account = $1 AND token_hash = $2",
            DB_ARGS(db_text(account), db_text(token_hash(db_arena(tx), token))));
    }
}

bool session_make(struct db_tx *tx, const struct sessions *sessions, const struct session_new *session)
{
    const struct user *user = session->user;
    int64_t now = clock_now(sessions->clock);
    struct id id = id_new(sessions->clock, SESSION_ID_PREFIX);
    struct device_keep device = {.account = user->account,
        .user = user->id,
        .cookie = session->device_cookie,
        .token = session->device_token,
        .now = now};
    struct actor actor = {.account = user->account,
        .user = user->id,
        .name = user->name,
        .role = user->role,
        .client = session->client};
    device_keep(tx, sessions->clock, &device);
    end_replaced(tx, session->replaces);
    db_exec(tx,
        "DELETE FROM session WHERE account = $1 AND user_id = $2 AND (created_at <= $3 OR seen_at <= $4)",
        DB_ARGS(db_text(user->account), db_text(user->id), db_int(now - sessions->life),
            db_int(now - sessions->idle)));
    db_exec(tx,
        "INSERT INTO session (account, token_hash, user_id, created_at, seen_at, id, client, browser, how, device)"
        " VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9)",
        DB_ARGS(db_text(user->account), db_text(token_hash(db_arena(tx), session->token)), db_text(user->id),
            db_int(now), db_text(id_text(&id)), db_text(session->client), db_text(session->browser),
            db_text(text_from(how_names[session->how])), db_text(device.id)));
    if (session->ret_device_cookie != NULL) {
        *session->ret_device_cookie = device.new_cookie;
    }
    db_exec(tx, "UPDATE app_user SET signed_in_at = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(user->account), db_text(user->id), db_int(now)));
    new_sign_in(tx, sessions->clock, sessions->vault,
        &(struct new_sign_in){.user = user,
            .client = session->client,
            .browser = browser_name_say(db_arena(tx), LANGUAGE_EN, session->browser)});
    return audit_add(tx, sessions->clock,
        &(struct audit_entry){
            .account = user->account, .kind = AUDIT_SIGNED_IN, .actor = &actor, .subject = id_text(&id)});
}

/* ---- Finding ---- */

struct session_read {
    const struct sessions *sessions;
    struct text account, hash;
    struct arena *arena;
    struct session *ret;
    int64_t now;
    bool found;
    bool seen_long_ago;
};

static struct actor actor_read(struct db_rows *rows, struct arena *arena)
{
    struct actor actor = {.user = db_col_copy(rows, 2, arena),
        .name = db_col_copy(rows, 3, arena),
        .email = db_col_copy(rows, 4, arena),
        .role = ROLE_AGENT,
        .language = LANGUAGE_EN,
        .time_zone = db_col_copy(rows, 6, arena),
        .theme = db_col_copy(rows, 7, arena),
        .account_name = db_col_copy(rows, 8, arena),
        .account = db_col_copy(rows, 9, arena)};
    role_from(db_col_text(rows, 5), &actor.role);
    return actor;
}

static bool session_select(struct db_tx *tx, void *context)
{
    struct session_read *read = context;
    struct session *session = read->ret;
    enum second_factor_rule rule = SECOND_FACTOR_FREE;
    read->found = false;
    {
        DB_ROWS rows = db_query(tx,
            "SELECT s.created_at, s.seen_at, u.id, u.name, u.email, u.role, u.time_zone, u.theme, a.name, a.id,"
            " s.how, COALESCE(s.id, 'ses_' || substr(s.token_hash, 1, 32)), a.second_factor"
            " FROM session s JOIN app_user u ON u.account = s.account AND u.id = s.user_id JOIN account a ON"
            " a.id = s.account WHERE s.account = $1 AND s.token_hash = $2 AND s.created_at > $3 AND s.seen_at >"
            " $4 AND u.removed_at IS NULL",
            DB_ARGS(db_text(read->account), db_text(read->hash), db_int(read->now - read->sessions->life),
                db_int(read->now - read->sessions->idle)));
        if (!db_next(rows)) {
            return db_ok(tx);
        }
        read->found = true;
        session->created_at = db_col_int(rows, 0);
        read->seen_long_ago = read->now - db_col_int(rows, 1) > SEEN_STEP;
        session->actor = actor_read(rows, read->arena);
        session->how = session_how_of(db_col_text(rows, 10));
        session->id = db_col_copy(rows, 11, read->arena);
        rule = second_factor_rule_of(db_col_text(rows, 12));
    }
    struct text account = session->actor.account, user = session->actor.user;
    if (session->how == SESSION_BY_PASSWORD &&
        second_factor_is_passkey(tx, read->sessions, rule, account, user, session->actor.role)) {
        read->found = false; /* it was begun before the account asked for more */
        return db_ok(tx);
    }
    session->must_set_up = session->how != SESSION_BY_PASSKEY &&
                           second_factor_is_asked(read->sessions, rule, session->actor.role) &&
                           !second_factor_has(tx, account, user);
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
    struct session_read read = {
        .sessions = sessions, .arena = arena, .ret = &session, .now = clock_now(sessions->clock)};
    bool is_token = session_token_account(token, &read.account);
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

bool session_is_fresh(const struct sessions *sessions, const struct session *session)
{
    return clock_now(sessions->clock) - session->created_at <= SESSION_FRESH;
}

/* ---- Forged requests ---- */

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
