#include "../base/unit.h"

#include "rules/draft_check.h"
#include "rules/split.h"

/* What the tests read from. */
struct world {
    struct arena *arena;
    struct area_codes codes;
    struct directory directory;
    struct calendar calendar;
};

static int world_begin(void **state)
{
    struct arena *arena = arena_new(8 * 1024 * 1024);
    struct world *world = ARENA_NEW(arena, struct world);
    world->arena = arena;
    assert_true(area_codes_parse(arena, area_codes_data(), &world->codes, NULL));
    world->codes.fictional_ok = true;
    assert_true(directory_parse(arena, directory_data(), &world->directory, NULL));
    assert_true(calendar_parse(arena, holidays_data(), &world->calendar, NULL));
    *state = world;
    return 0;
}

static int world_end(void **state)
{
    arena_free(((struct world *)*state)->arena);
    return 0;
}

static const struct number_list *list_of(struct arena *arena, struct world *world, const char *written)
{
    struct number_list *list = ARENA_NEW(arena, struct number_list);
    assert_true(number_list_parse(arena, &world->codes, text_from(written), list, NULL));
    return list;
}

/* A draft in which nothing must be put right. */
static struct draft_facts whole(struct arena *arena, struct world *world)
{
    return (struct draft_facts){
        .carrier = directory_find(&world->directory, TEXT("verizon")),
        .numbers = list_of(arena, world, "415-555-0134, 415-555-0135"),
        .bills = 1,
        .bill_confirmed = true,
        .account_name = TEXT("Harbor & Pine Realty LLC"),
        .account_type = TEXT("business"),
        .account_number = TEXT("942118306-00001"),
        .btn = TEXT("(415) 555-0134"),
        .has_pin = true,
        .owner_name = TEXT("Dana Whitfield"),
        .owner_email = TEXT("dana@harborpine.example"),
        .owner_email_ok = true,
        .street = TEXT("1180 Fillmore St"),
        .unit = TEXT("Ste 4"),
        .city = TEXT("San Francisco"),
        .state = TEXT("CA"),
        .zip = TEXT("94115"),
        .acknowledged = ACKNOWLEDGE_ALL,
        .today = {2026, 11, 23},
        .calendar = &world->calendar,
        .wish_days = {7, 30},
    };
}

/* One change of the whole draft, and the finding that it must bring; or that it must not bring any (WORD_NONE). */
struct change {
    const char *what;
    void (*change)(struct draft_facts *facts, struct arena *arena, struct world *world);
    int step;
    enum draft_field field;
    enum severity severity;
    enum word word;
    const char *about;
};

static bool brings(const struct finding *findings, size_t count, const struct change *change)
{
    for (size_t i = 0; i < count; i++) {
        const struct finding *finding = &findings[i];
        if (finding->word == change->word && finding->step == change->step &&
            finding->field == change->field && finding->severity == change->severity &&
            text_is(finding->about, change->about)) {
            return true;
        }
    }
    return false;
}

/* A change is a function of one statement. */
#define CHANGE(name, statement)                                                                              \
    static void name(struct draft_facts *f, struct arena *arena, struct world *world)                        \
    {                                                                                                        \
        (void)arena;                                                                                         \
        (void)world;                                                                                         \
        statement;                                                                                           \
    }

