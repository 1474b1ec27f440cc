/* The way of a request through the heart: submitted, placed, re-read, rejected, corrected, canceled, completed; who may see it; which
 * numbers are refused; and what a lost answer or a death in between leaves behind. */
#include "bench.h"
#include "porting/order.h"

#define ONE "415-552-0134"
#define TWO "415-552-0134\n415-552-0135"

static void test_journey(void **state)
{
    struct bench *bench = *state;
    struct id id = bench_submitted(bench, &bench->owner, TWO);
    struct request_view view = bench_view(bench, &bench->owner, &id);
    assert_int_equal(view.status, REQUEST_STATUS_IN_REVIEW);
    assert_int_equal(view.turn, TURN_GAINING_CARRIER);
    assert_true(bench_run(bench));
    struct fake_port *port = bench_port(bench);
    assert_int_equal(bench->carrier.creates, 1);
    assert_string_equal(port->pin, "482913");
    static const struct {
        const char *word;
        enum request_status status;
        enum turn turn;
    } steps[] = {
        {"waiting_for_signature", REQUEST_STATUS_WAITING_FOR_SIGNATURE, TURN_SIGNER},
        {"port_submitted", REQUEST_STATUS_SUBMITTED, TURN_GAINING_CARRIER},
        {"port_pending", REQUEST_STATUS_PENDING, TURN_LOSING_CARRIER},
        {"completed", REQUEST_STATUS_COMPLETED, TURN_NOBODY},
    };
    for (size_t i = 0; i < COUNT(steps); i++) {
        if (i == 2)
            port->numbers[0].port_at = port->numbers[1].port_at = clock_now(bench->clock) + 3 * CLOCK_DAY;
        bench_state(bench, port, steps[i].word);
        view = bench_view(bench, &bench->admin, &id);
        assert_int_equal(view.status, steps[i].status);
        assert_int_equal(view.turn, steps[i].turn);
    }
    assert_text(view.firm_date, "2026-10-23");
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number"), 2);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use WHERE kind = 'inventory'"), 2);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM port_pin"), 0);
    /* Owner and requester are one person here: one mail. */
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM mail WHERE notice = 'completed'"), 1);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM timeline WHERE event = 'signed'"), 1);
}

static void test_wrong_pin_corrected(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->agent, TWO);
    assert_true(bench_run(bench));
    struct fake_port *first = bench_port(bench);
    bench_state(bench, first, "port_submitted");
    first->numbers[0].rejection = "INVALID_PIN";
    first->numbers[0].status = "port_rejected";
    first->numbers[0].changed_at += CLOCK_SECOND;
    bench_state(bench, NULL, NULL);
    struct request_view view = bench_view(bench, &bench->agent, &id);
    assert_int_equal(view.status, REQUEST_STATUS_ACTION_REQUIRED);
    assert_int_equal(view.turn, TURN_CUSTOMER);
    assert_int_equal(view.fix_fields, DRAFT_FIELD_BIT(DRAFT_FIELD_PIN));
    assert_true(view.can_fix);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM mail WHERE notice = 'rejected'"), 2);

    /* The canceled port lets the carrier think that the number is not free: it is not asked again. */
    bench->carrier.not_portable = "+14155520134";
    struct draft_fields values = {.pin = TEXT("773311")};
    struct text key = bench_key(bench);
    assert_true(
        request_fix(&bench->porting, &bench->agent, id_text(&id), view.fix_fields, &values, key, &problem));
    assert_true(
        request_fix(&bench->porting, &bench->agent, id_text(&id), view.fix_fields, &values, key, &problem));
    assert_true(bench_run(bench));
    /* The rejected number only; the other one goes on undisturbed, and no new order before the cancel is confirmed. */
    assert_int_equal(bench->carrier.cancels, 1);
    assert_string_equal(first->numbers[0].status, "canceling");
    assert_string_equal(first->numbers[1].status, "port_submitted");
    assert_int_equal(bench->carrier.creates, 1);
    view = bench_view(bench, &bench->agent, &id);
    assert_true(view.numbers[0].resending);
    assert_int_equal(view.numbers[1].status, NUMBER_STATUS_SUBMITTED);

    first->numbers[0].status = "canceled";
    first->numbers[0].changed_at += CLOCK_SECOND;
    bench_state(bench, NULL, NULL);
    assert_int_equal(bench->carrier.creates, 2);
    struct fake_port *second = bench_port(bench);
    assert_int_equal(second->numbers_count, 1);
    assert_string_equal(second->pin, "773311");
    assert_string_not_equal(second->document, first->document);
    bench_state(bench, second, "completed");
    first->numbers[1].status = "completed";
    first->numbers[1].changed_at += 10 * CLOCK_SECOND;
    bench_state(bench, NULL, NULL);
    view = bench_view(bench, &bench->agent, &id);
    assert_int_equal(view.status, REQUEST_STATUS_COMPLETED);
    assert_int_equal(view.attempts_count, 2);
    assert_text(view.attempts[1].answer, "pin");
    assert_int_equal(view.attempts[0].changes_count, 1);
    assert_text(view.attempts[0].changes[0].field, "pin");
    assert_int_equal(view.attempts[0].changes[0].now.len, 0);
}

