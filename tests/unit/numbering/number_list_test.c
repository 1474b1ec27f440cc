#include "../base/unit.h"

#include "numbering/number_list.h"

#define ITEMS_MAX 12

/* What a list gives, one word an item: the last four digits; "=" before a duplicate; "!" and the fault's number
 * before a faulty one, "x" before a refused one. */
static struct text told(struct arena *arena, const struct number_list *list)
{
    struct text all = TEXT_EMPTY;
    for (size_t i = 0; i < list->count; i++) {
        const struct number_item *item = &list->items[i];
        struct text one;
        if (item->fault != NUMBER_FAULT_NONE) {
            one = text_format(arena, "!%d", item->fault);
        } else {
            const char *mark = item->class.portability == NUMBER_PORT_REFUSED ? "x"
                               : item->duplicate                              ? "="
                                                                              : "";
            one = text_format(arena, "%s%s", mark, item->number.e164 + 8);
        }
        all = text_format(arena, "%.*s%s%.*s", TEXT_ARG(all), i > 0 ? " " : "", TEXT_ARG(one));
    }
    return all;
}

static struct area_codes codes;

static bool parse(struct arena *arena, struct text written, struct number_list *ret, struct problem *problem)
{
    if (codes.count == 0) {
        static struct arena *forever;
        forever = arena_new(1024 * 1024);
        assert_true(area_codes_parse(forever, area_codes_data(), &codes, NULL));
        codes.fictional_ok = true;
    }
    return number_list_parse(arena, &codes, written, ret, problem);
}

static const struct {
    const char *written, *told;
    bool header, column;
} list_cases[] = {
    {"", "", false, false},
    {"   \n\r\n\t ,;\n", "", false, false},
    {"415-555-0134", "0134", false, false},
    {"415-555-0134\n415-555-0135\n", "0134 0135", false, false},
    {"415-555-0134\r\n415-555-0135\r\n", "0134 0135", false, false},
    {"415-555-0134\r415-555-0135", "0134 0135", false, false},
    {"(415) 555-0134, 415.555.0135", "0134 0135", false, false},
    {"(415) 555-0135, 415.555.0136\n+1 415 555 0150\n800 555 0199; 416-555-0177", "0135 0136 0150 0199 0177",
        false, false},
    {"415 555 0134 415 555 0135", "0134 0135", false, false},
    {"4155550134 4155550135 4155550136", "0134 0135 0136", false, false},
    {"1 415 555 0134 1 415 555 0135", "0134 0135", false, false},
    {"+14155550134 +14155550135", "0134 0135", false, false},
    {"(415) 555-0134 (415) 555-0135", "0134 0135", false, false},
    {"415-555-0134 / 415-555-0135", "0134 0135", false, false},
    {"415-555-0134 and 415-555-0135", "0134 0135", false, false},
    {"415-555-0134 & 415-555-0135", "0134 0135", false, false},
    {"415/555-0134", "0134", false, false},
    {"4155550134\t4155550135|4155550136", "0134 0135 0136", false, false},
    {"4155550134\xef\xbc\x8c"
     "4155550135\xe3\x80\x81"
     "4155550136\xef\xbc\x9b"
     "4155550137",
        "0134 0135 0136 0137", false, false},
    {"\xef\xbb\xbf"
     "4155550134",
        "0134", false, false},
    {"415-555-0134\n(415) 555-0134", "0134 =0134", false, false},
    {"415-555-0134 415-555-0134 +14155550134", "0134 =0134 =0134", false, false},
    {"415-555-014", "!5", false, false},
    {"415-555-0134 415-555-013", "0134 !5", false, false}, /* what is left over is told */
    {"415-555-0134 5", "!7", false, false},
    {"415-555-0134 x12", "!9", false, false},
    {"415-555-0134 x12, 415-555-0135", "!9 0135", false, false},
    {"1-800-FLOWERS", "!10", false, false},
    {"hello", "!2", false, false},
    {"hello\n415-555-0134\nworld", "!2 0134 !2", false, false},
    {"+44 20 7946 0123", "!11", false, false},
    {"900 234 5678", "x5678", false, false},
    {"415,555,0134", "!6 !6 !6", false, false},
    {"Phone", "", true, false},
    {"Phone number\n415-555-0134\n415-555-0135", "0134 0135", true, false},
    {"\"Phone Number\"\n\"415-555-0134\"", "0134", true, false},
    {"Phone\n415-555-0134, 415-555-0135", "0134 0135", true, false},
    {"Name,Phone,PIN\nDana,415-555-0134,123456\nLee,(415) 555-0135,654321", "0134 0135", true, true},
    {"Phone,Account number\n415-555-0134,942118306\n", "0134", true, true},
    {"Account number;Telephone\n942118306;4155550134\n", "0134", true, true},
    {"Name\tMobile\nDana\t4155550134\n", "0134", true, true},
    {"Name,Phone\n\"Whitfield, Dana\",4155550134\n", "0134", true, true},
    {"Name,Phone\nDana,\nLee,4155550135", "!1 0135", true, true}, /* an empty cell is told */
    {"Name,Phone\n4155550134", "0134", true, true},               /* a line that is shorter is taken whole */
    {"Name,City\nDana,Reno", "!2 !2 !2 !2", false, false},        /* no column of numbers: no header */
    {"4155550134\nPhone", "0134 !2", false, false},               /* only the first line is a header */
    {"\"4155550134\",\"4155550135\"", "0134 0135", false, false},
    {"\"4155550134", "0134", false, false},
    {"4155550134\",4155550135", "0134 0135", false, false},
    {"4.15555E+09", "!14", false, false},
    {"800-555-0199 toll free", "!10", false, false},
};

