/* Passkeys in the database: adding, signing in, replays, copies, limits, other people's. */
#include <pthread.h>

#include "authenticator.h"
#include "desk.h"
#include "people/audit.h"
#include "people/passkeys.h"

#define VISITOR TEXT("a visitor's cookie")

struct bench {
    struct desk *desk;
    struct passkeys passkeys;
    struct session session; /* of the owner */
    struct authenticator authenticator;
};

static void sign_in_by_password(struct desk *desk, const char *email, struct session *ret)
{
    struct problem problem = {0};
    struct signed_in done;
    struct sign_in sign_in = {
        .email = text_from(email), .password = TEXT(DESK_PASSWORD), .client = TEXT("192.0.2.1")};
    DESK_OK(sign_in_begin(&desk->sessions, desk->arena, &sign_in, &done, &problem), problem);
    DESK_OK(session_find(&desk->sessions, desk->arena, done.token, ret, &problem), problem);
}

static int bench_open(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    void *desk = NULL;
    assert_non_null(bench);
    desk_open(&desk);
    bench->desk = desk;
    passkeys_init(
        &bench->passkeys, bench->desk->arena, &bench->desk->sessions, bench->desk->vault, TEXT(RP_ORIGIN));
    authenticator_open(&bench->authenticator, COSE_ES256, TEXT("the first credential"));
    sign_in_by_password(bench->desk, DESK_EMAIL, &bench->session);
    *state = bench;
    return 0;
}

static int bench_close(void **state)
{
    struct bench *bench = *state;
    void *desk = bench->desk;
    authenticator_close(&bench->authenticator);
    free(bench);
    return desk_close(&desk);
}

static struct text b64(struct bench *bench, struct text bytes)
{
    return text_base64url(bench->desk->arena, bytes.at, bytes.len);
}

static bool add_for(struct bench *bench, const struct session *session,
    const struct authenticator *authenticator, struct text challenge, const char *name,
    struct problem *problem)
{
    *problem = (struct problem){0};
    struct webauthn_registration made = authenticator_register(authenticator, bench->desk->arena, challenge);
    struct passkey_new passkey = {
        text_from(name), b64(bench, made.client_data), b64(bench, made.attestation)};
    return passkey_add(&bench->passkeys, bench->desk->arena, session, &passkey, problem);
}

static struct text challenge_to_add(struct bench *bench, const struct session *session)
{
    return passkey_challenge(&bench->passkeys, bench->desk->arena, PASSKEY_TO_ADD, session->token);
}

static void add(struct bench *bench, const char *name)
{
    struct problem problem;
    DESK_OK(add_for(bench, &bench->session, &bench->authenticator, challenge_to_add(bench, &bench->session),
                name, &problem),
        problem);
}

static struct text challenge_to_sign_in(struct bench *bench)
{
    return passkey_challenge(&bench->passkeys, bench->desk->arena, PASSKEY_TO_SIGN_IN, VISITOR);
}

/* The authenticator's answer, as the browser sends it. */
static struct passkey_sign_in answer(
    struct bench *bench, const struct authenticator *authenticator, struct text challenge)
{
    struct webauthn_assertion made = authenticator_assert(authenticator, bench->desk->arena, challenge);
    return (struct passkey_sign_in){.credential = b64(bench, authenticator->id),
        .user_handle = passkey_user_handle(&bench->passkeys, bench->desk->arena,
            id_text(&bench->desk->account), id_text(&bench->desk->user)),
        .client_data = b64(bench, made.client_data),
        .auth_data = b64(bench, made.auth_data),
        .signature = b64(bench, made.signature),
        .cookie_token = VISITOR,
        .client = TEXT("192.0.2.7")};
}

static bool enters(struct bench *bench, const struct passkey_sign_in *sign_in, struct text *ret_token)
{
    struct signed_in done;
    struct problem problem = {0};
    bool in = passkey_sign_in(&bench->passkeys, bench->desk->arena, sign_in, &done, &problem);
    *ret_token = in ? done.token : TEXT_EMPTY;
    if (!in &&
        (problem.kind != PROBLEM_INPUT || problem.word != WORD_passkey_refused || problem.field[0] != '\0')) {
        fail_msg("%s: %s", words_key(problem.word), problem.detail);
    }
    return in;
}

