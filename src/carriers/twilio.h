/* Twilio as the gaining carrier: its Porting API (public beta), documents and porting webhooks. */
#ifndef CARRIERS_TWILIO_H
#define CARRIERS_TWILIO_H

#include "carriers/carrier.h"

extern const struct carrier_api twilio_api;

/* Opens a connection (no call is made). PROBLEM_INPUT on account_sid or key_sid when it is malformed. */
bool twilio_open(
    const struct carrier_access *access, struct carrier_connection *ret, struct problem *problem);

/* Whether X-Twilio-Signature is right for a JSON webhook: the URL carries bodySHA256, the SHA-256 of the raw body in hex;
 * the URL alone is signed with HMAC-SHA1 and the auth token (twilio-python's request_validator; the form of porting
 * webhooks is not documented, so a missing signature is not refused: webhooks are hints). */
enum webhook_signature { WEBHOOK_SIGNATURE_VALID, WEBHOOK_SIGNATURE_MISSING, WEBHOOK_SIGNATURE_WRONG };
enum webhook_signature twilio_check_signature(
    struct text auth_token, struct text url, struct text body, struct text signature);

#endif
