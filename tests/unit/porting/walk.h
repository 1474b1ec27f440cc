/* A seeded walk at random over port requests: what it remembers, and what must always hold. */
#ifndef PORTING_WALK_H
#define PORTING_WALK_H

#include <setjmp.h>

#include "bench.h"

#define WALK_REQUESTS_MAX 7
#define WALK_NUMBERS 4

extern const char *const walk_pool[WALK_NUMBERS];

/* What the walk remembers of a number, to see that an end is one. */
struct memory {
    char id[ID_MAX + 1];
    int attempt;
    enum number_status status;
};

struct walk {
    struct bench *bench;
    uint64_t random;
    uint64_t seed;
    int step;
    struct id requests[WALK_REQUESTS_MAX];
    const struct actor *actors[WALK_REQUESTS_MAX];
    size_t requests_count;
    int64_t events;
    int64_t runs; /* of jobs */
    struct memory memories[WALK_REQUESTS_MAX * WALK_NUMBERS];
    size_t memories_count;
    bool faults; /* the carrier may fail, the process may die */
    int depth;   /* of things that happen while something is on its way */
    jmp_buf death;
    bool mortal; /* a job runs whose process may die */
};

/* Looks at everything that must hold after each step; fails the test with the walk's seed and step otherwise. */
void walk_check(struct walk *walk);
/* Jobs that nobody would run any more. */
void walk_check_jobs(struct walk *walk);
/* For whoever looks into a walk that failed. */
void walk_dump(struct walk *walk);

#endif
