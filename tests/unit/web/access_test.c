/* What is kept of requests: their ids, their counts, and who may read the counts. */
#include "base/metrics.h"
#include "base/trace.h"
#include "frame.h"

static void page_get(struct web_request *web)
{
    html_text(web_html(web, 200), web_param(web, "id"));
}
static void echo_post(struct web_request *web)
{
    html_text(web_html(web, 200), web_field(web, "text"));
}

static const struct route test_routes[] = {
    {HTTP_GET, "/t/page/{id}", page_get, RIGHT_SELF, ROUTE_BODY_NONE, 0, "t", NULL},
    {HTTP_POST, "/t/echo", echo_post, RIGHT_SELF, ROUTE_BODY_FORM, 4096, "t", NULL},
};

static int frame_open(void **state)
{
    return frame_begin(state, test_routes, sizeof test_routes / sizeof *test_routes);
}

/* Who may know of /metrics: for everybody else it is answered as an address that is not there, whatever the method. */
static void test_metrics_are_hidden(void **state)
{
    struct frame *frame = *state;
    static const struct {
        const char *token, *headers;
        int status;
    } cases[] = {
        {"", "Host: 127.0.0.1:8080\r\n", 200},
        {"", "Host: [::1]\r\n", 200},
        {"", "Host: localhost:1\r\n", 200},
        {"", "Host: desk.example.com\r\n", 404},
        {"", "Host: localhost.example.com\r\n", 404},
        {"", "Host: 127.0.0.1\r\nX-Forwarded-For: 127.0.0.1\r\n", 404},
        {"", "Host: 127.0.0.1\r\nX-Forwarded-For:\r\n", 404},
        {"", "Host: 127.0.0.1\r\nForwarded: for=127.0.0.1\r\n", 404},
        {"", "Host: 127.0.0.1\r\nVia: 1.1 proxy\r\n", 404},
        {"", "Host: 127.0.0.1\r\nAuthorization: Bearer \r\n", 200},
        {"s3cret-token", "Host: 127.0.0.1\r\n", 404},
        {"s3cret-token", "Host: desk.example.com\r\nAuthorization: Bearer s3cret-token\r\n", 200},
        {"s3cret-token", "Host: x\r\nX-Forwarded-For: 192.0.2.1\r\nAuthorization: bearer s3cret-token\r\n",
            200},
        {"s3cret-token", "Host: x\r\nAuthorization: Bearer s3cret-tokem\r\n", 404},
        {"s3cret-token", "Host: x\r\nAuthorization: Bearer s3cret-token2\r\n", 404},
        {"s3cret-token", "Host: x\r\nAuthorization: Bearer\r\n", 404},
        {"s3cret-token", "Host: x\r\nAuthorization: Basic s3cret-token\r\n", 404},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        frame->app.config.metrics_token = text_from(cases[i].token);
        exchange(frame, text_format(frame->desk->arena,
                            "GET /metrics HTTP/1.1\r\nConnection: close\r\n%s\r\n", cases[i].headers));
        if (frame->status != cases[i].status) {
            fail_msg("case %zu: %d", i, frame->status);
        }
        assert_int_equal(SAYS(frame, "There is nothing at this address"), cases[i].status == 404);
    }
    post(frame, "/metrics", "");
    assert_int_equal(frame->status, 404);
    assert_int_equal(header(frame, "Allow").len, 0);
}

