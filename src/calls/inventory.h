/* The inventory: the numbers that are here, after their port. (Routing, calls and texts follow.) */
#ifndef CALLS_INVENTORY_H
#define CALLS_INVENTORY_H

#include "base/clock.h"
#include "people/actor.h"
#include "store/db.h"
#include "store/vault.h"

#define INVENTORY_PAGE 100
#define INVENTORY_COUNT_MAX 1000 /* counted no further */

struct inventory_new {
    struct text account, carrier;
    const struct text *numbers; /* E.164 */
    size_t count;
    struct text request; /* the port that brought them */
    int64_t since;       /* µs */
    int64_t ready_at;    /* µs; 0: the carrier's own inventory may not have them yet */
    struct clock *clock;
    const struct vault *vault;
};

/* Takes numbers in: their use (number_use) and their rows. One that somebody has as a personal phone comes in all the same, and that
 * person has none any more (personal_phones_yield); fails with PROBLEM_CONFLICT when one is in other use already. */
bool inventory_add(struct db_tx *tx, const struct inventory_new *from);

struct inventory_row {
    struct text e164, label, carrier;
    struct text request;        /* the port that brought it, when the reader may see that; or empty */
    struct text assigned_to;    /* the user's name, or empty */
    struct text losing_carrier; /* key of the carrier that it came from, or empty */
    int64_t since;
    bool arriving; /* ported, and not yet in the carrier's own inventory */
};

struct inventory_list {
    struct inventory_row *rows;
    size_t rows_count;
    int64_t total;    /* INVENTORY_COUNT_MAX: as many or more */
    struct text next; /* the last number of this page when there are more, or empty */
};

/* Who may: RIGHT_NUMBER_SEE (people/rights.h); PROBLEM_FORBIDDEN for a role without it. */

/* The numbers of the actor's account after `after` (E.164 or empty), a page of them. */
bool inventory_list(struct db *db, const struct actor *actor, struct text after, struct arena *arena,
    struct inventory_list *ret, struct problem *problem);

/* How many numbers the actor's account has; INVENTORY_COUNT_MAX: as many or more. */
bool inventory_count(struct db *db, const struct actor *actor, int64_t *ret, struct problem *problem);

#endif
