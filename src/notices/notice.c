#include "notices/notice.h"

#include "mail_templates.gen.h"

#define NOTICE_BYTES_MAX (256 * 1024)
#define TO_NAME_MAX 75  /* code points of a name in a header: at most 300 bytes */
#define SUBJECT_MAX 200 /* code points */

typedef void notice_template(struct buffer *out, enum language language, const struct notice_view *view);

static const struct {
    const char *name;
    enum word subject;
    notice_template *html, *text;
} kinds[NOTICE_KIND_COUNT] = {
    [NOTICE_SIGNATURE_REMINDER] = {"signature_reminder", WORD_mail_reminder_subject,
        signature_reminder_html_write, signature_reminder_text_write},
    [NOTICE_REJECTED] = {"rejected", WORD_mail_rejected_subject, rejected_html_write, rejected_text_write},
    [NOTICE_COMPLETED] = {"completed", WORD_mail_completed_subject, completed_html_write,
        completed_text_write},
    [NOTICE_EXPIRED] = {"expired", WORD_mail_expired_subject, expired_html_write, expired_text_write},
};

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

/* On one line: a name with line breaks in it must not look like a paragraph of ours, or like a header. */
static struct text one_line(struct arena *arena, struct text value)
{
    struct text copy = text_copy(arena, value);
    char *at = ARENA_ARRAY(arena, char, copy.len + 1);
    for (size_t i = 0; i < copy.len; i++) {
        unsigned char c = (unsigned char)copy.at[i];
        at[i] = c < 0x20 || c == 0x7f ? ' ' : copy.at[i];
    }
    return text_trim((struct text){at, copy.len});
}

bool notice_queue(struct db_tx *tx, struct clock *clock, const struct notice_new *notice)
{
    struct id id = id_new(clock, "mail");
    int64_t changed = 0;
    struct text to_name = text_clip(one_line(db_arena(tx), notice->to_name), TO_NAME_MAX);
    db_exec_changed(tx,
        "INSERT INTO mail (account, id, request, carrier_order, notice, once_key, to_name, to_address,"
        " queued_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account, once_key, to_address)"
        " DO NOTHING",
        DB_ARGS(db_text(notice->account), db_text(id_text(&id)), db_text(notice->request),
            db_text_or_null(notice->order), db_text(text_from(kinds[notice->kind].name)),
            db_text(notice->once_key), db_text(to_name), db_text(notice->to_address),
            db_int(clock_now(clock))),
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
        &tame.requester, &tame.losing_carrier, &tame.gaining_carrier, &tame.first_number, &tame.link_text};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = one_line(arena, *texts[i]);
    tame.numbers = ARENA_ARRAY(arena, struct notice_number, view->numbers_count + 1);
    for (size_t i = 0; i < view->numbers_count; i++)
        tame.numbers[i].number = one_line(arena, view->numbers[i].number);
    tame.rejections = ARENA_ARRAY(arena, struct notice_rejection, view->rejections_count + 1);
    for (size_t i = 0; i < view->rejections_count; i++) {
        const struct notice_rejection *from = &view->rejections[i];
        tame.rejections[i] = (struct notice_rejection){.number = one_line(arena, from->number),
            .what = one_line(arena, from->what),
            .todo = one_line(arena, from->todo),
            .words = one_line(arena, from->words)};
    }
    return tame;
}

void notice_render(struct arena *arena, enum language language, enum notice_kind kind,
    const struct notice_view *view, struct mail *ret)
{
    struct notice_view tamed = tame(arena, view);
    struct text subject = words_say(arena, language, kinds[kind].subject,
        WORD_ARGS(WORD_TEXT("number", tamed.first_number), WORD_TEXT("carrier", tamed.losing_carrier)));
    ret->subject = text_clip(subject, SUBJECT_MAX);
    ret->html = render(arena, language, kinds[kind].html, &tamed);
    ret->text = render(arena, language, kinds[kind].text, &tamed);
}
