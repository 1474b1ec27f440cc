/* A person's app with one-time codes: setting it up, proving it, turning it off; and its recovery codes. A code of the app works once,
 * also when it comes twice in the same moment. */
#ifndef PEOPLE_AUTHENTICATOR_H
#define PEOPLE_AUTHENTICATOR_H

#include "people/recovery_code.h"
#include "people/sessions.h"
#include "people/totp.h"

#define CODE_TRIES_WINDOW CLOCK_DAY
#define CODE_TRIES_MAX 20 /* wrong codes in the window: of one known browser, and of all others together */
#define CODE_TRIES_TELL                                                                                      \
    5 /* the person is told by mail at the so-many-th: whoever got this far knows the password */
#define AUTHENTICATOR_WAITS CLOCK_HOUR /* a set-up that was begun shows the same secret for so long */

/* ---- Setting it up ---- */

/* Begins, unless it is begun already, or there is one. */
bool authenticator_begin(const struct sessions *sessions, const struct actor *actor, struct problem *problem);

/* The secret that is being set up, in the arena; the empty text when none is. */
bool authenticator_waiting(const struct sessions *sessions, struct arena *arena, const struct actor *actor,
    struct text *ret_secret, struct problem *problem);

/* Confirms it with a first code. From then on it is asked; the session goes on under a new token, all others end; the person is told by
 * mail. PROBLEM_INPUT on `code` for a wrong one; PROBLEM_CONFLICT when nothing is being set up. */
struct authenticator_new {
    struct text token;  /* of the session from now on */
    struct text *codes; /* RECOVERY_CODES, to be shown once */
};
bool authenticator_confirm(const struct sessions *sessions, struct arena *arena,
    const struct session *session, struct text code, struct authenticator_new *ret, struct problem *problem);

/* ---- Proving it ---- */

enum code_answer {
    CODE_GOOD,
    CODE_WRONG,    /* or used before */
    CODE_TOO_MANY, /* of the app: wrong too often */
};

struct code_proof {
    const struct user *user;
    struct text code;        /* as typed */
    bool recovery;           /* a recovery code; otherwise one of the app */
    struct text device;      /* id of the known device, or empty */
    struct text client;      /* the client's address */
    enum code_answer answer; /* out */
};
/* Looks at the code and uses it up; counts a wrong one; mails and audits what a person should know. Part of a write transaction, which
 * must be committed whatever the answer is. */
bool authenticator_prove(struct db_tx *tx, const struct sessions *sessions, struct code_proof *proof);

/* ---- Afterwards ---- */

/* Turns it off, with a code of the app or a recovery code: codes are gone, the person is told by mail. The caller has asked the password.
 * PROBLEM_INPUT on `code`, or without a field when the account asks a second factor of the person; PROBLEM_TOO_MANY. */
bool authenticator_off(const struct sessions *sessions, const struct session *session, struct text code,
    struct problem *problem);

/* Ten new recovery codes in place of the others, with a code of the app. As authenticator_off; PROBLEM_CONFLICT when there is no app. */
bool authenticator_renew(const struct sessions *sessions, struct arena *arena, const struct session *session,
    struct text code, struct text **ret_codes, struct problem *problem);

/* Whether all these are recovery codes of the person that were not used: what may be handed out again as a file. */
bool authenticator_codes_are(const struct sessions *sessions, const struct actor *actor,
    const struct text *codes, size_t count, bool *ret, struct problem *problem);

#endif
