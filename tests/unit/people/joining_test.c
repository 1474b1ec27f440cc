/* Links that work once, who must stay, and what a removal ends. */
#include <pthread.h>
#include <string.h>

#include "desk.h"
#include "people/credentials.h"
#include "people/invitations.h"
#include "people/joining.h"
#include "people/members.h"
#include "people/person_mail.h"
#include "people/sign_in.h"
#include "people/standing.h"

#define PASSWORD "a lamp under the stairs"

static struct people people_of(struct desk *desk)
{
    return (struct people){.db = desk->db,
        .clock = desk->clock,
        .passwords = desk->passwords,
        .vault = desk->vault,
        .operator_name = TEXT("Northline"),
        .sign_up_open = true};
}

static struct actor actor_of(struct desk *desk, const struct id *user, enum role role)
{
    return (struct actor){.account = id_text(&desk->account),
        .user = id_text(user),
        .name = TEXT("Somebody"),
        .email = TEXT(DESK_EMAIL),
        .role = role,
        .time_zone = TEXT("America/Los_Angeles"),
        .client = TEXT("192.0.2.1")};
}

struct linking {
    struct desk *desk;
    struct user_link link;
    struct text path;
};

static bool add_closure(struct db_tx *tx, void *context)
{
    struct linking *linking = context;
    struct text path;
    if (!link_add(tx, linking->desk->clock, &linking->link, &path)) {
        return false;
    }
    linking->path = text_copy(linking->desk->arena, path);
    return db_ok(tx);
}

/* A new link of the kind, to the desk's user where it is a user's; its token. */
static struct text make(struct desk *desk, enum link_kind kind, const char *email)
{
    struct problem problem = {0};
    bool comes_in = kind == LINK_INVITATION || kind == LINK_SIGN_UP;
    struct id fresh = id_new(desk->clock, ACCOUNT_ID_PREFIX);
    struct linking linking = {.desk = desk,
        .link = {.account = id_text(kind == LINK_SIGN_UP ? &fresh : &desk->account),
            .kind = kind,
            .email = text_from(email),
            .role = ROLE_AGENT,
            .user = comes_in ? TEXT_EMPTY : id_text(&desk->user),
            .account_name = TEXT("Maple"),
            .country = TEXT("CA"),
            .time_zone = TEXT("America/Denver")}};
    DESK_OK(db_write(desk->db, add_closure, &linking, &problem), problem);
    return text_part(linking.path, strlen("/join/"), SIZE_MAX);
}

static bool use(struct desk *desk, struct text token, struct problem *problem)
{
    struct people people = people_of(desk);
    struct user_link used;
    size_t slash = text_find_char(token, '/', 0);
    struct link_use use = {.account = text_part(token, 0, slash),
        .token = text_part(token, slash + 1, SIZE_MAX),
        .name = TEXT(" Dana Whitfield "),
        .password = TEXT(PASSWORD),
        .client = TEXT("192.0.2.1")};
    *problem = (struct problem){0};
    return link_use(&people, desk->arena, &use, &used, problem);
}

static void test_each_kind_works_once_and_for_its_time(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    for (int kind = 0; kind < LINK_KIND_COUNT; kind++) {
        enum link_kind parsed;
        const char *email = text_format(desk->arena, "kind%d@fresh.example", kind).at;
        assert_true(link_kind_parse(text_from(link_kind_name((enum link_kind)kind)), &parsed));
        assert_int_equal(parsed, kind);
        struct text old = make(desk, (enum link_kind)kind, email);
        clock_advance(desk->clock, link_life((enum link_kind)kind));
        assert_false(use(desk, old, &problem));
        assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
        struct text token = make(desk, (enum link_kind)kind, email);
        clock_advance(desk->clock, link_life((enum link_kind)kind) - 1);
        DESK_OK(use(desk, token, &problem), problem);
        assert_false(use(desk, token, &problem));
        assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
        assert_int_equal(problem.word, WORD_people_link_over);
    }
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM user_link WHERE length(token_hash) = 64"),
        desk_number(desk, "SELECT count(*) FROM user_link"));
}

