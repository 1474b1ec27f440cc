/* Whose turn it is, cell by cell: what each state of a number waits for, who must act, and what the desk does about it on which day, in business hours of a
 * zone, over weekends, holidays and the change of the clocks. */
#include "../base/unit.h"

#include "rules/business_time.h"
#include "rules/turn.h"

#define NEW_YORK TEXT("America/New_York")
#define LOS_ANGELES TEXT("America/Los_Angeles")

static struct arena *arena;
static struct calendar calendar;
static struct turn_rules rules;

static int set_up(void **state)
{
    (void)state;
    struct problem problem = {0};
    arena = arena_new(1024 * 1024);
    return calendar_parse(arena, holidays_data(), &calendar, &problem) &&
                   turns_parse(turns_data(), &rules, &problem)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* ---- Who ---- */

/* Each state, alone and worked by hand; the rejected ones by the reason's turn and whether they are sent again by themselves. */
static void every_state_waits_for_somebody(void **state)
{
    (void)state;
    static const struct {
        enum number_status status;
        bool by_hand, will_retry, has_date;
        enum turn reason;
        enum wait wait;
        enum turn turn;
    } cells[] = {
        {NUMBER_STATUS_DRAFT, false, false, false, TURN_NOBODY, WAIT_DRAFT, TURN_CUSTOMER},
        {NUMBER_STATUS_IN_REVIEW, false, false, false, TURN_NOBODY, WAIT_REVIEW, TURN_GAINING_CARRIER},
        {NUMBER_STATUS_WAITING_FOR_SIGNATURE, false, false, false, TURN_NOBODY, WAIT_SIGNATURE, TURN_SIGNER},
        {NUMBER_STATUS_SUBMITTED, false, false, false, TURN_NOBODY, WAIT_SUBMITTED, TURN_GAINING_CARRIER},
        {NUMBER_STATUS_PENDING, false, false, false, TURN_NOBODY, WAIT_ANSWER, TURN_LOSING_CARRIER},
        {NUMBER_STATUS_PENDING, false, false, true, TURN_NOBODY, WAIT_DATE, TURN_LOSING_CARRIER},
        {NUMBER_STATUS_CANCELING, false, false, false, TURN_NOBODY, WAIT_CANCEL, TURN_GAINING_CARRIER},
        {NUMBER_STATUS_COMPLETED, false, false, true, TURN_NOBODY, WAIT_NOTHING, TURN_NOBODY},
        {NUMBER_STATUS_CANCELED, false, false, false, TURN_NOBODY, WAIT_NOTHING, TURN_NOBODY},
        {NUMBER_STATUS_EXPIRED, false, false, false, TURN_NOBODY, WAIT_AGAIN, TURN_CUSTOMER},
        {NUMBER_STATUS_NOT_PORTABLE, false, false, false, TURN_NOBODY, WAIT_NOTHING, TURN_NOBODY},
        {NUMBER_STATUS_REJECTED, false, false, false, TURN_CUSTOMER, WAIT_CORRECTION, TURN_CUSTOMER},
        {NUMBER_STATUS_REJECTED, false, false, false, TURN_PORTING_TEAM, WAIT_TEAM, TURN_PORTING_TEAM},
        {NUMBER_STATUS_REJECTED, false, false, false, TURN_NOBODY, WAIT_TEAM, TURN_PORTING_TEAM},
        {NUMBER_STATUS_REJECTED, false, true, false, TURN_PORTING_TEAM, WAIT_RETRY, TURN_LOSING_CARRIER},
        {NUMBER_STATUS_REJECTED, true, true, false, TURN_PORTING_TEAM, WAIT_RETRY, TURN_LOSING_CARRIER},
        {NUMBER_STATUS_REJECTED, true, false, false, TURN_CUSTOMER, WAIT_CORRECTION, TURN_CUSTOMER},
        {NUMBER_STATUS_DRAFT, true, false, false, TURN_NOBODY, WAIT_DRAFT, TURN_CUSTOMER},
        {NUMBER_STATUS_IN_REVIEW, true, false, false, TURN_NOBODY, WAIT_TEAM, TURN_PORTING_TEAM},
        {NUMBER_STATUS_WAITING_FOR_SIGNATURE, true, false, false, TURN_NOBODY, WAIT_SIGNATURE, TURN_SIGNER},
        {NUMBER_STATUS_SUBMITTED, true, false, false, TURN_NOBODY, WAIT_TEAM, TURN_PORTING_TEAM},
        {NUMBER_STATUS_PENDING, true, false, false, TURN_NOBODY, WAIT_ANSWER, TURN_LOSING_CARRIER},
        {NUMBER_STATUS_PENDING, true, false, true, TURN_NOBODY, WAIT_DATE, TURN_LOSING_CARRIER},
        {NUMBER_STATUS_CANCELING, true, false, false, TURN_NOBODY, WAIT_TEAM, TURN_PORTING_TEAM},
        {NUMBER_STATUS_COMPLETED, true, false, false, TURN_NOBODY, WAIT_NOTHING, TURN_NOBODY},
        {NUMBER_STATUS_CANCELED, true, false, false, TURN_NOBODY, WAIT_NOTHING, TURN_NOBODY},
        {NUMBER_STATUS_EXPIRED, true, false, false, TURN_NOBODY, WAIT_AGAIN, TURN_CUSTOMER},
        {NUMBER_STATUS_NOT_PORTABLE, true, false, false, TURN_NOBODY, WAIT_TEAM, TURN_PORTING_TEAM},
    };
    bool seen[NUMBER_STATUS_COUNT][2] = {0};
    for (size_t i = 0; i < COUNT(cells); i++) {
        struct number_in_roll_up number = {.status = cells[i].status,
            .by_hand = cells[i].by_hand,
            .will_retry = cells[i].will_retry,
            .has_date = cells[i].has_date,
            .rejection_turn = cells[i].reason};
        seen[cells[i].status][cells[i].by_hand] = true;
        if (number_wait(&number) != cells[i].wait || number_turn(&number) != cells[i].turn)
            fail_msg("cell %zu: %s", i, wait_name(number_wait(&number)));
    }
    for (size_t i = 0; i < NUMBER_STATUS_COUNT; i++)
        assert_true(seen[i][0] && seen[i][1]);
    for (size_t i = 0; i < WAIT_COUNT; i++) {
        enum wait again;
        assert_true(wait_parse(text_from(wait_name((enum wait)i)), &again) && again == (enum wait)i);
    }
}

/* ---- The table ---- */

static void the_table_is_the_policy(void **state)
{
    (void)state;
    static const struct {
        enum wait wait;
        unsigned min, max;
        bool doubtful;
        unsigned remind, every, times, tell, team;
    } cells[] = {
        {WAIT_DRAFT, 0, 0, true, 0, 0, 0, 0, 0},
        {WAIT_REVIEW, 1, 2, true, 0, 0, 0, 0, 3},
        {WAIT_SIGNATURE, 1, 2, true, 1, 3, 5, 10, 15},
        {WAIT_SUBMITTED, 1, 2, true, 0, 0, 0, 0, 3},
        {WAIT_ANSWER, 1, 4, false, 0, 0, 0, 5, 7},
        {WAIT_DATE, 0, 0, true, 0, 0, 0, 0, 1},
        {WAIT_CANCEL, 1, 2, true, 0, 0, 0, 0, 2},
        {WAIT_CORRECTION, 1, 3, true, 2, 3, 4, 0, 10},
        {WAIT_RETRY, 0, 0, true, 0, 0, 0, 0, 0},
        {WAIT_TEAM, 1, 2, true, 1, 2, 3, 0, 0},
        {WAIT_AGAIN, 0, 0, true, 0, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < COUNT(cells); i++) {
        const struct turn_rule *rule = &rules.items[cells[i].wait];
        if (rule->usual_min != cells[i].min || rule->usual_max != cells[i].max ||
            rule->usual_doubtful != cells[i].doubtful || rule->remind != cells[i].remind ||
            rule->every != cells[i].every || rule->times != cells[i].times || rule->tell != cells[i].tell ||
            rule->team != cells[i].team)
            fail_msg("%s", wait_name(cells[i].wait));
    }
    assert_int_equal(COUNT(cells), WAIT_COUNT - 1);
}

/* ---- Business hours ---- */

static int64_t at(const char *instant)
{
    int64_t us = 0;
    if (!instant_parse(text_from(instant), &us))
        fail_msg("%s", instant);
    return us;
}

static void is_at(int64_t got, const char *wanted)
{
    if (got != at(wanted))
        fail_msg("%.*s instead of %s", TEXT_ARG(instant_iso(arena, got)), wanted);
}

static void counts_business_hours(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        unsigned hours; /* New York's; 9 AM is 14:00Z, 5 PM 22:00Z */
    } cells[] = {
        {"2026-11-17T15:00:00Z", "2026-11-17T15:59:00Z", 0},
        {"2026-11-17T15:00:00Z", "2026-11-17T18:30:00Z", 3},
        {"2026-11-17T10:00:00Z", "2026-11-17T15:00:00Z", 1},
        {"2026-11-17T21:00:00Z", "2026-11-18T15:00:00Z", 2},
        {"2026-11-20T21:00:00Z", "2026-11-23T15:00:00Z", 2}, /* over a weekend */
        {"2026-11-25T21:00:00Z", "2026-11-27T15:00:00Z", 2}, /* over Thanksgiving */
        {"2026-11-16T14:00:00Z", "2026-11-23T14:00:00Z", 40},
        {"2026-11-18T15:00:00Z", "2026-11-17T15:00:00Z", 0},
    };
    for (size_t i = 0; i < COUNT(cells); i++)
        assert_int_equal(
            business_hours_passed(&calendar, at(cells[i].from), at(cells[i].to), NEW_YORK), cells[i].hours);
}

static void waits_for_business_hours(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        unsigned days;
        const char *eastern, *pacific; /* then, in New York's and in California's hours */
    } cells[] = {
        /* A Tuesday: before, within and after the hours. 14:00Z is 9 in New York (EST) and 6 in California. */
        {"2026-11-17T05:00:00Z", 0, "2026-11-17T14:00:00Z", "2026-11-17T17:00:00Z"},
        {"2026-11-17T20:30:00Z", 0, "2026-11-17T20:30:00Z", "2026-11-17T20:30:00Z"},
        {"2026-11-17T22:00:00Z", 0, "2026-11-18T14:00:00Z", "2026-11-17T22:00:00Z"},
        {"2026-11-18T02:00:00Z", 0, "2026-11-18T14:00:00Z", "2026-11-18T17:00:00Z"},
        {"2026-11-17T20:30:00Z", 1, "2026-11-18T20:30:00Z", "2026-11-18T20:30:00Z"},
        /* Friday to Monday, Saturday and Sunday. */
        {"2026-11-20T20:00:00Z", 1, "2026-11-23T20:00:00Z", "2026-11-23T20:00:00Z"},
        {"2026-11-21T20:00:00Z", 0, "2026-11-23T14:00:00Z", "2026-11-23T17:00:00Z"},
        {"2026-11-22T20:00:00Z", 1, "2026-11-24T14:00:00Z", "2026-11-24T17:00:00Z"},
        /* Thanksgiving, Christmas, New Year. */
        {"2026-11-25T20:00:00Z", 1, "2026-11-27T20:00:00Z", "2026-11-27T20:00:00Z"},
        {"2026-11-26T20:00:00Z", 0, "2026-11-27T14:00:00Z", "2026-11-27T17:00:00Z"},
        {"2026-12-24T20:00:00Z", 5, "2027-01-04T20:00:00Z", "2027-01-04T20:00:00Z"},
        /* The clocks go back on November 1 and forward on March 14: the time of day stays. */
        {"2026-10-30T19:00:00Z", 1, "2026-11-02T20:00:00Z", "2026-11-02T20:00:00Z"},
        {"2027-03-12T20:00:00Z", 1, "2027-03-15T19:00:00Z", "2027-03-15T19:00:00Z"},
    };
    for (size_t i = 0; i < COUNT(cells); i++) {
        is_at(business_time_add(&calendar, at(cells[i].from), cells[i].days, NEW_YORK), cells[i].eastern);
        is_at(business_time_add(&calendar, at(cells[i].from), cells[i].days, LOS_ANGELES), cells[i].pacific);
    }
    static const struct {
        const char *from, *to;
        unsigned passed;
    } counted[] = {
        {"2026-11-17T20:00:00Z", "2026-11-17T21:00:00Z", 0},
        {"2026-11-17T20:00:00Z", "2026-11-18T14:00:00Z", 1},
        {"2026-11-20T20:00:00Z", "2026-11-22T20:00:00Z", 0},
        {"2026-11-20T20:00:00Z", "2026-11-23T20:00:00Z", 1},
        {"2026-11-25T20:00:00Z", "2026-11-30T20:00:00Z", 2},
        {"2026-11-18T20:00:00Z", "2026-11-17T20:00:00Z", 0},
        {"1970-01-01T00:00:00Z", "2026-11-17T20:00:00Z", 262},
    };
    for (size_t i = 0; i < COUNT(counted); i++)
        assert_int_equal(business_days_passed(&calendar, at(counted[i].from), at(counted[i].to), NEW_YORK),
            counted[i].passed);
}

