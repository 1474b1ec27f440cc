/* What the porting team records by hand has the effects of the same event by a carrier's own way: two requests go through the same life, one at the
 * carrier and one by hand, and after each event everything about them is the same. And what of the form is refused. */
#include "bench.h"
#include "porting/desk.h"
#include "porting/watch.h"

#define HAND TEXT("+18005520199")

struct picture {
    const char *what, *sql; /* of the request $1 */
};

static const struct picture pictures[] = {
    /* What waits for the new carrier there waits for the porting team by hand. */
    {"request",
        "SELECT status || '|' || CASE WHEN turn = 'porting_team' AND status IN ('in_review', 'submitted',"
        " 'canceling') THEN 'gaining_carrier' ELSE turn END || '|' || COALESCE(firm_date, '') || '|' || numbers_completed || '|' ||"
        " CASE WHEN ended_at IS NULL THEN 'open' ELSE 'ended' END || '|' || CASE WHEN ported_at IS NULL THEN"
        " '' ELSE 'ported' END || '|' || CASE WHEN watch_at = changed_at THEN 'watched' ELSE '' END FROM"
        " port_request WHERE id = $1"},
    {"numbers",
        "SELECT status || '|' || COALESCE(rejection, '') || '|' || COALESCE(firm_date, '') || '|' || CASE WHEN"
        " claimed IS NULL THEN '' ELSE 'claimed' END || '|' || CASE WHEN ported_at IS NULL THEN '' ELSE"
        " 'ported' END || '|' || CASE WHEN firm_at IS NULL THEN '' ELSE 'firm' END FROM port_number WHERE request = $1"},
    {"guard",
        "SELECT COALESCE((SELECT u.kind FROM number_use u WHERE u.account = n.account AND u.e164 = n.e164), 'free')"
        " FROM port_number n WHERE n.request = $1"},
    {"said",
        "SELECT o.status || '|' || COALESCE(o.rejection, '') FROM order_number o JOIN port_number n ON n.account ="
        " o.account AND n.carrier_order = o.carrier_order WHERE n.request = $1"},
    {"pin", "SELECT 'pin' FROM port_pin WHERE request = $1"},
    {"inventory", "SELECT 'here' FROM number WHERE request = $1"},
    {"timeline",
        "SELECT event || ':' || about FROM timeline WHERE request = $1 AND event NOT IN ('order_placed',"
        " 'order_manual') ORDER BY event, about"},
    {"mails", "SELECT notice || ':' || to_name FROM mail WHERE request = $1 ORDER BY notice, to_name"},
};

struct shot {
    struct bench *bench;
    const char *sql;
    struct text request, seen;
};

static bool shot_closure(struct db_tx *tx, void *context)
{
    struct shot *shot = context;
    shot->seen = TEXT_EMPTY;
    DB_ROWS rows = db_query(tx, shot->sql, DB_ARGS(db_text(shot->request)));
    while (db_next(rows))
        shot->seen = text_format(
            shot->bench->arena, "%.*s\n  %.*s", TEXT_ARG(shot->seen), TEXT_ARG(db_col_text(rows, 0)));
    return db_ok(tx);
}

static struct text shot(struct bench *bench, const char *sql, const struct id *request)
{
    struct shot shot = {bench, sql, id_text(request), TEXT_EMPTY};
    struct problem problem = {0};
    assert_true(db_read(bench->db, shot_closure, &shot, &problem));
    return shot.seen;
}

static void alike(
    struct bench *bench, const char *life, const char *event, const struct id *there, const struct id *hand)
{
    for (size_t i = 0; i < COUNT(pictures); i++) {
        struct text a = shot(bench, pictures[i].sql, there), b = shot(bench, pictures[i].sql, hand);
        if (!text_equal(a, b))
            fail_msg("%s, %s: %s\nat the carrier:%.*s\nby hand:%.*s", life, event, pictures[i].what,
                TEXT_ARG(a), TEXT_ARG(b));
    }
}

/* One event: the carrier's word, and what is recorded; cancel: both are asked to cancel first. */
struct event {
    const char *word;
    enum number_status status;
    const char *day, *rejection, *carriers; /* rejection: ours, and the carrier's code for it */
    bool cancel;
};