CHANGE(no_carrier, f->carrier = NULL)
CHANGE(unknown_carrier, f->carrier = NULL; f->carrier_name = TEXT("Acme Tel"))
CHANGE(long_carrier, f->carrier = NULL; f->carrier_name = text_format(arena, "%0101d", 0))
CHANGE(voip_carrier, f->carrier = directory_find(&world->directory, TEXT("vonage")); f->has_pin = false)
CHANGE(no_list, f->numbers = NULL)
CHANGE(no_numbers, f->numbers = list_of(arena, world, ""))
CHANGE(short_number, f->numbers = list_of(arena, world, "415-555-0134\n415-555-014"))
CHANGE(only_bad, f->numbers = list_of(arena, world, "415-555-014"))
CHANGE(extension, f->numbers = list_of(arena, world, "415-555-0134 x12"))
CHANGE(letters, f->numbers = list_of(arena, world, "1-800-FLOWERS"))
CHANGE(foreign, f->numbers = list_of(arena, world, "+44 20 7946 0123"))
CHANGE(refused, f->numbers = list_of(arena, world, "900 234 5678"))
CHANGE(doubled, f->numbers = list_of(arena, world, "415-555-0134\n(415) 555-0134"))
CHANGE(unknown_code, f->numbers = list_of(arena, world, "200 234 5678"))
CHANGE(canadian, f->numbers = list_of(arena, world, "416-555-0177"))
CHANGE(toll_free, f->numbers = list_of(arena, world, "800-555-0199"))
CHANGE(three_ways, f->numbers = list_of(arena, world, "415-555-0134\n416-555-0177\n800-555-0199"))
CHANGE(no_bill, f->bills = 0)
CHANGE(many_bills, f->bills = DRAFT_BILLS_MAX + 1)
CHANGE(unconfirmed, f->bill_confirmed = false)
CHANGE(no_name, f->account_name = TEXT("  "))
CHANGE(long_name, f->account_name = text_format(arena, "%0101d", 0))
CHANGE(cut_name, f->account_name = TEXT("Harbor & Pine Realty and Property Management LLC"))
CHANGE(business_name, f->account_type = TEXT("residential"))
CHANGE(no_type, f->account_type = TEXT("both"))
CHANGE(no_account, f->account_number = TEXT(" - "))
CHANGE(odd_account, f->account_number = TEXT("9421<b>"))
CHANGE(long_account, f->account_number = TEXT("12345678901234567890123456"))
CHANGE(phone_as_account, f->account_number = TEXT("415-555-0134"))
CHANGE(usual_length, f->account_number = TEXT("9421183"))
CHANGE(no_btn, f->btn = TEXT(""))
CHANGE(wrong_btn, f->btn = TEXT("415-555"))
CHANGE(btn_moves, f->carrier = directory_find(&world->directory, TEXT("frontier")))
CHANGE(no_pin, f->has_pin = false)
CHANGE(pin_at_the_end, f->has_pin = false; f->pin_later = true)
CHANGE(maybe_pin, f->has_pin = false; f->carrier = NULL; f->carrier_name = TEXT("Acme Tel"))
CHANGE(landline_pin, f->has_pin = false; f->carrier = directory_find(&world->directory, TEXT("att_landline")))
CHANGE(canadian_pin, f->has_pin = false; f->carrier = directory_find(&world->directory, TEXT("rogers")))
CHANGE(short_pin, f->pin = TEXT("123"))
CHANGE(long_pin, f->pin = TEXT("1234567890123456"))
CHANGE(odd_pin, f->pin = TEXT("12-34"))
CHANGE(unusual_pin, f->pin = TEXT("12345"))
CHANGE(certain_pin, f->pin = TEXT("12345");
       f->carrier = directory_find(&world->directory, TEXT("spectrum_voice")))
