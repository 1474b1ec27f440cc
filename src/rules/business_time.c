#include "rules/business_time.h"

#define COUNTED_DAYS_MAX 366

static int64_t opening(struct date date, struct text zone)
{
    return date_at(date, BUSINESS_OPENS, 0, zone);
}

int64_t business_time_from(const struct calendar *calendar, int64_t at, struct text zone)
{
    struct date date = clock_date(at, zone);
    bool over = at >= date_at(date, BUSINESS_CLOSES, 0, zone);
    struct date day = calendar_business_day_from(calendar, over ? date_add_days(date, 1) : date);
    int64_t opens = opening(day, zone);
    return at > opens ? at : opens;
}

int64_t business_time_add(const struct calendar *calendar, int64_t at, unsigned days, struct text zone)
{
    int64_t from = business_time_from(calendar, at, zone);
    struct date day = clock_date(from, zone);
    struct date then = calendar_add_business_days(calendar, day, days);
    return opening(then, zone) + (from - opening(day, zone));
}

unsigned business_days_passed(const struct calendar *calendar, int64_t from, int64_t to, struct text zone)
{
    struct date date = clock_date(from, zone), last = clock_date(to, zone);
    unsigned passed = 0;
    for (int days = 0; days < COUNTED_DAYS_MAX && date_compare(date, last) < 0; days++) {
        date = date_add_days(date, 1);
        passed += calendar_is_business_day(calendar, date) ? 1 : 0;
    }
    return passed;
}

unsigned business_hours_passed(const struct calendar *calendar, int64_t from, int64_t to, struct text zone)
{
    struct date date = clock_date(from, zone), last = clock_date(to, zone);
    int64_t passed = 0;
    for (int days = 0; days <= COUNTED_DAYS_MAX && date_compare(date, last) <= 0; days++) {
        int64_t opens = opening(date, zone), closes = date_at(date, BUSINESS_CLOSES, 0, zone);
        int64_t begins = from > opens ? from : opens, ends = to < closes ? to : closes;
        passed += calendar_is_business_day(calendar, date) && ends > begins ? ends - begins : 0;
        date = date_add_days(date, 1);
    }
    return (unsigned)(passed / CLOCK_HOUR);
}
