/* A request's status and turn, from its numbers. */
#include "rules/turn.h"

static struct request_counts count_numbers(const struct number_in_roll_up *numbers, size_t count)
{
    struct request_counts counts = {0};
    for (size_t i = 0; i < count; i++) {
        if (numbers[i].left_over) {
            continue;
        }
        enum number_status status = numbers[i].status;
        counts.total++;
        counts.by_status[status]++;
        counts.under_way += !number_status_is_terminal(status) && status != NUMBER_STATUS_REJECTED;
    }
    return counts;
}

enum request_status request_status_alike(enum number_status status)
{
    static const enum request_status requests[NUMBER_STATUS_COUNT] = {
        [NUMBER_STATUS_DRAFT] = REQUEST_STATUS_DRAFT,
        [NUMBER_STATUS_IN_REVIEW] = REQUEST_STATUS_IN_REVIEW,
        [NUMBER_STATUS_WAITING_FOR_SIGNATURE] = REQUEST_STATUS_WAITING_FOR_SIGNATURE,
        [NUMBER_STATUS_SUBMITTED] = REQUEST_STATUS_SUBMITTED,
        [NUMBER_STATUS_PENDING] = REQUEST_STATUS_PENDING,
        [NUMBER_STATUS_REJECTED] = REQUEST_STATUS_ACTION_REQUIRED,
        [NUMBER_STATUS_CANCELING] = REQUEST_STATUS_CANCELING,
        [NUMBER_STATUS_COMPLETED] = REQUEST_STATUS_COMPLETED,
        [NUMBER_STATUS_CANCELED] = REQUEST_STATUS_CANCELED,
        [NUMBER_STATUS_EXPIRED] = REQUEST_STATUS_EXPIRED,
        [NUMBER_STATUS_NOT_PORTABLE] = REQUEST_STATUS_NOT_PORTABLE,
    };
    return requests[status];
}

static enum request_status of_those_under_way(const struct request_counts *counts)
{
    /* The least advanced first; canceling is no advance and comes last. */
    static const enum number_status order[] = {NUMBER_STATUS_DRAFT, NUMBER_STATUS_IN_REVIEW,
        NUMBER_STATUS_WAITING_FOR_SIGNATURE, NUMBER_STATUS_SUBMITTED, NUMBER_STATUS_PENDING,
        NUMBER_STATUS_CANCELING};
    enum number_status least = NUMBER_STATUS_CANCELING;
    for (size_t i = sizeof order / sizeof order[0]; i-- > 0;) {
        if (counts->by_status[order[i]] > 0) {
            least = order[i];
        }
    }
    bool all_in_one = counts->by_status[least] == counts->under_way;
    size_t with_carriers =
        counts->by_status[NUMBER_STATUS_SUBMITTED] + counts->by_status[NUMBER_STATUS_PENDING];
    return !all_in_one && with_carriers > 0 ? REQUEST_STATUS_IN_PROGRESS : request_status_alike(least);
}

static enum request_status of_ended(const struct request_counts *counts)
{
    if (counts->by_status[NUMBER_STATUS_COMPLETED] > 0) {
        bool all = counts->by_status[NUMBER_STATUS_COMPLETED] == counts->total;
        return all ? REQUEST_STATUS_COMPLETED : REQUEST_STATUS_PARTLY_COMPLETED;
    }
    if (counts->total > 0 && counts->by_status[NUMBER_STATUS_EXPIRED] == counts->total) {
        return REQUEST_STATUS_EXPIRED;
    }
    if (counts->total > 0 && counts->by_status[NUMBER_STATUS_NOT_PORTABLE] == counts->total) {
        return REQUEST_STATUS_NOT_PORTABLE;
    }
    return REQUEST_STATUS_CANCELED;
}

enum request_status request_roll_up(
    const struct number_in_roll_up *numbers, size_t count, struct request_counts *ret_counts)
{
    struct request_counts counts = count_numbers(numbers, count);
    if (ret_counts) {
        *ret_counts = counts;
    }
    if (count == 0) {
        return REQUEST_STATUS_DRAFT;
    }
    if (counts.by_status[NUMBER_STATUS_REJECTED] > 0) {
        return REQUEST_STATUS_ACTION_REQUIRED;
    }
    return counts.under_way > 0 ? of_those_under_way(&counts) : of_ended(&counts);
}

enum turn number_turn(const struct number_in_roll_up *number)
{
    return wait_turn(number_wait(number));
}

/* Whether the request's turn is taken from this number: the rejected ones decide, else those under way, else all. */
static bool decides(const struct number_in_roll_up *number, const struct request_counts *counts)
{
    if (number->left_over) {
        return false;
    }
    if (counts->by_status[NUMBER_STATUS_REJECTED] > 0) {
        return number->status == NUMBER_STATUS_REJECTED;
    }
    return counts->under_way == 0 || !number_status_is_terminal(number->status);
}

enum turn request_turn(const struct number_in_roll_up *numbers, size_t count)
{
    struct request_counts counts;
    enum request_status status = request_roll_up(numbers, count, &counts);
    if (count == 0) {
        return TURN_CUSTOMER;
    }
    if (request_status_is_terminal(status) && status != REQUEST_STATUS_EXPIRED &&
        status != REQUEST_STATUS_NOT_PORTABLE) {
        return TURN_NOBODY;
    }
    enum turn first = TURN_NOBODY;
    for (size_t i = 0; i < count; i++) {
        enum turn turn = decides(&numbers[i], &counts) ? number_turn(&numbers[i]) : TURN_NOBODY;
        if (turn != TURN_NOBODY && (first == TURN_NOBODY || turn < first)) {
            first = turn;
        }
    }
    return first;
}
