#include "people/second_factor.h"

#include "people/audit.h"
#include "people/passkeys.h"
#include "people/person_mail.h"
#include "people/rights.h"

static const char *const rule_names[SECOND_FACTOR_RULE_COUNT] = {
    [SECOND_FACTOR_FREE] = "free", [SECOND_FACTOR_MANAGERS] = "managers", [SECOND_FACTOR_ALL] = "all"};

const char *second_factor_rule_name(enum second_factor_rule rule)
{
    return rule_names[rule];
}

bool second_factor_rule_parse(struct text name, enum second_factor_rule *ret)
{
    for (int i = 0; i < SECOND_FACTOR_RULE_COUNT; i++) {
        if (text_is(name, rule_names[i])) {
            *ret = (enum second_factor_rule)i;
            return true;
        }
    }
    return false;
}

enum second_factor_rule second_factor_rule_of(struct text name)
{
    enum second_factor_rule rule = SECOND_FACTOR_ALL;
    second_factor_rule_parse(name, &rule);
    return rule;
}

bool second_factor_is_asked(const struct sessions *sessions, enum second_factor_rule rule, enum role role)
{
    if (role == ROLE_PORTING_TEAM && sessions->team_second_factor) {
        return true;
    }
    return rule == SECOND_FACTOR_ALL ||
           (rule == SECOND_FACTOR_MANAGERS && (role == ROLE_OWNER || role == ROLE_ADMIN));
}

bool second_factor_has(struct db_tx *tx, struct text account, struct text user)
{
    return db_number(tx,
               "SELECT count(*) FROM totp WHERE account = $1 AND user_id = $2 AND confirmed_at IS NOT NULL",
               DB_ARGS(db_text(account), db_text(user)), 0) > 0;
}

bool second_factor_is_passkey(struct db_tx *tx, const struct sessions *sessions, enum second_factor_rule rule,
    struct text account, struct text user, enum role role)
{
    return second_factor_is_asked(sessions, rule, role) && !second_factor_has(tx, account, user) &&
           passkeys_count(tx, account, user) > 0;
}

static enum second_factor_rule rule_read(struct db_tx *tx, struct text account)
{
    DB_ROWS rows = db_query(tx, "SELECT second_factor FROM account WHERE id = $1", DB_ARGS(db_text(account)));
    return db_next(rows) ? second_factor_rule_of(db_col_text(rows, 0)) : SECOND_FACTOR_ALL;
}

enum second_step second_factor_next(
    struct db_tx *tx, const struct sessions *sessions, struct text account, struct text user, enum role role)
{
    if (second_factor_has(tx, account, user)) {
        return SECOND_STEP_CODE;
    }
    enum second_factor_rule rule = rule_read(tx, account);
    return second_factor_is_passkey(tx, sessions, rule, account, user, role) ? SECOND_STEP_PASSKEY
                                                                             : SECOND_STEP_NONE;
}

/* ---- What a page shows ---- */

struct load {
    const struct sessions *sessions;
    const struct actor *actor;
    struct second_factor found;
    enum second_factor_rule rule;
};

static bool load_read(struct db_tx *tx, void *context)
{
    struct load *load = context;
    const struct actor *actor = load->actor;
    load->rule = rule_read(tx, actor->account);
    int64_t since = db_number(tx,
        "SELECT confirmed_at FROM totp WHERE account = $1 AND user_id = $2 AND confirmed_at IS NOT NULL",
        DB_ARGS(db_text(actor->account), db_text(actor->user)), 0);
    load->found = (struct second_factor){.app = since > 0,
        .app_since = since,
        .recovery_left = db_number(tx,
            "SELECT count(*) FROM recovery_code WHERE account = $1 AND user_id = $2 AND used_at IS NULL",
            DB_ARGS(db_text(actor->account), db_text(actor->user)), 0),
        .asked = second_factor_is_asked(load->sessions, load->rule, actor->role)};
    return db_ok(tx);
}

bool second_factor_load(const struct sessions *sessions, const struct session *session,
    struct second_factor *ret, struct problem *problem)
{
    struct load load = {.sessions = sessions, .actor = &session->actor};
    if (!db_read(sessions->db, load_read, &load, problem)) {
        return false;
    }
    *ret = load.found;
    return true;
}

/* ---- The account's rule ---- */

bool second_factor_rule_load(const struct sessions *sessions, const struct actor *actor,
    enum second_factor_rule *ret, struct problem *problem)
{
    struct load load = {.sessions = sessions, .actor = actor};
    if (!db_read(sessions->db, load_read, &load, problem)) {
        return false;
    }
    *ret = load.rule;
    return true;
}

