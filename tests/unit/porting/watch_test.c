/* The turns of requests, followed over days: reminders, words to the customer, the porting team's queue, what is sent again by itself; and the ends that
 * bring a mail. The bench's clock begins on Tuesday, October 20, 2026, at 9 AM of the requester in California. */
#include "bench.h"
#include "porting/watch.h"

#define ONE "415-552-0134"
#define TWO "415-552-0134\n415-552-0135"

static int64_t mails(struct bench *bench, const char *notice)
{
    return bench_number(
        bench, text_format(bench->arena, "SELECT count(*) FROM mail WHERE notice = '%s'", notice).at);
}

static int64_t events(struct bench *bench, const char *event)
{
    return bench_number(
        bench, text_format(bench->arena, "SELECT count(*) FROM timeline WHERE event = '%s'", event).at);
}

/* Looks at what is due, as often as it takes. */
static void look(struct bench *bench)
{
    struct problem problem;
    for (int i = 0; i < 3; i++)
        if (!bench_work(bench, watch_work, TEXT("operator"), TEXT("desk"), &problem))
            fail_msg("%s", problem.detail);
}

static void days(struct bench *bench, int count)
{
    for (int i = 0; i < count; i++) {
        clock_advance(bench->clock, CLOCK_DAY);
        look(bench);
    }
}

static struct id at_state(struct bench *bench, const char *numbers, const char *state)
{
    struct id id = bench_submitted(bench, &bench->owner, numbers);
    assert_true(bench_run(bench));
    bench_state(bench, bench_port(bench), state);
    look(bench);
    clock_advance(bench->clock, 2 * CLOCK_HOUR); /* so that the clocks' going back does not matter */
    return id;
}

static struct list_view queue(struct bench *bench)
{
    struct problem problem = {0};
    struct list_view list;
    struct list_filter mine = {.show = LIST_YOUR_TURN};
    assert_true(request_list(&bench->porting, &bench->team, &mine, bench->arena, &list, &problem));
    return list;
}

static bool spoil_closure(struct db_tx *tx, void *context)
{
    const struct text *turn = context;
    return db_exec(
        tx, "UPDATE port_request SET turn = $1 WHERE first_number = '+14155520134'", DB_ARGS(db_text(*turn)));
}

/* One request that cannot be read does not keep the others of its transaction from being looked at, and is looked at when it can. */
static void test_one_that_cannot_be_read(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct text nonsense = TEXT("whoever"), right = TEXT("gaining_carrier");
    static const char unseen[] = "SELECT count(*) FROM port_request WHERE watch_at <= submitted_at";
    bench_submitted(bench, &bench->owner, ONE);
    bench_submitted(bench, &bench->owner, "628-552-0136");
    bench_submitted(bench, &bench->owner, "628-552-0137");
    assert_int_equal(bench_number(bench, unseen), 3);
    assert_true(db_write(bench->db, spoil_closure, &nonsense, &problem));
    assert_false(bench_work(bench, watch_work, TEXT("operator"), TEXT("desk"), &problem));
    assert_int_equal(bench_number(bench, unseen), 1);
    problem = (struct problem){0};
    assert_true(db_write(bench->db, spoil_closure, &right, &problem));
    look(bench);
    assert_int_equal(bench_number(bench, unseen), 0);
}

static void test_signer_is_reminded(void **state)
{
    struct bench *bench = *state;
    struct id id = at_state(bench, ONE, "waiting_for_signature");
    struct turn_state turn = bench_view(bench, &bench->owner, &id).turn_state;
    assert_int_equal(turn.wait, WAIT_SIGNATURE);
    assert_int_equal(turn.next.act, WATCH_REMIND);
    assert_int_equal(mails(bench, "signature_reminder"), 0);
    days(bench, 1); /* Wednesday */
    assert_int_equal(mails(bench, "signature_reminder"), 1);
    days(bench, 4); /* Sunday */
    assert_int_equal(mails(bench, "signature_reminder"), 1);
    days(bench, 1); /* Monday */
    assert_int_equal(mails(bench, "signature_reminder"), 2);
    days(bench, 8); /* Tuesday of the week after: two weeks since the letter */
    assert_int_equal(mails(bench, "letter_waits"), 1);
    assert_false(bench_view(bench, &bench->owner, &id).escalated);
    days(bench, 7);
    assert_true(bench_view(bench, &bench->owner, &id).escalated);
    assert_int_equal(mails(bench, "team"), 1);
    int64_t sent = mails(bench, "signature_reminder");
    bench_state(bench, bench_port(bench), "completed");
    days(bench, 14);
    assert_int_equal(mails(bench, "signature_reminder"), sent);
    assert_int_equal(mails(bench, "team"), 1);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM turn_watch"), 0);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM port_request WHERE watch_at IS NOT NULL"), 0);
}

