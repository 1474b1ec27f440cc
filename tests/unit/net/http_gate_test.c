/* The gate over a raw socket: bytes sent, status expected, and that never a second request is served. */
#include <unistd.h>

#include "net/http_gate.h"
#include "net_fixture.h"

#define NEXT "GET /second HTTP/1.1\r\nHost: x\r\n\r\n"
#define BYTES(literal)                                                                                       \
    {                                                                                                        \
        literal, sizeof(literal) - 1                                                                         \
    }

static struct fixture fixture;

static int begin(void **state)
{
    (void)state;
    fixture_start(&fixture, &(struct http_server_options){.idle_seconds = 2});
    return 0;
}

static int finish(void **state)
{
    (void)state;
    fixture_stop(&fixture, 0);
    return 0;
}

struct row {
    struct text sent;
    int status; /* of the only answer; 0 when the connection is closed without one */
};

static const struct row refused[] = {
    /* Two lengths. */
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 33\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\nContent-Length: 0\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\ncontent-length: 5\r\n\r\n" NEXT), 400},
    /* Lengths that are not digits, or too many of them. */
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 0x0\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 0\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 0 0\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 1e1\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551616\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 00000000000000000000000000\r\n\r\n" NEXT),
        400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775807\r\n\r\n" NEXT), 413},
    /* A length and a coding, codings that are not chunked. */
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: "
           "chunked\r\n\r\n0\r\n\r\n" NEXT),
        400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: "
           "4\r\n\r\n0\r\n\r\n" NEXT),
        400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" NEXT),
        400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" NEXT),
        400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
           "chunked\r\n\r\n0\r\n"
           "\r\n" NEXT),
        400},
    {BYTES("POST /memory HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT), 400},
    /* Hosts. */
    {BYTES("GET / HTTP/1.1\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n" NEXT), 400},
    /* Names and values. */
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 0\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\nX(a): b\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\nX-\x80: b\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x01z\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x7fz\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\nX-A: a\xffz\r\n\r\n" NEXT), 400},
    /* Bodies where none belongs. */
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT), 400},
    {BYTES("HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\n" NEXT), 400},
    {BYTES("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\n" NEXT), 413},
    {BYTES("DELETE / HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\n" NEXT), 413},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n" NEXT), 413},
    /* Paths. */
    {BYTES("GET /a%00 HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET /a%0d%0aX:y HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET /% HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET //etc HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET /a/%2e%2E/b HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET /a/%2fb HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET /. HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET * HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 0},
    {BYTES("GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET /?a=%00 HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET /?a=%f HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET /?a=%ff HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 400},
    /* What libmicrohttpd hides from the gate: folds, NULs, bare LFs, lines without a name or a colon. */
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n 33\r\n\r\n" NEXT), 400},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 3\0003\r\n\r\n" NEXT NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n\tb\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\n Host: x\r\nHost: y\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\nX\0Y: b\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: x\nX: b\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\nHost: x\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\n\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\nnothing\r\n\r\n" NEXT), 400},
    {BYTES("GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n" NEXT), 400},
    /* Methods, expectations. */
    {BYTES("PATCH / HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 501},
    {BYTES("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 501},
    {BYTES("get / HTTP/1.1\r\nHost: x\r\n\r\n" NEXT), 501},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\n\r\n" NEXT), 417},
};

/* No second request is served; and the answer has no line that came from outside. */
static void test_refused(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT(refused); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct text answer = wire_exchange(arena, fixture.port, refused[i].sent);
        if (answer_status(answer) != refused[i].status || answer_count(answer) > 1) {
            print_error(
                "row %zu: %.120s\nanswered: %.400s\n", i, refused[i].sent.at, text_cstr(arena, answer));
            wrong++;
            continue;
        }
        assert_true(text_find(answer, TEXT("path="), 0) == SIZE_MAX);
        assert_true(text_find(answer, TEXT("\r\nX:y"), 0) == SIZE_MAX);
        assert_true(answer.len == 0 || text_find(answer, TEXT("Connection: close\r\n"), 0) != SIZE_MAX ||
                    text_find(answer, TEXT("Connection: Close\r\n"), 0) != SIZE_MAX);
        assert_true(answer.len == 0 || text_find(answer, TEXT("Content-Length: "), 0) != SIZE_MAX);
    }
    assert_int_equal(wrong, 0);
}

/* Chunks are libmicrohttpd's to read: it may refuse or forgive, but what stands behind must not be taken for a request. */
static const struct row chunks[] = {
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" NEXT), 0},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" NEXT), 0},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0;a=\"\r\n\"\r\n\r\n" NEXT),
        0},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
           "chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n\r\n" NEXT),
        0},
    {BYTES(
         "POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n" NEXT),
        0},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc0\r\n\r\n" NEXT),
        0},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\n\n" NEXT), 0},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\r\n" NEXT), 0},
    {BYTES("POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-T: y\r\n\r\n" NEXT),
        0},
};

