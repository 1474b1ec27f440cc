/* What happens at the same time, too late or only half: re-reads and cancels that cross, corrections that wait for a cancel which does
 * not come, ports that are not what was ordered. Each ends where somebody can act, and with one port for each number. */
#include "bench.h"
#include "notices/notice.h"
#include "porting/mailing.h"
#include "porting/order.h"
#include "porting/watch.h"

#define ONE "415-552-0134"
#define TWO "415-552-0134\n415-552-0135"

static struct text order_of(struct bench *bench, const struct id *id, size_t number)
{
    return bench_view(bench, &bench->team, id).numbers[number].order;
}

static bool do_cancel(struct bench *bench, const struct id *id)
{
    struct problem problem = {0};
    clock_advance(bench->clock, CLOCK_SECOND);
    return request_cancel(&bench->porting, &bench->owner, id_text(id), bench_key(bench), &problem);
}

static bool do_fix(struct bench *bench, const struct actor *actor, const struct id *id)
{
    struct problem problem = {0};
    struct draft_fields values = {.pin = TEXT("773311")};
    clock_advance(bench->clock, CLOCK_SECOND);
    return request_fix(&bench->porting, actor, id_text(id), DRAFT_FIELD_BIT(DRAFT_FIELD_PIN), &values,
        bench_key(bench), &problem);
}

/* One request of which the carrier sends back the first number for its PIN. */
static struct id rejected(struct bench *bench, const char *numbers)
{
    struct id id = bench_submitted(bench, &bench->owner, numbers);
    assert_true(bench_run(bench));
    struct fake_port *port = bench_port(bench);
    bench_state(bench, port, "port_submitted");
    clock_advance(bench->clock, CLOCK_SECOND);
    port->numbers[0].rejection = "INVALID_PIN";
    port->numbers[0].status = "port_rejected";
    port->numbers[0].changed_at = clock_now(bench->clock);
    bench_state(bench, NULL, NULL);
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_ACTION_REQUIRED);
    return id;
}

/* ---- Cancels that cross with something ---- */

struct crossing {
    struct bench *bench;
    struct id id;
    const char *call;
    bool done;
};

static void cancel_meanwhile(void *context, const char *call)
{
    struct crossing *crossing = context;
    if (crossing->done || strcmp(call, crossing->call) != 0)
        return;
    crossing->done = true;
    assert_true(do_cancel(crossing->bench, &crossing->id));
}

/* Canceled while the create is on its way, which then fails: nothing goes out again, and the request ends. */
static void test_cancel_during_failing_create(void **state)
{
    static const enum problem_kind kinds[] = {PROBLEM_LATER, PROBLEM_UPSTREAM};
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct problem problem;
        struct crossing crossing = {bench, bench_submitted(bench, &bench->owner, ONE), "create", false};
        struct text order = order_of(bench, &crossing.id, 0);
        bench->carrier.creates = 0;
        bench->carrier.create_fails = kinds[i];
        bench->carrier.during = cancel_meanwhile;
        bench->carrier.context = &crossing;
        bench_run(bench);
        bench->carrier.during = NULL;
        bench->carrier.create_fails = PROBLEM_NONE;
        assert_true(bench_work(bench, order_place, bench->owner.account, order, &problem));
        assert_int_equal(bench->carrier.creates, 1);
        assert_int_equal(bench_view(bench, &bench->owner, &crossing.id).status, REQUEST_STATUS_CANCELED);
        assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use"), 0);
    }
}

static void test_cancel_during_portability(void **state)
{
    struct bench *bench = *state;
    struct crossing crossing = {bench, bench_submitted(bench, &bench->owner, TWO), "portability", false};
    bench->carrier.by_hand = "+14155520135";
    bench->carrier.during = cancel_meanwhile;
    bench->carrier.context = &crossing;
    assert_true(bench_run(bench));
    assert_int_equal(bench->carrier.creates, 0);
    assert_int_equal(bench_view(bench, &bench->owner, &crossing.id).status, REQUEST_STATUS_CANCELED);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM carrier_order"), 1);
}

