/* The checks of steps 4 to 6: account, PIN, owner, address. */
#include <ctype.h>

#include "numbering/address.h"
#include "rules/draft_check_parts.h"

#define CARRIER_SEES_NAME 25        /* Bandwidth's documents: business name 25 characters; verified */
#define ACCOUNT_NUMBER_CLEAN_MAX 25 /* the same: account number up to 25 */

static bool is_alnum(char c)
{
    return isalnum((unsigned char)c) && (unsigned char)c < 0x80;
}

static bool is_empty(struct text value)
{
    return text_trim(value).len == 0;
}

static void must(struct draft_checker *checker, enum draft_field field, enum word word)
{
    finding_add(checker, field, SEVERITY_MUST, word, TEXT_EMPTY);
}

/* ---- Account ---- */

struct text account_number_clean(struct arena *arena, struct text account_number)
{
    struct text trimmed = text_trim(account_number);
    char *to = ARENA_ARRAY(arena, char, trimmed.len + 1);
    size_t len = 0;
    for (size_t at = 0; at < trimmed.len; at++) {
        if (trimmed.at[at] != ' ' && trimmed.at[at] != '-') {
            to[len] = trimmed.at[at];
            len++;
        }
    }
    return (struct text){to, len};
}

/* What is wrong with an account number in itself; WORD_NONE when nothing is. */
static enum word account_number_fault(struct text account_number)
{
    struct text trimmed = text_trim(account_number);
    size_t clean = 0;
    for (size_t at = 0; at < trimmed.len; at++) {
        char c = trimmed.at[at];
        if (!is_alnum(c) && c != ' ' && c != '-') {
            return WORD_rules_check_account_number_form;
        }
        clean += is_alnum(c);
    }
    if (clean == 0) {
        return WORD_rules_check_account_number_missing;
    }
    bool too_long = clean > ACCOUNT_NUMBER_CLEAN_MAX || trimmed.len > DRAFT_ACCOUNT_NUMBER_MAX;
    return too_long ? WORD_rules_check_account_number_long : WORD_NONE;
}

bool account_number_check(struct text account_number, struct problem *problem)
{
    enum word fault = account_number_fault(account_number);
    return fault == WORD_NONE || problem_set(problem, PROBLEM_INPUT, fault, "account_number", NULL, NULL);
}

static struct text range_text(struct arena *arena, const struct length_fact *length)
{
    return length->min == length->max ? text_format(arena, "%u", length->min)
                                      : text_format(arena, "%u–%u", length->min, length->max);
}

static bool list_holds(const struct number_list *list, const struct number *number)
{
    for (size_t i = 0; list && i < list->count; i++) {
        if (number_item_usable(&list->items[i]) && number_equal(&list->items[i].number, number)) {
            return true;
        }
    }
    return false;
}

static void check_account_number(struct draft_checker *checker)
{
    const struct draft_facts *facts = checker->facts;
    enum word fault = account_number_fault(facts->account_number);
    if (fault != WORD_NONE) {
        must(checker, DRAFT_FIELD_ACCOUNT_NUMBER, fault);
        return;
    }
    struct text clean = account_number_clean(checker->arena, facts->account_number);
    const struct length_fact *length = facts->carrier ? &facts->carrier->account_length : NULL;
    bool known = length && length->max > 0;
    bool ten_is_usual = known && length->min <= 10 && length->max >= 10;
    struct number as_phone;
    struct number btn;
    bool is_phone = number_parse(clean, &as_phone, NULL, NULL) &&
                    (list_holds(facts->numbers, &as_phone) ||
                        (number_parse(facts->btn, &btn, NULL, NULL) && number_equal(&btn, &as_phone)));
    if (is_phone && !ten_is_usual) { /* AC-02 */
        finding_add(checker, DRAFT_FIELD_ACCOUNT_NUMBER, SEVERITY_LOOK,
            WORD_rules_check_account_number_is_phone, TEXT_EMPTY);
    } else if (known && (clean.len < length->min || clean.len > length->max)) { /* AC-03: never blocks */
        finding_add(checker, DRAFT_FIELD_ACCOUNT_NUMBER, SEVERITY_LOOK,
            WORD_rules_check_account_number_length, range_text(checker->arena, length));
    }
}

