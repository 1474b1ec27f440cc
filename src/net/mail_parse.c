/* Reads a message for showing it: the first text, the first HTML and the first attachment of a MIME tree. */
#include <string.h>

#include "net/header_param.h"
#include "net/mail_header.h"
#include "net/smtp_server.h"

#define DEPTH_MAX 8
#define PARTS_MAX 100
#define HEADER_MAX ((size_t)8 * 1024) /* of one that is shown */
#define HEADERS_MAX ((size_t)256 * 1024)

struct reading {
    struct arena *arena;
    struct mail_view *view;
    size_t parts;
};

struct entity {
    struct text type; /* "text/plain", lower case */
    struct text charset, boundary, name, encoding;
    bool is_attachment;
    struct text body;
};

static bool unreadable(struct problem *problem, const char *what)
{
    return problem_set(problem, PROBLEM_SYNTAX, WORD_net_mail_unreadable, NULL, NULL, "mail: %s", what);
}

/* Takes the first line off the front, with LF or CR LF at its end. */
static struct text line_next(struct text *rest)
{
    size_t end = text_find_char(*rest, '\n', 0);
    struct text line = text_part(*rest, 0, end);
    *rest = end == SIZE_MAX ? TEXT_EMPTY : text_part(*rest, end + 1, SIZE_MAX);
    return line.len > 0 && line.at[line.len - 1] == '\r' ? text_part(line, 0, line.len - 1) : line;
}

/* The headers up to the empty line, which is taken off too. */
static struct text headers_split(struct text *rest)
{
    struct text whole = *rest;
    while (rest->len > 0) {
        size_t before = whole.len - rest->len;
        if (line_next(rest).len == 0) {
            return text_part(whole, 0, before);
        }
    }
    return whole;
}

/* Takes the next header with its folded lines off the front of *headers; its value is unfolded later. */
static bool header_next(struct text *headers, struct text *ret_name, struct text *ret_value)
{
    while (headers->len > 0) {
        struct text begin = *headers;
        line_next(headers);
        while (headers->len > 0 && (headers->at[0] == ' ' || headers->at[0] == '\t')) {
            line_next(headers);
        }
        struct text whole = text_part(begin, 0, begin.len - headers->len);
        size_t colon = text_find_char(whole, ':', 0);
        if (colon != SIZE_MAX && colon > 0) {
            *ret_name = text_trim(text_part(whole, 0, colon));
            *ret_value = text_trim(text_part(whole, colon + 1, SIZE_MAX));
            return true;
        }
    }
    return false;
}

static void take_type(struct reading *reading, struct text value, struct entity *entity)
{
    struct text name = TEXT_EMPTY, given = TEXT_EMPTY;
    entity->type = text_lower(reading->arena, header_main(&value));
    while (header_param_next(reading->arena, &value, &name, &given) == HEADER_PARAM_FOUND) {
        if (text_equal_nocase(name, TEXT("charset"))) {
            entity->charset = given;
        } else if (text_equal_nocase(name, TEXT("boundary"))) {
            entity->boundary = given;
        } else if (text_equal_nocase(name, TEXT("name")) && entity->name.len == 0) {
            entity->name = given;
        }
    }
}

static void take_disposition(struct reading *reading, struct text value, struct entity *entity)
{
    struct text name = TEXT_EMPTY, given = TEXT_EMPTY;
    entity->is_attachment = text_equal_nocase(header_main(&value), TEXT("attachment"));
    while (header_param_next(reading->arena, &value, &name, &given) == HEADER_PARAM_FOUND) {
        if (text_equal_nocase(name, TEXT("filename"))) {
            entity->name = given;
        }
    }
}

static struct entity entity_read(struct reading *reading, struct text bytes)
{
    struct entity entity = {.type = TEXT("text/plain")};
    struct text headers = headers_split(&bytes), name = TEXT_EMPTY, value = TEXT_EMPTY;
    while (header_next(&headers, &name, &value)) {
        if (text_equal_nocase(name, TEXT("Content-Type"))) {
            take_type(reading, value, &entity);
        } else if (text_equal_nocase(name, TEXT("Content-Disposition"))) {
            take_disposition(reading, value, &entity);
        } else if (text_equal_nocase(name, TEXT("Content-Transfer-Encoding"))) {
            entity.encoding = value;
        }
    }
    entity.body = bytes;
    return entity;
}

static struct text decoded(struct reading *reading, const struct entity *entity)
{
    if (text_equal_nocase(entity->encoding, TEXT("base64"))) {
        return mail_unbase64(reading->arena, entity->body);
    }
    if (text_equal_nocase(entity->encoding, TEXT("quoted-printable"))) {
        return mail_unquote(reading->arena, entity->body, false);
    }
    return entity->body;
}

