/* The stream is a delimiter line, the part's headers, its bytes up to the next delimiter, and so on. A delimiter is
 * CR LF "--" boundary. CR stands in it only at its beginning, so after a mismatch the search goes on with the byte at
 * hand: nothing has to be looked at twice. */
#include <string.h>

#include "net/form_name.h"
#include "net/header_param.h"
#include "net/http_form.h"

#define BOUNDARY_MAX 70
#define HEADERS_MAX ((size_t)8 * 1024)
#define FILE_NAME_MAX 1024

enum multipart_state {
    MULTIPART_BEGIN,     /* at the first delimiter; its CR LF may be missing */
    MULTIPART_DELIMITER, /* behind a delimiter: "--" or the end of the line */
    MULTIPART_HEADERS,
    MULTIPART_BYTES,
    MULTIPART_OVER, /* what follows is ignored */
    MULTIPART_FAILED,
};

struct multipart {
    struct arena *arena;
    struct multipart_handler handler;
    enum multipart_state state;
    struct text delimiter;
    size_t matched; /* bytes of the delimiter, or of the line behind it */
    char line[2];   /* behind the delimiter */
    char headers[HEADERS_MAX];
    size_t headers_len;
    size_t parts, parts_max;
    struct problem failed;
};

static bool malformed(struct multipart *parser, const char *what)
{
    return problem_set(
        &parser->failed, PROBLEM_SYNTAX, WORD_net_upload_broken, NULL, NULL, "multipart: %s", what);
}

static bool boundary_ok(struct text boundary)
{
    for (size_t i = 0; i < boundary.len; i++) {
        char c = boundary.at[i];
        bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alphanumeric && (c == '\0' || strchr("'()+_,-./:=? ", c) == NULL)) {
            return false;
        }
    }
    return boundary.len > 0 && boundary.len <= BOUNDARY_MAX && boundary.at[boundary.len - 1] != ' ';
}

static bool boundary_find(struct arena *arena, struct text content_type, struct text *ret)
{
    struct text rest = content_type, name = TEXT_EMPTY, value = TEXT_EMPTY, boundary = TEXT_EMPTY;
    if (!text_equal_nocase(header_main(&rest), TEXT("multipart/form-data"))) {
        return false;
    }
    size_t found = 0;
    enum header_param next = header_param_next(arena, &rest, &name, &value);
    for (; next == HEADER_PARAM_FOUND; next = header_param_next(arena, &rest, &name, &value)) {
        if (text_equal_nocase(name, TEXT("boundary"))) {
            boundary = value;
            found++;
        }
    }
    *ret = boundary;
    return next == HEADER_PARAM_END && found == 1 && boundary_ok(boundary);
}

bool multipart_new(struct arena *arena, struct text content_type, size_t parts_max,
    const struct multipart_handler *handler, struct multipart **ret, struct problem *problem)
{
    struct text boundary = TEXT_EMPTY;
    if (!boundary_find(arena, content_type, &boundary)) {
        return problem_set(problem, PROBLEM_SYNTAX, WORD_net_upload_broken, NULL, NULL,
            "multipart: content type or boundary");
    }
    struct multipart *parser = ARENA_NEW(arena, struct multipart);
    parser->arena = arena;
    parser->handler = *handler;
    parser->delimiter = text_format(arena, "\r\n--%.*s", TEXT_ARG(boundary));
    parser->parts_max = parts_max;
    *ret = parser;
    return true;
}

static struct text text_replace(struct arena *arena, struct text in, struct text what, char with)
{
    char *out = ARENA_ARRAY(arena, char, in.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < in.len; i++) {
        bool here = text_starts(text_part(in, i, SIZE_MAX), what);
        out[len++] = here ? with : in.at[i];
        i += here ? what.len - 1 : 0;
    }
    return (struct text){out, len};
}

