/* Passkeys: a key in a person's device that answers a challenge once the device knows its user, so that it stands for password and second
 * factor together. What the browser brings is checked by people/webauthn.h; here it is stored, and found again at the sign-in without
 * anybody naming themselves.
 *
 * A challenge is a token of ours: when it was made, what for, and an HMAC over both and the cookie of the browser that asked. Nothing is
 * stored for one that nobody answers; one that is answered stands in passkey_challenge until it would be too old anyway. */
#ifndef PEOPLE_PASSKEYS_H
#define PEOPLE_PASSKEYS_H

#include "people/sign_in.h"
#include "people/webauthn.h"

#define PASSKEYS_MAX 20     /* of a user */
#define PASSKEY_NAME_MAX 60 /* code points */
#define PASSKEY_ID_PREFIX "psk"
#define PASSKEY_CHALLENGE_LIFE (5 * CLOCK_MINUTE)

/* What passkeys need of the program. Zeroed, there are none. */
struct passkeys {
    const struct sessions *sessions;
    const struct vault *vault;
    bool available; /* the desk's address is one that passkeys can be bound to */
    struct webauthn_rp rp;
    unsigned char challenge_key[32], user_key[32]; /* of the vault */
};

/* The arena must live as long as *passkeys. */
void passkeys_init(struct passkeys *passkeys, struct arena *arena, const struct sessions *sessions,
    const struct vault *vault, struct text base_url);

/* ---- Challenges ---- */

enum passkey_purpose { PASSKEY_TO_ADD, PASSKEY_TO_SIGN_IN };

/* A new challenge for the browser with this cookie (a session's token, or a visitor's), as base64url. */
struct text passkey_challenge(const struct passkeys *passkeys, struct arena *arena,
    enum passkey_purpose purpose, struct text cookie_token);
/* Whether it is one of these, and young enough. */
bool passkey_challenge_is_good(const struct passkeys *passkeys, struct arena *arena,
    enum passkey_purpose purpose, struct text cookie_token, struct text challenge);
/* Uses it up. Fails the transaction with PROBLEM_INPUT when that was done before. */
bool passkey_challenge_use(struct db_tx *tx, struct clock *clock, struct text challenge);

/* What an authenticator knows the person by (base64url of 32 bytes): the same each time, and nothing that tells who it is. */
struct text passkey_user_handle(
    const struct passkeys *passkeys, struct arena *arena, struct text account, struct text user);

/* ---- A person's own ---- */

struct passkey {
    struct text id, name;
    struct text credential; /* base64url */
    int64_t created_at;
    int64_t last_used_at; /* 0: never */
    bool backed_up;       /* on more than one device */
};

/* All of them, the oldest first; at most PASSKEYS_MAX. */
bool passkey_list(const struct passkeys *passkeys, struct arena *arena, const struct actor *actor,
    struct passkey **ret, size_t *ret_count, struct problem *problem);

/* PROBLEM_NOT_FOUND when the person has none with that id. */
bool passkey_get(const struct passkeys *passkeys, struct arena *arena, const struct actor *actor,
    struct text id, struct passkey *ret, struct problem *problem);

struct passkey_new {
    struct text name;                     /* as typed */
    struct text client_data, attestation; /* base64url, as the browser gave them */
};

/* Adds a passkey to the person of the session, whose token the challenge must be bound to. Who sends the same one again has it once.
 * Written down and mailed. PROBLEM_INPUT on `name`, or when the passkey is not taken. */
bool passkey_add(const struct passkeys *passkeys, struct arena *arena, const struct session *session,
    const struct passkey_new *passkey, struct problem *problem);

/* PROBLEM_INPUT on `name`; PROBLEM_NOT_FOUND. */
bool passkey_rename(const struct passkeys *passkeys, struct arena *arena, const struct actor *actor,
    struct text id, struct text name, struct problem *problem);

/* Ends all other sessions of the person: the device that had it may be in other hands. Written down and mailed. Who removes it again
 * changes nothing; PROBLEM_NOT_FOUND when the person never had it. */
bool passkey_remove(
    const struct passkeys *passkeys, const struct session *session, struct text id, struct problem *problem);

/* In a transaction: removes all passkeys of a user, without a word. For whoever takes a person's access away. */
bool passkeys_remove_all(struct db_tx *tx, struct text account, struct text user);

/* In a transaction: how many the user has. */
int64_t passkeys_count(struct db_tx *tx, struct text account, struct text user);

/* ---- Signing in ---- */

struct passkey_sign_in {
    struct text credential, user_handle, client_data, auth_data,
        signature;                                        /* base64url, as the browser gave them */
    struct text cookie_token;                             /* that the challenge is bound to */
    struct text client, browser, replaces, device_cookie; /* as struct sign_in has them */
};

/* Signs in, with both factors at once. PROBLEM_INPUT with one and the same sentence for a passkey that nobody has and for an answer
 * that is not right, whatever is wrong with it. A passkey whose counter does not go up was copied: it is refused, written down, and
 * its owner is told. */
bool passkey_sign_in(const struct passkeys *passkeys, struct arena *arena,
    const struct passkey_sign_in *sign_in, struct signed_in *ret, struct problem *problem);

/* Decodes at most `max` bytes of base64url. */
bool passkey_decode(struct arena *arena, struct text base64url, size_t max, struct text *ret);

#endif
