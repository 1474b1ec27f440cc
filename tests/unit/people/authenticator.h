/* An authenticator for tests: keys and signatures by OpenSSL, everything else by hand, so that any part of it can be made wrong. */
#ifndef TESTS_PEOPLE_AUTHENTICATOR_H
#define TESTS_PEOPLE_AUTHENTICATOR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "base/buffer.h"
#include "people/webauthn.h"

#define RP_ID "desk.example.com"
#define RP_ORIGIN "https://desk.example.com"

enum {
    PRESENT = 0x01,
    VERIFIED = 0x04,
    ELIGIBLE = 0x08,
    BACKED_UP = 0x10,
    CREDENTIAL = 0x40,
    EXTENSIONS = 0x80
};

struct authenticator {
    EVP_PKEY *key;
    enum cose_alg alg;
    struct text id; /* of the credential */
    uint32_t counter;
    unsigned flags; /* of every answer */
    struct text rp_id, origin;
    struct text extensions; /* CBOR, behind the rest */
};

static inline void authenticator_open(struct authenticator *ret, enum cose_alg alg, struct text id)
{
    *ret = (struct authenticator){.key = alg == COSE_EDDSA ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
                                                           : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"),
        .alg = alg,
        .id = id,
        .counter = 1,
        .flags = PRESENT | VERIFIED,
        .rp_id = TEXT(RP_ID),
        .origin = TEXT(RP_ORIGIN),
        .extensions = TEXT_EMPTY};
    assert_non_null(ret->key);
}

static inline void authenticator_close(struct authenticator *authenticator)
{
    EVP_PKEY_free(authenticator->key);
}

/* The key as COSE. */
static inline struct text authenticator_cose(const struct authenticator *authenticator, struct arena *arena)
{
    unsigned char point[COSE_ES256_BYTES];
    size_t len = sizeof point;
    BUFFER_CLEANUP out = BUFFER(1024);
    if (authenticator->alg == COSE_EDDSA) {
        assert_int_equal(EVP_PKEY_get_raw_public_key(authenticator->key, point, &len), 1);
        buffer_add(&out, "\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", 10);
        buffer_add(&out, point, 32);
    } else {
        assert_int_equal(EVP_PKEY_get_octet_string_param(
                             authenticator->key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &len),
            1);
        assert_int_equal(len, COSE_ES256_BYTES);
        buffer_add(&out, "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", 10);
        buffer_add(&out, point + 1, 32);
        buffer_add(&out, "\x22\x58\x20", 3);
        buffer_add(&out, point + 33, 32);
    }
    return text_copy(arena, buffer_view(&out));
}

/* Authenticator data; with the credential when `flags` say so. */
static inline struct text authenticator_data(
    const struct authenticator *authenticator, struct arena *arena, unsigned flags)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    BUFFER_CLEANUP out = BUFFER(16 * 1024);
    crypto_hash_sha256(hash, (const unsigned char *)authenticator->rp_id.at, authenticator->rp_id.len);
    buffer_add(&out, hash, sizeof hash);
    buffer_char(&out, (char)flags);
    for (int shift = 24; shift >= 0; shift -= 8) {
        buffer_char(&out, (char)(authenticator->counter >> shift));
    }
    if ((flags & CREDENTIAL) != 0) {
        buffer_add(&out, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
        buffer_char(&out, (char)(authenticator->id.len >> 8));
        buffer_char(&out, (char)authenticator->id.len);
        buffer_text(&out, authenticator->id);
        buffer_text(&out, authenticator_cose(authenticator, arena));
    }
    buffer_text(&out, authenticator->extensions);
    return text_copy(arena, buffer_view(&out));
}

static inline void cbor_bytes(struct buffer *out, struct text bytes)
{
    buffer_char(out, '\x59');
    buffer_char(out, (char)(bytes.len >> 8));
    buffer_char(out, (char)bytes.len);
    buffer_text(out, bytes);
}

/* An attestation object without a statement. Authenticator data of 256 bytes and more is written in its shortest form. */
static inline struct text authenticator_attestation(struct arena *arena, struct text data)
{
    BUFFER_CLEANUP out = BUFFER(16 * 1024);
    buffer_add(&out,
        "\xa3\x63"
        "fmt\x64"
        "none\x67"
        "attStmt\xa0\x68"
        "authData",
        1 + 4 + 5 + 8 + 1 + 9);
    if (data.len < 24) {
        buffer_char(&out, (char)(0x40 | data.len));
        buffer_text(&out, data);
    } else if (data.len < 256) {
        buffer_char(&out, '\x58');
        buffer_char(&out, (char)data.len);
        buffer_text(&out, data);
    } else {
        cbor_bytes(&out, data);
    }
    return text_copy(arena, buffer_view(&out));
}

static inline struct text authenticator_client(
    const struct authenticator *authenticator, struct arena *arena, const char *type, struct text challenge)
{
    return text_format(arena,
        "{\"type\":\"%s\",\"challenge\":\"%.*s\",\"origin\":\"%.*s\",\"crossOrigin\":false}", type,
        TEXT_ARG(challenge), TEXT_ARG(authenticator->origin));
}

static inline struct text authenticator_sign(
    const struct authenticator *authenticator, struct arena *arena, struct text message)
{
    unsigned char signature[128];
    size_t len = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, NULL, authenticator->alg == COSE_EDDSA ? NULL : EVP_sha256(),
                         NULL, authenticator->key),
        1);
    assert_int_equal(
        EVP_DigestSign(context, signature, &len, (const unsigned char *)message.at, message.len), 1);
    EVP_MD_CTX_free(context);
    return text_copy(arena, (struct text){(const char *)signature, len});
}

static inline struct webauthn_registration authenticator_register(
    const struct authenticator *authenticator, struct arena *arena, struct text challenge)
{
    struct text data = authenticator_data(authenticator, arena, authenticator->flags | CREDENTIAL);
    return (struct webauthn_registration){
        .client_data = authenticator_client(authenticator, arena, "webauthn.create", challenge),
        .attestation = authenticator_attestation(arena, data)};
}

static inline struct webauthn_assertion authenticator_answer(
    const struct authenticator *authenticator, struct arena *arena, struct text client, struct text data)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)client.at, client.len);
    BUFFER_CLEANUP message = BUFFER(16 * 1024);
    buffer_text(&message, data);
    buffer_add(&message, hash, sizeof hash);
    return (struct webauthn_assertion){
        client, data, authenticator_sign(authenticator, arena, buffer_view(&message))};
}

/* Its answer to a challenge. */
static inline struct webauthn_assertion authenticator_assert(
    const struct authenticator *authenticator, struct arena *arena, struct text challenge)
{
    return authenticator_answer(authenticator, arena,
        authenticator_client(authenticator, arena, "webauthn.get", challenge),
        authenticator_data(authenticator, arena, authenticator->flags));
}

#endif
