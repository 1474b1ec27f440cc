/* The status machine: the states of a number within its latest attempt, what a re-read of the carrier may change,
 * how a request's status is rolled up from its numbers, and whose turn it is. All of it is pure.
 *
 * A fresh re-read of the carrier's own state is the truth: it may jump forward or back among the states under way. A
 * terminal state stays. A webhook never comes here: it only makes a re-read happen. */
#ifndef RULES_STATUS_H
#define RULES_STATUS_H

#include "base/text.h"
#include "base/words.h"

enum number_status {
    NUMBER_STATUS_DRAFT,     /* not submitted */
    NUMBER_STATUS_IN_REVIEW, /* the gaining carrier looks at the order; at Twilio before signing */
    NUMBER_STATUS_WAITING_FOR_SIGNATURE, /* the LOA is out, unsigned */
    NUMBER_STATUS_SUBMITTED,             /* signed; the order goes to the losing carrier */
    NUMBER_STATUS_PENDING,               /* the losing carrier has it */
    NUMBER_STATUS_REJECTED,              /* refused, with reasons */
    NUMBER_STATUS_CANCELING,             /* we asked to cancel; not confirmed */
    NUMBER_STATUS_COMPLETED,             /* terminal, as all below */
    NUMBER_STATUS_CANCELED,
    NUMBER_STATUS_EXPIRED,      /* the LOA was not signed in time; of the attempt */
    NUMBER_STATUS_NOT_PORTABLE, /* portability says no */
    NUMBER_STATUS_COUNT,
};

enum request_status {
    REQUEST_STATUS_DRAFT,
    REQUEST_STATUS_IN_REVIEW,
    REQUEST_STATUS_WAITING_FOR_SIGNATURE,
    REQUEST_STATUS_SUBMITTED,
    REQUEST_STATUS_IN_PROGRESS, /* numbers at different stages, some with the losing carrier */
    REQUEST_STATUS_PENDING,
    REQUEST_STATUS_ACTION_REQUIRED,
    REQUEST_STATUS_CANCELING,
    REQUEST_STATUS_COMPLETED, /* terminal, as all below */
    REQUEST_STATUS_PARTLY_COMPLETED,
    REQUEST_STATUS_CANCELED,
    REQUEST_STATUS_EXPIRED,
    REQUEST_STATUS_NOT_PORTABLE,
    REQUEST_STATUS_COUNT,
};

/* Who must act for it to go on; but for nobody, in the order in which somebody must act first. */
enum turn {
    TURN_NOBODY,
    TURN_CUSTOMER,
    TURN_SIGNER,
    TURN_PORTING_TEAM,
    TURN_GAINING_CARRIER,
    TURN_LOSING_CARRIER,
    TURN_COUNT,
};

/* Names as they stand in the database and the API ("waiting_for_signature"); parsing an unknown name is false. */
const char *number_status_name(enum number_status status);
bool number_status_parse(struct text name, enum number_status *ret);
const char *request_status_name(enum request_status status);
bool request_status_parse(struct text name, enum request_status *ret);
const char *turn_name(enum turn turn);
bool turn_parse(struct text name, enum turn *ret);

/* Labels on screen: "Waiting for Signature". */
enum word number_status_word(enum number_status status);
enum word request_status_word(enum request_status status);
enum word turn_word(enum turn turn); /* "Your turn", "The signer's turn" */

/* What the state means, and what comes next: a sentence each. The second may name {signer} and {carrier}, the losing one. */
enum word number_status_means_word(enum number_status status);
enum word request_status_next_word(enum request_status status);

bool number_status_is_terminal(enum number_status status);
bool request_status_is_terminal(enum request_status status);
/* How far it is: draft 0 < in_review < waiting_for_signature < submitted < pending 4; -1 for states without a rank
 * (rejected, canceling, terminal). */
int number_status_rank(enum number_status status);

/* ---- What a re-read may change ---- */

