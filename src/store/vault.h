/* Encryption at rest for what people trust us with: account numbers, PINs, documents. The master keys are in a file of their own, not
 * in the database (mode 0600, made by `portdesk init`): the current one seals, older ones still open what they sealed until
 * everything is sealed anew. Sealed values are XChaCha20-Poly1305 with table, column, account and row bound in as associated data, so
 * that a sealed value moved elsewhere does not open; they name the key that sealed them.
 *
 * Another process may change the key file while this one runs: it is looked at before each sealing, and when a key is not known. */
#ifndef STORE_VAULT_H
#define STORE_VAULT_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

#define VAULT_KEYS_MAX 16
#define VAULT_ID_BYTES ((size_t)8)
#define VAULT_PREFIX_BYTES (1 + VAULT_ID_BYTES)        /* of a sealed value: version and key */
#define VAULT_WRAPPED_BYTES ((size_t)8 + 24 + 32 + 16) /* key id, nonce, a key of 32 bytes, tag */

struct vault;

/* Where a sealed value stands. */
struct vault_place {
    const char *table;
    const char *column;
    struct text account;
    struct text row;
};

/* Makes a new key file; refuses to overwrite. */
bool vault_key_create(const char *path, struct problem *problem);
/* Opens the key file; refuses one that others than the owner can read. */
bool vault_open(const char *path, struct vault **ret, struct problem *problem);
void vault_close(struct vault *vault);

/* Seals into the arena, with the current key: version byte, key id, nonce, ciphertext with tag. */
struct text vault_seal(
    const struct vault *vault, const struct vault_place *place, struct text plain, struct arena *arena);
/* Opens; PROBLEM_INTERNAL when it was tampered with, stands elsewhere, or its key is not there. The plain text lives in the arena. */
bool vault_unseal(const struct vault *vault, const struct vault_place *place, struct text sealed,
    struct arena *arena, struct text *ret_plain, struct problem *problem);

/* Whether the current key sealed it. */
bool vault_is_current(const struct vault *vault, struct text sealed);
/* The first VAULT_PREFIX_BYTES of what the current key seals. */
void vault_prefix(const struct vault *vault, unsigned char ret[VAULT_PREFIX_BYTES]);

/* Wraps a key of 32 bytes with the current key, with `bound` as associated data; unwraps. */
void vault_wrap(const struct vault *vault, struct text bound, const unsigned char key[32],
    unsigned char ret[VAULT_WRAPPED_BYTES]);
/* False, without a problem, when it was altered, stands elsewhere, or its key is not there. */
bool vault_unwrap(const struct vault *vault, struct text bound,
    const unsigned char wrapped[VAULT_WRAPPED_BYTES], unsigned char ret_key[32]);

/* A key for another purpose ("csrf", "twilio-hook", ...), derived: 32 bytes. It stays the same when the master key changes. */
void vault_derive(const struct vault *vault, const char *purpose, unsigned char ret_key[32]);

/* ---- The ring ---- */

struct vault_key {
    char id[2 * VAULT_ID_BYTES + 1]; /* hex; no secret */
    int64_t made_at;                 /* µs; 0: not known */
    bool current;
    bool next; /* known already, to become current later */
};

/* Looks at the key file. True when the current key is another than it was when this was asked last, or was opened. */
bool vault_changed(struct vault *vault);
/* The keys, the current one first. Returns how many. */
size_t vault_keys(const struct vault *vault, struct vault_key ret[VAULT_KEYS_MAX]);

/* Makes a new key in the file, durably, and with it a new file in place of the old: the current one, or with `next` one that becomes
 * current by the next call, so that other machines can be told of it before. PROBLEM_CONFLICT when the ring is full, or there is a next one
 * already. */
bool vault_key_rotate(const char *path, bool next, int64_t now, struct problem *problem);
/* Removes all keys but the current and the next. Only when nothing is sealed with them any more. */
bool vault_key_prune(const char *path, struct problem *problem);

/* The file's bytes, for a backup: at most `max`. */
bool vault_ring_bytes(const char *path, char *at, size_t max, size_t *ret_len, struct problem *problem);
/* Makes a key file of such bytes, checked; refuses to overwrite. */
bool vault_ring_install(const char *path, struct text bytes, struct problem *problem);

#endif