static void test_chunks(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT(chunks); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct text answer = wire_exchange(arena, fixture.port, chunks[i].sent);
        if (answer_count(answer) > 1 || text_find(answer, TEXT("path=/second"), 0) != SIZE_MAX) {
            print_error(
                "row %zu: %.120s\nanswered: %.400s\n", i, chunks[i].sent.at, text_cstr(arena, answer));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* Without these the tables above would hold with a server that refuses everything. */
static void test_good(void **state)
{
    (void)state;
    static const struct {
        const char *sent;
        const char *body;
    } good[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "path=/"},
        {"GET /a%20b/%C3%A9?x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "path=/a b/\xc3\xa9"},
        {"GET /a+b/ HTTP/1.0\r\n\r\n", "path=/a+b/"},
        {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "path=/"},
        {"POST /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc", "abc"},
        {"PUT /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc", "abc"},
        {"DELETE /memory HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc", "abc"},
        {"POST /memory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "Chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            "abcde"},
        {"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "path=/"},
        {"\r\nGET /b HTTP/1.1\r\nHost:x\r\nX:\r\nY:  \t z \r\nConnection: close\r\n\r\n", "path=/b"},
        {"GET /headers?q=a%26b&q=c HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\nCookie: a=b; session=t=1; c\r\n"
         "X-Forwarded-For: 9.9.9.9\r\nConnection: close\r\n\r\n",
            "client=127.0.0.1;a=1;cookie=t=1;query=a&b;raw=/headers?q=a%26b&q=c"},
    };
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT(good); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct text answer = wire_exchange(arena, fixture.port, text_from(good[i].sent));
        if (answer_status(answer) != 200) {
            print_error("row %zu answered: %.400s\n", i, text_cstr(arena, answer));
            wrong++;
            continue;
        }
        assert_text(answer_body(answer), good[i].body);
        assert_true(text_find(answer, TEXT("\r\nDate: "), 0) != SIZE_MAX);
    }
    assert_int_equal(wrong, 0);
}

static void test_too_many_headers(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    BUFFER_CLEANUP request = BUFFER(1024 * 1024);
    buffer_string(&request, "GET / HTTP/1.1\r\nHost: x\r\n");
    for (size_t i = 0; i < HTTP_HEADERS_MAX; i++) {
        buffer_string(&request, "a: b\r\n");
    }
    buffer_string(&request, "\r\n" NEXT);
    struct text answer = wire_exchange(arena, fixture.port, buffer_view(&request));
    assert_int_equal(answer_status(answer), 431);
    buffer_reset(&request);
    buffer_string(&request, "GET / HTTP/1.1\r\nHost: x\r\nX: ");
    for (size_t i = 0; i < 100 * 1024; i++) {
        buffer_char(&request, 'x');
    }
    buffer_string(&request, "\r\n\r\n" NEXT);
    assert_true(answer_count(wire_exchange(arena, fixture.port, buffer_view(&request))) <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_refused), cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_good), cmocka_unit_test(test_too_many_headers)};
    return cmocka_run_group_tests(tests, begin, finish);
}