static void test_submit_is_one(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_draft(bench, &bench->owner, ONE);
    struct text key = bench_key(bench);
    for (int i = 0; i < 3; i++)
        assert_true(request_submit(&bench->porting, &bench->owner, id_text(&id), NULL, key, &problem));
    assert_true(
        request_submit(&bench->porting, &bench->owner, id_text(&id), NULL, bench_key(bench), &problem));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM carrier_order"), 1);
    assert_true(bench_run(bench));
    assert_int_equal(bench->carrier.creates, 1);
    assert_false(
        request_submit(&bench->porting, &bench->stranger, id_text(&id), NULL, bench_key(bench), &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
}

/* A wished time of day goes along in the zone of the numbers; a time that is none is refused at its field. */
static void test_wished_time(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_draft(bench, &bench->owner, "212-552-0134");
    struct text day =
        date_iso(bench->arena, date_add_days(clock_date(clock_now(bench->clock), TEXT_EMPTY), 13));
    struct draft_fields review = {
        .acknowledged = ACKNOWLEDGE_ALL, .wished_date = day, .wished_time = TEXT("noon")};
    assert_false(
        request_submit(&bench->porting, &bench->owner, id_text(&id), &review, bench_key(bench), &problem));
    assert_string_equal(problem.field, "wished_time");
    review.wished_time = TEXT("afternoon");
    assert_true(
        request_submit(&bench->porting, &bench->owner, id_text(&id), &review, bench_key(bench), &problem));
    assert_true(bench_run(bench));
    const struct fake_port *port = bench_port(bench);
    assert_string_equal(port->wished_date, day.at);
    assert_string_equal(port->zone, "America/New_York");
    assert_int_equal(port->wished_from, 12 * 60);
    assert_int_equal(port->wished_until, 17 * 60);
    struct request_view view = bench_view(bench, &bench->owner, &id);
    assert_true(text_is(view.fields.wished_time, "afternoon"));
}

static void test_submit_needs_everything(void **state)
{
    struct bench *bench = *state;
    static const struct {
        int step;
        const char *field;
    } cases[] = {{1, "numbers"}, {3, "bill_confirmed"}, {4, "account_name"}, {5, "owner_name"}, {6, "street"},
        {7, "acknowledged"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {0};
        struct id id = bench_draft(bench, &bench->owner, ONE);
        struct draft_fields empty = {.carrier = TEXT("verizon")};
        assert_true(draft_save(
            &bench->porting, &bench->owner, id_text(&id), cases[i].step, &empty, cases[i].step, &problem));
        assert_false(
            request_submit(&bench->porting, &bench->owner, id_text(&id), NULL, bench_key(bench), &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
        assert_string_equal(problem.field, cases[i].field);
    }
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use"), 0);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM carrier_order"), 0);
}

/* The guard, whichever way round, and across accounts. */
static void test_numbers_in_use(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    assert_true(user_set_personal_phone(
        bench->db, bench->agent.account, bench->agent.user, TEXT("+14155520134"), &problem));
    struct id id = bench_draft(bench, &bench->owner, TWO);
    assert_false(
        request_submit(&bench->porting, &bench->owner, id_text(&id), NULL, bench_key(bench), &problem));
    assert_int_equal(problem.word, WORD_porting_number_personal);
    assert_string_equal(problem.field, "numbers");
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use WHERE kind = 'port'"), 0);

    assert_true(
        user_set_personal_phone(bench->db, bench->agent.account, bench->agent.user, TEXT_EMPTY, &problem));
    problem = (struct problem){0};
    assert_true(
        request_submit(&bench->porting, &bench->owner, id_text(&id), NULL, bench_key(bench), &problem));
    assert_false(user_set_personal_phone(
        bench->db, bench->agent.account, bench->agent.user, TEXT("+14155520134"), &problem));

    problem = (struct problem){0};
    struct id other = bench_draft(bench, &bench->stranger, ONE);
    assert_false(
        request_submit(&bench->porting, &bench->stranger, id_text(&other), NULL, bench_key(bench), &problem));
    assert_int_equal(problem.word, WORD_porting_number_elsewhere);
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
}

static void test_split_by_way(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->owner, ONE "\n800 552 0199\n416-552-0177");
    assert_true(bench_run(bench));
    assert_int_equal(bench->carrier.creates, 1);
    assert_int_equal(bench_port(bench)->numbers_count, 1);
    struct request_view view = bench_view(bench, &bench->team, &id);
    assert_true(view.has_manual && view.can_record);
    assert_int_equal(view.turn, TURN_PORTING_TEAM);
    for (size_t i = 0; i < view.numbers_count; i++)
        if (!text_is(view.numbers[i].way, "us"))
            assert_true(bench_record(bench, &bench->team, &id, view.numbers[i].e164, NUMBER_STATUS_PENDING,
                "2026-11-03", "", &problem));
    assert_false(bench_record(
        bench, &bench->owner, &id, TEXT("+18005520199"), NUMBER_STATUS_COMPLETED, "", "", &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    view = bench_view(bench, &bench->owner, &id);
    assert_int_equal(view.status, REQUEST_STATUS_IN_PROGRESS);
    assert_text(view.firm_date, "2026-11-03");
}

static void test_not_portable(void **state)
{
    struct bench *bench = *state;
    bench->carrier.not_portable = "+14155520135";
    struct id id = bench_submitted(bench, &bench->owner, TWO);
    assert_true(bench_run(bench));
    struct request_view view = bench_view(bench, &bench->owner, &id);
    assert_int_equal(view.numbers[1].status, NUMBER_STATUS_NOT_PORTABLE);
    assert_int_equal(bench_port(bench)->numbers_count, 1);
    bench_state(bench, bench_port(bench), "completed");
    view = bench_view(bench, &bench->owner, &id);
    assert_int_equal(view.status, REQUEST_STATUS_PARTLY_COMPLETED);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use WHERE kind = 'port'"), 0);
}

static void test_api_says_by_hand(void **state)
{
    struct bench *bench = *state;
    bench->carrier.by_hand = "+14155520134";
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    assert_int_equal(bench->carrier.creates, 0);
    struct request_view view = bench_view(bench, &bench->team, &id);
    assert_int_equal(view.turn, TURN_PORTING_TEAM);
    assert_true(view.can_record);
}

static void test_cancel_before_anybody_saw_it(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->owner, TWO);
    assert_true(bench_view(bench, &bench->owner, &id).nothing_sent);
    assert_true(request_cancel(&bench->porting, &bench->owner, id_text(&id), bench_key(bench), &problem));
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_CANCELED);
    assert_true(bench_run(bench));
    assert_int_equal(bench->carrier.creates, 0);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use"), 0);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_home"), 0);
    assert_false(request_cancel(&bench->porting, &bench->owner, id_text(&id), bench_key(bench), &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
}

static void test_cancel_at_the_carrier(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->owner, TWO);
    assert_true(bench_run(bench));
    bench_state(bench, bench_port(bench), "port_submitted");
    clock_advance(bench->clock, CLOCK_SECOND);
    assert_true(request_cancel(&bench->porting, &bench->owner, id_text(&id), bench_key(bench), &problem));
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_CANCELING);
    assert_true(bench_run(bench));
    assert_int_equal(bench->carrier.cancels, 1);
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_CANCELING);
    bench_state(bench, bench_port(bench), "canceled");
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_CANCELED);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use"), 0);
}

