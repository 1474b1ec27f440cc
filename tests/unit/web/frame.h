/* The frame over real HTTP, for tests: a desk with its web server, and a browser of a few lines. */
#ifndef TESTS_WEB_FRAME_H
#define TESTS_WEB_FRAME_H

#include "../people/desk.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "net/proxies.h"
#include "web/web.h"

#define SENT_MAX (256 * 1024)

struct frame {
    struct desk *desk;
    struct web_app app;
    struct http_server *server;
    struct route *routes;
    char *sent; /* the last answer, whole */
    struct text answer, head, body;
    int status;
    struct text session, visitor; /* the browser's cookies */
    struct proxies proxies;       /* none, unless a test sets some */
};

/* The product's routes and those of the test. */
static inline int frame_begin(void **state, const struct route *more, size_t more_count)
{
    struct problem problem = {0};
    struct frame *frame = calloc(1, sizeof *frame);
    void *desk = NULL;
    assert_int_equal(desk_open(&desk), 0);
    frame->desk = desk;
    frame->sent = malloc(SENT_MAX);
    size_t count = web_routes_count + more_count;
    frame->routes = calloc(count, sizeof *frame->routes);
    memcpy(frame->routes, web_routes, web_routes_count * sizeof *web_routes);
    if (more_count > 0) {
        memcpy(frame->routes + web_routes_count, more, more_count * sizeof *more);
    }
    frame->app = (struct web_app){.db = frame->desk->db,
        .clock = frame->desk->clock,
        .sessions = frame->desk->sessions,
        .config = {.base_url = TEXT("http://127.0.0.1"), .operator_name = TEXT("Northline <Support>")},
        .routes = frame->routes,
        .routes_count = count};
    struct http_server_options options = {.listen = "127.0.0.1:0",
        .connections_max = 8,
        .idle_seconds = 5,
        .accept = web_accept,
        .application = &frame->app,
        .refuse = web_refuse,
        .proxies = &frame->proxies};
    DESK_OK(http_server_start(&options, &frame->server, &problem), problem);
    *state = frame;
    return 0;
}

static inline int frame_close(void **state)
{
    struct frame *frame = *state;
    void *desk = frame->desk;
    http_server_stop(frame->server, 1000);
    desk_close(&desk);
    free(frame->routes);
    free(frame->sent);
    free(frame);
    return 0;
}

static inline void send_all(int fd, struct text bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);
        if (n <= 0) {
            return; /* the server refused the rest; its answer is read all the same */
        }
        bytes = text_part(bytes, (size_t)n, SIZE_MAX);
    }
}

static inline void exchange(struct frame *frame, struct text request)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)http_server_port(frame->server)),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval limit = {10, 0};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    send_all(fd, request);
    size_t len = 0;
    for (ssize_t n = 1; n > 0 && len<SENT_MAX; len += n> 0 ? (size_t)n : 0) {
        n = recv(fd, frame->sent + len, SENT_MAX - len, 0);
    }
    close(fd);
    uint64_t status = 0;
    frame->answer = (struct text){frame->sent, len};
    size_t split = text_find(frame->answer, TEXT("\r\n\r\n"), 0);
    assert_true(split != SIZE_MAX);
    frame->head = text_part(frame->answer, 0, split + 2);
    frame->body = text_part(frame->answer, split + 4, SIZE_MAX);
    assert_true(text_to_u64(text_part(frame->answer, 9, 3), 999, &status));
    frame->status = (int)status;
}

static inline struct text header(struct frame *frame, const char *name)
{
    struct text rest = frame->head, line;
    while (text_next(&rest, '\n', &line)) {
        size_t colon = text_find_char(line, ':', 0);
        if (colon != SIZE_MAX && text_equal_nocase(text_part(line, 0, colon), text_from(name))) {
            return text_trim(text_part(line, colon + 1, SIZE_MAX));
        }
    }
    return TEXT_EMPTY;
}

/* Takes a cookie of the answer into the browser. */
static inline void take_cookie(struct frame *frame, const char *name, struct text *cookie)
{
    struct text sets = text_format(frame->desk->arena, "Set-Cookie: %s=", name);
    size_t at = text_find(frame->head, sets, 0);
    if (at != SIZE_MAX) {
        size_t from = at + sets.len;
        *cookie = text_copy(
            frame->desk->arena, text_part(frame->head, from, text_find_char(frame->head, ';', from) - from));
    }
}

static inline void ask(
    struct frame *frame, const char *method, const char *path, const char *headers, struct text body)
{
    struct text request = text_format(frame->desk->arena,
        "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: portdesk=%.*s; "
        "portdesk-visitor=%.*s\r\n%s",
        method, path, TEXT_ARG(frame->session), TEXT_ARG(frame->visitor), headers);
    if (strcmp(method, "POST") == 0) {
        request = text_format(frame->desk->arena, "%.*sContent-Length: %zu\r\n", TEXT_ARG(request), body.len);
    }
    request = text_format(frame->desk->arena, "%.*s\r\n%.*s", TEXT_ARG(request), TEXT_ARG(body));
    exchange(frame, request);
    take_cookie(frame, "portdesk", &frame->session);
    take_cookie(frame, "portdesk-visitor", &frame->visitor);
}

static inline void get(struct frame *frame, const char *path)
{
    ask(frame, "GET", path, "", TEXT_EMPTY);
}

static inline struct text csrf(struct frame *frame)
{
    struct text token = frame->session.len > 0 ? frame->session : frame->visitor;
    return csrf_token(&frame->desk->sessions, frame->desk->arena, token);
}

/* A form with its token. */
static inline void post(struct frame *frame, const char *path, const char *fields)
{
    struct text body = text_format(frame->desk->arena, "csrf=%.*s&%s", TEXT_ARG(csrf(frame)), fields);
    ask(frame, "POST", path, "Content-Type: application/x-www-form-urlencoded\r\n", body);
}

static inline void sign_in_as(struct frame *frame, const char *email)
{
    frame->session = TEXT_EMPTY;
    get(frame, "/sign-in");
    post(frame, "/sign-in",
        text_format(frame->desk->arena, "email=%s&password=blue+kettle+on+the+pier&next=/t/page/7", email)
            .at);
    assert_int_equal(frame->status, 303);
    assert_true(frame->session.len > 0);
}

#define SAYS(frame, what) (text_find((frame)->body, TEXT(what), 0) != SIZE_MAX)

#endif