/* The carrier's state changes between our wish to cancel and our asking: that is not its answer. */
static void test_cancel_is_not_overtaken(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    struct fake_port *port = bench_port(bench);
    bench_state(bench, port, "port_submitted");
    assert_true(do_cancel(bench, &id));
    port->numbers[0].status = "port_pending";
    port->numbers[0].changed_at = clock_now(bench->clock);
    assert_true(bench_work(bench, order_sync, bench->owner.account, order_of(bench, &id, 0), &problem));
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_CANCELING);
    assert_true(bench_run(bench));
    assert_int_equal(bench->carrier.cancels, 1);
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_CANCELING);
    /* Now it is: too late, says the carrier. */
    bench_state(bench, port, "port_pending");
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_PENDING);
}

/* The carrier refuses to cancel one number of a port: that is its answer, and not asked for a hundred times. */
static void test_cancel_of_one_number_refused(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    struct id id = rejected(bench, TWO);
    bench->carrier.cancel_refused_of = "+14155520134";
    struct text old = order_of(bench, &id, 0);
    assert_true(do_fix(bench, &bench->owner, &id));
    assert_true(bench_work(bench, order_cancel, bench->owner.account, old, &problem));
    struct request_view view = bench_view(bench, &bench->owner, &id);
    assert_int_equal(view.status, REQUEST_STATUS_ACTION_REQUIRED);
    assert_int_equal(view.turn, TURN_CUSTOMER);
    assert_true(view.can_fix);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM timeline WHERE event = 'cancel_refused'"), 1);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM mail WHERE notice = 'rejected'"), 2);
    /* The next try is taken. */
    bench->carrier.cancel_refused_of = NULL;
    assert_true(bench_run(bench));
    assert_true(do_fix(bench, &bench->owner, &id));
    assert_true(bench_run(bench));
    bench_port(bench)->numbers[0].status = "canceled";
    bench_port(bench)->numbers[0].changed_at = clock_now(bench->clock);
    bench_state(bench, NULL, NULL);
    assert_int_equal(bench->carrier.creates, 2);
}

/* The carrier took the cancel and went on all the same: the correction that waits for it is over. */
static void test_cancel_came_too_late(void **state)
{
    static const struct {
        const char *word;
        enum request_status status;
    } cases[] = {{"port_pending", REQUEST_STATUS_PENDING}, {"port_rejected", REQUEST_STATUS_ACTION_REQUIRED}};
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct id id = rejected(bench, i ? "628-552-0136" : ONE);
        assert_true(do_fix(bench, &bench->owner, &id));
        assert_true(bench_run(bench));
        assert_string_equal(bench_port(bench)->numbers[0].status, "canceling");
        bench_state(bench, bench_port(bench), cases[i].word);
        assert_int_equal(bench_view(bench, &bench->owner, &id).status, cases[i].status);
        assert_int_equal(bench_number(bench, "SELECT count(*) FROM timeline WHERE event = 'cancel_refused'"),
            (int64_t)i + 1);
    }
}

static void forget_cancel(void *context, const char *call)
{
    struct crossing *crossing = context;
    struct bench *bench = crossing->bench;
    if (crossing->done || strcmp(call, crossing->call) != 0)
        return;
    crossing->done = true;
    clock_advance(bench->clock, CLOCK_SECOND);
    bench_port(bench)->numbers[0].status = "port_rejected";
    bench_port(bench)->numbers[0].changed_at = clock_now(bench->clock);
}

/* The carrier confirmed the cancel and then moved the number on without it, before we looked: it is asked again, so that the correction
 * does not wait for ever. */
static void test_cancel_gets_lost_at_the_carrier(void **state)
{
    struct bench *bench = *state;
    struct id id = rejected(bench, ONE);
    struct crossing crossing = {.bench = bench, .id = id, .call = "cancel"};
    bench->carrier.during = forget_cancel;
    bench->carrier.context = &crossing;
    assert_true(do_fix(bench, &bench->owner, &id));
    assert_true(bench_run(bench));
    bench_state(bench, NULL, NULL);
    assert_int_equal(bench->carrier.cancels, 2);
    assert_string_equal(bench_port(bench)->numbers[0].status, "canceling");
    bench_state(bench, bench_port(bench), "canceled");
    assert_int_equal(bench->carrier.creates, 2);
}

