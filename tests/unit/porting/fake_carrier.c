/* The gaining carrier as a struct: it keeps what it is told and says what the test wants. */
#include "fake_carrier.h"

#include <stdio.h>
#include <string.h>

static void keep(char *at, size_t max, struct text text)
{
    snprintf(at, max, "%.*s", TEXT_ARG(text));
}

/* What else happens while a call is on its way. Not within itself. */
static void meanwhile(struct carrier *carrier, const char *call)
{
    void (*during)(void *, const char *) = carrier->during;
    carrier->during = NULL;
    if (during)
        during(carrier->context, call);
    if (!carrier->during)
        carrier->during = during;
}

static bool portability(struct carrier *carrier, struct text e164, struct arena *arena,
    struct portability_answer *ret, struct problem *problem)
{
    (void)arena;
    (void)problem;
    *ret = (struct portability_answer){.portability = PORTABILITY_YES};
    if (carrier->not_portable && text_is(e164, carrier->not_portable))
        *ret = (struct portability_answer){.portability = PORTABILITY_NO, .reason = TEXT("UNSUPPORTED")};
    if (carrier->by_hand && text_is(e164, carrier->by_hand))
        ret->portability = PORTABILITY_MANUAL;
    meanwhile(carrier, "portability");
    return true;
}

static bool upload(struct carrier *carrier, const struct carrier_document *document, struct arena *arena,
    struct text *ret_ref, struct problem *problem)
{
    char bytes[256];
    size_t len = document->read(document->context, bytes, sizeof bytes);
    if (len == SIZE_MAX || len == 0)
        return problem_internal(problem, "the document is empty");
    *ret_ref = text_format(arena, "RD%032d", ++carrier->documents);
    return true;
}

static void give(const struct fake_port *port, struct arena *arena, struct carrier_port *ret)
{
    struct text *documents = ARENA_ARRAY(arena, struct text, 1);
    documents[0] = text_from(port->document);
    *ret = (struct carrier_port){.ref = text_from(port->ref),
        .status = text_from(port->status),
        .cancel_reason = text_from(port->cancel_reason),
        .signature_url = TEXT("https://sign.example/x"),
        .documents = documents,
        .document_count = 1,
        .numbers = ARENA_ARRAY(arena, struct carrier_number, FAKE_NUMBERS_MAX),
        .number_count = port->numbers_count};
    for (size_t i = 0; i < port->numbers_count; i++) {
        const struct fake_number *number = &port->numbers[i];
        ret->numbers[i] = (struct carrier_number){.e164 = text_from(number->e164),
            .ref = text_from(number->ref),
            .status = text_from(number->status),
            .changed_at = number->changed_at,
            .rejection = text_from(number->rejection),
            .port_at = number->port_at};
        if (number->port_at)
            ret->numbers[i].port_date = date_iso(arena, clock_date(number->port_at, TEXT_EMPTY));
    }
}

static void make(struct carrier *carrier, const struct port_order *order)
{
    struct fake_port *port = &carrier->ports[carrier->ports_count++];
    assert_true(carrier->ports_count <= FAKE_PORTS_MAX);
    assert_true(order->number_count <= FAKE_NUMBERS_MAX);
    *port = (struct fake_port){.status = "In Review"};
    snprintf(port->ref, sizeof port->ref, "KW%032d", carrier->creates);
    keep(port->document, sizeof port->document, order->documents[0]);
    keep(port->pin, sizeof port->pin, order->pin);
    keep(port->account_number, sizeof port->account_number, order->account_number);
    keep(port->wished_date, sizeof port->wished_date, order->wished_date);
    keep(port->zone, sizeof port->zone, order->zone);
    port->wished_from = order->wished_from;
    port->wished_until = order->wished_until;
    for (size_t i = 0; i < order->number_count; i++) {
        struct fake_number *number = &port->numbers[port->numbers_count++];
        keep(number->e164, sizeof number->e164, order->numbers[i]);
        snprintf(number->ref, sizeof number->ref, "PU%016d%016zu", carrier->creates, i);
        number->status = "in_review";
        number->changed_at = clock_now(carrier->clock);
    }
}

