/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "billreader/active.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { NAME_MAX_LEN = 24, CHUNK = 64 * 1024, INFLATED_MAX = 64 * 1024 * 1024, DICTIONARY_MAX = 2048 };

static int hex(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The name that begins after the slash at bytes[0], with its #xx escapes undone: "/Java#53cript" is a known trick. */
static size_t name_at(const unsigned char *bytes, size_t len, char ret[NAME_MAX_LEN])
{
    size_t out = 0;
    for (size_t i = 1; i < len && out < NAME_MAX_LEN - 1; i++) {
        unsigned char c = bytes[i];
        if (c == '#' && i + 2 < len && hex(bytes[i + 1]) >= 0 && hex(bytes[i + 2]) >= 0) {
            c = (unsigned char)(hex(bytes[i + 1]) << 4 | hex(bytes[i + 2]));
            i += 2;
        } else if (c <= ' ' || strchr("/<>[](){}%", c) != NULL) {
            break;
        }
        ret[out++] = (char)c;
    }
    ret[out] = '\0';
    return out;
}

static bool is_active(const char *name)
{
    static const char *const active[] = {
        "JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "FileAttachment", "RichMedia", "ImportData"};
    for (size_t i = 0; i < sizeof active / sizeof active[0]; i++) {
        if (strcmp(name, active[i]) == 0)
            return true;
    }
    return false;
}

static bool names_active(const unsigned char *bytes, size_t len)
{
    const unsigned char *end = bytes + len;
    for (const unsigned char *at = memchr(bytes, '/', len); at != NULL;
         at = memchr(at + 1, '/', (size_t)(end - at) - 1)) {
        char name[NAME_MAX_LEN];
        if (name_at(at, (size_t)(end - at), name) > 0 && is_active(name))
            return true;
    }
    return false;
}

/* Inflates one stream and looks at it in pieces that overlap by a name's length. Takes what it inflates off *budget. */
static bool inflated_names_active(const unsigned char *bytes, size_t len, size_t *budget)
{
    enum { OVERLAP = 3 * NAME_MAX_LEN };
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)bytes, .avail_in = (uInt)len};
    unsigned char *window = malloc(OVERLAP + CHUNK);
    bool found = false;
    if (window == NULL || inflateInit(&stream) != Z_OK) {
        free(window);
        return false;
    }
    size_t kept = 0;
    int status = Z_OK;
    while (status == Z_OK && !found && *budget > 0) {
        stream.next_out = window + kept;
        stream.avail_out = CHUNK;
        status = inflate(&stream, Z_NO_FLUSH);
        size_t made = CHUNK - stream.avail_out;
        *budget -= made < *budget ? made : *budget;
        size_t filled = kept + made;
        found = names_active(window, filled);
        kept = filled < OVERLAP ? filled : OVERLAP;
        memmove(window, window + filled - kept, kept);
    }
    inflateEnd(&stream);
    free(window);
    return found;
}

bool active_named(const unsigned char *bytes, size_t len)
{
    if (names_active(bytes, len))
        return true;
    size_t budget = INFLATED_MAX;
    const unsigned char *end = bytes + len;
    const unsigned char *at = memmem(bytes, len, "/ObjStm", 7);
    while (at != NULL && budget > 0) {
        size_t left = (size_t)(end - at);
        const unsigned char *start = memmem(at, left < DICTIONARY_MAX ? left : DICTIONARY_MAX, "stream", 6);
        if (start != NULL) {
            start += 6;
            while (start < end && (*start == '\r' || *start == '\n'))
                start++;
            if (inflated_names_active(start, (size_t)(end - start), &budget))
                return true;
        }
        at = memmem(at + 7, left - 7, "/ObjStm", 7);
    }
    return false;
}
