#include "people/cose_key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>
#include <string.h>

#define SIDE ((size_t)32) /* bytes of a coordinate */
#define ES256_SIGNATURE_MAX ((size_t)72)
#define EDDSA_SIGNATURE ((size_t)64)

/* Labels and values of RFC 9052 §7.1 and RFC 9053 §7. */
enum { LABEL_KTY = 1, LABEL_ALG = 3, LABEL_CRV = -1, LABEL_X = -2, LABEL_Y = -3 };
enum { KTY_OKP = 1, KTY_EC2 = 2 };
enum { CRV_P256 = 1, CRV_ED25519 = 6 };

static void pkey_cleanup(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static void pkey_context_cleanup(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

static void digest_cleanup(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

#define PKEY __attribute__((cleanup(pkey_cleanup))) EVP_PKEY *
#define PKEY_CONTEXT __attribute__((cleanup(pkey_context_cleanup))) EVP_PKEY_CTX *
#define DIGEST __attribute__((cleanup(digest_cleanup))) EVP_MD_CTX *

/* NULL when it is no key. */
static EVP_PKEY *pkey_new(const struct cose_key *key)
{
    if (key->alg == COSE_EDDSA) {
        return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->at, key->len);
    }
    char group[] = "prime256v1";
    unsigned char point[COSE_ES256_BYTES];
    memcpy(point, key->at, sizeof point);
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
        OSSL_PARAM_construct_end()};
    EVP_PKEY *made = NULL;
    PKEY_CONTEXT context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &made, EVP_PKEY_PUBLIC_KEY, (OSSL_PARAM *)params) != 1) {
        return NULL;
    }
    return made;
}

static bool key_is_good(const struct cose_key *key)
{
    if (key->alg == COSE_EDDSA) {
        return key->len == COSE_EDDSA_BYTES && crypto_core_ed25519_is_valid_point(key->at) == 1;
    }
    if (key->len != COSE_ES256_BYTES || key->at[0] != 4) {
        return false;
    }
    PKEY pkey = pkey_new(key);
    PKEY_CONTEXT context = pkey != NULL ? EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL) : NULL;
    return context != NULL && EVP_PKEY_public_check(context) == 1;
}

/* What stood in the map. */
struct parameters {
    int64_t kty, alg, crv;
    struct text x, y;
    unsigned seen; /* a bit for each */
};

enum { SEEN_KTY = 1, SEEN_ALG = 2, SEEN_CRV = 4, SEEN_X = 8, SEEN_Y = 16 };

static bool parameter_take(struct cbor *cbor, struct parameters *parameters)
{
    int64_t label;
    struct cbor_item bytes = {.bytes = TEXT_EMPTY};
    bool good = false;
    unsigned bit = 0;
    if (!cbor_take_int(cbor, &label)) {
        return false;
    }
    switch (label) {
    case LABEL_KTY:
        bit = SEEN_KTY;
        good = cbor_take_int(cbor, &parameters->kty);
        break;
    case LABEL_ALG:
        bit = SEEN_ALG;
        good = cbor_take_int(cbor, &parameters->alg);
        break;
    case LABEL_CRV:
        bit = SEEN_CRV;
        good = cbor_take_int(cbor, &parameters->crv);
        break;
    case LABEL_X:
        bit = SEEN_X;
        good = cbor_take(cbor, CBOR_BYTES, &bytes);
        parameters->x = bytes.bytes;
        break;
    case LABEL_Y:
        bit = SEEN_Y;
        good = cbor_take(cbor, CBOR_BYTES, &bytes);
        parameters->y = bytes.bytes;
        break;
    default:
        break;
    }
    good = good && (parameters->seen & bit) == 0;
    parameters->seen |= bit;
    return good;
}

bool cose_key_take(struct cbor *cbor, struct cose_key *ret)
{
    struct cbor rest = *cbor;
    struct cbor_item map;
    struct parameters is = {.x = TEXT_EMPTY, .y = TEXT_EMPTY};
    struct cose_key key = {.len = 0};
    if (!cbor_take(&rest, CBOR_MAP, &map) || map.number > 5) {
        return false;
    }
    for (uint64_t i = 0; i < map.number; i++) {
        if (!parameter_take(&rest, &is)) {
            return false;
        }
    }
    if (is.seen == (SEEN_KTY | SEEN_ALG | SEEN_CRV | SEEN_X | SEEN_Y) && is.kty == KTY_EC2 &&
        is.alg == COSE_ES256 && is.crv == CRV_P256 && is.x.len == SIDE && is.y.len == SIDE) {
        key = (struct cose_key){.alg = COSE_ES256, .at = {4}, .len = COSE_ES256_BYTES};
        memcpy(key.at + 1, is.x.at, SIDE);
        memcpy(key.at + 1 + SIDE, is.y.at, SIDE);
    } else if (is.seen == (SEEN_KTY | SEEN_ALG | SEEN_CRV | SEEN_X) && is.kty == KTY_OKP &&
               is.alg == COSE_EDDSA && is.crv == CRV_ED25519 && is.x.len == COSE_EDDSA_BYTES) {
        key = (struct cose_key){.alg = COSE_EDDSA, .len = COSE_EDDSA_BYTES};
        memcpy(key.at, is.x.at, COSE_EDDSA_BYTES);
    }
    if (key.len == 0 || !key_is_good(&key)) {
        return false;
    }
    *cbor = rest;
    *ret = key;
    return true;
}

bool cose_key_from(int64_t alg, struct text bytes, struct cose_key *ret)
{
    struct cose_key key = {.alg = alg == COSE_EDDSA ? COSE_EDDSA : COSE_ES256, .len = bytes.len};
    if ((alg != COSE_EDDSA && alg != COSE_ES256) || bytes.len == 0 || bytes.len > sizeof key.at) {
        return false;
    }
    memcpy(key.at, bytes.at, bytes.len);
    if (!key_is_good(&key)) {
        return false;
    }
    *ret = key;
    return true;
}

struct text cose_key_bytes(const struct cose_key *key)
{
    return (struct text){(const char *)key->at, key->len};
}

bool cose_key_verify(const struct cose_key *key, struct text message, struct text signature)
{
    bool right_length = key->alg == COSE_EDDSA ? signature.len == EDDSA_SIGNATURE
                                               : signature.len > 0 && signature.len <= ES256_SIGNATURE_MAX;
    if (!right_length) {
        return false;
    }
    PKEY pkey = pkey_new(key);
    DIGEST digest = EVP_MD_CTX_new();
    return pkey != NULL && digest != NULL &&
           EVP_DigestVerifyInit(digest, NULL, key->alg == COSE_EDDSA ? NULL : EVP_sha256(), NULL, pkey) ==
               1 &&
           EVP_DigestVerify(digest, (const unsigned char *)signature.at, signature.len,
               (const unsigned char *)message.at, message.len) == 1;
}
