/* Changing who the users of an account are. Reading them: members_list.c. */
#include "people/members.h"

#include "people/audit.h"
#include "people/passkeys.h"
#include "people/person_mail.h"
#include "people/personal_phone.h"
#include "people/second_factor.h"
#include "people/sessions.h"
#include "people/standing.h"

struct change {
    const struct people *people;
    const struct actor *actor;
    struct text account, user;
    enum role role;
};

static bool refuse(struct db_tx *tx, enum problem_kind kind, enum word word, const char *field)
{
    struct problem problem = {0};
    problem_set(&problem, kind, word, field, NULL, NULL);
    return db_fail(tx, &problem);
}

/* The user, when the actor may do with them what takes that right beside the one over their role. */
static bool take_hold(struct db_tx *tx, const struct change *change, struct user *ret)
{
    return standing_demand(tx, change->actor, RIGHT_USER_SEE, change->account) &&
           standing_user(tx, change->account, change->user, ret) &&
           standing_demand(tx, change->actor, standing_right(ret->role), change->account);
}

static bool tell(struct db_tx *tx, const struct change *change, const struct user *user,
    enum person_notice_kind kind, struct text about)
{
    return person_mail_queue(tx, change->people->clock, change->people->vault,
        &(struct person_mail_new){.account = user->account,
            .kind = kind,
            .to_name = user->name,
            .to_address = user->email,
            .actor = change->actor,
            .about = about});
}

static bool note(struct db_tx *tx, const struct change *change, enum audit_kind kind, const struct user *user,
    struct text about)
{
    return audit_add(tx, change->people->clock,
        &(struct audit_entry){.account = user->account,
            .kind = kind,
            .actor = change->actor,
            .subject = user->id,
            .about = about});
}

bool member_access_end(struct db_tx *tx, struct text account, struct text user)
{
    session_end_others(tx, account, user, TEXT_EMPTY);
    return links_end(tx, account, user);
}

/* ---- Roles ---- */

static bool role_set(struct db_tx *tx, const struct user *user, enum role role)
{
    db_exec(tx, "UPDATE app_user SET role = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(user->account), db_text(user->id), db_text(text_from(role_name(role)))));
    /* What was given with the old role must not outlive it. */
    return role == ROLE_OWNER || links_end_invited_by(tx, user->account, user->id, role == ROLE_ADMIN);
}

static struct text from_to(struct db_tx *tx, const struct user *user, enum role role)
{
    return text_format(db_arena(tx), "%.*s: %s, %s", TEXT_ARG(text_clip(user->name, 100)),
        role_name(user->role), role_name(role));
}

static bool role_closure(struct db_tx *tx, void *context)
{
    const struct change *change = context;
    struct user user;
    if (!take_hold(tx, change, &user)) {
        return false;
    }
    if (user.role == change->role) {
        return db_ok(tx);
    }
    if (user.role == ROLE_PORTING_TEAM || change->role == ROLE_PORTING_TEAM) {
        return refuse(tx, PROBLEM_INPUT, WORD_people_role_elsewhere, "role");
    }
    return standing_demand(tx, change->actor, standing_right(change->role), change->account) &&
           standing_not_last(tx, &user) && role_set(tx, &user, change->role) &&
           note(tx, change, AUDIT_ROLE_CHANGED, &user, from_to(tx, &user, change->role)) &&
           tell(tx, change, &user, PERSON_NOTICE_ROLE_CHANGED, standing_role(db_arena(tx), change->role));
}

bool member_change_role(const struct people *people, const struct actor *actor, struct text account,
    struct text user, enum role role, struct problem *problem)
{
    struct change change = {people, actor, account, user, role};
    return db_write(people->db, role_closure, &change, problem);
}

static bool hand_over_closure(struct db_tx *tx, void *context)
{
    const struct change *change = context;
    struct user giver, taker;
    if (!text_equal(change->account, change->actor->account)) {
        return refuse(tx, PROBLEM_CONFLICT, WORD_people_owner_elsewhere, NULL);
    }
    if (!standing_demand(tx, change->actor, RIGHT_OWNER_MANAGE, change->account) ||
        !standing_user(tx, change->account, change->actor->user, &giver) ||
        !standing_user(tx, change->account, change->user, &taker)) {
        return false;
    }
    if (giver.role != ROLE_OWNER) {
        return refuse(tx, PROBLEM_CONFLICT, WORD_people_owner_no_more, NULL);
    }
    if (taker.role == ROLE_OWNER) {
        return refuse(tx, PROBLEM_CONFLICT, WORD_people_owner_already, NULL);
    }
    return role_set(tx, &taker, ROLE_OWNER) && role_set(tx, &giver, ROLE_ADMIN) &&
           note(tx, change, AUDIT_OWNERSHIP_HANDED, &taker, text_clip(taker.name, 100)) &&
           tell(tx, change, &taker, PERSON_NOTICE_OWNERSHIP, TEXT_EMPTY) &&
           tell(tx, change, &giver, PERSON_NOTICE_OWNERSHIP_GIVEN, taker.name);
}

bool ownership_hand_over(const struct people *people, const struct actor *actor, struct text account,
    struct text user, struct problem *problem)
{
    struct change change = {people, actor, account, user, ROLE_OWNER};
    return db_write(people->db, hand_over_closure, &change, problem);
}

/* ---- Removal ---- */

/* What somebody of the team has in hand is free for the others. */
static bool work_release(struct db_tx *tx, const struct user *user)
{
    return user->role != ROLE_PORTING_TEAM ||
           db_exec(tx,
               "UPDATE port_request SET assigned_account = NULL, assigned_user = NULL, assigned_at = NULL WHERE"
               " assigned_user = $1 AND assigned_account = $2",
               DB_ARGS(db_text(user->id), db_text(user->account)));
}

static bool remove_closure(struct db_tx *tx, void *context)
{
    const struct change *change = context;
    struct user user;
    if (!take_hold(tx, change, &user) || !standing_not_last(tx, &user)) {
        return false;
    }
    struct text account = user.account, id = user.id;
    db_exec(tx, "DELETE FROM user_email WHERE email = $1 AND account = $2 AND user_id = $3",
        DB_ARGS(db_text(user.email), db_text(account), db_text(id)));
    db_exec(tx, "DELETE FROM user_link WHERE account = $1 AND user_id = $2 AND used_at IS NULL",
        DB_ARGS(db_text(account), db_text(id)));
    db_exec(tx, "UPDATE number SET assigned_user = NULL WHERE account = $1 AND assigned_user = $2",
        DB_ARGS(db_text(account), db_text(id)));
    db_exec(tx, "UPDATE app_user SET removed_at = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(account), db_text(id), db_int(clock_now(change->people->clock))));
    second_factor_wipe(tx, account, id);
    passkeys_remove_all(tx, account, id);
    return member_access_end(tx, account, id) && links_end_invited_by(tx, account, id, false) &&
           personal_phone_change(tx, account, id, TEXT_EMPTY) && work_release(tx, &user) &&
           note(tx, change, AUDIT_USER_REMOVED, &user, user.name) &&
           tell(tx, change, &user, PERSON_NOTICE_REMOVED, TEXT_EMPTY);
}

bool member_remove(const struct people *people, const struct actor *actor, struct text account,
    struct text user, struct problem *problem)
{
    struct change change = {people, actor, account, user, ROLE_AGENT};
    return db_write(people->db, remove_closure, &change, problem);
}
