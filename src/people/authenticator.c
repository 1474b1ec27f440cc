#include "people/authenticator.h"

#include "people/audit.h"
#include "people/authenticator_parts.h"
#include "people/second_factor.h"

/* ---- Setting it up ---- */

struct begin {
    const struct sessions *sessions;
    const struct actor *actor;
    struct text secret;
    int64_t now;
};

static bool begin_write(struct db_tx *tx, void *context)
{
    const struct begin *begin = context;
    const struct actor *actor = begin->actor;
    struct vault_place place = totp_place(actor->account, actor->user);
    struct text sealed = vault_seal(begin->sessions->vault, &place, begin->secret, db_arena(tx));
    return db_exec(tx,
        "INSERT INTO totp (account, user_id, secret_sealed, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT"
        " (account, user_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, created_at ="
        " excluded.created_at, last_step = 0 WHERE totp.confirmed_at IS NULL AND totp.created_at <= $5",
        DB_ARGS(db_text(actor->account), db_text(actor->user), db_bytes(sealed), db_int(begin->now),
            db_int(begin->now - AUTHENTICATOR_WAITS)));
}

bool authenticator_begin(const struct sessions *sessions, const struct actor *actor, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(16 * 1024);
    struct begin begin = {sessions, actor, totp_secret_new(arena), clock_now(sessions->clock)};
    return db_write(sessions->db, begin_write, &begin, problem);
}

struct waiting {
    const struct actor *actor;
    struct arena *arena;
    struct totp_stored stored;
};

static bool waiting_read(struct db_tx *tx, void *context)
{
    struct waiting *waiting = context;
    return totp_stored_read(
        tx, waiting->arena, waiting->actor->account, waiting->actor->user, false, &waiting->stored);
}

bool authenticator_waiting(const struct sessions *sessions, struct arena *arena, const struct actor *actor,
    struct text *ret_secret, struct problem *problem)
{
    struct waiting waiting = {.actor = actor, .arena = arena};
    if (!db_read(sessions->db, waiting_read, &waiting, problem)) {
        return false;
    }
    struct text secret = TEXT_EMPTY;
    if (waiting.stored.found) {
        struct vault_place place = totp_place(actor->account, actor->user);
        if (!vault_unseal(sessions->vault, &place, waiting.stored.sealed, arena, &secret, problem)) {
            return false;
        }
    }
    *ret_secret = secret;
    return true;
}

static bool note(
    struct db_tx *tx, const struct sessions *sessions, const struct actor *actor, enum audit_kind kind)
{
    return audit_add(tx, sessions->clock,
        &(struct audit_entry){
            .account = actor->account, .kind = kind, .actor = actor, .subject = actor->user});
}

static struct user user_of(const struct actor *actor)
{
    return (struct user){.account = actor->account,
        .id = actor->user,
        .name = actor->name,
        .email = actor->email,
        .role = actor->role};
}

struct change {
    const struct sessions *sessions;
    const struct session *session;
    struct text code;
    bool recovery;
    struct authenticator_new made;
    enum code_answer answer;
    bool none; /* there is no app, or none is being set up */
};

static bool confirm_write(struct db_tx *tx, void *context)
{
    struct change *change = context;
    const struct sessions *sessions = change->sessions;
    const struct actor *actor = &change->session->actor;
    struct totp_stored stored = {0};
    bool good = false;
    if (!totp_stored_read(tx, db_arena(tx), actor->account, actor->user, false, &stored)) {
        return false;
    }
    change->none = !stored.found;
    change->answer = CODE_WRONG;
    if (change->none ||
        !totp_step_take(tx, sessions, actor->account, actor->user, false, change->code, &good) || !good) {
        return db_ok(tx);
    }
    change->answer = CODE_GOOD;
    struct user user = user_of(actor);
    recovery_codes_set(tx, sessions->clock, actor->account, actor->user, change->made.codes);
    session_end_others(tx, actor->account, actor->user, change->session->token);
    session_rotate(tx, change->session->token, change->made.token);
    authenticator_tell(tx, sessions, &user, actor->client, PERSON_NOTICE_SECOND_FACTOR_ON, TEXT_EMPTY);
    return note(tx, sessions, actor, AUDIT_SECOND_FACTOR_ON);
}

/* What the answer to a code is to a person. */
static bool answered(enum code_answer answer, struct problem *problem)
{
    switch (answer) {
    case CODE_GOOD:
        return true;
    case CODE_TOO_MANY:
        return problem_set(
            problem, PROBLEM_TOO_MANY, WORD_people_code_too_many, "code", NULL, "too many wrong codes");
    default:
        return problem_set(problem, PROBLEM_INPUT, WORD_people_code_wrong, "code", NULL, "wrong code");
    }
}

