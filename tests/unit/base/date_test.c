/* The calendar: dates, instants as text, zones and their changes of time. */
#include "base/clock.h"
#include "unit.h"

#define NEW_YORK TEXT("America/New_York")

static void counts_days(void **state)
{
    (void)state;
    static const struct {
        struct date date;
        int64_t days;
        int weekday;
    } cases[] = {
        {{1970, 1, 1}, 0, 4},
        {{1969, 12, 31}, -1, 3},
        {{2000, 2, 29}, 11016, 2},
        {{2026, 10, 27}, 20753, 2},
        {{2100, 3, 1}, 47541, 1},
        {{1, 1, 1}, -719162, 1},
        {{0, 2, 29}, -719469, 2},
        {{2199, 12, 31}, 84005, 2},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(date_to_days(cases[i].date), cases[i].days);
        struct date back = date_from_days(cases[i].days);
        assert_memory_equal(&back, &cases[i].date, sizeof back);
        assert_int_equal(date_weekday(cases[i].date), cases[i].weekday);
    }
    /* Every day of the years that the product takes, one after the other. */
    struct date before = {1969, 12, 31};
    for (int64_t day = 0; day <= 84005; day++) {
        struct date date = date_from_days(day);
        assert_true(date_is_real(date));
        assert_int_equal(date_to_days(date), day);
        bool next = date.year == before.year && date.month == before.month && date.day == before.day + 1;
        bool first =
            date.day == 1 && (date.month == before.month + 1 || (date.month == 1 && before.month == 12));
        assert_true(next || first);
        before = date;
    }
}

static void parses_dates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"2026-10-27", true},
        {"1970-01-01", true},
        {"2199-12-31", true},
        {"2024-02-29", true},
        {"2000-02-29", true},
        {"2026-02-29", false},
        {"2100-02-29", false},
        {"2026-04-31", false},
        {"1969-12-31", false},
        {"2200-01-01", false},
        {"2026-00-10", false},
        {"2026-13-10", false},
        {"2026-10-00", false},
        {"2026-10-32", false},
        {"2026-1-27", false},
        {"2026-10-7", false},
        {"2026/10/27", false},
        {"20261027", false},
        {"2026-10-27 ", false},
        {" 2026-10-27", false},
        {"2026-10-+7", false},
        {"2026-10--7", false},
        {"", false},
    };
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct date date = {7, 7, 7};
        assert_int_equal(date_parse(text_from(cases[i].text), &date), cases[i].good);
        assert_text(date_iso(arena, date), cases[i].good ? cases[i].text : "0007-07-07");
    }
}

