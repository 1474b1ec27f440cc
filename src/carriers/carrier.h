/* A gaining carrier, as the heart of the product sees it. Each carrier is one file that fills this table; everything of
 * its wire format stays there. Calls block, have time-outs, and change nothing in our database. */
#ifndef CARRIERS_CARRIER_H
#define CARRIERS_CARRIER_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/problem.h"
#include "base/text.h"

struct carrier; /* an open connection: credentials, addresses, client */

enum portability {
    PORTABILITY_YES,
    PORTABILITY_NO,      /* cannot be ported; see reason */
    PORTABILITY_MANUAL,  /* not through the API; a person can */
    PORTABILITY_HERE,    /* it is already on this account or being ported into it */
    PORTABILITY_UNKNOWN, /* the carrier could not tell; never blocks anybody */
};

struct portability_answer {
    enum portability portability;
    bool pin_needed;    /* with the account number */
    struct text reason; /* the carrier's own word, raw: "UNSUPPORTED" */
    int64_t reason_code;
    struct text kind; /* "LOCAL", "MOBILE", ... raw */
};

/* What the carrier is told of a port. All texts are as the customer wrote them. */
struct port_order {
    struct text customer_name;
    bool business;
    struct text account_number;
    struct text btn; /* E.164 or empty */
    struct text owner_name, owner_email;
    struct text street, unit, city, state, zip, country; /* country: "US" */
    struct text pin;                                     /* or empty */
    struct text wished_date;                             /* YYYY-MM-DD or empty */
    const struct text *numbers;                          /* E.164 */
    size_t number_count;
    const struct text *documents; /* the carrier's references */
    size_t document_count;
    const struct text *copies_to; /* addresses that get a copy of the signed LOA */
    size_t copy_count;
};

/* One number in a re-read, in the carrier's own words. */
struct carrier_number {
    struct text e164;
    struct text ref;
    struct text status;    /* raw word */
    int64_t changed_at;    /* µs of the carrier's clock, 0 when not told */
    struct text rejection; /* raw word, or empty */
    int64_t rejection_code;
    bool not_portable;
    struct text not_portable_reason;
    int64_t port_at;       /* µs; the firm date and time, 0 when there is none */
    struct text port_date; /* YYYY-MM-DD of it in UTC, or empty */
};

struct carrier_port {
    struct text ref;
    struct text status; /* raw word of the request */
    struct text cancel_reason;
    struct text signature_url;  /* or empty */
    struct text support_ticket; /* digits or empty */
    const struct text *documents;
    size_t document_count;
    struct carrier_number *numbers;
    size_t number_count;
    int64_t created_at;
};

/* Reads up to `max` bytes of a document; as blob_read. */
struct carrier_document {
    struct text friendly_name;
    struct text file_name, type; /* "bill.pdf", "application/pdf" */
    int64_t size;
    size_t (*read)(void *context, char *at, size_t max);
    void *context;
};

struct carrier_api {
    const char *name;  /* "twilio" */
    const char *label; /* "Twilio" */

    bool (*portability)(
        struct carrier *, struct text e164, struct arena *, struct portability_answer *ret, struct problem *);
    bool (*upload)(struct carrier *, const struct carrier_document *, struct arena *, struct text *ret_ref,
        struct problem *);
    /* Creates the port. *ret_sent tells, when it fails, whether the carrier may have it all the same: then find it before
     * the create is repeated. */
    bool (*create)(struct carrier *, const struct port_order *, struct arena *, struct carrier_port *ret,
        bool *ret_sent, struct problem *);
    bool (*fetch)(
        struct carrier *, struct text ref, struct arena *, struct carrier_port *ret, struct problem *);
    /* Looks for the port that holds the document among those created since `since` (µs). *ret_found false: there is none. */
    bool (*find)(struct carrier *, struct text document_ref, int64_t since, struct arena *, bool *ret_found,
        struct carrier_port *ret, struct problem *);
    /* Asks to cancel: the whole port when `number_ref` is empty. A port that is gone already is no problem. */
    bool (*cancel)(struct carrier *, struct text ref, struct text number_ref, struct problem *);
    /* Tells the carrier where to send its webhooks. Safe to repeat. */
    bool (*configure_webhook)(struct carrier *, struct text url, struct problem *);
    /* What a webhook's body is about: *ret_ref is the port's reference. Hostile input; PROBLEM_SYNTAX when it is none. */
    bool (*webhook_ref)(struct text body, struct arena *, struct text *ret_ref, struct problem *);
    void (*close)(struct carrier *);
};

/* An open connection and its functions. */
struct carrier_connection {
    const struct carrier_api *api;
    struct carrier *carrier;
};

#endif
