/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "billreader/type.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { LOOKED_AT = 4096, PDF_HEADER_WITHIN = 1024 };

struct magic {
    enum type type;
    size_t offset;
    const char *bytes;
    size_t len;
};
#define MAGIC(type, offset, literal)                                                                         \
    {                                                                                                        \
        (type), (offset), (literal), sizeof(literal) - 1                                                     \
    }

static const struct magic magics[] = {
    MAGIC(TYPE_PDF, 0, "%PDF-"),
    MAGIC(TYPE_JPEG, 0, "\xff\xd8\xff"),
    MAGIC(TYPE_PNG, 0, "\x89PNG\r\n\x1a\n"),
    MAGIC(TYPE_HEIC, 4, "ftypheic"),
    MAGIC(TYPE_HEIC, 4, "ftypheix"),
    MAGIC(TYPE_HEIC, 4, "ftyphevc"),
    MAGIC(TYPE_HEIC, 4, "ftypheim"),
    MAGIC(TYPE_HEIC, 4, "ftypmif1"),
    MAGIC(TYPE_HEIC, 4, "ftypmsf1"),
    MAGIC(TYPE_HEIC, 4, "ftypavif"),
    MAGIC(TYPE_TIFF, 0, "II*\0"),
    MAGIC(TYPE_TIFF, 0, "MM\0*"),
    MAGIC(TYPE_TIFF, 0, "II+\0"),
    MAGIC(TYPE_TIFF, 0, "MM\0+"),
    MAGIC(TYPE_GIF, 0, "GIF87a"),
    MAGIC(TYPE_GIF, 0, "GIF89a"),
    MAGIC(TYPE_WEBP, 8, "WEBP"),
    MAGIC(TYPE_OFFICE, 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    MAGIC(TYPE_OFFICE, 0, "{\\rtf"),
    MAGIC(TYPE_ZIP, 0, "PK\x03\x04"),
    MAGIC(TYPE_ZIP, 0, "PK\x05\x06"),
    MAGIC(TYPE_ZIP, 0, "Rar!\x1a\x07"),
    MAGIC(TYPE_ZIP, 0, "7z\xbc\xaf\x27\x1c"),
    MAGIC(TYPE_ZIP, 0, "\x1f\x8b"),
    MAGIC(TYPE_PROGRAM, 0, "MZ"),
    MAGIC(TYPE_PROGRAM, 0,
        "\x7f"
        "ELF"),
    MAGIC(TYPE_PROGRAM, 0, "#!"),
    MAGIC(TYPE_PROGRAM, 0, "\xcf\xfa\xed\xfe"),
    MAGIC(TYPE_BMP, 0, "BM"),
};

static const char *const names[TYPE_COUNT] = {
    [TYPE_UNKNOWN] = "unknown",
    [TYPE_PDF] = "pdf",
    [TYPE_JPEG] = "jpeg",
    [TYPE_PNG] = "png",
    [TYPE_HEIC] = "heic",
    [TYPE_TIFF] = "tiff",
    [TYPE_GIF] = "gif",
    [TYPE_WEBP] = "webp",
    [TYPE_BMP] = "bmp",
    [TYPE_OFFICE] = "office",
    [TYPE_ZIP] = "zip",
    [TYPE_HTML] = "html",
    [TYPE_MAIL] = "mail",
    [TYPE_PROGRAM] = "program",
    [TYPE_TEXT] = "text",
};

const char *type_name(enum type type)
{
    return names[type < TYPE_COUNT ? type : TYPE_UNKNOWN];
}

static bool holds(const unsigned char *bytes, size_t len, const char *what)
{
    return bytes != NULL && memmem(bytes, len, what, strlen(what)) != NULL;
}

/* Office documents are ZIP archives whose first members have known names. */
static enum type zip_kind(const unsigned char *bytes, size_t len)
{
    bool office = holds(bytes, len, "[Content_Types].xml") || holds(bytes, len, "word/") ||
                  holds(bytes, len, "mimetypeapplication/vnd.");
    return office ? TYPE_OFFICE : TYPE_ZIP;
}

static bool starts_nocase(const unsigned char *bytes, size_t len, const char *what)
{
    size_t what_len = strlen(what);
    return len >= what_len && strncasecmp((const char *)bytes, what, what_len) == 0;
}

static bool is_text(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] < 0x20 && bytes[i] != '\t' && bytes[i] != '\n' && bytes[i] != '\r' && bytes[i] != '\f')
            return false;
    }
    return true;
}

static enum type text_kind(const unsigned char *bytes, size_t len)
{
    static const char *const html[] = {
        "<!doctype html", "<html", "<head", "<body", "<script", "<svg", "<?xml", "<!--"};
    static const char *const mail[] = {
        "From:", "From ", "Return-Path:", "Received:", "Delivered-To:", "MIME-Version:"};
    size_t start = 0;
    if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        start = 3;
    while (start < len && (bytes[start] == ' ' || (bytes[start] >= '\t' && bytes[start] <= '\r')))
        start++;
    for (size_t i = 0; i < sizeof html / sizeof html[0]; i++) {
        if (starts_nocase(bytes + start, len - start, html[i]))
            return TYPE_HTML;
    }
    if (!is_text(bytes, len))
        return TYPE_UNKNOWN;
    for (size_t i = 0; i < sizeof mail / sizeof mail[0]; i++) {
        if (starts_nocase(bytes + start, len - start, mail[i]))
            return TYPE_MAIL;
    }
    return TYPE_TEXT;
}

enum type type_find(const unsigned char *bytes, size_t len)
{
    if (len > LOOKED_AT)
        len = LOOKED_AT;
    if (len == 0)
        return TYPE_UNKNOWN;
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        const struct magic *magic = &magics[i];
        if (len >= magic->offset + magic->len && memcmp(bytes + magic->offset, magic->bytes, magic->len) == 0)
            return magic->type == TYPE_ZIP && bytes[0] == 'P' ? zip_kind(bytes, len) : magic->type;
    }
    enum type type = text_kind(bytes, len);
    /* Some bill printers put a few lines of their own before the header, and readers take that. */
    if (type != TYPE_HTML && holds(bytes, len < PDF_HEADER_WITHIN ? len : PDF_HEADER_WITHIN, "%PDF-"))
        return TYPE_PDF;
    return type;
}