bool authenticator_confirm(const struct sessions *sessions, struct arena *arena,
    const struct session *session, struct text code, struct authenticator_new *ret, struct problem *problem)
{
    struct change change = {.sessions = sessions,
        .session = session,
        .code = code,
        .made = {session_token(arena, session->actor.account), recovery_codes_new(arena)}};
    if (!db_write(sessions->db, confirm_write, &change, problem)) {
        return false;
    }
    if (change.none) {
        return problem_set(problem, PROBLEM_CONFLICT, WORD_people_authenticator_none, NULL, NULL, NULL);
    }
    if (!answered(change.answer, problem)) {
        return false;
    }
    *ret = change.made;
    return true;
}

/* ---- Afterwards ---- */

static bool prove_change(struct db_tx *tx, struct change *change)
{
    const struct actor *actor = &change->session->actor;
    struct user user = user_of(actor);
    struct code_proof proof = {.user = &user,
        .code = change->code,
        .recovery = change->recovery,
        .device = change->session->id, /* guesses within a session are counted for it alone */
        .client = actor->client};
    change->none = !second_factor_has(tx, actor->account, actor->user);
    if (change->none || !authenticator_prove(tx, change->sessions, &proof)) {
        return db_ok(tx);
    }
    change->answer = proof.answer;
    return db_ok(tx);
}

static bool off_write(struct db_tx *tx, void *context)
{
    struct change *change = context;
    const struct sessions *sessions = change->sessions;
    const struct actor *actor = &change->session->actor;
    struct user user = user_of(actor);
    change->answer = CODE_WRONG;
    if (!prove_change(tx, change) || change->none || change->answer != CODE_GOOD) {
        return db_ok(tx);
    }
    second_factor_wipe(tx, actor->account, actor->user);
    authenticator_tell(tx, sessions, &user, actor->client, PERSON_NOTICE_SECOND_FACTOR_OFF, TEXT_EMPTY);
    return note(tx, sessions, actor, AUDIT_SECOND_FACTOR_OFF);
}

bool authenticator_off(
    const struct sessions *sessions, const struct session *session, struct text code, struct problem *problem)
{
    struct second_factor has;
    char digits[TOTP_DIGITS + 1];
    struct change change = {
        .sessions = sessions, .session = session, .code = code, .recovery = !totp_digits(code, digits)};
    if (!second_factor_load(sessions, session, &has, problem)) {
        return false;
    }
    if (has.asked) {
        return problem_set(problem, PROBLEM_INPUT, WORD_people_second_factor_asked, NULL, NULL, NULL);
    }
    return db_write(sessions->db, off_write, &change, problem) &&
           (change.none || answered(change.answer, problem)); /* off already: as wanted */
}

static bool renew_write(struct db_tx *tx, void *context)
{
    struct change *change = context;
    const struct sessions *sessions = change->sessions;
    const struct actor *actor = &change->session->actor;
    struct user user = user_of(actor);
    change->answer = CODE_WRONG;
    if (!prove_change(tx, change) || change->none || change->answer != CODE_GOOD) {
        return db_ok(tx);
    }
    recovery_codes_set(tx, sessions->clock, actor->account, actor->user, change->made.codes);
    authenticator_tell(tx, sessions, &user, actor->client, PERSON_NOTICE_RECOVERY_NEW, TEXT_EMPTY);
    return note(tx, sessions, actor, AUDIT_RECOVERY_NEW);
}

bool authenticator_renew(const struct sessions *sessions, struct arena *arena, const struct session *session,
    struct text code, struct text **ret_codes, struct problem *problem)
{
    struct change change = {.sessions = sessions,
        .session = session,
        .code = code,
        .made = {TEXT_EMPTY, recovery_codes_new(arena)}};
    if (!db_write(sessions->db, renew_write, &change, problem)) {
        return false;
    }
    if (change.none) {
        return problem_set(problem, PROBLEM_CONFLICT, WORD_people_authenticator_none, NULL, NULL, NULL);
    }
    if (!answered(change.answer, problem)) {
        return false;
    }
    *ret_codes = change.made.codes;
    return true;
}

struct there {
    const struct actor *actor;
    const struct text *codes;
    size_t count;
    bool all;
};

static bool there_read(struct db_tx *tx, void *context)
{
    struct there *there = context;
    there->all = there->count > 0;
    for (size_t i = 0; i < there->count && there->all; i++) {
        struct text plain;
        there->all = recovery_code_parse(db_arena(tx), there->codes[i], &plain) &&
                     recovery_code_is_there(tx, there->actor->account, there->actor->user, plain);
    }
    return db_ok(tx);
}

bool authenticator_codes_are(const struct sessions *sessions, const struct actor *actor,
    const struct text *codes, size_t count, bool *ret, struct problem *problem)
{
    struct there there = {actor, codes, count, false};
    if (!db_read(sessions->db, there_read, &there, problem)) {
        return false;
    }
    *ret = there.all;
    return true;
}
