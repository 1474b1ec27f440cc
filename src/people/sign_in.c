/* Signing in, the first step. A try is written down before the password is looked at, so that many at once cannot slip past the count, and
 * struck out when it succeeds. */
#include "people/sign_in.h"

#include "people/audit.h"
#include "people/email.h"
#include "people/known_device.h"
#include "people/person_mail.h"
#include "people/second_factor.h"
#include "people/sign_in_parts.h"
#include "people/tries.h"

/* ---- Who it would be ---- */

struct credentials {
    struct text email, device_cookie;
    struct arena *arena;
    int64_t now;
    struct user user;
    struct text hash;
    struct text device; /* id of the known device; empty: none */
    bool found;
};

static bool credentials_select(struct db_tx *tx, void *context)
{
    struct credentials *credentials = context;
    credentials->device = TEXT_EMPTY;
    credentials->found = user_by_email(tx, credentials->arena, credentials->email, &credentials->user);
    if (!credentials->found) {
        return db_ok(tx);
    }
    const struct user *user = &credentials->user;
    credentials->device = device_find(
        tx, credentials->arena, credentials->now, user->account, user->id, credentials->device_cookie);
    DB_ROWS rows = db_query(tx, "SELECT password_hash FROM app_user WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(user->account), db_text(user->id)));
    if (db_next(rows)) {
        credentials->hash = db_col_copy(rows, 0, credentials->arena);
    }
    return db_ok(tx);
}

/* ---- Tries ---- */

struct attempt {
    const struct sessions *sessions;
    const struct credentials *credentials;
    struct text client;
    struct text subjects[2]; /* the client's and the e-mail's, or the known device's alone */
    int64_t max[2];
    size_t count;
    struct id id;
    int64_t now;
    bool full; /* out: no further try */
    int64_t minutes;
};

static void attempt_subjects(
    struct arena *arena, const struct credentials *credentials, struct attempt *attempt)
{
    if (credentials->device.len > 0) {
        attempt->subjects[0] = tries_subject(arena, "device", credentials->device);
        attempt->max[0] = SIGN_IN_EMAIL_MAX;
        attempt->count = 1;
        return;
    }
    attempt->subjects[0] = tries_subject(arena, "client", tries_client(arena, attempt->client));
    attempt->max[0] = SIGN_IN_ADDRESS_MAX;
    attempt->subjects[1] = tries_subject(arena, "email", credentials->email);
    attempt->max[1] = SIGN_IN_EMAIL_MAX;
    attempt->count = 2;
}

/* Tells the person, once a day. Of an e-mail that nobody has it is written down all the same, so that the answer takes as long. */
static bool warn(struct db_tx *tx, const struct attempt *attempt)
{
    const struct user *user = &attempt->credentials->user;
    struct clock *clock = attempt->sessions->clock;
    int64_t changed = 0;
    db_exec(
        tx, "DELETE FROM sign_in_warning WHERE at <= $1", DB_ARGS(db_int(attempt->now - SIGN_IN_WARNING)));
    db_exec_changed(tx,
        "INSERT INTO sign_in_warning (subject, at) VALUES ($1, $2) ON CONFLICT (subject) DO NOTHING",
        DB_ARGS(db_text(attempt->subjects[1]), db_int(attempt->now)), &changed);
    if (changed == 0 || !attempt->credentials->found) {
        return db_ok(tx);
    }
    person_mail_queue(tx, clock, attempt->sessions->vault,
        &(struct person_mail_new){.account = user->account,
            .kind = PERSON_NOTICE_SIGN_INS_FAILED,
            .to_name = user->name,
            .to_address = user->email,
            .client = attempt->client,
            .link = TEXT("/settings/security")});
    return audit_add(tx, clock,
        &(struct audit_entry){.account = user->account,
            .kind = AUDIT_SIGN_INS_HELD,
            .client = attempt->client,
            .subject = user->id,
            .about = user->name});
}

static bool attempt_insert(struct db_tx *tx, void *context)
{
    struct attempt *attempt = context;
    attempt->full = false;
    db_exec(tx, "DELETE FROM sign_in_attempt WHERE at <= $1", DB_ARGS(db_int(attempt->now - TRIES_WINDOW)));
    for (size_t i = 0; i < attempt->count && !attempt->full; i++) {
        attempt->full =
            tries_are_used_up(tx, attempt->subjects[i], attempt->max[i], attempt->now, &attempt->minutes);
        if (attempt->full) {
            return i == 1 ? warn(tx, attempt) : db_ok(tx);
        }
    }
    for (size_t i = 0; i < attempt->count; i++) {
        db_exec(tx, "INSERT INTO sign_in_attempt (subject, id, at) VALUES ($1, $2, $3)",
            DB_ARGS(db_text(attempt->subjects[i]), db_text(id_text(&attempt->id)), db_int(attempt->now)));
    }
    return db_ok(tx);
}

static bool attempt_strike(struct db_tx *tx, const struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->count; i++) {
        db_exec(tx, "DELETE FROM sign_in_attempt WHERE subject = $1 AND id = $2",
            DB_ARGS(db_text(attempt->subjects[i]), db_text(id_text(&attempt->id))));
    }
    return db_ok(tx);
}

