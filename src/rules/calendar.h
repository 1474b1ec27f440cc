/* Business days: weekends and holidays left out. Holidays are data (data/holidays.tsv: US federal holidays as
 * observed). Porting desks keep fewer holidays than the government, and each losing carrier its own, so a holiday
 * only warns. */
#ifndef RULES_CALENDAR_H
#define RULES_CALENDAR_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/problem.h"

/* How many calendar days ahead a day can be wished: the gaining carrier says. */
struct wish_days {
    int earliest, latest;
};

struct holiday {
    struct date date;
    struct text name;
};

struct calendar {
    const struct holiday *holidays; /* sorted by date */
    size_t count;
};

/* The holidays that are built in (data/holidays.tsv of the build). */
struct text holidays_data(void);
/* Reads holidays; the texts point into `tsv`. PROBLEM_INPUT with the line for a bad date, a double, a date out of
 * order. */
bool calendar_parse(struct arena *arena, struct text tsv, struct calendar *ret, struct problem *problem);

const struct holiday *calendar_holiday(const struct calendar *calendar, struct date date); /* or NULL */
bool calendar_is_business_day(const struct calendar *calendar, struct date date);
/* The first business day on or after the date. */
struct date calendar_business_day_from(const struct calendar *calendar, struct date date);
/* `days` business days after the date (0: as calendar_business_day_from). */
struct date calendar_add_business_days(const struct calendar *calendar, struct date date, unsigned days);
/* The first and last date that a customer can wish today: business days. */
struct date calendar_earliest_wish(
    const struct calendar *calendar, const struct wish_days *days, struct date today);
struct date calendar_latest_wish(
    const struct calendar *calendar, const struct wish_days *days, struct date today);

int date_compare(struct date a, struct date b);
struct date date_add_days(struct date date, int days);

#endif
