/* A link, looked at and used. */
#include "people/joining.h"

#include "people/audit.h"
#include "people/members.h"
#include "people/person_mail.h"

static bool over(struct problem *problem)
{
    return problem_set(problem, PROBLEM_NOT_FOUND, WORD_people_link_over, NULL, NULL, NULL);
}

static bool refuse(struct db_tx *tx, enum problem_kind kind, enum word word)
{
    struct problem problem = {0};
    problem_set(&problem, kind, word, NULL, NULL, NULL);
    return db_fail(tx, &problem);
}

/* ---- Looking ---- */

struct looking {
    const struct people *people;
    struct arena *arena;
    struct text account, token;
    struct link_look *ret;
    bool found;
};

/* A link of somebody who is there: the user may have been removed meanwhile. */
static bool look_closure(struct db_tx *tx, void *context)
{
    struct looking *looking = context;
    struct link_look *ret = looking->ret;
    struct account account;
    struct user user;
    looking->found =
        link_find(tx, looking->arena, looking->people->clock, looking->account, looking->token, &ret->link);
    if (!looking->found) {
        return db_ok(tx);
    }
    ret->account_name = ret->link.account_name;
    if (account_by_id(tx, looking->arena, ret->link.account, &account)) {
        ret->account_name = account.name;
    }
    if (ret->link.user.len > 0) {
        looking->found =
            user_by_id(tx, looking->arena, ret->link.account, ret->link.user, &user) && !user.removed;
        ret->user_name = user.name;
        ret->user_email = user.email;
    }
    return db_ok(tx);
}

bool link_look(const struct people *people, struct arena *arena, struct text account, struct text token,
    struct link_look *ret, struct problem *problem)
{
    struct link_look look = {0};
    struct looking looking = {people, arena, account, token, &look, false};
    if (!db_read(people->db, look_closure, &looking, problem)) {
        return false;
    }
    if (!looking.found) {
        return over(problem);
    }
    *ret = look;
    return true;
}

/* ---- Using ---- */

struct using
{
    const struct people *people;
    const struct link_use *use;
    struct user_link link; /* as it was looked at; read again */
    struct text name, hash;
    struct id user; /* of who comes in */
};

static bool note(struct db_tx *tx, const struct using *using, enum audit_kind kind, const struct user *user,
    struct text about)
{
    const struct actor actor = {.account = user->account,
        .user = user->id,
        .name = user->name,
        .email = user->email,
        .role = user->role,
        .client = using->use->client};
    return audit_add(tx, using->people->clock,
        &(struct audit_entry){
            .account = user->account, .kind = kind, .actor = &actor, .subject = user->id, .about = about});
}

static bool tell(struct db_tx *tx, const struct using *using, enum person_notice_kind kind,
    const struct user *user, struct text address, struct text about, struct text link)
{
    return person_mail_queue(tx, using->people->clock, using->people->vault,
        &(struct person_mail_new){.account = user->account,
            .kind = kind,
            .to_name = user->name,
            .to_address = address,
            .client = using->use->client,
            .about = about,
            .link = link});
}

static bool email_is_free(struct db_tx *tx, struct text email)
{
    struct user other;
    return (!user_by_email(tx, db_arena(tx), email, &other) && db_ok(tx)) ||
           refuse(tx, PROBLEM_CONFLICT, WORD_people_email_taken);
}

/* Who joins, or makes an account: both come in by the e-mail that the link went to. */
static bool come_in(struct db_tx *tx, struct using *using)
{
    const struct user_link *link = &using->link;
    bool makes_account = link->kind == LINK_SIGN_UP;
    int64_t now = clock_now(using->people->clock);
    struct user user = {.account = link->account,
        .id = id_text(&using->user),
        .name = using->name,
        .email = link->email,
        .role = makes_account ? ROLE_OWNER : link->role};
    const struct user_new new = {
        .account = link->account, .name = using->name, .role = user.role, .time_zone = link->time_zone};
    if (!email_is_free(tx, link->email) ||
        (makes_account &&
            !account_add(tx, &(struct account_new){.name = link->account_name, .country = link->country},
                link->account, now))) {
        return false;
    }
    return user_add(tx, &new, link->email, using->hash, user.id, now) &&
           note(tx, using, makes_account ? AUDIT_SIGNED_UP : AUDIT_JOINED, &user, user.name);
}

