/* My Settings: what is taken and what is not, two windows, a form that comes twice, and what is told of a change. */
#include "desk.h"
#include "notices/notice.h"
#include "people/my_settings.h"

struct fixture {
    struct desk *desk;
    struct actor actor;
    struct area_codes codes;
    struct my_settings_desk with;
};

static struct fixture fixture_of(struct desk *desk)
{
    struct fixture fixture = {.desk = desk};
    struct problem problem = {0};
    fixture.actor = (struct actor){.account = id_text(&desk->account),
        .user = id_text(&desk->user),
        .name = TEXT("Marcus Oyelaran"),
        .email = TEXT(DESK_EMAIL),
        .role = ROLE_OWNER,
        .time_zone = TEXT("America/Los_Angeles"),
        .client = TEXT("192.0.2.7")};
    DESK_OK(area_codes_parse(desk->arena, area_codes_data(), &fixture.codes, &problem), problem);
    return fixture;
}

static bool save(struct fixture *fixture, const struct my_settings *form, struct problem *problem)
{
    fixture->with = (struct my_settings_desk){
        fixture->desk->db, fixture->desk->clock, fixture->desk->vault, &fixture->codes};
    *problem = (struct problem){0};
    return my_settings_save(&fixture->with, &fixture->actor, form, problem);
}

static struct my_settings stored(struct fixture *fixture)
{
    struct problem problem = {0};
    struct my_settings settings;
    DESK_OK(my_settings_load(fixture->desk->db, &fixture->actor, fixture->desk->arena, &settings, &problem),
        problem);
    return settings;
}

#define AUDITED(kind) "SELECT count(*) FROM audit_event WHERE kind = '" kind "'"
#define MAILED(kind) "SELECT count(*) FROM person_mail WHERE kind = '" kind "'"

static void test_a_change_is_kept_and_told(void **state)
{
    struct desk *desk = *state;
    struct fixture fixture = fixture_of(desk);
    struct problem problem;
    struct my_settings form = stored(&fixture);
    assert_true(text_is(form.name, "Marcus Oyelaran"));
    form.name = TEXT("  Marcus O.  ");
    form.personal_phone = TEXT("415.552.0134");
    form.time_zone = TEXT("America/Chicago");
    form.notices_off = UINT32_C(1) << NOTICE_CHOICE_DATES | UINT32_C(1) << 20;
    DESK_OK(save(&fixture, &form, &problem), problem);
    struct my_settings now = stored(&fixture);
    assert_true(text_is(now.name, "Marcus O."));
    assert_true(text_is(now.personal_phone, "+14155520134"));
    assert_true(text_is(now.time_zone, "America/Chicago"));
    assert_int_equal(now.notices_off, UINT32_C(1) << NOTICE_CHOICE_DATES);
    assert_int_equal(desk_number(desk, AUDITED("personal_phone_changed")), 1);
    assert_int_equal(
        desk_number(
            desk, AUDITED("personal_phone_changed") " AND about LIKE '%0134' AND client = '192.0.2.7'"),
        1);
    assert_int_equal(desk_number(desk, AUDITED("personal_phone_changed") " AND about LIKE '%415%'"), 0);
    assert_int_equal(desk_number(desk, AUDITED("settings_changed") " AND about = 'name time zone mails'"), 1);
    assert_int_equal(desk_number(desk, MAILED("phone_changed")), 1);
    /* Emptied again. */
    now.personal_phone = TEXT_EMPTY;
    DESK_OK(save(&fixture, &now, &problem), problem);
    assert_int_equal(stored(&fixture).personal_phone.len, 0);
    assert_int_equal(desk_number(desk, MAILED("phone_removed")), 1);
    assert_int_equal(desk_number(desk, AUDITED("settings_changed")), 1);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM number_use"), 0);
}

