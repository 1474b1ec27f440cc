#include "rules/draft_field.h"

static const struct {
    const char *name;
    int step;
    enum word word;
} fields[DRAFT_FIELD_COUNT] = {
    [DRAFT_FIELD_NONE] = {"", 7, WORD_rules_field_none},
    [DRAFT_FIELD_CARRIER] = {"carrier", 1, WORD_rules_field_carrier},
    [DRAFT_FIELD_NUMBERS] = {"numbers", 1, WORD_rules_field_numbers},
    [DRAFT_FIELD_BILL] = {"bill", 3, WORD_rules_field_bill},
    [DRAFT_FIELD_BILL_CONFIRMED] = {"bill_confirmed", 3, WORD_rules_field_bill_confirmed},
    [DRAFT_FIELD_ACCOUNT_NAME] = {"account_name", 4, WORD_rules_field_account_name},
    [DRAFT_FIELD_ACCOUNT_TYPE] = {"account_type", 4, WORD_rules_field_account_type},
    [DRAFT_FIELD_ACCOUNT_NUMBER] = {"account_number", 4, WORD_rules_field_account_number},
    [DRAFT_FIELD_BTN] = {"btn", 4, WORD_rules_field_btn},
    [DRAFT_FIELD_PIN] = {"pin", 4, WORD_rules_field_pin},
    [DRAFT_FIELD_OWNER_NAME] = {"owner_name", 5, WORD_rules_field_owner_name},
    [DRAFT_FIELD_OWNER_EMAIL] = {"owner_email", 5, WORD_rules_field_owner_email},
    [DRAFT_FIELD_STREET] = {"street", 6, WORD_rules_field_street},
    [DRAFT_FIELD_UNIT] = {"unit", 6, WORD_rules_field_unit},
    [DRAFT_FIELD_CITY] = {"city", 6, WORD_rules_field_city},
    [DRAFT_FIELD_STATE] = {"state", 6, WORD_rules_field_state},
    [DRAFT_FIELD_ZIP] = {"zip", 6, WORD_rules_field_zip},
    [DRAFT_FIELD_WISHED_DATE] = {"wished_date", 7, WORD_rules_field_wished_date},
    [DRAFT_FIELD_WISHED_TIME] = {"wished_time", 7, WORD_rules_field_wished_time},
    [DRAFT_FIELD_ACKNOWLEDGED] = {"acknowledged", 7, WORD_rules_field_acknowledged},
};

const char *draft_field_name(enum draft_field field)
{
    return fields[field].name;
}

bool draft_field_parse(struct text name, enum draft_field *ret)
{
    for (size_t i = 1; i < DRAFT_FIELD_COUNT; i++) {
        if (text_is(name, fields[i].name)) {
            *ret = (enum draft_field)i;
            return true;
        }
    }
    return false;
}

int draft_field_step(enum draft_field field)
{
    return fields[field].step;
}

enum word draft_field_word(enum draft_field field)
{
    return fields[field].word;
}
