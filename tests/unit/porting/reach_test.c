/* How far a person's rights reach among requests: every use case and every list, for each who asks and each whose it is. */
#include "bench.h"

#define ONE "415-552-0134"

enum { BEGUN, SENT, COLLEAGUES, STRANGERS, WHOSE_COUNT };

struct reached {
    struct bench *bench;
    struct id requests
        [WHOSE_COUNT]; /* under way: begun by the agent; begun by the admin, sent by the agent; the admin's; a stranger's */
    struct id drafts[2]; /* the agent's and the admin's */
};

struct run {
    const char *sql;
    const struct db_value *values;
    size_t count;
};

static bool run_closure(struct db_tx *tx, void *context)
{
    const struct run *run = context;
    return db_exec(tx, run->sql, run->values, run->count);
}

static void run_sql(struct bench *bench, const char *sql, const struct db_value *values, size_t count)
{
    struct problem problem = {0};
    struct run run = {sql, values, count};
    if (!db_write(bench->db, run_closure, &run, &problem))
        fail_msg("%s: %s", sql, problem.detail);
}

/* What the agent began and the admin submitted is the agent's too, and the other way round. */
static struct reached everything(struct bench *bench)
{
    struct problem problem = {0};
    struct reached reached = {.bench = bench};
    reached.requests[BEGUN] = bench_draft(bench, &bench->agent, ONE);
    assert_true(request_submit(
        &bench->porting, &bench->admin, id_text(&reached.requests[BEGUN]), NULL, bench_key(bench), &problem));
    clock_advance(bench->clock, CLOCK_SECOND);
    reached.requests[SENT] = bench_submitted(bench, &bench->admin, "415-552-0135");
    run_sql(bench, "UPDATE port_request SET submitted_by = $1 WHERE id = $2",
        DB_ARGS(db_text(bench->agent.user), db_text(id_text(&reached.requests[SENT]))));
    clock_advance(bench->clock, CLOCK_SECOND);
    reached.requests[COLLEAGUES] = bench_submitted(bench, &bench->admin, "415-552-0136");
    clock_advance(bench->clock, CLOCK_SECOND);
    reached.requests[STRANGERS] = bench_submitted(bench, &bench->stranger, "312-552-0142");
    clock_advance(bench->clock, CLOCK_SECOND);
    reached.drafts[0] = bench_draft(bench, &bench->agent, "415-552-0137");
    clock_advance(bench->clock, CLOCK_SECOND);
    reached.drafts[1] = bench_draft(bench, &bench->admin, "415-552-0138");
    return reached;
}

/* ---- One request ---- */

enum deed { LOAD, STAMP, REMIND, CANCEL, FIX, UPLOAD, OPEN, PUT_OFF, RECORD, DEEDS };

static bool upload(struct bench *bench, const struct actor *actor, struct text id, struct problem *problem)
{
    struct document_upload *uploading = NULL;
    bool ok = document_begin(&bench->porting, actor, id, TEXT("bill.pdf"), &uploading, problem);
    document_abandon(ok ? uploading : NULL);
    return ok;
}

static bool open_bill(struct bench *bench, const struct actor *actor, struct text id, struct problem *problem)
{
    struct blob_reader *reader;
    struct text type, name,
        document = text_format(bench->arena, "doc_%.*s", TEXT_ARG(text_part(id, 3, id.len)));
    int64_t size;
    return document_open(
        &bench->porting, actor, id, document, false, bench->arena, &reader, &type, &name, &size, problem);
}

