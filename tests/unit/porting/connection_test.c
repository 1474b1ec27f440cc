/* Connections to carriers: whose are used, how credentials are tested and replaced, where events go, what the carrier's list tells, and
 * what happens while the carrier wants to be left alone or its inventory lags. */
#include "bench.h"

#include "porting/order.h"

#define SID "AC1123456789abcdef0123456789abcdef"

static bool sql_closure(struct db_tx *tx, void *context)
{
    const char *const *sql = context;
    return db_exec(tx, *sql, DB_NO_ARGS);
}

static void run_sql(struct bench *bench, const char *sql)
{
    struct problem problem = {0};
    if (!db_write(bench->db, sql_closure, &sql, &problem))
        fail_msg("%s", problem.detail);
}

static struct connection_new made_of(const char *secret)
{
    return (struct connection_new){.account = CONNECTION_OPERATOR,
        .kind = TEXT("twilio"),
        .label = TEXT("Another"),
        .account_sid = TEXT(SID),
        .secrets = {.secret = text_from(secret)}};
}

static struct id add(struct bench *bench, const struct actor *actor)
{
    struct problem problem = {0};
    struct id id;
    struct connection_new from = made_of("another-secret");
    if (!connection_add(&bench->porting, actor, &from, bench_key(bench), &id, &problem))
        fail_msg("%s %s", problem.field, problem.detail);
    return id;
}

static struct connection_view look(struct bench *bench, const struct actor *actor, const struct id *id)
{
    struct problem problem = {0};
    struct connection_view view;
    if (!connection_load(&bench->porting, actor, id_text(id), bench->arena, &view, &problem))
        fail_msg("%d", problem.kind);
    return view;
}

/* Runs the job; returns whether it was done. */
static bool work(struct bench *bench, job_work *does, struct text account, struct text subject,
    int64_t *ret_again_at, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new((size_t)64 * 1024 * 1024);
    struct job job = {account, subject, 1};
    *ret_again_at = 0;
    *problem = (struct problem){0};
    return does(&bench->porting, &job, arena, ret_again_at, problem);
}

static bool check(struct bench *bench)
{
    int64_t again_at;
    struct problem problem;
    return work(
        bench, connection_check, CONNECTION_OPERATOR, id_text(&bench->connection), &again_at, &problem);
}

/* ---- Who may, and which one is used ---- */

static void everybody_sees_their_own(void **state)
{
    struct bench *bench = *state;
    struct connection_view *views;
    size_t count;
    struct problem problem = {0};
    struct id own = add(bench, &bench->owner), theirs = add(bench, &bench->stranger);
    assert_text(look(bench, &bench->owner, &own).account, bench->owner.account.at);
    const struct {
        const struct actor *actor;
        const struct id *id;
        enum problem_kind kind;
    } cases[] = {
        {&bench->owner, &own, PROBLEM_NONE},
        {&bench->owner, &theirs, PROBLEM_NOT_FOUND},
        {&bench->owner, &bench->connection, PROBLEM_NOT_FOUND},
        {&bench->agent, &own, PROBLEM_FORBIDDEN},
        {&bench->stranger, &own, PROBLEM_NOT_FOUND},
        {&bench->team, &own, PROBLEM_NONE},
        {&bench->team, &bench->connection, PROBLEM_NONE},
    };
    struct connection_secrets secrets = {.secret = TEXT("a-new-secret")};
    struct connection_changes changes = {.label = TEXT("New name"), .takes_new = true};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem load = {0}, rotate = {0}, change = {0}, test = {0};
        struct connection_view view;
        struct text id = id_text(cases[i].id);
        connection_load(&bench->porting, cases[i].actor, id, bench->arena, &view, &load);
        connection_rotate(&bench->porting, cases[i].actor, id, &secrets, bench_key(bench), &rotate);
        connection_change(&bench->porting, cases[i].actor, id, &changes, bench_key(bench), &change);
        connection_test(&bench->porting, cases[i].actor, id, false, bench_key(bench), &test);
        assert_int_equal(load.kind, cases[i].kind);
        assert_int_equal(rotate.kind, cases[i].kind);
        assert_int_equal(change.kind, cases[i].kind);
        assert_int_equal(test.kind, cases[i].kind);
    }
    assert_true(connections_list(&bench->porting, &bench->owner, bench->arena, &views, &count, &problem));
    assert_int_equal(count, 1);
    assert_true(connections_list(&bench->porting, &bench->team, bench->arena, &views, &count, &problem));
    assert_int_equal(count, 3);
    assert_false(connections_list(&bench->porting, &bench->agent, bench->arena, &views, &count, &problem));
}

