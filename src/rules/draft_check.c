/* The checks of steps 1 to 3 and 7, and the order of the findings. Account, owner and address are in
 * draft_check_form.c. */
#include "rules/draft_check.h"

#include "rules/draft_check_parts.h"
#include "rules/split.h"
#include "rules/wish.h"

static const struct {
    const char *name;
    enum word word;
} acknowledgements[ACKNOWLEDGEMENT_COUNT] = {
    [ACKNOWLEDGE_CALLS_COME_HERE] = {"calls_come_here", WORD_rules_acknowledge_calls_come_here},
    [ACKNOWLEDGE_VOIP] = {"voip", WORD_rules_acknowledge_voip},
    [ACKNOWLEDGE_FEATURES_END] = {"features_end", WORD_rules_acknowledge_features_end},
    [ACKNOWLEDGE_PERSONAL_MOBILE] = {"personal_mobile", WORD_rules_acknowledge_personal_mobile},
    [ACKNOWLEDGE_KEEP_SERVICE] = {"keep_service", WORD_rules_acknowledge_keep_service},
    [ACKNOWLEDGE_TWO_FACTOR] = {"two_factor", WORD_rules_acknowledge_two_factor},
    [ACKNOWLEDGE_PORTING_BACK] = {"porting_back", WORD_rules_acknowledge_porting_back},
};

static const struct {
    const char *name;
    enum word word;
} severities[SEVERITY_COUNT] = {
    [SEVERITY_MUST] = {"must", WORD_rules_severity_must},
    [SEVERITY_LOOK] = {"look", WORD_rules_severity_look},
    [SEVERITY_GOOD] = {"good", WORD_rules_severity_good},
};

const char *acknowledgement_name(enum acknowledgement acknowledgement)
{
    return acknowledgements[acknowledgement].name;
}

enum word acknowledgement_word(enum acknowledgement acknowledgement)
{
    return acknowledgements[acknowledgement].word;
}

const char *severity_name(enum severity severity)
{
    return severities[severity].name;
}

enum word severity_word(enum severity severity)
{
    return severities[severity].word;
}

/* ---- Findings ---- */

void finding_add_at(struct draft_checker *checker, int step, enum draft_field field, enum severity severity,
    enum word word, struct text about)
{
    if (checker->count == DRAFT_FINDINGS_MAX) {
        return;
    }
    checker->findings[checker->count] =
        (struct finding){.step = step, .field = field, .severity = severity, .word = word, .about = about};
    checker->count++;
}

void finding_add(struct draft_checker *checker, enum draft_field field, enum severity severity,
    enum word word, struct text about)
{
    finding_add_at(checker, draft_field_step(field), field, severity, word, about);
}

bool check_length(
    struct draft_checker *checker, enum draft_field field, struct text value, size_t max, enum word too_long)
{
    if (text_length(text_trim(value)) <= max) {
        return true;
    }
    finding_add(checker, field, SEVERITY_MUST, too_long, text_format(checker->arena, "%zu", max));
    return false;
}

/* ---- Step 1 ---- */

static void check_carrier(struct draft_checker *checker)
{
    const struct draft_facts *facts = checker->facts;
    const struct losing_carrier *carrier = facts->carrier;
    if (carrier) {
        if (carrier->lock.value.len > 0) {
            finding_add(checker, DRAFT_FIELD_CARRIER, SEVERITY_LOOK, WORD_rules_check_carrier_lock,
                carrier->lock.value);
        }
        if (carrier->note.value.len > 0) {
            finding_add(checker, DRAFT_FIELD_CARRIER, SEVERITY_GOOD, WORD_rules_check_carrier_note,
                carrier->note.value);
        }
        if (carrier->kind == CARRIER_VOIP) { /* LC-02 */
            finding_add(checker, DRAFT_FIELD_CARRIER, SEVERITY_GOOD, WORD_rules_check_carrier_reseller,
                carrier->name);
        }
        return;
    }
    struct text name = text_trim(facts->carrier_name);
    if (name.len == 0) {
        finding_add(
            checker, DRAFT_FIELD_CARRIER, SEVERITY_MUST, WORD_rules_check_carrier_missing, TEXT_EMPTY);
    } else if (text_length(name) > DRAFT_NAME_MAX) {
        finding_add(
            checker, DRAFT_FIELD_CARRIER, SEVERITY_MUST, WORD_rules_check_carrier_name_long, TEXT_EMPTY);
    } else {
        finding_add(checker, DRAFT_FIELD_CARRIER, SEVERITY_GOOD, WORD_rules_check_carrier_unknown, name);
    }
}