static void test_a_reminder_by_hand_counts(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = at_state(bench, ONE, "waiting_for_signature");
    clock_advance(bench->clock, 20 * CLOCK_HOUR);
    assert_true(request_remind(&bench->porting, &bench->owner, id_text(&id), &problem));
    days(bench, 1);
    assert_int_equal(mails(bench, "signature_reminder"), 1);
}

static void test_silent_carrier(void **state)
{
    struct bench *bench = *state;
    struct id id = at_state(bench, ONE, "port_pending");
    days(bench, 6); /* Monday: four business days */
    assert_int_equal(mails(bench, "carrier_silent"), 0);
    assert_false(bench_view(bench, &bench->owner, &id).turn_state.late);
    days(bench, 1);
    assert_int_equal(mails(bench, "carrier_silent"), 1);
    assert_true(bench_view(bench, &bench->owner, &id).turn_state.late);
    assert_int_equal(queue(bench).rows_count, 0);
    days(bench, 2);
    struct request_view view = bench_view(bench, &bench->team, &id);
    assert_true(view.escalated && view.can_put_off);
    assert_int_equal(view.turn, TURN_LOSING_CARRIER);
    assert_int_equal(queue(bench).rows_count, 1);
    assert_int_equal(mails(bench, "team"), 1);
    assert_int_equal(events(bench, "escalated"), 1);
    /* A re-read that says the same changes nothing of it. */
    bench_state(bench, NULL, NULL);
    assert_true(bench_view(bench, &bench->team, &id).escalated);
    bench_port(bench)->numbers[0].port_at = clock_now(bench->clock) + 3 * CLOCK_DAY;
    bench_state(bench, bench_port(bench), "port_pending");
    look(bench);
    /* The day is set: what was waited for is there. */
    assert_false(bench_view(bench, &bench->team, &id).escalated);
    assert_int_equal(queue(bench).rows_count, 0);
}

