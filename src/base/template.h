/* For the generated templates alone: how a field becomes text, chosen by its type. Another type does not compile. */
#ifndef BASE_TEMPLATE_H
#define BASE_TEMPLATE_H

#include "base/html.h"

static inline void template_plain_text(struct buffer *out, struct text text)
{
    buffer_text(out, text);
}
static inline void template_plain_string(struct buffer *out, const char *string)
{
    buffer_string(out, string);
}
static inline void template_plain_i64(struct buffer *out, int64_t number)
{
    buffer_i64(out, number);
}
static inline void template_plain_u64(struct buffer *out, size_t number)
{
    buffer_u64(out, number);
}
static inline struct word_arg template_arg_text(const char *name, struct text text)
{
    return WORD_TEXT(name, text);
}
static inline struct word_arg template_arg_string(const char *name, const char *string)
{
    return WORD_TEXT(name, text_from(string));
}
static inline struct word_arg template_arg_i64(const char *name, int64_t number)
{
    return WORD_NUMBER(name, number);
}
static inline struct word_arg template_arg_u64(const char *name, size_t number)
{
    return WORD_NUMBER(name, (int64_t)number);
}

/* {{v->field}} in a template of HTML, and in one of plain text. */
#define TEMPLATE_HTML(out, value)                                                                            \
    _Generic((value), struct text: html_text, const char *: html_string, char *: html_string, int: html_i64,      \
        int64_t: html_i64, uint32_t: html_i64, size_t: template_plain_u64)((out), (value))
#define TEMPLATE_PLAIN(out, value)                                                                           \
    _Generic((value), struct text: template_plain_text, const char *: template_plain_string,                      \
        char *: template_plain_string, int: template_plain_i64, int64_t: template_plain_i64,                      \
        uint32_t: template_plain_i64, size_t: template_plain_u64)((out), (value))

/* name=v->field of a {{word}}. */
#define TEMPLATE_ARG(name, value)                                                                            \
    _Generic((value), struct text: template_arg_text, const char *: template_arg_string,                          \
        char *: template_arg_string, int: template_arg_i64, int64_t: template_arg_i64,                            \
        uint32_t: template_arg_i64, size_t: template_arg_u64)((name), (value))

#endif
