/* CBOR as authenticators write it, and all other ways to write the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "people/cbor.h"

#define BYTES(literal)                                                                                       \
    {                                                                                                        \
        "" literal, sizeof(literal) - 1                                                                      \
    }

static void test_items(void **state)
{
    (void)state;
    static const struct {
        struct text bytes;
        enum cbor_type type;
        uint64_t number;
        const char *says;
    } cases[] = {
        {BYTES("\x00"), CBOR_UNSIGNED, 0, ""},
        {BYTES("\x17"), CBOR_UNSIGNED, 23, ""},
        {BYTES("\x18\x18"), CBOR_UNSIGNED, 24, ""},
        {BYTES("\x18\xff"), CBOR_UNSIGNED, 255, ""},
        {BYTES("\x19\x01\x00"), CBOR_UNSIGNED, 256, ""},
        {BYTES("\x1a\x00\x01\x00\x00"), CBOR_UNSIGNED, 65536, ""},
        {BYTES("\x1b\x00\x00\x00\x01\x00\x00\x00\x00"), CBOR_UNSIGNED, UINT64_C(1) << 32, ""},
        {BYTES("\x1b\xff\xff\xff\xff\xff\xff\xff\xff"), CBOR_UNSIGNED, UINT64_MAX, ""},
        {BYTES("\x26"), CBOR_NEGATIVE, 6, ""},
        {BYTES("\x39\x01\x00"), CBOR_NEGATIVE, 256, ""},
        {BYTES("\x40"), CBOR_BYTES, 0, ""},
        {BYTES("\x43"
               "abc"),
            CBOR_BYTES, 3, "abc"},
        {BYTES("\x60"), CBOR_TEXT, 0, ""},
        {BYTES("\x62\xc3\xa9"), CBOR_TEXT, 2, "\xc3\xa9"},
        {BYTES("\x80"), CBOR_ARRAY, 0, ""},
        {BYTES("\xa0"), CBOR_MAP, 0, ""},
        {BYTES("\xf4"), CBOR_SIMPLE, 20, ""},
        {BYTES("\xf6"), CBOR_SIMPLE, 22, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cbor cbor = cbor_over(cases[i].bytes);
        struct cbor_item item;
        assert_true(cbor_next(&cbor, &item));
        assert_int_equal(item.type, cases[i].type);
        assert_int_equal(item.number, cases[i].number);
        assert_true(text_is(item.bytes, cases[i].says));
        assert_int_equal(cbor.left, 0);
        assert_false(cbor_next(&cbor, &item));
    }
}

static const struct text other_ways[] = {
    BYTES(""),
    BYTES("\x18"),
    BYTES("\x19\x01"),
    BYTES("\x1a\x01\x00\x00"),
    BYTES("\x1b\x01\x00\x00\x00\x00\x00\x00"), /* cut */
    BYTES("\x18\x17"),
    BYTES("\x19\x00\xff"),
    BYTES("\x1a\x00\x00\xff\xff"), /* longer than needed */
    BYTES("\x1b\x00\x00\x00\x00\xff\xff\xff\xff"),
    BYTES("\x38\x00"),
    BYTES("\x58\x01x"),
    BYTES("\x78\x01x"),
    BYTES("\x98\x00"),
    BYTES("\xb8\x00"),
    BYTES("\x1c"),
    BYTES("\x1d"),
    BYTES("\x1e"),
    BYTES("\x1f"), /* reserved */
    BYTES("\x5f\x41x\xff"),
    BYTES("\x7f\x61x\xff"),
    BYTES("\x9f\x00\xff"),
    BYTES("\xbf\xff"), /* indefinite */
    BYTES("\x41"),
    BYTES("\x43"
          "ab"),
    BYTES("\x59\xff\xff"
          "ab"),
    BYTES("\x5a\xff\xff\xff\xff"
          "ab"),
    BYTES("\x5b\xff\xff\xff\xff\xff\xff\xff\xff"
          "ab"), /* longer than what is there */
    BYTES("\x81"),
    BYTES("\xa1\x00"),
    BYTES("\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x00"),
    BYTES("\xbb\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00"), /* more items than bytes */
    BYTES("\x61\xff"),
    BYTES("\x62\xc0\xaf"),
    BYTES("\x61\x00"), /* no text */
    BYTES("\xc0\x60"),
    BYTES("\xd8\x18\x40"), /* tags */
    BYTES("\xe0"),
    BYTES("\xf7"),
    BYTES("\xf8\x20"),
    BYTES("\xf8\x14"),
    BYTES("\xf9\x00\x00"),
    BYTES("\xfa\x00\x00\x00\x00"),
    BYTES("\xfb\x00\x00\x00\x00\x00\x00\x00\x00"),
    BYTES("\xff"),
};

