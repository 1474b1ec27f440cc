/* The audit log: what is written, who may read it, pages, filters, its end; and sign-ins from somewhere new. */
#include <string.h>

#include "desk.h"

#include "people/audit_list.h"
#include "people/new_sign_in.h"

struct adding {
    struct desk *desk;
    struct audit_entry entry;
};

static bool adding_closure(struct db_tx *tx, void *context)
{
    const struct adding *adding = context;
    return audit_add(tx, adding->desk->clock, &adding->entry);
}

static void add(struct desk *desk, struct audit_entry entry)
{
    struct problem problem = {0};
    struct adding adding = {desk, entry};
    DESK_OK(db_write(desk->db, adding_closure, &adding, &problem), problem);
}

static struct actor actor_of(struct desk *desk, const struct id *user, enum role role)
{
    return (struct actor){.account = id_text(&desk->account),
        .user = id_text(user),
        .name = TEXT("Marcus Oyelaran"),
        .role = role,
        .client = TEXT("192.0.2.7")};
}

static struct audit_list list_of(
    struct desk *desk, const struct actor *actor, const struct audit_filter *filter, size_t max)
{
    struct problem problem = {0};
    struct audit_list list;
    DESK_OK(audit_list(desk->db, actor, filter, max, desk->arena, &list, &problem), problem);
    return list;
}

static void test_kinds(void **state)
{
    (void)state;
    for (int kind = 0; kind < AUDIT_KIND_COUNT; kind++) {
        enum audit_kind parsed;
        const char *name = audit_kind_name((enum audit_kind)kind);
        assert_true(audit_kind_parse(text_from(name), &parsed));
        if (parsed != (enum audit_kind)kind || audit_kind_word(parsed) == WORD_NONE) {
            fail_msg("%s", name);
        }
    }
    enum audit_kind none;
    assert_false(audit_kind_parse(TEXT("signed"), &none));
    assert_false(audit_kind_parse(TEXT_EMPTY, &none));
}

static void test_what_is_written(void **state)
{
    struct desk *desk = *state;
    struct actor owner = actor_of(desk, &desk->user, ROLE_OWNER), command = {.role = ROLE_PORTING_TEAM};
    struct text account = id_text(&desk->account);
    struct audit_filter all = {0};
    char longer[2 * AUDIT_ABOUT_MAX + 1];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    add(desk, (struct audit_entry){.account = account,
                  .kind = AUDIT_SIGNED_IN,
                  .actor = &owner,
                  .client = TEXT("198.51.100.1"),
                  .subject = TEXT("usr_x"),
                  .about = text_from(longer)});
    clock_advance(desk->clock, CLOCK_SECOND);
    add(desk, (struct audit_entry){
                  .account = account, .kind = AUDIT_SIGN_IN_FAILED, .client = TEXT("198.51.100.1")});
    clock_advance(desk->clock, CLOCK_SECOND);
    add(desk, (struct audit_entry){.account = account, .kind = AUDIT_JOB_RETRIED, .actor = &command});
    clock_advance(desk->clock, CLOCK_SECOND);
    add(desk, (struct audit_entry){.account = account, .kind = AUDIT_USER_ADDED, .by_command = true});
    struct audit_list list = list_of(desk, &owner, &all, AUDIT_PAGE);
    assert_int_equal(list.rows_count, 5); /* with the owner's own making */
    assert_true(text_is(list.account_name, "Harbor & Pine Realty"));
    assert_int_equal(list.users_count, 1);
    assert_true(text_is(list.rows[0].by_role, AUDIT_BY_COMMAND));
    assert_true(text_is(list.rows[1].by_role, AUDIT_BY_COMMAND));
    assert_int_equal(list.rows[2].by_user.len + list.rows[2].by_name.len + list.rows[2].by_role.len, 0);
    assert_true(text_is(list.rows[2].client, "198.51.100.1"));
    const struct audit_row *row = &list.rows[3];
    assert_int_equal(row->kind, AUDIT_SIGNED_IN);
    assert_int_equal(row->at, DESK_NOW);
    assert_true(text_is(row->by_name, "Marcus Oyelaran") && text_is(row->by_role, "owner"));
    assert_true(text_is(row->client, "192.0.2.7")); /* the actor's own */
    assert_true(text_is(row->subject, "usr_x"));
    assert_int_equal(row->about.len, AUDIT_ABOUT_MAX);
    assert_int_equal(list.rows[4].kind, AUDIT_USER_ADDED);
    assert_true(text_is(list.rows[4].about, "Marcus Oyelaran, Owner"));
}

