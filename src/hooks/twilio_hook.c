#include "hooks/twilio_hook.h"

#include "base/metrics.h"
#include "carriers/twilio.h"

void twilio_hook_init(
    struct twilio_hook *hook, struct porting *porting, const struct vault *vault, struct text auth_token)
{
    ARENA_CLEANUP arena = arena_new(4096);
    unsigned char key[32];
    *hook = (struct twilio_hook){.porting = porting, .auth_token = auth_token};
    vault_derive(vault, "twilio-hook", key);
    struct text hex = text_hex(arena, key, (TWILIO_HOOK_TOKEN - 1) / 2);
    for (size_t i = 0; i < hex.len; i++)
        hook->token[i] = hex.at[i];
}

struct text twilio_hook_url(const struct twilio_hook *hook, struct arena *arena)
{
    return text_format(arena, "%.*s/hooks/twilio/%s", TEXT_ARG(hook->porting->base_url), hook->token);
}

/* The same address with the port that its scheme implies written out, or without the one that it has: Twilio signs now one,
 * now the other. */
static struct text with_other_port(struct arena *arena, struct text url)
{
    bool secure = text_starts(url, TEXT("https://"));
    size_t host = secure ? 8 : 7;
    size_t slash = text_find_char(url, '/', host);
    size_t end = slash == SIZE_MAX ? url.len : slash;
    size_t bracket = text_find_char(text_part(url, 0, end), ']', host);
    size_t colon = text_find_char(text_part(url, 0, end), ':', bracket == SIZE_MAX ? host : bracket);
    struct text front = text_part(url, 0, colon == SIZE_MAX ? end : colon),
                rest = text_part(url, end, url.len);
    const char *port = secure ? ":443" : ":80";
    return text_format(arena, "%.*s%s%.*s", TEXT_ARG(front), colon == SIZE_MAX ? port : "", TEXT_ARG(rest));
}

static enum webhook_signature check(const struct twilio_hook *hook, struct arena *arena, struct text query,
    struct text signature, struct text body)
{
    struct text url = twilio_hook_url(hook, arena);
    if (query.len)
        url = text_format(arena, "%.*s?%.*s", TEXT_ARG(url), TEXT_ARG(query));
    enum webhook_signature result = twilio_check_signature(hook->auth_token, url, body, signature);
    if (result == WEBHOOK_SIGNATURE_WRONG)
        result = twilio_check_signature(hook->auth_token, with_other_port(arena, url), body, signature);
    return result;
}

static bool take(const struct twilio_hook *hook, struct text token, struct text query, struct text signature,
    struct text body, struct arena *arena, struct problem *problem, size_t *ret_verdict)
{
    if (!text_equal_secret(token, text_from(hook->token))) {
        *ret_verdict = WEBHOOK_ADDRESS;
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    }
    enum webhook_signature result = check(hook, arena, query, signature, body);
    if (result == WEBHOOK_SIGNATURE_WRONG) {
        *ret_verdict = WEBHOOK_WRONG;
        return problem_set(
            problem, PROBLEM_FORBIDDEN, WORD_problem_forbidden, NULL, NULL, "webhook with a wrong signature");
    }
    bool valid = result == WEBHOOK_SIGNATURE_VALID;
    struct problem why = {0};
    bool taken = order_webhook(hook->porting, TEXT("twilio"), body, valid ? "valid" : "missing", arena, &why);
    *ret_verdict = taken && valid               ? WEBHOOK_VALID
                   : taken                      ? WEBHOOK_UNSIGNED
                   : why.kind == PROBLEM_SYNTAX ? WEBHOOK_MALFORMED
                                                : WEBHOOK_FAILED;
    if (!taken && problem && problem->kind == PROBLEM_NONE)
        *problem = why;
    return taken;
}

bool twilio_hook_take(const struct twilio_hook *hook, struct text token, struct text query,
    struct text signature, struct text body, struct arena *arena, struct problem *problem)
{
    size_t verdict = WEBHOOK_FAILED;
    bool taken = take(hook, token, query, signature, body, arena, problem, &verdict);
    metric_add(METRIC_WEBHOOKS, METRIC_AT(verdict), 1);
    return taken;
}
