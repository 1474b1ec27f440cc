#include "unit.h"

static void compares(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order;
        bool equal, nocase, starts, ends;
    } cases[] = {
        {"", "", 0, true, true, true, true}, {"a", "", 1, false, false, true, true},
        {"", "a", -1, false, false, false, false}, {"Port", "pORT", -1, false, true, false, false},
        {"portable", "port", 1, false, false, true, false}, {"report", "port", 1, false, false, false, true},
        {"port", "port", 0, true, true, true, true}, {"\xc3\xa9", "e", 1, false, false, false, false},
        {"[", "{", -1, false, false, false, false}, /* differ by the bit of ASCII case alone */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text a = text_from(cases[i].a);
        struct text b = text_from(cases[i].b);
        int order = text_compare(a, b);
        assert_int_equal((order > 0) - (order < 0), cases[i].order);
        assert_int_equal(text_equal(a, b), cases[i].equal);
        assert_int_equal(text_equal_secret(a, b), cases[i].equal);
        assert_int_equal(text_equal_nocase(a, b), cases[i].nocase);
        assert_int_equal(text_starts(a, b), cases[i].starts);
        assert_int_equal(text_ends(a, b), cases[i].ends);
    }
    assert_true(text_equal(text_from(NULL), (struct text){NULL, 0}));
}

static void finds_and_cuts(void **state)
{
    (void)state;
    struct text in = TEXT("one, two, one");
    assert_int_equal(text_find(in, TEXT("one"), 0), 0);
    assert_int_equal(text_find(in, TEXT("one"), 1), 10);
    assert_int_equal(text_find(in, TEXT("one"), 11), SIZE_MAX);
    assert_int_equal(text_find(in, TEXT("one"), SIZE_MAX), SIZE_MAX);
    assert_int_equal(text_find(in, TEXT_EMPTY, 13), 13);
    assert_int_equal(text_find(TEXT("ab"), TEXT("abc"), 0), SIZE_MAX);
    assert_int_equal(text_find_char(in, ',', 4), 8);
    assert_text(text_part(in, 5, 3), "two");
    assert_text(text_part(in, 10, SIZE_MAX), "one");
    assert_text(text_part(in, 13, 1), "");
    assert_text(text_part(in, SIZE_MAX, SIZE_MAX), "");
    assert_text(text_trim(TEXT(" \t\r\n a b \v\f ")), "a b");
    assert_text(text_trim(TEXT("  ")), "");
    assert_text(text_trim(TEXT("\xc2\xa0")), "\xc2\xa0");
}

static void takes_pieces(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *pieces[4];
        size_t count;
    } cases[] = {
        {"", {NULL}, 0},
        {"a", {"a"}, 1},
        {"a,b", {"a", "b"}, 2},
        {",a,,b", {"", "a", "", "b"}, 4},
        {"a,", {"a"}, 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text rest = text_from(cases[i].in);
        struct text piece;
        size_t count = 0;
        while (text_next(&rest, ',', &piece)) {
            assert_true(count < cases[i].count);
            assert_text(piece, cases[i].pieces[count]);
            count++;
        }
        assert_int_equal(count, cases[i].count);
    }
}

static void copies(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4096);
    assert_string_equal(text_cstr(arena, text_part(TEXT("porting"), 0, 4)), "port");
    assert_string_equal(text_copy(arena, (struct text){NULL, 0}).at, "");
    assert_string_equal(text_format(arena, "%s-%03d", "a", 7).at, "a-007");
    assert_text(text_lower(arena, TEXT("A[Z]\xc3\x89z")), "a[z]\xc3\x89z");
    assert_text(text_upper(arena, TEXT("a`z{")), "A`Z{");
}