/* ---- What the desk does ---- */

struct deed {
    enum watch_act act;
    const char *at;
};

/* Does everything that comes due, as early as it can be, and compares it with the list, to its end. */
static void all_deeds(enum wait wait, const char *since, const struct deed *deeds, size_t count)
{
    struct watch watch = {.wait = wait, .since = at(since)};
    for (size_t i = 0; i <= count; i++) {
        struct watch_step step = watch_next(&rules.items[wait], &calendar, NEW_YORK, &watch);
        if (i == count) {
            assert_int_equal(step.act, WATCH_NOTHING);
            return;
        }
        if (step.act != deeds[i].act)
            fail_msg("%s: deed %zu is %d at %.*s", wait_name(wait), i, step.act,
                TEXT_ARG(instant_iso(arena, step.at)));
        is_at(step.at, deeds[i].at);
        if (step.act == WATCH_REMIND) {
            watch.reminders++;
            watch.reminded_at = step.at;
        }
        watch.told |= step.act == WATCH_TELL;
        watch.escalated |= step.act == WATCH_TEAM;
    }
}

static void each_wait_is_followed_to_its_end(void **state)
{
    (void)state;
    /* From Monday, November 2, 10 AM in New York on; the 11th is Veterans Day, the 26th Thanksgiving. */
    static const char *const since = "2026-11-02T15:00:00Z";
    static const struct deed signature[] = {
        {WATCH_REMIND, "2026-11-03T15:00:00Z"},
        {WATCH_REMIND, "2026-11-06T15:00:00Z"},
        {WATCH_REMIND, "2026-11-12T15:00:00Z"},
        {WATCH_REMIND, "2026-11-17T15:00:00Z"},
        {WATCH_TELL, "2026-11-17T15:00:00Z"},
        {WATCH_REMIND, "2026-11-20T15:00:00Z"},
        {WATCH_TEAM, "2026-11-24T15:00:00Z"},
    };
    static const struct deed correction[] = {
        {WATCH_REMIND, "2026-11-04T15:00:00Z"},
        {WATCH_REMIND, "2026-11-09T15:00:00Z"},
        {WATCH_REMIND, "2026-11-13T15:00:00Z"},
        {WATCH_TEAM, "2026-11-17T15:00:00Z"},
        {WATCH_REMIND, "2026-11-18T15:00:00Z"},
    };
    static const struct deed answer[] = {
        {WATCH_TELL, "2026-11-09T15:00:00Z"}, {WATCH_TEAM, "2026-11-12T15:00:00Z"}};
    static const struct deed team[] = {{WATCH_REMIND, "2026-11-03T15:00:00Z"},
        {WATCH_REMIND, "2026-11-05T15:00:00Z"}, {WATCH_REMIND, "2026-11-09T15:00:00Z"}};
    static const struct deed one[] = {{WATCH_TEAM, "2026-11-03T15:00:00Z"}};
    static const struct deed two[] = {{WATCH_TEAM, "2026-11-04T15:00:00Z"}};
    static const struct deed three[] = {{WATCH_TEAM, "2026-11-05T15:00:00Z"}};
    static const struct {
        enum wait wait;
        const struct deed *deeds;
        size_t count;
    } cells[] = {
        {WAIT_DRAFT, NULL, 0},
        {WAIT_REVIEW, three, COUNT(three)},
        {WAIT_SIGNATURE, signature, COUNT(signature)},
        {WAIT_SUBMITTED, three, COUNT(three)},
        {WAIT_ANSWER, answer, COUNT(answer)},
        {WAIT_DATE, one, COUNT(one)},
        {WAIT_CANCEL, two, COUNT(two)},
        {WAIT_CORRECTION, correction, COUNT(correction)},
        {WAIT_RETRY, NULL, 0},
        {WAIT_TEAM, team, COUNT(team)},
        {WAIT_AGAIN, NULL, 0},
    };
    for (size_t i = 0; i < COUNT(cells); i++)
        all_deeds(cells[i].wait, since, cells[i].deeds, cells[i].count);
}

