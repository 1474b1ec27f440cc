#include "rules/status.h"

/* ---- Tables ---- */

static const struct {
    const char *name;
    enum word label, means;
    int rank;
    bool terminal;
} numbers_table[NUMBER_STATUS_COUNT] = {
    [NUMBER_STATUS_DRAFT] = {"draft", WORD_status_number_draft, WORD_status_means_draft, 0, false},
    [NUMBER_STATUS_IN_REVIEW] = {"in_review", WORD_status_number_in_review, WORD_status_means_in_review, 1,
        false},
    [NUMBER_STATUS_WAITING_FOR_SIGNATURE] = {"waiting_for_signature",
        WORD_status_number_waiting_for_signature, WORD_status_means_waiting_for_signature, 2, false},
    [NUMBER_STATUS_SUBMITTED] = {"submitted", WORD_status_number_submitted, WORD_status_means_submitted, 3,
        false},
    [NUMBER_STATUS_PENDING] = {"pending", WORD_status_number_pending, WORD_status_means_pending, 4, false},
    [NUMBER_STATUS_REJECTED] = {"rejected", WORD_status_number_rejected, WORD_status_means_rejected, -1,
        false},
    [NUMBER_STATUS_CANCELING] = {"canceling", WORD_status_number_canceling, WORD_status_means_canceling, -1,
        false},
    [NUMBER_STATUS_COMPLETED] = {"completed", WORD_status_number_completed, WORD_status_means_completed, -1,
        true},
    [NUMBER_STATUS_CANCELED] = {"canceled", WORD_status_number_canceled, WORD_status_means_canceled, -1,
        true},
    [NUMBER_STATUS_EXPIRED] = {"expired", WORD_status_number_expired, WORD_status_means_expired, -1, true},
    [NUMBER_STATUS_NOT_PORTABLE] = {"not_portable", WORD_status_number_not_portable,
        WORD_status_means_not_portable, -1, true},
};

static const struct {
    const char *name;
    enum word label, next;
    bool terminal;
} requests_table[REQUEST_STATUS_COUNT] = {
    [REQUEST_STATUS_DRAFT] = {"draft", WORD_status_request_draft, WORD_status_next_draft, false},
    [REQUEST_STATUS_IN_REVIEW] = {"in_review", WORD_status_request_in_review, WORD_status_next_in_review,
        false},
    [REQUEST_STATUS_WAITING_FOR_SIGNATURE] = {"waiting_for_signature",
        WORD_status_request_waiting_for_signature, WORD_status_next_waiting_for_signature, false},
    [REQUEST_STATUS_SUBMITTED] = {"submitted", WORD_status_request_submitted, WORD_status_next_submitted,
        false},
    [REQUEST_STATUS_IN_PROGRESS] = {"in_progress", WORD_status_request_in_progress,
        WORD_status_next_in_progress, false},
    [REQUEST_STATUS_PENDING] = {"pending", WORD_status_request_pending, WORD_status_next_pending, false},
    [REQUEST_STATUS_ACTION_REQUIRED] = {"action_required", WORD_status_request_action_required,
        WORD_status_next_action_required, false},
    [REQUEST_STATUS_CANCELING] = {"canceling", WORD_status_request_canceling, WORD_status_next_canceling,
        false},
    [REQUEST_STATUS_COMPLETED] = {"completed", WORD_status_request_completed, WORD_status_next_completed,
        true},
    [REQUEST_STATUS_PARTLY_COMPLETED] = {"partly_completed", WORD_status_request_partly_completed,
        WORD_status_next_partly_completed, true},
    [REQUEST_STATUS_CANCELED] = {"canceled", WORD_status_request_canceled, WORD_status_next_canceled, true},
    [REQUEST_STATUS_EXPIRED] = {"expired", WORD_status_request_expired, WORD_status_next_expired, true},
    [REQUEST_STATUS_NOT_PORTABLE] = {"not_portable", WORD_status_request_not_portable,
        WORD_status_next_not_portable, true},
};

