#include "people/totp.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <string.h>

#define STEPS_AROUND 1

struct text totp_secret_new(struct arena *arena)
{
    char *bytes = ARENA_ARRAY(arena, char, TOTP_SECRET_BYTES);
    randombytes_buf(bytes, TOTP_SECRET_BYTES);
    return (struct text){bytes, TOTP_SECRET_BYTES};
}

bool totp_digits(struct text typed, char ret[TOTP_DIGITS + 1])
{
    size_t count = 0;
    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.at[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            continue;
        }
        if (c < '0' || c > '9' || count == TOTP_DIGITS) {
            return false;
        }
        ret[count++] = c;
    }
    ret[count] = '\0';
    return count == TOTP_DIGITS;
}

bool totp_check(
    struct text secret, const char digits[TOTP_DIGITS + 1], int64_t now, int64_t after, int64_t *ret_step)
{
    bool good = false;
    int64_t step = now / TOTP_STEP;
    for (int64_t around = -STEPS_AROUND; around <= STEPS_AROUND; around++) {
        char code[TOTP_DIGITS + 1] = "";
        if (step + around < 0 || oath_hotp_generate(secret.at, secret.len, (uint64_t)(step + around),
                                     TOTP_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION, code) != OATH_OK) {
            continue;
        }
        bool fits = sodium_memcmp(code, digits, TOTP_DIGITS) == 0;
        if (fits && step + around > after && !good) {
            *ret_step = step + around;
            good = true;
        }
        sodium_memzero(code, sizeof code);
    }
    return good;
}

/* Base32 (RFC 4648 §6) without padding, which a secret of 20 bytes does not need. */
static struct text base32(struct arena *arena, struct text bytes)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    size_t count = bytes.len * 8 / 5, at = 0;
    char *out = ARENA_ARRAY(arena, char, count + 1);
    unsigned bits = 0, held = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        held = (held << 8 | (unsigned char)bytes.at[i]) & 0xfff;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out[at++] = letters[held >> bits & 31];
        }
    }
    out[at] = '\0';
    return (struct text){out, at};
}

struct text totp_key(struct arena *arena, struct text secret)
{
    struct text key = base32(arena, secret), shown = TEXT_EMPTY;
    for (size_t i = 0; i < key.len; i += 4) {
        shown = text_format(
            arena, "%.*s%s%.*s", TEXT_ARG(shown), i > 0 ? " " : "", TEXT_ARG(text_part(key, i, 4)));
    }
    return shown;
}

struct text totp_address(struct arena *arena, struct text secret, struct text issuer, struct text name)
{
    struct text who = text_percent(arena, issuer);
    return text_format(arena, "otpauth://totp/%.*s:%.*s?secret=%.*s&issuer=%.*s", TEXT_ARG(who),
        TEXT_ARG(text_percent(arena, name)), TEXT_ARG(base32(arena, secret)), TEXT_ARG(who));
}
