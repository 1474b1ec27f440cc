#include "net/http_form.h"

#include "net/form_name.h"

bool form_name_ok(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                    c == '.' || c == '-';
        if (!fits) {
            return false;
        }
    }
    return name.len > 0 && name.len <= FORM_NAME_MAX;
}

static bool field_parse(
    struct arena *arena, struct text piece, struct http_pair *ret, struct problem *problem)
{
    struct text name = TEXT_EMPTY, value = TEXT_EMPTY;
    text_next(&piece, '=', &name);
    if (!text_unpercent(arena, name, true, &name) || !form_name_ok(name)) {
        return problem_set(problem, PROBLEM_SYNTAX, WORD_net_form_broken, NULL, NULL, "name of a form field");
    }
    if (!text_unpercent(arena, piece, true, &value) || !text_is_clean(value)) {
        const char *field = text_cstr(arena, name);
        return problem_set(
            problem, PROBLEM_SYNTAX, WORD_net_form_field, field, field, "value of a form field");
    }
    *ret = (struct http_pair){name, value};
    return true;
}

bool form_parse(
    struct arena *arena, struct text body, struct http_pair **ret, size_t *ret_count, struct problem *problem)
{
    size_t room = 0, count = 0;
    struct text rest = body, piece = TEXT_EMPTY;
    while (text_next(&rest, '&', &piece)) {
        room += piece.len > 0;
    }
    if (room > FORM_FIELDS_MAX) {
        return problem_set(
            problem, PROBLEM_SYNTAX, WORD_net_form_too_many, NULL, NULL, "%zu form fields", room);
    }
    struct http_pair *fields = ARENA_ARRAY(arena, struct http_pair, room);
    rest = body;
    while (text_next(&rest, '&', &piece)) {
        if (piece.len > 0 && !field_parse(arena, piece, &fields[count++], problem)) {
            return false;
        }
    }
    *ret = fields;
    *ret_count = count;
    return true;
}

struct text form_get(const struct http_pair *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (text_is(fields[i].name, name)) {
            return fields[i].value;
        }
    }
    return TEXT_EMPTY;
}
