/* The guard (MISSION P11): which number is in what use. A claim is a row in number_use and in the directory of all
 * accounts; the constraints of the tables hold it, whichever way two requests meet. Inside porting/ only. */
#ifndef PORTING_CLAIM_H
#define PORTING_CLAIM_H

#include "store/db.h"

/* Claims a number for a port; fails the transaction with PROBLEM_CONFLICT on field "numbers" when it is a user's personal
 * phone, in the inventory, or being ported, here or in another account. */
bool claim_port(struct db_tx *tx, struct text account, struct text e164, struct text e164_for_people);
/* Gives it back when its port has ended otherwise than completed. */
bool claim_release(struct db_tx *tx, struct text account, struct text number_id, struct text e164);
/* The port is complete: the number enters the inventory in the same breath. */
bool claim_to_inventory(struct db_tx *tx, struct text account, struct text number_id, struct text e164,
    struct text carrier, struct text request, int64_t since);

#endif