/* After a week without power the reminders that were missed are one; the next comes when it would after any. */
static void what_was_missed_is_done_once(void **state)
{
    (void)state;
    struct watch watch = {.wait = WAIT_SIGNATURE, .since = at("2026-11-02T15:00:00Z")};
    const struct turn_rule *rule = &rules.items[WAIT_SIGNATURE];
    int64_t now = at("2026-11-10T18:00:00Z");
    assert_true(watch_next(rule, &calendar, NEW_YORK, &watch).at < now);
    watch.reminders = 1;
    watch.reminded_at = now;
    struct watch_step next = watch_next(rule, &calendar, NEW_YORK, &watch);
    assert_int_equal(next.act, WATCH_REMIND);
    is_at(next.at, "2026-11-16T18:00:00Z");
}

static void the_team_is_left_in_peace(void **state)
{
    (void)state;
    struct watch watch = {.wait = WAIT_ANSWER,
        .since = at("2026-11-02T15:00:00Z"),
        .told = true,
        .put_off = at("2026-11-16T18:00:00Z")};
    struct watch_step next = watch_next(&rules.items[WAIT_ANSWER], &calendar, NEW_YORK, &watch);
    assert_int_equal(next.act, WATCH_TEAM);
    is_at(next.at, "2026-11-16T18:00:00Z");
}

