/* E-mail addresses: what is taken is clean, has no white space, and is taken again unchanged. */
#include <assert.h>

#include "people/email.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct text email, again;
    if (size > 4096 || !email_parse(arena, (struct text){(const char *)data, size}, "email", &email, NULL)) {
        return 0;
    }
    assert(email.len > 0 && email.len <= EMAIL_MAX && text_is_clean(email));
    for (size_t i = 0; i < email.len; i++) {
        assert((unsigned char)email.at[i] > ' ' && email.at[i] != '<' && email.at[i] != '>' &&
               email.at[i] != ',');
    }
    assert(email_parse(arena, email, "email", &again, NULL) && text_equal(email, again));
    return 0;
}