/* Canceled while the corrected request waits for the first order's cancel: nothing new goes out, and the first order's word ends it. */
static void test_cancel_while_resending(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    struct fake_port *port = bench_port(bench);
    port->numbers[0].rejection = "INVALID_PIN";
    bench_state(bench, port, "port_rejected");
    struct draft_fields values = {.pin = TEXT("773311")};
    assert_true(request_fix(&bench->porting, &bench->owner, id_text(&id), DRAFT_FIELD_BIT(DRAFT_FIELD_PIN),
        &values, bench_key(bench), &problem));
    assert_true(request_cancel(&bench->porting, &bench->owner, id_text(&id), bench_key(bench), &problem));
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_CANCELING);
    assert_true(bench_run(bench));
    bench_state(bench, port, "canceled");
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_CANCELED);
    assert_int_equal(bench->carrier.creates, 1);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use"), 0);
}

/* An order that the carrier did not take is canceled at once: there is nothing to wait for. */
static void test_cancel_after_refusal(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    bench->carrier.create_fails = PROBLEM_UPSTREAM;
    assert_true(bench_run(bench));
    assert_true(request_cancel(&bench->porting, &bench->owner, id_text(&id), bench_key(bench), &problem));
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_CANCELED);
}

static void test_cancel_refused(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    bench_state(bench, bench_port(bench), "port_pending");
    bench->carrier.cancel_is_refused = true;
    clock_advance(bench->clock, CLOCK_SECOND);
    assert_true(request_cancel(&bench->porting, &bench->owner, id_text(&id), bench_key(bench), &problem));
    assert_true(bench_run(bench));
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_PENDING);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM timeline WHERE event = 'cancel_refused'"), 1);
}

