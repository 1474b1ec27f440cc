/* The whole status machine as tables: every state against every answer at every age, and every roll-up of up to
 * three numbers. */
#include "../base/unit.h"

#include "rules/status.h"

/* One letter a state, in the order of the enum: Draft, In review, Waiting, Submitted, Pending, Rejected, canceLing,
 * Completed, canceled (X), Expired, Not portable. */
static const char letters[] = "DIWSPRLCXEN";

static enum number_status state_of(char letter)
{
    const char *at = strchr(letters, letter);
    assert_non_null(at);
    return (enum number_status)(at - letters);
}

/* ---- Re-reads ---- */

/* What becomes of a re-read that is not older: t taken, # refused as ours is terminal, l refused as we are
 * canceling and the carrier has not come to it, n: taken only when the carrier's own time is newer than that of the
 * state in which we asked to cancel. */
static const char *const answers[NUMBER_STATUS_COUNT] = {
    /*  DIWSPRLCXEN */
    [NUMBER_STATUS_DRAFT] = "ttttttttttt",
    [NUMBER_STATUS_IN_REVIEW] = "ttttttttttt",
    [NUMBER_STATUS_WAITING_FOR_SIGNATURE] = "ttttttttttt",
    [NUMBER_STATUS_SUBMITTED] = "ttttttttttt",
    [NUMBER_STATUS_PENDING] = "ttttttttttt",
    [NUMBER_STATUS_REJECTED] = "ttttttttttt",
    [NUMBER_STATUS_CANCELING] = "lllnnlttttt",
    [NUMBER_STATUS_COMPLETED] = "###########",
    [NUMBER_STATUS_CANCELED] = "###########",
    [NUMBER_STATUS_EXPIRED] = "###########",
    [NUMBER_STATUS_NOT_PORTABLE] = "###########",
};

/* Ages of a re-read against the truth we have. 0: the carrier gave no time. */
static const struct {
    int64_t carrier_now, carrier_reread, asked_now, asked_reread;
    bool older, same_carrier_time;
} ages[] = {
    {100, 200, 10, 20, false, false}, /* newer in both */
    {100, 200, 10, 10, false, false}, /* newer at the carrier, asked at the same moment */
    {100, 200, 20, 10, false,
        false}, /* newer at the carrier, though asked earlier: the carrier's time counts first */
    {100, 100, 10, 20, false, true}, /* nothing new at the carrier */
    {100, 100, 10, 10, false, true}, /* the very same */
    {100, 100, 20, 10, true, true},  /* an earlier question with the same answer's time */
    {200, 100, 10, 20, true, false}, /* older at the carrier, though asked later */
    {200, 100, 10, 10, true, false},
    {200, 100, 20, 10, true, false},
    {0, 100, 10, 20, false, false}, /* we have no time of the carrier: the questions decide */
    {0, 100, 10, 10, false, false},
    {0, 100, 20, 10, true, false},
    {100, 0, 10, 20, false, false}, /* it gave none now */
    {100, 0, 10, 10, false, false},
    {100, 0, 20, 10, true, false},
    {0, 0, 10, 20, false, false},
    {0, 0, 10, 10, false, false},
    {0, 0, 20, 10, true, false},
};

static enum number_change expected_change(char answer, size_t age, bool cancel_refused)
{
    if (answer == '#') {
        return NUMBER_CHANGE_TERMINAL;
    }
    if (ages[age].older) {
        return NUMBER_CHANGE_OLDER;
    }
    if (cancel_refused || answer == 't') {
        return NUMBER_CHANGE_TAKE;
    }
    if (answer == 'n' && !ages[age].same_carrier_time) {
        return NUMBER_CHANGE_TAKE;
    }
    return NUMBER_CHANGE_CANCELING;
}

