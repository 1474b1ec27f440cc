#include "notices/notice.h"

#include "mail_templates.gen.h"

#define NOTICE_BYTES_MAX (256 * 1024)
#define TO_NAME_MAX 75  /* code points of a name in a header: at most 300 bytes */
#define SUBJECT_MAX 200 /* code points */

typedef void notice_template(struct buffer *out, enum language language, const struct notice_view *view);

#define NEWS news_html_write, news_text_write

/* Kinds without templates of their own are a headline, a sentence on what is, one on what to do, and the link. */
static const struct {
    const char *name;
    enum word subject;
    notice_template *html, *text;
    enum word head, intro, todo;
    bool keep;
} kinds[NOTICE_KIND_COUNT] = {
    [NOTICE_SIGNATURE_REMINDER] = {"signature_reminder", WORD_mail_reminder_subject,
        signature_reminder_html_write, signature_reminder_text_write},
    [NOTICE_REJECTED] = {"rejected", WORD_mail_rejected_subject, rejected_html_write, rejected_text_write},
    [NOTICE_COMPLETED] = {"completed", WORD_mail_completed_subject, completed_html_write,
        completed_text_write},
    [NOTICE_EXPIRED] = {"expired", WORD_mail_expired_subject, expired_html_write, expired_text_write},
    [NOTICE_DATE_SET] = {"date_set", WORD_mail_date_set_subject, NEWS, WORD_mail_date_set_head,
        WORD_mail_date_set_intro, WORD_mail_date_set_todo, true},
    [NOTICE_DATE_MOVED] = {"date_moved", WORD_mail_date_moved_subject, NEWS, WORD_mail_date_moved_head,
        WORD_mail_date_moved_intro, WORD_mail_date_moved_todo, true},
    [NOTICE_DATE_LOST] = {"date_lost", WORD_mail_date_lost_subject, NEWS, WORD_mail_date_lost_head,
        WORD_mail_date_lost_intro, WORD_mail_date_lost_todo, true},
    [NOTICE_NOT_PORTABLE] = {"not_portable", WORD_mail_not_portable_subject, NEWS,
        WORD_mail_not_portable_head, WORD_mail_not_portable_intro, WORD_mail_not_portable_todo, true},
    [NOTICE_CANCELED] = {"canceled", WORD_mail_canceled_subject, NEWS, WORD_mail_canceled_head,
        WORD_mail_canceled_intro, WORD_mail_canceled_todo, false},
    [NOTICE_CANCEL_REFUSED] = {"cancel_refused", WORD_mail_cancel_refused_subject, NEWS,
        WORD_mail_cancel_refused_head, WORD_mail_cancel_refused_intro, WORD_mail_cancel_refused_todo, true},
    [NOTICE_RETRY] = {"retry", WORD_mail_retry_subject, NEWS, WORD_mail_retry_head, WORD_mail_retry_intro,
        WORD_mail_retry_todo, true},
    [NOTICE_CORRECTION_REMINDER] = {"correction_reminder", WORD_mail_correction_subject, NEWS,
        WORD_mail_correction_head, WORD_mail_correction_intro, WORD_mail_correction_todo, true},
    [NOTICE_LETTER_WAITS] = {"letter_waits", WORD_mail_letter_subject, NEWS, WORD_mail_letter_head,
        WORD_mail_letter_intro, WORD_mail_letter_todo, true},
    [NOTICE_CARRIER_SILENT] = {"carrier_silent", WORD_mail_silent_subject, NEWS, WORD_mail_silent_head,
        WORD_mail_silent_intro, WORD_mail_silent_todo, true},
    [NOTICE_TEAM] = {"team", WORD_mail_team_subject, NEWS, WORD_mail_team_head, WORD_mail_team_intro,
        WORD_mail_team_todo, false},
    [NOTICE_MESSAGE] = {"message", WORD_mail_message_subject, NEWS, WORD_mail_message_head,
        WORD_mail_message_intro, WORD_mail_message_todo, false},
    [NOTICE_TEAM_MESSAGE] = {"team_message", WORD_mail_team_message_subject, NEWS,
        WORD_mail_team_message_head, WORD_mail_team_message_intro, WORD_mail_message_todo, false},
    [NOTICE_ACTED_BEGUN] = {"acted_begun", WORD_mail_acted_begun_subject, NEWS, WORD_mail_acted_begun_head,
        WORD_mail_acted_begun_intro, WORD_mail_acted_begun_todo, false},
    [NOTICE_ACTED_SUBMITTED] = {"acted_submitted", WORD_mail_acted_submitted_subject, NEWS,
        WORD_mail_acted_submitted_head, WORD_mail_acted_submitted_intro, WORD_mail_acted_todo, true},
    [NOTICE_ACTED_CORRECTED] = {"acted_corrected", WORD_mail_acted_corrected_subject, NEWS,
        WORD_mail_acted_corrected_head, WORD_mail_acted_corrected_intro, WORD_mail_acted_todo, true},
    [NOTICE_ACTED_CANCELED] = {"acted_canceled", WORD_mail_acted_canceled_subject, NEWS,
        WORD_mail_acted_canceled_head, WORD_mail_acted_canceled_intro, WORD_mail_acted_todo, true},
};
#undef NEWS

const char *notice_kind_name(enum notice_kind kind)
{
    return kinds[kind].name;
}

bool notice_kind_parse(struct text name, enum notice_kind *ret)
{
    for (int i = 0; i < NOTICE_KIND_COUNT; i++)
        if (text_is(name, kinds[i].name)) {
            *ret = (enum notice_kind)i;
            return true;
        }
    return false;
}