CHANGE(simple_pin, f->pin = TEXT("0134"); f->carrier = NULL; f->carrier_name = TEXT("Acme Tel"))
CHANGE(good_pin, f->pin = TEXT("482915"))
CHANGE(old_pin, f->pin_since = ((struct date){2026, 11, 15}))
CHANGE(ageing_pin, f->pin_since = ((struct date){2026, 11, 18}))
CHANGE(fresh_pin, f->pin_since = ((struct date){2026, 11, 23}))
CHANGE(no_owner, f->owner_name = TEXT(""))
CHANGE(long_owner, f->owner_name = text_format(arena, "%0101d", 0))
CHANGE(half_owner, f->owner_name = TEXT("Dana"))
CHANGE(no_email, f->owner_email = TEXT(" "))
CHANGE(wrong_email, f->owner_email_ok = false)
CHANGE(long_email, f->owner_email = text_format(arena, "%0255d", 0))
CHANGE(no_street, f->street = TEXT(""))
CHANGE(long_street, f->street = text_format(arena, "%0121d", 0))
CHANGE(po_box, f->street = TEXT("P.O. Box 4410"))
CHANGE(po_box_unit, f->unit = TEXT("PO Box 4410"))
CHANGE(no_house, f->street = TEXT("Fillmore St"))
CHANGE(long_unit, f->unit = text_format(arena, "%041d", 0))
CHANGE(no_unit, f->unit = TEXT(""))
CHANGE(no_city, f->city = TEXT(""))
CHANGE(long_city, f->city = text_format(arena, "%081d", 0))
CHANGE(no_state, f->state = TEXT(""))
CHANGE(wrong_state, f->state = TEXT("Calif"))
CHANGE(state_by_name, f->state = TEXT("California"))
CHANGE(no_zip, f->zip = TEXT(""))
CHANGE(wrong_zip, f->zip = TEXT("9411"))
CHANGE(zip_plus_four, f->zip = TEXT("94115-1234"))
CHANGE(province, f->state = TEXT("Ontario"))
CHANGE(canadian_address, f->state = TEXT("ON"); f->zip = TEXT("M5V 3L9"))
CHANGE(elsewhere, f->carrier = directory_find(&world->directory, TEXT("frontier")); f->state = TEXT("NV"))
CHANGE(odd_date, f->wished_date = TEXT("12/01/2026"))
CHANGE(early_date, f->wished_date = TEXT("2026-11-29"))
CHANGE(first_date, f->wished_date = TEXT("2026-11-30"))
CHANGE(late_date, f->wished_date = TEXT("2026-12-24"))
CHANGE(weekend, f->wished_date = TEXT("2026-12-05"))
CHANGE(friday, f->wished_date = TEXT("2026-12-04"))
CHANGE(morning, f->wished_date = TEXT("2026-12-01"); f->wished_time = TEXT("morning"))
CHANGE(odd_time, f->wished_time = TEXT("noon"))
CHANGE(time_alone, f->wished_time = TEXT("afternoon"))
CHANGE(holiday, f->today = ((struct date){2026, 12, 10}); f->wished_date = TEXT("2026-12-25"))
CHANGE(unacknowledged, f->acknowledged = ACKNOWLEDGE_ALL & ~1u)
CHANGE(strange_bits, f->acknowledged = UINT32_MAX)

#define MUST SEVERITY_MUST
#define LOOK SEVERITY_LOOK
#define GOOD SEVERITY_GOOD