static int64_t rows(struct bench *bench, const char *sql)
{
    return desk_number(bench->desk, sql);
}

static void test_added_and_used(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct passkey *list;
    size_t count;
    struct text token;
    struct session session;
    add(bench, "  Work laptop ");
    DESK_OK(
        passkey_list(&bench->passkeys, bench->desk->arena, &bench->session.actor, &list, &count, &problem),
        problem);
    assert_int_equal(count, 1);
    assert_true(text_is(list[0].name, "Work laptop"));
    assert_int_equal(list[0].last_used_at, 0);
    assert_int_equal(
        rows(
            bench, "SELECT count(*) FROM audit_event WHERE kind = 'passkey_added' AND about = 'Work laptop'"),
        1);
    assert_int_equal(
        rows(bench,
            "SELECT count(*) FROM person_mail WHERE kind = 'passkey_added' AND to_address = '" DESK_EMAIL
            "'"),
        1);

    clock_advance(bench->desk->clock, CLOCK_HOUR);
    bench->authenticator.counter = 2;
    struct passkey_sign_in sign_in = answer(bench, &bench->authenticator, challenge_to_sign_in(bench));
    sign_in.replaces = bench->session.token;
    assert_true(enters(bench, &sign_in, &token));
    DESK_OK(session_find(&bench->desk->sessions, bench->desk->arena, token, &session, &problem), problem);
    assert_true(text_equal(session.actor.user, id_text(&bench->desk->user)));
    assert_true(session_is_fresh(&bench->desk->sessions, &session));
    /* The browser's session of before has ended. */
    assert_false(
        session_find(&bench->desk->sessions, bench->desk->arena, bench->session.token, &session, &problem));
    assert_int_equal(rows(bench, "SELECT count(*) FROM audit_event WHERE kind = 'signed_in'"), 2);
    problem = (struct problem){0};
    DESK_OK(
        passkey_list(&bench->passkeys, bench->desk->arena, &bench->session.actor, &list, &count, &problem),
        problem);
    assert_int_equal(list[0].last_used_at, DESK_NOW + CLOCK_HOUR);
    /* Nothing of it tells who it is. */
    assert_int_equal(
        rows(bench, "SELECT count(*) FROM passkey WHERE length(public_key) = 65 AND counter = 2"), 1);
}

static void test_the_same_twice_is_one(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    struct text challenge = challenge_to_add(bench, &bench->session);
    for (int i = 0; i < 2; i++) {
        DESK_OK(add_for(bench, &bench->session, &bench->authenticator, challenge, "Key", &problem), problem);
    }
    assert_int_equal(rows(bench, "SELECT count(*) FROM passkey"), 1);
    assert_int_equal(rows(bench, "SELECT count(*) FROM person_mail"), 1);
    /* Another one by the same challenge is none. */
    bench->authenticator.id = TEXT("another credential");
    assert_false(add_for(bench, &bench->session, &bench->authenticator, challenge, "Key", &problem));
    assert_int_equal(problem.word, WORD_passkey_refused);
    assert_int_equal(rows(bench, "SELECT count(*) FROM passkey"), 1);
}

