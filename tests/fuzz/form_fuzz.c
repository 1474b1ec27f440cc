/* form_parse: whatever comes out is clean, and written again it reads as the same. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "net/http_form.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ARENA_CLEANUP arena = arena_new((size_t)16 * 1024 * 1024);
    BUFFER_CLEANUP again = BUFFER((size_t)16 * 1024 * 1024);
    struct http_pair *fields = NULL, *second = NULL;
    size_t count = 0, second_count = 0;
    struct problem problem = {0};
    if (!form_parse(arena, (struct text){(const char *)bytes, len}, &fields, &count, &problem)) {
        check(problem.kind == PROBLEM_SYNTAX && fields == NULL);
        return 0;
    }
    check(count <= FORM_FIELDS_MAX);
    for (size_t i = 0; i < count; i++) {
        check(
            fields[i].name.len > 0 && fields[i].name.len <= FORM_NAME_MAX && text_is_clean(fields[i].value));
        buffer_text(&again, text_percent(arena, fields[i].name));
        buffer_char(&again, '=');
        buffer_text(&again, text_percent(arena, fields[i].value));
        buffer_char(&again, '&');
    }
    check(form_parse(arena, buffer_view(&again), &second, &second_count, NULL) && second_count == count);
    for (size_t i = 0; i < count; i++) {
        check(text_equal(fields[i].name, second[i].name) && text_equal(fields[i].value, second[i].value));
    }
    return 0;
}
