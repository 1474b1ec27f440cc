/* What an advance writes of an order's numbers, collected first, so that numbers that changed together cost one statement, and numbers that did not
 * change cost none. Inside advance.c only. */
#ifndef PORTING_ADVANCE_WRITE_H
#define PORTING_ADVANCE_WRITE_H

#include "porting/advance.h"
#include "porting/claim.h"

struct batch {
    const struct number_news **said; /* what the order said of them, where that is new */
    size_t said_count;
    struct number_row **changed;
    size_t changed_count;
    struct claim *completed, *released;
    size_t completed_count, released_count;
};

/* What the order had said of its numbers before. */
struct said {
    struct number_news *items;
    size_t count;
};

/* Room for so many numbers, in the arena. */
struct batch batch_new(struct arena *arena, size_t count);
bool said_read(struct db_tx *tx, const struct order_row *order, struct said *ret);
/* NULL: nothing. */
const struct number_news *said_find(const struct said *said, struct text e164);
/* Whether the order had said that before, so that a write would change nothing. What it does not tell again stays. */
bool said_is(const struct number_news *before, const struct number_news *news);
/* Whether one statement can write both numbers. */
bool batch_is_alike(const struct number_row *a, const struct number_row *b);
/* The end of a number: its place will be given back, or it enters the inventory. */
void batch_end_number(struct batch *batch, struct number_row *number);
bool batch_write(
    struct db_tx *tx, struct advance *advance, const struct order_row *order, const struct batch *batch);

#endif