static void parses_instants(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *iso; /* NULL: refused */
        int64_t us;      /* of the second */
    } cases[] = {
        {"2026-10-27T09:30:00Z", "2026-10-27T09:30:00Z", 0},
        {"2026-10-27t09:30:00z", "2026-10-27T09:30:00Z", 0},
        {"2026-10-27T09:30:00-04:00", "2026-10-27T13:30:00Z", 0},
        {"2026-10-27T00:15:00+05:30", "2026-10-26T18:45:00Z", 0},
        {"2026-10-27T09:30:00-00:00", "2026-10-27T09:30:00Z", 0},
        {"2026-10-27T09:30:00.5Z", "2026-10-27T09:30:00Z", 500000},
        {"2026-10-27T09:30:00.123456789Z", "2026-10-27T09:30:00Z", 123456},
        {"1970-01-01T00:00:00+01:00", "1969-12-31T23:00:00Z", 0},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", 0},
        {"2016-12-31T18:59:60-05:00", "2017-01-01T00:00:00Z", 0},
        {"2016-12-31T22:59:60Z", NULL, 0},
        {"2026-10-27T24:00:00Z", NULL, 0},
        {"2026-10-27T09:60:00Z", NULL, 0},
        {"2026-10-27T09:30:61Z", NULL, 0},
        {"2026-10-27T09:30:00", NULL, 0},
        {"2026-10-27T09:30Z", NULL, 0},
        {"2026-10-27 09:30:00Z", NULL, 0},
        {"2026-10-27T09:30:00.Z", NULL, 0},
        {"2026-10-27T09:30:00,5Z", NULL, 0},
        {"2026-10-27T09:30:00+0400", NULL, 0},
        {"2026-10-27T09:30:00+24:00", NULL, 0},
        {"2026-10-27T09:30:00+04:60", NULL, 0},
        {"2026-10-27T09:30:00+4:00", NULL, 0},
        {"2026-10-27T09:30:00ZZ", NULL, 0},
        {"2026-02-30T09:30:00Z", NULL, 0},
        {"2026-10-27", NULL, 0},
        {"", NULL, 0},
    };
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t us = -77;
        assert_int_equal(instant_parse(text_from(cases[i].text), &us), cases[i].iso != NULL);
        if (cases[i].iso) {
            assert_text(instant_iso(arena, us), cases[i].iso);
            assert_int_equal(us - us / CLOCK_SECOND * CLOCK_SECOND, cases[i].us);
        } else {
            assert_int_equal(us, -77);
        }
    }
    assert_text(instant_iso(arena, -1), "1969-12-31T23:59:59Z");
}

static int64_t instant(const char *iso)
{
    int64_t us = 0;
    assert_true(instant_parse(text_from(iso), &us));
    return us;
}

static void knows_zones(void **state)
{
    (void)state;
    static const struct {
        const char *instant, *zone, *date;
    } cases[] = {
        {"2026-10-27T03:59:59Z", "America/New_York", "2026-10-26"},
        {"2026-10-27T04:00:00Z", "America/New_York", "2026-10-27"},
        {"2026-12-27T04:59:59Z", "America/New_York", "2026-12-26"}, /* winter */
        {"2026-10-27T09:00:00Z", "Pacific/Honolulu", "2026-10-26"},
        {"2026-10-27T23:59:59Z", "", "2026-10-27"},
        {"2026-10-27T23:59:59Z", "UTC", "2026-10-27"},
        {"2026-10-27T18:30:00Z", "Asia/Kolkata", "2026-10-28"},
        {"2026-10-27T18:30:00Z", "America/Argentina/Buenos_Aires", "2026-10-27"},
        {"2045-07-01T03:59:59Z", "America/New_York", "2045-06-30"}, /* past the table's end: by its rule */
        {"2045-01-01T04:59:59Z", "America/New_York", "2044-12-31"},
        /* Unknown, and what the library would take for an offset, a rule or a file: UTC. */
        {"2026-10-27T23:59:59Z", "Nowhere/Land", "2026-10-27"},
        {"2026-10-27T23:59:59Z", "+05:00", "2026-10-27"},
        {"2026-10-27T23:59:59Z", "EST-5EDT,M3.2.0,M11.1.0", "2026-10-27"},
        {"2026-10-27T23:59:59Z", "../zoneinfo/Asia/Kolkata", "2026-10-27"},
        {"2026-10-27T23:59:59Z", "/usr/share/zoneinfo/Asia/Kolkata", "2026-10-27"},
        {"2026-10-27T23:59:59Z", "Asia/", "2026-10-27"},
        {"2026-10-27T23:59:59Z", "Asia/../Asia/Kolkata", "2026-10-27"},
        {"2026-10-27T23:59:59Z", "A/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "2026-10-27"},
    };
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    for (int round = 0; round < 2; round++) { /* read, then from memory */
        for (size_t i = 0; i < COUNT(cases); i++) {
            struct date date = clock_date(instant(cases[i].instant), text_from(cases[i].zone));
            assert_text(date_iso(arena, date), cases[i].date);
        }
    }
}

static void finds_local_times(void **state)
{
    (void)state;
    static const struct {
        struct date date;
        int hour, minute;
        const char *zone, *instant;
    } cases[] = {
        {{2026, 10, 27}, 9, 30, "America/New_York", "2026-10-27T13:30:00Z"},
        {{2026, 12, 27}, 9, 30, "America/New_York", "2026-12-27T14:30:00Z"},
        {{2026, 3, 8}, 1, 59, "America/New_York", "2026-03-08T06:59:00Z"},
        {{2026, 3, 8}, 2, 30, "America/New_York", "2026-03-08T07:00:00Z"}, /* skipped: 3:00 */
        {{2026, 3, 8}, 3, 0, "America/New_York", "2026-03-08T07:00:00Z"},
        {{2026, 11, 1}, 0, 59, "America/New_York", "2026-11-01T04:59:00Z"},
        {{2026, 11, 1}, 1, 30, "America/New_York", "2026-11-01T05:30:00Z"}, /* twice: the first */
        {{2026, 11, 1}, 2, 0, "America/New_York", "2026-11-01T07:00:00Z"},
        {{2026, 10, 27}, 0, 0, "America/Phoenix", "2026-10-27T07:00:00Z"},
        {{2026, 10, 27}, 23, 59, "", "2026-10-27T23:59:00Z"},
        {{2026, 10, 27}, 23, 59, "No/Where", "2026-10-27T23:59:00Z"},
        {{2045, 7, 1}, 0, 0, "America/New_York", "2045-07-01T04:00:00Z"},
    };
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t at = date_at(cases[i].date, cases[i].hour, cases[i].minute, text_from(cases[i].zone));
        assert_text(instant_iso(arena, at), cases[i].instant);
    }
}

