/* The Twilio adapter over real connections to a server of the test's own that plays Twilio. */
#include "play.h"

#include <arpa/inet.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "carriers/twilio_wire.h"

#define KW "KW00000000000000000000000000000000"
#define RD "RD0123456789abcdef0123456789abcdef"
#define NUMBER "+14155520134"
#define PORT_BODY "{\"port_in_request_sid\":\"" KW "\",\"port_in_request_status\":\"In review\"}"

static const struct text numbers[] = {TEXT(NUMBER)};
static const struct text documents[] = {TEXT(RD)};
static const struct port_order order = {
    .customer_name = TEXT("Harbor & Pine Realty LLC"),
    .account_number = TEXT("942118306"),
    .owner_name = TEXT("Dana Whitfield"),
    .owner_email = TEXT("dana@harborpine.example"),
    .street = TEXT("1180 Fillmore St"),
    .city = TEXT("San Francisco"),
    .state = TEXT("CA"),
    .zip = TEXT("94115"),
    .country = TEXT("US"),
    .pin = TEXT("482913"),
    .numbers = numbers,
    .number_count = 1,
    .documents = documents,
    .document_count = 1,
};

static bool create_at(
    const struct carrier_connection *twilio, struct arena *arena, bool *ret_sent, struct problem *problem)
{
    struct carrier_port port = {0};
    return twilio->api->create(twilio->carrier, &order, arena, &port, ret_sent, problem);
}

/* ---- Create ---- */

static void a_create_says_what_it_should(void **state)
{
    struct fixture *fixture = *state;
    struct carrier_port port;
    struct problem problem = {0};
    bool sent = false;
    play_says(fixture, 202, PORT_BODY);
    assert_true(
        fixture->twilio.api->create(fixture->twilio.carrier, &order, fixture->arena, &port, &sent, &problem));
    assert_true(sent);
    assert_text(port.ref, KW);
    assert_text(port.status, "In review");
    const struct play *play = &fixture->play;
    assert_int_equal(play->calls, 1);
    assert_int_equal(play->method, HTTP_POST);
    assert_string_equal(play->path, "/v1/Porting/PortIn");
    assert_string_equal(play->type, "application/json");
    struct text wanted = text_format(fixture->arena, "Basic %.*s",
        TEXT_ARG(text_base64(fixture->arena, AC ":" TOKEN, strlen(AC ":" TOKEN))));
    assert_string_equal(play->authorization, wanted.at);
    struct text body = twilio_write_order(fixture->arena, TEXT(AC), &order);
    assert_string_equal(play->seen, body.at);
}

static void each_answer_to_a_create_has_its_meaning(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        int status;
        const char *body;
        size_t more;
        enum problem_kind kind;
        enum word word;
        bool sent; /* whether the port may exist */
    } cases[] = {
        {400, "{\"code\":22172,\"message\":\"one country\"}", 0, PROBLEM_UPSTREAM, WORD_carrier_refused,
            false},
        {400, "{\"code\":22137,\"message\":\"in progress\"}", 0, PROBLEM_CONFLICT, WORD_carrier_refused,
            false},
        {400, "not JSON", 0, PROBLEM_UPSTREAM, WORD_carrier_refused, false},
        {401, "{\"code\":20003}", 0, PROBLEM_LATER, WORD_carrier_credentials, false},
        {403, "", 0, PROBLEM_LATER, WORD_carrier_credentials, false},
        {404, "{\"code\":20404}", 0, PROBLEM_NOT_FOUND, WORD_carrier_gone, false},
        {302, "", 0, PROBLEM_UPSTREAM, WORD_carrier_refused, false},
        {429, "{\"code\":20429}", 0, PROBLEM_LATER, WORD_carrier_rests, false},
        {500, "{\"code\":20500}", 0, PROBLEM_LATER, WORD_carrier_unreachable, true},
        {503, "<html>", 0, PROBLEM_LATER, WORD_carrier_unreachable, true},
        /* It was taken, but what came back tells nothing: looked for, never taken for a refusal. */
        {202, "", 0, PROBLEM_LATER, WORD_carrier_answer_odd, true},
        {202, "{}", 0, PROBLEM_LATER, WORD_carrier_answer_odd, true},
        {200, "<html>hello</html>", 0, PROBLEM_LATER, WORD_carrier_answer_odd, true},
        {202, PORT_BODY, TWILIO_ANSWER_MAX, PROBLEM_LATER, WORD_net_answer_too_large, true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {0};
        bool sent = !cases[i].sent;
        play_says(fixture, cases[i].status, cases[i].body);
        fixture->play.more = cases[i].more;
        /* A connection of its own: a 429 silences one for a while. */
        struct carrier_connection twilio = open_twilio(play_url(fixture), 10000);
        bool made = create_at(&twilio, fixture->arena, &sent, &problem);
        twilio.api->close(twilio.carrier);
        if (made || problem.kind != cases[i].kind || problem.word != cases[i].word || sent != cases[i].sent)
            fail_msg("%d %s: kind %d, %s, sent %d: %s", cases[i].status, cases[i].body, problem.kind,
                words_key(problem.word), sent, problem.detail);
    }
    assert_int_equal(fixture->play.calls, COUNT(cases)); /* nothing is repeated here */
}

