/* Signing in. A try is written down before the password is looked at, so that many at once cannot slip past the count, and
 * struck out when it succeeds. */
#include <arpa/inet.h>
#include <string.h>

#include "people/email.h"
#include "people/new_sign_in.h"
#include "people/sessions.h"

/* One client is one IPv4 address, or the /64 that an IPv6 customer is given. */
static struct text client_subject(struct arena *arena, struct text client)
{
    struct in6_addr address;
    struct text subject = client;
    if (inet_pton(AF_INET6, text_cstr(arena, client), &address) == 1) {
        subject = text_hex(arena, &address, 8);
    }
    return token_hash(arena, text_format(arena, "client:%.*s", TEXT_ARG(subject)));
}

static struct text email_subject(struct arena *arena, struct text email)
{
    return token_hash(arena, text_format(arena, "email:%.*s", TEXT_ARG(email)));
}

struct attempt {
    struct text email_subject, client_subject;
    struct id id;
    int64_t now;
};

/* Fails the transaction when the subject has had its tries. */
static bool attempt_add(struct db_tx *tx, const struct attempt *attempt, struct text subject, int64_t max)
{
    int64_t oldest = attempt->now - SIGN_IN_WINDOW;
    DB_ROWS rows =
        db_query(tx, "SELECT count(*), min(at) FROM sign_in_attempt WHERE subject = $1 AND at > $2",
            DB_ARGS(db_text(subject), db_int(oldest)));
    if (db_next(rows) && db_col_int(rows, 0) >= max) {
        struct problem problem = {0};
        int64_t minutes = (db_col_int(rows, 1) - oldest + CLOCK_MINUTE - 1) / CLOCK_MINUTE;
        struct text shown = text_format(db_arena(tx), "%lld", (long long)(minutes > 1 ? minutes : 2));
        problem_set(&problem, PROBLEM_TOO_MANY, WORD_people_sign_in_too_many, NULL, shown.at,
            "too many failed sign-ins");
        return db_fail(tx, &problem);
    }
    return db_exec(tx, "INSERT INTO sign_in_attempt (subject, id, at) VALUES ($1, $2, $3)",
        DB_ARGS(db_text(subject), db_text(id_text(&attempt->id)), db_int(attempt->now)));
}

static bool attempt_insert(struct db_tx *tx, void *context)
{
    struct attempt *attempt = context;
    db_exec(tx, "DELETE FROM sign_in_attempt WHERE at <= $1", DB_ARGS(db_int(attempt->now - SIGN_IN_WINDOW)));
    if (!attempt_add(tx, attempt, attempt->client_subject, SIGN_IN_ADDRESS_MAX) ||
        !attempt_add(tx, attempt, attempt->email_subject, SIGN_IN_EMAIL_MAX)) {
        return false;
    }
    return db_ok(tx);
}

/* Takes the try back: it was not the person's fault that the password could not be looked at. */
static bool attempt_delete(struct db_tx *tx, void *context)
{
    struct attempt *attempt = context;
    db_exec(tx, "DELETE FROM sign_in_attempt WHERE subject IN ($1, $2) AND id = $3",
        DB_ARGS(db_text(attempt->email_subject), db_text(attempt->client_subject),
            db_text(id_text(&attempt->id))));
    return db_ok(tx);
}

struct credentials {
    struct text email;
    struct arena *arena;
    struct user user;
    struct text hash;
    struct text account_name;
    bool found;
};

