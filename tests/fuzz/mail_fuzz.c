/* mail_parse: what it gives is valid UTF-8, headers are one line, and its memory stays within what its header says. */
#include <stdint.h>
#include <stdlib.h>

#include "net/smtp_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ARENA_CLEANUP arena = arena_new(8 * len + (size_t)2 * 1024 * 1024);
    struct mail_view view = {0};
    struct problem problem = {0};
    if (!mail_parse(arena, (struct text){(const char *)bytes, len}, &view, &problem)) {
        check(problem.kind == PROBLEM_SYNTAX);
        return 0;
    }
    const struct text lines[] = {view.from, view.to, view.subject, view.date, view.message_id,
        view.attachment_name, view.attachment_type};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        check(text_is_clean(lines[i]));
        check(text_find_char(lines[i], '\n', 0) == SIZE_MAX && text_find_char(lines[i], '\r', 0) == SIZE_MAX);
    }
    check(text_is_clean(view.text) && text_is_clean(view.html));
    return 0;
}
