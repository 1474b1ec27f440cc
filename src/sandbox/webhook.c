#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "sandbox/delivery.h"

struct text webhook_url(struct arena *arena, struct text target, struct text body)
{
    unsigned char digest[32];
    unsigned len = 0;
    EVP_Digest(body.at, body.len, digest, &len, EVP_sha256(), NULL);
    bool has_query = text_find_char(target, '?', 0) != SIZE_MAX;
    return text_format(arena, "%.*s%cbodySHA256=%.*s", TEXT_ARG(target), has_query ? '&' : '?',
        TEXT_ARG(text_hex(arena, digest, sizeof digest)));
}

struct text webhook_signature(struct arena *arena, struct text auth_token, struct text url)
{
    unsigned char digest[20];
    unsigned len = 0;
    HMAC(
        EVP_sha1(), auth_token.at, (int)auth_token.len, (const unsigned char *)url.at, url.len, digest, &len);
    return text_base64(arena, digest, sizeof digest);
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
            {TEXT("X-Twilio-Signature"), webhook_signature(arena, sandbox->settings.auth_token, url)},
            {TEXT("I-Twilio-Idempotency-Token"), text_format(arena, "sandbox-%lld", (long long)delivery->id)},
        }};
    struct http_answer answer;
    if (!http_fetch(sandbox->client, &call, arena, &answer, NULL, problem))
        return false;
    *ret_status = answer.status;
    return true;
}
