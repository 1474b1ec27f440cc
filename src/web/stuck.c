/* Stuck work: what did not go on by itself, for the porting team; one job closer, trying it again, dropping it. */
#include "porting/stuck.h"

#include "base/log.h"
#include "notices/notice.h"
#include "pages_templates.gen.h"
#include "web/requests_parts.h"
#include "web/stuck.h"

#define FIELD_MAX 200

static const struct {
    const char *name;
    enum word word;
} shows[] = {
    [STUCK_ALL] = {"all", WORD_stuck_show_all},
    [STUCK_JOBS] = {"jobs", WORD_stuck_show_jobs},
    [STUCK_MAILS] = {"mails", WORD_stuck_show_mails},
    [STUCK_WORDS] = {"words", WORD_stuck_show_words},
};

static enum stuck_show chosen_show(const struct web_request *web)
{
    struct text name = web_query(web, "show");
    for (int show = STUCK_ALL; show <= STUCK_WORDS; show++) {
        if (text_is(name, shows[show].name)) {
            return (enum stuck_show)show;
        }
    }
    return STUCK_ALL;
}

static struct url page_url(struct arena *arena, enum stuck_show show, struct text before)
{
    struct text b = text_percent(arena, before);
    return url_pathf(
        arena, "/team/stuck?show=%s%s%.*s", shows[show].name, b.len > 0 ? "&before=" : "", TEXT_ARG(b));
}

/* ---- A row in plain words ---- */

/* Ids and kinds are percent-encoded all the same: what stands in the table may be another program's. */
static struct url job_url(struct arena *arena, const char *page, const struct stuck_row *row)
{
    struct text account = text_percent(arena, row->account), kind = text_percent(arena, row->kind);
    struct text subject = text_percent(arena, row->subject);
    return url_pathf(arena, "/team/stuck/%s?account=%.*s&kind=%.*s&subject=%.*s", page, TEXT_ARG(account),
        TEXT_ARG(kind), TEXT_ARG(subject));
}

static enum word mail_word(struct text notice)
{
    static const enum word words[NOTICE_KIND_COUNT] = {
        [NOTICE_SIGNATURE_REMINDER] = WORD_stuck_mail_reminder,
        [NOTICE_REJECTED] = WORD_stuck_mail_rejected,
        [NOTICE_COMPLETED] = WORD_stuck_mail_completed,
        [NOTICE_EXPIRED] = WORD_stuck_mail_expired,
        [NOTICE_DATE_SET] = WORD_stuck_mail_date,
        [NOTICE_DATE_MOVED] = WORD_stuck_mail_date,
        [NOTICE_DATE_LOST] = WORD_stuck_mail_date,
        [NOTICE_NOT_PORTABLE] = WORD_stuck_mail_end,
        [NOTICE_CANCELED] = WORD_stuck_mail_end,
        [NOTICE_CANCEL_REFUSED] = WORD_stuck_mail_end,
        [NOTICE_RETRY] = WORD_stuck_mail_rejected,
        [NOTICE_CORRECTION_REMINDER] = WORD_stuck_mail_slow,
        [NOTICE_LETTER_WAITS] = WORD_stuck_mail_slow,
        [NOTICE_CARRIER_SILENT] = WORD_stuck_mail_slow,
        [NOTICE_TEAM] = WORD_stuck_mail_team,
        [NOTICE_MESSAGE] = WORD_stuck_mail_message,
        [NOTICE_TEAM_MESSAGE] = WORD_stuck_mail_message,
        [NOTICE_ACTED_BEGUN] = WORD_stuck_mail_acted,
        [NOTICE_ACTED_SUBMITTED] = WORD_stuck_mail_acted,
        [NOTICE_ACTED_CORRECTED] = WORD_stuck_mail_acted,
        [NOTICE_ACTED_CANCELED] = WORD_stuck_mail_acted,
    };
    enum notice_kind kind = NOTICE_KIND_COUNT;
    return notice_kind_parse(notice, &kind) ? words[kind] : WORD_stuck_mail_other;
}

/* The carrier's name for people; its key when it is another one than the desk's now. */
static struct text carrier_name(const struct web_request *web, struct text key)
{
    const struct carrier_api *api = web->app->porting->gaining;
    return text_is(key, api->name) ? text_from(api->label) : key;
}

