/* What stands in the way of a number that somebody wants as a personal phone. */
#ifndef PORTING_HOLDER_H
#define PORTING_HOLDER_H

#include "porting/porting.h"

enum number_holding {
    HOLDING_NONE,
    HOLDING_PORT,      /* it is being moved into the account */
    HOLDING_INVENTORY, /* it lives here */
};

struct number_holder {
    enum number_holding holding;
    struct text request, reference; /* of a port that the actor may see, else empty */
};

/* Of the actor's own account. Texts live in the arena. */
bool number_holder(struct porting *porting, const struct actor *actor, struct text e164, struct arena *arena,
    struct number_holder *ret, struct problem *problem);

#endif
