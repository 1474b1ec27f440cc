#include "people/passkeys.h"

#include "people/audit.h"
#include "people/person_mail.h"

struct passkey_read {
    const struct actor *actor;
    struct arena *arena;
    struct text id; /* empty: all */
    struct passkey *passkeys;
    size_t count;
};

static bool passkey_select(struct db_tx *tx, void *context)
{
    struct passkey_read *read = context;
    read->count = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT id, name, credential, created_at, last_used_at, backed_up FROM passkey WHERE account = $1 AND"
        " user_id = $2 AND (id = $3 OR $3 = '') ORDER BY created_at, id LIMIT $4",
        DB_ARGS(db_text(read->actor->account), db_text(read->actor->user), db_text(read->id),
            db_int(PASSKEYS_MAX)));
    while (read->count < PASSKEYS_MAX && db_next(rows)) {
        read->passkeys[read->count++] = (struct passkey){.id = db_col_copy(rows, 0, read->arena),
            .name = db_col_copy(rows, 1, read->arena),
            .credential = db_col_copy(rows, 2, read->arena),
            .created_at = db_col_int(rows, 3),
            .last_used_at = db_col_int(rows, 4),
            .backed_up = db_col_int(rows, 5) != 0};
    }
    return db_ok(tx);
}

bool passkey_list(const struct passkeys *passkeys, struct arena *arena, const struct actor *actor,
    struct passkey **ret, size_t *ret_count, struct problem *problem)
{
    struct passkey_read read = {.actor = actor,
        .arena = arena,
        .id = TEXT_EMPTY,
        .passkeys = ARENA_ARRAY(arena, struct passkey, PASSKEYS_MAX)};
    if (!db_read(passkeys->sessions->db, passkey_select, &read, problem)) {
        return false;
    }
    *ret = read.passkeys;
    *ret_count = read.count;
    return true;
}

bool passkey_get(const struct passkeys *passkeys, struct arena *arena, const struct actor *actor,
    struct text id, struct passkey *ret, struct problem *problem)
{
    struct id parsed;
    struct passkey_read read = {.actor = actor,
        .arena = arena,
        .id = id,
        .passkeys = ARENA_ARRAY(arena, struct passkey, PASSKEYS_MAX)};
    if (!id_parse(id, PASSKEY_ID_PREFIX, &parsed)) {
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    }
    if (!db_read(passkeys->sessions->db, passkey_select, &read, problem)) {
        return false;
    }
    if (read.count == 0) {
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    }
    *ret = read.passkeys[0];
    return true;
}

static bool name_parse(struct arena *arena, struct text typed, struct text *ret, struct problem *problem)
{
    struct text name = text_one_line(arena, typed);
    if (name.len == 0) {
        return problem_set(problem, PROBLEM_INPUT, WORD_passkey_name_missing, "name", NULL, NULL);
    }
    if (text_length(name) > PASSKEY_NAME_MAX) {
        return problem_set(problem, PROBLEM_INPUT, WORD_passkey_name_long, "name", NULL, NULL);
    }
    *ret = name;
    return true;
}

/* Writes down what was done to a passkey, and tells its owner. */
static bool passkey_tell(struct db_tx *tx, const struct passkeys *passkeys, const struct actor *actor,
    enum audit_kind kind, enum person_notice_kind notice, struct text id, struct text name)
{
    struct clock *clock = passkeys->sessions->clock;
    audit_add(tx, clock,
        &(struct audit_entry){
            .account = actor->account, .kind = kind, .actor = actor, .subject = id, .about = name});
    return person_mail_queue(tx, clock, passkeys->vault,
        &(struct person_mail_new){.account = actor->account,
            .kind = notice,
            .to_name = actor->name,
            .to_address = actor->email,
            .actor = actor,
            .about = name});
}

struct passkey_write {
    const struct passkeys *passkeys;
    const struct actor *actor;
    const struct webauthn_credential *credential;
    struct text id, name;
    struct text encoded, hash; /* of the credential's id */
    struct text challenge;
};

