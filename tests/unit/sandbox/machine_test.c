/* The sandbox's state machine on a real database: each scenario as a list of steps and of what stands after each. */
#include "scratch.h"

#include <string.h>

#include "base/id.h"
#include "sandbox/delivery.h"
#include "sandbox/machine.h"
#include "sandbox/scenario.h"
#include "store/migrations.h"

#define START (INT64_C(1792508400) * CLOCK_SECOND) /* Tue 2026-10-20 15:00 UTC */

struct world {
    struct db *db;
    struct arena *arena;
    struct port port;
    int64_t now;
    struct text text;
    int64_t count;
    bool found;
};

static bool insert_port(struct db_tx *tx, void *context)
{
    struct world *world = context;
    db_exec(tx,
        "INSERT INTO webhook (type, url, notifications_of, created_at) VALUES ('PORT_IN', "
        "'http://hook.test/x', '[]', "
        "0) ON CONFLICT (type) DO NOTHING",
        DB_NO_ARGS);
    return port_insert(tx, &world->port) && machine_begin(tx, &world->port);
}

static bool work(struct db_tx *tx, void *context)
{
    struct world *world = context;
    size_t done = 0;
    return machine_work(tx, world->now, 1000, &done);
}

static bool reload(struct db_tx *tx, void *context)
{
    struct world *world = context;
    return port_load(tx, text_copy(world->arena, world->port.sid), world->arena, &world->port, &world->found);
}

static bool sign(struct db_tx *tx, void *context)
{
    struct world *world = context;
    return machine_sign(
        tx, &world->port, TEXT("Dana Whitfield"), TEXT("192.0.2.7"), TEXT("%PDF-"), world->now);
}

static bool cancel(struct db_tx *tx, void *context)
{
    struct world *world = context;
    return machine_cancel(tx, &world->port, world->text, world->now, &world->count);
}

static bool hurry(struct db_tx *tx, void *context)
{
    struct world *world = context;
    return machine_hurry(tx, world->port.sid, world->found, world->now, &world->count);
}

/* The second number goes to the status in `text`. */
static bool jump(struct db_tx *tx, void *context)
{
    struct world *world = context;
    return machine_jump(
        tx, world->port.sid, world->port.numbers[1].e164, world->text, TEXT_EMPTY, world->now, &world->found);
}

static void must(struct world *world, db_closure *closure)
{
    struct problem problem = {0};
    if (!db_write(world->db, closure, world, &problem))
        fail_msg("%s: %s", words_key(problem.word), problem.detail);
}

/* A port of up to four numbers, none rejected unless its data says so. */
static void begin(struct world *world, struct scratch *scratch, const char *const numbers[], const char *pin)
{
    *world = (struct world){.arena = arena_new(8 * 1024 * 1024),
        .db = scratch_db(scratch_path(scratch, "sandbox.db"), sandbox_migrations),
        .now = START};
    struct port *port = &world->port;
    *port = (struct port){.sid = TEXT("KW00000000000000000000000000000001"),
        .status = TEXT("In review"),
        .customer_type = TEXT("Business"),
        .customer_name = TEXT("Harbor & Pine Realty LLC"),
        .representative = TEXT("Dana Whitfield"),
        .representative_email = TEXT("dana@harbor.example"),
        .notification_emails = TEXT("[\"desk@northline.example\",\"DANA@harbor.example\"]"),
        .sign_token = TEXT("token"),
        .created_at = START,
        .changed_at = START};
    port->numbers = ARENA_ARRAY(world->arena, struct port_number, 4);
    for (; numbers[port->number_count]; port->number_count++) {
        struct text e164 = text_from(numbers[port->number_count]);
        port->numbers[port->number_count] = (struct port_number){
            .sid = text_format(world->arena, "PU0000000000000000000000000000000%zu", port->number_count),
            .e164 = e164,
            .type = TEXT("LOCAL"),
            .status = TEXT("in_review"),
            .portable = true,
            .is_open = true,
            .changed_at = START,
            .verdict = scenario_verdict(world->arena, text_from(pin), TEXT_EMPTY, TEXT_EMPTY, TEXT_EMPTY)};
    }
    must(world, insert_port);
}

static void end(struct world *world)
{
    db_close(world->db);
    arena_free(world->arena);
}

static void pass(struct world *world, int64_t us)
{
    world->now += us;
    must(world, work);
    must(world, reload);
}

