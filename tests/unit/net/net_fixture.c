#include "net_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define STREAMED 100000

struct visit {
    struct fixture *fixture;
    struct buffer got;
    int64_t streamed;
    bool breaks;
};

static bool visit_sink(void *context, struct text bytes)
{
    struct visit *visit = context;
    buffer_text(&visit->got, bytes);
    return text_find_char(bytes, '!', 0) == SIZE_MAX;
}

static int64_t visit_stream(void *context, char *at, size_t max)
{
    struct visit *visit = context;
    int64_t left = STREAMED - visit->streamed;
    int64_t now = left < (int64_t)max ? left : (int64_t)max;
    if (visit->breaks && visit->streamed > 0) {
        return -1;
    }
    memset(at, 'x', (size_t)now);
    visit->streamed += now;
    return now;
}

static void visit_stream_end(void *context)
{
    struct visit *visit = context;
    visit->fixture->streams_ended++;
}

static void stream_out(struct visit *visit, struct http_response *response, int64_t size)
{
    response->stream = visit_stream;
    response->stream_end = visit_stream_end;
    response->stream_context = visit;
    response->stream_size = size;
}

static void say_headers(struct http_request *request, struct http_response *response)
{
    buffer_format(&response->body, "client=%.*s;a=%.*s;cookie=%.*s;query=%.*s;raw=%.*s?%.*s",
        TEXT_ARG(request->client), TEXT_ARG(http_header(request, "x-a")),
        TEXT_ARG(http_cookie(request, "session")), TEXT_ARG(http_query(request, "q")),
        TEXT_ARG(request->raw_path), TEXT_ARG(request->raw_query));
}

static void visit_answer(void *context, struct http_request *request, struct http_response *response,
    const struct problem *refused)
{
    struct visit *visit = context;
    visit->fixture->answered++;
    visit->fixture->refused_kind = refused ? (int)refused->kind : (int)PROBLEM_NONE;
    http_set_header(request, response, "Content-Type", TEXT("text/plain; charset=utf-8"));
    if (refused) {
        response->status = problem_status(refused->kind);
        buffer_string(&response->body, "refused");
    } else if (text_is(request->path, "/memory")) {
        buffer_text(&response->body, request->body);
    } else if (text_is(request->path, "/stream")) {
        buffer_text(&response->body, buffer_view(&visit->got));
    } else if (text_is(request->path, "/wait")) {
        sem_post(&visit->fixture->entered);
        sem_wait(&visit->fixture->go);
        buffer_string(&response->body, "waited");
    } else if (text_is(request->path, "/sized") || text_is(request->path, "/chunked")) {
        stream_out(visit, response, text_is(request->path, "/sized") ? STREAMED : -1);
    } else if (text_is(request->path, "/broken")) {
        visit->breaks = true;
        stream_out(visit, response, STREAMED);
    } else if (text_is(request->path, "/headers")) {
        say_headers(request, response);
    } else {
        response->close = text_is(request->path, "/close");
        buffer_string(&response->body, "path=");
        buffer_text(&response->body, request->path);
    }
}

static void visit_end(void *context)
{
    struct visit *visit = context;
    struct fixture *fixture = visit->fixture;
    buffer_free(&visit->got);
    fixture->ended++;
    sem_post(&fixture->over);
}

static void accept_visit(void *application, struct http_request *request, struct http_plan *plan)
{
    struct fixture *fixture = application;
    struct visit *visit = ARENA_NEW(request->arena, struct visit);
    visit->fixture = fixture;
    visit->got = BUFFER(STREAM_LIMIT);
    fixture->accepted++;
    bool memory = text_is(request->path, "/memory"), stream = text_is(request->path, "/stream");
    *plan = (struct http_plan){
        .body = memory   ? HTTP_BODY_MEMORY
                : stream ? HTTP_BODY_STREAM
                         : HTTP_BODY_NONE,
        .limit = memory ? MEMORY_LIMIT : STREAM_LIMIT,
        .sink = visit_sink,
        .answer = visit_answer,
        .end = visit_end,
        .context = visit,
    };
}

static void refuse_visit(
    void *application, int status, struct http_request *request, struct http_response *response)
{
    struct fixture *fixture = application;
    fixture->refused_at_gate++;
    response->status = status;
    http_set_header(request, response, "Content-Type", TEXT("text/plain"));
    buffer_format(&response->body, "gate %d", status);
}

void fixture_start(struct fixture *fixture, const struct http_server_options *options)
{
    struct http_server_options full = *options;
    *fixture = (struct fixture){.port = 0};
    sem_init(&fixture->entered, 0, 0);
    sem_init(&fixture->go, 0, 0);
    sem_init(&fixture->over, 0, 0);
    full.listen = full.listen ? full.listen : "127.0.0.1:0";
    full.connections_max = full.connections_max ? full.connections_max : 100;
    full.idle_seconds = full.idle_seconds ? full.idle_seconds : 10;
    full.accept = accept_visit;
    full.refuse = refuse_visit;
    full.application = fixture;
    struct problem problem = {0};
    if (!http_server_start(&full, &fixture->server, &problem)) {
        fail_msg("no server: %s", problem.detail);
    }
    fixture->port = http_server_port(fixture->server);
}

void fixture_stop(struct fixture *fixture, int grace_ms)
{
    http_server_stop(fixture->server, grace_ms);
    assert_int_equal(fixture->ended, fixture->accepted);
    sem_destroy(&fixture->entered);
    sem_destroy(&fixture->go);
    sem_destroy(&fixture->over);
}

int wire_open(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval wait = {.tv_sec = 10};
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* A server that refuses may close while we still write: then the answer counts, not the rest of the bytes. */
void wire_write(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        at += sent;
        len -= (size_t)sent;
    }
}

struct text wire_read_until(struct arena *arena, int fd, const char *what)
{
    BUFFER_CLEANUP got = BUFFER(1024 * 1024);
    char block[4096];
    while (what == NULL || text_find(buffer_view(&got), text_from(what), 0) == SIZE_MAX) {
        ssize_t len = recv(fd, block, sizeof block, 0);
        if (len < 0 && errno != ECONNRESET) {
            fail_msg("the other side neither answered nor closed");
        }
        if (len <= 0) {
            break;
        }
        buffer_add(&got, block, (size_t)len);
    }
    return text_copy(arena, buffer_view(&got));
}

struct text wire_read_all(struct arena *arena, int fd)
{
    return wire_read_until(arena, fd, NULL);
}

struct text wire_exchange(struct arena *arena, int port, struct text request)
{
    int fd = wire_open(port);
    wire_write(fd, request.at, request.len);
    struct text answer = wire_read_all(arena, fd);
    close(fd);
    return answer;
}

int answer_status(struct text answer)
{
    uint64_t status = 0;
    if (text_starts(answer, TEXT("HTTP/1."))) {
        text_to_u64(text_part(answer, 9, 3), 999, &status);
    }
    return (int)status;
}

size_t answer_count(struct text answer)
{
    size_t count = 0;
    for (size_t at = text_find(answer, TEXT("HTTP/1."), 0); at != SIZE_MAX;
         at = text_find(answer, TEXT("HTTP/1."), at + 1)) {
        count++;
    }
    return count;
}

struct text answer_body(struct text answer)
{
    size_t end = text_find(answer, TEXT("\r\n\r\n"), 0);
    return end == SIZE_MAX ? TEXT_EMPTY : text_part(answer, end + 4, SIZE_MAX);
}
