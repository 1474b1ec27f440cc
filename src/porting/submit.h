/* What people do with a request: submit the draft, correct and send again, cancel; and the porting team's record of orders
 * that are worked by hand. */
#ifndef PORTING_SUBMIT_H
#define PORTING_SUBMIT_H

#include "porting/draft.h"
#include "rules/rejection.h"
#include "rules/status.h"

/* Submits the draft: every check again, the claim of each number (MISSION P11), one order for each way, the jobs that place them, all in
 * one transaction. `review` has the wished date and the acknowledgements that came with the submit, and which are kept with it; NULL: as
 * saved. `key` is the form's idempotency key (16 to 64 characters): the same key again, or a request that was submitted
 * already, answers true and changes nothing. PROBLEM_INPUT carries the first field that is not right; draft_load tells
 * all. PROBLEM_CONFLICT when a number is somebody's personal phone, in the inventory, or being ported already. */
bool request_submit(struct porting *porting, const struct actor *actor, struct text request,
    const struct draft_fields *review, struct text key, struct problem *problem);

/* What can be corrected, in the order in which it is. */
enum fix_scope {
    FIX_NOTHING,
    FIX_REFUSED, /* what was refused, or whose letter ran out */
    FIX_ENDED,   /* what the carrier canceled though nobody here asked: a letter that was declined */
    FIX_SIGNER,  /* who signs the letter that waits, or where it went */
};

/* Sends numbers again with corrected fields: a new attempt, of what the first fix_scope has that there is something in. Twilio has no edit call, so the
 * old order is canceled for these numbers, and when that is confirmed a new order is made, with a new LOA to sign. What has ended goes out again the same way.
 * `fields` are the DRAFT_FIELD_BITs that the form had: only those are taken from `values`. PROBLEM_CONFLICT when nothing waits for a
 * correction. Same `key`, same answer. */
bool request_fix(struct porting *porting, const struct actor *actor, struct text request, uint32_t fields,
    const struct draft_fields *values, struct text key, struct problem *problem);

/* The check of the fields alone, which request_fix does first: PROBLEM_INPUT with the first that is not right. */
bool request_fix_check(uint32_t fields, const struct draft_fields *values, struct problem *problem);

/* Ticks off the check-list of who moves a number from a mobile (rules/checklist.h): `shown` are the bits that the form showed as done,
 * `ticked` those that it sends. *ret: what is done now. */
bool request_tick(struct porting *porting, const struct actor *actor, struct text request, uint32_t shown,
    uint32_t ticked, uint32_t *ret, struct problem *problem);

/* Asks to cancel what is under way. Orders that no carrier has seen end at once; the others stand as Canceling until
 * the carrier confirms. */
bool request_cancel(struct porting *porting, const struct actor *actor, struct text request, struct text key,
    struct problem *problem);

/* Sends the owner a reminder of the LOA that waits; at most one an hour, PROBLEM_TOO_MANY. */
bool request_remind(
    struct porting *porting, const struct actor *actor, struct text request, struct problem *problem);

/* The porting team has looked, and is not asked again about what it was asked about for so many business days. PROBLEM_CONFLICT when it was not asked.
 * Porting team only. `key`: as everywhere. */
#define WATCH_PUT_OFF_DAYS 2
bool request_put_off(struct porting *porting, const struct actor *actor, struct text request, struct text key,
    struct problem *problem);

/* The porting team's record of what a carrier said of numbers in orders that are worked by hand. */
#define RECORD_ALL "all"
#define RECORD_WORDS_MAX 300
struct record_form {
    struct text request;
    struct text number; /* E.164, or RECORD_ALL: each that is worked by hand and has not ended */
    enum number_status status;
    struct text
        firm_date; /* with pending: the day that the carrier committed to; empty: none, or taken back */
    struct text rejection; /* with rejected: the name of the reason */
    struct text words;     /* the carrier's own, with rejected and not portable */
    bool sure;             /* of an end, which cannot be undone; of a day that is far, or without business */
    struct text key;       /* the form's idempotency key */
};
/* Has the effects of the same event of a carrier. PROBLEM_INPUT on `status`, `firm_date`, `rejection`, or on `sure` when it must be; PROBLEM_CONFLICT on
 * `number` when it is not worked by hand or has ended. Porting team only. */
bool request_record(struct porting *porting, const struct actor *actor, const struct record_form *form,
    struct problem *problem);

#endif
