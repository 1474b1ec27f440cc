/* Wished dates and times on their way to Twilio and back, the list of ports, the inventory. */
#include "../base/unit.h"

#include "carriers/twilio_wire.h"

#define AC "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KW "KW0123456789abcdef0123456789abcdef"
#define MEMORY ((size_t)4 * 1024 * 1024)

static void the_list_says_what_is_to_be_done(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(MEMORY);
    struct carrier_list list;
    struct problem problem = {0};
    assert_true(twilio_read_list(arena,
        TEXT("{\"port_in_requests\":[{\"port_in_request_sid\":\"" KW
             "\",\"port_in_request_status\":\"Completed\",\"status_last_updated_timestamp\":"
             "\"2026-11-01T10:00:00Z\",\"phone_numbers_requested\":3,\"phone_numbers_ported\":\"2\","
             "\"suggested_action\":\"Review\"}],\"meta\":{}}"),
        &list, &problem));
    const struct carrier_listed *item = &list.items[0];
    assert_text(item->status, "Completed");
    assert_text(item->suggested_action, "Review");
    assert_int_equal(item->requested, 3);
    assert_int_equal(item->ported, 2);
    assert_text(instant_iso(arena, item->changed_at), "2026-11-01T10:00:00Z");
}

#define PN "PN0123456789abcdef0123456789abcdef"

static void the_inventory_has_a_number_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        bool taken, found;
    } cases[] = {
        {"{\"incoming_phone_numbers\":[{\"phone_number\":\"+14155520134\",\"sid\":\"" PN "\"}]}", true, true},
        {"{\"incoming_phone_numbers\":[]}", true, false},
        {"{\"incoming_phone_numbers\":[{\"phone_number\":\"+14155520135\",\"sid\":\"" PN "\"}]}", true,
            false},
        {"{\"incoming_phone_numbers\":[{\"phone_number\":\"+14155520134\",\"sid\":\"x\"}]}", true, false},
        {"{\"incoming_phone_numbers\":[7]}", false, false},
        {"{}", false, false},
        {"<html>", false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(MEMORY);
        bool found = false;
        struct text ref = TEXT_EMPTY;
        struct problem problem = {0};
        assert_int_equal(
            twilio_read_owned(arena, text_from(cases[i].body), TEXT("+14155520134"), &found, &ref, &problem),
            cases[i].taken);
        assert_int_equal(found, cases[i].found);
        assert_text(ref, cases[i].found ? PN : "");
    }
}

/* A wish with times is of the number's own place, by the offset of that very day; in the answer both stand in UTC. */
static void times_of_a_wish_have_the_offset_of_their_day(void **state)
{
    (void)state;
    static const struct {
        const char *date, *zone;
        int from, until;
        const char *start, *end;
    } cases[] = {
        {"2026-10-31", "America/Los_Angeles", 9 * 60, 17 * 60 + 30, "09:00:00-07:00", "17:30:00-07:00"},
        {"2026-11-02", "America/Los_Angeles", 9 * 60, 17 * 60, "09:00:00-08:00", "17:00:00-08:00"},
        /* The clocks go back between the two on the 1st of November. */
        {"2026-11-01", "America/New_York", 0, 3 * 60, "00:00:00-04:00", "03:00:00-05:00"},
        {"2027-03-14", "America/New_York", 60, 4 * 60, "01:00:00-05:00", "04:00:00-04:00"},
        {"2026-07-01", "America/Phoenix", 1, 1439, "00:01:00-07:00", "23:59:00-07:00"},
        {"2026-07-01", "America/St_Johns", 60, 120, "01:00:00-02:30", "02:00:00-02:30"},
        {"2026-07-01", "Pacific/Guam", 60, 120, "01:00:00+10:00", "02:00:00+10:00"},
        {"2026-07-01", "", 60, 120, "01:00:00+00:00", "02:00:00+00:00"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(MEMORY);
        struct port_order order = {.wished_date = text_from(cases[i].date),
            .zone = text_from(cases[i].zone),
            .wished_from = cases[i].from,
            .wished_until = cases[i].until};
        struct text body = twilio_write_order(arena, TEXT(AC), &order);
        struct text wanted = text_format(arena,
            "\"target_port_in_date\":\"%s\",\"target_port_in_time_range_start\":\"%s\","
            "\"target_port_in_time_range_end\":\"%s\"",
            cases[i].date, cases[i].start, cases[i].end);
        if (text_find(body, wanted, 0) == SIZE_MAX)
            fail_msg("%s: %.*s", cases[i].start, TEXT_ARG(body));
    }
}

static void a_wish_comes_back_in_utc(void **state)
{
    (void)state;
    static const struct {
        const char *date, *start, *at;
    } cases[] = {
        /* 6 PM on the 3rd in California: the 4th in UTC. */
        {"\"2026-11-04\"", "\"02:00:00Z\"", "2026-11-04T02:00:00Z"},
        {"\"2026-11-04\"", "\"02:00:00+00:00\"", "2026-11-04T02:00:00Z"},
        {"\"2026-11-04\"", "\"18:00:00-08:00\"", "2026-11-05T02:00:00Z"},
        {"\"2026-11-04\"", "null", "2026-11-04T00:00:00Z"},
        {"\"2026-11-04\"", "\"half past\"", "2026-11-04T00:00:00Z"},
        {"\"2026-11-04T02:00:00Z\"", "\"02:00:00Z\"", "2026-11-04T02:00:00Z"},
        {"null", "\"02:00:00Z\"", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(MEMORY);
        struct carrier_port port;
        struct problem problem = {0};
        struct text body = text_format(arena,
            "{\"port_in_request_sid\":\"" KW "\",\"port_in_request_status\":\"In Review\","
            "\"target_port_in_date\":%s,\"target_port_in_time_range_start\":%s}",
            cases[i].date, cases[i].start);
        assert_true(twilio_read_port(arena, body, &port, &problem));
        if (cases[i].at)
            assert_text(instant_iso(arena, port.wished_at), cases[i].at);
        else
            assert_int_equal(port.wished_at, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_says_what_is_to_be_done),
        cmocka_unit_test(the_inventory_has_a_number_or_not),
        cmocka_unit_test(times_of_a_wish_have_the_offset_of_their_day),
        cmocka_unit_test(a_wish_comes_back_in_utc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
