/* The job that sends a notice: the facts are read when it is sent, so that nobody is reminded of what is done already. */
#include "base/metrics.h"
#include "notices/notice.h"
#include "people/people.h"
#include "porting/advance.h"
#include "porting/mailing.h"

struct letter {
    struct mailing *mailing;
    struct arena *arena; /* of the job */
    struct text account, id;
    struct text request, order, to_name, to_address;
    enum notice_kind kind;
    int64_t queued_at, sent_at;
    struct request_row row;
    struct text account_name, requester, signature_url;
    struct number_row *numbers;
    size_t numbers_count;
    struct notice_rejection *rejections;
    size_t rejections_count;
    bool customer_acts;
    bool obsolete, gone; /* gone: it was obsolete when it was looked at before */
};

static bool read_mail(struct db_tx *tx, struct letter *letter)
{
    DB_ROWS rows = db_query(tx,
        "SELECT request, carrier_order, notice, to_name, to_address, queued_at, sent_at FROM mail"
        " WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(letter->account), db_text(letter->id)));
    letter->gone = !db_next(rows);
    if (letter->gone)
        return db_ok(tx);
    if (!notice_kind_parse(db_col_text(rows, 2), &letter->kind))
        return row_refuse(tx, PROBLEM_INTERNAL, WORD_problem_internal, NULL, NULL);
    letter->request = db_col_copy(rows, 0, letter->arena);
    letter->order = db_col_copy(rows, 1, letter->arena);
    letter->to_name = db_col_copy(rows, 3, letter->arena);
    letter->to_address = db_col_copy(rows, 4, letter->arena);
    letter->queued_at = db_col_int(rows, 5);
    letter->sent_at = db_col_int(rows, 6);
    return db_ok(tx);
}

static struct notice_rejection explain(
    const struct letter *letter, struct text e164, struct text rejection, struct text words)
{
    enum rejection_reason reason = REJECTION_OTHER;
    rejection_parse(rejection, &reason);
    struct text carrier = losing_carrier_name(letter->mailing->porting, &letter->row.fields);
    struct arena *arena = letter->arena;
    return (struct notice_rejection){
        .number = number_show(arena, e164),
        .what = words_say(
            arena, LANGUAGE_EN, rejection_what_word(reason), WORD_ARGS(WORD_TEXT("carrier", carrier))),
        .todo = words_say(
            arena, LANGUAGE_EN, rejection_do_word(reason), WORD_ARGS(WORD_TEXT("carrier", carrier))),
        .words = words,
    };
}

/* What the order that caused the notice was refused for; it stays readable after the next attempt has begun. */
static bool read_rejections(struct db_tx *tx, struct letter *letter)
{
    letter->rejections = ARENA_ARRAY(letter->arena, struct notice_rejection, NOTICE_NUMBERS_MAX);
    letter->rejections_count = 0;
    letter->customer_acts = false;
    DB_ROWS rows = db_query(tx,
        "SELECT e164, rejection, rejection_words FROM order_number"
        " WHERE account = $1 AND carrier_order = $2 AND rejection IS NOT NULL ORDER BY e164 LIMIT 20",
        DB_ARGS(db_text(letter->account), db_text(letter->order)));
    while (letter->rejections_count < NOTICE_NUMBERS_MAX && db_next(rows)) {
        enum rejection_reason reason = REJECTION_OTHER;
        struct text rejection = db_col_copy(rows, 1, letter->arena);
        rejection_parse(rejection, &reason);
        letter->customer_acts |= letter->mailing->porting->rejections->items[reason].turn == TURN_CUSTOMER;
        letter->rejections[letter->rejections_count++] = explain(
            letter, db_col_copy(rows, 0, letter->arena), rejection, db_col_copy(rows, 2, letter->arena));
    }
    return db_ok(tx);
}

static bool read_people(struct db_tx *tx, struct letter *letter)
{
    struct account account;
    struct user user;
    struct text by = letter->row.submitted_by.len ? letter->row.submitted_by : letter->row.created_by;
    if (account_by_id(tx, letter->arena, letter->account, &account))
        letter->account_name = account.name;
    if (user_by_id(tx, letter->arena, letter->account, by, &user))
        letter->requester = user.name;
    return db_ok(tx);
}

static bool letter_closure(struct db_tx *tx, void *context)
{
    struct letter *letter = context;
    if (!read_mail(tx, letter))
        return false;
    if (letter->gone)
        return db_ok(tx);
    if (!row_request_of(tx, letter->account, letter->request, letter->arena, &letter->row) ||
        !row_numbers(
            tx, letter->account, letter->request, letter->arena, &letter->numbers, &letter->numbers_count) ||
        !read_people(tx, letter) || !read_rejections(tx, letter))
        return false;
    letter->obsolete = letter->sent_at != 0;
    if (letter->kind != NOTICE_SIGNATURE_REMINDER)
        return db_ok(tx);
    struct order_row order;
    if (!row_order(tx, letter->account, letter->order, letter->arena, &order))
        return false;
    letter->signature_url = order.signature_url;
    bool waits = false;
    for (size_t i = 0; i < letter->numbers_count; i++)
        waits |= text_equal(letter->numbers[i].order, order.id) &&
                 letter->numbers[i].status == NUMBER_STATUS_WAITING_FOR_SIGNATURE;
    letter->obsolete |= !waits || !order.signature_url.len;
    return db_ok(tx);
}

static void show_numbers(const struct letter *letter, struct notice_view *view)
{
    bool completed_only = letter->kind == NOTICE_COMPLETED;
    view->numbers = ARENA_ARRAY(letter->arena, struct notice_number, NOTICE_NUMBERS_MAX);
    for (size_t i = 0; i < letter->numbers_count; i++) {
        const struct number_row *number = &letter->numbers[i];
        if (completed_only && number->status != NUMBER_STATUS_COMPLETED) {
            view->partly = true;
            continue;
        }
        if (view->numbers_count == NOTICE_NUMBERS_MAX)
            view->numbers_more++;
        else
            view->numbers[view->numbers_count++].number = number_show(letter->arena, number->e164);
    }
    view->first_number = view->numbers_count ? view->numbers[0].number : TEXT_EMPTY;
}

static void show(const struct letter *letter, struct notice_view *view)
{
    const struct porting *porting = letter->mailing->porting;
    struct arena *arena = letter->arena;
    *view = (struct notice_view){
        .operator_name = porting->operator_name,
        .to_name = letter->to_name,
        .account_name = letter->account_name,
        .reference = letter->row.reference,
        .requester = letter->requester,
        .losing_carrier = losing_carrier_name(porting, &letter->row.fields),
        .gaining_carrier = text_from(porting->gaining->label),
        .rejections = letter->rejections,
        .rejections_count = letter->rejections_count,
        .customer_acts = letter->customer_acts,
    };
    show_numbers(letter, view);
    if (letter->kind == NOTICE_SIGNATURE_REMINDER)
        view->link_text = letter->signature_url;
    else
        view->link_text =
            text_format(arena, "%.*s/requests/%.*s%s", TEXT_ARG(porting->base_url), TEXT_ARG(letter->request),
                letter->kind == NOTICE_REJECTED && letter->customer_acts ? "/fix" : "");
    view->link = url_outside(view->link_text);
}

struct outcome {
    struct letter *letter;
    struct text refused; /* the mail server's words, or empty */
};

static bool outcome_closure(struct db_tx *tx, void *context)
{
    struct outcome *outcome = context;
    struct letter *letter = outcome->letter;
    struct porting *porting = letter->mailing->porting;
    db_exec(tx, "UPDATE mail SET sent_at = $3, refused = $4 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(letter->account), db_text(letter->id),
            outcome->refused.len ? db_null() : db_int(clock_now(porting->clock)),
            db_text_or_null(outcome->refused)));
    if (letter->kind == NOTICE_SIGNATURE_REMINDER && !outcome->refused.len)
        return db_ok(tx); /* told when it was asked for */
    return timeline_add(tx, porting->clock,
        &(struct timeline_entry){.account = letter->account,
            .request = letter->request,
            .event = outcome->refused.len ? EVENT_MAIL_REFUSED : EVENT_MAIL_SENT,
            .actor = ACTOR_PORTDESK,
            .about = letter->to_address});
}

