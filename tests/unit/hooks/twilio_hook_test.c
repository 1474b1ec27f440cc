/* Twilio's webhooks: who may knock, what is kept, and that a hint makes the order be read again. */
#include "../porting/bench.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include "carriers/twilio_wire.h"
#include "fake_carrier.h"
#include "hooks/twilio_hook.h"

#define AUTH_TOKEN "a-secret-token"
#define KW "KW0123456789abcdef0123456789abcdef"
#define BODY "{\"port_in_request_sid\":\"" KW "\",\"status\":\"Completed\"}"

static struct carrier_api api; /* the fake carrier, but with Twilio's events */

static int setup(void **state)
{
    bench_setup(state);
    struct bench *bench = *state;
    api = fake_carrier_api;
    api.webhook_ref = twilio_read_webhook;
    bench->porting.gaining = &api;
    return 0;
}

static struct text sign(struct arena *arena, struct text url)
{
    unsigned char mac[20];
    unsigned len = 0;
    assert_non_null(HMAC(
        EVP_sha1(), AUTH_TOKEN, (int)strlen(AUTH_TOKEN), (const unsigned char *)url.at, url.len, mac, &len));
    return text_base64(arena, mac, len);
}

static struct text query_of(struct arena *arena, const char *body)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)body, strlen(body));
    return text_format(arena, "bodySHA256=%.*s", TEXT_ARG(text_hex(arena, hash, sizeof hash)));
}

static struct text token_of(struct bench *bench)
{
    return connection_hook_token(bench->vault, id_text(&bench->connection), bench->arena);
}

static struct text address_of(struct bench *bench)
{
    return text_format(
        bench->arena, "%.*s/hooks/twilio/%.*s", TEXT_ARG(bench->porting.base_url), TEXT_ARG(token_of(bench)));
}

static bool take(struct bench *bench, const char *body, struct problem *problem)
{
    return twilio_hook_take(
        &bench->porting, token_of(bench), TEXT_EMPTY, TEXT_EMPTY, text_from(body), bench->arena, problem);
}

static void the_address_is_a_secret_that_stays(void **state)
{
    struct bench *bench = *state;
    struct text token = token_of(bench);
    assert_text(token, token_of(bench).at);
    assert_int_equal(token.len, 32);
    char other[33];
    memcpy(other, token.at, sizeof other);
    other[31] = other[31] == '0' ? '1' : '0';
    const struct text wrong[] = {TEXT_EMPTY, TEXT("0"), text_from(other), text_part(token, 0, 31),
        text_format(bench->arena, "%.*s0", TEXT_ARG(token))};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct problem problem = {0};
        assert_false(twilio_hook_take(
            &bench->porting, wrong[i], TEXT_EMPTY, TEXT_EMPTY, TEXT(BODY), bench->arena, &problem));
        assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    }
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM inbound_event"), 0);
}

/* Twilio signs the address now with the port, now without it. */
static void signatures_stand_for_both_ways_to_write_the_port(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *base, *signed_base;
        bool right;
    } cases[] = {
        {"https://desk.example", "https://desk.example", true},
        {"https://desk.example", "https://desk.example:443", true},
        {"https://desk.example:443", "https://desk.example", true},
        {"https://desk.example:8443", "https://desk.example:8443", true},
        {"https://desk.example:8443", "https://desk.example", true},
        {"http://desk.example", "http://desk.example:80", true},
        {"https://[::1]", "https://[::1]:443", true},
        {"https://[::1]:8443", "https://[::1]", true},
        {"https://desk.example", "https://desk.example:80", false},
        {"https://desk.example", "http://desk.example", false},
        {"https://desk.example", "https://other.example", false},
        {"https://desk.example:8443", "https://desk.example:443", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {0};
        struct text token = token_of(bench);
        bench->porting.base_url = text_from(cases[i].base);
        struct text query = query_of(bench->arena, BODY);
        struct text url = text_format(bench->arena, "%s/hooks/twilio/%.*s?%.*s", cases[i].signed_base,
            TEXT_ARG(token), TEXT_ARG(query));
        bool taken = twilio_hook_take(
            &bench->porting, token, query, sign(bench->arena, url), TEXT(BODY), bench->arena, &problem);
        if (taken != cases[i].right || (!taken && problem.kind != PROBLEM_FORBIDDEN))
            fail_msg("%s signed as %s", cases[i].base, cases[i].signed_base);
    }
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM inbound_event WHERE signature = 'valid'"), 8);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM inbound_event"), 8);
}

static void what_was_altered_is_refused(void **state)
{
    struct bench *bench = *state;
    struct text query = query_of(bench->arena, BODY);
    struct text url = text_format(bench->arena, "%.*s?%.*s", TEXT_ARG(address_of(bench)), TEXT_ARG(query));
    struct text right = sign(bench->arena, url);
    const struct {
        struct text query, signature, body;
    } cases[] = {
        {query, TEXT("AAAAAAAAAAAAAAAAAAAAAAAAAAA="), TEXT(BODY)},
        {query, right, TEXT(BODY " ")},
        {TEXT_EMPTY, right, TEXT(BODY)},
        {TEXT("bodySHA256=00"), right, TEXT(BODY)},
        {TEXT_EMPTY, sign(bench->arena, address_of(bench)), TEXT(BODY)},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct problem problem = {0};
        assert_false(twilio_hook_take(&bench->porting, token_of(bench), cases[i].query, cases[i].signature,
            cases[i].body, bench->arena, &problem));
        assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    }
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM inbound_event"), 0);
}

