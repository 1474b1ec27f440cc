/* What the pages of requests say of refusals, of numbers that are not taken, of what the desk does next, and of what is usual. */
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

#define NUMBERS_MAX 3

static struct request_view request_of(enum request_status status, enum turn turn, enum number_status number,
    size_t count, const char *rejection)
{
    struct request_view view = {.status = status,
        .turn = turn,
        .account_name = TEXT("Harbor Lane"),
        .losing_carrier = TEXT("Verizon"),
        .asked_carrier = TEXT("Twilio"),
        .fields = {.owner_name = TEXT("Dana Whitfield")}};
    view.numbers = ARENA_ARRAY(arena, struct number_view, NUMBERS_MAX);
    view.numbers_count = count;
    for (size_t i = 0; i < count; i++) {
        view.numbers[i] = (struct number_view){
            .e164 = TEXT("+14152210001"), .status = number, .rejection = text_from(rejection)};
    }
    return view;
}

static void check_text(const char *name, struct text got, const char *wanted)
{
    if (!text_is(got, wanted)) {
        fail_msg("%s: \"%.*s\" instead of \"%s\"", name, TEXT_ARG(got), wanted);
    }
}

/* Reasons of several numbers on one page: which numbers, the way at this losing carrier, and what is sent again by itself. */
static void test_several_refusals(void **state)
{
    (void)state;
    struct reader reader = reader_of(false);
    static const struct losing_carrier carrier = {.name = {"Verizon", 7},
        .lock = {.value = {"Switch off Number Lock.", 23},
            .confidence = CONFIDENCE_SECONDARY,
            .checked = {2026, 11, 23}}};
    struct request_view request = request_of(
        REQUEST_STATUS_ACTION_REQUIRED, TURN_CUSTOMER, NUMBER_STATUS_REJECTED, 3, "freeze_or_lock");
    const struct view_refusal *shown = NULL;
    size_t count = 0;
    request.directory = &carrier;
    request.numbers[1].e164 = TEXT("+14152210002");
    request.numbers[2].rejection = TEXT("outage");
    request.numbers[2].retry_at = NOON + 3 * CLOCK_DAY;
    request_refusals(&reader, &request, &rejections, &shown, &count);
    assert_int_equal(count, 2);
    check_text("which", shown[0].numbers, "(415) 221-0001, (415) 221-0002");
    check_text("the way", shown[0].way.value, "Switch off Number Lock.");
    assert_true(shown[0].way.soft && !shown[0].way.hearsay);
    check_text("nothing by itself", shown[0].again, "");
    check_text("by itself", shown[1].again,
        "It is sent again by itself on Mon, Nov 23. Dana Whitfield then gets a new letter to sign.");
    assert_false(shown[1].theirs);
    check_text("no way", shown[1].way.value, "");
    struct view_request page = {0};
    request_headline(&reader, &request, &rejections, &page);
    check_text("headline", page.title, "The number is locked");
    request.directory = NULL;
    request_refusals(&reader, &request, &rejections, &shown, &count);
    check_text("the general way", shown[0].way.value,
        "Ask your carrier whether the number is locked against transfer, and have the lock switched off.");
    request.numbers_count = 1;
    request_refusals(&reader, &request, &rejections, &shown, &count);
    check_text("one number needs no name", shown[0].numbers, "");
}

