#include "../base/unit.h"

#include "numbering/address.h"
#include "numbering/number.h"
#include "numbering/tsv.h"

#define HEADER "area_code\tcountry\tstate\tname\tkind\tzones\n"

static void built_in_table_is_sound(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct area_codes codes;
    struct problem problem = {0};
    assert_true(area_codes_parse(arena, area_codes_data(), &codes, &problem));
    assert_false(codes.fictional_ok);
    assert_int_equal(codes.count, 468);
    size_t us = 0;
    size_t canada = 0;
    for (size_t i = 0; i < codes.count; i++) {
        const struct area_code *code = &codes.items[i];
        bool geographic = code->kind == NUMBER_KIND_GEOGRAPHIC;
        us += geographic && text_is(code->country, "US");
        canada += geographic && text_is(code->country, "CA");
        assert_ptr_equal(area_codes_find(&codes, code->npa), code);
        assert_true(geographic == (code->zones_count > 0));
        bool ours = text_is(code->country, "US") || text_is(code->country, "CA");
        assert_true(!geographic || ours == (code->state.len > 0));
        assert_true(code->npa % 100 != 11); /* service codes */
        assert_true(code->npa / 10 % 10 != 9 && code->npa / 10 != 37 && code->npa / 10 != 96); /* reserved */
    }
    assert_int_equal(us, 365);
    assert_int_equal(canada, 55);
    assert_null(area_codes_find(&codes, 200));
    assert_null(area_codes_find(&codes, -1));
    assert_null(area_codes_find(&codes, 1000));
}

