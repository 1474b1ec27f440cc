/* One call to Twilio: paced, counted, with what its refusals mean. Inside carriers/ only. */
#ifndef CARRIERS_TWILIO_CALL_H
#define CARRIERS_TWILIO_CALL_H

#include "base/metrics.h"
#include "carriers/carrier.h"
#include "carriers/pace.h"
#include "carriers/twilio_wire.h"
#include "net/http_client.h"

/* For one call: an answer, what is sent, and addresses. What the caller keeps is copied to his own arena. */
#define CALL_MEMORY_MAX ((size_t)TWILIO_ANSWER_MAX * 2)

struct carrier {
    struct arena *arena; /* holds the texts below */
    struct text base_url, upload_url, api_url, account_sid, user, secret;
    struct text basic; /* what goes over the wire in place of the last two */
    struct http_client *client;
    struct pace pace;
};

/* A call, with what it is counted as (CARRIER_... of metrics.h). */
struct twilio_call {
    size_t operation;
    struct http_call http;
    const struct port_order *order; /* whose secrets it tells, or NULL */
};

struct twilio_call twilio_call_of(
    const struct carrier *carrier, size_t operation, const char *method, struct text url);
/* Waits for its turn and makes the call; an answer of any status is true. *ret_sent as http_fetch. PROBLEM_LATER, and nothing was sent,
 * while Twilio wants to be left alone. */
bool twilio_call_out(struct carrier *carrier, const struct twilio_call *call, struct arena *arena,
    struct http_answer *ret, bool *ret_sent, struct problem *problem);
/* A call whose answer must be 2xx. */
bool twilio_call_ok(struct carrier *carrier, const struct twilio_call *call, struct arena *arena,
    struct http_answer *ret, bool *ret_sent, struct problem *problem);
/* What an answer outside 2xx means; false. */
bool twilio_refuse(const struct carrier *carrier, const struct twilio_call *call, struct arena *arena,
    const struct http_answer *answer, struct problem *problem);

/* twilio_account.c: what is of the account and of no port. */
bool twilio_check(struct carrier *carrier, struct problem *problem);
bool twilio_list(struct carrier *carrier, int64_t since, struct text token, struct arena *arena,
    struct carrier_list *ret, struct problem *problem);
bool twilio_owned(struct carrier *carrier, struct text e164, struct arena *arena, bool *ret_found,
    struct text *ret_ref, struct problem *problem);
bool twilio_brand(struct carrier *carrier, const struct carrier_brand *brand, struct problem *problem);
bool twilio_webhook_now(
    struct carrier *carrier, struct arena *arena, struct text *ret_url, struct problem *problem);
bool twilio_configure_webhook(struct carrier *carrier, struct text url, struct problem *problem);

#endif
