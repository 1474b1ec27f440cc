#include "rules/calendar.h"

#include "numbering/tsv.h"

int date_compare(struct date a, struct date b)
{
    int64_t left = date_to_days(a);
    int64_t right = date_to_days(b);
    return (left > right) - (left < right);
}

struct date date_add_days(struct date date, int days)
{
    return date_from_days(date_to_days(date) + days);
}

bool calendar_parse(struct arena *arena, struct text content, struct calendar *ret, struct problem *problem)
{
    struct tsv tsv;
    if (!tsv_begin(&tsv, content, "holidays.tsv", "date\tname", problem)) {
        return false;
    }
    struct holiday *holidays = ARENA_ARRAY(arena, struct holiday, tsv_rows_max(content));
    size_t count = 0;
    struct problem found = {0};
    struct text fields[TSV_FIELDS_MAX];
    while (tsv_next(&tsv, fields, &found)) {
        struct holiday holiday = {.name = fields[1]};
        if (!date_parse(fields[0], &holiday.date) || holiday.name.len == 0) {
            tsv_problem(&tsv, "a date (YYYY-MM-DD) and a name", &found);
            break;
        }
        if (count > 0 && date_compare(holidays[count - 1].date, holiday.date) >= 0) {
            tsv_problem(&tsv, "the dates are not in their order", &found);
            break;
        }
        holidays[count] = holiday;
        count++;
    }
    if (!tsv_end(&found, problem)) {
        return false;
    }
    *ret = (struct calendar){.holidays = holidays, .count = count};
    return true;
}

const struct holiday *calendar_holiday(const struct calendar *calendar, struct date date)
{
    for (size_t i = 0; i < calendar->count; i++) {
        if (date_compare(calendar->holidays[i].date, date) == 0) {
            return &calendar->holidays[i];
        }
    }
    return NULL;
}

bool calendar_is_business_day(const struct calendar *calendar, struct date date)
{
    int weekday = date_weekday(date);
    return weekday != 0 && weekday != 6 && !calendar_holiday(calendar, date);
}

struct date calendar_business_day_from(const struct calendar *calendar, struct date date)
{
    while (!calendar_is_business_day(calendar, date)) {
        date = date_add_days(date, 1);
    }
    return date;
}

struct date calendar_add_business_days(const struct calendar *calendar, struct date date, unsigned days)
{
    if (days == 0) {
        return calendar_business_day_from(calendar, date);
    }
    for (; days > 0; days--) {
        date = calendar_business_day_from(calendar, date_add_days(date, 1));
    }
    return date;
}

struct date calendar_earliest_wish(
    const struct calendar *calendar, const struct wish_days *days, struct date today)
{
    return calendar_business_day_from(calendar, date_add_days(today, days->earliest));
}

struct date calendar_latest_wish(
    const struct calendar *calendar, const struct wish_days *days, struct date today)
{
    struct date date = date_add_days(today, days->latest);
    while (!calendar_is_business_day(calendar, date)) {
        date = date_add_days(date, -1);
    }
    return date;
}
