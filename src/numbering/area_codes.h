/* The area codes of the North American Numbering Plan (+1): where each belongs, and its time zones. The facts are
 * data (data/area_codes.tsv, which says their source and date); an operator may give another file. A code that is
 * not listed is no error: codes are added every year, so an unknown one only warns. */
#ifndef NUMBERING_AREA_CODES_H
#define NUMBERING_AREA_CODES_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

enum number_kind {
    NUMBER_KIND_UNKNOWN,        /* area code not in the table */
    NUMBER_KIND_GEOGRAPHIC,     /* landline, mobile or VoIP: the number does not tell */
    NUMBER_KIND_TOLL_FREE,      /* 800, 833, 844, ... */
    NUMBER_KIND_PERSONAL,       /* 5XX personal communications */
    NUMBER_KIND_PREMIUM,        /* 900 */
    NUMBER_KIND_NON_GEOGRAPHIC, /* 600, 622, 700, 710 */
};

enum number_country {
    NUMBER_COUNTRY_UNKNOWN, /* unknown area code, or a code that belongs to no country (toll-free) */
    NUMBER_COUNTRY_US,      /* with its territories */
    NUMBER_COUNTRY_CA,
    NUMBER_COUNTRY_OTHER, /* another country that dials +1, as Jamaica */
};

#define AREA_CODE_ZONES_MAX 4

struct area_code {
    int npa;
    struct text country; /* ISO 3166 code; "NANP" for codes that belong to no country */
    struct text state;   /* US state or territory, Canadian province: two letters; or empty */
    struct text name;    /* "California" */
    enum number_kind kind;
    struct text zones[AREA_CODE_ZONES_MAX]; /* IANA names, the likeliest first; more than one: "probably" */
    size_t zones_count;
};

struct area_codes {
    const struct area_code *items;
    size_t count;
    uint16_t place[1000]; /* by area code: index + 1, or 0 */
    bool
        fictional_ok; /* 555-0100 to 555-0199, which belong to nobody, count as real: the demo and tests alone
                             set it, after parsing */
};

/* The table that is built in (data/area_codes.tsv of the build). */
struct text area_codes_data(void);

/* Reads a table. The texts point into `tsv`, which must live as long. PROBLEM_INPUT with the line for a bad code, a
 * double, an unknown kind, a country that is not two capital letters or NANP, a state that does not exist, more
 * than AREA_CODE_ZONES_MAX zones. */
bool area_codes_parse(struct arena *arena, struct text tsv, struct area_codes *ret, struct problem *problem);

/* The entry, or NULL. */
const struct area_code *area_codes_find(const struct area_codes *codes, int npa);

#endif
