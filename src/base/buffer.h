/* A growing run of bytes with a limit that its owner names. Appending past the limit writes nothing and marks the
 * buffer as overflowed, so that a chain of appends is checked once at its end. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct buffer {
    char *at; /* malloc'ed; NULL while empty */
    size_t len;
    size_t capacity;
    size_t limit;    /* bytes */
    bool overflowed; /* an append was refused */
};

/* An empty buffer: struct buffer b = BUFFER(64 * 1024); */
#define BUFFER(limit_bytes) ((struct buffer){.limit = (limit_bytes)})

void buffer_free(struct buffer *buffer);
void buffer_reset(struct buffer *buffer); /* empties, keeps the memory and the limit */
bool buffer_add(struct buffer *buffer, const void *bytes, size_t len);
bool buffer_text(struct buffer *buffer, struct text text);
bool buffer_string(struct buffer *buffer, const char *string);
bool buffer_char(struct buffer *buffer, char c);
bool buffer_u64(struct buffer *buffer, uint64_t number);
bool buffer_i64(struct buffer *buffer, int64_t number);
bool buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Makes room for `len` more bytes and returns where they go (then add to .len), or NULL past the limit. */
char *buffer_reserve(struct buffer *buffer, size_t len);
/* What is in it; valid until the next append. */
struct text buffer_view(const struct buffer *buffer);

#define BUFFER_CLEANUP __attribute__((cleanup(buffer_free))) struct buffer

#endif