#define FIRST "2026-11-03"
#define SECOND "2026-11-05"
#define IS(word_, status_)                                                                                   \
    {                                                                                                        \
        .word = (word_), .status = NUMBER_STATUS_##status_                                                   \
    }
#define ON(day_)                                                                                             \
    {                                                                                                        \
        .word = "port_pending", .status = NUMBER_STATUS_PENDING, .day = (day_)                               \
    }
#define REFUSED(ours, theirs)                                                                                \
    {                                                                                                        \
        .word = "port_rejected", .status = NUMBER_STATUS_REJECTED, .rejection = (ours), .carriers = (theirs) \
    }
static const struct life {
    const char *name;
    struct event events[6];
} lives[] = {
    {"a date set, moved, lost, set, completed",
        {IS("port_submitted", SUBMITTED), ON(FIRST), ON(SECOND), IS("port_pending", PENDING), ON(FIRST),
            IS("completed", COMPLETED)}},
    {"sent back, then taken after all",
        {IS("port_pending", PENDING), REFUSED("pin", "INVALID_PIN"), ON(FIRST), IS("completed", COMPLETED)}},
    {"sent back for what is the team's",
        {IS("port_submitted", SUBMITTED), REFUSED("other", "CONTACT_SUPPORT_REQUIRED")}},
    {"a cancel that is confirmed",
        {IS("port_submitted", SUBMITTED),
            {.word = "canceled", .status = NUMBER_STATUS_CANCELED, .cancel = true}}},
    {"a cancel that comes too late",
        {ON(FIRST), {.word = "port_pending", .status = NUMBER_STATUS_PENDING, .day = FIRST, .cancel = true},
            IS("completed", COMPLETED)}},
    {"completed though nobody named a day", {IS("completed", COMPLETED)}},
    {"recorded wrongly, and back", {ON(FIRST), IS("port_submitted", SUBMITTED), ON(SECOND)}},
};

static void at_carrier(struct bench *bench, const struct event *event)
{
    struct date date;
    struct fake_number *number = &bench_port(bench)->numbers[0];
    number->rejection = event->carriers;
    number->port_at =
        event->day && date_parse(text_from(event->day), &date) ? date_at(date, 0, 0, TEXT_EMPTY) : 0;
    bench_state(bench, bench_port(bench), event->word);
}

static void by_hand(struct bench *bench, const struct id *request, const struct event *event)
{
    struct problem problem = {0};
    struct record_form form = {.request = id_text(request),
        .number = HAND,
        .status = event->status,
        .firm_date = event->day ? text_from(event->day) : TEXT_EMPTY,
        .rejection = event->rejection ? text_from(event->rejection) : TEXT_EMPTY,
        .sure = true,
        .key = bench_key(bench)};
    if (!request_record(&bench->porting, &bench->team, &form, &problem))
        fail_msg("%s: %s", event->word, words_key(problem.word));
}

static void live(const struct life *life)
{
    void *state = NULL;
    assert_int_equal(bench_setup(&state), 0);
    struct bench *bench = state;
    struct problem problem = {0};
    struct id there = bench_submitted(bench, &bench->agent, "415-552-0134");
    struct id hand = bench_submitted(bench, &bench->agent, "800-552-0199");
    assert_true(bench_run(bench));
    for (size_t i = 0; i < COUNT(life->events) && life->events[i].word; i++) {
        const struct event *event = &life->events[i];
        const struct id *both[] = {&there, &hand};
        for (size_t j = 0; event->cancel && j < COUNT(both); j++)
            assert_true(
                request_cancel(&bench->porting, &bench->agent, id_text(both[j]), bench_key(bench), &problem));
        bench->carrier.cancel_is_refused = event->status != NUMBER_STATUS_CANCELED;
        at_carrier(bench, event);
        by_hand(bench, &hand, event);
        alike(bench, life->name, event->word, &there, &hand);
    }
    bench_teardown(&state);
}

static void test_effects_are_those_of_the_carrier(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lives); i++)
        live(&lives[i]);
}

