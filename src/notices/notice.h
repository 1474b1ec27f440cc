/* Mail to people about their port: what each notice says, and the queue that it waits in. A notice is queued in the
 * transaction of the change that causes it and sent by a job, so that a failed mail never rolls back a state; the job
 * asks porting/ for the facts as they are then. */
#ifndef NOTICES_NOTICE_H
#define NOTICES_NOTICE_H

#include "base/html.h"
#include "base/id.h"
#include "jobs/jobs.h"
#include "net/smtp.h"
#include "store/db.h"

enum notice_kind {
    NOTICE_SIGNATURE_REMINDER, /* to the owner: the LOA waits */
    NOTICE_REJECTED,           /* to requester and account owner: reason and next step */
    NOTICE_COMPLETED,          /* to requester and account owner */
    NOTICE_EXPIRED,            /* to requester and account owner: the LOA was not signed in time */
    /* To requester and account owner too, but for the last: what is told in a few sentences. */
    NOTICE_DATE_SET,
    NOTICE_DATE_MOVED,
    NOTICE_DATE_LOST,
    NOTICE_NOT_PORTABLE,
    NOTICE_CANCELED, /* asked for here, or ended by the carrier */
    NOTICE_CANCEL_REFUSED,
    NOTICE_RETRY,               /* refused for what only time mends: it is sent again by itself */
    NOTICE_CORRECTION_REMINDER, /* something waits to be corrected */
    NOTICE_LETTER_WAITS,        /* the letter waits long for its signature */
    NOTICE_CARRIER_SILENT,      /* the losing carrier takes long */
    NOTICE_TEAM,                /* to the porting team: it is asked to look */
    /* Of the porting team's desk. */
    NOTICE_MESSAGE,         /* to requester and account owner: the team wrote */
    NOTICE_TEAM_MESSAGE,    /* to the porting team: the customer wrote */
    NOTICE_ACTED_BEGUN,     /* to the requester: the team began it for them */
    NOTICE_ACTED_SUBMITTED, /* to requester and account owner: the team did it for them */
    NOTICE_ACTED_CORRECTED,
    NOTICE_ACTED_CANCELED,
    NOTICE_KIND_COUNT,
};

const char *notice_kind_name(enum notice_kind kind);
bool notice_kind_parse(struct text name, enum notice_kind *ret);

/* What people choose in My Settings: groups of the notices that go to requester and account owner. */
enum notice_choice {
    NOTICE_CHOICE_SETBACKS, /* sent back, not portable, canceled, sent again by itself, expired */
    NOTICE_CHOICE_COMPLETED,
    NOTICE_CHOICE_DATES,
    NOTICE_CHOICE_REMINDERS, /* something waits for long */
    NOTICE_CHOICE_COUNT,
};
#define NOTICE_CHOICES_ALL ((UINT32_C(1) << NOTICE_CHOICE_COUNT) - 1)
const char *notice_choice_name(enum notice_choice choice); /* "setbacks": of the form's field */

/* Whether somebody who does not want the choices of `off` (bits 1u << enum notice_choice) gets the notice. `must_act`: it is their
 * request, and it may stand still until they act: what tells them so comes whatever they chose, as does what is no choice at all. */
bool notice_is_wanted(enum notice_kind kind, uint32_t off, bool must_act);

#define JOB_MAIL "mail_send" /* subject: id of the mail */

struct notice_new {
    struct text account, request, order; /* order may be empty */
    enum notice_kind kind;
    struct text message;  /* id of the message that it brings, or empty */
    struct text once_key; /* the same key goes to the same address once */
    struct text to_name, to_address;
};

/* Queues the notice and its job; one with the same account, once_key and address already queued is left as it is. A name with
 * line breaks or too long for a header is made fit. */
bool notice_queue(struct db_tx *tx, struct clock *clock, const struct notice_new *notice);

/* One number that was refused, and what to do. */
struct notice_rejection {
    struct text number; /* "(415) 552-0134" */
    struct text what;   /* one sentence */
    struct text todo;
    struct text words; /* the carrier's own; may be empty */
};

/* What the templates show. All texts are ready for people; what is not on one line there is put on one when it is rendered. */
struct notice_view {
    struct text operator_name;
    struct text to_name;
    struct text account_name;
    struct text reference;
    struct text requester;
    struct text losing_carrier;
    struct text gaining_carrier;
    struct text first_number;
    struct notice_number {
        struct text number;
    } * numbers; /* at most NOTICE_NUMBERS_MAX; see numbers_more */
    size_t numbers_count;
    int64_t numbers_more;
    struct notice_rejection *rejections;
    size_t rejections_count;
    bool customer_acts;    /* the customer corrects it; else the porting team does */
    struct text link_text; /* the same as `link`, to be read */
    struct url link;
    bool partly; /* others of the request did not move */
    /* Of the kinds that are told in a few sentences. */
    struct text owner, email, date, phone, reason, waits_for; /* reason: a sentence, or empty */
    bool ended_there;                                         /* canceled by the carrier */
    struct text by_name;                                      /* who wrote the message */
    struct text message; /* its text, the only one with several lines; or empty */
    struct text quoted;  /* the same with a mark before each line; made when it is rendered */
    struct text head, intro, todo, button; /* made of the catalogue when it is rendered */
    bool keep;                             /* says that the old service must stay on */
};
#define NOTICE_NUMBERS_MAX 20

/* Renders subject, text and HTML into the arena; the other fields of *ret are untouched. */
void notice_render(struct arena *arena, enum language language, enum notice_kind kind,
    const struct notice_view *view, struct mail *ret);

#endif
