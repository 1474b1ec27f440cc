/* Whose word about a client's address is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/proxies.h"

static void test_lists(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        int count; /* -1: refused */
    } cases[] = {{"", 0}, {"  ", 0}, {"10.0.0.0/8", 1}, {"10.0.0.0/8, ::1", 2},
        {"10.0.0.0/8,::1,192.0.2.7", 3}, {"0.0.0.0/0, ::/0", 2}, {"2001:db8::/32", 1},
        {"::ffff:10.0.0.0/104", 1}, {"10.0.0.1/8", -1}, {"10.0.0.0/33", -1}, {"::/129", -1},
        {"10.0.0.0/", -1}, {"10.0.0.0/-1", -1}, {"10.0.0.0/+8", -1}, {"10.0.0/8", -1}, {"10.0.0.0/8/8", -1},
        {"10.0.0.0/8,", 1}, {",10.0.0.0/8", -1}, {"10.0.0.0/8,,::1", -1}, {"localhost", -1},
        {"fe80::1%eth0", -1}, {"[::1]", -1}, {"10.0.0.1:80", -1}, {"true", -1}, {"2001:db8::1/32", -1},
        {"010.0.0.1", -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct proxies proxies = {.count = 7};
        struct problem problem = {0};
        bool good = proxies_parse(text_from(cases[i].list), &proxies, &problem);
        if (good != (cases[i].count >= 0) || (good && proxies.count != (size_t)cases[i].count)) {
            fail_msg("%s: %d, %zu", cases[i].list, good, proxies.count);
        }
        assert_true(good || (proxies.count == 7 && problem.kind == PROBLEM_INPUT));
    }
}

static void test_clients(void **state)
{
    (void)state;
    static const struct {
        const char *peer, *forwarded, *client;
    } cases[] = {
        /* Nobody else's word is taken. */
        {"203.0.113.9", "", "203.0.113.9"},
        {"203.0.113.9", "198.51.100.1", "203.0.113.9"},
        {"203.0.113.9", "10.0.0.1", "203.0.113.9"},
        /* One proxy: the last address is what it saw; those before are the client's own word. */
        {"10.0.0.1", "198.51.100.1", "198.51.100.1"},
        {"10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"},
        {"10.0.0.1", "6.6.6.6,198.51.100.1", "198.51.100.1"},
        {"::1", "2001:DB8:0:0::1", "2001:db8::1"},
        /* Two proxies. */
        {"10.0.0.1", "6.6.6.6, 198.51.100.1, 10.9.9.9", "198.51.100.1"},
        {"10.0.0.1", "198.51.100.1, 10.9.9.9, ::1", "198.51.100.1"},
        /* All of them trusted: the first one. */
        {"10.0.0.1", "10.0.0.7, 10.0.0.8", "10.0.0.7"},
        {"10.0.0.1", "", "10.0.0.1"},
        /* What is no address ends the walk. */
        {"10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"},
        {"10.0.0.1", "198.51.100.1, nonsense, 10.0.0.2", "10.0.0.2"},
        {"10.0.0.1", "198.51.100.1,", "10.0.0.1"},
        {"10.0.0.1", "198.51.100.1, ", "10.0.0.1"},
        {"10.0.0.1", ",,,,", "10.0.0.1"},
        {"10.0.0.1", "198.51.100.1:4711", "10.0.0.1"},
        {"10.0.0.1", "[2001:db8::1]", "10.0.0.1"},
        {"10.0.0.1", "1.2.3", "10.0.0.1"},
        {"10.0.0.1", "<script>", "10.0.0.1"},
        /* An IPv4 address in IPv6's clothes is itself. */
        {"::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"},
        {"10.0.0.1", "198.51.100.1, ::ffff:10.0.0.2", "198.51.100.1"},
        {"10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"},
    };
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct proxies proxies;
    assert_true(proxies_parse(TEXT("10.0.0.0/8, ::1"), &proxies, NULL));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text client =
            proxies_client(&proxies, arena, text_from(cases[i].peer), text_from(cases[i].forwarded));
        if (!text_is(client, cases[i].client)) {
            fail_msg("%s through %s: %.*s", cases[i].forwarded, cases[i].peer, TEXT_ARG(client));
        }
    }
    struct proxies none = {.count = 0};
    assert_true(text_is(proxies_client(&none, arena, TEXT("127.0.0.1"), TEXT("1.2.3.4")), "127.0.0.1"));
    assert_false(proxies_have(&none, TEXT("127.0.0.1")));
}

static void test_many_hops(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct proxies proxies;
    struct text list = TEXT("198.51.100.1");
    assert_true(proxies_parse(TEXT("10.0.0.0/8"), &proxies, NULL));
    for (int i = 0; i < 2 * PROXIES_HOPS_MAX; i++) {
        list = text_format(arena, "%.*s, 10.0.0.%d", TEXT_ARG(list), i + 1);
    }
    assert_true(text_starts(proxies_client(&proxies, arena, TEXT("10.0.0.1"), list), TEXT("10.")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists), cmocka_unit_test(test_clients), cmocka_unit_test(test_many_hops)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
