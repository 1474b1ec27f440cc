#include "net/header_param.h"

struct text header_main(struct text *rest)
{
    size_t end = text_find_char(*rest, ';', 0);
    struct text value = text_trim(text_part(*rest, 0, end));
    *rest = end == SIZE_MAX ? TEXT_EMPTY : text_part(*rest, end + 1, SIZE_MAX);
    return value;
}

/* *rest begins behind the opening quote; afterwards it begins behind the closing one. Takes no more memory than the value
 * is long, so that many parameters cannot fill the arena. */
static bool quoted(struct arena *arena, struct text *rest, struct text *ret)
{
    size_t end = 0;
    while (end < rest->len && rest->at[end] != '"') {
        end += rest->at[end] == '\\' && end + 1 < rest->len ? 2 : 1;
    }
    if (end >= rest->len) {
        return false;
    }
    char *out = ARENA_ARRAY(arena, char, end);
    size_t len = 0;
    for (size_t i = 0; i < end; i++) {
        if (rest->at[i] == '\\' && (rest->at[i + 1] == '"' || rest->at[i + 1] == '\\')) {
            i++;
        }
        out[len++] = rest->at[i];
    }
    *ret = (struct text){out, len};
    *rest = text_part(*rest, end + 1, SIZE_MAX);
    return true;
}

static struct text trim_front(struct text text)
{
    size_t blank = 0;
    while (blank < text.len && (text.at[blank] == ' ' || text.at[blank] == '\t')) {
        blank++;
    }
    return text_part(text, blank, SIZE_MAX);
}

enum header_param header_param_next(
    struct arena *arena, struct text *rest, struct text *ret_name, struct text *ret_value)
{
    struct text left = trim_front(*rest);
    if (left.len == 0) {
        return HEADER_PARAM_END;
    }
    size_t equals = text_find_char(left, '=', 0), end = text_find_char(left, ';', 0);
    if (equals == SIZE_MAX || equals > end) {
        return HEADER_PARAM_BROKEN;
    }
    struct text name = text_trim(text_part(left, 0, equals)), value = TEXT_EMPTY;
    left = trim_front(text_part(left, equals + 1, SIZE_MAX));
    if (left.len > 0 && left.at[0] == '"') {
        left = text_part(left, 1, SIZE_MAX);
        if (!quoted(arena, &left, &value) || header_main(&left).len > 0) {
            return HEADER_PARAM_BROKEN;
        }
    } else {
        value = header_main(&left);
        if (text_find_char(value, '"', 0) != SIZE_MAX) {
            return HEADER_PARAM_BROKEN;
        }
    }
    if (name.len == 0) {
        return HEADER_PARAM_BROKEN;
    }
    *ret_name = name;
    *ret_value = value;
    *rest = left;
    return HEADER_PARAM_FOUND;
}
