/* The data files and what reads them: rejections, losing carriers, holidays. */
#include "../base/unit.h"

#include "rules/calendar.h"
#include "rules/directory.h"
#include "rules/not_portable.h"
#include "rules/rejection.h"
#include "rules/turn.h"

static void say_all(struct arena *arena, enum word word)
{
    assert_int_not_equal(word, WORD_NONE);
    assert_true(
        words_say(arena, LANGUAGE_EN, word, WORD_ARGS(WORD_TEXT("carrier", TEXT("Verizon")))).len > 0);
}

static void rejections_are_whole(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(256 * 1024);
    struct rejections rejections;
    struct problem problem = {0};
    assert_true(rejections_parse(arena, rejections_data(), rejection_words_data(), &rejections, &problem));
    for (size_t i = 0; i < REJECTION_COUNT; i++) {
        const struct rejection *row = &rejections.items[i];
        enum rejection_reason again;
        assert_int_equal(row->reason, i);
        assert_true(rejection_parse(text_from(rejection_name(row->reason)), &again) && again == row->reason);
        assert_true(row->turn == TURN_CUSTOMER || row->turn == TURN_PORTING_TEAM);
        say_all(arena, rejection_short_word(row->reason));
        say_all(arena, rejection_what_word(row->reason));
        say_all(arena, rejection_do_word(row->reason));
    }
}

static void twilios_words_mean_reasons(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        enum rejection_reason reason;
        enum turn turn;
        uint32_t fields;
    } cases[] = {
        {"INVALID_PIN", REJECTION_PIN, TURN_CUSTOMER, DRAFT_FIELD_BIT(DRAFT_FIELD_PIN)},
        {"invalid pin", REJECTION_PIN, TURN_CUSTOMER, DRAFT_FIELD_BIT(DRAFT_FIELD_PIN)},
        {" Invalid-Pin ", REJECTION_PIN, TURN_CUSTOMER, DRAFT_FIELD_BIT(DRAFT_FIELD_PIN)},
        {"INVALID_ACCOUNT_NUMBER", REJECTION_ACCOUNT_NUMBER, TURN_CUSTOMER,
            DRAFT_FIELD_BIT(DRAFT_FIELD_ACCOUNT_NUMBER)},
        {"INVALID_ADDRESS", REJECTION_SERVICE_ADDRESS, TURN_CUSTOMER,
            DRAFT_FIELD_BIT(DRAFT_FIELD_STREET) | DRAFT_FIELD_BIT(DRAFT_FIELD_UNIT) |
                DRAFT_FIELD_BIT(DRAFT_FIELD_CITY) | DRAFT_FIELD_BIT(DRAFT_FIELD_STATE) |
                DRAFT_FIELD_BIT(DRAFT_FIELD_ZIP)},
        {"INVALID_END_USER_NAME", REJECTION_END_USER_NAME, TURN_CUSTOMER,
            DRAFT_FIELD_BIT(DRAFT_FIELD_ACCOUNT_NAME) | DRAFT_FIELD_BIT(DRAFT_FIELD_ACCOUNT_TYPE)},
        {"PHONE_NUMBER_WITH_CARRIER_RESTRICTION", REJECTION_FREEZE_OR_LOCK, TURN_CUSTOMER, 0},
        {"PHONE_NUMBER_INACTIVE_OR_DISCONNECTED", REJECTION_DISCONNECTED, TURN_CUSTOMER,
            DRAFT_FIELD_BIT(DRAFT_FIELD_NUMBERS)},
        {"CONTACT_SUPPORT_REQUIRED", REJECTION_OTHER, TURN_PORTING_TEAM, 0},
        {"SOMETHING_NEW", REJECTION_OTHER, TURN_PORTING_TEAM, 0},
        {"", REJECTION_OTHER, TURN_PORTING_TEAM, 0},
        {"INVALID_PIN_AND_MORE", REJECTION_OTHER, TURN_PORTING_TEAM, 0},
        {"INVALID_PININVALID_PININVALID_PININVALID_PININVALID_PININVALID_PININVALID_PININVALID_PIN",
            REJECTION_OTHER, TURN_PORTING_TEAM, 0},
    };
    ARENA_CLEANUP arena = arena_new(256 * 1024);
    struct rejections rejections;
    assert_true(rejections_parse(arena, rejections_data(), rejection_words_data(), &rejections, NULL));
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct rejection *found =
            rejection_of_word(&rejections, TEXT("twilio"), text_from(cases[i].word));
        assert_int_equal(found->reason, cases[i].reason);
        assert_int_equal(found->turn, cases[i].turn);
        assert_int_equal(found->fields, cases[i].fields);
    }
}

