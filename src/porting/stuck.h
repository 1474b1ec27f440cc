/* What did not go on by itself, for the porting team: jobs that were given up, mails that a mail server refused, and words of a
 * carrier that we do not know. Of every account: anybody else is PROBLEM_FORBIDDEN. */
#ifndef PORTING_STUCK_H
#define PORTING_STUCK_H

#include "people/audit.h"
#include "porting/porting.h"

#define STUCK_PAGE 50
/* A refused mail or an unknown word is news for this long after it came; a dead job stays until it is tried again. */
#define STUCK_SHOWN (30 * CLOCK_DAY)

enum stuck_show { STUCK_ALL, STUCK_JOBS, STUCK_MAILS, STUCK_WORDS };

struct stuck_row {
    enum stuck_show what;
    int64_t since;                     /* µs; of a word: when it was last said */
    struct text account, account_name; /* the name is empty when it is about the desk itself */
    struct text request, reference;    /* empty when it is about none */
    struct text kind;                  /* of the job or of the notice; of a word the carrier's key */
    struct text subject;               /* the job's; of a mail its address; of a word the word itself */
    struct text detail;                /* why; of a word empty */
    int64_t times;                     /* tried, or said; 0: not counted */
    /* A job to place an order that is placed, over, or worked by hand by now: trying again does nothing. */
    bool moot;
};

struct stuck_list {
    struct stuck_row *rows; /* newest first */
    size_t rows_count;
    struct text next;  /* cursor of the next page, or empty */
    int64_t counts[4]; /* for each enum stuck_show */
};

/* `before` is the cursor of the page before, or empty; anything that is no cursor begins at the top. */
bool stuck_list(struct porting *porting, const struct actor *actor, enum stuck_show show, struct text before,
    struct arena *arena, struct stuck_list *ret, struct problem *problem);

/* How many jobs were given up. */
bool stuck_count(struct porting *porting, const struct actor *actor, int64_t *ret, struct problem *problem);

struct stuck_job {
    struct text account, kind, subject;
};
/* Tries a dead job again, now. `key` is the form's idempotency key: the same form again is the same retry; empty on the command line. PROBLEM_CONFLICT when it
 * is not dead (any more). */
bool stuck_retry(struct porting *porting, const struct actor *actor, const struct stuck_job *job,
    struct text key, struct problem *problem);

/* ---- One job (stuck_job.c) ---- */

enum stuck_state { STUCK_DEAD, STUCK_WAITING, STUCK_RUNNING };

struct stuck_look {
    struct stuck_row row; /* .since: when it came into this state */
    enum stuck_state state;
    int64_t due;         /* of one that waits: when it is tried next */
    int64_t interrupted; /* times in a row that the program ended while it ran */
};
/* All that is known of a job, whether it was given up or not. PROBLEM_NOT_FOUND when there is none such (any more). */
bool stuck_look(struct porting *porting, const struct actor *actor, const struct stuck_job *job,
    struct arena *arena, struct stuck_look *ret, struct problem *problem);

/* Takes a dead job off the list for good: its work is not done. The request that it is about keeps a line of who did it. `key` and
 * PROBLEM_CONFLICT as for stuck_retry. */
bool stuck_drop(struct porting *porting, const struct actor *actor, const struct stuck_job *job,
    struct text key, struct problem *problem);

/* Writes what was done to a job into the audit log of its account. Inside porting/. */
bool stuck_tell(struct db_tx *tx, const struct porting *porting, const struct actor *actor,
    enum audit_kind kind, const struct stuck_job *job);

/* What a job does, and what follows when it is dropped, for people. */
enum word stuck_job_word(struct text kind);
enum word stuck_drop_word(struct text kind);

#endif
