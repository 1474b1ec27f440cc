#include "people/webauthn.h"

#include <sodium.h>
#include <string.h>

#include "base/json.h"

#define HASH crypto_hash_sha256_BYTES
#define AUTH_DATA_HEAD ((size_t)(HASH + 1 + 4))
#define AAGUID ((size_t)16)
#define CHALLENGE_CHARACTERS_MAX ((size_t)128)

enum {
    FLAG_PRESENT = 0x01,
    FLAG_VERIFIED = 0x04,
    FLAG_BACKUP_ELIGIBLE = 0x08,
    FLAG_BACKED_UP = 0x10,
    FLAG_CREDENTIAL = 0x40,
    FLAG_EXTENSIONS = 0x80
};

static bool refuse(struct problem *problem, const char *why)
{
    return problem_set(problem, PROBLEM_INPUT, WORD_passkey_refused, NULL, NULL, "passkey: %s", why);
}

/* Only digits and dots, or an IPv6 address in brackets: no name that a passkey could be bound to. */
static bool is_bare_address(struct text host)
{
    for (size_t i = 0; i < host.len; i++) {
        if ((host.at[i] < '0' || host.at[i] > '9') && host.at[i] != '.') {
            return host.at[0] == '[';
        }
    }
    return true;
}

bool webauthn_rp_from(struct arena *arena, struct text base_url, struct webauthn_rp *ret)
{
    const struct text https = TEXT("https://"), http = TEXT("http://");
    struct text lower = text_lower(arena, base_url);
    bool is_https = text_starts(lower, https);
    if (!is_https && !text_starts(lower, http)) {
        return false;
    }
    struct text scheme = is_https ? https : http;
    struct text rest = text_part(lower, scheme.len, SIZE_MAX);
    size_t slash = text_find_char(rest, '/', 0);
    struct text authority = text_part(rest, 0, slash);
    size_t colon = text_starts(authority, TEXT("[")) ? SIZE_MAX : text_find_char(authority, ':', 0);
    struct text host = text_part(authority, 0, colon);
    struct text port = colon == SIZE_MAX ? TEXT_EMPTY : text_part(authority, colon + 1, SIZE_MAX);
    if (is_bare_address(host) || text_find_char(authority, '@', 0) != SIZE_MAX ||
        (!is_https && !text_is(host, "localhost") && !text_ends(host, TEXT(".localhost")))) {
        return false;
    }
    bool usual = port.len == 0 || text_is(port, is_https ? "443" : "80");
    *ret = (struct webauthn_rp){.id = text_copy(arena, host),
        .origin = text_format(arena, "%.*s%.*s%s%.*s", TEXT_ARG(scheme), TEXT_ARG(host), usual ? "" : ":",
            TEXT_ARG(usual ? TEXT_EMPTY : port))};
    return true;
}

/* Id of the model, length, id of the credential, its key. */
static bool credential_take(struct cbor *rest, struct webauthn_auth_data *data)
{
    if (rest->left < AAGUID + 2) {
        return false;
    }
    size_t len = (size_t)rest->at[AAGUID] << 8 | rest->at[AAGUID + 1];
    rest->at += AAGUID + 2;
    rest->left -= AAGUID + 2;
    if (len == 0 || len > WEBAUTHN_CREDENTIAL_MAX || len > rest->left) {
        return false;
    }
    data->credential = (struct text){(const char *)rest->at, len};
    rest->at += len;
    rest->left -= len;
    return cose_key_take(rest, &data->key);
}

static bool extensions_skip(struct cbor *rest)
{
    struct cbor look = *rest;
    struct cbor_item map;
    return cbor_take(&look, CBOR_MAP, &map) && cbor_skip(rest);
}

bool webauthn_auth_data_read(struct text bytes, struct webauthn_auth_data *ret)
{
    struct cbor rest = cbor_over(bytes);
    if (bytes.len < AUTH_DATA_HEAD || bytes.len > WEBAUTHN_AUTH_DATA_MAX) {
        return false;
    }
    unsigned flags = rest.at[HASH];
    const unsigned char *count = rest.at + HASH + 1;
    struct webauthn_auth_data data = {.rp_hash = text_part(bytes, 0, HASH),
        .present = (flags & FLAG_PRESENT) != 0,
        .verified = (flags & FLAG_VERIFIED) != 0,
        .backup_eligible = (flags & FLAG_BACKUP_ELIGIBLE) != 0,
        .backed_up = (flags & FLAG_BACKED_UP) != 0,
        .counter = (uint32_t)count[0] << 24 | (uint32_t)count[1] << 16 | (uint32_t)count[2] << 8 |
                   (uint32_t)count[3],
        .has_credential = (flags & FLAG_CREDENTIAL) != 0,
        .credential = TEXT_EMPTY};
    rest.at += AUTH_DATA_HEAD;
    rest.left -= AUTH_DATA_HEAD;
    if ((data.backed_up && !data.backup_eligible) ||
        (data.has_credential && !credential_take(&rest, &data)) ||
        ((flags & FLAG_EXTENSIONS) != 0 && !extensions_skip(&rest)) || rest.left > 0) {
        return false;
    }
    *ret = data;
    return true;
}

