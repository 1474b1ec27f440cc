/* What the janitor removes and what it finds. */
#include "bench.h"
#include "porting/janitor.h"
#include "porting/order.h"

struct statement {
    const char *sql;
};

static bool statement_closure(struct db_tx *tx, void *context)
{
    return db_exec(tx, ((struct statement *)context)->sql, DB_NO_ARGS);
}

static void run_sql(struct bench *bench, const char *sql)
{
    struct statement statement = {sql};
    struct problem problem = {0};
    if (!db_write(bench->db, statement_closure, &statement, &problem))
        fail_msg("%s", problem.detail);
}

static void clean(struct bench *bench)
{
    struct problem problem;
    assert_true(bench_work(bench, janitor_work, TEXT("operator"), TEXT("desk"), &problem));
}

static void test_old_records(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    bench_submitted(bench, &bench->owner, "415-552-0134");
    assert_true(bench_event(bench, TEXT("KWx"), &problem));
    run_sql(bench, "INSERT INTO sign_in_attempt (subject, id, at) SELECT 'x', 'y', at FROM inbound_event");
    static const struct {
        const char *sql;
        int64_t keep;
    } records[] = {
        {"SELECT count(*) FROM sign_in_attempt", KEEP_SIGN_INS},
        {"SELECT count(*) FROM idempotency", KEEP_KEYS},
        {"SELECT count(*) FROM inbound_event", KEEP_EVENTS},
    };
    int64_t begun = clock_now(bench->clock);
    for (size_t i = 0; i < COUNT(records); i++) {
        clock_advance(bench->clock, begun + records[i].keep - clock_now(bench->clock));
        clean(bench);
        assert_int_equal(bench_number(bench, records[i].sql), 1);
        clock_advance(bench->clock, CLOCK_SECOND);
        clean(bench);
        assert_int_equal(bench_number(bench, records[i].sql), 0);
    }
}

static void test_many_old_records(void **state)
{
    struct bench *bench = *state;
    run_sql(bench, "INSERT INTO sign_in_attempt (subject, id, at) WITH RECURSIVE n (i) AS"
                   " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700) SELECT 'x', i, 1 FROM n");
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct job job = {TEXT("operator"), TEXT("desk"), 1};
    struct problem problem = {0};
    int64_t again_at = 0;
    assert_true(janitor_work(&bench->porting, &job, arena, &again_at, &problem));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM sign_in_attempt"), 700 - JANITOR_ROWS);
    assert_int_equal(again_at, clock_now(bench->clock) + CLOCK_SECOND);
    assert_true(janitor_work(&bench->porting, &job, arena, &again_at, &problem));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM sign_in_attempt"), 0);
    assert_int_equal(again_at, clock_now(bench->clock) + JANITOR_EVERY);
}

/* The process ended between a job's death and the telling of it. */
static void test_dead_job(void **state)
{
    struct bench *bench = *state;
    struct id id = bench_submitted(bench, &bench->owner, "415-552-0134");
    run_sql(bench, "UPDATE job SET state = 'dead' WHERE kind = 'order_place'");
    assert_int_equal(bench_view(bench, &bench->team, &id).turn, TURN_GAINING_CARRIER);
    clean(bench);
    assert_int_equal(bench_view(bench, &bench->team, &id).turn, TURN_PORTING_TEAM);
    clean(bench);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM timeline WHERE event = 'order_unclear'"), 1);
}

/* No job re-reads the order any more: it gets one, and all goes on. */
static void test_unread_order(void **state)
{
    struct bench *bench = *state;
    struct id id = bench_submitted(bench, &bench->owner, "415-552-0134");
    assert_true(bench_run(bench));
    run_sql(bench, "INSERT INTO job (account, kind, subject, state, due, changed_at)"
                   " SELECT account, 'order_sync', id, 'dead', 0, 0 FROM carrier_order");
    clean(bench);
    assert_int_equal(bench_view(bench, &bench->team, &id).turn, TURN_PORTING_TEAM);
    bench_port(bench)->numbers[0].status = "port_submitted";
    bench_port(bench)->numbers[0].changed_at += CLOCK_SECOND;
    assert_true(bench_run(bench));
    assert_int_equal(bench_view(bench, &bench->team, &id).status, REQUEST_STATUS_SUBMITTED);
    assert_int_equal(bench_view(bench, &bench->team, &id).turn, TURN_GAINING_CARRIER);
}