static bool disposition_parse(struct multipart *parser, struct text value, struct multipart_part *part)
{
    struct text name = TEXT_EMPTY, given = TEXT_EMPTY;
    if (!text_equal_nocase(header_main(&value), TEXT("form-data"))) {
        return malformed(parser, "disposition is not form-data");
    }
    enum header_param next = header_param_next(parser->arena, &value, &name, &given);
    for (; next == HEADER_PARAM_FOUND; next = header_param_next(parser->arena, &value, &name, &given)) {
        if (text_equal_nocase(name, TEXT("name")) && part->name.len == 0) {
            part->name = given;
        } else if (text_equal_nocase(name, TEXT("filename")) && !part->is_file) {
            part->is_file = true;
            part->file_name = text_replace(parser->arena, given, TEXT("%22"), '"');
        } else if (!text_equal_nocase(name, TEXT("filename*"))) {
            return malformed(parser, "parameter of the disposition");
        }
    }
    return (next == HEADER_PARAM_END && form_name_ok(part->name)) || malformed(parser, "name of the part");
}

static bool header_parse(struct multipart *parser, struct text line, struct multipart_part *part, bool *seen)
{
    struct text name = TEXT_EMPTY;
    if (text_find_char(line, ':', 0) == SIZE_MAX || line.at[0] == ' ' || line.at[0] == '\t' ||
        !text_is_clean(line) || text_find_char(line, '\r', 0) != SIZE_MAX ||
        text_find_char(line, '\n', 0) != SIZE_MAX) {
        return malformed(parser, "header of a part");
    }
    text_next(&line, ':', &name);
    struct text value = text_trim(line);
    if (text_equal_nocase(name, TEXT("Content-Disposition"))) {
        bool first = !*seen;
        *seen = true;
        return first ? disposition_parse(parser, value, part) : malformed(parser, "two dispositions");
    }
    if (text_equal_nocase(name, TEXT("Content-Type"))) {
        part->type = value;
    } else if (text_equal_nocase(name, TEXT("Content-Transfer-Encoding")) &&
               !text_equal_nocase(value, TEXT("binary")) && !text_equal_nocase(value, TEXT("8bit")) &&
               !text_equal_nocase(value, TEXT("7bit"))) {
        return malformed(parser, "transfer encoding");
    }
    return true;
}

/* `headers` ends with the line end of its last line. */
static bool part_begin(struct multipart *parser, struct text headers)
{
    struct multipart_part part = {TEXT_EMPTY, TEXT_EMPTY, TEXT_EMPTY, false};
    bool seen = false;
    if (parser->parts == parser->parts_max) {
        return problem_set(&parser->failed, PROBLEM_SYNTAX, WORD_net_upload_too_many, NULL, NULL,
            "multipart: too many parts");
    }
    parser->parts++;
    while (headers.len > 0) {
        size_t end = text_find(headers, TEXT("\r\n"), 0);
        struct text line = text_part(headers, 0, end);
        headers = text_part(headers, end + 2, SIZE_MAX);
        if (line.len == 0 || !header_parse(parser, line, &part, &seen)) {
            return malformed(parser, "headers of a part");
        }
    }
    if (!seen || part.file_name.len > FILE_NAME_MAX) {
        return malformed(parser, "disposition of a part");
    }
    return parser->handler.begin(parser->handler.context, &part, &parser->failed);
}

static bool feed_headers(struct multipart *parser, char c)
{
    if (parser->headers_len == HEADERS_MAX) {
        return malformed(parser, "headers too long");
    }
    parser->headers[parser->headers_len++] = c;
    struct text headers = {parser->headers, parser->headers_len};
    if (!text_ends(headers, TEXT("\r\n\r\n")) && !text_is(headers, "\r\n")) {
        return true;
    }
    parser->state = MULTIPART_BYTES;
    parser->matched = 0;
    return part_begin(parser, text_part(headers, 0, headers.len - 2));
}