static void secrets_that_come_back_are_not_kept(void **state)
{
    struct fixture *fixture = *state;
    static const char *const bodies[] = {"{\"code\":22171,\"message\":\"pin 482913 is wrong\"}",
        "{\"code\":22171,\"message\":\"no account 942118306\"}"};
    for (size_t i = 0; i < COUNT(bodies); i++) {
        struct problem problem = {0};
        bool sent = true;
        play_says(fixture, 400, bodies[i]);
        assert_false(create_at(&fixture->twilio, fixture->arena, &sent, &problem));
        assert_int_equal(problem.kind, PROBLEM_UPSTREAM);
        assert_null(strstr(problem.detail, "482913"));
        assert_null(strstr(problem.detail, "942118306"));
    }
}

static void a_hanging_carrier_may_have_it(void **state)
{
    struct fixture *fixture = *state;
    struct carrier_connection hurried = open_twilio(play_url(fixture), 300);
    struct problem problem = {0};
    bool sent = false;
    play_says(fixture, 202, PORT_BODY);
    fixture->play.holds = true;
    assert_false(create_at(&hurried, fixture->arena, &sent, &problem));
    assert_int_equal(problem.kind, PROBLEM_LATER);
    assert_true(sent);
    hurried.api->close(hurried.carrier);
}

static int listening(struct text *ret_url, struct arena *arena)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, len) == 0 && listen(fd, 4) == 0 &&
                getsockname(fd, (struct sockaddr *)&at, &len) == 0);
    *ret_url = text_format(arena, "http://127.0.0.1:%d", ntohs(at.sin_port));
    return fd;
}

/* Reads one request to its last brace and hangs up. */
static void *hang_up(void *context)
{
    char bytes[8192];
    size_t len = 0;
    int fd = accept(*(int *)context, NULL, NULL);
    ssize_t got = 1;
    while (got > 0 && (!len || bytes[len - 1] != '}')) {
        got = read(fd, bytes + len, sizeof bytes - len);
        len += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    return NULL;
}

static void a_connection_that_closes_may_have_it(void **state)
{
    struct fixture *fixture = *state;
    struct text url;
    pthread_t thread;
    int listener = listening(&url, fixture->arena);
    struct carrier_connection twilio = open_twilio(url, 10000);
    struct problem problem = {0};
    bool sent = false;
    assert_int_equal(pthread_create(&thread, NULL, hang_up, &listener), 0);
    assert_false(create_at(&twilio, fixture->arena, &sent, &problem));
    assert_int_equal(problem.kind, PROBLEM_LATER);
    assert_true(sent);
    pthread_join(thread, NULL);
    close(listener);

    /* And nobody there at all: then it is certain. */
    problem = (struct problem){0};
    assert_false(create_at(&twilio, fixture->arena, &sent, &problem));
    assert_int_equal(problem.kind, PROBLEM_LATER);
    assert_false(sent);
    twilio.api->close(twilio.carrier);
}

/* ---- A process that dies between request and answer ---- */

extern char **environ;
static const char *own_path;

static void dying_during_a_create(void **state)
{
    struct fixture *fixture = *state;
    struct text url = play_url(fixture);
    char *arguments[] = {
        (char *)(uintptr_t)own_path, (char *)(uintptr_t) "create", (char *)(uintptr_t)url.at, NULL};
    int ended = 0;
    pid_t child = 0;
    play_says(fixture, 202, PORT_BODY);
    fixture->play.holds = true; /* so the child cannot read an answer */
    assert_int_equal(setenv("PORTDESK_FAILPOINT", "carrier-during-call", 1), 0);
    assert_int_equal(posix_spawn(&child, own_path, NULL, NULL, arguments, environ), 0);
    unsetenv("PORTDESK_FAILPOINT");
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFSIGNALED(ended));
    assert_int_equal(WTERMSIG(ended), SIGKILL);
    /* What was handed to the network arrives all the same. */
    pthread_mutex_lock(&fixture->play.lock);
    while (!fixture->play.calls)
        pthread_cond_wait(&fixture->play.changed, &fixture->play.lock);
    pthread_mutex_unlock(&fixture->play.lock);
    assert_string_equal(fixture->play.path, "/v1/Porting/PortIn");
    assert_non_null(strstr(fixture->play.seen, "\"pin\":\"482913\""));
}

