/* The way of a request: where it stands, what is behind it, what is still to come. At the gaining carrier the review comes before the
 * signature. */
#include "web/requests_show.h"

enum stage {
    STAGE_SUBMITTED,
    STAGE_REVIEWED,
    STAGE_SIGNED,
    STAGE_CARRIER,
    STAGE_DATE,
    STAGE_MOVED,
    STAGE_COUNT
};

/* When the latest attempt came past each stage; 0: not, or not known. */
struct way {
    int64_t past[STAGE_COUNT];
};

static void pass(struct way *way, enum stage stage, int64_t at)
{
    if (way->past[stage] == 0 || at < way->past[stage]) {
        way->past[stage] = at;
    }
}

/* The events stand newest first; those before the last correction belong to an earlier attempt. */
static struct way way_of(const struct request_view *request)
{
    struct way way = {.past = {[STAGE_SUBMITTED] = request->submitted_at}};
    for (size_t i = 0; i < request->events_count; i++) {
        const struct event_view *event = &request->events[i];
        if (event->event == EVENT_FIXED || event->event == EVENT_RETRIED) {
            break;
        }
        if (event->event == EVENT_WAITING_FOR_SIGNATURE) {
            pass(&way, STAGE_REVIEWED, event->at);
        } else if (event->event == EVENT_SIGNED) {
            pass(&way, STAGE_SIGNED, event->at);
        } else if (event->event == EVENT_PENDING) {
            pass(&way, STAGE_CARRIER, event->at);
        } else if (event->event == EVENT_FIRM_DATE || event->event == EVENT_FIRM_DATE_MOVED) {
            pass(&way, STAGE_DATE, event->at);
        }
    }
    way.past[STAGE_MOVED] = request->ported_at;
    return way;
}

static enum stage stage_of(const struct number_view *number)
{
    switch (number->status) {
    case NUMBER_STATUS_WAITING_FOR_SIGNATURE:
    case NUMBER_STATUS_EXPIRED:
        return STAGE_SIGNED;
    case NUMBER_STATUS_SUBMITTED:
        return STAGE_CARRIER;
    case NUMBER_STATUS_PENDING:
        return number->firm_date.len > 0 ? STAGE_MOVED : STAGE_CARRIER;
    case NUMBER_STATUS_COMPLETED:
        return STAGE_MOVED;
    case NUMBER_STATUS_DRAFT:
        return STAGE_SUBMITTED;
    default:
        return STAGE_REVIEWED;
    }
}

/* Of numbers that were stopped: as far as the attempt had come. */
static enum stage reached(const struct way *way)
{
    if (way->past[STAGE_DATE] > 0) {
        return STAGE_MOVED;
    }
    if (way->past[STAGE_CARRIER] > 0 || way->past[STAGE_SIGNED] > 0) {
        return STAGE_CARRIER;
    }
    return way->past[STAGE_REVIEWED] > 0 ? STAGE_SIGNED : STAGE_REVIEWED;
}

/* The stage at which the slowest number under way stands. */
static enum stage slowest(const struct request_view *request, const struct way *way)
{
    enum stage stage = STAGE_MOVED;
    bool any = false;
    for (size_t i = 0; i < request->numbers_count; i++) {
        if (number_status_rank(request->numbers[i].status) >= 0) {
            enum stage own = stage_of(&request->numbers[i]);
            stage = !any || own < stage ? own : stage;
            any = true;
        }
    }
    return any ? stage : reached(way);
}

struct here {
    enum stage stage;
    bool stopped, all_done;
};

static struct here here_of(const struct request_view *request, const struct way *way)
{
    switch (request->status) {
    case REQUEST_STATUS_DRAFT:
        return (struct here){.stage = STAGE_SUBMITTED};
    case REQUEST_STATUS_COMPLETED:
    case REQUEST_STATUS_PARTLY_COMPLETED:
        return (struct here){.stage = STAGE_MOVED, .all_done = true};
    case REQUEST_STATUS_ACTION_REQUIRED: {
        /* A carrier that got the order refused it; without a signature nothing had left. */
        enum stage stage = reached(way);
        return (struct here){.stage = stage > STAGE_CARRIER ? STAGE_CARRIER : stage, .stopped = true};
    }
    case REQUEST_STATUS_CANCELING:
    case REQUEST_STATUS_CANCELED:
        return (struct here){.stage = reached(way), .stopped = true};
    case REQUEST_STATUS_EXPIRED:
        return (struct here){.stage = STAGE_SIGNED, .stopped = true};
    case REQUEST_STATUS_NOT_PORTABLE:
        return (struct here){.stage = STAGE_REVIEWED, .stopped = true};
    default:
        return (struct here){.stage = slowest(request, way)};
    }
}

static struct text dated(const struct reader *reader, enum word word, int64_t at)
{
    return reader_say(reader, word, WORD_ARGS(WORD_TEXT("date", reader_day(reader, at).shown)));
}

