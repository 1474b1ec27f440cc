/* What is of the account and of no port: credentials, webhooks, the inventory, the letter's mail; and how often Twilio is called. */
#include "play.h"

#include "base/metrics.h"
#include "carriers/pace.h"

#define HOOK "https://desk.example/hooks/twilio/abc"
#define PN "PN0123456789abcdef0123456789abcdef"

static void credentials_are_tried_by_a_call_that_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        int status;
        const char *body;
        enum problem_kind kind;
        enum word word;
    } cases[] = {
        {200, "{\"port_in_requests\":[],\"meta\":{}}", PROBLEM_NONE, WORD_NONE},
        {401, "{\"code\":20003,\"message\":\"Authenticate\"}", PROBLEM_LATER, WORD_carrier_credentials},
        {403, "", PROBLEM_LATER, WORD_carrier_credentials},
        {500, "", PROBLEM_LATER, WORD_carrier_unreachable},
        {200, "<html>a proxy</html>", PROBLEM_LATER, WORD_carrier_answer_odd},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {0};
        play_says(fixture, cases[i].status, cases[i].body);
        bool good = fixture->twilio.api->check(fixture->twilio.carrier, &problem);
        assert_int_equal(good, cases[i].kind == PROBLEM_NONE);
        assert_int_equal(problem.kind, cases[i].kind);
        assert_int_equal(problem.word, cases[i].word);
        assert_int_equal(fixture->play.method, HTTP_GET);
    }
}

