/* The checks of a whole draft before it is submitted: which fields are missing or odd, how bad that is, and where
 * to mend it. The same function runs while the customer types and once more at submission. What cannot be known
 * here (whether an e-mail address is well-formed, what numbers clash with personal phones) comes in as a fact. */
#ifndef RULES_DRAFT_CHECK_H
#define RULES_DRAFT_CHECK_H

#include "numbering/number_list.h"
#include "rules/calendar.h"
#include "rules/directory.h"
#include "rules/draft_field.h"

/* Limits of the form, in code points. Names: a losing carrier sees 25 (Bandwidth's documents, verified); we keep
 * more and warn. */
#define DRAFT_NAME_MAX 100
#define DRAFT_ACCOUNT_NUMBER_MAX 40 /* as typed; 25 without dashes and blanks */
#define DRAFT_EMAIL_MAX 254
#define DRAFT_STREET_MAX 120
#define DRAFT_UNIT_MAX 40
#define DRAFT_CITY_MAX 80
#define DRAFT_PIN_MIN 4
#define DRAFT_PIN_MAX 15
#define DRAFT_BILLS_MAX 10

/* What the customer must acknowledge before Submit (MISSION P7). */
enum acknowledgement {
    ACKNOWLEDGE_CALLS_COME_HERE, /* calls and texts come here, the phone stops getting them */
    ACKNOWLEDGE_VOIP,            /* a VoIP service, no wireless carrier, no data plan */
    ACKNOWLEDGE_FEATURES_END,    /* the old carrier's features for the number end */
    ACKNOWLEDGE_PERSONAL_MOBILE, /* a personal mobile needs a new number from a carrier */
    ACKNOWLEDGE_KEEP_SERVICE,    /* keep the old service until the port is done */
    ACKNOWLEDGE_TWO_FACTOR,      /* move two-factor codes away before */
    ACKNOWLEDGE_PORTING_BACK,    /* porting back takes 1 to 6 weeks */
    ACKNOWLEDGEMENT_COUNT,
};
#define ACKNOWLEDGE_ALL ((UINT32_C(1) << ACKNOWLEDGEMENT_COUNT) - 1)
const char *acknowledgement_name(enum acknowledgement acknowledgement); /* "keep_service" */
enum word acknowledgement_word(
    enum acknowledgement acknowledgement); /* the sentence beside the box; has {carrier} */

enum severity {
    SEVERITY_MUST, /* must be put right before it can be sent */
    SEVERITY_LOOK, /* look again; can be sent all the same */
    SEVERITY_GOOD, /* good to know */
    SEVERITY_COUNT,
};
const char *severity_name(enum severity severity); /* "must" */
enum word severity_word(enum severity severity);

struct finding {
    int step; /* 1 to 7 */
    enum draft_field field;
    enum severity severity;
    enum word
        word; /* its sentence has {about} or no placeholder at all; WORD_TEXT("about", about) always fits */
    struct text about;
    struct text who; /* a person whom the sentence names as {who}; empty: it names none */
};

/* A draft as plain facts, all as typed; every text has passed text_is_clean. */
struct draft_facts {
    const struct losing_carrier *carrier; /* NULL: not chosen, or not in the directory: then carrier_name */
    struct text carrier_name;             /* of a carrier that is not in the directory */
    const struct number_list *numbers;
    size_t bills; /* documents that were taken in */
    bool bill_confirmed;
    struct text account_name;
    struct text account_type; /* "business", "residential" or empty */
    struct text account_number;
    struct text btn;
    bool has_pin;    /* a PIN is sealed already */
    struct text pin; /* as typed just now, or empty */
    bool pin_later;
    struct date pin_since; /* the day on which it was given to us; year 0: unknown */
    struct text owner_name, owner_email;
    bool owner_email_ok; /* well-formed */
    struct text street, unit, city, state, zip;
    struct text wished_date; /* YYYY-MM-DD or empty */
    struct text wished_time; /* wish_time_name of rules/wish.h */
    uint32_t acknowledged;   /* bits 1u << enum acknowledgement */
    struct date today;       /* in the account's zone */
    const struct calendar *calendar;
    struct wish_days wish_days; /* of the gaining carrier */
};

#define DRAFT_FINDINGS_MAX 120

/* All findings, by step, then by severity, in the arena. At most DRAFT_FINDINGS_MAX: many faulty numbers end in one
 * finding that counts the rest. */
void draft_check(
    struct arena *arena, const struct draft_facts *facts, struct finding **ret, size_t *ret_count);

/* How many must be put right; `step` 1 to 7, or 0 for all. */
size_t findings_must(const struct finding *findings, size_t count, int step);

/* One field alone, for a form that is being typed or corrected: PROBLEM_INPUT with the field's name. */
bool pin_check(struct text pin, struct problem *problem);
bool account_number_check(struct text account_number, struct problem *problem);
/* Without blanks and dashes: what a carrier is told. */
struct text account_number_clean(struct arena *arena, struct text account_number);

#endif
