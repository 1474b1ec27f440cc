/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JPEG and PNG. Each goes to its one decoder: leptonica's guessing by content would open its other formats to the world. */
#include <allheaders.h>
#include <stdlib.h>
#include <string.h>

#include "billreader/document.h"
#include "billreader/jpeg.h"

enum { PNG_HEADER = 33 }; /* signature and IHDR */

static bool too_many_pixels(uint64_t width, uint64_t height)
{
    return width > DOCUMENT_PIXELS_MAX || height > DOCUMENT_PIXELS_MAX ||
           width * height > DOCUMENT_PIXELS_MAX;
}

/* Replaces the picture by the next one. */
static void take(PIX **pix, PIX *next)
{
    pixDestroy(pix);
    *pix = next;
}

/* Upright, as the camera's EXIF note says: the re-encoded picture carries no such note. */
static void upright(PIX **pix, int orientation)
{
    static const struct {
        int quarters; /* clockwise, after the mirroring */
        bool mirrored;
    } turns[9] = {{0, false}, {0, false}, {0, true}, {2, false}, {2, true}, {3, true}, {1, false}, {1, true},
        {3, false}};
    if (*pix != NULL && turns[orientation].mirrored)
        take(pix, pixFlipLR(NULL, *pix));
    if (*pix != NULL && turns[orientation].quarters != 0)
        take(pix, pixRotateOrth(*pix, turns[orientation].quarters));
}

/* Grey or colour, on white paper, at most PREVIEW_SIDE_MAX on its long side. */
static void fit_preview(PIX **pix)
{
    if (pixGetSpp(*pix) == 4)
        take(pix, pixAlphaBlendUniform(*pix, 0xffffff00));
    if (*pix != NULL)
        take(pix, pixConvertTo8Or32(*pix, L_CLONE, 0));
    if (*pix == NULL)
        return;
    int width = pixGetWidth(*pix), height = pixGetHeight(*pix);
    int longest = width > height ? width : height;
    if (longest <= PREVIEW_SIDE_MAX)
        return;
    /* A hair of a picture keeps at least one pixel across. */
    int to_width = (int)((int64_t)width * PREVIEW_SIDE_MAX / longest);
    int to_height = (int)((int64_t)height * PREVIEW_SIDE_MAX / longest);
    take(pix, pixScaleToSize(*pix, to_width > 0 ? to_width : 1, to_height > 0 ? to_height : 1));
}

/* Takes the picture over. */
static const char *picture_finish(PIX *pix, struct document *ret)
{
    fit_preview(&pix);
    if (pix == NULL)
        return "broken";
    l_uint8 *bytes = NULL;
    size_t len = 0;
    pixSetText(pix, NULL);
    int failed = pixWriteMemPng(&bytes, &len, pix, 0.0f);
    ret->pages = 1;
    ret->preview = (struct preview){pixGetWidth(pix), pixGetHeight(pix), bytes, len};
    pixDestroy(&pix);
    return failed ? "broken" : NULL;
}

const char *jpeg_read(const unsigned char *bytes, size_t len, struct document *ret)
{
    struct jpeg_look look;
    if (!jpeg_look(bytes, len, &look) || !look.complete)
        return "broken";
    if (too_many_pixels(look.width, look.height))
        return "too_many_pixels";
    uint32_t longest = look.width > look.height ? look.width : look.height;
    int reduction = 1; /* the decoder's own, which saves time and memory on photos */
    while (reduction < 8 && longest / (uint32_t)(reduction * 2) >= PREVIEW_SIDE_MAX)
        reduction *= 2;
    l_int32 warnings = 0;
    PIX *pix = pixReadMemJpeg(bytes, len, 0, reduction, &warnings, L_JPEG_CONTINUE_WITH_BAD_DATA);
    upright(&pix, look.orientation);
    return pix == NULL ? "broken" : picture_finish(pix, ret);
}

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

const char *png_read(const unsigned char *bytes, size_t len, struct document *ret)
{
    if (len < PNG_HEADER || memcmp(bytes + 12, "IHDR", 4) != 0)
        return "broken";
    uint32_t width = big_endian(bytes + 16), height = big_endian(bytes + 20);
    if (width == 0 || height == 0)
        return "broken";
    if (too_many_pixels(width, height))
        return "too_many_pixels";
    PIX *pix = pixReadMemPng(bytes, len);
    return pix == NULL ? "broken" : picture_finish(pix, ret);
}
