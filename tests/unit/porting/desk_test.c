/* The porting team's desk: what comes to it and in which order, who has it, messages and notes, and what the team does in a customer's name. The bench's
 * clock begins on Tuesday, October 20, 2026, at 9 AM in California. */
#include "bench.h"
#include "people/audit.h"
#include "people/members.h"
#include "porting/desk.h"
#include "porting/messages.h"
#include "porting/order.h"
#include "porting/watch.h"

#define ONE "415-552-0134"
#define FREE_NUMBER "800 552 0199"
#define FREE TEXT("+18005520199")

static int64_t count(struct bench *bench, const char *what)
{
    return bench_number(bench, text_format(bench->arena, "SELECT count(*) FROM %s", what).at);
}

static struct desk_list read_desk(struct bench *bench, enum desk_whose whose, int why, struct text before)
{
    struct desk_list list;
    struct problem problem = {0};
    struct desk_filter filter = {whose, why, before};
    if (!desk_list(&bench->porting, &bench->team, &filter, bench->arena, &list, &problem))
        fail_msg("%s", problem.detail);
    return list;
}

static struct desk_list desk(struct bench *bench)
{
    return read_desk(bench, DESK_ANYBODYS, -1, TEXT_EMPTY);
}

static struct actor colleague(struct bench *bench)
{
    struct id id;
    struct problem problem = {0};
    struct user_new user = {.account = bench->team.account,
        .email = TEXT("omar@northline.example"),
        .name = TEXT("Omar Haddad"),
        .role = ROLE_PORTING_TEAM,
        .password = TEXT("a long password"),
        .time_zone = TEXT("America/New_York")};
    assert_true(user_create(bench->db, bench->clock, bench->passwords, &user, &id, &problem));
    struct actor actor = bench->team;
    actor.user = text_copy(bench->arena, id_text(&id));
    actor.name = user.name;
    actor.email = user.email;
    return actor;
}

static bool say(struct bench *bench, const struct actor *actor, const struct id *id, const char *words,
    struct problem *problem)
{
    *problem = (struct problem){0};
    return message_add(&bench->porting, actor, id_text(id), text_from(words), bench_key(bench), problem);
}

static struct conversation conversation(struct bench *bench, const struct actor *actor, const struct id *id)
{
    struct conversation said;
    struct problem problem = {0};
    if (!conversation_read(&bench->porting, actor, id_text(id), TEXT_EMPTY, bench->arena, &said, &problem))
        fail_msg("%s", problem.detail);
    return said;
}

static bool assign(struct bench *bench, const struct actor *actor, const struct id *id, struct text was,
    struct text to, struct problem *problem)
{
    struct desk_assign form = {id_text(id), was, to, bench_key(bench)};
    *problem = (struct problem){0};
    return desk_assign(&bench->porting, actor, &form, problem);
}

/* ---- The queue ---- */

