#include "base/trace.h"

#include <sodium.h>
#include <string.h>

#define NEW_LEN 12

static _Thread_local char current[TRACE_MAX];
static _Thread_local size_t current_len;

bool trace_is_good(struct text id)
{
    if (id.len < 8 || id.len > TRACE_MAX) {
        return false;
    }
    for (size_t i = 0; i < id.len; i++) {
        char c = id.at[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                    c == '_';
        if (!good) {
            return false;
        }
    }
    return true;
}

void trace_set(struct text id)
{
    current_len = trace_is_good(id) ? id.len : 0;
    if (current_len > 0) {
        memmove(current, id.at, id.len);
    }
}

void trace_new(void)
{
    /* Without i, l, o and u: what could be read as another, or as a word. */
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char bytes[NEW_LEN];
    randombytes_buf(bytes, sizeof bytes);
    for (size_t i = 0; i < NEW_LEN; i++) {
        current[i] = letters[bytes[i] % 32];
    }
    current_len = NEW_LEN;
}

struct text trace_get(void)
{
    return (struct text){current, current_len};
}