static void is_late_after_what_is_usual(void **state)
{
    (void)state;
    int64_t since = at("2026-11-02T15:00:00Z");
    const struct turn_rule *answer = &rules.items[WAIT_ANSWER];
    assert_false(watch_is_late(answer, &calendar, NEW_YORK, since, at("2026-11-06T22:00:00Z")));
    assert_false(watch_is_late(answer, &calendar, NEW_YORK, since, at("2026-11-08T22:00:00Z")));
    assert_true(watch_is_late(answer, &calendar, NEW_YORK, since, at("2026-11-09T14:00:00Z")));
    assert_false(
        watch_is_late(&rules.items[WAIT_RETRY], &calendar, NEW_YORK, since, at("2027-11-09T14:00:00Z")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_waits_for_somebody),
        cmocka_unit_test(the_table_is_the_policy),
        cmocka_unit_test(waits_for_business_hours),
        cmocka_unit_test(counts_business_hours),
        cmocka_unit_test(each_wait_is_followed_to_its_end),
        cmocka_unit_test(what_was_missed_is_done_once),
        cmocka_unit_test(the_team_is_left_in_peace),
        cmocka_unit_test(is_late_after_what_is_usual),
    };
    return cmocka_run_group_tests_name("rules/turn", tests, set_up, tear_down);
}
