/* Signing in with a passkey. */
#include "people/audit.h"
#include "people/known_device.h"
#include "people/passkeys.h"
#include "people/person_mail.h"

/* The owner of a credential, and what is known of it. */
struct known {
    struct text hash; /* of the credential's id */
    struct arena *arena;
    bool found;
    struct text passkey, name;
    struct user user;
    struct webauthn_credential credential;
};

static bool known_select(struct db_tx *tx, void *context)
{
    struct known *known = context;
    struct text account, user;
    known->found = false;
    {
        DB_ROWS rows = db_query(tx,
            "SELECT p.account, p.user_id, p.id, p.name, p.alg, p.public_key, p.counter, p.backup_eligible,"
            " p.backed_up FROM passkey_credential c JOIN passkey p ON p.account = c.account AND p.id ="
            " c.passkey WHERE c.credential_hash = $1",
            DB_ARGS(db_text(known->hash)));
        if (!db_next(rows) ||
            !cose_key_from(db_col_int(rows, 4), db_col_bytes(rows, 5), &known->credential.key)) {
            return db_ok(tx);
        }
        account = db_col_copy(rows, 0, known->arena);
        user = db_col_copy(rows, 1, known->arena);
        known->passkey = db_col_copy(rows, 2, known->arena);
        known->name = db_col_copy(rows, 3, known->arena);
        known->credential.counter = (uint32_t)db_col_int(rows, 6);
        known->credential.backup_eligible = db_col_int(rows, 7) != 0;
        known->credential.backed_up = db_col_int(rows, 8) != 0;
    }
    known->found = user_by_id(tx, known->arena, account, user, &known->user) && !known->user.removed;
    return db_ok(tx);
}

struct entry {
    const struct passkeys *passkeys;
    const struct passkey_sign_in *sign_in;
    const struct known *known;
    struct arena *arena;
    struct text challenge, token, device_token;
    uint32_t counter;
    bool backed_up;
    bool copied;               /* out */
    struct text device_cookie; /* out, in `arena` */
};

static bool refused(struct problem *problem, const char *why)
{
    return problem_set(problem, PROBLEM_INPUT, WORD_passkey_refused, NULL, NULL, "passkey: %s", why);
}

/* An answer that is right, by a key that is in two places: nobody is let in, and its owner is told. */
static bool copied_tell(struct db_tx *tx, const struct entry *entry)
{
    const struct user *user = &entry->known->user;
    struct clock *clock = entry->passkeys->sessions->clock;
    audit_add(tx, clock,
        &(struct audit_entry){.account = user->account,
            .kind = AUDIT_PASSKEY_COPIED,
            .client = entry->sign_in->client,
            .subject = entry->known->passkey,
            .about = entry->known->name});
    return person_mail_queue(tx, clock, entry->passkeys->vault,
        &(struct person_mail_new){.account = user->account,
            .kind = PERSON_NOTICE_PASSKEY_COPIED,
            .to_name = user->name,
            .to_address = user->email,
            .client = entry->sign_in->client,
            .about = entry->known->name});
}

static bool entry_write(struct db_tx *tx, void *context)
{
    struct entry *entry = context;
    const struct sessions *sessions = entry->passkeys->sessions;
    const struct user *user = &entry->known->user;
    entry->copied = false;
    /* Of two answers at the same moment, the later one sees what the earlier one counted. */
    int64_t was = db_number(tx, "SELECT counter FROM passkey WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(user->account), db_text(entry->known->passkey)), -1);
    if (!db_ok(tx) || !passkey_challenge_use(tx, sessions->clock, entry->challenge)) {
        return false;
    }
    if (was < 0) {
        struct problem problem = {0};
        refused(&problem, "removed meanwhile");
        return db_fail(tx, &problem);
    }
    if (!webauthn_counter_follows((uint32_t)was, entry->counter)) {
        entry->copied = true;
        return copied_tell(tx, entry);
    }
    db_exec(tx,
        "UPDATE passkey SET counter = $3, backed_up = $4, last_used_at = $5 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(user->account), db_text(entry->known->passkey), db_int(entry->counter),
            db_int(entry->backed_up), db_int(clock_now(sessions->clock))));
    struct text cookie = TEXT_EMPTY;
    bool made = session_make(tx, sessions,
        &(struct session_new){.user = user,
            .how = SESSION_BY_PASSKEY,
            .client = entry->sign_in->client,
            .browser = entry->sign_in->browser,
            .token = entry->token,
            .replaces = entry->sign_in->replaces,
            .device_cookie = entry->sign_in->device_cookie,
            .device_token = entry->device_token,
            .ret_device_cookie = &cookie});
    entry->device_cookie = text_copy(entry->arena, cookie);
    return made;
}

/* What the browser brought, decoded, and the challenge that it says it answers. */
struct answer {
    struct webauthn_assertion assertion;
    struct text credential, challenge;
};

static bool answer_read(const struct passkeys *passkeys, struct arena *arena,
    const struct passkey_sign_in *sign_in, struct answer *ret)
{
    struct answer answer;
    if (!passkeys->available ||
        !passkey_decode(arena, sign_in->credential, WEBAUTHN_CREDENTIAL_MAX, &answer.credential) ||
        !passkey_decode(
            arena, sign_in->client_data, WEBAUTHN_CLIENT_DATA_MAX, &answer.assertion.client_data) ||
        !passkey_decode(arena, sign_in->auth_data, WEBAUTHN_AUTH_DATA_MAX, &answer.assertion.auth_data) ||
        !passkey_decode(arena, sign_in->signature, WEBAUTHN_SIGNATURE_MAX, &answer.assertion.signature) ||
        !webauthn_client_challenge(arena, answer.assertion.client_data, &answer.challenge) ||
        !passkey_challenge_is_good(
            passkeys, arena, PASSKEY_TO_SIGN_IN, sign_in->cookie_token, answer.challenge)) {
        return false;
    }
    *ret = answer;
    return true;
}

bool passkey_sign_in(const struct passkeys *passkeys, struct arena *arena,
    const struct passkey_sign_in *sign_in, struct signed_in *ret, struct problem *problem)
{
    struct answer answer;
    struct entry entry = {.passkeys = passkeys, .sign_in = sign_in, .arena = arena};
    if (!answer_read(passkeys, arena, sign_in, &answer)) {
        return refused(problem, "not readable, or too late");
    }
    struct text encoded = text_base64url(arena, answer.credential.at, answer.credential.len);
    struct known known = {.hash = token_hash(arena, encoded), .arena = arena};
    if (!db_read(passkeys->sessions->db, known_select, &known, problem)) {
        return false;
    }
    if (!known.found) {
        return refused(problem, "unknown");
    }
    if (!text_equal_secret(
            passkey_user_handle(passkeys, arena, known.user.account, known.user.id), sign_in->user_handle)) {
        return refused(problem, "of another person");
    }
    if (!webauthn_assert(&passkeys->rp, answer.challenge, &known.credential, &answer.assertion,
            &entry.counter, &entry.backed_up, problem)) {
        return false;
    }
    entry.known = &known;
    entry.challenge = answer.challenge;
    entry.token = session_token(arena, known.user.account);
    entry.device_token = device_token(arena);
    if (!db_write(passkeys->sessions->db, entry_write, &entry, problem)) {
        return false;
    }
    if (entry.copied) {
        return refused(problem, "its counter does not go up");
    }
    *ret = (struct signed_in){.token = entry.token, .device_cookie = entry.device_cookie};
    return true;
}