/* A line of a newer version is shown all the same. */
static void test_an_unknown_kind(void **state)
{
    struct desk *desk = *state;
    struct actor owner = actor_of(desk, &desk->user, ROLE_OWNER);
    struct audit_filter all = {0};
    assert_true(desk_exec(desk,
        "INSERT INTO audit_event (account, id, at, kind) VALUES ($1, 'aud_z', $2, 'of_tomorrow')",
        DB_ARGS(db_text(id_text(&desk->account)), db_int(DESK_NOW + 1))));
    struct audit_list list = list_of(desk, &owner, &all, AUDIT_PAGE);
    assert_false(list.rows[0].known);
    assert_true(text_is(list.rows[0].kind_name, "of_tomorrow"));
}

static void test_who_may_read(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct id other;
    struct account_new birch = {TEXT("Birch Street Dental"), TEXT("US"), false};
    DESK_OK(account_create(desk->db, desk->clock, &birch, &other, &problem), problem);
    struct text own = id_text(&desk->account), others = text_copy(desk->arena, id_text(&other));
    add(desk, (struct audit_entry){.account = own, .kind = AUDIT_SIGNED_IN});
    add(desk, (struct audit_entry){.account = others, .kind = AUDIT_SIGNED_OUT});
    add(desk, (struct audit_entry){.account = TEXT("operator"), .kind = AUDIT_KEY_ROTATED});
    const struct {
        enum role role;
        struct text asked;
        enum problem_kind kind;
        size_t rows;
    } cases[] = {
        {ROLE_AGENT, TEXT_EMPTY, PROBLEM_FORBIDDEN, 0},
        {ROLE_ADMIN, TEXT_EMPTY, PROBLEM_FORBIDDEN, 0},
        {ROLE_ADMIN, own, PROBLEM_FORBIDDEN, 0},
        {ROLE_OWNER, TEXT_EMPTY, PROBLEM_NONE, 2},
        {ROLE_OWNER, own, PROBLEM_NONE, 2},
        {ROLE_OWNER, others, PROBLEM_NOT_FOUND, 0},
        {ROLE_OWNER, TEXT("operator"), PROBLEM_NOT_FOUND, 0},
        {ROLE_OWNER, TEXT("acc_x"), PROBLEM_NOT_FOUND, 0},
        {ROLE_PORTING_TEAM, TEXT_EMPTY, PROBLEM_NONE, 4},
        {ROLE_PORTING_TEAM, own, PROBLEM_NONE, 2},
        {ROLE_PORTING_TEAM, others, PROBLEM_NONE, 1},
        {ROLE_PORTING_TEAM, TEXT("acc_x"), PROBLEM_NOT_FOUND, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct actor actor = actor_of(desk, &desk->user, cases[i].role);
        struct audit_filter filter = {.account = cases[i].asked};
        struct audit_list list = {0};
        problem = (struct problem){0};
        bool ok = audit_list(desk->db, &actor, &filter, AUDIT_PAGE, desk->arena, &list, &problem);
        if (ok != (cases[i].kind == PROBLEM_NONE) || problem.kind != cases[i].kind ||
            list.rows_count != cases[i].rows) {
            fail_msg("case %zu: %d, %zu rows", i, (int)problem.kind, list.rows_count);
        }
    }
}

static void test_filters_and_pages(void **state)
{
    struct desk *desk = *state;
    struct id ada = desk_user(desk, "ada@harborpine.example", "Ada Lane", ROLE_ADMIN);
    struct actor owner = actor_of(desk, &desk->user, ROLE_OWNER), admin = actor_of(desk, &ada, ROLE_ADMIN),
                 team = actor_of(desk, &desk->user, ROLE_PORTING_TEAM);
    team.user = TEXT("usr_of_the_team");
    for (int i = 0; i < 120; i++) {
        const struct actor *who = i % 3 == 0 ? &owner : i % 3 == 1 ? &admin : &team;
        add(desk, (struct audit_entry){.account = id_text(&desk->account),
                      .kind = i % 2 ? AUDIT_REQUEST_SUBMITTED : AUDIT_REQUEST_CANCELED,
                      .actor = who});
        clock_advance(desk->clock, i % 4 ? CLOCK_SECOND : 0); /* some of one moment */
    }
    const struct {
        struct audit_filter filter;
        size_t wanted;
    } cases[] = {
        {{.of_kind = false}, 122},
        {{.of_kind = true, .kind = AUDIT_REQUEST_SUBMITTED}, 60},
        {{.by = AUDIT_BY_USER, .user = id_text(&ada)}, 40},
        {{.by = AUDIT_BY_TEAM}, 40},
        {{.of_kind = true, .kind = AUDIT_REQUEST_CANCELED, .by = AUDIT_BY_USER, .user = id_text(&ada)}, 20},
        {{.of_kind = true, .kind = AUDIT_REQUEST_CANCELED, .by = AUDIT_BY_TEAM}, 20},
        {{.of_kind = true, .kind = AUDIT_SIGNED_OUT}, 0},
    };
    const struct actor *readers[] = {&owner, &team}; /* the log of the account, and that of all */
    for (size_t i = 0; i < 2 * (sizeof cases / sizeof cases[0]); i++) {
        struct audit_filter filter = cases[i / 2].filter;
        struct audit_list list;
        size_t seen = 0;
        int64_t last = INT64_MAX;
        do {
            list = list_of(desk, readers[i % 2], &filter, AUDIT_PAGE);
            for (size_t j = 0; j < list.rows_count; j++) {
                assert_true(list.rows[j].at <= last);
                last = list.rows[j].at;
            }
            seen += list.rows_count;
            filter.before = list.next;
            assert_true(list.next.len == 0 || list.rows_count == AUDIT_PAGE);
        } while (list.next.len > 0);
        if (seen != cases[i / 2].wanted) {
            fail_msg("case %zu: %zu lines, not %zu", i, seen, cases[i / 2].wanted);
        }
        assert_int_equal(
            list_of(desk, readers[i % 2], &cases[i / 2].filter, AUDIT_DOWNLOAD).rows_count, seen);
    }
    static const char *const cursors[] = {"x", "1.", ".aud_1", "99999999999999999999.aud_1", "' OR 1=1 --"};
    for (size_t i = 0; i < sizeof cursors / sizeof cursors[0]; i++) {
        struct audit_filter filter = {.before = text_from(cursors[i])};
        assert_int_equal(list_of(desk, &owner, &filter, AUDIT_PAGE).rows_count, AUDIT_PAGE);
    }
}

struct pruning {
    int64_t before, max, removed;
};

static bool pruning_closure(struct db_tx *tx, void *context)
{
    struct pruning *pruning = context;
    return audit_prune(tx, pruning->before, pruning->max, &pruning->removed);
}

static void test_old_lines_go(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    for (int i = 0; i < 5; i++) {
        clock_advance(desk->clock, CLOCK_DAY);
        add(desk, (struct audit_entry){.account = id_text(&desk->account), .kind = AUDIT_SIGNED_IN});
    }
    struct pruning pruning = {.before = DESK_NOW + 3 * CLOCK_DAY, .max = 2};
    DESK_OK(db_write(desk->db, pruning_closure, &pruning, &problem), problem);
    assert_int_equal(pruning.removed, 2);
    DESK_OK(db_write(desk->db, pruning_closure, &pruning, &problem), problem);
    assert_int_equal(pruning.removed, 1);
    DESK_OK(db_write(desk->db, pruning_closure, &pruning, &problem), problem);
    assert_int_equal(pruning.removed, 0);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM audit_event"), 3);
}

/* ---- From somewhere new ---- */

struct visiting {
    struct desk *desk;
    struct new_sign_in sign_in;
};

static bool visiting_closure(struct db_tx *tx, void *context)
{
    const struct visiting *visiting = context;
    return new_sign_in(tx, visiting->desk->clock, visiting->desk->vault, &visiting->sign_in);
}

static bool is_told(struct desk *desk, const struct user *user, const char *client, const char *browser)
{
    struct problem problem = {0};
    static const char mails[] = "SELECT count(*) FROM person_mail WHERE kind = 'new_sign_in'";
    struct visiting visiting = {desk, {user, text_from(client), text_from(browser)}};
    int64_t before = desk_number(desk, mails);
    DESK_OK(db_write(desk->db, visiting_closure, &visiting, &problem), problem);
    int64_t lines = desk_number(desk, "SELECT count(*) FROM audit_event WHERE kind = 'new_place'");
    assert_int_equal(lines, desk_number(desk, mails));
    return lines > before;
}

static void test_somewhere_new_is_told(void **state)
{
    struct desk *desk = *state;
    struct id ada = desk_user(desk, "ada@harborpine.example", "Ada Lane", ROLE_AGENT);
    struct user marcus = {.account = id_text(&desk->account),
                    .id = id_text(&desk->user),
                    .name = TEXT("Marcus"),
                    .email = TEXT(DESK_EMAIL)},
                other = marcus;
    other.id = id_text(&ada);
    static const struct {
        bool of_ada;
        const char *client, *browser;
        bool told;
    } visits[] = {
        {false, "192.0.2.1", "Firefox on Linux", false}, /* the first of all */
        {false, "192.0.2.1", "Firefox on Linux", false},
        {false, "192.0.2.2", "Firefox on Linux", true},
        {false, "192.0.2.2", "Firefox on Linux", false},
        {false, "192.0.2.1", "Chrome on Windows", true},
        {false, "192.0.2.2", "Chrome on Windows", false},
        {false, "192.0.2.1", "", false}, /* a browser that tells nothing is none */
        {false, "2001:db8:1:2::1", "", true},
        {false, "2001:db8:1:2:ffff::9", "", false}, /* of the same customer */
        {false, "2001:db8:1:3::1", "", true},
        {true, "192.0.2.1", "Firefox on Linux", false}, /* another person's places count for nothing */
        {true, "192.0.2.3", "Firefox on Linux", true},
    };
    for (size_t i = 0; i < sizeof visits / sizeof visits[0]; i++) {
        bool told = is_told(desk, visits[i].of_ada ? &other : &marcus, visits[i].client, visits[i].browser);
        if (told != visits[i].told) {
            fail_msg("visit %zu", i);
        }
    }
    /* Neither address nor browser stands there in the clear. */
    assert_int_equal(
        desk_number(
            desk, "SELECT count(*) FROM sign_in_place WHERE place LIKE '%192.%' OR place LIKE '%Fire%'"),
        0);
}

static bool forgetting_closure(struct db_tx *tx, void *context)
{
    struct pruning *pruning = context;
    return new_sign_in_prune(tx, pruning->before, pruning->max, &pruning->removed);
}

static void test_places_are_forgotten(void **state)
{
    struct desk *desk = *state;
    struct problem problem = {0};
    struct user marcus = {
        .account = id_text(&desk->account), .id = id_text(&desk->user), .email = TEXT(DESK_EMAIL)};
    is_told(desk, &marcus, "192.0.2.1", "");
    clock_advance(desk->clock, SIGN_IN_PLACE_KEPT);
    is_told(desk, &marcus, "192.0.2.2", "");
    struct pruning pruning = {.before = clock_now(desk->clock) + CLOCK_SECOND, .max = 10};
    DESK_OK(db_write(desk->db, forgetting_closure, &pruning, &problem), problem);
    assert_int_equal(pruning.removed, 1);
    assert_true(is_told(desk, &marcus, "192.0.2.1", ""));
}

int main(void)
{
#define ON_A_DESK(test) cmocka_unit_test_setup_teardown(test, desk_open, desk_close)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        ON_A_DESK(test_what_is_written),
        ON_A_DESK(test_an_unknown_kind),
        ON_A_DESK(test_who_may_read),
        ON_A_DESK(test_filters_and_pages),
        ON_A_DESK(test_old_lines_go),
        ON_A_DESK(test_somewhere_new_is_told),
        ON_A_DESK(test_places_are_forgotten),
    };
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