static void test_what_is_refused(void **state)
{
    struct bench *bench = *state;
    struct id id = bench_submitted(bench, &bench->owner, "800-552-0199\n415-552-0134");
    static const struct {
        struct record_form form;
        enum problem_kind kind;
        const char *field;
        enum word word;
    } cases[] = {
        {{.status = NUMBER_STATUS_DRAFT}, PROBLEM_INPUT, "status", WORD_porting_status_wrong},
        {{.status = NUMBER_STATUS_CANCELING}, PROBLEM_INPUT, "status", WORD_porting_status_wrong},
        {{.status = NUMBER_STATUS_PENDING, .firm_date = {"2026-02-30", 10}}, PROBLEM_INPUT, "firm_date",
            WORD_porting_date_wrong},
        {{.status = NUMBER_STATUS_PENDING, .firm_date = {"2026-10-19", 10}}, PROBLEM_INPUT, "firm_date",
            WORD_porting_date_past},
        {{.status = NUMBER_STATUS_PENDING, .firm_date = {"2027-10-22", 10}}, PROBLEM_INPUT, "sure",
            WORD_porting_date_far},
        {{.status = NUMBER_STATUS_PENDING, .firm_date = {"2026-10-24", 10}}, PROBLEM_INPUT, "sure",
            WORD_porting_date_no_business}, /* a Saturday */
        {{.status = NUMBER_STATUS_PENDING, .firm_date = {"2026-11-26", 10}}, PROBLEM_INPUT, "sure",
            WORD_porting_date_no_business}, /* Thanksgiving */
        {{.status = NUMBER_STATUS_SUBMITTED, .firm_date = {"2026-11-03", 10}}, PROBLEM_INPUT, "firm_date",
            WORD_porting_date_not_here},
        {{.status = NUMBER_STATUS_REJECTED}, PROBLEM_INPUT, "rejection", WORD_porting_field_missing},
        {{.status = NUMBER_STATUS_COMPLETED}, PROBLEM_INPUT, "sure", WORD_porting_be_sure},
        {{.status = NUMBER_STATUS_CANCELED}, PROBLEM_INPUT, "sure", WORD_porting_be_sure},
        {{.status = NUMBER_STATUS_PENDING, .number = {"+14155520134", 12}}, PROBLEM_CONFLICT, "number",
            WORD_porting_not_by_hand},
        {{.status = NUMBER_STATUS_PENDING, .number = {"+14155520000", 12}}, PROBLEM_NOT_FOUND, "number",
            WORD_problem_not_found},
    };
    assert_true(bench_run(bench));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {0};
        struct record_form form = cases[i].form;
        form.request = id_text(&id);
        form.number = form.number.len ? form.number : HAND;
        form.key = bench_key(bench);
        assert_false(request_record(&bench->porting, &bench->team, &form, &problem));
        assert_int_equal(problem.kind, cases[i].kind);
        assert_string_equal(problem.field, cases[i].field);
        assert_int_equal(problem.word, cases[i].word);
    }
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM audit_event WHERE kind = 'recorded'"), 0);
}

/* The same form again is the same record; all numbers at once; and nothing after an end. */
static void test_all_numbers_once(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->owner, "800-552-0199\n800-552-0198\n416-552-0177");
    struct record_form form = {.request = id_text(&id),
        .number = TEXT(RECORD_ALL),
        .status = NUMBER_STATUS_PENDING,
        .firm_date = TEXT("2026-11-03"),
        .key = bench_key(bench)};
    for (int i = 0; i < 2; i++)
        assert_true(request_record(&bench->porting, &bench->team, &form, &problem));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM audit_event WHERE kind = 'recorded'"), 1);
    assert_int_equal(
        bench_number(bench, "SELECT count(*) FROM port_number WHERE firm_date = '2026-11-03'"), 3);
    form = (struct record_form){.request = id_text(&id),
        .number = TEXT(RECORD_ALL),
        .status = NUMBER_STATUS_COMPLETED,
        .sure = true,
        .key = bench_key(bench)};
    assert_true(request_record(&bench->porting, &bench->team, &form, &problem));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number"), 3);
    form.number = HAND;
    form.status = NUMBER_STATUS_PENDING;
    form.key = bench_key(bench);
    assert_false(request_record(&bench->porting, &bench->team, &form, &problem));
    assert_int_equal(problem.word, WORD_porting_number_ended);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_effects_are_those_of_the_carrier),
        cmocka_unit_test_setup_teardown(test_what_is_refused, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_all_numbers_once, bench_setup, bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
