/* Signing in, and who is signed in. A session is a random token in the browser's cookie; here stands only its hash. The
 * token carries its account ("acc_....<43 characters>"), so that a session is found without a global directory. */
#ifndef PEOPLE_SESSIONS_H
#define PEOPLE_SESSIONS_H

#include "people/people.h"
#include "store/vault.h"

#define SESSION_IDLE (12 * CLOCK_HOUR)
#define SESSION_LIFE (14 * CLOCK_DAY)
#define SIGN_IN_WINDOW (15 * CLOCK_MINUTE)
#define SIGN_IN_EMAIL_MAX 10   /* failed tries for one e-mail in the window */
#define SIGN_IN_ADDRESS_MAX 50 /* failed tries from one client in the window; an office shares one address */

/* What sessions need of the program. */
struct sessions {
    struct db *db;
    struct clock *clock;
    struct passwords *passwords;
    const struct vault *vault;
    unsigned char csrf_key[32]; /* of the vault */
};

void sessions_init(struct sessions *sessions, struct db *db, struct clock *clock, struct passwords *passwords,
    const struct vault *vault);

struct sign_in {
    struct text email, password; /* as typed */
    struct text client;          /* the client's address */
    struct text replaces;        /* the token that the browser had until now, or empty: it ends */
};

struct session {
    struct actor actor;
    struct text token;
    int64_t created_at;
};

/* Signs in: a new token each time. PROBLEM_INPUT with one and the same sentence for an unknown e-mail and a wrong password, which take
 * the same time; PROBLEM_TOO_MANY when e-mail or client failed too often, with the minutes in `about`. */
bool session_begin(const struct sessions *sessions, struct arena *arena, const struct sign_in *sign_in,
    struct session *ret, struct problem *problem);

/* Who the token belongs to. PROBLEM_SIGN_IN when it is none, ended or too old. */
bool session_find(const struct sessions *sessions, struct arena *arena, struct text token,
    struct session *ret, struct problem *problem);

/* Ends the session of the token; ending an unknown one is no problem. */
bool session_end(const struct sessions *sessions, struct text token, struct problem *problem);

/* Ends all sessions of a user. */
bool session_end_all(
    const struct sessions *sessions, struct text account, struct text user, struct problem *problem);

/* The token against forged requests that belongs to a cookie's token (a session's, or a visitor's): its HMAC. */
struct text csrf_token(const struct sessions *sessions, struct arena *arena, struct text cookie_token);
bool csrf_is_good(
    const struct sessions *sessions, struct arena *arena, struct text cookie_token, struct text given);

#endif
