/* Messages, notes and who has it, on the page of a request. */
#include "porting/desk.h"
#include "porting/messages.h"
#include "web/requests_parts.h"

#include "base/log.h"

static struct url below(const struct web_request *web, const struct request_view *request, const char *path)
{
    return url_pathf(web->arena, "/requests/%.*s%s", TEXT_ARG(id_text(&request->id)), path);
}

static struct view_said said_of(const struct reader *reader, const struct message_view *message, bool note)
{
    struct text by = message->by_name;
    if (message->from_team && !note) {
        by = reader_say(reader, WORD_message_from_team, WORD_ARGS(WORD_TEXT("name", by)));
    }
    return (struct view_said){
        .css = message->from_team && !note ? "ours" : "",
        .by = by,
        .body = message->body,
        .at = instant_short(reader->arena, message->at, reader->now, reader->zone),
        .iso = instant_iso(reader->arena, message->at),
        .is_new = message->unread,
    };
}

static const struct view_said *all_said(
    const struct reader *reader, const struct message_view *messages, size_t count, bool note)
{
    struct view_said *said = ARENA_ARRAY(reader->arena, struct view_said, count + 1);
    for (size_t i = 0; i < count; i++) {
        said[i] = said_of(reader, &messages[i], note);
    }
    return said;
}

static void show_talk(struct web_request *web, const struct reader *reader,
    const struct request_view *request, const struct conversation *said, struct view_talk *ret)
{
    struct text before = web_query(web, "before");
    ret->action = below(web, request, "/messages");
    ret->note_action = below(web, request, "/notes");
    ret->settle = below(web, request, "/settle");
    ret->newest = below(web, request, "#messages");
    if (said->older.len > 0) {
        ret->older = url_pathf(web->arena, "/requests/%.*s?before=%.*s#messages",
            TEXT_ARG(id_text(&request->id)), TEXT_ARG(said->older));
    }
    ret->account = request->account_name;
    ret->typed = web_field(web, "message");
    ret->typed_note = web_field(web, "note");
    ret->messages = all_said(reader, said->messages, said->messages_count, false);
    ret->messages_count = said->messages_count;
    ret->notes = all_said(reader, said->notes, said->notes_count, true);
    ret->notes_count = said->notes_count;
    if (said->unread > 0) {
        ret->new_count =
            reader_say(reader, WORD_message_new_count, WORD_ARGS(WORD_NUMBER("count", said->unread)));
    }
    ret->is_team = reader->team;
    ret->is_older = before.len > 0;
    ret->full = said->full;
    ret->waits = said->waits;
}

/* What was shown is seen: only by who opened the page, not by who asked for its head. */
static void keep_seen(
    struct web_request *web, const struct request_view *request, const struct conversation *said)
{
    struct problem problem = {0};
    if (said->unread == 0 || web->request->method != HTTP_GET) {
        return;
    }
    const struct message_view *last = &said->messages[said->messages_count - 1];
    if (!conversation_seen(
            web->app->porting, web->actor, id_text(&request->id), id_text(&last->id), &problem)) {
        log_problem(LOG_LEVEL_WARN, "web.message_seen", &problem);
    }
}

static bool show_hold(struct web_request *web, const struct reader *reader,
    const struct request_view *request, struct view_request *view)
{
    struct problem problem = {0};
    struct desk_hold hold;
    if (!desk_hold(web->app->porting, web->actor, id_text(&request->id), web->arena, &hold, &problem)) {
        web_problem(web, &problem);
        return false;
    }
    struct view_option *colleagues = ARENA_ARRAY(web->arena, struct view_option, hold.colleagues_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < hold.colleagues_count; i++) {
        const struct desk_colleague *colleague = &hold.colleagues[i];
        if (!text_equal(colleague->user, web->actor->user) && !text_equal(colleague->user, hold.user)) {
            colleagues[count++] = (struct view_option){.value = colleague->user, .shown = colleague->name};
        }
    }
    bool mine = text_equal(hold.user, web->actor->user);
    enum word word = hold.user.len == 0 ? WORD_desk_has_nobody : mine ? WORD_desk_has_you : WORD_desk_has;
    struct text name = hold.name.len > 0 ? hold.name : hold.user;
    view->hold = (struct view_hold){.layout = &view->layout,
        .action = below(web, request, "/assign"),
        .settle = below(web, request, "/settle"),
        .sentence = reader_say(reader, word, WORD_ARGS(WORD_TEXT("name", name))),
        .was = hold.user,
        .me = web->actor->user,
        .colleagues = colleagues,
        .colleagues_count = count,
        .mine = mine,
        .held = hold.user.len > 0,
        .mail_refused = hold.mail_refused_at != 0};
    return true;
}

