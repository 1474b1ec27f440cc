/* The job that sends a notice: the facts are read when it is sent, so that nobody is reminded of what is done already. */
#include "base/metrics.h"
#include "notices/notice.h"
#include "people/people.h"
#include "porting/acting.h"
#include "porting/advance.h"
#include "porting/desk.h"
#include "porting/fix_scope.h"
#include "porting/mailing.h"
#include "porting/messages.h"
#include "porting/watch.h"
#include "rules/not_portable.h"

struct letter {
    struct mailing *mailing;
    struct arena *arena; /* of the job */
    struct text account, id;
    struct text request, order, to_name, to_address;
    struct text message, by_name, sealed; /* of a message: its id, who wrote it, its text */
    enum notice_kind kind;
    int64_t queued_at, sent_at;
    struct request_row row;
    struct text account_name, requester, signature_url;
    struct number_row *numbers;
    size_t numbers_count;
    struct notice_rejection *rejections;
    size_t rejections_count;
    struct order_row *orders;
    size_t orders_count;
    struct text zone; /* the customer's */
    bool customer_acts;
    bool obsolete, gone; /* gone: it was obsolete when it was looked at before */
};

static bool read_mail(struct db_tx *tx, struct letter *letter)
{
    DB_ROWS rows = db_query(tx,
        "SELECT request, carrier_order, notice, to_name, to_address, queued_at, sent_at, message FROM mail"
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
    letter->message = db_col_copy(rows, 7, letter->arena);
    return db_ok(tx);
}

static struct text say_of(const struct letter *letter, enum word word)
{
    return words_say(letter->arena, LANGUAGE_EN, word,
        WORD_ARGS(WORD_TEXT("carrier", losing_carrier_name(letter->mailing->porting, &letter->row.fields)),
            WORD_TEXT("gaining", text_from(letter->mailing->porting->gaining->label))));
}

static struct notice_rejection explain(
    const struct letter *letter, struct text e164, enum rejection_reason reason, struct text words)
{
    return (struct notice_rejection){
        .number = number_show(letter->arena, e164),
        .what = say_of(letter, rejection_what_word(reason)),
        .todo = say_of(letter, rejection_do_word(reason)),
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
        const struct rejection *rejection =
            rejection_of_name(letter->mailing->porting->rejections, db_col_text(rows, 1));
        letter->customer_acts |= rejection->turn == TURN_CUSTOMER;
        letter->rejections[letter->rejections_count++] = explain(letter, db_col_copy(rows, 0, letter->arena),
            rejection->reason, db_col_copy(rows, 2, letter->arena));
    }
    return db_ok(tx);
}

static bool read_people(struct db_tx *tx, struct letter *letter)
{
    struct account account;
    struct user user;
    if (account_by_id(tx, letter->arena, letter->account, &account))
        letter->account_name = account.name;
    if (request_requester(tx, &letter->row, letter->arena, &user))
        letter->requester = user.name;
    return db_ok(tx);
}

/* ---- Whether it still is so ---- */

/* Which numbers the notice is about; when there is none, it has lost its point. */
static bool concerns(const struct letter *letter, const struct number_row *number)
{
    const struct rejections *rejections = letter->mailing->porting->rejections;
    bool of_order = !letter->order.len || text_equal(number->order, letter->order);
    bool under_way = number_status_rank(number->status) >= 0;
    switch (letter->kind) {
    case NOTICE_COMPLETED:
        return number->status == NUMBER_STATUS_COMPLETED;
    case NOTICE_DATE_SET:
    case NOTICE_DATE_MOVED:
        return of_order && number->status == NUMBER_STATUS_PENDING && number->firm_date.len;
    case NOTICE_DATE_LOST:
        return of_order && under_way && !number->firm_date.len;
    case NOTICE_NOT_PORTABLE:
        return of_order && number->status == NUMBER_STATUS_NOT_PORTABLE;
    case NOTICE_CANCELED:
        return number->status == NUMBER_STATUS_CANCELED;
    case NOTICE_CANCEL_REFUSED:
        return of_order && (under_way || number->status == NUMBER_STATUS_COMPLETED);
    case NOTICE_RETRY:
        return of_order && number->retry_at;
    case NOTICE_CORRECTION_REMINDER:
        return number->status == NUMBER_STATUS_REJECTED &&
               rejection_of_name(rejections, number->rejection)->turn == TURN_CUSTOMER;
    case NOTICE_LETTER_WAITS:
        return number->status == NUMBER_STATUS_WAITING_FOR_SIGNATURE;
    case NOTICE_CARRIER_SILENT:
        return number->status == NUMBER_STATUS_PENDING && !number->firm_date.len;
    case NOTICE_TEAM:
        return !request_status_is_terminal(letter->row.status);
    default:
        return true;
    }
}

static bool concerns_any(const struct letter *letter)
{
    for (size_t i = 0; i < letter->numbers_count; i++)
        if (concerns(letter, &letter->numbers[i]))
            return true;
    return false;
}

static bool has_point(const struct letter *letter)
{
    return letter->kind == NOTICE_ACTED_BEGUN ? letter->row.status == REQUEST_STATUS_DRAFT
                                              : concerns_any(letter);
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
        !row_orders(
            tx, letter->account, letter->request, letter->arena, &letter->orders, &letter->orders_count) ||
        !watch_zone(tx, &letter->row, letter->arena, &letter->zone) || !read_people(tx, letter) ||
        !read_rejections(tx, letter) ||
        (letter->message.len && !message_sealed(tx, letter->account, letter->message, letter->arena,
                                    &letter->by_name, &letter->sealed)))
        return false;
    letter->obsolete = letter->sent_at != 0 || !has_point(letter);
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
    view->numbers = ARENA_ARRAY(letter->arena, struct notice_number, NOTICE_NUMBERS_MAX);
    for (size_t i = 0; i < letter->numbers_count; i++) {
        const struct number_row *number = &letter->numbers[i];
        if (!concerns(letter, number)) {
            view->partly |= letter->kind == NOTICE_COMPLETED;
            continue;
        }
        if (view->numbers_count == NOTICE_NUMBERS_MAX)
            view->numbers_more++;
        else
            view->numbers[view->numbers_count++].number = number_show(letter->arena, number->e164);
    }
    view->first_number = view->numbers_count ? view->numbers[0].number : TEXT_EMPTY;
}