/* Whether the credential is known already: of the person, then it was added before, or of another, then it is refused. */
static bool credential_is_known(struct db_tx *tx, const struct passkey_write *write, bool *ret_known)
{
    DB_ROWS rows = db_query(tx,
        "SELECT p.account, p.user_id FROM passkey_credential c JOIN passkey p ON p.account = c.account AND p.id"
        " = c.passkey WHERE c.credential_hash = $1",
        DB_ARGS(db_text(write->hash)));
    *ret_known = db_next(rows);
    if (*ret_known && (!text_equal(db_col_text(rows, 0), write->actor->account) ||
                          !text_equal(db_col_text(rows, 1), write->actor->user))) {
        struct problem problem = {0};
        problem_set(&problem, PROBLEM_INPUT, WORD_passkey_refused, NULL, NULL, "passkey: of somebody else");
        return db_fail(tx, &problem);
    }
    return db_ok(tx);
}

static bool passkey_insert(struct db_tx *tx, void *context)
{
    const struct passkey_write *write = context;
    const struct webauthn_credential *credential = write->credential;
    const struct actor *actor = write->actor;
    struct clock *clock = write->passkeys->sessions->clock;
    bool known = false;
    if (!credential_is_known(tx, write, &known) || known) {
        return db_ok(tx);
    }
    if (!passkey_challenge_use(tx, clock, write->challenge)) {
        return false;
    }
    if (passkeys_count(tx, actor->account, actor->user) >= PASSKEYS_MAX) {
        struct problem problem = {0};
        problem_set(&problem, PROBLEM_INPUT, WORD_passkey_too_many, "name", NULL, NULL);
        return db_fail(tx, &problem);
    }
    db_exec(tx,
        "INSERT INTO passkey (account, id, user_id, credential, credential_hash, alg, public_key, counter,"
        " backup_eligible, backed_up, name, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
        " $12)",
        DB_ARGS(db_text(actor->account), db_text(write->id), db_text(actor->user), db_text(write->encoded),
            db_text(write->hash), db_int(credential->key.alg), db_bytes(cose_key_bytes(&credential->key)),
            db_int(credential->counter), db_int(credential->backup_eligible), db_int(credential->backed_up),
            db_text(write->name), db_int(clock_now(clock))));
    db_exec(tx, "INSERT INTO passkey_credential (credential_hash, account, passkey) VALUES ($1, $2, $3)",
        DB_ARGS(db_text(write->hash), db_text(actor->account), db_text(write->id)));
    return passkey_tell(
        tx, write->passkeys, actor, AUDIT_PASSKEY_ADDED, PERSON_NOTICE_PASSKEY_ADDED, write->id, write->name);
}

bool passkey_add(const struct passkeys *passkeys, struct arena *arena, const struct session *session,
    const struct passkey_new *passkey, struct problem *problem)
{
    struct webauthn_registration registration;
    struct webauthn_credential credential;
    struct text name, challenge;
    if (!name_parse(arena, passkey->name, &name, problem)) {
        return false;
    }
    if (!passkeys->available ||
        !passkey_decode(arena, passkey->client_data, WEBAUTHN_CLIENT_DATA_MAX, &registration.client_data) ||
        !passkey_decode(arena, passkey->attestation, WEBAUTHN_ATTESTATION_MAX, &registration.attestation) ||
        !webauthn_client_challenge(arena, registration.client_data, &challenge) ||
        !passkey_challenge_is_good(passkeys, arena, PASSKEY_TO_ADD, session->token, challenge)) {
        return problem_set(
            problem, PROBLEM_INPUT, WORD_passkey_refused, NULL, NULL, "passkey: not readable, or too late");
    }
    if (!webauthn_register(&passkeys->rp, challenge, &registration, &credential, problem)) {
        return false;
    }
    struct id id = id_new(passkeys->sessions->clock, PASSKEY_ID_PREFIX);
    struct text encoded = text_base64url(arena, credential.id.at, credential.id.len);
    struct passkey_write write = {.passkeys = passkeys,
        .actor = &session->actor,
        .credential = &credential,
        .id = id_text(&id),
        .name = name,
        .encoded = encoded,
        .hash = token_hash(arena, encoded),
        .challenge = challenge};
    return db_write(passkeys->sessions->db, passkey_insert, &write, problem);
}