#define FAULTS_TOLD_ONE_BY_ONE 20

static enum word faulty_item_word(const struct number_item *item)
{
    switch (item->fault) {
    case NUMBER_FAULT_NONE:
        return WORD_rules_check_number_refused;
    case NUMBER_FAULT_EXTENSION:
        return WORD_rules_check_number_extension;
    case NUMBER_FAULT_LETTERS:
        return WORD_rules_check_number_letters;
    case NUMBER_FAULT_FOREIGN:
        return WORD_rules_check_number_foreign;
    default:
        return WORD_rules_check_number_fault;
    }
}

static void check_item(struct draft_checker *checker, const struct number_item *item, size_t *told)
{
    bool faulty = item->fault != NUMBER_FAULT_NONE || item->class.portability == NUMBER_PORT_REFUSED;
    bool odd = !faulty && (item->duplicate || item->class.unknown_area_code);
    if ((!faulty && !odd) || *told == FAULTS_TOLD_ONE_BY_ONE) {
        return;
    }
    struct text about = text_clip(item->written, 40);
    if (faulty) {
        finding_add(checker, DRAFT_FIELD_NUMBERS, SEVERITY_MUST, faulty_item_word(item), about);
    } else {
        finding_add(checker, DRAFT_FIELD_NUMBERS, item->duplicate ? SEVERITY_GOOD : SEVERITY_LOOK,
            item->duplicate ? WORD_rules_check_number_duplicate : WORD_rules_check_number_area_code, about);
    }
    *told += 1;
}

static void check_ways(struct draft_checker *checker, const struct number_list *list)
{
    struct split split;
    split_numbers(checker->arena, list, SPLIT_ORDER_MAX, &split);
    for (size_t i = 0; i < split.orders_count; i++) {
        enum way way = split.orders[i].way;
        bool again = i > 0 && split.orders[i - 1].way == way;
        if (way != WAY_US && !again) {
            finding_add(checker, DRAFT_FIELD_NUMBERS, SEVERITY_GOOD,
                way == WAY_CANADA ? WORD_rules_check_numbers_canadian : WORD_rules_check_numbers_toll_free,
                TEXT_EMPTY);
        }
    }
    if (split.orders_count > 1) {
        finding_add(checker, DRAFT_FIELD_NUMBERS, SEVERITY_GOOD, WORD_rules_check_numbers_split,
            text_format(checker->arena, "%zu", split.orders_count));
    }
}

static void check_numbers(struct draft_checker *checker)
{
    const struct number_list *list = checker->facts->numbers;
    if (!list || list->count == 0) {
        finding_add(
            checker, DRAFT_FIELD_NUMBERS, SEVERITY_MUST, WORD_rules_check_numbers_missing, TEXT_EMPTY);
        return;
    }
    size_t told = 0;
    size_t faulty_told = 0;
    for (size_t pass = 0; pass < 2; pass++) { /* what must be corrected is told before what is only odd */
        for (size_t i = 0; i < list->count; i++) {
            const struct number_item *item = &list->items[i];
            bool faulty = item->fault != NUMBER_FAULT_NONE || item->class.portability == NUMBER_PORT_REFUSED;
            if (faulty == (pass == 0)) {
                check_item(checker, item, &told);
            }
        }
        faulty_told = pass == 0 ? told : faulty_told;
    }
    if (list->faulty > faulty_told) {
        finding_add(checker, DRAFT_FIELD_NUMBERS, SEVERITY_MUST, WORD_rules_check_numbers_more,
            text_format(checker->arena, "%zu", list->faulty - faulty_told));
    }
    if (list->usable == 0) {
        finding_add(
            checker, DRAFT_FIELD_NUMBERS, SEVERITY_MUST, WORD_rules_check_numbers_none_usable, TEXT_EMPTY);
        return;
    }
    check_ways(checker, list);
}

/* ---- Step 3 ---- */

static void check_bill(struct draft_checker *checker)
{
    const struct draft_facts *facts = checker->facts;
    if (facts->bills == 0) {
        finding_add(checker, DRAFT_FIELD_BILL, SEVERITY_MUST, WORD_rules_check_bill_missing, TEXT_EMPTY);
    } else if (facts->bills > DRAFT_BILLS_MAX) {
        finding_add(checker, DRAFT_FIELD_BILL, SEVERITY_MUST, WORD_rules_check_bill_too_many,
            text_format(checker->arena, "%d", DRAFT_BILLS_MAX));
    }
    if (!facts->bill_confirmed) {
        finding_add(checker, DRAFT_FIELD_BILL_CONFIRMED, SEVERITY_MUST, WORD_rules_check_bill_unconfirmed,
            TEXT_EMPTY);
    }
}

