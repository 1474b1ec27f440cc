#include "porting/timeline.h"

#include "base/id.h"
#include "porting/row.h"

#define ABOUT_MAX 200 /* code points */

static const struct {
    const char *name;
    enum word word;
    bool teams; /* for the porting team alone */
} events[TIMELINE_EVENT_COUNT] = {
    [EVENT_DRAFT_STARTED] = {"draft_started", WORD_timeline_draft_started},
    [EVENT_DOCUMENT_ADDED] = {"document_added", WORD_timeline_document_added},
    [EVENT_DOCUMENT_REMOVED] = {"document_removed", WORD_timeline_document_removed},
    [EVENT_SUBMITTED] = {"submitted", WORD_timeline_submitted},
    [EVENT_SPLIT] = {"split", WORD_timeline_split},
    [EVENT_ORDER_PLACED] = {"order_placed", WORD_timeline_order_placed},
    [EVENT_ORDER_MANUAL] = {"order_manual", WORD_timeline_order_manual},
    [EVENT_ORDER_UNCLEAR] = {"order_unclear", WORD_timeline_order_unclear},
    [EVENT_ORDER_REFUSED] = {"order_refused", WORD_timeline_order_refused},
    [EVENT_IN_REVIEW] = {"in_review", WORD_timeline_in_review},
    [EVENT_WAITING_FOR_SIGNATURE] = {"waiting_for_signature", WORD_timeline_waiting_for_signature},
    [EVENT_SIGNED] = {"signed", WORD_timeline_signed},
    [EVENT_PORT_SUBMITTED] = {"port_submitted", WORD_timeline_port_submitted},
    [EVENT_PENDING] = {"pending", WORD_timeline_pending},
    [EVENT_FIRM_DATE] = {"firm_date", WORD_timeline_firm_date},
    [EVENT_FIRM_DATE_MOVED] = {"firm_date_moved", WORD_timeline_firm_date_moved},
    [EVENT_FIRM_DATE_LOST] = {"firm_date_lost", WORD_timeline_firm_date_lost},
    [EVENT_REJECTED] = {"rejected", WORD_timeline_rejected},
    [EVENT_FIXED] = {"fixed", WORD_timeline_fixed},
    [EVENT_RETRY_SET] = {"retry_set", WORD_timeline_retry_set},
    [EVENT_RETRIED] = {"retried", WORD_timeline_retried},
    [EVENT_CANCEL_ASKED] = {"cancel_asked", WORD_timeline_cancel_asked},
    [EVENT_CANCEL_REFUSED] = {"cancel_refused", WORD_timeline_cancel_refused},
    [EVENT_CANCELED] = {"canceled", WORD_timeline_canceled},
    [EVENT_CANCELED_THERE] = {"canceled_there", WORD_timeline_canceled_there},
    [EVENT_COMPLETED] = {"completed", WORD_timeline_completed},
    [EVENT_EXPIRED] = {"expired", WORD_timeline_expired},
    [EVENT_NOT_PORTABLE] = {"not_portable", WORD_timeline_not_portable},
    [EVENT_PIN_WIPED] = {"pin_wiped", WORD_timeline_pin_wiped},
    [EVENT_REMINDER_SENT] = {"reminder_sent", WORD_timeline_reminder_sent},
    [EVENT_CUSTOMER_REMINDED] = {"customer_reminded", WORD_timeline_customer_reminded},
    [EVENT_SLOW] = {"slow", WORD_timeline_slow},
    [EVENT_ESCALATED] = {"escalated", WORD_timeline_escalated},
    [EVENT_ESCALATED_CUSTOMER] = {"escalated_customer", WORD_timeline_escalated_customer},
    [EVENT_LOOKED_AT] = {"looked_at", WORD_timeline_looked_at},
    [EVENT_MAIL_SENT] = {"mail_sent", WORD_timeline_mail_sent},
    [EVENT_MAIL_REFUSED] = {"mail_refused", WORD_timeline_mail_refused},
    [EVENT_UNKNOWN_WORD] = {"unknown_word", WORD_timeline_unknown_word, true},
    [EVENT_WORK_DROPPED] = {"work_dropped", WORD_timeline_work_dropped, true},
    [EVENT_RECORDED] = {"recorded", WORD_timeline_recorded},
    [EVENT_TAKEN_ON] = {"taken_on", WORD_timeline_taken_on, true},
    [EVENT_HANDED_OVER] = {"handed_over", WORD_timeline_handed_over, true},
    [EVENT_GIVEN_BACK] = {"given_back", WORD_timeline_given_back, true},
    [EVENT_MESSAGE_SETTLED] = {"message_settled", WORD_timeline_message_settled, true},
    [EVENT_MAIL_SETTLED] = {"mail_settled", WORD_timeline_mail_settled, true},
};

static const char *const actors[] = {
    [ACTOR_USER] = "user",
    [ACTOR_TEAM] = "team",
    [ACTOR_GAINING_CARRIER] = "gaining_carrier",
    [ACTOR_LOSING_CARRIER] = "losing_carrier",
    [ACTOR_SIGNER] = "signer",
    [ACTOR_PORTDESK] = "portdesk",
};

bool timeline_add(struct db_tx *tx, struct clock *clock, const struct timeline_entry *entry)
{
    struct id id = id_new(clock, "ev");
    return db_exec(tx,
        "INSERT INTO timeline (account, id, request, at, event, actor_kind, actor_name, e164, about)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        DB_ARGS(db_text(entry->account), db_text(id_text(&id)), db_text(entry->request),
            db_int(clock_now(clock)), db_text(text_from(events[entry->event].name)),
            db_text(text_from(actors[entry->actor])), db_text(entry->actor_name),
            db_text_or_null(entry->e164), db_text(text_clip(entry->about, ABOUT_MAX))));
}

const char *timeline_event_name(enum timeline_event event)
{
    return events[event].name;
}

bool timeline_event_parse(struct text name, enum timeline_event *ret)
{
    for (int i = 0; i < TIMELINE_EVENT_COUNT; i++)
        if (text_is(name, events[i].name)) {
            *ret = (enum timeline_event)i;
            return true;
        }
    return false;
}

bool timeline_actor_parse(struct text name, enum timeline_actor *ret)
{
    for (int i = 0; i <= ACTOR_PORTDESK; i++)
        if (text_is(name, actors[i])) {
            *ret = (enum timeline_actor)i;
            return true;
        }
    return false;
}

bool timeline_event_is_teams(enum timeline_event event)
{
    return events[event].teams;
}

enum word timeline_event_word(enum timeline_event event)
{
    return events[event].word;
}

enum timeline_actor timeline_actor_of(const struct actor *actor)
{
    return right_any(actor, RIGHT_DESK) ? ACTOR_TEAM : ACTOR_USER;
}

void timeline_by(struct timeline_entry *entry, const struct actor *actor)
{
    entry->actor = timeline_actor_of(actor);
    entry->actor_name = actor->name;
}
