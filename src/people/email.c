#include "people/email.h"

#include <string.h>

static bool is_ascii_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool local_is_good(struct text local)
{
    if (local.len == 0 || local.len > 64 || local.at[0] == '.' || local.at[local.len - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < local.len; i++) {
        char c = local.at[i];
        bool other_script = ((unsigned char)c & 0x80) != 0;
        bool doubled_dot = c == '.' && local.at[i - 1] == '.';
        if (doubled_dot ||
            !(other_script || is_ascii_alnum(c) || strchr("!#$%&'*+/=?^_`{|}~.-", c) != NULL)) {
            return false;
        }
    }
    return true;
}

static bool host_is_good(struct text host)
{
    size_t labels = 0;
    struct text label;
    if (host.len == 0 || host.at[host.len - 1] == '.') {
        return false;
    }
    while (text_next(&host, '.', &label)) {
        if (label.len == 0 || label.len > 63 || label.at[0] == '-' || label.at[label.len - 1] == '-') {
            return false;
        }
        for (size_t i = 0; i < label.len; i++) {
            bool other_script = ((unsigned char)label.at[i] & 0x80) != 0;
            if (!other_script && !is_ascii_alnum(label.at[i]) && label.at[i] != '-') {
                return false;
            }
        }
        labels++;
    }
    return labels >= 2;
}

bool email_parse(
    struct arena *arena, struct text text, const char *field, struct text *ret, struct problem *problem)
{
    struct text trimmed = text_trim(text);
    size_t at = text_find_char(trimmed, '@', 0);
    bool one_at = at != SIZE_MAX && text_find_char(trimmed, '@', at + 1) == SIZE_MAX;
    if (!one_at || trimmed.len > EMAIL_MAX || !text_is_clean(trimmed)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_people_email_wrong, field, NULL, NULL);
    }
    struct text lower = text_lower(arena, trimmed);
    if (!local_is_good(text_part(lower, 0, at)) || !host_is_good(text_part(lower, at + 1, SIZE_MAX))) {
        return problem_set(problem, PROBLEM_INPUT, WORD_people_email_wrong, field, NULL, NULL);
    }
    *ret = lower;
    return true;
}