static void bad_lines_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *tsv, *about;
    } cases[] = {
        {"", "area_codes.tsv:0"},
        {"area_code\tcountry\n", "area_codes.tsv:1"},
        {"# only a comment\n", "area_codes.tsv:1"},
        {HEADER "415\tUS\tCA\tCalifornia\tgeographic\n", "area_codes.tsv:2"},
        {HEADER "415\tUS\tCA\tCalifornia\tgeographic\tAmerica/Los_Angeles\tmore\n", "area_codes.tsv:2"},
        {HEADER "\n# comment\n41\tUS\tCA\tCalifornia\tgeographic\tAmerica/Los_Angeles\n", "area_codes.tsv:4"},
        {HEADER "115\tUS\tCA\tCalifornia\tgeographic\tAmerica/Los_Angeles\n", "area_codes.tsv:2"},
        {HEADER "+15\tUS\tCA\tCalifornia\tgeographic\tAmerica/Los_Angeles\n", "area_codes.tsv:2"},
        {HEADER "415\tusa\tCA\tCalifornia\tgeographic\tAmerica/Los_Angeles\n", "area_codes.tsv:2"},
        {HEADER "415\tUS\tXX\tCalifornia\tgeographic\tAmerica/Los_Angeles\n", "area_codes.tsv:2"},
        {HEADER "415\tCA\tCA\tCalifornia\tgeographic\tAmerica/Los_Angeles\n", "area_codes.tsv:2"},
        {HEADER "415\tUS\tCA\t\tgeographic\tAmerica/Los_Angeles\n", "area_codes.tsv:2"},
        {HEADER "415\tUS\tCA\tCalifornia\tland\tAmerica/Los_Angeles\n", "area_codes.tsv:2"},
        {HEADER "415\tUS\tCA\tCalifornia\tgeographic\tA B C D E\n", "area_codes.tsv:2"},
        {HEADER "415\tUS\tCA\tCalifornia\tgeographic\tA  B\n", "area_codes.tsv:2"},
        {HEADER "415\tUS\tCA\tCalifornia\tgeographic\t../etc/passwd\n", "area_codes.tsv:2"},
        {HEADER "415\tUS\tCA\tCalifornia\tgeographic\tA\n415\tUS\tCA\tCalifornia\tgeographic\tA\n",
            "area_codes.tsv:3"},
        {HEADER "415\tUS\tCA\tCalifor\x01nia\tgeographic\tA\n", "area_codes.tsv:0"},
        {HEADER "415\tUS\tCA\tCalifor\xff"
                "nia\tgeographic\tA\n",
            "area_codes.tsv:0"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(1024 * 1024);
        struct area_codes codes = {.count = 77};
        struct problem problem = {0};
        assert_false(area_codes_parse(arena, text_from(cases[i].tsv), &codes, &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
        assert_int_equal(problem.word, WORD_numbering_data_wrong);
        if (strcmp(problem.about, cases[i].about) != 0) {
            fail_msg("case %zu: %s (%s)", i, problem.about, problem.detail);
        }
        assert_int_equal(codes.count, 77);
    }
}

static void takes_an_operators_file(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct area_codes codes;
    struct problem problem = {0};
    struct text tsv = TEXT("# ours\r\n"
                           "area_code\tcountry\tstate\tname\tkind\tzones\r\n"
                           "296\tUS\tOH\tOhio\tgeographic\tAmerica/New_York\r\n");
    assert_true(area_codes_parse(arena, tsv, &codes, &problem));
    assert_int_equal(codes.count, 1);
    struct number number;
    assert_true(number_from_e164(TEXT("+12962345678"), &number));
    struct number_class class = number_classify(&codes, &number);
    assert_int_equal(class.portability, NUMBER_PORT_OK); /* a table that lists a reserved code knows better */
    assert_text(number_zone(&class), "America/New_York");
}

static void limits_lines_and_fields(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct tsv tsv;
    struct problem problem = {0};
    struct text fields[TSV_FIELDS_MAX];
    char *large = ARENA_ARRAY(arena, char, TSV_BYTES_MAX + 1);
    memset(large, '#', TSV_BYTES_MAX + 1);
    assert_false(tsv_begin(&tsv, (struct text){large, TSV_BYTES_MAX + 1}, "x.tsv", "a\tb", &problem));
    assert_string_equal(problem.about, "x.tsv:0");
    problem = (struct problem){0};
    memset(large, 'x', TSV_FIELD_BYTES_MAX + 8);
    memcpy(large, "a\tb\nq\t", 6);
    assert_true(tsv_begin(&tsv, (struct text){large, TSV_FIELD_BYTES_MAX + 6}, "x.tsv", "a\tb", &problem));
    assert_true(tsv_next(&tsv, fields, &problem));
    assert_int_equal(fields[1].len, TSV_FIELD_BYTES_MAX);
    assert_false(tsv_next(&tsv, fields, &problem));
    assert_int_equal(problem.kind, PROBLEM_NONE);
    assert_true(tsv_begin(&tsv, (struct text){large, TSV_FIELD_BYTES_MAX + 7}, "x.tsv", "a\tb", &problem));
    assert_false(tsv_next(&tsv, fields, &problem));
    assert_string_equal(problem.about, "x.tsv:2");
}

static const struct {
    const char *e164;
    enum number_portability portability;
    enum number_refusal refusal;
    enum number_kind kind;
    enum number_country country;
    bool unknown;
    const char *zone, *state;
} class_cases[] = {
    {"+14155552134", NUMBER_PORT_OK, NUMBER_REFUSAL_NONE, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_US, false,
        "America/Los_Angeles", "CA"},
    {"+12125552134", NUMBER_PORT_OK, NUMBER_REFUSAL_NONE, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_US, false,
        "America/New_York", "NY"},
    {"+18082345678", NUMBER_PORT_OK, NUMBER_REFUSAL_NONE, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_US, false,
        "Pacific/Honolulu", "HI"},
    {"+19072345678", NUMBER_PORT_OK, NUMBER_REFUSAL_NONE, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_US, false,
        "America/Anchorage", "AK"},
    {"+17872345678", NUMBER_PORT_OK, NUMBER_REFUSAL_NONE, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_US, false,
        "America/Puerto_Rico", "PR"},
    {"+16712345678", NUMBER_PORT_OK, NUMBER_REFUSAL_NONE, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_US, false,
        "Pacific/Guam", "GU"},
    {"+19452345678", NUMBER_PORT_OK, NUMBER_REFUSAL_NONE, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_US, false,
        "America/Chicago", "TX"}, /* one that old tables lack */
    {"+14162345678", NUMBER_PORT_CANADIAN, NUMBER_REFUSAL_NONE, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_CA,
        false, "America/Toronto", "ON"},
    {"+19022345678", NUMBER_PORT_CANADIAN, NUMBER_REFUSAL_NONE, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_CA,
        false, "America/Halifax", "NS/PE"},
    {"+18002345678", NUMBER_PORT_TOLL_FREE, NUMBER_REFUSAL_NONE, NUMBER_KIND_TOLL_FREE,
        NUMBER_COUNTRY_UNKNOWN, false, "", ""},
    {"+18332345678", NUMBER_PORT_TOLL_FREE, NUMBER_REFUSAL_NONE, NUMBER_KIND_TOLL_FREE,
        NUMBER_COUNTRY_UNKNOWN, false, "", ""},
    {"+18005550199", NUMBER_PORT_TOLL_FREE, NUMBER_REFUSAL_NONE, NUMBER_KIND_TOLL_FREE,
        NUMBER_COUNTRY_UNKNOWN, false, "", ""},
    {"+18004115678", NUMBER_PORT_TOLL_FREE, NUMBER_REFUSAL_NONE, NUMBER_KIND_TOLL_FREE,
        NUMBER_COUNTRY_UNKNOWN, false, "", ""}, /* N11 is an exchange of toll-free numbers */
    {"+14155550100", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_FICTIONAL, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_US,
        false, "America/Los_Angeles", "CA"},
    {"+14155550199", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_FICTIONAL, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_US,
        false, "America/Los_Angeles", "CA"},
    {"+14155550200", NUMBER_PORT_OK, NUMBER_REFUSAL_NONE, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_US, false,
        "America/Los_Angeles", "CA"},
    {"+14155550099", NUMBER_PORT_OK, NUMBER_REFUSAL_NONE, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_US, false,
        "America/Los_Angeles", "CA"},
    {"+14165550177", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_FICTIONAL, NUMBER_KIND_GEOGRAPHIC, NUMBER_COUNTRY_CA,
        false, "America/Toronto", "ON"},
    {"+14112345678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_SERVICE_CODE, NUMBER_KIND_UNKNOWN,
        NUMBER_COUNTRY_UNKNOWN, false, "", ""},
    {"+19112345678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_SERVICE_CODE, NUMBER_KIND_UNKNOWN,
        NUMBER_COUNTRY_UNKNOWN, false, "", ""},
    {"+14159115678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_SERVICE_CODE, NUMBER_KIND_GEOGRAPHIC,
        NUMBER_COUNTRY_US, false, "America/Los_Angeles", "CA"},
    {"+19002345678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_PREMIUM, NUMBER_KIND_PREMIUM, NUMBER_COUNTRY_UNKNOWN,
        false, "", ""},
    {"+15002345678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_PERSONAL, NUMBER_KIND_PERSONAL,
        NUMBER_COUNTRY_UNKNOWN, false, "", ""},
    {"+15332345678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_PERSONAL, NUMBER_KIND_PERSONAL,
        NUMBER_COUNTRY_UNKNOWN, false, "", ""},
    {"+17002345678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_NON_GEOGRAPHIC, NUMBER_KIND_NON_GEOGRAPHIC,
        NUMBER_COUNTRY_UNKNOWN, false, "", ""},
    {"+17102345678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_NON_GEOGRAPHIC, NUMBER_KIND_NON_GEOGRAPHIC,
        NUMBER_COUNTRY_US, false, "", ""},
    {"+16002345678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_NON_GEOGRAPHIC, NUMBER_KIND_NON_GEOGRAPHIC,
        NUMBER_COUNTRY_CA, false, "", ""},
    {"+18762345678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_OTHER_COUNTRY, NUMBER_KIND_GEOGRAPHIC,
        NUMBER_COUNTRY_OTHER, false, "America/Jamaica", ""},
    {"+18092345678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_OTHER_COUNTRY, NUMBER_KIND_GEOGRAPHIC,
        NUMBER_COUNTRY_OTHER, false, "America/Santo_Domingo", ""},
    {"+13702345678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_RESERVED, NUMBER_KIND_UNKNOWN,
        NUMBER_COUNTRY_UNKNOWN, false, "", ""},
    {"+19602345678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_RESERVED, NUMBER_KIND_UNKNOWN,
        NUMBER_COUNTRY_UNKNOWN, false, "", ""},
    {"+12942345678", NUMBER_PORT_REFUSED, NUMBER_REFUSAL_RESERVED, NUMBER_KIND_UNKNOWN,
        NUMBER_COUNTRY_UNKNOWN, false, "", ""},
    {"+12002345678", NUMBER_PORT_OK, NUMBER_REFUSAL_NONE, NUMBER_KIND_UNKNOWN, NUMBER_COUNTRY_UNKNOWN, true,
        "", ""},
    {"+16212345678", NUMBER_PORT_OK, NUMBER_REFUSAL_NONE, NUMBER_KIND_UNKNOWN, NUMBER_COUNTRY_UNKNOWN, true,
        "", ""},
};

static void classes(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct area_codes codes;
    struct problem problem = {0};
    assert_true(area_codes_parse(arena, area_codes_data(), &codes, &problem));
    for (size_t i = 0; i < COUNT(class_cases); i++) {
        struct number number;
        assert_true(number_from_e164(text_from(class_cases[i].e164), &number));
        struct number_class class = number_classify(&codes, &number);
        if (class.portability != class_cases[i].portability || class.refusal != class_cases[i].refusal ||
            class.kind != class_cases[i].kind || class.country != class_cases[i].country ||
            class.unknown_area_code != class_cases[i].unknown) {
            fail_msg("%s: way %d, refusal %d, kind %d, country %d", class_cases[i].e164, class.portability,
                class.refusal, class.kind, class.country);
        }
        assert_text(number_zone(&class), class_cases[i].zone);
        assert_text(class.area ? class.area->state : TEXT_EMPTY, class_cases[i].state);
        struct text about;
        enum word word = number_class_word(arena, &number, &class, &about);
        bool plain = class.portability == NUMBER_PORT_OK && !class.unknown_area_code;
        assert_int_equal(word == WORD_NONE, plain);
        assert_true(
            plain || words_say(arena, LANGUAGE_EN, word, WORD_ARGS(WORD_TEXT("about", about))).len > 0);
    }
}

static void the_demo_may_use_fictional_numbers(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct area_codes codes;
    struct problem problem = {0};
    assert_true(area_codes_parse(arena, area_codes_data(), &codes, &problem));
    codes.fictional_ok = true;
    struct number number;
    assert_true(number_from_e164(TEXT("+14155550134"), &number));
    assert_int_equal(number_classify(&codes, &number).portability, NUMBER_PORT_OK);
    assert_true(number_from_e164(TEXT("+14165550177"), &number));
    assert_int_equal(number_classify(&codes, &number).portability, NUMBER_PORT_CANADIAN);
}

static void names_other_countries(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct area_codes codes;
    struct problem problem = {0};
    assert_true(area_codes_parse(arena, area_codes_data(), &codes, &problem));
    struct number number;
    struct text about;
    assert_true(number_from_e164(TEXT("+18762345678"), &number));
    struct number_class class = number_classify(&codes, &number);
    assert_int_equal(number_class_word(arena, &number, &class, &about), WORD_numbering_refused_other_country);
    assert_text(about, "Jamaica");
}

static void finds_states(void **state)
{
    (void)state;
    static const struct {
        const char *written, *code;
    } cases[] = {
        {"CA", "CA"},
        {"ca", "CA"},
        {"California", "CA"},
        {" california ", "CA"},
        {"District of Columbia", "DC"},
        {"Washington, D.C.", "DC"},
        {"PR", "PR"},
        {"Ontario", "ON"},
        {"Quebec", "QC"},
        {"Qu\xc3\xa9"
         "bec",
            "QC"},
        {"qc", "QC"},
        {"Newfoundland", "NL"},
        {"AE", "AE"},
        {"XX", NULL},
        {"", NULL},
        {"Calif", NULL},
        {"CA ", "CA"},
        {"C A", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct state *found = state_find(text_from(cases[i].written));
        assert_true(cases[i].code ? found && strcmp(found->code, cases[i].code) == 0 : !found);
    }
    size_t count;
    const struct state *all = states_all(&count);
    size_t us = 0;
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(state_find(text_from(all[i].code)), &all[i]);
        assert_ptr_equal(state_find(text_from(all[i].name)), &all[i]);
        us += all[i].country == NUMBER_COUNTRY_US;
    }
    assert_int_equal(us, 51 + 5 + 3);
    assert_int_equal(count - us, 13);
}

static void checks_zip_and_postal_codes(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        bool zip, postal;
    } cases[] = {
        {"94115", true, false},
        {" 94115 ", true, false},
        {"94115-1234", true, false},
        {"941151234", true, false},
        {"94115 1234", true, false},
        {"00501", true, false},
        {"9411", false, false},
        {"941155", false, false},
        {"94115-", false, false},
        {"94115-12", false, false},
        {"94115-12345", false, false},
        {"9411a", false, false},
        {"", false, false},
        {"94115--234", false, false},
        {"K1A 0B1", false, true},
        {"k1a0b1", false, true},
        {"K1A-0B1", false, true},
        {"M5V 3L9", false, true},
        {"K1A  0B1", false, false},
        {"D1A 0B1", false, false},
        {"W1A 0B1", false, false},
        {"Z1A 0B1", false, false},
        {"K1O 0B1", false, false},
        {"K1A 0BB", false, false},
        {"11A 0B1", false, false},
        {"K1A 0B", false, false},
        {"K1W 0Z1", false, true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text code = text_from(cases[i].code);
        if (zip_is_valid(code, NULL) != cases[i].zip || postal_code_is_valid(code) != cases[i].postal) {
            fail_msg("%s", cases[i].code);
        }
    }
    struct text five;
    assert_true(zip_is_valid(TEXT("94115-1234"), &five));
    assert_text(five, "94115");
}

static void knows_po_boxes(void **state)
{
    (void)state;
    static const struct {
        const char *street;
        bool box;
    } cases[] = {
        {"PO Box 4410", true},
        {"P.O. Box 4410", true},
        {"P. O. BOX 4410", true},
        {"p.o.box 12", true},
        {"Post Office Box 12", true},
        {"POB 12", true},
        {"Box 12", true},
        {"BOX #12", true},
        {"PO 12", true},
        {"Postal Box 7", true},
        {"Case postale 7", true},
        {"C.P. 7", true},
        {"PO Box A", true},
        {"Drawer 9", true},
        {"123 Main St, PO Box 9", true},
        {"1180 Fillmore St", false},
        {"12 Boxwood Ln", false},
        {"Box Elder Road 4", false},
        {"4 Post Office Square", false},
        {"77 Po Street", false},
        {"", false},
        {"1 Potomac Ave", false},
        {"200 Box Canyon Rd", false},
        {"P O", false},
        {"PO Box", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (address_is_po_box(text_from(cases[i].street)) != cases[i].box) {
            fail_msg("%s", cases[i].street);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_table_is_sound),
        cmocka_unit_test(bad_lines_are_named),
        cmocka_unit_test(takes_an_operators_file),
        cmocka_unit_test(limits_lines_and_fields),
        cmocka_unit_test(classes),
        cmocka_unit_test(the_demo_may_use_fictional_numbers),
        cmocka_unit_test(names_other_countries),
        cmocka_unit_test(finds_states),
        cmocka_unit_test(checks_zip_and_postal_codes),
        cmocka_unit_test(knows_po_boxes),
    };
    return cmocka_run_group_tests_name("numbering/area_codes", tests, NULL, NULL);
}