static const struct {
    const char *name;
    enum word label;
} turns_table[TURN_COUNT] = {
    [TURN_NOBODY] = {"nobody", WORD_status_turn_nobody},
    [TURN_CUSTOMER] = {"customer", WORD_status_turn_customer},
    [TURN_SIGNER] = {"signer", WORD_status_turn_signer},
    [TURN_PORTING_TEAM] = {"porting_team", WORD_status_turn_porting_team},
    [TURN_GAINING_CARRIER] = {"gaining_carrier", WORD_status_turn_gaining_carrier},
    [TURN_LOSING_CARRIER] = {"losing_carrier", WORD_status_turn_losing_carrier},
};

const char *number_status_name(enum number_status status)
{
    return numbers_table[status].name;
}

bool number_status_parse(struct text name, enum number_status *ret)
{
    for (size_t i = 0; i < NUMBER_STATUS_COUNT; i++) {
        if (text_is(name, numbers_table[i].name)) {
            *ret = (enum number_status)i;
            return true;
        }
    }
    return false;
}

const char *request_status_name(enum request_status status)
{
    return requests_table[status].name;
}

bool request_status_parse(struct text name, enum request_status *ret)
{
    for (size_t i = 0; i < REQUEST_STATUS_COUNT; i++) {
        if (text_is(name, requests_table[i].name)) {
            *ret = (enum request_status)i;
            return true;
        }
    }
    return false;
}

const char *turn_name(enum turn turn)
{
    return turns_table[turn].name;
}

bool turn_parse(struct text name, enum turn *ret)
{
    for (size_t i = 0; i < TURN_COUNT; i++) {
        if (text_is(name, turns_table[i].name)) {
            *ret = (enum turn)i;
            return true;
        }
    }
    return false;
}

enum word number_status_word(enum number_status status)
{
    return numbers_table[status].label;
}

enum word request_status_word(enum request_status status)
{
    return requests_table[status].label;
}

enum word turn_word(enum turn turn)
{
    return turns_table[turn].label;
}

enum word number_status_means_word(enum number_status status)
{
    return numbers_table[status].means;
}

enum word request_status_next_word(enum request_status status)
{
    return requests_table[status].next;
}

bool number_status_is_terminal(enum number_status status)
{
    return numbers_table[status].terminal;
}

bool request_status_is_terminal(enum request_status status)
{
    return requests_table[status].terminal;
}

int number_status_rank(enum number_status status)
{
    return numbers_table[status].rank;
}

bool number_may_be_canceled(enum number_status status)
{
    return !number_status_is_terminal(status) && status != NUMBER_STATUS_DRAFT &&
           status != NUMBER_STATUS_CANCELING;
}

/* ---- What a re-read may change ---- */

/* Below 0: the re-read is older than the truth we have; above: newer. */
static int compare_age(const struct number_truth *reread, const struct number_truth *now)
{
    if (reread->carrier_time > 0 && now->carrier_time > 0 && reread->carrier_time != now->carrier_time) {
        return reread->carrier_time < now->carrier_time ? -1 : 1;
    }
    return (reread->asked_at > now->asked_at) - (reread->asked_at < now->asked_at);
}

/* While canceling: whether the carrier's state says that it has decided on our cancel. */
static bool has_decided_on_cancel(const struct number_truth *now, const struct number_truth *reread)
{
    if (number_status_is_terminal(reread->status) || reread->status == NUMBER_STATUS_CANCELING) {
        return true;
    }
    bool may_follow_a_refusal =
        reread->status == NUMBER_STATUS_SUBMITTED || reread->status == NUMBER_STATUS_PENDING;
    bool same_state_as_before = reread->carrier_time > 0 && reread->carrier_time == now->carrier_time;
    return may_follow_a_refusal && !same_state_as_before;
}

enum number_change number_may_change(const struct number_truth *now, const struct number_reread *reread)
{
    if (number_status_is_terminal(now->status)) {
        return NUMBER_CHANGE_TERMINAL;
    }
    if (compare_age(&reread->truth, now) < 0) {
        return NUMBER_CHANGE_OLDER;
    }
    if (now->status == NUMBER_STATUS_CANCELING && !reread->cancel_refused &&
        !has_decided_on_cancel(now, &reread->truth)) {
        return NUMBER_CHANGE_CANCELING;
    }
    return NUMBER_CHANGE_TAKE;
}
