/* "Is it still you?": what changes how a person comes in is done only soon after a sign-in, or with the password once more. */
#ifndef PEOPLE_CONFIRM_H
#define PEOPLE_CONFIRM_H

#include "people/sessions.h"

#define CONFIRM_TRIES_MAX                                                                                    \
    10 /* wrong passwords of a person in SIGN_IN_WINDOW; counted apart from those of the sign-in */

/* True when the session is fresh, or the password is the person's. PROBLEM_INPUT on `password`; PROBLEM_TOO_MANY after too many wrong
 * ones, with the minutes in `about`. */
bool person_confirm(const struct sessions *sessions, struct arena *arena, const struct session *session,
    struct text password, struct problem *problem);

#endif
