/* Accounts, users, e-mails, and the guard of personal phones. */
#include "desk.h"
#include "people/email.h"

static void test_emails(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *kept; /* NULL: refused */
    } cases[] = {
        {"marcus@harborpine.example", "marcus@harborpine.example"},
        {"  Marcus@HarborPine.Example ", "marcus@harborpine.example"},
        {"a+b_c-d.e@x-y.co.uk", "a+b_c-d.e@x-y.co.uk"},
        {"o'brien@x.example", "o'brien@x.example"},
        {"jos\xc3\xa9@caf\xc3\xa9.example", "jos\xc3\xa9@caf\xc3\xa9.example"},
        {"", NULL},
        {"marcus", NULL},
        {"@x.example", NULL},
        {"a@", NULL},
        {"a@localhost", NULL},
        {"a@x..example", NULL},
        {"a@.example", NULL},
        {"a@x.example.", NULL},
        {"a@-x.example", NULL},
        {"a@x-.example", NULL},
        {"a@b@x.example", NULL},
        {".a@x.example", NULL},
        {"a.@x.example", NULL},
        {"a..b@x.example", NULL},
        {"a b@x.example", NULL},
        {"a@x y.example", NULL},
        {"a\r\nBcc: b@x.example", NULL},
        {"a@x.example\r\nBcc: b", NULL},
        {"\"a\"@x.example", NULL},
        {"<a@x.example>", NULL},
        {"a,b@x.example", NULL},
        {"a@[127.0.0.1]", NULL},
        {"\xff@x.example", NULL},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x.example", NULL},
        {"a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", NULL},
    };
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct problem problem = {0};
        struct text kept = TEXT("untouched");
        bool good = email_parse(arena, text_from(cases[i].typed), "email", &kept, &problem);
        if (good != (cases[i].kept != NULL) ||
            !text_is(kept, cases[i].kept != NULL ? cases[i].kept : "untouched")) {
            fail_msg("%s", cases[i].typed);
        }
        if (!good) {
            assert_string_equal(problem.field, "email");
            assert_int_equal(problem.kind, PROBLEM_INPUT);
        }
    }
}

