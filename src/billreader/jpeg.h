/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a JPEG says of itself in its markers, found without decoding it. */
#ifndef BILLREADER_JPEG_H
#define BILLREADER_JPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jpeg_look {
    uint32_t width, height;
    int orientation; /* EXIF, 1 to 8; 1 is upright */
    bool complete;   /* the end marker is there: not a file cut short */
};

/* Walks the markers. False when they do not lead to a picture. */
bool jpeg_look(const unsigned char *bytes, size_t len, struct jpeg_look *ret);

#endif
