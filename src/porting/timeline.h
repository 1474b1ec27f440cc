/* The timeline of a request: append-only, written in the transaction of what it tells. One table names the events; their
 * sentences are in the catalogue ("timeline.<event>"), with {about} and {number} as their only holes. */
#ifndef PORTING_TIMELINE_H
#define PORTING_TIMELINE_H

#include "base/clock.h"
#include "store/db.h"

enum timeline_event {
    EVENT_DRAFT_STARTED,
    EVENT_DOCUMENT_ADDED, /* about: file name */
    EVENT_DOCUMENT_REMOVED,
    EVENT_SUBMITTED,     /* about: how many numbers */
    EVENT_SPLIT,         /* about: how many orders */
    EVENT_ORDER_PLACED,  /* about: carrier */
    EVENT_ORDER_MANUAL,  /* the porting team works it by hand */
    EVENT_ORDER_UNCLEAR, /* we do not know whether the carrier has it: a person looks */
    EVENT_ORDER_REFUSED, /* about: carrier; the carrier did not take the order */
    EVENT_IN_REVIEW,
    EVENT_WAITING_FOR_SIGNATURE, /* about: signer */
    EVENT_SIGNED,
    EVENT_PORT_SUBMITTED,  /* about: losing carrier */
    EVENT_PENDING,         /* about: losing carrier */
    EVENT_FIRM_DATE,       /* about: the date */
    EVENT_FIRM_DATE_MOVED, /* about: the new date */
    EVENT_FIRM_DATE_LOST,
    EVENT_REJECTED,  /* about: canonical reason's short words */
    EVENT_FIXED,     /* about: attempt */
    EVENT_RETRY_SET, /* only time helps; about: the day on which it is sent again by itself */
    EVENT_RETRIED,   /* about: attempt */
    EVENT_CANCEL_ASKED,
    EVENT_CANCEL_REFUSED,
    EVENT_CANCELED,
    EVENT_CANCELED_THERE, /* by the carrier, and nobody here asked; about: its words */
    EVENT_COMPLETED,
    EVENT_EXPIRED,
    EVENT_NOT_PORTABLE, /* about: reason */
    EVENT_PIN_WIPED,
    EVENT_REMINDER_SENT, /* about: address */
    EVENT_CUSTOMER_REMINDED,
    EVENT_SLOW,               /* the customer was told that somebody is slow; about: who */
    EVENT_ESCALATED,          /* the porting team was asked to look; about: who is waited for */
    EVENT_ESCALATED_CUSTOMER, /* the same, while it is the customer's turn */
    EVENT_LOOKED_AT,          /* the porting team has; about: until when it is left in peace */
    EVENT_MAIL_SENT,          /* about: address */
    EVENT_MAIL_REFUSED,       /* about: address */
    EVENT_UNKNOWN_WORD,       /* about: the word; team only */
    EVENT_WORK_DROPPED,       /* about: which work; team only */
    EVENT_RECORDED,           /* by the porting team; about: label */
    /* Of the porting team's desk, for the team alone. */
    EVENT_TAKEN_ON,
    EVENT_HANDED_OVER, /* about: to whom */
    EVENT_GIVEN_BACK,
    EVENT_MESSAGE_SETTLED, /* the customer's message needs no answer */
    EVENT_MAIL_SETTLED,    /* a refused mail was looked after */
    TIMELINE_EVENT_COUNT,
};

enum timeline_actor {
    ACTOR_USER,
    ACTOR_TEAM,
    ACTOR_GAINING_CARRIER,
    ACTOR_LOSING_CARRIER,
    ACTOR_SIGNER,
    ACTOR_PORTDESK
};

struct actor;
/* Who the actor is on a timeline: ACTOR_TEAM for who works at the porting team's desk, else ACTOR_USER. */
enum timeline_actor timeline_actor_of(const struct actor *actor);

struct timeline_entry {
    struct text account, request;
    enum timeline_event event;
    enum timeline_actor actor;
    struct text actor_name; /* a person's or carrier's name; may be empty */
    struct text e164;       /* may be empty */
    struct text about;      /* may be empty; clipped to 200 code points */
};

bool timeline_add(struct db_tx *tx, struct clock *clock, const struct timeline_entry *entry);

/* Names as they stand in the database; unknown texts (a newer version's) give false. */
const char *timeline_event_name(enum timeline_event event);
bool timeline_event_parse(struct text name, enum timeline_event *ret);
bool timeline_actor_parse(struct text name, enum timeline_actor *ret);
/* Whether only the porting team reads it. */
bool timeline_event_is_teams(enum timeline_event event);
/* The event's sentence. */
enum word timeline_event_word(enum timeline_event event);

#endif
