/* What the porting team does: recording what a carrier said of an order that is worked by hand. */
#include "porting/advance.h"
#include "porting/submit.h"

struct record {
    struct porting *porting;
    const struct actor *actor;
    struct text request;
    struct number_news news;
};

static struct order_row *order_of(struct advance *advance, struct text e164)
{
    for (size_t i = 0; i < advance->numbers_count; i++)
        if (text_equal(advance->numbers[i].e164, e164))
            return advance_order(advance, advance->numbers[i].order);
    return NULL;
}

static bool record_closure(struct db_tx *tx, void *context)
{
    struct record *record = context;
    struct request_row row;
    struct advance advance;
    if (!row_request(tx, record->actor, RIGHT_REQUEST_RECORD, record->request, db_arena(tx), &row) ||
        !advance_load(tx, record->porting, row.account, row.id, &advance))
        return false;
    struct order_row *order = order_of(&advance, record->news.e164);
    if (!order)
        return row_refuse(tx, PROBLEM_NOT_FOUND, WORD_problem_not_found, "number", NULL);
    if (!order_is_by_hand(advance.orders, advance.orders_count, order))
        return row_refuse(tx, PROBLEM_CONFLICT, WORD_porting_not_by_hand, "number", NULL);
    struct number_news news = record->news;
    news.truth.asked_at = clock_now(record->porting->clock);
    /* A person's word is the answer to a cancel, whatever it is. */
    news.cancel_refused = true;
    struct news_source by = {ACTOR_TEAM, record->actor->name};
    return advance_take(tx, &advance, order, &news, 1, &by) && advance_roll_up(tx, &advance);
}

bool request_record(struct porting *porting, const struct actor *actor, struct text request, struct text e164,
    enum number_status status, struct text firm_date, struct text rejection, struct text words,
    struct problem *problem)
{
    struct date date;
    enum rejection_reason reason = REJECTION_OTHER;
    if (!right_need(actor, RIGHT_REQUEST_RECORD, problem))
        return false;
    if (status == NUMBER_STATUS_DRAFT || status == NUMBER_STATUS_CANCELING)
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_status_wrong, "status", NULL, NULL);
    if (firm_date.len && !date_parse(firm_date, &date))
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_date_wrong, "firm_date", NULL, NULL);
    if (status == NUMBER_STATUS_REJECTED && !rejection_parse(rejection, &reason))
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_field_missing, "rejection", NULL, NULL);
    struct record record = {.porting = porting, .actor = actor, .request = request};
    record.news = (struct number_news){.e164 = e164, .truth = {.status = status}};
    if (status == NUMBER_STATUS_REJECTED)
        record.news.rejection = text_from(rejection_name(reason));
    if (status == NUMBER_STATUS_REJECTED || status == NUMBER_STATUS_NOT_PORTABLE)
        record.news.rejection_words = text_clip(words, 300);
    if (status == NUMBER_STATUS_PENDING && firm_date.len) {
        record.news.firm_date = firm_date;
        record.news.firm_at = date_at(date, 0, 0, actor->time_zone);
    }
    if (!db_write(porting->db, record_closure, &record, problem))
        return false;
    if (porting->jobs)
        jobs_wake(porting->jobs);
    return true;
}
