#include "base/id.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID_HEX ((size_t)32)
#define TOKEN_MAX ((size_t)256) /* what getentropy gives at once */

static void random_bytes(void *at, size_t len)
{
    if (getentropy(at, len) != 0) {
        abort(); /* no ids or tokens without randomness */
    }
}

static bool prefix_is_good(struct text prefix)
{
    for (size_t i = 0; i < prefix.len; i++) {
        if (prefix.at[i] < 'a' || prefix.at[i] > 'z') {
            return false;
        }
    }
    return prefix.len >= 1 && prefix.len <= 4;
}

struct id id_new(struct clock *clock, const char *prefix)
{
    assert(prefix_is_good(text_from(prefix)));
    unsigned char bytes[16];
    random_bytes(bytes, sizeof bytes);
    uint64_t now = (uint64_t)clock_tick(clock);
    uint64_t ms = now / 1000;
    uint64_t part =
        now % 1000 * 4096 / 1000; /* RFC 9562 6.2, method 3: the rest of the millisecond in 12 bits */
    for (size_t i = 0; i < 6; i++) {
        bytes[i] = (unsigned char)(ms >> (40 - 8 * i));
    }
    bytes[6] = (unsigned char)(0x70 | part >> 8);
    bytes[7] = (unsigned char)part;
    bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3f));
    struct id id = {.at = ""};
    int len = snprintf(id.at, sizeof id.at, "%s_", prefix);
    sodium_bin2hex(id.at + len, sizeof id.at - (size_t)len, bytes, sizeof bytes);
    return id;
}

bool id_parse(struct text text, const char *prefix, struct id *ret)
{
    struct text kind = text_from(prefix);
    assert(prefix_is_good(kind));
    if (text.len != kind.len + 1 + ID_HEX || !text_starts(text, kind) || text.at[kind.len] != '_') {
        return false;
    }
    struct text hex = text_part(text, kind.len + 1, ID_HEX);
    for (size_t i = 0; i < hex.len; i++) {
        bool digit = (hex.at[i] >= '0' && hex.at[i] <= '9') || (hex.at[i] >= 'a' && hex.at[i] <= 'f');
        if (!digit) {
            return false;
        }
    }
    bool variant = hex.at[16] == '8' || hex.at[16] == '9' || hex.at[16] == 'a' || hex.at[16] == 'b';
    if (hex.at[12] != '7' || !variant) {
        return false;
    }
    struct id id = {.at = ""};
    memcpy(id.at, text.at, text.len);
    *ret = id;
    return true;
}

struct text id_text(const struct id *id)
{
    return text_from(id->at);
}

struct text token_new(struct arena *arena, size_t bytes)
{
    assert(bytes >= 16 && bytes <= TOKEN_MAX);
    unsigned char secret[TOKEN_MAX];
    random_bytes(secret, bytes);
    struct text token = text_base64url(arena, secret, bytes);
    sodium_memzero(secret, sizeof secret);
    return token;
}

struct text token_hash(struct arena *arena, struct text token)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)(token.len > 0 ? token.at : ""), token.len);
    return text_hex(arena, hash, sizeof hash);
}