static void stands(struct world *world, const char *request, const char *const statuses[])
{
    must(world, reload);
    if (!text_is(world->port.status, request))
        fail_msg("the request is \"%.*s\", not \"%s\"", TEXT_ARG(world->port.status), request);
    for (size_t i = 0; i < world->port.number_count; i++)
        if (!text_is(world->port.numbers[i].status, statuses[i]))
            fail_msg("number %zu is %.*s, not %s", i, TEXT_ARG(world->port.numbers[i].status), statuses[i]);
}

static int64_t webhooks(struct world *world, const char *event)
{
    return scratch_number(world->db, "SELECT COUNT(*) FROM delivery WHERE kind = 'webhook' AND event = $1",
        DB_ARGS(db_text(text_from(event))));
}

static void a_port_goes_through_all_states(void **state)
{
    struct world world;
    begin(&world, *state, (const char *const[]){"+14152010134", "+14152010135", NULL}, NULL);
    stands(&world, "In review", (const char *const[]){"in_review", "in_review"});
    pass(&world, REVIEW_US - 1);
    stands(&world, "In review", (const char *const[]){"in_review", "in_review"});
    pass(&world, 1);
    stands(&world, "Waiting for Signature",
        (const char *const[]){"waiting_for_signature", "waiting_for_signature"});
    assert_int_equal(world.port.letter_at, START + REVIEW_US);
    /* Before midnight in New York, 30 days on: DST has ended by then. */
    assert_int_equal(world.port.expires_at, date_at((struct date){2026, 11, 19}, 5, 0, TEXT_EMPTY));
    must(&world, sign);
    stands(&world, "In progress", (const char *const[]){"port_submitted", "port_submitted"});
    pass(&world, CLOCK_DAY);
    stands(&world, "In progress", (const char *const[]){"port_pending", "port_pending"});
    /* Answered on a Wednesday; three days on is a Saturday, so Monday. */
    assert_int_equal(world.port.numbers[0].port_at, date_at((struct date){2026, 10, 26}, 14, 30, TEXT_EMPTY));
    pass(&world, 10 * CLOCK_DAY);
    stands(&world, "Completed", (const char *const[]){"completed", "completed"});
    assert_int_equal(world.port.numbers[0].changed_at, world.port.numbers[0].port_at);
    static const char *const once[] = {"PortInWaitingForSignature", "PortInInProgress", "PortInCompleted"};
    static const char *const each[] = {"PortInPhoneNumberWaitingForSignature", "PortInPhoneNumberSubmitted",
        "PortInPhoneNumberPending", "PortInPhoneNumberCompleted"};
    for (size_t i = 0; i < COUNT(once); i++)
        assert_int_equal(webhooks(&world, once[i]), 1);
    for (size_t i = 0; i < COUNT(each); i++)
        assert_int_equal(webhooks(&world, each[i]), 2);
    assert_int_equal(
        scratch_number(world.db, "SELECT COUNT(*) FROM delivery WHERE kind = 'mail_letter'", DB_NO_ARGS), 1);
    /* The signer, and the address to notify that is not the signer's. */
    assert_int_equal(
        scratch_number(world.db, "SELECT COUNT(*) FROM delivery WHERE kind = 'mail_signed'", DB_NO_ARGS), 2);
    assert_int_equal(scratch_number(world.db, "SELECT COUNT(*) FROM event", DB_NO_ARGS), 0);
    end(&world);
}

static void a_wrong_pin_is_rejected_and_canceled(void **state)
{
    struct world world;
    begin(&world, *state, (const char *const[]){"+14152010134", NULL}, "0000");
    pass(&world, REVIEW_US);
    must(&world, sign);
    pass(&world, CLOCK_DAY);
    stands(&world, "Action Required", (const char *const[]){"port_rejected"});
    assert_true(text_is(world.port.numbers[0].rejection, "INVALID_PIN"));
    assert_int_equal(webhooks(&world, "PortInPhoneNumberRejected"), 1);
    assert_int_equal(webhooks(&world, "PortInActionRequired"), 1);
    world.text = world.port.numbers[0].sid;
    must(&world, cancel);
    assert_int_equal(world.count, 1);
    stands(&world, "Action Required", (const char *const[]){"canceling"});
    pass(&world, CANCEL_US);
    stands(&world, "Canceled", (const char *const[]){"canceled"});
    assert_int_equal(webhooks(&world, "PortInPhoneNumberCanceled"), 1);
    assert_int_equal(webhooks(&world, "PortInCanceled"), 1);
    world.text = TEXT_EMPTY;
    must(&world, cancel);
    assert_int_equal(world.count, 0);
    end(&world);
}

