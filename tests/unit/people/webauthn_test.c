/* What authenticators bring: taken when all is right, refused when any one thing is not. */
#include "authenticator.h"

#define CHALLENGE TEXT("3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs")

static const struct webauthn_rp rp = {{RP_ID, sizeof RP_ID - 1}, {RP_ORIGIN, sizeof RP_ORIGIN - 1}};

struct bench {
    struct arena *arena;
    struct authenticator authenticator;
    struct webauthn_credential credential;
};

static const enum cose_alg algs[] = {COSE_ES256, COSE_EDDSA};

static void bench_open(struct bench *bench, enum cose_alg alg)
{
    struct problem problem = {0};
    bench->arena = arena_new(8 * 1024 * 1024);
    authenticator_open(&bench->authenticator, alg, TEXT("a credential's id"));
    struct webauthn_registration registration =
        authenticator_register(&bench->authenticator, bench->arena, CHALLENGE);
    if (!webauthn_register(&rp, CHALLENGE, &registration, &bench->credential, &problem)) {
        fail_msg("alg %d: %s", (int)alg, problem.detail);
    }
}

static void bench_close(struct bench *bench)
{
    authenticator_close(&bench->authenticator);
    arena_free(bench->arena);
}

static bool registers(const struct webauthn_registration *registration, const char *why)
{
    struct problem problem = {0};
    struct webauthn_credential credential;
    bool taken = webauthn_register(&rp, CHALLENGE, registration, &credential, &problem);
    if (!taken && (problem.kind != PROBLEM_INPUT || problem.word != WORD_passkey_refused ||
                      strstr(problem.detail, why) == NULL)) {
        fail_msg("refused for \"%s\", not for \"%s\"", problem.detail, why);
    }
    return taken;
}

static bool asserts(struct bench *bench, const struct webauthn_assertion *assertion, const char *why)
{
    struct problem problem = {0};
    uint32_t counter = 0;
    bool backed_up = false;
    bool taken =
        webauthn_assert(&rp, CHALLENGE, &bench->credential, assertion, &counter, &backed_up, &problem);
    if (!taken && strstr(problem.detail, why) == NULL) {
        fail_msg("refused for \"%s\", not for \"%s\"", problem.detail, why);
    }
    return taken;
}

static void test_a_new_passkey_and_its_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct bench bench;
        bench_open(&bench, algs[i]);
        assert_true(text_is(bench.credential.id, "a credential's id"));
        assert_int_equal(bench.credential.key.alg, algs[i]);
        assert_int_equal(bench.credential.counter, 1);
        bench.authenticator.counter = 0xfffffffe;
        struct webauthn_assertion assertion =
            authenticator_assert(&bench.authenticator, bench.arena, CHALLENGE);
        uint32_t counter = 0;
        bool backed_up = true;
        assert_true(
            webauthn_assert(&rp, CHALLENGE, &bench.credential, &assertion, &counter, &backed_up, NULL));
        assert_int_equal(counter, 0xfffffffe);
        assert_false(backed_up);
        /* Stored and read again it is the same key. */
        struct cose_key again;
        assert_true(cose_key_from(algs[i], cose_key_bytes(&bench.credential.key), &again));
        bench.credential.key = again;
        assert_true(asserts(&bench, &assertion, ""));
        bench_close(&bench);
    }
}

static void test_flags(void **state)
{
    (void)state;
    static const struct {
        unsigned flags;
        const char *why; /* NULL: taken */
    } cases[] = {
        {PRESENT | VERIFIED, NULL},
        {PRESENT | VERIFIED | ELIGIBLE, NULL},
        {PRESENT | VERIFIED | ELIGIBLE | BACKED_UP, NULL},
        {PRESENT | VERIFIED | BACKED_UP, "authenticator data"},
        {PRESENT, "was not asked"},
        {VERIFIED, "was not asked"},
        {0, "was not asked"},
    };
    struct bench bench;
    bench_open(&bench, COSE_ES256);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench.authenticator.flags = cases[i].flags;
        struct webauthn_registration registration =
            authenticator_register(&bench.authenticator, bench.arena, CHALLENGE);
        assert_int_equal(registers(&registration, cases[i].why ? cases[i].why : ""), cases[i].why == NULL);
        bench.credential.backup_eligible = (cases[i].flags & ELIGIBLE) != 0;
        struct webauthn_assertion assertion =
            authenticator_assert(&bench.authenticator, bench.arena, CHALLENGE);
        assert_int_equal(asserts(&bench, &assertion, cases[i].why ? cases[i].why : ""), cases[i].why == NULL);
        if (cases[i].why == NULL) {
            bench.credential.backup_eligible = !bench.credential.backup_eligible;
            assert_false(asserts(&bench, &assertion, "another kind"));
        }
    }
    bench_close(&bench);
}

