#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/proxies.h"
#include "net_fixture.h"

static struct fixture fixture;

static int begin(void **state)
{
    (void)state;
    static struct proxies proxies;
    assert_true(proxies_parse(TEXT("127.0.0.1"), &proxies, NULL));
    fixture_start(&fixture, &(struct http_server_options){.proxies = &proxies});
    return 0;
}

static int finish(void **state)
{
    (void)state;
    fixture_stop(&fixture, 5000);
    return 0;
}

static void wait_for_end(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    assert_int_equal(sem_timedwait(&fixture.over, &until), 0);
}

static void write_string(int fd, const char *string)
{
    wire_write(fd, string, strlen(string));
}

static void test_keep_alive(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    int fd = wire_open(fixture.port);
    for (int i = 0; i < 3; i++) {
        write_string(fd, "GET /n HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_int_equal(answer_status(wire_read_until(arena, fd, "path=/n")), 200);
        write_string(fd, "POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nwxyz");
        assert_text(answer_body(wire_read_until(arena, fd, "wxyz")), "wxyz");
    }
    /* Three in one write, answered in their order, the last closes. */
    write_string(fd, "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\nGET /close "
                     "HTTP/1.1\r\nHost: x\r\n\r\n");
    struct text answers = wire_read_all(arena, fd);
    assert_int_equal(answer_count(answers), 3);
    assert_true(text_find(answers, TEXT("path=/a"), 0) < text_find(answers, TEXT("path=/b"), 0));
    close(fd);
}

static void test_head(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    static const struct {
        const char *path;
        const char *length;
    } rows[] = {
        {"/abc", "Content-Length: 9\r\n"}, {"/sized", "Content-Length: 100000\r\n"}, {"/chunked", ""}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text request =
            text_format(arena, "HEAD %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", rows[i].path);
        struct text answer = wire_exchange(arena, fixture.port, request);
        assert_int_equal(answer_status(answer), 200);
        assert_true(text_find(answer, text_from(rows[i].length), 0) != SIZE_MAX);
        assert_int_equal(answer_body(answer).len, 0);
    }
}

/* Each byte of the request in a write of its own. */
static void test_slow_peer(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    static const char request[] =
        "POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\nConnection: close\r\n\r\nslow and so";
    int fd = wire_open(fixture.port);
    for (size_t i = 0; i + 1 < sizeof request; i++) {
        wire_write(fd, &request[i], 1);
    }
    assert_text(answer_body(wire_read_all(arena, fd)), "slow and so");
    close(fd);
}

/* Lengths around the limit, with both ways to send a body, and both ways to take it. */
static void test_limits(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t size;
        bool chunked;
        int status;
        int refused;
    } rows[] = {
        {"/memory", 0, false, 200, PROBLEM_NONE},
        {"/memory", MEMORY_LIMIT, false, 200, PROBLEM_NONE},
        {"/memory", MEMORY_LIMIT + 1, false, 413, PROBLEM_TOO_LARGE},
        {"/memory", MEMORY_LIMIT, true, 200, PROBLEM_NONE},
        {"/memory", MEMORY_LIMIT + 1, true, 413, PROBLEM_TOO_LARGE},
        {"/stream", STREAM_LIMIT, false, 200, PROBLEM_NONE},
        {"/stream", STREAM_LIMIT + 1, false, 413, PROBLEM_TOO_LARGE},
        {"/stream", STREAM_LIMIT, true, 200, PROBLEM_NONE},
        {"/stream", STREAM_LIMIT + 1, true, 413, PROBLEM_TOO_LARGE},
        {"/stream", STREAM_LIMIT * 10, true, 413, PROBLEM_TOO_LARGE},
        {"/stream", STREAM_LIMIT * 10, false, 413, PROBLEM_TOO_LARGE},
        {"/", 1, false, 413, PROBLEM_TOO_LARGE},
        {"/", 1, true, 413, PROBLEM_TOO_LARGE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ARENA_CLEANUP arena = arena_new(16 * 1024 * 1024);
        BUFFER_CLEANUP request = BUFFER(16 * 1024 * 1024);
        buffer_format(&request, "PUT %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n", rows[i].path);
        if (rows[i].chunked) {
            buffer_format(&request, "Transfer-Encoding: chunked\r\n\r\n%zx%s", rows[i].size,
                rows[i].size ? "\r\n" : "");
        } else {
            buffer_format(&request, "Content-Length: %zu\r\n\r\n", rows[i].size);
        }
        memset(buffer_reserve(&request, rows[i].size), 'x', rows[i].size);
        request.len += rows[i].size;
        buffer_string(&request, rows[i].chunked ? "\r\n0\r\n\r\n" : "");
        struct text answer = wire_exchange(arena, fixture.port, buffer_view(&request));
        if (answer_status(answer) != rows[i].status || answer_count(answer) != 1) {
            fail_msg("row %zu answered: %.200s", i, text_cstr(arena, answer));
        }
        assert_int_equal(fixture.refused_kind, rows[i].refused);
        assert_int_equal(answer_body(answer).len, rows[i].status == 200 ? rows[i].size : strlen("refused"));
    }
}

static void test_sink_refuses(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct text answer = wire_exchange(arena, fixture.port,
        TEXT("POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\nabc!def GET / "
             "HTTP/1.1\r\n\r\n"));
    assert_int_equal(answer_status(answer), 400);
    assert_int_equal(answer_count(answer), 1);
    assert_int_equal(fixture.refused_kind, PROBLEM_SYNTAX);
    assert_text(answer_body(answer), "refused");
}

static void test_expect(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    int fd = wire_open(fixture.port);
    write_string(fd, "POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: "
                     "100-continue\r\nConnection: close\r\n\r\n");
    struct text interim = wire_read_until(arena, fd, "\r\n\r\n");
    assert_int_equal(answer_status(interim), 100);
    write_string(fd, "abc");
    assert_int_equal(answer_status(wire_read_all(arena, fd)), 200);
    close(fd);
    /* Refused without asking for the body. */
    fd = wire_open(fixture.port);
    write_string(
        fd, "POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\nExpect: 100-continue\r\n\r\n");
    struct text answer = wire_read_until(arena, fd, "refused");
    assert_int_equal(answer_status(answer), 413);
    close(fd);
}

static void test_streamed_answers(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *version;
        const char *header;
        size_t least, most; /* bytes of the body as they come */
    } rows[] = {
        {"/sized", "1.1", "Content-Length: 100000\r\n", 100000, 100000},
        {"/chunked", "1.1", "Transfer-Encoding: chunked\r\n", 100001, 102000},
        {"/chunked", "1.0", "Connection: close\r\n", 100000, 100000},
        {"/broken", "1.1", "Content-Length: 100000\r\n", 1, 99999},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        int ended = fixture.streams_ended;
        struct text request = text_format(
            arena, "GET %s HTTP/%s\r\nHost: x\r\nConnection: close\r\n\r\n", rows[i].path, rows[i].version);
        struct text answer = wire_exchange(arena, fixture.port, request);
        assert_true(text_find(answer, text_from(rows[i].header), 0) != SIZE_MAX);
        assert_in_range(answer_body(answer).len, rows[i].least, rows[i].most);
        assert_int_equal(fixture.streams_ended, ended + 1);
    }
}