/* The carrier says of itself that it cancels, and thinks again: what it says then is the truth, wherever the number stands. */
static void test_carrier_cancels_and_thinks_again(void **state)
{
    static const struct {
        const char *word;
        enum request_status status;
    } cases[] = {{"in_review", REQUEST_STATUS_IN_REVIEW},
        {"waiting_for_signature", REQUEST_STATUS_WAITING_FOR_SIGNATURE},
        {"port_submitted", REQUEST_STATUS_SUBMITTED}, {"port_rejected", REQUEST_STATUS_ACTION_REQUIRED}};
    struct bench *bench = *state;
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    for (size_t i = 0; i < COUNT(cases); i++) {
        bench_state(bench, bench_port(bench), "canceling");
        assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_CANCELING);
        bench_state(bench, bench_port(bench), cases[i].word);
        assert_int_equal(bench_view(bench, &bench->owner, &id).status, cases[i].status);
    }
    /* Nobody here had asked for it. */
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM timeline WHERE event = 'cancel_refused'"), 0);
}

/* ---- Corrections ---- */

/* An order that is with the carrier stays there until it is canceled, also when we could not read it for a while. */
static void test_fix_while_unclear(void **state)
{
    struct bench *bench = *state;
    struct id id = rejected(bench, ONE);
    struct problem gone = {.kind = PROBLEM_NOT_FOUND};
    struct job job = {bench->owner.account, order_of(bench, &id, 0), 1};
    order_job_died(&bench->porting, JOB_ORDER_SYNC, &job, &gone);
    order_job_died(&bench->porting, JOB_ORDER_SYNC, &job, &gone);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM timeline WHERE event = 'order_unclear'"), 1);
    bench->carrier.fetch_fails = PROBLEM_NOT_FOUND;
    assert_true(do_fix(bench, &bench->owner, &id));
    bench_run(bench);
    assert_int_equal(bench->carrier.creates, 1);
    assert_int_equal(bench_view(bench, &bench->team, &id).turn, TURN_PORTING_TEAM);
    assert_true(bench_view(bench, &bench->team, &id).can_record);
    bench->carrier.fetch_fails = PROBLEM_NONE;
    bench_state(bench, bench_port(bench), "canceled");
    assert_int_equal(bench->carrier.creates, 2);
    assert_int_equal(bench_view(bench, &bench->team, &id).turn, TURN_GAINING_CARRIER);
}

/* The letter of the order before runs out while the correction waits for its cancel. */
static void test_old_order_expires_meanwhile(void **state)
{
    struct bench *bench = *state;
    struct id id = rejected(bench, ONE);
    assert_true(do_fix(bench, &bench->owner, &id));
    assert_true(bench_run(bench));
    bench_port(bench)->status = "Expired";
    bench_state(bench, NULL, NULL);
    assert_int_equal(bench->carrier.creates, 2);
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_IN_REVIEW);
}

static void test_what_the_team_corrects(void **state)
{
    struct bench *bench = *state;
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    bench->carrier.create_fails = PROBLEM_UPSTREAM;
    assert_true(bench_run(bench));
    bench->carrier.create_fails = PROBLEM_NONE;
    assert_false(do_fix(bench, &bench->owner, &id));
    assert_true(do_fix(bench, &bench->team, &id));
    assert_true(bench_run(bench));
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_IN_REVIEW);
}

static void test_rejected_again(void **state)
{
    struct bench *bench = *state;
    struct id id = rejected(bench, ONE);
    bench_state(bench, bench_port(bench), "port_pending");
    bench_state(bench, bench_port(bench), "port_rejected");
    bench_state(bench, NULL, NULL);
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_ACTION_REQUIRED);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM mail WHERE notice = 'rejected'"), 2);
}

