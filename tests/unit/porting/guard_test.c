/* The guard (MISSION P11) through the life of a request: when a number is claimed and when it is free again for a personal phone, whose
 * phone stands in the way, and what becomes of a personal phone whose number comes to live here. */
#include "bench.h"
#include "people/members.h"
#include "porting/claim.h"
#include "porting/holder.h"
#include "rules/checklist.h"

#define ONE "415-552-0134"
#define ONE_E164 "+14155520134"

static bool phone(struct bench *bench, const struct actor *actor, const char *e164, struct problem *problem)
{
    *problem = (struct problem){0};
    return user_set_personal_phone(bench->db, actor->account, actor->user, text_from(e164), problem);
}

static int64_t claims(struct bench *bench)
{
    return bench_number(bench, "SELECT count(*) FROM number_use WHERE kind = 'port'");
}

/* ---- When a claim ends ---- */

static void end_completed(struct bench *bench, const struct id *id)
{
    (void)id;
    bench_state(bench, bench_port(bench), "completed");
}

static void end_canceled(struct bench *bench, const struct id *id)
{
    struct problem problem = {0};
    assert_true(request_cancel(&bench->porting, &bench->owner, id_text(id), bench_key(bench), &problem));
    assert_true(bench_run(bench));
    bench_port(bench)->status = "Canceled";
    bench_state(bench, bench_port(bench), "canceled");
}

static void end_expired(struct bench *bench, const struct id *id)
{
    (void)id;
    bench_state(bench, bench_port(bench), "waiting_for_signature");
    bench_port(bench)->status = "Expired";
    bench_state(bench, NULL, NULL);
}

static void end_action_required(struct bench *bench, const struct id *id)
{
    struct fake_port *port = bench_port(bench);
    (void)id;
    bench_state(bench, port, "port_submitted");
    port->numbers[0].rejection = "INVALID_PIN";
    bench_state(bench, port, "port_rejected");
}

static void test_when_a_claim_ends(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *name, *number, *e164;
        void (*end)(struct bench *, const struct id *);
        enum request_status status;
        enum word refused; /* the phone afterwards; WORD_NONE: it is taken */
    } cases[] = {
        {"under way", "415-552-0140", "+14155520140", NULL, REQUEST_STATUS_IN_REVIEW,
            WORD_people_phone_in_port},
        {"action required", "415-552-0141", "+14155520141", end_action_required,
            REQUEST_STATUS_ACTION_REQUIRED, WORD_people_phone_in_port},
        {"completed", "415-552-0142", "+14155520142", end_completed, REQUEST_STATUS_COMPLETED,
            WORD_people_phone_in_inventory},
        {"canceled", "415-552-0143", "+14155520143", end_canceled, REQUEST_STATUS_CANCELED, WORD_NONE},
        {"expired", "415-552-0144", "+14155520144", end_expired, REQUEST_STATUS_EXPIRED, WORD_NONE},
        {"not portable", "415-552-0145", "+14155520145", NULL, REQUEST_STATUS_NOT_PORTABLE, WORD_NONE},
    };
    bench->carrier.not_portable = "+14155520145";
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {0};
        /* A draft claims nothing. */
        struct id id = bench_draft(bench, &bench->owner, cases[i].number);
        assert_true(phone(bench, &bench->agent, cases[i].e164, &problem));
        assert_false(
            request_submit(&bench->porting, &bench->owner, id_text(&id), NULL, bench_key(bench), &problem));
        assert_true(phone(bench, &bench->agent, "", &problem)); /* emptied: free at once */
        assert_true(
            request_submit(&bench->porting, &bench->owner, id_text(&id), NULL, bench_key(bench), &problem));
        assert_false(phone(bench, &bench->agent, cases[i].e164, &problem));
        assert_int_equal(problem.word, WORD_people_phone_in_port);
        assert_true(bench_run(bench));
        if (cases[i].end)
            cases[i].end(bench, &id);
        if (bench_view(bench, &bench->owner, &id).status != cases[i].status)
            fail_msg(
                "%s: %s", cases[i].name, request_status_name(bench_view(bench, &bench->owner, &id).status));
        bool taken = phone(bench, &bench->agent, cases[i].e164, &problem);
        if (taken != (cases[i].refused == WORD_NONE) || problem.word != cases[i].refused)
            fail_msg("%s: %s", cases[i].name, words_key(problem.word));
        assert_true(phone(bench, &bench->agent, "", &problem));
    }
}

