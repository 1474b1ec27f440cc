#include "base/buffer.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SMALLEST ((size_t)256)

void buffer_free(struct buffer *buffer)
{
    free(buffer->at);
    *buffer = BUFFER(buffer->limit);
}

void buffer_reset(struct buffer *buffer)
{
    buffer->len = 0;
    buffer->overflowed = false;
}

char *buffer_reserve(struct buffer *buffer, size_t len)
{
    /* After one refusal all are refused: what is in the buffer is the beginning of what was meant, without gaps. */
    if (buffer->overflowed || buffer->len > buffer->limit || len > buffer->limit - buffer->len) {
        buffer->overflowed = true;
        return NULL;
    }
    size_t need = buffer->len + len;
    if (need > buffer->capacity || !buffer->at) {
        size_t doubled = buffer->capacity < buffer->limit / 2 ? buffer->capacity * 2 : buffer->limit;
        size_t capacity = need > doubled ? need : doubled;
        capacity = capacity < BUFFER_SMALLEST ? BUFFER_SMALLEST : capacity;
        char *at = realloc(buffer->at, capacity);
        if (!at) {
            abort();
        }
        buffer->at = at;
        buffer->capacity = capacity;
    }
    return buffer->at + buffer->len;
}

bool buffer_add(struct buffer *buffer, const void *bytes, size_t len)
{
    char *at = buffer_reserve(buffer, len);
    if (!at) {
        return false;
    }
    if (len > 0) {
        memcpy(at, bytes, len);
        buffer->len += len;
    }
    return true;
}

bool buffer_text(struct buffer *buffer, struct text text)
{
    return buffer_add(buffer, text.at, text.len);
}

bool buffer_string(struct buffer *buffer, const char *string)
{
    return buffer_text(buffer, text_from(string));
}

bool buffer_char(struct buffer *buffer, char c)
{
    return buffer_add(buffer, &c, 1);
}

bool buffer_u64(struct buffer *buffer, uint64_t number)
{
    char digits[20];
    size_t from = sizeof digits;
    do {
        digits[--from] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return buffer_add(buffer, digits + from, sizeof digits - from);
}

bool buffer_i64(struct buffer *buffer, int64_t number)
{
    return buffer_format(buffer, "%" PRId64, number);
}

bool buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(len >= 0);
    bool fits = false;
    /* One byte more than the text: vsnprintf ends it with a NUL, which is not counted and may lie past the limit. */
    char *at = buffer_reserve(buffer, (size_t)len);
    if (at) {
        if (buffer->capacity - buffer->len <= (size_t)len) {
            char *bigger = realloc(buffer->at, buffer->capacity + 1);
            if (!bigger) {
                abort();
            }
            buffer->at = bigger;
            buffer->capacity += 1;
            at = bigger + buffer->len;
        }
        vsnprintf(at, (size_t)len + 1, format, again);
        buffer->len += (size_t)len;
        fits = true;
    }
    va_end(again);
    return fits;
}

struct text buffer_view(const struct buffer *buffer)
{
    return buffer->at ? (struct text){buffer->at, buffer->len} : TEXT_EMPTY;
}
