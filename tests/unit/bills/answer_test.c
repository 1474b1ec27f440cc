#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bills/answer.h"

#define OK_WITH(type, pages, width, bytes)                                                                   \
    "{\"result\":\"ok\",\"type\":" type ",\"pages\":" pages ",\"encrypted\":false,\"active_content\":true,"  \
    "\"preview\":{\"width\":" width ",\"height\":1600,\"bytes\":" bytes "}}\n"

static void a_good_answer_is_taken(void **state)
{
    (void)state;
    struct bill_facts facts;
    size_t bytes = 0;
    struct problem problem = {.kind = PROBLEM_NONE};
    assert_true(
        bill_answer_parse(text_from(OK_WITH("\"pdf\"", "4", "1236", "5000")), &facts, &bytes, &problem));
    assert_int_equal(facts.type, BILL_PDF);
    assert_int_equal(facts.pages, 4);
    assert_false(facts.encrypted);
    assert_true(facts.active_content);
    assert_int_equal(facts.preview_width, 1236);
    assert_int_equal(facts.preview_height, 1600);
    assert_int_equal(bytes, 5000);
    assert_int_equal(problem.kind, PROBLEM_NONE);
}

static void a_refusal_has_its_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum problem_kind kind;
        enum word word;
    } cases[] = {
        {"{\"result\":\"refused\",\"reason\":\"encrypted\",\"type\":\"pdf\"}", PROBLEM_INPUT,
            WORD_bills_encrypted},
        {"{\"result\":\"refused\",\"reason\":\"empty\",\"type\":\"unknown\"}", PROBLEM_INPUT,
            WORD_bills_empty},
        {"{\"result\":\"refused\",\"reason\":\"too_large\",\"type\":\"unknown\"}", PROBLEM_INPUT,
            WORD_bills_too_large},
        {"{\"result\":\"refused\",\"reason\":\"too_many_pages\",\"type\":\"pdf\"}", PROBLEM_INPUT,
            WORD_bills_too_many_pages},
        {"{\"result\":\"refused\",\"reason\":\"too_many_pixels\",\"type\":\"png\"}", PROBLEM_INPUT,
            WORD_bills_too_many_pixels},
        {"{\"result\":\"refused\",\"reason\":\"broken\",\"type\":\"jpeg\"}", PROBLEM_INPUT,
            WORD_bills_broken},
        {"{\"result\":\"refused\",\"reason\":\"unknown_type\",\"type\":\"heic\"}", PROBLEM_INPUT,
            WORD_bills_type_heic},
        {"{\"result\":\"refused\",\"reason\":\"unknown_type\",\"type\":\"office\"}", PROBLEM_INPUT,
            WORD_bills_type_office},
        {"{\"result\":\"refused\",\"reason\":\"unknown_type\",\"type\":\"unknown\"}", PROBLEM_INPUT,
            WORD_bills_unknown_type},
        {"{\"result\":\"refused\",\"reason\":\"killed\",\"by\":\"signal 31\"}", PROBLEM_INPUT,
            WORD_bills_too_heavy},
        {"{\"result\":\"refused\",\"reason\":\"timeout\",\"by\":\"signal 9\"}", PROBLEM_INPUT,
            WORD_bills_too_heavy},
        {"{\"result\":\"refused\",\"reason\":\"cage\",\"part\":\"landlock\"}", PROBLEM_LATER,
            WORD_bills_reader_away},
        {"{\"result\":\"refused\",\"reason\":\"busy\",\"part\":\"fork\"}", PROBLEM_LATER, WORD_bills_busy},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bill_facts facts;
        size_t bytes;
        struct problem problem = {.kind = PROBLEM_NONE};
        BUFFER_CLEANUP said = BUFFER(1024);
        assert_false(bill_answer_parse(text_from(cases[i].line), &facts, &bytes, &problem));
        assert_int_equal(problem.kind, cases[i].kind);
        assert_int_equal(problem.word, cases[i].word);
        problem_say(&said, LANGUAGE_EN, &problem);
        assert_true(said.len > 0);
        assert_string_equal(problem.field, problem.kind == PROBLEM_INPUT ? "bill" : "");
    }
}