static void every_state_meets_every_answer(void **state)
{
    (void)state;
    size_t cases = 0;
    for (size_t now = 0; now < NUMBER_STATUS_COUNT; now++) {
        for (size_t then = 0; then < NUMBER_STATUS_COUNT; then++) {
            for (size_t age = 0; age < COUNT(ages) * 2; age++) {
                size_t which = age / 2;
                bool refused = age % 2 == 1;
                struct number_truth have = {
                    (enum number_status)now, ages[which].carrier_now, ages[which].asked_now};
                struct number_reread reread = {
                    {(enum number_status)then, ages[which].carrier_reread, ages[which].asked_reread},
                    refused};
                enum number_change wanted = expected_change(answers[now][then], which, refused);
                enum number_change got = number_may_change(&have, &reread);
                if (got != wanted) {
                    fail_msg("%s to %s, age %zu, cancel refused %d: %d instead of %d",
                        number_status_name(have.status), number_status_name(reread.truth.status), which,
                        refused, got, wanted);
                }
                cases++;
            }
        }
    }
    assert_int_equal(cases, 11 * 11 * COUNT(ages) * 2);
}

/* However re-reads come, doubled and out of order: the end is the carrier's newest state, and a terminal state
 * stays. */
static void order_of_rereads_does_not_matter(void **state)
{
    (void)state;
    static const struct {
        const char *order; /* digits: which re-read comes; their times are 1, 2, 3, 4 */
    } orders[] = {
        {"1234"}, {"4321"}, {"2143"}, {"1324"}, {"44332211"}, {"12341234"}, {"3142"}, {"2222334441"}};
    static const enum number_status history[] = {NUMBER_STATUS_IN_REVIEW, NUMBER_STATUS_WAITING_FOR_SIGNATURE,
        NUMBER_STATUS_SUBMITTED, NUMBER_STATUS_PENDING};
    for (size_t i = 0; i < COUNT(orders); i++) {
        struct number_truth truth = {NUMBER_STATUS_IN_REVIEW, 0, 0};
        for (const char *which = orders[i].order; *which; which++) {
            int index = *which - '1';
            struct number_reread reread = {{history[index], index + 1, 100 + index}, false};
            if (number_may_change(&truth, &reread) == NUMBER_CHANGE_TAKE) {
                truth = reread.truth;
            }
        }
        assert_int_equal(truth.status, NUMBER_STATUS_PENDING);
    }
}

/* ---- Roll-up ---- */

static enum request_status expected_roll_up(const struct number_in_roll_up *numbers, size_t count)
{
    char counted[4] = "";
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (!numbers[i].left_over) {
            counted[len] = letters[numbers[i].status];
            len++;
        }
    }
    bool one_kind = true;
    bool ended = true;
    char under_way[4] = "";
    size_t under = 0;
    for (size_t i = 0; i < len; i++) {
        if (strchr("CXEN", counted[i]) == NULL) {
            ended = false;
            under_way[under] = counted[i];
            under++;
        }
    }
    for (size_t i = 1; i < under; i++) {
        one_kind = one_kind && under_way[i] == under_way[0];
    }
    if (strchr(counted, 'R')) { /* 1 */
        return REQUEST_STATUS_ACTION_REQUIRED;
    }
    if (count == 0) {
        return REQUEST_STATUS_DRAFT;
    }
    if (!ended && !one_kind && (strchr(under_way, 'S') || strchr(under_way, 'P'))) { /* 3 */
        return REQUEST_STATUS_IN_PROGRESS;
    }
    if (!ended) { /* 2 and 3: of one kind, or the least advanced */
        static const char least_first[] = "DIWSPL";
        static const enum request_status labels[] = {REQUEST_STATUS_DRAFT, REQUEST_STATUS_IN_REVIEW,
            REQUEST_STATUS_WAITING_FOR_SIGNATURE, REQUEST_STATUS_SUBMITTED, REQUEST_STATUS_PENDING,
            REQUEST_STATUS_CANCELING};
        return labels[strcspn(least_first, under_way)];
    }
    bool all_completed = len > 0 && strspn(counted, "C") == len; /* 4 */
    bool all_expired = len > 0 && strspn(counted, "E") == len;
    bool all_not_portable = len > 0 && strspn(counted, "N") == len;
    return all_completed          ? REQUEST_STATUS_COMPLETED
           : strchr(counted, 'C') ? REQUEST_STATUS_PARTLY_COMPLETED
           : all_expired          ? REQUEST_STATUS_EXPIRED
           : all_not_portable     ? REQUEST_STATUS_NOT_PORTABLE
                                  : REQUEST_STATUS_CANCELED;
}