/* Each is refused for one reason or the other; which one says whether the door was open. */
static enum problem_kind do_it(
    struct bench *bench, enum deed deed, const struct actor *actor, struct text id, enum word *ret_word)
{
    struct porting *porting = &bench->porting;
    struct problem problem = {0};
    struct request_view view;
    struct draft_fields none = {0};
    struct text stamp;
    bool ok = false;
    switch (deed) {
    case LOAD:
        ok = request_load(porting, actor, id, bench->arena, &view, &problem);
        break;
    case STAMP:
        ok = request_stamp(porting, actor, id, bench->arena, &stamp, &problem);
        break;
    case REMIND:
        ok = request_remind(porting, actor, id, &problem);
        break;
    case CANCEL:
        ok = request_cancel(porting, actor, id, TEXT("short"), &problem); /* a key that is no key */
        break;
    case FIX:
        ok = request_fix(porting, actor, id, 0, &none, TEXT("short"), &problem);
        break;
    case UPLOAD:
        ok = upload(bench, actor, id, &problem);
        break;
    case OPEN:
        ok = open_bill(bench, actor, id, &problem);
        break;
    case PUT_OFF:
        ok = request_put_off(porting, actor, id, TEXT("short"), &problem);
        break;
    default:
        ok = request_record(porting, actor,
            &(struct record_form){.request = id,
                .number = TEXT("+14155520100"),
                .status = NUMBER_STATUS_PENDING,
                .key = bench_key(bench)},
            &problem);
        break;
    }
    *ret_word = problem.word;
    return ok ? PROBLEM_NONE : problem.kind;
}

static void test_the_one_door(void **state)
{
    struct bench *bench = *state;
    struct reached reached = everything(bench);
    const struct {
        const struct actor *actor;
        bool reaches[WHOSE_COUNT];
    } people[] = {
        {&bench->agent, {true, true, false, false}},
        {&bench->admin, {true, true, true, false}},
        {&bench->owner, {true, true, true, false}},
        {&bench->stranger, {false, false, false, true}},
        {&bench->team, {true, true, true, true}},
    };
    for (size_t who = 0; who < COUNT(people); who++)
        for (size_t whose = 0; whose < WHOSE_COUNT; whose++)
            for (int deed = LOAD; deed < DEEDS; deed++) {
                enum word word;
                enum problem_kind kind = do_it(
                    bench, (enum deed)deed, people[who].actor, id_text(&reached.requests[whose]), &word);
                bool team_alone = deed >= PUT_OFF && people[who].actor != &bench->team;
                bool shut = kind == PROBLEM_NOT_FOUND && word == WORD_porting_not_found;
                if (team_alone ? kind != PROBLEM_FORBIDDEN : shut == people[who].reaches[whose])
                    fail_msg("person %zu, request %zu, deed %d: %d %s", who, whose, deed, (int)kind,
                        words_key(word));
                assert_true(team_alone || kind != PROBLEM_FORBIDDEN);
            }
}

