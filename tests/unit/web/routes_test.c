/* Patterns of routes, the table itself, and what is a safe address after the sign-in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/context.h"

static void test_patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path, *first, *second; /* parameters; first "-": does not fit */
    } cases[] = {
        {"/", "/", NULL, NULL},
        {"/", "/x", "-", NULL},
        {"/requests", "/requests", NULL, NULL},
        {"/requests", "/requests/", "-", NULL},
        {"/requests", "/requestsx", "-", NULL},
        {"/requests", "/request", "-", NULL},
        {"/requests/{id}", "/requests/pr_0192", "pr_0192", NULL},
        {"/requests/{id}", "/requests/", "-", NULL},
        {"/requests/{id}", "/requests/a/b", "-", NULL},
        {"/requests/{id}", "/requests/a b", "-", NULL},
        {"/requests/{id}", "/requests/a%2fb", "-", NULL},
        {"/requests/{id}", "/requests/\xc3\xa9", "-", NULL},
        {"/requests/{id}/numbers", "/requests/pr_1/numbers", "pr_1", NULL},
        {"/requests/{id}/numbers", "/requests/pr_1/number", "-", NULL},
        {"/requests/{id}/numbers", "/requests/pr_1", "-", NULL},
        {"/a/{x}/{y}", "/a/1/2.css", "1", "2.css"},
        {"/a/{x}", "/a/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", /* 65 letters */
            "-", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct route_param params[ROUTE_PARAMS_MAX];
        size_t count = 0;
        bool wanted = cases[i].first == NULL || strcmp(cases[i].first, "-") != 0;
        if (route_fits(cases[i].pattern, text_from(cases[i].path), params, &count) != wanted) {
            fail_msg("%s %s", cases[i].pattern, cases[i].path);
        }
        if (wanted && cases[i].first != NULL) {
            assert_true(text_is(params[0].value, cases[i].first));
        }
        if (wanted && cases[i].second != NULL) {
            assert_int_equal(count, 2);
            assert_true(text_is(params[1].value, cases[i].second));
            assert_true(text_is(params[1].name, "y"));
        }
    }
}

static void test_the_table_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < web_routes_count; i++) {
        const struct route *route = &web_routes[i];
        if (route->handler == NULL || route->page == NULL || route->pattern[0] != '/') {
            fail_msg("%s", route->pattern);
        }
        bool body = route->body != ROUTE_BODY_NONE;
        if (body != (route->limit > 0) || (body && route->method == HTTP_GET) ||
            (route->body == ROUTE_BODY_UPLOAD) != (route->upload != NULL) ||
            (route->body == ROUTE_BODY_RAW && route->right != RIGHT_OUTSIDE)) {
            fail_msg("%s: body, limit and upload do not belong together", route->pattern);
        }
        /* What stands later in the table is not hidden by what stands before: a parameter's place takes "x". */
        for (size_t j = 0; j < i; j++) {
            struct route_param params[ROUTE_PARAMS_MAX];
            size_t count;
            if (web_routes[j].method == route->method &&
                route_fits(web_routes[j].pattern, text_from(route->pattern), params, &count)) {
                fail_msg("%s hides %s", web_routes[j].pattern, route->pattern);
            }
        }
    }
}

static void test_the_table_as_json(void **state)
{
    (void)state;
    struct problem problem = {0};
    BUFFER_CLEANUP out = BUFFER(1024 * 1024);
    routes_json(&out, web_routes, web_routes_count);
    JSON_CLEANUP table = NULL;
    assert_true(json_parse(buffer_view(&out), out.len, &table, &problem));
    assert_int_equal(json_array_size(table), web_routes_count);
    const char *pattern = json_string_value(json_object_get(json_array_get(table, 0), "pattern"));
    assert_string_equal(pattern, web_routes[0].pattern);
}

static void test_safe_next(void **state)
{
    (void)state;
    static const struct {
        const char *given, *kept;
    } cases[] = {
        {"", "/"},
        {"/", "/"},
        {"/requests", "/requests"},
        {"/requests?show=mine&q=%20", "/requests?show=mine&q=%20"},
        {"requests", "/"},
        {"https://evil.example/", "/"},
        {"//evil.example/", "/"},
        {"/\\evil.example/", "/"},
        {"/x\\y", "/"},
        {"/\t/evil.example", "/"},
        {"/x\r\nSet-Cookie: a=b", "/"},
        {"/x y", "/"},
        {"/caf\xc3\xa9", "/"},
        {"javascript:alert(1)", "/"},
        {"/sign-in?next=/x", "/"},
        {"/sign-out", "/"},
    };
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!text_is(web_safe_next(arena, text_from(cases[i].given)), cases[i].kept)) {
            fail_msg("%s", cases[i].given);
        }
    }
}

static void test_form_errors(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct form_errors errors = form_errors_new(arena);
    struct problem problem = {0};
    form_errors_word(arena, LANGUAGE_EN, &errors, "email", WORD_sign_in_empty_email);
    problem_set(&problem, PROBLEM_INPUT, WORD_people_email_wrong, "email", NULL, NULL);
    form_errors_problem(arena, LANGUAGE_EN, &errors, &problem);
    assert_int_equal(errors.items_count, 1);
    assert_true(text_is(form_errors_of(&errors, "email"), "Enter your e-mail address."));
    assert_int_equal(form_errors_of(&errors, "password").len, 0);
    for (int i = 0; i < FORM_ERRORS_MAX + 5; i++) {
        form_errors_add(arena, &errors, text_format(arena, "f%d", i), TEXT("x"));
    }
    assert_int_equal(errors.items_count, FORM_ERRORS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_the_table_is_sound),
        cmocka_unit_test(test_the_table_as_json),
        cmocka_unit_test(test_safe_next),
        cmocka_unit_test(test_form_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