/* The old order's cancel has words of its own: they do not stand in for what the refusal said. */
static void test_words_of_the_refusal_stay(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    struct id id = rejected(bench, ONE);
    struct fake_port *old = bench_port(bench);
    assert_true(do_fix(bench, &bench->owner, &id));
    clock_advance(bench->clock, CLOCK_SECOND);
    old->status = "canceled";
    old->cancel_reason = "Canceled by customer";
    old->numbers[0].status = "canceled";
    old->numbers[0].rejection = NULL;
    old->numbers[0].changed_at = clock_now(bench->clock);
    assert_true(bench_work(bench, order_sync, bench->owner.account, order_of(bench, &id, 0), &problem));
    assert_true(bench_run(bench));
    struct request_view view = bench_view(bench, &bench->owner, &id);
    assert_int_equal(view.attempts_count, 2);
    assert_string_equal(view.attempts[1].answer.at, "pin");
    assert_true(text_is(view.attempts[1].answer_words, "INVALID_PIN"));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM order_number WHERE status = 'canceled'"), 1);
}

/* ---- Re-reads ---- */

static void canceled_meanwhile(void *context, const char *call)
{
    struct crossing *crossing = context;
    struct bench *bench = crossing->bench;
    struct problem problem;
    if (crossing->done || strcmp(call, "fetch") != 0)
        return;
    crossing->done = true;
    clock_advance(bench->clock, CLOCK_SECOND);
    bench_port(bench)->numbers[0].status = "canceled";
    bench_port(bench)->numbers[0].changed_at = clock_now(bench->clock);
    assert_true(bench_work(bench, order_sync, bench->owner.account, text_from(crossing->call), &problem));
}

/* Two re-reads at once: the older one, which comes in last, takes nothing back. */
static void test_older_reread(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    struct id id = rejected(bench, TWO);
    struct text old = order_of(bench, &id, 0);
    assert_true(do_fix(bench, &bench->owner, &id));
    assert_true(bench_run(bench));
    struct crossing crossing = {bench, id, text_cstr(bench->arena, old), false};
    bench->carrier.during = canceled_meanwhile;
    bench->carrier.context = &crossing;
    assert_true(bench_work(bench, order_cancel, bench->owner.account, old, &problem));
    assert_true(crossing.done);
    assert_int_equal(bench_number(bench,
                         "SELECT count(*) FROM order_number o JOIN carrier_order c ON c.id = o.carrier_order"
                         " WHERE c.attempt = 1 AND o.status = 'canceled' AND o.e164 = '+14155520134'"),
        1);
}

/* The port that holds our document has not all of our numbers, or others: a person looks. */
static void test_port_without_our_number(void **state)
{
    static const char *const words[] = {"in_review", "completed"};
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT(words); i++) {
        struct id id = bench_submitted(bench, &bench->owner, i ? "628-552-0134\n628-552-0135" : TWO);
        assert_true(bench_run(bench));
        struct fake_port *port = bench_port(bench);
        snprintf(port->numbers[1].e164, sizeof port->numbers[1].e164, "+14155520%03zu", i);
        bench_state(bench, port, words[i]);
        bench_state(bench, port, words[i]);
        struct request_view view = bench_view(bench, &bench->team, &id);
        assert_int_equal(view.turn, TURN_PORTING_TEAM);
        assert_true(view.can_record);
        assert_int_equal(bench_number(bench, "SELECT count(*) FROM timeline WHERE event = 'order_unclear'"),
            (int64_t)i + 1);
    }
}

/* A canceled port that names its numbers no more has canceled them. */
static void test_port_without_numbers(void **state)
{
    struct bench *bench = *state;
    struct id id = bench_submitted(bench, &bench->owner, TWO);
    assert_true(bench_run(bench));
    assert_true(do_cancel(bench, &id));
    assert_true(bench_run(bench));
    bench_port(bench)->numbers_count = 0;
    bench_port(bench)->status = "Canceled";
    bench_state(bench, NULL, NULL);
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_CANCELED);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use"), 0);
}

