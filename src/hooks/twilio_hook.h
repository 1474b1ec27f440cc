/* Twilio's porting webhooks. The address holds a secret of this desk, the signature is checked where there is one, and all the
 * same an event is only a hint: it is stored raw and makes the order be read again. */
#ifndef HOOKS_TWILIO_HOOK_H
#define HOOKS_TWILIO_HOOK_H

#include "porting/order.h"

#define TWILIO_HOOK_BYTES (64 * 1024) /* of one event */
#define TWILIO_HOOK_TOKEN 33          /* 32 hex digits and a NUL */

struct twilio_hook {
    struct porting *porting;
    struct text auth_token;
    char token[TWILIO_HOOK_TOKEN];
};

/* Derives the secret part of the address from the vault's key. */
void twilio_hook_init(
    struct twilio_hook *hook, struct porting *porting, const struct vault *vault, struct text auth_token);

/* The address to tell Twilio, in the arena. */
struct text twilio_hook_url(const struct twilio_hook *hook, struct arena *arena);

/* Takes an event. PROBLEM_NOT_FOUND for a wrong token, PROBLEM_FORBIDDEN for a wrong signature, PROBLEM_SYNTAX for a body that is none;
 * an event about a port that we do not know is taken (and stored) too. `query` is the raw query of the address. */
bool twilio_hook_take(const struct twilio_hook *hook, struct text token, struct text query,
    struct text signature, struct text body, struct arena *arena, struct problem *problem);

#endif