static void test_client_data(void **state)
{
    (void)state;
#define REST "\"challenge\":\"3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs\",\"origin\":\"" RP_ORIGIN "\""
    static const struct {
        const char *client, *why;
    } cases[] = {
        {"{\"type\":\"webauthn.create\"," REST "}", NULL},
        {"{\"type\":\"webauthn.create\"," REST ",\"crossOrigin\":false,\"later\":{\"x\":[1]}}", NULL},
        {"{\"type\":\"webauthn.create\"," REST ",\"crossOrigin\":true}", "frame"},
        {"{\"type\":\"webauthn.create\"," REST ",\"crossOrigin\":\"false\"}", "frame"},
        {"{\"type\":\"webauthn.create\"," REST ",\"crossOrigin\":null}", "frame"},
        {"{\"type\":\"webauthn.create\"," REST ",\"topOrigin\":\"https://evil.example\"}", "frame"},
        {"{\"type\":\"webauthn.get\"," REST "}", "ceremony"},
        {"{\"type\":\"payment.get\"," REST "}", "ceremony"},
        {"{\"type\":[\"webauthn.create\"]," REST "}", "ceremony"},
        {"{" REST "}", "ceremony"},
        {"{\"type\":\"webauthn.create\",\"challenge\":\"\",\"origin\":\"" RP_ORIGIN "\"}", "challenge"},
        {"{\"type\":\"webauthn.create\",\"origin\":\"" RP_ORIGIN "\"}", "challenge"},
        {"{\"type\":\"webauthn.create\",\"challenge\":\"3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=\",\"origin\":\"" RP_ORIGIN
         "\"}",
            "challenge"},
        {"{\"type\":\"webauthn.create\",\"challenge\":\"4q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs\",\"origin\":\"" RP_ORIGIN
         "\"}",
            "challenge"},
#undef REST
#define REST                                                                                                 \
    "{\"type\":\"webauthn.create\",\"challenge\":\"3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs\",\"origin\":"
        {REST "\"http://desk.example.com\"}", "origin"},
        {REST "\"https://desk.example.com:8443\"}", "origin"},
        {REST "\"https://desk.example.com/\"}", "origin"},
        {REST "\"https://desk.example.com.evil.example\"}", "origin"},
        {REST "\"https://DESK.example.com\"}", "origin"},
        {REST "\"null\"}", "origin"},
        {REST "null}", "origin"},
        {REST "\"" RP_ORIGIN "\",\"origin\":\"" RP_ORIGIN "\"}", "no JSON"},
        {REST "\"" RP_ORIGIN "\"} x", "no JSON"},
        {REST "\"" RP_ORIGIN "\"", "no JSON"},
        {"[]", "no JSON"},
        {"\"webauthn.create\"", "no JSON"},
        {"", "no JSON"},
        {"\xff", "no JSON"},
    };
#undef REST
    struct bench bench;
    bench_open(&bench, COSE_ES256);
    struct webauthn_registration registration =
        authenticator_register(&bench.authenticator, bench.arena, CHALLENGE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        registration.client_data = text_from(cases[i].client);
        if (registers(&registration, cases[i].why ? cases[i].why : "") != (cases[i].why == NULL)) {
            fail_msg("%s", cases[i].client);
        }
    }
    char *large = arena_alloc(bench.arena, WEBAUTHN_CLIENT_DATA_MAX + 1, 1);
    memset(large, ' ', WEBAUTHN_CLIENT_DATA_MAX + 1);
    registration.client_data = (struct text){large, WEBAUTHN_CLIENT_DATA_MAX + 1};
    assert_false(registers(&registration, "no JSON"));
    bench_close(&bench);
}

static void test_another_host(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, COSE_ES256);
    bench.authenticator.rp_id = TEXT("example.com");
    struct webauthn_registration registration =
        authenticator_register(&bench.authenticator, bench.arena, CHALLENGE);
    assert_false(registers(&registration, "another host"));
    struct webauthn_assertion assertion = authenticator_assert(&bench.authenticator, bench.arena, CHALLENGE);
    assert_false(asserts(&bench, &assertion, "another host"));
    bench_close(&bench);
}

