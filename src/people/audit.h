/* The log of what people did that matters for safety: who, what, when, from where. Written in the transaction of the deed itself, so that
 * there is never one without the other. No secret, and nothing that somebody typed into a password field, ever stands in it. */
#ifndef PEOPLE_AUDIT_H
#define PEOPLE_AUDIT_H

#include "base/clock.h"
#include "base/words.h"
#include "people/actor.h"
#include "store/db.h"

enum audit_kind {
    AUDIT_SIGNED_IN,
    AUDIT_SIGN_IN_FAILED, /* of a known person; by nobody */
    AUDIT_SIGNED_OUT,
    AUDIT_PERSONAL_PHONE_CHANGED,  /* about: the new number's end, or nothing */
    AUDIT_PERSONAL_PHONE_GIVEN_UP, /* by the desk: the number lives here now */
    AUDIT_SETTINGS_CHANGED,        /* about: which */
    AUDIT_NEW_PLACE, /* a sign-in from an address or with a browser that the person had not used before */
    /* Requests and their bills, which hold account numbers. What the porting team does for a customer has kinds of its own. */
    AUDIT_REQUEST_SUBMITTED,
    AUDIT_REQUEST_CORRECTED,
    AUDIT_REQUEST_CANCELED,
    AUDIT_DRAFT_DISCARDED,
    AUDIT_BILL_LOOKED_AT,
    AUDIT_BILL_DOWNLOADED,
    /* Connections to carriers. */
    AUDIT_CONNECTION_ADDED,
    AUDIT_CONNECTION_CHANGED,
    AUDIT_CONNECTION_RETIRED, /* takes no new orders any more */
    AUDIT_CONNECTION_ROTATED,
    AUDIT_CONNECTION_FORGOTTEN, /* credentials that were to replace those in use */
    AUDIT_CONNECTION_TESTED,
    /* The desk itself. */
    AUDIT_JOB_RETRIED,
    AUDIT_JOB_DROPPED,
    AUDIT_USER_ADDED,
    AUDIT_KEY_ROTATED,
    AUDIT_LOG_DOWNLOADED,
    /* How people come in, and leave. */
    AUDIT_INVITED,
    AUDIT_INVITED_AGAIN,
    AUDIT_INVITATION_WITHDRAWN,
    AUDIT_JOINED,
    AUDIT_SIGNED_UP,
    AUDIT_RESET_ASKED, /* by nobody who is signed in */
    AUDIT_RESET,
    AUDIT_PASSWORD_CHANGED,
    AUDIT_EMAIL_CHANGE_ASKED,
    AUDIT_EMAIL_CHANGED,
    AUDIT_EMAIL_PUT_BACK,
    AUDIT_ROLE_CHANGED,
    AUDIT_OWNERSHIP_HANDED,
    AUDIT_USER_REMOVED,
    AUDIT_ACCOUNT_CREATED,
    AUDIT_ACCOUNT_RENAMED,
    /* Of the porting team's desk. */
    AUDIT_REQUEST_TAKEN_ON,
    AUDIT_REQUEST_HANDED_OVER,
    AUDIT_REQUEST_GIVEN_BACK,
    AUDIT_RECORDED,
    AUDIT_ACTED_BEGUN, /* the porting team, for the customer */
    AUDIT_ACTED_EDITED,
    AUDIT_ACTED_SUBMITTED,
    AUDIT_ACTED_CORRECTED,
    AUDIT_ACTED_CANCELED,
    /* Sessions and the second factor. */
    AUDIT_SIGN_INS_HELD, /* so many failed for one person that strangers must wait; by nobody */
    AUDIT_SESSION_ENDED,
    AUDIT_SESSIONS_ENDED,
    AUDIT_SECOND_FACTOR_ON,
    AUDIT_SECOND_FACTOR_OFF,
    AUDIT_SECOND_FACTOR_RESET, /* by another, or by the command line */
    AUDIT_SECOND_FACTOR_RULE,  /* about: the new rule */
    AUDIT_CODE_WRONG,          /* after a right password */
    AUDIT_RECOVERY_USED,
    AUDIT_RECOVERY_NEW,
    AUDIT_PASSKEY_ADDED,
    AUDIT_PASSKEY_REMOVED,
    AUDIT_PASSKEY_COPIED, /* a sign-in that was refused since the key is in two places; by nobody */
    AUDIT_KIND_COUNT,
};

/* "signed_in": as it is stored. */
const char *audit_kind_name(enum audit_kind kind);
bool audit_kind_parse(struct text name, enum audit_kind *ret);
/* What people read: "Signed in". */
enum word audit_kind_word(enum audit_kind kind);

struct audit_entry {
    struct text account; /* in whose log it stands */
    enum audit_kind kind;
    const struct actor
        *actor;         /* NULL: nobody signed in, or the desk itself; one without a user: the command line */
    bool by_command;    /* the command line, which has no actor */
    struct text client; /* the client's address; of an actor that has one, the actor's */
    struct text subject; /* id of what it was done to; may be empty */
    struct text about;   /* a few plain words, at most AUDIT_ABOUT_MAX code points are kept; may be empty */
};
#define AUDIT_ABOUT_MAX 200

#define AUDIT_BY_COMMAND "command" /* stands in place of the role */

/* Adds it, as of now. */
bool audit_add(struct db_tx *tx, struct clock *clock, const struct audit_entry *entry);

#endif
