/* Taking news of numbers into the database: from a re-read, from the porting team, or from ourselves. rules/ says what may
 * change; here it is written, told on the timeline, and rolled up into the request. Inside porting/ only. */
#ifndef PORTING_ADVANCE_H
#define PORTING_ADVANCE_H

#include "porting/row.h"
#include "porting/timeline.h"

/* What is new about one number of an order. */
struct number_news {
    struct text e164;
    struct number_truth truth;
    bool cancel_refused;
    struct text rejection; /* canonical, when rejected */
    struct text
        rejection_words; /* the carrier's own; also the reason of not portable, and why the carrier ended it */
    struct text firm_date; /* YYYY-MM-DD, when pending and committed */
    int64_t firm_at;
    struct text carrier_ref, carrier_status; /* raw, kept with the order */
};

/* Who brings the news. */
struct news_source {
    enum timeline_actor actor;
    struct text actor_name;
};

/* A request in a write transaction, with everything that an advance needs; lives in db_arena. */
struct advance {
    struct porting *porting;
    struct request_row request;
    struct number_row *numbers;
    size_t numbers_count;
    struct order_row *orders;
    size_t orders_count;
    bool
        reread; /* it takes a re-read, which may bring nothing new; the request counts as changed only by `news` */
    bool news;
    struct text zone; /* the customer's, once it was asked for */
};

bool advance_load(
    struct db_tx *tx, struct porting *porting, struct text account, struct text request, struct advance *ret);
struct order_row *advance_order(struct advance *advance, struct text order);

/* Takes the news of one order: keeps what the order said, changes the numbers whose latest attempt it is, tells the timeline. */
bool advance_take(struct db_tx *tx, struct advance *advance, struct order_row *order,
    const struct number_news *news, size_t count, const struct news_source *source);

/* Sends again what only needed time and whose time has come: a new attempt as it was. */
bool advance_retry(struct db_tx *tx, struct porting *porting, struct text account, struct text request);

/* Gives a number back to an earlier order, from one that has not gone out. */
bool advance_bring_back(
    struct db_tx *tx, struct advance *advance, const struct order_row *order, struct number_row *number);

/* Rolls the numbers up into the request's status and turn, and does what its end brings (notices, the PIN wiped). Call
 * once, last, in every transaction that changed a number or order. */
bool advance_roll_up(struct db_tx *tx, struct advance *advance);

/* The porting team must look: nothing of the order goes on by itself. Told once. */
bool advance_unclear(struct db_tx *tx, struct advance *advance, struct order_row *order);

/* Sets an order's phase. */
bool advance_phase(struct db_tx *tx, struct order_row *order, enum order_phase phase);

/* Queues a notice to the requester and the account's owner (once each), or for the signature reminder to the signer. */
bool advance_notify(struct db_tx *tx, const struct advance *advance, int notice_kind, struct text order,
    struct text once_key);

bool advance_tell(struct db_tx *tx, const struct advance *advance, enum timeline_event event,
    const struct news_source *source, struct text e164, struct text about);

#endif