/* What the gaining carrier said of a number that it does not take, in our words. */
static void test_portability(void **state)
{
    (void)state;
    struct reader reader = reader_of(false);
    static const struct {
        enum request_status status;
        enum number_status number;
        const char *words, *sentence;
    } rows[] = {
        {REQUEST_STATUS_NOT_PORTABLE, NUMBER_STATUS_NOT_PORTABLE, "UNSUPPORTED",
            "Twilio does not serve the area or the carrier that this number comes from. Keep it at Verizon and"
            " forward its calls to one of your numbers here."},
        {REQUEST_STATUS_NOT_PORTABLE, NUMBER_STATUS_NOT_PORTABLE, "ALREADY_IN_TWILIO_DIFFERENT_OWNER",
            "It is at Twilio already, with another customer. Whoever has it there can hand it over inside Twilio,"
            " without a port. Our porting team can help."},
        {REQUEST_STATUS_NOT_PORTABLE, NUMBER_STATUS_NOT_PORTABLE, "SOMETHING_NEW",
            "The new carrier cannot take it. It stayed at Verizon."},
        {REQUEST_STATUS_IN_REVIEW, NUMBER_STATUS_IN_REVIEW, "ALREADY_IN_THE_TARGET_ACCOUNT",
            "It is in our account at Twilio already. There is nothing to move. Our porting team checks that it is"
            " yours and puts it under Phone Numbers. Nothing is needed from you."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool by_hand = rows[i].status == REQUEST_STATUS_IN_REVIEW;
        struct request_view request =
            request_of(rows[i].status, by_hand ? TURN_PORTING_TEAM : TURN_NOBODY, rows[i].number, 1, "");
        struct view_request page = {0};
        request.numbers[0].rejection_words = text_from(rows[i].words);
        request_headline(&reader, &request, &rejections, &page);
        check_text(rows[i].words, page.sentence, rows[i].sentence);
    }
}

/* What the desk does next by itself, and what the status does not say. */
static void test_what_comes(void **state)
{
    (void)state;
    struct reader customer = reader_of(false), team = reader_of(true);
    static const struct {
        enum turn turn;
        enum wait wait;
        enum watch_act act;
        const char *customer, *team;
    } rows[] = {
        {TURN_SIGNER, WAIT_SIGNATURE, WATCH_REMIND, "We remind Dana Whitfield on Sat, Nov 21.",
            "We remind Dana Whitfield on Sat, Nov 21."},
        {TURN_CUSTOMER, WAIT_CORRECTION, WATCH_REMIND, "We remind you on Sat, Nov 21.",
            "The customer is reminded on Sat, Nov 21."},
        {TURN_LOSING_CARRIER, WAIT_ANSWER, WATCH_TELL, "If nothing has come by Sat, Nov 21, we write to you.",
            "If nothing has come by Sat, Nov 21, we write to you."},
        {TURN_GAINING_CARRIER, WAIT_REVIEW, WATCH_TEAM,
            "If nothing has come by Sat, Nov 21, our porting team looks into it.",
            "If nothing has come by Sat, Nov 21, our porting team looks into it."},
        {TURN_PORTING_TEAM, WAIT_TEAM, WATCH_REMIND, "", ""},
        {TURN_NOBODY, WAIT_NOTHING, WATCH_NOTHING, "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct request_view request = {.turn = rows[i].turn,
            .fields = {.owner_name = TEXT("Dana Whitfield")},
            .turn_state = {.wait = rows[i].wait, .next = {rows[i].act, NOON + CLOCK_DAY}}};
        check_text("customer", request_next_when(&customer, &request), rows[i].customer);
        check_text("team", request_next_when(&team, &request), rows[i].team);
    }
    struct request_view request = {.status = REQUEST_STATUS_PENDING,
        .losing_carrier = TEXT("Verizon"),
        .cancel_refused = true,
        .escalated = true};
    const struct view_note *notes = NULL;
    size_t count = 0;
    request_notes(&customer, &request, &notes, &count);
    assert_int_equal(count, 2);
    check_text("too late", notes[0].title, "It was too late to cancel");
    check_text("the team looks", notes[1].title, "Our porting team looks into it");
    request = (struct request_view){.status = REQUEST_STATUS_CANCELED,
        .gaining_carrier = TEXT("Twilio"),
        .fields = {.owner_name = TEXT("Dana Whitfield")},
        .ended_there = true,
        .ended_words = TEXT("LOA declined")};
    request_notes(&customer, &request, &notes, &count);
    assert_int_equal(count, 1);
    check_text("ended", notes[0].title, "Twilio ended it");
    assert_true(text_find(notes[0].sentence, TEXT("“LOA declined”"), 0) != SIZE_MAX);
    request = (struct request_view){.status = REQUEST_STATUS_PENDING};
    request_notes(&customer, &request, &notes, &count);
    assert_int_equal(count, 0);
}

static void test_usual(void **state)
{
    (void)state;
    struct reader reader = reader_of(false);
    static const struct {
        enum turn turn;
        struct turn_rule rule;
        const char *usual;
    } rows[] = {
        {TURN_LOSING_CARRIER, {.usual_min = 1, .usual_max = 4},
            "1 to 4 business days · 3 to 7 days for the whole move"},
        {TURN_GAINING_CARRIER, {.usual_min = 1, .usual_max = 2, .usual_doubtful = true},
            "About 1 to 2 business days · 3 to 7 days for the whole move"},
        {TURN_LOSING_CARRIER, {0}, "3 to 7 days for the whole move"},
        {TURN_CUSTOMER, {.usual_max = 1}, "1 business day"},
        {TURN_PORTING_TEAM, {.usual_max = 2, .usual_doubtful = true}, "About 2 business days"},
        {TURN_SIGNER, {.usual_max = 2}, "A minute to sign"},
        {TURN_NOBODY, {.usual_max = 2}, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct request_view request = {
            .status = REQUEST_STATUS_PENDING, .turn = rows[i].turn, .turn_state = {.rule = rows[i].rule}};
        check_text("usual", request_usual(&reader, &request), rows[i].usual);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_several_refusals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_portability, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_comes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_usual, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("web_turns", tests, NULL, NULL);
}
