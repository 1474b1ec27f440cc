/* What a browser brings from an authenticator. The first byte says what the rest is: an attestation object, authenticator data, client data,
 * a key. */
#include <assert.h>
#include <sodium.h>

#include "people/passkeys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void attestation(struct text input)
{
    struct text found;
    struct webauthn_auth_data is;
    if (webauthn_attestation_read(input, &found)) {
        assert(found.at >= input.at && found.at + found.len <= input.at + input.len);
        (void)webauthn_auth_data_read(found, &is);
    }
}

static void auth_data(struct text input)
{
    struct webauthn_auth_data is;
    if (webauthn_auth_data_read(input, &is)) {
        assert(is.rp_hash.len == 32 && (!is.backed_up || is.backup_eligible));
        assert(!is.has_credential || (is.credential.len > 0 && is.credential.len <= WEBAUTHN_CREDENTIAL_MAX));
        assert(is.credential.len < input.len);
    }
}

static void client_data(struct arena *arena, struct text input)
{
    struct text challenge;
    bool any = webauthn_client_challenge(arena, input, &challenge);
    bool good = any && webauthn_client_check(
                           input, "webauthn.get", challenge, TEXT("https://desk.example.com"), NULL);
    assert(!good || text_find(input, challenge, 0) != SIZE_MAX || text_find_char(input, '\\', 0) != SIZE_MAX);
    assert(!webauthn_client_check(input, "webauthn.get", TEXT_EMPTY, TEXT("https://desk.example.com"), NULL));
}

static void key(struct text input)
{
    struct cbor cbor = cbor_over(input);
    struct cose_key is, again;
    if (cose_key_take(&cbor, &is)) {
        assert(cose_key_from(is.alg, cose_key_bytes(&is), &again) && again.len == is.len);
        assert(!cose_key_verify(&is, input, TEXT("no signature")));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (sodium_init() < 0 || size == 0 || size > 65536) {
        return 0;
    }
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    const struct text input = {(const char *)data + 1, size - 1};
    struct text decoded;
    switch (data[0]) {
    case 'a':
        attestation(input);
        break;
    case 'd':
        auth_data(input);
        break;
    case 'c':
        client_data(arena, input);
        break;
    case 'k':
        key(input);
        break;
    case 'b':
        if (passkey_decode(arena, input, WEBAUTHN_ATTESTATION_MAX, &decoded)) {
            assert(text_equal(text_base64url(arena, decoded.at, decoded.len), input));
        }
        break;
    default:
        break;
    }
    return 0;
}