static int create_and_die(const char *url)
{
    ARENA_CLEANUP arena = arena_new(MEMORY);
    struct problem problem = {0};
    struct carrier_connection twilio;
    bool sent;
    struct carrier_access access = {.base_url = text_from(url),
        .upload_url = text_from(url),
        .account = TEXT(AC),
        .secret = TEXT(TOKEN),
        .total_ms = 5000};
    if (!failpoint_init(&problem) || !twilio_open(&access, &twilio, &problem))
        return 8;
    create_at(&twilio, arena, &sent, &problem);
    return 9; /* it lived on */
}

/* ---- The other calls ---- */

static void portability_is_asked(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        int status;
        const char *body;
        enum problem_kind kind;
        enum portability portability;
    } cases[] = {
        {200, "{\"portable\":true}", PROBLEM_NONE, PORTABILITY_YES},
        {200, "{\"portable\":false,\"not_portable_reason_code\":22130}", PROBLEM_NONE, PORTABILITY_NO},
        {400, "{\"code\":22133,\"message\":\"by hand\"}", PROBLEM_NONE, PORTABILITY_MANUAL},
        {400, "{\"portable\":false,\"not_portable_reason_code\":22136}", PROBLEM_NONE, PORTABILITY_HERE},
        {400, "oops", PROBLEM_LATER, PORTABILITY_UNKNOWN},
        {401, "{\"code\":20003}", PROBLEM_LATER, PORTABILITY_UNKNOWN},
        {429, "", PROBLEM_LATER, PORTABILITY_UNKNOWN},
        {500, "", PROBLEM_LATER, PORTABILITY_UNKNOWN},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct portability_answer answer = {.portability = PORTABILITY_UNKNOWN};
        struct problem problem = {0};
        play_says(fixture, cases[i].status, cases[i].body);
        bool told = fixture->twilio.api->portability(
            fixture->twilio.carrier, TEXT(NUMBER), fixture->arena, &answer, &problem);
        assert_int_equal(told, cases[i].kind == PROBLEM_NONE);
        assert_int_equal(problem.kind, cases[i].kind);
        assert_int_equal(answer.portability, cases[i].portability);
    }
    assert_string_equal(fixture->play.path, "/v1/Porting/Portability/PhoneNumber/%2B14155520134");
    assert_string_equal(fixture->play.query, "TargetAccountSid=" AC);
}

/* What no one should read to its end is no answer of the carrier's: the next try may bring one. */
static void answers_without_measure_may_pass(void **state)
{
    struct fixture *fixture = *state;
    const struct carrier_api *api = fixture->twilio.api;
    struct carrier *carrier = fixture->twilio.carrier;
    struct carrier_port port;
    bool found = false;
    for (int call = 0; call < 3; call++) {
        struct problem problem = {0};
        play_says(fixture, 200, PORT_BODY);
        fixture->play.more = TWILIO_ANSWER_MAX;
        assert_false(call == 0   ? api->fetch(carrier, TEXT(KW), fixture->arena, &port, &problem)
                     : call == 1 ? api->cancel(carrier, TEXT(KW), TEXT_EMPTY, &problem)
                                 : api->find(carrier,
                                       &(struct carrier_search){.document = TEXT(RD), .since = CLOCK_DAY},
                                       fixture->arena, &found, &port, &problem));
        assert_int_equal(problem.kind, PROBLEM_LATER);
        assert_int_equal(problem.word, WORD_net_answer_too_large);
    }
}

struct paper {
    const char *bytes;
    size_t at, breaks_at;
};

