/* Signing in, sessions, throttling, tokens, and the bound on hashing. */
#include <pthread.h>
#include <string.h>

#include "desk.h"
#include "people/known_device.h"
#include "people/sign_in.h"
#include "people/tries.h"

static bool sign_in_with(
    struct desk *desk, const struct sign_in *sign_in, struct session *ret, struct problem *problem)
{
    struct signed_in done;
    *problem = (struct problem){0};
    if (!sign_in_begin(&desk->sessions, desk->arena, sign_in, &done, problem)) {
        return false;
    }
    assert_false(done.half);
    *ret = (struct session){.token = done.token};
    return true;
}

static bool sign_in_from(struct desk *desk, const char *email, const char *password, const char *client,
    struct session *ret, struct problem *problem)
{
    struct sign_in sign_in = {
        .email = text_from(email), .password = text_from(password), .client = text_from(client)};
    return sign_in_with(desk, &sign_in, ret, problem);
}

static bool sign_in(struct desk *desk, struct session *ret, struct problem *problem)
{
    return sign_in_from(desk, DESK_EMAIL, DESK_PASSWORD, "192.0.2.1", ret, problem);
}

static bool is_signed_in(struct desk *desk, struct text token)
{
    struct problem problem = {0};
    struct session session;
    bool found = session_find(&desk->sessions, desk->arena, token, &session, &problem);
    assert_true(found || problem.kind == PROBLEM_SIGN_IN);
    return found;
}

static void test_sign_in(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct session session, again;
    DESK_OK(sign_in(desk, &session, &problem), problem);
    assert_true(text_starts(session.token, id_text(&desk->account)));
    DESK_OK(session_find(&desk->sessions, desk->arena, session.token, &again, &problem), problem);
    assert_true(text_equal(again.actor.account, id_text(&desk->account)));
    assert_true(text_equal(again.actor.user, id_text(&desk->user)));
    assert_true(text_is(again.actor.name, "Marcus Oyelaran"));
    assert_true(text_is(again.actor.account_name, "Harbor & Pine Realty"));
    assert_true(text_is(again.actor.time_zone, "America/Los_Angeles"));
    assert_true(text_is(again.actor.theme, "auto"));
    assert_int_equal(again.actor.role, ROLE_OWNER);
    /* The token itself is not in the database. */
    assert_int_equal(
        desk_number(
            desk, "SELECT count(*) FROM session WHERE length(token_hash) = 64 AND token_hash NOT LIKE '%.%'"),
        1);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM sign_in_attempt"), 0);
}

