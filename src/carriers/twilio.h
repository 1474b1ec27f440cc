/* Twilio as the gaining carrier: its Porting API (public beta), documents and porting webhooks. */
#ifndef CARRIERS_TWILIO_H
#define CARRIERS_TWILIO_H

#include "carriers/carrier.h"

struct twilio_options {
    struct text base_url;    /* https://numbers.twilio.com */
    struct text upload_url;  /* https://numbers-upload.twilio.com: documents go to a host of their own */
    struct text account_sid; /* AC... */
    struct text auth_token;  /* secret; also signs webhooks */
    unsigned total_ms;       /* time-out of one call; 0 is 30 s */
};

/* Opens a connection (no call is made). The texts are copied. PROBLEM_INPUT when the SID is malformed. */
bool twilio_open(
    const struct twilio_options *options, struct carrier_connection *ret, struct problem *problem);

/* Whether X-Twilio-Signature is right for a JSON webhook: the URL carries bodySHA256, the SHA-256 of the raw body in hex;
 * the URL alone is signed with HMAC-SHA1 and the auth token (twilio-python's request_validator; the form of porting
 * webhooks is not documented, so a missing signature is not refused: webhooks are hints). */
enum webhook_signature { WEBHOOK_SIGNATURE_VALID, WEBHOOK_SIGNATURE_MISSING, WEBHOOK_SIGNATURE_WRONG };
enum webhook_signature twilio_check_signature(
    struct text auth_token, struct text url, struct text body, struct text signature);

#endif