static bool create(struct carrier *carrier, const struct port_order *order, struct arena *arena,
    struct carrier_port *ret, bool *ret_sent, struct problem *problem)
{
    carrier->creates++;
    *ret_sent = carrier->create_is_lost;
    meanwhile(carrier, "create");
    if (carrier->create_fails != PROBLEM_NONE)
        return problem_set(
            problem, carrier->create_fails, WORD_carrier_refused, NULL, NULL, "the test says so");
    make(carrier, order);
    if (carrier->create_is_lost)
        return problem_set(problem, PROBLEM_LATER, WORD_carrier_unreachable, NULL, NULL, "lost");
    give(&carrier->ports[carrier->ports_count - 1], arena, ret);
    return true;
}

static struct fake_port *port_of(struct carrier *carrier, struct text ref)
{
    for (size_t i = 0; i < carrier->ports_count; i++)
        if (text_is(ref, carrier->ports[i].ref))
            return &carrier->ports[i];
    return NULL;
}

static bool fetch(struct carrier *carrier, struct text ref, struct arena *arena, struct carrier_port *ret,
    struct problem *problem)
{
    const struct fake_port *port = port_of(carrier, ref);
    if (carrier->fetch_fails != PROBLEM_NONE)
        return problem_set(
            problem, carrier->fetch_fails, WORD_carrier_unreachable, NULL, NULL, "the test says so");
    if (!port)
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_carrier_gone, NULL, NULL, NULL);
    struct fake_port *then = ARENA_NEW(arena, struct fake_port);
    *then = *port;
    give(then, arena, ret);
    meanwhile(carrier, "fetch");
    return true;
}

static bool find(struct carrier *carrier, const struct carrier_search *wanted, struct arena *arena,
    bool *ret_found, struct carrier_port *ret, struct problem *problem)
{
    (void)problem;
    carrier->finds++;
    *ret_found = false;
    for (size_t i = 0; i < carrier->ports_count; i++)
        if (text_is(wanted->document, carrier->ports[i].document) &&
            !wanted->is_other(wanted->context, text_from(carrier->ports[i].ref))) {
            *ret_found = true;
            give(&carrier->ports[i], arena, ret);
        }
    return true;
}

static bool cancel(struct carrier *carrier, struct text ref, struct text number_ref, struct problem *problem)
{
    struct fake_port *port = port_of(carrier, ref);
    if (!port)
        return problem_set(problem, PROBLEM_INTERNAL, WORD_carrier_gone, NULL, NULL, "no such port");
    carrier->cancels++;
    if (carrier->cancel_is_refused)
        return problem_set(problem, PROBLEM_UPSTREAM, WORD_carrier_refused, NULL, NULL, "too late");
    for (size_t i = 0; i < port->numbers_count; i++)
        if (number_ref.len && text_is(number_ref, port->numbers[i].ref) && carrier->cancel_refused_of &&
            !strcmp(port->numbers[i].e164, carrier->cancel_refused_of))
            return problem_set(problem, PROBLEM_UPSTREAM, WORD_carrier_refused, NULL, NULL, "too late");
        else if (strcmp(port->numbers[i].status, "canceled") != 0 &&
                 strcmp(port->numbers[i].status, "completed") != 0 &&
                 (!number_ref.len || text_is(number_ref, port->numbers[i].ref))) {
            port->numbers[i].status = "canceling";
            port->numbers[i].changed_at = clock_now(carrier->clock);
        }
    meanwhile(carrier, "cancel");
    return true;
}

static bool check(struct carrier *carrier, struct problem *problem)
{
    carrier->checks++;
    return carrier->checks_to_fail == 0 ||
           (carrier->checks_to_fail-- > 0 &&
               problem_set(problem, PROBLEM_LATER, WORD_carrier_credentials, NULL, NULL, "wrong token"));
}

