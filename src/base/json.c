#include "base/json.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void json_cleanup(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

/* Whether no bracket lies deeper than JSON_DEPTH_MAX: jansson itself would recurse 2048 deep. */
static bool json_is_shallow(struct text bytes)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.at[i];
        if (in_string) {
            i += c == '\\' ? 1 : 0;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
            if (depth > JSON_DEPTH_MAX) {
                return false;
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return true;
}

bool json_parse(struct text bytes, size_t max_bytes, json_t **ret, struct problem *problem)
{
    if (bytes.len > max_bytes) {
        return problem_set(problem, PROBLEM_TOO_LARGE, WORD_problem_too_large, NULL, NULL,
            "%zu bytes of JSON, %zu allowed", bytes.len, max_bytes);
    }
    if (!json_is_shallow(bytes)) {
        return problem_set(
            problem, PROBLEM_SYNTAX, WORD_problem_syntax, NULL, NULL, "JSON deeper than %d", JSON_DEPTH_MAX);
    }
    json_error_t error;
    json_t *value = json_loadb(bytes.len > 0 ? bytes.at : "", bytes.len, JSON_REJECT_DUPLICATES, &error);
    if (!value) {
        /* Only where and what: jansson's own text quotes the input, which may be a secret. */
        return problem_set(problem, PROBLEM_SYNTAX, WORD_problem_syntax, NULL, NULL,
            "not JSON: line %d, column %d, reason %d", error.line, error.column,
            (int)json_error_code(&error));
    }
    *ret = value;
    return true;
}

static bool json_wrong_type(struct problem *problem, const char *name, const char *wanted)
{
    return problem_set(
        problem, PROBLEM_INPUT, WORD_problem_field_type, name, name, "%s is not %s", name, wanted);
}

static bool json_is_absent(const json_t *member)
{
    return !member || json_is_null(member);
}

static struct text json_slice(const json_t *string)
{
    return (struct text){json_string_value(string), json_string_length(string)};
}

bool json_get_text(
    const json_t *object, const char *name, size_t max, struct text *ret, struct problem *problem)
{
    const json_t *member = json_object_get(object, name);
    if (json_is_absent(member)) {
        *ret = TEXT_EMPTY;
        return true;
    }
    if (!json_is_string(member)) {
        return json_wrong_type(problem, name, "a string");
    }
    struct text text = json_slice(member);
    if (text.len > max) {
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_field_long, name, name,
            "%s has %zu bytes, %zu allowed", name, text.len, max);
    }
    if (!text_is_clean(text)) {
        return problem_set(
            problem, PROBLEM_INPUT, WORD_problem_not_clean, name, name, "%s holds control characters", name);
    }
    *ret = text;
    return true;
}

bool json_get_i64(const json_t *object, const char *name, int64_t min, int64_t max, int64_t otherwise,
    int64_t *ret, struct problem *problem)
{
    const json_t *member = json_object_get(object, name);
    if (json_is_absent(member)) {
        *ret = otherwise;
        return true;
    }
    int64_t number = 0;
    if (json_is_integer(member)) {
        number = json_integer_value(member);
    } else if (!json_is_string(member) || !text_to_i64(json_slice(member), INT64_MIN, INT64_MAX, &number)) {
        return json_wrong_type(problem, name, "a whole number");
    }
    if (number < min || number > max) {
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_field_range, name, name,
            "%s is not in %" PRId64 "..%" PRId64, name, min, max);
    }
    *ret = number;
    return true;
}

bool json_get_bool(const json_t *object, const char *name, bool otherwise, bool *ret, struct problem *problem)
{
    const json_t *member = json_object_get(object, name);
    if (json_is_absent(member)) {
        *ret = otherwise;
        return true;
    }
    bool yes = json_is_true(member) || (json_is_string(member) && text_is(json_slice(member), "true"));
    bool no = json_is_false(member) || (json_is_string(member) && text_is(json_slice(member), "false"));
    if (!yes && !no) {
        return json_wrong_type(problem, name, "true or false");
    }
    *ret = yes;
    return true;
}

bool json_get_array(const json_t *object, const char *name, size_t max, json_t **ret, struct problem *problem)
{
    json_t *member = json_object_get(object, name);
    if (json_is_absent(member)) {
        *ret = NULL;
        return true;
    }
    if (!json_is_array(member)) {
        return json_wrong_type(problem, name, "an array");
    }
    if (json_array_size(member) > max) {
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_field_long, name, name,
            "%s has %zu items, %zu allowed", name, json_array_size(member), max);
    }
    *ret = member;
    return true;
}

bool json_get_object(const json_t *object, const char *name, json_t **ret, struct problem *problem)
{
    json_t *member = json_object_get(object, name);
    if (json_is_absent(member)) {
        *ret = NULL;
        return true;
    }
    if (!json_is_object(member)) {
        return json_wrong_type(problem, name, "an object");
    }
    *ret = member;
    return true;
}

static void json_put(json_t *object, const char *name, json_t *value)
{
    assert(json_is_object(object));
    if (!value || json_object_set_new(object, name, value) != 0) {
        abort(); /* out of memory */
    }
}

void json_put_text(json_t *object, const char *name, struct text value)
{
    assert(text_is_utf8(value));
    json_put(object, name, json_stringn(value.len > 0 ? value.at : "", value.len));
}

void json_put_i64(json_t *object, const char *name, int64_t value)
{
    json_put(object, name, json_integer(value));
}

struct text json_write(struct arena *arena, const json_t *value)
{
    size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
    size_t len = json_dumpb(value, NULL, 0, flags);
    assert(len > 0);
    char *at = ARENA_ARRAY(arena, char, len + 1);
    size_t written = json_dumpb(value, at, len, flags);
    assert(written == len);
    return (struct text){at, len};
}
