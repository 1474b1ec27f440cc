#include "../base/unit.h"
#include "net/http_form.h"

static void test_form(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        const char *fields; /* name=value; in their order, NULL: refused */
        const char *field;  /* of the problem */
    } rows[] = {
        {"", "", ""},
        {"a=1", "a=1;", ""},
        {"a=1&b=2&a=3", "a=1;b=2;a=3;", ""},
        {"&&a=1&&", "a=1;", ""},
        {"a", "a=;", ""},
        {"a=", "a=;", ""},
        {"a=b=c", "a=b=c;", ""},
        {"a=x+y%20z", "a=x y z;", ""},
        {"n%61me=%C3%A9%0D%0A", "name=\xc3\xa9\r\n;", ""},
        {"numbers[]=1", NULL, ""},
        {"=1", NULL, ""},
        {"a+b=1", NULL, ""},
        {"a%00=1", NULL, ""},
        {"a=%00", NULL, "a"},
        {"a=%", NULL, "a"},
        {"a=%4", NULL, "a"},
        {"a=%xx", NULL, "a"},
        {"ok=1&bad=%FF", NULL, "bad"},
        {"bad=%C0%80", NULL, "bad"},
        {"bad=%1B", NULL, "bad"},
        {"bad=\x01", NULL, "bad"},
        {"a234567890123456789012345678901234567890123456789012345678901234=1",
            "a234567890123456789012345678901234567890123456789012345678901234=1;", ""},
        {"a2345678901234567890123456789012345678901234567890123456789012345=1", NULL, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ARENA_CLEANUP arena = arena_new(1024 * 1024);
        BUFFER_CLEANUP said = BUFFER(10000);
        struct http_pair *fields = NULL;
        size_t count = 0;
        struct problem problem = {0};
        bool done = form_parse(arena, text_from(rows[i].body), &fields, &count, &problem);
        for (size_t j = 0; j < count; j++) {
            buffer_text(&said, fields[j].name);
            buffer_char(&said, '=');
            buffer_text(&said, fields[j].value);
            buffer_char(&said, ';');
        }
        if (done != (rows[i].fields != NULL) || (done && !text_is(buffer_view(&said), rows[i].fields))) {
            fail_msg("row %zu: %s", i, text_cstr(arena, buffer_view(&said)));
        }
        assert_int_equal(problem.kind, done ? PROBLEM_NONE : PROBLEM_SYNTAX);
        assert_string_equal(problem.field, rows[i].field);
    }
}

static void test_form_limits(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    BUFFER_CLEANUP body = BUFFER(1024 * 1024);
    struct http_pair *fields = NULL;
    size_t count = 0;
    for (size_t i = 0; i < FORM_FIELDS_MAX; i++) {
        buffer_string(&body, "&f=1");
    }
    assert_true(form_parse(arena, buffer_view(&body), &fields, &count, NULL));
    assert_int_equal(count, FORM_FIELDS_MAX);
    assert_text(form_get(fields, count, "f"), "1");
    assert_text(form_get(fields, count, "g"), "");
    buffer_string(&body, "&f=1");
    struct problem problem = {0};
    assert_false(form_parse(arena, buffer_view(&body), &fields, &count, &problem));
    assert_int_equal(problem.word, WORD_net_form_too_many);
    assert_int_equal(count, FORM_FIELDS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_form), cmocka_unit_test(test_form_limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