static const struct change changes[] = {
    {"no carrier", no_carrier, 1, DRAFT_FIELD_CARRIER, MUST, WORD_rules_check_carrier_missing, ""},
    {"unknown carrier", unknown_carrier, 1, DRAFT_FIELD_CARRIER, GOOD, WORD_rules_check_carrier_unknown,
        "Acme Tel"},
    {"long carrier", long_carrier, 1, DRAFT_FIELD_CARRIER, MUST, WORD_rules_check_carrier_name_long, ""},
    {"VoIP", voip_carrier, 1, DRAFT_FIELD_CARRIER, GOOD, WORD_rules_check_carrier_reseller, "Vonage"},
    {"VoIP PIN", voip_carrier, 4, DRAFT_FIELD_PIN, MUST, WORD_rules_check_pin_missing, ""},
    {"no list", no_list, 1, DRAFT_FIELD_NUMBERS, MUST, WORD_rules_check_numbers_missing, ""},
    {"no numbers", no_numbers, 1, DRAFT_FIELD_NUMBERS, MUST, WORD_rules_check_numbers_missing, ""},
    {"short number", short_number, 1, DRAFT_FIELD_NUMBERS, MUST, WORD_rules_check_number_fault,
        "415-555-014"},
    {"only bad", only_bad, 1, DRAFT_FIELD_NUMBERS, MUST, WORD_rules_check_numbers_none_usable, ""},
    {"extension", extension, 1, DRAFT_FIELD_NUMBERS, MUST, WORD_rules_check_number_extension,
        "415-555-0134 x12"},
    {"letters", letters, 1, DRAFT_FIELD_NUMBERS, MUST, WORD_rules_check_number_letters, "1-800-FLOWERS"},
    {"foreign", foreign, 1, DRAFT_FIELD_NUMBERS, MUST, WORD_rules_check_number_foreign, "+44 20 7946 0123"},
    {"refused", refused, 1, DRAFT_FIELD_NUMBERS, MUST, WORD_rules_check_number_refused, "900 234 5678"},
    {"doubled", doubled, 1, DRAFT_FIELD_NUMBERS, GOOD, WORD_rules_check_number_duplicate, "(415) 555-0134"},
    {"unknown code", unknown_code, 1, DRAFT_FIELD_NUMBERS, LOOK, WORD_rules_check_number_area_code,
        "200 234 5678"},
    {"Canadian", canadian, 1, DRAFT_FIELD_NUMBERS, GOOD, WORD_rules_check_numbers_canadian, ""},
    {"toll-free", toll_free, 1, DRAFT_FIELD_NUMBERS, GOOD, WORD_rules_check_numbers_toll_free, ""},
    {"three ways", three_ways, 1, DRAFT_FIELD_NUMBERS, GOOD, WORD_rules_check_numbers_split, "3"},
    {"no bill", no_bill, 3, DRAFT_FIELD_BILL, MUST, WORD_rules_check_bill_missing, ""},
    {"many bills", many_bills, 3, DRAFT_FIELD_BILL, MUST, WORD_rules_check_bill_too_many, "10"},
    {"unconfirmed", unconfirmed, 3, DRAFT_FIELD_BILL_CONFIRMED, MUST, WORD_rules_check_bill_unconfirmed, ""},
    {"no name", no_name, 4, DRAFT_FIELD_ACCOUNT_NAME, MUST, WORD_rules_check_account_name_missing, ""},
    {"long name", long_name, 4, DRAFT_FIELD_ACCOUNT_NAME, MUST, WORD_rules_check_account_name_long, "100"},
    {"cut name", cut_name, 4, DRAFT_FIELD_ACCOUNT_NAME, GOOD, WORD_rules_check_account_name_cut,
        "Harbor & Pine Realty and "},
    {"business name", business_name, 4, DRAFT_FIELD_ACCOUNT_TYPE, LOOK,
        WORD_rules_check_account_name_business, "Harbor & Pine Realty LLC"},
    {"no type", no_type, 4, DRAFT_FIELD_ACCOUNT_TYPE, MUST, WORD_rules_check_account_type_missing, ""},
    {"no account", no_account, 4, DRAFT_FIELD_ACCOUNT_NUMBER, MUST, WORD_rules_check_account_number_missing,
        ""},
    {"odd account", odd_account, 4, DRAFT_FIELD_ACCOUNT_NUMBER, MUST, WORD_rules_check_account_number_form,
        ""},
    {"long account", long_account, 4, DRAFT_FIELD_ACCOUNT_NUMBER, MUST, WORD_rules_check_account_number_long,
        ""},
    {"phone", phone_as_account, 4, DRAFT_FIELD_ACCOUNT_NUMBER, LOOK, WORD_rules_check_account_number_is_phone,
        ""},
    {"length", usual_length, 4, DRAFT_FIELD_ACCOUNT_NUMBER, LOOK, WORD_rules_check_account_number_length,
        "14"},
    {"no BTN", no_btn, 4, DRAFT_FIELD_BTN, MUST, WORD_rules_check_btn_missing, ""},
    {"wrong BTN", wrong_btn, 4, DRAFT_FIELD_BTN, MUST, WORD_rules_check_btn_wrong, ""},
    {"BTN moves", btn_moves, 4, DRAFT_FIELD_BTN, GOOD, WORD_rules_check_btn_in_list, ""},
    {"no PIN", no_pin, 4, DRAFT_FIELD_PIN, MUST, WORD_rules_check_pin_missing, ""},
    {"PIN at the end", pin_at_the_end, 7, DRAFT_FIELD_PIN, MUST, WORD_rules_check_pin_missing, ""},
    {"PIN at the end", pin_at_the_end, 4, DRAFT_FIELD_PIN, GOOD, WORD_rules_check_pin_later, ""},
    {"maybe a PIN", maybe_pin, 4, DRAFT_FIELD_PIN, LOOK, WORD_rules_check_pin_maybe, ""},
    {"short PIN", short_pin, 4, DRAFT_FIELD_PIN, MUST, WORD_rules_check_pin_form, ""},
    {"long PIN", long_pin, 4, DRAFT_FIELD_PIN, MUST, WORD_rules_check_pin_form, ""},
    {"odd PIN", odd_pin, 4, DRAFT_FIELD_PIN, MUST, WORD_rules_check_pin_form, ""},
    {"unusual PIN", unusual_pin, 4, DRAFT_FIELD_PIN, LOOK, WORD_rules_check_pin_length_usual, "6"},
    {"certain PIN", certain_pin, 4, DRAFT_FIELD_PIN, MUST, WORD_rules_check_pin_length, "4"},
    {"simple PIN", simple_pin, 4, DRAFT_FIELD_PIN, LOOK, WORD_rules_check_pin_simple, ""},
    {"old PIN", old_pin, 7, DRAFT_FIELD_PIN, LOOK, WORD_rules_check_pin_expired, ""},
    {"ageing PIN", ageing_pin, 7, DRAFT_FIELD_PIN, LOOK, WORD_rules_check_pin_expires,
        "Wednesday, November 25"},
    {"no owner", no_owner, 5, DRAFT_FIELD_OWNER_NAME, MUST, WORD_rules_check_owner_name_missing, ""},
    {"long owner", long_owner, 5, DRAFT_FIELD_OWNER_NAME, MUST, WORD_rules_check_owner_name_long, "100"},
    {"half owner", half_owner, 5, DRAFT_FIELD_OWNER_NAME, LOOK, WORD_rules_check_owner_name_one_word, ""},
    {"no e-mail", no_email, 5, DRAFT_FIELD_OWNER_EMAIL, MUST, WORD_rules_check_owner_email_missing, ""},
    {"wrong e-mail", wrong_email, 5, DRAFT_FIELD_OWNER_EMAIL, MUST, WORD_rules_check_owner_email_wrong, ""},
    {"long e-mail", long_email, 5, DRAFT_FIELD_OWNER_EMAIL, MUST, WORD_rules_check_owner_email_long, ""},
    {"no street", no_street, 6, DRAFT_FIELD_STREET, MUST, WORD_rules_check_street_missing, ""},
    {"long street", long_street, 6, DRAFT_FIELD_STREET, MUST, WORD_rules_check_street_long, "120"},
    {"PO box", po_box, 6, DRAFT_FIELD_STREET, MUST, WORD_rules_check_street_po_box, ""},
    {"PO box as unit", po_box_unit, 6, DRAFT_FIELD_UNIT, MUST, WORD_rules_check_street_po_box, ""},
    {"no house", no_house, 6, DRAFT_FIELD_STREET, LOOK, WORD_rules_check_street_no_number, ""},
    {"long unit", long_unit, 6, DRAFT_FIELD_UNIT, MUST, WORD_rules_check_unit_long, "40"},
    {"no city", no_city, 6, DRAFT_FIELD_CITY, MUST, WORD_rules_check_city_missing, ""},
    {"long city", long_city, 6, DRAFT_FIELD_CITY, MUST, WORD_rules_check_city_long, "80"},
    {"no state", no_state, 6, DRAFT_FIELD_STATE, MUST, WORD_rules_check_state_missing, ""},
    {"wrong state", wrong_state, 6, DRAFT_FIELD_STATE, MUST, WORD_rules_check_state_unknown, "Calif"},
    {"no ZIP", no_zip, 6, DRAFT_FIELD_ZIP, MUST, WORD_rules_check_zip_missing, ""},
    {"wrong ZIP", wrong_zip, 6, DRAFT_FIELD_ZIP, MUST, WORD_rules_check_zip_wrong, ""},
    {"province with a ZIP", province, 6, DRAFT_FIELD_ZIP, MUST, WORD_rules_check_postal_code_wrong, ""},
    {"elsewhere", elsewhere, 6, DRAFT_FIELD_STATE, LOOK, WORD_rules_check_address_elsewhere, "Nevada"},
    {"odd time", odd_time, 7, DRAFT_FIELD_WISHED_TIME, MUST, WORD_rules_check_time_wrong, ""},
    {"a time without a day", time_alone, 7, DRAFT_FIELD_WISHED_TIME, MUST, WORD_rules_check_time_alone, ""},
    {"odd date", odd_date, 7, DRAFT_FIELD_WISHED_DATE, MUST, WORD_rules_check_date_wrong, ""},
    {"early", early_date, 7, DRAFT_FIELD_WISHED_DATE, MUST, WORD_rules_check_date_early,
        "Monday, November 30"},
    {"late", late_date, 7, DRAFT_FIELD_WISHED_DATE, MUST, WORD_rules_check_date_late,
        "Wednesday, December 23"},
    {"weekend", weekend, 7, DRAFT_FIELD_WISHED_DATE, MUST, WORD_rules_check_date_weekend,
        "Monday, December 7"},
    {"Friday", friday, 7, DRAFT_FIELD_WISHED_DATE, GOOD, WORD_rules_check_date_friday, "Friday, December 4"},
    {"holiday", holiday, 7, DRAFT_FIELD_WISHED_DATE, LOOK, WORD_rules_check_date_holiday,
        "Friday, December 25"},
    {"unacknowledged", unacknowledged, 7, DRAFT_FIELD_ACKNOWLEDGED, MUST, WORD_rules_check_acknowledge, "7"},
};

