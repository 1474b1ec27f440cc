#include "net/mail_header.h"

#include <string.h>

#define WORD_BYTES 42 /* of UTF-8 in one encoded word, which is at most 75 characters long */
#define WORD_MAX 300  /* bytes of an encoded word that we read; the standard allows 75 */
#define PLAIN_MAX 60  /* an ASCII header value up to here stands on one line as it is */

static bool is_plain(struct text value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] < 0x20 || value.at[i] == 0x7f) {
            return false;
        }
    }
    return value.len <= PLAIN_MAX && text_find(value, TEXT("=?"), 0) == SIZE_MAX;
}

/* The longest prefix that fits into one encoded word, cut between code points. */
static struct text word_part(struct text value)
{
    size_t len = value.len < WORD_BYTES ? value.len : WORD_BYTES;
    while (len > 0 && len < value.len && ((unsigned char)value.at[len] & 0xc0) == 0x80) {
        len--;
    }
    return text_part(value, 0, len);
}

void mail_header_encode(struct buffer *out, struct text value)
{
    if (is_plain(value)) {
        buffer_text(out, value);
        return;
    }
    ARENA_CLEANUP arena = arena_new((size_t)64 * 1024);
    for (bool first = true; value.len > 0; first = false) {
        struct text part = word_part(value);
        buffer_string(out, first ? "=?utf-8?B?" : "\r\n =?utf-8?B?");
        buffer_text(out, text_base64(arena, part.at, part.len));
        buffer_string(out, "?=");
        value = text_part(value, part.len, SIZE_MAX);
        arena_reset(arena);
    }
}

void mail_header_mailbox(struct buffer *out, struct text name, struct text address)
{
    if (name.len > 0 && is_plain(name)) {
        buffer_char(out, '"');
        for (size_t i = 0; i < name.len; i++) {
            if (name.at[i] == '"' || name.at[i] == '\\') {
                buffer_char(out, '\\');
            }
            buffer_char(out, name.at[i]);
        }
        buffer_string(out, "\" ");
    } else if (name.len > 0) {
        mail_header_encode(out, name);
        buffer_char(out, ' ');
    }
    buffer_char(out, '<');
    buffer_text(out, address);
    buffer_char(out, '>');
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct text mail_unquote(struct arena *arena, struct text encoded, bool header)
{
    char *out = ARENA_ARRAY(arena, char, encoded.len);
    size_t len = 0;
    for (size_t i = 0; i < encoded.len; i++) {
        char c = encoded.at[i];
        struct text rest = text_part(encoded, i + 1, SIZE_MAX);
        if (c != '=') {
            out[len++] = header && c == '_' ? ' ' : c;
        } else if (text_starts(rest, TEXT("\r\n")) || text_starts(rest, TEXT("\n"))) {
            i += rest.at[0] == '\r' ? 2 : 1;
        } else if (rest.len >= 2 && hex_digit(rest.at[0]) >= 0 && hex_digit(rest.at[1]) >= 0) {
            out[len++] = (char)(hex_digit(rest.at[0]) * 16 + hex_digit(rest.at[1]));
            i += 2;
        } else {
            out[len++] = c;
        }
    }
    return (struct text){out, len};
}

struct text mail_unbase64(struct arena *arena, struct text encoded)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = ARENA_ARRAY(arena, char, encoded.len);
    size_t len = 0;
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < encoded.len && encoded.at[i] != '='; i++) {
        const char *digit = encoded.at[i] != '\0' ? strchr(digits, encoded.at[i]) : NULL;
        if (digit == NULL) {
            continue;
        }
        bits = (bits << 6 | (uint32_t)(digit - digits)) & 0xffffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[len++] = (char)(bits >> count & 0xff);
        }
    }
    return (struct text){out, len};
}

static size_t put_point(char *out, uint32_t point)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xc0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | point >> 12);
    out[1] = (char)(0x80 | (point >> 6 & 0x3f));
    out[2] = (char)(0x80 | (point & 0x3f));
    return 3;
}

/* Windows-1252 where ISO 8859-1 has only controls: as every mail program reads it. */
static uint32_t latin_point(unsigned char byte)
{
    static const uint16_t windows[32] = {0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
        0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c,
        0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};
    return byte >= 0x80 && byte < 0xa0 ? windows[byte - 0x80] : byte;
}

/* Bytes of the code point at the front, or 0 when it is broken or a control character. */
static size_t utf8_len(struct text rest)
{
    for (size_t len = 1; len <= 4 && len <= rest.len; len++) {
        if (text_is_clean(text_part(rest, 0, len))) {
            return len;
        }
    }
    return 0;
}