static void test_requests_are_counted(void **state)
{
    struct frame *frame = *state;
    static const char *const versions[] = {"1"};
    metrics_values(LABEL_VERSION, versions, 1);
    web_metrics(&frame->app, frame->desk->arena);
    metrics_start();
    sign_in_as(frame, DESK_EMAIL);
    get(frame, "/t/page/7");
    get(frame, "/t/page/8");
    get(frame, "/nothing/here");
    ask(frame, "HEAD", "/healthz", "", TEXT_EMPTY);
    ask(frame, "PUT", "/healthz", "", TEXT_EMPTY);
    exchange(frame, TEXT("GET / HTTP/1.1\r\n\r\n"));
    assert_int_equal(frame->status, 400);
    exchange(frame, TEXT("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));
    static const char *const lines[] = {
        "portdesk_http_requests_total{route=\"/t/page/{id}\",method=\"GET\",status=\"2xx\"} 2",
        "portdesk_http_requests_total{route=\"/sign-in\",method=\"GET\",status=\"2xx\"} 1",
        "portdesk_http_requests_total{route=\"/sign-in\",method=\"POST\",status=\"3xx\"} 1",
        "portdesk_http_requests_total{route=\"other\",method=\"GET\",status=\"4xx\"} 1",
        "portdesk_http_requests_total{route=\"/healthz\",method=\"HEAD\",status=\"2xx\"} 1",
        "portdesk_http_requests_total{route=\"other\",method=\"other\",status=\"4xx\"} 1",
        "portdesk_http_request_duration_seconds_count{route=\"/sign-in\"} 2",
        "portdesk_http_requests_in_flight 1",
        "portdesk_http_refused_total{status=\"400\"} 1",
        "portdesk_sign_ins_total{outcome=\"good\"} 1",
        "portdesk_sign_ins_total{outcome=\"refused\"} 0",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct text line = text_format(frame->desk->arena, "\n%s\n", lines[i]);
        if (text_find(frame->body, line, 0) == SIZE_MAX) {
            fail_msg("no line %s in\n%.*s", lines[i], TEXT_ARG(frame->body));
        }
    }
    metrics_stop();
}

/* Each answer tells the request's id; one from outside is taken only from a proxy that is trusted, and only if it is sound. */
static void test_request_ids(void **state)
{
    struct frame *frame = *state;
    static const struct {
        bool trusted;
        const char *header;
        bool taken;
    } cases[] = {
        {false, "X-Request-Id: given-by-me\r\n", false},
        {true, "X-Request-Id: given-by-me\r\n", true},
        {true, "X-Request-Id: short\r\n", false},
        {true, "X-Request-Id: <script>alert(1)</script>\r\n", false},
        {true, "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(proxies_parse(cases[i].trusted ? TEXT("127.0.0.1") : TEXT(""), &frame->proxies, NULL));
        ask(frame, "GET", "/nothing/here", cases[i].header, TEXT_EMPTY);
        struct text id = text_copy(frame->desk->arena, header(frame, "X-Request-Id"));
        assert_int_equal(text_is(id, "given-by-me"), cases[i].taken);
        assert_true(trace_is_good(id));
        assert_true(text_find(frame->body, id, 0) != SIZE_MAX); /* the page tells it too */
        ask(frame, "GET", "/nothing/here", "Accept: application/json\r\n", TEXT_EMPTY);
        assert_true(text_find(frame->body, header(frame, "X-Request-Id"), 0) != SIZE_MAX);
        assert_false(text_equal(header(frame, "X-Request-Id"), id));
    }
    static const char *const paths[] = {"/sign-in", "/healthz", "/t/page/1", "/sign-out"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        get(frame, paths[i]);
        assert_true(trace_is_good(header(frame, "X-Request-Id")));
    }
    exchange(frame, TEXT("GET / HTTP/1.1\r\n\r\n"));
    assert_int_equal(frame->status, 400);
    assert_true(trace_is_good(header(frame, "X-Request-Id")));
    static char large[8192];
    memset(large, 'a', sizeof large);
    sign_in_as(frame, DESK_EMAIL);
    ask(frame, "POST", "/t/echo", "Content-Type: application/x-www-form-urlencoded\r\n",
        (struct text){large, sizeof large});
    assert_int_equal(frame->status, 413);
    assert_true(trace_is_good(header(frame, "X-Request-Id")));
}

int main(void)
{
#define ON_A_FRAME(test) cmocka_unit_test_setup_teardown(test, frame_open, frame_close)
    const struct CMUnitTest tests[] = {
        ON_A_FRAME(test_metrics_are_hidden),
        ON_A_FRAME(test_requests_are_counted),
        ON_A_FRAME(test_request_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