static void test_challenges(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    struct session other;
    struct text token;
    sign_in_by_password(bench->desk, DESK_EMAIL, &other);
    /* Of another session, for another purpose, made up, too old. */
    assert_false(add_for(
        bench, &bench->session, &bench->authenticator, challenge_to_add(bench, &other), "Key", &problem));
    struct text wrong =
        passkey_challenge(&bench->passkeys, bench->desk->arena, PASSKEY_TO_SIGN_IN, bench->session.token);
    assert_false(add_for(bench, &bench->session, &bench->authenticator, wrong, "Key", &problem));
    assert_false(add_for(
        bench, &bench->session, &bench->authenticator, token_new(bench->desk->arena, 56), "Key", &problem));
    assert_false(add_for(
        bench, &bench->session, &bench->authenticator, token_new(bench->desk->arena, 32), "Key", &problem));
    struct text old = challenge_to_add(bench, &bench->session);
    clock_advance(bench->desk->clock, PASSKEY_CHALLENGE_LIFE);
    assert_false(add_for(bench, &bench->session, &bench->authenticator, old, "Key", &problem));
    assert_int_equal(rows(bench, "SELECT count(*) FROM passkey"), 0);
    add(bench, "Key");

    bench->authenticator.counter = 2;
    struct passkey_sign_in sign_in = answer(bench, &bench->authenticator, challenge_to_sign_in(bench));
    sign_in.cookie_token = TEXT("another visitor's cookie");
    assert_false(enters(bench, &sign_in, &token));
    sign_in.cookie_token = TEXT_EMPTY;
    assert_false(enters(bench, &sign_in, &token));
    sign_in = answer(bench, &bench->authenticator, challenge_to_sign_in(bench));
    clock_advance(bench->desk->clock, PASSKEY_CHALLENGE_LIFE);
    assert_false(enters(bench, &sign_in, &token));
    sign_in = answer(bench, &bench->authenticator, challenge_to_sign_in(bench));
    assert_true(enters(bench, &sign_in, &token));
    assert_false(enters(bench, &sign_in, &token)); /* a replay */
    assert_int_equal(rows(bench, "SELECT count(*) FROM person_mail WHERE kind = 'passkey_copied'"), 0);
    /* What was used is forgotten when it would be too old. */
    clock_advance(bench->desk->clock, 2 * PASSKEY_CHALLENGE_LIFE);
    bench->authenticator.counter = 3;
    sign_in = answer(bench, &bench->authenticator, challenge_to_sign_in(bench));
    assert_true(enters(bench, &sign_in, &token));
    assert_int_equal(rows(bench, "SELECT count(*) FROM passkey_challenge"), 1);
}

struct racer {
    struct bench *bench;
    struct arena *arena;
    struct passkey_sign_in sign_in;
    bool in;
};

static void *race(void *context)
{
    struct racer *racer = context;
    struct signed_in done;
    struct problem problem = {0};
    racer->in = passkey_sign_in(&racer->bench->passkeys, racer->arena, &racer->sign_in, &done, &problem);
    return NULL;
}

/* One answer sent by many at the same moment lets one in; also of an authenticator that does not count. */
static void test_replays_at_the_same_moment(void **state)
{
    struct bench *bench = *state;
    enum { RACERS = 6, ROUNDS = 4 };
    bench->authenticator.counter = 0;
    add(bench, "Key");
    for (int round = 0; round < ROUNDS; round++) {
        struct passkey_sign_in sign_in = answer(bench, &bench->authenticator, challenge_to_sign_in(bench));
        struct racer racers[RACERS];
        pthread_t threads[RACERS];
        int in = 0;
        for (size_t i = 0; i < RACERS; i++) {
            racers[i] = (struct racer){bench, arena_new(1024 * 1024), sign_in, false};
            assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
        }
        for (size_t i = 0; i < RACERS; i++) {
            pthread_join(threads[i], NULL);
            in += racers[i].in;
            arena_free(racers[i].arena);
        }
        assert_int_equal(in, 1);
    }
    assert_int_equal(rows(bench, "SELECT count(*) FROM session"), 1 + ROUNDS);
}

static void test_a_copy_is_refused_and_told(void **state)
{
    struct bench *bench = *state;
    struct text token;
    bench->authenticator.counter = 10;
    add(bench, "Key");
    static const struct {
        uint32_t counter;
        bool in;
    } cases[] = {{11, true}, {11, false}, {10, false}, {0, false}, {12, true}};
    int refused = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench->authenticator.counter = cases[i].counter;
        struct passkey_sign_in sign_in = answer(bench, &bench->authenticator, challenge_to_sign_in(bench));
        assert_int_equal(enters(bench, &sign_in, &token), cases[i].in);
        refused += !cases[i].in;
        assert_int_equal(
            rows(bench,
                "SELECT count(*) FROM person_mail WHERE kind = 'passkey_copied' AND client = '192.0.2.7'"),
            refused);
        assert_int_equal(
            rows(bench, "SELECT count(*) FROM audit_event WHERE kind = 'passkey_copied' AND by_user IS NULL"),
            refused);
    }
    assert_int_equal(rows(bench, "SELECT count(*) FROM session"), 3);
}

