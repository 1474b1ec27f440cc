/* The injected clock. Nothing else in the product asks the system for the time of day. In production it is the system's
 * clock; in the demo and in tests it is a small shared file that Portdesk and the sandbox carrier both map, so that
 * days of porting pass in seconds and yet dates, reminders and expiries stay true. Instants are UTC microseconds since
 * 1970; a calendar date is a struct date and has no zone. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

#define CLOCK_SECOND INT64_C(1000000)
#define CLOCK_MINUTE (60 * CLOCK_SECOND)
#define CLOCK_HOUR (60 * CLOCK_MINUTE)
#define CLOCK_DAY (24 * CLOCK_HOUR)

struct clock;

struct date {
    int year, month, day; /* month and day from 1 */
};

/* The system's clock. */
struct clock *clock_system(void);
/* A clock of a test: stands still until clock_advance. */
struct clock *clock_fixed(int64_t now_us);
/* The shared clock in the file at `path`, made (mode 0600, real time, speed 1) when it is not there. The file's content
 * is hostile until checked: a wrong size or magic is a problem. */
bool clock_shared(const char *path, struct clock **ret, struct problem *problem);
void clock_free(struct clock *clock); /* NULL and the system's clock are allowed */

/* Now, in UTC µs. Never goes back within one clock. */
int64_t clock_now(struct clock *clock);
/* As clock_now, but each call within one clock gives a later instant than the one before, by a µs at least: what ids
 * are made of, so that they sort in the order of making even while the clock stands still. */
int64_t clock_tick(struct clock *clock);
/* Moves a fixed or shared clock forward by `us` (>= 0). */
void clock_advance(struct clock *clock, int64_t us);
/* Speed of a shared clock: this many virtual seconds for each real one, 0 to 1,000,000. */
void clock_set_speed(struct clock *clock, uint32_t speed);
uint32_t clock_speed(struct clock *clock);
/* Blocks until the clock reads `until_us`, or it was advanced or its speed changed, or `wake_fd` (an eventfd, or -1) is
 * readable, or `max_real_ms` of real time have gone by, whichever is first. What loops that serve due work wait with. */
void clock_wait(struct clock *clock, int64_t until_us, int wake_fd, int max_real_ms);

/* The date and time of day of an instant in a zone ("America/New_York"; unknown or empty is UTC). */
struct date clock_date(int64_t us, struct text zone);
/* Days since 1970-01-01; proleptic Gregorian. */
int64_t date_to_days(struct date date);
struct date date_from_days(int64_t days);
/* The instant at `hour`:`minute` local time of the date in the zone (a time that the zone skips moves forward). */
int64_t date_at(struct date date, int hour, int minute, struct text zone);
bool date_is_real(struct date date);
int date_weekday(struct date date); /* 0 Sunday ... 6 Saturday */
/* The one date parser: exactly YYYY-MM-DD, a real date of 1970 to 2199. */
bool date_parse(struct text text, struct date *ret);
struct text date_iso(struct arena *arena, struct date date); /* 2026-10-27 */
/* RFC 3339 with any offset, and a fraction that is cut to µs; nothing looser. */
bool instant_parse(struct text text, int64_t *ret_us);
struct text instant_iso(struct arena *arena, int64_t us); /* 2026-10-27T09:30:00Z */

/* For people, in English, in a zone; `now_us` decides whether the year is shown. */
struct text date_short(struct arena *arena, struct date date, struct date today); /* Tue, Oct 27 */
struct text date_long(struct arena *arena, struct date date, struct date today);  /* Tuesday, October 27 */
struct text instant_short(
    struct arena *arena, int64_t us, int64_t now_us, struct text zone); /* Oct 27, 9:30 AM EDT */

#endif