static void test_reasons(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    assert_int_equal(desk(bench).rows_count, 0);
    struct id by_hand = bench_submitted(bench, &bench->owner, FREE_NUMBER);
    clock_advance(bench->clock, CLOCK_HOUR);
    struct id asked = bench_submitted(bench, &bench->agent, ONE);
    assert_true(bench_run(bench));
    struct desk_list list = desk(bench);
    assert_int_equal(list.rows_count, 1);
    assert_int_equal(list.rows[0].why, DESK_BIT(DESK_BY_HAND));
    assert_text(list.rows[0].account_name, "Harbor & Pine Realty");
    assert_text(list.rows[0].zone, "America/Los_Angeles");
    assert_text(list.rows[0].losing_carrier, "Verizon");
    assert_true(say(bench, &bench->agent, &asked, "Is all well?", &problem));
    list = desk(bench);
    assert_int_equal(list.rows_count, 2);
    /* A message is answered within a day, what is by hand within two: the younger one is the more urgent. */
    assert_text(id_text(&list.rows[0].id), asked.at);
    assert_int_equal(list.rows[0].why, DESK_BIT(DESK_MESSAGE));
    assert_int_equal(list.rows[0].due - list.rows[0].since, CLOCK_DAY);
    assert_int_equal(list.rows[1].due - list.rows[1].since, 2 * CLOCK_DAY);
    bench_port(bench)->numbers[0].rejection = "CONTACT_SUPPORT_REQUIRED";
    bench_state(bench, bench_port(bench), "port_rejected");
    list = desk(bench);
    assert_int_equal(list.rows[0].why, DESK_BIT(DESK_CORRECTION) | DESK_BIT(DESK_MESSAGE));
    assert_int_equal(list.why[DESK_CORRECTION], 1);
    assert_int_equal(list.why[DESK_BY_HAND], 1);
    assert_int_equal(list.why[DESK_MESSAGE], 1);
    assert_int_equal(list.why[DESK_MAIL], 0);
    assert_int_equal(list.whose[DESK_ANYBODYS], 2);
    assert_int_equal(list.whose[DESK_NOBODYS], 2);
    assert_int_equal(list.whose[DESK_MINE], 0);
    assert_int_equal(read_desk(bench, DESK_ANYBODYS, DESK_BY_HAND, TEXT_EMPTY).rows_count, 1);
    assert_int_equal(read_desk(bench, DESK_NOBODYS, DESK_MESSAGE, TEXT_EMPTY).rows_count, 1);
    assert_int_equal(read_desk(bench, DESK_MINE, DESK_MESSAGE, TEXT_EMPTY).rows_count, 0);
    /* The end of what is by hand. */
    assert_true(
        bench_record(bench, &bench->team, &by_hand, FREE, NUMBER_STATUS_PENDING, "2026-11-03", "", &problem));
    assert_int_equal(desk(bench).why[DESK_BY_HAND], 0);
    int64_t all = -1, mine = -1;
    assert_true(desk_counts(&bench->porting, &bench->team, &all, &mine, &problem));
    assert_int_equal(all, 1);
    assert_int_equal(mine, 0);
}

static void test_silent(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    bench_state(bench, bench_port(bench), "port_pending");
    for (int i = 0; i < 12; i++) {
        clock_advance(bench->clock, CLOCK_DAY);
        assert_true(bench_work(bench, watch_work, TEXT("operator"), TEXT("desk"), &problem));
    }
    assert_int_equal(desk(bench).rows[0].why, DESK_BIT(DESK_SILENT));
    assert_int_equal(desk(bench).rows[0].turn, TURN_LOSING_CARRIER);
    assert_true(request_put_off(&bench->porting, &bench->team, id_text(&id), bench_key(bench), &problem));
    assert_int_equal(desk(bench).rows_count, 0);
}

struct first_order {
    struct bench *bench;
    struct text id;
};

static bool first_order_closure(struct db_tx *tx, void *context)
{
    struct first_order *first = context;
    DB_ROWS rows = db_query(tx, "SELECT min(id) FROM carrier_order", DB_NO_ARGS);
    if (db_next(rows))
        first->id = db_col_copy(rows, 0, first->bench->arena);
    return db_ok(tx);
}

static void test_unclear(void **state)
{
    struct bench *bench = *state;
    struct first_order first = {.bench = bench};
    struct problem problem = {0}, gone = {.kind = PROBLEM_NOT_FOUND};
    bench_submitted(bench, &bench->owner, ONE);
    assert_true(bench_run(bench));
    assert_true(db_read(bench->db, first_order_closure, &first, &problem));
    struct job job = {bench->owner.account, first.id, 1};
    order_job_died(&bench->porting, JOB_ORDER_SYNC, &job, &gone);
    assert_int_equal(desk(bench).rows_count, 1);
    assert_int_equal(desk(bench).rows[0].why, DESK_BIT(DESK_UNCLEAR));
    assert_int_equal(read_desk(bench, DESK_NOBODYS, DESK_UNCLEAR, TEXT_EMPTY).rows_count, 1);
}

struct refused {
    struct bench *bench;
    struct id id;
};

static bool refused_closure(struct db_tx *tx, void *context)
{
    struct refused *refused = context;
    return desk_mail_refused(
        tx, &refused->bench->porting, refused->bench->owner.account, id_text(&refused->id));
}

