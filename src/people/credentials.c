#include "people/credentials.h"

#include "people/audit.h"
#include "people/email.h"
#include "people/person_mail.h"
#include "people/sessions.h"
#include "people/tries.h"
#include "store/idempotency.h"

/* ---- The password of now ---- */

struct checking {
    const struct people *people;
    const struct actor *actor;
    struct arena *arena;
    struct text hash;
};

/* A try is counted before it is looked at, so that many at once do not slip past the count. */
static bool count_closure(struct db_tx *tx, void *context)
{
    struct checking *checking = context;
    const struct actor *actor = checking->actor;
    if (!tries_demand(tx, checking->people->clock, "own", actor->user, OWN_PASSWORD_TRIES)) {
        return false;
    }
    DB_ROWS rows = db_query(tx,
        "SELECT password_hash FROM app_user WHERE account = $1 AND id = $2 AND removed_at IS NULL",
        DB_ARGS(db_text(actor->account), db_text(actor->user)));
    checking->hash = db_next(rows) ? db_col_copy(rows, 0, checking->arena) : TEXT_EMPTY;
    return db_ok(tx);
}

/* *ret_hash is what the password was looked at against. */
static bool current_check(const struct people *people, const struct actor *actor, struct arena *arena,
    struct text current, struct text *ret_hash, struct problem *problem)
{
    struct checking checking = {people, actor, arena, TEXT_EMPTY};
    bool fits = false;
    if (current.len == 0) {
        return problem_set(problem, PROBLEM_INPUT, WORD_people_current_missing, "current", NULL, NULL);
    }
    if (!db_write(people->db, count_closure, &checking, problem) ||
        !password_check(people->passwords, checking.hash, current, &fits, problem)) {
        return false;
    }
    *ret_hash = checking.hash;
    return fits || problem_set(problem, PROBLEM_INPUT, WORD_people_current_wrong, "current", NULL, NULL);
}

/* The password may have become another one while it was looked at, by who takes the account back: then nothing is changed by the old one. */
static bool still_holds(struct db_tx *tx, const struct actor *actor, struct text hash)
{
    int64_t same = db_number(tx,
        "SELECT count(*) FROM app_user WHERE account = $1 AND id = $2 AND password_hash = $3 AND removed_at IS NULL",
        DB_ARGS(db_text(actor->account), db_text(actor->user), db_text(hash)), 0);
    struct problem problem = {0};
    problem_set(&problem, PROBLEM_INPUT, WORD_people_current_wrong, "current", NULL, "changed meanwhile");
    return same > 0 || (db_ok(tx) && db_fail(tx, &problem));
}

static bool note(struct db_tx *tx, const struct people *people, const struct actor *actor,
    enum audit_kind kind, struct text about)
{
    return audit_add(tx, people->clock,
        &(struct audit_entry){
            .account = actor->account, .kind = kind, .actor = actor, .subject = actor->user, .about = about});
}

/* ---- Another password ---- */

struct changing {
    const struct people *people;
    const struct actor *actor;
    struct text old, hash, session, next;
};

