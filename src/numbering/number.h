/* One phone number: read in any usual way of writing, kept as E.164, written for people, and classed by what can be
 * done with it. No library and no table judges the digits beyond the plan's own rules (ATIS-0300055: NXX-NXX-XXXX,
 * N = 2 to 9). */
#ifndef NUMBERING_NUMBER_H
#define NUMBERING_NUMBER_H

#include "base/problem.h"
#include "numbering/area_codes.h"

#define NUMBER_TEXT_BYTES_MAX 120 /* of one written number */

/* A number of the +1 plan: "+14155550134", NUL-terminated. All zero is no number. */
struct number {
    char e164[13];
};

/* What is wrong with a written number; each has its own sentence. */
enum number_fault {
    NUMBER_FAULT_NONE,
    NUMBER_FAULT_EMPTY,
    NUMBER_FAULT_NOT_A_NUMBER, /* words, or signs that no number has */
    NUMBER_FAULT_TOO_LONG,     /* more than NUMBER_TEXT_BYTES_MAX bytes */
    NUMBER_FAULT_NO_AREA_CODE, /* seven digits */
    NUMBER_FAULT_ONE_MISSING,  /* nine digits, or ten after a 1 that is there */
    NUMBER_FAULT_TOO_FEW,
    NUMBER_FAULT_ONE_TOO_MANY,
    NUMBER_FAULT_TOO_MANY,
    NUMBER_FAULT_EXTENSION, /* "x12": the main number moves, extensions do not; see suggestion */
    NUMBER_FAULT_LETTERS,   /* "800 FLOWERS"; see suggestion */
    NUMBER_FAULT_FOREIGN,   /* +44 ... */
    NUMBER_FAULT_AREA_CODE, /* begins with 0 or 1 */
    NUMBER_FAULT_EXCHANGE,  /* the fourth digit is 0 or 1 */
    NUMBER_FAULT_SHORTENED, /* "4.15555E+09": a spreadsheet has thrown digits away */
    NUMBER_FAULT_COUNT,
};

struct number_reading {
    enum number_fault fault;
    struct number number;     /* when fault is NONE */
    struct number suggestion; /* for EXTENSION and LETTERS, when the rest is a number; else all zero */
};

/* Reads one written number: digits, full-width digits, (), dashes of any kind, dots, slashes, blanks of any kind,
 * "tel:", +1, 1, 001 and 011 1 in front, the marks that spreadsheets and address books leave. Never fails; see
 * ret->fault. True when it is a number. Hostile bytes are fine. */
bool number_read(struct text written, struct number_reading *ret);

/* As number_read, for one form field: PROBLEM_INPUT with the fault's sentence at `field`. */
bool number_parse(struct text written, struct number *ret, const char *field, struct problem *problem);

/* The sentence of a fault; some have {about}: the text as written. */
enum word number_fault_word(enum number_fault fault);
/* The same, which also offers the suggestion where there is one. *ret_about is what stands for {about}. */
enum word number_reading_word(
    struct arena *arena, const struct number_reading *reading, struct text written, struct text *ret_about);

/* Exactly "+1NXXNXXXXXX": what the database and carriers hand us. */
bool number_from_e164(struct text e164, struct number *ret);
struct text number_e164(const struct number *number); /* a slice into it */
bool number_equal(const struct number *a, const struct number *b);
int number_area_code(const struct number *number);

/* "(415) 555-0134" and "415-555-0134". */
struct text number_format(struct arena *arena, const struct number *number);
struct text number_format_dashes(struct arena *arena, const struct number *number);
/* The same from E.164 text; a text that is not E.164 of the plan is given back as it is. */
struct text number_show(struct arena *arena, struct text e164);

/* The way that a number can take (MISSION P15). */
enum number_portability {
    NUMBER_PORT_OK,        /* US: through the gaining carrier's API */
    NUMBER_PORT_CANADIAN,  /* by the porting team: other LOA, 90-minute text approval */
    NUMBER_PORT_TOLL_FREE, /* by the porting team: change of RespOrg */
    NUMBER_PORT_REFUSED,   /* by nobody; see refusal */
};

enum number_refusal {
    NUMBER_REFUSAL_NONE,
    NUMBER_REFUSAL_FICTIONAL,      /* 555-0100 to 555-0199 */
    NUMBER_REFUSAL_SERVICE_CODE,   /* 411, 911, ...: as area code, or as exchange of a geographic number */
    NUMBER_REFUSAL_RESERVED,       /* N9X, 37X, 96X: no area codes yet */
    NUMBER_REFUSAL_PREMIUM,        /* 900 */
    NUMBER_REFUSAL_PERSONAL,       /* 5XX */
    NUMBER_REFUSAL_NON_GEOGRAPHIC, /* 600, 622, 700, 710 */
    NUMBER_REFUSAL_OTHER_COUNTRY,  /* +1 876 ...: Jamaica */
    NUMBER_REFUSAL_COUNT,
};

struct number_class {
    enum number_country country;
    enum number_kind kind;
    enum number_portability portability;
    enum number_refusal refusal;
    bool unknown_area_code;       /* warn: "we do not know this area code, check it" */
    const struct area_code *area; /* its zones and state; NULL when unknown */
};

/* Sources: kind and country from the table; N11, 37X, 96X, N9X and 555-01XX from the plan's rules; verified. */
struct number_class number_classify(const struct area_codes *codes, const struct number *number);

/* Why a number is refused; the sentence has {about}: the number. OTHER_COUNTRY: {about} is the country's name. */
enum word number_refusal_word(enum number_refusal refusal);

/* One sentence for a number with this class: refused (by reason), Canadian, toll-free, unknown area code; WORD_NONE
 * when there is nothing to say. *ret_about is what stands for {about}. */
enum word number_class_word(struct arena *arena, const struct number *number,
    const struct number_class *class, struct text *ret_about);

/* The likeliest time zone ("America/Los_Angeles"), or empty. */
struct text number_zone(const struct number_class *class);
/* The same of a number in E.164. */
struct text number_zone_of(const struct area_codes *codes, struct text e164);

#endif