static bool ends_like_business(struct text name)
{
    static const char *const suffixes[] = {
        " llc", " inc", " inc.", " corp", " corp.", " ltd", " ltd.", " llp", " pllc", " co.", " company"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        struct text suffix = text_from(suffixes[i]);
        if (name.len > suffix.len &&
            text_equal_nocase(text_part(name, name.len - suffix.len, suffix.len), suffix)) {
            return true;
        }
    }
    return false;
}

static void check_account_name(struct draft_checker *checker)
{
    struct text name = text_trim(checker->facts->account_name);
    if (name.len == 0) {
        must(checker, DRAFT_FIELD_ACCOUNT_NAME, WORD_rules_check_account_name_missing);
        return;
    }
    if (!check_length(
            checker, DRAFT_FIELD_ACCOUNT_NAME, name, DRAFT_NAME_MAX, WORD_rules_check_account_name_long)) {
        return;
    }
    if (text_length(name) > CARRIER_SEES_NAME) { /* NM-05 */
        finding_add(checker, DRAFT_FIELD_ACCOUNT_NAME, SEVERITY_GOOD, WORD_rules_check_account_name_cut,
            text_clip(name, CARRIER_SEES_NAME));
    }
    if (text_is(checker->facts->account_type, "residential") && ends_like_business(name)) { /* NM-02 */
        finding_add(
            checker, DRAFT_FIELD_ACCOUNT_TYPE, SEVERITY_LOOK, WORD_rules_check_account_name_business, name);
    }
}

void check_account(struct draft_checker *checker)
{
    const struct draft_facts *facts = checker->facts;
    check_account_name(checker);
    if (!text_is(facts->account_type, "business") && !text_is(facts->account_type, "residential")) {
        must(checker, DRAFT_FIELD_ACCOUNT_TYPE, WORD_rules_check_account_type_missing);
    }
    check_account_number(checker);
    struct number btn;
    if (is_empty(facts->btn)) {
        must(checker, DRAFT_FIELD_BTN, WORD_rules_check_btn_missing);
    } else if (!number_parse(facts->btn, &btn, NULL, NULL)) {
        must(checker, DRAFT_FIELD_BTN, WORD_rules_check_btn_wrong);
    } else if (list_holds(facts->numbers, &btn) && facts->carrier &&
               !losing_carrier_is_wireless(facts->carrier)) {
        finding_add(checker, DRAFT_FIELD_BTN, SEVERITY_GOOD, WORD_rules_check_btn_in_list, TEXT_EMPTY);
    }
}

/* ---- PIN ---- */

static bool pin_has_form(struct text pin)
{
    for (size_t at = 0; at < pin.len; at++) {
        if (!is_alnum(pin.at[at])) {
            return false;
        }
    }
    return pin.len >= DRAFT_PIN_MIN && pin.len <= DRAFT_PIN_MAX;
}

bool pin_check(struct text pin, struct problem *problem)
{
    return pin_has_form(text_trim(pin)) ||
           problem_set(problem, PROBLEM_INPUT, WORD_rules_check_pin_form, "pin", NULL, NULL);
}

/* The last four digits of one of the numbers, or a PIN that everybody tries first. */
static bool pin_is_simple(const struct draft_checker *checker, struct text pin)
{
    const struct number_list *list = checker->facts->numbers;
    for (size_t i = 0; list && i < list->count; i++) {
        const struct number_item *item = &list->items[i];
        if (number_item_usable(item) && text_equal(pin, text_part(number_e164(&item->number), 8, 4))) {
            return true;
        }
    }
    return text_is(pin, "0000") || text_is(pin, "1234");
}