static size_t read_paper(void *context, char *at, size_t max)
{
    struct paper *paper = context;
    if (paper->at >= paper->breaks_at)
        return SIZE_MAX;
    size_t len = strlen(paper->bytes) - paper->at;
    len = len < max ? len : max;
    memcpy(at, paper->bytes + paper->at, len);
    paper->at += len;
    return len;
}

static void documents_are_uploaded(void **state)
{
    struct fixture *fixture = *state;
    struct paper paper = {"%PDF-1.7 the bill", 0, SIZE_MAX};
    struct carrier_document document = {.friendly_name = TEXT("PD-1 \"x\""),
        .file_name = TEXT("bill-1.pdf"),
        .type = TEXT("application/pdf"),
        .size = (int64_t)strlen(paper.bytes),
        .read = read_paper,
        .context = &paper};
    struct text ref = TEXT_EMPTY;
    struct problem problem = {0};
    play_says(fixture, 201, "{\"sid\":\"" RD "\",\"mime_type\":\"application/pdf\"}");
    assert_true(
        fixture->twilio.api->upload(fixture->twilio.carrier, &document, fixture->arena, &ref, &problem));
    assert_text(ref, RD);
    assert_string_equal(fixture->play.path, "/v1/Documents");
    static const char *const wanted[] = {"name=\"document_type\"\r\n\r\nutility_bill\r\n",
        "name=\"friendly_name\"",
        "name=\"File\"; filename=\"bill-1.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7 the "
        "bill\r\n"};
    for (size_t i = 0; i < COUNT(wanted); i++)
        assert_non_null(strstr(fixture->play.seen, wanted[i]));

    /* Nothing arrived, says Twilio. */
    paper.at = 0;
    play_says(fixture, 201, "{\"sid\":\"" RD "\",\"mime_type\":\"\"}");
    assert_false(
        fixture->twilio.api->upload(fixture->twilio.carrier, &document, fixture->arena, &ref, &problem));
    assert_int_equal(problem.kind, PROBLEM_LATER);

    /* A bill that cannot be read to its end is no bill. */
    int calls = fixture->play.calls;
    paper = (struct paper){paper.bytes, 0, 0};
    problem = (struct problem){0};
    assert_false(
        fixture->twilio.api->upload(fixture->twilio.carrier, &document, fixture->arena, &ref, &problem));
    assert_int_equal(problem.kind, PROBLEM_LATER);
    assert_int_equal(fixture->play.calls, calls);
}

static void cancels_may_be_repeated(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        int status;
        enum problem_kind kind;
    } cases[] = {{204, PROBLEM_NONE}, {404, PROBLEM_NONE}, {200, PROBLEM_LATER}, {400, PROBLEM_UPSTREAM},
        {500, PROBLEM_LATER}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {0};
        play_says(fixture, cases[i].status, "");
        bool done = fixture->twilio.api->cancel(fixture->twilio.carrier, TEXT(KW), TEXT_EMPTY, &problem);
        assert_int_equal(done, cases[i].kind == PROBLEM_NONE);
        assert_int_equal(problem.kind, cases[i].kind);
        assert_int_equal(fixture->play.method, HTTP_DELETE);
        assert_string_equal(fixture->play.path, "/v1/Porting/PortIn/" KW);
    }
    struct problem problem = {0};
    play_says(fixture, 204, "");
    assert_true(fixture->twilio.api->cancel(fixture->twilio.carrier, TEXT(KW), TEXT("PU1"), &problem));
    assert_string_equal(fixture->play.path, "/v1/Porting/PortIn/" KW "/PhoneNumber/PU1");
}

/* Three pages with two ports each; the port ...21 of the last page holds the document, ...10 is gone meanwhile. */
static void three_pages(struct http_request *request, struct http_response *response)
{
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct text port = TEXT("/v1/Porting/PortIn/KW");
    response->status = 200;
    if (text_is(request->path, "/v1/Porting/PortIn/PortInRequests")) {
        struct text token = http_query(request, "Token");
        int page = text_is(token, "t/1+=") ? 1 : text_is(token, "t/2+=") ? 2 : 0;
        struct text next = page == 2 ? TEXT("null") : text_format(arena, "\"t/%d+=\"", page + 1);
        struct text body = text_format(arena,
            "{\"port_in_requests\":[{\"port_in_request_sid\":\"KW%030d%d0\"},{\"port_in_request_sid\":\"KW%"
            "030d%d1\"}],"
            "\"meta\":{\"next_token\":%.*s}}",
            0, page, 0, page, TEXT_ARG(next));
        buffer_add(&response->body, body.at, body.len);
    } else if (text_starts(request->path, port) && text_ends(request->path, TEXT("10"))) {
        response->status = 404;
    } else {
        struct text ref = text_part(request->path, port.len - 2, SIZE_MAX);
        bool ours = text_ends(ref, TEXT("21"));
        struct text body = text_format(arena,
            "{\"port_in_request_sid\":\"%.*s\",\"documents\":[\"RD11111111111111111111111111111111\"%s]}",
            TEXT_ARG(ref), ours ? ",\"" RD "\"" : "");
        buffer_add(&response->body, body.at, body.len);
    }
}