static void test_team_puts_it_off(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = at_state(bench, ONE, "port_submitted");
    assert_false(request_put_off(&bench->porting, &bench->team, id_text(&id), bench_key(bench), &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    days(bench, 3);
    assert_int_equal(queue(bench).rows_count, 1);
    problem = (struct problem){0};
    assert_false(request_put_off(&bench->porting, &bench->owner, id_text(&id), bench_key(bench), &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    struct text key = bench_key(bench);
    problem = (struct problem){0};
    assert_true(request_put_off(&bench->porting, &bench->team, id_text(&id), key, &problem));
    assert_true(request_put_off(&bench->porting, &bench->team, id_text(&id), key, &problem));
    look(bench);
    assert_int_equal(queue(bench).rows_count, 0);
    days(bench, 3); /* Monday */
    assert_int_equal(queue(bench).rows_count, 0);
    days(bench, 1); /* Tuesday: two business days after Friday */
    assert_int_equal(queue(bench).rows_count, 1);
    assert_int_equal(mails(bench, "team"), 2);
}

static void test_correction_is_reminded(void **state)
{
    struct bench *bench = *state;
    struct id id = bench_submitted(bench, &bench->agent, ONE);
    assert_true(bench_run(bench));
    bench_port(bench)->numbers[0].rejection = "INVALID_PIN";
    bench_state(bench, bench_port(bench), "port_rejected");
    look(bench);
    clock_advance(bench->clock, 2 * CLOCK_HOUR);
    assert_int_equal(bench_view(bench, &bench->agent, &id).turn_state.wait, WAIT_CORRECTION);
    days(bench, 2);
    assert_int_equal(mails(bench, "correction_reminder"), 2); /* requester and owner */
    days(bench, 15);                                          /* ten business days, and the last reminder */
    assert_int_equal(mails(bench, "correction_reminder"), 8);
    assert_int_equal(queue(bench).rows_count, 1);
    assert_int_equal(events(bench, "escalated_customer"), 1);
}

/* Numbers of one request that wait for different people are all followed. */
static void test_several_waits(void **state)
{
    struct bench *bench = *state;
    at_state(bench, ONE "\n800 552 0199", "port_pending");
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM turn_watch"), 2);
    days(bench, 9);
    assert_int_equal(mails(bench, "carrier_silent"), 1);
    assert_int_equal(
        mails(bench, "team"), 4); /* three reminders of the toll-free one, and the silent carrier */
}

/* Who has waited longest stands first, whatever was changed last. */
static void test_queue_order(void **state)
{
    struct bench *bench = *state;
    struct id first = bench_submitted(bench, &bench->owner, "800 552 0199");
    clock_advance(bench->clock, CLOCK_HOUR);
    struct id second = bench_submitted(bench, &bench->stranger, "888 552 0198");
    clock_advance(bench->clock, CLOCK_HOUR);
    bench_submitted(bench, &bench->owner, ONE);
    struct problem problem = {0};
    assert_true(bench_record(
        bench, &bench->team, &first, TEXT("+18005520199"), NUMBER_STATUS_SUBMITTED, "", "", &problem));
    struct list_view list = queue(bench);
    assert_int_equal(list.rows_count, 2);
    assert_true(text_equal(id_text(&list.rows[0].id), id_text(&first)));
    assert_true(text_equal(id_text(&list.rows[1].id), id_text(&second)));
}

/* ---- What only time mends ---- */

static const struct rejection_carrier_word outage = {{"twilio", 6}, {"OUTAGE", 6}, REJECTION_OUTAGE};

static struct fake_port *refuse_for_outage(struct bench *bench)
{
    struct fake_port *port = bench_port(bench);
    for (size_t i = 0; i < port->numbers_count; i++)
        port->numbers[i].rejection = "OUTAGE";
    bench_state(bench, port, "port_rejected");
    look(bench);
    return port;
}

static void test_sent_again_by_itself(void **state)
{
    struct bench *bench = *state;
    bench->rejections.words = &outage;
    bench->rejections.words_count = 1;
    struct id id = at_state(bench, ONE, "port_submitted");
    for (int attempt = 1; attempt <= 5; attempt++) {
        struct fake_port *port = refuse_for_outage(bench);
        struct request_view view = bench_view(bench, &bench->owner, &id);
        assert_int_equal(view.status, REQUEST_STATUS_ACTION_REQUIRED);
        assert_int_equal(view.turn, TURN_LOSING_CARRIER);
        assert_false(view.can_fix);
        assert_true(view.turn_state.retry_at > clock_now(bench->clock));
        assert_int_equal(mails(bench, "retry"), attempt);
        assert_int_equal(mails(bench, "rejected"), 0);
        int64_t retry_at = view.turn_state.retry_at;
        bench_state(bench, NULL, NULL); /* said once more: no other time */
        assert_int_equal(bench_view(bench, &bench->owner, &id).turn_state.retry_at, retry_at);
        clock_advance(bench->clock, retry_at - clock_now(bench->clock) - CLOCK_SECOND);
        look(bench);
        assert_int_equal(bench->carrier.creates, attempt);
        clock_advance(bench->clock, CLOCK_SECOND);
        look(bench);
        assert_true(bench_run(bench));
        bench_state(bench, port, "canceled");
        assert_int_equal(bench->carrier.creates, attempt + 1);
        assert_int_equal(events(bench, "retried"), attempt);
        view = bench_view(bench, &bench->owner, &id);
        assert_int_equal(view.attempts_count, attempt + 1);
        assert_int_equal(view.attempts[0].changes_count, 0);
        assert_true(view.has_pin);
    }
    refuse_for_outage(bench);
    struct request_view view = bench_view(bench, &bench->owner, &id);
    assert_int_equal(view.turn, TURN_PORTING_TEAM);
    assert_int_equal(view.turn_state.retry_at, 0);
    assert_int_equal(mails(bench, "rejected"), 1);
    /* A person's correction begins the count anew. */
    struct problem problem = {0};
    struct draft_fields none = {0};
    assert_true(
        request_fix(&bench->porting, &bench->team, id_text(&id), 0, &none, bench_key(bench), &problem));
    assert_int_equal(bench_number(bench, "SELECT retries FROM port_number"), 0);
}

/* Worked by hand it comes back to the porting team when its time has come. */
static void test_by_hand_again(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->owner, "800 552 0199");
    assert_true(bench_record(
        bench, &bench->team, &id, TEXT("+18005520199"), NUMBER_STATUS_REJECTED, "", "workload", &problem));
    look(bench);
    assert_int_equal(bench_view(bench, &bench->team, &id).turn, TURN_LOSING_CARRIER);
    assert_int_equal(queue(bench).rows_count, 0);
    days(bench, 2);
    struct request_view view = bench_view(bench, &bench->team, &id);
    assert_int_equal(view.turn, TURN_PORTING_TEAM);
    assert_int_equal(view.attempts_count, 2);
    assert_int_equal(queue(bench).rows_count, 1);
}

/* ---- Dates ---- */

static void set_date(struct bench *bench, const char *state, int days_from_now)
{
    struct fake_port *port = bench_port(bench);
    for (size_t i = 0; i < port->numbers_count; i++)
        port->numbers[i].port_at = days_from_now ? clock_now(bench->clock) + days_from_now * CLOCK_DAY : 0;
    bench_state(bench, port, state);
}

static void test_dates_are_told(void **state)
{
    struct bench *bench = *state;
    at_state(bench, TWO, "port_pending");
    assert_int_equal(mails(bench, "date_set"), 0);
    set_date(bench, "port_pending", 3);
    set_date(bench, "port_pending", 3);
    assert_int_equal(mails(bench, "date_set"), 1);
    set_date(bench, "port_pending", 7);
    assert_int_equal(mails(bench, "date_moved"), 1);
    set_date(bench, "port_pending", 0);
    assert_int_equal(mails(bench, "date_lost"), 1);
    assert_int_equal(events(bench, "firm_date_lost"), 1);
    set_date(bench, "port_pending", 7);
    assert_int_equal(mails(bench, "date_set"), 2);
    /* It goes back a step and takes its day along. */
    set_date(bench, "port_submitted", 0);
    assert_int_equal(mails(bench, "date_lost"), 2);
    assert_int_equal(events(bench, "firm_date_lost"), 2);
    set_date(bench, "port_pending", 2);
    set_date(bench, "completed", 0);
    assert_int_equal(mails(bench, "date_lost"), 2);
    assert_int_equal(mails(bench, "completed"), 1);
}

static void test_date_goes_by(void **state)
{
    struct bench *bench = *state;
    struct id id = at_state(bench, ONE, "port_pending");
    set_date(bench, "port_pending", 2); /* Thursday */
    look(bench);
    days(bench, 2);
    assert_false(bench_view(bench, &bench->team, &id).escalated);
    days(bench, 1);
    assert_true(bench_view(bench, &bench->team, &id).escalated);
}

/* ---- Who signs ---- */

static void test_wrong_address_is_corrected(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = at_state(bench, TWO, "waiting_for_signature");
    struct request_view view = bench_view(bench, &bench->owner, &id);
    assert_int_equal(view.fix_scope, FIX_SIGNER);
    assert_int_equal(
        view.fix_fields, DRAFT_FIELD_BIT(DRAFT_FIELD_OWNER_NAME) | DRAFT_FIELD_BIT(DRAFT_FIELD_OWNER_EMAIL));
    struct draft_fields values = {
        .owner_name = TEXT("Dana Whitfield"), .owner_email = TEXT("dana.whitfield@harborpine.example")};
    struct fake_port *first = bench_port(bench);
    assert_true(request_fix(
        &bench->porting, &bench->owner, id_text(&id), view.fix_fields, &values, bench_key(bench), &problem));
    assert_true(bench_run(bench));
    assert_int_equal(bench->carrier.cancels, 1);
    assert_int_equal(bench->carrier.creates, 1);
    bench_state(bench, first, "canceled");
    assert_int_equal(bench->carrier.creates, 2);
    assert_int_equal(bench_port(bench)->numbers_count, 2);
    view = bench_view(bench, &bench->owner, &id);
    assert_text(view.fields.owner_email, "dana.whitfield@harborpine.example");
    assert_int_equal(view.attempts_count, 2);
    assert_int_equal(view.attempts[0].changes_count, 1);
    assert_text(view.attempts[0].sent.owner_email, "dana.whitfield@harborpine.example");
    assert_text(view.attempts[1].sent.owner_email, "dana@harborpine.example");
    assert_text(view.attempts[1].sent.street, "1180 Fillmore St");
    assert_int_equal(mails(bench, "canceled"), 0);
}

/* The letter was declined: the carrier ends it, and it can be sent again to somebody else. */
static void test_declined(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = at_state(bench, ONE, "waiting_for_signature");
    bench_port(bench)->status = "Canceled";
    bench_port(bench)->cancel_reason = "LOA declined by signer";
    bench_state(bench, bench_port(bench), "canceled");
    struct request_view view = bench_view(bench, &bench->owner, &id);
    assert_int_equal(view.status, REQUEST_STATUS_CANCELED);
    assert_true(view.ended_there && view.can_fix);
    assert_text(view.ended_words, "LOA declined by signer");
    assert_int_equal(events(bench, "canceled_there"), 1);
    assert_int_equal(mails(bench, "canceled"), 1);
    struct draft_fields values = {.owner_name = TEXT("Robin Vale"),
        .owner_email = TEXT("robin@harborpine.example"),
        .pin = TEXT("551100")};
    assert_true(request_fix(&bench->porting, &bench->owner, id_text(&id),
        view.fix_fields | DRAFT_FIELD_BIT(DRAFT_FIELD_PIN), &values, bench_key(bench), &problem));
    assert_true(bench_run(bench));
    assert_int_equal(bench->carrier.creates, 2);
    assert_int_equal(bench->carrier.cancels, 0);
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_IN_REVIEW);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use WHERE kind = 'port'"), 1);
}

/* What somebody here canceled is over: nothing is offered to be sent again. */
static void test_canceled_here_is_over(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = at_state(bench, ONE, "waiting_for_signature");
    clock_advance(bench->clock, CLOCK_SECOND);
    assert_true(request_cancel(&bench->porting, &bench->owner, id_text(&id), bench_key(bench), &problem));
    assert_true(bench_run(bench));
    bench_port(bench)->cancel_reason = "Canceled by customer";
    bench_state(bench, bench_port(bench), "canceled");
    struct request_view view = bench_view(bench, &bench->owner, &id);
    assert_int_equal(view.status, REQUEST_STATUS_CANCELED);
    assert_false(view.can_fix || view.ended_there);
    assert_int_equal(events(bench, "canceled"), 1);
    assert_int_equal(mails(bench, "canceled"), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_one_that_cannot_be_read),
        TEST(test_signer_is_reminded),
        TEST(test_a_reminder_by_hand_counts),
        TEST(test_silent_carrier),
        TEST(test_team_puts_it_off),
        TEST(test_correction_is_reminded),
        TEST(test_several_waits),
        TEST(test_queue_order),
        TEST(test_sent_again_by_itself),
        TEST(test_by_hand_again),
        TEST(test_dates_are_told),
        TEST(test_date_goes_by),
        TEST(test_wrong_address_is_corrected),
        TEST(test_declined),
        TEST(test_canceled_here_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