static void say_job(const struct reader *reader, const struct stuck_row *row, struct view_stuck_row *ret)
{
    ret->what = reader_say(reader, stuck_job_word(row->kind), WORD_NO_ARGS);
    ret->why = row->detail;
    ret->times = reader_say(reader, WORD_stuck_tried, WORD_ARGS(WORD_NUMBER("count", row->times)));
    ret->can_retry = true;
    ret->look = job_url(reader->arena, "job", row);
    ret->moot = row->moot;
}

static void say_mail(const struct reader *reader, const struct stuck_row *row, struct view_stuck_row *ret)
{
    ret->what = reader_say(reader, mail_word(row->kind), WORD_NO_ARGS);
    ret->why = reader_say(reader, WORD_stuck_mail_to,
        WORD_ARGS(WORD_TEXT("address", row->subject), WORD_TEXT("why", row->detail)));
}

static void say_word(const struct web_request *web, const struct reader *reader, const struct stuck_row *row,
    struct view_stuck_row *ret)
{
    ret->what =
        reader_say(reader, WORD_stuck_word, WORD_ARGS(WORD_TEXT("carrier", carrier_name(web, row->kind))));
    ret->why = reader_say(reader, WORD_stuck_word_why, WORD_ARGS(WORD_TEXT("word", row->subject)));
    ret->times = reader_say(reader, WORD_stuck_said, WORD_ARGS(WORD_NUMBER("count", row->times)));
}

static struct view_stuck_row row_of(
    const struct web_request *web, const struct reader *reader, const struct stuck_row *row)
{
    static const char *const icons[] = {
        [STUCK_JOBS] = "stopped", [STUCK_MAILS] = "mail", [STUCK_WORDS] = "info"};
    struct view_stuck_row view = {
        .icon = icons[row->what],
        .account = row->account_name,
        .reference = row->reference,
        .request = url_pathf(reader->arena, "/requests/%.*s", TEXT_ARG(row->request)),
        .since = {instant_short(reader->arena, row->since, reader->now, reader->zone),
            instant_iso(reader->arena, row->since)},
        .job_account = row->account,
        .kind = row->kind,
        .subject = row->subject,
    };
    if (row->what == STUCK_JOBS) {
        say_job(reader, row, &view);
    } else if (row->what == STUCK_MAILS) {
        say_mail(reader, row, &view);
    } else {
        say_word(web, reader, row, &view);
    }
    return view;
}

/* ---- The page ---- */

static const struct view_chip *chips_of(
    struct arena *arena, enum stuck_show chosen, const struct stuck_list *list)
{
    struct view_chip *chips = ARENA_ARRAY(arena, struct view_chip, 4);
    for (int show = STUCK_ALL; show <= STUCK_WORDS; show++) {
        chips[show] = (struct view_chip){.url = page_url(arena, (enum stuck_show)show, TEXT_EMPTY),
            .word = shows[show].word,
            .count = web_count(arena, list->counts[show]),
            .current = show == (int)chosen};
    }
    return chips;
}

void stuck_get(struct web_request *web)
{
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    struct stuck_list list;
    enum stuck_show show = chosen_show(web);
    struct text before = web_query(web, "before");
    if (!stuck_list(web->app->porting, web->actor, show, before, web->arena, &list, &problem)) {
        web_problem(web, &problem);
        return;
    }
    struct view_stuck_row *rows = ARENA_ARRAY(web->arena, struct view_stuck_row, list.rows_count + 1);
    for (size_t i = 0; i < list.rows_count; i++) {
        rows[i] = row_of(web, &reader, &list.rows[i]);
    }
    struct view_stuck view = {
        .layout = web_layout_word(web, WORD_stuck_title, NAV_STUCK),
        .chips = chips_of(web->arena, show, &list),
        .chips_count = 4,
        .rows = rows,
        .rows_count = list.rows_count,
        .first = page_url(web->arena, show, TEXT_EMPTY),
        .next = page_url(web->arena, show, list.next),
        .is_empty = list.counts[STUCK_ALL] == 0,
        .is_later = before.len > 0,
        .has_next = list.next.len > 0,
    };
    team_stuck_write(web_html(web, 200), web->language, &view);
}

