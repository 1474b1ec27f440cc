#include "sandbox/delivery.h"
#include "sandbox/fault.h"

#define OTHER_TOKEN TEXT("00000000000000000000000000000000")

/* As Twilio signs it, unless it is one that Twilio did not send. */
static struct text signature_of(
    const struct sandbox *sandbox, const struct delivery *delivery, struct arena *arena, struct text url)
{
    if (text_is(delivery->fault, fault_does_name(FAULT_FORGED_SIGNATURE)))
        return TEXT("c2lnbmVkIGJ5IG5vYm9keSBhdCBhbGw=");
    if (text_is(delivery->fault, fault_does_name(FAULT_FORGED_ACCOUNT)))
        return webhook_signature(arena, OTHER_TOKEN, url);
    return webhook_signature(arena, sandbox->settings.auth_token, url);
}

bool webhook_send(const struct sandbox *sandbox, const struct delivery *delivery, struct arena *arena,
    int *ret_status, struct problem *problem)
{
    struct text url = webhook_url(arena, delivery->target, delivery->body);
    struct http_call call = {.method = "POST",
        .url = url,
        .body = delivery->body,
        .content_type = TEXT("application/json"),
        .headers = {
            {TEXT("X-Twilio-Signature"), signature_of(sandbox, delivery, arena, url)},
            {TEXT("I-Twilio-Idempotency-Token"), text_format(arena, "sandbox-%lld", (long long)delivery->id)},
        }};
    struct http_answer answer;
    if (!http_fetch(sandbox->client, &call, arena, &answer, NULL, problem))
        return false;
    *ret_status = answer.status;
    return true;
}