static void a_whole_draft_may_go(void **state)
{
    struct world *world = *state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct draft_facts facts = whole(arena, world);
    struct finding *findings;
    size_t count;
    draft_check(arena, &facts, &findings, &count);
    assert_int_equal(findings_must(findings, count, 0), 0);
    assert_int_equal(count, 2); /* Verizon's lock, and its note */
}

static void each_change_brings_its_finding(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < COUNT(changes); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct draft_facts facts = whole(arena, world);
        struct finding *findings;
        size_t count;
        changes[i].change(&facts, arena, world);
        draft_check(arena, &facts, &findings, &count);
        if (!brings(findings, count, &changes[i])) {
            for (size_t j = 0; j < count; j++) {
                print_message("  %d %s %s: %s [%.*s]\n", findings[j].step,
                    draft_field_name(findings[j].field), severity_name(findings[j].severity),
                    words_key(findings[j].word), TEXT_ARG(findings[j].about));
            }
            fail_msg("%s", changes[i].what);
        }
        bool blocks = changes[i].severity == MUST;
        assert_int_equal(findings_must(findings, count, changes[i].step) > 0,
            blocks || (changes[i].change == voip_carrier && changes[i].step == 4));
        for (size_t j = 0; j < count; j++) {
            struct word_arg about = WORD_TEXT("about", findings[j].about);
            assert_true(words_say(arena, LANGUAGE_EN, findings[j].word, &about, 1).len > 0);
            assert_true(j == 0 || findings[j - 1].step < findings[j].step ||
                        (findings[j - 1].step == findings[j].step &&
                            findings[j - 1].severity <= findings[j].severity));
        }
    }
}

