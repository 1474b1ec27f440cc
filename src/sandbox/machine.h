/* What becomes of a port: the order of Twilio's states, when each change is due on the shared clock, and which webhooks and
 * mails it causes. All functions run inside a write transaction and change nothing outside it. */
#ifndef SANDBOX_MACHINE_H
#define SANDBOX_MACHINE_H

#include "sandbox/port.h"

#define REVIEW_US CLOCK_HOUR /* Twilio's review, before the letter goes out */
#define LETTER_DAYS 30       /* the letter must be signed within so many days */
#define CANCEL_US (30 * CLOCK_MINUTE)
#define FIRM_DAYS 3 /* from the losing carrier's answer to the port date, at least */

/* What is due at some time. */
enum event_kind {
    EVENT_REVIEWED,
    EVENT_ANSWERED,
    EVENT_REDATED, /* a scenario's: the firm date is moved or lost */
    EVENT_PORTED,
    EVENT_CANCELED,
    EVENT_EXPIRED,
    EVENT_KINDS
};

/* Begins a port that was just inserted: gives its numbers their scenarios, and what the losing carrier will answer. */
bool machine_begin(struct db_tx *tx, const struct port *port);
/* The letter was signed: all waiting numbers go to the losing carrier. PROBLEM_CONFLICT when it is not (or no longer) waiting
 * to be signed. */
bool machine_sign(struct db_tx *tx, const struct port *port, struct text signature, struct text ip,
    struct text pdf, int64_t at);
/* The signer will not sign: the request ends as Canceled, with the reason for its order_cancellation_reason. Twilio has no status
 * for it and a declined letter cannot be signed any more. PROBLEM_CONFLICT as above. */
bool machine_decline(struct db_tx *tx, const struct port *port, struct text reason, int64_t at);
/* Asks to cancel one number, or all open ones when `number_sid` is empty. *ret_count tells how many go to canceling; those
 * that are canceling already count too. */
bool machine_cancel(
    struct db_tx *tx, const struct port *port, struct text number_sid, int64_t at, int64_t *ret_count);
/* Puts what the losing carrier will answer for the number, or for all when `e164` is empty, that it has not answered for: a reason, or
 * empty to agree. *ret_count tells for how many. */
bool machine_set_verdict(
    struct db_tx *tx, const struct port *port, struct text e164, struct text reason, int64_t *ret_count);
/* Makes the port's next events due at `now`: the expiry of its letter, or else what comes next of all other events. *ret_count
 * tells how many. */
bool machine_hurry(struct db_tx *tx, struct text port_sid, bool expiry, int64_t now, int64_t *ret_count);

/* Puts an open number of the port, or all open ones when `e164` is empty, into any of Twilio's statuses of numbers, as if the
 * carriers had come to it by themselves: forward or back. `reason` is of a rejection, or empty. *ret_done false: none is open. */
bool machine_jump(struct db_tx *tx, struct text port_sid, struct text e164, struct text status,
    struct text reason, int64_t at, bool *ret_done);
/* Whether it is a status of numbers. */
bool machine_knows(struct text status);

/* Does the events that are due at `now`, the earliest first and at most `max` of them; what one of them makes due joins in. */
bool machine_work(struct db_tx *tx, int64_t now, size_t max, size_t *ret_done);
/* The word of an event kind, for the control page. */
enum word event_word(enum event_kind kind);
bool event_kind_of(struct text name, enum event_kind *ret);

/* The firm date and time: the wished date when it leaves the losing carrier FIRM_DAYS, else the first weekday after them. */
int64_t machine_firm_date(struct text target_date, int64_t answered_at);

#endif
