/* A QR code as the path of an SVG picture, made here: nobody else learns what it says. */
#ifndef WEB_QR_H
#define WEB_QR_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

/* The code of a text of at most 512 bytes, with its quiet zone of four squares: `path` is a path's d attribute in squares, `size` the
 * picture's width and height. PROBLEM_INTERNAL when it cannot be made. */
struct qr {
    struct text path;
    int size;
};
bool qr_make(struct arena *arena, struct text text, struct qr *ret, struct problem *problem);

#endif
