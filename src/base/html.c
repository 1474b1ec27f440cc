#include "base/html.h"

#include <assert.h>
#include <stdarg.h>

static struct text html_escape(char c)
{
    switch (c) {
    case '&':
        return TEXT("&amp;");
    case '<':
        return TEXT("&lt;");
    case '>':
        return TEXT("&gt;");
    case '"':
        return TEXT("&quot;");
    case '\'':
        return TEXT("&#39;");
    default:
        return TEXT_EMPTY;
    }
}

void html_text(struct buffer *out, struct text text)
{
    size_t plain = 0; /* where the run that needs no escape begins */
    for (size_t i = 0; i < text.len; i++) {
        struct text escape = html_escape(text.at[i]);
        if (escape.len > 0) {
            buffer_text(out, text_part(text, plain, i - plain));
            buffer_text(out, escape);
            plain = i + 1;
        }
    }
    buffer_text(out, text_part(text, plain, SIZE_MAX));
}

void html_string(struct buffer *out, const char *string)
{
    html_text(out, text_from(string));
}

void html_i64(struct buffer *out, int64_t number)
{
    buffer_i64(out, number);
}

void html_url(struct buffer *out, struct url url)
{
    html_text(out, url.text);
}

void html_word(
    struct buffer *out, enum language language, enum word word, const struct word_arg *args, size_t count)
{
    BUFFER_CLEANUP sentence = BUFFER(out->limit);
    words_write(&sentence, language, word, args, count);
    html_text(out, buffer_view(&sentence));
    out->overflowed = out->overflowed || sentence.overflowed;
}

/* What no address may hold: browsers drop tabs and line ends, and take a backslash for a slash. */
static bool url_is_plain(struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c <= ' ' || c == 0x7f || c == '\\') {
            return false;
        }
    }
    return true;
}

struct url url_path(struct text path)
{
    assert(text_starts(path, TEXT("/")) && !text_starts(path, TEXT("//")));
    assert(url_is_plain(path));
    return (struct url){path};
}

struct url url_pathf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct text path = text_format_args(arena, format, args);
    va_end(args);
    return url_path(path);
}

struct url url_outside(struct text address)
{
    bool http = text_equal_nocase(text_part(address, 0, 7), TEXT("http://")) ||
                text_equal_nocase(text_part(address, 0, 8), TEXT("https://"));
    return (struct url){http && url_is_plain(address) && text_is_clean(address) ? address : TEXT("#")};
}
