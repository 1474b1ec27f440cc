#include "base/text.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct text text_from(const char *string)
{
    return string ? (struct text){string, strlen(string)} : TEXT_EMPTY;
}

bool text_equal(struct text a, struct text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool text_is(struct text a, const char *string)
{
    return text_equal(a, text_from(string));
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

bool text_equal_nocase(struct text a, struct text b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.at[i]) != lower(b.at[i])) {
            return false;
        }
    }
    return true;
}

bool text_starts(struct text a, struct text prefix)
{
    return a.len >= prefix.len && text_equal(text_part(a, 0, prefix.len), prefix);
}

bool text_ends(struct text a, struct text suffix)
{
    return a.len >= suffix.len && text_equal(text_part(a, a.len - suffix.len, suffix.len), suffix);
}

int text_compare(struct text a, struct text b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter > 0 ? memcmp(a.at, b.at, shorter) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

size_t text_find(struct text in, struct text what, size_t from)
{
    if (from > in.len || what.len > in.len - from) {
        return SIZE_MAX;
    }
    if (what.len == 0) {
        return from;
    }
    const char *at = memmem(in.at + from, in.len - from, what.at, what.len);
    return at ? (size_t)(at - in.at) : SIZE_MAX;
}

size_t text_find_char(struct text in, char c, size_t from)
{
    return text_find(in, (struct text){&c, 1}, from);
}

struct text text_part(struct text a, size_t from, size_t len)
{
    if (from >= a.len) {
        return TEXT_EMPTY;
    }
    size_t left = a.len - from;
    return (struct text){a.at + from, len < left ? len : left};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct text text_trim(struct text a)
{
    size_t from = 0;
    size_t to = a.len;
    while (from < to && is_space(a.at[from])) {
        from++;
    }
    while (to > from && is_space(a.at[to - 1])) {
        to--;
    }
    return text_part(a, from, to - from);
}

bool text_next(struct text *rest, char separator, struct text *ret_piece)
{
    if (rest->len == 0) {
        return false;
    }
    size_t end = text_find_char(*rest, separator, 0);
    if (end == SIZE_MAX) {
        *ret_piece = *rest;
        *rest = TEXT_EMPTY;
        return true;
    }
    *ret_piece = text_part(*rest, 0, end);
    *rest = text_part(*rest, end + 1, SIZE_MAX);
    return true;
}

/* Room for `len` bytes and the NUL behind them. */
static char *room(struct arena *arena, size_t len)
{
    assert(len < SIZE_MAX);
    return ARENA_ARRAY(arena, char, len + 1);
}

struct text text_copy(struct arena *arena, struct text a)
{
    char *at = room(arena, a.len);
    if (a.len > 0) {
        memcpy(at, a.at, a.len);
    }
    return (struct text){at, a.len};
}

const char *text_cstr(struct arena *arena, struct text a)
{
    return text_copy(arena, a).at;
}

struct text text_format_args(struct arena *arena, const char *format, va_list args)
{
    assert(format); /* else gcc with the sanitizers takes it for possibly NULL below, and warns */
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(len >= 0);
    char *at = room(arena, (size_t)len);
    vsnprintf(at, (size_t)len + 1, format, args);
    return (struct text){at, (size_t)len};
}

struct text text_format(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct text text = text_format_args(arena, format, args);
    va_end(args);
    return text;
}

static struct text mapped(struct arena *arena, struct text a, char (*map)(char))
{
    char *at = room(arena, a.len);
    for (size_t i = 0; i < a.len; i++) {
        at[i] = map(a.at[i]);
    }
    return (struct text){at, a.len};
}

struct text text_lower(struct arena *arena, struct text a)
{
    return mapped(arena, a, lower);
}

struct text text_reverse(struct arena *arena, struct text text)
{
    char *at = ARENA_ARRAY(arena, char, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        at[i] = text.at[text.len - 1 - i];
    }
    return (struct text){at, text.len};
}

struct text text_upper(struct arena *arena, struct text a)
{
    return mapped(arena, a, upper);
}

/* The code point at the front of `a` and its length in bytes; 0 when it is not valid UTF-8. */
static size_t utf8_first(struct text a, uint32_t *ret)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)a.at[0];
    size_t len = first < 0x80   ? 1
                 : first < 0xc2 ? 0
                 : first < 0xe0 ? 2
                 : first < 0xf0 ? 3
                 : first < 0xf5 ? 4
                                : 0;
    if (len == 0 || len > a.len) {
        return 0;
    }
    uint32_t point = len == 1 ? first : first & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        unsigned char next = (unsigned char)a.at[i];
        if ((next & 0xc0) != 0x80) {
            return 0;
        }
        point = point << 6 | (next & 0x3fU);
    }
    if (point < smallest[len] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
        return 0;
    }
    *ret = point;
    return len;
}

