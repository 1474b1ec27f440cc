/* Status, turn and headline of a request in words. */
#include "numbering/number.h"
#include "rules/not_portable.h"
#include "web/facts.h"
#include "web/requests_show.h"

struct text reader_say(const struct reader *reader, enum word word, const struct word_arg *args, size_t count)
{
    return words_say(reader->arena, reader->language, word, args, count);
}

struct view_date reader_day(const struct reader *reader, int64_t at)
{
    if (at == 0) {
        return (struct view_date){0};
    }
    struct date day = clock_date(at, reader->zone), today = clock_date(reader->now, reader->zone);
    return (struct view_date){date_short(reader->arena, day, today), instant_iso(reader->arena, at)};
}

struct view_date reader_date(const struct reader *reader, struct text iso)
{
    struct date date;
    if (!date_parse(iso, &date)) {
        return (struct view_date){0};
    }
    return (struct view_date){date_short(reader->arena, date, clock_date(reader->now, reader->zone)), iso};
}

/* ---- Pills ---- */

struct view_pill request_pill(enum request_status status)
{
    static const struct {
        const char *icon, *css;
    } pills[REQUEST_STATUS_COUNT] = {
        [REQUEST_STATUS_DRAFT] = {"draft", "dashed"},
        [REQUEST_STATUS_IN_REVIEW] = {"review", "tone-info"},
        [REQUEST_STATUS_WAITING_FOR_SIGNATURE] = {"pen", "tone-sign"},
        [REQUEST_STATUS_SUBMITTED] = {"send", "tone-info"},
        [REQUEST_STATUS_IN_PROGRESS] = {"half", "tone-info"},
        [REQUEST_STATUS_PENDING] = {"dateset", "tone-brand"},
        [REQUEST_STATUS_ACTION_REQUIRED] = {"alert", "solid"},
        [REQUEST_STATUS_CANCELING] = {"canceling", ""},
        [REQUEST_STATUS_COMPLETED] = {"done", "tone-good"},
        [REQUEST_STATUS_PARTLY_COMPLETED] = {"partly", "tone-good"},
        [REQUEST_STATUS_CANCELED] = {"stopped", ""},
        [REQUEST_STATUS_EXPIRED] = {"hourglass", ""},
        [REQUEST_STATUS_NOT_PORTABLE] = {"ban", "tone-bad"},
    };
    return (struct view_pill){request_status_word(status), pills[status].icon, pills[status].css};
}

struct view_pill number_pill(const struct number_view *number)
{
    if (number->resending) {
        return (struct view_pill){WORD_status_sending_correction, "refresh", "tone-warn long"};
    }
    struct view_pill pill = request_pill(request_status_alike(number->status));
    pill.word = number_status_word(number->status);
    return pill;
}

/* ---- Turns ---- */

bool turn_is_readers(const struct reader *reader, enum turn turn)
{
    return turn == (reader->team ? TURN_PORTING_TEAM : TURN_CUSTOMER);
}

static struct text turn_who(const struct reader *reader, const struct turn_facts *facts)
{
    enum word word = WORD_request_turn_nobody;
    struct text name = TEXT_EMPTY;
    if (turn_is_readers(reader, facts->turn)) {
        return reader_say(reader, WORD_request_turn_you, WORD_NO_ARGS);
    }
    switch (facts->turn) {
    case TURN_CUSTOMER:
        name = facts->account;
        word = WORD_request_turn_customer;
        break;
    case TURN_SIGNER:
        name = facts->signer;
        word = WORD_status_turn_signer;
        break;
    case TURN_PORTING_TEAM:
        word = WORD_request_turn_team;
        break;
    case TURN_GAINING_CARRIER:
        name = facts->gaining;
        word = WORD_request_turn_gaining;
        break;
    case TURN_LOSING_CARRIER:
        name = facts->losing;
        word = WORD_status_turn_losing_carrier;
        break;
    default:
        break;
    }
    return name.len > 0 ? name : reader_say(reader, word, WORD_NO_ARGS);
}

static int64_t whole_days(const struct reader *reader, int64_t since)
{
    struct date then = clock_date(since, reader->zone), today = clock_date(reader->now, reader->zone);
    return date_to_days(today) - date_to_days(then);
}

