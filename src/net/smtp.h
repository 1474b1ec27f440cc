/* Sending mail over SMTP through libcurl, with MIME built by it: UTF-8 text and HTML as alternatives. */
#ifndef NET_SMTP_H
#define NET_SMTP_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

struct smtp_options {
    struct text url;            /* smtp://host:25, smtps://host:465 */
    struct text user, password; /* may be empty */
    bool require_tls;           /* STARTTLS or fail */
    struct text from_name, from_address;
    unsigned total_ms;
};

struct mail {
    struct text to_name, to_address;
    struct text subject;    /* UTF-8; a line break in it is a problem, never a header */
    struct text text, html; /* html may be empty */
    struct text message_id; /* "<id@host>", the same at each repetition of the same mail */
    int64_t date;           /* µs */
    struct text attachment, attachment_name, attachment_type; /* may be empty */
    struct text from_name, from_address;                      /* instead of the options' when set */
};

/* Whether an address can be given to a mail server: one '@', printable ASCII without spaces, quotes, brackets, at most
 * 254 bytes, a domain of labels. Used for form fields too. */
bool mail_address_ok(struct text address);

/* Sends. PROBLEM_LATER for what may pass (no connection, 4xx), PROBLEM_UPSTREAM for a refusal (5xx). */
bool mail_send(const struct smtp_options *options, const struct mail *mail, struct problem *problem);

#endif