/* Takes the try back: it was not the person's fault that the password could not be looked at. */
static bool attempt_delete(struct db_tx *tx, void *context)
{
    return attempt_strike(tx, context);
}

static bool attempt_make(struct arena *arena, struct attempt *attempt, struct problem *problem)
{
    attempt->id = id_new(attempt->sessions->clock, "try");
    attempt->now = clock_now(attempt->sessions->clock);
    if (!db_write(attempt->sessions->db, attempt_insert, attempt, problem)) {
        return false;
    }
    if (attempt->full) {
        struct text minutes = text_format(arena, "%lld", (long long)attempt->minutes);
        return problem_set(problem, PROBLEM_TOO_MANY, WORD_people_sign_in_too_many, NULL, minutes.at,
            "too many failed sign-ins");
    }
    return true;
}

/* ---- The password ---- */

/* A wrong password: the person's log has it; of an e-mail that nobody has as much is written. */
static bool failed_write(struct db_tx *tx, void *context)
{
    const struct attempt *attempt = context;
    const struct credentials *credentials = attempt->credentials;
    for (size_t i = 0; i < attempt->count; i++) {
        db_exec(tx, "UPDATE sign_in_attempt SET failed = 1 WHERE subject = $1 AND id = $2",
            DB_ARGS(db_text(attempt->subjects[i]), db_text(id_text(&attempt->id))));
    }
    return !credentials->found ? db_ok(tx)
                               : audit_add(tx, attempt->sessions->clock,
                                     &(struct audit_entry){.account = credentials->user.account,
                                         .kind = AUDIT_SIGN_IN_FAILED,
                                         .client = attempt->client,
                                         .subject = credentials->user.id,
                                         .about = credentials->user.name});
}

/* Whether the password is that of the user. */
static bool authenticate(struct attempt *attempt, struct text password, struct problem *problem)
{
    const struct sessions *sessions = attempt->sessions;
    bool fits = false;
    struct problem why = {0};
    if (!password_check(sessions->passwords, attempt->credentials->hash, password, &fits, &why)) {
        db_write(sessions->db, attempt_delete, attempt, NULL); /* what failed first is what is told */
        if (problem != NULL) {
            *problem = why;
        }
        return false;
    }
    if (!fits && !db_write(sessions->db, failed_write, attempt, problem)) {
        return false;
    }
    return fits ||
           problem_set(problem, PROBLEM_INPUT, WORD_people_sign_in_wrong, "password", NULL, "sign-in failed");
}

struct begin {
    struct attempt *attempt;
    const struct sign_in *sign_in;
    struct text token, device_token;
    enum second_step next;     /* out */
    struct text device_cookie; /* out, in `arena` */
    struct arena *arena;
};

static bool half_insert(struct db_tx *tx, const struct begin *begin, const struct user *user, int64_t now)
{
    db_exec(tx, "DELETE FROM half_session WHERE account = $1 AND user_id = $2 AND created_at <= $3",
        DB_ARGS(db_text(user->account), db_text(user->id), db_int(now - HALF_SESSION_LIFE)));
    return db_exec(tx,
        "INSERT INTO half_session (account, token_hash, user_id, created_at) VALUES ($1, $2, $3, $4)",
        DB_ARGS(db_text(user->account), db_text(token_hash(db_arena(tx), begin->token)), db_text(user->id),
            db_int(now)));
}

