/* What compiled templates write with. Escaping is the default; there is no way to write raw text from a field. */
#ifndef BASE_HTML_H
#define BASE_HTML_H

#include "base/buffer.h"
#include "base/words.h"

/* A URL that our own code has built: a path of ours ("/requests/pr_...") or an absolute http(s) URL. Its own type, so
 * that text from outside cannot end up in an href. */
struct url {
    struct text text;
};
/* A path of ours: must start with a single '/', asserted. */
struct url url_path(struct text path);
struct url url_pathf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* An absolute URL from outside; anything but http and https becomes "#". */
struct url url_outside(struct text address);

/* & < > " ' are escaped; fit for text and for quoted attributes. */
void html_text(struct buffer *out, struct text text);
void html_string(struct buffer *out, const char *string);
void html_i64(struct buffer *out, int64_t number);
void html_url(struct buffer *out, struct url url);
void html_word(
    struct buffer *out, enum language language, enum word word, const struct word_arg *args, size_t count);

/* What {{field}} compiles to: chooses by the field's type; another type does not compile. */
#define HTML_VALUE(out, value)                                                                               \
    _Generic((value), struct text: html_text, const char *: html_string, char *: html_string, int: html_i64,      \
        int64_t: html_i64, uint32_t: html_i64)((out), (value))

#endif