static void test_wrong_tokens_find_nothing(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct text token = make(desk, LINK_RESET, DESK_EMAIL);
    struct id other = id_new(desk->clock, ACCOUNT_ID_PREFIX);
    size_t slash = text_find_char(token, '/', 0);
    struct text secret = text_part(token, slash + 1, SIZE_MAX);
    struct text wrong[] = {
        text_format(desk->arena, "%.*s/%.*s", TEXT_ARG(id_text(&other)), TEXT_ARG(secret)),
        text_format(desk->arena, "%.*s/", TEXT_ARG(id_text(&desk->account))),
        text_format(desk->arena, "%.*s/%.*sA", TEXT_ARG(id_text(&desk->account)), TEXT_ARG(secret)),
        text_format(desk->arena, "/%.*s", TEXT_ARG(secret)),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(use(desk, wrong[i], &problem));
        assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    }
    DESK_OK(use(desk, token, &problem), problem);
}

static void test_a_reset_ends_the_other_links_but_not_the_way_back(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct text first = make(desk, LINK_RESET, DESK_EMAIL), second = make(desk, LINK_RESET, DESK_EMAIL);
    struct text change = make(desk, LINK_EMAIL_CHANGE, "marcus2@fresh.example");
    struct text undo = make(desk, LINK_EMAIL_UNDO, "old@fresh.example");
    DESK_OK(use(desk, first, &problem), problem);
    assert_false(use(desk, second, &problem));
    assert_false(use(desk, change, &problem));
    DESK_OK(use(desk, undo, &problem), problem);
    assert_int_equal(
        desk_number(desk, "SELECT count(*) FROM user_email WHERE email = 'old@fresh.example'"), 1);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM user_email WHERE email = '" DESK_EMAIL "'"), 0);
}

/* ---- Asking ---- */

struct asked {
    struct arena *arena;
    struct text id;
};

static bool asked_closure(struct db_tx *tx, void *context)
{
    struct asked *asked = context;
    DB_ROWS rows = db_query(tx, "SELECT min(id) FROM link_request", DB_NO_ARGS);
    asked->id = db_next(rows) ? db_col_copy(rows, 0, asked->arena) : TEXT_EMPTY;
    return db_ok(tx);
}

static void count_rows(struct desk *desk, int64_t ret[5])
{
    static const char *const tables[] = {"SELECT count(*) FROM link_request", "SELECT count(*) FROM job",
        "SELECT count(*) FROM sign_in_attempt", "SELECT count(*) FROM idempotency",
        "SELECT count(*) FROM user_link"};
    for (size_t i = 0; i < 5; i++) {
        ret[i] = desk_number(desk, tables[i]);
    }
}

static void work_off(struct desk *desk)
{
    struct people people = people_of(desk);
    struct problem problem = {0};
    while (desk_number(desk, "SELECT count(*) FROM link_request") > 0) {
        struct asked asked = {.arena = desk->arena};
        DESK_OK(db_read(desk->db, asked_closure, &asked, &problem), problem);
        struct job job = {.account = TEXT("operator"), .subject = asked.id};
        int64_t again = 0;
        DESK_OK(link_request_work(&people, &job, desk->arena, &again, &problem), problem);
        /* The same job once more, as after a kill: nothing more. */
        DESK_OK(link_request_work(&people, &job, desk->arena, &again, &problem), problem);
    }
}

/* What asking writes is the same for an e-mail that is known and for one that is not. */
static void test_asking_is_the_same_work_for_everybody(void **state)
{
    struct desk *desk = *state;
    struct people people = people_of(desk);
    struct problem problem = {0};
    static const char *const emails[] = {DESK_EMAIL, "nobody@fresh.example"};
    for (int sign_up = 0; sign_up < 2; sign_up++) {
        int64_t written[2][5];
        for (int i = 0; i < 2; i++) {
            int64_t before[5], after[5];
            struct asking asking = {.email = text_from(emails[i]),
                .name = TEXT("Jo March"),
                .account_name = TEXT("Maple"),
                .country = TEXT("CA"),
                .client = TEXT("192.0.2.1"),
                .key = token_new(desk->arena, 16)};
            count_rows(desk, before);
            DESK_OK(sign_up ? sign_up_ask(&people, &asking, &problem) : reset_ask(&people, &asking, &problem),
                problem);
            count_rows(desk, after);
            for (size_t t = 0; t < 5; t++) {
                written[i][t] = after[t] - before[t];
            }
        }
        assert_memory_equal(written[0], written[1], sizeof written[0]);
        work_off(desk);
    }
    /* A link to a new password, and one to an account; to who was known at the sign-up a mail without one. */
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM user_link WHERE kind = 'reset'"), 1);
    assert_int_equal(
        desk_number(desk, "SELECT count(*) FROM user_link WHERE kind = 'sign_up' AND email LIKE 'nobody%'"),
        1);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM user_link"), 2);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM person_mail"), 3);
}

/* ---- Who must stay ---- */

