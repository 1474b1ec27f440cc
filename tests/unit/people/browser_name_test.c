/* Browsers as people know them again, and what strangers may send in their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "people/browser_name.h"

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *header, *name;
    } cases[] = {
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Firefox/Windows"},
        {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
            "Chrome/Linux"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
            "Edge/Windows"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
            "Safari/macOS"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari/iPhone"},
        {"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0 Mobile/15E148 Safari/604.1",
            "Chrome/iPad"},
        {"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
            "Chrome/Android"},
        {"Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
            "Samsung Internet/Android"},
        {"curl/7.88.1", "curl/"},
        {"SomeThing (Windows)", "/Windows"},
        {"", ""},
        {"<script>alert(1)</script>", ""},
        {"\xff\xfe\x01\r\nSet-Cookie: x", ""},
    };
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text name = browser_name(arena, text_from(cases[i].header));
        if (!text_is(name, cases[i].name)) {
            fail_msg("%s: %.*s", cases[i].header, TEXT_ARG(name));
        }
        assert_true(name.len <= BROWSER_NAME_MAX);
    }
    static char long_header[100000];
    memset(long_header, 'x', sizeof long_header);
    memcpy(long_header + sizeof long_header - 20, "Firefox/128 Windows", 19);
    assert_int_equal(browser_name(arena, (struct text){long_header, sizeof long_header}).len, 0);
    struct text browser, system;
    browser_name_split(TEXT("Firefox/Windows"), &browser, &system);
    assert_true(text_is(browser, "Firefox") && text_is(system, "Windows"));
    browser_name_split(TEXT(""), &browser, &system);
    assert_true(browser.len == 0 && system.len == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
