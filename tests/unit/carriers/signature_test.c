/* X-Twilio-Signature of a JSON webhook, with the vectors of Twilio's own libraries. */
#include "../base/unit.h"

#include "carriers/twilio.h"

#define URL "https://mycompany.com/myapp.php?foo=1&bar=2"
#define HASH "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
#define BODY "{\"property\": \"value\", \"boolean\": true}"
#define RIGHT "a9nBmqA0ju/hNViExpshrM61xv4="

static void signatures_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *token, *url, *body, *signature;
        enum webhook_signature result;
    } cases[] = {
        {"12345", URL "&bodySHA256=" HASH, BODY, RIGHT, WEBHOOK_SIGNATURE_VALID},
        {"12345", URL "&bodySHA256=" HASH, BODY, "", WEBHOOK_SIGNATURE_MISSING},
        /* Each part altered. */
        {"12346", URL "&bodySHA256=" HASH, BODY, RIGHT, WEBHOOK_SIGNATURE_WRONG},
        {"", URL "&bodySHA256=" HASH, BODY, RIGHT, WEBHOOK_SIGNATURE_WRONG},
        {"12345", URL "&baz=1&bodySHA256=" HASH, BODY, RIGHT, WEBHOOK_SIGNATURE_WRONG},
        {"12345", URL "&bodySHA256=" HASH, BODY " ", RIGHT, WEBHOOK_SIGNATURE_WRONG},
        {"12345", URL "&bodySHA256=" HASH, "", RIGHT, WEBHOOK_SIGNATURE_WRONG},
        {"12345", URL "&bodySHA256=" HASH, BODY, "a9nBmqA0ju/hNViExpshrM61xv5=", WEBHOOK_SIGNATURE_WRONG},
        {"12345", URL "&bodySHA256=" HASH, BODY, "a9nBmqA0ju/hNViExpshrM61xv4", WEBHOOK_SIGNATURE_WRONG},
        {"12345", URL "&bodySHA256=" HASH, BODY, "\xff\xff", WEBHOOK_SIGNATURE_WRONG},
        /* The right signature of an address that does not name the body: any body would pass. */
        {"12345", URL, BODY, "zYQTYrRWXE7LtzbG4PfP7/bkkGo=", WEBHOOK_SIGNATURE_WRONG},
        {"12345", URL "#bodySHA256=" HASH, BODY, RIGHT, WEBHOOK_SIGNATURE_WRONG},
        /* The form variant's vector is none of a JSON webhook. */
        {"12345", URL, "CallSid=CA1234567890ABCDE", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", WEBHOOK_SIGNATURE_WRONG},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum webhook_signature result = twilio_check_signature(text_from(cases[i].token),
            text_from(cases[i].url), text_from(cases[i].body), text_from(cases[i].signature));
        if (result != cases[i].result)
            fail_msg("case %zu: %d", i, result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(signatures_are_told_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
