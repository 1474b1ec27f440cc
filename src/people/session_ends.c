/* Sessions that a person sees, and how they end. */
#include "people/audit.h"
#include "people/sessions.h"
#include "people/sign_in_parts.h"

struct of_user {
    const struct sessions *sessions;
    const struct session *session; /* who asks; NULL: nobody signed in */
    struct text account, user, hash;
    struct text id;
    bool found;
};

static bool delete_one(struct db_tx *tx, void *context)
{
    struct of_user *of = context;
    return db_exec(tx, "DELETE FROM session WHERE account = $1 AND token_hash = $2",
        DB_ARGS(db_text(of->account), db_text(of->hash)));
}

bool session_end(const struct sessions *sessions, struct text token, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(16 * 1024);
    struct of_user of = {.sessions = sessions};
    if (!session_token_account(token, &of.account)) {
        return true;
    }
    of.hash = token_hash(arena, token);
    return db_write(sessions->db, delete_one, &of, problem);
}

bool session_end_others(struct db_tx *tx, struct text account, struct text user, struct text token)
{
    struct text hash = token.len > 0 ? token_hash(db_arena(tx), token) : TEXT_EMPTY;
    db_exec(tx,
        "DELETE FROM known_device WHERE account = $1 AND user_id = $2 AND id NOT IN (SELECT device FROM session"
        " WHERE account = $1 AND token_hash = $3 AND device IS NOT NULL)",
        DB_ARGS(db_text(account), db_text(user), db_text(hash)));
    db_exec(tx, "DELETE FROM half_session WHERE account = $1 AND user_id = $2",
        DB_ARGS(db_text(account), db_text(user)));
    return db_exec(tx, "DELETE FROM session WHERE account = $1 AND user_id = $2 AND token_hash <> $3",
        DB_ARGS(db_text(account), db_text(user), db_text(hash)));
}

bool session_rotate(struct db_tx *tx, struct text token, struct text next)
{
    struct text account;
    if (!session_token_account(token, &account)) {
        return db_ok(tx);
    }
    return db_exec(tx, "UPDATE session SET token_hash = $3 WHERE account = $1 AND token_hash = $2",
        DB_ARGS(db_text(account), db_text(token_hash(db_arena(tx), token)),
            db_text(token_hash(db_arena(tx), next))));
}

static bool delete_all(struct db_tx *tx, void *context)
{
    struct of_user *of = context;
    return session_end_others(tx, of->account, of->user, TEXT_EMPTY);
}

bool session_end_all(
    const struct sessions *sessions, struct text account, struct text user, struct problem *problem)
{
    struct of_user of = {.sessions = sessions, .account = account, .user = user};
    return db_write(sessions->db, delete_all, &of, problem);
}

/* ---- What a person sees of them ---- */

struct listing {
    const struct sessions *sessions;
    const struct session *session;
    struct arena *arena;
    struct session_view *views;
    size_t count;
    int64_t now;
};

static bool list_read(struct db_tx *tx, void *context)
{
    struct listing *listing = context;
    const struct sessions *sessions = listing->sessions;
    const struct actor *actor = &listing->session->actor;
    listing->count = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT COALESCE(id, 'ses_' || substr(token_hash, 1, 32)), client, browser, created_at, seen_at, how,"
        " CASE WHEN token_hash = $5 THEN 1 ELSE 0 END FROM session WHERE account = $1 AND user_id = $2 AND"
        " created_at > $3 AND seen_at > $4 ORDER BY 7 DESC, seen_at DESC, token_hash LIMIT $6",
        DB_ARGS(db_text(actor->account), db_text(actor->user), db_int(listing->now - sessions->life),
            db_int(listing->now - sessions->idle), db_text(token_hash(db_arena(tx), listing->session->token)),
            db_int(SESSIONS_SHOWN)));
    while (db_next(rows)) {
        listing->views[listing->count++] = (struct session_view){.id = db_col_copy(rows, 0, listing->arena),
            .client = db_col_copy(rows, 1, listing->arena),
            .browser = db_col_copy(rows, 2, listing->arena),
            .created_at = db_col_int(rows, 3),
            .seen_at = db_col_int(rows, 4),
            .how = session_how_of(db_col_text(rows, 5)),
            .is_this = db_col_int(rows, 6) == 1};
    }
    return db_ok(tx);
}

bool session_list(const struct sessions *sessions, struct arena *arena, const struct session *session,
    struct session_view **ret, size_t *ret_count, struct problem *problem)
{
    struct listing listing = {.sessions = sessions,
        .session = session,
        .arena = arena,
        .views = ARENA_ARRAY(arena, struct session_view, SESSIONS_SHOWN),
        .now = clock_now(sessions->clock)};
    if (!db_read(sessions->db, list_read, &listing, problem)) {
        return false;
    }
    *ret = listing.views;
    *ret_count = listing.count;
    return true;
}

static bool say_ended(struct db_tx *tx, const struct of_user *of, enum audit_kind kind)
{
    const struct actor *actor = &of->session->actor;
    return audit_add(tx, of->sessions->clock,
        &(struct audit_entry){.account = actor->account, .kind = kind, .actor = actor, .subject = of->id});
}

static bool end_one(struct db_tx *tx, void *context)
{
    struct of_user *of = context;
    int64_t changed = 0;
    db_exec(tx,
        "DELETE FROM known_device WHERE account = $1 AND user_id = $2 AND id IN (SELECT device FROM session WHERE"
        " account = $1 AND user_id = $2 AND id = $3)",
        DB_ARGS(db_text(of->account), db_text(of->user), db_text(of->id)));
    db_exec_changed(tx,
        "DELETE FROM session WHERE account = $1 AND user_id = $2 AND COALESCE(id, 'ses_' || substr(token_hash, 1,"
        " 32)) = $3",
        DB_ARGS(db_text(of->account), db_text(of->user), db_text(of->id)), &changed);
    of->found = changed > 0;
    return of->found ? say_ended(tx, of, AUDIT_SESSION_ENDED) : db_ok(tx);
}

bool session_end_one(
    const struct sessions *sessions, const struct session *session, struct text id, struct problem *problem)
{
    struct of_user of = {.sessions = sessions,
        .session = session,
        .account = session->actor.account,
        .user = session->actor.user,
        .id = id};
    return db_write(sessions->db, end_one, &of, problem) &&
           (of.found || problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL));
}

static bool sign_out(struct db_tx *tx, void *context)
{
    struct of_user *of = context;
    delete_one(tx, of);
    return say_ended(tx, of, AUDIT_SIGNED_OUT);
}

bool session_sign_out(const struct sessions *sessions, const struct session *session, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(16 * 1024);
    struct of_user of = {.sessions = sessions,
        .session = session,
        .account = session->actor.account,
        .hash = token_hash(arena, session->token),
        .id = session->id};
    return db_write(sessions->db, sign_out, &of, problem);
}

static bool end_rest(struct db_tx *tx, void *context)
{
    struct of_user *of = context;
    session_end_others(tx, of->account, of->user, of->session->token);
    return say_ended(tx, of, AUDIT_SESSIONS_ENDED);
}

bool session_end_rest(const struct sessions *sessions, const struct session *session, struct problem *problem)
{
    struct of_user of = {.sessions = sessions,
        .session = session,
        .account = session->actor.account,
        .user = session->actor.user};
    return db_write(sessions->db, end_rest, &of, problem);
}
