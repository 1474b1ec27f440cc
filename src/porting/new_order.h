/* Making carrier orders: the first ones of a request, and those of a further attempt. Inside porting/ only. */
#ifndef PORTING_NEW_ORDER_H
#define PORTING_NEW_ORDER_H

#include "porting/row.h"
#include "rules/split.h"

struct new_order {
    struct text account, request, carrier, way;
    int attempt;
    struct text replaces; /* the order of the attempt before, or empty */
    bool waits;           /* until that one is canceled */
    struct id id;         /* filled */
};

/* Writes the order, and the job that places it unless it waits or is worked by hand. */
bool new_order(struct db_tx *tx, struct porting *porting, struct new_order *order);
/* Whether orders of that way go by the gaining carrier's API; else the porting team works them by hand. */
bool order_goes_by_api(const struct carrier_can *can, enum way way);
/* Numbers of it, before any carrier said anything. */
bool new_order_numbers(
    struct db_tx *tx, const struct new_order *order, const struct text *e164, size_t count);

#endif