static void test_forwarded(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        const char *client;
    } rows[] = {
        {"X-A: 1", "client=127.0.0.1;"},
        {"X-Forwarded-For: 1.2.3.4", "client=1.2.3.4;"},
        {"X-Forwarded-For: 6.6.6.6, 1.2.3.4", "client=1.2.3.4;"},
        {"X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 2001:db8::1", "client=2001:db8::1;"},
        {"X-Forwarded-For: 1.2.3.4, nonsense", "client=127.0.0.1;"},
        {"X-Forwarded-For: 1.2.3.4, 1.2.3", "client=127.0.0.1;"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct text request = text_format(
            arena, "GET /headers HTTP/1.1\r\nHost: x\r\n%s\r\nConnection: close\r\n\r\n", rows[i].header);
        struct text body = answer_body(wire_exchange(arena, fixture.port, request));
        if (!text_starts(body, text_from(rows[i].client))) {
            fail_msg("row %zu: %s", i, text_cstr(arena, body));
        }
    }
}

/* A peer that goes away, in the middle of its body and of our answer: the end is told each time. */
static void test_peer_goes_away(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc",
        "POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "GET /chunked HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /sized HTTP/1.1\r\nHost: x\r\n\r\n",
    };
    while (sem_trywait(&fixture.over) == 0) {
    }
    for (size_t i = 0; i < COUNT(requests); i++) {
        int ended = fixture.ended;
        int fd = wire_open(fixture.port);
        struct linger hard = {.l_onoff = 1, .l_linger = 0};
        write_string(fd, requests[i]);
        /* Closed hard when the request is surely there: a second connection is answered after it was read. */
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        if (i < 2) {
            shutdown(fd, SHUT_WR);
            wire_read_until(arena, fd, NULL);
        } else {
            wire_read_until(arena, fd, "xxx");
        }
        close(fd);
        wait_for_end();
        assert_int_equal(fixture.ended, ended + 1);
    }
}

#define CLIENTS 64
#define ROUNDS 20

static void *client_run(void *context)
{
    long *good = context;
    ARENA_CLEANUP arena = arena_new(64 * 1024 * 1024);
    int fd = wire_open(fixture.port);
    for (int i = 0; i < ROUNDS; i++) {
        struct text body = text_format(arena, "{%p-%d}", (void *)context, i);
        struct text request = text_format(
            arena, "POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s", body.len, body.at);
        wire_write(fd, request.at, request.len);
        *good += text_equal(answer_body(wire_read_until(arena, fd, "}")), body);
    }
    close(fd);
    return NULL;
}

static void test_many(void **state)
{
    (void)state;
    pthread_t threads[CLIENTS];
    long good[CLIENTS] = {0};
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, client_run, &good[i]), 0);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(good[i], ROUNDS);
    }
}

struct stopping {
    struct fixture fixture;
    int grace_ms;
};

