#include "rules/rejection.h"

#include "numbering/tsv.h"

#define CARRIER_WORDS_MAX 16 /* of one reason */
#define CARRIER_WORD_BYTES_MAX 80

static const struct {
    const char *name;
    enum word brief, what, mend;
} reasons[REJECTION_COUNT] = {
    [REJECTION_OTHER] = {"other", WORD_rules_rejection_other, WORD_rules_rejection_other_what,
        WORD_rules_rejection_other_do},
    [REJECTION_ACCOUNT_NUMBER] = {"account_number", WORD_rules_rejection_account_number,
        WORD_rules_rejection_account_number_what, WORD_rules_rejection_account_number_do},
    [REJECTION_SERVICE_ADDRESS] = {"service_address", WORD_rules_rejection_service_address,
        WORD_rules_rejection_service_address_what, WORD_rules_rejection_service_address_do},
    [REJECTION_END_USER_NAME] = {"end_user_name", WORD_rules_rejection_end_user_name,
        WORD_rules_rejection_end_user_name_what, WORD_rules_rejection_end_user_name_do},
    [REJECTION_AUTHORIZED_PERSON] = {"authorized_person", WORD_rules_rejection_authorized_person,
        WORD_rules_rejection_authorized_person_what, WORD_rules_rejection_authorized_person_do},
    [REJECTION_PIN] = {"pin", WORD_rules_rejection_pin, WORD_rules_rejection_pin_what,
        WORD_rules_rejection_pin_do},
    [REJECTION_TAX_ID] = {"tax_id", WORD_rules_rejection_tax_id, WORD_rules_rejection_tax_id_what,
        WORD_rules_rejection_tax_id_do},
    [REJECTION_BILLING_NUMBER] = {"billing_number", WORD_rules_rejection_billing_number,
        WORD_rules_rejection_billing_number_what, WORD_rules_rejection_billing_number_do},
    [REJECTION_MAIN_NUMBER_IN_PORT] = {"main_number_in_port", WORD_rules_rejection_main_number_in_port,
        WORD_rules_rejection_main_number_in_port_what, WORD_rules_rejection_main_number_in_port_do},
    [REJECTION_NOT_PORTABLE] = {"not_portable", WORD_rules_rejection_not_portable,
        WORD_rules_rejection_not_portable_what, WORD_rules_rejection_not_portable_do},
    [REJECTION_DISCONNECTED] = {"disconnected", WORD_rules_rejection_disconnected,
        WORD_rules_rejection_disconnected_what, WORD_rules_rejection_disconnected_do},
    [REJECTION_FREEZE_OR_LOCK] = {"freeze_or_lock", WORD_rules_rejection_freeze_or_lock,
        WORD_rules_rejection_freeze_or_lock_what, WORD_rules_rejection_freeze_or_lock_do},
    [REJECTION_PREPAID_OR_UNPAID] = {"prepaid_or_unpaid", WORD_rules_rejection_prepaid_or_unpaid,
        WORD_rules_rejection_prepaid_or_unpaid_what, WORD_rules_rejection_prepaid_or_unpaid_do},
    [REJECTION_PENDING_ORDER] = {"pending_order", WORD_rules_rejection_pending_order,
        WORD_rules_rejection_pending_order_what, WORD_rules_rejection_pending_order_do},
    [REJECTION_SPECIAL_SERVICE] = {"special_service", WORD_rules_rejection_special_service,
        WORD_rules_rejection_special_service_what, WORD_rules_rejection_special_service_do},
    [REJECTION_BAD_DATE] = {"bad_date", WORD_rules_rejection_bad_date, WORD_rules_rejection_bad_date_what,
        WORD_rules_rejection_bad_date_do},
    [REJECTION_DOCUMENT] = {"document", WORD_rules_rejection_document, WORD_rules_rejection_document_what,
        WORD_rules_rejection_document_do},
    [REJECTION_DIFFERENT_ACCOUNTS] = {"different_accounts", WORD_rules_rejection_different_accounts,
        WORD_rules_rejection_different_accounts_what, WORD_rules_rejection_different_accounts_do},
    [REJECTION_DATA_MISMATCH] = {"data_mismatch", WORD_rules_rejection_data_mismatch,
        WORD_rules_rejection_data_mismatch_what, WORD_rules_rejection_data_mismatch_do},
    [REJECTION_CARRIER_DELAY] = {"carrier_delay", WORD_rules_rejection_carrier_delay,
        WORD_rules_rejection_carrier_delay_what, WORD_rules_rejection_carrier_delay_do},
    [REJECTION_NUMBER_CONFLICT] = {"number_conflict", WORD_rules_rejection_number_conflict,
        WORD_rules_rejection_number_conflict_what, WORD_rules_rejection_number_conflict_do},
    [REJECTION_SNAPBACK] = {"snapback", WORD_rules_rejection_snapback, WORD_rules_rejection_snapback_what,
        WORD_rules_rejection_snapback_do},
    [REJECTION_RESELLER] = {"reseller", WORD_rules_rejection_reseller, WORD_rules_rejection_reseller_what,
        WORD_rules_rejection_reseller_do},
    [REJECTION_PERSONAL_NUMBER] = {"personal_number", WORD_rules_rejection_personal_number,
        WORD_rules_rejection_personal_number_what, WORD_rules_rejection_personal_number_do},
};

