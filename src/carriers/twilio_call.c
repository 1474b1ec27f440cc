#include "carriers/twilio_call.h"

#include "base/trace.h"

#define WORDS_MAX 300 /* code points of an error that are kept */

struct twilio_call twilio_call_of(
    const struct carrier *carrier, size_t operation, const char *method, struct text url)
{
    struct twilio_call call = {.operation = operation,
        .http = {.method = method, .url = url, .user = carrier->user, .password = carrier->secret}};
    /* Of no use to Twilio but when they look into their logs for us; the sandbox carrier writes it to its own. */
    if (trace_get().len)
        call.http.headers[0] = (struct http_pair){TEXT("X-Request-Id"), trace_get()};
    return call;
}

/* An error may repeat what was sent: with a secret in it, its words are left out. */
static bool repeats_secret(const struct carrier *carrier, const struct port_order *order, struct text words)
{
    const struct text secrets[] = {carrier->secret, carrier->basic, order ? order->pin : TEXT_EMPTY,
        order ? order->account_number : TEXT_EMPTY};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        if (secrets[i].len && text_find(words, secrets[i], 0) != SIZE_MAX)
            return true;
    return false;
}

/* What an answer outside 2xx means: 401/403 are our credentials, which the operator mends, so nobody's port is refused for them;
 * 404 is gone, 429 and 5xx may pass, all else stays. */
bool twilio_refuse(const struct carrier *carrier, const struct twilio_call *call, struct arena *arena,
    const struct http_answer *answer, struct problem *problem)
{
    struct text message;
    int64_t code = twilio_read_error(arena, answer->body, &message);
    if (repeats_secret(carrier, call->order, message))
        message = TEXT("refused; its words repeat a secret");
    message = text_clip(message, WORDS_MAX);
    enum problem_kind kind = PROBLEM_UPSTREAM;
    enum word word = WORD_carrier_refused;
    if (answer->status == 401 || answer->status == 403) {
        kind = PROBLEM_LATER;
        word = WORD_carrier_credentials;
    } else if (answer->status == 404) {
        kind = PROBLEM_NOT_FOUND;
        word = WORD_carrier_gone;
    } else if (answer->status == 429) {
        kind = PROBLEM_LATER;
        word = WORD_carrier_rests;
    } else if (answer->status >= 500) {
        kind = PROBLEM_LATER;
        word = WORD_carrier_unreachable;
    } else if (code == 22137)
        kind = PROBLEM_CONFLICT;
    return problem_set(problem, kind, word, NULL, NULL, "twilio: HTTP %d, code %lld: %.*s", answer->status,
        (long long)code, TEXT_ARG(message));
}

static size_t outcome_of(bool answered, int status, const struct problem *problem)
{
    if (!answered)
        return problem->kind == PROBLEM_LATER ? CARRIER_NO_ANSWER : CARRIER_BROKEN;
    if (status >= 200 && status < 300)
        return CARRIER_OK;
    if (status == 401 || status == 403)
        return CARRIER_UNAUTHORIZED;
    if (status == 429)
        return CARRIER_LIMITED;
    return status >= 400 && status < 500 ? CARRIER_REFUSED : CARRIER_ERROR;
}

bool twilio_call_out(struct carrier *carrier, const struct twilio_call *call, struct arena *arena,
    struct http_answer *ret, bool *ret_sent, struct problem *problem)
{
    struct problem why = {0};
    bool sent = false;
    if (ret_sent)
        *ret_sent = false;
    if (!pace_wait(&carrier->pace))
        return problem_set(problem, PROBLEM_LATER, WORD_carrier_rests, NULL, NULL,
            "twilio: it asked to be left alone for a while");
    int64_t began = metric_clock();
    bool answered = http_fetch(carrier->client, &call->http, arena, ret, &sent, &why);
    metric_observe(METRIC_CARRIER_DURATION, METRIC_AT(call->operation), metric_clock() - began);
    metric_add(METRIC_CARRIER_CALLS,
        METRIC_AT(call->operation, outcome_of(answered, answered ? ret->status : 0, &why)), 1);
    if (answered && (ret->status == 429 || (ret->status == 503 && ret->retry_after)))
        pace_rest(&carrier->pace, ret->retry_after * 1000000);
    if (ret_sent)
        *ret_sent = sent;
    /* What came was no answer of Twilio's, perhaps a proxy's: the next try may go better. */
    if (!answered && sent && why.kind == PROBLEM_UPSTREAM)
        why.kind = PROBLEM_LATER;
    if (!answered && problem && problem->kind == PROBLEM_NONE)
        *problem = why;
    return answered;
}

/* A call whose answer must be 2xx. */
bool twilio_call_ok(struct carrier *carrier, const struct twilio_call *call, struct arena *arena,
    struct http_answer *ret, bool *ret_sent, struct problem *problem)
{
    if (!twilio_call_out(carrier, call, arena, ret, ret_sent, problem))
        return false;
    if (ret->status >= 200 && ret->status < 300)
        return true;
    /* A refusal is an answer: nothing was made. A server error may hide a port that was. */
    if (ret_sent)
        *ret_sent = ret->status >= 500;
    return twilio_refuse(carrier, call, arena, ret, problem);
}
