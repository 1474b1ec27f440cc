/* What the account's own resources on the 2010-04-01 API share: their addresses name the account and end with .json, their dates are
 * those of mails. */
#ifndef SANDBOX_API_ACCOUNT_H
#define SANDBOX_API_ACCOUNT_H

#include "sandbox/app.h"
#include "sandbox/port.h"

/* Whether the address names our account; answers with 404 when it does not. */
bool account_ours(struct exchange *exchange);
/* The SID in "PN....json" at the end of the address, or the empty slice. */
struct text account_sid_of(struct text name, const char *prefix);
/* "/2010-04-01/Accounts/AC.../<what>" */
struct text account_uri(struct exchange *exchange, struct text what);
void account_date(json_t *json, const char *name, struct arena *arena, int64_t us);

#endif