static void check_pin_form(struct draft_checker *checker, struct text pin)
{
    const struct losing_carrier *carrier = checker->facts->carrier;
    if (!pin_has_form(pin)) {
        must(checker, DRAFT_FIELD_PIN, WORD_rules_check_pin_form);
        return;
    }
    const struct length_fact *length = carrier ? &carrier->pin_length : NULL;
    if (length && length->max > 0 && (pin.len < length->min || pin.len > length->max)) {
        bool certain = fact_is_certain(&length->fact);
        finding_add(checker, DRAFT_FIELD_PIN, certain ? SEVERITY_MUST : SEVERITY_LOOK,
            certain ? WORD_rules_check_pin_length : WORD_rules_check_pin_length_usual,
            range_text(checker->arena, length));
        return;
    }
    bool last_four_is_usual = carrier && carrier->kind == CARRIER_PREPAID; /* by default at several */
    if (!last_four_is_usual && pin_is_simple(checker, pin)) {              /* PN-03 */
        finding_add(checker, DRAFT_FIELD_PIN, SEVERITY_LOOK, WORD_rules_check_pin_simple, TEXT_EMPTY);
    }
}

/* How long the PIN lasts, as far as the directory knows: warns only. PN-04, PN-05. */
static void check_pin_age(struct draft_checker *checker)
{
    const struct draft_facts *facts = checker->facts;
    if (!facts->carrier || facts->carrier->pin_days == 0 || facts->pin_since.year == 0) {
        return;
    }
    struct date ends = date_add_days(facts->pin_since, (int)facts->carrier->pin_days);
    if (date_compare(ends, facts->today) < 0) {
        finding_add_at(checker, 7, DRAFT_FIELD_PIN, SEVERITY_LOOK, WORD_rules_check_pin_expired, TEXT_EMPTY);
    } else if (date_compare(ends, date_add_days(facts->today, 3)) <= 0) {
        finding_add_at(checker, 7, DRAFT_FIELD_PIN, SEVERITY_LOOK, WORD_rules_check_pin_expires,
            date_long(checker->arena, ends, facts->today));
    }
}

void check_pin(struct draft_checker *checker)
{
    const struct draft_facts *facts = checker->facts;
    struct text pin = text_trim(facts->pin);
    if (pin.len > 0) {
        check_pin_form(checker, pin);
        return;
    }
    if (facts->has_pin) {
        check_pin_age(checker);
        return;
    }
    /* Twilio refuses a US mobile number without a PIN (its porting API, verified); elsewhere it depends. */
    bool us = !facts->carrier || facts->carrier->country != NUMBER_COUNTRY_CA;
    bool needed = us && facts->carrier &&
                  (losing_carrier_is_wireless(facts->carrier) ||
                      (facts->carrier->pin_needed && fact_is_certain(&facts->carrier->pin_needed_fact)));
    bool maybe = us && !needed;
    int step = facts->pin_later ? 7 : draft_field_step(DRAFT_FIELD_PIN); /* "at the end" is the last step */
    if (needed) {
        finding_add_at(
            checker, step, DRAFT_FIELD_PIN, SEVERITY_MUST, WORD_rules_check_pin_missing, TEXT_EMPTY);
    } else if (maybe && (!facts->carrier || facts->carrier->pin_needed)) {
        finding_add_at(checker, step, DRAFT_FIELD_PIN, SEVERITY_LOOK, WORD_rules_check_pin_maybe, TEXT_EMPTY);
    }
    if (facts->pin_later && needed) {
        finding_add(checker, DRAFT_FIELD_PIN, SEVERITY_GOOD, WORD_rules_check_pin_later, TEXT_EMPTY);
    }
}

/* ---- Owner ---- */

void check_owner(struct draft_checker *checker)
{
    const struct draft_facts *facts = checker->facts;
    struct text name = text_trim(facts->owner_name);
    struct text email = text_trim(facts->owner_email);
    if (name.len == 0) {
        must(checker, DRAFT_FIELD_OWNER_NAME, WORD_rules_check_owner_name_missing);
    } else if (check_length(
                   checker, DRAFT_FIELD_OWNER_NAME, name, DRAFT_NAME_MAX, WORD_rules_check_owner_name_long) &&
               text_find_char(name, ' ', 0) == SIZE_MAX) {
        finding_add(
            checker, DRAFT_FIELD_OWNER_NAME, SEVERITY_LOOK, WORD_rules_check_owner_name_one_word, TEXT_EMPTY);
    }
    if (email.len == 0) {
        must(checker, DRAFT_FIELD_OWNER_EMAIL, WORD_rules_check_owner_email_missing);
    } else if (email.len > DRAFT_EMAIL_MAX) {
        must(checker, DRAFT_FIELD_OWNER_EMAIL, WORD_rules_check_owner_email_long);
    } else if (!facts->owner_email_ok) {
        must(checker, DRAFT_FIELD_OWNER_EMAIL, WORD_rules_check_owner_email_wrong);
    }
}

