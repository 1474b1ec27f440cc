/* The client against our own server, and against sockets that misbehave. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/http_client.h"
#include "net/net_listen.h"
#include "net_fixture.h"

static struct fixture fixture;

static int begin(void **state)
{
    (void)state;
    fixture_start(&fixture, &(struct http_server_options){.idle_seconds = 5});
    return 0;
}

static int finish(void **state)
{
    (void)state;
    fixture_stop(&fixture, 1000);
    return 0;
}

static struct http_client *client_new(unsigned total_ms, size_t answer_max)
{
    return http_client_new(&(struct http_client_options){
        .connect_ms = 2000, .total_ms = total_ms, .answer_max = answer_max, .user_agent = "test"});
}

static struct text url_of(struct arena *arena, int port, const char *path)
{
    return text_format(arena, "http://127.0.0.1:%d%s", port, path);
}

static void test_calls(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path, *body;
        int status;
        const char *answer;
    } rows[] = {
        {"GET", "/abc", "", 200, "path=/abc"},
        {"POST", "/memory", "hello", 200, "hello"},
        {"POST", "/memory", "", 200, ""},
        {"PUT", "/memory", "hello", 200, "hello"},
        {"DELETE", "/abc", "", 200, "path=/abc"},
        {"GET", "/a/../b", "", 200, "path=/b"},
        {"GET", "/%2e%zz", "", 400, "gate 400"},
        {"PATCH", "/abc", "", 501, "gate 501"},
        {"POST", "/abc", "x", 413, "refused"},
    };
    struct http_client *client = client_new(10000, 1000);
    for (size_t i = 0; i < COUNT(rows); i++) {
        ARENA_CLEANUP arena = arena_new(1024 * 1024);
        struct http_call call = {.method = rows[i].method,
            .url = url_of(arena, fixture.port, rows[i].path),
            .body = text_from(rows[i].body)};
        struct http_answer answer = {0};
        struct problem problem = {0};
        bool sent = false;
        if (!http_fetch(client, &call, arena, &answer, &sent, &problem)) {
            fail_msg("row %zu: %s", i, problem.detail);
        }
        assert_true(sent);
        assert_int_equal(answer.status, rows[i].status);
        assert_text(answer.body, rows[i].answer);
        assert_true(text_starts(answer.content_type, TEXT("text/plain")));
    }
    http_client_free(client);
}

/* A port that nobody listens on. */
static int dead_port(void)
{
    int fd = -1, port = 0;
    assert_true(net_listen("127.0.0.1:0", &fd, &port, NULL));
    close(fd);
    return port;
}

