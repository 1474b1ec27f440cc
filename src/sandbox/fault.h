/* Faults on purpose: what goes wrong with calls and webhooks. Whether one is made is a function of the seed, the rule, the number that
 * it is about and how often that number has come by this place: never of the time, so that the same script makes the same faults.
 * Each fault is written to a journal as the rule that makes exactly it again. */
#ifndef SANDBOX_FAULT_H
#define SANDBOX_FAULT_H

#include "base/json.h"
#include "sandbox/sandbox.h"

enum fault_place {
    FAULT_AT_CALL, /* every call of the API, but no webhook */
    FAULT_AT_PORTABILITY,
    FAULT_AT_UPLOAD,
    FAULT_AT_CREATE,
    FAULT_AT_FETCH,
    FAULT_AT_LIST,
    FAULT_AT_CANCEL,
    FAULT_AT_CONFIGURE,
    FAULT_AT_INVENTORY,
    FAULT_AT_OTHER,
    FAULT_AT_WEBHOOK,
    FAULT_PLACES,
};

enum fault_does {
    FAULT_ANY, /* one of those of the place, by the seed */
    /* Of calls. */
    FAULT_ERROR,     /* an answer with `status` */
    FAULT_LIMIT,     /* 429 with Retry-After: `seconds` */
    FAULT_SILENCE,   /* no answer: after `seconds` the connection is closed */
    FAULT_CUT,       /* the connection is closed in the middle of the answer */
    FAULT_GARBAGE,   /* 200 and something that is no JSON */
    FAULT_OVERSIZED, /* 200 and more than anybody should read */
    /* Of webhooks. */
    FAULT_LOST,
    FAULT_DOUBLED,
    FAULT_LATE,             /* `seconds` of real time */
    FAULT_REORDERED,        /* after the next one of the port */
    FAULT_FORGED_SIGNATURE, /* these four: a further one, beside the true one, that tells a lie */
    FAULT_FORGED_REFERENCE,
    FAULT_FORGED_ACCOUNT,
    FAULT_UNKNOWN_EVENT,
    FAULT_GARBAGE_BODY,
    FAULT_DOES,
};

#define FAULT_NUMBER_MAX 16
#define FAULT_RULES_MAX 1000

struct fault_rule {
    int at;                        /* enum fault_place */
    int does;                      /* enum fault_does */
    char number[FAULT_NUMBER_MAX]; /* the number ends so; empty: any, and what is about none */
    int after;                     /* of a call: the fault comes after the call's effect */
    int status;                    /* of FAULT_ERROR; 0: 500 */
    int seconds;
    int chance; /* per cent; 0: always */
    int nth;    /* only when a number comes by for the nth time; 0: any time */
    int times;  /* at most so often for each number; 0: no limit */
};

/* Faults that magic numbers make, whatever the script says. */
extern const struct fault_rule fault_numbers[];
extern const size_t fault_numbers_count;

/* The rules that hold from now on, before those of magic numbers; copied. Any thread. */
void fault_use(uint64_t seed, const struct fault_rule *rules, size_t count);

/* Whether any rule may concern the place: if not, nothing need be looked up. */
bool fault_possible(enum fault_place place);
/* Counts that `subject` (a number, or empty) comes by, and decides. With true, *ret is the fault, `does` being what it says; it stands
 * in the journal. Inside a write transaction. */
bool fault_decide(
    struct db_tx *tx, enum fault_place place, struct text subject, int64_t at, struct fault_rule *ret);
/* A number that is the same for the same fault, to make garbage of. */
uint64_t fault_random(struct text subject, uint64_t salt);

const char *fault_place_name(int place);
const char *fault_does_name(int does);
/* Whether something of that kind can go wrong at that place. */
bool fault_fits(int place, int does);
/* What a rule does, in a sentence. */
struct text fault_said(struct arena *arena, const struct fault_rule *rule);

/* Ends all waits of FAULT_SILENCE, for the end of the program. */
void fault_stop(void);
/* Waits so long, or until fault_stop. */
void fault_wait(int seconds);

#endif