/* ---- Address ---- */

static bool has_digit(struct text text)
{
    for (size_t at = 0; at < text.len; at++) {
        if (isdigit((unsigned char)text.at[at])) {
            return true;
        }
    }
    return false;
}

static void check_street(struct draft_checker *checker)
{
    struct text street = text_trim(checker->facts->street);
    struct text unit = text_trim(checker->facts->unit);
    if (street.len == 0) {
        must(checker, DRAFT_FIELD_STREET, WORD_rules_check_street_missing);
    } else if (check_length(
                   checker, DRAFT_FIELD_STREET, street, DRAFT_STREET_MAX, WORD_rules_check_street_long)) {
        if (address_is_po_box(street)) { /* AD-02 */
            must(checker, DRAFT_FIELD_STREET, WORD_rules_check_street_po_box);
        } else if (!has_digit(street)) {
            finding_add(
                checker, DRAFT_FIELD_STREET, SEVERITY_LOOK, WORD_rules_check_street_no_number, TEXT_EMPTY);
        }
    }
    if (check_length(checker, DRAFT_FIELD_UNIT, unit, DRAFT_UNIT_MAX, WORD_rules_check_unit_long) &&
        address_is_po_box(unit)) {
        must(checker, DRAFT_FIELD_UNIT, WORD_rules_check_street_po_box);
    }
}

/* AD-09: a landline whose address is in another state than every one of its numbers. */
static void check_address_is_near(struct draft_checker *checker, const struct state *state)
{
    const struct number_list *list = checker->facts->numbers;
    const struct losing_carrier *carrier = checker->facts->carrier;
    bool fixed = carrier && (carrier->kind == CARRIER_WIRELINE || carrier->kind == CARRIER_CABLE);
    size_t elsewhere = 0;
    for (size_t i = 0; fixed && list && i < list->count; i++) {
        const struct number_item *item = &list->items[i];
        if (!number_item_usable(item) || item->class.kind != NUMBER_KIND_GEOGRAPHIC) {
            continue;
        }
        if (text_find(item->class.area->state, text_from(state->code), 0) != SIZE_MAX) {
            return;
        }
        elsewhere++;
    }
    if (elsewhere > 0) {
        finding_add(checker, DRAFT_FIELD_STATE, SEVERITY_LOOK, WORD_rules_check_address_elsewhere,
            text_from(state->name));
    }
}

static void check_zip(struct draft_checker *checker, const struct state *state)
{
    struct text zip = text_trim(checker->facts->zip);
    bool canadian = state ? state->country == NUMBER_COUNTRY_CA : postal_code_is_valid(zip);
    if (zip.len == 0) {
        must(checker, DRAFT_FIELD_ZIP, WORD_rules_check_zip_missing);
    } else if (canadian ? !postal_code_is_valid(zip) : !zip_is_valid(zip, NULL)) {
        must(checker, DRAFT_FIELD_ZIP,
            canadian ? WORD_rules_check_postal_code_wrong : WORD_rules_check_zip_wrong);
    }
}

void check_address(struct draft_checker *checker)
{
    const struct draft_facts *facts = checker->facts;
    const struct state *state = state_find(facts->state);
    check_street(checker);
    if (is_empty(facts->city)) {
        must(checker, DRAFT_FIELD_CITY, WORD_rules_check_city_missing);
    } else {
        check_length(checker, DRAFT_FIELD_CITY, facts->city, DRAFT_CITY_MAX, WORD_rules_check_city_long);
    }
    if (is_empty(facts->state)) {
        must(checker, DRAFT_FIELD_STATE, WORD_rules_check_state_missing);
    } else if (!state) {
        finding_add(checker, DRAFT_FIELD_STATE, SEVERITY_MUST, WORD_rules_check_state_unknown,
            text_clip(text_trim(facts->state), 40));
    } else {
        check_address_is_near(checker, state);
    }
    check_zip(checker, state);
}
