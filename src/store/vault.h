/* Encryption at rest for what people trust us with: account numbers, PINs, documents. The key is a file of its own, not in
 * the database (mode 0600, 32 bytes as hex, made by `portdesk init`). Sealed values are XChaCha20-Poly1305 with table,
 * column, account and row bound in as associated data, so that a sealed value moved elsewhere does not open. */
#ifndef STORE_VAULT_H
#define STORE_VAULT_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

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

/* Seals into the arena: version byte, nonce, ciphertext with tag. */
struct text vault_seal(
    const struct vault *vault, const struct vault_place *place, struct text plain, struct arena *arena);
/* Opens; PROBLEM_INTERNAL when it was tampered with or stands elsewhere. The plain text lives in the arena. */
bool vault_unseal(const struct vault *vault, const struct vault_place *place, struct text sealed,
    struct arena *arena, struct text *ret_plain, struct problem *problem);

/* A key for another purpose ("csrf", "blob", ...), derived: 32 bytes. */
void vault_derive(const struct vault *vault, const char *purpose, unsigned char ret_key[32]);

#endif
