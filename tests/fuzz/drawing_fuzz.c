/* A drawn signature as the signing page sends it: what is taken stays on the pad, begins with a new line, and makes a letter. */
#include <assert.h>

#include "letters/drawing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct drawing drawing = {.count = SIZE_MAX};
    if (size > 128 * 1024)
        return 0;
    if (!drawing_parse(arena, (struct text){(const char *)data, size}, &drawing)) {
        assert(drawing.count == SIZE_MAX);
        return 0;
    }
    assert(drawing.count <= DRAWING_POINTS_MAX);
    for (size_t i = 0; i < drawing.count; i++) {
        const struct drawing_point *point = &drawing.points[i];
        assert(point->x >= 0 && point->x <= DRAWING_WIDTH && point->y >= 0 && point->y <= DRAWING_HEIGHT);
        assert(i > 0 || point->begins);
    }
    return 0;
}