static void every_roll_up_of_three(void **state)
{
    (void)state;
    size_t kinds = (size_t)NUMBER_STATUS_COUNT * 2; /* with and without left over */
    size_t cases = 0;
    for (size_t count = 0; count <= 3; count++) {
        size_t combinations = 1;
        for (size_t i = 0; i < count; i++) {
            combinations *= kinds;
        }
        for (size_t which = 0; which < combinations; which++, cases++) {
            struct number_in_roll_up numbers[3] = {0};
            size_t rest = which;
            for (size_t i = 0; i < count; i++, rest /= kinds) {
                numbers[i].status = (enum number_status)(rest % kinds / 2);
                numbers[i].left_over = rest % 2 == 1;
            }
            struct request_counts counts;
            enum request_status got = request_roll_up(numbers, count, &counts);
            enum request_status wanted = expected_roll_up(numbers, count);
            if (got != wanted) {
                fail_msg("%zu of %zu: %s instead of %s", which, count, request_status_name(got),
                    request_status_name(wanted));
            }
            assert_true(counts.total <= count);
            assert_int_equal(request_status_is_terminal(got),
                count > 0 && counts.under_way == 0 && counts.by_status[NUMBER_STATUS_REJECTED] == 0);
            /* Action Required always has somebody to act. */
            enum turn turn = request_turn(numbers, count);
            assert_true(got != REQUEST_STATUS_ACTION_REQUIRED || turn == TURN_PORTING_TEAM);
            assert_true(request_status_is_terminal(got) || turn != TURN_NOBODY);
        }
    }
    assert_int_equal(cases, 1 + 22 + 22 * 22 + 22 * 22 * 22);
}

static void known_roll_ups(void **state)
{
    (void)state;
    static const struct {
        const char *numbers; /* a letter each; lower case is left over */
        enum request_status status;
        enum turn turn;
    } cases[] = {
        {"D", REQUEST_STATUS_DRAFT, TURN_CUSTOMER},
        {"I", REQUEST_STATUS_IN_REVIEW, TURN_GAINING_CARRIER},
        {"WWW", REQUEST_STATUS_WAITING_FOR_SIGNATURE, TURN_SIGNER},
        {"SSS", REQUEST_STATUS_SUBMITTED, TURN_GAINING_CARRIER},
        {"PPP", REQUEST_STATUS_PENDING, TURN_LOSING_CARRIER},
        {"LLL", REQUEST_STATUS_CANCELING, TURN_GAINING_CARRIER},
        {"RPP", REQUEST_STATUS_ACTION_REQUIRED, TURN_PORTING_TEAM},
        {"RCC", REQUEST_STATUS_ACTION_REQUIRED, TURN_PORTING_TEAM},
        {"rPP", REQUEST_STATUS_PENDING, TURN_LOSING_CARRIER},
        {"SP", REQUEST_STATUS_IN_PROGRESS, TURN_GAINING_CARRIER},
        {"WP", REQUEST_STATUS_IN_PROGRESS, TURN_SIGNER},
        {"IS", REQUEST_STATUS_IN_PROGRESS, TURN_GAINING_CARRIER},
        {"LP", REQUEST_STATUS_IN_PROGRESS, TURN_GAINING_CARRIER},
        {"IW", REQUEST_STATUS_IN_REVIEW, TURN_SIGNER},
        {"WL", REQUEST_STATUS_WAITING_FOR_SIGNATURE, TURN_SIGNER},
        {"PPC", REQUEST_STATUS_PENDING,
            TURN_LOSING_CARRIER}, /* ends do not count while others are under way */
        {"IXX", REQUEST_STATUS_IN_REVIEW, TURN_GAINING_CARRIER},
        {"CCC", REQUEST_STATUS_COMPLETED, TURN_NOBODY},
        {"CCx", REQUEST_STATUS_COMPLETED, TURN_NOBODY},
        {"CCX", REQUEST_STATUS_PARTLY_COMPLETED, TURN_NOBODY},
        {"CEN", REQUEST_STATUS_PARTLY_COMPLETED, TURN_NOBODY},
        {"XX", REQUEST_STATUS_CANCELED, TURN_NOBODY},
        {"XEN", REQUEST_STATUS_CANCELED, TURN_NOBODY},
        {"EEE", REQUEST_STATUS_EXPIRED, TURN_CUSTOMER},
        {"EN", REQUEST_STATUS_CANCELED, TURN_NOBODY},
        {"NNN", REQUEST_STATUS_NOT_PORTABLE, TURN_NOBODY},
        {"", REQUEST_STATUS_DRAFT, TURN_CUSTOMER},
        {"ppp", REQUEST_STATUS_CANCELED, TURN_NOBODY},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct number_in_roll_up numbers[4] = {0};
        size_t count = strlen(cases[i].numbers);
        for (size_t j = 0; j < count; j++) {
            char letter = cases[i].numbers[j];
            numbers[j].left_over = letter >= 'a';
            numbers[j].status = state_of(letter >= 'a' ? (char)(letter - 'a' + 'A') : letter);
        }
        if (request_roll_up(numbers, count, NULL) != cases[i].status ||
            request_turn(numbers, count) != cases[i].turn) {
            fail_msg("%s: %s, turn %s", cases[i].numbers,
                request_status_name(request_roll_up(numbers, count, NULL)),
                turn_name(request_turn(numbers, count)));
        }
    }
}