static struct text stopped_small(const struct reader *reader, const struct request_view *request)
{
    switch (request->status) {
    case REQUEST_STATUS_ACTION_REQUIRED:
        return dated(reader, WORD_request_small_sent_back, request->turn_since);
    case REQUEST_STATUS_CANCELING:
        return reader_say(reader, WORD_request_small_canceling, WORD_NO_ARGS);
    case REQUEST_STATUS_CANCELED:
        return dated(reader, WORD_request_small_canceled, request->ended_at);
    case REQUEST_STATUS_EXPIRED:
        return dated(reader, WORD_request_small_expired, request->ended_at);
    default:
        return reader_say(reader, WORD_request_small_not_portable, WORD_NO_ARGS);
    }
}

static int64_t count_moved(const struct request_view *request)
{
    int64_t count = 0;
    for (size_t i = 0; i < request->numbers_count; i++) {
        count += request->numbers[i].status == NUMBER_STATUS_COMPLETED ? 1 : 0;
    }
    return count;
}

/* Below the stage where it stands. */
static struct text now_small(
    const struct reader *reader, const struct request_view *request, enum stage stage)
{
    if (stage == STAGE_SIGNED) {
        return request->fields.owner_name;
    }
    if (stage == STAGE_MOVED) {
        return reader_date(reader, request->firm_date).shown;
    }
    if (stage == STAGE_CARRIER && request->status == REQUEST_STATUS_SUBMITTED) {
        return reader_say(reader, WORD_request_small_on_the_way, WORD_NO_ARGS);
    }
    if (request->status != REQUEST_STATUS_IN_PROGRESS) {
        return TEXT_EMPTY;
    }
    int64_t further = 0;
    for (size_t i = 0; i < request->numbers_count; i++) {
        enum number_status status = request->numbers[i].status;
        bool counts = number_status_rank(status) >= 0 || status == NUMBER_STATUS_COMPLETED;
        further += counts && stage_of(&request->numbers[i]) > stage ? 1 : 0;
    }
    return reader_say(reader, WORD_request_small_further,
        WORD_ARGS(WORD_NUMBER("moved", further), WORD_NUMBER("count", (int64_t)request->numbers_count)));
}

static struct text todo_small(
    const struct reader *reader, const struct request_view *request, enum stage stage)
{
    if (request_status_is_terminal(request->status)) {
        return TEXT_EMPTY;
    }
    if (stage == STAGE_DATE && request->fields.wished_date.len > 0) {
        return reader_say(reader, WORD_request_small_asked,
            WORD_ARGS(WORD_TEXT("date", reader_date(reader, request->fields.wished_date).shown)));
    }
    if (stage == STAGE_MOVED && !request->has_manual) {
        return reader_say(reader, WORD_request_small_whole, WORD_NO_ARGS);
    }
    return TEXT_EMPTY;
}

static struct text done_small(
    const struct reader *reader, const struct request_view *request, const struct way *way, enum stage stage)
{
    if (stage == STAGE_MOVED && request->status == REQUEST_STATUS_PARTLY_COMPLETED) {
        return reader_say(reader, WORD_request_small_moved_of,
            WORD_ARGS(WORD_NUMBER("moved", count_moved(request)),
                WORD_NUMBER("count", (int64_t)request->numbers_count)));
    }
    return reader_day(reader, way->past[stage]).shown;
}

struct view_journey request_journey(const struct reader *reader, const struct request_view *request)
{
    static const struct {
        enum word name;
        const char *icon;
    } names[STAGE_COUNT] = {
        [STAGE_SUBMITTED] = {WORD_request_stage_submitted, "send"},
        [STAGE_REVIEWED] = {WORD_request_stage_reviewed, "review"},
        [STAGE_SIGNED] = {WORD_request_stage_signed, "pen"},
        [STAGE_CARRIER] = {WORD_request_stage_carrier, "tower"},
        [STAGE_DATE] = {WORD_request_stage_date, "dateset"},
        [STAGE_MOVED] = {WORD_request_stage_moved, "port"},
    };
    struct way way = way_of(request);
    struct here here = here_of(request, &way);
    struct view_stage *stages = ARENA_ARRAY(reader->arena, struct view_stage, STAGE_COUNT);
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++) {
        struct view_stage *one = &stages[stage];
        *one = (struct view_stage){.css = "todo", .icon = names[stage].icon};
        one->name =
            reader_say(reader, names[stage].name, WORD_ARGS(WORD_TEXT("carrier", request->losing_carrier)));
        one->here = stage == here.stage && !here.all_done;
        if (stage < here.stage || here.all_done) {
            one->css = "done";
            one->icon = "check";
            one->before = WORD_request_done;
            one->small = done_small(reader, request, &way, stage);
        } else if (one->here) {
            one->css = here.stopped ? "stop" : "now";
            one->icon = here.stopped ? "alert" : one->icon;
            one->before = here.stopped ? WORD_request_stopped : WORD_request_now;
            one->small = here.stopped ? stopped_small(reader, request) : now_small(reader, request, stage);
        } else {
            one->small = todo_small(reader, request, stage);
        }
    }
    return (struct view_journey){stages, STAGE_COUNT};
}
