/* How often something may be tried in a while. What is counted is kept as a hash, as people type all sorts of things. */
#ifndef PEOPLE_TRIES_H
#define PEOPLE_TRIES_H

#include "people/people.h"

#define TRIES_WINDOW (15 * CLOCK_MINUTE)

/* Counts one try of `who` at `what` ("reset"), unless there were `max` of them in the window: then *ret_full, and the minutes until the
 * next may be made. Runs inside the caller's transaction. */
bool tries_take(struct db_tx *tx, struct clock *clock, const char *what, struct text who, int64_t max,
    bool *ret_full, int64_t *ret_minutes);
/* The same; fails the transaction with PROBLEM_TOO_MANY and the minutes when it is full. */
bool tries_demand(struct db_tx *tx, struct clock *clock, const char *what, struct text who, int64_t max);
/* What is counted for `who` at `what`: the subject of its tries. */
struct text tries_subject(struct arena *arena, const char *what, struct text who);
/* Whether the subject has had `max` tries in the window before `now`; then *ret_minutes until the next may be made, at least 2. */
bool tries_are_used_up(struct db_tx *tx, struct text subject, int64_t max, int64_t now, int64_t *ret_minutes);
/* One client is one IPv4 address, or the /64 that an IPv6 customer is given: what tells clients apart. */
struct text tries_client(struct arena *arena, struct text client);

#endif
