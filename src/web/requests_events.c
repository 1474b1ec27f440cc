/* The timeline and the tries of a request. */
#include "numbering/number.h"
#include "rules/draft_field.h"
#include "web/requests_show.h"

struct looks {
    const char *icon, *css;
};

static struct looks event_looks(enum timeline_event event)
{
    static const struct looks looks[TIMELINE_EVENT_COUNT] = {
        [EVENT_DRAFT_STARTED] = {"draft", ""},
        [EVENT_DOCUMENT_ADDED] = {"bill", ""},
        [EVENT_DOCUMENT_REMOVED] = {"bill", ""},
        [EVENT_SUBMITTED] = {"send", ""},
        [EVENT_SPLIT] = {"split", ""},
        [EVENT_ORDER_PLACED] = {"building", ""},
        [EVENT_ORDER_MANUAL] = {"desk", ""},
        [EVENT_ORDER_UNCLEAR] = {"alert", "tone-warn"},
        [EVENT_ORDER_REFUSED] = {"alert", "tone-warn"},
        [EVENT_IN_REVIEW] = {"review", ""},
        [EVENT_WAITING_FOR_SIGNATURE] = {"mail", ""},
        [EVENT_SIGNED] = {"pen", "tone-good"},
        [EVENT_PORT_SUBMITTED] = {"send", ""},
        [EVENT_PENDING] = {"tower", ""},
        [EVENT_FIRM_DATE] = {"dateset", "tone-good"},
        [EVENT_FIRM_DATE_MOVED] = {"dateset", "tone-warn"},
        [EVENT_FIRM_DATE_LOST] = {"calendar", "tone-warn"},
        [EVENT_REJECTED] = {"alert", "tone-warn"},
        [EVENT_FIXED] = {"refresh", ""},
        [EVENT_RETRY_SET] = {"hourglass", ""},
        [EVENT_RETRIED] = {"refresh", ""},
        [EVENT_CANCEL_ASKED] = {"canceling", ""},
        [EVENT_CANCEL_REFUSED] = {"alert", "tone-warn"},
        [EVENT_CANCELED] = {"stopped", ""},
        [EVENT_CANCELED_THERE] = {"stopped", "tone-warn"},
        [EVENT_COMPLETED] = {"port", "tone-good"},
        [EVENT_EXPIRED] = {"hourglass", "tone-warn"},
        [EVENT_NOT_PORTABLE] = {"ban", "tone-bad"},
        [EVENT_PIN_WIPED] = {"key", ""},
        [EVENT_REMINDER_SENT] = {"bell", ""},
        [EVENT_CUSTOMER_REMINDED] = {"bell", ""},
        [EVENT_SLOW] = {"hourglass", ""},
        [EVENT_ESCALATED] = {"desk", "tone-warn"},
        [EVENT_ESCALATED_CUSTOMER] = {"desk", "tone-warn"},
        [EVENT_LOOKED_AT] = {"desk", ""},
        [EVENT_MAIL_SENT] = {"mail", ""},
        [EVENT_MAIL_REFUSED] = {"mail", "tone-warn"},
        [EVENT_UNKNOWN_WORD] = {"info", "tone-warn"},
        [EVENT_WORK_DROPPED] = {"stopped", "tone-warn"},
        [EVENT_RECORDED] = {"desk", ""},
        [EVENT_TAKEN_ON] = {"user", ""},
        [EVENT_HANDED_OVER] = {"user", ""},
        [EVENT_GIVEN_BACK] = {"user", ""},
        [EVENT_MESSAGE_SETTLED] = {"text", ""},
        [EVENT_MAIL_SETTLED] = {"mail", ""},
    };
    return looks[event];
}

/* What a customer does, and the porting team in a customer's name. */
static bool is_customers(enum timeline_event event)
{
    return event == EVENT_DRAFT_STARTED || event == EVENT_DOCUMENT_ADDED || event == EVENT_DOCUMENT_REMOVED ||
           event == EVENT_SUBMITTED || event == EVENT_FIXED || event == EVENT_CANCEL_ASKED ||
           event == EVENT_REMINDER_SENT;
}

static struct text event_by(
    const struct reader *reader, const struct request_view *request, const struct event_view *event)
{
    const struct word_arg args[] = {
        WORD_TEXT("name", event->actor_name), WORD_TEXT("account", request->account_name)};
    if (event->actor_name.len > 0 && event->actor_kind == ACTOR_TEAM) {
        return reader_say(
            reader, is_customers(event->event) ? WORD_request_by_team_for : WORD_request_by_team, args, 2);
    }
    if (event->actor_name.len > 0) {
        return event->actor_name;
    }
    static const enum word words[] = {
        [ACTOR_USER] = WORD_request_turn_customer,
        [ACTOR_TEAM] = WORD_request_turn_team,
        [ACTOR_GAINING_CARRIER] = WORD_request_turn_gaining,
        [ACTOR_LOSING_CARRIER] = WORD_request_carrier_today,
        [ACTOR_SIGNER] = WORD_request_owner,
        [ACTOR_PORTDESK] = WORD_request_by_portdesk,
    };
    return reader_say(reader, words[event->actor_kind], WORD_NO_ARGS);
}

