/* The HTTP server: libmicrohttpd with a thread a connection, behind a strict gate. The gate refuses with 400 and closes
 * on what could make two servers see two different requests: more than one Content-Length or Host, a length that is not
 * digits, a length with a transfer coding, any coding but chunked, and header or path bytes that do not belong there.
 * (libmicrohttpd 0.9.75 accepts most of these.) */
#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include <netinet/in.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/problem.h"
#include "base/text.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_OTHER };

struct http_pair {
    struct text name, value;
};

struct proxies;

struct http_request {
    enum http_method method;
    struct text path; /* percent-decoded once, begins with '/', clean UTF-8, no "//", "." or ".." segments */
    struct text raw_path;    /* as it was sent, without the query */
    struct text raw_query;   /* after '?', as it was sent */
    struct http_pair *query; /* decoded */
    size_t query_count;
    struct text body;    /* whole, for HTTP_BODY_MEMORY */
    struct text client;  /* address of the peer, or what trusted proxies say of it */
    bool from_proxy;     /* the peer is a trusted proxy */
    struct arena *arena; /* lives until the answer is sent */
    void *native;
};

/* The first header of that name (ASCII case ignored), or the empty slice. */
struct text http_header(const struct http_request *request, const char *name);
/* Whether there is one, also an empty one. */
bool http_has_header(const struct http_request *request, const char *name);
/* A cookie's value, or the empty slice. */
struct text http_cookie(const struct http_request *request, const char *name);
/* A query value by name, or the empty slice. */
struct text http_query(const struct http_request *request, const char *name);

struct http_response {
    int status; /* 200 unless set */
    struct buffer body;
    struct http_pair headers[24];
    size_t header_count;
    /* When set, the body is streamed instead: fills `at` with up to `max` bytes and returns how many, 0 at the end, -1 to
     * break the connection. stream_end is called once, always. */
    int64_t (*stream)(void *context, char *at, size_t max);
    void (*stream_end)(void *context);
    void *stream_context;
    int64_t stream_size; /* bytes, or -1 when not known */
    bool close;          /* close the connection after it */
};

/* Adds a header; name and value are copied into the request's arena. A CR, LF or NUL in them is asserted against. */
void http_set_header(
    struct http_request *request, struct http_response *response, const char *name, struct text value);

enum http_body {
    HTTP_BODY_NONE,   /* a body is refused */
    HTTP_BODY_MEMORY, /* read whole, up to `limit` */
    HTTP_BODY_STREAM, /* handed to `sink` as it comes, up to `limit` in all */
};

/* What the application says of a request whose headers have been read, before its body. */
struct http_plan {
    enum http_body body;
    size_t limit; /* bytes; more is answered with 413 */
    /* For HTTP_BODY_STREAM. False refuses the rest: the body is not read on, and `answer` is called. */
    bool (*sink)(void *context, struct text bytes);
    /* Makes the answer; called exactly once after the body was read or refused. `refused` is NULL when the whole body
     * came within its limit, otherwise it says why not: PROBLEM_TOO_LARGE, or PROBLEM_SYNTAX when the sink refused, and the
     * connection is closed after the answer. */
    void (*answer)(void *context, struct http_request *request, struct http_response *response,
        const struct problem *refused);
    /* Called once when the request is over, however it ended, also when the peer went away before `answer`. */
    void (*end)(void *context);
    void *context;
};

/* Called when the headers are there. Fills the plan. */
typedef void http_accept(void *application, struct http_request *request, struct http_plan *plan);

struct http_server_options {
    const char *listen; /* "127.0.0.1:8080", "[::1]:0" (port 0 picks one), "fd:3" (a socket handed over) */
    size_t connections_max; /* at once; further ones are closed at once */
    unsigned idle_seconds;  /* a connection without bytes for so long is closed */
    const struct proxies
        *proxies; /* whose X-Forwarded-For is believed; NULL: nobody's. Must outlive the server */
    http_accept *accept;
    void *application;
    /* What to answer when a request does not get past the gate: fills a plain page. May be NULL. The request's path is
     * empty when it could not be decoded. */
    void (*refuse)(
        void *application, int status, struct http_request *request, struct http_response *response);
};

struct http_server;

bool http_server_start(
    const struct http_server_options *options, struct http_server **ret, struct problem *problem);
/* The port it listens on. */
int http_server_port(const struct http_server *server);
/* Stops to accept, lets requests under way end for at most `grace_ms`, then closes all and waits until each request's `end`
 * was called: a stream that blocks must be woken by its owner. */
void http_server_stop(struct http_server *server, int grace_ms);

#endif
