/* What went wrong, as a value. A function that can fail returns bool and fills a problem; at the edge it becomes a
 * message beside the field, an error page, or an RFC 9457 answer. */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include <stdbool.h>

#include "base/words.h"

enum problem_kind {
    PROBLEM_NONE,
    PROBLEM_INPUT,     /* 422: what came from outside cannot be taken; see field and word */
    PROBLEM_SYNTAX,    /* 400: not even well-formed */
    PROBLEM_SIGN_IN,   /* 401: nobody is signed in */
    PROBLEM_FORBIDDEN, /* 403 */
    PROBLEM_NOT_FOUND, /* 404: also what the reader may not know of */
    PROBLEM_CONFLICT,  /* 409: the state has changed meanwhile */
    PROBLEM_TOO_LARGE, /* 413 */
    PROBLEM_TOO_MANY,  /* 429 */
    PROBLEM_UPSTREAM, /* 502: a carrier, a mail server, ... refused or answered nonsense; repeating will not help */
    PROBLEM_LATER,    /* 503: did not work now; the same again may work later */
    PROBLEM_INTERNAL, /* 500: a defect of ours or of the machine (disk full) */
};

struct problem {
    enum problem_kind kind;
    enum word word;   /* the sentence for people */
    char field[48];   /* the form or JSON field it is about, or "" */
    char about[64];   /* what {about} stands for in the sentence: a number, a file name, a limit; or "" */
    char detail[400]; /* for the log and the porting team: never a secret, never shown to customers */
};

/* Fill the problem and return false, so that `return problem_set(...)` reads well. `problem` may be NULL. The first
 * problem wins: a filled one is left as it is. `field` and `about` may be NULL; `detail` is printf, may be NULL. */
bool problem_set(struct problem *problem, enum problem_kind kind, enum word word, const char *field,
    const char *about, const char *detail, ...) __attribute__((format(printf, 6, 7)));

/* PROBLEM_INTERNAL with the catalogue's general sentence and a detail for the log. */
bool problem_internal(struct problem *problem, const char *detail, ...) __attribute__((format(printf, 2, 3)));

/* Appends the sentence, unescaped. */
void problem_say(struct buffer *out, enum language language, const struct problem *problem);

/* The HTTP status that belongs to the kind. */
int problem_status(enum problem_kind kind);

#endif
