/* What of a request can be corrected and sent again, and why. Inside porting/ only. */
#ifndef PORTING_FIX_SCOPE_H
#define PORTING_FIX_SCOPE_H

#include "porting/row.h"
#include "porting/submit.h"

/* Which correction a number is open to. For a customer a refusal only when the reason is the customer's to mend; the porting team may mend all. */
enum fix_scope number_fix_scope(const struct porting *porting, const struct order_row *orders,
    size_t orders_count, const struct number_row *number, bool team);

/* Which one the request is open to now: what was refused or ran out goes before what the carrier ended, and that before the signer of a letter that
 * waits. */
enum fix_scope request_fix_scope(const struct porting *porting, const struct order_row *orders,
    size_t orders_count, const struct number_row *numbers, size_t numbers_count, bool team);

#endif