static bool every_point(struct text a, bool (*fits)(uint32_t))
{
    size_t at = 0;
    while (at < a.len) {
        uint32_t point = 0;
        size_t len = utf8_first(text_part(a, at, SIZE_MAX), &point);
        if (len == 0 || !fits(point)) {
            return false;
        }
        at += len;
    }
    return true;
}

static bool is_not_nul(uint32_t point)
{
    return point != 0;
}

static bool is_clean(uint32_t point)
{
    if (point == '\t' || point == '\n' || point == '\r') {
        return true;
    }
    return point >= 0x20 && (point < 0x7f || point > 0x9f);
}

bool text_is_utf8(struct text a)
{
    return every_point(a, is_not_nul);
}

bool text_is_clean(struct text a)
{
    return every_point(a, is_clean);
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t text_length(struct text a)
{
    size_t points = 0;
    for (size_t i = 0; i < a.len; i++) {
        points += !continues(a.at[i]);
    }
    return points;
}

struct text text_one_line(struct arena *arena, struct text a)
{
    char *at = ARENA_ARRAY(arena, char, a.len + 1);
    for (size_t i = 0; i < a.len; i++) {
        unsigned char c = (unsigned char)a.at[i];
        at[i] = c < 0x20 || c == 0x7f ? ' ' : a.at[i];
    }
    return text_trim((struct text){at, a.len});
}

struct text text_clip(struct text a, size_t max)
{
    size_t points = 0;
    for (size_t i = 0; i < a.len; i++) {
        if (!continues(a.at[i])) {
            if (points == max) {
                return text_part(a, 0, i);
            }
            points++;
        }
    }
    return a;
}

bool text_to_u64(struct text a, uint64_t max, uint64_t *ret)
{
    if (a.len < 1 || a.len > 19) {
        return false;
    }
    uint64_t number = 0; /* 19 digits always fit */
    for (size_t i = 0; i < a.len; i++) {
        if (a.at[i] < '0' || a.at[i] > '9') {
            return false;
        }
        number = number * 10 + (uint64_t)(a.at[i] - '0');
    }
    if (number > max) {
        return false;
    }
    *ret = number;
    return true;
}

bool text_to_i64(struct text a, int64_t min, int64_t max, int64_t *ret)
{
    bool negative = a.len > 0 && a.at[0] == '-';
    uint64_t most = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
    uint64_t size = 0;
    if (!text_to_u64(negative ? text_part(a, 1, SIZE_MAX) : a, most, &size)) {
        return false;
    }
    int64_t number = negative ? (size == 0 ? 0 : -(int64_t)(size - 1) - 1) : (int64_t)size;
    if (number < min || number > max) {
        return false;
    }
    *ret = number;
    return true;
}

struct text text_hex(struct arena *arena, const void *bytes, size_t len)
{
    assert(len < SIZE_MAX / 2);
    char *at = room(arena, len * 2);
    const unsigned char *from = bytes;
    for (size_t i = 0; i < len; i++) {
        at[2 * i] = "0123456789abcdef"[from[i] >> 4];
        at[2 * i + 1] = "0123456789abcdef"[from[i] & 15];
    }
    return (struct text){at, len * 2};
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int hex_pair(struct text a, size_t at)
{
    if (at >= a.len || a.len - at < 2) {
        return -1;
    }
    int high = hex_digit(a.at[at]);
    int low = hex_digit(a.at[at + 1]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool text_unhex(struct text a, void *ret_bytes, size_t len)
{
    if (a.len % 2 != 0 || a.len / 2 != len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (hex_pair(a, 2 * i) < 0) {
            return false;
        }
    }
    for (size_t i = 0; i < len; i++) {
        ((unsigned char *)ret_bytes)[i] = (unsigned char)hex_pair(a, 2 * i);
    }
    return true;
}

static struct text base64(struct arena *arena, const void *bytes, size_t len, int variant)
{
    assert(len < SIZE_MAX / 2);
    size_t size = sodium_base64_encoded_len(len, variant); /* with the NUL */
    char *at = room(arena, size);
    sodium_bin2base64(at, size, bytes, len, variant);
    return (struct text){at, strlen(at)};
}

struct text text_base64url(struct arena *arena, const void *bytes, size_t len)
{
    return base64(arena, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

struct text text_base64(struct arena *arena, const void *bytes, size_t len)
{
    return base64(arena, bytes, len, sodium_base64_VARIANT_ORIGINAL);
}

/* libsodium 1.0.18 takes bytes from 0x80 on for the digits 62 and 63. */
static bool is_ascii(struct text a)
{
    for (size_t i = 0; i < a.len; i++) {
        if ((unsigned char)a.at[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

bool text_unbase64url(struct text a, void *ret_bytes, size_t len)
{
    /* Decoded twice, as the outputs of a function that fails stay untouched: first only to see whether it is right. */
    size_t digits = len / 3 * 4 + (len % 3 == 0 ? 0 : len % 3 + 1);
    if (a.len != digits || !is_ascii(a)) {
        return false;
    }
    for (size_t at = 0; at < a.len; at += 4) {
        struct text quad = text_part(a, at, 4);
        unsigned char bytes[3];
        size_t got = 0;
        if (sodium_base642bin(bytes, sizeof bytes, quad.at, quad.len, NULL, &got, NULL,
                sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
            return false;
        }
    }
    size_t got = 0;
    return len == 0 || sodium_base642bin(ret_bytes, len, a.at, a.len, NULL, &got, NULL,
                           sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

bool text_unbase64(struct arena *arena, struct text a, size_t max, struct text *ret_bytes)
{
    size_t most = a.len / 4 * 3;
    if (a.len % 4 != 0 || !is_ascii(a) || most > SIZE_MAX - 3 || (most > 2 && most - 2 > max)) {
        return false;
    }
    unsigned char *bytes = (unsigned char *)room(arena, most);
    size_t got = 0;
    if (a.len > 0 &&
        sodium_base642bin(bytes, most, a.at, a.len, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
        return false;
    }
    if (got > max) {
        return false;
    }
    *ret_bytes = (struct text){(const char *)bytes, got};
    return true;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

struct text text_percent(struct arena *arena, struct text a)
{
    size_t len = a.len;
    for (size_t i = 0; i < a.len; i++) {
        len += is_unreserved(a.at[i]) ? 0 : 2;
    }
    char *at = room(arena, len);
    char *to = at;
    for (size_t i = 0; i < a.len; i++) {
        unsigned char c = (unsigned char)a.at[i];
        if (is_unreserved(a.at[i])) {
            *to++ = a.at[i];
            continue;
        }
        *to++ = '%';
        *to++ = "0123456789ABCDEF"[c >> 4];
        *to++ = "0123456789ABCDEF"[c & 15];
    }
    return (struct text){at, len};
}

bool text_unpercent(struct arena *arena, struct text a, bool form, struct text *ret)
{
    char *at = room(arena, a.len);
    size_t len = 0;
    for (size_t i = 0; i < a.len; i++) {
        char c = form && a.at[i] == '+' ? ' ' : a.at[i];
        if (c == '%') {
            int byte = hex_pair(a, i + 1);
            if (byte < 0) {
                return false;
            }
            c = (char)byte;
            i += 2;
        }
        if (c == '\0') {
            return false;
        }
        at[len++] = c;
    }
    at[len] = '\0';
    *ret = (struct text){at, len};
    return true;
}

bool text_equal_secret(struct text a, struct text b)
{
    return a.len == b.len && (a.len == 0 || sodium_memcmp(a.at, b.at, a.len) == 0);
}
