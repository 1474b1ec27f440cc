/* What a link is good for: looked at, and used once. And what somebody who is not signed in may ask for: a new password, an account. Such
 * an answer is the same in words and in work whether the e-mail is known here or not. */
#ifndef PEOPLE_JOINING_H
#define PEOPLE_JOINING_H

#include "jobs/jobs.h"
#include "people/user_link.h"

#define JOB_LINK_REQUEST "link_request" /* subject: id of what was asked for */
#define ASK_CLIENT_MAX 20               /* from one client in TRIES_WINDOW */
#define ASK_EMAIL_MAX 3 /* mails to one e-mail in it: further ones are answered alike, and not sent */
#define RESETS_MAX 3    /* links to a new password that work at once */

/* What the page behind a link shows. */
struct link_look {
    struct user_link link;
    struct text account_name; /* of the one that is joined, is the user's, or is to be made */
    struct text user_name;    /* whose it is */
    struct text user_email;   /* what they sign in with now */
};

/* PROBLEM_NOT_FOUND for a link that was never made, is used, withdrawn or too old. */
bool link_look(const struct people *people, struct arena *arena, struct text account, struct text token,
    struct link_look *ret, struct problem *problem);

struct link_use {
    struct text account, token;
    struct text name, password; /* as typed; where the kind asks for them */
    struct text client;
};

/* Uses it: joins, makes the account, sets the password, changes the address, or puts it back. *ret: what the link was. PROBLEM_INPUT on
 * `name` or `password`; PROBLEM_CONFLICT when somebody else signs in with the e-mail; PROBLEM_NOT_FOUND as above, also for the slower of two. */
bool link_use(const struct people *people, struct arena *arena, const struct link_use *use,
    struct user_link *ret, struct problem *problem);

struct asking {
    struct text email;                       /* as typed */
    struct text name, account_name, country; /* of a sign-up; country "US" or "CA" */
    struct text client;
    struct text key; /* the form's idempotency key */
};

/* Asks for a link to a new password. PROBLEM_INPUT on `email` when it is none; PROBLEM_TOO_MANY for a client that asks too often. */
bool reset_ask(const struct people *people, const struct asking *asking, struct problem *problem);
/* Asks for an account of one's own. PROBLEM_NOT_FOUND unless the operator opened the sign-up; otherwise as above, and PROBLEM_INPUT on `name`,
 * `account_name` or `country`. */
bool sign_up_ask(const struct people *people, const struct asking *asking, struct problem *problem);

/* The work of JOB_LINK_REQUEST; `context` is the struct people. */
bool link_request_work(void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at,
    struct problem *problem);

/* In the caller's transaction: a link to a new password for that user. With `ret_path` it is given
 * back, for the command line to print; with NULL it is mailed. */
bool reset_add(struct db_tx *tx, const struct people *people, const struct user *user, struct text client,
    struct text *ret_path);

#endif
