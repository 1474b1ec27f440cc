/* My Settings: what a person chooses for oneself. One form, saved whole or not at all. */
#ifndef PEOPLE_MY_SETTINGS_H
#define PEOPLE_MY_SETTINGS_H

#include "numbering/area_codes.h"
#include "people/people.h"
#include "store/vault.h"

/* What saving needs of the program. */
struct my_settings_desk {
    struct db *db;
    struct clock *clock;
    const struct vault *vault;
    const struct area_codes *area_codes;
};

struct my_settings {
    struct text name, time_zone;
    struct text personal_phone; /* E.164 or empty; in a form as typed */
    uint32_t notices_off;       /* bits 1u << enum notice_choice */
    int64_t version; /* which state of them this is: a form goes back with the one that it was opened with */
};

bool my_settings_load(struct db *db, const struct actor *actor, struct arena *arena, struct my_settings *ret,
    struct problem *problem);

/* Saves the form. PROBLEM_INPUT at `name`, `personal_phone` (which names the constraint's reason: being ported into the account, or in its
 * inventory) or `time_zone`. PROBLEM_CONFLICT when they were changed since the form was opened, unless they already are as the form says, so that a
 * form sent twice is saved once. A change is written into the audit log; one of the phone is mailed to the person. */
bool my_settings_save(const struct my_settings_desk *desk, const struct actor *actor,
    const struct my_settings *form, struct problem *problem);

/* The time zones that are offered, those of the United States and Canada first. */
struct time_zone {
    const char *name; /* "America/New_York" */
    enum word word;   /* WORD_NONE: of a place elsewhere, shown by its name */
};
extern const struct time_zone time_zones[];
extern const size_t time_zones_count;

#endif