struct number_truth {
    enum number_status status;
    int64_t carrier_time; /* µs, the carrier's status_last_updated_timestamp; 0 when it gave none */
    int64_t
        asked_at; /* µs, our clock: when the re-read was asked for; for canceling: when we asked to cancel */
};

struct number_reread {
    struct number_truth truth;
    bool
        cancel_refused; /* the carrier has answered our cancel with a refusal: its state is the truth again */
};

enum number_change {
    NUMBER_CHANGE_TAKE,      /* write the new truth (also when the status is the same: its times are newer) */
    NUMBER_CHANGE_TERMINAL,  /* refused: what we have is an end */
    NUMBER_CHANGE_OLDER,     /* refused: older than what set the state */
    NUMBER_CHANGE_CANCELING, /* refused: we asked to cancel and the carrier has not come to it yet */
};

/* Rules 1 and 3. Older is: a smaller carrier_time when both have one; else, or when these are equal, a smaller
 * asked_at. While canceling, states that the carrier can hold before it has looked at our cancel (in review,
 * waiting, rejected, draft) are not taken, and pending or submitted only with a newer carrier_time than that of the
 * state in which we asked (the carrier refused the cancel). Every terminal state ends canceling. A terminal state
 * never changes, not even to another terminal one. */
enum number_change number_may_change(const struct number_truth *now, const struct number_reread *reread);

/* What we may do ourselves. */
bool number_may_be_canceled(enum number_status status); /* under way or rejected */

/* ---- The carrier's words (Twilio) ---- */

/* Normalised: lower case, blanks and hyphens to _, cancelled to canceled, a leading port_ off. False for an unknown
 * word: it never becomes a state; keep it raw, count it, show it to the porting team. */
bool carrier_word_to_status(struct text word, enum number_status *ret);
bool carrier_word_to_request_status(struct text word, enum request_status *ret);

/* All that a re-read says of one number. */
struct carrier_words {
    struct text number_word;  /* port_in_phone_number_status */
    struct text request_word; /* port_in_request_status */
    bool not_portable;        /* portable = false */
};

/* The number's word first; portable = false is not_portable unless the word is a terminal state; a number that its
 * own word leaves under way (or that has no word) ends when the request has Expired or is Canceled. False: unknown;
 * change nothing. */
bool carrier_words_to_status(const struct carrier_words *words, enum number_status *ret);

/* ---- Roll-up ---- */

struct number_in_roll_up {
    enum number_status status;
    bool left_over;           /* by a split, or dropped from the request: does not count */
    bool by_hand;             /* its order is worked by the porting team */
    enum turn rejection_turn; /* of its rejection reason (rejection.h), when rejected */
    bool will_retry;          /* rejected for something that only time mends: it is sent again by itself */
    bool has_date;            /* pending, with a firm date */
};

struct request_counts {
    size_t total; /* that count */
    size_t by_status[NUMBER_STATUS_COUNT];
    size_t under_way; /* neither terminal nor rejected */
};

/* The request's status from its numbers:
 * 1. any rejected: action_required
 * 2. else under way, all in one state: that state
 * 3. else under way in several: some submitted or pending: in_progress; otherwise the least advanced one's (canceling
 *    is no advance: it counts last)
 * 4. else, all terminal: all completed: completed; some: partly_completed; all expired: expired; all not_portable:
 *    not_portable; otherwise canceled
 * Without any number it is a draft; when every number was left over, canceled. ret_counts may be NULL. */
enum request_status request_roll_up(
    const struct number_in_roll_up *numbers, size_t count, struct request_counts *ret_counts);

/* The status of a request all of whose numbers are in this one state. */
enum request_status request_status_alike(enum number_status status);
/* Whose turn a number is: of what it waits for (turn.h). */
enum turn number_turn(const struct number_in_roll_up *number);
/* Whose turn the request is: of the rejected numbers, else of those under way, else the customer's (all expired) or,
 * by hand, the porting team's (all not portable). When several: who must act first in the order customer, signer,
 * porting team, gaining carrier, losing carrier. */
enum turn request_turn(const struct number_in_roll_up *numbers, size_t count);

#endif