static void *stop_run(void *context)
{
    struct stopping *stopping = context;
    http_server_stop(stopping->fixture.server, stopping->grace_ms);
    return NULL;
}

/* A request under way is answered, and its connection closed; nobody new gets in. */
static void test_graceful_stop(void **state)
{
    (void)state;
    struct stopping *stopping = calloc(1, sizeof *stopping);
    assert_non_null(stopping);
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    fixture_start(&stopping->fixture, &(struct http_server_options){.listen = "[::1]:0"});
    http_server_stop(stopping->fixture.server, 0); /* an idle one stops at once */
    fixture_start(&stopping->fixture, &(struct http_server_options){.connections_max = 5});
    stopping->grace_ms = 10000;
    int idle = wire_open(stopping->fixture.port);
    write_string(idle, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    wire_read_until(arena, idle, "path=/");
    int busy = wire_open(stopping->fixture.port);
    write_string(busy, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    sem_wait(&stopping->fixture.entered);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, stop_run, stopping), 0);
    /* The server has begun to stop when an answer says that its connection will be closed. */
    struct text last = TEXT_EMPTY;
    do {
        write_string(idle, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        last = wire_read_until(arena, idle, "path=/");
    } while (last.len > 0 && text_find(last, TEXT("Connection: close"), 0) == SIZE_MAX);
    sem_post(&stopping->fixture.go);
    struct text answer = wire_read_all(arena, busy);
    assert_int_equal(answer_status(answer), 200);
    assert_true(text_find(answer, TEXT("Connection: close\r\n"), 0) != SIZE_MAX);
    assert_text(answer_body(answer), "waited");
    pthread_join(thread, NULL);
    assert_int_equal(stopping->fixture.ended, stopping->fixture.accepted);
    close(idle);
    close(busy);
    free(stopping);
}

/* More clients than connections: the last is turned away, and those inside are served on. */
static void test_connection_limit(void **state)
{
    (void)state;
    struct fixture small;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    fixture_start(&small, &(struct http_server_options){.connections_max = 2});
    int first = wire_open(small.port), second = wire_open(small.port);
    write_string(first, "GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
    wire_read_until(arena, first, "path=/one");
    write_string(second, "GET /two HTTP/1.1\r\nHost: x\r\n\r\n");
    wire_read_until(arena, second, "path=/two");
    int third = wire_open(small.port);
    write_string(third, "GET /three HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    struct text answer = wire_read_all(arena, third);
    assert_int_equal(answer.len, 0);
    write_string(first, "GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(answer_status(wire_read_until(arena, first, "path=/one")), 200);
    close(first);
    close(second);
    close(third);
    fixture_stop(&small, 1000);
}

static void test_idle(void **state)
{
    (void)state;
    struct fixture impatient;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    fixture_start(&impatient, &(struct http_server_options){.idle_seconds = 1});
    static const char *const begun[] = {
        "", "GET / HT", "POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"};
    int fds[COUNT(begun)];
    for (size_t i = 0; i < COUNT(begun); i++) {
        fds[i] = wire_open(impatient.port);
        write_string(fds[i], begun[i]);
    }
    for (size_t i = 0; i < COUNT(begun); i++) {
        assert_true(answer_count(wire_read_all(arena, fds[i])) <= 1);
        close(fds[i]);
    }
    assert_int_equal(impatient.answered, 0);
    fixture_stop(&impatient, 0);
}

static void test_listen(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:99999", "::1:80",
        "host:80", "127.0.0.1:-1", "fd:", "fd:x", "fd:0", "fd:1000", "1.2.3.4:1"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct problem problem = {0};
        struct http_server *server = NULL;
        struct http_server_options options = {.listen = wrong[i], .connections_max = 1, .idle_seconds = 1};
        if (http_server_start(&options, &server, &problem)) {
            fail_msg("listens on %s", wrong[i]);
        }
        assert_int_equal(problem.kind, PROBLEM_INTERNAL);
        assert_null(server);
    }
    /* A socket handed over. */
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 5), 0);
    struct fixture given;
    fixture_start(&given, &(struct http_server_options){.listen = text_format(arena, "fd:%d", fd).at});
    assert_true(given.port > 0);
    struct text answer = wire_exchange(arena, given.port, TEXT("GET / HTTP/1.0\r\n\r\n"));
    assert_int_equal(answer_status(answer), 200);
    fixture_stop(&given, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_keep_alive), cmocka_unit_test(test_head),
        cmocka_unit_test(test_slow_peer), cmocka_unit_test(test_limits), cmocka_unit_test(test_sink_refuses),
        cmocka_unit_test(test_expect), cmocka_unit_test(test_streamed_answers),
        cmocka_unit_test(test_forwarded), cmocka_unit_test(test_peer_goes_away), cmocka_unit_test(test_many),
        cmocka_unit_test(test_graceful_stop), cmocka_unit_test(test_connection_limit),
        cmocka_unit_test(test_idle), cmocka_unit_test(test_listen)};
    return cmocka_run_group_tests(tests, begin, finish);
}