static void checks_utf8(void **state)
{
    (void)state;
    static const struct {
        struct text text;
        bool utf8, clean;
    } cases[] = {
        {{"", 0}, true, true},
        {{"abc\t\r\n", 6}, true, true},
        {{"a\0b", 3}, false, false},
        {{"\x1b[31m", 5}, true, false},
        {{"\x7f", 1}, true, false},
        {{"\xc2\x80", 2}, true, false}, /* U+0080 and U+009F: controls */
        {{"\xc2\x9f", 2}, true, false},
        {{"\xc2\xa0", 2}, true, true},
        {{"\xc0\x80", 2}, false, false}, /* overlong NUL, slash, euro */
        {{"\xc1\xaf", 2}, false, false},
        {{"\xe0\x80\xaf", 3}, false, false},
        {{"\xf0\x82\x82\xac", 4}, false, false},
        {{"\xe0\xa0\x80", 3}, true, true},
        {{"\xed\x9f\xbf", 3}, true, true},
        {{"\xed\xa0\x80", 3}, false, false}, /* surrogates */
        {{"\xed\xbf\xbf", 3}, false, false},
        {{"\xf4\x8f\xbf\xbf", 4}, true, true},
        {{"\xf4\x90\x80\x80", 4}, false, false}, /* past U+10FFFF */
        {{"\xf5\x80\x80\x80", 4}, false, false},
        {{"\xff", 1}, false, false},
        {{"\x80", 1}, false, false},
        {{"\xe2\x82", 2}, false, false}, /* cut off */
        {{"\xe2\x28\xa1", 3}, false, false},
        {{"\xf0\x9f\x93\x9e", 4}, true, true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(text_is_utf8(cases[i].text), cases[i].utf8);
        assert_int_equal(text_is_clean(cases[i].text), cases[i].clean);
    }
    struct text phone = TEXT("a\xc3\xa9\xf0\x9f\x93\x9ez");
    assert_int_equal(text_length(phone), 4);
    assert_text(text_clip(phone, 3), "a\xc3\xa9\xf0\x9f\x93\x9e");
    assert_text(text_clip(phone, 2), "a\xc3\xa9");
    assert_text(text_clip(phone, 0), "");
    assert_int_equal(text_clip(phone, 99).len, phone.len);
}

static void reads_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t min, max;
        bool good;
        int64_t number;
    } cases[] = {
        {"0", 0, 9, true, 0}, {"007", 0, 9, true, 7}, {"10", 0, 9, false, 0}, {"", 0, 9, false, 0},
        {" 1", 0, 9, false, 0}, {"1 ", 0, 9, false, 0}, {"+1", 0, 9, false, 0}, {"-1", 0, 9, false, 0},
        {"-1", -9, 9, true, -1}, {"--1", -9, 9, false, 0}, {"-", -9, 9, false, 0}, {"-0", -9, 9, true, 0},
        {"1e3", 0, INT64_MAX, false, 0}, {"0x1", 0, INT64_MAX, false, 0}, {"1.0", 0, INT64_MAX, false, 0},
        {"\xd9\xa1", 0, INT64_MAX, false, 0}, /* an Arabic digit */
        {"9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX},
        {"9223372036854775808", INT64_MIN, INT64_MAX, false, 0},
        {"-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN},
        {"-9223372036854775809", INT64_MIN, INT64_MAX, false, 0},
        {"00000000000000000001", INT64_MIN, INT64_MAX, false, 0}, /* 20 digits */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t number = 4711;
        bool good = text_to_i64(text_from(cases[i].text), cases[i].min, cases[i].max, &number);
        assert_int_equal(good, cases[i].good);
        assert_int_equal(number, good ? cases[i].number : 4711);
    }
    uint64_t number = 4711;
    assert_true(text_to_u64(TEXT("9999999999999999999"), UINT64_MAX, &number));
    assert_true(number == UINT64_C(9999999999999999999));
    assert_false(text_to_u64(TEXT("6"), 5, &number));
    assert_false(text_to_u64(TEXT("-1"), 5, &number));
    assert_true(number == UINT64_C(9999999999999999999));
}

static void codes_hex(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4096);
    assert_text(text_hex(arena, "\x00\xab\xff", 3), "00abff");
    assert_text(text_hex(arena, NULL, 0), "");
    unsigned char bytes[2] = {1, 2};
    assert_true(text_unhex(TEXT("aBfF"), bytes, 2));
    assert_memory_equal(bytes, "\xab\xff", 2);
    static const char *const wrong[] = {"", "ab", "abf", "abffa", "abffab", "abfg", "ab f", "0xab"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_false(text_unhex(text_from(wrong[i]), bytes, 2));
        assert_memory_equal(bytes, "\xab\xff", 2);
    }
    assert_true(text_unhex(TEXT_EMPTY, bytes, 0));
}

