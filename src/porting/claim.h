/* The guard (MISSION P11): which number is in what use. A claim is a row in number_use and in the directory of all
 * accounts; the constraints of the tables hold it, whichever way two requests meet. Inside porting/ only. */
#ifndef PORTING_CLAIM_H
#define PORTING_CLAIM_H

#include "store/db.h"

struct porting;

/* A number as the claims know it. */
struct claim {
    struct text number_id; /* of its row in port_number */
    struct text e164;
};

/* Claims numbers for a port; fails the transaction with PROBLEM_CONFLICT on field "numbers", about the first one that is a user's personal
 * phone, in the inventory, or being ported, here or in another account. */
bool claim_ports(struct db_tx *tx, struct text account, const struct text *e164, size_t count);
/* Gives them back when their port has ended otherwise than completed. */
bool claim_release(struct db_tx *tx, struct text account, const struct claim *claims, size_t count);
/* The port is complete: the numbers enter the inventory in the same breath. */
bool claim_to_inventory(struct db_tx *tx, const struct porting *porting, struct text account,
    const struct claim *claims, size_t count, struct text carrier, struct text request, int64_t since);

#endif
