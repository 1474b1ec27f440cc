/* The page of one request. */
#include "numbering/number.h"
#include "pages_templates.gen.h"
#include "rules/business_time.h"
#include "rules/not_portable.h"
#include "rules/wish.h"
#include "web/checklist.h"
#include "web/requests_parts.h"

static struct url request_url(
    const struct reader *reader, const struct request_view *request, const char *below)
{
    return url_pathf(reader->arena, "/requests/%.*s%s", TEXT_ARG(id_text(&request->id)), below);
}

bool web_request_load(struct web_request *web, struct request_view *ret)
{
    struct problem problem = {0};
    struct draft draft;
    if (!request_load(web->app->porting, web->actor, web_param(web, "id"), web->arena, ret, &problem)) {
        web_problem(web, &problem);
        return false;
    }
    if (ret->status != REQUEST_STATUS_DRAFT) {
        return true;
    }
    if (!draft_load(web->app->porting, web->actor, web_param(web, "id"), web->arena, &draft, &problem)) {
        web_problem(web, &problem);
        return false;
    }
    web_redirect(
        web, url_pathf(web->arena, "/requests/%.*s/steps/%d", TEXT_ARG(id_text(&draft.id)), draft.step));
    return false;
}

struct view_request_head web_request_head(
    const struct reader *reader, const struct request_view *request, enum word here)
{
    return (struct view_request_head){
        .url = request_url(reader, request, ""),
        .reference = request->reference,
        .number = request->numbers_count > 0 ? number_show(reader->arena, request->numbers[0].e164)
                                             : request->reference,
        .account = request->account_name,
        .more = (int64_t)request->numbers_count - 1,
        .acting = reader->team,
        .here = here,
    };
}

static struct text order_name(const struct reader *reader, const struct number_view *number)
{
    bool by_hand = number->carrier_label.len == 0;
    return reader_say(reader, by_hand ? WORD_request_order_by_hand : WORD_request_order_of,
        WORD_ARGS(WORD_NUMBER("number", number->order_number), WORD_TEXT("carrier", number->carrier_label)));
}

static size_t count_orders(const struct request_view *request)
{
    size_t count = 0;
    for (size_t i = 0; i < request->numbers_count; i++) {
        bool seen = false;
        for (size_t j = 0; j < i; j++) {
            seen |= text_equal(request->numbers[i].order, request->numbers[j].order);
        }
        count += seen ? 0 : 1;
    }
    return count;
}

/* Why the gaining carrier does not take it as it is; a word that we do not know is for the porting team to read. */
static void show_portability(const struct reader *reader, const struct request_view *request,
    const struct number_view *number, struct view_request_number *ret)
{
    enum not_portable why = not_portable_of_word(number->rejection_words);
    const struct word_arg args[] = {
        WORD_TEXT("carrier", request->losing_carrier), WORD_TEXT("gaining", request->asked_carrier)};
    if (number->rejection_words.len == 0) {
        return;
    }
    ret->refusal = why == NOT_PORTABLE_OTHER && reader->team
                       ? number->rejection_words
                       : reader_say(reader, not_portable_what_word(why), args, 2);
    ret->todo = reader_say(reader, not_portable_do_word(why), args, 2);
}

static void show_numbers(
    const struct reader *reader, const struct request_view *request, struct view_request *view)
{
    struct view_request_number *numbers =
        ARENA_ARRAY(reader->arena, struct view_request_number, request->numbers_count + 1);
    for (size_t i = 0; i < request->numbers_count; i++) {
        const struct number_view *number = &request->numbers[i];
        enum rejection_reason reason = REJECTION_OTHER;
        rejection_parse(number->rejection, &reason);
        numbers[i] = (struct view_request_number){
            .number = number_show(reader->arena, number->e164),
            .order = order_name(reader, number),
            .pill = number_pill(number),
            .since = reader_day(reader, number->status_since),
            .firm = reader_date(reader, number->firm_date),
            .moved_on = reader_day(reader, number->ported_at),
        };
        if (number->status == NUMBER_STATUS_REJECTED) {
            numbers[i].refusal = reader_say(reader, rejection_short_word(reason),
                WORD_ARGS(WORD_TEXT("carrier", request->losing_carrier)));
        } else if (number->status == NUMBER_STATUS_NOT_PORTABLE || number->by_hand) {
            show_portability(reader, request, number, &numbers[i]);
        }
    }
    view->numbers = numbers;
    view->numbers_count = request->numbers_count;
    view->orders_count = count_orders(request);
}