static const char *order_connection(struct bench *bench)
{
    struct text id = TEXT_EMPTY;
    struct connection_view *views;
    size_t count;
    struct problem problem = {0};
    assert_true(connections_list(&bench->porting, NULL, bench->arena, &views, &count, &problem));
    for (size_t i = 0; i < count; i++) {
        struct text sql = text_format(bench->arena,
            "SELECT count(*) FROM carrier_order WHERE connection = '%.*s' AND phase = 'placed'",
            TEXT_ARG(id_text(&views[i].id)));
        id = bench_number(bench, sql.at) ? id_text(&views[i].id) : id;
    }
    return text_cstr(bench->arena, id);
}

static void an_accounts_own_goes_before_the_operators(void **state)
{
    struct bench *bench = *state;
    struct id own = add(bench, &bench->owner);
    bench_submitted(bench, &bench->owner, "415-552-0134");
    assert_true(bench_run(bench));
    assert_string_equal(order_connection(bench), own.at);
}

static void without_any_an_order_waits(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    run_sql(bench, "UPDATE carrier_connection SET takes_new = 0");
    struct id id = bench_submitted(bench, &bench->owner, "415-552-0134");
    assert_false(bench_run(bench));
    assert_int_equal(bench->carrier.creates, 0);
    struct request_view view = bench_view(bench, &bench->owner, &id);
    assert_int_equal(view.status, REQUEST_STATUS_IN_REVIEW);
    run_sql(bench, "UPDATE carrier_connection SET takes_new = 1");
    assert_true(bench_work(bench, order_place, bench->owner.account, view.numbers[0].order, &problem));
    assert_int_equal(bench->carrier.creates, 1);
}

/* ---- Credentials ---- */

static void new_credentials_replace_the_old_when_they_are_good(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct text id = id_text(&bench->connection);
    struct connection_secrets secrets = {.secret = TEXT("the-next-token")};
    assert_true(check(bench));
    assert_int_equal(look(bench, &bench->team, &bench->connection).test, CONNECTION_GOOD);
    assert_string_equal(bench->carrier.secret, "a-secret-token");
    /* Refused: the old ones stay, and are still good. */
    assert_true(connection_rotate(&bench->porting, &bench->team, id, &secrets, bench_key(bench), &problem));
    bench->carrier.checks_to_fail = 1;
    assert_true(check(bench));
    struct connection_view view = look(bench, &bench->team, &bench->connection);
    assert_true(view.has_next);
    assert_int_equal(view.next_test, CONNECTION_CREDENTIALS);
    assert_int_equal(view.test, CONNECTION_GOOD);
    assert_int_equal(view.rotated_at, 0);
    /* Forgotten. */
    struct text forget_key = bench_key(bench);
    assert_true(connection_forget_next(&bench->porting, &bench->team, id, forget_key, &problem));
    assert_false(look(bench, &bench->team, &bench->connection).has_next);
    /* Good: they are used by whoever calls next, in this very process, and the old connection is closed. */
    assert_true(connection_rotate(&bench->porting, &bench->team, id, &secrets, bench_key(bench), &problem));
    /* The form that forgot the others, come a second time, does not forget these. */
    assert_true(connection_forget_next(&bench->porting, &bench->team, id, forget_key, &problem));
    assert_true(look(bench, &bench->team, &bench->connection).has_next);
    int closed = bench->carrier.closed;
    assert_true(check(bench));
    view = look(bench, &bench->team, &bench->connection);
    assert_false(view.has_next);
    assert_int_equal(view.rotated_at, clock_now(bench->clock));
    assert_string_equal(bench->carrier.secret, "the-next-token");
    assert_true(bench->carrier.closed > closed);
    bench_submitted(bench, &bench->owner, "415-552-0134");
    assert_true(bench_run(bench));
    assert_int_equal(bench->carrier.opened - bench->carrier.closed, 1);
}

