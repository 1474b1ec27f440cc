/* One-time codes, recovery codes, the two steps of a sign-in, and what attackers try with them. */
#include <liboath/oath.h>
#include <pthread.h>
#include <string.h>

#include "desk.h"
#include "people/authenticator.h"
#include "people/second_factor.h"
#include "people/sign_in.h"

static struct text digits_at(struct desk *desk, struct text secret, int64_t at)
{
    char digits[TOTP_DIGITS + 1];
    assert_int_equal(oath_hotp_generate(secret.at, secret.len, (uint64_t)(at / TOTP_STEP), TOTP_DIGITS, false,
                         OATH_HOTP_DYNAMIC_TRUNCATION, digits),
        OATH_OK);
    return text_copy(desk->arena, text_from(digits));
}

static void test_codes_are_those_of_rfc_6238(void **state)
{
    (void)state;
    static const struct {
        int64_t second;
        const char *code;
    } cases[] = {{59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"}, {1234567890, "005924"},
        {2000000000, "279037"}, {20000000000, "353130"}};
    struct text secret = TEXT("12345678901234567890");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t now = cases[i].second * CLOCK_SECOND, step = 0, own = now / TOTP_STEP;
        assert_true(totp_check(secret, cases[i].code, now, -1, &step));
        assert_int_equal(step, own);
        /* One step to either side, and no further; not again, and none before. */
        assert_true(totp_check(secret, cases[i].code, now + TOTP_STEP, -1, &step));
        assert_true(totp_check(secret, cases[i].code, now - TOTP_STEP, -1, &step) || own == 0);
        assert_int_equal(step, own);
        assert_false(totp_check(secret, cases[i].code, now + 2 * TOTP_STEP, -1, &step));
        assert_false(totp_check(secret, cases[i].code, now, own, &step));
        assert_false(totp_check(secret, cases[i].code, now, own + 1, &step));
    }
}

