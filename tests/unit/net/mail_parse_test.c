#include "../base/unit.h"
#include "net/mail_header.h"
#include "net/smtp_server.h"

#define BYTES(literal)                                                                                       \
    {                                                                                                        \
        literal, sizeof(literal) - 1                                                                         \
    }

static void test_headers(void **state)
{
    (void)state;
    static const struct {
        const char *value, *decoded;
    } rows[] = {
        {"", ""},
        {"plain text", "plain text"},
        {"=?utf-8?Q?caf=C3=A9_au_lait?=", "caf\xc3\xa9 au lait"},
        {"=?UTF-8?b?Y2Fmw6k=?=", "caf\xc3\xa9"},
        {"=?iso-8859-1?q?caf=E9?= now", "caf\xc3\xa9 now"},
        {"=?windows-1252?q?=80=93?=", "\xe2\x82\xac\xe2\x80\x9c"},
        {"=?us-ascii*en?q?word?=", "word"},
        {"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"},
        {"=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "ab"},
        {"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"},
        {"folded\r\n\tvalue", "folded value"},
        {"=?utf-8?q?a=0D=0Ab?=", "a  b"},
        {"=?utf-8?q?=FF?=", "\xef\xbf\xbd"},
        {"=?utf-8?q?=C2=90?=", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"=?utf-8?q?=00?=", "\xef\xbf\xbd"},
        {"=?koi8-r?q?a=C1?=", "a\xef\xbf\xbd"},
        {"raw \xff byte", "raw \xef\xbf\xbd byte"},
        {"=?utf-8?x?a?=", "=?utf-8?x?a?="},
        {"=?utf-8?q?a", "=?utf-8?q?a"},
        {"=?=?=?", "=?=?=?"},
        {"=?utf-8?b?!!Y2F!!mw6k?=", "caf\xc3\xa9"},
        {"=?utf-8?q?a=4?=", "a=4"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ARENA_CLEANUP arena = arena_new(1024 * 1024);
        const char *decoded = text_cstr(arena, mail_header_decode(arena, text_from(rows[i].value)));
        if (strcmp(decoded, rows[i].decoded) != 0) {
            fail_msg("row %zu: %s", i, decoded);
        }
    }
}

static void test_messages(void **state)
{
    (void)state;
    static const struct {
        struct text data;
        const char *subject, *text, *html, *attachment, *name; /* subject NULL: unreadable */
    } rows[] = {
        {BYTES("Subject: s\r\n\r\nbody\r\n"), "s", "body\r\n", "", "", ""},
        {BYTES("Subject: s\n\nbody\n"), "s", "body\n", "", "", ""},
        {BYTES("SUBJECT : s\r\n"), "s", "", "", "", ""},
        {BYTES("Subject: a\r\nSubject: b\r\n\r\n"), "a", "", "", "", ""},
        {BYTES("Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: "
               "quoted-printable\r\n\r\n=E9=\r\n!"),
            "", "", "\xc3\xa9!", "", ""},
        {BYTES("Content-Transfer-Encoding: base64\r\n\r\naGVs\r\nbG8=\r\n"), "", "hello", "", "", ""},
        {BYTES("Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Transfer-Encoding: "
               "BASE64\r\n\r\nUERG"),
            "", "", "", "PDF", "a.pdf"},
        {BYTES("Subject: m\r\nContent-Type: multipart/alternative; "
               "boundary=\"b\"\r\n\r\npreamble\r\n--b\r\n\r\ntext\r\n--b\r\n"
               "Content-Type: text/html\r\n\r\n<b>\r\n--b--\r\nepilogue"),
            "m", "text", "<b>", "", ""},
        {BYTES("Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: "
               "multipart/alternative;\r\n boundary=i\r\n\r\n"
               "--i\r\n\r\nt\r\n--i\r\nContent-Type: text/html\r\n\r\nh\r\n--i--\r\n--o\r\nContent-Type: "
               "text/plain\r\n"
               "Content-Disposition: attachment; "
               "filename=\"=?utf-8?q?caf=C3=A9?=.txt\"\r\n\r\nfile\r\n--o--\r\n"),
            "", "t", "h", "file", "caf\xc3\xa9.txt"},
        {BYTES("Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nnever ends"), "", "never ends",
            "", "", ""},
        {BYTES("Content-Type: multipart/mixed; boundary=o\r\n\r\nno border"), "", "", "", "", ""},
        {BYTES("Content-Type: multipart/mixed\r\n\r\nno boundary"), "", "", "", "no boundary", ""},
        {BYTES("Subject: s\r\n\r\n\0\x01\xff"), "s", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "", "", ""},
        {BYTES(""), NULL, "", "", "", ""},
        {BYTES("\r\nbody"), NULL, "", "", "", ""},
        {BYTES("no header at all"), NULL, "", "", "", ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct mail_view view = {0};
        struct problem problem = {0};
        if (mail_parse(arena, rows[i].data, &view, &problem) != (rows[i].subject != NULL)) {
            fail_msg("row %zu: %s", i, problem.detail);
        }
        if (rows[i].subject == NULL) {
            assert_int_equal(problem.kind, PROBLEM_SYNTAX);
            continue;
        }
        const char *got[] = {text_cstr(arena, view.subject), text_cstr(arena, view.text),
            text_cstr(arena, view.html), text_cstr(arena, view.attachment),
            text_cstr(arena, view.attachment_name)};
        const char *wanted[] = {
            rows[i].subject, rows[i].text, rows[i].html, rows[i].attachment, rows[i].name};
        for (size_t j = 0; j < COUNT(got); j++) {
            if (strcmp(got[j], wanted[j]) != 0) {
                fail_msg("row %zu, %zu: %s", i, j, got[j]);
            }
        }
    }
}

/* Nesting and numbers of parts have an end. */
static void test_limits(void **state)
{
    (void)state;
    for (int depth = 7; depth <= 10; depth++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        BUFFER_CLEANUP mail = BUFFER(100000);
        for (int i = 0; i < depth; i++) {
            buffer_format(&mail, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
        }
        struct mail_view view;
        assert_int_equal(mail_parse(arena, buffer_view(&mail), &view, NULL), depth <= 8);
    }
    for (int parts = 98; parts <= 101; parts++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        BUFFER_CLEANUP mail = BUFFER(100000);
        buffer_string(&mail, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
        for (int i = 0; i < parts; i++) {
            buffer_string(&mail, "--b\r\n\r\n");
        }
        struct mail_view view;
        assert_int_equal(mail_parse(arena, buffer_view(&mail), &view, NULL), parts <= 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers), cmocka_unit_test(test_messages), cmocka_unit_test(test_limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