static bool is_control(char c)
{
    return (c >= 0 && c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f;
}

struct text mail_to_utf8(struct arena *arena, struct text bytes, struct text charset)
{
    bool latin =
        text_equal_nocase(charset, TEXT("iso-8859-1")) || text_equal_nocase(charset, TEXT("latin1")) ||
        text_equal_nocase(charset, TEXT("iso-8859-15")) || text_equal_nocase(charset, TEXT("windows-1252"));
    bool utf8 = charset.len == 0 || text_equal_nocase(charset, TEXT("utf-8")) ||
                text_equal_nocase(charset, TEXT("utf8"));
    if (utf8 && text_is_clean(bytes)) {
        return bytes;
    }
    BUFFER_CLEANUP out = BUFFER(bytes.len * 3 + 1);
    for (size_t i = 0; i < bytes.len;) {
        char point[3];
        size_t len = utf8 ? utf8_len(text_part(bytes, i, SIZE_MAX)) : 0;
        unsigned char byte = (unsigned char)bytes.at[i];
        if (len > 1) {
            buffer_add(&out, bytes.at + i, len);
            i += len;
            continue;
        }
        uint32_t value = byte < 0x80 ? byte : latin ? latin_point(byte) : 0xfffd;
        value = is_control(bytes.at[i]) ? 0xfffd : value;
        buffer_add(&out, point, put_point(point, value));
        i++;
    }
    return text_copy(arena, buffer_view(&out));
}

struct encoded_word {
    struct text charset, encoding, content;
    size_t len; /* of the whole */
};

/* Reads =?charset?encoding?content?= at the front. */
static bool word_read(struct text rest, struct encoded_word *ret)
{
    rest = text_part(
        rest, 0, WORD_MAX); /* so that many beginnings without an end are not searched to the end each */
    if (!text_starts(rest, TEXT("=?"))) {
        return false;
    }
    size_t first = text_find_char(rest, '?', 2);
    size_t second = first == SIZE_MAX ? SIZE_MAX : text_find_char(rest, '?', first + 1);
    size_t end = second == SIZE_MAX ? SIZE_MAX : text_find(rest, TEXT("?="), second + 1);
    if (end == SIZE_MAX) {
        return false;
    }
    ret->charset = text_part(rest, 2, first - 2);
    ret->charset =
        text_part(ret->charset, 0, text_find_char(ret->charset, '*', 0)); /* a language may follow */
    ret->encoding = text_part(rest, first + 1, second - first - 1);
    ret->content = text_part(rest, second + 1, end - second - 1);
    ret->len = end + 2;
    return text_equal_nocase(ret->encoding, TEXT("B")) || text_equal_nocase(ret->encoding, TEXT("Q"));
}

static size_t blank_len(struct text rest)
{
    size_t len = 0;
    while (len < rest.len && text_find_char(TEXT(" \t\r\n"), rest.at[len], 0) != SIZE_MAX) {
        len++;
    }
    return len;
}

static struct text one_line(struct arena *arena, struct text value)
{
    char *out = ARENA_ARRAY(arena, char, value.len);
    for (size_t i = 0; i < value.len; i++) {
        bool blank = value.at[i] == '\r' || value.at[i] == '\n' || value.at[i] == '\t';
        out[i] = blank ? ' ' : value.at[i];
    }
    return text_trim((struct text){out, value.len});
}

struct text mail_header_decode(struct arena *arena, struct text value)
{
    BUFFER_CLEANUP out = BUFFER(value.len * 3 + 1);
    bool after_word = false;
    for (size_t i = 0; i < value.len;) {
        struct text rest = text_part(value, i, SIZE_MAX);
        struct encoded_word word = {0};
        size_t blank = blank_len(rest);
        /* White space between two encoded words is only there to part them; a fold is one blank. */
        if (blank > 0) {
            bool between = after_word && word_read(text_part(rest, blank, SIZE_MAX), &word);
            buffer_string(&out, between ? "" : " ");
            i += blank;
        } else if (word_read(rest, &word)) {
            bool base64 = text_equal_nocase(word.encoding, TEXT("B"));
            struct text bytes =
                base64 ? mail_unbase64(arena, word.content) : mail_unquote(arena, word.content, true);
            buffer_text(&out, mail_to_utf8(arena, bytes, word.charset));
            i += word.len;
            after_word = true;
        } else {
            buffer_char(&out, value.at[i]);
            i++;
            after_word = false;
        }
    }
    return one_line(arena, mail_to_utf8(arena, text_copy(arena, buffer_view(&out)), TEXT("utf-8")));
}
