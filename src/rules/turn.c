#include "rules/turn.h"

#include "numbering/tsv.h"
#include "rules/business_time.h"

#define DAYS_MAX 200

static const struct {
    const char *name;
    enum turn turn;
} waits[WAIT_COUNT] = {
    [WAIT_NOTHING] = {"nothing", TURN_NOBODY},
    [WAIT_DRAFT] = {"draft", TURN_CUSTOMER},
    [WAIT_REVIEW] = {"review", TURN_GAINING_CARRIER},
    [WAIT_SIGNATURE] = {"signature", TURN_SIGNER},
    [WAIT_SUBMITTED] = {"submitted", TURN_GAINING_CARRIER},
    [WAIT_ANSWER] = {"answer", TURN_LOSING_CARRIER},
    [WAIT_DATE] = {"date", TURN_LOSING_CARRIER},
    [WAIT_CANCEL] = {"cancel", TURN_GAINING_CARRIER},
    [WAIT_CORRECTION] = {"correction", TURN_CUSTOMER},
    [WAIT_RETRY] = {"retry", TURN_LOSING_CARRIER},
    [WAIT_TEAM] = {"team", TURN_PORTING_TEAM},
    [WAIT_AGAIN] = {"again", TURN_CUSTOMER},
};

const char *wait_name(enum wait wait)
{
    return waits[wait].name;
}

bool wait_parse(struct text name, enum wait *ret)
{
    for (size_t i = 0; i < WAIT_COUNT; i++) {
        if (text_is(name, waits[i].name)) {
            *ret = (enum wait)i;
            return true;
        }
    }
    return false;
}

enum turn wait_turn(enum wait wait)
{
    return waits[wait].turn;
}

enum wait number_wait(const struct number_in_roll_up *number)
{
    static const enum wait by_status[NUMBER_STATUS_COUNT] = {
        [NUMBER_STATUS_DRAFT] = WAIT_DRAFT,
        [NUMBER_STATUS_IN_REVIEW] = WAIT_REVIEW,
        [NUMBER_STATUS_WAITING_FOR_SIGNATURE] = WAIT_SIGNATURE,
        [NUMBER_STATUS_SUBMITTED] = WAIT_SUBMITTED,
        [NUMBER_STATUS_PENDING] = WAIT_ANSWER,
        [NUMBER_STATUS_CANCELING] = WAIT_CANCEL,
        [NUMBER_STATUS_COMPLETED] = WAIT_NOTHING,
        [NUMBER_STATUS_CANCELED] = WAIT_NOTHING,
        [NUMBER_STATUS_EXPIRED] = WAIT_AGAIN,
        [NUMBER_STATUS_NOT_PORTABLE] = WAIT_NOTHING,
    };
    if (number->status == NUMBER_STATUS_REJECTED) {
        return number->will_retry                        ? WAIT_RETRY
               : number->rejection_turn == TURN_CUSTOMER ? WAIT_CORRECTION
                                                         : WAIT_TEAM;
    }
    if (number->status == NUMBER_STATUS_PENDING && number->has_date) {
        return WAIT_DATE;
    }
    enum wait wait = by_status[number->status];
    bool team_acts = wait_turn(wait) == TURN_GAINING_CARRIER || number->status == NUMBER_STATUS_NOT_PORTABLE;
    return number->by_hand && team_acts ? WAIT_TEAM : wait;
}

/* ---- The table ---- */

static bool days_parse(struct text digits, unsigned *ret)
{
    int64_t days = 0;
    if (digits.len > 0 && !text_to_i64(digits, 1, DAYS_MAX, &days)) {
        return false;
    }
    *ret = (unsigned)days;
    return true;
}

static bool usual_parse(struct text usual, struct text confidence, struct turn_rule *ret)
{
    size_t dash = text_find_char(usual, '-', 0);
    ret->usual_doubtful = !text_is(confidence, "verified");
    bool known = !ret->usual_doubtful || text_is(confidence, "secondary") ||
                 text_is(confidence, "conflicting") || text_is(confidence, "unverified");
    if (usual.len == 0) {
        return confidence.len == 0;
    }
    if (dash == SIZE_MAX) {
        ret->usual_min = 0;
        return known && days_parse(usual, &ret->usual_max);
    }
    return known && days_parse(text_part(usual, 0, dash), &ret->usual_min) &&
           days_parse(text_part(usual, dash + 1, usual.len), &ret->usual_max) &&
           ret->usual_min < ret->usual_max;
}

static bool rule_parse(const struct text columns[], struct turn_rule *ret)
{
    struct turn_rule rule = {0};
    unsigned *const figures[] = {&rule.remind, &rule.every, &rule.times, &rule.tell, &rule.team};
    if (!usual_parse(columns[1], columns[7], &rule)) {
        return false;
    }
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        if (!days_parse(columns[2 + i], figures[i])) {
            return false;
        }
    }
    *ret = rule;
    return (rule.remind > 0) == (rule.times > 0) && (rule.times > 1) == (rule.every > 0);
}

bool turns_parse(struct text content, struct turn_rules *ret, struct problem *problem)
{
    struct tsv tsv;
    if (!tsv_begin(&tsv, content, "turns.tsv", "wait\tusual\tremind\tevery\ttimes\ttell\tteam\tconfidence",
            problem)) {
        return false;
    }
    struct turn_rules rules = {0};
    bool seen[WAIT_COUNT] = {[WAIT_NOTHING] = true};
    struct problem found = {0};
    struct text columns[TSV_FIELDS_MAX];
    while (tsv_next(&tsv, columns, &found)) {
        enum wait wait = WAIT_NOTHING;
        if (!wait_parse(columns[0], &wait) || seen[wait]) {
            tsv_problem(&tsv, "there is no such wait, or it stands twice", &found);
            break;
        }
        if (!rule_parse(columns, &rules.items[wait])) {
            tsv_problem(&tsv, "a figure is not right", &found);
            break;
        }
        seen[wait] = true;
    }
    for (size_t i = 0; i < WAIT_COUNT && found.kind == PROBLEM_NONE; i++) {
        if (!seen[i]) {
            tsv_problem(&tsv, "a wait is missing", &found);
        }
    }
    if (!tsv_end(&found, problem)) {
        return false;
    }
    *ret = rules;
    return true;
}

/* ---- What is done about it ---- */

static void earlier(struct watch_step *step, enum watch_act act, int64_t at)
{
    if (step->act == WATCH_NOTHING || at < step->at) {
        *step = (struct watch_step){act, at};
    }
}

struct watch_step watch_next(const struct turn_rule *rule, const struct calendar *calendar, struct text zone,
    const struct watch *watch)
{
    struct watch_step step = {WATCH_NOTHING, 0};
    if (watch->reminders < rule->times) {
        bool first = watch->reminded_at == 0;
        earlier(&step, WATCH_REMIND,
            business_time_add(calendar, first ? watch->since : watch->reminded_at,
                first ? rule->remind : rule->every, zone));
    }
    if (rule->tell > 0 && !watch->told) {
        earlier(&step, WATCH_TELL, business_time_add(calendar, watch->since, rule->tell, zone));
    }
    if (rule->team > 0 && !watch->escalated) {
        earlier(&step, WATCH_TEAM,
            watch->put_off > 0 ? watch->put_off
                               : business_time_add(calendar, watch->since, rule->team, zone));
    }
    return step;
}

bool watch_is_late(const struct turn_rule *rule, const struct calendar *calendar, struct text zone,
    int64_t since, int64_t now)
{
    return rule->usual_max > 0 && business_days_passed(calendar, since, now, zone) > rule->usual_max;
}