static struct text file_about(const struct reader *reader, const struct draft_document *document)
{
    bool small = document->size < 1000 * 1000;
    int64_t unit = small ? 1000 : 1000 * 1000;
    struct text size = reader_say(reader, small ? WORD_request_size_kb : WORD_request_size_mb,
        WORD_ARGS(WORD_NUMBER("count", (document->size + unit - 1) / unit)));
    return reader_say(reader, WORD_request_file_pages,
        WORD_ARGS(WORD_NUMBER("count", document->pages), WORD_TEXT("size", size)));
}

static void show_documents(
    const struct reader *reader, const struct request_view *request, struct view_request *view)
{
    struct view_request_document *documents =
        ARENA_ARRAY(reader->arena, struct view_request_document, request->documents_count + 1);
    for (size_t i = 0; i < request->documents_count; i++) {
        const struct draft_document *document = &request->documents[i];
        struct text id = id_text(&document->id), of = id_text(&request->id);
        documents[i] = (struct view_request_document){
            .open = url_pathf(reader->arena, "/requests/%.*s/documents/%.*s", TEXT_ARG(of), TEXT_ARG(id)),
            .preview =
                url_pathf(reader->arena, "/requests/%.*s/documents/%.*s/preview", TEXT_ARG(of), TEXT_ARG(id)),
            .name = document->file_name,
            .about = file_about(reader, document),
            .has_preview = document->has_preview,
        };
    }
    view->documents = documents;
    view->documents_count = request->documents_count;
}

static struct view_sent sent_of(const struct reader *reader, const struct request_view *request)
{
    const struct draft_fields *fields = &request->fields;
    bool business = text_is(fields->account_type, "business");
    struct text street = fields->street;
    if (fields->unit.len > 0) {
        street = text_format(reader->arena, "%.*s, %.*s", TEXT_ARG(street), TEXT_ARG(fields->unit));
    }
    return (struct view_sent){
        .carrier = request->losing_carrier,
        .kind = request->directory != NULL ? carrier_kind_word(request->directory->kind) : WORD_NONE,
        .account_name = fields->account_name,
        .account_type = fields->account_type.len == 0 ? WORD_NONE
                        : business                    ? WORD_request_business
                                                      : WORD_request_residential,
        .account_number = fields->account_number,
        .btn = number_show(reader->arena, fields->btn),
        .owner_name = fields->owner_name,
        .owner_email = fields->owner_email,
        .street = street,
        .place = text_format(reader->arena, "%.*s, %.*s %.*s", TEXT_ARG(fields->city),
            TEXT_ARG(fields->state), TEXT_ARG(fields->zip)),
        .has_pin = request->has_pin,
        .pin_wiped = request_status_is_terminal(request->status),
    };
}

static void show_turn(const struct reader *reader, const struct calendar *calendar,
    const struct request_view *request, struct view_request *view)
{
    struct turn_facts facts = {.turn = request->turn,
        .status = request->status,
        .since = request->turn_since,
        .signer = request->fields.owner_name,
        .gaining = request->gaining_carrier,
        .losing = request->losing_carrier,
        .account = request->account_name,
        .ended_at = request->ended_at,
        .late = request->turn_state.late,
        .waited =
            business_days_passed(calendar, request->turn_state.since, reader->now, request->turn_state.zone),
        .usual = request->turn_state.rule.usual_max};
    view->turn = request_turn_view(reader, &facts, true);
    view->mine = turn_is_readers(reader, request->turn);
    view->usual = request_usual(reader, request);
}

static void show_actions(
    const struct reader *reader, const struct request_view *request, struct view_request *view)
{
    view->fix = request_url(reader, request, "/fix");
    view->remind = request_url(reader, request, "/remind");
    view->cancel = request_url(reader, request, "/cancel");
    view->put_off = request_url(reader, request, "/put-off");
    view->state = request_url(reader, request, "/state");
    view->can_fix = request->can_fix && request->fix_scope != FIX_SIGNER;
    view->fix_signer = request->can_fix && request->fix_scope == FIX_SIGNER;
    view->fix_is_mine = view->mine || request_status_is_terminal(request->status);
    view->send_again = request_status_is_terminal(request->status);
    view->can_put_off = request->can_put_off;
    view->can_cancel = request->can_cancel;
    view->can_remind = request->can_remind;
    view->can_record = request->can_record;
    view->nothing_sent = request->nothing_sent;
    view->signature_url = request->signature_url;
}