static bool change_closure(struct db_tx *tx, void *context)
{
    const struct changing *changing = context;
    const struct people *people = changing->people;
    const struct actor *actor = changing->actor;
    if (!still_holds(tx, actor, changing->old)) {
        return false;
    }
    db_exec(tx, "UPDATE app_user SET password_hash = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(actor->account), db_text(actor->user), db_text(changing->hash)));
    session_end_others(tx, actor->account, actor->user, changing->session);
    session_rotate(tx, changing->session, changing->next);
    return links_end(tx, actor->account, actor->user) &&
           note(tx, people, actor, AUDIT_PASSWORD_CHANGED, TEXT_EMPTY) &&
           person_mail_queue(tx, people->clock, people->vault,
               &(struct person_mail_new){.account = actor->account,
                   .kind = PERSON_NOTICE_PASSWORD_CHANGED,
                   .to_name = actor->name,
                   .to_address = actor->email,
                   .actor = actor,
                   .link = TEXT("/forgot-password")});
}

bool password_change(const struct people *people, const struct actor *actor,
    const struct password_change *change, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct changing changing = {
        .people = people, .actor = actor, .session = change->session, .next = change->next};
    return current_check(people, actor, arena, change->current, &changing.old, problem) &&
           password_hash(people->passwords, arena, change->wanted, &changing.hash, problem) &&
           db_write(people->db, change_closure, &changing, problem);
}

/* ---- Another e-mail address ---- */

struct moving {
    const struct people *people;
    const struct actor *actor;
    struct text email, key, old; /* old: hash of the password that was given */
    struct arena *arena;
    struct text found;
};

static bool move_closure(struct db_tx *tx, void *context)
{
    const struct moving *moving = context;
    const struct people *people = moving->people;
    const struct actor *actor = moving->actor;
    struct user other;
    struct text path;
    bool repeated = false;
    if (!still_holds(tx, actor, moving->old)) {
        return false;
    }
    if (!idempotency_keep(tx, people->clock, actor->account, moving->key, "email_change",
            token_hash(db_arena(tx), moving->email), &repeated) ||
        repeated) {
        return db_ok(tx);
    }
    /* One address waits at a time. */
    db_exec(tx,
        "DELETE FROM user_link WHERE account = $1 AND user_id = $2 AND kind = 'email_change' AND used_at IS NULL",
        DB_ARGS(db_text(actor->account), db_text(actor->user)));
    bool taken = user_by_email(tx, db_arena(tx), moving->email, &other);
    if (!taken) {
        other = (struct user){.account = actor->account, .name = actor->name};
    }
    return link_add(tx, people->clock,
               &(struct user_link){.account = actor->account,
                   .kind = LINK_EMAIL_CHANGE,
                   .email = moving->email,
                   .user = actor->user},
               &path) &&
           note(tx, people, actor, AUDIT_EMAIL_CHANGE_ASKED, moving->email) &&
           person_mail_queue(tx, people->clock, people->vault,
               &(struct person_mail_new){.account = other.account,
                   .kind = taken ? PERSON_NOTICE_EMAIL_CHANGE_TAKEN : PERSON_NOTICE_EMAIL_CHANGE,
                   .to_name = other.name,
                   .to_address = moving->email,
                   .actor = actor,
                   .link = taken ? TEXT("/sign-in") : path});
}

bool email_change_ask(const struct people *people, const struct actor *actor,
    const struct email_change *change, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct moving moving = {.people = people, .actor = actor, .key = change->key};
    if (!email_parse(arena, change->email, "email", &moving.email, problem)) {
        return false;
    }
    if (text_equal(moving.email, actor->email)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_people_email_same, "email", NULL, NULL);
    }
    return current_check(people, actor, arena, change->current, &moving.old, problem) &&
           db_write(people->db, move_closure, &moving, problem);
}

static bool waits_closure(struct db_tx *tx, void *context)
{
    struct moving *moving = context;
    DB_ROWS rows = db_query(tx,
        "SELECT email FROM user_link WHERE account = $1 AND user_id = $2 AND kind = 'email_change' AND used_at IS"
        " NULL AND expires_at > $3",
        DB_ARGS(db_text(moving->actor->account), db_text(moving->actor->user),
            db_int(clock_now(moving->people->clock))));
    moving->found = db_next(rows) ? db_col_copy(rows, 0, moving->arena) : TEXT_EMPTY;
    return db_ok(tx);
}

bool email_change_waits(const struct people *people, const struct actor *actor, struct arena *arena,
    struct text *ret, struct problem *problem)
{
    struct moving moving = {.people = people, .actor = actor, .arena = arena};
    if (!db_read(people->db, waits_closure, &moving, problem)) {
        return false;
    }
    *ret = moving.found;
    return true;
}