/* An order that was refused for the credentials goes on as soon as they are good. */
static void orders_go_on_with_good_credentials(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct connection_secrets secrets = {.secret = TEXT("the-next-token")};
    bench->carrier.create_fails = PROBLEM_LATER;
    bench_submitted(bench, &bench->owner, "415-552-0134");
    assert_false(bench_run(bench));
    bench->carrier.create_fails = PROBLEM_NONE;
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM job WHERE kind = 'order_place'"), 0);
    assert_true(connection_rotate(
        &bench->porting, &bench->team, id_text(&bench->connection), &secrets, bench_key(bench), &problem));
    assert_true(check(bench));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM job WHERE kind = 'order_place'"), 1);
}

static void what_is_wrong_is_told_at_its_field(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *label, *sid, *secret, *url, *field;
    } cases[] = {
        {"", SID, "s", "", "label"},
        {"x", SID, "", "", "secret"},
        {"x", SID, "two words", "", "secret"},
        {"x", "nonsense", "s", "", "account_sid"},
        {"x", SID, "s", "ftp://x", "base_url"},
        {"x", SID, "s", "https://x@y", "base_url"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {0};
        struct id id;
        struct connection_new from = made_of(cases[i].secret);
        from.label = text_from(cases[i].label);
        from.account_sid = text_from(cases[i].sid);
        from.base_url = text_from(cases[i].url);
        assert_false(connection_add(&bench->porting, &bench->team, &from, bench_key(bench), &id, &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
        assert_string_equal(problem.field, cases[i].field);
    }
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM carrier_connection"), 1);
}

/* ---- The settings ---- */

static void settings_are_taken_in_when_they_are_new(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct connection_settings say = {.account_sid = TEXT(SID),
        .auth_token = TEXT("of-the-settings"),
        .base_url = TEXT("https://a.example"),
        .upload_url = TEXT("https://b.example"),
        .api_url = TEXT("https://c.example")};
    static const char counts[] = "SELECT count(*) * 100 + max(version) FROM carrier_connection WHERE"
                                 " config_hash IS NOT NULL";
    assert_true(connection_from_settings(&bench->porting, &say, &problem));
    assert_int_equal(bench_number(bench, counts), 101);
    assert_true(connection_from_settings(&bench->porting, &say, &problem));
    assert_int_equal(bench_number(bench, counts), 101); /* nothing new */
    say.auth_token = TEXT("another-token");
    assert_true(connection_from_settings(&bench->porting, &say, &problem));
    assert_int_equal(bench_number(bench, counts), 102);
    say.account_sid = TEXT("AC2223456789abcdef0123456789abcdef"); /* its orders stay where they are */
    assert_true(connection_from_settings(&bench->porting, &say, &problem));
    assert_int_equal(bench_number(bench, counts), 101);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM carrier_connection WHERE takes_new = 0"), 1);
    say.account_sid = TEXT_EMPTY;
    assert_true(connection_from_settings(&bench->porting, &say, &problem));
    say.account_sid = TEXT("wrong");
    assert_false(connection_from_settings(&bench->porting, &say, &problem));
    assert_string_equal(problem.field, "twilio.account_sid");
}

/* ---- Events ---- */

static void events_that_go_elsewhere_are_told_and_left(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct carrier *carrier = &bench->carrier;
    assert_true(check(bench));
    assert_int_equal(look(bench, &bench->team, &bench->connection).webhook, CONNECTION_WEBHOOK_GOOD);
    char ours[200];
    snprintf(ours, sizeof ours, "%s", carrier->webhook);
    assert_non_null(strstr(ours, "https://desk.example/hooks/twilio/"));
    snprintf(carrier->webhook, sizeof carrier->webhook, "https://user:pw@thief.example/secret");
    assert_true(check(bench));
    struct connection_view view = look(bench, &bench->team, &bench->connection);
    assert_int_equal(view.webhook, CONNECTION_WEBHOOK_ELSEWHERE);
    assert_text(view.webhook_found, "thief.example");
    assert_string_equal(carrier->webhook, "https://user:pw@thief.example/secret");
    assert_true(connection_test(
        &bench->porting, &bench->team, id_text(&bench->connection), true, bench_key(bench), &problem));
    assert_true(check(bench));
    assert_string_equal(carrier->webhook, ours);
    /* The desk has moved: what was told the carrier last is ours to replace. */
    bench->porting.base_url = TEXT("https://moved.example");
    assert_true(check(bench));
    assert_non_null(strstr(carrier->webhook, "https://moved.example/hooks/twilio/"));
    assert_int_equal(look(bench, &bench->team, &bench->connection).webhook, CONNECTION_WEBHOOK_GOOD);
}

static void the_letters_mail_is_told_once(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct connection_changes changes = {
        .label = TEXT("Twilio"), .takes_new = true, .letter = {.subject = TEXT("Please sign")}};
    assert_true(check(bench));
    assert_int_equal(bench->carrier.brands, 0);
    assert_true(connection_change(
        &bench->porting, &bench->team, id_text(&bench->connection), &changes, bench_key(bench), &problem));
    assert_true(check(bench) && check(bench));
    assert_int_equal(bench->carrier.brands, 1);
    assert_string_equal(bench->carrier.letter_subject, "Please sign");
}

/* ---- The carrier's list ---- */

static bool reconcile(struct bench *bench)
{
    int64_t again_at;
    struct problem problem;
    bool done = work(
        bench, connection_reconcile, CONNECTION_OPERATOR, id_text(&bench->connection), &again_at, &problem);
    return done && again_at > clock_now(bench->clock);
}

static void a_change_that_nobody_told_is_found_in_the_list(void **state)
{
    struct bench *bench = *state;
    static const char due[] = "SELECT count(*) FROM job WHERE kind = 'order_sync'";
    for (int i = 0; i < 5; i++) {
        char number[16];
        snprintf(number, sizeof number, "415-552-013%d", i);
        bench_submitted(bench, &bench->owner, number);
    }
    assert_true(bench_run(bench));
    run_sql(bench, "DELETE FROM job");
    assert_true(reconcile(bench));
    assert_int_equal(bench_number(bench, due), 0);
    bench->carrier.ports[3].status = "Action Required"; /* on the second page */
    bench->carrier.ports[3].suggested_action = "Review the rejection reason";
    assert_true(reconcile(bench));
    assert_int_equal(bench_number(bench, due), 1);
    assert_int_equal(bench_number(bench,
                         "SELECT count(*) FROM carrier_order WHERE suggested_action = 'Review the rejection"
                         " reason'"),
        1);
}

static void a_port_that_was_not_made_here_is_shown_until_it_is_gone(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct unknown_port *ports;
    size_t count;
    struct text id = id_text(&bench->connection);
    struct carrier *carrier = &bench->carrier;
    carrier->ports[carrier->ports_count++] = (struct fake_port){.ref = "KW99999999999999999999999999999999",
        .status = "In Review",
        .numbers_count = 3,
        .numbers = {{.changed_at = clock_now(bench->clock) - CLOCK_MINUTE}}};
    assert_true(reconcile(bench)); /* an answer to its create may still be on its way to us */
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM unknown_port"), 0);
    clock_advance(bench->clock, CLOCK_HOUR);
    assert_true(reconcile(bench) && reconcile(bench));
    assert_true(
        connection_unknown_ports(&bench->porting, &bench->team, id, bench->arena, &ports, &count, &problem));
    assert_int_equal(count, 1);
    assert_text(ports[0].ref, "KW99999999999999999999999999999999");
    assert_int_equal(ports[0].numbers, 3);
    carrier->ports_count = 0;
    clock_advance(bench->clock, CLOCK_HOUR);
    assert_true(reconcile(bench));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM unknown_port"), 0);
}

/* ---- Rest, and the inventory ---- */

/* A job that the carrier sends away has not failed: it goes on when the carrier wants. */
static void rest_is_no_failure(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    int64_t again_at, now = clock_now(bench->clock);
    struct id id = bench_submitted(bench, &bench->owner, "415-552-0134");
    struct request_view view = bench_view(bench, &bench->owner, &id);
    bench->carrier.create_fails = PROBLEM_LATER;
    bench->carrier.rests = 30 * CLOCK_SECOND;
    assert_true(work(bench, order_place, bench->owner.account, view.numbers[0].order, &again_at, &problem));
    assert_int_equal(problem.kind, PROBLEM_NONE);
    assert_int_equal(again_at, now + 30 * CLOCK_SECOND);
    bench->carrier.rests = 0;
    bench->carrier.create_fails = PROBLEM_NONE;
    assert_true(work(bench, order_place, bench->owner.account, view.numbers[0].order, &again_at, &problem));
    bench->carrier.rests = 5 * CLOCK_SECOND;
    bench->carrier.fetch_fails = PROBLEM_LATER;
    assert_true(work(bench, order_sync, bench->owner.account, view.numbers[0].order, &again_at, &problem));
    assert_int_equal(again_at, now + 5 * CLOCK_SECOND);
}

static void a_number_is_arriving_until_the_inventory_has_it(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    int64_t again_at;
    struct id id = bench_submitted(bench, &bench->owner, "415-552-0134");
    assert_true(bench_run(bench));
    struct text order = bench_view(bench, &bench->owner, &id).numbers[0].order;
    bench->carrier.inventory_lags = true;
    bench_state(bench, bench_port(bench), "completed");
    assert_int_equal(bench->carrier.looks, 1);
    static const char arriving[] = "SELECT count(*) FROM number WHERE ready_at IS NULL";
    assert_int_equal(bench_number(bench, arriving), 1);
    assert_true(work(bench, order_ready, bench->owner.account, order, &again_at, &problem));
    assert_int_equal(again_at, clock_now(bench->clock) + CLOCK_MINUTE);
    clock_advance(bench->clock, 2 * CLOCK_HOUR);
    assert_true(work(bench, order_ready, bench->owner.account, order, &again_at, &problem));
    assert_int_equal(again_at, clock_now(bench->clock) + 30 * CLOCK_MINUTE);
    bench->carrier.inventory_lags = false;
    assert_true(work(bench, order_ready, bench->owner.account, order, &again_at, &problem));
    assert_int_equal(again_at, 0);
    assert_int_equal(bench_number(bench, arriving), 0);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number WHERE carrier_ref LIKE 'PN%'"), 1);
}

/* A week is too long: a person looks. */
static void an_inventory_that_never_has_it_is_a_persons(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    int64_t again_at;
    struct id id = bench_submitted(bench, &bench->owner, "415-552-0134");
    assert_true(bench_run(bench));
    struct text order = bench_view(bench, &bench->owner, &id).numbers[0].order;
    bench->carrier.inventory_lags = true;
    bench_state(bench, bench_port(bench), "completed");
    clock_advance(bench->clock, 8 * CLOCK_DAY);
    assert_false(work(bench, order_ready, bench->owner.account, order, &again_at, &problem));
    assert_int_equal(problem.kind, PROBLEM_UPSTREAM);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        CASE(everybody_sees_their_own),
        CASE(an_accounts_own_goes_before_the_operators),
        CASE(without_any_an_order_waits),
        CASE(new_credentials_replace_the_old_when_they_are_good),
        CASE(orders_go_on_with_good_credentials),
        CASE(what_is_wrong_is_told_at_its_field),
        CASE(settings_are_taken_in_when_they_are_new),
        CASE(events_that_go_elsewhere_are_told_and_left),
        CASE(the_letters_mail_is_told_once),
        CASE(a_change_that_nobody_told_is_found_in_the_list),
        CASE(a_port_that_was_not_made_here_is_shown_until_it_is_gone),
        CASE(rest_is_no_failure),
        CASE(a_number_is_arriving_until_the_inventory_has_it),
        CASE(an_inventory_that_never_has_it_is_a_persons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
