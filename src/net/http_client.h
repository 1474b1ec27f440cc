/* The HTTP client: libcurl with time-outs, a limit on the answer, and no redirects. */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "net/http_server.h"

struct http_client;

struct http_client_options {
    unsigned connect_ms, total_ms; /* time-outs */
    size_t answer_max;             /* bytes */
    const char *user_agent;
};

/* One client may be used by many threads; it keeps a connection for each. */
struct http_client *http_client_new(const struct http_client_options *options);
void http_client_free(struct http_client *client);

/* A part of a multipart upload: `read` fills like fread (SIZE_MAX aborts), or `value` is sent. */
struct http_part {
    const char *name;
    struct text value;
    struct text file_name, type;
    size_t (*read)(void *context, char *at, size_t max);
    void *context;
    int64_t size; /* of what read gives; -1 when not known */
};

struct http_call {
    const char *method; /* "GET", "POST", "DELETE" */
    struct text url;
    struct text user, password; /* HTTP Basic when user is not empty */
    /* Instead of Basic: signed by AWS's Signature Version 4, "aws:amz:REGION:SERVICE". The query must be sorted and escaped; for S3 the
     * hash of the body must be given as the header x-amz-content-sha256. */
    const char *sigv4;
    struct http_pair headers[8]; /* ended by an empty name */
    struct text body;
    struct text content_type;
    const struct http_part *parts; /* instead of body: multipart/form-data */
    size_t part_count;
    void (*sent)(
        void); /* called once when the network has the whole body and no answer was read; may be NULL */
};

struct http_answer {
    int status;
    struct text body; /* in the arena, which must have room for answer_max */
    struct text content_type;
    int64_t
        whole; /* of Content-Range: bytes of the whole of which the body is a part; -1 when the answer does not say */
    int64_t
        retry_after; /* seconds that the other side wants to be left alone, also where it names a date; 0 when it does not say */
};

/* Makes the call. True when an answer came, whatever its status. False with PROBLEM_LATER when none came; then
 * *ret_sent (may be NULL) tells whether the request may have reached the other side: for a create that decides whether
 * it must be looked for before it is repeated. PROBLEM_UPSTREAM for an answer past the limit or a broken one. */
bool http_fetch(struct http_client *client, const struct http_call *call, struct arena *arena,
    struct http_answer *ret, bool *ret_sent, struct problem *problem);

#endif