/* Every line of the words means a reason, for its own carrier alone. */
static void each_carriers_words_are_its_own(void **state)
{
    (void)state;
    static const struct {
        const char *carrier, *word;
        enum rejection_reason reason;
    } cases[] = {
        {"telnyx", "passcode-pin invalid", REJECTION_PIN},
        {"telnyx", "OSP_IRRESPONSIVE", REJECTION_CARRIER_DELAY},
        {"bandwidth", "7435", REJECTION_PIN},
        {"bandwidth", "8d", REJECTION_ZIP},
        {"bandwidth", "6B", REJECTION_ALREADY_HERE},
        {"kazoo", "sp_heavy_load", REJECTION_WORKLOAD},
        {"twilio", "22137", REJECTION_PORT_IN_PROGRESS},
        {"twilio", "OSP_IRRESPONSIVE", REJECTION_OTHER},
        {"bandwidth", "INVALID_PIN", REJECTION_OTHER},
        {"nobody", "7435", REJECTION_OTHER},
        {"", "7435", REJECTION_OTHER},
    };
    ARENA_CLEANUP arena = arena_new(256 * 1024);
    struct rejections rejections;
    assert_true(rejections_parse(arena, rejections_data(), rejection_words_data(), &rejections, NULL));
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(
            rejection_of_word(&rejections, text_from(cases[i].carrier), text_from(cases[i].word))->reason,
            cases[i].reason);
    }
    assert_true(rejections.words_count > 200);
    for (size_t i = 0; i < rejections.words_count; i++) {
        const struct rejection_carrier_word *word = &rejections.words[i];
        assert_int_equal(rejection_of_word(&rejections, word->carrier, word->word)->reason, word->reason);
    }
}

/* What only time mends has a pause and a limit, and nothing else has. */
static void only_time_is_tried_again(void **state)
{
    (void)state;
    static const enum rejection_reason time[] = {REJECTION_OUT_OF_HOURS, REJECTION_WORKLOAD,
        REJECTION_NETWORK_NOT_READY, REJECTION_OUTAGE, REJECTION_CARRIER_DELAY, REJECTION_DATE_EXPIRED};
    ARENA_CLEANUP arena = arena_new(256 * 1024);
    struct rejections rejections;
    size_t count = 0;
    assert_true(rejections_parse(arena, rejections_data(), rejection_words_data(), &rejections, NULL));
    for (size_t i = 0; i < REJECTION_COUNT; i++) {
        const struct rejection *row = &rejections.items[i];
        bool waits = row->kind == REJECTION_TIME;
        count += waits ? 1 : 0;
        assert_int_equal(row->retries > 0, waits);
        assert_int_equal(row->retry_days > 0, waits);
        assert_true(!waits || (row->turn == TURN_PORTING_TEAM && row->fields == 0));
        assert_true(row->kind != REJECTION_END || row->turn == TURN_PORTING_TEAM);
    }
    for (size_t i = 0; i < COUNT(time); i++) {
        assert_int_equal(rejections.items[time[i]].kind, REJECTION_TIME);
    }
    assert_int_equal(count, COUNT(time));
}