/* Each part is kept once and its bytes decoded once, so that the arena's need stays within a few times the message. */
static void leaf_take(struct reading *reading, const struct entity *entity)
{
    struct mail_view *view = reading->view;
    bool text = text_is(entity->type, "text/plain"), html = text_is(entity->type, "text/html");
    if (!entity->is_attachment && text && view->text.len == 0) {
        view->text = mail_to_utf8(reading->arena, decoded(reading, entity), entity->charset);
    } else if (!entity->is_attachment && html && view->html.len == 0) {
        view->html = mail_to_utf8(reading->arena, decoded(reading, entity), entity->charset);
    } else if ((entity->is_attachment || (!text && !html)) && view->attachment.len == 0 &&
               view->attachment_type.len == 0) {
        view->attachment = decoded(reading, entity);
        view->attachment_name = mail_header_decode(reading->arena, text_part(entity->name, 0, HEADER_MAX));
        view->attachment_type = mail_header_decode(reading->arena, text_part(entity->type, 0, HEADER_MAX));
    }
}

enum border { BORDER_NONE, BORDER_PART, BORDER_END };

static enum border border_of(struct text line, struct text boundary)
{
    if (!text_starts(line, TEXT("--")) || !text_starts(text_part(line, 2, SIZE_MAX), boundary)) {
        return BORDER_NONE;
    }
    struct text rest = text_trim(text_part(line, 2 + boundary.len, SIZE_MAX));
    return rest.len == 0 ? BORDER_PART : text_is(rest, "--") ? BORDER_END : BORDER_NONE;
}

/* Takes the bytes up to the next border line off the front of *rest; the line end before the border belongs to it. */
static struct text part_next(struct text *rest, struct text boundary, enum border *ret_border)
{
    struct text whole = *rest;
    *ret_border = BORDER_END;
    while (rest->len > 0) {
        size_t before = whole.len - rest->len;
        enum border border = border_of(line_next(rest), boundary);
        if (border != BORDER_NONE) {
            *ret_border = border;
            struct text part = text_part(whole, 0, before);
            part.len -= text_ends(part, TEXT("\n"));
            part.len -= text_ends(part, TEXT("\r"));
            return part;
        }
    }
    return whole;
}

static bool entity_walk(struct reading *reading, struct text bytes, int depth, struct problem *problem)
{
    if (depth > DEPTH_MAX || reading->parts == PARTS_MAX) {
        return unreadable(problem, "too many parts");
    }
    reading->parts++;
    struct entity entity = entity_read(reading, bytes);
    if (!text_starts(entity.type, TEXT("multipart/")) || entity.boundary.len == 0) {
        leaf_take(reading, &entity);
        return true;
    }
    enum border border = BORDER_NONE;
    struct text rest = entity.body;
    part_next(&rest, entity.boundary, &border); /* what stands before the first border is for nobody */
    while (border == BORDER_PART) {
        struct text part = part_next(&rest, entity.boundary, &border);
        if (!entity_walk(reading, part, depth + 1, problem)) {
            return false;
        }
    }
    return true;
}

static void take_headers(struct reading *reading, struct text headers)
{
    struct mail_view *view = reading->view;
    const struct {
        const char *name;
        struct text *to;
    } wanted[] = {{"From", &view->from}, {"To", &view->to}, {"Subject", &view->subject},
        {"Date", &view->date}, {"Message-ID", &view->message_id}};
    struct text name = TEXT_EMPTY, value = TEXT_EMPTY;
    while (header_next(&headers, &name, &value)) {
        for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
            if (text_equal_nocase(name, text_from(wanted[i].name)) && wanted[i].to->len == 0) {
                *wanted[i].to = mail_header_decode(reading->arena, text_part(value, 0, HEADER_MAX));
            }
        }
    }
}

bool mail_parse(struct arena *arena, struct text data, struct mail_view *ret, struct problem *problem)
{
    struct mail_view view = {TEXT_EMPTY, TEXT_EMPTY, TEXT_EMPTY, TEXT_EMPTY, TEXT_EMPTY, TEXT_EMPTY,
        TEXT_EMPTY, TEXT_EMPTY, TEXT_EMPTY, TEXT_EMPTY};
    struct reading reading = {.arena = arena, .view = &view};
    struct text rest = data, name = TEXT_EMPTY, value = TEXT_EMPTY;
    struct text headers = headers_split(&rest), look = headers;
    if (headers.len > HEADERS_MAX || !header_next(&look, &name, &value)) {
        return unreadable(problem, "no headers, or too many");
    }
    take_headers(&reading, headers);
    if (!entity_walk(&reading, data, 0, problem)) {
        return false;
    }
    *ret = view;
    return true;
}
