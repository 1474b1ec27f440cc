/* json_parse, each getter on what it gives, and that what we write reads back as the same. */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void get_all(const json_t *object, const char *name)
{
    struct text text = TEXT_EMPTY;
    int64_t number = 0;
    bool boolean = false;
    json_t *part = NULL;
    struct problem problem = {0};
    if (json_get_text(object, name, 100, &text, &problem)) {
        check(text.len <= 100 && text_is_clean(text));
    }
    if (json_get_i64(object, name, -5, 500, 7, &number, &problem)) {
        check(number >= -5 && number <= 500);
    }
    json_get_bool(object, name, true, &boolean, &problem);
    if (json_get_array(object, name, 10, &part, &problem)) {
        check(!part || (json_is_array(part) && json_array_size(part) <= 10));
    }
    if (json_get_object(object, name, &part, &problem)) {
        check(!part || json_is_object(part));
    }
    check(text_is_utf8(text_from(problem.detail)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    JSON_CLEANUP value = NULL;
    if (!json_parse((struct text){(const char *)bytes, len}, 64 * 1024, &value, NULL)) {
        check(!value);
        return 0;
    }
    const char *name = NULL;
    json_t *member = NULL;
    json_object_foreach(value, name, member)
    {
        get_all(value, name);
    }
    get_all(value, "missing");
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct text written = json_write(arena, value);
    JSON_CLEANUP again = NULL;
    check(json_parse(written, 1024 * 1024, &again, NULL) && json_equal(value, again));
    return 0;
}