/* An order that could not be read for a while and was to be canceled meanwhile is canceled as soon as it can be. */
static void test_unclear_is_canceled_later(void **state)
{
    struct bench *bench = *state;
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    struct job job = {bench->owner.account, order_of(bench, &id, 0), 1};
    struct problem gone = {.kind = PROBLEM_NOT_FOUND};
    order_job_died(&bench->porting, JOB_ORDER_SYNC, &job, &gone);
    assert_true(do_cancel(bench, &id));
    assert_true(bench_run(bench));
    assert_int_equal(bench->carrier.cancels, 1);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM job WHERE kind = 'order_cancel'"), 0);
}

static void test_unknown_word_of_two_orders(void **state)
{
    struct bench *bench = *state;
    bench_submitted(bench, &bench->owner, ONE);
    bench_submitted(bench, &bench->owner, "415-552-0135");
    assert_true(bench_run(bench));
    for (int i = 0; i < 5; i++) {
        bench_state(bench, &bench->carrier.ports[0], "somewhere_else");
        bench_state(bench, &bench->carrier.ports[1], "somewhere_else");
    }
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM timeline WHERE event = 'unknown_word'"), 2);
}

/* A re-read that brings nothing new leaves the request where it stands in the list. */
static void test_nothing_new(void **state)
{
    struct bench *bench = *state;
    bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    bench_state(bench, bench_port(bench), "port_submitted");
    int64_t changed = bench_number(bench, "SELECT changed_at FROM port_request");
    clock_advance(bench->clock, CLOCK_MINUTE);
    bench_state(bench, NULL, NULL);
    assert_int_equal(bench_number(bench, "SELECT changed_at FROM port_request"), changed);
    bench_port(bench)->numbers[0].port_at = clock_now(bench->clock) + CLOCK_DAY;
    bench_state(bench, bench_port(bench), "port_pending");
    assert_true(bench_number(bench, "SELECT changed_at FROM port_request") > changed);
}

/* ---- People ---- */

/* A letter is reminded of also when other numbers of the request are elsewhere. */
static void test_reminder_of_one_order(void **state)
{
    struct bench *bench = *state;
    bench_submitted(bench, &bench->owner, ONE "\n800 552 0199");
    assert_true(bench_run(bench));
    bench_state(bench, bench_port(bench), "waiting_for_signature");
    struct problem problem;
    clock_advance(bench->clock, 2 * CLOCK_DAY);
    assert_true(bench_work(bench, watch_work, TEXT("operator"), TEXT("desk"), &problem));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM mail WHERE notice = 'signature_reminder'"), 1);
}

static void test_key_of_another_request(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id first = bench_submitted(bench, &bench->owner, ONE);
    struct id second = bench_submitted(bench, &bench->owner, "415-552-0135");
    struct text key = bench_key(bench);
    assert_true(request_cancel(&bench->porting, &bench->owner, id_text(&first), key, &problem));
    assert_false(request_cancel(&bench->porting, &bench->owner, id_text(&second), key, &problem));
    assert_int_equal(problem.kind, PROBLEM_SYNTAX);
}

static void test_bill_removed_while_reviewing(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct draft draft;
    struct id id = bench_draft(bench, &bench->owner, ONE);
    assert_true(draft_load(&bench->porting, &bench->owner, id_text(&id), bench->arena, &draft, &problem));
    assert_true(document_remove(
        &bench->porting, &bench->admin, id_text(&id), id_text(&draft.documents[0].id), &problem));
    assert_true(bench_number(bench, "SELECT changed_at FROM port_request") > draft.changed_at);
}

static bool mail_id_closure(struct db_tx *tx, void *context)
{
    DB_ROWS rows = db_query(tx, "SELECT id FROM mail", DB_NO_ARGS);
    if (db_next(rows))
        snprintf(context, ID_MAX + 1, "%.*s", TEXT_ARG(db_col_text(rows, 0)));
    return db_ok(tx);
}

