/* Named places where a test makes the process die as by kill -9, to show that nothing answered is lost and nothing is
 * done twice. Set by the environment variable PORTDESK_FAILPOINT="name" or "name:3" (the third time); without it a
 * failpoint costs one load of a global. Known names are listed in failpoint.c; another name refuses to start. */
#ifndef BASE_FAILPOINT_H
#define BASE_FAILPOINT_H

#include "base/problem.h"

/* Reads the environment once at start. */
bool failpoint_init(struct problem *problem);
/* Dies here when the name is armed and its count is reached. */
void failpoint(const char *name);

/* The names, NULL-terminated; tests enumerate them. */
extern const char *const failpoint_names[];

#endif
