/* Hours in which people are written to and waited for: Monday to Friday from 9 to 5 in a zone, holidays left out. What is due at
 * another time is due when the next business day begins. */
#ifndef RULES_BUSINESS_TIME_H
#define RULES_BUSINESS_TIME_H

#include "rules/calendar.h"

#define BUSINESS_OPENS 9
#define BUSINESS_CLOSES 17

/* The instant itself within business hours of the zone, else when they next begin. µs. */
int64_t business_time_from(const struct calendar *calendar, int64_t at, struct text zone);
/* The same time of day so many business days later. */
int64_t business_time_add(const struct calendar *calendar, int64_t at, unsigned days, struct text zone);
/* How many business days have begun after the day of `from` until `to`; 0 when `to` is no later day. Counts no further than 366 days. */
unsigned business_days_passed(const struct calendar *calendar, int64_t from, int64_t to, struct text zone);

/* How many whole business hours lie between the two; 0 when `to` is not later. Counts no further than 366 days. */
unsigned business_hours_passed(const struct calendar *calendar, int64_t from, int64_t to, struct text zone);

#endif
