/* The page on which a signer declines. Twilio has no status for that: the request ends as Canceled, and its
 * order_cancellation_reason says that the letter was declined, and why. */
#include "sandbox/letter.h"
#include "sandbox/machine.h"
#include "sandbox/signing.h"
#include "sandbox_pages.gen.h"

struct declining {
    struct signing *signing;
    struct text reason;
};

static bool store(struct db_tx *tx, void *context)
{
    const struct declining *declining = context;
    return machine_decline(tx, &declining->signing->port, declining->reason, declining->signing->at);
}

bool signing_decline(struct signing *signing, struct text reason, struct problem *problem)
{
    struct exchange *exchange = signing->exchange;
    struct declining declining = {.signing = signing,
        .reason =
            text_format(exchange->arena, "Signature request declined by the authorized representative%s%.*s",
                reason.len ? ": " : "", TEXT_ARG(reason))};
    if (!db_write(exchange->sandbox->db, store, &declining, problem))
        return false;
    sandbox_wake_all(exchange->sandbox);
    return true;
}

static void show(struct signing *signing, struct text reason, struct text error)
{
    struct exchange *exchange = signing->exchange;
    const struct port *port = &signing->port;
    struct view_decline view = {.representative = port->representative,
        .customer = port->customer_name,
        .reason = reason,
        .error = error,
        .count = (int64_t)letter_of(port, exchange->arena).number_count,
        .action = url_pathf(exchange->arena, "/sign/%.*s/decline", TEXT_ARG(port->sign_token)),
        .back = url_pathf(exchange->arena, "/sign/%.*s", TEXT_ARG(port->sign_token))};
    answer_page(
        exchange, error.len ? 422 : 200, say(exchange, WORD_sandbox_decline_title), false, error.len != 0);
    decline_page_write(&exchange->response->body, LANGUAGE_EN, &view);
    answer_page_end(exchange, false);
}

void page_decline(struct exchange *exchange)
{
    struct signing signing = {.exchange = exchange, .at = clock_now(exchange->sandbox->clock)};
    if (signing_fetch(&signing) && !signing_over(&signing))
        show(&signing, TEXT_EMPTY, TEXT_EMPTY);
}

void page_decline_post(struct exchange *exchange)
{
    struct signing signing = {.exchange = exchange, .at = clock_now(exchange->sandbox->clock)};
    struct problem problem = {0};
    struct http_pair *fields = NULL;
    size_t count = 0;
    if (!signing_fetch(&signing) || signing_over(&signing))
        return;
    if (!form_parse(exchange->arena, exchange->request->body, &fields, &count, NULL)) {
        answer_message(exchange, 400, WORD_sandbox_message_title, WORD_sandbox_bad_form);
        return;
    }
    struct text reason = text_trim(form_get(fields, count, "reason"));
    if (text_length(reason) > DECLINE_REASON_MAX)
        show(&signing, reason, say(exchange, WORD_sandbox_decline_long));
    else if (!signing_decline(&signing, reason, &problem))
        answer_problem(exchange, &problem);
    else
        answer_see_other(
            exchange, text_format(exchange->arena, "/sign/%.*s", TEXT_ARG(signing.port.sign_token)));
}
