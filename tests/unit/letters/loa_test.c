/* The letter as a PDF: what it says, over how many pages, and that its fonts are in it. Read with poppler's programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "letters/loa.h"

static const struct text two_numbers[] = {{"+14155550134", 12}, {"+14155550135", 12}};

static const struct loa_content harbor = {
    .customer_name = TEXT("Harbor & Pine Realty LLC"),
    .business = true,
    .address_lines = {TEXT("1180 Fillmore St"), TEXT("Ste 4"), TEXT("San Francisco, CA 94115")},
    .numbers = two_numbers,
    .number_count = 2,
    .btn = TEXT("+14155550134"),
    .account_number = TEXT("942118306-00001"),
    .representative = TEXT("Dana Whitfield"),
    .gaining_carrier = TEXT("Twilio"),
    .reference = TEXT("KW0123"),
};

/* Runs a program on the PDF and returns what it writes. */
static struct text run(struct arena *arena, const struct buffer *pdf, const char *const argv[])
{
    char path[] = "/tmp/loa_test_XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, pdf->at, pdf->len), pdf->len);
    assert_int_equal(lseek(file, 0, SEEK_SET), 0);
    int out[2];
    assert_int_equal(pipe(out), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(file, 0);
        dup2(out[1], 1);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    close(out[1]);
    char *at = ARENA_ARRAY(arena, char, 256 * 1024);
    size_t len = 0;
    ssize_t got = 0;
    do {
        got = read(out[0], at + len, 256 * 1024 - len);
        len += got > 0 ? (size_t)got : 0;
    } while (got > 0);
    int status = 0;
    waitpid(child, &status, 0);
    close(out[0]);
    close(file);
    unlink(path);
    assert_int_equal(status, 0);
    return (struct text){at, len};
}

static struct text said(struct arena *arena, const struct loa_content *content)
{
    BUFFER_CLEANUP pdf = BUFFER(LOA_PDF_MAX);
    struct problem problem = {0};
    assert_true(loa_pdf(content, &pdf, &problem));
    struct text text = run(arena, &pdf, (const char *[]){"pdftotext", "-layout", "-", "-", NULL});
    /* As one line: where lines break is the layout's own. */
    char *at = ARENA_ARRAY(arena, char, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool space = text.at[i] == ' ' || text.at[i] == '\n' || text.at[i] == '\f';
        if (!space || (len && at[len - 1] != ' '))
            at[len++] = space ? ' ' : text.at[i];
    }
    return (struct text){at, len};
}

static void assert_has(struct text text, const char *what)
{
    if (text_find(text, text_from(what), 0) == SIZE_MAX)
        fail_msg("the letter lacks \"%s\":\n%.*s", what, TEXT_ARG(text));
}

static void assert_lacks(struct text text, const char *what)
{
    if (text_find(text, text_from(what), 0) != SIZE_MAX)
        fail_msg("the letter has \"%s\"", what);
}

static void an_unsigned_letter_names_everything(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct text text = said(arena, &harbor);
    static const char *const has[] = {"Letter of authorization", "from my present carrier to Twilio",
        "Harbor & Pine Realty LLC", "Business", "942118306-00001", "1180 Fillmore St", "Ste 4",
        "San Francisco, CA 94115", "415-555-0134", "415-555-0135", "2 numbers", "Dana Whitfield",
        "Not signed yet", "Reference KW0123", "Page 1 of 1", "only one carrier", "agent"};
    for (size_t i = 0; i < sizeof has / sizeof has[0]; i++)
        assert_has(text, has[i]);
    assert_lacks(text, "Signed electronically");
}

static void a_signed_letter_tells_who_when_and_from_where(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct loa_content content = harbor;
    content.business = false;
    content.losing_carrier = TEXT("Verizon");
    content.signature = TEXT("Dana Whitfield");
    content.email = TEXT("dana@harbor.example");
    content.ip = TEXT("192.0.2.7");
    content.signed_at = date_at((struct date){2026, 10, 20}, 15, 0, TEXT_EMPTY);
    struct text text = said(arena, &content);
    assert_has(text, "Signed electronically by Dana Whitfield (dana@harbor.example) on");
    assert_has(text, "from Verizon to Twilio");
    assert_has(text, "Residential");
    assert_has(text, "Tuesday, October 20, 2026");
    assert_has(text, "2026-10-20T15:00:00Z");
    assert_has(text, "192.0.2.7");
    assert_lacks(text, "Not signed yet");
}

static void a_drawing_stands_in_place_of_the_typed_name(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct loa_content content = harbor;
    content.representative = TEXT("Dana Whitfield");
    content.signature = TEXT("Drawn Name");
    content.signed_at = date_at((struct date){2026, 10, 20}, 15, 0, TEXT_EMPTY);
    struct problem problem = {0};
    BUFFER_CLEANUP typed = BUFFER(LOA_PDF_MAX);
    BUFFER_CLEANUP drawn = BUFFER(LOA_PDF_MAX);
    assert_true(loa_pdf(&content, &typed, &problem));
    assert_true(drawing_parse(arena, TEXT("10,60 20,30 30,70 40,30 50,70;80,50 90,50"), &content.drawing));
    assert_true(loa_pdf(&content, &drawn, &problem));
    assert_true(drawn.len != typed.len || memcmp(drawn.at, typed.at, drawn.len) != 0);
    /* The name is told once: in the sentence of who signed. */
    struct text text = said(arena, &content), name = TEXT("Drawn Name");
    size_t at = text_find(text, name, 0);
    assert_true(at != SIZE_MAX);
    assert_true(text_find(text, name, at + 1) == SIZE_MAX);
}

static void a_thousand_numbers_stand_on_several_pages(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct loa_content content = harbor;
    struct text *numbers = ARENA_ARRAY(arena, struct text, LOA_NUMBERS_MAX);
    for (size_t i = 0; i < LOA_NUMBERS_MAX; i++)
        numbers[i] = text_format(arena, "+1415555%04zu", i);
    content.numbers = numbers;
    content.number_count = LOA_NUMBERS_MAX;
    struct text text = said(arena, &content);
    assert_has(text, "1000 numbers");
    for (size_t i = 0; i < LOA_NUMBERS_MAX; i += 111)
        assert_has(text, text_cstr(arena, loa_number(arena, numbers[i])));
    assert_has(text, "415-555-0999");
    assert_has(text, "Page 2 of ");
    assert_lacks(text, "of 0");
}

static void odd_texts_stay_text(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct loa_content content = harbor;
    content.customer_name = TEXT("<b>Łódź & Ñandú</b> (\\) 'O\"Brien'");
    content.account_number = TEXT("");
    content.btn = TEXT("");
    struct text text = said(arena, &content);
    assert_has(text, "<b>Łódź & Ñandú</b> (\\) 'O\"Brien'");
    assert_lacks(text, "Main number");
    assert_lacks(text, "Account number");
}

static void fonts_are_embedded_and_paper_is_chosen(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct problem problem = {0};
    BUFFER_CLEANUP letter = BUFFER(LOA_PDF_MAX);
    assert_true(loa_pdf(&harbor, &letter, &problem));
    struct text fonts = run(arena, &letter, (const char *[]){"pdffonts", "-", NULL});
    assert_lacks(fonts, " no  ");
    struct text info = run(arena, &letter, (const char *[]){"pdfinfo", "-", NULL});
    assert_has(info, "Letter of authorization");
    assert_has(info, "612 x 792 pts");
    struct loa_content content = harbor;
    content.paper = LOA_A4;
    BUFFER_CLEANUP a4 = BUFFER(LOA_PDF_MAX);
    assert_true(loa_pdf(&content, &a4, &problem));
    assert_has(run(arena, &a4, (const char *[]){"pdfinfo", "-", NULL}), "(A4)");
}

static void a_full_buffer_is_a_problem_and_stays_as_it_was(void **state)
{
    (void)state;
    struct problem problem = {0};
    BUFFER_CLEANUP out = BUFFER(500);
    buffer_string(&out, "before");
    assert_false(loa_pdf(&harbor, &out, &problem));
    assert_int_equal(problem.kind, PROBLEM_INTERNAL);
    assert_int_equal(out.len, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unsigned_letter_names_everything),
        cmocka_unit_test(a_signed_letter_tells_who_when_and_from_where),
        cmocka_unit_test(a_drawing_stands_in_place_of_the_typed_name),
        cmocka_unit_test(a_thousand_numbers_stand_on_several_pages),
        cmocka_unit_test(odd_texts_stay_text),
        cmocka_unit_test(fonts_are_embedded_and_paper_is_chosen),
        cmocka_unit_test(a_full_buffer_is_a_problem_and_stays_as_it_was),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed;
}
