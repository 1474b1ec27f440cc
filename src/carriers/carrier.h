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

/* What a carrier can do, as data: the product asks this and never who the carrier is. A figure of 0 is not told. */
struct carrier_can {
    size_t numbers_max;         /* of one order */
    size_t documents_max;       /* of one order */
    int64_t document_bytes_max; /* of one document */
    const char *document_types; /* "pdf jpeg png", as struct draft_document names them */
    size_t copies_max;          /* addresses that get a copy of the signed letter */
    const char *countries;      /* of numbers that its API ports: "US" */
    bool toll_free;             /* whether its API ports those */
    int earliest_days;          /* calendar days until the first date that may be asked for */
    int latest_days;            /* until the last one */
    bool takes_date;            /* a wished date */
    bool takes_times;           /* and times of that day between which it should happen */
    bool edits;                 /* an order can be changed; else a correction is a new order */
    bool own_letter;            /* the carrier makes the letter and mails it to the signer */
    bool asks_portability;      /* tells before the order whether a number can be ported */
    bool cancels_numbers;       /* one number of an order can be canceled alone */
    bool tells_inventory;       /* tells whether a ported number has arrived in its inventory */
    bool brands_letter;         /* subject, text and logo of the letter's mail are ours to choose */
    unsigned calls_per_second;  /* that one desk should not exceed */
};

/* With what a connection is opened; texts are copied. */
struct carrier_access {
    struct text base_url;      /* of porting: https://numbers.twilio.com */
    struct text upload_url;    /* of documents: https://numbers-upload.twilio.com */
    struct text api_url;       /* of the inventory: https://api.twilio.com */
    struct text account;       /* the account's id at the carrier: AC... */
    struct text key;           /* id of an API key (SK...); empty: the account's own token is the secret */
    struct text secret;        /* never told in a problem */
    unsigned total_ms;         /* time-out of one call; 0 is 30 s */
    unsigned calls_per_second; /* 0: as the carrier's data say */
};

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
    struct text wished_date;                             /* YYYY-MM-DD at `zone`, or empty */
    int wished_from, wished_until;                       /* minutes of that day at `zone`; both 0: any time */
    struct text zone;           /* "America/Los_Angeles": where the number is at home; empty: UTC */
    const struct text *numbers; /* E.164 */
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
    int64_t
        wished_at; /* µs: the wished date as the carrier keeps it, with its first time; 0 when there is none */
    const struct text *documents;
    size_t document_count;
    struct carrier_number *numbers;
    size_t number_count;
    int64_t created_at;
};

/* One port in the carrier's list of all of them. */
struct carrier_listed {
    struct text ref;
    struct text status;           /* raw word of the request */
    struct text suggested_action; /* the carrier's own words, or empty */
    int64_t changed_at;           /* µs of the carrier's clock, 0 when not told */
    int64_t requested, ported;    /* numbers; Completed does not mean that all were ported */
};

struct carrier_list {
    struct carrier_listed *items;
    size_t count;
    struct text next; /* token of the next page, or empty */
};

/* How the letter's mail looks; an empty text leaves what the carrier has. */
struct carrier_brand {
    struct text subject, message;
    struct text redirect; /* where the signer is led afterwards */
    struct text logo;     /* the carrier's reference of a picture */
};

/* Reads up to `max` bytes of a document; as blob_read. */
struct carrier_document {
    struct text friendly_name;
    struct text file_name, type; /* "bill.pdf", "application/pdf" */
    int64_t size;
    size_t (*read)(void *context, char *at, size_t max);
    void *context;
};

/* Which port is looked for. */
struct carrier_search {
    struct text document; /* the carrier's reference of a document that this port alone holds */
    int64_t since;        /* µs; it was not created before */
    /* Whether the port is known to be another one: what is known costs no call. NULL: none is. */
    bool (*is_other)(void *context, struct text ref);
    void *context;
};

struct carrier_api {
    const char *name;  /* "twilio" */
    const char *label; /* "Twilio" */
    const struct carrier_can *can;

    /* A call that changes nothing, to learn whether the credentials are good. PROBLEM_LATER with WORD_carrier_credentials: they are not. */
    bool (*check)(struct carrier *, struct problem *);
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
    /* Looks for a port whose creation we did not hear of. *ret_found false: there is none. */
    bool (*find)(struct carrier *, const struct carrier_search *, struct arena *, bool *ret_found,
        struct carrier_port *ret, struct problem *);
    /* Asks to cancel: the whole port when `number_ref` is empty. A port that is gone already is no problem. */
    bool (*cancel)(struct carrier *, struct text ref, struct text number_ref, struct problem *);
    /* A page of all ports of the account that were created since `since` (µs); `token` is empty for the first. */
    bool (*list)(struct carrier *, int64_t since, struct text token, struct arena *, struct carrier_list *ret,
        struct problem *);
    /* Whether a number has arrived in the account's inventory; *ret_ref is then the carrier's reference of it. */
    bool (*owned)(struct carrier *, struct text e164, struct arena *, bool *ret_found, struct text *ret_ref,
        struct problem *);
    /* How the letter's mail looks from now on. Safe to repeat. */
    bool (*brand)(struct carrier *, const struct carrier_brand *, struct problem *);
    /* Where the carrier sends its webhooks now; the empty slice: nowhere. */
    bool (*webhook_now)(struct carrier *, struct arena *, struct text *ret_url, struct problem *);
    /* Tells the carrier where to send its webhooks. Safe to repeat. */
    bool (*configure_webhook)(struct carrier *, struct text url, struct problem *);
    /* What a webhook's body is about: *ret_ref is the port's reference. Hostile input; PROBLEM_SYNTAX when it is none. */
    bool (*webhook_ref)(struct text body, struct arena *, struct text *ret_ref, struct problem *);
    /* Real µs for which the carrier has asked to be left alone (429 with Retry-After); 0: it may be called. Calls before that fail with
     * PROBLEM_LATER and reach nobody. */
    int64_t (*rests_for)(struct carrier *);
    void (*close)(struct carrier *);
};

/* An open connection and its functions. */
struct carrier_connection {
    const struct carrier_api *api;
    struct carrier *carrier;
};

#endif
