/* Passwords, kept as Argon2id hashes (64 MiB each). Hashing is what a stranger can make us do, so it is bounded: few at once,
 * a short line before them, and everybody beyond is told to come back. It is done by threads of its own that are less urgent than those
 * that answer pages, so that a flood of sign-ins does not slow the pages of others. */
#ifndef PEOPLE_PASSWORDS_H
#define PEOPLE_PASSWORDS_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

#define PASSWORD_MIN 10  /* code points */
#define PASSWORD_MAX 128 /* code points */

struct passwords;

/* What a hash costs: libsodium's interactive level, two passes over 64 MiB; or the least there is, for tests that need people but
 * not their passwords' strength. A hash tells its own cost, so both are checked alike. */
enum password_cost { PASSWORD_COST_INTERACTIVE, PASSWORD_COST_LEAST };

/* `at_once` hashes run together; `waiting_max` callers may wait for their turn. Computes one hash, and starts
 * `at_once` threads. */
bool passwords_open(size_t at_once, size_t waiting_max, enum password_cost cost, struct passwords **ret,
    struct problem *problem);
/* No call may be under way. NULL is allowed. */
void passwords_close(struct passwords *passwords);

/* The hash to store, in the arena. PROBLEM_INPUT on `password` for one that is too short or long; PROBLEM_TOO_MANY when the line
 * is full. */
bool password_hash(struct passwords *passwords, struct arena *arena, struct text password, struct text *ret,
    struct problem *problem);

/* Whether the password belongs to the hash. An empty hash takes the same time and never fits: for e-mails nobody has.
 * PROBLEM_TOO_MANY when the line is full. */
bool password_check(struct passwords *passwords, struct text hash, struct text password, bool *ret_fits,
    struct problem *problem);

/* How many hashes were computed, for tests: what answers alike must have cost alike. */
uint64_t passwords_computed(struct passwords *passwords);

#endif