static bool job_named(struct web_request *web,
    struct text (*value)(const struct web_request *web, const char *name), struct stuck_job *ret)
{
    struct stuck_job job = {value(web, "account"), value(web, "kind"), value(web, "subject")};
    *ret = job;
    return job.account.len > 0 && job.account.len <= FIELD_MAX && job.kind.len > 0 &&
           job.kind.len <= JOB_KIND_MAX && job.subject.len > 0 && job.subject.len <= FIELD_MAX;
}

void stuck_retry_post(struct web_request *web)
{
    struct problem problem = {0};
    struct url back = url_path(TEXT("/team/stuck"));
    struct stuck_job job;
    if (!job_named(web, web_field, &job)) {
        web_redirect_saying(web, back, WORD_stuck_flash_gone);
    } else if (stuck_retry(web->app->porting, web->actor, &job, web->key, &problem)) {
        bool clears = text_is(web_field(web, "moot"), "yes");
        web_redirect_saying(web, back, clears ? WORD_stuck_flash_cleared : WORD_stuck_flash_retried);
    } else if (problem.kind == PROBLEM_CONFLICT) {
        web_redirect_saying(web, back, WORD_stuck_flash_gone);
    } else {
        web_problem(web, &problem);
    }
}

/* ---- One job ---- */

static void show_job(struct web_request *web, enum word title,
    void (*write)(struct buffer *out, enum language language, const struct view_stuck_look *v))
{
    static const enum word leads[] = {[STUCK_DEAD] = WORD_stuck_look_lead_dead,
        [STUCK_WAITING] = WORD_stuck_look_lead_waiting,
        [STUCK_RUNNING] = WORD_stuck_look_lead_running};
    static const enum word states[] = {[STUCK_DEAD] = WORD_stuck_state_dead,
        [STUCK_WAITING] = WORD_stuck_state_waiting,
        [STUCK_RUNNING] = WORD_stuck_state_running};
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    struct stuck_job job;
    struct stuck_look look;
    if (!job_named(web, web_query, &job) ||
        !stuck_look(web->app->porting, web->actor, &job, web->arena, &look, &problem)) {
        if (problem.kind == PROBLEM_NONE || problem.kind == PROBLEM_NOT_FOUND) {
            web_redirect_saying(web, url_path(TEXT("/team/stuck")), WORD_stuck_flash_gone);
        } else {
            web_problem(web, &problem);
        }
        return;
    }
    struct view_stuck_look view = {
        .layout = web_layout_word(web, title, NAV_STUCK),
        .row = row_of(web, &reader, &look.row),
        .lead = leads[look.state],
        .state = states[look.state],
        .dropped = stuck_drop_word(job.kind),
        .is_dead = look.state == STUCK_DEAD,
        .waits = look.state == STUCK_WAITING,
        .due = {instant_short(web->arena, look.due, reader.now, reader.zone),
            instant_iso(web->arena, look.due)},
        .back = url_path(TEXT("/team/stuck")),
        .drop = job_url(web->arena, "drop", &look.row),
    };
    if (look.interrupted) {
        view.interrupted = reader_say(
            &reader, WORD_stuck_interrupted_times, WORD_ARGS(WORD_NUMBER("count", look.interrupted)));
    }
    write(web_html(web, 200), web->language, &view);
}

void stuck_look_get(struct web_request *web)
{
    show_job(web, WORD_stuck_look, team_stuck_job_write);
}

void stuck_drop_get(struct web_request *web)
{
    show_job(web, WORD_stuck_drop_title, team_stuck_drop_write);
}

void stuck_drop_post(struct web_request *web)
{
    struct problem problem = {0};
    struct url back = url_path(TEXT("/team/stuck"));
    struct stuck_job job;
    if (!job_named(web, web_field, &job)) {
        web_redirect_saying(web, back, WORD_stuck_flash_gone);
    } else if (stuck_drop(web->app->porting, web->actor, &job, web->key, &problem)) {
        log_event(LOG_LEVEL_INFO, "stuck.dropped", LOG_TEXT("kind", job.kind),
            LOG_TEXT("account", job.account), LOG_TEXT("subject", job.subject),
            LOG_TEXT("user", web->actor->user));
        web_redirect_saying(web, back, WORD_stuck_flash_dropped);
    } else if (problem.kind == PROBLEM_CONFLICT) {
        web_redirect_saying(web, back, WORD_stuck_flash_gone);
    } else {
        web_problem(web, &problem);
    }
}
