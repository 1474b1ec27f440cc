/* Why a gaining carrier does not take a number, in words for people: what it means, and what can be done. The codes are Twilio's, of its portability
 * answers and error pages (22130 to 22137, 22102, 22171; verified). A number that cannot be moved through the API is never a dead end. */
#ifndef RULES_NOT_PORTABLE_H
#define RULES_NOT_PORTABLE_H

#include "base/text.h"
#include "base/words.h"

enum not_portable {
    NOT_PORTABLE_OTHER,       /* also every word that we do not know: shown raw to the porting team */
    NOT_PORTABLE_UNSUPPORTED, /* 22130: country, rate center or carrier */
    NOT_PORTABLE_HERE,        /* 22131: in the account already, or being ported into it */
    NOT_PORTABLE_ELSEWHERE,   /* 22132: with another customer of the gaining carrier */
    NOT_PORTABLE_BY_HAND,     /* 22133: a person can */
    NOT_PORTABLE_UNSURE,      /* 22135: the carrier could not tell */
    NOT_PORTABLE_OURS,        /* 22136: in another account of the operator */
    NOT_PORTABLE_UNDER_WAY,   /* 22137: a port of it is under way in one of the accounts */
    NOT_PORTABLE_MALFORMED,   /* 22102 */
    NOT_PORTABLE_INCOMPLETE,  /* 22171 */
    NOT_PORTABLE_COUNT,
};

/* Of the carrier's word ("UNSUPPORTED") or its code in digits ("22130"); case is ignored. */
enum not_portable not_portable_of_word(struct text word);
/* What it means, has {carrier} and {gaining}; what to do, has {carrier}. */
enum word not_portable_what_word(enum not_portable why);
enum word not_portable_do_word(enum not_portable why);

#endif