static void these_changes_block_nothing(void **state)
{
    static void (*const harmless[])(struct draft_facts *, struct arena *, struct world *) = {unknown_carrier,
        doubled, unknown_code, canadian, toll_free, three_ways, landline_pin, canadian_pin, good_pin,
        fresh_pin, no_unit, state_by_name, zip_plus_four, canadian_address, first_date, friday, strange_bits,
        maybe_pin, usual_length, morning};
    struct world *world = *state;
    for (size_t i = 0; i < COUNT(harmless); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct draft_facts facts = whole(arena, world);
        struct finding *findings;
        size_t count;
        harmless[i](&facts, arena, world);
        draft_check(arena, &facts, &findings, &count);
        if (findings_must(findings, count, 0) > 0) {
            fail_msg("change %zu: %s", i, words_key(findings[0].word));
        }
    }
}

static void an_empty_draft_tells_every_step(void **state)
{
    struct world *world = *state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct draft_facts facts = {.today = {2026, 11, 23}, .calendar = &world->calendar, .wish_days = {7, 30}};
    struct finding *findings;
    size_t count;
    draft_check(arena, &facts, &findings, &count);
    static const size_t must[] = {0, 2, 0, 2, 4, 2, 4, 1};
    for (int step = 1; step <= 7; step++) {
        assert_int_equal(findings_must(findings, count, step), must[step]);
    }
    assert_int_equal(findings_must(findings, count, 0), 15);
}

