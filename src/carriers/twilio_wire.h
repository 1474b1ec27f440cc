/* Twilio's JSON, to and from our structs. Pure: bytes in, values out; every answer is hostile until it has passed here.
 * What is not as Twilio describes it is PROBLEM_LATER: it may be a proxy's page, and the next try may go better. */
#ifndef CARRIERS_TWILIO_WIRE_H
#define CARRIERS_TWILIO_WIRE_H

#include "carriers/carrier.h"

#define TWILIO_ANSWER_MAX (2 * 1024 * 1024) /* bytes; a port of 1,000 numbers is some 600 KiB */
#define TWILIO_NUMBERS_MAX 1000             /* per port-in request */
#define TWILIO_DOCUMENTS_MAX 50
#define TWILIO_SID_LENGTH 34

/* Two letters and 32 hex digits: "KW...", "PU...", "RD...", "AC...". */
bool twilio_is_sid(struct text text, const char *prefix);

/* The body of POST /v1/Porting/PortIn. */
struct text twilio_write_order(struct arena *arena, struct text account_sid, const struct port_order *order);

/* A PortIn as create and fetch answer it. */
bool twilio_read_port(
    struct arena *arena, struct text body, struct carrier_port *ret, struct problem *problem);

/* A Portability answer; Twilio sends the reason also with HTTP 400. */
bool twilio_read_portability(
    struct arena *arena, struct text body, struct portability_answer *ret, struct problem *problem);

/* A Documents answer: the RD SID. An empty mime_type means that nothing arrived. */
bool twilio_read_document(
    struct arena *arena, struct text body, struct text *ret_ref, struct problem *problem);

/* One page of PortInRequests. */
bool twilio_read_list(
    struct arena *arena, struct text body, struct carrier_list *ret, struct problem *problem);

/* IncomingPhoneNumbers, filtered by a number: whether it is among them, and its PN SID. */
bool twilio_read_owned(struct arena *arena, struct text body, struct text e164, bool *ret_found,
    struct text *ret_ref, struct problem *problem);

/* The address of port-in webhooks, or the empty slice. */
bool twilio_read_webhook_url(
    struct arena *arena, struct text body, struct text *ret_url, struct problem *problem);

/* Twilio's error body {code, message, more_info, status}; code 0 when it is none. */
int64_t twilio_read_error(struct arena *arena, struct text body, struct text *ret_message);

/* The port that a webhook is about. */
bool twilio_read_webhook(
    struct text body, struct arena *arena, struct text *ret_ref, struct problem *problem);

#endif
