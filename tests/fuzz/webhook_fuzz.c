/* A webhook as anybody may send it: a line with the query, a line with the signature, and the body. Only what was signed is
 * valid, and a body that is taken names a port. */
#include <stdint.h>
#include <stdlib.h>

#include "carriers/twilio.h"
#include "carriers/twilio_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ARENA_CLEANUP arena = arena_new((size_t)16 * 1024 * 1024);
    struct text body = {(const char *)bytes, len}, query = TEXT_EMPTY, signature = TEXT_EMPTY,
                ref = TEXT_EMPTY;
    struct problem problem = {0};
    text_next(&body, '\n', &query);
    text_next(&body, '\n', &signature);
    struct text url =
        text_format(arena, "https://mycompany.com/myapp.php?%.*s", TEXT_ARG(text_part(query, 0, 8000)));
    enum webhook_signature result = twilio_check_signature(TEXT("12345"), url, body, signature);
    if ((result == WEBHOOK_SIGNATURE_MISSING) != !signature.len)
        abort();
    /* A valid one names the body's hash in the query. */
    if (result == WEBHOOK_SIGNATURE_VALID && text_find(query, TEXT("bodySHA256="), 0) == SIZE_MAX)
        abort();
    bool taken = twilio_read_webhook(body, arena, &ref, &problem);
    if (taken ? !twilio_is_sid(ref, "KW") : problem.kind != PROBLEM_SYNTAX)
        abort();
    return 0;
}