/* What the page and the question before canceling share. */
static struct view_request begin_view(
    struct web_request *web, const struct reader *reader, const struct request_view *request, enum word here)
{
    struct text number =
        request->numbers_count > 0 ? number_show(web->arena, request->numbers[0].e164) : TEXT_EMPTY;
    struct text title =
        text_format(web->arena, "%.*s · %.*s", TEXT_ARG(number), TEXT_ARG(request->reference));
    struct view_request view = {
        .layout = web_layout(web, title, NAV_NUMBERS),
        .head = web_request_head(reader, request, here),
        .carrier = request->losing_carrier,
        .gaining = request->gaining_carrier,
        .owner = request->fields.owner_name,
    };
    show_actions(reader, request, &view);
    return view;
}

/* ---- The record of the porting team ---- */

static const struct view_option *record_numbers(
    struct web_request *web, const struct request_view *request, size_t *ret_count)
{
    struct view_option *options = ARENA_ARRAY(web->arena, struct view_option, request->numbers_count + 2);
    size_t count = 0, by_hand = 0;
    for (size_t i = 0; i < request->numbers_count; i++) {
        by_hand += request->numbers[i].by_hand ? 1 : 0;
    }
    if (by_hand > 1) {
        options[count++] = (struct view_option){TEXT(RECORD_ALL),
            words_say(web->arena, web->language, WORD_request_record_all, WORD_NO_ARGS),
            text_is(web_field(web, "number"), RECORD_ALL)};
    }
    for (size_t i = 0; i < request->numbers_count; i++) {
        const struct number_view *number = &request->numbers[i];
        if (number->by_hand) {
            options[count++] = (struct view_option){number->e164, number_show(web->arena, number->e164),
                text_equal(web_field(web, "number"), number->e164)};
        }
    }
    /* One is chosen from the start, so that an open page does not take the choice for something that is being typed. */
    bool chosen = false;
    for (size_t i = 0; i < count; i++) {
        chosen |= options[i].chosen;
    }
    options[0].chosen |= !chosen;
    *ret_count = count;
    return options;
}

static const struct view_option *record_statuses(struct web_request *web, size_t *ret_count)
{
    struct view_option *options = ARENA_ARRAY(web->arena, struct view_option, NUMBER_STATUS_COUNT);
    size_t count = 0;
    for (enum number_status status = 0; status < NUMBER_STATUS_COUNT; status++) {
        struct text name = text_from(number_status_name(status));
        if (status != NUMBER_STATUS_DRAFT && status != NUMBER_STATUS_CANCELING) {
            options[count++] = (struct view_option){name,
                words_say(web->arena, web->language, number_status_word(status), WORD_NO_ARGS),
                text_equal(web_field(web, "status"), name)};
        }
    }
    *ret_count = count;
    return options;
}

static const struct view_option *record_reasons(
    struct web_request *web, const struct request_view *request, size_t *ret_count)
{
    struct view_option *options = ARENA_ARRAY(web->arena, struct view_option, REJECTION_COUNT);
    for (enum rejection_reason reason = 0; reason < REJECTION_COUNT; reason++) {
        struct text name = text_from(rejection_name(reason));
        options[reason] = (struct view_option){name,
            words_say(web->arena, web->language, rejection_short_word(reason),
                WORD_ARGS(WORD_TEXT("carrier", request->losing_carrier))),
            text_equal(web_field(web, "rejection"), name)};
    }
    *ret_count = REJECTION_COUNT;
    return options;
}

static void show_record(struct web_request *web, const struct reader *reader,
    const struct request_view *request, const struct form_errors *errors, struct view_request *view)
{
    view->record = (struct view_record){.layout = &view->layout,
        .errors = *errors,
        .action = request_url(reader, request, "/record"),
        .firm_date = web_field(web, "firm_date"),
        .words = web_field(web, "words"),
        .number_error = form_errors_of(errors, "number"),
        .status_error = form_errors_of(errors, "status"),
        .firm_date_error = form_errors_of(errors, "firm_date"),
        .rejection_error = form_errors_of(errors, "rejection"),
        .words_error = form_errors_of(errors, "words"),
        .sure_error = form_errors_of(errors, "sure"),
        .sure = text_is(web_field(web, "sure"), "yes")};
    view->record.asks_sure = view->record.sure || view->record.sure_error.len > 0;
    if (form_errors_of(errors, "message").len > 0 || form_errors_of(errors, "note").len > 0) {
        view->record.errors = form_errors_new(web->arena);
    }
    view->record.numbers = record_numbers(web, request, &view->record.numbers_count);
    view->record.statuses = record_statuses(web, &view->record.statuses_count);
    view->record.reasons = record_reasons(web, request, &view->record.reasons_count);
}

