/* The part of a day that a customer may wish a port for. Carriers take a range of times and promise none of it. */
#ifndef RULES_WISH_H
#define RULES_WISH_H

#include "base/text.h"
#include "base/words.h"

enum wish_time {
    WISH_ANY_TIME,
    WISH_MORNING,
    WISH_AFTERNOON,
    WISH_TIME_COUNT,
};

/* "", "morning", "afternoon": as forms and records have it. */
const char *wish_time_name(enum wish_time time);
bool wish_time_parse(struct text name, enum wish_time *ret);
/* "Any time", "Morning, 8 AM to noon". */
enum word wish_time_word(enum wish_time time);

/* From when until when, in minutes of the day where the numbers are; both 0: any time. Within the hours in which carriers' people work. */
struct wish_range {
    int from, until;
};
struct wish_range wish_time_range(enum wish_time time);

#endif