static void test_what_is_refused(void **state)
{
    struct desk *desk = *state;
    struct fixture fixture = fixture_of(desk);
    struct my_settings good = stored(&fixture);
    static const struct {
        const char *name, *phone, *zone, *field;
        enum word word;
    } cases[] = {
        {"", "", "America/Chicago", "name", WORD_people_name_missing},
        {"   ", "", "America/Chicago", "name", WORD_people_name_missing},
        {"M\xff", "", "America/Chicago", "name", WORD_problem_not_clean},
        {"M", "552 0134", "America/Chicago", "personal_phone", WORD_numbering_fault_no_area_code},
        {"M", "+44 20 7946 0018", "America/Chicago", "personal_phone", WORD_numbering_fault_foreign},
        {"M", "call me", "America/Chicago", "personal_phone", WORD_numbering_fault_not_a_number},
        {"M", "800 552 0134", "America/Chicago", "personal_phone", WORD_people_phone_not_ordinary},
        {"M", "900 552 0134", "America/Chicago", "personal_phone", WORD_people_phone_not_ordinary},
        {"M", "500 552 0134", "America/Chicago", "personal_phone", WORD_people_phone_not_ordinary},
        {"M", "415 555 0134", "America/Chicago", "personal_phone", WORD_people_phone_not_ordinary},
        {"M", "876 552 0134", "America/Chicago", "personal_phone", WORD_people_phone_not_ordinary},
        {"M", "", "Mars/Olympus", "time_zone", WORD_people_time_zone_wrong},
        {"M", "", "", "time_zone", WORD_people_time_zone_wrong},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct problem problem;
        struct my_settings form = good;
        form.name = text_from(cases[i].name);
        form.personal_phone = text_from(cases[i].phone);
        form.time_zone = text_from(cases[i].zone);
        assert_false(save(&fixture, &form, &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
        assert_string_equal(problem.field, cases[i].field);
        if (problem.word != cases[i].word) {
            fail_msg("%s %s: %s", cases[i].name, cases[i].phone, words_key(problem.word));
        }
    }
    assert_int_equal(stored(&fixture).version, good.version);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM audit_event WHERE kind LIKE '%changed'"), 0);
}

static void test_two_windows(void **state)
{
    struct desk *desk = *state;
    struct fixture fixture = fixture_of(desk);
    struct problem problem;
    struct my_settings first = stored(&fixture), second = first;
    first.name = TEXT("Marcus First");
    second.time_zone = TEXT("America/Denver");
    DESK_OK(save(&fixture, &first, &problem), problem);
    assert_false(save(&fixture, &second, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    assert_int_equal(problem.word, WORD_people_settings_meanwhile);
    assert_true(text_is(stored(&fixture).name, "Marcus First"));
    assert_true(text_is(stored(&fixture).time_zone, "America/Los_Angeles"));
    /* The same form once more is the same save: nothing is told twice. */
    DESK_OK(save(&fixture, &first, &problem), problem);
    assert_int_equal(desk_number(desk, AUDITED("settings_changed")), 1);
    /* Looked at, and saved all the same. */
    second.version = stored(&fixture).version;
    DESK_OK(save(&fixture, &second, &problem), problem);
    /* A version that never was. */
    second.name = TEXT("Marcus Third");
    second.version = -1;
    assert_false(save(&fixture, &second, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
}

static void test_a_refused_phone_changes_nothing_else(void **state)
{
    struct desk *desk = *state;
    struct fixture fixture = fixture_of(desk);
    struct problem problem;
    struct my_settings form = stored(&fixture);
    assert_true(desk_exec(desk,
        "INSERT INTO number_use (account, e164, kind) VALUES ($1, '+14155220101', 'port'),"
        " ($1, '+14155220102', 'inventory')",
        DB_ARGS(db_text(fixture.actor.account))));
    form.name = TEXT("Somebody Else");
    form.personal_phone = TEXT("(415) 522-0101");
    assert_false(save(&fixture, &form, &problem));
    assert_int_equal(problem.word, WORD_people_phone_in_port);
    form.personal_phone = TEXT("(415) 522-0102");
    assert_false(save(&fixture, &form, &problem));
    assert_int_equal(problem.word, WORD_people_phone_in_inventory);
    assert_true(text_is(stored(&fixture).name, "Marcus Oyelaran"));
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM person_mail"), 0);
    assert_int_equal(desk_number(desk, "SELECT count(*) FROM audit_event WHERE kind LIKE '%changed'"), 0);
}

/* Blind, the tables refuse it all the same; only the sentence is missing. */
static void test_the_constraint_alone(void **state)
{
    struct desk *desk = *state;
    struct fixture fixture = fixture_of(desk);
    struct problem problem;
    struct my_settings form = stored(&fixture);
    assert_true(
        desk_exec(desk, "INSERT INTO number_use (account, e164, kind) VALUES ($1, '+14155220101', 'port')",
            DB_ARGS(db_text(fixture.actor.account))));
    form.personal_phone = TEXT("(415) 522-0101");
    assert_int_equal(setenv("PORTDESK_TEST_GUARD", "constraints", 1), 0);
    bool saved = save(&fixture, &form, &problem);
    assert_int_equal(unsetenv("PORTDESK_TEST_GUARD"), 0);
    assert_false(saved);
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    assert_string_equal(problem.field, "");
    assert_int_equal(stored(&fixture).personal_phone.len, 0);
}

/* Each zone that is offered is one that the clock knows: its time is not that of UTC all year. */
static void test_time_zones(void **state)
{
    struct desk *desk = *state;
    for (size_t i = 0; i < time_zones_count; i++) {
        struct text zone = text_from(time_zones[i].name);
        struct text winter = instant_short(desk->arena, DESK_NOW + 90 * CLOCK_DAY, DESK_NOW, zone);
        struct text summer = instant_short(desk->arena, DESK_NOW + 270 * CLOCK_DAY, DESK_NOW, zone);
        bool utc = text_ends(winter, TEXT(" UTC")) && text_ends(summer, TEXT(" UTC"));
        if (utc != text_is(zone, "UTC")) {
            fail_msg("%s: %s, %s", time_zones[i].name, text_cstr(desk->arena, winter),
                text_cstr(desk->arena, summer));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_change_is_kept_and_told, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_what_is_refused, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_two_windows, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_a_refused_phone_changes_nothing_else, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_the_constraint_alone, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(test_time_zones, desk_open, desk_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
