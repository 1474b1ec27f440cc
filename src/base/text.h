/* Text as a slice: a pointer and a length, never a bare char * of unknown owner. A slice owns nothing; the arena,
 * buffer or literal behind it does. Slices are not NUL-terminated unless they come from text_copy or text_format. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct text {
    const char *at; /* never NULL when len > 0 */
    size_t len;     /* bytes */
};

/* A slice over a string literal. */
#define TEXT(literal) ((struct text){"" literal, sizeof(literal) - 1})
#define TEXT_EMPTY ((struct text){"", 0})
/* For printf: "%.*s", TEXT_ARG(t) */
#define TEXT_ARG(t) (int)((t).len > 0x7fffffff ? 0x7fffffff : (t).len), (t).at ? (t).at : ""

/* A slice over a NUL-terminated string; NULL gives the empty slice. */
struct text text_from(const char *string);

bool text_equal(struct text a, struct text b);
bool text_is(struct text a, const char *string);
/* ASCII case is ignored; other bytes are compared as they are. */
bool text_equal_nocase(struct text a, struct text b);
bool text_starts(struct text a, struct text prefix);
bool text_ends(struct text a, struct text suffix);
/* Byte order, shorter first; for sorting and bsearch. */
int text_compare(struct text a, struct text b);
/* Index of the first occurrence at or after `from`, or SIZE_MAX. */
size_t text_find(struct text in, struct text what, size_t from);
size_t text_find_char(struct text in, char c, size_t from);

/* The part [from, from+len), clamped to the slice. */
struct text text_part(struct text a, size_t from, size_t len);
/* Without ASCII white space at both ends. */
struct text text_trim(struct text a);
/* Takes the piece before the next `separator` off the front of *rest. False when *rest is used up; so an
 * empty piece behind the last separator is not given. */
bool text_next(struct text *rest, char separator, struct text *ret_piece);

/* Copies into the arena; the copy is NUL-terminated (the NUL is not counted). */
struct text text_copy(struct arena *arena, struct text a);
/* A NUL-terminated copy for C interfaces. */
const char *text_cstr(struct arena *arena, struct text a);
/* printf into the arena; NUL-terminated. */
struct text text_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct text text_format_args(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
struct text text_lower(struct arena *arena, struct text a); /* ASCII */
struct text text_upper(struct arena *arena, struct text a); /* ASCII */
/* The bytes from the last to the first; for ASCII. */
struct text text_reverse(struct arena *arena, struct text text);

/* Valid UTF-8 (no overlong forms, no surrogates, at most U+10FFFF) without NUL. */
bool text_is_utf8(struct text a);
/* As text_is_utf8, and without control characters but tab, line feed and carriage return. What every form field and
 * JSON string from outside must pass before it is looked at. */
bool text_is_clean(struct text a);
/* Code points; the slice must be valid UTF-8. */
size_t text_length(struct text a);
/* The longest prefix of at most `max` code points. */
struct text text_clip(struct text a, size_t max);

/* The one strict number parser: decimal digits only, no sign, no space, no leading plus, 1 to 19 digits, at most
 * `max`. Leaves *ret untouched when it fails. */
bool text_to_u64(struct text a, uint64_t max, uint64_t *ret);
/* As text_to_u64 with an optional leading '-'. */
bool text_to_i64(struct text a, int64_t min, int64_t max, int64_t *ret);

/* A copy on one line: control characters become spaces, white space at both ends goes. For what people typed, in mail and logs: it
 * must not look like a paragraph of ours, or like a header. */
struct text text_one_line(struct arena *arena, struct text a);

/* Lower-case hex. */
struct text text_hex(struct arena *arena, const void *bytes, size_t len);
/* False unless the text is exactly 2*len hex digits. */
bool text_unhex(struct text a, void *ret_bytes, size_t len);
/* Base64url without padding (RFC 4648 §5). */
struct text text_base64url(struct arena *arena, const void *bytes, size_t len);
bool text_unbase64url(struct text a, void *ret_bytes, size_t len);
/* Base64 with padding (RFC 4648 §4). */
struct text text_base64(struct arena *arena, const void *bytes, size_t len);
/* False when it is not base64 or longer than `max` bytes. */
bool text_unbase64(struct arena *arena, struct text a, size_t max, struct text *ret_bytes);

/* Percent-encoding of everything but RFC 3986 unreserved characters. */
struct text text_percent(struct arena *arena, struct text a);
/* Percent-decoding; '+' becomes a space when `form`. False on a bad escape or a NUL. */
bool text_unpercent(struct arena *arena, struct text a, bool form, struct text *ret);

/* Equal in time that depends on the lengths alone; for tokens. */
bool text_equal_secret(struct text a, struct text b);

#endif
