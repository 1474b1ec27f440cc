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