static void test_accounts_refused(void **state)
{
    struct desk *desk = *state;
    static const struct {
        const char *name, *country, *field;
    } cases[] = {
        {"", "US", "name"},
        {"   ", "US", "name"},
        {"a\tb\x01", "US", "name"},
        {"Harbor", "", "country"},
        {"Harbor", "FR", "country"},
        {"Harbor", "us", "country"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct problem problem = {0};
        struct id id;
        struct account_new account = {text_from(cases[i].name), text_from(cases[i].country), false};
        assert_false(account_create(desk->db, desk->clock, &account, &id, &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
        assert_string_equal(problem.field, cases[i].field);
    }
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM account"), 1);
}

static void test_users_refused(void **state)
{
    struct desk *desk = *state;
    static const struct {
        const char *email, *name, *password, *zone, *field;
        enum word word;
    } cases[] = {
        {"x", "N", DESK_PASSWORD, "UTC", "email", WORD_people_email_wrong},
        {"n@x.example", "", DESK_PASSWORD, "UTC", "name", WORD_people_name_missing},
        {"n@x.example", "N", "nine char", "UTC", "password", WORD_people_password_short},
        {"n@x.example", "N", "", "UTC", "password", WORD_people_password_short},
        {"n@x.example", "N", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "UTC", "password",
            WORD_problem_not_clean},
        {"n@x.example", "N", DESK_PASSWORD, "", "time_zone", WORD_people_time_zone_wrong},
        {"MARCUS@harborpine.example", "N", DESK_PASSWORD, "UTC", "email", WORD_people_email_taken},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct problem problem = {0};
        struct id id;
        struct user_new user = {id_text(&desk->account), text_from(cases[i].email), text_from(cases[i].name),
            ROLE_AGENT, text_from(cases[i].password), text_from(cases[i].zone)};
        assert_false(user_create(desk->db, desk->clock, desk->passwords, &user, &id, &problem));
        assert_string_equal(problem.field, cases[i].field);
        assert_int_equal(problem.word, cases[i].word);
    }
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM app_user"), 1);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM user_email"), 1);
}

struct lookups {
    struct desk *desk;
    struct account account;
    struct user by_id, by_email, owner;
    struct user *users;
    size_t count;
    bool found, found_operator;
};

static bool look_up(struct db_tx *tx, void *context)
{
    struct lookups *all = context;
    struct arena *arena = all->desk->arena;
    struct text account = id_text(&all->desk->account);
    struct account operator_account;
    all->found = account_by_id(tx, arena, account, &all->account) &&
                 user_by_id(tx, arena, account, id_text(&all->desk->user), &all->by_id) &&
                 user_by_email(tx, arena, TEXT(DESK_EMAIL), &all->by_email) &&
                 account_owner(tx, arena, account, &all->owner) &&
                 users_of_account(tx, arena, account, &all->users, &all->count);
    all->found_operator = account_of_operator(tx, arena, &operator_account);
    struct user nobody;
    assert_false(user_by_id(tx, arena, TEXT("acc_0"), id_text(&all->desk->user), &nobody));
    assert_false(user_by_email(tx, arena, TEXT("nobody@x.example"), &nobody));
    return db_ok(tx);
}

static void test_lookups(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct lookups all = {.desk = desk};
    desk_user(desk, "ada@harborpine.example", "Ada Lane", ROLE_AGENT);
    DESK_OK(db_read(desk->db, look_up, &all, &problem), problem);
    assert_true(all.found);
    assert_false(all.found_operator);
    assert_true(text_is(all.account.name, "Harbor & Pine Realty"));
    assert_true(text_is(all.by_id.email, DESK_EMAIL));
    assert_int_equal(all.by_id.role, ROLE_OWNER);
    assert_true(text_equal(all.by_email.id, id_text(&desk->user)));
    assert_true(text_equal(all.owner.id, id_text(&desk->user)));
    assert_int_equal(all.count, 2);
    assert_true(text_is(all.users[0].name, "Ada Lane"));
    struct account_new operator_new = {TEXT("Northline"), TEXT("US"), true};
    struct id id;
    DESK_OK(account_create(desk->db, desk->clock, &operator_new, &id, &problem), problem);
    DESK_OK(db_read(desk->db, look_up, &all, &problem), problem);
    assert_true(all.found_operator);
}

static bool set_phone(struct desk *desk, const struct id *user, const char *e164, struct problem *problem)
{
    *problem = (struct problem){0};
    return user_set_personal_phone(
        desk->db, id_text(&desk->account), id_text(user), text_from(e164), problem);
}

static int64_t uses(struct desk *desk)
{
    return desk_number(desk, "SELECT count(*) FROM number_use WHERE kind = 'personal'");
}

static void test_personal_phone(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct text account = id_text(&desk->account);
    struct id ada = desk_user(desk, "ada@harborpine.example", "Ada Lane", ROLE_AGENT);
    assert_true(
        desk_exec(desk, "INSERT INTO number_use (account, e164, kind) VALUES ($1, '+14155220101', 'port')",
            DB_ARGS(db_text(account))));
    assert_true(desk_exec(desk,
        "INSERT INTO number_use (account, e164, kind) VALUES ($1, '+14155220102', 'inventory')",
        DB_ARGS(db_text(account))));

    DESK_OK(set_phone(desk, &desk->user, "+14155220110", &problem), problem);
    assert_int_equal(uses(desk), 1);
    /* Two people may share a phone; it is given back when the last of them has another. */
    DESK_OK(set_phone(desk, &ada, "+14155220110", &problem), problem);
    assert_int_equal(uses(desk), 1);
    DESK_OK(set_phone(desk, &desk->user, "+14155220111", &problem), problem);
    assert_int_equal(uses(desk), 2);
    DESK_OK(set_phone(desk, &ada, "", &problem), problem);
    assert_int_equal(uses(desk), 1);
    /* The same again changes nothing. */
    DESK_OK(set_phone(desk, &desk->user, "+14155220111", &problem), problem);
    assert_int_equal(uses(desk), 1);

    assert_false(set_phone(desk, &ada, "+14155220101", &problem));
    assert_int_equal(problem.word, WORD_people_phone_in_port);
    assert_string_equal(problem.field, "personal_phone");
    assert_false(set_phone(desk, &ada, "+14155220102", &problem));
    assert_int_equal(problem.word, WORD_people_phone_in_inventory);
    static const char *const wrong[] = {
        "4155220101", "+0155220101", "+1415522010x", "+1", "+12345678901234567", "x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(set_phone(desk, &ada, wrong[i], &problem));
        assert_int_equal(problem.word, WORD_people_phone_wrong);
    }
    struct id nobody = id_new(desk->clock, USER_ID_PREFIX);
    assert_false(set_phone(desk, &nobody, "+14155220120", &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    assert_int_equal(uses(desk), 1);
}

/* Whatever a use case forgets, the tables refuse. */
static void test_the_tables_guard(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct text account = id_text(&desk->account);
    DESK_OK(set_phone(desk, &desk->user, "+14155220111", &problem), problem);
    static const char *const refused[] = {
        "UPDATE number_use SET kind = 'port' WHERE account = $1 AND e164 = '+14155220111'",
        "DELETE FROM number_use WHERE account = $1 AND e164 = '+14155220111'",
        "INSERT INTO number_use (account, e164, kind) VALUES ($1, '+14155220111', 'port')",
        "INSERT INTO number_use (account, e164, kind) VALUES ($1, '+14155220112', 'other')",
        "UPDATE app_user SET personal_phone = '+14155220199' WHERE account = $1",
        "UPDATE app_user SET personal_phone_kind = 'port' WHERE account = $1",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (desk_exec(desk, refused[i], DB_ARGS(db_text(account)))) {
            fail_msg("%s", refused[i]);
        }
    }
}

static void test_theme(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct text account = id_text(&desk->account), user = id_text(&desk->user);
    DESK_OK(user_set_theme(desk->db, account, user, TEXT("dark"), &problem), problem);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM app_user WHERE theme = 'dark'"), 1);
    assert_false(user_set_theme(desk->db, account, user, TEXT("pink"), &problem));
    assert_string_equal(problem.field, "theme");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_emails),
        cmocka_unit_test_setup_teardown(test_accounts_refused, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_users_refused, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_lookups, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_personal_phone, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_the_tables_guard, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_theme, desk_open, desk_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
