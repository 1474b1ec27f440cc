/* User-Agent headers: whatever comes, the name is one of ours, short and plain. */
#include <assert.h>

#include "people/browser_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    if (size > 64 * 1024) {
        return 0;
    }
    struct text name = browser_name(arena, (struct text){(const char *)data, size});
    assert(name.len <= BROWSER_NAME_MAX && text_is_clean(name));
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        assert((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' || c == '/');
    }
    return 0;
}
