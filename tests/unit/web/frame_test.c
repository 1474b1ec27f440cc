/* The frame over real HTTP: routes, rights before bodies, CSRF, cookies, headers, sign-in, uploads, error pages. */
#include "frame.h"
#include "people/sign_in.h"
#include "web/static_files.h"

/* A test's own pages beside those of the frame. */
static int upload_bytes_seen, upload_over_seen;

static void page_get(struct web_request *web)
{
    struct buffer *out = web_html(web, 200);
    html_text(out, web_param(web, "id"));
    buffer_string(out, " for ");
    html_text(out, web->actor != NULL ? web->actor->name : TEXT("nobody"));
}
static void echo_post(struct web_request *web)
{
    struct buffer *out = web_html(web, 200);
    html_text(out, web_field(web, "text"));
    buffer_string(out, "|");
    html_text(out, web->key);
}
static void broken_get(struct web_request *web)
{
    struct problem problem = {0};
    problem_internal(&problem, "secret detail");
    web_problem(web, &problem);
}
static void raw_post(struct web_request *web)
{
    buffer_text(web_bytes(web, 200, "text/plain"), web->request->body);
}
static bool upload_begin(struct web_request *web, const struct multipart_part *part, struct problem *problem)
{
    web->upload = web;
    return text_is(part->name, "file") ||
           problem_set(problem, PROBLEM_INPUT, WORD_problem_not_clean, "file", NULL, NULL);
}
static bool upload_bytes(struct web_request *web, struct text bytes, struct problem *problem)
{
    (void)web;
    (void)problem;
    upload_bytes_seen += (int)bytes.len;
    return true;
}
static bool upload_end(struct web_request *web, struct problem *problem)
{
    (void)web;
    (void)problem;
    return true;
}
static void upload_over(struct web_request *web)
{
    (void)web;
    upload_over_seen++;
}
static void upload_post(struct web_request *web)
{
    if (web->refused.kind != PROBLEM_NONE) {
        web_problem(web, &web->refused);
        return;
    }
    buffer_format(web_bytes(web, 200, "text/plain"), "%d bytes, label %.*s", upload_bytes_seen,
        TEXT_ARG(web_field(web, "label")));
}
static const struct route_upload upload_ops = {upload_begin, upload_bytes, upload_end, upload_over};

static const struct route test_routes[] = {
    {HTTP_GET, "/t/page/{id}", page_get, RIGHT_SELF, ROUTE_BODY_NONE, 0, "t", NULL},
    {HTTP_GET, "/t/team", page_get, RIGHT_DESK, ROUTE_BODY_NONE, 0, "t", NULL},
    {HTTP_GET, "/t/broken", broken_get, RIGHT_PUBLIC, ROUTE_BODY_NONE, 0, "t", NULL},
    {HTTP_POST, "/t/echo", echo_post, RIGHT_SELF, ROUTE_BODY_FORM, 4096, "t", NULL},
    {HTTP_POST, "/t/raw", raw_post, RIGHT_OUTSIDE, ROUTE_BODY_RAW, 4096, "t", NULL},
    {HTTP_POST, "/t/upload", upload_post, RIGHT_SELF, ROUTE_BODY_UPLOAD, 100 * 1024, "t", &upload_ops},
};
#define TEST_ROUTES (sizeof test_routes / sizeof *test_routes)

static int frame_open(void **state)
{
    upload_bytes_seen = upload_over_seen = 0;
    return frame_begin(state, test_routes, TEST_ROUTES);
}

