/* Rows of the porting tables as structs, and who may see them. Inside porting/ only. */
#ifndef PORTING_ROW_H
#define PORTING_ROW_H

#include "people/audit.h"
#include "people/rights.h"
#include "porting/draft.h"
#include "rules/status.h"
#include "store/idempotency.h"

struct request_row {
    struct text account, id, reference;
    enum request_status status;
    enum turn turn;
    int64_t turn_since;
    struct draft_fields fields; /* without PIN and account number */
    struct text account_number_sealed;
    int step, attempt;
    struct text created_by, submitted_by;
    struct text begun_by; /* who of the porting team began it for created_by; or empty */
    int64_t created_at, changed_at, submitted_at, ended_at, reminded_at;
    int64_t team_since; /* 0: it does not wait for the porting team */
    bool escalated;     /* the porting team was asked to look, though it is somebody else's turn */
    uint32_t desk_why;  /* bits of enum desk_why */
    int64_t asked_since, mail_refused_at;        /* 0: no message waits for an answer, no mail was refused */
    struct text assigned_account, assigned_user; /* who of the porting team has it; empty: nobody */
    int64_t messages;
    struct text last_message, last_note; /* ids, or empty */
};

/* The one door to a request for a person: reads it when the right (RIGHT_REQUEST_SEE, _WORK, _RECORD) reaches it. Texts live in the
 * arena. Fails the transaction with PROBLEM_FORBIDDEN when the actor's role does not have the right at all, and with PROBLEM_NOT_FOUND
 * when it does not reach this request. */
bool row_request(struct db_tx *tx, const struct actor *actor, enum right right, struct text request,
    struct arena *arena, struct request_row *ret);
/* Whether the right reaches the request. It is the own one of who began it and of who submitted it. */
bool row_is_reached(const struct actor *actor, enum right right, const struct request_row *row);
/* The same for jobs, which act for nobody. */
bool row_request_of(
    struct db_tx *tx, struct text account, struct text request, struct arena *arena, struct request_row *ret);

struct number_row {
    struct text id, e164, way, order;
    enum number_status status;
    int64_t status_since, carrier_time, asked_at;
    struct text rejection, rejection_words, firm_date;
    int64_t firm_at, ported_at;
    bool claimed;
    int retries;      /* how often in a row it was sent again by itself */
    int64_t retry_at; /* when it will be; 0: it will not */
};

/* All numbers of a request, in the order of their ids. */
bool row_numbers(struct db_tx *tx, struct text account, struct text request, struct arena *arena,
    struct number_row **ret, size_t *ret_count);

enum order_phase {
    ORDER_NEW,
    ORDER_WAITING, /* for the order it replaces to be canceled */
    ORDER_PLACING,
    ORDER_PLACED,
    ORDER_UNCLEAR,
    ORDER_ENDED,
};
const char *order_phase_name(enum order_phase phase);

struct order_row {
    struct text account, id, request, carrier, way, replaces, carrier_ref, carrier_status, signature_url;
    struct text connection;       /* by which it went out, or empty */
    struct text suggested_action; /* the carrier's own words, or empty */
    struct text asked_to;         /* portability: the last number that was asked for */
    int attempt;
    enum order_phase phase;
    bool cancel_wanted;
    int64_t cancel_sent_at, placing_since, placed_at, signed_at, synced_at, created_at;
};

/* Fails with PROBLEM_NOT_FOUND when there is none. */
bool row_order(
    struct db_tx *tx, struct text account, struct text order, struct arena *arena, struct order_row *ret);
/* All orders of a request, oldest first. */
bool row_orders(struct db_tx *tx, struct text account, struct text request, struct arena *arena,
    struct order_row **ret, size_t *ret_count);

/* Whether the porting team works the order now: by hand from the start, unclear, or waiting for one that is unclear. */
bool order_is_by_hand(const struct order_row *orders, size_t count, const struct order_row *order);

/* Documents of a request, oldest first. */
bool row_documents(struct db_tx *tx, struct text account, struct text request, struct arena *arena,
    struct draft_document **ret, size_t *ret_count);

/* Fails the transaction with the problem; for closures. */
bool row_refuse(
    struct db_tx *tx, enum problem_kind kind, enum word word, const char *field, const char *about);

/* Where an account number, a PIN, a webhook's body stand, for the vault. */
struct vault_place place_account_number(struct text account, struct text request);
struct vault_place place_pin(struct text account, struct text request);
struct vault_place place_event(struct text event);

/* Seals and keeps the PIN of a request; wipes it. */
bool pin_keep(
    struct db_tx *tx, struct porting *porting, struct text account, struct text request, struct text pin);
bool pin_wipe(struct db_tx *tx, struct porting *porting, struct text account, struct text request);

/* The MIME type of a document's type ("pdf"). */
struct text document_mime(struct text type);

/* Removes a document's blobs after its row is gone. A blob that stays behind is swept later: no problem is told. */
void document_forget(struct porting *porting, struct text account, const struct id *document);

/* What a draft's list of numbers has that can be used: the first, E.164 or empty, and how many. Zero for a list that cannot be read. */
int64_t row_typed_numbers(
    const struct porting *porting, struct text typed, struct arena *arena, struct text *ret_first);

/* The losing carrier's name for people. */
struct text losing_carrier_name(const struct porting *porting, const struct draft_fields *fields);

/* Writes what was done to the request into its account's audit log. What the porting team does for a customer is written where that is
 * told (RIGHT_DESK): nothing is then, and nothing for no actor. */
bool row_audit(struct db_tx *tx, struct clock *clock, const struct actor *actor, enum audit_kind kind,
    struct text account, struct text request, struct text reference);

/* Who the actor is on a timeline. */
struct timeline_entry;
void timeline_by(struct timeline_entry *entry, const struct actor *actor);

#endif