/* An object with one byte taken away at its end, or added, at any place of it: never taken, never read beyond. */
static void test_cut_and_longer(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct bench bench;
        bench_open(&bench, algs[i]);
        struct webauthn_registration good =
            authenticator_register(&bench.authenticator, bench.arena, CHALLENGE);
        for (size_t len = 0; len < good.attestation.len; len++) {
            struct webauthn_registration cut = {
                good.client_data, text_copy(bench.arena, text_part(good.attestation, 0, len))};
            assert_false(registers(&cut, "attestation object"));
        }
        struct webauthn_registration longer = {good.client_data, text_format(bench.arena, "%c", 0)};
        BUFFER_CLEANUP more = BUFFER(4096);
        buffer_text(&more, good.attestation);
        buffer_char(&more, '\0');
        longer.attestation = buffer_view(&more);
        assert_false(registers(&longer, "attestation object"));

        struct text data =
            authenticator_data(&bench.authenticator, bench.arena, PRESENT | VERIFIED | CREDENTIAL);
        for (size_t len = 0; len < data.len; len++) {
            struct webauthn_registration cut = {
                good.client_data, authenticator_attestation(bench.arena, text_part(data, 0, len))};
            assert_false(registers(&cut, "authenticator data"));
        }
        bench.authenticator.extensions = TEXT("\x01");
        longer = authenticator_register(&bench.authenticator, bench.arena, CHALLENGE);
        assert_false(registers(&longer, "authenticator data"));
        struct webauthn_assertion assertion =
            authenticator_assert(&bench.authenticator, bench.arena, CHALLENGE);
        assert_false(asserts(&bench, &assertion, "authenticator data"));
        bench_close(&bench);
    }
}

static void test_extensions(void **state)
{
    (void)state;
    static const struct {
        struct text bytes;
        bool taken;
    } cases[] = {
        {{"\xa0", 1}, true},
        {{"\xa1\x6b"
          "credProtect\x02",
             14},
            true},
        {{"", 0}, false},
        {{"\x80", 1}, false},
        {{"\xa0\xa0", 2}, false},
        {{"\xa1\x61x", 3}, false},
        {{"\xbf\xff", 2}, false},
    };
    struct bench bench;
    bench_open(&bench, COSE_EDDSA);
    bench.authenticator.flags |= EXTENSIONS;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench.authenticator.extensions = cases[i].bytes;
        struct webauthn_registration registration =
            authenticator_register(&bench.authenticator, bench.arena, CHALLENGE);
        assert_int_equal(registers(&registration, "authenticator data"), cases[i].taken);
        struct webauthn_assertion assertion =
            authenticator_assert(&bench.authenticator, bench.arena, CHALLENGE);
        assert_int_equal(asserts(&bench, &assertion, "authenticator data"), cases[i].taken);
    }
    bench_close(&bench);
}

static void test_credential_ids(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, COSE_ES256);
    static const struct {
        size_t len;
        bool taken;
    } cases[] = {{1, true}, {16, true}, {1023, true}, {0, false}, {1024, false}, {2000, false}};
    char *id = arena_alloc(bench.arena, 2000, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench.authenticator.id = (struct text){id, cases[i].len};
        struct webauthn_registration registration =
            authenticator_register(&bench.authenticator, bench.arena, CHALLENGE);
        assert_int_equal(registers(&registration, "authenticator data"), cases[i].taken);
    }
    /* One that says it is longer than all that follows. */
    struct text data = authenticator_data(&bench.authenticator, bench.arena, PRESENT | VERIFIED);
    BUFFER_CLEANUP claims = BUFFER(4096);
    buffer_text(&claims, data);
    claims.at[32] |= CREDENTIAL;
    buffer_add(&claims,
        "0123456789abcdef\x03\xff"
        "abc",
        21);
    struct webauthn_registration registration = {
        authenticator_client(&bench.authenticator, bench.arena, "webauthn.create", CHALLENGE),
        authenticator_attestation(bench.arena, buffer_view(&claims))};
    assert_false(registers(&registration, "authenticator data"));
    /* An answer has no credential in it. */
    bench.authenticator.id = TEXT("x");
    bench.authenticator.flags |= CREDENTIAL;
    struct webauthn_assertion assertion = authenticator_assert(&bench.authenticator, bench.arena, CHALLENGE);
    assert_false(asserts(&bench, &assertion, "authenticator data"));
    bench_close(&bench);
}