/* ---- Step 7 ---- */

static void check_wished_date(struct draft_checker *checker)
{
    const struct draft_facts *facts = checker->facts;
    struct text written = text_trim(facts->wished_date);
    struct date wish;
    if (written.len == 0) {
        return;
    }
    if (!date_parse(written, &wish)) {
        finding_add(checker, DRAFT_FIELD_WISHED_DATE, SEVERITY_MUST, WORD_rules_check_date_wrong, TEXT_EMPTY);
        return;
    }
    struct date earliest = calendar_earliest_wish(facts->calendar, &facts->wish_days, facts->today);
    struct date latest = calendar_latest_wish(facts->calendar, &facts->wish_days, facts->today);
    int weekday = date_weekday(wish);
    enum word word = WORD_NONE;
    enum severity severity = SEVERITY_MUST;
    struct date about = wish;
    if (date_compare(wish, date_add_days(facts->today, facts->wish_days.earliest)) < 0) {
        word = WORD_rules_check_date_early;
        about = earliest;
    } else if (date_compare(wish, date_add_days(facts->today, facts->wish_days.latest)) > 0) {
        word = WORD_rules_check_date_late;
        about = latest;
    } else if (weekday == 0 || weekday == 6) {
        word = WORD_rules_check_date_weekend;
        about = calendar_business_day_from(facts->calendar, wish);
    } else if (calendar_holiday(facts->calendar, wish)) {
        word = WORD_rules_check_date_holiday;
        severity = SEVERITY_LOOK;
    } else if (weekday == 5) {
        word = WORD_rules_check_date_friday;
        severity = SEVERITY_GOOD;
    }
    if (word != WORD_NONE) {
        finding_add(
            checker, DRAFT_FIELD_WISHED_DATE, severity, word, date_long(checker->arena, about, facts->today));
    }
}

static void check_wished_time(struct draft_checker *checker)
{
    const struct draft_facts *facts = checker->facts;
    enum wish_time time = WISH_ANY_TIME;
    if (!wish_time_parse(facts->wished_time, &time)) {
        finding_add(checker, DRAFT_FIELD_WISHED_TIME, SEVERITY_MUST, WORD_rules_check_time_wrong, TEXT_EMPTY);
    } else if (time != WISH_ANY_TIME && text_trim(facts->wished_date).len == 0) {
        finding_add(checker, DRAFT_FIELD_WISHED_TIME, SEVERITY_MUST, WORD_rules_check_time_alone, TEXT_EMPTY);
    }
}

static void check_acknowledgements(struct draft_checker *checker)
{
    if ((checker->facts->acknowledged & ACKNOWLEDGE_ALL) != ACKNOWLEDGE_ALL) {
        finding_add(checker, DRAFT_FIELD_ACKNOWLEDGED, SEVERITY_MUST, WORD_rules_check_acknowledge,
            text_format(checker->arena, "%d", ACKNOWLEDGEMENT_COUNT));
    }
}

/* ---- All ---- */

static bool comes_before(const struct finding *a, const struct finding *b)
{
    return a->step != b->step ? a->step < b->step : a->severity < b->severity;
}

/* Stable: findings of one step and severity stay in the order in which they were found. */
static void sort_findings(struct finding *findings, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct finding moving = findings[i];
        size_t at = i;
        for (; at > 0 && comes_before(&moving, &findings[at - 1]); at--) {
            findings[at] = findings[at - 1];
        }
        findings[at] = moving;
    }
}

void draft_check(
    struct arena *arena, const struct draft_facts *facts, struct finding **ret, size_t *ret_count)
{
    struct draft_checker checker = {
        .arena = arena, .facts = facts, .findings = ARENA_ARRAY(arena, struct finding, DRAFT_FINDINGS_MAX)};
    check_carrier(&checker);
    check_numbers(&checker);
    check_bill(&checker);
    check_account(&checker);
    check_pin(&checker);
    check_owner(&checker);
    check_address(&checker);
    check_wished_date(&checker);
    check_wished_time(&checker);
    check_acknowledgements(&checker);
    sort_findings(checker.findings, checker.count);
    *ret = checker.findings;
    *ret_count = checker.count;
}

size_t findings_must(const struct finding *findings, size_t count, int step)
{
    size_t must = 0;
    for (size_t i = 0; i < count; i++) {
        must += findings[i].severity == SEVERITY_MUST && (step == 0 || findings[i].step == step);
    }
    return must;
}