struct passkey_change {
    const struct passkeys *passkeys;
    const struct actor *actor;
    struct text id, name;
    struct text token; /* of the session that stays */
};

static bool not_found(struct db_tx *tx)
{
    struct problem problem = {0};
    problem_set(&problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    return db_fail(tx, &problem);
}

static bool passkey_update_name(struct db_tx *tx, void *context)
{
    const struct passkey_change *change = context;
    int64_t changed = 0;
    db_exec_changed(tx, "UPDATE passkey SET name = $4 WHERE account = $1 AND user_id = $2 AND id = $3",
        DB_ARGS(db_text(change->actor->account), db_text(change->actor->user), db_text(change->id),
            db_text(change->name)),
        &changed);
    return db_ok(tx) && changed == 0 ? not_found(tx) : db_ok(tx);
}

bool passkey_rename(const struct passkeys *passkeys, struct arena *arena, const struct actor *actor,
    struct text id, struct text name, struct problem *problem)
{
    struct passkey_change change = {.passkeys = passkeys, .actor = actor, .id = id};
    return name_parse(arena, name, &change.name, problem) &&
           db_write(passkeys->sessions->db, passkey_update_name, &change, problem);
}

/* Whether the person removed it before: who presses twice has done nothing wrong. */
static bool was_removed(struct db_tx *tx, const struct passkey_change *change)
{
    return db_number(tx,
               "SELECT count(*) FROM audit_event WHERE account = $1 AND subject = $2 AND kind = $3 AND"
               " by_user = $4",
               DB_ARGS(db_text(change->actor->account), db_text(change->id),
                   db_text(text_from(audit_kind_name(AUDIT_PASSKEY_REMOVED))), db_text(change->actor->user)),
               0) > 0;
}

static bool passkey_delete(struct db_tx *tx, void *context)
{
    const struct passkey_change *change = context;
    const struct actor *actor = change->actor;
    struct text name = TEXT_EMPTY;
    bool found;
    {
        DB_ROWS rows =
            db_query(tx, "SELECT name FROM passkey WHERE account = $1 AND user_id = $2 AND id = $3",
                DB_ARGS(db_text(actor->account), db_text(actor->user), db_text(change->id)));
        found = db_next(rows);
        name = found ? db_col_copy(rows, 0, db_arena(tx)) : name;
    }
    if (!found) {
        return was_removed(tx, change) ? db_ok(tx) : not_found(tx);
    }
    db_exec(tx, "DELETE FROM passkey_credential WHERE account = $1 AND passkey = $2",
        DB_ARGS(db_text(actor->account), db_text(change->id)));
    db_exec(tx, "DELETE FROM passkey WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(actor->account), db_text(change->id)));
    session_end_others(tx, actor->account, actor->user, change->token);
    return passkey_tell(
        tx, change->passkeys, actor, AUDIT_PASSKEY_REMOVED, PERSON_NOTICE_PASSKEY_REMOVED, change->id, name);
}

bool passkey_remove(
    const struct passkeys *passkeys, const struct session *session, struct text id, struct problem *problem)
{
    struct passkey_change change = {
        .passkeys = passkeys, .actor = &session->actor, .id = id, .token = session->token};
    return db_write(passkeys->sessions->db, passkey_delete, &change, problem);
}

bool passkeys_remove_all(struct db_tx *tx, struct text account, struct text user)
{
    db_exec(tx,
        "DELETE FROM passkey_credential WHERE account = $1 AND passkey IN (SELECT id FROM passkey WHERE account"
        " = $1 AND user_id = $2)",
        DB_ARGS(db_text(account), db_text(user)));
    return db_exec(tx, "DELETE FROM passkey WHERE account = $1 AND user_id = $2",
        DB_ARGS(db_text(account), db_text(user)));
}

int64_t passkeys_count(struct db_tx *tx, struct text account, struct text user)
{
    return db_number(tx, "SELECT count(*) FROM passkey WHERE account = $1 AND user_id = $2",
        DB_ARGS(db_text(account), db_text(user)), 0);
}