static void not_portable_is_explained(void **state)
{
    (void)state;
    static const struct {
        const char *word, *code;
        enum not_portable why;
    } cases[] = {
        {"UNSUPPORTED", "22130", NOT_PORTABLE_UNSUPPORTED},
        {"already_in_the_target_account", " 22131 ", NOT_PORTABLE_HERE},
        {"ALREADY_IN_TWILIO_DIFFERENT_OWNER", "22132", NOT_PORTABLE_ELSEWHERE},
        {"MANUAL_PORTING_AVAILABLE", "22133", NOT_PORTABLE_BY_HAND},
        {"ERROR_INTERNAL_SERVER_ERROR", "22135", NOT_PORTABLE_UNSURE},
        {"ALREADY_IN_ONE_OF_YOUR_TWILIO_ACCOUNTS", "22136", NOT_PORTABLE_OURS},
        {"PORT_IN_ALREADY_IN_PROGRESS", "22137", NOT_PORTABLE_UNDER_WAY},
        {"INVALID_PHONE_NUMBER", "22102", NOT_PORTABLE_MALFORMED},
        {"MISSING_REQUIRED_FIELDS", "22171", NOT_PORTABLE_INCOMPLETE},
        {"SOMETHING_NEW", "22134", NOT_PORTABLE_OTHER},
        {"", "0", NOT_PORTABLE_OTHER},
    };
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(not_portable_of_word(text_from(cases[i].word)), cases[i].why);
        assert_int_equal(not_portable_of_word(text_from(cases[i].code)), cases[i].why);
    }
    for (size_t i = 0; i < NOT_PORTABLE_COUNT; i++) {
        const enum word words[] = {
            not_portable_what_word((enum not_portable)i), not_portable_do_word((enum not_portable)i)};
        for (size_t j = 0; j < COUNT(words); j++) {
            assert_true(
                words_say(arena, LANGUAGE_EN, words[j],
                    WORD_ARGS(WORD_TEXT("carrier", TEXT("Verizon")), WORD_TEXT("gaining", TEXT("Twilio"))))
                    .len > 0);
        }
    }
}

#define REJECTIONS "reason\tfields\tturn\tkind\tusual\tretry\tpage\n"
#define WORDS "carrier\tword\treason\tconfidence\n"
#define TURNS "wait\tusual\tremind\tevery\ttimes\ttell\tteam\tconfidence\n"
#define CARRIERS "carrier\tfact\tvalue\tconfidence\tsource\tchecked\n"
#define ACME(fact, value) "acme\t" fact "\t" value "\tsecondary\ta guide\t2026-11-23\n"

