/* What pages show of requests. Reading only; everything lives in the caller's arena. */
#ifndef PORTING_VIEW_H
#define PORTING_VIEW_H

#include "porting/submit.h"
#include "porting/timeline.h"

#define LIST_PAGE 50
#define LIST_COUNT_MAX 1000 /* counted no further; also the numbers that a search looks at */

/* What the list can be narrowed to. */
enum list_show { LIST_ALL, LIST_YOUR_TURN, LIST_UNDER_WAY, LIST_ENDED };

struct list_filter {
    enum list_show show;
    struct text search; /* the first or last digits of a number, or a reference; may be empty */
    struct text before; /* of the page before: its last row's cursor; may be empty */
};

struct list_row {
    struct id id, account;
    struct text account_name; /* for the porting team */
    struct text reference;
    enum request_status status;
    enum turn turn;
    int64_t turn_since;
    struct text first_number; /* E.164, or empty in an empty draft */
    int64_t number_count;
    int64_t completed_count;
    struct text losing_carrier;         /* its name */
    struct text owner_name;             /* the signer */
    struct text wished_date, firm_date; /* YYYY-MM-DD or empty; firm: the earliest of its numbers */
    int64_t ported_at;                  /* the last, 0 when none */
    int step;                           /* of a draft */
    bool unread;                        /* the porting team wrote what the reader, a customer, has not seen */
    int64_t changed_at, team_since;     /* team_since: in the queue, since when */
};

struct list_view {
    struct list_row *rows;
    size_t rows_count;
    bool search_cut;   /* more than LIST_COUNT_MAX numbers begin or end so: only the first were looked at */
    struct text next;  /* cursor of the next page, or empty */
    int64_t counts[4]; /* for each enum list_show, without the search; LIST_COUNT_MAX: as many or more */
};

bool request_list(struct porting *porting, const struct actor *actor, const struct list_filter *filter,
    struct arena *arena, struct list_view *ret, struct problem *problem);

/* How many requests wait for the reader; LIST_COUNT_MAX: as many or more. */
bool request_count_mine(
    struct porting *porting, const struct actor *actor, int64_t *ret, struct problem *problem);

struct number_view {
    struct text e164;
    enum number_status status;
    int64_t status_since;
    struct text way;           /* us, canada, toll_free */
    struct text order;         /* id of its order */
    int order_number;          /* 1 for the first order of the request, ... */
    struct text carrier_label; /* "Twilio", or empty for an order worked by hand */
    bool by_hand;              /* the porting team works its order now */
    bool resending;            /* Action Required → the corrected request is being sent */
    struct text rejection;     /* canonical, or empty */
    struct text rejection_words;
    struct text firm_date;
    int64_t firm_at, ported_at;
    int64_t retry_at; /* when it is sent again by itself; 0: it is not */
};

struct attempt_view {
    int attempt;
    int64_t at;
    struct change_view {
        struct text field, was, now;
    } * changes;
    size_t changes_count;
    struct text answer; /* canonical rejection of the attempt, or empty */
    struct text answer_words;
    struct draft_fields sent; /* what was sent then; without account number and PIN */
};

struct event_view {
    enum timeline_event event;
    enum timeline_actor actor_kind;
    struct text actor_name, e164, about;
    int64_t at;
};

struct request_view {
    struct id id, account;
    struct text account_name, reference;
    enum request_status status;
    enum turn turn;
    int64_t turn_since;
    struct text losing_carrier;             /* its name */
    const struct losing_carrier *directory; /* its entry, or NULL */
    struct draft_fields fields;             /* without the PIN */
    bool has_pin;
    int64_t pin_given_at; /* 0: there is none */
    struct number_view *numbers;
    size_t numbers_count;
    struct draft_document *documents;
    size_t documents_count;
    struct attempt_view *attempts; /* newest first */
    size_t attempts_count;
    struct event_view *events; /* newest first, at most 200 */
    size_t events_count;
    struct text signature_url; /* while a letter waits */
    struct text
        suggested_action; /* what the carrier would have somebody do, in its own words; for the porting team alone */
    struct text gaining_carrier; /* "Twilio", or empty when every order is worked by hand */
    struct text asked_carrier;   /* "Twilio": who was asked whether the numbers can be moved */
    int64_t created_at, submitted_at, ended_at, signed_at;
    struct text submitted_by; /* name */
    struct text firm_date;    /* earliest, or empty */
    int64_t ported_at;        /* last, or 0 */
    uint32_t fix_fields;      /* DRAFT_FIELD_BITs that the correction opens */
    enum fix_scope fix_scope; /* FIX_NOTHING: there is nothing to correct */
    bool can_fix, can_cancel, can_remind, can_record, can_put_off;
    struct turn_state {
        enum wait wait;         /* what it waits for first */
        int64_t since;          /* since when, as business days count */
        struct turn_rule rule;  /* what is usual */
        bool late;              /* longer than that by now */
        struct watch_step next; /* what the desk does next by itself */
        int64_t retry_at;       /* when something is sent again by itself; 0: nothing is */
        struct text zone;       /* whose business hours count */
    } turn_state;
    bool escalated;          /* the porting team was asked to look, though it is somebody else's turn */
    bool cancel_refused;     /* the last cancel came too late */
    bool ended_there;        /* the carrier canceled it, and nobody here asked */
    struct text ended_words; /* the carrier's, of that */
    bool nothing_sent;       /* no carrier has seen it: cancel has no consequence */
    bool has_manual;         /* an order is worked by hand */
    bool is_held;            /* somebody of the porting team has taken it on */
};

/* PROBLEM_NOT_FOUND for a request of somebody else's. A draft is shown too (status draft). */
bool request_load(struct porting *porting, const struct actor *actor, struct text request,
    struct arena *arena, struct request_view *ret, struct problem *problem);

/* A few bytes that differ when the request's page would: what an open page asks for again and again. */
bool request_stamp(struct porting *porting, const struct actor *actor, struct text request,
    struct arena *arena, struct text *ret, struct problem *problem);

#endif
