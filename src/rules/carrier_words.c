/* The gaining carrier's words, made into states. Source: Twilio's OpenAPI description, schema of the port-in's
 * statuses (verified); spellings differ between its documents, answers and webhooks, hence the normalising. */
#include <string.h>

#include "rules/status.h"

#define WORD_BYTES_MAX 40 /* the longest known word is "waiting_for_signature" */

/* The word in lower case with _ between its parts and American spelling; empty when it is too long to be known. */
static struct text normalize(struct text word, char to[WORD_BYTES_MAX])
{
    struct text trimmed = text_trim(word);
    if (trimmed.len > WORD_BYTES_MAX) {
        return TEXT_EMPTY;
    }
    for (size_t at = 0; at < trimmed.len; at++) {
        char c = trimmed.at[at];
        if (c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        }
        to[at] = c == ' ' || c == '-' ? '_' : c;
    }
    struct text plain = {to, trimmed.len};
    if (text_starts(plain, TEXT("port_"))) {
        plain = text_part(plain, 5, plain.len);
    }
    if (text_is(plain, "cancelled")) {
        return TEXT("canceled");
    }
    return text_is(plain, "cancelling") ? TEXT("canceling") : plain;
}

bool carrier_word_to_status(struct text word, enum number_status *ret)
{
    static const enum number_status carrier_has[] = {NUMBER_STATUS_IN_REVIEW,
        NUMBER_STATUS_WAITING_FOR_SIGNATURE, NUMBER_STATUS_SUBMITTED, NUMBER_STATUS_PENDING,
        NUMBER_STATUS_REJECTED, NUMBER_STATUS_CANCELING, NUMBER_STATUS_COMPLETED, NUMBER_STATUS_CANCELED,
        NUMBER_STATUS_EXPIRED};
    char buffer[WORD_BYTES_MAX];
    struct text plain = normalize(word, buffer);
    for (size_t i = 0; i < sizeof carrier_has / sizeof carrier_has[0]; i++) {
        if (text_is(plain, number_status_name(carrier_has[i]))) {
            *ret = carrier_has[i];
            return true;
        }
    }
    return false;
}

bool carrier_word_to_request_status(struct text word, enum request_status *ret)
{
    static const enum request_status carrier_has[] = {REQUEST_STATUS_IN_REVIEW,
        REQUEST_STATUS_WAITING_FOR_SIGNATURE, REQUEST_STATUS_SUBMITTED, REQUEST_STATUS_IN_PROGRESS,
        REQUEST_STATUS_PENDING, REQUEST_STATUS_ACTION_REQUIRED, REQUEST_STATUS_CANCELING,
        REQUEST_STATUS_COMPLETED, REQUEST_STATUS_CANCELED, REQUEST_STATUS_EXPIRED};
    char buffer[WORD_BYTES_MAX];
    struct text plain = normalize(word, buffer);
    for (size_t i = 0; i < sizeof carrier_has / sizeof carrier_has[0]; i++) {
        if (text_is(plain, request_status_name(carrier_has[i]))) {
            *ret = carrier_has[i];
            return true;
        }
    }
    return false;
}

/* The end of a request is the end of its numbers under way. Completed is not: it only says that nothing is under
 * way any more. */
static bool end_of_request(struct text word, enum number_status *ret)
{
    enum request_status request;
    if (!carrier_word_to_request_status(word, &request)) {
        return false;
    }
    if (request == REQUEST_STATUS_EXPIRED) {
        *ret = NUMBER_STATUS_EXPIRED;
        return true;
    }
    if (request == REQUEST_STATUS_CANCELED) {
        *ret = NUMBER_STATUS_CANCELED;
        return true;
    }
    return false;
}

bool carrier_words_to_status(const struct carrier_words *words, enum number_status *ret)
{
    enum number_status status;
    bool told = text_trim(words->number_word).len > 0;
    bool known = carrier_word_to_status(words->number_word, &status);
    if (known && number_status_is_terminal(status)) {
        *ret = status;
        return true;
    }
    if (words->not_portable) {
        *ret = NUMBER_STATUS_NOT_PORTABLE;
        return true;
    }
    if (told && !known) {
        return false;
    }
    enum number_status end;
    if (end_of_request(words->request_word, &end)) {
        *ret = end;
        return true;
    }
    if (known) {
        *ret = status;
    }
    return known;
}
