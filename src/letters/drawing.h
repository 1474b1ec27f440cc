/* A signature drawn with finger, pen or mouse: lines through points on a pad of DRAWING_WIDTH by DRAWING_HEIGHT, as the signing
 * page sends it: "12,80 13,78 20,60;40,70 41,72". Points are separated by spaces, lines by semicolons; y grows downwards. */
#ifndef LETTERS_DRAWING_H
#define LETTERS_DRAWING_H

#include "base/problem.h"
#include "base/text.h"

#define DRAWING_WIDTH 300
#define DRAWING_HEIGHT 100
#define DRAWING_POINTS_MAX 5000
#define DRAWING_POINTS_MIN 8 /* fewer are a slip of the pen */

struct drawing_point {
    int16_t x, y;
    bool begins; /* a new line */
};

struct drawing {
    const struct drawing_point *points; /* in the arena */
    size_t count;                       /* 0: nothing was drawn */
};

/* Reads what the page sent; empty text is an empty drawing. False for anything else than points on the pad, and for more than
 * DRAWING_POINTS_MAX of them; *ret is untouched then. */
bool drawing_parse(struct arena *arena, struct text text, struct drawing *ret);

#endif
