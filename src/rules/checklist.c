#include "rules/checklist.h"

static const struct {
    const char *name;
    enum word word, why;
} items[CHECKLIST_COUNT] = {
    [CHECKLIST_SIM] = {"sim", WORD_rules_checklist_sim, WORD_rules_checklist_sim_why},
    [CHECKLIST_SECOND] = {"second", WORD_rules_checklist_second, WORD_rules_checklist_second_why},
    [CHECKLIST_BANKS] = {"banks", WORD_rules_checklist_banks, WORD_rules_checklist_banks_why},
    [CHECKLIST_EMAIL] = {"email", WORD_rules_checklist_email, WORD_rules_checklist_email_why},
    [CHECKLIST_APPS] = {"apps", WORD_rules_checklist_apps, WORD_rules_checklist_apps_why},
};

const char *checklist_name(enum checklist_item item)
{
    return items[item].name;
}

enum word checklist_word(enum checklist_item item)
{
    return items[item].word;
}

enum word checklist_why_word(enum checklist_item item)
{
    return items[item].why;
}

bool checklist_applies(const struct losing_carrier *carrier)
{
    return carrier == NULL || carrier->kind == CARRIER_MOBILE || carrier->kind == CARRIER_PREPAID;
}

unsigned checklist_open(uint32_t done)
{
    return (unsigned)__builtin_popcount(CHECKLIST_ALL & ~done);
}

uint32_t checklist_after(uint32_t before, uint32_t shown, uint32_t ticked)
{
    return ((before | ticked) & ~(shown & ~ticked)) & CHECKLIST_ALL;
}
