/* What signing and declining share: the letter behind a signing link, and whether it still waits. */
#ifndef SANDBOX_SIGNING_H
#define SANDBOX_SIGNING_H

#include "letters/drawing.h"
#include "sandbox/app.h"
#include "sandbox/branding.h"

struct signing {
    struct exchange *exchange;
    struct port port;
    struct branding branding;
    bool found;
    struct text pdf;
    int64_t at;
};

/* Reads the letter of the address's token; answers itself when there is none. */
bool signing_fetch(struct signing *signing);
/* True when the letter is not (or no longer) to be signed; the answer says why then. */
bool signing_over(struct signing *signing);
/* What is wrong with a typed name, or the empty text. */
struct text signing_name_error(struct exchange *exchange, struct text name);
/* Signs with a name, and a drawing that may be empty: makes the PDF and lets the port go on. */
bool signing_sign(
    struct signing *signing, struct text name, const struct drawing *drawing, struct problem *problem);
/* Declines for a reason in the signer's words, which may be empty. */
bool signing_decline(struct signing *signing, struct text reason, struct problem *problem);

#define DECLINE_REASON_MAX 500 /* characters */

#endif