static void nonsense_is_a_defect_and_nothing_else(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "ok",
        "[]",
        "null",
        "{}",
        "{\"result\":\"ok\"}",
        "{\"result\":7}",
        "{\"result\":\"maybe\"}",
        "{\"result\":\"ok\",\"result\":\"ok\"}",
        OK_WITH("\"gif\"", "4", "1236", "5000"),
        OK_WITH("7", "4", "1236", "5000"),
        OK_WITH("\"pdf\"", "0", "1236", "5000"),
        OK_WITH("\"pdf\"", "201", "1236", "5000"),
        OK_WITH("\"pdf\"", "\"4\"", "1236", "5000"),
        OK_WITH("\"pdf\"", "4.0", "1236", "5000"),
        OK_WITH("\"pdf\"", "4", "1601", "5000"),
        OK_WITH("\"pdf\"", "4", "-1", "5000"),
        OK_WITH("\"pdf\"", "4", "1236", "0"),
        OK_WITH("\"pdf\"", "4", "1236", "99999999"),
        OK_WITH("\"pdf\"", "4", "1236", "18446744073709551617"),
        OK_WITH("\"pdf\"", "4", "1236", "5000") "{}",
        "{\"result\":\"ok\",\"type\":\"pdf\",\"pages\":1,\"encrypted\":0,\"active_content\":false,"
        "\"preview\":{\"width\":1,\"height\":1,\"bytes\":1}}",
        "{\"result\":\"ok\",\"type\":\"pdf\",\"pages\":1,\"encrypted\":true,\"active_content\":false,"
        "\"preview\":[]}",
        "{\"result\":\"refused\"}",
        "{\"result\":\"refused\",\"reason\":\"<script>\",\"type\":\"pdf\"}",
        "{\"result\":\"refused\",\"reason\":\"unknown_type\",\"type\":\"../x\"}",
        "{\"result\":\"refused\",\"reason\":{},\"type\":\"pdf\"}",
        "{\"result\":\"refused\",\"reason\":\"cage\",\"part\":[]}",
        "{\"result\":\"refused\",\"reason\":\"a reason that is longer than any reason of "
        "ours\",\"type\":\"pdf\"}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct bill_facts facts = {.pages = 77};
        size_t bytes = 88;
        struct problem problem = {.kind = PROBLEM_NONE};
        assert_false(bill_answer_parse(text_from(lines[i]), &facts, &bytes, &problem));
        assert_int_equal(problem.kind, PROBLEM_INTERNAL);
        assert_int_equal(facts.pages, 77);
        assert_int_equal(bytes, 88);
        assert_false(bill_answer_parse(text_from(lines[i]), &facts, &bytes, NULL));
    }
}

#define SIGNATURE "\x89PNG\r\n\x1a\n"
#define IHDR "\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x03\x08\x02\0\0\0CRC!"
#define IDAT "\0\0\0\x02IDATxxCRC!"
#define IEND "\0\0\0\0IENDCRC!"

static void only_a_png_of_ours_is_a_preview(void **state)
{
    (void)state;
    static const struct {
        struct text png;
        int width;
        bool sound;
    } cases[] = {
        {{SIGNATURE IHDR IDAT IEND, sizeof(SIGNATURE IHDR IDAT IEND) - 1}, 2, true},
        {{SIGNATURE IHDR IDAT IDAT IEND, sizeof(SIGNATURE IHDR IDAT IDAT IEND) - 1}, 2, true},
        {{SIGNATURE IHDR IDAT IEND, sizeof(SIGNATURE IHDR IDAT IEND) - 1}, 3, false},
        {{"", 0}, 2, false},
        {{SIGNATURE, sizeof(SIGNATURE) - 1}, 2, false},
        {{SIGNATURE IHDR IDAT, sizeof(SIGNATURE IHDR IDAT) - 1}, 2, false},
        {{SIGNATURE IHDR IDAT IEND "<script>", sizeof(SIGNATURE IHDR IDAT IEND "<script>") - 1}, 2, false},
        {{SIGNATURE IDAT IHDR IEND, sizeof(SIGNATURE IDAT IHDR IEND) - 1}, 2, false},
        {{SIGNATURE IHDR IHDR IEND, sizeof(SIGNATURE IHDR IHDR IEND) - 1}, 2, false},
        {{SIGNATURE IHDR "\0\0\0\1tEXtxCRC!" IEND, sizeof(SIGNATURE IHDR "\0\0\0\1tEXtxCRC!" IEND) - 1}, 2,
            false},
        {{SIGNATURE IHDR "\xff\xff\xff\xffIDAT" IEND, sizeof(SIGNATURE IHDR "\xff\xff\xff\xffIDAT" IEND) - 1},
            2, false},
        {{"GIF89a\0\0" IHDR IDAT IEND, sizeof("GIF89a\0\0" IHDR IDAT IEND) - 1}, 2, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(bill_preview_is_sound(cases[i].png, cases[i].width, 3), cases[i].sound);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_answer_is_taken),
        cmocka_unit_test(a_refusal_has_its_sentence),
        cmocka_unit_test(nonsense_is_a_defect_and_nothing_else),
        cmocka_unit_test(only_a_png_of_ours_is_a_preview),
    };
    return cmocka_run_group_tests_name("bills answer", tests, NULL, NULL);
}
