/* Proving who one is by a code: of the app, or a recovery code. */
#include "people/audit.h"
#include "people/authenticator_parts.h"

struct vault_place totp_place(struct text account, struct text user)
{
    return sealed_place(SEALED_TOTP, account, user);
}

bool totp_stored_read(struct db_tx *tx, struct arena *arena, struct text account, struct text user,
    bool confirmed, struct totp_stored *ret)
{
    DB_ROWS rows = db_query(tx,
        "SELECT secret_sealed, last_step FROM totp WHERE account = $1 AND user_id = $2 AND CASE WHEN confirmed_at"
        " IS NULL THEN 0 ELSE 1 END = $3",
        DB_ARGS(db_text(account), db_text(user), db_int(confirmed)));
    ret->found = db_next(rows);
    if (ret->found) {
        ret->sealed = text_copy(arena, db_col_bytes(rows, 0));
        ret->last_step = db_col_int(rows, 1);
    }
    return db_ok(tx);
}

bool totp_step_take(struct db_tx *tx, const struct sessions *sessions, struct text account, struct text user,
    bool confirmed, struct text typed, bool *ret_good)
{
    struct totp_stored stored = {0};
    char digits[TOTP_DIGITS + 1];
    int64_t step = 0, changed = 0, now = clock_now(sessions->clock);
    *ret_good = false;
    if (!totp_stored_read(tx, db_arena(tx), account, user, confirmed, &stored)) {
        return false;
    }
    if (!stored.found || !totp_digits(typed, digits)) {
        return true;
    }
    struct problem problem = {0};
    struct text secret;
    struct vault_place place = totp_place(account, user);
    if (!vault_unseal(sessions->vault, &place, stored.sealed, db_arena(tx), &secret, &problem)) {
        return db_fail(tx, &problem);
    }
    if (!totp_check(secret, digits, now, stored.last_step, &step)) {
        return true;
    }
    db_exec_changed(tx,
        "UPDATE totp SET last_step = $3, confirmed_at = COALESCE(confirmed_at, $4) WHERE account = $1 AND user_id"
        " = $2 AND last_step < $3",
        DB_ARGS(db_text(account), db_text(user), db_int(step), db_int(now)), &changed);
    *ret_good = changed == 1;
    return db_ok(tx);
}

bool authenticator_tell(struct db_tx *tx, const struct sessions *sessions, const struct user *user,
    struct text client, enum person_notice_kind kind, struct text about)
{
    return person_mail_queue(tx, sessions->clock, sessions->vault,
        &(struct person_mail_new){.account = user->account,
            .kind = kind,
            .to_name = user->name,
            .to_address = user->email,
            .client = client,
            .about = about,
            .link = TEXT("/settings/security")});
}

static int64_t tries_of(struct db_tx *tx, const struct code_proof *proof, int64_t now)
{
    return db_number(tx,
        "SELECT count(*) FROM code_try WHERE account = $1 AND user_id = $2 AND device = $3 AND at > $4",
        DB_ARGS(db_text(proof->user->account), db_text(proof->user->id), db_text(proof->device),
            db_int(now - CODE_TRIES_WINDOW)),
        CODE_TRIES_MAX);
}

static bool count_wrong(struct db_tx *tx, const struct sessions *sessions, const struct code_proof *proof,
    int64_t before, int64_t now)
{
    const struct user *user = proof->user;
    struct id id = id_new(sessions->clock, "try");
    db_exec(tx, "DELETE FROM code_try WHERE account = $1 AND user_id = $2 AND at <= $3",
        DB_ARGS(db_text(user->account), db_text(user->id), db_int(now - CODE_TRIES_WINDOW)));
    db_exec(tx, "INSERT INTO code_try (account, user_id, id, device, at) VALUES ($1, $2, $3, $4, $5)",
        DB_ARGS(db_text(user->account), db_text(user->id), db_text(id_text(&id)), db_text(proof->device),
            db_int(now)));
    audit_add(tx, sessions->clock,
        &(struct audit_entry){.account = user->account,
            .kind = AUDIT_CODE_WRONG,
            .client = proof->client,
            .subject = user->id,
            .about = user->name});
    return before + 1 != CODE_TRIES_TELL ||
           authenticator_tell(tx, sessions, user, proof->client, PERSON_NOTICE_CODES_WRONG, TEXT_EMPTY);
}

static bool prove_app(struct db_tx *tx, const struct sessions *sessions, struct code_proof *proof)
{
    const struct user *user = proof->user;
    int64_t now = clock_now(sessions->clock), before = tries_of(tx, proof, now);
    bool good = false;
    if (before >= CODE_TRIES_MAX) {
        proof->answer = CODE_TOO_MANY;
        return db_ok(tx);
    }
    if (!totp_step_take(tx, sessions, user->account, user->id, true, proof->code, &good)) {
        return false;
    }
    proof->answer = good ? CODE_GOOD : CODE_WRONG;
    if (!good) {
        return count_wrong(tx, sessions, proof, before, now);
    }
    return db_exec(tx, "DELETE FROM code_try WHERE account = $1 AND user_id = $2 AND device = $3",
        DB_ARGS(db_text(user->account), db_text(user->id), db_text(proof->device)));
}

static bool prove_recovery(struct db_tx *tx, const struct sessions *sessions, struct code_proof *proof)
{
    const struct user *user = proof->user;
    struct text plain;
    bool good = false;
    int64_t left = 0;
    if (recovery_code_parse(db_arena(tx), proof->code, &plain) &&
        !recovery_code_use(tx, sessions->clock, user->account, user->id, plain, &good, &left)) {
        return false;
    }
    proof->answer = good ? CODE_GOOD : CODE_WRONG;
    if (!good) {
        return db_ok(tx);
    }
    struct text count = text_format(db_arena(tx), "%lld", (long long)left);
    authenticator_tell(tx, sessions, user, proof->client,
        left <= RECOVERY_FEW ? PERSON_NOTICE_RECOVERY_FEW : PERSON_NOTICE_RECOVERY_USED, count);
    return audit_add(tx, sessions->clock,
        &(struct audit_entry){.account = user->account,
            .kind = AUDIT_RECOVERY_USED,
            .client = proof->client,
            .subject = user->id,
            .about = user->name});
}

bool authenticator_prove(struct db_tx *tx, const struct sessions *sessions, struct code_proof *proof)
{
    return proof->recovery ? prove_recovery(tx, sessions, proof) : prove_app(tx, sessions, proof);
}
