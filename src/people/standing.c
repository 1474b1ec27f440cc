#include "people/standing.h"

static bool refuse(struct db_tx *tx, enum problem_kind kind, enum word word)
{
    struct problem problem = {0};
    problem_set(&problem, kind, word, NULL, NULL, NULL);
    return db_fail(tx, &problem);
}

bool standing_demand(struct db_tx *tx, const struct actor *actor, enum right right, struct text account)
{
    struct user now;
    if (actor == NULL) {
        return db_ok(tx);
    }
    if (!user_by_id(tx, db_arena(tx), actor->account, actor->user, &now) || now.removed) {
        return db_ok(tx) && refuse(tx, PROBLEM_SIGN_IN, WORD_people_signed_out);
    }
    struct actor fresh = *actor;
    fresh.role = now.role;
    if (right_over(&fresh, right, account, TEXT_EMPTY)) {
        return db_ok(tx);
    }
    bool known =
        text_equal(account, actor->account) || right_over(&fresh, RIGHT_USER_SEE, account, TEXT_EMPTY);
    return known ? refuse(tx, PROBLEM_FORBIDDEN, WORD_problem_forbidden)
                 : refuse(tx, PROBLEM_NOT_FOUND, WORD_problem_not_found);
}

enum right standing_right(enum role role)
{
    return role == ROLE_OWNER ? RIGHT_OWNER_MANAGE : RIGHT_USER_MANAGE;
}

bool standing_user(struct db_tx *tx, struct text account, struct text user, struct user *ret)
{
    if (user_by_id(tx, db_arena(tx), account, user, ret) && !ret->removed) {
        return true;
    }
    return db_ok(tx) && refuse(tx, PROBLEM_NOT_FOUND, WORD_people_no_user);
}

bool standing_not_last(struct db_tx *tx, const struct user *user)
{
    if (user->role != ROLE_OWNER && user->role != ROLE_PORTING_TEAM) {
        return db_ok(tx);
    }
    int64_t others = db_number(tx,
        "SELECT count(*) FROM app_user WHERE account = $1 AND role = $2 AND id <> $3 AND removed_at IS NULL",
        DB_ARGS(db_text(user->account), db_text(text_from(role_name(user->role))), db_text(user->id)), 0);
    if (!db_ok(tx)) {
        return false;
    }
    return others > 0 || refuse(tx, PROBLEM_CONFLICT,
                             user->role == ROLE_OWNER ? WORD_people_last_owner : WORD_people_last_of_team);
}

struct text standing_role(struct arena *arena, enum role role)
{
    static const enum word words[] = {[ROLE_AGENT] = WORD_people_as_agent,
        [ROLE_ADMIN] = WORD_people_as_admin,
        [ROLE_OWNER] = WORD_people_as_owner,
        [ROLE_PORTING_TEAM] = WORD_people_as_team};
    return words_say(arena, LANGUAGE_EN, words[role], WORD_NO_ARGS);
}
