/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a document is, from its first bytes alone: neither its name nor what the browser says of it counts. */
#ifndef BILLREADER_TYPE_H
#define BILLREADER_TYPE_H

#include <stddef.h>

enum type {
    TYPE_UNKNOWN,
    /* what is read */
    TYPE_PDF,
    TYPE_JPEG,
    TYPE_PNG,
    /* what is known only to be refused with the right word */
    TYPE_HEIC,
    TYPE_TIFF,
    TYPE_GIF,
    TYPE_WEBP,
    TYPE_BMP,
    TYPE_OFFICE, /* DOCX, XLSX, ODT and the old binary formats */
    TYPE_ZIP,    /* also RAR, 7z, gzip */
    TYPE_HTML,
    TYPE_MAIL,
    TYPE_PROGRAM,
    TYPE_TEXT,
    TYPE_COUNT
};

/* Looks at no more than the first 4 KiB. */
enum type type_find(const unsigned char *bytes, size_t len);

/* "pdf", "heic", ...: the word in the answer. */
const char *type_name(enum type type);

#endif