/* The answer of a create gets lost: the port is looked for, never made twice. */
static void test_lost_answer(void **state)
{
    struct bench *bench = *state;
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    bench->carrier.create_is_lost = true;
    assert_false(bench_run(bench));
    assert_int_equal(bench->carrier.creates, 1);
    bench->carrier.create_is_lost = false;
    struct problem problem = {0};
    ARENA_CLEANUP arena = arena_new(16 * 1024 * 1024);
    struct text order = bench_view(bench, &bench->owner, &id).numbers[0].order;
    struct job job = {bench->owner.account, order, 2};
    int64_t again_at = 0;
    /* Too early to know: it waits. */
    assert_true(order_place(&bench->porting, &job, arena, &again_at, &problem));
    assert_true(again_at > clock_now(bench->clock));
    assert_int_equal(bench->carrier.finds, 0);
    clock_advance(bench->clock, again_at - clock_now(bench->clock));
    assert_true(order_place(&bench->porting, &job, arena, &again_at, &problem));
    assert_int_equal(bench->carrier.finds, 1);
    assert_int_equal(bench->carrier.creates, 1);
    bench_state(bench, bench_port(bench), "completed");
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_COMPLETED);
}

static void test_create_refused(void **state)
{
    struct bench *bench = *state;
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    bench->carrier.create_fails = PROBLEM_UPSTREAM;
    assert_true(bench_run(bench));
    struct request_view view = bench_view(bench, &bench->owner, &id);
    assert_int_equal(view.status, REQUEST_STATUS_ACTION_REQUIRED);
    assert_int_equal(view.turn, TURN_PORTING_TEAM);
    /* The customer has nothing to correct; the team has. */
    assert_false(view.can_fix);
    assert_true(bench_view(bench, &bench->team, &id).can_fix);
}