static void turns_by_reason_and_hand(void **state)
{
    (void)state;
    static const struct {
        enum number_status status;
        bool by_hand;
        enum turn reason, turn;
    } cases[] = {
        {NUMBER_STATUS_REJECTED, false, TURN_CUSTOMER, TURN_CUSTOMER},
        {NUMBER_STATUS_REJECTED, false, TURN_PORTING_TEAM, TURN_PORTING_TEAM},
        {NUMBER_STATUS_REJECTED, false, TURN_NOBODY, TURN_PORTING_TEAM},
        {NUMBER_STATUS_REJECTED, true, TURN_CUSTOMER, TURN_CUSTOMER},
        {NUMBER_STATUS_IN_REVIEW, true, TURN_NOBODY, TURN_PORTING_TEAM},
        {NUMBER_STATUS_SUBMITTED, true, TURN_NOBODY, TURN_PORTING_TEAM},
        {NUMBER_STATUS_CANCELING, true, TURN_NOBODY, TURN_PORTING_TEAM},
        {NUMBER_STATUS_WAITING_FOR_SIGNATURE, true, TURN_NOBODY, TURN_SIGNER},
        {NUMBER_STATUS_PENDING, true, TURN_NOBODY, TURN_LOSING_CARRIER},
        {NUMBER_STATUS_NOT_PORTABLE, true, TURN_NOBODY, TURN_PORTING_TEAM},
        {NUMBER_STATUS_NOT_PORTABLE, false, TURN_NOBODY, TURN_NOBODY},
        {NUMBER_STATUS_EXPIRED, false, TURN_NOBODY, TURN_CUSTOMER},
        {NUMBER_STATUS_COMPLETED, true, TURN_NOBODY, TURN_NOBODY},
        {NUMBER_STATUS_CANCELED, true, TURN_NOBODY, TURN_NOBODY},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct number_in_roll_up number = {
            .status = cases[i].status, .by_hand = cases[i].by_hand, .rejection_turn = cases[i].reason};
        assert_int_equal(number_turn(&number), cases[i].turn);
    }
    struct number_in_roll_up two[] = {{.status = NUMBER_STATUS_REJECTED, .rejection_turn = TURN_PORTING_TEAM},
        {.status = NUMBER_STATUS_REJECTED, .rejection_turn = TURN_CUSTOMER}};
    assert_int_equal(request_turn(two, 2), TURN_CUSTOMER);
}

/* ---- Words ---- */

