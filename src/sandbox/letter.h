/* The letter of authorization of a port: its content from the port's data. */
#ifndef SANDBOX_LETTER_H
#define SANDBOX_LETTER_H

#include "letters/loa.h"
#include "sandbox/port.h"

#define GAINING_CARRIER TEXT("Twilio")
#define LETTER_COUNTRY TEXT("US") /* only its numbers are ported by this API */

/* The letter's content; everything lives in the arena or in the port. */
struct loa_content letter_of(const struct port *port, struct arena *arena);

/* "Tuesday, November 3, 2026" in the zone of the letters, for the day that an instant begins. */
struct text letter_date(struct arena *arena, int64_t us);
/* "Nov 3, 2026" */
struct text letter_date_short(struct arena *arena, int64_t us);

#endif
