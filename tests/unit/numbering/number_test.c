#include "../base/unit.h"

#include "numbering/number.h"

static const struct {
    const char *written;
    enum number_fault fault;
    const char *e164; /* the number, or the suggestion of a fault */
} written_cases[] = {
    /* Usual ways of writing. */
    {"4155550134", NUMBER_FAULT_NONE, "+14155550134"},
    {"415-555-0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"415.555.0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"415 555 0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"415/555-0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"415_555_0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"(415) 555-0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"(415)555-0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"(415) 555 0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"[415] 555-0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"(415 555-0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"+14155550134", NUMBER_FAULT_NONE, "+14155550134"},
    {"+1 415 555 0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"+1 (415) 555-0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"+1-415-555-0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"+1.415.555.0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"+ 1 415 555 0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"(+1) 415 555 0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"14155550134", NUMBER_FAULT_NONE, "+14155550134"},
    {"1-415-555-0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"1 (415) 555-0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"0014155550134", NUMBER_FAULT_NONE, "+14155550134"},
    {"00 1 415 555 0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"011 1 415 555 0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"  415-555-0134  ", NUMBER_FAULT_NONE, "+14155550134"},
    {"\t415-555-0134\t", NUMBER_FAULT_NONE, "+14155550134"},
    {"4 1 5 5 5 5 0 1 3 4", NUMBER_FAULT_NONE, "+14155550134"},
    {"415--555--0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"415555-0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"415-5550134", NUMBER_FAULT_NONE, "+14155550134"},
    /* What programs leave. */
    {"tel:+14155550134", NUMBER_FAULT_NONE, "+14155550134"},
    {"TEL:415-555-0134", NUMBER_FAULT_NONE, "+14155550134"},
    {"\"415-555-0134\"", NUMBER_FAULT_NONE, "+14155550134"},
    {"'4155550134", NUMBER_FAULT_NONE, "+14155550134"},
    {"=\"4155550134\"", NUMBER_FAULT_NONE, "+14155550134"},
    {"4155550134.0", NUMBER_FAULT_NONE, "+14155550134"},
    {"14155550134.00", NUMBER_FAULT_NONE, "+14155550134"},
    {"\xe2\x80\xaa+1 415 555 0134\xe2\x80\xac", NUMBER_FAULT_NONE, "+14155550134"}, /* marks of direction */
    {"\xef\xbb\xbf"
     "4155550134",
        NUMBER_FAULT_NONE, "+14155550134"},
    {"415\xc2\xa0"
     "555\xc2\xa0"
     "0134",
        NUMBER_FAULT_NONE, "+14155550134"}, /* hard blanks */
    {"415\xe2\x80\xaf"
     "555\xe2\x80\x89"
     "0134",
        NUMBER_FAULT_NONE, "+14155550134"},
    {"415\xe2\x80\x91"
     "555\xe2\x80\x91"
     "0134",
        NUMBER_FAULT_NONE, "+14155550134"}, /* hard hyphens */
    {"415\xe2\x80\x93"
     "555\xe2\x80\x94"
     "0134",
        NUMBER_FAULT_NONE, "+14155550134"}, /* dashes */
    {"415\xe2\x88\x92"
     "555\xe2\x88\x92"
     "0134",
        NUMBER_FAULT_NONE, "+14155550134"}, /* minus */
    {"415\xc2\xad"
     "5550134",
        NUMBER_FAULT_NONE, "+14155550134"}, /* soft hyphen */
    {"415\xc2\xb7"
     "555\xc2\xb7"
     "0134",
        NUMBER_FAULT_NONE, "+14155550134"},
    {"\xe2\x80\xa2 415 555 0134", NUMBER_FAULT_NONE, "+14155550134"},                     /* bullet */
    {"\xef\xbc\x94\xef\xbc\x91\xef\xbc\x95 555 0134", NUMBER_FAULT_NONE, "+14155550134"}, /* full width */
    {"\xef\xbc\x8b"
     "14155550134",
        NUMBER_FAULT_NONE, "+14155550134"},
    {"\xef\xbc\x88"
     "415\xef\xbc\x89"
     "555\xef\xbc\x8d"
     "0134",
        NUMBER_FAULT_NONE, "+14155550134"},
    {"415\xe3\x80\x80"
     "555\xe3\x80\x80"
     "0134",
        NUMBER_FAULT_NONE, "+14155550134"}, /* wide blank */
    /* Other numbers. */
    {"800 555 0199", NUMBER_FAULT_NONE, "+18005550199"},
    {"1-888-555-0100", NUMBER_FAULT_NONE, "+18885550100"},
    {"416-555-0177", NUMBER_FAULT_NONE, "+14165550177"},
    {"2002002000", NUMBER_FAULT_NONE, "+12002002000"},
    {"9999999999", NUMBER_FAULT_NONE, "+19999999999"},
    /* Nothing, or no number. */
    {"", NUMBER_FAULT_EMPTY, ""},
    {"   ", NUMBER_FAULT_EMPTY, ""},
    {"\"\"", NUMBER_FAULT_EMPTY, ""},
    {"\xe2\x80\x8b", NUMBER_FAULT_EMPTY, ""}, /* of zero width */
    {"hello", NUMBER_FAULT_NOT_A_NUMBER, ""},
    {"-", NUMBER_FAULT_NOT_A_NUMBER, ""},
    {"()", NUMBER_FAULT_NOT_A_NUMBER, ""},
    {"+", NUMBER_FAULT_NOT_A_NUMBER, ""},
    {"none", NUMBER_FAULT_NOT_A_NUMBER, ""},
    {"415*555*0134", NUMBER_FAULT_NOT_A_NUMBER, ""},
    {"415+555+0134", NUMBER_FAULT_NOT_A_NUMBER, ""},
    {"++14155550134", NUMBER_FAULT_NOT_A_NUMBER, ""},
    {"4155550134+", NUMBER_FAULT_NOT_A_NUMBER, ""},
    {"\xf0\x9f\x93\x9e 4155550134", NUMBER_FAULT_NOT_A_NUMBER, ""}, /* a picture */
    {"\xff\xfe", NUMBER_FAULT_NOT_A_NUMBER, ""},
    {"415555\x01"
     "0134",
        NUMBER_FAULT_NOT_A_NUMBER, ""},
    {"\xd9\xa4\xd9\xa1\xd9\xa5", NUMBER_FAULT_NOT_A_NUMBER, ""}, /* other scripts' digits */
    {"<b>4155550134</b>", NUMBER_FAULT_LETTERS, "+14155550134"},
    {"4155550134; DROP TABLE number", NUMBER_FAULT_LETTERS, "+14155550134"},
    /* Too few, too many. */
    {"5", NUMBER_FAULT_TOO_FEW, ""},
    {"415", NUMBER_FAULT_TOO_FEW, ""},
    {"415-555", NUMBER_FAULT_TOO_FEW, ""},
    {"41555501", NUMBER_FAULT_TOO_FEW, ""},
    {"1", NUMBER_FAULT_TOO_FEW, ""},
    {"+1", NUMBER_FAULT_TOO_FEW, ""},
    {"911", NUMBER_FAULT_TOO_FEW, ""},
    {"555-0134", NUMBER_FAULT_NO_AREA_CODE, ""},
    {"5550134", NUMBER_FAULT_NO_AREA_CODE, ""},
    {"1-555-0134", NUMBER_FAULT_NO_AREA_CODE, ""},
    {"+1 555 0134", NUMBER_FAULT_NO_AREA_CODE, ""},
    {"415-555-014", NUMBER_FAULT_ONE_MISSING, ""},
    {"415-55-0134", NUMBER_FAULT_ONE_MISSING, ""},
    {"1 415 555 014", NUMBER_FAULT_ONE_MISSING, ""},
    {"+1 415 555 014", NUMBER_FAULT_ONE_MISSING, ""},
    {"415-555-01344", NUMBER_FAULT_ONE_TOO_MANY, ""},
    {"1 415 555 01344", NUMBER_FAULT_ONE_TOO_MANY, ""},
    {"+1 415 555 01344", NUMBER_FAULT_ONE_TOO_MANY, ""},
    {"+1 1 415 555 0134", NUMBER_FAULT_ONE_TOO_MANY, ""},
    {"415 555 0134 415 555 0135", NUMBER_FAULT_TOO_MANY, ""},
    {"415555013455", NUMBER_FAULT_TOO_MANY, ""},
    {"4111111111111111", NUMBER_FAULT_TOO_MANY, ""},
    {"123456789012345678901234567890", NUMBER_FAULT_TOO_MANY, ""},
    /* Extensions. */
    {"415-555-0134 x12", NUMBER_FAULT_EXTENSION, "+14155550134"},
    {"415-555-0134x12", NUMBER_FAULT_EXTENSION, "+14155550134"},
    {"415-555-0134 X 12", NUMBER_FAULT_EXTENSION, "+14155550134"},
    {"415-555-0134 ext 12", NUMBER_FAULT_EXTENSION, "+14155550134"},
    {"415-555-0134 ext. 12", NUMBER_FAULT_EXTENSION, "+14155550134"},
    {"(415) 555-0134 Ext: 4021", NUMBER_FAULT_EXTENSION, "+14155550134"},
    {"+1 415 555 0134 extension 7", NUMBER_FAULT_EXTENSION, "+14155550134"},
    {"415-555-0134 #12", NUMBER_FAULT_EXTENSION, "+14155550134"},
    {"514-555-0134 poste 12", NUMBER_FAULT_EXTENSION, "+15145550134"},
    {"415-555-0134 ext", NUMBER_FAULT_EXTENSION, "+14155550134"},
    /* Letters. */
    {"1-800-FLOWERS", NUMBER_FAULT_LETTERS, "+18003569377"},
    {"800 flowers", NUMBER_FAULT_LETTERS, "+18003569377"},
    {"415-555-HOME", NUMBER_FAULT_LETTERS, "+14155554663"},
    {"1-877-KARS-4-KIDS", NUMBER_FAULT_LETTERS, "+18775277454"},
    {"415-555-013O", NUMBER_FAULT_LETTERS, ""}, /* one letter is a slip, not a word */
    {"415-555-O1EA", NUMBER_FAULT_LETTERS, "+14155556132"},
    {"Main office 415-555-0134", NUMBER_FAULT_LETTERS, "+14155550134"},
    {"415-555-0134 (Dana)", NUMBER_FAULT_LETTERS, "+14155550134"},
    {"Suite 400", NUMBER_FAULT_LETTERS, ""},
    /* Shape. */
    {"015-555-0134", NUMBER_FAULT_AREA_CODE, ""},
    {"0155550134", NUMBER_FAULT_AREA_CODE, ""},
    {"+1 015 555 0134", NUMBER_FAULT_AREA_CODE, ""},
    {"1 115 555 0134", NUMBER_FAULT_AREA_CODE, ""},
    {"415-055-0134", NUMBER_FAULT_EXCHANGE, ""},
    {"415-155-0134", NUMBER_FAULT_EXCHANGE, ""},
    {"+1 800 123 4567", NUMBER_FAULT_EXCHANGE, ""},
    /* Other countries. */
    {"+44 20 7946 0123", NUMBER_FAULT_FOREIGN, ""},
    {"+52 55 1234 5678", NUMBER_FAULT_FOREIGN, ""},
    {"+0 415 555 0134", NUMBER_FAULT_FOREIGN, ""},
    {"011 44 20 7946 0123", NUMBER_FAULT_FOREIGN, ""},
    {"0044 20 7946 0123", NUMBER_FAULT_FOREIGN, ""},
    /* A spreadsheet's own way. */
    {"4.15555E+09", NUMBER_FAULT_SHORTENED, ""},
    {"1.4155550134e10", NUMBER_FAULT_SHORTENED, ""},
    {"4E+9", NUMBER_FAULT_SHORTENED, ""},
};

static void reads_written_numbers(void **state)
{
    (void)state;
    assert_true(COUNT(written_cases) >= 120);
    for (size_t i = 0; i < COUNT(written_cases); i++) {
        struct number_reading reading;
        bool fine = number_read(text_from(written_cases[i].written), &reading);
        const char *got = fine ? reading.number.e164 : reading.suggestion.e164;
        if (reading.fault != written_cases[i].fault || strcmp(got, written_cases[i].e164) != 0) {
            fail_msg("\"%s\": fault %d instead of %d, \"%s\" instead of \"%s\"", written_cases[i].written,
                reading.fault, written_cases[i].fault, got, written_cases[i].e164);
        }
        assert_int_equal(fine, written_cases[i].fault == NUMBER_FAULT_NONE);
    }
}

static void refuses_long_texts(void **state)
{
    (void)state;
    char text[NUMBER_TEXT_BYTES_MAX + 1];
    struct number_reading reading;
    memset(text, '4', sizeof text);
    assert_false(number_read((struct text){text, sizeof text}, &reading));
    assert_int_equal(reading.fault, NUMBER_FAULT_TOO_LONG);
    assert_false(number_read((struct text){text, sizeof text - 1}, &reading));
    assert_int_equal(reading.fault, NUMBER_FAULT_TOO_MANY);
    memset(text, ' ', sizeof text);
    memcpy(text + 60, "4155550134", 10);
    assert_true(number_read((struct text){text, sizeof text}, &reading));
}

static void parses_a_field(void **state)
{
    (void)state;
    struct number number = {.e164 = "untouched"};
    struct problem problem = {0};
    assert_false(number_parse(TEXT("415-555-014"), &number, "btn", &problem));
    assert_string_equal(number.e164, "untouched");
    assert_int_equal(problem.kind, PROBLEM_INPUT);
    assert_int_equal(problem.word, WORD_numbering_fault_one_missing);
    assert_string_equal(problem.field, "btn");
    assert_true(number_parse(TEXT("(415) 555-0134"), &number, "btn", &problem));
    assert_string_equal(number.e164, "+14155550134");
    assert_int_equal(number_area_code(&number), 415);
}

static void takes_e164(void **state)
{
    (void)state;
    static const struct {
        const char *e164;
        bool fine;
    } cases[] = {
        {"+14155550134", true},
        {"+12002000000", true},
        {"14155550134", false},
        {"+1415555013", false},
        {"+141555501344", false},
        {"+11155550134", false},
        {"+14150550134", false},
        {"+1 4155550134", false},
        {"+1415555013x", false},
        {"", false},
        {"+44207946012", false},
        {"+1415-555013", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct number number;
        assert_int_equal(number_from_e164(text_from(cases[i].e164), &number), cases[i].fine);
    }
}

static void writes_for_people(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct number number;
    assert_true(number_from_e164(TEXT("+14155550134"), &number));
    assert_text(number_format(arena, &number), "(415) 555-0134");
    assert_text(number_format_dashes(arena, &number), "415-555-0134");
    assert_text(number_e164(&number), "+14155550134");
    assert_text(number_show(arena, TEXT("+14155550134")), "(415) 555-0134");
    assert_text(number_show(arena, TEXT("+442079460123")), "+442079460123");
}

static void every_fault_has_its_own_sentence(void **state)
{
    (void)state;
    for (size_t i = 1; i < NUMBER_FAULT_COUNT; i++) {
        assert_int_not_equal(number_fault_word((enum number_fault)i), WORD_NONE);
        for (size_t j = 1; j < i; j++) {
            assert_int_not_equal(
                number_fault_word((enum number_fault)i), number_fault_word((enum number_fault)j));
        }
    }
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct number_reading reading;
    struct text about;
    number_read(TEXT("1-800-FLOWERS"), &reading);
    assert_int_equal(number_reading_word(arena, &reading, TEXT("1-800-FLOWERS"), &about),
        WORD_numbering_fault_letters_suggest);
    assert_text(about, "(800) 356-9377");
    number_read(TEXT("415-555-014"), &reading);
    assert_int_equal(
        number_reading_word(arena, &reading, TEXT(" 415-555-014"), &about), WORD_numbering_fault_one_missing);
    assert_text(about, "415-555-014");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_written_numbers),
        cmocka_unit_test(refuses_long_texts),
        cmocka_unit_test(parses_a_field),
        cmocka_unit_test(takes_e164),
        cmocka_unit_test(writes_for_people),
        cmocka_unit_test(every_fault_has_its_own_sentence),
    };
    return cmocka_run_group_tests_name("numbering/number", tests, NULL, NULL);
}