static const struct {
    int file; /* 0 rejections, 1 carriers, 2 holidays, 3 words, 4 turns */
    const char *tsv, *about;
} bad_lines[] = {
    {0, "", "rejections.tsv:0"},
    {0, REJECTIONS "pins\tpin\tcustomer\tmend\t\t\t\n", "rejections.tsv:2"},
    {0, REJECTIONS "pin\tpins\tcustomer\tmend\t\t\t\n", "rejections.tsv:2"},
    {0, REJECTIONS "pin\tpin\tsigner\tmend\t\t\t\n", "rejections.tsv:2"},
    {0, REJECTIONS "pin\tpin\tcustomer\twait\t\t\t\n", "rejections.tsv:2"},
    {0, REJECTIONS "pin\tpin\tcustomer\tmend\tsoon\t\t\n", "rejections.tsv:2"},
    {0, REJECTIONS "pin\tpin\tcustomer\tmend\t3-1\t\t\n", "rejections.tsv:2"},
    {0, REJECTIONS "pin\tpin\tcustomer\tmend\t0\t\t\n", "rejections.tsv:2"},
    {0, REJECTIONS "pin\tpin\tcustomer\tmend\t\t1x3\t\n", "rejections.tsv:2"},
    {0, REJECTIONS "pin\tpin\tcustomer\ttime\t\t\t\n", "rejections.tsv:2"},
    {0, REJECTIONS "pin\tpin\tcustomer\ttime\t\t3\t\n", "rejections.tsv:2"},
    {0, REJECTIONS "pin\tpin\tcustomer\ttime\t\t0x3\t\n", "rejections.tsv:2"},
    {0, REJECTIONS "pin\tpin\tcustomer\tmend\t\t\thttp://example.com\n", "rejections.tsv:2"},
    {0, REJECTIONS "pin\tpin\tcustomer\tmend\t\t\tjavascript:alert(1)\n", "rejections.tsv:2"},
    {0, REJECTIONS "pin\tpin\tcustomer\tmend\t\t\t\npin\tpin\tcustomer\tmend\t\t\t\n", "rejections.tsv:3"},
    {0, REJECTIONS "pin\tpin\tcustomer\tmend\t\t\t\n", "rejections.tsv:2"}, /* the others are missing */
    {3, WORDS "twilio\tinvalid pin\tpin\tverified\n", "rejection_words.tsv:2"},
    {3, WORDS "\tINVALID_PIN\tpin\tverified\n", "rejection_words.tsv:2"},
    {3, WORDS "twilio\tINVALID_PIN\tpins\tverified\n", "rejection_words.tsv:2"},
    {3, WORDS "twilio\tINVALID_PIN\tpin\tsure\n", "rejection_words.tsv:2"},
    {3, WORDS "twilio\tA\tpin\tverified\ntelnyx\tA\tzip\tverified\ntwilio\tA\tzip\tverified\n",
        "rejection_words.tsv:4"},
    {4, TURNS "nowhere\t\t\t\t\t\t\t\n", "turns.tsv:2"},
    {4, TURNS "nothing\t\t\t\t\t\t\t\n", "turns.tsv:2"},
    {4, TURNS "date\t\t\t\t\t\t1\t\ndate\t\t\t\t\t\t1\t\n", "turns.tsv:3"},
    {4, TURNS "date\t1-2\t\t\t\t\t\t\n", "turns.tsv:2"},
    {4, TURNS "date\t2-1\t\t\t\t\t\tverified\n", "turns.tsv:2"},
    {4, TURNS "date\t1\t\t\t\t\t\tsure\n", "turns.tsv:2"},
    {4, TURNS "date\t\t1\t\t\t\t\t\n", "turns.tsv:2"},
    {4, TURNS "date\t\t1\t2\t1\t\t\t\n", "turns.tsv:2"},
    {4, TURNS "date\t\t1\t\t2\t\t\t\n", "turns.tsv:2"},
    {4, TURNS "date\t\t\t\t\t\t-1\t\n", "turns.tsv:2"},
    {4, TURNS "date\t\t\t\t\t\t1\t\n", "turns.tsv:2"}, /* the others are missing */
    {1, CARRIERS ACME("pin_how", "Ask."), "losing_carriers.tsv:2"},
    {1, CARRIERS ACME("name", "Acme"), "losing_carriers.tsv:2"}, /* no kind */
    {1, CARRIERS ACME("name", "Acme") ACME("kind", "sea"), "losing_carriers.tsv:3"},
    {1, CARRIERS ACME("name", "Acme") ACME("color", "red"), "losing_carriers.tsv:3"},
    {1, CARRIERS ACME("name", "Acme") ACME("name", "Acme"), "losing_carriers.tsv:3"},
    {1, CARRIERS ACME("name", "Acme") ACME("pin_length", "9-4"), "losing_carriers.tsv:3"},
    {1, CARRIERS ACME("name", "Acme") ACME("pin_length", "0"), "losing_carriers.tsv:3"},
    {1, CARRIERS ACME("name", "Acme") ACME("pin_length", "four"), "losing_carriers.tsv:3"},
    {1, CARRIERS ACME("name", "Acme") ACME("pin_days", "3-4"), "losing_carriers.tsv:3"},
    {1, CARRIERS ACME("name", "Acme") ACME("pin_days", "99999999999999999999"), "losing_carriers.tsv:3"},
    {1, CARRIERS ACME("name", "Acme") ACME("pin_needed", "maybe"), "losing_carriers.tsv:3"},
    {1, CARRIERS ACME("name", "Acme") ACME("country", "MX"), "losing_carriers.tsv:3"},
    {1, CARRIERS ACME("name", "Acme") ACME("aliases", "A,,B"), "losing_carriers.tsv:3"},
    {1, CARRIERS ACME("name", ""), "losing_carriers.tsv:2"},
    {1, CARRIERS ACME("name", "Acme") ACME("kind", "mobile") ACME("country", "US") ACME("parent", "none"),
        "losing_carriers.tsv:5"},
    {1, CARRIERS "acme\tname\tAcme\tsure\ta guide\t2026-11-23\n", "losing_carriers.tsv:2"},
    {1, CARRIERS "acme\tname\tAcme\tsecondary\t\t2026-11-23\n", "losing_carriers.tsv:2"},
    {1, CARRIERS "acme\tname\tAcme\tsecondary\ta guide\t\n", "losing_carriers.tsv:2"},
    {1, CARRIERS "acme\tname\tAcme\tsecondary\ta guide\t2026-02-30\n", "losing_carriers.tsv:2"},
    {1, CARRIERS "Acme!\tname\tAcme\tsecondary\ta guide\t2026-11-23\n", "losing_carriers.tsv:2"},
    {1, CARRIERS "other\tname\tOther\tsecondary\ta guide\t2026-11-23\n", "losing_carriers.tsv:2"},
    {2, "date\tname\n2026-13-01\tX\n", "holidays.tsv:2"},
    {2, "date\tname\n2026-01-01\t\n", "holidays.tsv:2"},
    {2, "date\tname\n2026-01-02\tX\n2026-01-01\tY\n", "holidays.tsv:3"},
    {2, "date\tname\n2026-01-01\tX\n2026-01-01\tY\n", "holidays.tsv:3"},
};

