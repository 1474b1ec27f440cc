/* What the porting team does: recording what a carrier said of an order that is worked by hand. It goes the way of a carrier's own event. */
#include "numbering/number.h"
#include "people/audit.h"
#include "porting/advance.h"
#include "porting/submit.h"
#include "porting/watch.h"

#define FIRM_DAYS_MAX 366

struct record {
    struct porting *porting;
    const struct actor *actor;
    const struct record_form *form;
    struct number_news news; /* without a number and its times */
    struct date firm_date;   /* when news.firm_date is there */
};

static bool of_form(const struct record *record, const struct number_row *number)
{
    return text_is(record->form->number, RECORD_ALL) || text_equal(record->form->number, number->e164);
}

/* A day of the customer's: not over; and only when the team is sure a far one, or one without business. */
static bool check_day(struct db_tx *tx, const struct record *record, struct text zone)
{
    if (!record->news.firm_date.len)
        return true;
    struct date today = clock_date(clock_now(record->porting->clock), zone);
    if (date_compare(record->firm_date, today) < 0)
        return row_refuse(tx, PROBLEM_INPUT, WORD_porting_date_past, "firm_date", NULL);
    if (record->form->sure)
        return true;
    if (date_compare(record->firm_date, date_add_days(today, FIRM_DAYS_MAX)) > 0)
        return row_refuse(tx, PROBLEM_INPUT, WORD_porting_date_far, "sure", NULL);
    if (!calendar_is_business_day(record->porting->calendar, record->firm_date))
        return row_refuse(tx, PROBLEM_INPUT, WORD_porting_date_no_business, "sure", NULL);
    return true;
}

/* The news of those of the order's numbers that the form is about. Returns how many. */
static size_t collect(const struct record *record, const struct advance *advance,
    const struct order_row *order, struct text zone, struct number_news *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < advance->numbers_count; i++) {
        const struct number_row *number = &advance->numbers[i];
        if (!text_equal(number->order, order->id) || !of_form(record, number) ||
            number_status_is_terminal(number->status))
            continue;
        struct number_news *news = &ret[count++];
        *news = record->news;
        news->e164 = number->e164;
        news->truth.asked_at = clock_now(record->porting->clock);
        if (news->firm_date.len)
            news->firm_at = date_at(record->firm_date, 0, 0, zone);
    }
    return count;
}

/* Why nothing could be recorded: of a number that is not worked by hand, or has ended. */
static bool refuse_number(struct db_tx *tx, const struct record *record, const struct advance *advance)
{
    enum word word = WORD_porting_not_by_hand;
    bool known = text_is(record->form->number, RECORD_ALL);
    for (size_t i = 0; i < advance->numbers_count; i++) {
        const struct number_row *number = &advance->numbers[i];
        if (!text_equal(number->e164, record->form->number))
            continue;
        known = true;
        if (number_status_is_terminal(number->status))
            word = WORD_porting_number_ended;
    }
    return known ? row_refuse(tx, PROBLEM_CONFLICT, word, "number", NULL)
                 : row_refuse(tx, PROBLEM_NOT_FOUND, WORD_problem_not_found, "number", NULL);
}

static bool take_all(struct db_tx *tx, const struct record *record, struct advance *advance)
{
    struct news_source by = {ACTOR_TEAM, record->actor->name};
    struct number_news *news = ARENA_ARRAY(db_arena(tx), struct number_news, advance->numbers_count + 1);
    struct text zone;
    size_t total = 0;
    if (!watch_zone(tx, &advance->request, db_arena(tx), &zone) || !check_day(tx, record, zone))
        return false;
    for (size_t i = 0; i < advance->orders_count; i++) {
        struct order_row *order = &advance->orders[i];
        if (!order_is_by_hand(advance->orders, advance->orders_count, order))
            continue;
        size_t count = collect(record, advance, order, zone, news);
        total += count;
        if (count && !advance_take(tx, advance, order, news, count, &by))
            return false;
    }
    return total > 0 || (db_ok(tx) && refuse_number(tx, record, advance));
}

static bool audit(struct db_tx *tx, const struct record *record, const struct request_row *row)
{
    struct arena *arena = db_arena(tx);
    const struct record_form *form = record->form;
    struct text status =
        words_say(arena, LANGUAGE_EN, number_status_word(record->news.truth.status), WORD_NO_ARGS);
    bool all = text_is(form->number, RECORD_ALL);
    return audit_add(tx, record->porting->clock,
        &(struct audit_entry){.account = row->account,
            .kind = AUDIT_RECORDED,
            .actor = record->actor,
            .subject = row->id,
            .about = text_format(arena, "%.*s%s%.*s: %.*s%s%.*s", TEXT_ARG(row->reference), all ? "" : " ",
                TEXT_ARG(all ? TEXT_EMPTY : number_show(arena, form->number)), TEXT_ARG(status),
                record->news.firm_date.len ? " " : "", TEXT_ARG(record->news.firm_date))});
}

static bool record_closure(struct db_tx *tx, void *context)
{
    struct record *record = context;
    struct request_row row;
    struct advance advance;
    bool repeated = false;
    if (!row_request(tx, record->actor, RIGHT_REQUEST_RECORD, record->form->request, db_arena(tx), &row) ||
        !idempotency_keep(
            tx, record->porting->clock, row.account, record->form->key, "record", row.id, &repeated))
        return false;
    if (repeated)
        return db_ok(tx);
    return advance_load(tx, record->porting, row.account, row.id, &advance) &&
           take_all(tx, record, &advance) && audit(tx, record, &row) && advance_roll_up(tx, &advance);
}

/* What the form alone tells. */
static bool check_form(struct record *record, struct problem *problem)
{
    const struct record_form *form = record->form;
    enum number_status status = form->status;
    enum rejection_reason reason = REJECTION_OTHER;
    if (status == NUMBER_STATUS_DRAFT || status == NUMBER_STATUS_CANCELING)
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_status_wrong, "status", NULL, NULL);
    if (form->firm_date.len && !date_parse(form->firm_date, &record->firm_date))
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_date_wrong, "firm_date", NULL, NULL);
    if (form->firm_date.len && status != NUMBER_STATUS_PENDING)
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_date_not_here, "firm_date", NULL, NULL);
    if (status == NUMBER_STATUS_REJECTED && !rejection_parse(form->rejection, &reason))
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_field_missing, "rejection", NULL, NULL);
    if (number_status_is_terminal(status) && !form->sure)
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_be_sure, "sure", NULL, NULL);
    /* A person's word is the answer to a cancel, whatever it is. */
    record->news = (struct number_news){.truth = {.status = status}, .cancel_refused = true};
    if (status == NUMBER_STATUS_REJECTED)
        record->news.rejection = text_from(rejection_name(reason));
    if (status == NUMBER_STATUS_REJECTED || status == NUMBER_STATUS_NOT_PORTABLE)
        record->news.rejection_words = text_clip(form->words, RECORD_WORDS_MAX);
    record->news.firm_date = form->firm_date;
    return true;
}

bool request_record(struct porting *porting, const struct actor *actor, const struct record_form *form,
    struct problem *problem)
{
    struct record record = {.porting = porting, .actor = actor, .form = form};
    if (!right_need(actor, RIGHT_REQUEST_RECORD, problem) || !check_form(&record, problem) ||
        !db_write(porting->db, record_closure, &record, problem))
        return false;
    if (porting->jobs)
        jobs_wake(porting->jobs);
    return true;
}
