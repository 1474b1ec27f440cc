/* One-time codes of an app (TOTP, RFC 6238: SHA-1, 30 seconds, 6 digits: what every app knows). Pure but for the random secret. */
#ifndef PEOPLE_TOTP_H
#define PEOPLE_TOTP_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"

#define TOTP_SECRET_BYTES 20
#define TOTP_STEP (30 * CLOCK_SECOND)
#define TOTP_DIGITS 6

/* TOTP_SECRET_BYTES random bytes in the arena. */
struct text totp_secret_new(struct arena *arena);

/* The six digits in what was typed, spaces left out; false when it is anything else. */
bool totp_digits(struct text typed, char ret[TOTP_DIGITS + 1]);

/* Whether the digits are the secret's code of this step, the one before or the one after, and of a later step than `after`. The time does
 * not depend on which of them. Fills *ret_step when it is. */
bool totp_check(
    struct text secret, const char digits[TOTP_DIGITS + 1], int64_t now, int64_t after, int64_t *ret_step);

/* The secret as people type it into an app: base32 in groups of four. */
struct text totp_key(struct arena *arena, struct text secret);

/* What the QR code says: "otpauth://totp/Issuer:name?secret=...&issuer=Issuer". */
struct text totp_address(struct arena *arena, struct text secret, struct text issuer, struct text name);

#endif