/* A mail that is given up does not stand as sent. */
static void test_mail_given_up(void **state)
{
    struct bench *bench = *state;
    rejected(bench, ONE);
    char mail[ID_MAX + 1] = "";
    struct problem problem = {0};
    assert_true(db_read(bench->db, mail_id_closure, mail, &problem));
    struct job job = {bench->owner.account, text_from(mail), 14};
    mail_job_died(&bench->porting, JOB_ORDER_SYNC, &job);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM timeline WHERE event = 'mail_refused'"), 0);
    mail_job_died(&bench->porting, JOB_MAIL, &job);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM timeline WHERE event = 'mail_refused'"
                                         " AND about = 'priya@harborpine.example'"),
        1);
}

/* A reminder that comes too late is not sent, and does not stand as a mail that waits; also when its job is repeated. */
static void test_reminder_comes_too_late(void **state)
{
    struct bench *bench = *state;
    struct mailing mailing = {.porting = &bench->porting};
    struct problem problem = {0};
    char mail[ID_MAX + 1] = "";
    int64_t again_at = 0;
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    bench_state(bench, bench_port(bench), "waiting_for_signature");
    assert_true(request_remind(&bench->porting, &bench->owner, id_text(&id), &problem));
    assert_true(db_read(bench->db, mail_id_closure, mail, &problem));
    assert_true(mail[0] != '\0');
    bench_state(bench, bench_port(bench), "port_submitted");
    struct job job = {bench->owner.account, text_from(mail), 1};
    for (int i = 0; i < 2; i++) {
        if (!mail_work(&mailing, &job, bench->arena, &again_at, &problem))
            fail_msg("%s", problem.detail);
        assert_int_equal(bench_number(bench, "SELECT count(*) FROM mail"), 0);
    }
}

static bool under_way_closure(struct db_tx *tx, void *context)
{
    (void)context;
    return db_exec(tx, "UPDATE port_request SET status = 'in_review', turn = 'gaining_carrier'", DB_NO_ARGS);
}

/* What was begun for somebody is told while it is a draft: not when it is submitted already, and not when it was thrown away, also while the
 * mail was on its way. */
static void test_begun_mail_comes_too_late(void **state)
{
    struct bench *bench = *state;
    struct mailing mailing = {.porting = &bench->porting};
    for (int thrown = 0; thrown < 2; thrown++) {
        struct problem problem = {0};
        char mail[ID_MAX + 1] = "";
        int64_t again_at = 0;
        struct id id;
        assert_true(draft_start_for(
            &bench->porting, &bench->team, bench->owner.account, bench->owner.user, &id, &problem));
        assert_true(db_read(bench->db, mail_id_closure, mail, &problem));
        assert_true(mail[0] != '\0');
        if (thrown)
            assert_true(draft_discard(&bench->porting, &bench->owner, id_text(&id), &problem));
        else
            assert_true(db_write(bench->db, under_way_closure, NULL, &problem));
        struct job job = {bench->owner.account, text_from(mail), 1};
        if (!mail_work(&mailing, &job, bench->arena, &again_at, &problem))
            fail_msg("%s", problem.detail);
        mail_job_died(&bench->porting, JOB_MAIL, &job);
        assert_int_equal(bench_number(bench, "SELECT count(*) FROM mail"), 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_cancel_during_failing_create),
        TEST(test_cancel_during_portability),
        TEST(test_cancel_is_not_overtaken),
        TEST(test_cancel_of_one_number_refused),
        TEST(test_cancel_came_too_late),
        TEST(test_cancel_gets_lost_at_the_carrier),
        TEST(test_carrier_cancels_and_thinks_again),
        TEST(test_fix_while_unclear),
        TEST(test_old_order_expires_meanwhile),
        TEST(test_what_the_team_corrects),
        TEST(test_rejected_again),
        TEST(test_words_of_the_refusal_stay),
        TEST(test_older_reread),
        TEST(test_port_without_our_number),
        TEST(test_port_without_numbers),
        TEST(test_unclear_is_canceled_later),
        TEST(test_unknown_word_of_two_orders),
        TEST(test_nothing_new),
        TEST(test_reminder_of_one_order),
        TEST(test_key_of_another_request),
        TEST(test_bill_removed_while_reviewing),
        TEST(test_mail_given_up),
        TEST(test_reminder_comes_too_late),
        TEST(test_begun_mail_comes_too_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