static void test_other_ways_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof other_ways / sizeof *other_ways; i++) {
        struct cbor cbor = cbor_over(other_ways[i]);
        struct cbor_item item = {.number = 77};
        if (cbor_next(&cbor, &item)) {
            fail_msg("case %zu was taken", i);
        }
        assert_int_equal(cbor.left, other_ways[i].len); /* nothing was taken */
        assert_int_equal(item.number, 77);
        assert_false(cbor_skip(&cbor));
    }
}

static void test_whole_numbers(void **state)
{
    (void)state;
    static const struct {
        struct text bytes;
        int64_t number;
    } cases[] = {
        {BYTES("\x01"), 1},
        {BYTES("\x20"), -1},
        {BYTES("\x26"), -7},
        {BYTES("\x1b\x7f\xff\xff\xff\xff\xff\xff\xff"), INT64_MAX},
        {BYTES("\x3b\x7f\xff\xff\xff\xff\xff\xff\xff"), INT64_MIN},
    };
    static const struct text wrong[] = {BYTES("\x1b\x80\x00\x00\x00\x00\x00\x00\x00"),
        BYTES("\x3b\x80\x00\x00\x00\x00\x00\x00\x00"), BYTES("\x41x"), BYTES("\xf4")};
    int64_t number = 77;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cbor cbor = cbor_over(cases[i].bytes);
        assert_true(cbor_take_int(&cbor, &number));
        assert_int_equal(number, cases[i].number);
    }
    number = 77;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct cbor cbor = cbor_over(wrong[i]);
        assert_false(cbor_take_int(&cbor, &number));
        assert_int_equal(number, 77);
        assert_int_equal(cbor.left, wrong[i].len);
    }
}

static void test_skip(void **state)
{
    (void)state;
    static const struct {
        struct text bytes;
        size_t left; /* SIZE_MAX: refused */
    } cases[] = {
        {BYTES("\x00\x01"), 1},
        {BYTES("\x83\x01\x02\x03\x04"), 1},
        {BYTES("\xa2\x61"
               "a\x01\x61"
               "b\x80"),
            0},
        {BYTES("\x80\x80"), 1},
        {BYTES("\x81\x81\x81\x81\x00"), 0},
        {BYTES("\x81\x81\x81\x81\x80"), SIZE_MAX}, /* one level too many */
        {BYTES("\xa1\x01\xa1\x01\xa1\x01\xa1\x01\xa0"), SIZE_MAX},
        {BYTES("\x82\x01"), SIZE_MAX},
        {BYTES("\xa1\x01"), SIZE_MAX},
        {BYTES("\x82\x81\x00\x9f\xff"), SIZE_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cbor cbor = cbor_over(cases[i].bytes);
        assert_int_equal(cbor_skip(&cbor), cases[i].left != SIZE_MAX);
        assert_int_equal(cbor.left, cases[i].left != SIZE_MAX ? cases[i].left : cases[i].bytes.len);
    }
    char many[2 + CBOR_ITEMS_MAX] = "\x98\xff"; /* 255 items, and the array itself */
    struct cbor cbor = cbor_over((struct text){many, 2 + 255});
    assert_true(cbor_skip(&cbor));
    char more[3 + CBOR_ITEMS_MAX] = "\x99\x01";
    cbor = cbor_over((struct text){more, sizeof more});
    assert_false(cbor_skip(&cbor));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_other_ways_are_refused),
        cmocka_unit_test(test_whole_numbers),
        cmocka_unit_test(test_skip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
