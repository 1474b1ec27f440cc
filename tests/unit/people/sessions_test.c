/* Signing in, sessions, throttling, tokens, and the bound on hashing. */
#include <pthread.h>
#include <string.h>

#include "desk.h"

static bool sign_in_from(struct desk *desk, const char *email, const char *password, const char *client,
    struct session *ret, struct problem *problem)
{
    *problem = (struct problem){0};
    struct sign_in sign_in = {text_from(email), text_from(password), text_from(client), TEXT_EMPTY};
    return session_begin(&desk->sessions, desk->arena, &sign_in, ret, problem);
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
    struct sign_in again = {TEXT(DESK_EMAIL), TEXT(DESK_PASSWORD), TEXT("192.0.2.1"), two.token};
    DESK_OK(session_begin(&desk->sessions, desk->arena, &again, &three, &problem), problem);
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
        ON_A_DESK(test_csrf_tokens),
        ON_A_DESK(test_passwords),
        ON_A_DESK(test_the_cost_of_a_hash),
        cmocka_unit_test(test_hashing_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