bool request_talk(struct web_request *web, const struct reader *reader, const struct request_view *request,
    const struct form_errors *errors, struct view_request *view)
{
    struct problem problem = {0};
    struct conversation said;
    if (!conversation_read(web->app->porting, web->actor, id_text(&request->id), web_query(web, "before"),
            web->arena, &said, &problem)) {
        web_problem(web, &problem);
        return false;
    }
    view->talk = (struct view_talk){.layout = &view->layout,
        .errors = *errors,
        .message_error = form_errors_of(errors, "message"),
        .note_error = form_errors_of(errors, "note")};
    show_talk(web, reader, request, &said, &view->talk);
    if (reader->team && !show_hold(web, reader, request, view)) {
        return false;
    }
    keep_seen(web, request, &said);
    return true;
}

/* ---- Handlers ---- */

static void back_saying(struct web_request *web, const char *fragment, enum word flash)
{
    struct text id = web_param(web, "id");
    web_redirect_saying(web, url_pathf(web->arena, "/requests/%.*s%s", TEXT_ARG(id), fragment), flash);
}

/* What was typed stands in the form still. */
static void show_again(struct web_request *web, const struct problem *problem)
{
    struct request_view request;
    struct form_errors errors = form_errors_new(web->arena);
    if (problem->kind != PROBLEM_INPUT) {
        web_problem(web, problem);
        return;
    }
    form_errors_problem(web->arena, web->language, &errors, problem);
    if (web_request_load(web, &request)) {
        request_show(web, &request, problem_status(problem->kind), &errors);
    }
}

void request_message_post(struct web_request *web)
{
    struct problem problem = {0};
    if (message_add(web->app->porting, web->actor, web_param(web, "id"), web_field(web, "message"), web->key,
            &problem)) {
        back_saying(web, "#messages", WORD_message_flash_sent);
    } else {
        show_again(web, &problem);
    }
}

void request_note_post(struct web_request *web)
{
    struct problem problem = {0};
    if (note_add(web->app->porting, web->actor, web_param(web, "id"), web_field(web, "note"), web->key,
            &problem)) {
        back_saying(web, "#notes", WORD_message_flash_noted);
    } else {
        show_again(web, &problem);
    }
}

void request_assign_post(struct web_request *web)
{
    struct problem problem = {0};
    struct desk_assign assign = {.request = web_param(web, "id"),
        .was = web_field(web, "was"),
        .to = web_field(web, "to"),
        .key = web->key};
    struct text next = web_field(web, "next");
    if (!desk_assign(web->app->porting, web->actor, &assign, &problem)) {
        web_problem(web, &problem);
        return;
    }
    enum word flash = assign.to.len == 0                        ? WORD_desk_flash_given_back
                      : text_equal(assign.to, web->actor->user) ? WORD_desk_flash_taken
                                                                : WORD_desk_flash_handed_over;
    if (text_starts(next, TEXT("/team?"))) {
        web_redirect_saying(web, url_path(web_safe_next(web->arena, next)), flash);
    } else {
        back_saying(web, "", flash);
    }
}

void request_settle_post(struct web_request *web)
{
    struct problem problem = {0};
    enum desk_why why = DESK_WHY_COUNT;
    desk_why_parse(web_field(web, "why"), &why);
    if (!desk_settle(web->app->porting, web->actor, web_param(web, "id"), why, &problem)) {
        web_problem(web, &problem);
    } else {
        back_saying(web, "", why == DESK_MAIL ? WORD_desk_flash_settled : WORD_message_flash_settled);
    }
}