/* The first day that the notice is about: a firm date, or when it is sent again. */
static struct text show_date(const struct letter *letter)
{
    struct date first = {0}, date;
    struct date today = clock_date(clock_now(letter->mailing->porting->clock), letter->zone);
    for (size_t i = 0; i < letter->numbers_count; i++) {
        const struct number_row *number = &letter->numbers[i];
        bool there = date_parse(number->firm_date, &date);
        if (letter->kind == NOTICE_RETRY && number->retry_at) {
            date = clock_date(number->retry_at, letter->zone);
            there = true;
        }
        if (there && concerns(letter, number) && (!first.year || date_compare(date, first) < 0))
            first = date;
    }
    return first.year ? date_short(letter->arena, first, today) : TEXT_EMPTY;
}

/* Why, in a sentence, of the first number that it is about. */
static struct text show_reason(const struct letter *letter)
{
    const struct number_row *number = NULL;
    for (size_t i = 0; i < letter->numbers_count && !number; i++)
        if (concerns(letter, &letter->numbers[i]))
            number = &letter->numbers[i];
    if (!number)
        return TEXT_EMPTY;
    enum not_portable why = not_portable_of_word(number->rejection_words);
    enum rejection_reason reason =
        rejection_of_name(letter->mailing->porting->rejections, number->rejection)->reason;
    switch (letter->kind) {
    case NOTICE_NOT_PORTABLE:
        return text_format(letter->arena, "%.*s %.*s", TEXT_ARG(say_of(letter, not_portable_what_word(why))),
            TEXT_ARG(say_of(letter, not_portable_do_word(why))));
    case NOTICE_RETRY:
    case NOTICE_CORRECTION_REMINDER:
        return say_of(letter, rejection_what_word(reason));
    default:
        return TEXT_EMPTY;
    }
}

static bool ended_there(const struct letter *letter)
{
    return letter->kind == NOTICE_CANCELED &&
           request_fix_scope(letter->mailing->porting, letter->orders, letter->orders_count, letter->numbers,
               letter->numbers_count, false) == FIX_ENDED;
}

/* Who the porting team has to turn to; empty: itself, or the customer. */
static struct text show_who(const struct letter *letter)
{
    const struct porting *porting = letter->mailing->porting;
    switch (letter->row.turn) {
    case TURN_SIGNER:
        return letter->row.fields.owner_name;
    case TURN_LOSING_CARRIER:
        return losing_carrier_name(porting, &letter->row.fields);
    case TURN_GAINING_CARRIER:
        return text_from(porting->gaining->label);
    default:
        return TEXT_EMPTY;
    }
}

static void show(const struct letter *letter, struct notice_view *view)
{
    const struct porting *porting = letter->mailing->porting;
    struct arena *arena = letter->arena;
    const struct losing_carrier *carrier = directory_find(porting->directory, letter->row.fields.carrier);
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
        .owner = letter->row.fields.owner_name,
        .email = letter->row.fields.owner_email,
        .date = show_date(letter),
        .phone = carrier ? carrier->phone.value : TEXT_EMPTY,
        .reason = show_reason(letter),
        .waits_for = show_who(letter),
        .ended_there = ended_there(letter),
        .by_name = letter->by_name,
    };
    show_numbers(letter, view);
    bool fix = (letter->kind == NOTICE_REJECTED && letter->customer_acts) ||
               letter->kind == NOTICE_CORRECTION_REMINDER;
    if (letter->kind == NOTICE_SIGNATURE_REMINDER)
        view->link_text = letter->signature_url;
    else
        view->link_text =
            text_format(arena, "%.*s/requests/%.*s%s", TEXT_ARG(porting->base_url), TEXT_ARG(letter->request),
                fix                   ? "/fix"
                : letter->message.len ? "#messages"
                                      : "");
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
    int64_t changed = 0;
    db_exec_changed(tx, "UPDATE mail SET sent_at = $3, refused = $4 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(letter->account), db_text(letter->id),
            outcome->refused.len ? db_null() : db_int(clock_now(porting->clock)),
            db_text_or_null(outcome->refused)),
        &changed);
    if (!changed) /* its draft was thrown away while it was sent */
        return db_ok(tx);
    if (outcome->refused.len && !desk_mail_refused(tx, porting, letter->account, letter->request))
        return false;
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
    if (letter.sealed.len && !message_open(letter.mailing->porting, letter.account, letter.message,
                                 letter.sealed, arena, &view.message, problem))
        return false;
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
    return timeline_add(tx, given_up->porting->clock, &entry) &&
           desk_mail_refused(tx, given_up->porting, entry.account, entry.request);
}

void mail_job_died(struct porting *porting, const char *kind, const struct job *job)
{
    struct given_up given_up = {porting, job};
    struct problem unwritten = {0};
    if (text_is(text_from(kind), JOB_MAIL))
        db_write(porting->db, given_up_closure, &given_up, &unwritten);
}