static bool password_put(struct db_tx *tx, const struct using *using, const struct user *user)
{
    db_exec(tx, "UPDATE app_user SET password_hash = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(user->account), db_text(user->id), db_text(using->hash)));
    return member_access_end(tx, user->account, user->id);
}

static bool email_put(struct db_tx *tx, const struct user *user, struct text email)
{
    db_exec(tx, "UPDATE app_user SET email = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(user->account), db_text(user->id), db_text(email)));
    db_exec(tx, "DELETE FROM user_email WHERE email = $1 AND account = $2 AND user_id = $3",
        DB_ARGS(db_text(user->email), db_text(user->account), db_text(user->id)));
    return db_exec(tx, "INSERT INTO user_email (email, account, user_id) VALUES ($1, $2, $3)",
        DB_ARGS(db_text(email), db_text(user->account), db_text(user->id)));
}

static bool reset(struct db_tx *tx, const struct using *using, const struct user *user)
{
    return password_put(tx, using, user) && note(tx, using, AUDIT_RESET, user, user->name) &&
           tell(tx, using, PERSON_NOTICE_PASSWORD_CHANGED, user, user->email, TEXT_EMPTY,
               TEXT("/forgot-password"));
}

/* The old address is told, with a link that takes it back. Links to a new password that went to it are over. */
static bool change_email(struct db_tx *tx, const struct using *using, const struct user *user)
{
    struct text undo, email = using->link.email;
    return email_is_free(tx, email) && email_put(tx, user, email) && links_end(tx, user->account, user->id) &&
           link_add(tx, using->people->clock,
               &(struct user_link){
                   .account = user->account, .kind = LINK_EMAIL_UNDO, .email = user->email, .user = user->id},
               &undo) &&
           note(tx, using, AUDIT_EMAIL_CHANGED, user,
               text_format(db_arena(tx), "%.*s, %.*s", TEXT_ARG(text_clip(user->email, 90)),
                   TEXT_ARG(text_clip(email, 90)))) &&
           tell(tx, using, PERSON_NOTICE_EMAIL_CHANGED, user, user->email, email, undo);
}

/* Whoever changed it knows the password: so that is another one from now on, and every other way back is closed. */
static bool undo_email(struct db_tx *tx, const struct using *using, const struct user *user)
{
    struct text email = using->link.email;
    bool is_another = !text_equal(user->email, email);
    if (is_another && (!email_is_free(tx, email) || !email_put(tx, user, email))) {
        return false;
    }
    db_exec(tx, "DELETE FROM user_link WHERE account = $1 AND user_id = $2 AND used_at IS NULL",
        DB_ARGS(db_text(user->account), db_text(user->id)));
    return password_put(tx, using, user) && note(tx, using, AUDIT_EMAIL_PUT_BACK, user, email) &&
           tell(tx, using, PERSON_NOTICE_EMAIL_PUT_BACK, user, email, email, TEXT("/forgot-password"));
}

static bool use_closure(struct db_tx *tx, void *context)
{
    struct using *using = context;
    struct clock *clock = using->people->clock;
    struct user user;
    if (!link_find(tx, db_arena(tx), clock, using->use->account, using->use->token, &using->link)) {
        return db_ok(tx) && refuse(tx, PROBLEM_NOT_FOUND, WORD_people_link_over);
    }
    if (!link_take(tx, clock, &using->link)) {
        return false;
    }
    if (using->link.user.len == 0) {
        return come_in(tx, using);
    }
    if (!user_by_id(tx, db_arena(tx), using->link.account, using->link.user, &user) || user.removed) {
        return db_ok(tx) && refuse(tx, PROBLEM_NOT_FOUND, WORD_people_link_over);
    }
    switch (using->link.kind) {
    case LINK_RESET:
        return reset(tx, using, &user);
    case LINK_EMAIL_CHANGE:
        return change_email(tx, using, &user);
    case LINK_EMAIL_UNDO:
        return undo_email(tx, using, &user);
    default:
        return refuse(tx, PROBLEM_NOT_FOUND, WORD_people_link_over);
    }
}

bool link_use(const struct people *people, struct arena *arena, const struct link_use *use,
    struct user_link *ret, struct problem *problem)
{
    struct link_look look;
    if (!link_look(people, arena, use->account, use->token, &look, problem)) {
        return false;
    }
    struct using using = {.people = people,
        .use = use,
        .name = text_trim(use->name),
        .user = id_new(people->clock, USER_ID_PREFIX)};
    enum link_kind kind = look.link.kind;
    bool comes_in = kind == LINK_INVITATION || kind == LINK_SIGN_UP;
    if (comes_in && !people_name_check(use->name, "name", problem)) {
        return false;
    }
    if (kind != LINK_EMAIL_CHANGE &&
        !password_hash(people->passwords, arena, use->password, &using.hash, problem)) {
        return false;
    }
    if (!db_write(people->db, use_closure, &using, problem)) {
        return false;
    }
    *ret = look.link;
    return true;
}