/* What waits for a correction may need the account number yet; what is done never does. */
static void test_account_numbers_go(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    static const char numbers[] = "SELECT count(*) FROM port_request WHERE account_number_sealed IS NOT NULL";
    struct id canceled = bench_submitted(bench, &bench->owner, "415-552-0134");
    struct id open = bench_submitted(bench, &bench->owner, "415-552-0135");
    assert_true(
        request_cancel(&bench->porting, &bench->owner, id_text(&canceled), bench_key(bench), &problem));
    assert_int_equal(bench_view(bench, &bench->owner, &canceled).status, REQUEST_STATUS_CANCELED);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM port_pin"), 1);
    assert_int_equal(bench_number(bench, numbers), 2);
    clock_advance(bench->clock, KEEP_ACCOUNT_NUMBERS);
    clean(bench);
    assert_int_equal(bench_number(bench, numbers), 2);
    clock_advance(bench->clock, CLOCK_SECOND);
    clean(bench);
    assert_int_equal(bench_number(bench, numbers), 1);
    assert_int_equal(bench_view(bench, &bench->owner, &canceled).fields.account_number.len, 0);
    assert_true(bench_view(bench, &bench->owner, &open).fields.account_number.len > 0);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM port_pin"), 1); /* of the open one */
}

static void test_an_account_number_goes_with_the_port(void **state)
{
    struct bench *bench = *state;
    bench_submitted(bench, &bench->owner, "415-552-0134");
    assert_true(bench_run(bench));
    bench_state(bench, bench_port(bench), "port_pending");
    assert_int_equal(
        bench_number(bench, "SELECT count(*) FROM port_request WHERE account_number_sealed IS NOT NULL"), 1);
    bench_state(bench, bench_port(bench), "completed");
    assert_int_equal(
        bench_number(bench, "SELECT count(*) FROM port_request WHERE account_number_sealed IS NOT NULL"), 0);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM port_pin"), 0);
}

/* A PIN that was typed into a draft is asked again when it is taken up much later. */
static void test_pins_of_drafts_go(void **state)
{
    struct bench *bench = *state;
    struct id draft = bench_draft(bench, &bench->owner, "415-552-0134");
    bench_submitted(bench, &bench->owner, "415-552-0135");
    clock_advance(bench->clock, KEEP_DRAFT_PINS);
    clean(bench);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM port_pin"), 2);
    clock_advance(bench->clock, CLOCK_SECOND);
    clean(bench);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM port_pin"), 1);
    struct draft loaded;
    struct problem problem = {0};
    assert_true(draft_load(&bench->porting, &bench->owner, id_text(&draft), bench->arena, &loaded, &problem));
    assert_false(loaded.has_pin);
}

/* Lines of the audit log, as long as the settings say. */
static void test_the_audit_log_ends(void **state)
{
    struct bench *bench = *state;
    bench_submitted(bench, &bench->owner, "415-552-0134");
    static const char lines[] = "SELECT count(*) FROM audit_event";
    int64_t count = bench_number(bench, lines);
    assert_true(count > 0);
    clock_advance(bench->clock, 1000 * CLOCK_DAY);
    clean(bench);
    assert_int_equal(bench_number(bench, lines), count); /* for ever, unless it is said how long */
    bench->porting.audit_kept = 1000 * CLOCK_DAY;
    clean(bench);
    assert_int_equal(bench_number(bench, lines), count);
    clock_advance(bench->clock, CLOCK_SECOND);
    clean(bench);
    assert_int_equal(bench_number(bench, lines), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_old_records),
        TEST(test_many_old_records),
        TEST(test_dead_job),
        TEST(test_unread_order),
        TEST(test_account_numbers_go),
        TEST(test_an_account_number_goes_with_the_port),
        TEST(test_pins_of_drafts_go),
        TEST(test_the_audit_log_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