bool webauthn_attestation_read(struct text bytes, struct text *ret_auth_data)
{
    struct cbor rest = cbor_over(bytes);
    struct cbor_item map, key, value;
    struct text auth_data = TEXT_EMPTY;
    bool format = false, statement = false, data = false;
    if (bytes.len > WEBAUTHN_ATTESTATION_MAX || !cbor_take(&rest, CBOR_MAP, &map) || map.number != 3) {
        return false;
    }
    for (int i = 0; i < 3; i++) {
        if (!cbor_take(&rest, CBOR_TEXT, &key)) {
            return false;
        }
        if (text_is(key.bytes, "fmt") && !format) {
            format = cbor_take(&rest, CBOR_TEXT, &value);
        } else if (text_is(key.bytes, "attStmt") && !statement) {
            struct cbor look = rest;
            statement = cbor_take(&look, CBOR_MAP, &value) && cbor_skip(&rest);
        } else if (text_is(key.bytes, "authData") && !data) {
            data = cbor_take(&rest, CBOR_BYTES, &value);
            auth_data = data ? value.bytes : TEXT_EMPTY;
        } else {
            return false;
        }
    }
    if (!format || !statement || !data || rest.left > 0) {
        return false;
    }
    *ret_auth_data = auth_data;
    return true;
}

static struct text member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_string(value) ? (struct text){json_string_value(value), json_string_length(value)}
                                 : TEXT_EMPTY;
}

static json_t *client_parse(struct text client_data)
{
    json_t *value = NULL;
    if (!json_parse(client_data, WEBAUTHN_CLIENT_DATA_MAX, &value, NULL)) {
        return NULL;
    }
    if (!json_is_object(value)) {
        json_decref(value);
        return NULL;
    }
    return value;
}

bool webauthn_client_check(struct text client_data, const char *ceremony, struct text challenge,
    struct text origin, struct problem *problem)
{
    JSON_CLEANUP client = client_parse(client_data);
    if (client == NULL) {
        return refuse(problem, "client data is no JSON object");
    }
    const json_t *crossed = json_object_get(client, "crossOrigin");
    if (!text_is(member(client, "type"), ceremony)) {
        return refuse(problem, "of another ceremony");
    }
    if (challenge.len == 0 || !text_equal_secret(member(client, "challenge"), challenge)) {
        return refuse(problem, "of another challenge");
    }
    if (!text_equal(member(client, "origin"), origin)) {
        return refuse(problem, "of another origin");
    }
    if ((crossed != NULL && !json_is_false(crossed)) || json_object_get(client, "topOrigin") != NULL) {
        return refuse(problem, "made in a frame of another site");
    }
    return true;
}

bool webauthn_client_challenge(struct arena *arena, struct text client_data, struct text *ret)
{
    JSON_CLEANUP client = client_parse(client_data);
    struct text challenge = client != NULL ? member(client, "challenge") : TEXT_EMPTY;
    if (challenge.len == 0 || challenge.len > CHALLENGE_CHARACTERS_MAX) {
        return false;
    }
    for (size_t i = 0; i < challenge.len; i++) {
        char c = challenge.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                c == '_')) {
            return false;
        }
    }
    *ret = text_copy(arena, challenge);
    return true;
}

/* What both ceremonies want of the authenticator data. */
static bool auth_data_check(
    const struct webauthn_rp *rp, const struct webauthn_auth_data *data, struct problem *problem)
{
    unsigned char hash[HASH];
    crypto_hash_sha256(hash, (const unsigned char *)rp->id.at, rp->id.len);
    if (data->rp_hash.len != HASH || memcmp(data->rp_hash.at, hash, HASH) != 0) {
        return refuse(problem, "for another host");
    }
    if (!data->present || !data->verified) {
        return refuse(problem, "the person was not asked");
    }
    return true;
}

bool webauthn_register(const struct webauthn_rp *rp, struct text challenge,
    const struct webauthn_registration *registration, struct webauthn_credential *ret,
    struct problem *problem)
{
    struct text bytes;
    struct webauthn_auth_data data;
    if (!webauthn_client_check(
            registration->client_data, "webauthn.create", challenge, rp->origin, problem)) {
        return false;
    }
    if (!webauthn_attestation_read(registration->attestation, &bytes)) {
        return refuse(problem, "attestation object");
    }
    if (!webauthn_auth_data_read(bytes, &data) || !data.has_credential) {
        return refuse(problem, "authenticator data");
    }
    if (!auth_data_check(rp, &data, problem)) {
        return false;
    }
    *ret = (struct webauthn_credential){.id = data.credential,
        .key = data.key,
        .counter = data.counter,
        .backup_eligible = data.backup_eligible,
        .backed_up = data.backed_up};
    return true;
}

bool webauthn_assert(const struct webauthn_rp *rp, struct text challenge,
    const struct webauthn_credential *was, const struct webauthn_assertion *assertion, uint32_t *ret_counter,
    bool *ret_backed_up, struct problem *problem)
{
    struct webauthn_auth_data data;
    unsigned char message[WEBAUTHN_AUTH_DATA_MAX + HASH];
    if (!webauthn_client_check(assertion->client_data, "webauthn.get", challenge, rp->origin, problem)) {
        return false;
    }
    if (!webauthn_auth_data_read(assertion->auth_data, &data) || data.has_credential) {
        return refuse(problem, "authenticator data");
    }
    if (!auth_data_check(rp, &data, problem)) {
        return false;
    }
    if (data.backup_eligible != was->backup_eligible) {
        return refuse(problem, "another kind than was registered");
    }
    memcpy(message, assertion->auth_data.at, assertion->auth_data.len);
    crypto_hash_sha256(message + assertion->auth_data.len, (const unsigned char *)assertion->client_data.at,
        assertion->client_data.len);
    struct text signed_text = {(const char *)message, assertion->auth_data.len + HASH};
    if (!cose_key_verify(&was->key, signed_text, assertion->signature)) {
        return refuse(problem, "signature");
    }
    *ret_counter = data.counter;
    *ret_backed_up = data.backed_up;
    return true;
}

bool webauthn_counter_follows(uint32_t was, uint32_t is)
{
    return (was == 0 && is == 0) || is > was;
}
