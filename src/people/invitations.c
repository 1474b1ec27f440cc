#include "people/invitations.h"

#include "people/audit.h"
#include "people/email.h"
#include "people/person_mail.h"
#include "people/standing.h"
#include "store/idempotency.h"

#define TIME_ZONE_FIRST "America/New_York"

static bool refuse(struct db_tx *tx, enum problem_kind kind, enum word word, const char *field)
{
    struct problem problem = {0};
    problem_set(&problem, kind, word, field, NULL, NULL);
    return db_fail(tx, &problem);
}

/* ---- The mail ---- */

/* The link, or to somebody who is a user already the sentence that an e-mail signs in at one account. */
static bool mail_it(struct db_tx *tx, const struct people *people, const struct actor *actor,
    const struct user_link *link, struct text path)
{
    struct user other;
    bool taken = user_by_email(tx, db_arena(tx), link->email, &other);
    struct person_mail_new mail = {.account = link->account,
        .kind = taken ? PERSON_NOTICE_INVITATION_TAKEN : PERSON_NOTICE_INVITATION,
        .to_name = link->name,
        .to_address = link->email,
        .actor = actor,
        .about = standing_role(db_arena(tx), link->role),
        .link = taken ? TEXT("/sign-in") : path};
    struct actor operator_actor = {.name = people->operator_name};
    if (actor == NULL) {
        mail.actor = &operator_actor;
    }
    return person_mail_queue(tx, people->clock, people->vault, &mail);
}

static bool note(struct db_tx *tx, const struct people *people, const struct actor *actor,
    enum audit_kind kind, const struct user_link *link)
{
    return audit_add(tx, people->clock,
        &(struct audit_entry){.account = link->account,
            .kind = kind,
            .actor = actor,
            .subject = link->id,
            .about = text_format(db_arena(tx), "%.*s (%s)", TEXT_ARG(link->email), role_name(link->role))});
}

bool invitation_add(struct db_tx *tx, const struct people *people, const struct actor *actor,
    const struct user_link *invitation)
{
    struct user_link link = *invitation;
    struct text path;
    link.kind = LINK_INVITATION;
    link.created_by = actor != NULL ? actor->user : TEXT_EMPTY;
    link.created_by_name = actor != NULL ? actor->name : TEXT_EMPTY;
    link.time_zone = actor != NULL && actor->time_zone.len > 0 ? actor->time_zone : TEXT(TIME_ZONE_FIRST);
    return link_add(tx, people->clock, &link, &path) && mail_it(tx, people, actor, &link, path) &&
           note(tx, people, actor, AUDIT_INVITED, &link);
}

/* ---- Inviting ---- */

struct sending {
    const struct people *people;
    const struct actor *actor;
    const struct invitation_new *invitation;
    struct text email, name;
};

/* The porting team is the operator's, and nobody of a customer's account comes into it by a slip. */
static bool role_fits(struct db_tx *tx, const struct invitation_new *invitation)
{
    struct account account;
    if (!account_by_id(tx, db_arena(tx), invitation->account, &account)) {
        return db_ok(tx) && refuse(tx, PROBLEM_NOT_FOUND, WORD_people_no_account, NULL);
    }
    return account.is_operator == (invitation->role == ROLE_PORTING_TEAM) ||
           refuse(tx, PROBLEM_INPUT, WORD_people_role_elsewhere, "role");
}

static bool there_is_room(struct db_tx *tx, struct text account)
{
    int64_t waiting = db_number(tx,
        "SELECT count(*) FROM user_link WHERE account = $1 AND kind = 'invitation' AND used_at IS NULL",
        DB_ARGS(db_text(account)), 0);
    return waiting < INVITATIONS_MAX || refuse(tx, PROBLEM_TOO_MANY, WORD_people_invitations_full, NULL);
}

/* Whoever is invited anew is invited as of now. An owner's invitation gives way to who may manage owners alone. */
static bool replaces_older(struct db_tx *tx, const struct sending *sending)
{
    struct text account = sending->invitation->account;
    if (sending->invitation->role != ROLE_OWNER &&
        db_number(tx,
            "SELECT count(*) FROM user_link WHERE account = $1 AND kind = 'invitation' AND email = $2 AND used_at"
            " IS NULL AND role = 'owner'",
            DB_ARGS(db_text(account), db_text(sending->email)), 0) > 0 &&
        !standing_demand(tx, sending->actor, RIGHT_OWNER_MANAGE, account)) {
        return false;
    }
    return db_exec(tx,
        "DELETE FROM user_link WHERE account = $1 AND kind = 'invitation' AND email = $2 AND used_at IS NULL",
        DB_ARGS(db_text(account), db_text(sending->email)));
}

