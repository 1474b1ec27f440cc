#include "net/http_gate.h"

#include <string.h>

enum http_method http_gate_method(struct text method)
{
    static const struct {
        const char *name;
        enum http_method method;
    } methods[] = {{"GET", HTTP_GET}, {"HEAD", HTTP_HEAD}, {"POST", HTTP_POST}, {"PUT", HTTP_PUT},
        {"DELETE", HTTP_DELETE}};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (text_is(method, methods[i].name)) {
            return methods[i].method;
        }
    }
    return HTTP_OTHER;
}

static bool is_token(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alphanumeric && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
            return false;
        }
    }
    return name.len > 0;
}

static bool has_control(struct text value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return true;
        }
    }
    return false;
}

void http_gate_header(struct http_gate *gate, struct text name, struct text value)
{
    gate->headers++;
    gate->name_wrong = gate->name_wrong || !is_token(name);
    gate->value_wrong = gate->value_wrong || has_control(value) || !text_is_utf8(value);
    if (text_equal_nocase(name, TEXT("Host"))) {
        gate->hosts++;
    } else if (text_equal_nocase(name, TEXT("Content-Length"))) {
        gate->lengths++;
        gate->length_wrong = gate->length_wrong || !text_to_u64(value, INT64_MAX, &gate->length);
    } else if (text_equal_nocase(name, TEXT("Transfer-Encoding"))) {
        gate->codings++;
        gate->coding_wrong = gate->coding_wrong || !text_equal_nocase(value, TEXT("chunked"));
    } else if (text_equal_nocase(name, TEXT("Expect"))) {
        gate->expect_wrong = gate->expect_wrong || !text_equal_nocase(value, TEXT("100-continue"));
    }
}

bool http_gate_has_body(const struct http_gate *gate)
{
    return gate->length > 0 || gate->codings > 0;
}

int http_gate_status(const struct http_gate *gate, enum http_method method, struct text version)
{
    bool modern = text_is(version, "HTTP/1.1");
    if (!modern && !text_is(version, "HTTP/1.0")) {
        return 505;
    }
    if (gate->headers > HTTP_HEADERS_MAX) {
        return 431;
    }
    if (gate->name_wrong || gate->value_wrong || gate->length_wrong || gate->coding_wrong) {
        return 400;
    }
    if (gate->hosts > 1 || (modern && gate->hosts == 0) || gate->lengths > 1 || gate->codings > 1 ||
        (gate->lengths > 0 && gate->codings > 0) || (gate->codings > 0 && !modern)) {
        return 400;
    }
    if (gate->expect_wrong) {
        return 417;
    }
    if (method == HTTP_OTHER) {
        return 501;
    }
    if ((method == HTTP_GET || method == HTTP_HEAD) && http_gate_has_body(gate)) {
        return 400;
    }
    return 0;
}

/* Printable ASCII that may stand in a target; an encoded slash would let a proxy and us see two different paths. */
static bool target_is_plain(struct text target)
{
    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.at[i];
        if (c <= 0x20 || c >= 0x7f || c == '#') {
            return false;
        }
    }
    return target.len > 0 && target.at[0] == '/';
}

static bool segments_are_plain(struct text path)
{
    struct text rest = text_part(path, 1, SIZE_MAX);
    struct text segment = TEXT_EMPTY;
    while (text_next(&rest, '/', &segment)) {
        if (segment.len == 0 || text_is(segment, ".") || text_is(segment, "..")) {
            return false;
        }
    }
    return true;
}

static bool path_decode(struct arena *arena, struct text raw, struct text *ret)
{
    struct text path = TEXT_EMPTY;
    if (text_find(raw, TEXT("%2F"), 0) != SIZE_MAX || text_find(raw, TEXT("%2f"), 0) != SIZE_MAX ||
        !text_unpercent(arena, raw, false, &path)) {
        return false;
    }
    if (has_control(path) || text_find_char(path, '\t', 0) != SIZE_MAX || !text_is_clean(path) ||
        !segments_are_plain(path)) {
        return false;
    }
    *ret = path;
    return true;
}

static bool query_decode(struct arena *arena, struct text raw, struct http_pair **ret, size_t *ret_count)
{
    size_t room = 0, count = 0;
    struct text rest = raw, piece = TEXT_EMPTY;
    while (text_next(&rest, '&', &piece)) {
        room += piece.len > 0;
    }
    if (room > HTTP_QUERY_MAX) {
        return false;
    }
    struct http_pair *pairs = ARENA_ARRAY(arena, struct http_pair, room);
    rest = raw;
    while (text_next(&rest, '&', &piece)) {
        if (piece.len == 0) {
            continue;
        }
        struct text name = TEXT_EMPTY;
        text_next(&piece, '=', &name);
        struct http_pair *pair = &pairs[count++];
        if (!text_unpercent(arena, name, true, &pair->name) ||
            !text_unpercent(arena, piece, true, &pair->value) || !text_is_clean(pair->name) ||
            !text_is_clean(pair->value)) {
            return false;
        }
    }
    *ret = pairs;
    *ret_count = count;
    return true;
}

bool http_gate_target(struct arena *arena, struct text target, struct http_request *ret)
{
    if (!target_is_plain(target)) {
        return false;
    }
    struct http_request found = *ret;
    size_t mark = text_find_char(target, '?', 0);
    found.raw_path = text_part(target, 0, mark);
    found.raw_query = mark == SIZE_MAX ? TEXT_EMPTY : text_part(target, mark + 1, SIZE_MAX);
    if (!path_decode(arena, found.raw_path, &found.path) ||
        !query_decode(arena, found.raw_query, &found.query, &found.query_count)) {
        return false;
    }
    *ret = found;
    return true;
}
