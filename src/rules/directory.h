/* The losing carriers' directory: for each carrier what its customers need in order to leave. Every fact has its
 * source, its date and a confidence, since carriers change their ways without notice (data/losing_carriers.tsv). A
 * doubtful fact is shown as such and never blocks. */
#ifndef RULES_DIRECTORY_H
#define RULES_DIRECTORY_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/problem.h"
#include "base/text.h"
#include "base/words.h"
#include "numbering/area_codes.h"

#define DIRECTORY_CARRIERS_MAX 500

/* How well a fact is known. */
enum confidence {
    CONFIDENCE_NONE,        /* no such fact here */
    CONFIDENCE_UNVERIFIED,  /* common knowledge in the trade, not read at a source */
    CONFIDENCE_CONFLICTING, /* sources disagree */
    CONFIDENCE_SECONDARY,   /* read in another company's help page or guide */
    CONFIDENCE_VERIFIED,    /* read in the carrier's own document or a regulator's */
};

struct fact {
    struct text value; /* empty when there is none: then say the general sentence */
    enum confidence confidence;
    struct text source;
    struct date checked; /* when somebody last looked */
};

enum carrier_kind {
    CARRIER_MOBILE, /* monthly bill */
    CARRIER_PREPAID,
    CARRIER_WIRELINE,
    CARRIER_CABLE,
    CARRIER_VOIP,
    CARRIER_KIND_COUNT,
};

/* How many characters something has, as far as known. */
struct length_fact {
    struct fact fact;
    unsigned min, max; /* 0, 0: unknown */
};

struct losing_carrier {
    struct text key;            /* "verizon": kept in the database */
    struct text name;           /* "Verizon" */
    const struct text *aliases; /* other names to find it by */
    size_t aliases_count;
    enum carrier_kind kind;
    enum number_country country; /* US or CA; OTHER: both */
    struct text parent; /* key of the carrier whose network or ownership stands behind it, or empty */

    struct fact pin_name; /* "Number Transfer PIN" */
    struct fact pin_how;  /* how to get it */
    struct fact pin_days_fact;
    unsigned pin_days; /* how long it is valid; 0: unknown */
    struct length_fact pin_length;
    struct fact pin_needed_fact;
    bool pin_needed;                   /* a PIN is asked for */
    struct fact account_where;         /* where the account number stands */
    struct length_fact account_length; /* digits and letters, without dashes and blanks */
    struct fact lock;                  /* what to switch off first */
    struct fact usual_fact;
    unsigned usual_days_min, usual_days_max; /* calendar days as a rule; 0: unknown */
    struct fact note;                        /* what else stumbles people */
    struct fact phone;                       /* customer service */
    struct date checked;                     /* the oldest date of its facts */
};

struct directory {
    const struct losing_carrier *items; /* in the order of their names */
    size_t count;
};

/* The directory that is built in (data/losing_carriers.tsv of the build). */
struct text directory_data(void);
/* Reads a directory: one line a fact. The texts point into `tsv`. PROBLEM_INPUT with the line for an unknown fact,
 * kind or confidence, a fact without source or date, a double, a fact of a carrier that has no name yet, a parent
 * that is not there. */
bool directory_parse(struct arena *arena, struct text tsv, struct directory *ret, struct problem *problem);

/* By key; NULL when there is none (as "other"). */
const struct losing_carrier *directory_find(const struct directory *directory, struct text key);
/* By name, alias or key as a person writes it, exactly but for case and blanks; NULL when there is none. */
const struct losing_carrier *directory_find_name(const struct directory *directory, struct text name);
/* Those whose name or alias has a word that begins with what was typed; names first, at most `max` into ret.
 * Returns how many. */
size_t directory_search(
    const struct directory *directory, struct text typed, const struct losing_carrier **ret, size_t max);

/* "mobile", ...; and as words: "Mobile, monthly bill". */
const char *carrier_kind_name(enum carrier_kind kind);
enum word carrier_kind_word(enum carrier_kind kind);
/* Wireless carriers of the US ask for a PIN at every port (Twilio's porting API, verified). */
bool losing_carrier_is_wireless(const struct losing_carrier *carrier);
/* A fact that may block a form: read in a primary source. */
bool fact_is_certain(const struct fact *fact);

#endif
