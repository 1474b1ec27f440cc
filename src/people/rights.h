/* Who may do what: the one table of rights. A right is asked for by each route (web/routes.c), and by the use cases about the thing
 * that it is done to: how far a role's right reaches says whose things these may be. Pure. */
#ifndef PEOPLE_RIGHTS_H
#define PEOPLE_RIGHTS_H

#include "base/problem.h"
#include "people/actor.h"

enum right {
    /* Of no role. */
    RIGHT_PUBLIC, /* everybody, signed in or not */
    RIGHT_OUTSIDE, /* files and other programs: no cookie is read, no CSRF token is asked; who posts is checked by a signature */

    RIGHT_SELF, /* one's own settings, sessions, second factor; pages that are the same for everybody */
    RIGHT_REQUEST_START,     /* begin a port request */
    RIGHT_REQUEST_START_FOR, /* begin one for somebody else, who has it then */
    RIGHT_REQUEST_SEE,       /* its page, its timeline, the list; messages about it, both ways */
    RIGHT_REQUEST_WORK, /* fill in, submit, correct, remind, cancel; its documents and what the losing carrier knows */
    RIGHT_REQUEST_RECORD,    /* say by hand what a carrier said; put off; take on; private notes */
    RIGHT_NUMBER_SEE,        /* the inventory */
    RIGHT_USER_SEE,          /* who the account's users are */
    RIGHT_USER_MANAGE,       /* invite, change the role of, remove: admins and agents */
    RIGHT_OWNER_MANAGE,      /* the same for owners; hand over the ownership */
    RIGHT_ACCOUNT_SETTINGS,  /* the account's name and rules, such as who must have a second factor */
    RIGHT_ACCOUNT_CREATE,    /* new customers */
    RIGHT_CONNECTION_MANAGE, /* credentials at gaining carriers */
    RIGHT_AUDIT_SEE,         /* who did what */
    RIGHT_DESK,              /* the porting team's desk: the queue of all accounts, jobs that are stuck */
    RIGHT_COUNT,
};

/* Whose things a right is about. */
enum reach {
    REACH_NONE,
    REACH_OWN,     /* what the person began, or who the person is */
    REACH_ACCOUNT, /* everything of the person's account */
    REACH_ALL,     /* everything of every account */
};

/* "request_see"; of RIGHT_PUBLIC "public", of RIGHT_OUTSIDE "outside". */
const char *right_name(enum right right);
/* "none", "own", "account", "all". */
const char *reach_name(enum reach reach);

/* How far the role's right reaches. Of RIGHT_PUBLIC and RIGHT_OUTSIDE: everything. */
enum reach right_reach(enum role role, enum right right);

/* Whether the role has the right at all: what a route asks before anything is read. */
bool right_any(const struct actor *actor, enum right right);

/* The same for a use case about no certain thing: PROBLEM_FORBIDDEN when the role does not have the right. */
bool right_need(const struct actor *actor, enum right right, struct problem *problem);

/* Whether the right reaches a thing of that account and that person (of nobody: the empty text). A use case answers what it does not
 * reach as PROBLEM_NOT_FOUND, so that nobody learns that it is there. */
bool right_over(const struct actor *actor, enum right right, struct text account, struct text user);

#endif
