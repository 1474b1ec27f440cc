#include "people/confirm.h"

struct confirm {
    const struct actor *actor;
    struct arena *arena;
    struct text subject;
    struct id id;
    int64_t now;
    struct text hash; /* out: of the password */
};

/* Written down before the password is looked at, so that many at once cannot slip past the count. */
static bool try_insert(struct db_tx *tx, void *context)
{
    struct confirm *confirm = context;
    int64_t oldest = confirm->now - SIGN_IN_WINDOW;
    {
        DB_ROWS rows =
            db_query(tx, "SELECT count(*), min(at) FROM sign_in_attempt WHERE subject = $1 AND at > $2",
                DB_ARGS(db_text(confirm->subject), db_int(oldest)));
        if (db_next(rows) && db_col_int(rows, 0) >= CONFIRM_TRIES_MAX) {
            struct problem problem = {0};
            int64_t minutes = (db_col_int(rows, 1) - oldest + CLOCK_MINUTE - 1) / CLOCK_MINUTE;
            struct text shown = text_format(db_arena(tx), "%lld", (long long)(minutes > 1 ? minutes : 2));
            problem_set(&problem, PROBLEM_TOO_MANY, WORD_people_sign_in_too_many, NULL, shown.at,
                "too many wrong passwords");
            return db_fail(tx, &problem);
        }
    }
    db_exec(tx, "INSERT INTO sign_in_attempt (subject, id, at) VALUES ($1, $2, $3)",
        DB_ARGS(db_text(confirm->subject), db_text(id_text(&confirm->id)), db_int(confirm->now)));
    DB_ROWS rows = db_query(tx, "SELECT password_hash FROM app_user WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(confirm->actor->account), db_text(confirm->actor->user)));
    confirm->hash = db_next(rows) ? db_col_copy(rows, 0, confirm->arena) : TEXT_EMPTY;
    return db_ok(tx);
}

static bool tries_delete(struct db_tx *tx, void *context)
{
    const struct confirm *confirm = context;
    return db_exec(tx, "DELETE FROM sign_in_attempt WHERE subject = $1", DB_ARGS(db_text(confirm->subject)));
}

/* It was not the person's fault that the password could not be looked at. */
static bool try_delete(struct db_tx *tx, void *context)
{
    const struct confirm *confirm = context;
    return db_exec(tx, "DELETE FROM sign_in_attempt WHERE subject = $1 AND id = $2",
        DB_ARGS(db_text(confirm->subject), db_text(id_text(&confirm->id))));
}

bool person_confirm(const struct sessions *sessions, struct arena *arena, const struct session *session,
    struct text password, struct problem *problem)
{
    bool fits = false;
    if (session_is_fresh(sessions, session)) {
        return true;
    }
    if (password.len == 0) {
        return problem_set(problem, PROBLEM_INPUT, WORD_passkey_password_missing, "password", NULL, NULL);
    }
    struct confirm confirm = {.actor = &session->actor,
        .arena = arena,
        .subject = token_hash(arena, text_format(arena, "confirm:%.*s:%.*s", TEXT_ARG(session->actor.account),
                                         TEXT_ARG(session->actor.user))),
        .id = id_new(sessions->clock, "try"),
        .now = clock_now(sessions->clock)};
    if (!db_write(sessions->db, try_insert, &confirm, problem)) {
        return false;
    }
    if (!password_check(sessions->passwords, confirm.hash, password, &fits, problem)) {
        db_write(sessions->db, try_delete, &confirm, NULL); /* what failed first is what is told */
        return false;
    }
    if (!fits) {
        return problem_set(problem, PROBLEM_INPUT, WORD_passkey_password_wrong, "password", NULL, NULL);
    }
    return db_write(sessions->db, tries_delete, &confirm, problem);
}
