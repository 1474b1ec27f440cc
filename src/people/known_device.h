/* Browsers that a person has signed in with before. Their failed tries are counted apart, so that strangers who use up the tries of an
 * e-mail do not keep its owner out. A browser's cookie has a random token for each person who has used it, at most DEVICES_OF_BROWSER;
 * here stands its hash, with the one person it is good for. It is another after each sign-in, and opens nothing by itself. */
#ifndef PEOPLE_KNOWN_DEVICE_H
#define PEOPLE_KNOWN_DEVICE_H

#include "base/clock.h"
#include "store/db.h"

#define DEVICES_OF_BROWSER 4
#define DEVICES_OF_USER 20                   /* the one that was used longest ago is forgotten */
#define DEVICE_LIFE (180 * CLOCK_DAY)        /* without a sign-in */
#define DEVICE_COOKIE_LIFE (365 * CLOCK_DAY) /* of the cookie, which is renewed with each sign-in */

/* A new token, in the arena. Made before the transaction. */
struct text device_token(struct arena *arena);

/* The id of the user's known device among those of the cookie (anything may stand in it), copied; the empty text when there is none. */
struct text device_find(struct db_tx *tx, struct arena *arena, int64_t now, struct text account,
    struct text user, struct text cookie);

struct device_keep {
    struct text account, user;
    struct text cookie; /* as it came */
    struct text token;  /* of device_token */
    int64_t now;
    struct text id;         /* out: "dev_..." */
    struct text new_cookie; /* out: what the browser is to keep */
};
/* Makes the browser known, under its new token. The outs live in the transaction's arena. */
bool device_keep(struct db_tx *tx, struct clock *clock, struct device_keep *keep);

#endif