static void an_unsigned_letter_expires(void **state)
{
    struct world world;
    begin(&world, *state, (const char *const[]){"+14152010134", NULL}, NULL);
    pass(&world, REVIEW_US);
    world.now = world.port.expires_at;
    struct problem problem = {0};
    assert_false(db_write(world.db, sign, &world, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    pass(&world, 0);
    stands(&world, "Expired", (const char *const[]){"waiting_for_signature"});
    assert_false(world.port.numbers[0].is_open);
    assert_int_equal(webhooks(&world, "PortInExpired"), 1);
    end(&world);
}

/* What nobody signed for does not keep a request that goes on from its end. */
static void a_letter_expires_beside_a_number_that_goes_on(void **state)
{
    struct world world;
    begin(&world, *state, (const char *const[]){"+14152010134", "+14152010135", NULL}, NULL);
    pass(&world, REVIEW_US);
    world.text = TEXT("port_pending");
    must(&world, jump);
    stands(&world, "In progress", (const char *const[]){"waiting_for_signature", "port_pending"});
    pass(&world, (LETTER_DAYS + 1) * CLOCK_DAY);
    stands(&world, "Completed", (const char *const[]){"canceled", "completed"});
    end(&world);
}

static void numbers_go_their_own_ways(void **state)
{
    struct world world;
    begin(&world, *state,
        (const char *const[]){"+14152010134", "+14152010191", "+14152010193", "+14152010194", NULL}, NULL);
    pass(&world, REVIEW_US);
    must(&world, sign);
    pass(&world, CLOCK_DAY);
    stands(&world, "Action Required",
        (const char *const[]){"port_pending", "port_rejected", "port_submitted", "port_pending"});
    world.text = world.port.numbers[1].sid;
    must(&world, cancel);
    stands(&world, "In progress",
        (const char *const[]){"port_pending", "canceling", "port_submitted", "port_pending"});
    /* A cancellation that comes too late: it goes on and is ported on its day. */
    world.text = world.port.numbers[3].sid;
    must(&world, cancel);
    pass(&world, CANCEL_US);
    stands(&world, "In progress",
        (const char *const[]){"port_pending", "canceled", "port_submitted", "port_pending"});
    pass(&world, 8 * CLOCK_DAY);
    stands(
        &world, "In progress", (const char *const[]){"completed", "canceled", "port_submitted", "completed"});
    pass(&world, 20 * CLOCK_DAY);
    stands(&world, "Completed", (const char *const[]){"completed", "canceled", "completed", "completed"});
    end(&world);
}

static void a_whole_port_is_canceled_before_signing(void **state)
{
    struct world world;
    begin(&world, *state, (const char *const[]){"+14152010134", "+14152010135", NULL}, NULL);
    pass(&world, REVIEW_US);
    world.text = TEXT_EMPTY;
    must(&world, cancel);
    assert_int_equal(world.count, 2);
    struct problem problem = {0};
    assert_false(db_write(world.db, sign, &world, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    pass(&world, CANCEL_US);
    stands(&world, "Canceled", (const char *const[]){"canceled", "canceled"});
    assert_true(text_is(world.port.cancel_reason, "Canceled by customer"));
    /* The letter's own end changes nothing any more. */
    pass(&world, 40 * CLOCK_DAY);
    stands(&world, "Canceled", (const char *const[]){"canceled", "canceled"});
    end(&world);
}

static void the_next_step_can_be_hurried(void **state)
{
    struct world world;
    begin(&world, *state, (const char *const[]){"+14152010134", "+14152010135", NULL}, NULL);
    must(&world, hurry);
    assert_int_equal(world.count, 1);
    pass(&world, 0);
    stands(&world, "Waiting for Signature",
        (const char *const[]){"waiting_for_signature", "waiting_for_signature"});
    /* Nothing but the letter's end is left, which is hurried only by itself. */
    world.found = false;
    must(&world, hurry);
    assert_int_equal(world.count, 0);
    must(&world, sign);
    world.found = false;
    must(&world, hurry);
    assert_int_equal(world.count, 2);
    pass(&world, 0);
    stands(&world, "In progress", (const char *const[]){"port_pending", "port_pending"});
    end(&world);
}

static void firm_dates_are_weekdays_and_heed_the_wish(void **state)
{
    (void)state;
    static const struct {
        struct date answered;
        const char *wish;
        struct date firm;
    } cases[] = {
        {{2026, 10, 19}, "", {2026, 10, 22}},           /* Monday: Thursday */
        {{2026, 10, 21}, "", {2026, 10, 26}},           /* Wednesday: not Saturday but Monday */
        {{2026, 10, 19}, "2026-11-03", {2026, 11, 3}},  /* later, as wished */
        {{2026, 10, 19}, "2026-10-20", {2026, 10, 22}}, /* too early */
    };
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t at = date_at(cases[i].answered, 16, 0, TEXT_EMPTY);
        struct text firm = date_iso(
            arena, clock_date(machine_firm_date(text_from(cases[i].wish), at), TEXT("America/New_York")));
        assert_true(text_equal(firm, date_iso(arena, cases[i].firm)));
    }
}

static void webhooks_are_filtered_and_written_as_twilio_does(void **state)
{
    struct world world;
    begin(&world, *state, (const char *const[]){"+14152010134", NULL}, NULL);
    scratch_exec(world.db,
        "UPDATE webhook SET notifications_of = '[\"PortInPhoneNumberWaitingForSignature\"]'", DB_NO_ARGS);
    pass(&world, REVIEW_US);
    assert_int_equal(webhooks(&world, "PortInWaitingForSignature"), 0);
    assert_int_equal(webhooks(&world, "PortInPhoneNumberWaitingForSignature"), 1);
    assert_int_equal(
        scratch_number(world.db,
            "SELECT COUNT(*) FROM delivery WHERE body = '{\"port_in_request_sid\":"
            "\"KW00000000000000000000000000000001\",\"port_in_phone_number_sid\":"
            "\"PU00000000000000000000000000000000\",\"phone_number\":\"+14152010134\",\"status\":"
            "\"waiting_for_signature\",\"last_date_updated\":\"2026-10-20T16:00:00Z\",\"portable\":"
            "\"true\",\"not_portable_reason\":null,\"not_portable_reason_code\":null,"
            "\"rejection_reason\":null,\"rejection_reason_code\":null}'",
            DB_NO_ARGS),
        1);
    end(&world);
}

struct trying {
    struct arena *arena;
    struct delivery delivery;
    bool found, taken, give_up;
    int64_t now;
};

static bool take_due(struct db_tx *tx, void *context)
{
    struct trying *trying = context;
    trying->found = delivery_first_due(tx, true, trying->now, trying->arena, &trying->delivery);
    return db_ok(tx);
}

static bool settle(struct db_tx *tx, void *context)
{
    struct trying *trying = context;
    return delivery_done(
        tx, &trying->delivery, trying->taken, trying->give_up, TEXT("HTTP 503"), trying->now);
}

static void deliveries_are_tried_again_and_given_up(void **state)
{
    struct world world;
    begin(&world, *state, (const char *const[]){"+14152010134", NULL}, NULL);
    pass(&world, REVIEW_US);
    struct trying trying = {.arena = world.arena, .now = 1000 * CLOCK_SECOND};
    struct problem problem = {0};
    assert_true(db_read(world.db, take_due, &trying, &problem));
    int64_t first = trying.delivery.id;
    assert_true(db_write(world.db, settle, &trying, &problem));
    /* The other one is not held up by it. */
    assert_true(db_read(world.db, take_due, &trying, &problem));
    assert_true(trying.found && trying.delivery.id != first);
    trying.taken = true;
    assert_true(db_write(world.db, settle, &trying, &problem));
    trying.taken = false;
    for (int64_t tries = 1; tries < DELIVERY_TRIES_MAX; tries++) {
        assert_true(db_read(world.db, take_due, &trying, &problem));
        assert_false(trying.found);
        trying.now += CLOCK_SECOND << (tries - 1);
        assert_true(db_read(world.db, take_due, &trying, &problem));
        assert_true(trying.found && trying.delivery.id == first && trying.delivery.tries == tries);
        assert_true(db_write(world.db, settle, &trying, &problem));
    }
    trying.now += 1000 * CLOCK_SECOND;
    assert_true(db_read(world.db, take_due, &trying, &problem));
    assert_false(trying.found);
    assert_int_equal(
        scratch_number(world.db, "SELECT COUNT(*) FROM delivery WHERE state = 'dead'", DB_NO_ARGS), 1);
    assert_int_equal(
        scratch_number(world.db, "SELECT COUNT(*) FROM delivery WHERE state = 'sent'", DB_NO_ARGS), 1);
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_port_goes_through_all_states, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(
            a_wrong_pin_is_rejected_and_canceled, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(an_unsigned_letter_expires, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(
            a_letter_expires_beside_a_number_that_goes_on, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(numbers_go_their_own_ways, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(
            a_whole_port_is_canceled_before_signing, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(the_next_step_can_be_hurried, scratch_setup, scratch_teardown),
        cmocka_unit_test(firm_dates_are_weekdays_and_heed_the_wish),
        cmocka_unit_test_setup_teardown(
            webhooks_are_filtered_and_written_as_twilio_does, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(
            deliveries_are_tried_again_and_given_up, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
