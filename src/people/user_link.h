/* Links that work once. A mail carries one; only the hash of its token is kept. Everything here runs inside a caller's transaction. */
#ifndef PEOPLE_USER_LINK_H
#define PEOPLE_USER_LINK_H

#include "people/people.h"

enum link_kind {
    LINK_INVITATION,   /* to join an account: asks for a password */
    LINK_SIGN_UP,      /* to make an account for oneself: asks for a password */
    LINK_RESET,        /* a new password */
    LINK_EMAIL_CHANGE, /* says that the new address is the user's */
    LINK_EMAIL_UNDO,   /* puts the old address back, with a new password */
    LINK_KIND_COUNT,
};

struct user_link {
    struct text account, id; /* id: of a new one empty */
    enum link_kind kind;
    struct text email;                 /* where it is sent; of LINK_EMAIL_UNDO: what is put back */
    struct text name;                  /* of who is to come in */
    enum role role;                    /* of LINK_INVITATION */
    struct text user;                  /* whose it is; empty for who is to come in */
    struct text account_name, country; /* of LINK_SIGN_UP */
    struct text time_zone;             /* that a new user begins with */
    struct text created_by, created_by_name;
    int64_t sends; /* times that it went out */
    int64_t sent_at, expires_at;
};

/* "invitation": as it is stored. */
const char *link_kind_name(enum link_kind kind);
bool link_kind_parse(struct text name, enum link_kind *ret);
/* How long one of the kind works, in µs. */
int64_t link_life(enum link_kind kind);

/* Adds a link. *ret_path: where it leads ("/join/acc_.../<token>"), in the transaction's arena; the token stands nowhere else. */
bool link_add(struct db_tx *tx, struct clock *clock, const struct user_link *link, struct text *ret_path);
/* Gives the link a new token and its whole life again; the old token is good for nothing. */
bool link_renew(struct db_tx *tx, struct clock *clock, const struct user_link *link, struct text *ret_path);

/* The link with that token: not used, not too old. False when there is none. */
bool link_find(struct db_tx *tx, struct arena *arena, struct clock *clock, struct text account,
    struct text token, struct user_link *ret);
/* The invitation with that id that was not used; it may be too old. False when there is none. */
bool link_invitation(
    struct db_tx *tx, struct arena *arena, struct text account, struct text id, struct user_link *ret);
/* Uses it up. Fails the transaction with PROBLEM_NOT_FOUND when somebody else was faster. */
bool link_take(struct db_tx *tx, struct clock *clock, const struct user_link *link);
bool link_remove(struct db_tx *tx, const struct user_link *link);

/* Ends the links of a user that wait, but the ones by which a stolen address is taken back. */
bool links_end(struct db_tx *tx, struct text account, struct text user);
/* Ends the invitations that the user made and, with the role of now, may not make any more. */
bool links_end_invited_by(struct db_tx *tx, struct text account, struct text user, bool owners_only);

#endif