static struct text turn_since(const struct reader *reader, const struct turn_facts *facts, bool with_days)
{
    int64_t days = facts->since > 0 ? whole_days(reader, facts->since) : 0;
    struct text day = reader_day(reader, facts->since).shown;
    if (facts->status == REQUEST_STATUS_DRAFT) {
        return reader_say(reader, WORD_request_step_of,
            WORD_ARGS(WORD_NUMBER("step", facts->step), WORD_NUMBER("steps", DRAFT_STEPS)));
    }
    if (facts->ended_at > 0 && facts->turn == TURN_NOBODY) {
        bool moved = facts->status == REQUEST_STATUS_COMPLETED;
        return reader_say(reader, moved ? WORD_request_moved_on : WORD_request_ended_on,
            WORD_ARGS(WORD_TEXT("date", reader_day(reader, facts->ended_at).shown)));
    }
    if (day.len == 0) {
        return TEXT_EMPTY;
    }
    if (facts->late) {
        return reader_say(reader, WORD_request_late,
            WORD_ARGS(WORD_NUMBER("count", facts->waited), WORD_NUMBER("usual", facts->usual)));
    }
    if (days <= 0) {
        return reader_say(reader, WORD_request_since_today, WORD_NO_ARGS);
    }
    return reader_say(reader, with_days ? WORD_request_since_days : WORD_request_since,
        WORD_ARGS(WORD_TEXT("date", day), WORD_NUMBER("count", days)));
}

struct view_turn request_turn_view(
    const struct reader *reader, const struct turn_facts *facts, bool with_days)
{
    static const char *const icons[TURN_COUNT] = {
        [TURN_NOBODY] = "dash",
        [TURN_CUSTOMER] = "user",
        [TURN_SIGNER] = "pen",
        [TURN_PORTING_TEAM] = "desk",
        [TURN_GAINING_CARRIER] = "building",
        [TURN_LOSING_CARRIER] = "tower",
    };
    bool mine = turn_is_readers(reader, facts->turn);
    bool well = facts->status == REQUEST_STATUS_COMPLETED || facts->status == REQUEST_STATUS_PARTLY_COMPLETED;
    return (struct view_turn){
        .icon = facts->turn == TURN_NOBODY && well ? "check" : icons[facts->turn],
        .css = mine          ? "you"
               : facts->late ? "late"
                             : "",
        .who = turn_who(reader, facts),
        .since = turn_since(reader, facts, with_days),
    };
}

static bool toll_free(const struct request_view *request)
{
    for (size_t i = 0; i < request->numbers_count; i++) {
        if (request->numbers[i].by_hand && text_is(request->numbers[i].way, "toll_free")) {
            return true;
        }
    }
    return false;
}

/* "1 to 4 business days", with "about" when that is not certain; empty when it is not known. */
static struct text usual_days(const struct reader *reader, unsigned min, unsigned max, bool doubtful)
{
    struct word_arg args[] = {WORD_NUMBER("max", max), WORD_NUMBER("min", min)};
    if (max == 0) {
        return TEXT_EMPTY;
    }
    if (min == 0 || min == max) {
        return reader_say(
            reader, doubtful ? WORD_request_usual_about_one : WORD_request_usual_one, &args[0], 1);
    }
    return reader_say(reader, doubtful ? WORD_request_usual_about : WORD_request_usual_days, args, 2);
}

static struct text usual_whole(const struct reader *reader, const struct request_view *request)
{
    const struct losing_carrier *carrier = request->directory;
    if (carrier == NULL || carrier->usual_days_max == 0) {
        return reader_say(reader, WORD_request_usual_whole, WORD_NO_ARGS);
    }
    return reader_say(reader, WORD_request_usual_carrier,
        WORD_ARGS(WORD_NUMBER("min", carrier->usual_days_min), WORD_NUMBER("max", carrier->usual_days_max)));
}