static void test_unknown_word(void **state)
{
    struct bench *bench = *state;
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    bench_state(bench, bench_port(bench), "port_submitted");
    bench_state(bench, bench_port(bench), "somewhere_else");
    bench_state(bench, bench_port(bench), "somewhere_else");
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_SUBMITTED);
    assert_int_equal(bench_number(bench, "SELECT times FROM unknown_word"), 2);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM timeline WHERE event = 'unknown_word'"), 1);
}

static void test_expired_is_sent_again(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    bench_state(bench, bench_port(bench), "waiting_for_signature");
    bench_port(bench)->status = "Expired";
    bench_state(bench, NULL, NULL);
    struct request_view view = bench_view(bench, &bench->owner, &id);
    assert_int_equal(view.status, REQUEST_STATUS_EXPIRED);
    assert_true(view.can_fix);
    struct draft_fields values = {.pin = TEXT("551100")};
    assert_true(request_fix(&bench->porting, &bench->owner, id_text(&id), DRAFT_FIELD_BIT(DRAFT_FIELD_PIN),
        &values, bench_key(bench), &problem));
    assert_true(bench_run(bench));
    assert_int_equal(bench->carrier.creates, 2);
    assert_int_equal(bench->carrier.cancels, 0);
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_IN_REVIEW);
}

static void test_webhook_is_a_hint(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    struct fake_port *port = bench_port(bench);
    port->numbers[0].status = "waiting_for_signature";
    port->numbers[0].changed_at += CLOCK_SECOND;
    for (int i = 0; i < 3; i++)
        assert_true(bench_event(bench, text_from(port->ref), &problem));
    assert_true(bench_event(bench, TEXT("KWunknown"), &problem));
    assert_false(bench_event(bench, TEXT("nonsense"), &problem));
    assert_int_equal(problem.kind, PROBLEM_SYNTAX);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM inbound_event"), 4);
    assert_true(bench_run(bench));
    assert_int_equal(bench_view(bench, &bench->owner, &id).status, REQUEST_STATUS_WAITING_FOR_SIGNATURE);
}