static void test_refused_mail(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct refused refused = {bench, bench_submitted(bench, &bench->owner, ONE)};
    assert_true(db_write(bench->db, refused_closure, &refused, &problem));
    assert_int_equal(desk(bench).rows[0].why, DESK_BIT(DESK_MAIL));
    assert_false(desk_settle(&bench->porting, &bench->owner, id_text(&refused.id), DESK_MAIL, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    problem = (struct problem){0};
    assert_true(desk_settle(&bench->porting, &bench->team, id_text(&refused.id), DESK_MAIL, &problem));
    assert_true(desk_settle(&bench->porting, &bench->team, id_text(&refused.id), DESK_MAIL, &problem));
    assert_int_equal(count(bench, "timeline WHERE event = 'mail_settled'"), 1);
    assert_int_equal(desk(bench).rows_count, 0);
}

static void test_pages(void **state)
{
    struct bench *bench = *state;
    struct text before = TEXT_EMPTY;
    size_t seen = 0, pages = 0;
    int64_t due = 0;
    for (int i = 0; i < DESK_PAGE + 7; i++) {
        bench_submitted(bench, &bench->owner, text_format(bench->arena, "800-552-01%02d", i).at);
        clock_advance(bench->clock, CLOCK_MINUTE);
    }
    do {
        struct desk_list list = read_desk(bench, DESK_ANYBODYS, -1, before);
        for (size_t i = 0; i < list.rows_count; i++) {
            assert_true(list.rows[i].due >= due);
            due = list.rows[i].due;
        }
        seen += list.rows_count;
        before = list.next;
        pages++;
    } while (before.len);
    assert_int_equal(seen, DESK_PAGE + 7);
    assert_int_equal(pages, 2);
    assert_int_equal(read_desk(bench, DESK_ANYBODYS, -1, TEXT("12.x'; --")).rows_count, DESK_PAGE);
    struct desk_list list;
    struct problem problem = {0};
    struct desk_filter filter = {DESK_ANYBODYS, -1, TEXT_EMPTY};
    assert_false(desk_list(&bench->porting, &bench->owner, &filter, bench->arena, &list, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
}

/* ---- Who has it ---- */

static void test_assignment(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct actor omar = colleague(bench);
    struct id id = bench_submitted(bench, &bench->owner, FREE_NUMBER);
    struct text nadia = bench->team.user, none = TEXT_EMPTY;
    assert_false(assign(bench, &bench->owner, &id, none, bench->owner.user, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    assert_false(bench_view(bench, &bench->owner, &id).is_held);
    assert_true(assign(bench, &bench->team, &id, none, nadia, &problem));
    assert_true(assign(bench, &bench->team, &id, none, nadia, &problem)); /* hers already */
    /* The second of two who take it at once is told who has it. */
    assert_false(assign(bench, &omar, &id, none, omar.user, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    assert_string_equal(problem.about, "Nadia Weiss");
    assert_true(bench_view(bench, &bench->owner, &id).is_held);
    assert_int_equal(read_desk(bench, DESK_MINE, -1, none).rows_count, 1);
    assert_int_equal(read_desk(bench, DESK_NOBODYS, -1, none).rows_count, 0);
    assert_text(desk(bench).rows[0].assigned_name, "Nadia Weiss");
    assert_false(assign(bench, &bench->team, &id, nadia, bench->owner.user, &problem));
    assert_int_equal(problem.kind, PROBLEM_INPUT);
    assert_true(assign(bench, &bench->team, &id, nadia, omar.user, &problem));
    assert_false(assign(bench, &bench->team, &id, nadia, none, &problem));
    assert_string_equal(problem.about, "Omar Haddad");
    assert_true(assign(bench, &omar, &id, omar.user, none, &problem));
    assert_false(assign(bench, &bench->team, &id, omar.user, nadia, &problem));
    assert_int_equal(problem.word, WORD_desk_given_back_meanwhile);
    assert_int_equal(count(bench, "audit_event WHERE kind = 'request_taken_on'"), 1);
    assert_int_equal(count(bench, "audit_event WHERE kind = 'request_handed_over'"), 1);
    assert_int_equal(count(bench, "audit_event WHERE kind = 'request_given_back'"), 1);
    struct request_view view = bench_view(bench, &bench->owner, &id);
    for (size_t i = 0; i < view.events_count; i++)
        assert_false(timeline_event_is_teams(view.events[i].event));
    struct desk_hold hold;
    assert_true(desk_hold(&bench->porting, &omar, id_text(&id), bench->arena, &hold, &problem));
    assert_int_equal(hold.colleagues_count, 2);
    assert_int_equal(hold.user.len, 0);
}

/* Who leaves gives everything back. */
static void test_a_colleague_leaves(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct actor omar = colleague(bench);
    struct people people = {.db = bench->db,
        .clock = bench->clock,
        .passwords = bench->passwords,
        .vault = bench->vault,
        .operator_name = TEXT("Northline Support")};
    struct id id = bench_submitted(bench, &bench->owner, FREE_NUMBER);
    assert_true(assign(bench, &omar, &id, TEXT_EMPTY, omar.user, &problem));
    if (!member_remove(&people, &bench->team, omar.account, omar.user, &problem))
        fail_msg("%s %s", words_key(problem.word), problem.detail);
    assert_int_equal(read_desk(bench, DESK_NOBODYS, -1, TEXT_EMPTY).rows_count, 1);
    assert_false(bench_view(bench, &bench->owner, &id).is_held);
    assert_true(say(bench, &bench->owner, &id, "Anybody there?", &problem));
    assert_int_equal(count(bench, "mail WHERE notice = 'team_message' AND to_name = 'Nadia Weiss'"), 1);
    assert_int_equal(count(bench, "mail WHERE notice = 'team_message'"), 1);
}

/* ---- Messages ---- */

static void test_messages(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->agent, ONE);
    assert_true(say(bench, &bench->agent, &id, "  Line one\r\nLine two\r\n", &problem));
    assert_int_equal(count(bench, "mail WHERE notice = 'team_message'"), 1);
    struct conversation said = conversation(bench, &bench->team, &id);
    assert_int_equal(said.messages_count, 1);
    assert_int_equal(said.unread, 1);
    assert_true(said.waits && !said.messages[0].from_team);
    assert_text(said.messages[0].body, "Line one\nLine two");
    assert_text(said.messages[0].by_name, "Elena Marsh");
    assert_true(conversation_seen(&bench->porting, &bench->team, id_text(&id), said.last, &problem));
    assert_int_equal(conversation(bench, &bench->team, &id).unread, 0);
    assert_true(say(bench, &bench->team, &id, "All is well.", &problem));
    assert_int_equal(count(bench, "mail WHERE notice = 'message'"), 2); /* requester and owner */
    assert_int_equal(desk(bench).rows_count, 0);
    said = conversation(bench, &bench->owner, &id);
    assert_int_equal(said.unread, 1);
    assert_int_equal(said.notes_count, 0);
    assert_false(said.waits);
    /* Nobody reads along in the database. */
    assert_int_equal(count(bench, "request_message WHERE body_sealed LIKE '%well%'"), 0);
    assert_false(say(bench, &bench->agent, &id, " \r\n ", &problem));
    assert_int_equal(problem.word, WORD_message_empty);
    assert_string_equal(problem.field, "message");
    char *long_one = ARENA_ARRAY(bench->arena, char, MESSAGE_MAX + 2);
    memset(long_one, 'x', MESSAGE_MAX + 1);
    long_one[MESSAGE_MAX + 1] = '\0';
    assert_false(say(bench, &bench->agent, &id, long_one, &problem));
    assert_int_equal(problem.word, WORD_message_too_long);
    long_one[MESSAGE_MAX] = '\0';
    assert_true(say(bench, &bench->agent, &id, long_one, &problem));
    assert_false(say(bench, &bench->stranger, &id, "Let me in", &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    struct id draft = bench_draft(bench, &bench->owner, "415-552-0140");
    assert_false(say(bench, &bench->owner, &draft, "Too early", &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    struct text key = bench_key(bench);
    for (int i = 0; i < 2; i++)
        assert_true(message_add(&bench->porting, &bench->owner, id_text(&id), TEXT("Once"), key, &problem));
    assert_int_equal(count(bench, "request_message WHERE by_name = 'Priya Raman'"), 1);
    assert_true(desk_settle(&bench->porting, &bench->team, id_text(&id), DESK_MESSAGE, &problem));
    assert_int_equal(desk(bench).rows_count, 0);
}

static bool is_marked(struct bench *bench, const struct actor *reader, const struct id *id)
{
    struct problem problem = {0};
    struct list_view list;
    struct list_filter all = {.show = LIST_ALL};
    assert_true(request_list(&bench->porting, reader, &all, bench->arena, &list, &problem));
    for (size_t i = 0; i < list.rows_count; i++)
        if (text_equal(id_text(&list.rows[i].id), id_text(id)))
            return list.rows[i].unread;
    fail_msg("not on the list");
    return false;
}

/* On the customer's list, for each reader by themselves: what the team wrote, whoever wrote last. */
static void test_unread_on_the_list(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id ids[LIST_PAGE];
    for (size_t i = 0; i < LIST_PAGE; i++)
        ids[i] = bench_submitted(bench, &bench->agent, text_format(bench->arena, "800-552-01%02zu", i).at);
    const struct id *id = &ids[30];
    assert_true(say(bench, &bench->owner, id, "Anybody there?", &problem));
    assert_false(is_marked(bench, &bench->owner, id) || is_marked(bench, &bench->agent, id));
    for (size_t i = 20; i < LIST_PAGE; i++) {
        clock_advance(bench->clock, CLOCK_MINUTE);
        assert_true(say(bench, &bench->team, &ids[i], "We are.", &problem));
    }
    clock_advance(bench->clock, CLOCK_SECOND);
    assert_true(say(bench, &bench->agent, id, "Good.", &problem));
    for (size_t i = 0; i < LIST_PAGE; i++) {
        assert_int_equal(is_marked(bench, &bench->owner, &ids[i]), i >= 20);
        assert_int_equal(is_marked(bench, &bench->agent, &ids[i]), i >= 20);
        assert_false(is_marked(bench, &bench->team, &ids[i]));
    }
    struct text last = conversation(bench, &bench->owner, id).last;
    assert_true(conversation_seen(&bench->porting, &bench->owner, id_text(id), last, &problem));
    assert_false(is_marked(bench, &bench->owner, id));
    assert_true(is_marked(bench, &bench->owner, &ids[31]) && is_marked(bench, &bench->agent, id));
    assert_true(say(bench, &bench->team, id, "One thing more.", &problem));
    assert_true(is_marked(bench, &bench->owner, id));
}

static void test_bounds_of_messages(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_submitted(bench, &bench->agent, ONE);
    for (int i = 0; i < MESSAGE_THROTTLE; i++)
        assert_true(say(bench, &bench->owner, &id, "Hello?", &problem));
    assert_false(say(bench, &bench->owner, &id, "Hello?", &problem));
    assert_int_equal(problem.kind, PROBLEM_TOO_MANY);
    assert_true(say(bench, &bench->agent, &id, "I have time", &problem));
    clock_advance(bench->clock, CLOCK_HOUR);
    for (int i = MESSAGE_THROTTLE + 1; i < MESSAGES_MAX; i++) {
        clock_advance(bench->clock, CLOCK_MINUTE);
        assert_true(say(bench, &bench->owner, &id, "Hello?", &problem));
    }
    clock_advance(bench->clock, CLOCK_HOUR);
    assert_false(say(bench, &bench->owner, &id, "Hello?", &problem));
    assert_int_equal(problem.word, WORD_message_full);
    struct conversation said = conversation(bench, &bench->owner, &id);
    assert_int_equal(said.messages_count, MESSAGES_PAGE);
    assert_true(said.full);
    struct conversation older;
    assert_true(conversation_read(
        &bench->porting, &bench->owner, id_text(&id), said.older, bench->arena, &older, &problem));
    assert_int_equal(older.messages_count, MESSAGES_PAGE);
    assert_true(
        text_compare(id_text(&older.messages[MESSAGES_PAGE - 1].id), id_text(&said.messages[0].id)) < 0);
}

static void test_notes_are_the_teams(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct text stamp, after;
    struct id id = bench_submitted(bench, &bench->agent, ONE);
    assert_false(
        note_add(&bench->porting, &bench->owner, id_text(&id), TEXT("Mine"), bench_key(bench), &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    problem = (struct problem){0};
    assert_true(request_stamp(&bench->porting, &bench->owner, id_text(&id), bench->arena, &stamp, &problem));
    int64_t mails = count(bench, "mail");
    assert_true(note_add(&bench->porting, &bench->team, id_text(&id), TEXT("Calls back on Monday"),
        bench_key(bench), &problem));
    assert_int_equal(count(bench, "mail"), mails);
    assert_int_equal(conversation(bench, &bench->owner, &id).notes_count, 0);
    assert_int_equal(conversation(bench, &bench->agent, &id).notes_count, 0);
    struct conversation said = conversation(bench, &bench->team, &id);
    assert_int_equal(said.notes_count, 1);
    assert_text(said.notes[0].body, "Calls back on Monday");
    /* Not even that there is one. */
    assert_true(request_stamp(&bench->porting, &bench->owner, id_text(&id), bench->arena, &after, &problem));
    assert_true(text_equal(stamp, after));
    assert_int_equal(desk(bench).rows_count, 0);
}

/* ---- In a customer's name ---- */

static void test_acting(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id id = bench_draft(bench, &bench->agent, ONE);
    struct draft draft;
    assert_true(draft_load(&bench->porting, &bench->team, id_text(&id), bench->arena, &draft, &problem));
    assert_text(draft.account_name, "Harbor & Pine Realty");
    for (int i = 0; i < 3; i++)
        assert_true(draft_save(&bench->porting, &bench->team, id_text(&id), 5, &draft.fields, 6, &problem));
    assert_int_equal(count(bench, "audit_event WHERE kind = 'acted_edited'"), 1);
    assert_true(
        request_submit(&bench->porting, &bench->team, id_text(&id), NULL, bench_key(bench), &problem));
    assert_int_equal(
        count(bench, "audit_event WHERE kind = 'acted_submitted' AND by_role = 'porting_team'"), 1);
    /* Whoever began it and the owner are told, as of everything that follows. */
    assert_int_equal(count(bench, "mail WHERE notice = 'acted_submitted'"), 2);
    assert_true(bench_run(bench));
    bench_port(bench)->numbers[0].rejection = "INVALID_PIN";
    bench_state(bench, bench_port(bench), "port_rejected");
    assert_int_equal(count(bench, "mail WHERE notice = 'rejected' AND to_name = 'Elena Marsh'"), 1);
    struct draft_fields values = {.pin = TEXT("482914")};
    assert_true(request_fix(&bench->porting, &bench->team, id_text(&id), DRAFT_FIELD_BIT(DRAFT_FIELD_PIN),
        &values, bench_key(bench), &problem));
    assert_int_equal(count(bench, "mail WHERE notice = 'acted_corrected'"), 2);
    assert_true(request_cancel(&bench->porting, &bench->team, id_text(&id), bench_key(bench), &problem));
    assert_int_equal(count(bench, "mail WHERE notice = 'acted_canceled'"), 2);
    assert_int_equal(count(bench, "audit_event WHERE kind LIKE 'acted_%'"), 4);
    /* What customers do themselves is no acting. */
    struct id own = bench_submitted(bench, &bench->owner, "415-552-0141");
    assert_true(request_cancel(&bench->porting, &bench->owner, id_text(&own), bench_key(bench), &problem));
    assert_int_equal(count(bench, "audit_event WHERE kind LIKE 'acted_%'"), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reasons, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_silent, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_unclear, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_refused_mail, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_pages, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_assignment, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_a_colleague_leaves, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_messages, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_unread_on_the_list, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_bounds_of_messages, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_notes_are_the_teams, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_acting, bench_setup, bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