/* A single reason is told in the headline: below it stands only what that leaves out. */
static size_t drop_said(const struct reader *reader, struct view_request *view)
{
    if (view->refusals_count != 1) {
        return view->refusals_count;
    }
    struct view_refusal *rest = ARENA_NEW(reader->arena, struct view_refusal);
    *rest = view->refusals[0];
    rest->what = TEXT_EMPTY;
    rest->again = TEXT_EMPTY;
    view->refusals = rest;
    bool more = rest->quote.len > 0 || rest->has_page || rest->way.value.len > 0 || rest->usual.len > 0;
    return more || rest->final ? 1 : 0;
}

/* ---- Handlers ---- */

void request_show(
    struct web_request *web, const struct request_view *request, int status, const struct form_errors *errors)
{
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    const struct rejections *rejections = web->app->porting->rejections;
    struct view_request view = begin_view(web, &reader, request, WORD_NONE);
    if (!request_stamp(
            web->app->porting, web->actor, id_text(&request->id), web->arena, &view.stamp, &problem)) {
        web_problem(web, &problem);
        return;
    }
    view.layout.has_errors = errors->items_count > 0;
    view.keep = request_keep(&reader, request);
    view.pill = request_pill(request->status);
    view.live = !request_status_is_terminal(request->status);
    view.reassure = request->status == REQUEST_STATUS_ACTION_REQUIRED;
    view.next = request_next(&reader, request);
    view.next_when = request_next_when(&reader, request);
    request_notes(&reader, request, &view.notes, &view.notes_count);
    view.has_numbers_here = !reader.team && request->ported_at > 0;
    view.wished = reader_date(&reader, request->fields.wished_date);
    enum wish_time wished = WISH_ANY_TIME;
    wish_time_parse(request->fields.wished_time, &wished);
    view.wished_time = wished == WISH_ANY_TIME ? WORD_NONE : wish_time_word(wished);
    view.firm = reader_date(&reader, request->firm_date);
    view.moved_on = reader_day(&reader, request->ported_at);
    view.submitted = reader_day(&reader, request->submitted_at);
    view.submitted_by = request->submitted_by;
    view.is_team = reader.team;
    view.is_held = request->is_held;
    view.journey = request_journey(&reader, request);
    view.sent = sent_of(&reader, request);
    request_headline(&reader, request, rejections, &view);
    request_refusals(&reader, request, rejections, &view.refusals, &view.refusals_count);
    view.refusals_count = drop_said(&reader, &view);
    request_events(&reader, request, &view.events, &view.events_count);
    view.tries = request_tries(&reader, request);
    show_turn(&reader, web->app->porting->calendar, request, &view);
    show_actions(&reader, request, &view);
    if (view.live && checklist_open(request->fields.checklist) > 0) {
        view.tick = request_url(&reader, request, "/checklist");
        view.checklist =
            checklist_view(web, request->directory, request->losing_carrier, request->fields.checklist);
    }
    show_numbers(&reader, request, &view);
    show_documents(&reader, request, &view);
    show_record(web, &reader, request, errors, &view);
    if (!request_talk(web, &reader, request, errors, &view)) {
        return;
    }
    request_page_write(web_html(web, status), web->language, &view);
}

void request_get(struct web_request *web)
{
    struct request_view request;
    struct form_errors none = form_errors_new(web->arena);
    if (web_request_load(web, &request)) {
        request_show(web, &request, 200, &none);
    }
}

void request_state_get(struct web_request *web)
{
    struct problem problem = {0};
    struct text stamp;
    if (!request_stamp(web->app->porting, web->actor, web_param(web, "id"), web->arena, &stamp, &problem)) {
        web_problem(web, &problem);
        return;
    }
    JSON_CLEANUP value = json_object();
    json_put_text(value, "state", stamp);
    web_json(web, 200, value);
}

void request_cancel_get(struct web_request *web)
{
    struct request_view request;
    if (!web_request_load(web, &request)) {
        return;
    }
    struct reader reader = web_reader(web);
    struct view_request view = begin_view(web, &reader, &request, WORD_request_cancel);
    if (!request.can_cancel) { /* ended or canceled meanwhile: its page says so */
        web_redirect(web, view.head.url);
        return;
    }
    request_cancel_write(web_html(web, 200), web->language, &view);
}
