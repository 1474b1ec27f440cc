/* Sentences, problems, and their way into HTML. */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/html.h"
#include "base/problem.h"
#include "base/words.h"
#include "unit.h"

static void writes_numbers_and_texts(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct text said = words_say(arena, LANGUAGE_EN, WORD_config_range,
        WORD_ARGS(WORD_NUMBER("max", 1234567), WORD_NUMBER("min", -3)));
    assert_text(said, "From -3 to 1234567.");
    said = words_say(
        arena, LANGUAGE_EN, WORD_problem_setting_unknown, WORD_ARGS(WORD_TEXT("about", TEXT("{about} <b>"))));
    assert_text(said, "There is no setting called {about} <b>."); /* an argument is not looked into */
    assert_string_equal(words_key(WORD_problem_setting_unknown), "problem.setting_unknown");
    assert_string_equal(words_key(WORD_NONE), "");
}

static void chooses_the_plural(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    static const struct {
        int64_t count;
        const char *said;
    } cases[] = {
        {0, "{n} has 0 characters too many."},
        {1, "{n} has one character too many."},
        {2, "{n} has 2 characters too many."},
        {-1, "{n} has -1 characters too many."},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text said = words_say(arena, LANGUAGE_EN, WORD_problem_too_many_characters,
            WORD_ARGS(WORD_TEXT("about", TEXT("{n}")), WORD_NUMBER("count", cases[i].count)));
        assert_text(said, cases[i].said);
    }
}

static void leave_out_an_argument(void)
{
    BUFFER_CLEANUP out = BUFFER(1024);
    words_write(&out, LANGUAGE_EN, WORD_problem_setting_unknown, WORD_NO_ARGS);
}

static void path_of_another_host(void)
{
    url_path(TEXT("//evil.example/x"));
}

static void path_without_slash(void)
{
    url_path(TEXT("javascript:alert(1)"));
}

static void path_with_backslash(void)
{
    url_path(TEXT("/\\evil.example"));
}

static void path_with_line_end(void)
{
    url_path(TEXT("/\t/evil.example"));
}

static void path_that_is_good(void)
{
    url_path(TEXT("/requests/pr_1?next=%2F#numbers"));
}

static void aborts_at_our_own_defects(void **state)
{
    (void)state;
    static const struct {
        void (*run)(void);
        int signal;
    } cases[] = {
        {leave_out_an_argument, SIGABRT},
        {path_of_another_host, SIGABRT},
        {path_without_slash, SIGABRT},
        {path_with_backslash, SIGABRT},
        {path_with_line_end, SIGABRT},
        {path_that_is_good, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
            signal(SIGABRT, SIG_DFL);
            assert_non_null(freopen("/dev/null", "w", stderr));
            cases[i].run();
            _exit(0);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, cases[i].signal);
    }
}

static void keeps_the_first_problem(void **state)
{
    (void)state;
    struct problem problem = {0};
    assert_false(
        problem_set(&problem, PROBLEM_INPUT, WORD_problem_field_long, "name", "the name", "%d bytes", 70));
    assert_false(problem_internal(&problem, "second"));
    assert_false(problem_set(&problem, PROBLEM_LATER, WORD_problem_later, NULL, NULL, NULL));
    assert_int_equal(problem.kind, PROBLEM_INPUT);
    assert_string_equal(problem.field, "name");
    assert_string_equal(problem.detail, "70 bytes");
    BUFFER_CLEANUP out = BUFFER(1024);
    problem_say(&out, LANGUAGE_EN, &problem);
    assert_text(buffer_view(&out), "The field the name is longer than we can take.");
    assert_false(problem_set(NULL, PROBLEM_LATER, WORD_problem_later, NULL, NULL, NULL));
    assert_false(problem_internal(NULL, "nobody asks"));
}

static void cuts_between_code_points(void **state)
{
    (void)state;
    char longest[1024];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(longest, 'a', shift);
        for (size_t i = shift; i + 3 < sizeof longest; i += 3) {
            memcpy(longest + i, "\xe2\x82\xac", 4);
        }
        struct problem problem = {0};
        problem_set(&problem, PROBLEM_INPUT, WORD_problem_later, longest, longest, "%s", longest);
        assert_true(
            text_is_utf8(text_from(problem.field)) && strlen(problem.field) >= sizeof problem.field - 3);
        assert_true(
            text_is_utf8(text_from(problem.about)) && strlen(problem.about) >= sizeof problem.about - 3);
        assert_true(
            text_is_utf8(text_from(problem.detail)) && strlen(problem.detail) >= sizeof problem.detail - 3);
    }
}

static void has_a_status_for_each_kind(void **state)
{
    (void)state;
    static const int statuses[] = {200, 422, 400, 401, 403, 404, 409, 413, 429, 502, 503, 500};
    for (size_t i = 0; i < COUNT(statuses); i++) {
        assert_int_equal(problem_status((enum problem_kind)i), statuses[i]);
    }
}

static void escapes_html(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"},
        {"\" onload=\"", "&quot; onload=&quot;"},
        {"AT&T", "AT&amp;T"},
        {"&amp;", "&amp;amp;"},
        {"\xc3\xa9\xe2\x80\xa8", "\xc3\xa9\xe2\x80\xa8"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        BUFFER_CLEANUP out = BUFFER(1024);
        struct text in = text_from(cases[i].in);
        HTML_VALUE(&out, in);
        HTML_VALUE(&out, cases[i].in);
        ARENA_CLEANUP arena = arena_new(4096);
        struct text twice = text_format(arena, "%s%s", cases[i].out, cases[i].out);
        assert_true(text_equal(buffer_view(&out), twice));
    }
    BUFFER_CLEANUP out = BUFFER(1024);
    HTML_VALUE(&out, INT64_C(-5));
    HTML_VALUE(&out, 6);
    HTML_VALUE(&out, UINT32_MAX);
    html_word(&out, LANGUAGE_EN, WORD_problem_setting_unknown, WORD_ARGS(WORD_TEXT("about", TEXT("<i>"))));
    assert_text(buffer_view(&out), "-564294967295There is no setting called &lt;i&gt;.");
}

static void lets_only_web_addresses_out(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        bool good;
    } cases[] = {
        {"https://example.com/a?b=c&d", true},
        {"HTTP://example.com", true},
        {"javascript:alert(1)", false},
        {" https://example.com", false},
        {"java\nscript:alert(1)", false},
        {"https://example.com/\x01", false},
        {"https://\xff", false},
        {"data:text/html,x", false},
        {"//example.com", false},
        {"https:example.com", false},
        {"", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_text(url_outside(text_from(cases[i].in)).text, cases[i].good ? cases[i].in : "#");
    }
    BUFFER_CLEANUP out = BUFFER(1024);
    html_url(&out, url_outside(TEXT("https://example.com/?a=\"&b='")));
    assert_text(buffer_view(&out), "https://example.com/?a=&quot;&amp;b=&#39;");
    ARENA_CLEANUP arena = arena_new(4096);
    assert_text(url_pathf(arena, "/requests/%s", "pr_1").text, "/requests/pr_1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_numbers_and_texts),
        cmocka_unit_test(chooses_the_plural),
        cmocka_unit_test(aborts_at_our_own_defects),
        cmocka_unit_test(keeps_the_first_problem),
        cmocka_unit_test(cuts_between_code_points),
        cmocka_unit_test(has_a_status_for_each_kind),
        cmocka_unit_test(escapes_html),
        cmocka_unit_test(lets_only_web_addresses_out),
    };
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