static void bad_lines_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_lines); i++) {
        ARENA_CLEANUP arena = arena_new(1024 * 1024);
        struct rejections rejections;
        struct directory directory;
        struct calendar calendar;
        struct problem problem = {0};
        struct text tsv = text_from(bad_lines[i].tsv);
        struct turn_rules turns;
        bool read = bad_lines[i].file == 0 ? rejections_parse(arena, tsv, TEXT(WORDS), &rejections, &problem)
                    : bad_lines[i].file == 3
                        ? rejections_parse(arena, rejections_data(), tsv, &rejections, &problem)
                    : bad_lines[i].file == 4 ? turns_parse(tsv, &turns, &problem)
                    : bad_lines[i].file == 1 ? directory_parse(arena, tsv, &directory, &problem)
                                             : calendar_parse(arena, tsv, &calendar, &problem);
        assert_false(read);
        if (problem.kind != PROBLEM_INPUT || strcmp(problem.about, bad_lines[i].about) != 0) {
            fail_msg("case %zu: %s (%s)", i, problem.about, problem.detail);
        }
    }
}

static void check_fact(const struct fact *fact)
{
    assert_true((fact->value.len > 0) == (fact->confidence != CONFIDENCE_NONE));
    assert_true(fact->value.len == 0 || (fact->source.len > 0 && fact->checked.year >= 2026));
    assert_true(
        fact->confidence != CONFIDENCE_VERIFIED || !text_starts(fact->source, TEXT("Common knowledge")));
}

static void directory_is_sound(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct directory directory;
    struct problem problem = {0};
    assert_true(directory_parse(arena, directory_data(), &directory, &problem));
    assert_true(directory.count >= 40);
    for (size_t i = 0; i < directory.count; i++) {
        const struct losing_carrier *carrier = &directory.items[i];
        const struct fact *facts[] = {&carrier->pin_name, &carrier->pin_how, &carrier->pin_days_fact,
            &carrier->pin_length.fact, &carrier->pin_needed_fact, &carrier->account_where,
            &carrier->account_length.fact, &carrier->lock, &carrier->usual_fact, &carrier->note,
            &carrier->phone};
        for (size_t j = 0; j < COUNT(facts); j++) {
            check_fact(facts[j]);
        }
        assert_ptr_equal(directory_find(&directory, carrier->key), carrier);
        assert_ptr_equal(directory_find_name(&directory, carrier->name), carrier);
        assert_true(carrier->usual_days_max >= carrier->usual_days_min && carrier->usual_days_min > 0);
        assert_true((carrier->pin_days > 0) == (carrier->pin_days_fact.value.len > 0));
        bool us_wireless = losing_carrier_is_wireless(carrier) && carrier->country == NUMBER_COUNTRY_US;
        assert_true(!us_wireless || carrier->pin_needed);
        assert_true(carrier->kind < CARRIER_KIND_COUNT && carrier_kind_word(carrier->kind) != WORD_NONE);
        assert_int_equal(carrier->checked.year, 2026);
    }
}