struct text request_usual(const struct reader *reader, const struct request_view *request)
{
    const struct turn_rule *rule = &request->turn_state.rule;
    struct text own = usual_days(reader, rule->usual_min, rule->usual_max, rule->usual_doubtful);
    switch (request->turn) {
    case TURN_SIGNER:
        return reader_say(reader, WORD_request_usual_sign, WORD_NO_ARGS);
    case TURN_PORTING_TEAM:
        return toll_free(request) ? reader_say(reader, WORD_request_usual_toll_free, WORD_NO_ARGS) : own;
    case TURN_CUSTOMER:
        return request_status_is_terminal(request->status) ? TEXT_EMPTY : own;
    case TURN_GAINING_CARRIER:
    case TURN_LOSING_CARRIER:
        break;
    default:
        return TEXT_EMPTY;
    }
    struct text whole = usual_whole(reader, request);
    return own.len == 0 ? whole : text_format(reader->arena, "%.*s · %.*s", TEXT_ARG(own), TEXT_ARG(whole));
}

/* ---- Rejections ---- */

/* A code of the carrier's is no sentence for customers; our own words say what it means. */
struct text reader_quote(const struct reader *reader, struct text words)
{
    bool code = !reader->team;
    for (size_t i = 0; i < words.len && code; i++) {
        char c = words.at[i];
        code = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
    return code ? TEXT_EMPTY : words;
}

#define REFUSAL_NUMBERS 6 /* named with a reason */

static bool same_refusal(const struct number_view *a, const struct number_view *b)
{
    return a->status == b->status && text_equal(a->rejection, b->rejection) &&
           text_equal(a->rejection_words, b->rejection_words);
}

static bool was_shown(const struct request_view *request, size_t before, const struct number_view *number)
{
    for (size_t i = 0; i < before; i++) {
        if (same_refusal(&request->numbers[i], number)) {
            return true;
        }
    }
    return false;
}

/* Which numbers have that reason; empty when the request has only one. */
static struct text refused_numbers(
    const struct reader *reader, const struct request_view *request, const struct number_view *number)
{
    struct text list = TEXT_EMPTY;
    int64_t count = 0;
    for (size_t i = 0; i < request->numbers_count && request->numbers_count > 1; i++) {
        if (!same_refusal(&request->numbers[i], number)) {
            continue;
        }
        if (count < REFUSAL_NUMBERS) {
            struct text shown = number_show(reader->arena, request->numbers[i].e164);
            list = list.len == 0 ? shown
                                 : text_format(reader->arena, "%.*s, %.*s", TEXT_ARG(list), TEXT_ARG(shown));
        }
        count++;
    }
    if (count <= REFUSAL_NUMBERS) {
        return list;
    }
    struct text more =
        reader_say(reader, WORD_request_and_more, WORD_ARGS(WORD_NUMBER("count", count - REFUSAL_NUMBERS)));
    return text_format(reader->arena, "%.*s %.*s", TEXT_ARG(list), TEXT_ARG(more));
}

/* What this losing carrier's customers have to do about it, as far as the directory knows. */
static struct view_wizard_fact way_of(
    const struct reader *reader, const struct request_view *request, enum rejection_reason reason)
{
    const struct losing_carrier *carrier = request->directory;
    struct date today = clock_date(reader->now, reader->zone);
    bool locked = reason == REJECTION_FREEZE_OR_LOCK || reason == REJECTION_LOCAL_FREEZE;
    if (!locked) {
        return (struct view_wizard_fact){0};
    }
    return web_fact(reader->arena, reader->language, today, carrier != NULL ? &carrier->lock : NULL,
        WORD_rules_general_lock);
}

static struct text day_in(const struct reader *reader, const struct request_view *request, int64_t at)
{
    return date_short(reader->arena, clock_date(at, request->turn_state.zone),
        clock_date(reader->now, request->turn_state.zone));
}

static struct text sent_again(
    const struct reader *reader, const struct request_view *request, int64_t retry_at)
{
    return retry_at == 0 ? TEXT_EMPTY
                         : reader_say(reader, WORD_request_again_on,
                               WORD_ARGS(WORD_TEXT("date", day_in(reader, request, retry_at)),
                                   WORD_TEXT("owner", request->fields.owner_name)));
}

void request_refusals(const struct reader *reader, const struct request_view *request,
    const struct rejections *rejections, const struct view_refusal **ret, size_t *ret_count)
{
    struct view_refusal *refusals =
        ARENA_ARRAY(reader->arena, struct view_refusal, request->numbers_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < request->numbers_count; i++) {
        const struct number_view *number = &request->numbers[i];
        if (number->status != NUMBER_STATUS_REJECTED || was_shown(request, i, number)) {
            continue;
        }
        const struct rejection *rejection = rejection_of_name(rejections, number->rejection);
        struct word_arg carrier = WORD_TEXT("carrier", request->losing_carrier);
        refusals[count++] = (struct view_refusal){
            .title = reader_say(reader, rejection_short_word(rejection->reason), WORD_NO_ARGS),
            .what = reader_say(reader, rejection_what_word(rejection->reason), &carrier, 1),
            .todo = reader_say(reader, rejection_do_word(rejection->reason), &carrier, 1),
            .quote = reader_quote(reader, number->rejection_words),
            .carrier = request->losing_carrier,
            .numbers = refused_numbers(reader, request, number),
            .again = sent_again(reader, request, number->retry_at),
            .usual =
                usual_days(reader, rejection->usual_min, rejection->usual_max, rejection->usual_doubtful),
            .final = rejection->kind == REJECTION_END,
            .way = way_of(reader, request, rejection->reason),
            .gaining = number->carrier_label,
            .page = url_outside(rejection->page),
            .has_page = rejection->page.len > 0,
            .theirs = rejection->turn == TURN_PORTING_TEAM && number->retry_at == 0,
        };
    }
    *ret = refusals;
    *ret_count = count;
}

/* ---- The headline ---- */

static size_t count_numbers(const struct request_view *request, enum number_status status)
{
    size_t count = 0;
    for (size_t i = 0; i < request->numbers_count; i++) {
        count += request->numbers[i].status == status ? 1 : 0;
    }
    return count;
}

static bool is_resending(const struct request_view *request)
{
    for (size_t i = 0; i < request->numbers_count; i++) {
        if (request->numbers[i].resending) {
            return true;
        }
    }
    return false;
}

struct headline {
    enum word head, say;
};

/* Why the gaining carrier does not take the numbers as they are, when it is the same for all. */
static enum not_portable portability_of(const struct request_view *request)
{
    const struct number_view *first = request->numbers_count > 0 ? &request->numbers[0] : NULL;
    for (size_t i = 1; i < request->numbers_count; i++) {
        if (!text_equal(request->numbers[i].rejection_words, first->rejection_words)) {
            return NOT_PORTABLE_OTHER;
        }
    }
    return first == NULL ? NOT_PORTABLE_OTHER : not_portable_of_word(first->rejection_words);
}

static struct headline headline_of(const struct request_view *request)
{
    static const struct headline headlines[REQUEST_STATUS_COUNT] = {
        [REQUEST_STATUS_DRAFT] = {WORD_request_head_draft, WORD_request_say_draft},
        [REQUEST_STATUS_IN_REVIEW] = {WORD_request_head_in_review, WORD_request_say_in_review},
        [REQUEST_STATUS_WAITING_FOR_SIGNATURE] = {WORD_request_head_waiting_for_signature,
            WORD_request_say_waiting_for_signature},
        [REQUEST_STATUS_SUBMITTED] = {WORD_request_head_submitted, WORD_request_say_submitted},
        [REQUEST_STATUS_IN_PROGRESS] = {WORD_request_head_in_progress, WORD_request_say_in_progress},
        [REQUEST_STATUS_PENDING] = {WORD_request_head_pending, WORD_request_say_pending},
        [REQUEST_STATUS_CANCELING] = {WORD_request_head_canceling, WORD_request_say_canceling},
        [REQUEST_STATUS_COMPLETED] = {WORD_request_head_completed, WORD_request_say_completed},
        [REQUEST_STATUS_PARTLY_COMPLETED] = {WORD_request_head_partly_completed,
            WORD_request_say_partly_completed},
        [REQUEST_STATUS_CANCELED] = {WORD_request_head_canceled, WORD_request_say_canceled},
        [REQUEST_STATUS_EXPIRED] = {WORD_request_head_expired, WORD_request_say_expired},
        [REQUEST_STATUS_NOT_PORTABLE] = {WORD_request_head_not_portable, WORD_request_say_not_portable},
    };
    if (request->status == REQUEST_STATUS_IN_REVIEW && is_resending(request)) {
        return (struct headline){WORD_request_head_resending, WORD_request_say_resending};
    }
    if (request->status == REQUEST_STATUS_PENDING && request->firm_date.len > 0) {
        return (struct headline){WORD_request_head_pending_date, WORD_request_say_pending_date};
    }
    bool early = request->status == REQUEST_STATUS_IN_REVIEW || request->status == REQUEST_STATUS_SUBMITTED;
    if (early && request->turn == TURN_PORTING_TEAM) {
        return (struct headline){WORD_request_head_by_hand, WORD_request_say_by_hand};
    }
    return headlines[request->status];
}

static struct text gaining_name(const struct reader *reader, const struct request_view *request)
{
    return request->gaining_carrier.len > 0 ? request->gaining_carrier
                                            : reader_say(reader, WORD_request_turn_gaining, WORD_NO_ARGS);
}

/* Of several reasons the one that the reader of the request can do something about. */
static void action_headline(const struct reader *reader, const struct request_view *request,
    const struct rejections *rejections, struct view_request *ret)
{
    const struct view_refusal *refusals = NULL;
    size_t count = 0, chosen = 0;
    request_refusals(reader, request, rejections, &refusals, &count);
    for (size_t i = 0; i < count; i++) {
        bool customers = !refusals[i].theirs && refusals[i].again.len == 0;
        if (customers && (refusals[chosen].theirs || refusals[chosen].again.len > 0)) {
            chosen = i;
        }
    }
    if (count == 0) {
        return;
    }
    const struct view_refusal *refusal = &refusals[chosen];
    enum word word = refusal->again.len > 0             ? WORD_request_say_action_again
                     : refusal->theirs && !reader->team ? WORD_request_say_action_team
                                                        : WORD_request_say_action_mine;
    ret->title = refusal->title;
    ret->sentence = reader_say(reader, word,
        WORD_ARGS(WORD_TEXT("what", refusal->what), WORD_TEXT("todo", refusal->todo),
            WORD_TEXT("again", refusal->again)));
}

void request_headline(const struct reader *reader, const struct request_view *request,
    const struct rejections *rejections, struct view_request *ret)
{
    if (request->status == REQUEST_STATUS_ACTION_REQUIRED) {
        action_headline(reader, request, rejections, ret);
        return;
    }
    struct headline headline = headline_of(request);
    int64_t moved = (int64_t)count_numbers(request, NUMBER_STATUS_COMPLETED);
    const struct word_arg args[] = {
        WORD_NUMBER("count", (int64_t)request->numbers_count),
        WORD_NUMBER("moved", moved),
        WORD_TEXT("carrier", request->losing_carrier),
        WORD_TEXT("gaining", gaining_name(reader, request)),
        WORD_TEXT("signer", request->fields.owner_name),
        WORD_TEXT("email", request->fields.owner_email),
    };
    ret->title = reader_say(reader, headline.head, args, sizeof args / sizeof *args);
    ret->sentence = reader_say(reader, headline.say, args, sizeof args / sizeof *args);
    enum not_portable why = portability_of(request);
    bool told = headline.head == WORD_request_head_by_hand || headline.head == WORD_request_head_not_portable;
    if (told && why != NOT_PORTABLE_OTHER) {
        const struct word_arg asked[] = {
            WORD_TEXT("carrier", request->losing_carrier), WORD_TEXT("gaining", request->asked_carrier)};
        ret->sentence = text_format(reader->arena, "%.*s %.*s",
            TEXT_ARG(reader_say(reader, not_portable_what_word(why), asked, 2)),
            TEXT_ARG(reader_say(reader, not_portable_do_word(why), asked, 2)));
    }
    if (headline.head == WORD_request_head_pending_date) {
        struct view_date date = reader_date(reader, request->firm_date);
        ret->big_date = date.shown;
        ret->big_date_iso = date.iso;
    }
}

struct text request_next(const struct reader *reader, const struct request_view *request)
{
    enum word word = request_status_next_word(request->status);
    struct headline headline = headline_of(request);
    if (headline.head == WORD_request_head_pending_date) {
        word = WORD_request_next_pending_date;
    } else if (headline.head == WORD_request_head_by_hand) {
        word = WORD_request_next_by_hand;
    } else if (headline.head == WORD_request_head_resending) {
        word = WORD_request_next_resending;
    }
    return reader_say(reader, word,
        WORD_ARGS(
            WORD_TEXT("signer", request->fields.owner_name), WORD_TEXT("carrier", request->losing_carrier)));
}

struct text request_next_when(const struct reader *reader, const struct request_view *request)
{
    const struct turn_state *turn = &request->turn_state;
    if (turn->retry_at > 0) {
        return sent_again(reader, request, turn->retry_at);
    }
    if (request->escalated && !reader->team) {
        return reader_say(reader, WORD_request_when_team_looks, WORD_NO_ARGS);
    }
    bool mine = turn_is_readers(reader, request->turn);
    enum word word = WORD_NONE;
    if (turn->next.act == WATCH_REMIND && turn->wait == WAIT_SIGNATURE) {
        word = WORD_request_when_signer;
    } else if (turn->next.act == WATCH_REMIND && turn->wait == WAIT_CORRECTION) {
        word = mine ? WORD_request_when_you : WORD_request_when_customer;
    } else if (turn->next.act == WATCH_TELL) {
        word = WORD_request_when_told;
    } else if (turn->next.act == WATCH_TEAM) {
        word = WORD_request_when_team;
    }
    if (word == WORD_NONE) {
        return TEXT_EMPTY;
    }
    return reader_say(reader, word,
        WORD_ARGS(WORD_TEXT("date", day_in(reader, request, turn->next.at)),
            WORD_TEXT("owner", request->fields.owner_name)));
}

static void add_note(const struct reader *reader, struct view_note *notes, size_t *count, const char *css,
    const char *icon, enum word title, enum word sentence, const struct request_view *request)
{
    const struct word_arg args[] = {
        WORD_TEXT("carrier", request->losing_carrier),
        WORD_TEXT("gaining", gaining_name(reader, request)),
        WORD_TEXT("owner", request->fields.owner_name),
        WORD_TEXT("words", request->ended_words),
        WORD_TEXT("action", request->suggested_action),
    };
    size_t args_count = sizeof args / sizeof *args;
    notes[(*count)++] = (struct view_note){css, icon, reader_say(reader, title, args, args_count),
        reader_say(reader, sentence, args, args_count)};
}

void request_notes(const struct reader *reader, const struct request_view *request,
    const struct view_note **ret, size_t *ret_count)
{
    struct view_note *notes = ARENA_ARRAY(reader->arena, struct view_note, 4);
    size_t count = 0;
    if (request->cancel_refused && request->status != REQUEST_STATUS_CANCELED) {
        add_note(reader, notes, &count, "tone-warn", "alert", WORD_request_note_cancel_refused,
            request->status == REQUEST_STATUS_COMPLETED ? WORD_request_note_cancel_refused_done
                                                        : WORD_request_note_cancel_refused_text,
            request);
    }
    if (request->ended_there && request_status_is_terminal(request->status)) {
        add_note(reader, notes, &count, "tone-warn", "stopped", WORD_request_note_ended,
            request->ended_words.len > 0 ? WORD_request_note_ended_words : WORD_request_note_ended_text,
            request);
    }
    if (request->escalated && !request_status_is_terminal(request->status)) {
        add_note(reader, notes, &count, "tone-info", "desk", WORD_request_note_escalated,
            reader->team ? WORD_request_note_escalated_team : WORD_request_note_escalated_text, request);
    }
    if (request->suggested_action.len > 0 && !request_status_is_terminal(request->status)) {
        add_note(reader, notes, &count, "tone-info", "tower", WORD_request_note_suggested,
            WORD_request_note_suggested_text, request);
    }
    *ret = notes;
    *ret_count = count;
}

struct view_keep request_keep(const struct reader *reader, const struct request_view *request)
{
    enum word title = WORD_request_keep, sentence = WORD_request_keep_text;
    if (request->status == REQUEST_STATUS_COMPLETED) {
        title = WORD_request_keep_moved;
        sentence = WORD_request_keep_moved_text;
    } else if (request->status == REQUEST_STATUS_PARTLY_COMPLETED) {
        title = WORD_request_keep_partly;
        sentence = WORD_request_keep_partly_text;
    } else if (request_status_is_terminal(request->status)) {
        title = WORD_request_keep_stayed;
        sentence = WORD_request_keep_stayed_text;
    }
    struct word_arg carrier = WORD_TEXT("carrier", request->losing_carrier);
    return (struct view_keep){
        reader_say(reader, title, &carrier, 1), reader_say(reader, sentence, &carrier, 1)};
}
