/* Why a carrier refuses a number, in our own canonical words: what happened, what to do, which fields to correct,
 * and whose turn it is. Which carrier word means which reason, the fields and the turn are data
 * (data/rejections.tsv, with its sources); the sentences stand in the catalogue. An unknown word is `other`: the
 * porting team's turn, with the carrier's text kept. */
#ifndef RULES_REJECTION_H
#define RULES_REJECTION_H

#include "base/problem.h"
#include "rules/draft_field.h"
#include "rules/status.h"

enum rejection_reason {
    REJECTION_OTHER, /* also every word that we do not know */
    REJECTION_ACCOUNT_NUMBER,
    REJECTION_SERVICE_ADDRESS,
    REJECTION_END_USER_NAME,
    REJECTION_AUTHORIZED_PERSON,
    REJECTION_PIN,
    REJECTION_TAX_ID,
    REJECTION_BILLING_NUMBER,
    REJECTION_MAIN_NUMBER_IN_PORT,
    REJECTION_NOT_PORTABLE,
    REJECTION_DISCONNECTED,
    REJECTION_FREEZE_OR_LOCK,
    REJECTION_PREPAID_OR_UNPAID,
    REJECTION_PENDING_ORDER,
    REJECTION_SPECIAL_SERVICE,
    REJECTION_BAD_DATE,
    REJECTION_DOCUMENT,
    REJECTION_DIFFERENT_ACCOUNTS,
    REJECTION_DATA_MISMATCH,
    REJECTION_CARRIER_DELAY,
    REJECTION_NUMBER_CONFLICT,
    REJECTION_SNAPBACK,
    REJECTION_RESELLER,
    REJECTION_PERSONAL_NUMBER, /* our own: it is a personal number in My Settings (MISSION P11) */
    REJECTION_COUNT,
};

struct rejection {
    enum rejection_reason reason;
    uint32_t fields;          /* DRAFT_FIELD_BITs to correct; 0: nothing of the form */
    enum turn turn;           /* customer or porting team */
    struct text page;         /* the gaining carrier's own page about it, https, or empty */
    const struct text *words; /* the carrier's words that mean it, normalised: upper case, _ */
    size_t words_count;
};

struct rejections {
    struct rejection items[REJECTION_COUNT]; /* by reason */
};

/* The table that is built in (data/rejections.tsv of the build). */
struct text rejections_data(void);
/* Reads a table; the texts point into `tsv`. PROBLEM_INPUT with the line for an unknown reason, field or turn, a
 * double, a carrier word that stands at two reasons; and when a reason is missing. */
bool rejections_parse(struct arena *arena, struct text tsv, struct rejections *ret, struct problem *problem);

/* The reason that a carrier's word means; blanks and hyphens count as _, case is ignored. Unknown, empty: other.
 * Never fails. */
const struct rejection *rejection_of_word(const struct rejections *rejections, struct text carrier_word);

/* Names as they stand in the database ("account_number"). */
const char *rejection_name(enum rejection_reason reason);
bool rejection_parse(struct text name, enum rejection_reason *ret);

enum word rejection_short_word(enum rejection_reason reason); /* "Account number does not match" */
enum word rejection_what_word(
    enum rejection_reason reason); /* what happened, has {carrier}: the losing carrier's name */
enum word rejection_do_word(enum rejection_reason reason); /* what to do, has {carrier} */

#endif
