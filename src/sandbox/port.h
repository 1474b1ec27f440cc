/* A port as it stands in the database, and as Twilio's JSON tells it. */
#ifndef SANDBOX_PORT_H
#define SANDBOX_PORT_H

#include "base/json.h"
#include "sandbox/sandbox.h"

#define PORT_NUMBERS_MAX 1000
#define PORT_DOCUMENTS_MAX 20
#define PORT_EMAILS_MAX 10

struct port_number {
    struct text sid, e164, type, status, reason, verdict, rejection, before_canceling, scenario;
    int64_t reason_code, changed_at, port_at; /* port_at: the firm date and time, 0 when there is none */
    int64_t inventory_at;                     /* when the account gets it; 0: not ported */
    bool portable, is_open, redated;
};

struct port {
    struct text sid, status, customer_type, customer_name, account_number, btn, representative,
        representative_email;
    struct text street, street_2, city, state, zip, country;
    struct text notification_emails; /* JSON array */
    struct text target_date, target_start, target_end, cancel_reason, sign_token, signature, signed_ip;
    struct text address_sid, bundle_sid, advance_carrier, auto_cancel;
    int64_t position, changed_at, created_at, letter_at, expires_at, signed_at, declined_at;
    struct text documents[PORT_DOCUMENTS_MAX];
    size_t document_count;
    struct port_number *numbers;
    size_t number_count;
};

/* Reads a port with its numbers and documents into the arena. False with *ret_found false when there is none. */
bool port_load(struct db_tx *tx, struct text sid, struct arena *arena, struct port *ret, bool *ret_found);
/* The port that a signing link opens. */
bool port_of_token(
    struct db_tx *tx, struct text token, struct arena *arena, struct port *ret, bool *ret_found);
/* Writes a whole new port. */
bool port_insert(struct db_tx *tx, const struct port *port);

/* The addresses that get a copy of the signed letter: the signer's first; at most PORT_EMAILS_MAX + 1. */
size_t port_copies(const struct port *port, struct arena *arena, struct text ret[PORT_EMAILS_MAX + 1]);

/* numbers.v1.porting_port_in; the caller releases it. */
json_t *port_json(const struct sandbox *sandbox, struct arena *arena, const struct port *port);
/* numbers.v1.porting_port_in_phone_number */
json_t *port_number_json(const struct sandbox *sandbox, struct arena *arena, const struct port *port,
    const struct port_number *number);
struct text port_sign_url(const struct sandbox *sandbox, struct arena *arena, const struct port *port);

/* Sets a member to the text, or to null when it is empty. */
void json_text_or_null(json_t *object, const char *name, struct text value);
/* Sets a member to the instant, or to null when it is 0. */
void json_instant_or_null(json_t *object, const char *name, struct arena *arena, int64_t us);

#endif
