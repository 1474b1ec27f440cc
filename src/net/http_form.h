/* Bodies from browsers: urlencoded forms, and multipart as a stream that never holds a file in memory. */
#ifndef NET_HTTP_FORM_H
#define NET_HTTP_FORM_H

#include "base/problem.h"
#include "base/text.h"
#include "net/http_server.h"

#define FORM_FIELDS_MAX 2000
#define FORM_NAME_MAX 64

/* Parses application/x-www-form-urlencoded. Names at most FORM_NAME_MAX bytes of [a-zA-Z0-9_.-]; values valid, clean
 * UTF-8 (text_is_clean); at most FORM_FIELDS_MAX fields. PROBLEM_SYNTAX otherwise, with the field's name. */
bool form_parse(
    struct arena *arena, struct text body, struct http_pair **ret, size_t *ret_count, struct problem *);

/* The first field of that name, or the empty slice. */
struct text form_get(const struct http_pair *fields, size_t count, const char *name);

/* A multipart/form-data parser that is fed bytes as they come (RFC 7578). */
struct multipart;

struct multipart_part {
    struct text name;      /* of the form field */
    struct text file_name; /* as the browser says it: hostile; empty when the part is no file */
    struct text type;      /* as the browser says it: not to be believed */
    bool is_file;
};

/* The part's texts are valid during `begin` only. */
struct multipart_handler {
    void *context;
    bool (*begin)(void *context, const struct multipart_part *part, struct problem *problem);
    bool (*bytes)(void *context, struct text bytes, struct problem *problem);
    bool (*end)(void *context, struct problem *problem);
};

/* `content_type` is the request's header; PROBLEM_SYNTAX when it is no multipart/form-data with a proper boundary (1 to 70
 * characters of RFC 2046). At most `parts_max` parts; part headers at most 8 KiB. */
bool multipart_new(struct arena *arena, struct text content_type, size_t parts_max,
    const struct multipart_handler *handler, struct multipart **ret, struct problem *problem);
/* False at the first malformed byte or when the handler refuses; then stays false. */
bool multipart_feed(struct multipart *parser, struct text bytes, struct problem *problem);
/* True when the closing boundary was seen. */
bool multipart_finish(struct multipart *parser, struct problem *problem);

#endif