static void count(const struct letter *letter, size_t outcome)
{
    size_t notice = metric_value(LABEL_NOTICE, text_from(notice_kind_name(letter->kind)));
    metric_add(METRIC_MAILS, METRIC_AT(notice, outcome), 1);
}

/* What nobody needs any more does not stay as a mail that waits. */
static bool drop_unsent(struct db_tx *tx, void *context)
{
    const struct letter *letter = context;
    return db_exec(tx, "DELETE FROM mail WHERE account = $1 AND id = $2 AND sent_at IS NULL",
        DB_ARGS(db_text(letter->account), db_text(letter->id)));
}

bool mail_work(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)ret_again_at;
    struct letter letter = {.mailing = context, .arena = arena, .account = job->account, .id = job->subject};
    struct notice_view view;
    if (!db_read(letter.mailing->porting->db, letter_closure, &letter, problem))
        return false;
    if (letter.gone)
        return true;
    if (letter.obsolete) {
        count(&letter, MAIL_OBSOLETE);
        return db_write(letter.mailing->porting->db, drop_unsent, &letter, problem);
    }
    show(&letter, &view);
    struct mail mail = {
        .to_name = letter.to_name,
        .to_address = letter.to_address,
        .message_id =
            text_format(arena, "<%.*s@%.*s>", TEXT_ARG(letter.id), TEXT_ARG(letter.mailing->message_host)),
        .date = letter.queued_at,
    };
    notice_render(arena, LANGUAGE_EN, letter.kind, &view, &mail);
    struct outcome outcome = {.letter = &letter};
    struct problem unsent = {0};
    if (!mail_send(&letter.mailing->smtp, &mail, &unsent)) {
        if (unsent.kind == PROBLEM_LATER) {
            count(&letter, MAIL_FAILED);
            *problem = unsent;
            return false;
        }
        outcome.refused = text_copy(arena, text_from(unsent.detail));
    }
    count(&letter, outcome.refused.len ? MAIL_REFUSED : MAIL_SENT);
    return db_write(letter.mailing->porting->db, outcome_closure, &outcome, problem);
}

/* ---- Given up ---- */

struct given_up {
    struct porting *porting;
    const struct job *job;
};

static bool given_up_closure(struct db_tx *tx, void *context)
{
    struct given_up *given_up = context;
    const struct job *job = given_up->job;
    struct timeline_entry entry = {
        .account = job->account, .event = EVENT_MAIL_REFUSED, .actor = ACTOR_PORTDESK};
    {
        DB_ROWS rows = db_query(tx,
            "SELECT request, to_address FROM mail WHERE account = $1 AND id = $2 AND sent_at IS NULL",
            DB_ARGS(db_text(job->account), db_text(job->subject)));
        if (!db_next(rows) || db_col_is_null(rows, 0))
            return db_ok(tx);
        entry.request = db_col_copy(rows, 0, db_arena(tx));
        entry.about = db_col_copy(rows, 1, db_arena(tx));
    }
    return timeline_add(tx, given_up->porting->clock, &entry);
}

void mail_job_died(struct porting *porting, const char *kind, const struct job *job)
{
    struct given_up given_up = {porting, job};
    struct problem unwritten = {0};
    if (text_is(text_from(kind), JOB_MAIL))
        db_write(porting->db, given_up_closure, &given_up, &unwritten);
}
