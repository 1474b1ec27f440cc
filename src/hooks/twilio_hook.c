#include "hooks/twilio_hook.h"

#include "base/metrics.h"
#include "carriers/twilio.h"
#include "porting/connection.h"

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

/* By one of the tokens: while credentials are being replaced, both may sign. */
static enum webhook_signature check_by(
    struct arena *arena, struct text token, struct text url, struct text signature, struct text body)
{
    enum webhook_signature result = twilio_check_signature(token, url, body, signature);
    if (result == WEBHOOK_SIGNATURE_WRONG)
        result = twilio_check_signature(token, with_other_port(arena, url), body, signature);
    return result;
}

/* With an API key, and without the account's token beside it, nobody can check a signature: it counts as missing. */
static enum webhook_signature check(const struct connection_hook *hook, struct arena *arena, struct text url,
    struct text signature, struct text body)
{
    enum webhook_signature result = WEBHOOK_SIGNATURE_MISSING;
    for (size_t i = 0; i < 2 && result != WEBHOOK_SIGNATURE_VALID; i++)
        if (hook->tokens[i].len)
            result = check_by(arena, hook->tokens[i], url, signature, body);
    return result;
}

static struct text url_of(
    const struct porting *porting, struct arena *arena, struct text token, struct text query)
{
    return text_format(arena, "%.*s/hooks/twilio/%.*s%s%.*s", TEXT_ARG(porting->base_url), TEXT_ARG(token),
        query.len ? "?" : "", TEXT_ARG(query));
}

static bool take(struct porting *porting, struct text token, struct text query, struct text signature,
    struct text body, struct arena *arena, struct problem *problem, size_t *ret_verdict)
{
    struct connection_hook hook;
    struct problem why = {0};
    if (!connection_of_hook(porting, token, arena, &hook, &why)) {
        *ret_verdict = why.kind == PROBLEM_NOT_FOUND ? WEBHOOK_ADDRESS : WEBHOOK_FAILED;
        *problem = why;
        return false;
    }
    enum webhook_signature result =
        check(&hook, arena, url_of(porting, arena, token, query), signature, body);
    if (result == WEBHOOK_SIGNATURE_WRONG) {
        *ret_verdict = WEBHOOK_WRONG;
        return problem_set(
            problem, PROBLEM_FORBIDDEN, WORD_problem_forbidden, NULL, NULL, "webhook with a wrong signature");
    }
    bool valid = result == WEBHOOK_SIGNATURE_VALID;
    struct order_event event = {TEXT("twilio"), hook.id, body, valid ? TEXT("valid") : TEXT("missing")};
    bool taken = order_webhook(porting, &event, arena, &why);
    *ret_verdict = taken && valid               ? WEBHOOK_VALID
                   : taken                      ? WEBHOOK_UNSIGNED
                   : why.kind == PROBLEM_SYNTAX ? WEBHOOK_MALFORMED
                                                : WEBHOOK_FAILED;
    if (!taken)
        *problem = why;
    return taken;
}

bool twilio_hook_take(struct porting *porting, struct text token, struct text query, struct text signature,
    struct text body, struct arena *arena, struct problem *problem)
{
    size_t verdict = WEBHOOK_FAILED;
    bool taken = take(porting, token, query, signature, body, arena, problem, &verdict);
    metric_add(METRIC_WEBHOOKS, METRIC_AT(verdict), 1);
    return taken;
}
