/* Attestation objects and keys, one by one: what is written in another way than authenticators do is refused. */
#include "authenticator.h"

struct bench {
    struct arena *arena;
    struct authenticator authenticator;
};

static void bench_open(struct bench *bench, enum cose_alg alg)
{
    bench->arena = arena_new(1024 * 1024);
    authenticator_open(&bench->authenticator, alg, TEXT("a credential's id"));
}

static void bench_close(struct bench *bench)
{
    authenticator_close(&bench->authenticator);
    arena_free(bench->arena);
}

static const struct {
    struct text head; /* the authenticator data follow as a byte string */
    struct text tail;
    bool taken;
} objects[] = {
    {TEXT("\xa3\x63"
          "fmt\x64"
          "none\x67"
          "attStmt\xa0\x68"
          "authData"),
        TEXT(""), true},
    {TEXT("\xa3\x67"
          "attStmt\xa0\x63"
          "fmt\x64"
          "none\x68"
          "authData"),
        TEXT(""), true},
    /* A statement that nobody looks at. */
    {TEXT("\xa3\x63"
          "fmt\x66"
          "packed\x67"
          "attStmt\xa2\x63"
          "alg\x26\x63"
          "sig\x43"
          "abc\x68"
          "authData"),
        TEXT(""), true},
    {TEXT("\xa2\x63"
          "fmt\x64"
          "none\x68"
          "authData"),
        TEXT(""), false},
    {TEXT("\xa3\x63"
          "fmt\x64"
          "none\x63"
          "fmt\x64"
          "none\x68"
          "authData"),
        TEXT(""), false},
    {TEXT("\xa3\x63"
          "fmt\x64"
          "none\x67"
          "attStmt\x80\x68"
          "authData"),
        TEXT(""), false},
    {TEXT("\xa3\x63"
          "fmt\x44"
          "none\x67"
          "attStmt\xa0\x68"
          "authData"),
        TEXT(""), false},
    {TEXT("\xa3\x43"
          "fmt\x64"
          "none\x67"
          "attStmt\xa0\x68"
          "authData"),
        TEXT(""), false},
    {TEXT("\xa3\x63"
          "fmt\x64"
          "none\x67"
          "attStmt\xa1\x61x\x81\x81\x81\x81\x00\x68"
          "authData"),
        TEXT(""), false},
    {TEXT("\xa3\x63"
          "fmt\x64"
          "none\x67"
          "attStmt\xbf\xff\x68"
          "authData"),
        TEXT(""), false},
    {TEXT("\xbf\x63"
          "fmt\x64"
          "none\x67"
          "attStmt\xa0\x68"
          "authData"),
        TEXT("\xff"), false},
    {TEXT("\xa4\x63"
          "fmt\x64"
          "none\x67"
          "attStmt\xa0\x68"
          "authData"),
        TEXT("\x61x\x00"), false},
    {TEXT("\xa3\x63"
          "fmt\x64"
          "none\x67"
          "attStmt\xa0\x68"
          "authData"),
        TEXT("\x00"), false},
    {TEXT("\xb8\x03\x63"
          "fmt\x64"
          "none\x67"
          "attStmt\xa0\x68"
          "authData"),
        TEXT(""), false},
};

static void test_attestation_objects(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, COSE_EDDSA);
    struct text data = authenticator_data(&bench.authenticator, bench.arena, PRESENT | VERIFIED | CREDENTIAL);
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        BUFFER_CLEANUP out = BUFFER(4096);
        buffer_text(&out, objects[i].head);
        buffer_char(&out, '\x58');
        buffer_char(&out, (char)data.len);
        buffer_text(&out, data);
        buffer_text(&out, objects[i].tail);
        struct text found;
        if (webauthn_attestation_read(buffer_view(&out), &found) != objects[i].taken) {
            fail_msg("case %zu", i);
        }
    }
    bench_close(&bench);
}

static bool key_is_taken(struct text bytes)
{
    struct cbor cbor = cbor_over(bytes);
    struct cose_key key;
    bool taken = cose_key_take(&cbor, &key);
    assert_int_equal(cbor.left, taken ? 0 : bytes.len);
    return taken;
}