void request_events(const struct reader *reader, const struct request_view *request,
    const struct view_event **ret, size_t *ret_count)
{
    struct view_event *events = ARENA_ARRAY(reader->arena, struct view_event, request->events_count + 1);
    for (size_t i = 0; i < request->events_count; i++) {
        const struct event_view *event = &request->events[i];
        struct looks looks = event_looks(event->event);
        events[i] = (struct view_event){
            .icon = looks.icon,
            .css = looks.css,
            .sentence = reader_say(reader, timeline_event_word(event->event),
                WORD_ARGS(WORD_TEXT("about", event->about),
                    WORD_TEXT("number", number_show(reader->arena, event->e164)))),
            .number = number_show(reader->arena, event->e164),
            .by = event_by(reader, request, event),
            .at = instant_short(reader->arena, event->at, reader->now, reader->zone),
            .iso = instant_iso(reader->arena, event->at),
        };
    }
    *ret = events;
    *ret_count = request->events_count;
}

static const struct view_change *changes_of(const struct reader *reader, const struct attempt_view *attempt)
{
    struct view_change *changes = ARENA_ARRAY(reader->arena, struct view_change, attempt->changes_count + 1);
    for (size_t i = 0; i < attempt->changes_count; i++) {
        const struct change_view *change = &attempt->changes[i];
        enum draft_field field = DRAFT_FIELD_NONE;
        draft_field_parse(change->field, &field);
        changes[i] = (struct view_change){
            .field = reader_say(reader, draft_field_word(field), WORD_NO_ARGS),
            .was = field == DRAFT_FIELD_BTN ? number_show(reader->arena, change->was) : change->was,
            .now = field == DRAFT_FIELD_BTN ? number_show(reader->arena, change->now) : change->now,
            .secret = field == DRAFT_FIELD_ACCOUNT_NUMBER || field == DRAFT_FIELD_PIN,
        };
    }
    return changes;
}

/* What was sent in that try; what is sealed is not kept for reading. */
static const struct view_sent_field *sent_of(
    const struct reader *reader, const struct attempt_view *attempt, size_t *ret_count)
{
    static const enum draft_field shown[] = {DRAFT_FIELD_ACCOUNT_NAME, DRAFT_FIELD_ACCOUNT_TYPE,
        DRAFT_FIELD_BTN, DRAFT_FIELD_OWNER_NAME, DRAFT_FIELD_OWNER_EMAIL, DRAFT_FIELD_STREET,
        DRAFT_FIELD_UNIT, DRAFT_FIELD_CITY, DRAFT_FIELD_STATE, DRAFT_FIELD_ZIP};
    struct view_sent_field *fields =
        ARENA_ARRAY(reader->arena, struct view_sent_field, sizeof shown / sizeof *shown);
    struct draft_fields sent = attempt->sent;
    size_t count = 0;
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        struct text value = *draft_fields_text(&sent, shown[i]);
        if (shown[i] == DRAFT_FIELD_BTN) {
            value = number_show(reader->arena, value);
        } else if (shown[i] == DRAFT_FIELD_ACCOUNT_TYPE && value.len > 0) {
            value = reader_say(reader,
                text_is(value, "business") ? WORD_request_business : WORD_request_residential, WORD_NO_ARGS);
        }
        if (value.len > 0) {
            fields[count++] = (struct view_sent_field){draft_field_word(shown[i]), value};
        }
    }
    *ret_count = count;
    return fields;
}

struct view_tries request_tries(const struct reader *reader, const struct request_view *request)
{
    struct view_attempt *attempts =
        ARENA_ARRAY(reader->arena, struct view_attempt, request->attempts_count + 1);
    bool told = request->attempts_count > 1, ended = request_status_is_terminal(request->status);
    for (size_t i = 0; i < request->attempts_count; i++) {
        const struct attempt_view *attempt = &request->attempts[i];
        enum rejection_reason reason = REJECTION_OTHER;
        rejection_parse(attempt->answer, &reason);
        told |= attempt->answer.len > 0;
        attempts[i] = (struct view_attempt){
            .number = attempt->attempt,
            .at = reader_day(reader, attempt->at),
            .changes = changes_of(reader, attempt),
            .changes_count = attempt->changes_count,
            .answer = attempt->answer.len > 0 ? rejection_short_word(reason)
                      : i == 0 && ended       ? request_status_word(request->status)
                                              : WORD_NONE,
            .quote = reader_quote(reader, attempt->answer_words),
        };
        attempts[i].sent = sent_of(reader, attempt, &attempts[i].sent_count);
    }
    return (struct view_tries){attempts, told ? request->attempts_count : 0};
}