static void many_bad_numbers_are_counted(void **state)
{
    struct world *world = *state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    char *written = ARENA_ARRAY(arena, char, 1000 * 4 + 1);
    for (size_t i = 0; i < 1000; i++) {
        memcpy(written + i * 4, "415\n", 4);
    }
    struct draft_facts facts = whole(arena, world);
    facts.numbers = list_of(arena, world, written);
    struct finding *findings;
    size_t count;
    draft_check(arena, &facts, &findings, &count);
    assert_true(count < 40);
    assert_true(brings(findings, count,
        &(struct change){"", NULL, 1, DRAFT_FIELD_NUMBERS, MUST, WORD_rules_check_numbers_more, "980"}));
}

static void fields_alone(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct problem problem = {0};
    assert_true(pin_check(TEXT(" 482915 "), &problem));
    assert_true(pin_check(TEXT("AB12"), &problem));
    assert_false(pin_check(TEXT(""), &problem));
    assert_string_equal(problem.field, "pin");
    problem = (struct problem){0};
    assert_true(account_number_check(TEXT("942118306-00001"), &problem));
    assert_false(account_number_check(TEXT("9421/18306"), &problem));
    assert_string_equal(problem.field, "account_number");
    assert_text(account_number_clean(arena, TEXT(" 8260 14 512-0098371 ")), "8260145120098371");
    for (size_t i = 1; i < DRAFT_FIELD_COUNT; i++) {
        enum draft_field field;
        assert_true(draft_field_parse(text_from(draft_field_name((enum draft_field)i)), &field));
        assert_int_equal(field, i);
        assert_true(draft_field_step(field) >= 1 && draft_field_step(field) <= 7);
        assert_int_not_equal(draft_field_word(field), WORD_NONE);
    }
    enum draft_field field;
    assert_false(draft_field_parse(TEXT_EMPTY, &field));
    for (size_t i = 0; i < ACKNOWLEDGEMENT_COUNT; i++) {
        assert_true(strlen(acknowledgement_name((enum acknowledgement)i)) > 0);
        assert_true(words_say(arena, LANGUAGE_EN, acknowledgement_word((enum acknowledgement)i),
                        WORD_ARGS(WORD_TEXT("carrier", TEXT("Verizon"))))
                        .len > 0);
    }
}

static void splits_by_way_and_size(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *numbers;
        size_t order_max;
        const char *orders; /* each: way, a colon, how many */
        size_t left_over;
    } cases[] = {
        {"", 1000, "", 0},
        {"415-555-0134", 1000, "us:1 ", 0},
        {"800-555-0199\n416-555-0177\n415-555-0134\n415-555-0135", 1000, "us:2 canada:1 toll_free:1 ", 0},
        {"415-555-0134\n415-555-0135\n415-555-0136\n415-555-0137\n415-555-0138", 2, "us:2 us:2 us:1 ", 0},
        {"415-555-0134\n415-555-0135", 2, "us:2 ", 0},
        {"415-555-0134\n415-555-0135", 1, "us:1 us:1 ", 0},
        {"415-555-0134\n415-555-0134\n415-555-014\n900 234 5678\n200 234 5678", 1000, "us:2 ", 3},
        {"415-555-014", 1000, "", 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct split split;
        split_numbers(arena, list_of(arena, world, cases[i].numbers), cases[i].order_max, &split);
        struct text got = TEXT_EMPTY;
        for (size_t j = 0; j < split.orders_count; j++) {
            got = text_format(arena, "%.*s%s:%zu ", TEXT_ARG(got), way_name(split.orders[j].way),
                split.orders[j].numbers_count);
        }
        assert_text(got, cases[i].orders);
        assert_int_equal(split.left_over, cases[i].left_over);
    }
    enum way way;
    for (size_t i = 0; i < WAY_COUNT; i++) {
        assert_true(way_parse(text_from(way_name((enum way)i)), &way) && way == (enum way)i);
        assert_true(way_word(way) != WORD_NONE && way_explain_word(way) != WORD_NONE);
    }
    assert_false(way_parse(TEXT("sea"), &way));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_draft_may_go),
        cmocka_unit_test(each_change_brings_its_finding),
        cmocka_unit_test(these_changes_block_nothing),
        cmocka_unit_test(an_empty_draft_tells_every_step),
        cmocka_unit_test(many_bad_numbers_are_counted),
        cmocka_unit_test(fields_alone),
        cmocka_unit_test(splits_by_way_and_size),
    };
    return cmocka_run_group_tests_name("rules/draft_check", tests, world_begin, world_end);
}
