/* A sign-in from somewhere new: from a network address, or with a browser, that the person had not signed in with before. It is mailed to
 * the person, who knows best whether it was them. Called in the transaction that begins a session. */
#ifndef PEOPLE_NEW_SIGN_IN_H
#define PEOPLE_NEW_SIGN_IN_H

#include "people/people.h"
#include "store/vault.h"

/* How long a place is remembered after it was used last. */
#define SIGN_IN_PLACE_KEPT (400 * CLOCK_DAY)

struct new_sign_in {
    const struct user *user;
    struct text client;  /* the client's address: an IPv4 address, or the /64 of an IPv6 one, is a place */
    struct text browser; /* "Firefox on Windows", or empty when it is not known */
};

/* Remembers the places, and when one is new, though others are known already, writes it down in the audit log and queues the mail. */
bool new_sign_in(
    struct db_tx *tx, struct clock *clock, const struct vault *vault, const struct new_sign_in *sign_in);

/* Forgets places that were not used for long; at most `max`. */
bool new_sign_in_prune(struct db_tx *tx, int64_t now, int64_t max, int64_t *ret_removed);

#endif
