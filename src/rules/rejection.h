/* Why a carrier refuses a number, in our own canonical words: what happened, what to do, which fields to correct,
 * whose turn it is, what is usual, and whether only time is the cause. All of it is data (data/rejections.tsv, with its
 * sources); which word of a gaining carrier means which reason stands in data/rejection_words.tsv; the sentences stand in the
 * catalogue. An unknown word is `other`: the porting team's turn, with the carrier's text kept. */
#ifndef RULES_REJECTION_H
#define RULES_REJECTION_H

#include "base/problem.h"
#include "rules/draft_field.h"
#include "rules/status.h"

/* clang-format off: one line a reason. The sentences are WORD_rejection_<name>, _what and _do. `other` is also every word that we do not
 * know; personal_number is our own (a personal phone in My Settings). */
#define REJECTION_REASONS(REASON)                                                                            \
    REASON(OTHER, other)                                                                                     \
    REASON(ACCOUNT_NUMBER, account_number)                                                                   \
    REASON(ACCOUNT_NUMBER_MISSING, account_number_missing)                                                   \
    REASON(PIN, pin)                                                                                         \
    REASON(PIN_MISSING, pin_missing)                                                                         \
    REASON(PIN_EXPIRED, pin_expired)                                                                         \
    REASON(TAX_ID, tax_id)                                                                                   \
    REASON(ZIP, zip)                                                                                         \
    REASON(ZIP_MISSING, zip_missing)                                                                         \
    REASON(SERVICE_ADDRESS, service_address)                                                                 \
    REASON(END_USER_NAME, end_user_name)                                                                     \
    REASON(BUSINESS_NAME, business_name)                                                                     \
    REASON(FIRST_NAME, first_name)                                                                           \
    REASON(LAST_NAME, last_name)                                                                             \
    REASON(AUTHORIZED_PERSON, authorized_person)                                                             \
    REASON(DATA_MISMATCH, data_mismatch)                                                                     \
    REASON(DATA_INCOMPLETE, data_incomplete)                                                                 \
    REASON(BILLING_NUMBER, billing_number)                                                                   \
    REASON(NOT_ON_ACCOUNT, not_on_account)                                                                   \
    REASON(DISCONNECTED, disconnected)                                                                       \
    REASON(NOT_PORTABLE, not_portable)                                                                       \
    REASON(FREEZE_OR_LOCK, freeze_or_lock)                                                                   \
    REASON(LOCAL_FREEZE, local_freeze)                                                                       \
    REASON(PENDING_ORDER, pending_order)                                                                     \
    REASON(PORT_IN_PROGRESS, port_in_progress)                                                               \
    REASON(NEWER_AUTHORIZATION, newer_authorization)                                                         \
    REASON(CUSTOMER_NOT_READY, customer_not_ready)                                                           \
    REASON(PREPAID, prepaid)                                                                                 \
    REASON(PREPAID_OR_UNPAID, prepaid_or_unpaid)                                                             \
    REASON(DSL_ON_LINE, dsl_on_line)                                                                         \
    REASON(ISDN, isdn)                                                                                       \
    REASON(CENTREX, centrex)                                                                                 \
    REASON(HUNT_GROUP, hunt_group)                                                                           \
    REASON(DISTINCTIVE_RING, distinctive_ring)                                                               \
    REASON(REMOTE_FORWARDING, remote_forwarding)                                                             \
    REASON(FOREIGN_EXCHANGE, foreign_exchange)                                                               \
    REASON(SPECIAL_SERVICE, special_service)                                                                 \
    REASON(PARTIAL_OR_FULL, partial_or_full)                                                                 \
    REASON(MAIN_NUMBER_IN_PORT, main_number_in_port)                                                         \
    REASON(SEVERAL_NUMBERS, several_numbers)                                                                 \
    REASON(DIFFERENT_ACCOUNTS, different_accounts)                                                           \
    REASON(SPLIT_REQUIRED, split_required)                                                                   \
    REASON(RATE_CENTER, rate_center)                                                                         \
    REASON(UNKNOWN_EXCHANGE, unknown_exchange)                                                               \
    REASON(DOCUMENT, document)                                                                               \
    REASON(LETTER_NEEDED, letter_needed)                                                                     \
    REASON(LETTER_ILLEGIBLE, letter_illegible)                                                               \
    REASON(INK_SIGNATURE, ink_signature)                                                                     \
    REASON(BILL_MISSING, bill_missing)                                                                       \
    REASON(BILL_INCOMPLETE, bill_incomplete)                                                                 \
    REASON(SERVICE_RECORD_NEEDED, service_record_needed)                                                     \
    REASON(BAD_DATE, bad_date)                                                                               \
    REASON(DATE_TOO_SOON, date_too_soon)                                                                     \
    REASON(OUT_OF_HOURS, out_of_hours)                                                                       \
    REASON(WORKLOAD, workload)                                                                               \
    REASON(NETWORK_NOT_READY, network_not_ready)                                                             \
    REASON(OUTAGE, outage)                                                                                   \
    REASON(CARRIER_DELAY, carrier_delay)                                                                     \
    REASON(DATE_EXPIRED, date_expired)                                                                       \
    REASON(ALREADY_HERE, already_here)                                                                       \
    REASON(RESELLER, reseller)                                                                               \
    REASON(TOLL_FREE_DECLINED, toll_free_declined)                                                           \
    REASON(TOLL_FREE_STATUS, toll_free_status)                                                               \
    REASON(TOLL_FREE_FIXED, toll_free_fixed)                                                                 \
    REASON(TOLL_FREE_MIXED, toll_free_mixed)                                                                 \
    REASON(NUMBER_CONFLICT, number_conflict)                                                                 \
    REASON(SNAPBACK, snapback)                                                                               \
    REASON(TOO_LATE_TO_CHANGE, too_late_to_change)                                                           \
    REASON(FAX_PROVIDER, fax_provider)                                                                       \
    REASON(DUPLICATE, duplicate)                                                                             \
    REASON(PERSONAL_NUMBER, personal_number)
