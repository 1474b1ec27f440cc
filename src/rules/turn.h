/* Whose turn it is, as a table: what a number waits for follows from its state and reason, who must act from what it waits for, and how long that
 * usually takes and what the desk does meanwhile are data (data/turns.tsv). All of it is pure. */
#ifndef RULES_TURN_H
#define RULES_TURN_H

#include "rules/calendar.h"
#include "rules/status.h"

/* Beside each: who must act. */
enum wait {
    WAIT_NOTHING,    /* nobody: it has ended */
    WAIT_DRAFT,      /* customer: to be submitted */
    WAIT_REVIEW,     /* gaining carrier: looks at the order */
    WAIT_SIGNATURE,  /* signer */
    WAIT_SUBMITTED,  /* gaining carrier: hands the order to the losing one */
    WAIT_ANSWER,     /* losing carrier: names a day, or refuses */
    WAIT_DATE,       /* losing carrier: the firm day comes */
    WAIT_CANCEL,     /* gaining carrier: confirms that it is canceled */
    WAIT_CORRECTION, /* customer: mends what was refused */
    WAIT_RETRY,      /* losing carrier: only time helps; it is sent again by itself */
    WAIT_TEAM,       /* porting team: works it by hand, or looks at what was refused */
    WAIT_AGAIN,      /* customer: the letter ran out; it can be sent again */
    WAIT_COUNT,
};

/* Names as they stand in the database and in data/turns.tsv ("signature"); nothing is "nothing". */
const char *wait_name(enum wait wait);
bool wait_parse(struct text name, enum wait *ret);
enum turn wait_turn(enum wait wait);

/* What the number waits for. Rejected: the reason's turn decides, or that it is sent again by itself; Action Required always has somebody to act. By
 * hand, what is otherwise the gaining carrier's is the porting team's. */
enum wait number_wait(const struct number_in_roll_up *number);

/* How the desk treats a wait. Figures are business days; 0: none. */
struct turn_rule {
    unsigned usual_min, usual_max;
    bool usual_doubtful;    /* not read in a primary source */
    unsigned remind, every; /* until the first reminder, between two */
    unsigned times;         /* reminders at most */
    unsigned tell;          /* until the customer is told that somebody else is slow */
    unsigned team;          /* until the porting team is asked to look */
};

struct turn_rules {
    struct turn_rule items[WAIT_COUNT];
};

/* The table that is built in (data/turns.tsv of the build). */
struct text turns_data(void);
/* Reads a table. PROBLEM_INPUT with the line for an unknown wait or figure, a double, reminders without their number, and when a wait is missing. */
bool turns_parse(struct text tsv, struct turn_rules *ret, struct problem *problem);

/* A wait of a request as the desk has followed it so far. */
struct watch {
    enum wait wait;
    int64_t since;      /* µs; of WAIT_DATE the firm time */
    unsigned reminders; /* sent so far */
    int64_t reminded_at;
    bool told, escalated; /* the customer, the porting team */
    int64_t put_off;      /* the team has looked: ask again no earlier; 0 */
};

enum watch_act { WATCH_NOTHING, WATCH_REMIND, WATCH_TELL, WATCH_TEAM };

struct watch_step {
    enum watch_act act;
    int64_t at; /* µs; 0 for nothing */
};

/* What the desk does next about a wait, and when: in business hours of the zone. Whatever was missed is done once, not as often as it was missed. */
struct watch_step watch_next(const struct turn_rule *rule, const struct calendar *calendar, struct text zone,
    const struct watch *watch);

/* Whether it takes longer than usual by now. False when nothing is known. */
bool watch_is_late(const struct turn_rule *rule, const struct calendar *calendar, struct text zone,
    int64_t since, int64_t now);

#endif