static bool begin_write(struct db_tx *tx, void *context)
{
    struct begin *begin = context;
    const struct attempt *attempt = begin->attempt;
    const struct sign_in *sign_in = begin->sign_in;
    const struct user *user = &attempt->credentials->user;
    /* The password may have become another one, and the person may have been removed, while it was looked at. */
    int64_t still = db_number(tx,
        "SELECT count(*) FROM app_user WHERE account = $1 AND id = $2 AND password_hash = $3 AND removed_at IS NULL",
        DB_ARGS(db_text(user->account), db_text(user->id), db_text(attempt->credentials->hash)), 0);
    if (still == 0) {
        struct problem problem = {0};
        problem_set(
            &problem, PROBLEM_INPUT, WORD_people_sign_in_wrong, "password", NULL, "changed meanwhile");
        return db_fail(tx, &problem);
    }
    attempt_strike(tx, attempt);
    begin->next = second_factor_next(tx, attempt->sessions, user->account, user->id, user->role);
    if (begin->next == SECOND_STEP_PASSKEY) {
        return db_ok(tx);
    }
    if (begin->next == SECOND_STEP_CODE) {
        return half_insert(tx, begin, user, clock_now(attempt->sessions->clock));
    }
    /* The client's other failures stay: one good sign-in must not wash away a guessing run on other people's. */
    db_exec(tx, "DELETE FROM sign_in_attempt WHERE subject = $1",
        DB_ARGS(db_text(attempt->subjects[attempt->count - 1])));
    struct text cookie = TEXT_EMPTY;
    struct session_new session = {.user = user,
        .how = SESSION_BY_PASSWORD,
        .client = sign_in->client,
        .browser = sign_in->browser,
        .token = begin->token,
        .replaces = sign_in->replaces,
        .device_cookie = sign_in->device_cookie,
        .device_token = begin->device_token,
        .ret_device_cookie = &cookie};
    bool made = session_make(tx, attempt->sessions, &session);
    begin->device_cookie = text_copy(begin->arena, cookie);
    return made;
}

bool sign_in_begin(const struct sessions *sessions, struct arena *arena, const struct sign_in *sign_in,
    struct signed_in *ret, struct problem *problem)
{
    struct credentials credentials = {
        .arena = arena, .device_cookie = sign_in->device_cookie, .now = clock_now(sessions->clock)};
    struct attempt attempt = {.sessions = sessions, .credentials = &credentials, .client = sign_in->client};
    if (!email_parse(arena, sign_in->email, "email", &credentials.email, problem) ||
        !db_read(sessions->db, credentials_select, &credentials, problem)) {
        return false;
    }
    attempt_subjects(arena, &credentials, &attempt);
    if (!attempt_make(arena, &attempt, problem) || !authenticate(&attempt, sign_in->password, problem)) {
        return false;
    }
    struct begin begin = {.attempt = &attempt,
        .sign_in = sign_in,
        .token = session_token(arena, credentials.user.account),
        .device_token = device_token(arena),
        .arena = arena};
    if (!db_write(sessions->db, begin_write, &begin, problem)) {
        return false;
    }
    if (begin.next == SECOND_STEP_PASSKEY) {
        return problem_set(problem, PROBLEM_INPUT, WORD_people_sign_in_passkey, "password", NULL, NULL);
    }
    *ret = (struct signed_in){.half = begin.next != SECOND_STEP_NONE,
        .token = begin.token,
        .device_cookie = begin.next != SECOND_STEP_NONE ? TEXT_EMPTY : begin.device_cookie};
    return true;
}

bool sign_in_confirm(
    const struct sessions *sessions, const struct actor *actor, struct text password, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct credentials credentials = {
        .arena = arena, .email = actor->email, .now = clock_now(sessions->clock)};
    struct attempt attempt = {.sessions = sessions,
        .credentials = &credentials,
        .client = actor->client,
        .subjects = {tries_subject(arena, "confirm", actor->user)},
        .max = {SIGN_IN_EMAIL_MAX},
        .count = 1};
    if (password.len == 0) {
        return problem_set(problem, PROBLEM_INPUT, WORD_sign_in_empty_password, "password", NULL, NULL);
    }
    if (!db_read(sessions->db, credentials_select, &credentials, problem) ||
        !attempt_make(arena, &attempt, problem)) {
        return false;
    }
    struct problem why = {0};
    if (!authenticate(&attempt, password, &why)) {
        return why.kind == PROBLEM_INPUT
                   ? problem_set(problem, PROBLEM_INPUT, WORD_people_password_wrong, "password", NULL,
                         "the password asked again")
                   : problem_set(problem, why.kind, why.word, why.field, why.about, "%s", why.detail);
    }
    return db_write(sessions->db, attempt_delete, &attempt, problem);
}