static bool change_role(struct desk *desk, const struct id *actor, enum role as, const struct id *user,
    enum role role, struct problem *problem)
{
    struct people people = people_of(desk);
    struct actor who = actor_of(desk, actor, as);
    *problem = (struct problem){0};
    return member_change_role(&people, &who, id_text(&desk->account), id_text(user), role, problem);
}

static bool take_out(
    struct desk *desk, const struct id *actor, enum role as, const struct id *user, struct problem *problem)
{
    struct people people = people_of(desk);
    struct actor who = actor_of(desk, actor, as);
    *problem = (struct problem){0};
    return member_remove(&people, &who, id_text(&desk->account), id_text(user), problem);
}

static void test_the_last_owner_stays(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct id admin = desk_user(desk, "admin@fresh.example", "Ada Min", ROLE_ADMIN);
    assert_false(take_out(desk, &desk->user, ROLE_OWNER, &desk->user, &problem));
    assert_int_equal(problem.word, WORD_people_last_owner);
    assert_false(change_role(desk, &desk->user, ROLE_OWNER, &desk->user, ROLE_ADMIN, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    assert_false(take_out(desk, &admin, ROLE_ADMIN, &desk->user, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    DESK_OK(change_role(desk, &desk->user, ROLE_OWNER, &admin, ROLE_OWNER, &problem), problem);
    DESK_OK(take_out(desk, &desk->user, ROLE_OWNER, &desk->user, &problem), problem);
    assert_false(take_out(desk, &admin, ROLE_OWNER, &admin, &problem));
}

/* The role that the request came in with is not believed: the one of now counts. */
static void test_a_role_that_was_lost_meanwhile_gives_nothing(void **state)
{
    struct desk *desk = *state;
    struct problem problem;
    struct id other = desk_user(desk, "other@fresh.example", "Other Owner", ROLE_OWNER);
    struct id agent = desk_user(desk, "agent@fresh.example", "A Gent", ROLE_AGENT);
    DESK_OK(change_role(desk, &desk->user, ROLE_OWNER, &other, ROLE_AGENT, &problem), problem);
    assert_false(take_out(desk, &other, ROLE_OWNER, &agent, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    DESK_OK(take_out(desk, &desk->user, ROLE_OWNER, &other, &problem), problem);
    assert_false(change_role(desk, &other, ROLE_OWNER, &agent, ROLE_ADMIN, &problem));
    assert_int_equal(problem.kind, PROBLEM_SIGN_IN);
}

struct duel {
    struct desk *desk;
    pthread_barrier_t *start;
    const struct id *actor, *user;
    bool removes, done;
};

static void *fight(void *context)
{
    struct duel *duel = context;
    struct problem problem;
    pthread_barrier_wait(duel->start);
    duel->done = duel->removes
                     ? take_out(duel->desk, duel->actor, ROLE_OWNER, duel->user, &problem)
                     : change_role(duel->desk, duel->actor, ROLE_OWNER, duel->user, ROLE_AGENT, &problem);
    return NULL;
}

/* Two owners do it to each other, and to themselves, at the same moment: on either engine one of them stays. */
static void test_owners_at_the_same_moment(void **state)
{
    struct desk *desk = *state;
    struct id keep = desk->user;
    for (int round = 0; round < 40; round++) {
        struct id a =
            desk_user(desk, text_format(desk->arena, "a%d@fresh.example", round).at, "A", ROLE_OWNER);
        struct id pair[] = {keep, a};
        pthread_barrier_t start;
        pthread_t threads[2];
        bool crossed = round % 2 == 0;
        struct duel duels[2] = {{desk, &start, &pair[0], &pair[crossed], round % 4 < 2, false},
            {desk, &start, &pair[1], &pair[!crossed], round % 4 < 2, false}};
        pthread_barrier_init(&start, NULL, 2);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, fight, &duels[i]), 0);
        }
        for (int i = 0; i < 2; i++) {
            pthread_join(threads[i], NULL);
        }
        pthread_barrier_destroy(&start);
        assert_int_equal(duels[0].done + duels[1].done, 1);
        assert_int_equal(
            desk_number(desk, "SELECT count(*) FROM app_user WHERE role = 'owner' AND removed_at IS NULL"),
            1);
        bool a_stays = crossed ? duels[1].done : duels[0].done;
        keep = a_stays ? a : keep;
    }
}

/* ---- One password for several changes at once ---- */

#define CHANGES 4

struct change_at_once {
    struct desk *desk;
    struct actor actor;
    struct text wanted, next;
    bool changed;
    struct problem problem;
};

static void *change_password(void *context)
{
    struct change_at_once *change = context;
    struct people people = people_of(change->desk);
    struct password_change asked = {
        .current = TEXT(DESK_PASSWORD), .wanted = change->wanted, .next = change->next};
    change->changed = password_change(&people, &change->actor, &asked, &change->problem);
    return NULL;
}

/* Each was looked at against the password that was there; the first to be written makes it another one, and the others are refused. */
static void test_a_password_is_changed_by_the_one_that_holds(void **state)
{
    struct desk *desk = *state;
    static const char *const wanted[CHANGES] = {
        "a first new password", "a second new password", "a third new password", "a fourth new password"};
    struct change_at_once changes[CHANGES];
    pthread_t threads[CHANGES];
    size_t changed = 0;
    for (size_t i = 0; i < CHANGES; i++) {
        changes[i] = (struct change_at_once){.desk = desk,
            .actor = actor_of(desk, &desk->user, ROLE_OWNER),
            .wanted = text_from(wanted[i]),
            .next = session_token(desk->arena, id_text(&desk->account))};
    }
    for (size_t i = 0; i < CHANGES; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, change_password, &changes[i]), 0);
    }
    for (size_t i = 0; i < CHANGES; i++) {
        pthread_join(threads[i], NULL);
        changed += changes[i].changed;
        if (!changes[i].changed) {
            assert_int_equal(changes[i].problem.word, WORD_people_current_wrong);
            assert_string_equal(changes[i].problem.field, "current");
        }
    }
    assert_int_equal(changed, 1);
    assert_int_equal(
        desk_number(desk, "SELECT count(*) FROM audit_event WHERE kind = 'password_changed'"), 1);
}

/* ---- Removal ---- */

static void test_a_removal_ends_everything(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct id guest = desk_user(desk, "guest@fresh.example", "Guest", ROLE_ADMIN);
    struct sign_in sign_in = {
        .email = TEXT("guest@fresh.example"), .password = TEXT(DESK_PASSWORD), .client = TEXT("192.0.2.1")};
    struct signed_in session;
    struct session again;
    DESK_OK(sign_in_begin(&desk->sessions, desk->arena, &sign_in, &session, &problem), problem);
    DESK_OK(user_set_personal_phone(
                desk->db, id_text(&desk->account), id_text(&guest), TEXT("+14155550134"), &problem),
        problem);
    struct people people = people_of(desk);
    struct actor as_guest = actor_of(desk, &guest, ROLE_ADMIN);
    struct invitation_new invitation = {.account = id_text(&desk->account),
        .email = TEXT("friend@fresh.example"),
        .name = TEXT("Friend"),
        .role = ROLE_AGENT};
    DESK_OK(invitation_send(&people, &as_guest, &invitation, &problem), problem);
    DESK_OK(take_out(desk, &desk->user, ROLE_OWNER, &guest, &problem), problem);
    static const char *const none[] = {"SELECT count(*) FROM session", "SELECT count(*) FROM user_link",
        "SELECT count(*) FROM number_use",
        "SELECT count(*) FROM user_email WHERE email = 'guest@fresh.example'"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(desk_number(desk, none[i]), 0);
    }
    assert_false(session_find(&desk->sessions, desk->arena, session.token, &again, &problem));
    problem = (struct problem){0};
    assert_false(sign_in_begin(&desk->sessions, desk->arena, &sign_in, &session, &problem));
    assert_int_equal(problem.word, WORD_people_sign_in_wrong);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM audit_event WHERE kind = 'user_removed'"), 1);
    assert_int_equal(
        desk_number(desk,
            "SELECT count(*) FROM person_mail WHERE kind = 'removed' AND to_address = 'guest@fresh.example'"),
        1);
    /* The name stays for what they made; the address is free for somebody new. */
    assert_int_equal(
        desk_number(desk, "SELECT count(*) FROM app_user WHERE name = 'Guest' AND removed_at > 0"), 1);
    desk_user(desk, "guest@fresh.example", "Another Guest", ROLE_AGENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_kind_works_once_and_for_its_time, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_wrong_tokens_find_nothing, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(
            test_a_reset_ends_the_other_links_but_not_the_way_back, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_asking_is_the_same_work_for_everybody, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_the_last_owner_stays, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(
            test_a_role_that_was_lost_meanwhile_gives_nothing, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_owners_at_the_same_moment, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(
            test_a_password_is_changed_by_the_one_that_holds, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_a_removal_ends_everything, desk_open, desk_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