static void test_signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct bench bench, other;
        bench_open(&bench, algs[i]);
        bench_open(&other, algs[i]);
        struct webauthn_assertion good = authenticator_assert(&bench.authenticator, bench.arena, CHALLENGE);
        assert_true(asserts(&bench, &good, ""));
        struct webauthn_assertion wrong = authenticator_assert(&other.authenticator, bench.arena, CHALLENGE);
        assert_false(asserts(&bench, &wrong, "signature"));
        /* Each byte of what was signed counts, and of the signature each byte. */
        for (size_t at = 33; at < good.auth_data.len; at++) {
            struct webauthn_assertion changed = good;
            char *bytes = arena_alloc(bench.arena, good.auth_data.len, 1);
            memcpy(bytes, good.auth_data.at, good.auth_data.len);
            bytes[at] = (char)(bytes[at] ^ 1);
            changed.auth_data.at = bytes;
            assert_false(asserts(&bench, &changed, "signature"));
        }
        for (size_t at = 0; at < good.signature.len; at++) {
            struct webauthn_assertion changed = good;
            char *bytes = arena_alloc(bench.arena, good.signature.len, 1);
            memcpy(bytes, good.signature.at, good.signature.len);
            bytes[at] = (char)(bytes[at] ^ 1);
            changed.signature.at = bytes;
            assert_false(asserts(&bench, &changed, "signature"));
            changed.signature = text_part(good.signature, 0, at);
            assert_false(asserts(&bench, &changed, "signature"));
        }
        char long_signature[200];
        memset(long_signature, 0, sizeof long_signature);
        memcpy(long_signature, good.signature.at, good.signature.len);
        wrong = good;
        wrong.signature = (struct text){long_signature, good.signature.len + 1};
        assert_false(asserts(&bench, &wrong, "signature"));
        wrong.signature.len = sizeof long_signature;
        assert_false(asserts(&bench, &wrong, "signature"));
        /* The same words in another order are other words. */
        wrong = good;
        wrong.client_data = text_format(bench.arena,
            "{\"challenge\":\"%.*s\",\"type\":\"webauthn.get\",\"origin\":\"" RP_ORIGIN "\"}",
            TEXT_ARG(CHALLENGE));
        assert_false(asserts(&bench, &wrong, "signature"));
        /* What was signed for a registration is no answer. */
        wrong = authenticator_answer(&bench.authenticator, bench.arena,
            authenticator_client(&bench.authenticator, bench.arena, "webauthn.create", CHALLENGE),
            good.auth_data);
        assert_false(asserts(&bench, &wrong, "ceremony"));
        bench_close(&bench);
        bench_close(&other);
    }
}

static void test_counters(void **state)
{
    (void)state;
    static const struct {
        uint32_t was, is;
        bool follows;
    } cases[] = {{0, 0, true}, {0, 1, true}, {1, 2, true}, {7, 900, true}, {UINT32_MAX - 1, UINT32_MAX, true},
        {1, 1, false}, {2, 1, false}, {1, 0, false}, {UINT32_MAX, 0, false}, {UINT32_MAX, UINT32_MAX, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(webauthn_counter_follows(cases[i].was, cases[i].is), cases[i].follows);
    }
}

static void test_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *base_url, *id, *origin; /* id NULL: none */
    } cases[] = {
        {"https://desk.example.com", "desk.example.com", "https://desk.example.com"},
        {"https://Desk.Example.com:443", "desk.example.com", "https://desk.example.com"},
        {"https://desk.example.com:8443", "desk.example.com", "https://desk.example.com:8443"},
        {"https://desk.example.com/base", "desk.example.com", "https://desk.example.com"},
        {"http://localhost:8080", "localhost", "http://localhost:8080"},
        {"http://localhost:80", "localhost", "http://localhost"},
        {"http://desk.localhost", "desk.localhost", "http://desk.localhost"},
        {"http://desk.example.com", NULL, NULL},
        {"http://notlocalhost", NULL, NULL},
        {"http://127.0.0.1:8080", NULL, NULL},
        {"https://192.0.2.1", NULL, NULL},
        {"https://[::1]:8080", NULL, NULL},
        {"https://user@desk.example.com", NULL, NULL},
        {"https://", NULL, NULL},
        {"ftp://desk.example.com", NULL, NULL},
        {"", NULL, NULL},
    };
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct webauthn_rp is;
        bool any = webauthn_rp_from(arena, text_from(cases[i].base_url), &is);
        assert_int_equal(any, cases[i].id != NULL);
        if (any) {
            assert_true(text_is(is.id, cases[i].id));
            assert_true(text_is(is.origin, cases[i].origin));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_passkey_and_its_answers),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_client_data),
        cmocka_unit_test(test_another_host),
        cmocka_unit_test(test_cut_and_longer),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_credential_ids),
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_counters),
        cmocka_unit_test(test_addresses),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