static void endless_pages(struct http_request *request, struct http_response *response)
{
    (void)request;
    response->status = 200;
    buffer_string(&response->body, "{\"port_in_requests\":[],\"meta\":{\"next_token\":\"again\"}}");
}

static bool ends_with_zero(void *context, struct text ref)
{
    (void)context;
    return text_ends(ref, TEXT("0"));
}

static void a_lost_port_is_found_by_its_document(void **state)
{
    struct fixture *fixture = *state;
    const struct carrier_connection *twilio = &fixture->twilio;
    struct carrier_port port;
    struct problem problem = {0};
    bool found = false;
    int64_t since = INT64_C(1792512000000000); /* 2026-10-20 */
    fixture->play.script = three_pages;
    struct carrier_search wanted = {.document = TEXT(RD), .since = since};
    assert_true(twilio->api->find(twilio->carrier, &wanted, fixture->arena, &found, &port, &problem));
    assert_true(found);
    assert_text(port.ref, "KW00000000000000000000000000000021");
    assert_int_equal(fixture->play.calls, 9);

    /* What is known to be another one costs no call. */
    wanted.is_other = ends_with_zero;
    fixture->play.calls = 0;
    found = false;
    assert_true(twilio->api->find(twilio->carrier, &wanted, fixture->arena, &found, &port, &problem));
    assert_true(found);
    assert_int_equal(fixture->play.calls, 6);

    found = true;
    wanted = (struct carrier_search){.document = TEXT("RDffffffffffffffffffffffffffffffff"), .since = since};
    assert_true(twilio->api->find(twilio->carrier, &wanted, fixture->arena, &found, &port, &problem));
    assert_false(found);

    fixture->play.script = endless_pages;
    fixture->play.calls = 0;
    assert_false(twilio->api->find(twilio->carrier, &wanted, fixture->arena, &found, &port, &problem));
    assert_int_equal(problem.kind, PROBLEM_UPSTREAM);
    assert_int_equal(fixture->play.calls, 20);
    assert_string_equal(fixture->play.query, "Size=100&CreatedAfter=2026-10-19&Token=again");
}

static void a_find_that_fails_finds_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct carrier_port port;
    struct problem problem = {0};
    bool found = false;
    play_says(fixture, 500, "");
    struct carrier_search wanted = {.document = TEXT(RD), .since = CLOCK_DAY};
    assert_false(
        fixture->twilio.api->find(fixture->twilio.carrier, &wanted, fixture->arena, &found, &port, &problem));
    assert_int_equal(problem.kind, PROBLEM_LATER);
    assert_false(found);
}

static void a_malformed_sid_is_refused(void **state)
{
    (void)state;
    static const char *const sids[] = {"", "AC123", KW, AC "0"};
    for (size_t i = 0; i < COUNT(sids); i++) {
        struct carrier_connection twilio;
        struct problem problem = {0};
        struct carrier_access access = {.base_url = TEXT("https://x.example"), .account = text_from(sids[i])};
        assert_false(twilio_open(&access, &twilio, &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "create"))
        return create_and_die(argv[2]);
    own_path = argv[0];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_create_says_what_it_should, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(each_answer_to_a_create_has_its_meaning, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(secrets_that_come_back_are_not_kept, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(a_hanging_carrier_may_have_it, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(answers_without_measure_may_pass, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(a_connection_that_closes_may_have_it, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(dying_during_a_create, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(portability_is_asked, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(documents_are_uploaded, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(cancels_may_be_repeated, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(a_lost_port_is_found_by_its_document, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(a_find_that_fails_finds_nothing, play_setup, play_teardown),
        cmocka_unit_test(a_malformed_sid_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