static void test_sign_in_and_out(void **state)
{
    struct frame *frame = *state;
    get(frame, "/t/page/7?x=1");
    assert_int_equal(frame->status, 303);
    assert_true(text_is(header(frame, "Location"), "/sign-in?next=%2Ft%2Fpage%2F7%3Fx%3D1"));
    get(frame, "/sign-in?next=%2Ft%2Fpage%2F7%3Fx%3D1");
    assert_int_equal(frame->status, 200);
    assert_true(SAYS(frame, "Welcome back"));
    assert_true(SAYS(frame, "Northline &lt;Support&gt;"));
    assert_true(SAYS(frame, "name=\"next\" value=\"/t/page/7?x=1\""));
    assert_true(frame->visitor.len == 43);
    sign_in_as(frame, DESK_EMAIL);
    assert_true(text_is(header(frame, "Location"), "/t/page/7"));
    assert_true(
        text_find(frame->head, TEXT("Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax\r\n"), 0) != SIZE_MAX);
    get(frame, "/t/page/7");
    assert_int_equal(frame->status, 200);
    assert_true(text_is(frame->body, "7 for Marcus Oyelaran"));
    struct text old = frame->session;
    post(frame, "/sign-out", "");
    assert_int_equal(frame->status, 303);
    assert_int_equal(frame->session.len, 0);
    frame->session = old;
    get(frame, "/t/page/7");
    assert_int_equal(frame->status, 303);
}

static void test_sign_in_refused(void **state)
{
    struct frame *frame = *state;
    get(frame, "/sign-in");
    post(frame, "/sign-in", "email=&password=");
    assert_int_equal(frame->status, 422);
    assert_true(SAYS(frame, "<title>Error: Sign in"));
    assert_true(SAYS(frame, "href=\"#email\""));
    assert_true(SAYS(frame, "href=\"#password\""));
    assert_true(SAYS(frame, "aria-describedby=\"email-e\" aria-invalid=\"true\""));
    post(frame, "/sign-in", "email=%3Cscript%3E%40x.example&password=secret-typed-here");
    assert_int_equal(frame->status, 422);
    assert_false(SAYS(frame, "<script>"));
    assert_false(SAYS(frame, "secret-typed-here"));
    post(frame, "/sign-in", "email=marcus%40harborpine.example&password=wrong&next=//evil.example");
    assert_int_equal(frame->status, 422);
    assert_true(SAYS(frame, "do not fit together"));
    assert_false(SAYS(frame, "evil.example"));
    for (int i = 0; i < SIGN_IN_EMAIL_MAX; i++) {
        post(frame, "/sign-in", "email=marcus%40harborpine.example&password=wrong");
    }
    assert_int_equal(frame->status, 429);
    assert_true(SAYS(frame, "try again in 15 minutes"));
    assert_int_equal(frame->session.len, 0);
}

static void test_rights(void **state)
{
    struct frame *frame = *state;
    desk_user(frame->desk, "tess@northline.example", "Tess Team", ROLE_PORTING_TEAM);
    sign_in_as(frame, DESK_EMAIL);
    get(frame, "/t/team");
    assert_int_equal(frame->status, 403);
    assert_true(SAYS(frame, "This is not open to you"));
    sign_in_as(frame, "tess@northline.example");
    get(frame, "/t/team");
    assert_int_equal(frame->status, 200);
    frame->session = TEXT("nonsense");
    get(frame, "/t/team");
    assert_int_equal(frame->status, 303);
    /* A form of somebody who is signed out leads back to the page, not to the form's address. */
    frame->session = TEXT_EMPTY;
    post(frame, "/t/echo", "text=x");
    assert_int_equal(frame->status, 303);
    assert_true(text_is(header(frame, "Location"), "/sign-in"));
    ask(frame, "GET", "/t/page/7", "Accept: application/json\r\n", TEXT_EMPTY);
    assert_int_equal(frame->status, 401);
    assert_true(SAYS(frame, "\"code\":\"people.signed_out\""));
}

