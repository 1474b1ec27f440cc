/* Twilio's porting webhooks. The address holds a secret of the connection, the signature is checked where there is one, and all the
 * same an event is only a hint: it is stored raw and makes the order be read again. */
#ifndef HOOKS_TWILIO_HOOK_H
#define HOOKS_TWILIO_HOOK_H

#include "porting/order.h"

#define TWILIO_HOOK_BYTES (64 * 1024) /* of one event */

/* Takes an event. PROBLEM_NOT_FOUND for a token that is no connection's, PROBLEM_FORBIDDEN for a wrong signature, PROBLEM_SYNTAX for a body
 * that is none; an event about a port that we do not know is taken (and stored) too. `query` is the raw query of the address. */
bool twilio_hook_take(struct porting *porting, struct text token, struct text query, struct text signature,
    struct text body, struct arena *arena, struct problem *problem);

#endif