static void tells_people(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct date today = {2026, 5, 1};
    assert_text(date_short(arena, (struct date){2026, 10, 27}, today), "Tue, Oct 27");
    assert_text(date_short(arena, (struct date){2027, 1, 3}, today), "Sun, Jan 3, 2027");
    assert_text(date_long(arena, (struct date){2026, 10, 27}, today), "Tuesday, October 27");
    assert_text(date_long(arena, (struct date){2025, 2, 1}, today), "Saturday, February 1, 2025");
    static const struct {
        const char *instant, *now, *zone, *said;
    } cases[] = {
        {"2026-10-27T13:30:00Z", "2026-05-01T00:00:00Z", "America/New_York", "Oct 27, 9:30 AM EDT"},
        {"2026-12-01T17:05:00Z", "2026-05-01T00:00:00Z", "America/New_York", "Dec 1, 12:05 PM EST"},
        {"2027-01-01T04:30:00Z", "2026-05-01T00:00:00Z", "America/New_York", "Dec 31, 11:30 PM EST"},
        {"2027-01-01T05:00:00Z", "2026-05-01T00:00:00Z", "America/New_York", "Jan 1, 2027, 12:00 AM EST"},
        {"2026-10-27T13:30:00Z", "2026-05-01T00:00:00Z", "", "Oct 27, 1:30 PM UTC"},
        {"2026-10-27T13:30:00Z", "2026-05-01T00:00:00Z", "America/Sao_Paulo", "Oct 27, 10:30 AM UTC-03"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text said =
            instant_short(arena, instant(cases[i].instant), instant(cases[i].now), text_from(cases[i].zone));
        assert_text(said, cases[i].said);
    }
    assert_text(instant_short(arena, -60 * CLOCK_SECOND, 0, TEXT_EMPTY), "Dec 31, 1969, 11:59 PM UTC");
    assert_text(instant_short(arena, 0, 0, NEW_YORK), "Dec 31, 7:00 PM EST");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_days),
        cmocka_unit_test(parses_dates),
        cmocka_unit_test(parses_instants),
        cmocka_unit_test(knows_zones),
        cmocka_unit_test(finds_local_times),
        cmocka_unit_test(tells_people),
    };
    return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