static void reads_the_carriers_words(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        int number, request; /* -1: unknown */
    } cases[] = {
        {"in_review", NUMBER_STATUS_IN_REVIEW, REQUEST_STATUS_IN_REVIEW},
        {"In Review", NUMBER_STATUS_IN_REVIEW, REQUEST_STATUS_IN_REVIEW},
        {"In review", NUMBER_STATUS_IN_REVIEW, REQUEST_STATUS_IN_REVIEW},
        {"IN-REVIEW", NUMBER_STATUS_IN_REVIEW, REQUEST_STATUS_IN_REVIEW},
        {" in_review ", NUMBER_STATUS_IN_REVIEW, REQUEST_STATUS_IN_REVIEW},
        {"waiting_for_signature", NUMBER_STATUS_WAITING_FOR_SIGNATURE, REQUEST_STATUS_WAITING_FOR_SIGNATURE},
        {"Waiting for Signature", NUMBER_STATUS_WAITING_FOR_SIGNATURE, REQUEST_STATUS_WAITING_FOR_SIGNATURE},
        {"port_submitted", NUMBER_STATUS_SUBMITTED, REQUEST_STATUS_SUBMITTED},
        {"submitted", NUMBER_STATUS_SUBMITTED, REQUEST_STATUS_SUBMITTED},
        {"port_pending", NUMBER_STATUS_PENDING, REQUEST_STATUS_PENDING},
        {"pending", NUMBER_STATUS_PENDING, REQUEST_STATUS_PENDING},
        {"port_rejected", NUMBER_STATUS_REJECTED, -1},
        {"rejected", NUMBER_STATUS_REJECTED, -1},
        {"canceling", NUMBER_STATUS_CANCELING, REQUEST_STATUS_CANCELING},
        {"cancelling", NUMBER_STATUS_CANCELING, REQUEST_STATUS_CANCELING},
        {"canceled", NUMBER_STATUS_CANCELED, REQUEST_STATUS_CANCELED},
        {"Cancelled", NUMBER_STATUS_CANCELED, REQUEST_STATUS_CANCELED},
        {"port_cancelled", NUMBER_STATUS_CANCELED, REQUEST_STATUS_CANCELED},
        {"completed", NUMBER_STATUS_COMPLETED, REQUEST_STATUS_COMPLETED},
        {"Completed", NUMBER_STATUS_COMPLETED, REQUEST_STATUS_COMPLETED},
        {"expired", NUMBER_STATUS_EXPIRED, REQUEST_STATUS_EXPIRED},
        {"In progress", -1, REQUEST_STATUS_IN_PROGRESS},
        {"in-progress", -1, REQUEST_STATUS_IN_PROGRESS},
        {"Action Required", -1, REQUEST_STATUS_ACTION_REQUIRED},
        {"draft", -1, -1},
        {"not_portable", -1, -1},
        {"partly_completed", -1, -1},
        {"", -1, -1},
        {"port_", -1, -1},
        {"port_port_pending", -1, -1},
        {"on_hold", -1, -1},
        {"in_review_of_a_very_long_word_that_nobody_knows", -1, -1},
        {"in  review", -1, -1},
        {"completed\n\n", NUMBER_STATUS_COMPLETED, REQUEST_STATUS_COMPLETED},
        {"null", -1, -1},
        {"compl\xc3\xa9ted", -1, -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum number_status number = NUMBER_STATUS_COUNT;
        enum request_status request = REQUEST_STATUS_COUNT;
        bool known = carrier_word_to_status(text_from(cases[i].word), &number);
        bool known_request = carrier_word_to_request_status(text_from(cases[i].word), &request);
        if (known != (cases[i].number >= 0) || known_request != (cases[i].request >= 0)) {
            fail_msg("\"%s\"", cases[i].word);
        }
        assert_int_equal(number, known ? cases[i].number : NUMBER_STATUS_COUNT);
        assert_int_equal(request, known_request ? cases[i].request : REQUEST_STATUS_COUNT);
    }
}