static const struct {
    bool ed; /* of the Ed25519 key */
    size_t at;
    const char *bytes;
} changes[] = {
    {false, 2, "\x01"},
    {false, 2, "\x03"}, /* kty */
    {false, 4, "\x27"},
    {false, 4, "\x07"},
    {false, 4, "\x22"},
    {false, 4, "\x2f"}, /* alg */
    {false, 6, "\x02"},
    {false, 6, "\x06"},
    {false, 6, "\x08"}, /* crv: P-384, Ed25519, secp256k1 */
    {false, 8, "\x78"},
    {false, 9, "\x1f"},
    {false, 9, "\x21"}, /* x: a text, shorter, longer */
    {false, 7, "\x22"},
    {false, 42, "\x21"}, /* y twice, x twice */
    {false, 5, "\x03"},
    {false, 5, "\x23"},
    {false, 1, "\x02"},
    {false, 1, "\x18"}, /* other labels, one twice */
    {false, 0, "\xa4"},
    {false, 0, "\xa6"},
    {false, 0, "\xbf"},
    {false, 0, "\x85"},
    {false, 10, "\xff\xff\xff\xff"}, /* x beyond the field */
    {true, 2, "\x02"},
    {true, 4, "\x26"},
    {true, 6, "\x01"},
    {true, 6, "\x07"}, /* Ed448 */
    {true, 8, "\x78"},
    {true, 9, "\x1f"},
    {true, 7, "\x22"},
    {true, 0, "\xa3"},
    {true, 0, "\xa5"},
};

/* The good keys with some bytes replaced. */
static void test_keys(void **state)
{
    (void)state;
    struct bench es256, eddsa;
    bench_open(&es256, COSE_ES256);
    bench_open(&eddsa, COSE_EDDSA);
    struct text ec = authenticator_cose(&es256.authenticator, es256.arena);
    struct text ed = authenticator_cose(&eddsa.authenticator, eddsa.arena);
    assert_true(key_is_taken(ec) && key_is_taken(ed));
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char bytes[128];
        const struct text from = changes[i].ed ? ed : ec;
        memcpy(bytes, from.at, from.len);
        memcpy(bytes + changes[i].at, changes[i].bytes, strlen(changes[i].bytes));
        struct cbor cbor = cbor_over((struct text){bytes, from.len});
        struct cose_key key;
        if (cose_key_take(&cbor, &key)) {
            fail_msg("case %zu", i);
        }
    }
    /* Not on the curve; no point; a point of small order. */
    char off[128];
    memcpy(off, ec.at, ec.len);
    off[ec.len - 1] = (char)(off[ec.len - 1] ^ 1);
    assert_false(key_is_taken((struct text){off, ec.len}));
    memset(off + 10, 0, 32);
    memset(off + 45, 0, 32);
    assert_false(key_is_taken((struct text){off, ec.len}));
    memcpy(off, ed.at, ed.len);
    memset(off + 10, 0, 32);
    assert_false(key_is_taken((struct text){off, ed.len}));
    off[10] = 1;
    assert_false(key_is_taken((struct text){off, ed.len}));
    struct cbor es256_bytes = cbor_over(ec), eddsa_bytes = cbor_over(ed);
    struct cose_key es256_key, eddsa_key, key;
    assert_true(cose_key_take(&es256_bytes, &es256_key) && cose_key_take(&eddsa_bytes, &eddsa_key));
    assert_false(cose_key_from(-257, cose_key_bytes(&es256_key), &key));
    assert_false(cose_key_from(COSE_EDDSA, cose_key_bytes(&es256_key), &key));
    assert_false(cose_key_from(COSE_ES256, cose_key_bytes(&eddsa_key), &key));
    assert_false(cose_key_from(COSE_ES256, TEXT_EMPTY, &key));
    bench_close(&es256);
    bench_close(&eddsa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attestation_objects),
        cmocka_unit_test(test_keys),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