static void only_porting_events_are_kept(void **state)
{
    struct bench *bench = *state;
    static const char *const bodies[] = {
        "", "{}", "[]", "port_in_request_sid=1", "{\"port_in_request_sid\":7}"};
    for (size_t i = 0; i < COUNT(bodies); i++) {
        struct problem problem = {0};
        assert_false(take(bench, bodies[i], &problem));
        assert_int_equal(problem.kind, PROBLEM_SYNTAX);
    }
    struct problem problem = {0};
    assert_true(take(bench, BODY, &problem)); /* of a port that we do not know: taken, and nothing to do */
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM inbound_event"), 1);
    assert_int_equal(
        bench_number(
            bench, "SELECT count(*) FROM inbound_event WHERE signature = 'missing' AND account IS NULL"),
        1);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM job"), 0);
}

static void an_event_has_its_order_read_again(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    bench_submitted(bench, &bench->owner, "(415) 552-0134");
    assert_true(bench_run(bench));
    struct text due =
        text_format(bench->arena, "SELECT count(*) FROM job WHERE kind = 'order_sync' AND due <= %lld",
            (long long)clock_now(bench->clock));
    assert_int_equal(bench_number(bench, due.at), 0);
    struct text body = text_format(bench->arena, "{\"port_in_request_sid\":\"%s\"}", bench_port(bench)->ref);
    for (int i = 0; i < 3; i++) /* three of them are one reading */
        assert_true(take(bench, body.at, &problem));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM inbound_event WHERE account IS NOT NULL"), 3);
    assert_int_equal(bench_number(bench, due.at), 1);
}

/* Whoever has an address of their own cannot make others' orders be read. */
static void an_event_of_another_connection_moves_nothing(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct id other;
    struct connection_new from = {.kind = TEXT("twilio"),
        .label = TEXT("Birch"),
        .account_sid = TEXT("AC1123456789abcdef0123456789abcdef"),
        .secrets = {.secret = TEXT("another-token")}};
    assert_true(connection_add(&bench->porting, &bench->stranger, &from, bench_key(bench), &other, &problem));
    bench_submitted(bench, &bench->owner, "(415) 552-0134");
    assert_true(bench_run(bench));
    struct text body = text_format(bench->arena, "{\"port_in_request_sid\":\"%s\"}", bench_port(bench)->ref);
    struct text token = connection_hook_token(bench->vault, id_text(&other), bench->arena);
    assert_true(
        twilio_hook_take(&bench->porting, token, TEXT_EMPTY, TEXT_EMPTY, body, bench->arena, &problem));
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM inbound_event WHERE account IS NULL"), 1);
    /* And what one connection's token signs is wrong at another's address. */
    struct text url = text_format(bench->arena, "%.*s/hooks/twilio/%.*s?%.*s",
        TEXT_ARG(bench->porting.base_url), TEXT_ARG(token), TEXT_ARG(query_of(bench->arena, BODY)));
    assert_false(twilio_hook_take(&bench->porting, token, query_of(bench->arena, BODY),
        sign(bench->arena, url), TEXT(BODY), bench->arena, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
}

/* While credentials are being replaced, the carrier may sign by the old or the new token. */
static void both_tokens_sign_while_one_replaces_the_other(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct connection_secrets before = {.secret = TEXT("the-token-before")};
    struct connection_secrets now = {.secret = TEXT(AUTH_TOKEN)};
    struct text id = id_text(&bench->connection), query = query_of(bench->arena, BODY);
    struct text url = text_format(bench->arena, "%.*s?%.*s", TEXT_ARG(address_of(bench)), TEXT_ARG(query));
    for (int i = 0; i < 2; i++) {
        assert_true(connection_rotate(
            &bench->porting, &bench->team, id, i ? &now : &before, bench_key(bench), &problem));
        assert_true(twilio_hook_take(&bench->porting, token_of(bench), query, sign(bench->arena, url),
            TEXT(BODY), bench->arena, &problem));
    }
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM inbound_event WHERE signature = 'valid'"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_address_is_a_secret_that_stays, setup, bench_teardown),
        cmocka_unit_test_setup_teardown(
            signatures_stand_for_both_ways_to_write_the_port, setup, bench_teardown),
        cmocka_unit_test_setup_teardown(what_was_altered_is_refused, setup, bench_teardown),
        cmocka_unit_test_setup_teardown(only_porting_events_are_kept, setup, bench_teardown),
        cmocka_unit_test_setup_teardown(an_event_has_its_order_read_again, setup, bench_teardown),
        cmocka_unit_test_setup_teardown(an_event_of_another_connection_moves_nothing, setup, bench_teardown),
        cmocka_unit_test_setup_teardown(both_tokens_sign_while_one_replaces_the_other, setup, bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
