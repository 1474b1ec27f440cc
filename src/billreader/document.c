/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "billreader/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t written = write(fd, at, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        at += written;
        len -= (size_t)written;
    }
    return true;
}

/* The whole document, malloc'ed; NULL when it cannot be read whole. */
static unsigned char *read_whole(int fd, size_t len)
{
    unsigned char *bytes = malloc(len + 1);
    size_t got = 0;
    while (bytes != NULL && got < len) {
        ssize_t count = pread(fd, bytes + got, len - got, (off_t)got);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            free(bytes);
            return NULL;
        }
        got += (size_t)count;
    }
    return bytes;
}

static const char *read_as(enum type type, const unsigned char *bytes, size_t len, struct document *ret)
{
    ret->type = type;
    switch (type) {
    case TYPE_PDF:
        return pdf_read(bytes, len, ret);
    case TYPE_JPEG:
        return jpeg_read(bytes, len, ret);
    case TYPE_PNG:
        return png_read(bytes, len, ret);
    default:
        return "unknown_type";
    }
}

/* Decides what the answer is. NULL, or the reason for refusing: empty, too_large, unknown_type, broken, encrypted,
 * too_many_pages, too_many_pixels; the zygote adds timeout, killed and cage. */
static const char *document_read(int fd, struct document *ret)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return "broken";
    if (status.st_size == 0)
        return "empty";
    if (status.st_size > DOCUMENT_BYTES_MAX)
        return "too_large";
    size_t len = (size_t)status.st_size;
    unsigned char *bytes = read_whole(fd, len);
    if (bytes == NULL)
        return "broken";
    const char *refusal = read_as(type_find(bytes, len), bytes, len, ret);
    free(bytes);
    if (refusal == NULL && ret->preview.len > PREVIEW_BYTES_MAX)
        return "too_many_pixels";
    return refusal;
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

int document_answer(int document_fd, int preview_fd, int answer_fd)
{
    struct document document = {.type = TYPE_UNKNOWN};
    const char *refusal = document_read(document_fd, &document);
    if (refusal == NULL && !write_all(preview_fd, document.preview.bytes, document.preview.len))
        return 1;
    char line[512];
    int len;
    if (refusal != NULL) {
        len = snprintf(line, sizeof line, "{\"result\":\"refused\",\"reason\":\"%s\",\"type\":\"%s\"}\n",
            refusal, type_name(document.type));
    } else {
        len = snprintf(line, sizeof line,
            "{\"result\":\"ok\",\"type\":\"%s\",\"pages\":%d,\"encrypted\":%s,\"active_content\":%s,"
            "\"preview\":{\"width\":%d,\"height\":%d,\"bytes\":%zu}}\n",
            type_name(document.type), document.pages, truth(document.encrypted),
            truth(document.active_content), document.preview.width, document.preview.height,
            document.preview.len);
    }
    free(document.preview.bytes);
    return len > 0 && (size_t)len < sizeof line && write_all(answer_fd, line, (size_t)len) ? 0 : 1;
}
