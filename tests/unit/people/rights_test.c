/* The table of rights, cell by cell, against the same written by hand. */
#include "../base/unit.h"

#include "people/rights.h"

#define N REACH_NONE
#define OWN REACH_OWN
#define ACC REACH_ACCOUNT
#define ALL REACH_ALL

static const struct {
    enum right right;
    const char *name;
    enum reach agent, admin, owner, team;
} rows[] = {
    {RIGHT_PUBLIC, "public", ALL, ALL, ALL, ALL},
    {RIGHT_OUTSIDE, "outside", ALL, ALL, ALL, ALL},
    {RIGHT_SELF, "self", OWN, OWN, OWN, OWN},
    {RIGHT_REQUEST_START, "request_start", ACC, ACC, ACC, N},
    {RIGHT_REQUEST_START_FOR, "request_start_for", N, N, N, ALL},
    {RIGHT_REQUEST_SEE, "request_see", OWN, ACC, ACC, ALL},
    {RIGHT_REQUEST_WORK, "request_work", OWN, ACC, ACC, ALL},
    {RIGHT_REQUEST_RECORD, "request_record", N, N, N, ALL},
    {RIGHT_NUMBER_SEE, "number_see", ACC, ACC, ACC, N},
    {RIGHT_USER_SEE, "user_see", N, ACC, ACC, ALL},
    {RIGHT_USER_MANAGE, "user_manage", N, ACC, ACC, ALL},
    {RIGHT_OWNER_MANAGE, "owner_manage", N, N, ACC, ALL},
    {RIGHT_ACCOUNT_SETTINGS, "account_settings", N, N, ACC, ALL},
    {RIGHT_ACCOUNT_CREATE, "account_create", N, N, N, ALL},
    {RIGHT_CONNECTION_MANAGE, "connection_manage", N, N, ACC, ALL},
    {RIGHT_AUDIT_SEE, "audit_see", N, N, ACC, ALL},
    {RIGHT_DESK, "desk", N, N, N, ALL},
};

static enum reach wanted(size_t row, enum role role)
{
    const enum reach reaches[] = {[ROLE_AGENT] = rows[row].agent,
        [ROLE_ADMIN] = rows[row].admin,
        [ROLE_OWNER] = rows[row].owner,
        [ROLE_PORTING_TEAM] = rows[row].team};
    return reaches[role];
}

static void test_each_right_has_its_row(void **state)
{
    (void)state;
    assert_int_equal(COUNT(rows), RIGHT_COUNT);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(rows[i].right, i);
        assert_string_equal(right_name(rows[i].right), rows[i].name);
    }
}

static void test_each_cell(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int role = ROLE_AGENT; role < ROLE_COUNT; role++) {
            enum reach reach = right_reach((enum role)role, rows[i].right);
            if (reach != wanted(i, (enum role)role)) {
                fail_msg("%s of role %d: %s", rows[i].name, role, reach_name(reach));
            }
        }
    }
}

/* Whose thing it is: one's own, a colleague's, nobody's of the account, and the same elsewhere. */
static void test_each_cell_over_each_thing(void **state)
{
    (void)state;
    static const struct {
        const char *account, *user;
        enum reach least; /* that reaches it */
    } things[] = {
        {"acc_1", "usr_1", REACH_OWN},
        {"acc_1", "usr_2", REACH_ACCOUNT},
        {"acc_1", "", REACH_ACCOUNT},
        {"acc_2", "usr_1", REACH_ALL},
        {"acc_2", "usr_2", REACH_ALL},
        {"acc_2", "", REACH_ALL},
        {"", "", REACH_ALL},
        {"operator", "", REACH_ALL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int role = ROLE_AGENT; role < ROLE_COUNT; role++) {
            struct actor actor = {.account = TEXT("acc_1"), .user = TEXT("usr_1"), .role = (enum role)role};
            struct problem problem = {0};
            enum reach reach = wanted(i, (enum role)role);
            assert_int_equal(right_any(&actor, rows[i].right), reach != REACH_NONE);
            assert_int_equal(right_need(&actor, rows[i].right, &problem), reach != REACH_NONE);
            assert_int_equal(problem.kind, reach == REACH_NONE ? PROBLEM_FORBIDDEN : PROBLEM_NONE);
            for (size_t j = 0; j < COUNT(things); j++) {
                bool over = right_over(
                    &actor, rows[i].right, text_from(things[j].account), text_from(things[j].user));
                if (over != (reach >= things[j].least)) {
                    fail_msg("%s of role %d over %s/%s: %d", rows[i].name, role, things[j].account,
                        things[j].user, over);
                }
            }
        }
    }
}

/* An actor without an id owns nothing, least of all what is nobody's. */
static void test_nobody_owns_nothing(void **state)
{
    (void)state;
    struct actor nobody = {.account = TEXT("acc_1"), .role = ROLE_AGENT};
    assert_false(right_over(&nobody, RIGHT_REQUEST_SEE, TEXT("acc_1"), TEXT_EMPTY));
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(reach_name(REACH_NONE), "none");
    assert_string_equal(reach_name(REACH_OWN), "own");
    assert_string_equal(reach_name(REACH_ACCOUNT), "account");
    assert_string_equal(reach_name(REACH_ALL), "all");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_right_has_its_row),
        cmocka_unit_test(test_each_cell),
        cmocka_unit_test(test_each_cell_over_each_thing),
        cmocka_unit_test(test_nobody_owns_nothing),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("rights", tests, NULL, NULL);
}