static bool credentials_select(struct db_tx *tx, void *context)
{
    struct credentials *credentials = context;
    struct account account;
    credentials->found = user_by_email(tx, credentials->arena, credentials->email, &credentials->user);
    if (!credentials->found) {
        return db_ok(tx);
    }
    if (account_by_id(tx, credentials->arena, credentials->user.account, &account)) {
        credentials->account_name = account.name;
    }
    DB_ROWS rows = db_query(tx, "SELECT password_hash FROM app_user WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(credentials->user.account), db_text(credentials->user.id)));
    if (db_next(rows)) {
        credentials->hash = db_col_copy(rows, 0, credentials->arena);
    }
    return db_ok(tx);
}

struct session_write {
    const struct sessions *sessions;
    struct text client;
    const struct attempt *attempt;
    const struct user *user;
    struct text hash;
    int64_t now;
};

static bool session_insert(struct db_tx *tx, void *context)
{
    struct session_write *write = context;
    /* The client's other failures stay: one good sign-in must not wash away a guessing run on other people's. */
    db_exec(tx, "DELETE FROM sign_in_attempt WHERE subject = $1",
        DB_ARGS(db_text(write->attempt->email_subject)));
    db_exec(tx, "DELETE FROM sign_in_attempt WHERE subject = $1 AND id = $2",
        DB_ARGS(db_text(write->attempt->client_subject), db_text(id_text(&write->attempt->id))));
    db_exec(tx, "DELETE FROM session WHERE account = $1 AND created_at <= $2",
        DB_ARGS(db_text(write->user->account), db_int(write->now - SESSION_LIFE)));
    db_exec(tx,
        "INSERT INTO session (account, token_hash, user_id, created_at, seen_at) VALUES ($1, $2, $3, $4, $4)",
        DB_ARGS(db_text(write->user->account), db_text(write->hash), db_text(write->user->id),
            db_int(write->now)));
    db_exec(tx, "UPDATE app_user SET signed_in_at = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(write->user->account), db_text(write->user->id), db_int(write->now)));
    return new_sign_in(tx, write->sessions->clock, write->sessions->vault,
        &(struct new_sign_in){.user = write->user, .client = write->client});
}

/* The user whom e-mail and password name. */
static bool authenticate(const struct sessions *sessions, const struct sign_in *sign_in,
    struct credentials *credentials, struct problem *problem)
{
    bool fits = false;
    if (!db_read(sessions->db, credentials_select, credentials, problem) ||
        !password_check(sessions->passwords, credentials->hash, sign_in->password, &fits, problem)) {
        return false;
    }
    return fits ||
           problem_set(problem, PROBLEM_INPUT, WORD_people_sign_in_wrong, "password", NULL, "sign-in failed");
}

bool session_begin(const struct sessions *sessions, struct arena *arena, const struct sign_in *sign_in,
    struct session *ret, struct problem *problem)
{
    struct credentials credentials = {.arena = arena};
    if (!email_parse(arena, sign_in->email, "email", &credentials.email, problem)) {
        return false;
    }
    struct attempt attempt = {email_subject(arena, credentials.email), client_subject(arena, sign_in->client),
        id_new(sessions->clock, "try"), clock_now(sessions->clock)};
    struct problem why = {0};
    if (!db_write(sessions->db, attempt_insert, &attempt, problem)) {
        return false;
    }
    if (!authenticate(sessions, sign_in, &credentials, &why)) {
        if (why.kind != PROBLEM_INPUT) {
            db_write(sessions->db, attempt_delete, &attempt, NULL); /* what failed first is what is told */
        }
        if (problem != NULL) {
            *problem = why;
        }
        return false;
    }
    const struct user *user = &credentials.user;
    struct text token =
        text_format(arena, "%.*s.%.*s", TEXT_ARG(user->account), TEXT_ARG(token_new(arena, 32)));
    struct session_write write = {
        sessions, sign_in->client, &attempt, user, token_hash(arena, token), clock_now(sessions->clock)};
    if (!db_write(sessions->db, session_insert, &write, problem)) {
        return false;
    }
    if (sign_in->replaces.len > 0 && !session_end(sessions, sign_in->replaces, problem)) {
        return false;
    }
    *ret = (struct session){.token = token,
        .created_at = write.now,
        .actor = {user->account, user->id, user->name, user->email, user->role, LANGUAGE_EN, user->time_zone,
            user->theme, credentials.account_name}};
    return true;
}