static void test_a_discarded_draft_held_nothing(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_draft(bench, &bench->owner, ONE);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use"), 0);
    assert_true(draft_discard(&bench->porting, &bench->owner, id_text(&id), &problem));
    assert_true(phone(bench, &bench->agent, ONE_E164, &problem));
}

/* An office phone of two is free when the last of them has another one. */
static void test_a_shared_phone(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    struct id id = bench_draft(bench, &bench->owner, ONE);
    assert_true(phone(bench, &bench->agent, ONE_E164, &problem));
    assert_true(phone(bench, &bench->owner, ONE_E164, &problem));
    assert_true(phone(bench, &bench->agent, "+14155520150", &problem)); /* changed */
    assert_false(
        request_submit(&bench->porting, &bench->owner, id_text(&id), NULL, bench_key(bench), &problem));
    assert_true(phone(bench, &bench->owner, "+14155520150", &problem));
    problem = (struct problem){0};
    assert_true(
        request_submit(&bench->porting, &bench->owner, id_text(&id), NULL, bench_key(bench), &problem));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use WHERE kind = 'personal'"), 1);
}

/* Who is removed gives the phone back, and takes none any more, though a page may still be open. */
static void test_a_removed_user(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    const struct people people = {
        .db = bench->db, .clock = bench->clock, .passwords = bench->passwords, .vault = bench->vault};
    assert_true(phone(bench, &bench->agent, ONE_E164, &problem));
    struct id id = bench_draft(bench, &bench->owner, ONE);
    assert_false(
        request_submit(&bench->porting, &bench->owner, id_text(&id), NULL, bench_key(bench), &problem));
    assert_true(member_remove(&people, &bench->owner, bench->owner.account, bench->agent.user, &problem));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use"), 0);
    assert_false(phone(bench, &bench->agent, ONE_E164, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    problem = (struct problem){0};
    assert_true(
        request_submit(&bench->porting, &bench->owner, id_text(&id), NULL, bench_key(bench), &problem));
}

/* What has ended claims its place again when it is sent again: not if somebody took the number for a phone meanwhile. */
static void test_sent_again_after_its_end(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    struct draft_fields values = {.pin = TEXT("551100")};
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    end_expired(bench, &id);
    assert_true(phone(bench, &bench->agent, ONE_E164, &problem));
    assert_false(request_fix(&bench->porting, &bench->owner, id_text(&id), DRAFT_FIELD_BIT(DRAFT_FIELD_PIN),
        &values, bench_key(bench), &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    assert_int_equal(problem.word, WORD_porting_number_personal);
    assert_int_equal(claims(bench), 0);
    assert_true(phone(bench, &bench->agent, "", &problem));
    assert_true(request_fix(&bench->porting, &bench->owner, id_text(&id), DRAFT_FIELD_BIT(DRAFT_FIELD_PIN),
        &values, bench_key(bench), &problem));
    assert_int_equal(claims(bench), 1);
    assert_false(phone(bench, &bench->agent, ONE_E164, &problem));
}

/* ---- A number that comes to live here ---- */

struct statement {
    const char *sql;
    struct text account;
};

static bool run(struct db_tx *tx, void *context)
{
    const struct statement *statement = context;
    return db_exec(tx, statement->sql, DB_ARGS(db_text(statement->account)));
}

static void execute(struct bench *bench, const char *sql)
{
    struct problem problem = {0};
    struct statement statement = {sql, bench->owner.account};
    if (!db_write(bench->db, run, &statement, &problem))
        fail_msg("%s: %s", sql, problem.detail);
}

struct arrival {
    struct bench *bench;
    struct id request;
};

static bool arrive(struct db_tx *tx, void *context)
{
    const struct arrival *arrival = context;
    struct claim claim = {.number_id = TEXT("none"), .e164 = TEXT(ONE_E164)};
    return claim_to_inventory(tx, &arrival->bench->porting, arrival->bench->owner.account, &claim, 1,
        TEXT("twilio"), id_text(&arrival->request), clock_now(arrival->bench->clock));
}

/* Today no way leads there, since the claim stands until the end. Should one be found, or numbers come by an import: the number is
 * here, and that is the truth; the phones yield. */
static void test_a_completion_is_never_lost(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct arrival arrival = {.bench = bench, .request = bench_submitted(bench, &bench->owner, ONE)};
    assert_true(bench_run(bench));
    /* The claim is taken from it by force, and two people take the number. */
    execute(bench, "UPDATE port_number SET claimed = NULL WHERE account = $1");
    execute(bench, "DELETE FROM number_use WHERE account = $1 AND kind = 'port'");
    assert_true(phone(bench, &bench->agent, ONE_E164, &problem));
    assert_true(phone(bench, &bench->owner, ONE_E164, &problem));
    if (!db_write(bench->db, arrive, &arrival, &problem))
        fail_msg("%s %s", words_key(problem.word), problem.detail);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number WHERE e164 = '" ONE_E164 "'"), 1);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use WHERE kind = 'inventory'"), 1);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use WHERE kind = 'personal'"), 0);
    assert_int_equal(
        bench_number(bench, "SELECT count(*) FROM app_user WHERE personal_phone IS NOT NULL"), 0);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM person_mail WHERE kind = 'phone_here'"), 2);
    assert_int_equal(
        bench_number(bench, "SELECT count(*) FROM audit_event WHERE kind = 'personal_phone_given_up'"), 2);
    assert_false(phone(bench, &bench->agent, ONE_E164, &problem));
    assert_int_equal(problem.word, WORD_people_phone_in_inventory);
}

/* ---- Who is told what ---- */

static const struct finding *first_finding(
    struct bench *bench, const struct actor *actor, const struct id *id)
{
    struct problem problem = {0};
    struct draft draft;
    assert_true(draft_load(&bench->porting, actor, id_text(id), bench->arena, &draft, &problem));
    assert_true(draft.findings_count > 0);
    return &draft.findings[0];
}

static void test_whose_phone_it_is(void **state)
{
    struct bench *bench = *state;
    struct problem problem;
    struct id id = bench_draft(bench, &bench->agent, ONE);
    assert_true(phone(bench, &bench->owner, ONE_E164, &problem));
    /* An agent does not see who the others are; the owner sees their own. */
    const struct finding *finding = first_finding(bench, &bench->agent, &id);
    assert_int_equal(finding->word, WORD_porting_number_personal);
    assert_int_equal(finding->who.len, 0);
    assert_int_equal(first_finding(bench, &bench->owner, &id)->word, WORD_porting_number_personal_own);
    /* The porting team is told the name, and so is an owner of another's phone. */
    finding = first_finding(bench, &bench->team, &id);
    assert_int_equal(finding->word, WORD_porting_number_personal_of);
    assert_text(finding->who, text_cstr(bench->arena, bench->owner.name));
    assert_true(phone(bench, &bench->owner, "", &problem));
    assert_true(phone(bench, &bench->agent, ONE_E164, &problem));
    finding = first_finding(bench, &bench->owner, &id);
    assert_int_equal(finding->word, WORD_porting_number_personal_of);
    assert_text(finding->who, text_cstr(bench->arena, bench->agent.name));
    assert_int_equal(first_finding(bench, &bench->agent, &id)->word, WORD_porting_number_personal_own);
}

static void test_who_holds_a_number(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct number_holder holder;
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    const struct {
        const struct actor *actor;
        enum number_holding holding;
        bool told;
    } cases[] = {{&bench->owner, HOLDING_PORT, true}, {&bench->agent, HOLDING_PORT, false},
        {&bench->stranger, HOLDING_NONE, false}, {&bench->team, HOLDING_NONE, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(
            number_holder(&bench->porting, cases[i].actor, TEXT(ONE_E164), bench->arena, &holder, &problem));
        assert_int_equal(holder.holding, cases[i].holding);
        assert_int_equal(text_equal(holder.request, id_text(&id)), cases[i].told);
    }
    assert_true(bench_run(bench));
    bench_state(bench, bench_port(bench), "completed");
    assert_true(
        number_holder(&bench->porting, &bench->owner, TEXT(ONE_E164), bench->arena, &holder, &problem));
    assert_int_equal(holder.holding, HOLDING_INVENTORY);
}

/* ---- Mails that are not wanted ---- */

static int64_t mails(struct bench *bench, const struct actor *to)
{
    const char *sql =
        text_format(bench->arena, "SELECT count(*) FROM mail WHERE to_address = '%.*s'", TEXT_ARG(to->email))
            .at;
    return bench_number(bench, sql);
}

static void test_mails_that_are_not_wanted(void **state)
{
    struct bench *bench = *state;
    struct id id = bench_submitted(bench, &bench->agent, ONE);
    execute(bench, "UPDATE app_user SET notices_off = 15 WHERE account = $1");
    assert_true(bench_run(bench));
    struct fake_port *port = bench_port(bench);
    /* A date: nobody wants it. */
    bench_state(bench, port, "port_submitted");
    port->numbers[0].port_at = clock_now(bench->clock) + 3 * CLOCK_DAY;
    bench_state(bench, port, "port_pending");
    assert_int_equal(mails(bench, &bench->owner), 0);
    assert_int_equal(mails(bench, &bench->agent), 0);
    /* Sent back: the requester must act, and is told whatever was chosen. */
    port->numbers[0].rejection = "INVALID_PIN";
    bench_state(bench, port, "port_rejected");
    assert_int_equal(bench_view(bench, &bench->agent, &id).status, REQUEST_STATUS_ACTION_REQUIRED);
    assert_int_equal(mails(bench, &bench->owner), 0);
    assert_int_equal(mails(bench, &bench->agent), 1);
}

/* ---- The check-list ---- */

static void test_the_check_list(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    uint32_t done = 0, sim = UINT32_C(1) << CHECKLIST_SIM, banks = UINT32_C(1) << CHECKLIST_BANKS;
    struct id id = bench_draft(bench, &bench->owner, ONE);
    struct draft_fields form = {.checklist = sim, .checklist_shown = CHECKLIST_ALL};
    assert_true(draft_save(&bench->porting, &bench->owner, id_text(&id), 2, &form, 7, &problem));
    assert_true(
        request_submit(&bench->porting, &bench->owner, id_text(&id), NULL, bench_key(bench), &problem));
    assert_int_equal(bench_view(bench, &bench->owner, &id).fields.checklist, sim);
    /* Two windows, opened at the same moment: each changes what was changed in it. */
    assert_true(
        request_tick(&bench->porting, &bench->owner, id_text(&id), sim, sim | banks, &done, &problem));
    assert_true(request_tick(&bench->porting, &bench->owner, id_text(&id), sim, 0, &done, &problem));
    assert_int_equal(done, banks);
    assert_int_equal(checklist_open(done), CHECKLIST_COUNT - 1);
    assert_false(request_tick(&bench->porting, &bench->stranger, id_text(&id), 0, sim, &done, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    assert_int_equal(checklist_after(CHECKLIST_ALL, 0, UINT32_MAX), CHECKLIST_ALL);
    assert_true(checklist_applies(NULL));
    assert_true(checklist_applies(directory_find(&bench->directory, TEXT("verizon"))));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_when_a_claim_ends),
        TEST(test_a_discarded_draft_held_nothing),
        TEST(test_a_shared_phone),
        TEST(test_a_removed_user),
        TEST(test_sent_again_after_its_end),
        TEST(test_a_completion_is_never_lost),
        TEST(test_whose_phone_it_is),
        TEST(test_who_holds_a_number),
        TEST(test_mails_that_are_not_wanted),
        TEST(test_the_check_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
