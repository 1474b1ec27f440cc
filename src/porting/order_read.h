/* From the carrier's re-read to news of our numbers. Inside porting/ only. */
#ifndef PORTING_ORDER_READ_H
#define PORTING_ORDER_READ_H

#include "porting/advance.h"

/* Translates a re-read that was asked for at `asked_at`. Words that nobody knows go to *ret_unknown (empty when all are known) and
 * their numbers are left out. *ret_news has at most port->number_count items. */
void order_read(struct arena *arena, const struct porting *porting, const struct carrier_port *port,
    int64_t asked_at, struct number_news **ret_news, size_t *ret_count, struct text *ret_unknown);

/* Takes a re-read into the database: what the order is called, its signing link, its numbers, and what follows for
 * an order that waits for this one to be canceled. Ends with the roll-up. */
bool order_take(struct db_tx *tx, struct advance *advance, struct order_row *order,
    const struct carrier_port *port, int64_t asked_at, bool cancel_refused);

#endif
