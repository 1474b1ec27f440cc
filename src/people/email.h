/* E-mail addresses, as far as a desk needs to look at them: a plain address that a mail server can be given. */
#ifndef PEOPLE_EMAIL_H
#define PEOPLE_EMAIL_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

#define EMAIL_MAX 254

/* Trims and lower-cases. One '@', a local part of 1 to 64 of the letters that need no quotes (other scripts too), a host with at least
 * one dot whose labels are 1 to 63 letters, digits and hyphens. PROBLEM_INPUT with `field` otherwise. */
bool email_parse(
    struct arena *arena, struct text text, const char *field, struct text *ret, struct problem *problem);

#endif
