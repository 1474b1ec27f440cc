#include "notices/notice.h"

#include "mail_templates.gen.h"

#define NOTICE_BYTES_MAX (256 * 1024)

typedef void notice_template(struct buffer *out, enum language language, const struct notice_view *view);

static const struct {
    const char *name;
    enum word subject;
    notice_template *html, *text;
} kinds[NOTICE_KIND_COUNT] = {
    [NOTICE_SIGNATURE_REMINDER] = {"signature_reminder", WORD_mail_reminder_subject, signature_reminder_html_write,
        signature_reminder_text_write},
    [NOTICE_REJECTED] = {"rejected", WORD_mail_rejected_subject, rejected_html_write, rejected_text_write},
    [NOTICE_COMPLETED] = {"completed", WORD_mail_completed_subject, completed_html_write, completed_text_write},
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

bool notice_queue(struct db_tx *tx, struct clock *clock, const struct notice_new *notice)
{
    struct id id = id_new(clock, "mail");
    int64_t changed = 0;
    db_exec_changed(tx,
        "INSERT INTO mail (account, id, request, carrier_order, notice, once_key, to_name, to_address, queued_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account, once_key, to_address) DO NOTHING",
        DB_ARGS(db_text(notice->account), db_text(id_text(&id)), db_text(notice->request),
            db_text_or_null(notice->order), db_text(text_from(kinds[notice->kind].name)), db_text(notice->once_key),
            db_text(notice->to_name), db_text(notice->to_address), db_int(clock_now(clock))),
        &changed);
    if (!changed)
        return db_ok(tx);
    return job_add(tx, clock,
        &(struct job_new){.account = notice->account, .kind = JOB_MAIL, .subject = id_text(&id)});
}

static struct text render(struct arena *arena, enum language language, notice_template *template,
    const struct notice_view *view)
{
    BUFFER_CLEANUP out = BUFFER(NOTICE_BYTES_MAX);
    template(&out, language, view);
    return text_copy(arena, buffer_view(&out));
}

void notice_render(struct arena *arena, enum language language, enum notice_kind kind, const struct notice_view *view,
    struct mail *ret)
{
    ret->subject = words_say(arena, language, kinds[kind].subject,
        WORD_ARGS(WORD_TEXT("number", view->first_number), WORD_TEXT("carrier", view->losing_carrier)));
    ret->html = render(arena, language, kinds[kind].html, view);
    ret->text = render(arena, language, kinds[kind].text, view);
}
