/* The sandbox's scenarios: what the data of a port makes the carriers do. One table, shown on the control page. */
#ifndef SANDBOX_SCENARIO_H
#define SANDBOX_SCENARIO_H

#include "base/clock.h"
#include "base/words.h"

enum scenario_by {
    BY_NUMBER_END,     /* the number ends with the pattern */
    BY_PIN,            /* the PIN is the pattern */
    BY_ACCOUNT_NUMBER, /* the account number begins with the pattern */
    BY_STREET,         /* the street begins with the pattern, case ignored */
    BY_NAME,           /* the customer's name begins with the pattern, case ignored */
};

enum scenario_does {
    DOES_NOT_PORT, /* portability says no, with `code` and `reason` */
    DOES_REFUSE,   /* the losing carrier rejects with `reason` */
    DOES_WAIT,     /* the losing carrier stays silent for `days` */
    DOES_NEED_PIN, /* a mobile number: PIN and account number must be given */
    DOES_COMPLETE, /* a cancellation comes too late: the number ports all the same */
};

struct scenario {
    enum scenario_by by;
    const char *pattern;
    enum scenario_does does;
    int code;
    const char *reason;
    int days;
    enum word said; /* on the control page */
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;

/* The reasons for which a losing carrier refuses, as Twilio spells them; NULL-terminated. */
extern const char *const rejection_reasons[];
/* The number that goes with a reason. */
int64_t rejection_code(struct text reason);

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

/* What the losing carrier will refuse a number for, or NULL when it agrees. */
const char *scenario_verdict(
    struct text e164, struct text pin, struct text account_number, struct text street, struct text name);
/* How long the losing carrier takes to answer. */
int64_t scenario_answer_us(struct text e164);
bool scenario_ignores_cancel(struct text e164);

#endif