static bool rule_write(struct db_tx *tx, void *context)
{
    const struct load *load = context;
    const struct actor *actor = load->actor;
    struct problem problem = {0};
    if (second_factor_is_asked(load->sessions, load->rule, actor->role) &&
        !second_factor_has(tx, actor->account, actor->user) &&
        passkeys_count(tx, actor->account, actor->user) == 0) {
        problem_set(&problem, PROBLEM_INPUT, WORD_people_second_factor_own, "second_factor", NULL, NULL);
        return db_fail(tx, &problem);
    }
    int64_t changed = 0;
    struct text name = text_from(rule_names[load->rule]);
    db_exec_changed(tx, "UPDATE account SET second_factor = $2 WHERE id = $1 AND second_factor <> $2",
        DB_ARGS(db_text(actor->account), db_text(name)), &changed);
    return changed == 0 ? db_ok(tx)
                        : audit_add(tx, load->sessions->clock,
                              &(struct audit_entry){.account = actor->account,
                                  .kind = AUDIT_SECOND_FACTOR_RULE,
                                  .actor = actor,
                                  .subject = actor->account,
                                  .about = name});
}

bool second_factor_rule_set(const struct sessions *sessions, const struct actor *actor,
    enum second_factor_rule rule, struct problem *problem)
{
    struct load load = {.sessions = sessions, .actor = actor, .rule = rule};
    if (!right_over(actor, RIGHT_ACCOUNT_SETTINGS, actor->account, TEXT_EMPTY)) {
        return problem_set(problem, PROBLEM_FORBIDDEN, WORD_problem_forbidden, NULL, NULL, NULL);
    }
    return db_write(sessions->db, rule_write, &load, problem);
}

/* ---- Taking it away ---- */

bool second_factor_wipe(struct db_tx *tx, struct text account, struct text user)
{
    db_exec(tx, "DELETE FROM recovery_code WHERE account = $1 AND user_id = $2",
        DB_ARGS(db_text(account), db_text(user)));
    return db_exec(
        tx, "DELETE FROM totp WHERE account = $1 AND user_id = $2", DB_ARGS(db_text(account), db_text(user)));
}

struct reset {
    const struct sessions *sessions;
    const struct actor *actor;
    struct text account, user;
};

static bool reset_may(const struct actor *actor, const struct user *user)
{
    return actor == NULL ||
           (right_over(actor, RIGHT_USER_MANAGE, user->account, user->id) &&
               (user->role != ROLE_OWNER || right_over(actor, RIGHT_OWNER_MANAGE, user->account, user->id)));
}

static bool reset_write(struct db_tx *tx, void *context)
{
    const struct reset *reset = context;
    const struct sessions *sessions = reset->sessions;
    struct user user;
    struct problem problem = {0};
    if (!user_by_id(tx, db_arena(tx), reset->account, reset->user, &user) || user.removed ||
        !reset_may(reset->actor, &user)) {
        problem_set(&problem, PROBLEM_NOT_FOUND, WORD_people_no_user, NULL, NULL, NULL);
        return db_fail(tx, &problem);
    }
    if (!second_factor_has(tx, user.account, user.id) && passkeys_count(tx, user.account, user.id) == 0) {
        problem_set(&problem, PROBLEM_INPUT, WORD_people_second_factor_none, NULL, NULL, NULL);
        return db_fail(tx, &problem);
    }
    second_factor_wipe(tx, user.account, user.id);
    passkeys_remove_all(tx, user.account, user.id); /* they are where the app was: in a device that is lost */
    session_end_others(tx, user.account, user.id, TEXT_EMPTY);
    person_mail_queue(tx, sessions->clock, sessions->vault,
        &(struct person_mail_new){.account = user.account,
            .kind = PERSON_NOTICE_SECOND_FACTOR_RESET,
            .to_name = user.name,
            .to_address = user.email,
            .actor = reset->actor,
            .link = TEXT("/sign-in")});
    return audit_add(tx, sessions->clock,
        &(struct audit_entry){.account = user.account,
            .kind = AUDIT_SECOND_FACTOR_RESET,
            .by_command = reset->actor == NULL,
            .actor = reset->actor,
            .subject = user.id,
            .about = user.name});
}

bool second_factor_reset(const struct sessions *sessions, const struct actor *actor, struct text account,
    struct text user, struct problem *problem)
{
    struct reset reset = {sessions, actor, account, user};
    if (actor != NULL && text_equal(user, actor->user)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_people_second_factor_self, NULL, NULL, NULL);
    }
    return db_write(sessions->db, reset_write, &reset, problem);
}