static void test_remind(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    assert_false(request_remind(&bench->porting, &bench->owner, id_text(&id), &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    problem = (struct problem){0};
    assert_true(bench_run(bench));
    bench_state(bench, bench_port(bench), "waiting_for_signature");
    assert_true(request_remind(&bench->porting, &bench->admin, id_text(&id), &problem));
    assert_false(request_remind(&bench->porting, &bench->admin, id_text(&id), &problem));
    assert_int_equal(problem.kind, PROBLEM_TOO_MANY);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM mail WHERE notice = 'signature_reminder'"), 1);
}

static void test_list(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct list_view list;
    struct id first = bench_submitted(bench, &bench->owner, ONE);
    clock_advance(bench->clock, CLOCK_SECOND);
    bench_draft(bench, &bench->agent, "628-552-0102");
    bench_submitted(bench, &bench->stranger, "312-552-0142");
    struct list_filter all = {0}, mine = {.show = LIST_YOUR_TURN}, found = {.search = TEXT("(415) 552")};
    assert_true(request_list(&bench->porting, &bench->owner, &all, bench->arena, &list, &problem));
    assert_int_equal(list.rows_count, 2);
    assert_int_equal(list.rows[0].status, REQUEST_STATUS_DRAFT);
    assert_text(list.rows[0].first_number, "+16285520102");
    assert_true(request_list(&bench->porting, &bench->owner, &mine, bench->arena, &list, &problem));
    assert_int_equal(list.rows_count, 1);
    assert_true(request_list(&bench->porting, &bench->owner, &found, bench->arena, &list, &problem));
    assert_int_equal(list.rows_count, 1);
    assert_true(text_equal(id_text(&list.rows[0].id), id_text(&first)));
    /* The team sees every account's, but no drafts. */
    assert_true(request_list(&bench->porting, &bench->team, &all, bench->arena, &list, &problem));
    assert_int_equal(list.rows_count, 2);
    assert_int_equal(list.counts[LIST_ALL], 2);
    assert_int_equal(list.counts[LIST_UNDER_WAY], 2);
    static const size_t owners[] = {2, 1, 1, 0}, teams[] = {2, 0, 2, 0};
    for (int show = LIST_ALL; show <= LIST_ENDED; show++) {
        struct list_filter shown = {.show = (enum list_show)show};
        assert_true(request_list(&bench->porting, &bench->owner, &shown, bench->arena, &list, &problem));
        assert_int_equal(list.rows_count, owners[show]);
        assert_int_equal(list.counts[show], owners[show]);
        assert_true(request_list(&bench->porting, &bench->team, &shown, bench->arena, &list, &problem));
        assert_int_equal(list.rows_count, teams[show]);
        assert_int_equal(list.counts[show], teams[show]);
    }
    struct list_filter hostile[] = {
        {.search = TEXT("%' OR 1=1 --")}, {.search = TEXT("PR-%")}, {.before = TEXT("x.y")}};
    for (size_t i = 0; i < COUNT(hostile); i++)
        assert_true(request_list(&bench->porting, &bench->owner, &hostile[i], bench->arena, &list, &problem));
}

static void test_draft_is_kept(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id first, second;
    struct draft draft;
    assert_true(draft_start(&bench->porting, &bench->owner, &first, &problem));
    assert_true(draft_start(&bench->porting, &bench->owner, &second, &problem));
    assert_string_equal(first.at, second.at);
    struct draft_fields half = {.carrier = TEXT("veri"), .numbers = TEXT("415 55")};
    assert_true(draft_save(&bench->porting, &bench->owner, id_text(&first), 1, &half, 1, &problem));
    assert_true(draft_load(&bench->porting, &bench->admin, id_text(&first), bench->arena, &draft, &problem));
    assert_text(draft.fields.numbers, "415 55");
    assert_true(findings_must(draft.findings, draft.findings_count, 1) > 0);
    assert_false(
        draft_load(&bench->porting, &bench->stranger, id_text(&first), bench->arena, &draft, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    struct draft_fields long_name = {.account_name = text_format(bench->arena, "%0101d", 7)};
    problem = (struct problem){0};
    assert_false(draft_save(&bench->porting, &bench->owner, id_text(&first), 4, &long_name, 4, &problem));
    assert_string_equal(problem.field, "account_name");
    struct draft_fields secrets = {.account_number = TEXT("00123"), .pin = TEXT("0012")};
    problem = (struct problem){0};
    assert_true(draft_save(&bench->porting, &bench->owner, id_text(&first), 4, &secrets, 5, &problem));
    assert_true(draft_load(&bench->porting, &bench->owner, id_text(&first), bench->arena, &draft, &problem));
    assert_text(draft.fields.account_number, "00123");
    assert_true(draft.has_pin);
    assert_int_equal(draft.fields.pin.len, 0);
    assert_int_equal(draft.step, 5);
    assert_int_equal(
        bench_number(bench, "SELECT count(*) FROM port_request WHERE account_number_sealed LIKE '%00123%'"),
        0);
    assert_true(draft_discard(&bench->porting, &bench->owner, id_text(&first), &problem));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM port_request"), 0);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM port_pin"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_journey),
        TEST(test_wrong_pin_corrected),
        TEST(test_submit_is_one),
        TEST(test_wished_time),
        TEST(test_submit_needs_everything),
        TEST(test_numbers_in_use),
        TEST(test_split_by_way),
        TEST(test_not_portable),
        TEST(test_api_says_by_hand),
        TEST(test_cancel_before_anybody_saw_it),
        TEST(test_cancel_at_the_carrier),
        TEST(test_cancel_while_resending),
        TEST(test_cancel_after_refusal),
        TEST(test_cancel_refused),
        TEST(test_lost_answer),
        TEST(test_create_refused),
        TEST(test_unknown_word),
        TEST(test_expired_is_sent_again),
        TEST(test_webhook_is_a_hint),
        TEST(test_remind),
        TEST(test_list),
        TEST(test_draft_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
