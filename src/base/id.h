/* Ids: UUIDv7 (RFC 9562) with a prefix that says of what: "pr_0192f3c4a1b27c3d9e4f5a6b7c8d9e0f". They sort by time
 * of making. An id is no secret and opens nothing. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/clock.h"
#include "base/text.h"

#define ID_MAX 40 /* bytes with the prefix, the underscore, 32 hex digits and a NUL */

struct id {
    char at[ID_MAX];
};

/* A new id; `prefix` is 1 to 4 lower-case letters. */
struct id id_new(struct clock *clock, const char *prefix);
/* Whether the text is an id with this prefix; what every id from outside must pass. */
bool id_parse(struct text text, const char *prefix, struct id *ret);
struct text id_text(const struct id *id);

/* `bytes` random bytes as base64url in the arena, for tokens: 32 gives 43 characters. */
struct text token_new(struct arena *arena, size_t bytes);
/* SHA-256 of a token in hex: what is stored in place of it. */
struct text token_hash(struct arena *arena, struct text token);

#endif
