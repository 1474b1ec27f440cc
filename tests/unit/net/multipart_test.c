/* Each input is fed whole, byte by byte, and in two pieces split at each position: always with the same outcome. */
#include "../base/unit.h"
#include "net/http_form.h"

#define TYPE "multipart/form-data; boundary=XyZ"
#define HEAD(name) "--XyZ\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_HEAD(given)                                                                                     \
    "--XyZ\r\nContent-Disposition: form-data; name=\"f\"; filename=\"" given                                 \
    "\"\r\nContent-Type: image/png\r\n\r\n"
#define END "\r\n--XyZ--\r\n"
#define BYTES(literal)                                                                                       \
    {                                                                                                        \
        literal, sizeof(literal) - 1                                                                         \
    }

struct heard {
    struct buffer said;
    bool inside;
};

static bool hear_begin(void *context, const struct multipart_part *part, struct problem *problem)
{
    struct heard *heard = context;
    assert_false(heard->inside);
    heard->inside = true;
    buffer_text(&heard->said, part->name);
    if (part->is_file) {
        buffer_format(&heard->said, "(%.*s,%.*s)", TEXT_ARG(part->file_name), TEXT_ARG(part->type));
    }
    buffer_char(&heard->said, '=');
    if (text_is(part->name, "no")) {
        return problem_set(problem, PROBLEM_FORBIDDEN, WORD_problem_forbidden, "no", NULL, NULL);
    }
    return true;
}

static bool hear_bytes(void *context, struct text bytes, struct problem *problem)
{
    (void)problem;
    struct heard *heard = context;
    assert_true(heard->inside);
    return buffer_text(&heard->said, bytes) && text_find_char(bytes, '!', 0) == SIZE_MAX;
}

static bool hear_end(void *context, struct problem *problem)
{
    (void)problem;
    struct heard *heard = context;
    assert_true(heard->inside);
    heard->inside = false;
    return buffer_char(&heard->said, ';');
}

struct row {
    struct text body;
    const char *said; /* NULL: refused */
    enum problem_kind kind;
};

static const struct row rows[] = {
    {BYTES(HEAD("a") "1" END), "a=1;", PROBLEM_NONE},
    {BYTES(HEAD("a") END), "a=;", PROBLEM_NONE},
    {BYTES("\r\n" HEAD("a") "1" END), "a=1;", PROBLEM_NONE},
    {BYTES(HEAD("a") "1\r\n" HEAD("b") "2" END "epilogue"), "a=1;b=2;", PROBLEM_NONE},
    {BYTES(HEAD("a") "1\r\n--XyZ--"), "a=1;", PROBLEM_NONE},
    {BYTES(FILE_HEAD("bill.png") "\x89PNG\r\n\x1a\n\r\r\n-\r\n--\r\n--X\r\n--XyY\r" END),
        "f(bill.png,image/png)=\x89PNG\r\n\x1a\n\r\r\n-\r\n--\r\n--X\r\n--XyY\r;", PROBLEM_NONE},
    {BYTES(FILE_HEAD("a\\\"b\\\\c%22d.png") "x" END), "f(a\"b\\c\"d.png,image/png)=x;", PROBLEM_NONE},
    {BYTES(FILE_HEAD("C:\\bills\\b.png") "x" END), "f(C:\\bills\\b.png,image/png)=x;", PROBLEM_NONE},
    {BYTES(FILE_HEAD("") END), "f(,image/png)=;", PROBLEM_NONE},
    {BYTES("--XyZ \t\r\ncontent-disposition: FORM-DATA; filename=x.y; name=a\r\nX-Other: 1\r\n\r\n1" END),
        "a(x.y,)=1;", PROBLEM_NONE},
    {BYTES("--XyZ--"), "", PROBLEM_NONE},
    /* Malformed. */
    {BYTES(""), NULL, PROBLEM_SYNTAX},
    {BYTES("preamble\r\n" HEAD("a") "1" END), NULL, PROBLEM_SYNTAX},
    {BYTES(HEAD("a") "1"), NULL, PROBLEM_SYNTAX},
    {BYTES(HEAD("a") "1\r\n--XyZ"), NULL, PROBLEM_SYNTAX},
    {BYTES(HEAD("a") "1\r\n--XyZ-"), NULL, PROBLEM_SYNTAX},
    {BYTES(HEAD("a") "1\r\n--XyZx" END), NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\n\n1" END), NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\r\n\r\n1" END), NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\r\nContent-Type: text/plain\r\n\r\n1" END), NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\r\nContent-Disposition: form-data\r\n\r\n1" END), NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\r\nContent-Disposition: attachment; name=a\r\n\r\n1" END), NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1" END), NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\r\nContent-Disposition: form-data; name=\"a\"b\r\n\r\n1" END), NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1" END), NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\r\nContent-Disposition: form-data; name=a; size=1\r\n\r\n1" END), NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; "
           "name=b\r\n\r\n1" END),
        NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\n1" END), NULL, PROBLEM_SYNTAX},
    {BYTES(
         "--XyZ\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n1" END),
        NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\r\nContent-Disposition: form-data; name=a\r\nno colon\r\n\r\n1" END), NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\r\nContent-Disposition: form-data; name=a\0b\r\n\r\n1" END), NULL, PROBLEM_SYNTAX},
    {BYTES("--XyZ\r\nContent-Disposition: form-data; name=a\nX: b\r\n\r\n1" END), NULL, PROBLEM_SYNTAX},
    {BYTES(HEAD("a[]") "1" END), NULL, PROBLEM_SYNTAX},
    {BYTES(FILE_HEAD("\xff.png") "x" END), NULL, PROBLEM_SYNTAX},
    {BYTES(HEAD("1") "1\r\n" HEAD("2") "\r\n" HEAD("3") "\r\n" HEAD("4") "4" END), NULL, PROBLEM_SYNTAX},
    /* Refused by the handler. */
    {BYTES(HEAD("no") "1" END), NULL, PROBLEM_FORBIDDEN},
    {BYTES(HEAD("a") "wait!" END), NULL, PROBLEM_SYNTAX},
};