static void test_wrong_answers_say_the_same(void **state)
{
    struct bench *bench = *state;
    struct text token;
    struct authenticator stranger, ghost;
    add(bench, "Key");
    bench->authenticator.counter = 2;
    authenticator_open(&stranger, COSE_ES256, bench->authenticator.id);
    authenticator_open(&ghost, COSE_EDDSA, TEXT("nobody's credential"));
    stranger.counter = ghost.counter = 2;
    struct passkey_sign_in good = answer(bench, &bench->authenticator, challenge_to_sign_in(bench));
    struct passkey_sign_in cases[] = {answer(bench, &stranger, challenge_to_sign_in(bench)),
        answer(bench, &ghost, challenge_to_sign_in(bench)), good, good, good, good, good, good, good};
    cases[2].user_handle = token_new(bench->desk->arena, 32);
    cases[3].user_handle = TEXT_EMPTY;
    cases[4].signature = TEXT("AAAA");
    cases[5].signature = TEXT("not base64!");
    cases[6].auth_data = TEXT_EMPTY;
    cases[7].credential = text_base64url(bench->desk->arena, arena_alloc(bench->desk->arena, 1024, 1), 1024);
    cases[8].client_data = b64(bench, TEXT("{}"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(enters(bench, &cases[i], &token));
    }
    assert_int_equal(rows(bench, "SELECT count(*) FROM session"), 1);
    assert_true(enters(bench, &good, &token));
    /* Where the desk's address has no passkeys, none signs in. */
    bench->authenticator.counter = 3;
    good = answer(bench, &bench->authenticator, challenge_to_sign_in(bench));
    passkeys_init(&bench->passkeys, bench->desk->arena, &bench->desk->sessions, bench->desk->vault,
        TEXT("http://127.0.0.1:8080"));
    assert_false(enters(bench, &good, &token));
    /* And where it has another name, those of the old name do not. */
    passkeys_init(&bench->passkeys, bench->desk->arena, &bench->desk->sessions, bench->desk->vault,
        TEXT("https://other.example.com"));
    assert_false(enters(bench, &good, &token));
    authenticator_close(&stranger);
    authenticator_close(&ghost);
}

static void test_other_peoples(void **state)
{
    struct bench *bench = *state;
    struct desk *desk = bench->desk;
    struct problem problem = {0};
    struct session mara;
    struct passkey *list, one;
    size_t count;
    desk_user(desk, "mara@harborpine.example", "Mara Ellison", ROLE_ADMIN);
    sign_in_by_password(desk, "mara@harborpine.example", &mara);
    add(bench, "Key");
    DESK_OK(
        passkey_list(&bench->passkeys, desk->arena, &bench->session.actor, &list, &count, &problem), problem);
    struct text id = list[0].id;
    DESK_OK(passkey_list(&bench->passkeys, desk->arena, &mara.actor, &list, &count, &problem), problem);
    assert_int_equal(count, 0);
    assert_false(passkey_get(&bench->passkeys, desk->arena, &mara.actor, id, &one, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    problem = (struct problem){0};
    assert_false(passkey_rename(&bench->passkeys, desk->arena, &mara.actor, id, TEXT("Mine"), &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    problem = (struct problem){0};
    assert_false(passkey_remove(&bench->passkeys, &mara, id, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    problem = (struct problem){0};
    assert_false(passkey_get(&bench->passkeys, desk->arena, &mara.actor, TEXT("' OR 1=1"), &one, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    /* One key is of one person. */
    assert_false(
        add_for(bench, &mara, &bench->authenticator, challenge_to_add(bench, &mara), "Key", &problem));
    assert_int_equal(rows(bench, "SELECT count(*) FROM passkey"), 1);
    /* They are known by different handles, the same each time. */
    struct text account = id_text(&desk->account);
    struct text mine = passkey_user_handle(&bench->passkeys, desk->arena, account, bench->session.actor.user);
    assert_false(
        text_equal(mine, passkey_user_handle(&bench->passkeys, desk->arena, account, mara.actor.user)));
    assert_true(text_equal(
        mine, passkey_user_handle(&bench->passkeys, desk->arena, account, bench->session.actor.user)));
    assert_int_equal(mine.len, 43);
}

static void test_renamed_and_removed(void **state)
{
    struct bench *bench = *state;
    struct desk *desk = bench->desk;
    struct problem problem = {0};
    struct passkey *list, one;
    struct text token;
    size_t count;
    add(bench, "Key");
    DESK_OK(
        passkey_list(&bench->passkeys, desk->arena, &bench->session.actor, &list, &count, &problem), problem);
    struct text id = list[0].id;
    DESK_OK(
        passkey_rename(&bench->passkeys, desk->arena, &bench->session.actor, id, TEXT("Phone\n"), &problem),
        problem);
    DESK_OK(passkey_get(&bench->passkeys, desk->arena, &bench->session.actor, id, &one, &problem), problem);
    assert_true(text_is(one.name, "Phone"));
    char name[PASSKEY_NAME_MAX + 2] = {0};
    memset(name, 'x', PASSKEY_NAME_MAX + 1);
    assert_false(
        passkey_rename(&bench->passkeys, desk->arena, &bench->session.actor, id, text_from(name), &problem));
    assert_string_equal(problem.field, "name");
    problem = (struct problem){0};
    assert_false(
        passkey_rename(&bench->passkeys, desk->arena, &bench->session.actor, id, TEXT(" "), &problem));
    assert_int_equal(problem.word, WORD_passkey_name_missing);

    problem = (struct problem){0};
    bench->authenticator.counter = 2;
    struct passkey_sign_in elsewhere = answer(bench, &bench->authenticator, challenge_to_sign_in(bench));
    assert_true(enters(bench, &elsewhere, &token));
    assert_int_equal(rows(bench, "SELECT count(*) FROM session WHERE how = 'passkey'"), 1);
    for (int i = 0; i < 2; i++) { /* who presses twice has done nothing wrong */
        DESK_OK(passkey_remove(&bench->passkeys, &bench->session, id, &problem), problem);
    }
    assert_int_equal(rows(bench, "SELECT count(*) FROM passkey"), 0);
    assert_int_equal(rows(bench, "SELECT count(*) FROM passkey_credential"), 0);
    assert_int_equal(rows(bench, "SELECT count(*) FROM session WHERE how = 'passkey'"), 0);
    assert_int_equal(
        rows(bench, "SELECT count(*) FROM audit_event WHERE kind = 'passkey_removed' AND about = 'Phone'"),
        1);
    assert_int_equal(rows(bench, "SELECT count(*) FROM person_mail WHERE kind = 'passkey_removed'"), 1);
    bench->authenticator.counter = 3;
    struct passkey_sign_in sign_in = answer(bench, &bench->authenticator, challenge_to_sign_in(bench));
    assert_false(enters(bench, &sign_in, &token));
}

static void test_at_most_so_many(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    for (int i = 0; i < PASSKEYS_MAX; i++) {
        bench->authenticator.id = text_format(bench->desk->arena, "credential %d", i);
        add(bench, "Key");
    }
    bench->authenticator.id = TEXT("one too many");
    assert_false(add_for(bench, &bench->session, &bench->authenticator,
        challenge_to_add(bench, &bench->session), "Key", &problem));
    assert_int_equal(problem.word, WORD_passkey_too_many);
    assert_int_equal(rows(bench, "SELECT count(*) FROM passkey"), PASSKEYS_MAX);
    assert_int_equal(rows(bench, "SELECT count(*) FROM person_mail"), PASSKEYS_MAX);
}

static bool remove_all(struct db_tx *tx, void *context)
{
    const struct bench *bench = context;
    assert_int_equal(passkeys_count(tx, bench->session.actor.account, bench->session.actor.user), 1);
    return passkeys_remove_all(tx, bench->session.actor.account, bench->session.actor.user);
}

static void test_all_of_a_user_removed(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    add(bench, "Key");
    DESK_OK(db_write(bench->desk->db, remove_all, bench, &problem), problem);
    assert_int_equal(rows(bench, "SELECT count(*) FROM passkey"), 0);
    assert_int_equal(rows(bench, "SELECT count(*) FROM passkey_credential"), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)
    const struct CMUnitTest tests[] = {
        CASE(test_added_and_used),
        CASE(test_the_same_twice_is_one),
        CASE(test_challenges),
        CASE(test_replays_at_the_same_moment),
        CASE(test_a_copy_is_refused_and_told),
        CASE(test_wrong_answers_say_the_same),
        CASE(test_other_peoples),
        CASE(test_renamed_and_removed),
        CASE(test_at_most_so_many),
        CASE(test_all_of_a_user_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