static bool list(struct carrier *carrier, int64_t since, struct text token, struct arena *arena,
    struct carrier_list *ret, struct problem *problem)
{
    (void)since;
    (void)problem;
    *ret = (struct carrier_list){.items = ARENA_ARRAY(arena, struct carrier_listed, 2), .next = TEXT_EMPTY};
    /* Two a page, so that the pages are walked. */
    uint64_t from = 0;
    text_to_u64(token, FAKE_PORTS_MAX, &from);
    for (size_t i = from; i < carrier->ports_count && ret->count < 2; i++)
        ret->items[ret->count++] = (struct carrier_listed){.ref = text_from(carrier->ports[i].ref),
            .status = text_from(carrier->ports[i].status),
            .suggested_action = text_from(carrier->ports[i].suggested_action),
            .changed_at = carrier->ports[i].numbers[0].changed_at,
            .requested = (int64_t)carrier->ports[i].numbers_count};
    if (from + 2 < carrier->ports_count)
        ret->next = text_format(arena, "%d", (int)from + 2);
    return true;
}

static bool owned(struct carrier *carrier, struct text e164, struct arena *arena, bool *ret_found,
    struct text *ret_ref, struct problem *problem)
{
    (void)problem;
    carrier->looks++;
    *ret_found = !carrier->inventory_lags;
    *ret_ref = *ret_found ? text_format(arena, "PN%.*s", TEXT_ARG(e164)) : TEXT_EMPTY;
    return true;
}

static bool brand(struct carrier *carrier, const struct carrier_brand *letter, struct problem *problem)
{
    (void)problem;
    carrier->brands++;
    keep(carrier->letter_subject, sizeof carrier->letter_subject, letter->subject);
    return true;
}

static bool webhook_now(
    struct carrier *carrier, struct arena *arena, struct text *ret_url, struct problem *problem)
{
    (void)problem;
    *ret_url = text_copy(arena, text_from(carrier->webhook));
    return true;
}

static int64_t rests_for(struct carrier *carrier)
{
    return carrier->rests;
}

static bool configure_webhook(struct carrier *carrier, struct text url, struct problem *problem)
{
    (void)problem;
    keep(carrier->webhook, sizeof carrier->webhook, url);
    return true;
}

static bool webhook_ref(struct text body, struct arena *arena, struct text *ret_ref, struct problem *problem)
{
    (void)arena;
    *ret_ref = body;
    return text_starts(body, TEXT("KW")) ||
           problem_set(problem, PROBLEM_SYNTAX, WORD_carrier_webhook_odd, NULL, NULL, NULL);
}

static void close_connection(struct carrier *carrier)
{
    carrier->closed++;
}

static const struct carrier_can can = {.numbers_max = 1000,
    .documents_max = 10,
    .countries = "US",
    .earliest_days = 7,
    .latest_days = 30,
    .takes_date = true,
    .takes_times = true,
    .own_letter = true,
    .asks_portability = true,
    .cancels_numbers = true,
    .tells_inventory = true,
    .brands_letter = true};

const struct carrier_api fake_carrier_api = {
    .name = "twilio",
    .label = "Twilio",
    .can = &can,
    .check = check,
    .list = list,
    .owned = owned,
    .brand = brand,
    .webhook_now = webhook_now,
    .rests_for = rests_for,
    .close = close_connection,
    .portability = portability,
    .upload = upload,
    .create = create,
    .fetch = fetch,
    .find = find,
    .cancel = cancel,
    .configure_webhook = configure_webhook,
    .webhook_ref = webhook_ref,
};

struct carrier *fake_carrier;

bool fake_carrier_open(struct text kind, const struct carrier_access *access, struct carrier_connection *ret,
    struct problem *problem)
{
    if (!text_is(kind, "twilio") || !text_starts(access->account, TEXT("AC")))
        return problem_set(problem, PROBLEM_INPUT, WORD_carrier_sid_wrong, "account_sid", NULL, NULL);
    fake_carrier->opened++;
    keep(fake_carrier->secret, sizeof fake_carrier->secret, access->secret);
    *ret = (struct carrier_connection){&fake_carrier_api, fake_carrier};
    return true;
}