static bool feed_delimiter_line(struct multipart *parser, char c)
{
    if (parser->matched == 0 && (c == ' ' || c == '\t')) {
        return true; /* padding */
    }
    parser->line[parser->matched++] = c;
    if (parser->matched < 2) {
        return c == '-' || c == '\r' || malformed(parser, "line of a boundary");
    }
    if (memcmp(parser->line, "--", 2) == 0) {
        parser->state = MULTIPART_OVER;
        return true;
    }
    parser->state = MULTIPART_HEADERS;
    parser->headers_len = 0;
    return memcmp(parser->line, "\r\n", 2) == 0 || malformed(parser, "line of a boundary");
}

static bool feed_begin(struct multipart *parser, char c)
{
    if (parser->matched == 0 && c == '-') {
        parser->matched = 2; /* as if its line end had been there */
    }
    if (c != parser->delimiter.at[parser->matched]) {
        return malformed(parser, "does not begin with the boundary");
    }
    parser->matched++;
    if (parser->matched == parser->delimiter.len) {
        parser->state = MULTIPART_DELIMITER;
        parser->matched = 0;
    }
    return true;
}

static bool give(struct multipart *parser, struct text bytes)
{
    return bytes.len == 0 || parser->handler.bytes(parser->handler.context, bytes, &parser->failed);
}

/* Hands over what is surely no delimiter and tells in *ret_used how many bytes were looked at. */
static bool feed_bytes(struct multipart *parser, struct text bytes, size_t *ret_used)
{
    size_t plain = 0;
    if (parser->matched == 0) {
        plain = text_find_char(bytes, '\r', 0);
        plain = plain == SIZE_MAX ? bytes.len : plain;
        *ret_used = plain;
        if (plain > 0) {
            return give(parser, text_part(bytes, 0, plain));
        }
    }
    if (bytes.at[0] != parser->delimiter.at[parser->matched]) {
        struct text almost = text_part(parser->delimiter, 0, parser->matched);
        parser->matched = 0;
        *ret_used = 0;
        return give(parser, almost);
    }
    *ret_used = 1;
    parser->matched++;
    if (parser->matched < parser->delimiter.len) {
        return true;
    }
    parser->matched = 0;
    parser->state = MULTIPART_DELIMITER;
    return parser->handler.end(parser->handler.context, &parser->failed);
}

static bool feed_some(struct multipart *parser, struct text bytes, size_t *ret_used)
{
    *ret_used = 1;
    switch (parser->state) {
    case MULTIPART_BEGIN:
        return feed_begin(parser, bytes.at[0]);
    case MULTIPART_DELIMITER:
        return feed_delimiter_line(parser, bytes.at[0]);
    case MULTIPART_HEADERS:
        return feed_headers(parser, bytes.at[0]);
    case MULTIPART_BYTES:
        return feed_bytes(parser, bytes, ret_used);
    case MULTIPART_OVER:
        *ret_used = bytes.len;
        return true;
    case MULTIPART_FAILED:
        break;
    }
    return false;
}

static bool fail(struct multipart *parser, struct problem *problem)
{
    malformed(parser, "refused"); /* when the handler gave no reason */
    parser->state = MULTIPART_FAILED;
    if (problem != NULL && problem->kind == PROBLEM_NONE) {
        *problem = parser->failed;
    }
    return false;
}

bool multipart_feed(struct multipart *parser, struct text bytes, struct problem *problem)
{
    while (bytes.len > 0) {
        size_t used = 0;
        if (!feed_some(parser, bytes, &used)) {
            return fail(parser, problem);
        }
        bytes = text_part(bytes, used, SIZE_MAX);
    }
    return true;
}

bool multipart_finish(struct multipart *parser, struct problem *problem)
{
    if (parser->state == MULTIPART_OVER) {
        return true;
    }
    malformed(parser, "ends before its last boundary");
    return fail(parser, problem);
}