static void an_api_key_stands_in_place_of_the_account(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = {0};
    struct carrier_connection twilio;
    struct text url = play_url(fixture);
    struct carrier_access access = {.base_url = url,
        .upload_url = url,
        .api_url = url,
        .account = TEXT(AC),
        .key = TEXT("SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        .secret = TEXT("key secret")};
    assert_true(twilio_open(&access, &twilio, &problem));
    play_says(fixture, 200, "{\"port_in_requests\":[],\"meta\":{}}");
    assert_true(twilio.api->check(twilio.carrier, &problem));
    struct text wanted = text_format(fixture->arena, "Basic %.*s",
        TEXT_ARG(text_base64(fixture->arena, "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:key secret", 45)));
    assert_string_equal(fixture->play.authorization, wanted.at);
    twilio.api->close(twilio.carrier);
    access.key = TEXT("AC1");
    assert_false(twilio_open(&access, &twilio, &problem));
    assert_string_equal(problem.field, "key_sid");
}

static void the_webhook_is_told_without_a_filter(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = {0};
    play_says(fixture, 201, "{}");
    assert_true(fixture->twilio.api->configure_webhook(fixture->twilio.carrier, TEXT(HOOK), &problem));
    assert_string_equal(fixture->play.path, "/v1/Porting/Configuration/Webhook");
    assert_string_equal(fixture->play.seen, "{\"port_in_target_url\":\"" HOOK "\",\"notifications_of\":[]}");
}

static void where_webhooks_go_is_asked(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        int status;
        const char *body;
        bool read;
        const char *url;
    } cases[] = {
        {200, "{\"port_in_target_url\":\"" HOOK "\",\"port_out_target_url\":null}", true, HOOK},
        {200, "{\"port_in_target_url\":null}", true, ""},
        {404, "{\"code\":20404}", true, ""},
        {500, "", false, ""},
        {200, "[]", false, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {0};
        struct text url = TEXT_EMPTY;
        play_says(fixture, cases[i].status, cases[i].body);
        assert_int_equal(
            fixture->twilio.api->webhook_now(fixture->twilio.carrier, fixture->arena, &url, &problem),
            cases[i].read);
        assert_text(url, cases[i].url);
    }
}

static void the_inventory_is_asked_for_one_number(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = {0};
    bool found = false;
    struct text ref = TEXT_EMPTY;
    play_says(fixture, 200,
        "{\"incoming_phone_numbers\":[{\"phone_number\":\"+14155520134\",\"sid\":\"" PN "\"}]}");
    assert_true(fixture->twilio.api->owned(
        fixture->twilio.carrier, TEXT("+14155520134"), fixture->arena, &found, &ref, &problem));
    assert_true(found);
    assert_text(ref, PN);
    assert_string_equal(fixture->play.path, "/2010-04-01/Accounts/" AC "/IncomingPhoneNumbers.json");
    assert_string_equal(fixture->play.query, "PhoneNumber=%2B14155520134");
    play_says(fixture, 404, "{}");
    assert_true(fixture->twilio.api->owned(
        fixture->twilio.carrier, TEXT("+14155520134"), fixture->arena, &found, &ref, &problem));
    assert_false(found);
    play_says(fixture, 500, "");
    assert_false(fixture->twilio.api->owned(
        fixture->twilio.carrier, TEXT("+14155520134"), fixture->arena, &found, &ref, &problem));
}

static void the_letter_looks_as_we_say(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = {0};
    struct carrier_brand brand = {.subject = TEXT("Please sign"), .redirect = TEXT("https://desk.example/")};
    play_says(fixture, 201, "{}");
    assert_true(fixture->twilio.api->brand(fixture->twilio.carrier, &brand, &problem));
    assert_string_equal(fixture->play.path, "/v1/SigningRequest/Configuration");
    assert_string_equal(fixture->play.seen,
        "{\"product\":\"Porting\",\"country\":\"US\",\"email_subject\":\"Please sign\","
        "\"url_redirection\":\"https://desk.example/\"}");
}

/* ---- How often ---- */

static void slow_down(struct http_request *request, struct http_response *response)
{
    http_set_header(request, response, "Retry-After", TEXT("7"));
    buffer_string(&response->body, "{\"code\":20429,\"message\":\"Too many requests\"}");
}

/* After a 429 nothing goes out for as long as the carrier says, by whichever thread or call. */
static void a_carrier_that_wants_rest_gets_it(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = {0}, again = {0};
    const struct carrier_api *api = fixture->twilio.api;
    assert_int_equal(api->rests_for(fixture->twilio.carrier), 0);
    fixture->play.status = 429;
    fixture->play.script = slow_down;
    assert_false(api->check(fixture->twilio.carrier, &problem));
    assert_int_equal(problem.kind, PROBLEM_LATER);
    assert_int_equal(problem.word, WORD_carrier_rests);
    int64_t rest = api->rests_for(fixture->twilio.carrier);
    assert_true(rest > 6 * CLOCK_SECOND && rest <= 7 * CLOCK_SECOND);
    assert_int_equal(fixture->play.calls, 1);
    assert_false(api->configure_webhook(fixture->twilio.carrier, TEXT(HOOK), &again));
    assert_int_equal(again.kind, PROBLEM_LATER);
    assert_int_equal(fixture->play.calls, 1); /* nobody was asked */
}

static void a_rest_without_end_is_cut(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 0);
    pace_rest(&pace, INT64_MAX);
    assert_in_range(pace_rests_for(&pace), PACE_REST_MAX - CLOCK_SECOND, PACE_REST_MAX);
    pace_rest(&pace, 0); /* a shorter one takes nothing back */
    assert_in_range(pace_rests_for(&pace), PACE_REST_MAX - CLOCK_SECOND, PACE_REST_MAX);
    assert_false(pace_wait(&pace));
    pace_end(&pace);
}

struct caller {
    struct pace *pace;
    int64_t at[5];
};

static void *call_five_times(void *context)
{
    struct caller *caller = context;
    for (size_t i = 0; i < COUNT(caller->at); i++) {
        assert_true(pace_wait(caller->pace));
        caller->at[i] = metric_clock();
    }
    return NULL;
}

/* Three threads together make no more calls than one may. */
static void calls_keep_their_distance(void **state)
{
    (void)state;
    struct pace pace;
    struct caller callers[3];
    pthread_t threads[3];
    pace_init(&pace, 200);
    int64_t began = metric_clock();
    for (size_t i = 0; i < COUNT(callers); i++) {
        callers[i].pace = &pace;
        assert_int_equal(pthread_create(&threads[i], NULL, call_five_times, &callers[i]), 0);
    }
    for (size_t i = 0; i < COUNT(callers); i++)
        pthread_join(threads[i], NULL);
    assert_true(metric_clock() - began >= 14 * 5000);
    /* The n-th call of all went no earlier than its place allows. */
    for (int64_t nth = 1; nth < 15; nth++) {
        int64_t earlier = 0;
        for (size_t i = 0; i < COUNT(callers); i++)
            for (size_t j = 0; j < COUNT(callers[i].at); j++)
                earlier += callers[i].at[j] < began + nth * 5000 ? 1 : 0;
        assert_true(earlier <= nth);
    }
    pace_end(&pace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            credentials_are_tried_by_a_call_that_changes_nothing, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(an_api_key_stands_in_place_of_the_account, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(the_webhook_is_told_without_a_filter, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(where_webhooks_go_is_asked, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(the_inventory_is_asked_for_one_number, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(the_letter_looks_as_we_say, play_setup, play_teardown),
        cmocka_unit_test_setup_teardown(a_carrier_that_wants_rest_gets_it, play_setup, play_teardown),
        cmocka_unit_test(a_rest_without_end_is_cut),
        cmocka_unit_test(calls_keep_their_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