static void test_what_is_typed(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    static const struct {
        const char *typed, *digits;
    } cases[] = {{"123456", "123456"}, {" 123 456\n", "123456"}, {"12345", NULL}, {"1234567", NULL},
        {"12345a", NULL}, {"", NULL}, {"-12345", NULL}, {"１23456", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char digits[TOTP_DIGITS + 1];
        bool good = totp_digits(text_from(cases[i].typed), digits);
        assert_int_equal(good, cases[i].digits != NULL);
        assert_true(!good || strcmp(digits, cases[i].digits) == 0);
    }
    struct text plain;
    assert_true(recovery_code_parse(arena, TEXT("X7K2-9dmw-p3fa hq5n"), &plain));
    assert_true(text_is(plain, "x7k29dmwp3fahq5n"));
    assert_true(recovery_code_parse(arena, TEXT("OIL0-1111-1111-1111"), &plain));
    assert_true(text_is(plain, "0110111111111111"));
    static const char *const wrong[] = {
        "", "x7k2-9dmw-p3fa-hq5", "x7k2-9dmw-p3fa-hq5nn", "x7k2-9dmw-p3fa-hqu5", "' OR 1=1 --"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(recovery_code_parse(arena, text_from(wrong[i]), &plain));
    }
    assert_true(
        text_is(totp_key(arena, TEXT("12345678901234567890")), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"));
    assert_true(text_is(
        totp_address(arena, TEXT("12345678901234567890"), TEXT("A & B"), TEXT("a:b@x.example")),
        "otpauth://totp/A%20%26%20B:a%3Ab%40x.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=A%20%26%20B"));
}

/* ---- On a desk ---- */

static bool first_step(
    struct desk *desk, struct text device_cookie, struct signed_in *ret, struct problem *problem)
{
    struct sign_in sign_in = {.email = TEXT(DESK_EMAIL),
        .password = TEXT(DESK_PASSWORD),
        .client = TEXT("192.0.2.1"),
        .device_cookie = device_cookie};
    *problem = (struct problem){0};
    return sign_in_begin(&desk->sessions, desk->arena, &sign_in, ret, problem);
}

static bool second_step(struct desk *desk, struct text half, struct text code, bool recovery,
    struct text device_cookie, struct signed_in *ret, struct problem *problem)
{
    struct sign_in_code given = {.half = half,
        .code = code,
        .recovery = recovery,
        .client = TEXT("192.0.2.1"),
        .device_cookie = device_cookie};
    *problem = (struct problem){0};
    return sign_in_finish(&desk->sessions, desk->arena, &given, ret, problem);
}

static bool is_signed_in(struct desk *desk, struct text token, struct session *ret)
{
    struct problem problem = {0};
    return session_find(&desk->sessions, desk->arena, token, ret, &problem);
}

/* A person whose two-step sign-in is on. */
struct set_up {
    struct session session;
    struct text secret, *codes, device_cookie;
};

static void set_up(struct desk *desk, struct set_up *ret)
{
    struct problem problem = {0};
    struct signed_in done;
    struct session session;
    struct authenticator_new made;
    DESK_OK(first_step(desk, TEXT_EMPTY, &done, &problem), problem);
    assert_false(done.half);
    ret->device_cookie = done.device_cookie;
    assert_true(is_signed_in(desk, done.token, &session));
    DESK_OK(authenticator_begin(&desk->sessions, &session.actor, &problem), problem);
    DESK_OK(
        authenticator_waiting(&desk->sessions, desk->arena, &session.actor, &ret->secret, &problem), problem);
    assert_int_equal(ret->secret.len, TOTP_SECRET_BYTES);
    struct text code = digits_at(desk, ret->secret, clock_now(desk->clock));
    DESK_OK(authenticator_confirm(&desk->sessions, desk->arena, &session, code, &made, &problem), problem);
    assert_true(is_signed_in(desk, made.token, &ret->session));
    ret->codes = made.codes;
}

static void test_setting_up(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct signed_in one, two;
    struct session session, other;
    struct text first, second;
    DESK_OK(first_step(desk, TEXT_EMPTY, &one, &problem), problem);
    DESK_OK(first_step(desk, TEXT_EMPTY, &two, &problem), problem);
    assert_true(is_signed_in(desk, one.token, &session));
    struct authenticator_new made;
    assert_false(
        authenticator_confirm(&desk->sessions, desk->arena, &session, TEXT("123456"), &made, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    problem = (struct problem){0};
    DESK_OK(authenticator_begin(&desk->sessions, &session.actor, &problem), problem);
    DESK_OK(authenticator_waiting(&desk->sessions, desk->arena, &session.actor, &first, &problem), problem);
    DESK_OK(authenticator_begin(&desk->sessions, &session.actor, &problem), problem);
    DESK_OK(authenticator_waiting(&desk->sessions, desk->arena, &session.actor, &second, &problem), problem);
    assert_true(text_equal(first, second)); /* a page that is loaded again shows the same */
    clock_advance(desk->clock, AUTHENTICATOR_WAITS + 1);
    DESK_OK(authenticator_begin(&desk->sessions, &session.actor, &problem), problem);
    DESK_OK(authenticator_waiting(&desk->sessions, desk->arena, &session.actor, &second, &problem), problem);
    assert_false(text_equal(first, second));
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM totp WHERE length(secret_sealed) > 40"), 1);
    struct text old = digits_at(desk, first, clock_now(desk->clock));
    assert_false(authenticator_confirm(&desk->sessions, desk->arena, &session, old, &made, &problem));
    assert_string_equal(problem.field, "code");
    problem = (struct problem){0};
    struct text code = digits_at(desk, second, clock_now(desk->clock));
    DESK_OK(authenticator_confirm(&desk->sessions, desk->arena, &session, code, &made, &problem), problem);
    /* Rights grew: another token; the old one and all others are over. */
    assert_false(is_signed_in(desk, one.token, &other));
    assert_false(is_signed_in(desk, two.token, &other));
    assert_true(is_signed_in(desk, made.token, &session));
    assert_int_equal(
        desk_number(desk, "SELECT count(*) FROM recovery_code WHERE length(code_hash) = 64"), 10);
    assert_int_equal(
        desk_number(desk, "SELECT count(*) FROM person_mail WHERE kind = 'second_factor_on'"), 1);
    assert_int_equal(
        desk_number(desk, "SELECT count(*) FROM audit_event WHERE kind = 'second_factor_on'"), 1);
    /* Beginning again changes nothing. */
    DESK_OK(authenticator_begin(&desk->sessions, &session.actor, &problem), problem);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM totp WHERE confirmed_at IS NOT NULL"), 1);
}

static void test_two_steps(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct signed_in half, done;
    struct session session;
    struct set_up up;
    bool waits = false;
    set_up(desk, &up);
    /* The code that confirmed does not sign in. */
    struct text code = digits_at(desk, up.secret, clock_now(desk->clock));
    DESK_OK(first_step(desk, TEXT_EMPTY, &half, &problem), problem);
    assert_true(half.half);
    assert_int_equal(half.device_cookie.len, 0);
    assert_false(is_signed_in(desk, half.token, &session)); /* a half session opens nothing */
    assert_false(second_step(desk, half.token, code, false, TEXT_EMPTY, &done, &problem));
    assert_int_equal(problem.kind, PROBLEM_INPUT);
    clock_advance(desk->clock, TOTP_STEP);
    code = digits_at(desk, up.secret, clock_now(desk->clock));
    DESK_OK(second_step(desk, half.token, code, false, TEXT_EMPTY, &done, &problem), problem);
    assert_false(text_equal(done.token, half.token));
    assert_true(is_signed_in(desk, done.token, &session));
    assert_int_equal(session.how, SESSION_BY_CODE);
    /* The half session is used up, and so is the code. */
    assert_false(second_step(desk, half.token, code, false, TEXT_EMPTY, &done, &problem));
    assert_int_equal(problem.kind, PROBLEM_SIGN_IN);
    DESK_OK(first_step(desk, TEXT_EMPTY, &half, &problem), problem);
    assert_false(second_step(desk, half.token, code, false, TEXT_EMPTY, &done, &problem));
    assert_int_equal(problem.kind, PROBLEM_INPUT);
    /* It ends by itself. */
    clock_advance(desk->clock, HALF_SESSION_LIFE);
    DESK_OK(sign_in_is_half(&desk->sessions, half.token, &waits, &problem), problem);
    assert_false(waits);
    code = digits_at(desk, up.secret, clock_now(desk->clock));
    assert_false(second_step(desk, half.token, code, false, TEXT_EMPTY, &done, &problem));
    assert_int_equal(problem.kind, PROBLEM_SIGN_IN);
    /* A full session's token, or nonsense, is none. */
    assert_false(second_step(desk, up.session.token, code, false, TEXT_EMPTY, &done, &problem));
    assert_int_equal(problem.kind, PROBLEM_SIGN_IN);
    assert_false(second_step(desk, TEXT("' OR 1=1 --"), code, false, TEXT_EMPTY, &done, &problem));
    assert_int_equal(problem.kind, PROBLEM_SIGN_IN);
}

static void test_guessing_codes(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct signed_in half, done;
    struct set_up up;
    set_up(desk, &up);
    clock_advance(desk->clock, TOTP_STEP);
    struct text right = digits_at(desk, up.secret, clock_now(desk->clock));
    struct text wrong = text_is(right, "000000") ? TEXT("000001") : TEXT("000000");
    int refused = 0;
    for (int round = 0; round * HALF_SESSION_TRIES < CODE_TRIES_MAX; round++) {
        DESK_OK(first_step(desk, TEXT_EMPTY, &half, &problem), problem);
        for (int i = 0; i < HALF_SESSION_TRIES; i++) {
            assert_false(second_step(desk, half.token, wrong, false, TEXT_EMPTY, &done, &problem));
            refused += problem.kind == PROBLEM_INPUT;
        }
        /* Also the right one comes too late. */
        assert_false(second_step(desk, half.token, right, false, TEXT_EMPTY, &done, &problem));
        assert_int_equal(problem.kind, PROBLEM_SIGN_IN);
    }
    /* Codes near by are wrong too, but for one in a million. */
    assert_in_range(refused, CODE_TRIES_MAX - 1, CODE_TRIES_MAX);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM person_mail WHERE kind = 'codes_wrong'"), 1);
    DESK_OK(first_step(desk, TEXT_EMPTY, &half, &problem), problem);
    assert_false(second_step(desk, half.token, right, false, TEXT_EMPTY, &done, &problem));
    assert_int_equal(problem.kind, PROBLEM_TOO_MANY);
    /* The person is not kept out: a known browser has its own count, and recovery codes are not counted. */
    DESK_OK(first_step(desk, up.device_cookie, &half, &problem), problem);
    DESK_OK(second_step(desk, half.token, right, false, up.device_cookie, &done, &problem), problem);
    DESK_OK(first_step(desk, TEXT_EMPTY, &half, &problem), problem);
    DESK_OK(second_step(desk, half.token, up.codes[0], true, TEXT_EMPTY, &done, &problem), problem);
    /* A day later it is as before. */
    clock_advance(desk->clock, CODE_TRIES_WINDOW);
    DESK_OK(first_step(desk, TEXT_EMPTY, &half, &problem), problem);
    right = digits_at(desk, up.secret, clock_now(desk->clock));
    DESK_OK(second_step(desk, half.token, right, false, TEXT_EMPTY, &done, &problem), problem);
}

static void test_recovery_codes(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct signed_in half, done;
    struct session session;
    struct set_up up;
    struct text *fresh;
    set_up(desk, &up);
    for (int i = 0; i < RECOVERY_CODES; i++) {
        DESK_OK(first_step(desk, TEXT_EMPTY, &half, &problem), problem);
        if (i > 0) { /* none works twice */
            assert_false(second_step(desk, half.token, up.codes[i - 1], true, TEXT_EMPTY, &done, &problem));
            assert_int_equal(problem.kind, PROBLEM_INPUT);
        }
        struct text typed = text_upper(desk->arena, up.codes[i]);
        DESK_OK(second_step(desk, half.token, typed, true, TEXT_EMPTY, &done, &problem), problem);
        assert_true(is_signed_in(desk, done.token, &session));
        assert_int_equal(session.how, SESSION_BY_RECOVERY);
    }
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM person_mail WHERE kind = 'recovery_used'"),
        RECOVERY_CODES - RECOVERY_FEW - 1);
    assert_int_equal(
        desk_number(desk, "SELECT count(*) FROM person_mail WHERE kind = 'recovery_few'"), RECOVERY_FEW + 1);
    assert_int_equal(
        desk_number(desk, "SELECT count(*) FROM audit_event WHERE kind = 'recovery_used'"), RECOVERY_CODES);
    clock_advance(desk->clock, TOTP_STEP);
    struct text code = digits_at(desk, up.secret, clock_now(desk->clock));
    assert_false(
        authenticator_renew(&desk->sessions, desk->arena, &session, TEXT("abcdef"), &fresh, &problem));
    assert_int_equal(problem.kind, PROBLEM_INPUT);
    DESK_OK(authenticator_renew(&desk->sessions, desk->arena, &session, code, &fresh, &problem), problem);
    bool good = false;
    DESK_OK(authenticator_codes_are(&desk->sessions, &session.actor, fresh, RECOVERY_CODES, &good, &problem),
        problem);
    assert_true(good);
    DESK_OK(authenticator_codes_are(&desk->sessions, &session.actor, up.codes, 1, &good, &problem), problem);
    assert_false(good);
    DESK_OK(first_step(desk, TEXT_EMPTY, &half, &problem), problem);
    DESK_OK(second_step(desk, half.token, fresh[4], true, TEXT_EMPTY, &done, &problem), problem);
}

static void test_turning_it_off(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct signed_in done;
    struct set_up up;
    set_up(desk, &up);
    clock_advance(desk->clock, TOTP_STEP);
    struct text code = digits_at(desk, up.secret, clock_now(desk->clock));
    assert_false(authenticator_off(&desk->sessions, &up.session, TEXT("nonsense"), &problem));
    assert_int_equal(problem.kind, PROBLEM_INPUT);
    problem = (struct problem){0};
    /* While it is asked it cannot be turned off. */
    DESK_OK(second_factor_rule_set(&desk->sessions, &up.session.actor, SECOND_FACTOR_MANAGERS, &problem),
        problem);
    assert_false(authenticator_off(&desk->sessions, &up.session, code, &problem));
    assert_int_equal(problem.word, WORD_people_second_factor_asked);
    problem = (struct problem){0};
    DESK_OK(
        second_factor_rule_set(&desk->sessions, &up.session.actor, SECOND_FACTOR_FREE, &problem), problem);
    DESK_OK(authenticator_off(&desk->sessions, &up.session, code, &problem), problem);
    assert_int_equal(
        desk_number(desk, "SELECT (SELECT count(*) FROM totp) + (SELECT count(*) FROM recovery_code)"), 0);
    DESK_OK(first_step(desk, TEXT_EMPTY, &done, &problem), problem);
    assert_false(done.half);
    assert_int_equal(
        desk_number(desk, "SELECT count(*) FROM person_mail WHERE kind = 'second_factor_off'"), 1);
}

/* Who has a passkey and no app: the password is enough only while the account asks for no more. Otherwise whoever has found it out would be
 * led to set up an app of their own. */
static void test_a_passkey_is_the_second_factor(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct signed_in before, done;
    struct session session;
    assert_true(desk_exec(desk,
        "INSERT INTO passkey (account, id, user_id, credential, credential_hash, alg, public_key, counter,"
        " backup_eligible, backed_up, name, created_at) SELECT account, 'psk_1', id, 'AA', '00', -7, $1, 0, 0, 0,"
        " 'Phone', 1 FROM app_user",
        DB_ARGS(db_bytes(TEXT("key")))));
    DESK_OK(first_step(desk, TEXT_EMPTY, &before, &problem), problem);
    assert_true(is_signed_in(desk, before.token, &session));
    assert_true(second_factor_rule_set(
        &desk->sessions, &session.actor, SECOND_FACTOR_MANAGERS, &problem)); /* not shut out */
    assert_false(is_signed_in(desk, before.token, &session));
    assert_false(first_step(desk, TEXT_EMPTY, &done, &problem));
    assert_int_equal(problem.word, WORD_people_sign_in_passkey);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM session"), 1);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM half_session"), 0);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM sign_in_attempt WHERE failed = 1"), 0);
    desk_exec(desk, "UPDATE session SET how = 'passkey'", DB_NO_ARGS);
    assert_true(is_signed_in(desk, before.token, &session));
    assert_false(session.must_set_up);
    desk_exec(
        desk, "DELETE FROM passkey", DB_NO_ARGS); /* lost, and taken away by an admin: an app is set up */
    DESK_OK(first_step(desk, TEXT_EMPTY, &done, &problem), problem);
    assert_true(is_signed_in(desk, done.token, &session));
    assert_true(session.must_set_up);
}

static void test_it_can_be_asked(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct signed_in done;
    struct session session;
    DESK_OK(first_step(desk, TEXT_EMPTY, &done, &problem), problem);
    assert_true(is_signed_in(desk, done.token, &session));
    assert_false(session.must_set_up);
    /* Nobody shuts themselves out. */
    assert_false(second_factor_rule_set(&desk->sessions, &session.actor, SECOND_FACTOR_ALL, &problem));
    assert_string_equal(problem.field, "second_factor");
    desk_exec(desk, "UPDATE account SET second_factor = 'all'", DB_NO_ARGS);
    assert_true(is_signed_in(desk, done.token, &session));
    assert_true(session.must_set_up);
    desk_exec(desk, "UPDATE session SET how = 'passkey'", DB_NO_ARGS);
    assert_true(is_signed_in(desk, done.token, &session));
    assert_false(session.must_set_up); /* a passkey is both factors */
    desk_exec(desk, "UPDATE session SET how = 'password'", DB_NO_ARGS);
    static const struct {
        enum role role;
        bool managers, all, team;
    } cases[] = {{ROLE_AGENT, false, true, false}, {ROLE_ADMIN, true, true, false},
        {ROLE_OWNER, true, true, false}, {ROLE_PORTING_TEAM, false, true, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sessions sessions = desk->sessions;
        assert_false(second_factor_is_asked(&sessions, SECOND_FACTOR_FREE, cases[i].role));
        assert_int_equal(
            second_factor_is_asked(&sessions, SECOND_FACTOR_MANAGERS, cases[i].role), cases[i].managers);
        assert_int_equal(second_factor_is_asked(&sessions, SECOND_FACTOR_ALL, cases[i].role), cases[i].all);
        sessions.team_second_factor = true;
        assert_int_equal(second_factor_is_asked(&sessions, SECOND_FACTOR_FREE, cases[i].role), cases[i].team);
    }
}

static void test_resetting_another(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct session session;
    struct signed_in done;
    struct set_up up;
    struct id agent = desk_user(desk, "ada@harborpine.example", "Ada Lane", ROLE_AGENT);
    struct id admin = desk_user(desk, "ben@harborpine.example", "Ben Ash", ROLE_ADMIN);
    set_up(desk, &up);
    struct actor ada = {.account = id_text(&desk->account), .user = id_text(&agent), .role = ROLE_AGENT};
    struct actor ben = {.account = id_text(&desk->account), .user = id_text(&admin), .role = ROLE_ADMIN};
    struct actor stranger = {
        .account = TEXT("acc_0192b8c4d1e27000a000000000000001"), .user = id_text(&admin), .role = ROLE_OWNER};
    struct actor team = {.account = stranger.account, .user = TEXT("usr_x"), .role = ROLE_PORTING_TEAM};
    const struct {
        const struct actor *actor;
        enum problem_kind kind;
    } cases[] = {{&ada, PROBLEM_NOT_FOUND}, {&ben, PROBLEM_NOT_FOUND}, {&stranger, PROBLEM_NOT_FOUND},
        {&up.session.actor, PROBLEM_INPUT}, {&team, PROBLEM_NONE}, {NULL, PROBLEM_INPUT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        problem = (struct problem){0};
        bool reset = second_factor_reset(
            &desk->sessions, cases[i].actor, id_text(&desk->account), id_text(&desk->user), &problem);
        assert_int_equal(reset, cases[i].kind == PROBLEM_NONE);
        assert_int_equal(problem.kind, cases[i].kind);
    }
    assert_false(is_signed_in(desk, up.session.token, &session));
    DESK_OK(first_step(desk, TEXT_EMPTY, &done, &problem), problem);
    assert_false(done.half);
    assert_int_equal(
        desk_number(desk, "SELECT count(*) FROM person_mail WHERE kind = 'second_factor_reset'"), 1);
}

/* ---- In the same moment ---- */

struct racer {
    struct desk *desk;
    struct text half, code;
    bool recovery;
    pthread_barrier_t *start;
    bool won;
};

static void *race(void *context)
{
    struct racer *racer = context;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct problem problem = {0};
    struct signed_in done;
    struct sign_in_code code = {
        .half = racer->half, .code = racer->code, .recovery = racer->recovery, .client = TEXT("192.0.2.1")};
    pthread_barrier_wait(racer->start);
    racer->won = sign_in_finish(&racer->desk->sessions, arena, &code, &done, &problem);
    return NULL;
}

static void test_a_code_wins_once(void **state)
{
    enum { RACERS = 3, ROUNDS = 8 };
    struct desk *desk = *state;
    struct problem problem = {0};
    struct set_up up;
    set_up(desk, &up);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_barrier_t start;
        pthread_t threads[RACERS];
        struct racer racers[RACERS];
        bool recovery = round % 2 == 1;
        clock_advance(desk->clock, TOTP_STEP);
        struct text code = recovery ? up.codes[round] : digits_at(desk, up.secret, clock_now(desk->clock));
        pthread_barrier_init(&start, NULL, RACERS);
        for (int i = 0; i < RACERS; i++) {
            struct signed_in half;
            DESK_OK(first_step(desk, TEXT_EMPTY, &half, &problem), problem);
            racers[i] = (struct racer){desk, half.token, code, recovery, &start, false};
        }
        for (int i = 0; i < RACERS; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
        }
        int won = 0;
        for (int i = 0; i < RACERS; i++) {
            pthread_join(threads[i], NULL);
            won += racers[i].won;
        }
        pthread_barrier_destroy(&start);
        assert_int_equal(won, 1);
    }
}

int main(void)
{
#define ON_A_DESK(test) cmocka_unit_test_setup_teardown(test, desk_open, desk_close)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes_are_those_of_rfc_6238),
        cmocka_unit_test(test_what_is_typed),
        ON_A_DESK(test_setting_up),
        ON_A_DESK(test_two_steps),
        ON_A_DESK(test_guessing_codes),
        ON_A_DESK(test_recovery_codes),
        ON_A_DESK(test_turning_it_off),
        ON_A_DESK(test_a_passkey_is_the_second_factor),
        ON_A_DESK(test_it_can_be_asked),
        ON_A_DESK(test_resetting_another),
        ON_A_DESK(test_a_code_wins_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
