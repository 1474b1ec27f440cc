#include "sandbox/scenario.h"

const struct scenario scenarios[] = {
    {BY_PIN, "0000", DOES_REFUSE, 0, "INVALID_PIN", 0, WORD_sandbox_scenario_pin},
    {BY_ACCOUNT_NUMBER, "000", DOES_REFUSE, 0, "INVALID_ACCOUNT_NUMBER", 0, WORD_sandbox_scenario_account},
    {BY_STREET, "PO Box", DOES_REFUSE, 0, "INVALID_ADDRESS", 0, WORD_sandbox_scenario_po_box},
    {BY_STREET, "1 Wrong", DOES_REFUSE, 0, "INVALID_ADDRESS", 0, WORD_sandbox_scenario_street},
    {BY_NAME, "Wrong", DOES_REFUSE, 0, "INVALID_END_USER_NAME", 0, WORD_sandbox_scenario_name},
    {BY_NUMBER_END, "0190", DOES_REFUSE, 0, "CONTACT_SUPPORT_REQUIRED", 0, WORD_sandbox_scenario_support},
    {BY_NUMBER_END, "0191", DOES_REFUSE, 0, "PHONE_NUMBER_INACTIVE_OR_DISCONNECTED", 0,
        WORD_sandbox_scenario_inactive},
    {BY_NUMBER_END, "0192", DOES_REFUSE, 0, "PHONE_NUMBER_WITH_CARRIER_RESTRICTION", 0,
        WORD_sandbox_scenario_locked},
    {BY_NUMBER_END, "0193", DOES_WAIT, 0, NULL, 15, WORD_sandbox_scenario_silent},
    {BY_NUMBER_END, "0194", DOES_COMPLETE, 0, NULL, 0, WORD_sandbox_scenario_too_late},
    {BY_NUMBER_END, "0195", DOES_NEED_PIN, 0, NULL, 0, WORD_sandbox_scenario_mobile},
    {BY_NUMBER_END, "0196", DOES_NOT_PORT, 22133, "MANUAL_PORTING_AVAILABLE", 0,
        WORD_sandbox_scenario_manual},
    {BY_NUMBER_END, "0197", DOES_NOT_PORT, 22136, "ALREADY_IN_ONE_OF_YOUR_TWILIO_ACCOUNTS", 0,
        WORD_sandbox_scenario_yours},
    {BY_NUMBER_END, "0198", DOES_NOT_PORT, 22132, "ALREADY_IN_TWILIO_DIFFERENT_OWNER", 0,
        WORD_sandbox_scenario_other_owner},
    {BY_NUMBER_END, "0199", DOES_NOT_PORT, 22130, "UNSUPPORTED", 0, WORD_sandbox_scenario_unsupported},
};
const size_t scenario_count = sizeof scenarios / sizeof scenarios[0];

/* Twilio publishes no numbers for its reasons; these are the sandbox's own. */
#define REJECTION_CODE_FIRST 1001
const char *const rejection_reasons[] = {"CONTACT_SUPPORT_REQUIRED", "PHONE_NUMBER_WITH_CARRIER_RESTRICTION",
    "PHONE_NUMBER_INACTIVE_OR_DISCONNECTED", "INVALID_END_USER_NAME", "INVALID_ADDRESS", "INVALID_PIN",
    "INVALID_ACCOUNT_NUMBER", NULL};

int64_t rejection_code(struct text reason)
{
    for (int i = 0; rejection_reasons[i]; i++)
        if (text_is(reason, rejection_reasons[i]))
            return REJECTION_CODE_FIRST + i;
    return 0;
}

static bool starts_nocase(struct text text, const char *pattern)
{
    struct text start = text_from(pattern);
    return text.len >= start.len && text_equal_nocase(text_part(text, 0, start.len), start);
}

static const struct scenario *of_number(struct text e164, enum scenario_does does)
{
    for (size_t i = 0; i < scenario_count; i++)
        if (scenarios[i].by == BY_NUMBER_END && scenarios[i].does == does &&
            text_ends(e164, text_from(scenarios[i].pattern)))
            return &scenarios[i];
    return NULL;
}

bool number_ok(struct text e164)
{
    if (e164.len != 12 || !text_starts(e164, TEXT("+1")) || e164.at[2] < '2' || e164.at[5] < '2')
        return false;
    for (size_t i = 2; i < e164.len; i++)
        if (e164.at[i] < '0' || e164.at[i] > '9')
            return false;
    return true;
}

static bool in_list(struct text code, const char *list)
{
    struct text rest = text_from(list), item;
    while (text_next(&rest, ' ', &item))
        if (text_equal(item, code))
            return true;
    return false;
}

struct portability_verdict scenario_portability(struct text e164)
{
    struct text area = text_part(e164, 2, 3);
    if (in_list(area, "800 833 844 855 866 877 888"))
        return (struct portability_verdict){
            .code = 22133, .reason = "MANUAL_PORTING_AVAILABLE", .type = "TOLL-FREE", .country = "US"};
    if (in_list(area,
            "204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 403 416 418 428 431 437 438 450 468"
            " 474 506 514 519 548 579 581 584 587 604 613 639 647 672 683 705 709 742 753 778 780 782 807"
            " 819 825 867 873 879 902 905 942"))
        return (struct portability_verdict){
            .code = 22133, .reason = "MANUAL_PORTING_AVAILABLE", .type = "LOCAL", .country = "CA"};
    const struct scenario *no = of_number(e164, DOES_NOT_PORT);
    if (no)
        return (struct portability_verdict){
            .code = no->code, .reason = no->reason, .type = "LOCAL", .country = "US"};
    bool mobile = of_number(e164, DOES_NEED_PIN) != NULL;
    return (struct portability_verdict){
        .portable = true, .type = mobile ? "MOBILE" : "LOCAL", .country = "US", .pin_needed = mobile};
}

const char *scenario_verdict(
    struct text e164, struct text pin, struct text account_number, struct text street, struct text name)
{
    for (size_t i = 0; i < scenario_count; i++) {
        const struct scenario *scenario = &scenarios[i];
        if (scenario->does != DOES_REFUSE)
            continue;
        bool hit = false;
        switch (scenario->by) {
        case BY_NUMBER_END:
            hit = text_ends(e164, text_from(scenario->pattern));
            break;
        case BY_PIN:
            hit = text_is(pin, scenario->pattern);
            break;
        case BY_ACCOUNT_NUMBER:
            hit = text_starts(account_number, text_from(scenario->pattern));
            break;
        case BY_STREET:
            hit = starts_nocase(street, scenario->pattern);
            break;
        case BY_NAME:
            hit = starts_nocase(name, scenario->pattern);
            break;
        }
        if (hit)
            return scenario->reason;
    }
    return NULL;
}

int64_t scenario_answer_us(struct text e164)
{
    const struct scenario *silent = of_number(e164, DOES_WAIT);
    return silent ? silent->days * CLOCK_DAY : CLOCK_DAY;
}

bool scenario_ignores_cancel(struct text e164)
{
    return of_number(e164, DOES_COMPLETE) != NULL;
}
