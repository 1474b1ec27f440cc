/* The sandbox's scenarios: what the data of a port makes the carriers do. One table, shown on the control page, in docs/sandbox.md and
 * walked by a test; a script (script.h) puts further scenarios before it. */
#ifndef SANDBOX_SCENARIO_H
#define SANDBOX_SCENARIO_H

#include "base/clock.h"
#include "base/words.h"

#define SCENARIO_PATTERN_MAX 48 /* bytes, with the NUL */
#define SCENARIO_REASON_MAX 64
#define SCENARIO_NAME_MAX SCENARIO_PATTERN_MAX
#define SCENARIO_NEVER 100000 /* days: the losing carrier stays silent for ever */

enum scenario_by {
    BY_NUMBER_END,     /* the number ends with the pattern */
    BY_PIN,            /* the PIN is the pattern */
    BY_ACCOUNT_NUMBER, /* the account number begins with the pattern */
    BY_STREET,         /* the street begins with the pattern, case ignored */
    BY_NAME,           /* the customer's name begins with the pattern, case ignored */
    BY_COUNT,
};

enum scenario_date { DATE_KEPT, DATE_MOVED, DATE_LOST };

/* In which way a status is written; all of them have been seen. */
enum spelling { SPELL_TWILIO, SPELL_TITLE, SPELL_HYPHENS, SPELL_BARE, SPELL_PREFIXED, SPELL_SHOUTED };

/* Whoever matches it behaves in all these ways; 0 and "" mean as usual. By the customer's data goes `reject` alone. */
struct scenario {
    char name[SCENARIO_NAME_MAX]; /* "pin-once"; kept with each number that it was taken for */
    int by;                       /* enum scenario_by */
    char pattern[SCENARIO_PATTERN_MAX];
    int not_portable;                 /* the code that portability gives */
    int mobile;                       /* PIN and account number must be given */
    int review_days;                  /* before the letter goes out; 0: REVIEW_US */
    int letter_days;                  /* to sign it; 0: LETTER_DAYS */
    int answer_days;                  /* until the losing carrier answers; 0: one */
    char reject[SCENARIO_REASON_MAX]; /* the losing carrier's answer */
    int attempts;                     /* how many attempts it refuses; 0: all */
    int firm_date;                    /* enum scenario_date */
    int late_cancel;                  /* a cancellation comes too late: the number ports all the same */
    int dropped;                      /* canceled on its day, whatever becomes of the port's other numbers */
    int strange_status;               /* for the time with the losing carrier, in words that nobody knows */
    int spelling;                     /* enum spelling */
    int inventory_hours;              /* from Completed until the account has the number */
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;

/* The reasons for which a losing carrier refuses, as Twilio spells them; NULL-terminated. */
extern const char *const rejection_reasons[];
/* The number that goes with a reason; 0 for one that is not in the list. */
int64_t rejection_code(struct text reason);
/* The reason that goes with a code of portability, or NULL. */
const char *portability_reason(int code);

/* Further scenarios, which go before the table's; copied. Any thread. */
void scenario_use(const struct scenario *extra, size_t count);

/* The scenario of a number, or of that name. False: there is none, *ret behaves as usual. */
bool scenario_of_number(struct text e164, struct scenario *ret);
bool scenario_named(struct text name, struct scenario *ret);
/* What it does, in sentences. */
struct text scenario_said(struct arena *arena, const struct scenario *scenario);

struct portability_verdict {
    bool portable;
    int code;           /* 0 when portable */
    const char *reason; /* NULL when portable */
    const char *type;   /* LOCAL, MOBILE, TOLL-FREE, UNKNOWN */
    const char *country;
    bool pin_needed;
};

/* What the number alone says; the number must be +1 and ten digits (number_ok). */
struct portability_verdict scenario_portability(struct text e164);
bool number_ok(struct text e164);

/* What the losing carrier will refuse these data for, whatever the number, in the arena; empty when it agrees. */
struct text scenario_verdict(
    struct arena *arena, struct text pin, struct text account_number, struct text street, struct text name);

/* A status of Twilio's in another spelling. */
struct text scenario_spell(struct arena *arena, int spelling, struct text status);

#endif
