/* What the pages of requests say: every status with its pill, headline, journey and turn, and mixed numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/requests_show.h"

#define NOON INT64_C(1795176000000000) /* 2026-11-20T12:00:00Z, a Friday */

static struct arena *arena;
static struct rejections rejections;

static struct reader reader_of(bool team)
{
    return (struct reader){
        .arena = arena, .language = LANGUAGE_EN, .zone = TEXT("America/New_York"), .now = NOON, .team = team};
}

static int set_up(void **state)
{
    (void)state;
    struct problem problem = {0};
    arena = arena_new(16 * 1024 * 1024);
    return rejections_parse(arena, rejections_data(), rejection_words_data(), &rejections, &problem) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

#define NUMBERS_MAX 4
#define EVENTS_MAX 6

struct request_case {
    const char *name;
    enum request_status status;
    enum turn turn;
    enum number_status numbers[NUMBERS_MAX];
    size_t numbers_count;
    enum timeline_event events[EVENTS_MAX]; /* newest first */
    size_t events_count;
    const char *firm_date, *rejection;
    bool resending, by_hand;
    /* What is expected. */
    const char *pill_icon, *title, *who;
    const char *journey; /* a letter a stage: d done, n now, s stopped, t to do */
    bool mine;
};

static struct request_view request_of(const struct request_case *one)
{
    struct request_view view = {.status = one->status,
        .turn = one->turn,
        .turn_since = NOON - CLOCK_DAY,
        .submitted_at = NOON - 3 * CLOCK_DAY,
        .account_name = TEXT("Harbor Lane"),
        .losing_carrier = TEXT("Verizon"),
        .gaining_carrier = one->by_hand ? TEXT_EMPTY : TEXT("Twilio"),
        .fields = {.owner_name = TEXT("Dana Whitfield"), .owner_email = TEXT("dana@example.com")},
        .firm_date = text_from(one->firm_date),
        .has_manual = one->by_hand};
    view.numbers = ARENA_ARRAY(arena, struct number_view, NUMBERS_MAX);
    view.numbers_count = one->numbers_count;
    for (size_t i = 0; i < one->numbers_count; i++) {
        view.numbers[i] = (struct number_view){.e164 = TEXT("+14152210001"),
            .status = one->numbers[i],
            .order = TEXT("ord_1"),
            .resending = one->resending,
            .by_hand = one->by_hand,
            .rejection = text_from(one->rejection),
            .rejection_words = TEXT("SANO does not match CSR"),
            .firm_date = one->numbers[i] == NUMBER_STATUS_PENDING ? text_from(one->firm_date) : TEXT_EMPTY};
    }
    view.events = ARENA_ARRAY(arena, struct event_view, EVENTS_MAX);
    view.events_count = one->events_count;
    for (size_t i = 0; i < one->events_count; i++) {
        view.events[i] = (struct event_view){
            .event = one->events[i], .at = NOON - (int64_t)(i + 1) * CLOCK_HOUR, .about = TEXT("about")};
    }
    if (request_status_is_terminal(one->status)) {
        view.ended_at = NOON - CLOCK_DAY;
    }
    return view;
}

#define ONE(status) .numbers = {NUMBER_STATUS_##status}, .numbers_count = 1
#define TWO(a, b) .numbers = {NUMBER_STATUS_##a, NUMBER_STATUS_##b}, .numbers_count = 2

static const struct request_case cases[] = {
    {.name = "draft",
        .status = REQUEST_STATUS_DRAFT,
        .turn = TURN_CUSTOMER,
        .pill_icon = "draft",
        .title = "Not submitted yet",
        .who = "Your turn",
        .journey = "nttttt",
        .mine = true},
    {.name = "in review",
        .status = REQUEST_STATUS_IN_REVIEW,
        .turn = TURN_GAINING_CARRIER,
        ONE(IN_REVIEW),
        .pill_icon = "review",
        .title = "Twilio is reviewing the request",
        .who = "Twilio",
        .journey = "dntttt"},
    {.name = "by hand",
        .status = REQUEST_STATUS_IN_REVIEW,
        .turn = TURN_PORTING_TEAM,
        ONE(IN_REVIEW),
        .by_hand = true,
        .pill_icon = "review",
        .title = "Our porting team takes this through by hand",
        .who = "Our porting team",
        .journey = "dntttt"},
    {.name = "resending",
        .status = REQUEST_STATUS_IN_REVIEW,
        .turn = TURN_GAINING_CARRIER,
        ONE(IN_REVIEW),
        .resending = true,
        .events = {EVENT_FIXED, EVENT_REJECTED, EVENT_PENDING, EVENT_SIGNED},
        .events_count = 4,
        .pill_icon = "review",
        .title = "The corrected request is being sent",
        .who = "Twilio",
        .journey = "dntttt"},
    {.name = "waiting",
        .status = REQUEST_STATUS_WAITING_FOR_SIGNATURE,
        .turn = TURN_SIGNER,
        ONE(WAITING_FOR_SIGNATURE),
        .events = {EVENT_WAITING_FOR_SIGNATURE},
        .events_count = 1,
        .pill_icon = "pen",
        .title = "Dana Whitfield needs to sign the letter",
        .who = "Dana Whitfield",
        .journey = "ddnttt"},
    {.name = "submitted",
        .status = REQUEST_STATUS_SUBMITTED,
        .turn = TURN_GAINING_CARRIER,
        ONE(SUBMITTED),
        .pill_icon = "send",
        .title = "The letter is signed",
        .who = "Twilio",
        .journey = "dddntt"},
    {.name = "pending",
        .status = REQUEST_STATUS_PENDING,
        .turn = TURN_LOSING_CARRIER,
        ONE(PENDING),
        .pill_icon = "dateset",
        .title = "Verizon is checking the request",
        .who = "Verizon",
        .journey = "dddntt"},
    {.name = "date set",
        .status = REQUEST_STATUS_PENDING,
        .turn = TURN_LOSING_CARRIER,
        ONE(PENDING),
        .firm_date = "2026-11-27",
        .pill_icon = "dateset",
        .title = "The number moves on",
        .who = "Verizon",
        .journey = "dddddn"},
    {.name = "one of two dates set",
        .status = REQUEST_STATUS_PENDING,
        .turn = TURN_LOSING_CARRIER,
        TWO(PENDING, PENDING),
        .firm_date = "2026-11-27",
        .pill_icon = "dateset",
        .title = "The numbers move on",
        .who = "Verizon",
        .journey = "dddddn"},
    {.name = "in progress",
        .status = REQUEST_STATUS_IN_PROGRESS,
        .turn = TURN_SIGNER,
        TWO(PENDING, WAITING_FOR_SIGNATURE),
        .pill_icon = "half",
        .title = "The numbers are at different stages",
        .who = "Dana Whitfield",
        .journey = "ddnttt"},
    {.name = "in progress, one here",
        .status = REQUEST_STATUS_SUBMITTED,
        .turn = TURN_GAINING_CARRIER,
        TWO(COMPLETED, SUBMITTED),
        .pill_icon = "send",
        .title = "The letter is signed",
        .who = "Twilio",
        .journey = "dddntt"},
    {.name = "rejected by the losing carrier",
        .status = REQUEST_STATUS_ACTION_REQUIRED,
        .turn = TURN_CUSTOMER,
        TWO(REJECTED, PENDING),
        .rejection = "service_address",
        .events = {EVENT_REJECTED, EVENT_PENDING, EVENT_SIGNED, EVENT_WAITING_FOR_SIGNATURE},
        .events_count = 4,
        .pill_icon = "alert",
        .title = "The address does not match",
        .who = "Your turn",
        .journey = "dddstt",
        .mine = true},
    {.name = "rejected at the review",
        .status = REQUEST_STATUS_ACTION_REQUIRED,
        .turn = TURN_PORTING_TEAM,
        ONE(REJECTED),
        .rejection = "tax_id",
        .events = {EVENT_REJECTED},
        .events_count = 1,
        .pill_icon = "alert",
        .title = "A tax number is asked for",
        .who = "Our porting team",
        .journey = "dstttt"},
    {.name = "canceling",
        .status = REQUEST_STATUS_CANCELING,
        .turn = TURN_GAINING_CARRIER,
        ONE(CANCELING),
        .events = {EVENT_CANCEL_ASKED, EVENT_WAITING_FOR_SIGNATURE},
        .events_count = 2,
        .pill_icon = "canceling",
        .title = "We asked to cancel",
        .who = "Twilio",
        .journey = "ddsttt"},
    {.name = "completed",
        .status = REQUEST_STATUS_COMPLETED,
        .turn = TURN_NOBODY,
        ONE(COMPLETED),
        .pill_icon = "done",
        .title = "The number has moved",
        .who = "Nobody",
        .journey = "dddddd"},
    {.name = "two completed",
        .status = REQUEST_STATUS_COMPLETED,
        .turn = TURN_NOBODY,
        TWO(COMPLETED, COMPLETED),
        .pill_icon = "done",
        .title = "All 2 numbers have moved",
        .who = "Nobody",
        .journey = "dddddd"},
    {.name = "partly completed",
        .status = REQUEST_STATUS_PARTLY_COMPLETED,
        .turn = TURN_NOBODY,
        TWO(COMPLETED, CANCELED),
        .pill_icon = "partly",
        .title = "1 of 2 numbers have moved",
        .who = "Nobody",
        .journey = "dddddd"},
    {.name = "canceled",
        .status = REQUEST_STATUS_CANCELED,
        .turn = TURN_NOBODY,
        ONE(CANCELED),
        .events = {EVENT_CANCELED, EVENT_SIGNED, EVENT_WAITING_FOR_SIGNATURE},
        .events_count = 3,
        .pill_icon = "stopped",
        .title = "The request was canceled",
        .who = "Nobody",
        .journey = "dddstt"},
    {.name = "expired",
        .status = REQUEST_STATUS_EXPIRED,
        .turn = TURN_CUSTOMER,
        ONE(EXPIRED),
        .pill_icon = "hourglass",
        .title = "The letter was not signed in time",
        .who = "Your turn",
        .journey = "ddsttt",
        .mine = true},
    {.name = "not portable",
        .status = REQUEST_STATUS_NOT_PORTABLE,
        .turn = TURN_NOBODY,
        ONE(NOT_PORTABLE),
        .pill_icon = "ban",
        .title = "This number cannot be moved",
        .who = "Nobody",
        .journey = "dstttt"},
};
#define CASES_COUNT (sizeof cases / sizeof *cases)

static void check_text(const char *name, struct text got, const char *wanted)
{
    if (!text_is(got, wanted)) {
        fail_msg("%s: \"%.*s\" instead of \"%s\"", name, TEXT_ARG(got), wanted);
    }
}

static struct turn_facts facts_of(const struct request_view *request)
{
    return (struct turn_facts){.turn = request->turn,
        .status = request->status,
        .since = request->turn_since,
        .signer = request->fields.owner_name,
        .gaining = request->gaining_carrier,
        .losing = request->losing_carrier,
        .account = request->account_name,
        .ended_at = request->ended_at,
        .step = 3};
}

static void test_statuses(void **state)
{
    (void)state;
    struct reader reader = reader_of(false);
    bool seen[REQUEST_STATUS_COUNT] = {0};
    for (size_t i = 0; i < CASES_COUNT; i++) {
        struct request_view request = request_of(&cases[i]);
        struct view_request shown = {0};
        struct turn_facts facts = facts_of(&request);
        seen[request.status] = true;
        assert_string_equal(request_pill(request.status).icon, cases[i].pill_icon);
        assert_int_equal(request_pill(request.status).word, request_status_word(request.status));
        request_headline(&reader, &request, &rejections, &shown);
        check_text(cases[i].name, shown.title, cases[i].title);
        assert_true(shown.sentence.len > 0);
        assert_true(text_find_char(shown.sentence, '{', 0) == SIZE_MAX);
        check_text(cases[i].name, request_turn_view(&reader, &facts, true).who, cases[i].who);
        assert_int_equal(turn_is_readers(&reader, request.turn), cases[i].mine);
        assert_true(request_next(&reader, &request).len > 0);
    }
    for (int status = 0; status < REQUEST_STATUS_COUNT; status++) {
        assert_true(seen[status]);
    }
}

static void test_journeys(void **state)
{
    (void)state;
    struct reader reader = reader_of(false);
    for (size_t i = 0; i < CASES_COUNT; i++) {
        struct request_view request = request_of(&cases[i]);
        struct view_journey journey = request_journey(&reader, &request);
        char got[8] = {0};
        size_t here = 0;
        assert_int_equal(journey.stages_count, 6);
        for (size_t at = 0; at < journey.stages_count; at++) {
            got[at] = journey.stages[at].css[0];
            here += journey.stages[at].here ? 1 : 0;
        }
        if (strcmp(got, cases[i].journey) != 0) {
            fail_msg("%s: %s instead of %s", cases[i].name, got, cases[i].journey);
        }
        assert_int_equal(here, strcmp(got, "dddddd") == 0 ? 0 : 1);
    }
}

static void test_journey_dates(void **state)
{
    (void)state;
    struct reader reader = reader_of(false);
    static const struct request_case one = {.status = REQUEST_STATUS_PENDING,
        .turn = TURN_LOSING_CARRIER,
        ONE(PENDING),
        .events = {EVENT_PENDING, EVENT_SIGNED, EVENT_FIXED, EVENT_REJECTED, EVENT_WAITING_FOR_SIGNATURE},
        .events_count = 5};
    struct request_view request = request_of(&one);
    struct view_journey journey = request_journey(&reader, &request);
    check_text("submitted", journey.stages[0].small, "Tue, Nov 17");
    check_text("the review of an earlier try", journey.stages[1].small, "");
    check_text("signed", journey.stages[2].small, "Fri, Nov 20");
    check_text("still to come", journey.stages[5].small, "3 to 7 days in all");
}

static void test_keep(void **state)
{
    (void)state;
    struct reader reader = reader_of(false);
    static const struct {
        enum request_status status;
        const char *title;
    } keeps[] = {{REQUEST_STATUS_WAITING_FOR_SIGNATURE, "Keep your Verizon service on."},
        {REQUEST_STATUS_ACTION_REQUIRED, "Keep your Verizon service on."},
        {REQUEST_STATUS_CANCELING, "Keep your Verizon service on."},
        {REQUEST_STATUS_COMPLETED, "Test before you cancel anything at Verizon."},
        {REQUEST_STATUS_PARTLY_COMPLETED, "Keep your Verizon service for the numbers that did not move."},
        {REQUEST_STATUS_CANCELED, "The numbers are still at Verizon."},
        {REQUEST_STATUS_NOT_PORTABLE, "The numbers are still at Verizon."},
        {REQUEST_STATUS_EXPIRED, "The numbers are still at Verizon."}};
    for (size_t i = 0; i < sizeof keeps / sizeof *keeps; i++) {
        struct request_view request = {.status = keeps[i].status, .losing_carrier = TEXT("Verizon")};
        check_text("keep", request_keep(&reader, &request).title, keeps[i].title);
    }
}

static void test_turns(void **state)
{
    (void)state;
    struct reader customer = reader_of(false), team = reader_of(true);
    struct turn_facts facts = {.turn = TURN_CUSTOMER,
        .status = REQUEST_STATUS_ACTION_REQUIRED,
        .since = NOON - 3 * CLOCK_DAY,
        .account = TEXT("Harbor Lane"),
        .losing = TEXT("Verizon")};
    struct view_turn turn = request_turn_view(&customer, &facts, true);
    check_text("customer", turn.since, "since Tue, Nov 17 · 3 days");
    assert_string_equal(turn.css, "you");
    turn = request_turn_view(&team, &facts, false);
    check_text("team looks at the customer", turn.who, "Harbor Lane");
    check_text("in the list", turn.since, "since Tue, Nov 17");
    assert_string_equal(turn.css, "");
    facts.turn = TURN_PORTING_TEAM;
    check_text("the team's own", request_turn_view(&team, &facts, false).who, "Your turn");
    facts.turn = TURN_LOSING_CARRIER;
    facts.late = true;
    facts.waited = 6;
    facts.usual = 4;
    turn = request_turn_view(&customer, &facts, true);
    check_text("late", turn.since, "6 business days, usually 4");
    assert_string_equal(turn.css, "late");
    facts.late = false;
    assert_string_equal(request_turn_view(&customer, &facts, true).css, "");
    facts.since = NOON;
    check_text("today", request_turn_view(&customer, &facts, true).since, "since today");
}

static void test_number_pills(void **state)
{
    (void)state;
    for (enum number_status status = 0; status < NUMBER_STATUS_COUNT; status++) {
        struct number_view number = {.status = status};
        struct view_pill pill = number_pill(&number);
        assert_int_equal(pill.word, number_status_word(status));
        assert_non_null(pill.icon);
        assert_non_null(pill.css);
    }
    struct number_view resending = {.status = NUMBER_STATUS_IN_REVIEW, .resending = true};
    assert_int_equal(number_pill(&resending).word, WORD_status_sending_correction);
}

static void test_events(void **state)
{
    (void)state;
    struct reader reader = reader_of(false);
    struct event_view events[TIMELINE_EVENT_COUNT];
    for (int event = 0; event < TIMELINE_EVENT_COUNT; event++) {
        events[event] = (struct event_view){.event = (enum timeline_event)event,
            .actor_kind = (enum timeline_actor)(event % (ACTOR_PORTDESK + 1)),
            .e164 = TEXT("+14152210001"),
            .about = TEXT("about"),
            .at = NOON};
    }
    struct request_view request = {.events = events, .events_count = TIMELINE_EVENT_COUNT};
    const struct view_event *shown = NULL;
    size_t count = 0;
    request_events(&reader, &request, &shown, &count);
    assert_int_equal(count, TIMELINE_EVENT_COUNT);
    for (size_t i = 0; i < count; i++) {
        assert_true(shown[i].sentence.len > 0);
        assert_true(shown[i].by.len > 0);
        assert_non_null(shown[i].icon);
        check_text("time", shown[i].at, "Nov 20, 7:00 AM EST");
        check_text("number", shown[i].number, "(415) 221-0001");
    }
}

static void test_attempts(void **state)
{
    (void)state;
    struct reader customer = reader_of(false), team = reader_of(true);
    struct change_view changes[] = {
        {TEXT("street"), TEXT("PO Box 1"), TEXT("1 Pine St")}, {TEXT("pin"), {0}, {0}}};
    struct attempt_view attempts[] = {{.attempt = 2, .at = NOON, .changes = changes, .changes_count = 2},
        {.attempt = 1, .at = NOON, .answer = TEXT("pin"), .answer_words = TEXT("INVALID_PIN")}};
    struct request_view request = {.attempts = attempts, .attempts_count = 2};
    attempts[0].sent.street = TEXT("1 Pine St");
    attempts[1].sent.street = TEXT("PO Box 1");
    const struct view_attempt *shown = request_tries(&customer, &request).attempts;
    assert_int_equal(request_tries(&customer, &request).attempts_count, 2);
    assert_int_equal(shown[1].sent_count, 1);
    assert_int_equal(shown[1].sent[0].field, draft_field_word(DRAFT_FIELD_STREET));
    check_text("what was sent then", shown[1].sent[0].value, "PO Box 1");
    check_text("what was sent now", shown[0].sent[0].value, "1 Pine St");
    check_text("field", shown[0].changes[0].field, "Street and number");
    assert_false(shown[0].changes[0].secret);
    assert_true(shown[0].changes[1].secret);
    assert_int_equal(shown[0].answer, WORD_NONE);
    assert_int_equal(shown[1].answer, rejection_short_word(REJECTION_PIN));
    check_text("no bare code for customers", shown[1].quote, "");
    check_text("the team sees it", request_tries(&team, &request).attempts[1].quote, "INVALID_PIN");
    request.attempts_count = 1; /* one try without an answer is nothing to tell */
    assert_int_equal(request_tries(&team, &request).attempts_count, 0);
}

static void test_refusals(void **state)
{
    (void)state;
    struct reader reader = reader_of(false);
    static const struct request_case one = {.status = REQUEST_STATUS_ACTION_REQUIRED,
        .turn = TURN_CUSTOMER,
        .numbers = {NUMBER_STATUS_REJECTED, NUMBER_STATUS_REJECTED, NUMBER_STATUS_PENDING},
        .numbers_count = 3,
        .rejection = "service_address"};
    struct request_view request = request_of(&one);
    const struct view_refusal *shown = NULL;
    size_t count = 0;
    request_refusals(&reader, &request, &rejections, &shown, &count);
    assert_int_equal(count, 1);
    check_text("quote", shown[0].quote, "SANO does not match CSR");
    assert_false(shown[0].theirs);
    assert_true(shown[0].has_page);
    request.numbers[1].rejection = TEXT("tax_id");
    request_refusals(&reader, &request, &rejections, &shown, &count);
    assert_int_equal(count, 2);
    assert_true(shown[1].theirs);
    /* The headline is about what the customer can mend, whichever number comes first. */
    struct number_view first = request.numbers[0];
    request.numbers[0] = request.numbers[1];
    request.numbers[1] = first;
    struct view_request page = {0};
    request_headline(&reader, &request, &rejections, &page);
    check_text("headline", page.title, "The address does not match");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_statuses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_journeys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_journey_dates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_keep, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_turns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_number_pills, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_events, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_attempts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("web_requests", tests, NULL, NULL);
}
