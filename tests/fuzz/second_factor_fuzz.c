/* What people type as codes, and what stands in the cookie of known devices. */
#include <assert.h>
#include <string.h>

#include "people/recovery_code.h"
#include "people/totp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    if (size > 16 * 1024) {
        return 0;
    }
    struct text typed = {(const char *)data, size}, plain, again;
    char digits[TOTP_DIGITS + 1];
    if (totp_digits(typed, digits)) {
        int64_t step;
        assert(strlen(digits) == TOTP_DIGITS);
        totp_check(TEXT("12345678901234567890"), digits, INT64_C(1792310400000000), 0, &step);
    }
    if (recovery_code_parse(arena, typed, &plain)) {
        assert(plain.len == 16 && recovery_code_parse(arena, plain, &again) && text_equal(plain, again));
    }
    return 0;
}
