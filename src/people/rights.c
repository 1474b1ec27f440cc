#include "people/rights.h"

static const struct {
    const char *name;
    enum reach reach[ROLE_COUNT];
} rights[RIGHT_COUNT] = {
#define ROW(name, agent, admin, owner, team)                                                                 \
    {                                                                                                        \
        name,                                                                                                \
        {                                                                                                    \
            [ROLE_AGENT] = REACH_##agent, [ROLE_ADMIN] = REACH_##admin, [ROLE_OWNER] = REACH_##owner,        \
            [ROLE_PORTING_TEAM] = REACH_##team                                                               \
        }                                                                                                    \
    }
    /*                                                           agent    admin    owner    porting team */
    [RIGHT_PUBLIC] = ROW("public", ALL, ALL, ALL, ALL),
    [RIGHT_OUTSIDE] = ROW("outside", ALL, ALL, ALL, ALL),
    [RIGHT_SELF] = ROW("self", OWN, OWN, OWN, OWN),
    [RIGHT_REQUEST_START] = ROW("request_start", ACCOUNT, ACCOUNT, ACCOUNT, NONE),
    [RIGHT_REQUEST_START_FOR] = ROW("request_start_for", NONE, NONE, NONE, ALL),
    [RIGHT_REQUEST_SEE] = ROW("request_see", OWN, ACCOUNT, ACCOUNT, ALL),
    [RIGHT_REQUEST_WORK] = ROW("request_work", OWN, ACCOUNT, ACCOUNT, ALL),
    [RIGHT_REQUEST_RECORD] = ROW("request_record", NONE, NONE, NONE, ALL),
    [RIGHT_NUMBER_SEE] = ROW("number_see", ACCOUNT, ACCOUNT, ACCOUNT, NONE),
    [RIGHT_USER_SEE] = ROW("user_see", NONE, ACCOUNT, ACCOUNT, ALL),
    [RIGHT_USER_MANAGE] = ROW("user_manage", NONE, ACCOUNT, ACCOUNT, ALL),
    [RIGHT_OWNER_MANAGE] = ROW("owner_manage", NONE, NONE, ACCOUNT, ALL),
    [RIGHT_ACCOUNT_SETTINGS] = ROW("account_settings", NONE, NONE, ACCOUNT, ALL),
    [RIGHT_ACCOUNT_CREATE] = ROW("account_create", NONE, NONE, NONE, ALL),
    [RIGHT_CONNECTION_MANAGE] = ROW("connection_manage", NONE, NONE, ACCOUNT, ALL),
    [RIGHT_AUDIT_SEE] = ROW("audit_see", NONE, NONE, ACCOUNT, ALL),
    [RIGHT_DESK] = ROW("desk", NONE, NONE, NONE, ALL),
#undef ROW
};

static const char *const reaches[] = {
    [REACH_NONE] = "none", [REACH_OWN] = "own", [REACH_ACCOUNT] = "account", [REACH_ALL] = "all"};

const char *right_name(enum right right)
{
    return rights[right].name;
}

const char *reach_name(enum reach reach)
{
    return reaches[reach];
}

enum reach right_reach(enum role role, enum right right)
{
    return rights[right].reach[role];
}

bool right_any(const struct actor *actor, enum right right)
{
    return right_reach(actor->role, right) != REACH_NONE;
}

bool right_need(const struct actor *actor, enum right right, struct problem *problem)
{
    return right_any(actor, right) ||
           problem_set(problem, PROBLEM_FORBIDDEN, WORD_problem_forbidden, NULL, NULL, NULL);
}

bool right_over(const struct actor *actor, enum right right, struct text account, struct text user)
{
    switch (right_reach(actor->role, right)) {
    case REACH_ALL:
        return true;
    case REACH_ACCOUNT:
        return text_equal(account, actor->account);
    case REACH_OWN:
        return text_equal(account, actor->account) && user.len > 0 && text_equal(user, actor->user);
    default:
        return false;
    }
}
