/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "billreader/jpeg.h"

#include <string.h>

enum {
    MARKER_SOI = 0xd8,
    MARKER_EOI = 0xd9,
    MARKER_SOS = 0xda,
    MARKER_APP1 = 0xe1,
    TAG_ORIENTATION = 0x0112
};

static uint32_t number(const unsigned char *at, size_t bytes, bool little)
{
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | at[little ? bytes - 1 - i : i];
    return value;
}

/* The orientation in an APP1 segment's EXIF block, or 1. */
static int exif_orientation(const unsigned char *bytes, size_t len)
{
    if (len < 14 || memcmp(bytes, "Exif\0\0", 6) != 0)
        return 1;
    const unsigned char *tiff = bytes + 6;
    size_t tiff_len = len - 6;
    bool little = tiff[0] == 'I';
    uint32_t directory = number(tiff + 4, 4, little);
    if (directory > tiff_len || tiff_len - directory < 2)
        return 1;
    size_t entries = number(tiff + directory, 2, little);
    for (size_t i = 0; i < entries; i++) {
        size_t at = directory + 2 + i * 12;
        if (at + 12 > tiff_len)
            return 1;
        if (number(tiff + at, 2, little) == TAG_ORIENTATION) {
            uint32_t value = number(tiff + at + 8, 2, little);
            return value >= 1 && value <= 8 ? (int)value : 1;
        }
    }
    return 1;
}

static bool is_frame(unsigned char marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* Index of the next marker's code at or after `at`, or `len`. Stuffed zeros, restarts and fill bytes are no markers. */
static size_t next_marker(const unsigned char *bytes, size_t len, size_t at)
{
    for (; at + 1 < len; at++) {
        unsigned char code = bytes[at + 1];
        if (bytes[at] == 0xff && code != 0x00 && code != 0xff && (code < 0xd0 || code > 0xd7))
            return at + 1;
    }
    return len;
}

bool jpeg_look(const unsigned char *bytes, size_t len, struct jpeg_look *ret)
{
    struct jpeg_look look = {.orientation = 1};
    if (len < 4 || bytes[0] != 0xff || bytes[1] != MARKER_SOI)
        return false;
    bool scanned = false;
    size_t at = next_marker(bytes, len, 2);
    while (at < len && bytes[at] != MARKER_EOI) {
        if (len - at < 3)
            break;
        size_t segment = number(bytes + at + 1, 2, false); /* counts its own two bytes */
        if (segment < 2 || segment > len - at - 1)
            break;
        const unsigned char *content = bytes + at + 3;
        if (is_frame(bytes[at]) && segment >= 7) {
            look.height = number(content + 1, 2, false);
            look.width = number(content + 3, 2, false);
        } else if (bytes[at] == MARKER_APP1 && look.orientation == 1) {
            look.orientation = exif_orientation(content, segment - 2);
        }
        scanned = scanned || bytes[at] == MARKER_SOS;
        at = next_marker(bytes, len, at + 1 + segment);
    }
    look.complete = at < len && bytes[at] == MARKER_EOI && scanned;
    if (look.width == 0 || look.height == 0 || !scanned)
        return false;
    *ret = look;
    return true;
}
