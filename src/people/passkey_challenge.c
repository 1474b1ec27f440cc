/* Challenges, and what an authenticator knows a person by. */
#include <sodium.h>
#include <string.h>

#include "people/passkeys.h"

#define RANDOM ((size_t)16)
#define HEAD (8 + RANDOM) /* when, random */
#define MAC ((size_t)crypto_auth_hmacsha256_BYTES)
/* Another process's clock may be a little ahead. */
#define AHEAD CLOCK_MINUTE

void passkeys_init(struct passkeys *passkeys, struct arena *arena, const struct sessions *sessions,
    const struct vault *vault, struct text base_url)
{
    *passkeys = (struct passkeys){.sessions = sessions, .vault = vault};
    passkeys->available = webauthn_rp_from(arena, base_url, &passkeys->rp);
    vault_derive(vault, "passkey-challenge", passkeys->challenge_key);
    vault_derive(vault, "passkey-user", passkeys->user_key);
}

static void mac_add(crypto_auth_hmacsha256_state *state, struct text part)
{
    static const unsigned char end = 0;
    crypto_auth_hmacsha256_update(state, (const unsigned char *)part.at, part.len);
    crypto_auth_hmacsha256_update(state, &end, 1);
}

static void challenge_mac(const struct passkeys *passkeys, enum passkey_purpose purpose,
    struct text cookie_token, const unsigned char head[HEAD], unsigned char ret[MAC])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, passkeys->challenge_key, sizeof passkeys->challenge_key);
    mac_add(&state, purpose == PASSKEY_TO_ADD ? TEXT("add") : TEXT("sign-in"));
    mac_add(&state, cookie_token);
    crypto_auth_hmacsha256_update(&state, head, HEAD);
    crypto_auth_hmacsha256_final(&state, ret);
}

struct text passkey_challenge(const struct passkeys *passkeys, struct arena *arena,
    enum passkey_purpose purpose, struct text cookie_token)
{
    unsigned char bytes[HEAD + MAC];
    uint64_t now = (uint64_t)clock_now(passkeys->sessions->clock);
    for (size_t i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(now >> (8 * (7 - i)));
    }
    randombytes_buf(bytes + 8, RANDOM);
    challenge_mac(passkeys, purpose, cookie_token, bytes, bytes + HEAD);
    return text_base64url(arena, bytes, sizeof bytes);
}

bool passkey_challenge_is_good(const struct passkeys *passkeys, struct arena *arena,
    enum passkey_purpose purpose, struct text cookie_token, struct text challenge)
{
    unsigned char bytes[HEAD + MAC], mac[MAC];
    uint64_t made = 0;
    struct text decoded;
    if (cookie_token.len == 0 || !passkey_decode(arena, challenge, sizeof bytes, &decoded) ||
        decoded.len != sizeof bytes) {
        return false;
    }
    memcpy(bytes, decoded.at, sizeof bytes);
    challenge_mac(passkeys, purpose, cookie_token, bytes, mac);
    if (sodium_memcmp(mac, bytes + HEAD, MAC) != 0) {
        return false;
    }
    for (size_t i = 0; i < 8; i++) {
        made = made << 8 | bytes[i];
    }
    int64_t age = clock_now(passkeys->sessions->clock) - (int64_t)made;
    return age >= -AHEAD && age < PASSKEY_CHALLENGE_LIFE;
}

bool passkey_challenge_use(struct db_tx *tx, struct clock *clock, struct text challenge)
{
    int64_t now = clock_now(clock), added = 0;
    db_exec(tx, "DELETE FROM passkey_challenge WHERE at <= $1",
        DB_ARGS(db_int(now - PASSKEY_CHALLENGE_LIFE - AHEAD)));
    db_exec_changed(tx,
        "INSERT INTO passkey_challenge (challenge_hash, at) VALUES ($1, $2) ON CONFLICT (challenge_hash) DO"
        " NOTHING",
        DB_ARGS(db_text(token_hash(db_arena(tx), challenge)), db_int(now)), &added);
    if (db_ok(tx) && added == 0) {
        struct problem problem = {0};
        problem_set(
            &problem, PROBLEM_INPUT, WORD_passkey_refused, NULL, NULL, "passkey: challenge used before");
        return db_fail(tx, &problem);
    }
    return db_ok(tx);
}

struct text passkey_user_handle(
    const struct passkeys *passkeys, struct arena *arena, struct text account, struct text user)
{
    unsigned char mac[MAC];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, passkeys->user_key, sizeof passkeys->user_key);
    mac_add(&state, account);
    mac_add(&state, user);
    crypto_auth_hmacsha256_final(&state, mac);
    return text_base64url(arena, mac, sizeof mac);
}

bool passkey_decode(struct arena *arena, struct text base64url, size_t max, struct text *ret)
{
    size_t len = base64url.len / 4 * 3 + (base64url.len % 4 == 0 ? 0 : base64url.len % 4 - 1);
    if (base64url.len == 0 || base64url.len > max * 2 || base64url.len % 4 == 1 || len > max) {
        return false;
    }
    char *bytes = arena_alloc(arena, len + 1, 1);
    if (!text_unbase64url(base64url, bytes, len)) {
        return false;
    }
    *ret = (struct text){bytes, len};
    return true;
}