static bool send_closure(struct db_tx *tx, void *context)
{
    const struct sending *sending = context;
    const struct invitation_new *invitation = sending->invitation;
    const struct people *people = sending->people;
    struct user other;
    bool repeated = false;
    if (!standing_demand(tx, sending->actor, standing_right(invitation->role), invitation->account) ||
        !role_fits(tx, invitation)) {
        return false;
    }
    if (invitation->key.len > 0 && (!idempotency_keep(tx, people->clock, invitation->account, invitation->key,
                                        "invite", sending->email, &repeated) ||
                                       repeated)) {
        return db_ok(tx);
    }
    if (user_by_email(tx, db_arena(tx), sending->email, &other) &&
        text_equal(other.account, invitation->account)) {
        return refuse(tx, PROBLEM_INPUT, WORD_people_email_here, "email");
    }
    return replaces_older(tx, sending) && there_is_room(tx, invitation->account) &&
           invitation_add(tx, people, sending->actor,
               &(struct user_link){.account = invitation->account,
                   .email = sending->email,
                   .name = sending->name,
                   .role = invitation->role});
}

bool invitation_send(const struct people *people, const struct actor *actor,
    const struct invitation_new *invitation, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct sending sending = {people, actor, invitation, TEXT_EMPTY, text_trim(invitation->name)};
    return people_name_check(invitation->name, "name", problem) &&
           email_parse(arena, invitation->email, "email", &sending.email, problem) &&
           db_write(people->db, send_closure, &sending, problem);
}

/* ---- One that waits ---- */

struct handling {
    const struct people *people;
    const struct actor *actor;
    struct text account, id, key;
};

/* The invitation, when the actor may manage whom it is for. */
static bool take_hold(struct db_tx *tx, const struct handling *handling, struct user_link *ret)
{
    if (!standing_demand(tx, handling->actor, RIGHT_USER_MANAGE, handling->account)) {
        return false;
    }
    if (!link_invitation(tx, db_arena(tx), handling->account, handling->id, ret)) {
        return db_ok(tx) && refuse(tx, PROBLEM_NOT_FOUND, WORD_people_no_invitation, NULL);
    }
    return standing_demand(tx, handling->actor, standing_right(ret->role), handling->account);
}

static bool again_closure(struct db_tx *tx, void *context)
{
    const struct handling *handling = context;
    const struct people *people = handling->people;
    struct user_link link;
    struct text path;
    bool repeated = false;
    if (!take_hold(tx, handling, &link)) {
        return false;
    }
    if (handling->key.len > 0 && (!idempotency_keep(tx, people->clock, handling->account, handling->key,
                                      "invite_again", link.id, &repeated) ||
                                     repeated)) {
        return db_ok(tx);
    }
    if (link.sends >= INVITATION_SENDS_MAX) {
        return refuse(tx, PROBLEM_TOO_MANY, WORD_people_invitation_sends, NULL);
    }
    return link_renew(tx, people->clock, &link, &path) && mail_it(tx, people, handling->actor, &link, path) &&
           note(tx, people, handling->actor, AUDIT_INVITED_AGAIN, &link);
}

bool invitation_again(const struct people *people, const struct actor *actor, struct text account,
    struct text id, struct text key, struct problem *problem)
{
    struct handling handling = {people, actor, account, id, key};
    return db_write(people->db, again_closure, &handling, problem);
}

static bool withdraw_closure(struct db_tx *tx, void *context)
{
    const struct handling *handling = context;
    struct user_link link;
    return take_hold(tx, handling, &link) && link_remove(tx, &link) &&
           note(tx, handling->people, handling->actor, AUDIT_INVITATION_WITHDRAWN, &link);
}

bool invitation_withdraw(const struct people *people, const struct actor *actor, struct text account,
    struct text id, struct problem *problem)
{
    struct handling handling = {people, actor, account, id, TEXT_EMPTY};
    return db_write(people->db, withdraw_closure, &handling, problem);
}
