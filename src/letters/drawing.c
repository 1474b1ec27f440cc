#include "letters/drawing.h"

static bool parse_point(struct text text, struct drawing_point *ret)
{
    struct text x_text, rest = text;
    uint64_t x = 0, y = 0;
    if (!text_next(&rest, ',', &x_text) || !text_to_u64(x_text, DRAWING_WIDTH, &x) ||
        !text_to_u64(rest, DRAWING_HEIGHT, &y))
        return false;
    ret->x = (int16_t)x;
    ret->y = (int16_t)y;
    return true;
}

/* Every point is told by its comma, so that the array can be made at once. */
static size_t count_points(struct text text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == ',';
    return count;
}

bool drawing_parse(struct arena *arena, struct text text, struct drawing *ret)
{
    size_t max = count_points(text), count = 0;
    if (max > DRAWING_POINTS_MAX)
        return false;
    struct drawing_point *points = ARENA_ARRAY(arena, struct drawing_point, max + 1);
    struct text line, point;
    while (text_next(&text, ';', &line)) {
        bool begins = true;
        while (text_next(&line, ' ', &point)) {
            if (count == max || !parse_point(point, &points[count]))
                return false;
            points[count++].begins = begins;
            begins = false;
        }
    }
    *ret = (struct drawing){.points = points, .count = count};
    return true;
}
