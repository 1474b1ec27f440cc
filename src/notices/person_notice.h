/* Mail to a person about their access here, as it is worded: one headline, what happened, what to do, and mostly a button. Queued and sent
 * by people/person_mail.h. */
#ifndef NOTICES_PERSON_NOTICE_H
#define NOTICES_PERSON_NOTICE_H

#include "base/html.h"
#include "net/smtp.h"

enum person_notice_kind {
    PERSON_NOTICE_INVITATION,       /* asked by another to join an account: the link sets a password */
    PERSON_NOTICE_RESET,            /* a new password was asked for: the link sets it */
    PERSON_NOTICE_PASSWORD_CHANGED, /* to the person whose password it is */
    PERSON_NOTICE_PHONE_CHANGED,    /* the personal phone; about: its new number */
    PERSON_NOTICE_PHONE_REMOVED,
    PERSON_NOTICE_PHONE_HERE,  /* the personal phone was given up, since the number lives here now */
    PERSON_NOTICE_NEW_SIGN_IN, /* from somewhere new */
    /* How people come in, and leave. */
    PERSON_NOTICE_INVITATION_TAKEN, /* the same to somebody who signs in elsewhere with that e-mail: no link */
    PERSON_NOTICE_EMAIL_CHANGE,     /* to the new address: the link confirms it */
    PERSON_NOTICE_EMAIL_CHANGE_TAKEN, /* to somebody whose address another wanted: no link */
    PERSON_NOTICE_EMAIL_CHANGED,      /* to the old address: the link puts it back */
    PERSON_NOTICE_EMAIL_PUT_BACK,
    PERSON_NOTICE_SIGN_UP,       /* the link makes the account */
    PERSON_NOTICE_SIGN_UP_TAKEN, /* to somebody who is a user already */
    PERSON_NOTICE_ROLE_CHANGED,
    PERSON_NOTICE_OWNERSHIP,       /* to the new owner */
    PERSON_NOTICE_OWNERSHIP_GIVEN, /* to who was the owner */
    PERSON_NOTICE_REMOVED,
    /* The safety of signing in. */
    PERSON_NOTICE_SIGN_INS_FAILED, /* many tries with a wrong password */
    PERSON_NOTICE_CODES_WRONG,     /* the right password, and then wrong codes */
    PERSON_NOTICE_SECOND_FACTOR_ON,
    PERSON_NOTICE_SECOND_FACTOR_OFF,
    PERSON_NOTICE_SECOND_FACTOR_RESET, /* by another */
    PERSON_NOTICE_RECOVERY_USED,       /* about: how many codes are left */
    PERSON_NOTICE_RECOVERY_FEW,        /* the same, when they are few */
    PERSON_NOTICE_RECOVERY_NEW,
    PERSON_NOTICE_PASSKEY_ADDED, /* these three: to the person whose passkey it is */
    PERSON_NOTICE_PASSKEY_REMOVED,
    PERSON_NOTICE_PASSKEY_COPIED, /* a sign-in with it was refused: it seems to be in two places */
    PERSON_NOTICE_COUNT,
};

/* "invitation": as it is stored. */
const char *person_notice_name(enum person_notice_kind kind);
bool person_notice_parse(struct text name, enum person_notice_kind *ret);

/* What the mail tells. Texts are put on one line when it is rendered. */
struct person_notice_view {
    struct text operator_name, to_name, account_name;
    struct text by_name; /* who did it; may be empty */
    struct text about;   /* what it was done to, where the kind names it: a role, a device, an address */
    struct text when;    /* "Thu 26 Nov 2026, 17:40 PST" */
    struct text client;  /* from which network address; may be empty */
    struct text link_text;
    struct url link;                            /* the same; empty: no button */
    struct text head, intro, todo, button, why; /* made of the catalogue when it is rendered */
    bool place;                                 /* tells when and from where */
};

/* Renders subject, text and HTML into the arena; the other fields of *ret are untouched. */
void person_notice_render(struct arena *arena, enum language language, enum person_notice_kind kind,
    const struct person_notice_view *view, struct mail *ret);

#endif