static void test_no_answer(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct http_client *client = client_new(300, 1000);
    int silent = -1, silent_port = 0;
    assert_true(net_listen("127.0.0.1:0", &silent, &silent_port, NULL));
    const struct {
        struct text url;
        enum problem_kind kind;
        bool sent;
    } rows[] = {
        {url_of(arena, dead_port(), "/"), PROBLEM_LATER, false},
        {url_of(arena, silent_port, "/"), PROBLEM_LATER, true}, /* taken by the kernel, never answered */
        {url_of(arena, fixture.port, "/sized"), PROBLEM_UPSTREAM, true},
        {url_of(arena, fixture.port, "/chunked"), PROBLEM_UPSTREAM, true},
        {TEXT("http://nobody.invalid/"), PROBLEM_LATER, false},
        {TEXT("ftp://127.0.0.1/"), PROBLEM_UPSTREAM, false},
        {TEXT("file:///etc/passwd"), PROBLEM_UPSTREAM, false},
        {text_format(arena, "http://u:p@127.0.0.1:%d/", fixture.port), PROBLEM_LATER, false},
        {TEXT("http://127.0.0.1/ x"), PROBLEM_UPSTREAM, false},
        {TEXT("http://127.0.0.1/\r\nX: y"), PROBLEM_UPSTREAM, false},
        {TEXT(""), PROBLEM_UPSTREAM, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct http_call call = {.method = "POST", .url = rows[i].url, .body = TEXT("x")};
        if (rows[i].kind == PROBLEM_UPSTREAM) {
            call = (struct http_call){.method = "GET", .url = rows[i].url};
        }
        struct http_answer answer = {.status = 7};
        struct problem problem = {0};
        bool sent = !rows[i].sent;
        assert_false(http_fetch(client, &call, arena, &answer, &sent, &problem));
        if (problem.kind != rows[i].kind || sent != rows[i].sent) {
            fail_msg("row %zu: kind %d, sent %d: %s", i, (int)problem.kind, (int)sent, problem.detail);
        }
        assert_int_equal(answer.status, 7);
    }
    close(silent);
    http_client_free(client);
}

/* A server that takes one connection, reads until it has seen `until`, answers with `answer`, and closes. */
struct once {
    int fd, port;
    const char *until, *answer;
    struct arena *arena;
    struct text got;
    pthread_t thread;
};

static void *once_run(void *context)
{
    struct once *once = context;
    struct timeval wait = {.tv_sec = 10};
    int fd = -1;
    while (fd < 0) {
        fd = accept(once->fd, NULL, NULL);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    once->got = wire_read_until(once->arena, fd, once->until);
    wire_write(fd, once->answer, strlen(once->answer));
    close(fd);
    return NULL;
}

static void once_start(struct once *once, struct arena *arena, const char *until, const char *answer)
{
    *once = (struct once){.until = until, .answer = answer, .arena = arena};
    assert_true(net_listen("127.0.0.1:0", &once->fd, &once->port, NULL));
    assert_int_equal(pthread_create(&once->thread, NULL, once_run, once), 0);
}

static void once_join(struct once *once)
{
    pthread_join(once->thread, NULL);
    close(once->fd);
}

static void test_servers_that_misbehave(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        enum problem_kind kind; /* NONE: an answer came */
    } rows[] = {
        {"", PROBLEM_LATER},
        {"HTTP/1.1 200 OK\r\nContent-Le", PROBLEM_LATER},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", PROBLEM_LATER},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", PROBLEM_LATER},
        {"nonsense\r\n\r\n", PROBLEM_UPSTREAM},
        {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", PROBLEM_NONE},
    };
    struct http_client *client = client_new(5000, 1000);
    for (size_t i = 0; i < COUNT(rows); i++) {
        ARENA_CLEANUP arena = arena_new(1024 * 1024);
        ARENA_CLEANUP others = arena_new(4 * 1024 * 1024);
        struct once once;
        once_start(&once, others, "body", rows[i].answer);
        struct http_call call = {
            .method = "POST", .url = url_of(arena, once.port, "/"), .body = TEXT("body")};
        struct http_answer answer = {0};
        struct problem problem = {0};
        bool sent = false;
        bool done = http_fetch(client, &call, arena, &answer, &sent, &problem);
        once_join(&once);
        if (problem.kind != rows[i].kind || !sent || done != (rows[i].kind == PROBLEM_NONE)) {
            fail_msg("row %zu: kind %d, sent %d: %s", i, (int)problem.kind, (int)sent, problem.detail);
        }
        assert_int_equal(answer.status, done ? 302 : 0);
    }
    http_client_free(client);
}

static void test_what_is_sent(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    ARENA_CLEANUP others = arena_new(4 * 1024 * 1024);
    struct http_client *client = client_new(5000, 1000);
    struct once once;
    once_start(&once, others, "{}",
        "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n[]");
    struct http_call call = {.method = "POST",
        .url = url_of(arena, once.port, "/v1/things?a=b"),
        .user = TEXT("key"),
        .password = TEXT("s:ecret"),
        .headers = {{TEXT("X-One"), TEXT("1")}, {TEXT("X-Empty"), TEXT_EMPTY}},
        .body = TEXT("{}"),
        .content_type = TEXT("application/json")};
    struct http_answer answer = {0};
    assert_true(http_fetch(client, &call, arena, &answer, NULL, NULL));
    once_join(&once);
    assert_int_equal(answer.status, 201);
    assert_text(answer.content_type, "application/json");
    static const char *const lines[] = {"POST /v1/things?a=b HTTP/1.1\r\n",
        "\r\nAuthorization: Basic a2V5OnM6ZWNyZXQ=\r\n", "\r\nX-One: 1\r\n", "\r\nX-Empty:\r\n",
        "\r\nContent-Type: application/json\r\n", "\r\nContent-Length: 2\r\n", "\r\nUser-Agent: test\r\n"};
    for (size_t i = 0; i < COUNT(lines); i++) {
        if (text_find(once.got, text_from(lines[i]), 0) == SIZE_MAX) {
            fail_msg("not sent: %s in %s", lines[i], text_cstr(others, once.got));
        }
    }
    assert_true(text_find(once.got, TEXT("Expect:"), 0) == SIZE_MAX);
    /* A header that would make a line is a defect of ours, and is not sent. */
    struct problem problem = {0};
    bool sent = true;
    call.headers[0].value = TEXT("1\r\nX-Two: 2");
    assert_false(http_fetch(client, &call, arena, &answer, &sent, &problem));
    assert_int_equal(problem.kind, PROBLEM_INTERNAL);
    assert_false(sent);
    http_client_free(client);
}

#define FILE_SIZE 200000

struct source {
    size_t given;
    size_t fail_at;
};

static size_t source_read(void *context, char *at, size_t max)
{
    struct source *source = context;
    if (source->given >= source->fail_at) {
        return SIZE_MAX;
    }
    size_t now = FILE_SIZE - source->given < max ? FILE_SIZE - source->given : max;
    memset(at, 'f', now);
    source->given += now;
    return now;
}

static void test_upload(void **state)
{
    (void)state;
    struct http_client *client = client_new(10000, 1024 * 1024);
    for (int i = 0; i < 3; i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        bool breaks = i == 2;
        struct source source = {.fail_at = breaks ? 100000 : SIZE_MAX};
        struct http_part parts[] = {
            {.name = "document_type", .value = TEXT("utility_bill")},
            {.name = "File",
                .file_name = TEXT("bi\"ll.pdf"),
                .type = TEXT("application/pdf"),
                .read = source_read,
                .context = &source,
                .size = i == 1 ? -1 : FILE_SIZE},
        };
        struct http_call call = {.method = "POST",
            .url = url_of(arena, fixture.port, "/stream"),
            .parts = parts,
            .part_count = COUNT(parts)};
        struct http_answer answer = {0};
        struct problem problem = {0};
        bool sent = false;
        bool done = http_fetch(client, &call, arena, &answer, &sent, &problem);
        assert_true(sent);
        assert_int_equal(done, !breaks);
        if (breaks) {
            assert_int_equal(problem.kind, PROBLEM_LATER);
            continue;
        }
        assert_int_equal(answer.status, 200);
        assert_true(answer.body.len > FILE_SIZE);
        assert_true(
            text_find(answer.body, TEXT("name=\"document_type\"\r\n\r\nutility_bill\r\n"), 0) != SIZE_MAX);
        assert_true(text_find(answer.body, TEXT("Content-Type: application/pdf\r\n"), 0) != SIZE_MAX);
    }
    http_client_free(client);
}

static void *many_run(void *context)
{
    struct http_client *client = context;
    size_t good = 0;
    for (int i = 0; i < 20; i++) {
        ARENA_CLEANUP arena = arena_new(1024 * 1024);
        struct http_call call = {.method = "POST",
            .url = url_of(arena, fixture.port, "/memory"),
            .body = text_format(arena, "%p/%d", (void *)&good, i)};
        struct http_answer answer = {0};
        good += http_fetch(client, &call, arena, &answer, NULL, NULL) && text_equal(answer.body, call.body);
    }
    return (void *)good;
}

static void test_many_threads(void **state)
{
    (void)state;
    struct http_client *client = client_new(20000, 1000);
    pthread_t threads[40];
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, many_run, client), 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *good = NULL;
        pthread_join(threads[i], &good);
        assert_int_equal((size_t)good, 20);
    }
    http_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_calls), cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_servers_that_misbehave), cmocka_unit_test(test_what_is_sent),
        cmocka_unit_test(test_upload), cmocka_unit_test(test_many_threads)};
    return cmocka_run_group_tests(tests, begin, finish);
}