bool notice_queue(struct db_tx *tx, struct clock *clock, const struct notice_new *notice)
{
    struct id id = id_new(clock, "mail");
    int64_t changed = 0;
    struct text to_name = text_clip(text_one_line(db_arena(tx), notice->to_name), TO_NAME_MAX);
    db_exec_changed(tx,
        "INSERT INTO mail (account, id, request, carrier_order, notice, once_key, to_name, to_address,"
        " queued_at, message) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (account, once_key, to_address)"
        " DO NOTHING",
        DB_ARGS(db_text(notice->account), db_text(id_text(&id)), db_text(notice->request),
            db_text_or_null(notice->order), db_text(text_from(kinds[notice->kind].name)),
            db_text(notice->once_key), db_text(to_name), db_text(notice->to_address),
            db_int(clock_now(clock)), db_text_or_null(notice->message)),
        &changed);
    if (!changed)
        return db_ok(tx);
    return job_add(
        tx, clock, &(struct job_new){.account = notice->account, .kind = JOB_MAIL, .subject = id_text(&id)});
}

static struct text render(
    struct arena *arena, enum language language, notice_template *template, const struct notice_view *view)
{
    BUFFER_CLEANUP out = BUFFER(NOTICE_BYTES_MAX);
    template(&out, language, view);
    return text_copy(arena, buffer_view(&out));
}

/* A copy of the view with each text on one line. */
static struct notice_view tame(struct arena *arena, const struct notice_view *view)
{
    struct notice_view tame = *view;
    struct text *const texts[] = {&tame.operator_name, &tame.to_name, &tame.account_name, &tame.reference,
        &tame.requester, &tame.losing_carrier, &tame.gaining_carrier, &tame.first_number, &tame.link_text,
        &tame.owner, &tame.email, &tame.date, &tame.phone, &tame.reason, &tame.waits_for, &tame.by_name};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = text_one_line(arena, *texts[i]);
    tame.numbers = ARENA_ARRAY(arena, struct notice_number, view->numbers_count + 1);
    for (size_t i = 0; i < view->numbers_count; i++)
        tame.numbers[i].number = text_one_line(arena, view->numbers[i].number);
    tame.rejections = ARENA_ARRAY(arena, struct notice_rejection, view->rejections_count + 1);
    for (size_t i = 0; i < view->rejections_count; i++) {
        const struct notice_rejection *from = &view->rejections[i];
        tame.rejections[i] = (struct notice_rejection){.number = text_one_line(arena, from->number),
            .what = text_one_line(arena, from->what),
            .todo = text_one_line(arena, from->todo),
            .words = text_one_line(arena, from->words)};
    }
    return tame;
}

/* What the sentences of a kind may have in them. */
static struct text say(
    struct arena *arena, enum language language, enum word word, const struct notice_view *view)
{
    return words_say(arena, language, word,
        WORD_ARGS(WORD_TEXT("number", view->first_number), WORD_TEXT("carrier", view->losing_carrier),
            WORD_TEXT("gaining", view->gaining_carrier), WORD_TEXT("owner", view->owner),
            WORD_TEXT("email", view->email), WORD_TEXT("date", view->date), WORD_TEXT("phone", view->phone),
            WORD_TEXT("reference", view->reference), WORD_TEXT("account", view->account_name),
            WORD_TEXT("who", view->waits_for), WORD_TEXT("by", view->by_name),
            WORD_TEXT("operator", view->operator_name)));
}

/* So that nothing that somebody typed looks like a sentence of ours. */
static struct text quote(struct arena *arena, struct text message)
{
    BUFFER_CLEANUP out = BUFFER(NOTICE_BYTES_MAX);
    struct text rest = message, line;
    while (text_next(&rest, '\n', &line))
        buffer_format(&out, "%s> %.*s", out.len > 0 ? "\n" : "", TEXT_ARG(text_one_line(arena, line)));
    return text_copy(arena, buffer_view(&out));
}

static void make_sentences(
    struct arena *arena, enum language language, enum notice_kind kind, struct notice_view *view)
{
    enum word todo = kinds[kind].todo;
    if (kinds[kind].head == WORD_NONE)
        return;
    if (kind == NOTICE_CANCELED && view->ended_there)
        todo = WORD_mail_canceled_there_todo;
    if (kind == NOTICE_CARRIER_SILENT && view->phone.len)
        todo = WORD_mail_silent_todo_phone;
    if (kind == NOTICE_TEAM && !view->waits_for.len)
        view->waits_for = words_say(arena, language, WORD_mail_team_customer, WORD_NO_ARGS);
    view->head = say(arena, language, kinds[kind].head, view);
    view->intro = say(arena, language,
        kind == NOTICE_CANCELED && view->ended_there ? WORD_mail_canceled_there_intro : kinds[kind].intro,
        view);
    view->todo = say(arena, language, todo, view);
    view->quoted = quote(arena, view->message);
    view->button = words_say(arena, language,
        kind == NOTICE_CORRECTION_REMINDER ? WORD_mail_rejected_button
        : view->message.len                ? WORD_mail_message_button
                                           : WORD_mail_open,
        WORD_NO_ARGS);
    view->keep = kinds[kind].keep;
}

void notice_render(struct arena *arena, enum language language, enum notice_kind kind,
    const struct notice_view *view, struct mail *ret)
{
    struct notice_view tamed = tame(arena, view);
    make_sentences(arena, language, kind, &tamed);
    enum word subject_word = kinds[kind].subject;
    if (kind == NOTICE_COMPLETED && tamed.partly)
        subject_word = WORD_mail_completed_partly_subject;
    ret->subject = text_clip(say(arena, language, subject_word, &tamed), SUBJECT_MAX);
    ret->html = render(arena, language, kinds[kind].html, &tamed);
    ret->text = render(arena, language, kinds[kind].text, &tamed);
}
