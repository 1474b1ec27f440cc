/* Signing in: e-mail and password, and when the person has a second factor, a code. Between the two stands a half session, which opens
 * nothing but the page that asks for the code. Tries are counted before anything is looked at: for each client and each e-mail together,
 * and apart from them for each browser that the person has signed in with before, so that strangers cannot keep the person out. */
#ifndef PEOPLE_SIGN_IN_H
#define PEOPLE_SIGN_IN_H

#include "people/sessions.h"

/* In TRIES_WINDOW (people/tries.h). */
#define SIGN_IN_EMAIL_MAX 10      /* failed tries for one e-mail, and for one known browser */
#define SIGN_IN_ADDRESS_MAX 50    /* failed tries from one client; an office shares one address */
#define SIGN_IN_WARNING CLOCK_DAY /* between two mails about many failed tries */
#define HALF_SESSION_LIFE (5 * CLOCK_MINUTE)
#define HALF_SESSION_TRIES 5

struct sign_in {
    struct text email, password; /* as typed */
    struct text client;          /* the client's address */
    struct text browser;         /* browser_name; may be empty */
    struct text replaces;        /* the token that the browser had until now, or empty: it ends */
    struct text device_cookie;   /* of known devices, or empty */
};

struct signed_in {
    bool half; /* a code is asked next, and `token` is that of the half session */
    struct text token;
    struct text device_cookie; /* what the browser is to keep; empty while half */
};

/* PROBLEM_INPUT with one and the same sentence for an unknown e-mail and a wrong password, which take the same hashing and as many writes;
 * PROBLEM_TOO_MANY when e-mail, client or browser failed too often, with the minutes in `about`. PROBLEM_INPUT also when the password is right,
 * but the account asks for a second factor and the person's is a passkey. */
bool sign_in_begin(const struct sessions *sessions, struct arena *arena, const struct sign_in *sign_in,
    struct signed_in *ret, struct problem *problem);

struct sign_in_code {
    struct text half; /* the half session's token */
    struct text code; /* as typed */
    bool recovery;    /* it is a recovery code */
    struct text client, browser, replaces, device_cookie;
};

/* The second step. PROBLEM_SIGN_IN when the half session is none, over, or has had its tries; PROBLEM_INPUT on `code` for a wrong one or
 * one that was used before; PROBLEM_TOO_MANY when the app's codes were wrong too often today: a recovery code still works. */
bool sign_in_finish(const struct sessions *sessions, struct arena *arena, const struct sign_in_code *code,
    struct signed_in *ret, struct problem *problem);

/* Whether the half session waits for a code. */
bool sign_in_is_half(const struct sessions *sessions, struct text half, bool *ret, struct problem *problem);

/* Whether it is the password of the person who is signed in; what asks it again. PROBLEM_INPUT on `password`; PROBLEM_TOO_MANY. */
bool sign_in_confirm(const struct sessions *sessions, const struct actor *actor, struct text password,
    struct problem *problem);

#endif