static void finds_carriers(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct directory directory;
    assert_true(directory_parse(arena, directory_data(), &directory, NULL));
    const struct losing_carrier *verizon = directory_find(&directory, TEXT("verizon"));
    assert_non_null(verizon);
    assert_text(verizon->name, "Verizon");
    assert_int_equal(verizon->pin_days, 7);
    assert_int_equal(verizon->pin_length.min, 6);
    assert_int_equal(verizon->account_length.max, 14);
    assert_true(fact_is_certain(&verizon->lock));
    assert_false(fact_is_certain(&verizon->pin_length.fact));
    assert_null(directory_find(&directory, TEXT("other")));
    assert_null(directory_find(&directory, TEXT("Verizon")));
    assert_null(directory_find(&directory, TEXT_EMPTY));
    static const struct {
        const char *typed, *first;
        size_t at_least;
    } cases[] = {
        {"ver", "verizon", 3},
        {"VERIZON", "verizon", 3},
        {"straight", "tracfone", 1},
        {"metropcs", "metro", 1},
        {"sprint", "tmobile", 1},
        {"comcast", "xfinity_voice", 2},
        {"mobile", "boost", 5},
        {"zzz", NULL, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct losing_carrier *found[20];
        size_t count = directory_search(&directory, text_from(cases[i].typed), found, COUNT(found));
        if (count < cases[i].at_least || (cases[i].first && !text_is(found[0]->key, cases[i].first))) {
            fail_msg("%s: %zu, first %s", cases[i].typed, count, count > 0 ? found[0]->key.at : "none");
        }
    }
    const struct losing_carrier *two[2];
    assert_int_equal(directory_search(&directory, TEXT_EMPTY, two, 2), 2);
    assert_text(directory_find_name(&directory, TEXT(" verizon wireless "))->key, "verizon");
    assert_null(directory_find_name(&directory, TEXT("Nobody Telephone")));
}

static struct date day(const char *iso)
{
    struct date date;
    assert_true(date_parse(text_from(iso), &date));
    return date;
}

static void counts_business_days(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        unsigned days;
        const char *until;
    } cases[] = {
        {"2026-11-23", 0, "2026-11-23"},
        {"2026-11-23", 1, "2026-11-24"},
        {"2026-11-25", 1, "2026-11-27"}, /* Thanksgiving */
        {"2026-11-21", 0, "2026-11-23"},
        {"2026-11-21", 1, "2026-11-23"},
        {"2026-11-27", 1, "2026-11-30"},
        {"2026-07-02", 1, "2026-07-06"}, /* July 4 is a Saturday, kept on Friday */
        {"2027-07-02", 1, "2027-07-06"}, /* and a Sunday, kept on Monday */
        {"2026-12-24", 4, "2026-12-31"},
        {"2026-12-31", 1, "2027-01-04"},
    };
    ARENA_CLEANUP arena = arena_new(256 * 1024);
    struct calendar calendar;
    assert_true(calendar_parse(arena, holidays_data(), &calendar, NULL));
    assert_int_equal(calendar.count, 110);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct date got = calendar_add_business_days(&calendar, day(cases[i].from), cases[i].days);
        assert_int_equal(date_compare(got, day(cases[i].until)), 0);
    }
    assert_text(calendar_holiday(&calendar, day("2026-06-19"))->name, "Juneteenth");
    assert_null(calendar_holiday(&calendar, day("2026-06-18")));
    for (size_t i = 0; i < calendar.count; i++) {
        int weekday = date_weekday(calendar.holidays[i].date);
        assert_true(weekday >= 1 && weekday <= 5);
    }
    const struct wish_days days = {7, 30};
    assert_int_equal(
        date_compare(calendar_earliest_wish(&calendar, &days, day("2026-11-23")), day("2026-11-30")), 0);
    assert_int_equal(
        date_compare(calendar_earliest_wish(&calendar, &days, day("2026-11-19")), day("2026-11-27")), 0);
    assert_int_equal(
        date_compare(calendar_latest_wish(&calendar, &days, day("2026-11-25")), day("2026-12-24")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejections_are_whole),
        cmocka_unit_test(twilios_words_mean_reasons),
        cmocka_unit_test(each_carriers_words_are_its_own),
        cmocka_unit_test(only_time_is_tried_again),
        cmocka_unit_test(not_portable_is_explained),
        cmocka_unit_test(bad_lines_are_named),
        cmocka_unit_test(directory_is_sound),
        cmocka_unit_test(finds_carriers),
        cmocka_unit_test(counts_business_days),
    };
    return cmocka_run_group_tests_name("rules/data", tests, NULL, NULL);
}