static void test_csrf(void **state)
{
    struct frame *frame = *state;
    struct text form = TEXT("Content-Type: application/x-www-form-urlencoded\r\n");
    sign_in_as(frame, DESK_EMAIL);
    post(frame, "/t/echo", "text=%3Cb%3E&key=k-1");
    assert_int_equal(frame->status, 200);
    assert_true(text_is(frame->body, "&lt;b&gt;|k-1"));
    ask(frame, "POST", "/t/echo", form.at, TEXT("text=x"));
    assert_int_equal(frame->status, 403);
    ask(frame, "POST", "/t/echo", form.at, TEXT("text=x&csrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    assert_int_equal(frame->status, 403);
    struct text of_visitor = csrf_token(&frame->desk->sessions, frame->desk->arena, frame->visitor);
    ask(frame, "POST", "/t/echo", form.at,
        text_format(frame->desk->arena, "text=x&csrf=%.*s", TEXT_ARG(of_visitor)));
    assert_int_equal(frame->status, 403);
    struct text good = csrf(frame);
    ask(frame, "POST", "/t/echo",
        text_format(frame->desk->arena, "%sX-CSRF-Token: %.*s\r\n", form.at, TEXT_ARG(good)).at,
        TEXT("text=x"));
    assert_int_equal(frame->status, 200);
    ask(frame, "POST", "/t/echo",
        text_format(frame->desk->arena, "%sSec-Fetch-Site: cross-site\r\n", form.at).at,
        text_format(frame->desk->arena, "text=x&csrf=%.*s", TEXT_ARG(good)));
    assert_int_equal(frame->status, 403);
    /* Public forms are bound to the visitor's cookie. */
    frame->session = TEXT_EMPTY;
    ask(frame, "POST", "/theme", form.at, TEXT("theme=dark"));
    assert_int_equal(frame->status, 403);
    ask(frame, "POST", "/t/raw", "Content-Type: application/json\r\n", TEXT("{}"));
    assert_int_equal(frame->status, 200);
    assert_true(text_is(frame->body, "{}"));
}

static void test_bad_forms(void **state)
{
    struct frame *frame = *state;
    static const struct {
        const char *fields;
        int status;
    } cases[] = {
        {"text=caf%C3%A9", 200},
        {"text=%00", 400},
        {"text=%FF", 400},
        {"text=%01", 400},
        {"text=%zz", 400},
        {"te%20xt=x", 400},
        {"text=x&key=a%20b", 400},
        {"text=x&key=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 400},
    };
    sign_in_as(frame, DESK_EMAIL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        post(frame, "/t/echo", cases[i].fields);
        if (frame->status != cases[i].status) {
            fail_msg("%s: %d", cases[i].fields, frame->status);
        }
    }
    char large[5000];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    post(frame, "/t/echo", large);
    assert_int_equal(frame->status, 413);
    assert_true(SAYS(frame, "That is too much at once"));
    ask(frame, "POST", "/t/echo", "Content-Type: text/plain\r\n", TEXT("text=x"));
    assert_int_equal(frame->status, 400);
    ask(frame, "POST", "/t/echo", "", TEXT("text=x"));
    assert_int_equal(frame->status, 400);
}

static void test_error_pages(void **state)
{
    struct frame *frame = *state;
    get(frame, "/nothing/here");
    assert_int_equal(frame->status, 404);
    assert_true(SAYS(frame, "There is nothing at this address"));
    post(frame, "/healthz", "");
    assert_int_equal(frame->status, 405);
    assert_true(text_is(header(frame, "Allow"), "GET, HEAD"));
    get(frame, "/sign-out");
    assert_int_equal(frame->status, 405);
    assert_true(text_is(header(frame, "Allow"), "POST"));
    get(frame, "/t/broken");
    assert_int_equal(frame->status, 500);
    assert_true(SAYS(frame, "Something went wrong on our side"));
    assert_false(SAYS(frame, "secret detail"));
    ask(frame, "HEAD", "/sign-in", "", TEXT_EMPTY);
    assert_int_equal(frame->status, 200);
    assert_int_equal(frame->body.len, 0);
}

static void test_headers(void **state)
{
    struct frame *frame = *state;
    static const char *const wanted[][2] = {
        {"Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
    };
    static const char *const paths[] = {"/sign-in", "/nothing", "/healthz", "/t/page/1"};
    for (size_t p = 0; p < sizeof paths / sizeof *paths; p++) {
        get(frame, paths[p]);
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
            if (!text_is(header(frame, wanted[i][0]), wanted[i][1])) {
                fail_msg("%s of %s", wanted[i][0], paths[p]);
            }
        }
        assert_true(text_is(header(frame, "Cache-Control"), "no-store"));
    }
    frame->visitor = TEXT_EMPTY;
    frame->app.config.base_url = TEXT("https://desk.example.com");
    get(frame, "/sign-in");
    assert_true(text_starts(header(frame, "Set-Cookie"), TEXT("__Host-portdesk-visitor=")));
    assert_true(text_ends(header(frame, "Set-Cookie"), TEXT("; Path=/; HttpOnly; SameSite=Lax; Secure")));
}

static void test_static_files(void **state)
{
    struct frame *frame = *state;
    get(frame, "/sign-in");
    size_t at = text_find(frame->body, TEXT("/static/"), 0);
    const char *path =
        text_cstr(frame->desk->arena, text_part(frame->body, at, text_find_char(frame->body, '"', at) - at));
    get(frame, path);
    assert_int_equal(frame->status, 200);
    assert_true(text_is(header(frame, "Content-Type"), "text/css; charset=utf-8"));
    assert_true(text_is(header(frame, "Cache-Control"), "public, max-age=31536000, immutable"));
    assert_true(SAYS(frame, "@layer tokens"));
    struct text etag = text_copy(frame->desk->arena, header(frame, "ETag"));
    size_t plain = frame->body.len;
    ask(frame, "GET", path, text_format(frame->desk->arena, "If-None-Match: %.*s\r\n", TEXT_ARG(etag)).at,
        TEXT_EMPTY);
    assert_int_equal(frame->status, 304);
    ask(frame, "GET", path, "Accept-Encoding: gzip\r\n", TEXT_EMPTY);
    assert_true(text_is(header(frame, "Content-Encoding"), "gzip"));
    assert_true(frame->body.len < plain / 2);
    get(frame, "/static/000000000000/portdesk.css");
    assert_int_equal(frame->status, 200);
    assert_true(text_is(header(frame, "Cache-Control"), "no-cache"));
    get(frame, "/static/000000000000/nothing.css");
    assert_int_equal(frame->status, 404);
    for (size_t i = 0; i < static_files_count; i++) {
        get(frame,
            text_format(frame->desk->arena, "/static/%s/%s", static_files[i].hash, static_files[i].name).at);
        assert_int_equal(frame->status, 200);
        assert_int_equal(frame->body.len, static_files[i].len);
    }
}

static void test_theme_and_flash(void **state)
{
    struct frame *frame = *state;
    get(frame, "/sign-in");
    assert_true(SAYS(frame, "data-theme=\"auto\""));
    post(frame, "/theme", "theme=dark&next=/sign-in");
    assert_int_equal(frame->status, 303);
    assert_true(text_is(header(frame, "Location"), "/sign-in"));
    struct text theme = TEXT_EMPTY;
    take_cookie(frame, "portdesk-theme", &theme);
    assert_true(text_is(theme, "dark"));
    ask(frame, "GET", "/sign-in", "Cookie: portdesk-theme=dark; portdesk-flash=web.flash_signed_out\r\n",
        TEXT_EMPTY);
    assert_true(SAYS(frame, "data-theme=\"dark\""));
    assert_true(SAYS(frame, "You are signed out."));
    assert_true(text_find(frame->head, TEXT("portdesk-flash=; Path=/; Max-Age=0"), 0) != SIZE_MAX);
    ask(frame, "GET", "/sign-in", "Cookie: portdesk-theme=%22x; portdesk-flash=layout.title\r\n", TEXT_EMPTY);
    assert_true(SAYS(frame, "data-theme=\"auto\""));
    assert_false(SAYS(frame, "role=\"status\""));
    post(frame, "/theme", "theme=pink");
    assert_int_equal(frame->status, 422);
    sign_in_as(frame, DESK_EMAIL);
    post(frame, "/theme", "theme=light&next=//evil.example");
    assert_true(text_is(header(frame, "Location"), "/"));
    assert_int_equal(desk_number(frame->desk, "SELECT count(*) FROM app_user WHERE theme = 'light'"), 1);
    get(frame, "/");
    assert_int_equal(frame->status, 303);
    assert_true(text_is(header(frame, "Location"), "/requests"));
}

static struct text multipart_body(struct frame *frame, const char *token, size_t file_len)
{
    struct arena *arena = frame->desk->arena;
    char *file = arena_alloc(arena, file_len + 1, 1);
    memset(file, 'x', file_len);
    return text_format(arena,
        "--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"label\"\r\n\r\nmain\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: "
        "application/pdf\r\n\r\n"
        "%s\r\n--B--\r\n",
        token, file);
}

static void test_uploads(void **state)
{
    struct frame *frame = *state;
    const char *type = "Content-Type: multipart/form-data; boundary=B\r\n";
    /* Nobody is signed in: not a byte of the body is looked at. */
    ask(frame, "POST", "/t/upload", type, multipart_body(frame, "x", 1000));
    assert_int_equal(frame->status, 303);
    sign_in_as(frame, DESK_EMAIL);
    const char *token = text_cstr(frame->desk->arena, csrf(frame));
    ask(frame, "POST", "/t/upload", type, multipart_body(frame, "wrong", 1000));
    assert_int_equal(frame->status, 403);
    assert_int_equal(upload_bytes_seen, 0);
    ask(frame, "POST", "/t/upload", type, multipart_body(frame, token, 50000));
    assert_int_equal(frame->status, 200);
    assert_true(text_is(frame->body, "50000 bytes, label main"));
    ask(frame, "POST", "/t/upload", text_format(frame->desk->arena, "%sX-CSRF-Token: %s\r\n", type, token).at,
        multipart_body(frame, "wrong", 10));
    assert_int_equal(frame->status, 200);
    ask(frame, "POST", "/t/upload", type, multipart_body(frame, token, 120 * 1024));
    assert_int_equal(frame->status, 413);
    struct text whole = multipart_body(frame, token, 100);
    ask(frame, "POST", "/t/upload", type, text_part(whole, 0, whole.len - 10));
    assert_int_equal(frame->status, 400);
    ask(frame, "POST", "/t/upload", "Content-Type: text/plain\r\n", whole);
    assert_int_equal(frame->status, 400);
    assert_true(upload_over_seen >= 6);
}

static void test_health(void **state)
{
    struct frame *frame = *state;
    get(frame, "/healthz");
    assert_int_equal(frame->status, 200);
    assert_true(text_is(frame->body, "ok\n"));
    assert_int_equal(header(frame, "Set-Cookie").len, 0);
}

int main(void)
{
#define ON_A_FRAME(test) cmocka_unit_test_setup_teardown(test, frame_open, frame_close)
    const struct CMUnitTest tests[] = {
        ON_A_FRAME(test_sign_in_and_out),
        ON_A_FRAME(test_sign_in_refused),
        ON_A_FRAME(test_rights),
        ON_A_FRAME(test_csrf),
        ON_A_FRAME(test_bad_forms),
        ON_A_FRAME(test_error_pages),
        ON_A_FRAME(test_headers),
        ON_A_FRAME(test_static_files),
        ON_A_FRAME(test_theme_and_flash),
        ON_A_FRAME(test_uploads),
        ON_A_FRAME(test_health),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
