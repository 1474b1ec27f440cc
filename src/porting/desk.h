/* The porting team's desk: the queue of what needs a person, over all accounts, and who has taken it on. Why a request is on the desk stands in
 * the request (desk_why), written with each change that can move it, so that the queue is a walk along an index. */
#ifndef PORTING_DESK_H
#define PORTING_DESK_H

#include "porting/row.h"
#include "porting/view.h"

/* Why; in the order in which they are told. Each is a bit of port_request.desk_why and has an index of its own. */
enum desk_why {
    DESK_CORRECTION, /* sent back for what is the team's to mend */
    DESK_BY_HAND,    /* an order that is worked by hand waits for its next step */
    DESK_UNCLEAR,    /* nobody knows how an order stands at the carrier */
    DESK_SILENT,     /* somebody else takes too long */
    DESK_MESSAGE,    /* a customer's message is not answered */
    DESK_MAIL,       /* a mail server refused a mail about it */
    DESK_WHY_COUNT,
};
#define DESK_BIT(why) (1u << (why))
#define DESK_TURN_BITS                                                                                       \
    (DESK_BIT(DESK_CORRECTION) | DESK_BIT(DESK_BY_HAND) | DESK_BIT(DESK_UNCLEAR) | DESK_BIT(DESK_SILENT))

/* Within how many business days a customer's message is answered, and a refused mail looked after. */
#define DESK_ANSWER_DAYS 1

/* "by_hand": as it stands in the address of the queue. */
const char *desk_why_name(enum desk_why why);
bool desk_why_parse(struct text name, enum desk_why *ret);
/* Usual for the reason, in business days at most; 0: not known. */
unsigned desk_usual(const struct porting *porting, enum desk_why why);

/* ---- The place of a request on the desk (desk_place.c) ---- */

struct desk_place {
    uint32_t why;
    int64_t since, due; /* of the most urgent reason; 0 when there is none */
};
/* From what its numbers say (`turn_why` of DESK_TURN_BITS, since `team_since`) and from what stands in the row of messages and mails. Business
 * hours are those of the zone. Pure. */
struct desk_place desk_place_of(const struct porting *porting, const struct request_row *row,
    uint32_t turn_why, int64_t team_since, struct text zone);
/* Writes the place anew after a change of `row->asked_since` or `row->mail_refused_at`, which are written with it; the turn's reasons stay. */
bool desk_place_write(struct db_tx *tx, struct porting *porting, const struct request_row *row);

/* A mail about the request was refused: it comes to the desk. */
bool desk_mail_refused(struct db_tx *tx, struct porting *porting, struct text account, struct text request);

/* ---- The queue (desk_queue.c) ---- */

#define DESK_PAGE 50

enum desk_whose { DESK_ANYBODYS, DESK_MINE, DESK_NOBODYS, DESK_WHOSE_COUNT };

struct desk_filter {
    enum desk_whose whose;
    int why;            /* an enum desk_why, or -1: any */
    struct text before; /* cursor of the page before, or empty; anything else begins at the top */
};

struct desk_row {
    struct id id;
    struct text account_name, reference, first_number, losing_carrier, owner_name, firm_date;
    int64_t number_count;
    enum request_status status;
    enum turn turn;
    int64_t turn_since;
    uint32_t why;
    int64_t since, due;
    struct text zone;                         /* of the customer, whose business hours count */
    struct text assigned_user, assigned_name; /* empty: nobody */
};

struct desk_list {
    struct desk_row *rows; /* most urgent first */
    size_t rows_count;
    struct text next; /* cursor of the next page, or empty */
    /* Counted up to LIST_COUNT_MAX. */
    int64_t whose[DESK_WHOSE_COUNT], why[DESK_WHY_COUNT];
};

/* Porting team only. */
bool desk_list(struct porting *porting, const struct actor *actor, const struct desk_filter *filter,
    struct arena *arena, struct desk_list *ret, struct problem *problem);
/* How many are on the desk, and how many of them are the reader's; up to LIST_COUNT_MAX. 0 for anybody else. */
bool desk_counts(struct porting *porting, const struct actor *actor, int64_t *ret_all, int64_t *ret_mine,
    struct problem *problem);

/* ---- Who has it (desk_assign.c) ---- */

struct desk_assign {
    struct text request;
    struct text was; /* user whom the page named as having it; empty: nobody */
    struct text to;  /* user who gets it: the actor or a colleague; empty: given back */
    struct text key; /* the form's idempotency key */
};
/* Takes on, hands over, gives back. PROBLEM_CONFLICT when somebody else has it by now, with the name in `about`; PROBLEM_INPUT on `to` when that is
 * nobody of the porting team. Porting team only. */
bool desk_assign(struct porting *porting, const struct actor *actor, const struct desk_assign *assign,
    struct problem *problem);

/* What the page of a request shows of it. */
struct desk_colleague {
    struct text user, name;
};
struct desk_hold {
    struct text user, name;            /* who has it; empty: nobody */
    uint32_t why;                      /* bits of enum desk_why */
    struct desk_colleague *colleagues; /* all of the porting team, the reader too */
    size_t colleagues_count;
    int64_t mail_refused_at;
};
bool desk_hold(struct porting *porting, const struct actor *actor, struct text request, struct arena *arena,
    struct desk_hold *ret, struct problem *problem);

/* The team has looked after it: a message that needs no answer (DESK_MESSAGE), a refused mail (DESK_MAIL). Doing it twice is no problem. PROBLEM_INPUT on
 * `why` for any other reason. Porting team only. */
bool desk_settle(struct porting *porting, const struct actor *actor, struct text request, enum desk_why why,
    struct problem *problem);

#endif
