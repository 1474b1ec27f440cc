#include "sandbox/delivery.h"

bool webhook_send(const struct sandbox *sandbox, const struct delivery *delivery, struct arena *arena,
    int *ret_status, struct problem *problem)
{
    struct text url = webhook_url(arena, delivery->target, delivery->body);
    struct http_call call = {.method = "POST",
        .url = url,
        .body = delivery->body,
        .content_type = TEXT("application/json"),
        .headers = {
            {TEXT("X-Twilio-Signature"), webhook_signature(arena, sandbox->settings.auth_token, url)},
            {TEXT("I-Twilio-Idempotency-Token"), text_format(arena, "sandbox-%lld", (long long)delivery->id)},
        }};
    struct http_answer answer;
    if (!http_fetch(sandbox->client, &call, arena, &answer, NULL, problem))
        return false;
    *ret_status = answer.status;
    return true;
}
