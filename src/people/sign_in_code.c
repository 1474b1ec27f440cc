/* Signing in, the second step. Everything happens in one transaction: the half session's try, the code, the session. */
#include "people/authenticator.h"
#include "people/known_device.h"
#include "people/sign_in.h"
#include "people/sign_in_parts.h"

struct finish {
    const struct sessions *sessions;
    const struct sign_in_code *code;
    struct text account, hash;
    struct text token, device_token;
    struct arena *arena;
    bool waits; /* out: the half session was there, and had tries left */
    enum code_answer answer;
    struct text device_cookie;
};

/* Takes one of the half session's tries. */
static bool half_take(struct db_tx *tx, struct finish *finish, int64_t now, struct text *ret_user)
{
    int64_t changed = 0;
    db_exec_changed(tx,
        "UPDATE half_session SET tries = tries + 1 WHERE account = $1 AND token_hash = $2 AND created_at > $3 AND"
        " tries < $4",
        DB_ARGS(db_text(finish->account), db_text(finish->hash), db_int(now - HALF_SESSION_LIFE),
            db_int(HALF_SESSION_TRIES)),
        &changed);
    if (changed == 0) {
        return false;
    }
    DB_ROWS rows = db_query(tx, "SELECT user_id FROM half_session WHERE account = $1 AND token_hash = $2",
        DB_ARGS(db_text(finish->account), db_text(finish->hash)));
    bool found = db_next(rows);
    if (found) {
        *ret_user = db_col_copy(rows, 0, db_arena(tx));
    }
    return found;
}

static bool session_begin_by(struct db_tx *tx, struct finish *finish, const struct user *user)
{
    const struct sign_in_code *code = finish->code;
    struct text cookie = TEXT_EMPTY;
    db_exec(tx, "DELETE FROM half_session WHERE account = $1 AND token_hash = $2",
        DB_ARGS(db_text(finish->account), db_text(finish->hash)));
    struct session_new session = {.user = user,
        .how = code->recovery ? SESSION_BY_RECOVERY : SESSION_BY_CODE,
        .client = code->client,
        .browser = code->browser,
        .token = finish->token,
        .replaces = code->replaces,
        .device_cookie = code->device_cookie,
        .device_token = finish->device_token,
        .ret_device_cookie = &cookie};
    bool made = session_make(tx, finish->sessions, &session);
    finish->device_cookie = text_copy(finish->arena, cookie);
    return made;
}

static bool finish_write(struct db_tx *tx, void *context)
{
    struct finish *finish = context;
    const struct sign_in_code *code = finish->code;
    int64_t now = clock_now(finish->sessions->clock);
    struct text id = TEXT_EMPTY;
    struct user user;
    finish->answer = CODE_WRONG;
    finish->waits = half_take(tx, finish, now, &id) &&
                    user_by_id(tx, db_arena(tx), finish->account, id, &user) && !user.removed;
    if (!finish->waits) {
        return db_ok(tx);
    }
    struct code_proof proof = {.user = &user,
        .code = code->code,
        .recovery = code->recovery,
        .device = device_find(tx, db_arena(tx), now, user.account, user.id, code->device_cookie),
        .client = code->client};
    if (!authenticator_prove(tx, finish->sessions, &proof)) {
        return false;
    }
    finish->answer = proof.answer;
    return proof.answer == CODE_GOOD ? session_begin_by(tx, finish, &user) : db_ok(tx);
}

bool sign_in_finish(const struct sessions *sessions, struct arena *arena, const struct sign_in_code *code,
    struct signed_in *ret, struct problem *problem)
{
    struct finish finish = {
        .sessions = sessions, .code = code, .device_token = device_token(arena), .arena = arena};
    if (session_token_account(code->half, &finish.account)) {
        finish.hash = token_hash(arena, code->half);
        finish.token = session_token(arena, finish.account);
        if (!db_write(sessions->db, finish_write, &finish, problem)) {
            return false;
        }
    }
    if (!finish.waits) {
        return problem_set(problem, PROBLEM_SIGN_IN, WORD_people_half_over, NULL, NULL, NULL);
    }
    if (finish.answer == CODE_TOO_MANY) {
        return problem_set(
            problem, PROBLEM_TOO_MANY, WORD_people_code_too_many, "code", NULL, "too many wrong codes");
    }
    if (finish.answer == CODE_WRONG) {
        return problem_set(problem, PROBLEM_INPUT,
            code->recovery ? WORD_people_recovery_wrong : WORD_people_code_wrong, "code", NULL, "wrong code");
    }
    *ret = (struct signed_in){.token = finish.token, .device_cookie = finish.device_cookie};
    return true;
}

static bool is_half_read(struct db_tx *tx, void *context)
{
    struct finish *finish = context;
    finish->waits =
        db_number(tx,
            "SELECT count(*) FROM half_session WHERE account = $1 AND token_hash = $2 AND created_at > $3 AND"
            " tries < $4",
            DB_ARGS(db_text(finish->account), db_text(finish->hash),
                db_int(clock_now(finish->sessions->clock) - HALF_SESSION_LIFE), db_int(HALF_SESSION_TRIES)),
            0) > 0;
    return db_ok(tx);
}

bool sign_in_is_half(const struct sessions *sessions, struct text half, bool *ret, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(16 * 1024);
    struct finish finish = {.sessions = sessions};
    if (session_token_account(half, &finish.account)) {
        finish.hash = token_hash(arena, half);
        if (!db_read(sessions->db, is_half_read, &finish, problem)) {
            return false;
        }
    }
    *ret = finish.waits;
    return true;
}
