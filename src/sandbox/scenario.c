#include "sandbox/scenario.h"

#include <pthread.h>

/* By the number's last digits: 0140 to 0149 are of faults.c. */
const struct scenario scenarios[] = {
    {"pin", BY_PIN, "0000", .reject = "INVALID_PIN"},
    {"account-number", BY_ACCOUNT_NUMBER, "000", .reject = "INVALID_ACCOUNT_NUMBER"},
    {"po-box", BY_STREET, "PO Box", .reject = "INVALID_ADDRESS"},
    {"street", BY_STREET, "1 Wrong", .reject = "INVALID_ADDRESS"},
    {"customer-name", BY_NAME, "Wrong", .reject = "INVALID_END_USER_NAME"},
    {"pin-once", BY_NUMBER_END, "0150", .reject = "INVALID_PIN", .attempts = 1},
    {"pin-always", BY_NUMBER_END, "0151", .reject = "INVALID_PIN"},
    {"account-number-once", BY_NUMBER_END, "0152", .reject = "INVALID_ACCOUNT_NUMBER", .attempts = 1},
    {"account-number-always", BY_NUMBER_END, "0153", .reject = "INVALID_ACCOUNT_NUMBER"},
    {"address-once", BY_NUMBER_END, "0154", .reject = "INVALID_ADDRESS", .attempts = 1},
    {"address-always", BY_NUMBER_END, "0155", .reject = "INVALID_ADDRESS"},
    {"name-once", BY_NUMBER_END, "0156", .reject = "INVALID_END_USER_NAME", .attempts = 1},
    {"name-always", BY_NUMBER_END, "0157", .reject = "INVALID_END_USER_NAME"},
    {"support-once", BY_NUMBER_END, "0158", .reject = "CONTACT_SUPPORT_REQUIRED", .attempts = 1},
    {"inactive-once", BY_NUMBER_END, "0159", .reject = "PHONE_NUMBER_INACTIVE_OR_DISCONNECTED",
        .attempts = 1},
    {"restricted-once", BY_NUMBER_END, "0160", .reject = "PHONE_NUMBER_WITH_CARRIER_RESTRICTION",
        .attempts = 1},
    {"strange-reason", BY_NUMBER_END, "0161", .reject = "LOSING_CARRIER_ON_VACATION", .attempts = 1},
    {"strange-status", BY_NUMBER_END, "0162", .strange_status = 1},
    {"date-moved", BY_NUMBER_END, "0163", .firm_date = DATE_MOVED},
    {"date-lost", BY_NUMBER_END, "0164", .firm_date = DATE_LOST},
    {"slow", BY_NUMBER_END, "0165", .answer_days = 5},
    {"silent-for-ever", BY_NUMBER_END, "0166", .answer_days = SCENARIO_NEVER},
    {"slow-review", BY_NUMBER_END, "0167", .review_days = 5},
    {"short-letter", BY_NUMBER_END, "0168", .letter_days = 1},
    {"dropped", BY_NUMBER_END, "0169", .dropped = 1},
    {"late-inventory", BY_NUMBER_END, "0170", .inventory_hours = 24},
    {"spelled-as-title", BY_NUMBER_END, "0171", .spelling = SPELL_TITLE},
    {"spelled-with-hyphens", BY_NUMBER_END, "0172", .spelling = SPELL_HYPHENS},
    {"spelled-bare", BY_NUMBER_END, "0173", .spelling = SPELL_BARE},
    {"spelled-with-prefix", BY_NUMBER_END, "0174", .spelling = SPELL_PREFIXED},
    {"spelled-in-capitals", BY_NUMBER_END, "0175", .spelling = SPELL_SHOUTED},
    {"already-here", BY_NUMBER_END, "0176", .not_portable = 22131},
    {"undecided", BY_NUMBER_END, "0178", .not_portable = 22135},
    {"under-way", BY_NUMBER_END, "0179", .not_portable = 22137},
    {"invalid-number", BY_NUMBER_END, "0180", .not_portable = 22102},
    {"fields-missing", BY_NUMBER_END, "0181", .not_portable = 22171},
    {"other-country", BY_NUMBER_END, "0182", .not_portable = 22172},
    {"unauthorized", BY_NUMBER_END, "0183", .not_portable = 20003},
    {"support-always", BY_NUMBER_END, "0190", .reject = "CONTACT_SUPPORT_REQUIRED"},
    {"inactive-always", BY_NUMBER_END, "0191", .reject = "PHONE_NUMBER_INACTIVE_OR_DISCONNECTED"},
    {"restricted-always", BY_NUMBER_END, "0192", .reject = "PHONE_NUMBER_WITH_CARRIER_RESTRICTION"},
    {"silent", BY_NUMBER_END, "0193", .answer_days = 15},
    {"late-cancel", BY_NUMBER_END, "0194", .late_cancel = 1},
    {"mobile", BY_NUMBER_END, "0195", .mobile = 1},
    {"manual", BY_NUMBER_END, "0196", .not_portable = 22133},
    {"yours", BY_NUMBER_END, "0197", .not_portable = 22136},
    {"other-owner", BY_NUMBER_END, "0198", .not_portable = 22132},
    {"unsupported", BY_NUMBER_END, "0199", .not_portable = 22130},
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

static const struct {
    int code;
    const char *reason;
} portability_reasons[] = {
    {20003, "UNAUTHORIZED"},
    {22102, "INVALID_PHONE_NUMBER"},
    {22130, "UNSUPPORTED"},
    {22131, "ALREADY_IN_THE_TARGET_ACCOUNT"},
    {22132, "ALREADY_IN_TWILIO_DIFFERENT_OWNER"},
    {22133, "MANUAL_PORTING_AVAILABLE"},
    {22135, "ERROR_INTERNAL_SERVER_ERROR"},
    {22136, "ALREADY_IN_ONE_OF_YOUR_TWILIO_ACCOUNTS"},
    {22137, "PORT_IN_ALREADY_IN_PROGRESS"},
    {22171, "MISSING_REQUIRED_FIELDS"},
    {22172, "SEVERAL_COUNTRIES"},
};

const char *portability_reason(int code)
{
    for (size_t i = 0; i < sizeof portability_reasons / sizeof portability_reasons[0]; i++)
        if (portability_reasons[i].code == code)
            return portability_reasons[i].reason;
    return NULL;
}

/* ---- Which one ---- */

#define EXTRA_MAX 100

static struct {
    pthread_rwlock_t lock;
    struct scenario items[EXTRA_MAX];
    size_t count;
} extra = {.lock = PTHREAD_RWLOCK_INITIALIZER};

void scenario_use(const struct scenario *items, size_t count)
{
    pthread_rwlock_wrlock(&extra.lock);
    extra.count = count < EXTRA_MAX ? count : EXTRA_MAX;
    for (size_t i = 0; i < extra.count; i++)
        extra.items[i] = items[i];
    pthread_rwlock_unlock(&extra.lock);
}

typedef bool scenario_test(const struct scenario *scenario, const void *about);

/* The first that fits, the script's before the table's. */
static bool first(scenario_test *fits, const void *about, struct scenario *ret)
{
    bool found = false;
    *ret = (struct scenario){.by = BY_NUMBER_END};
    pthread_rwlock_rdlock(&extra.lock);
    for (size_t i = 0; i < extra.count && !found; i++)
        if (fits(&extra.items[i], about)) {
            *ret = extra.items[i];
            found = true;
        }
    pthread_rwlock_unlock(&extra.lock);
    for (size_t i = 0; i < scenario_count && !found; i++)
        if (fits(&scenarios[i], about)) {
            *ret = scenarios[i];
            found = true;
        }
    return found;
}

static bool fits_number(const struct scenario *scenario, const void *about)
{
    return scenario->by == BY_NUMBER_END &&
           text_ends(*(const struct text *)about, text_from(scenario->pattern));
}

static bool fits_name(const struct scenario *scenario, const void *about)
{
    return text_is(*(const struct text *)about, scenario->name);
}

bool scenario_of_number(struct text e164, struct scenario *ret)
{
    return first(fits_number, &e164, ret);
}

bool scenario_named(struct text name, struct scenario *ret)
{
    return first(fits_name, &name, ret);
}

struct told {
    struct text pin, account_number, street, name;
};

static bool starts_nocase(struct text text, const char *pattern)
{
    struct text start = text_from(pattern);
    return text.len >= start.len && text_equal_nocase(text_part(text, 0, start.len), start);
}

static bool fits_data(const struct scenario *scenario, const void *about)
{
    const struct told *told = about;
    switch ((enum scenario_by)scenario->by) {
    case BY_PIN:
        return text_is(told->pin, scenario->pattern);
    case BY_ACCOUNT_NUMBER:
        return text_starts(told->account_number, text_from(scenario->pattern));
    case BY_STREET:
        return starts_nocase(told->street, scenario->pattern);
    case BY_NAME:
        return starts_nocase(told->name, scenario->pattern);
    case BY_NUMBER_END:
    case BY_COUNT:
        break;
    }
    return false;
}

struct text scenario_verdict(
    struct arena *arena, struct text pin, struct text account_number, struct text street, struct text name)
{
    struct told told = {pin, account_number, street, name};
    struct scenario scenario;
    return first(fits_data, &told, &scenario) ? text_copy(arena, text_from(scenario.reject)) : TEXT_EMPTY;
}

/* ---- Portability ---- */

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
    struct scenario scenario;
    scenario_of_number(e164, &scenario);
    if (scenario.not_portable)
        return (struct portability_verdict){.code = scenario.not_portable,
            .reason = portability_reason(scenario.not_portable),
            .type = "LOCAL",
            .country = "US"};
    return (struct portability_verdict){.portable = true,
        .type = scenario.mobile ? "MOBILE" : "LOCAL",
        .country = "US",
        .pin_needed = scenario.mobile};
}