static void test_drafts(void **state)
{
    struct bench *bench = *state;
    struct reached reached = everything(bench);
    struct text own = id_text(&reached.drafts[0]), others = id_text(&reached.drafts[1]);
    struct draft draft;
    struct draft_fields fields = {.carrier = TEXT("veri")};
    struct problem problem = {0};
    const struct actor *agent = &bench->agent;
    assert_true(draft_load(&bench->porting, agent, own, bench->arena, &draft, &problem));
    assert_false(draft_load(&bench->porting, agent, others, bench->arena, &draft, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    problem = (struct problem){0};
    assert_false(draft_save(&bench->porting, agent, others, 1, &fields, 1, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    problem = (struct problem){0};
    assert_false(request_submit(&bench->porting, agent, others, NULL, bench_key(bench), &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    problem = (struct problem){0};
    assert_false(draft_discard(&bench->porting, agent, others, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM port_request WHERE status = 'draft'"), 2);
    problem = (struct problem){0};
    struct id none;
    assert_false(draft_start(&bench->porting, &bench->team, &none, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
}

/* ---- What the porting team begins for a person ---- */

static struct id begin_for(struct bench *bench, const struct actor *whose)
{
    struct problem problem = {0};
    struct id id;
    if (!draft_start_for(&bench->porting, &bench->team, whose->account, whose->user, &id, &problem))
        fail_msg("%.*s: %s", TEXT_ARG(whose->name), words_key(problem.word));
    return id;
}

static size_t begun_count(struct bench *bench, const struct actor *reader, const struct actor *whose)
{
    struct problem problem = {0};
    struct draft_begun *drafts;
    size_t count;
    bool more;
    assert_true(draft_begun_list(&bench->porting, reader, whose->account, whose->user, bench->arena, &drafts,
        &count, &more, &problem));
    for (size_t i = 1; i < count; i++)
        assert_true(text_compare(id_text(&drafts[i - 1].id), id_text(&drafts[i].id)) > 0);
    assert_true(!more || count == DRAFT_BEGUN_MAX);
    return count;
}

static void test_who_begins_for_whom(void **state)
{
    struct bench *bench = *state;
    struct id id;
    const struct {
        const struct actor *actor;
        struct text account, user;
        enum problem_kind kind;
    } refused[] = {
        {&bench->agent, bench->agent.account, bench->agent.user, PROBLEM_FORBIDDEN},
        {&bench->owner, bench->agent.account, bench->agent.user, PROBLEM_FORBIDDEN},
        {&bench->stranger, bench->agent.account, bench->agent.user, PROBLEM_FORBIDDEN},
        {&bench->team, bench->team.account, bench->team.user, PROBLEM_CONFLICT},
        {&bench->team, bench->stranger.account, bench->agent.user, PROBLEM_NOT_FOUND},
        {&bench->team, bench->agent.account, TEXT("usr_none"), PROBLEM_NOT_FOUND},
        {&bench->team, TEXT("acc_none"), bench->agent.user, PROBLEM_NOT_FOUND},
        {&bench->team, bench->admin.account, bench->admin.user, PROBLEM_NOT_FOUND}, /* removed */
    };
    run_sql(bench, "UPDATE app_user SET removed_at = 1 WHERE id = $1", DB_ARGS(db_text(bench->admin.user)));
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct problem problem = {0};
        assert_false(draft_start_for(
            &bench->porting, refused[i].actor, refused[i].account, refused[i].user, &id, &problem));
        assert_int_equal(problem.kind, refused[i].kind);
    }
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM port_request"), 0);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM mail"), 0);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM audit_event WHERE kind LIKE 'acted_%'"), 0);
}

/* It is the person's: they see it, have its mail and go on with it, and nobody else of theirs does. */
static void test_begun_for_a_person(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct draft draft;
    struct list_view list;
    struct list_filter all = {.show = LIST_ALL};
    struct id id = begin_for(bench, &bench->agent);
    struct text request = id_text(&id);
    assert_int_equal(
        bench_number(
            bench, "SELECT count(*) FROM mail WHERE notice = 'acted_begun' AND to_name = 'Elena Marsh'"),
        1);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM mail"), 1);
    assert_int_equal(
        bench_number(bench, "SELECT count(*) FROM audit_event WHERE kind = 'acted_begun' AND by_name ="
                            " 'Nadia Weiss' AND about = 'PR-1001'"),
        1);
    assert_int_equal(bench_number(bench,
                         "SELECT count(*) FROM timeline WHERE event = 'draft_started' AND actor_kind = 'team'"
                         " AND actor_name = 'Nadia Weiss'"),
        1);
    assert_true(request_list(&bench->porting, &bench->agent, &all, bench->arena, &list, &problem));
    assert_int_equal(list.rows_count, 1);
    assert_true(draft_load(&bench->porting, &bench->agent, request, bench->arena, &draft, &problem));
    assert_int_equal(draft.account_name.len + draft.begun_for.len, 0);
    assert_true(draft_load(&bench->porting, &bench->team, request, bench->arena, &draft, &problem));
    assert_true(text_equal(draft.begun_for, bench->agent.user));
    assert_text(draft.account_name, "Harbor & Pine Realty");
    assert_int_equal(begun_count(bench, &bench->team, &bench->agent), 1);
    assert_int_equal(begun_count(bench, &bench->team, &bench->owner), 0);
    assert_int_equal(begun_count(bench, &bench->owner, &bench->agent), 0);
    /* The person throws it away, and the mail about it goes too. */
    clock_advance(bench->clock, CLOCK_SECOND);
    struct draft_fields fields = {.carrier = TEXT("verizon"), .numbers = TEXT(ONE)};
    assert_true(draft_save(&bench->porting, &bench->agent, request, 1, &fields, 2, &problem));
    assert_true(draft_discard(&bench->porting, &bench->agent, request, &problem));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM mail"), 0);
    assert_int_equal(begun_count(bench, &bench->team, &bench->agent), 0);
}

/* Pressed twice it is one; what is begun and what was typed in are never mixed up with the person's own. */
static void test_begun_twice(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct draft_begun *drafts;
    size_t count;
    bool more;
    struct id own, own_again;
    assert_true(draft_start(&bench->porting, &bench->agent, &own, &problem));
    struct id first = begin_for(bench, &bench->agent), second = begin_for(bench, &bench->agent);
    assert_true(text_equal(id_text(&first), id_text(&second)));
    assert_false(text_equal(id_text(&first), id_text(&own)));
    assert_true(draft_start(&bench->porting, &bench->agent, &own_again, &problem));
    assert_true(text_equal(id_text(&own), id_text(&own_again)));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM mail"), 1);
    struct id others = begin_for(bench, &bench->owner);
    assert_false(text_equal(id_text(&first), id_text(&others)));
    clock_advance(bench->clock, CLOCK_SECOND);
    struct draft_fields fields = {.carrier = TEXT("verizon"), .numbers = TEXT("415-552-0134, 415-552-0135")};
    assert_true(draft_save(&bench->porting, &bench->team, id_text(&first), 1, &fields, 3, &problem));
    second = begin_for(bench, &bench->agent);
    assert_false(text_equal(id_text(&first), id_text(&second)));
    assert_true(draft_begun_list(&bench->porting, &bench->team, bench->agent.account, bench->agent.user,
        bench->arena, &drafts, &count, &more, &problem));
    assert_int_equal(count, 2);
    assert_text(drafts[1].first_number, "+14155520134");
    assert_int_equal(drafts[1].number_count, 2);
    assert_int_equal(drafts[1].step, 3);
    assert_int_equal(drafts[0].number_count, 0);
    for (int i = 0; i < DRAFT_BEGUN_MAX; i++) {
        run_sql(bench, "UPDATE port_request SET changed_at = changed_at + 5", NULL, 0);
        clock_advance(bench->clock, CLOCK_SECOND);
        begin_for(bench, &bench->agent);
    }
    assert_int_equal(begun_count(bench, &bench->team, &bench->agent), DRAFT_BEGUN_MAX);
}

/* From the beginning to the submission by the team; it stays the person's. */
static void test_begun_and_submitted(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id model = bench_draft(bench, &bench->admin, ONE), id = begin_for(bench, &bench->agent);
    struct text request = id_text(&id);
    struct draft draft;
    assert_true(draft_load(&bench->porting, &bench->team, id_text(&model), bench->arena, &draft, &problem));
    draft.fields.pin = TEXT("482913");
    for (int step = 1; step <= DRAFT_STEPS; step++) {
        clock_advance(bench->clock, CLOCK_SECOND);
        assert_true(draft_save(&bench->porting, &bench->team, request, step, &draft.fields, step, &problem));
    }
    run_sql(bench, "UPDATE document SET request = $1 WHERE request = $2",
        DB_ARGS(db_text(request), db_text(id_text(&model))));
    if (!request_submit(&bench->porting, &bench->team, request, NULL, bench_key(bench), &problem))
        fail_msg("%s %s", problem.field, words_key(problem.word));
    assert_int_equal(
        bench_number(bench, "SELECT count(*) FROM mail WHERE notice = 'acted_submitted' AND to_name ="
                            " 'Elena Marsh'"),
        1);
    assert_int_equal(begun_count(bench, &bench->team, &bench->agent), 0);
    struct request_view view = bench_view(bench, &bench->agent, &id);
    bool told = false;
    for (size_t i = 0; i < view.events_count; i++)
        told |= view.events[i].event == EVENT_DRAFT_STARTED && view.events[i].actor_kind == ACTOR_TEAM &&
                text_is(view.events[i].actor_name, "Nadia Weiss");
    assert_true(told);
    assert_true(request_cancel(&bench->porting, &bench->agent, request, bench_key(bench), &problem));
}

/* ---- Lists ---- */

static void check_list(
    struct bench *bench, const struct actor *actor, struct list_filter filter, size_t wanted)
{
    struct problem problem = {0};
    struct list_view list;
    int64_t mine;
    assert_true(request_list(&bench->porting, actor, &filter, bench->arena, &list, &problem));
    if (list.rows_count != wanted)
        fail_msg("%.*s, list %d, search '%.*s': %zu rows, not %zu", TEXT_ARG(actor->name), (int)filter.show,
            TEXT_ARG(filter.search), list.rows_count, wanted);
    for (size_t i = 1; i < list.rows_count; i++)
        assert_true(list.rows[i - 1].changed_at >= list.rows[i].changed_at);
    if (!filter.search.len)
        assert_int_equal(list.counts[filter.show], wanted);
    assert_true(request_count_mine(&bench->porting, actor, &mine, &problem));
    assert_int_equal(mine, list.counts[LIST_YOUR_TURN]);
}

static void test_lists(void **state)
{
    struct bench *bench = *state;
    struct reached reached = everything(bench);
    run_sql(bench, "UPDATE port_request SET ended_at = $1, status = 'canceled' WHERE id = $2",
        DB_ARGS(db_int(clock_now(bench->clock)), db_text(id_text(&reached.requests[SENT]))));
    const struct {
        const struct actor *actor;
        size_t shown[4], found[4]; /* all, your turn, under way, ended; "PR-1003", "0135", "+1415", "0142" */
    } people[] = {
        {&bench->agent, {3, 1, 1, 1}, {0, 1, 2, 0}},
        {&bench->admin, {5, 2, 2, 1}, {1, 1, 3, 0}},
        {&bench->owner, {5, 2, 2, 1}, {1, 1, 3, 0}},
        {&bench->stranger, {1, 0, 1, 0}, {0, 0, 0, 1}},
        {&bench->team, {4, 0, 3, 1}, {1, 1, 3, 1}},
    };
    static const char *const searches[] = {"PR-1003", "0135", "+1415", "0142"};
    for (size_t i = 0; i < COUNT(people); i++) {
        for (int show = LIST_ALL; show <= LIST_ENDED; show++)
            check_list(bench, people[i].actor, (struct list_filter){.show = (enum list_show)show},
                people[i].shown[show]);
        for (size_t j = 0; j < COUNT(searches); j++)
            check_list(bench, people[i].actor, (struct list_filter){.search = text_from(searches[j])},
                people[i].found[j]);
    }
}

/* Pages of one's own: what was begun and what was sent, in one order, none twice and none left out. */
static void test_pages_of_ones_own(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    for (int i = 0; i < 2 * LIST_PAGE + 10; i++) {
        struct id id = bench_draft(bench, i % 3 ? &bench->agent : &bench->admin, ONE);
        const char *sent = i % 3 == 0 ? bench->agent.user.at : bench->owner.user.at;
        run_sql(bench, "UPDATE port_request SET status = 'in_review', submitted_by = $1 WHERE id = $2",
            DB_ARGS(db_text(text_from(sent)), db_text(id_text(&id))));
        clock_advance(bench->clock, i % 5 ? CLOCK_SECOND : 0); /* some of one moment */
    }
    size_t seen = 0, pages = 0;
    struct list_filter filter = {.show = LIST_ALL};
    struct list_view list;
    struct text last = TEXT_EMPTY;
    int64_t last_at = INT64_MAX;
    do {
        assert_true(request_list(&bench->porting, &bench->agent, &filter, bench->arena, &list, &problem));
        for (size_t i = 0; i < list.rows_count; i++) {
            struct text id = text_copy(bench->arena, id_text(&list.rows[i].id));
            assert_true(list.rows[i].changed_at < last_at ||
                        (list.rows[i].changed_at == last_at && text_compare(id, last) < 0));
            last_at = list.rows[i].changed_at;
            last = id;
        }
        seen += list.rows_count;
        pages++;
        filter.before = list.next;
    } while (list.next.len > 0);
    assert_int_equal(seen, 2 * LIST_PAGE + 10);
    assert_int_equal(pages, 3);
}

int main(void)
{
#define TEST_CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        TEST_CASE(test_the_one_door),
        TEST_CASE(test_drafts),
        TEST_CASE(test_who_begins_for_whom),
        TEST_CASE(test_begun_for_a_person),
        TEST_CASE(test_begun_twice),
        TEST_CASE(test_begun_and_submitted),
        TEST_CASE(test_lists),
        TEST_CASE(test_pages_of_ones_own),
    };
    return cmocka_run_group_tests_name("reach", tests, NULL, NULL);
}
