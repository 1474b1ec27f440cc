/* The pure part of the gate in front of libmicrohttpd: judges the headers and the target of a request, and knows nothing
 * of sockets. It is stricter than the standard where two readings of the same bytes are possible. */
#ifndef NET_HTTP_GATE_H
#define NET_HTTP_GATE_H

#include "net/http_server.h"

#define HTTP_HEADERS_MAX 100
#define HTTP_QUERY_MAX 200

/* What the headers said so far; begins zeroed. */
struct http_gate {
    size_t headers, hosts, lengths, codings;
    bool name_wrong, value_wrong, length_wrong, coding_wrong, expect_wrong;
    uint64_t length; /* of the body, as announced */
};

enum http_method http_gate_method(struct text method);

/* Takes the next header, in the order in which they came. */
void http_gate_header(struct http_gate *gate, struct text name, struct text value);

/* 0 when the request may pass, otherwise the status that it is refused with. `version` is "HTTP/1.1" or "HTTP/1.0". */
int http_gate_status(const struct http_gate *gate, enum http_method method, struct text version);

/* Whether a body follows the headers. */
bool http_gate_has_body(const struct http_gate *gate);

/* Takes the request target apart and decodes it: fills path, raw_path, raw_query and query of the request, or leaves them
 * as they are and returns false for a target with two readings. */
bool http_gate_target(struct arena *arena, struct text target, struct http_request *ret);

#endif
