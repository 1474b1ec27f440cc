/* The scenario table, and the signature of webhooks by Twilio's own examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/delivery.h"
#include "sandbox/scenario.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void portability_goes_by_the_number(void **state)
{
    (void)state;
    static const struct {
        const char *number;
        bool portable, pin_needed;
        int code;
        const char *type, *country;
    } cases[] = {
        {"+14152010134", true, false, 0, "LOCAL", "US"},
        {"+14152010195", true, true, 0, "MOBILE", "US"},
        {"+14152010196", false, false, 22133, "LOCAL", "US"},
        {"+14152010197", false, false, 22136, "LOCAL", "US"},
        {"+14152010198", false, false, 22132, "LOCAL", "US"},
        {"+14152010199", false, false, 22130, "LOCAL", "US"},
        {"+18002010134", false, false, 22133, "TOLL-FREE", "US"},
        {"+14162010134", false, false, 22133, "LOCAL", "CA"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct portability_verdict verdict = scenario_portability(text_from(cases[i].number));
        assert_int_equal(verdict.portable, cases[i].portable);
        assert_int_equal(verdict.pin_needed, cases[i].pin_needed);
        assert_int_equal(verdict.code, cases[i].code);
        assert_string_equal(verdict.type, cases[i].type);
        assert_string_equal(verdict.country, cases[i].country);
        assert_int_equal(verdict.reason == NULL, verdict.portable);
    }
}

static void verdicts_go_by_the_data(void **state)
{
    (void)state;
    static const struct {
        const char *pin, *account, *street, *name, *reason;
    } cases[] = {
        {"1234", "942118306", "1180 Fillmore St", "Harbor & Pine", NULL},
        {"", "", "", "", NULL},
        {"0000", "942118306", "1180 Fillmore St", "Harbor & Pine", "INVALID_PIN"},
        {"00000", "942118306", "1180 Fillmore St", "Harbor & Pine", NULL},
        {"1234", "000118306", "1180 Fillmore St", "Harbor & Pine", "INVALID_ACCOUNT_NUMBER"},
        {"1234", "942118306", "PO Box 12", "Harbor & Pine", "INVALID_ADDRESS"},
        {"1234", "942118306", "1 Wrong Way", "Harbor & Pine", "INVALID_ADDRESS"},
        {"1234", "942118306", "11 Wrong Way", "Harbor & Pine", NULL},
        {"1234", "942118306", "1180 Fillmore St", "Wrong Name", "INVALID_END_USER_NAME"},
    };
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text reason = scenario_verdict(arena, text_from(cases[i].pin), text_from(cases[i].account),
            text_from(cases[i].street), text_from(cases[i].name));
        assert_true(text_equal(reason, text_from(cases[i].reason)));
        assert_true(!reason.len || rejection_code(reason) > 0);
    }
}

static void numbers_are_plus_one_and_ten_digits(void **state)
{
    (void)state;
    static const char *const good[] = {"+14152010134", "+12012000000"};
    static const char *const bad[] = {"", "14152010134", "+1415201013", "+141520101345", "+11152010134",
        "+14151010134", "+1415201013a", "+44415201013", "+1 415201013", "4152010134  "};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(number_ok(text_from(good[i])));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(number_ok(text_from(bad[i])));
}

static void webhooks_are_signed_as_twilio_does(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct text body = TEXT("{\"property\": \"value\", \"boolean\": true}");
    struct text url = webhook_url(arena, TEXT("https://example.com/hook"), body);
    assert_true(text_is(url, "https://example.com/hook?bodySHA256="
                             "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"));
    url = webhook_url(arena, TEXT("https://example.com/hook?a=1"), body);
    assert_true(text_starts(url, TEXT("https://example.com/hook?a=1&bodySHA256=0a1ff763")));
    /* The example of Twilio's documentation; its parameters stand behind the address there. */
    struct text signature = webhook_signature(arena, TEXT("12345"),
        TEXT("https://mycompany.com/"
             "myapp.php?foo=1&bar=2CallSidCA1234567890ABCDECaller+14158675309Digits1234From+"
             "14158675309To+18005551212"));
    assert_true(text_is(signature, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(portability_goes_by_the_number),
        cmocka_unit_test(verdicts_go_by_the_data),
        cmocka_unit_test(numbers_are_plus_one_and_ten_digits),
        cmocka_unit_test(webhooks_are_signed_as_twilio_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