static void reads_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(list_cases); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct number_list list;
        struct problem problem = {0};
        assert_true(parse(arena, text_from(list_cases[i].written), &list, &problem));
        struct text got = told(arena, &list);
        if (!text_is(got, list_cases[i].told) || list.has_header != list_cases[i].header ||
            list.has_column != list_cases[i].column) {
            fail_msg("\"%s\": %s instead of %s, header %d, column %d", list_cases[i].written, got.at,
                list_cases[i].told, list.has_header, list.has_column);
        }
    }
}

static void keeps_what_was_written(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct number_list list;
    struct problem problem = {0};
    struct text written =
        TEXT("415-555-0134\n\n (415) 555-0135 ,\"415.555.0134\"\n415-555-014 \n876 234 5678");
    assert_true(parse(arena, written, &list, &problem));
    assert_int_equal(list.count, 5);
    assert_int_equal(list.usable, 2);
    assert_int_equal(list.faulty, 2);
    assert_int_equal(list.duplicates, 1);
    assert_text(list.items[1].written, "(415) 555-0135");
    assert_int_equal(list.items[1].line, 3);
    assert_text(list.items[2].written, "415.555.0134");
    assert_true(list.items[2].duplicate);
    assert_int_equal(list.items[2].duplicate_of, 0);
    assert_int_equal(list.items[3].line, 4);
    static const enum word words[] = {WORD_NONE, WORD_NONE, WORD_numbering_duplicate,
        WORD_numbering_fault_one_missing, WORD_numbering_refused_other_country};
    for (size_t i = 0; i < list.count; i++) {
        struct text about;
        assert_int_equal(number_item_word(arena, &list.items[i], &about), words[i]);
    }
}

static void notes_ways(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct number_list list;
    struct problem problem = {0};
    assert_true(parse(arena, TEXT("800 555 0199; 416-555-0177; 200 234 5678"), &list, &problem));
    struct text about;
    assert_int_equal(number_item_word(arena, &list.items[0], &about), WORD_numbering_note_toll_free);
    assert_int_equal(number_item_word(arena, &list.items[1], &about), WORD_numbering_note_canadian);
    assert_int_equal(number_item_word(arena, &list.items[2], &about), WORD_numbering_note_unknown_area_code);
    assert_text(about, "200");
    assert_int_equal(list.usable, 3);
}

/* `count` numbers, one a line. */
static struct text many(struct arena *arena, size_t count)
{
    char *at = ARENA_ARRAY(arena, char, count * 11 + 1);
    for (size_t i = 0; i < count; i++) {
        struct text one = text_format(arena, "415666%04zu\n", i);
        memcpy(at + i * 11, one.at, 11);
    }
    return (struct text){at, count * 11};
}

static void limits_lists(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(8 * 1024 * 1024);
    struct number_list list = {.count = 77};
    struct problem problem = {0};
    assert_true(parse(arena, many(arena, NUMBER_LIST_MAX), &list, &problem));
    assert_int_equal(list.count, NUMBER_LIST_MAX);
    assert_int_equal(list.usable, NUMBER_LIST_MAX);
    list.count = 77;
    assert_false(parse(arena, many(arena, NUMBER_LIST_MAX + 1), &list, &problem));
    assert_int_equal(problem.word, WORD_numbering_list_too_many);
    assert_string_equal(problem.field, "numbers");
    assert_int_equal(list.count, 77);
    char *large = ARENA_ARRAY(arena, char, NUMBER_LIST_BYTES_MAX + 1);
    memset(large, ' ', NUMBER_LIST_BYTES_MAX + 1);
    problem = (struct problem){0};
    assert_false(parse(arena, (struct text){large, NUMBER_LIST_BYTES_MAX + 1}, &list, &problem));
    assert_int_equal(problem.kind, PROBLEM_TOO_LARGE);
    problem = (struct problem){0};
    assert_true(parse(arena, (struct text){large, NUMBER_LIST_BYTES_MAX}, &list, &problem));
    static const char *const unclean[] = {"4155550134\x01", "\xff\xfe", "415\x1b[0m"};
    for (size_t i = 0; i < COUNT(unclean); i++) {
        problem = (struct problem){0};
        assert_false(parse(arena, text_from(unclean[i]), &list, &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
    }
    problem = (struct problem){0};
    assert_false(parse(arena,
        TEXT("415555\0"
             "0134"),
        &list, &problem));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lists),
        cmocka_unit_test(keeps_what_was_written),
        cmocka_unit_test(notes_ways),
        cmocka_unit_test(limits_lists),
    };
    return cmocka_run_group_tests_name("numbering/number_list", tests, NULL, NULL);
}
