/* One request and its answer, from the first header byte to the last byte sent. Between http_server.c, http_exchange.c
 * and http_wire.c only. */
#ifndef NET_HTTP_EXCHANGE_H
#define NET_HTTP_EXCHANGE_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>

#include "net/http_gate.h"
#include "net/http_server.h"

struct http_server {
    struct MHD_Daemon *daemon;
    struct http_server_options options;
    int port;
    atomic_bool stopping;
    pthread_mutex_t lock;
    pthread_cond_t idle; /* active or refusing has become 0 */
    size_t active;       /* requests past the gate and not over */
    size_t refusing;     /* requests that the library is refusing by itself, and that are not over */
};

enum exchange_stage {
    EXCHANGE_NEW,  /* the request line has come */
    EXCHANGE_BODY, /* the gate is passed; the body is coming */
    EXCHANGE_ANSWERED,
};

struct exchange {
    struct http_server *server;
    struct MHD_Connection *connection;
    enum exchange_stage stage;
    struct text target;
    struct http_request request;
    struct http_response response;
    struct http_gate gate;
    struct http_plan plan;
    bool planned;            /* the application has seen the request: its end must be told */
    bool refused_by_library; /* counted in `refusing` */
    struct http_pair headers[HTTP_HEADERS_MAX];
    size_t header_count;
    struct buffer body;
    size_t received;
    struct problem refused;
};

/* Callbacks of libmicrohttpd; `server` is the struct http_server. */
void *exchange_begin(void *server, const char *target, struct MHD_Connection *connection);
enum MHD_Result exchange_handle(void *server, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *bytes, size_t *size, void **exchange);
void exchange_over(
    void *server, struct MHD_Connection *connection, void **exchange, enum MHD_RequestTerminationCode code);

/* libmicrohttpd's log: tells when it refuses a request by itself, before the gate could see it. */
void exchange_library_says(void *server, const char *format, va_list args);

/* Writes the response straight to the socket, reads away what the peer still sends (so that the answer is not lost to a
 * reset), and leaves the connection to be closed. For answers in the middle of a body, where libmicrohttpd takes none. */
void wire_answer(struct exchange *exchange);

#endif