static void test_wrong_credentials_say_the_same(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct session session;
    static const char *const cases[][2] = {
        {DESK_EMAIL, "blue kettle on the peer"},
        {DESK_EMAIL, "x"},
        {"nobody@harborpine.example", DESK_PASSWORD},
        {"nobody@harborpine.example", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(sign_in_from(desk, cases[i][0], cases[i][1], "192.0.2.1", &session, &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
        assert_int_equal(problem.word, WORD_people_sign_in_wrong);
        assert_string_equal(problem.field, "password");
    }
    assert_false(sign_in_from(desk, "not an e-mail", DESK_PASSWORD, "192.0.2.1", &session, &problem));
    assert_string_equal(problem.field, "email");
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM session"), 0);
}

static void test_session_ends(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct session one, two, three;
    DESK_OK(sign_in(desk, &one, &problem), problem);
    DESK_OK(sign_in(desk, &two, &problem), problem);
    assert_false(text_equal(one.token, two.token));
    DESK_OK(session_end(&desk->sessions, one.token, &problem), problem);
    assert_false(is_signed_in(desk, one.token));
    assert_true(is_signed_in(desk, two.token));
    /* A new sign-in of the same browser ends the session before. */
    struct sign_in again = {.email = TEXT(DESK_EMAIL),
        .password = TEXT(DESK_PASSWORD),
        .client = TEXT("192.0.2.1"),
        .replaces = two.token};
    DESK_OK(sign_in_with(desk, &again, &three, &problem), problem);
    assert_false(is_signed_in(desk, two.token));
    assert_true(is_signed_in(desk, three.token));
    DESK_OK(
        session_end_all(&desk->sessions, id_text(&desk->account), id_text(&desk->user), &problem), problem);
    assert_false(is_signed_in(desk, three.token));
    DESK_OK(session_end(&desk->sessions, TEXT("nonsense"), &problem), problem);
}

static void test_session_ages(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct session session;
    DESK_OK(sign_in(desk, &session, &problem), problem);
    clock_advance(desk->clock, SESSION_IDLE - CLOCK_SECOND);
    assert_true(is_signed_in(desk, session.token)); /* which counts as use */
    clock_advance(desk->clock, SESSION_IDLE - CLOCK_SECOND);
    assert_true(is_signed_in(desk, session.token));
    clock_advance(desk->clock, SESSION_IDLE + CLOCK_SECOND);
    assert_false(is_signed_in(desk, session.token));

    DESK_OK(sign_in(desk, &session, &problem), problem);
    for (int64_t age = 0; age + SESSION_IDLE / 2 < SESSION_LIFE; age += SESSION_IDLE / 2) {
        assert_true(is_signed_in(desk, session.token));
        clock_advance(desk->clock, SESSION_IDLE / 2);
    }
    clock_advance(desk->clock, SESSION_IDLE / 2);
    assert_false(is_signed_in(desk, session.token));
}

static void test_malformed_tokens(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct session session;
    DESK_OK(sign_in(desk, &session, &problem), problem);
    size_t len = session.token.len;
    const struct text cases[] = {TEXT_EMPTY, TEXT("."), TEXT("acc_"), TEXT("acc_.x"), TEXT("' OR 1=1 --"),
        text_part(session.token, 0, len - 1), text_part(session.token, 1, len),
        text_format(desk->arena, "%.*sA", TEXT_ARG(session.token)),
        text_format(desk->arena, "%.*s.%.*s", TEXT_ARG(id_text(&desk->account)),
            TEXT_ARG(token_new(desk->arena, 32))),
        text_format(desk->arena, "%.*s%.*s", TEXT_ARG(id_text(&desk->user)),
            TEXT_ARG(text_part(session.token, len - 44, 44)))};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(is_signed_in(desk, cases[i]));
    }
    assert_true(is_signed_in(desk, session.token));
}

static void test_tries_of_an_email_are_counted(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct session session;
    for (int i = 0; i < SIGN_IN_EMAIL_MAX; i++) {
        assert_false(sign_in_from(desk, DESK_EMAIL, "wrong", "192.0.2.1", &session, &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
    }
    /* Now not even the right password, from elsewhere; another e-mail is not concerned. */
    assert_false(sign_in_from(desk, DESK_EMAIL, DESK_PASSWORD, "192.0.2.2", &session, &problem));
    assert_int_equal(problem.kind, PROBLEM_TOO_MANY);
    assert_string_equal(problem.about, "15");
    desk_user(desk, "ada@harborpine.example", "Ada Lane", ROLE_AGENT);
    DESK_OK(sign_in_from(desk, "ada@harborpine.example", DESK_PASSWORD, "192.0.2.1", &session, &problem),
        problem);
    clock_advance(desk->clock, 10 * CLOCK_MINUTE);
    assert_false(sign_in(desk, &session, &problem));
    assert_string_equal(problem.about, "5");
    clock_advance(desk->clock, 5 * CLOCK_MINUTE);
    DESK_OK(sign_in(desk, &session, &problem), problem);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM sign_in_attempt"), 0);
}

static void test_success_clears_the_count(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct session session;
    for (int i = 0; i < SIGN_IN_EMAIL_MAX - 1; i++) {
        assert_false(sign_in_from(desk, DESK_EMAIL, "wrong", "192.0.2.1", &session, &problem));
    }
    DESK_OK(sign_in(desk, &session, &problem), problem);
    assert_false(sign_in_from(desk, DESK_EMAIL, "wrong", "192.0.2.1", &session, &problem));
    assert_int_equal(problem.kind, PROBLEM_INPUT);
    DESK_OK(sign_in(desk, &session, &problem), problem);
}

static void test_tries_of_a_client_are_counted(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct session session;
    /* One customer's network, whose addresses change within their /64. */
    for (int i = 0; i < SIGN_IN_ADDRESS_MAX; i++) {
        const char *email = text_format(desk->arena, "guess%d@x.example", i).at;
        const char *client = text_format(desk->arena, "2001:db8:1:2::%x", i + 1).at;
        assert_false(sign_in_from(desk, email, "wrong password", client, &session, &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
    }
    assert_false(sign_in_from(desk, DESK_EMAIL, DESK_PASSWORD, "2001:db8:1:2:ffff::1", &session, &problem));
    assert_int_equal(problem.kind, PROBLEM_TOO_MANY);
    DESK_OK(sign_in_from(desk, DESK_EMAIL, DESK_PASSWORD, "2001:db8:1:3::1", &session, &problem), problem);
}

/* The password becomes another one between the look at it and the session: as when the person takes the account back from a thief. */
static void test_a_password_that_changed_meanwhile(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct session session;
    test_databases_spoiled();
    /* A try is written down before the password is looked at: at that moment it changes. */
    if (test_on_postgres()) {
        assert_true(desk_exec(desk,
            "CREATE FUNCTION take_back() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE app_user SET"
            " password_hash = ''another''; RETURN NULL; END'",
            DB_NO_ARGS));
        assert_true(desk_exec(desk,
            "CREATE TRIGGER take_back AFTER INSERT ON sign_in_attempt FOR EACH ROW EXECUTE FUNCTION"
            " take_back()",
            DB_NO_ARGS));
    } else {
        assert_true(desk_exec(desk,
            "CREATE TRIGGER take_back AFTER INSERT ON sign_in_attempt BEGIN UPDATE app_user SET"
            " password_hash = 'another'; END",
            DB_NO_ARGS));
    }
    assert_false(sign_in(desk, &session, &problem));
    assert_int_equal(problem.word, WORD_people_sign_in_wrong);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM session"), 0);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM half_session"), 0);
}

/* A stranger who uses up the tries of an e-mail keeps out strangers alone, and the person is told once a day. */
static void test_a_known_browser_is_not_kept_out(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct session session;
    struct signed_in done = {0};
    struct sign_in own = {
        .email = TEXT(DESK_EMAIL), .password = TEXT(DESK_PASSWORD), .client = TEXT("192.0.2.1")};
    DESK_OK(sign_in_begin(&desk->sessions, desk->arena, &own, &done, &problem), problem);
    own.device_cookie = text_format(desk->arena, "%s.%.*s",
        "junk.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", TEXT_ARG(done.device_cookie));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < SIGN_IN_EMAIL_MAX; i++) {
            assert_false(sign_in_from(desk, DESK_EMAIL, "wrong", "198.51.100.7", &session, &problem));
            assert_int_equal(problem.kind, PROBLEM_INPUT);
        }
        for (int i = 0; i < 3; i++) {
            assert_false(sign_in(desk, &session, &problem));
            assert_int_equal(problem.kind, PROBLEM_TOO_MANY);
        }
        DESK_OK(sign_in_begin(&desk->sessions, desk->arena, &own, &done, &problem), problem);
        /* The token is another after each sign-in; the one before is nobody's. */
        assert_false(sign_in_with(desk, &own, &session, &problem));
        own.device_cookie = done.device_cookie;
        assert_int_equal(
            desk_number(desk, "SELECT count(*) FROM person_mail WHERE kind = 'sign_ins_failed'"), 1);
        assert_int_equal(
            desk_number(desk, "SELECT count(*) FROM audit_event WHERE kind = 'sign_ins_held'"), 1);
        clock_advance(desk->clock, TRIES_WINDOW);
    }
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM known_device"), 1);
    clock_advance(desk->clock, SIGN_IN_WARNING);
    for (int i = 0; i <= SIGN_IN_EMAIL_MAX; i++) {
        assert_false(sign_in_from(desk, DESK_EMAIL, "wrong", "198.51.100.7", &session, &problem));
    }
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM person_mail WHERE kind = 'sign_ins_failed'"), 2);
}

/* A known browser has tries of its own; it is known for its person alone, and not for long after all were ended. */
static void test_tries_of_a_known_browser(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct session session;
    struct signed_in done = {0};
    struct sign_in own = {
        .email = TEXT(DESK_EMAIL), .password = TEXT(DESK_PASSWORD), .client = TEXT("192.0.2.1")};
    DESK_OK(sign_in_begin(&desk->sessions, desk->arena, &own, &done, &problem), problem);
    struct sign_in wrong = {.email = TEXT(DESK_EMAIL),
        .password = TEXT("wrong"),
        .client = TEXT("192.0.2.1"),
        .device_cookie = done.device_cookie};
    for (int i = 0; i < SIGN_IN_EMAIL_MAX; i++) {
        assert_false(sign_in_with(desk, &wrong, &session, &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
    }
    assert_false(sign_in_with(desk, &wrong, &session, &problem));
    assert_int_equal(problem.kind, PROBLEM_TOO_MANY);
    /* Which holds nobody else, and tells nobody by mail. */
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM person_mail"), 0);
    DESK_OK(sign_in(desk, &session, &problem), problem);
    desk_user(desk, "ada@harborpine.example", "Ada Lane", ROLE_AGENT);
    struct sign_in other = wrong;
    other.email = TEXT("ada@harborpine.example");
    for (int i = 0; i < SIGN_IN_EMAIL_MAX; i++) {
        assert_false(sign_in_with(desk, &other, &session, &problem));
    }
    assert_int_equal(problem.kind, PROBLEM_INPUT);
    assert_false(
        sign_in_from(desk, "ada@harborpine.example", DESK_PASSWORD, "192.0.2.9", &session, &problem));
    assert_int_equal(problem.kind, PROBLEM_TOO_MANY);
    DESK_OK(
        session_end_all(&desk->sessions, id_text(&desk->account), id_text(&desk->user), &problem), problem);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM known_device"), 0);
}

/* A known and an unknown e-mail cost the same hashing, and as many rows of tries. */
static void test_unknown_people_cost_the_same(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct session session;
    static const char *const emails[] = {DESK_EMAIL, "nobody@harborpine.example"};
    int64_t tries[2];
    uint64_t hashes[2];
    for (size_t i = 0; i < 2; i++) {
        uint64_t before = passwords_computed(desk->passwords);
        for (int j = 0; j < SIGN_IN_EMAIL_MAX + 2; j++) {
            bool wrong = !sign_in_from(desk, emails[i], "wrong", "192.0.2.1", &session, &problem);
            assert_true(wrong);
            assert_int_equal(problem.kind, j < SIGN_IN_EMAIL_MAX ? PROBLEM_INPUT : PROBLEM_TOO_MANY);
        }
        hashes[i] = passwords_computed(desk->passwords) - before;
        tries[i] = desk_number(desk, "SELECT count(*) FROM sign_in_attempt WHERE failed = 1");
    }
    assert_int_equal(hashes[0], SIGN_IN_EMAIL_MAX);
    assert_int_equal(hashes[1], SIGN_IN_EMAIL_MAX);
    assert_int_equal(tries[1], 2 * tries[0]);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM sign_in_warning"), 2);
}

static void test_sessions_are_listed_and_ended(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct session mine, two, found;
    struct session_view *views;
    size_t count;
    desk_user(desk, "ada@harborpine.example", "Ada Lane", ROLE_AGENT);
    struct session of_ada;
    DESK_OK(
        sign_in_from(desk, "ada@harborpine.example", DESK_PASSWORD, "192.0.2.9", &of_ada, &problem), problem);
    DESK_OK(session_find(&desk->sessions, desk->arena, of_ada.token, &of_ada, &problem), problem);
    struct sign_in with = {.email = TEXT(DESK_EMAIL),
        .password = TEXT(DESK_PASSWORD),
        .client = TEXT("192.0.2.1"),
        .browser = TEXT("Firefox/Windows")};
    DESK_OK(sign_in_with(desk, &with, &mine, &problem), problem);
    DESK_OK(sign_in_from(desk, DESK_EMAIL, DESK_PASSWORD, "2001:db8::7", &two, &problem), problem);
    DESK_OK(session_find(&desk->sessions, desk->arena, mine.token, &mine, &problem), problem);
    DESK_OK(session_list(&desk->sessions, desk->arena, &mine, &views, &count, &problem), problem);
    assert_int_equal(count, 2);
    assert_true(views[0].is_this && !views[1].is_this);
    assert_true(text_is(views[0].browser, "Firefox/Windows"));
    assert_true(text_is(views[1].client, "2001:db8::7"));
    assert_int_equal(views[0].how, SESSION_BY_PASSWORD);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM session WHERE browser LIKE '%Mozilla%'"), 0);
    /* Another person's is not there. */
    assert_false(session_end_one(&desk->sessions, &mine, of_ada.id, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    assert_true(is_signed_in(desk, of_ada.token));
    DESK_OK(session_end_one(&desk->sessions, &mine, views[1].id, &problem), problem);
    assert_false(is_signed_in(desk, two.token));
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM known_device"), 2);
    DESK_OK(sign_in_from(desk, DESK_EMAIL, DESK_PASSWORD, "2001:db8::7", &two, &problem), problem);
    DESK_OK(session_end_rest(&desk->sessions, &mine, &problem), problem);
    assert_false(is_signed_in(desk, two.token));
    DESK_OK(session_find(&desk->sessions, desk->arena, mine.token, &found, &problem), problem);
    assert_true(is_signed_in(desk, of_ada.token));
    /* One from before sessions had an id. */
    desk_exec(desk, "UPDATE session SET id = NULL", DB_NO_ARGS);
    DESK_OK(session_list(&desk->sessions, desk->arena, &of_ada, &views, &count, &problem), problem);
    assert_int_equal(count, 1);
    DESK_OK(session_end_one(&desk->sessions, &of_ada, views[0].id, &problem), problem);
    assert_false(is_signed_in(desk, of_ada.token));
}

static bool rotate_closure(struct db_tx *tx, void *context)
{
    const struct text *tokens = context;
    return session_rotate(tx, tokens[0], tokens[1]);
}

static void test_a_rotated_token_is_another(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct session session;
    DESK_OK(sign_in(desk, &session, &problem), problem);
    struct text tokens[2] = {session.token, session_token(desk->arena, id_text(&desk->account))};
    DESK_OK(db_write(desk->db, rotate_closure, tokens, &problem), problem);
    assert_false(is_signed_in(desk, tokens[0]));
    assert_true(is_signed_in(desk, tokens[1]));
}

static void test_csrf_tokens(void **state)
{
    struct desk *desk = *state;
    struct text token = csrf_token(&desk->sessions, desk->arena, TEXT("one"));
    assert_int_equal(token.len, 43);
    assert_true(csrf_is_good(&desk->sessions, desk->arena, TEXT("one"), token));
    assert_false(csrf_is_good(&desk->sessions, desk->arena, TEXT("two"), token));
    assert_false(csrf_is_good(&desk->sessions, desk->arena, TEXT("one"), TEXT_EMPTY));
    assert_false(csrf_is_good(&desk->sessions, desk->arena, TEXT("one"), text_part(token, 0, 42)));
    struct text of_nobody = csrf_token(&desk->sessions, desk->arena, TEXT_EMPTY);
    assert_false(csrf_is_good(&desk->sessions, desk->arena, TEXT_EMPTY, of_nobody));
}

static void test_passwords(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct text hash;
    bool fits = true;
    char longest[PASSWORD_MAX + 1];
    memset(longest, 'x', sizeof longest);
    DESK_OK(
        password_hash(desk->passwords, desk->arena, (struct text){longest, PASSWORD_MAX}, &hash, &problem),
        problem);
    DESK_OK(password_check(desk->passwords, hash, (struct text){longest, PASSWORD_MAX}, &fits, &problem),
        problem);
    assert_true(fits);
    DESK_OK(password_check(desk->passwords, hash, (struct text){longest, PASSWORD_MAX - 1}, &fits, &problem),
        problem);
    assert_false(fits);
    DESK_OK(password_check(desk->passwords, TEXT_EMPTY, TEXT(""), &fits, &problem), problem);
    assert_false(fits);
    assert_false(
        password_hash(desk->passwords, desk->arena, (struct text){longest, sizeof longest}, &hash, &problem));
    assert_int_equal(problem.word, WORD_people_password_long);
}

/* What the product hashes with. */
static void test_the_cost_of_a_hash(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct passwords *passwords;
    struct text hash;
    DESK_OK(passwords_open(1, 1, PASSWORD_COST_INTERACTIVE, &passwords, &problem), problem);
    DESK_OK(password_hash(passwords, desk->arena, TEXT("long enough"), &hash, &problem), problem);
    assert_true(text_starts(hash, TEXT("$argon2id$v=19$m=65536,t=2,")));
    passwords_close(passwords);
}

struct crowd {
    struct passwords *passwords;
    pthread_barrier_t start;
    int taken, refused; /* atomics */
};

static void *one_of_the_crowd(void *context)
{
    struct crowd *crowd = context;
    struct problem problem = {0};
    bool fits;
    pthread_barrier_wait(&crowd->start);
    if (password_check(crowd->passwords, TEXT_EMPTY, TEXT("x"), &fits, &problem)) {
        __atomic_fetch_add(&crowd->taken, 1, __ATOMIC_SEQ_CST);
    } else if (problem.kind == PROBLEM_TOO_MANY) {
        __atomic_fetch_add(&crowd->refused, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void test_hashing_is_bounded(void **state)
{
    (void)state;
    enum { CROWD = 12 };
    struct problem problem = {0};
    struct crowd crowd = {0};
    pthread_t threads[CROWD];
    assert_true(passwords_open(1, 2, PASSWORD_COST_INTERACTIVE, &crowd.passwords, &problem));
    pthread_barrier_init(&crowd.start, NULL, CROWD);
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, one_of_the_crowd, &crowd), 0);
    }
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(crowd.taken + crowd.refused, CROWD);
    assert_true(crowd.taken >= 3); /* one at work and two in the line */
    assert_true(crowd.refused > 0);
    pthread_barrier_destroy(&crowd.start);
    passwords_close(crowd.passwords);
}

int main(void)
{
#define ON_A_DESK(test) cmocka_unit_test_setup_teardown(test, desk_open, desk_close)
    const struct CMUnitTest tests[] = {
        ON_A_DESK(test_sign_in),
        ON_A_DESK(test_wrong_credentials_say_the_same),
        ON_A_DESK(test_session_ends),
        ON_A_DESK(test_session_ages),
        ON_A_DESK(test_malformed_tokens),
        ON_A_DESK(test_tries_of_an_email_are_counted),
        ON_A_DESK(test_success_clears_the_count),
        ON_A_DESK(test_tries_of_a_client_are_counted),
        ON_A_DESK(test_a_password_that_changed_meanwhile),
        ON_A_DESK(test_a_known_browser_is_not_kept_out),
        ON_A_DESK(test_tries_of_a_known_browser),
        ON_A_DESK(test_unknown_people_cost_the_same),
        ON_A_DESK(test_sessions_are_listed_and_ended),
        ON_A_DESK(test_a_rotated_token_is_another),
        ON_A_DESK(test_csrf_tokens),
        ON_A_DESK(test_passwords),
        ON_A_DESK(test_the_cost_of_a_hash),
        cmocka_unit_test(test_hashing_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
