/* Every reader of Twilio's answers: what it takes keeps its promises, what it refuses leaves its results alone and has a problem. */
#include <stdint.h>
#include <stdlib.h>

#include "carriers/twilio_wire.h"

#define MEMORY ((size_t)32 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_text(struct text text, size_t max)
{
    check(text.len <= max && text_is_clean(text));
}

static void port(struct arena *arena, struct text body)
{
    struct carrier_port port = {.number_count = SIZE_MAX};
    struct problem problem = {0};
    if (!twilio_read_port(arena, body, &port, &problem)) {
        check(port.number_count == SIZE_MAX && problem.kind == PROBLEM_LATER);
        return;
    }
    check(twilio_is_sid(port.ref, "KW"));
    check(port.number_count <= TWILIO_NUMBERS_MAX && port.document_count <= TWILIO_DOCUMENTS_MAX);
    check_text(port.status, 64);
    check_text(port.cancel_reason, 2000);
    check_text(port.signature_url, 2048);
    check_text(port.support_ticket, 20);
    for (size_t i = 0; i < port.document_count; i++)
        check(twilio_is_sid(port.documents[i], "RD"));
    for (size_t i = 0; i < port.number_count; i++) {
        const struct carrier_number *number = &port.numbers[i];
        check_text(number->e164, 64);
        check_text(number->ref, 64);
        check_text(number->status, 64);
        check_text(number->rejection, 2000);
        check_text(number->not_portable_reason, 2000);
        check(number->rejection_code >= 0);
        check(number->port_date.len == (number->port_at ? 10 : 0));
    }
}

static void portability(struct arena *arena, struct text body)
{
    struct portability_answer answer = {.reason_code = -1};
    struct problem problem = {0};
    if (!twilio_read_portability(arena, body, &answer, &problem)) {
        check(answer.reason_code == -1 && problem.kind == PROBLEM_LATER);
        return;
    }
    check(answer.reason_code >= 0);
    check_text(answer.reason, 2000);
    check_text(answer.kind, 64);
}

static void list(struct arena *arena, struct text body)
{
    struct carrier_list list = {.count = SIZE_MAX};
    struct problem problem = {0};
    if (!twilio_read_list(arena, body, &list, &problem)) {
        check(list.count == SIZE_MAX && problem.kind == PROBLEM_LATER);
        return;
    }
    check(list.count <= 100);
    check_text(list.next, 1024);
    for (size_t i = 0; i < list.count; i++) {
        check(twilio_is_sid(list.items[i].ref, "KW"));
        check_text(list.items[i].status, 64);
        check_text(list.items[i].suggested_action, 2000);
        check(list.items[i].requested >= 0 && list.items[i].ported >= 0);
    }
}

static void of_the_account(struct arena *arena, struct text body)
{
    bool found = true;
    struct text ref = TEXT("none"), url = TEXT("none");
    struct problem problem = {0};
    if (twilio_read_owned(arena, body, TEXT("+14155550134"), &found, &ref, &problem))
        check(found ? twilio_is_sid(ref, "PN") : ref.len == 0);
    else
        check(found && text_is(ref, "none") && problem.kind == PROBLEM_LATER);
    if (twilio_read_webhook_url(arena, body, &url, NULL))
        check_text(url, 2048);
    else
        check(text_is(url, "none"));
}

static void small_ones(struct arena *arena, struct text body)
{
    struct text ref = TEXT_EMPTY, message = TEXT_EMPTY;
    struct problem problem = {0};
    check(twilio_read_document(arena, body, &ref, &problem) ? twilio_is_sid(ref, "RD")
                                                            : problem.kind != PROBLEM_NONE);
    check(twilio_read_error(arena, body, &message) >= 0);
    check_text(message, 2000);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ARENA_CLEANUP arena = arena_new(MEMORY);
    struct text body = {(const char *)bytes, len};
    port(arena, body);
    portability(arena, body);
    list(arena, body);
    of_the_account(arena, body);
    small_ones(arena, body);
    return 0;
}