static void codes_base64(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    /* RFC 4648 section 10, and two bytes whose digits differ between the alphabets. */
    static const struct {
        const char *bytes, *padded, *url;
    } cases[] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff\xfe", "+//+", "-__-"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text bytes = text_from(cases[i].bytes);
        assert_text(text_base64(arena, bytes.at, bytes.len), cases[i].padded);
        assert_text(text_base64url(arena, bytes.at, bytes.len), cases[i].url);
        struct text back;
        assert_true(text_unbase64(arena, text_from(cases[i].padded), bytes.len, &back));
        assert_true(text_equal(back, bytes));
        char same[8] = "";
        assert_true(text_unbase64url(text_from(cases[i].url), same, bytes.len));
        assert_memory_equal(same, bytes.at, bytes.len);
        if (bytes.len > 0) {
            assert_false(text_unbase64(arena, text_from(cases[i].padded), bytes.len - 1, &back));
            assert_false(text_unbase64url(text_from(cases[i].url), same, bytes.len - 1));
        }
    }
    static const char *const wrong[] = {"Z", "Zg", "Zg=", "Zh==", "Zg==\n", "Zm9v====", "Zm9v Zm9v", "-__-",
        "Z===", "====", "Zm\xa7v", "\x80\x80\x80\x80"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct text back = TEXT("untouched");
        assert_false(text_unbase64(arena, text_from(wrong[i]), 100, &back));
        assert_text(back, "untouched");
    }
    static const char *const wrong_url[] = {"Zm8=", "Zm9", "Zm", "Zm8 ", "+/8", "Zm!",
        "Z\xa7"
        "8"};
    for (size_t i = 0; i < COUNT(wrong_url); i++) {
        char bytes[2] = {'a', 'b'};
        assert_false(text_unbase64url(text_from(wrong_url[i]), bytes, 2));
        assert_memory_equal(bytes, "ab", 2);
    }
}

static void codes_percent(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4096);
    assert_text(text_percent(arena, TEXT("AZaz09-._~ +/%&\xc3\xa9")), "AZaz09-._~%20%2B%2F%25%26%C3%A9");
    static const struct {
        const char *in;
        bool form, good;
        const char *out;
    } cases[] = {
        {"", false, true, ""},
        {"a%20b+c", false, true, "a b+c"},
        {"a%20b+c", true, true, "a b c"},
        {"%2B", true, true, "+"},
        {"%c3%A9", false, true, "\xc3\xa9"},
        {"%2541", false, true, "%41"}, /* decoded once */
        {"%", false, false, ""},
        {"%4", false, false, ""},
        {"%4g", false, false, ""},
        {"%%41", false, false, ""},
        {"% 1", false, false, ""},
        {"a%00b", false, false, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text out = TEXT("untouched");
        assert_int_equal(text_unpercent(arena, text_from(cases[i].in), cases[i].form, &out), cases[i].good);
        assert_text(out, cases[i].good ? cases[i].out : "untouched");
    }
    struct text out;
    assert_false(text_unpercent(arena, (struct text){"a\0b", 3}, true, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),
        cmocka_unit_test(finds_and_cuts),
        cmocka_unit_test(takes_pieces),
        cmocka_unit_test(copies),
        cmocka_unit_test(checks_utf8),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(codes_hex),
        cmocka_unit_test(codes_base64),
        cmocka_unit_test(codes_percent),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