/* clang-format on */

enum rejection_reason {
#define REJECTION_ENUM(NAME, name) REJECTION_##NAME,
    REJECTION_REASONS(REJECTION_ENUM)
#undef REJECTION_ENUM
        REJECTION_COUNT,
};

enum rejection_kind {
    REJECTION_MEND, /* somebody puts something right */
    REJECTION_TIME, /* nothing is wrong: it is sent again by itself after a while */
    REJECTION_END,  /* this number cannot be moved so */
};

struct rejection {
    enum rejection_reason reason;
    enum rejection_kind kind;
    uint32_t fields; /* DRAFT_FIELD_BITs to correct; 0: nothing of the form */
    enum turn
        turn; /* customer or porting team; of REJECTION_TIME: who takes over when the retries are used up */
    struct text page;              /* the gaining carrier's own page about it, https, or empty */
    unsigned usual_min, usual_max; /* business days until the next answer; 0: not known */
    bool usual_doubtful;           /* read nowhere */
    unsigned retry_days,
        retries; /* of REJECTION_TIME: business days before it is sent again, and how often at most */
};

struct rejection_carrier_word {
    struct text carrier, word; /* the word normalised: upper case, _ */
    enum rejection_reason reason;
};

struct rejections {
    struct rejection items[REJECTION_COUNT]; /* by reason */
    const struct rejection_carrier_word *words;
    size_t words_count;
};

/* The tables that are built in (data/rejections.tsv and data/rejection_words.tsv of the build). */
struct text rejections_data(void);
struct text rejection_words_data(void);
/* Reads the tables; the texts point into them. PROBLEM_INPUT with file and line for an unknown reason, field, turn, kind or confidence, a
 * double, a word that stands twice for one carrier; and when a reason is missing. */
bool rejections_parse(struct arena *arena, struct text tsv, struct text words_tsv, struct rejections *ret,
    struct problem *problem);

/* The reason that a carrier's word means; blanks and hyphens count as _, case is ignored. A word of another carrier, an unknown one, an
 * empty one: other. Never fails. */
const struct rejection *rejection_of_word(
    const struct rejections *rejections, struct text carrier, struct text word);

/* Of the name in the database; other for an unknown one. */
const struct rejection *rejection_of_name(const struct rejections *rejections, struct text name);

/* Names as they stand in the database ("account_number"). */
const char *rejection_name(enum rejection_reason reason);
bool rejection_parse(struct text name, enum rejection_reason *ret);

enum word rejection_short_word(enum rejection_reason reason); /* "The account number does not match" */
enum word rejection_what_word(
    enum rejection_reason reason); /* what happened, has {carrier}: the losing carrier's name */
enum word rejection_do_word(enum rejection_reason reason); /* what to do, has {carrier} */

#endif
