/* Sessions: who is signed in, with which browser, from where. A session is a random token in the browser's cookie; here stands only its
 * hash. The token carries its account ("acc_....<43 characters>"), so that a session is found without a global directory. It is made at
 * sign-in and never taken from outside, and is another one whenever its rights grow. How one comes to a session: people/sign_in.h. */
#ifndef PEOPLE_SESSIONS_H
#define PEOPLE_SESSIONS_H

#include "people/people.h"
#include "store/vault.h"

/* Unless sessions.idle_hours and sessions.days say otherwise. */
#define SESSION_IDLE (12 * CLOCK_HOUR)
#define SESSION_LIFE (14 * CLOCK_DAY)
/* A sign-in so young is proof enough for what else asks the password. */
#define SESSION_FRESH (10 * CLOCK_MINUTE)
#define SESSION_ID_PREFIX "ses"

/* What sessions need of the program. */
struct sessions {
    struct db *db;
    struct clock *clock;
    struct passwords *passwords;
    const struct vault *vault;
    unsigned char csrf_key[32]; /* of the vault */
    int64_t idle, life;         /* µs without a request, and in all */
    bool team_second_factor;    /* the porting team must have one, whatever its account's rule says */
};

/* With the limits above; the caller may set others afterwards. */
void sessions_init(struct sessions *sessions, struct db *db, struct clock *clock, struct passwords *passwords,
    const struct vault *vault);

/* How a session was begun. */
enum session_how {
    SESSION_BY_PASSWORD,
    SESSION_BY_CODE,     /* password and a code of the app */
    SESSION_BY_RECOVERY, /* password and a recovery code */
    SESSION_BY_PASSKEY,  /* which counts as both factors */
    SESSION_HOW_COUNT,
};
/* "password": as it is stored. */
const char *session_how_name(enum session_how how);

struct session {
    struct actor actor;
    struct text token;
    struct text id; /* "ses_..." */
    int64_t created_at;
    enum session_how how;
    bool
        must_set_up; /* a second factor is asked of the person, who has none: nothing else is open until it is there */
};

/* ---- Making: every way to sign in ends here ---- */

struct session_new {
    const struct user *user;
    enum session_how how;
    struct text client;   /* the client's address */
    struct text browser;  /* browser_name; may be empty */
    struct text token;    /* of session_token */
    struct text replaces; /* the token that the browser had until now, or empty: it ends, whoever it was of */
    struct text device_cookie;      /* of the browser's known devices (people/known_device.h), or empty */
    struct text device_token;       /* of device_token: what the browser is known by from now on */
    struct text *ret_device_cookie; /* what it is to keep, in the transaction's arena; NULL: not wanted */
};

/* A token that nobody has had, in the arena. Made before the transaction. */
struct text session_token(struct arena *arena, struct text account);

/* Begins a session, with its line in the audit log; makes the browser known. */
bool session_make(struct db_tx *tx, const struct sessions *sessions, const struct session_new *session);

/* ---- Finding and ending ---- */

/* Who the token belongs to. PROBLEM_SIGN_IN when it is none, ended or too old. */
bool session_find(const struct sessions *sessions, struct arena *arena, struct text token,
    struct session *ret, struct problem *problem);

/* Whether the sign-in is young enough to stand for the password. */
bool session_is_fresh(const struct sessions *sessions, const struct session *session);

/* Ends the session of the token; ending an unknown one is no problem. */
bool session_end(const struct sessions *sessions, struct text token, struct problem *problem);

/* The person's own sign-out, with its line in the audit log. */
bool session_sign_out(
    const struct sessions *sessions, const struct session *session, struct problem *problem);

/* Ends all sessions of a user. */
bool session_end_all(
    const struct sessions *sessions, struct text account, struct text user, struct problem *problem);

/* In a transaction, for what makes a person safer (a new password, a second factor): ends all sessions of the user, halves of sessions too,
 * and forgets all known devices, but for the session of the token (the empty text: none is left). */
bool session_end_others(struct db_tx *tx, struct text account, struct text user, struct text token);

/* In a transaction: the session of `token` goes on under `next` (of session_token). What is to be called when its rights grow. */
bool session_rotate(struct db_tx *tx, struct text token, struct text next);

/* ---- What a person sees of them ---- */

struct session_view {
    struct text id, client, browser;
    int64_t created_at, seen_at; /* the latter to within ten minutes */
    enum session_how how;
    bool is_this;
};
#define SESSIONS_SHOWN 50

/* The sessions of the person that are still good, this one first, then the one that was seen last; at most SESSIONS_SHOWN. */
bool session_list(const struct sessions *sessions, struct arena *arena, const struct session *session,
    struct session_view **ret, size_t *ret_count, struct problem *problem);

/* Ends one of the person's own sessions and forgets its device, with a line in the audit log. PROBLEM_NOT_FOUND when it is none. */
bool session_end_one(
    const struct sessions *sessions, const struct session *session, struct text id, struct problem *problem);

/* Ends all but this one, and forgets all other known devices. */
bool session_end_rest(
    const struct sessions *sessions, const struct session *session, struct problem *problem);

/* ---- Forged requests ---- */

/* The token against forged requests that belongs to a cookie's token (a session's, or a visitor's): its HMAC. */
struct text csrf_token(const struct sessions *sessions, struct arena *arena, struct text cookie_token);
bool csrf_is_good(
    const struct sessions *sessions, struct arena *arena, struct text cookie_token, struct text given);

#endif
