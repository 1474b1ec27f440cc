/* What an S3-compatible store answers: listings and errors. */
#include <assert.h>
#include <stdint.h>

#include "store/s3_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len > 256 * 1024) {
        return 0;
    }
    ARENA_CLEANUP arena = arena_new((size_t)64 * 1024 * 1024);
    struct text xml = {(const char *)bytes, len};
    struct s3_page page;
    if (s3_list_parse(xml, arena, &page, NULL)) {
        assert(page.count <= S3_LIST_MAX);
        for (size_t i = 0; i < page.count; i++) {
            assert(page.objects[i].key.len > 0);
        }
    }
    struct text code = s3_error_code(xml, arena);
    assert(code.len <= 64);
    return 0;
}
