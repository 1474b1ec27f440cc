#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "net/http_exchange.h"
#include "net/net_date.h"

#define HEAD_MAX ((size_t)64 * 1024)
#define LINGER_MS 10000 /* in all */
#define QUIET_MS 2000   /* without a byte of the peer */

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int socket_of(const struct exchange *exchange)
{
    return MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

static bool wire_send(struct exchange *exchange, struct text bytes)
{
    int fd = socket_of(exchange);
    while (bytes.len > 0) {
        struct pollfd ready = {.fd = fd, .events = POLLOUT};
        if (poll(&ready, 1, (int)exchange->server->options.idle_seconds * 1000) <= 0) {
            return false;
        }
        ssize_t sent = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0) {
            return false;
        }
        bytes = text_part(bytes, (size_t)sent, SIZE_MAX);
    }
    return true;
}

static void write_head(struct exchange *exchange, struct buffer *out)
{
    const struct http_response *response = &exchange->response;
    buffer_format(out, "HTTP/1.1 %d %s\r\nDate: ", response->status,
        MHD_get_reason_phrase_for((unsigned)response->status));
    net_date_http(out, clock_now(clock_system()));
    buffer_string(out, "\r\nConnection: close\r\n");
    for (size_t i = 0; i < response->header_count; i++) {
        buffer_text(out, response->headers[i].name);
        buffer_string(out, ": ");
        buffer_text(out, response->headers[i].value);
        buffer_string(out, "\r\n");
    }
    if (response->stream == NULL) {
        buffer_format(out, "Content-Length: %zu\r\n", response->body.len);
    }
    buffer_string(out, "\r\n");
}

/* The end of the connection is the end of the body. */
static void write_stream(struct exchange *exchange)
{
    struct http_response *response = &exchange->response;
    char block[8 * 1024];
    int64_t got = response->stream(response->stream_context, block, sizeof block);
    while (got > 0 && wire_send(exchange, (struct text){block, (size_t)got})) {
        got = response->stream(response->stream_context, block, sizeof block);
    }
}

static void read_away(int fd)
{
    char block[8 * 1024];
    int64_t end = monotonic_ms() + LINGER_MS;
    shutdown(fd, SHUT_WR);
    for (int64_t left = LINGER_MS; left > 0; left = end - monotonic_ms()) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, (int)(left < QUIET_MS ? left : QUIET_MS)) <= 0 ||
            recv(fd, block, sizeof block, MSG_DONTWAIT) <= 0) {
            return;
        }
    }
}

void wire_answer(struct exchange *exchange)
{
    BUFFER_CLEANUP head = BUFFER(HEAD_MAX);
    write_head(exchange, &head);
    if (wire_send(exchange, buffer_view(&head)) && exchange->request.method != HTTP_HEAD) {
        if (exchange->response.stream != NULL) {
            write_stream(exchange);
        } else {
            wire_send(exchange, buffer_view(&exchange->response.body));
        }
    }
    read_away(socket_of(exchange));
}
