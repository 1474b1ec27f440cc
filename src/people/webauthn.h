/* What a browser brings from an authenticator, checked after Web Authentication level 2 (§7.1, §7.2): a new passkey, or the answer of one to
 * a challenge. No attestation is wanted and none is looked at: any authenticator that knows its user may be used. Pure. */
#ifndef PEOPLE_WEBAUTHN_H
#define PEOPLE_WEBAUTHN_H

#include "base/problem.h"
#include "people/cose_key.h"

#define WEBAUTHN_CREDENTIAL_MAX ((size_t)1023) /* bytes of a credential's id */
#define WEBAUTHN_CLIENT_DATA_MAX ((size_t)4096)
#define WEBAUTHN_ATTESTATION_MAX ((size_t)8192)
#define WEBAUTHN_AUTH_DATA_MAX ((size_t)4096)
#define WEBAUTHN_SIGNATURE_MAX ((size_t)128)

/* Whom a passkey is for: it works at this origin alone. */
struct webauthn_rp {
    struct text id;     /* the host */
    struct text origin; /* "https://desk.example.com", with its port where it is not the usual one */
};

/* From the desk's base URL. False where browsers have no passkeys: the host is a bare address, or the connection is plain and the host is
 * not localhost. */
bool webauthn_rp_from(struct arena *arena, struct text base_url, struct webauthn_rp *ret);

/* Authenticator data (§6.1). */
struct webauthn_auth_data {
    struct text rp_hash; /* 32 bytes */
    bool present, verified, backup_eligible, backed_up;
    uint32_t counter;
    bool has_credential;
    struct text credential; /* its id */
    struct cose_key key;
};

/* Reads the bytes, all of them. They are at most WEBAUTHN_AUTH_DATA_MAX; what it gives points into them. */
bool webauthn_auth_data_read(struct text bytes, struct webauthn_auth_data *ret);

/* The authenticator data within an attestation object. */
bool webauthn_attestation_read(struct text bytes, struct text *ret_auth_data);

/* Whether the client data is of the ceremony ("webauthn.create", "webauthn.get"), begun by the page with that challenge (as base64url), at
 * that origin, and in no frame of another site. PROBLEM_INPUT otherwise. */
bool webauthn_client_check(struct text client_data, const char *ceremony, struct text challenge,
    struct text origin, struct problem *problem);
/* The challenge that the client data names, to be looked at before it is believed: at most 128 characters of base64url; it lives in the
 * arena. */
bool webauthn_client_challenge(struct arena *arena, struct text client_data, struct text *ret);

/* Of a new passkey: what the browser gave, decoded. */
struct webauthn_registration {
    struct text client_data, attestation;
};

struct webauthn_credential {
    struct text id; /* bytes; points into the attestation */
    struct cose_key key;
    uint32_t counter;
    bool backup_eligible, backed_up;
};

/* PROBLEM_INPUT with WORD_passkey_refused, and in the detail why. */
bool webauthn_register(const struct webauthn_rp *rp, struct text challenge,
    const struct webauthn_registration *registration, struct webauthn_credential *ret,
    struct problem *problem);

/* Of a passkey's answer. */
struct webauthn_assertion {
    struct text client_data, auth_data, signature;
};

/* Checks all but the counter, which is the caller's: `was` says what is known of the credential. *ret_counter and *ret_backed_up are what
 * the authenticator says now. */
bool webauthn_assert(const struct webauthn_rp *rp, struct text challenge,
    const struct webauthn_credential *was, const struct webauthn_assertion *assertion, uint32_t *ret_counter,
    bool *ret_backed_up, struct problem *problem);

/* Whether the counter may follow: it counts up, or the authenticator has none and says 0 each time. One that does not was copied. */
bool webauthn_counter_follows(uint32_t was, uint32_t is);

#endif