const char *rejection_name(enum rejection_reason reason)
{
    return reasons[reason].name;
}

bool rejection_parse(struct text name, enum rejection_reason *ret)
{
    for (size_t i = 0; i < REJECTION_COUNT; i++) {
        if (text_is(name, reasons[i].name)) {
            *ret = (enum rejection_reason)i;
            return true;
        }
    }
    return false;
}

enum word rejection_short_word(enum rejection_reason reason)
{
    return reasons[reason].brief;
}

enum word rejection_what_word(enum rejection_reason reason)
{
    return reasons[reason].what;
}

enum word rejection_do_word(enum rejection_reason reason)
{
    return reasons[reason].mend;
}

/* ---- The table ---- */

static const struct rejection *find_word(const struct rejections *rejections, struct text plain)
{
    for (size_t i = 0; i < REJECTION_COUNT; i++) {
        const struct rejection *rejection = &rejections->items[i];
        for (size_t j = 0; j < rejection->words_count; j++) {
            if (text_equal(rejection->words[j], plain)) {
                return rejection;
            }
        }
    }
    return NULL;
}

static bool fields_parse(struct text names, uint32_t *ret)
{
    uint32_t bits = 0;
    for (struct text name; text_next(&names, ',', &name);) {
        enum draft_field field;
        if (!draft_field_parse(text_trim(name), &field)) {
            return false;
        }
        bits |= DRAFT_FIELD_BIT(field);
    }
    *ret = bits;
    return true;
}

static bool is_plain_word(struct text word)
{
    for (size_t at = 0; at < word.len; at++) {
        char c = word.at[at];
        if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_') {
            return false;
        }
    }
    return word.len > 0 && word.len <= CARRIER_WORD_BYTES_MAX;
}

static bool words_parse(
    struct arena *arena, const struct rejections *so_far, struct text words, struct rejection *ret)
{
    struct text *list = ARENA_ARRAY(arena, struct text, CARRIER_WORDS_MAX);
    size_t count = 0;
    for (struct text word; text_next(&words, ',', &word); count++) {
        struct text plain = text_trim(word);
        if (count == CARRIER_WORDS_MAX || !is_plain_word(plain) || find_word(so_far, plain)) {
            return false;
        }
        list[count] = plain;
    }
    ret->words = list;
    ret->words_count = count;
    return true;
}

static bool row_parse(struct arena *arena, const struct tsv *tsv, const struct text columns[], bool seen[],
    struct rejections *into, struct problem *problem)
{
    struct rejection row = {.page = columns[4]};
    if (!rejection_parse(columns[0], &row.reason)) {
        return tsv_problem(tsv, "there is no such reason", problem);
    }
    if (seen[row.reason]) {
        return tsv_problem(tsv, "this reason stands twice", problem);
    }
    if (!fields_parse(columns[1], &row.fields)) {
        return tsv_problem(tsv, "there is no such field", problem);
    }
    if (!turn_parse(columns[2], &row.turn) || (row.turn != TURN_CUSTOMER && row.turn != TURN_PORTING_TEAM)) {
        return tsv_problem(tsv, "the turn is customer or porting_team", problem);
    }
    if (!words_parse(arena, into, columns[3], &row)) {
        return tsv_problem(tsv, "a carrier word is not right, or stands twice", problem);
    }
    if (row.page.len > 0 && !text_starts(row.page, TEXT("https://"))) {
        return tsv_problem(tsv, "the page is an https address", problem);
    }
    seen[row.reason] = true;
    into->items[row.reason] = row;
    return true;
}

bool rejections_parse(
    struct arena *arena, struct text content, struct rejections *ret, struct problem *problem)
{
    struct tsv tsv;
    if (!tsv_begin(&tsv, content, "rejections.tsv", "reason\tfields\tturn\ttwilio\tpage", problem)) {
        return false;
    }
    struct rejections rejections = {0};
    bool seen[REJECTION_COUNT] = {false};
    struct problem found = {0};
    struct text columns[TSV_FIELDS_MAX];
    while (tsv_next(&tsv, columns, &found)) {
        if (!row_parse(arena, &tsv, columns, seen, &rejections, &found)) {
            break;
        }
    }
    for (size_t i = 0; i < REJECTION_COUNT && found.kind == PROBLEM_NONE; i++) {
        if (!seen[i]) {
            tsv_problem(&tsv, "a reason is missing", &found);
        }
    }
    if (!tsv_end(&found, problem)) {
        return false;
    }
    *ret = rejections;
    return true;
}

const struct rejection *rejection_of_word(const struct rejections *rejections, struct text carrier_word)
{
    char to[CARRIER_WORD_BYTES_MAX];
    struct text word = text_trim(carrier_word);
    const struct rejection *other = &rejections->items[REJECTION_OTHER];
    if (word.len > sizeof to) {
        return other;
    }
    for (size_t at = 0; at < word.len; at++) {
        char c = word.at[at];
        if (c >= 'a' && c <= 'z') {
            c = (char)(c - 'a' + 'A');
        }
        to[at] = c == ' ' || c == '-' ? '_' : c;
    }
    const struct rejection *found = find_word(rejections, (struct text){to, word.len});
    return found ? found : other;
}
