/* The multipart parser: the same bytes fed whole and byte by byte give the same parts; begin, bytes and end keep their
 * order. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "net/http_form.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct heard {
    struct buffer said;
    bool inside;
};

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static bool begin(void *context, const struct multipart_part *part, struct problem *problem)
{
    (void)problem;
    struct heard *heard = context;
    check(
        !heard->inside && part->name.len > 0 && text_is_clean(part->file_name) && text_is_clean(part->type));
    heard->inside = true;
    return buffer_text(&heard->said, part->name) && buffer_text(&heard->said, part->file_name);
}

static bool take(void *context, struct text bytes, struct problem *problem)
{
    (void)problem;
    struct heard *heard = context;
    check(heard->inside && bytes.len > 0);
    return buffer_text(&heard->said, bytes);
}

static bool end(void *context, struct problem *problem)
{
    (void)problem;
    struct heard *heard = context;
    check(heard->inside);
    heard->inside = false;
    return buffer_char(&heard->said, '|');
}

static bool parse(struct text body, size_t step, struct heard *heard)
{
    ARENA_CLEANUP arena = arena_new((size_t)16 * 1024 * 1024);
    struct multipart_handler handler = {heard, begin, take, end};
    struct multipart *parser = NULL;
    check(multipart_new(arena, TEXT("multipart/form-data; boundary=XyZ"), 50, &handler, &parser, NULL));
    bool good = true;
    for (size_t at = 0; at < body.len && good; at += step) {
        good = multipart_feed(parser, text_part(body, at, step), NULL);
    }
    bool done = multipart_finish(parser, NULL);
    check(good || !done);
    check(!done || !heard->inside);
    return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text body = {(const char *)bytes, len};
    struct heard whole = {.said = BUFFER(len + 1024)}, pieces = {.said = BUFFER(len + 1024)};
    bool good = parse(body, len + 1, &whole);
    check(parse(body, 1, &pieces) == good);
    check(text_equal(buffer_view(&whole.said), buffer_view(&pieces.said)));
    buffer_free(&whole.said);
    buffer_free(&pieces.said);
    ARENA_CLEANUP arena = arena_new((size_t)16 * 1024 * 1024);
    struct multipart_handler handler = {&whole, begin, take, end};
    struct multipart *parser = NULL;
    multipart_new(arena, body, 1, &handler, &parser, NULL);
    return 0;
}