/* The body in two pieces, or byte by byte when `split` is past its end. */
static bool parse(
    struct arena *arena, struct text body, size_t split, struct heard *heard, struct problem *problem)
{
    struct multipart_handler handler = {heard, hear_begin, hear_bytes, hear_end};
    struct multipart *parser = NULL;
    assert_true(multipart_new(arena, TEXT(TYPE), 3, &handler, &parser, problem));
    size_t step = split > body.len ? 1 : split;
    bool done = multipart_feed(parser, text_part(body, 0, step), problem);
    for (size_t at = step; at < body.len && done; at += split > body.len ? 1 : body.len) {
        done = multipart_feed(parser, text_part(body, at, split > body.len ? 1 : SIZE_MAX), problem);
    }
    if (!done) {
        struct problem again = {0};
        assert_false(multipart_feed(parser, TEXT("x"), &again));
        assert_int_equal(again.kind, problem->kind);
    }
    return multipart_finish(parser, problem) && done;
}

static void test_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t split = 0; split <= rows[i].body.len + 1; split++) {
            ARENA_CLEANUP arena = arena_new(1024 * 1024);
            struct heard heard = {.said = BUFFER(10000)};
            struct problem problem = {0};
            bool done = parse(arena, rows[i].body, split, &heard, &problem);
            const char *said = text_cstr(arena, buffer_view(&heard.said));
            if (done != (rows[i].said != NULL) || (done && strcmp(said, rows[i].said) != 0) ||
                problem.kind != rows[i].kind) {
                fail_msg(
                    "row %zu split at %zu: %d %s (%s)", i, split, (int)problem.kind, said, problem.detail);
            }
            assert_true(!done || !heard.inside);
            buffer_free(&heard.said);
        }
    }
}

static void test_content_types(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        bool good;
    } types[] = {
        {"multipart/form-data; boundary=a", true},
        {"Multipart/Form-Data;charset=utf-8;BOUNDARY=\"a b'()+_,-./:=?\"", true},
        {"multipart/form-data; "
         "boundary=1234567890123456789012345678901234567890123456789012345678901234567890",
            true},
        {"multipart/form-data; "
         "boundary=12345678901234567890123456789012345678901234567890123456789012345678901",
            false},
        {"multipart/form-data", false},
        {"multipart/form-data; boundary=", false},
        {"multipart/form-data; boundary=\"a \"", false},
        {"multipart/form-data; boundary=a; boundary=b", false},
        {"multipart/form-data; boundary=\"a", false},
        {"multipart/form-data; boundary=a\r\nb", false},
        {"multipart/form-data; boundary=a*b", false},
        {"multipart/mixed; boundary=a", false},
        {"", false},
    };
    for (size_t i = 0; i < COUNT(types); i++) {
        ARENA_CLEANUP arena = arena_new(1024 * 1024);
        struct multipart_handler handler = {NULL, hear_begin, hear_bytes, hear_end};
        struct multipart *parser = NULL;
        struct problem problem = {0};
        if (multipart_new(arena, text_from(types[i].type), 1, &handler, &parser, &problem) != types[i].good) {
            fail_msg("row %zu", i);
        }
        assert_int_equal(problem.kind, types[i].good ? PROBLEM_NONE : PROBLEM_SYNTAX);
    }
}

/* Headers without end are refused, and parameters without end do not fill the memory. */
static void test_headers_limit(void **state)
{
    (void)state;
    static const char *const fillers[] = {"x", "; filename*=\"\"", "\r\nX: y"};
    for (size_t i = 0; i < COUNT(fillers); i++) {
        for (size_t size = 8000; size <= 9000; size += 1000) {
            ARENA_CLEANUP arena = arena_new(1024 * 1024);
            BUFFER_CLEANUP body = BUFFER(100 * 1024);
            struct heard heard = {.said = BUFFER(10000)};
            struct problem problem = {0};
            buffer_string(&body, "--XyZ\r\nContent-Disposition: form-data; name=a");
            buffer_string(&body, i == 0 ? "\r\nX: " : "");
            while (body.len < size) {
                buffer_string(&body, fillers[i]);
            }
            buffer_string(&body, "\r\n\r\n1" END);
            assert_int_equal(parse(arena, buffer_view(&body), 100, &heard, &problem), size == 8000);
            buffer_free(&heard.said);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_split),
        cmocka_unit_test(test_content_types), cmocka_unit_test(test_headers_limit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