static void puts_a_rereads_words_together(void **state)
{
    (void)state;
    static const struct {
        const char *number, *request;
        bool not_portable;
        int status; /* -1: unknown, nothing changes */
    } cases[] = {
        {"port_pending", "In progress", false, NUMBER_STATUS_PENDING},
        {"port_pending", "Something new", false, NUMBER_STATUS_PENDING},
        {"in_review", "In review", true, NUMBER_STATUS_NOT_PORTABLE},
        {"", "In review", true, NUMBER_STATUS_NOT_PORTABLE},
        {"completed", "Completed", true, NUMBER_STATUS_COMPLETED},
        {"waiting_for_signature", "Expired", false, NUMBER_STATUS_EXPIRED},
        {"", "Expired", false, NUMBER_STATUS_EXPIRED},
        {"completed", "Expired", false, NUMBER_STATUS_COMPLETED},
        {"canceled", "Expired", false, NUMBER_STATUS_CANCELED},
        {"port_submitted", "Canceled", false, NUMBER_STATUS_CANCELED},
        {"", "Cancelled", false, NUMBER_STATUS_CANCELED},
        {"port_pending", "Completed", false, NUMBER_STATUS_PENDING},
        {"on_hold", "In progress", false, -1},
        {"on_hold", "Expired", false, -1},
        {"", "In progress", false, -1},
        {"", "", false, -1},
        {"", "Completed", false, -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct carrier_words words = {
            text_from(cases[i].number), text_from(cases[i].request), cases[i].not_portable};
        enum number_status status = NUMBER_STATUS_COUNT;
        bool known = carrier_words_to_status(&words, &status);
        if (known != (cases[i].status >= 0) || (known && (int)status != cases[i].status)) {
            fail_msg("%s, %s: %d", cases[i].number, cases[i].request, status);
        }
    }
}

static void names_and_labels(void **state)
{
    (void)state;
    static const char *const labels[] = {"Draft", "In Review", "Waiting for Signature", "Port Submitted",
        "Port Pending", "Action Required", "Canceling", "Completed", "Canceled", "Expired", "Not portable"};
    static const int ranks[] = {0, 1, 2, 3, 4, -1, -1, -1, -1, -1, -1};
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    for (size_t i = 0; i < NUMBER_STATUS_COUNT; i++) {
        enum number_status status = (enum number_status)i;
        enum number_status again;
        assert_true(number_status_parse(text_from(number_status_name(status)), &again) && again == status);
        assert_text(words_say(arena, LANGUAGE_EN, number_status_word(status), WORD_NO_ARGS), labels[i]);
        assert_true(words_say(arena, LANGUAGE_EN, number_status_means_word(status), WORD_NO_ARGS).len > 0);
        assert_int_equal(number_status_rank(status), ranks[i]);
        assert_int_equal(number_status_is_terminal(status), i >= NUMBER_STATUS_COMPLETED);
        assert_int_equal(
            number_may_be_canceled(status), i >= NUMBER_STATUS_IN_REVIEW && i <= NUMBER_STATUS_REJECTED);
    }
    for (size_t i = 0; i < REQUEST_STATUS_COUNT; i++) {
        enum request_status status = (enum request_status)i;
        enum request_status again;
        assert_true(request_status_parse(text_from(request_status_name(status)), &again) && again == status);
        assert_true(words_say(arena, LANGUAGE_EN, request_status_word(status), WORD_NO_ARGS).len > 0);
        assert_true(words_say(arena, LANGUAGE_EN, request_status_next_word(status),
                        WORD_ARGS(WORD_TEXT("signer", TEXT("Dana")), WORD_TEXT("carrier", TEXT("Verizon"))))
                        .len > 0);
    }
    for (size_t i = 0; i < TURN_COUNT; i++) {
        enum turn again;
        assert_true(turn_parse(text_from(turn_name((enum turn)i)), &again) && again == (enum turn)i);
        assert_true(words_say(arena, LANGUAGE_EN, turn_word((enum turn)i), WORD_NO_ARGS).len > 0);
    }
    enum number_status status = NUMBER_STATUS_COUNT;
    assert_false(number_status_parse(TEXT("Draft"), &status));
    assert_int_equal(status, NUMBER_STATUS_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_meets_every_answer),
        cmocka_unit_test(order_of_rereads_does_not_matter),
        cmocka_unit_test(every_roll_up_of_three),
        cmocka_unit_test(known_roll_ups),
        cmocka_unit_test(turns_by_reason_and_hand),
        cmocka_unit_test(reads_the_carriers_words),
        cmocka_unit_test(puts_a_rereads_words_together),
        cmocka_unit_test(names_and_labels),
    };
    return cmocka_run_group_tests_name("rules/status", tests, NULL, NULL);
}
