/* Public keys of passkeys: ES256 (ECDSA over P-256 with SHA-256) and Ed25519, read from COSE (RFC 9053) and used to check signatures, by
 * OpenSSL. Pure. */
#ifndef PEOPLE_COSE_KEY_H
#define PEOPLE_COSE_KEY_H

#include "people/cbor.h"

enum cose_alg { COSE_ES256 = -7, COSE_EDDSA = -8 };

#define COSE_ES256_BYTES ((size_t)65) /* 0x04, x, y */
#define COSE_EDDSA_BYTES ((size_t)32)

struct cose_key {
    enum cose_alg alg;
    unsigned char at[COSE_ES256_BYTES];
    size_t len; /* COSE_ES256_BYTES or COSE_EDDSA_BYTES */
};

/* Takes a key off the front. False, and the reader as it was, for every other algorithm, curve, length or parameter, a parameter that
 * comes twice, and a point that is not on the curve, or of small order. */
bool cose_key_take(struct cbor *cbor, struct cose_key *ret);

/* The key as it is stored: its algorithm and the bytes of cose_key.at. The same checks. */
bool cose_key_from(int64_t alg, struct text bytes, struct cose_key *ret);
struct text cose_key_bytes(const struct cose_key *key);

/* Whether the holder of the key signed the message: of ES256 a DER signature, of Ed25519 one of 64 bytes. */
bool cose_key_verify(const struct cose_key *key, struct text message, struct text signature);

#endif
