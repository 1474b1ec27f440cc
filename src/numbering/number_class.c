/* What can be done with a number: its kind, its country, and the way it can take. */
#include <string.h>

#include "numbering/number.h"

static bool is_service_code(const char digits[3])
{
    return digits[1] == '1' && digits[2] == '1';
}

/* N9X for longer numbers some day, 37X and 96X in blocks of ten: no area codes. */
static bool is_reserved_area(const char digits[3])
{
    return digits[1] == '9' || memcmp(digits, "37", 2) == 0 || memcmp(digits, "96", 2) == 0;
}

static enum number_country country_of(const struct area_code *area)
{
    if (!area || text_is(area->country, "NANP")) {
        return NUMBER_COUNTRY_UNKNOWN;
    }
    if (text_is(area->country, "US")) {
        return NUMBER_COUNTRY_US;
    }
    return text_is(area->country, "CA") ? NUMBER_COUNTRY_CA : NUMBER_COUNTRY_OTHER;
}

static enum number_refusal refusal_of(
    const char digits[10], const struct number_class *class, bool fictional_ok)
{
    bool geographic = class->kind == NUMBER_KIND_GEOGRAPHIC || class->kind == NUMBER_KIND_UNKNOWN;
    if (is_service_code(digits) || (geographic && is_service_code(digits + 3))) {
        return NUMBER_REFUSAL_SERVICE_CODE;
    }
    if (!class->area && is_reserved_area(digits)) { /* a table that lists one knows better */
        return NUMBER_REFUSAL_RESERVED;
    }
    if (class->kind == NUMBER_KIND_PREMIUM) {
        return NUMBER_REFUSAL_PREMIUM;
    }
    if (class->kind == NUMBER_KIND_PERSONAL) {
        return NUMBER_REFUSAL_PERSONAL;
    }
    if (class->kind == NUMBER_KIND_NON_GEOGRAPHIC) {
        return NUMBER_REFUSAL_NON_GEOGRAPHIC;
    }
    if (class->country == NUMBER_COUNTRY_OTHER) {
        return NUMBER_REFUSAL_OTHER_COUNTRY;
    }
    if (geographic && !fictional_ok && memcmp(digits + 3, "55501", 5) == 0) {
        return NUMBER_REFUSAL_FICTIONAL;
    }
    return NUMBER_REFUSAL_NONE;
}

struct number_class number_classify(const struct area_codes *codes, const struct number *number)
{
    const struct area_code *area = area_codes_find(codes, number_area_code(number));
    struct number_class class = {.area = area, .country = country_of(area)};
    class.kind = area ? area->kind : NUMBER_KIND_UNKNOWN;
    class.refusal = refusal_of(number->e164 + 2, &class, codes->fictional_ok);
    if (class.refusal != NUMBER_REFUSAL_NONE) {
        class.portability = NUMBER_PORT_REFUSED;
    } else if (class.kind == NUMBER_KIND_TOLL_FREE) {
        class.portability = NUMBER_PORT_TOLL_FREE;
    } else if (class.country == NUMBER_COUNTRY_CA) {
        class.portability = NUMBER_PORT_CANADIAN;
    }
    class.unknown_area_code = !area && class.refusal == NUMBER_REFUSAL_NONE;
    return class;
}

enum word number_refusal_word(enum number_refusal refusal)
{
    static const enum word words[NUMBER_REFUSAL_COUNT] = {
        [NUMBER_REFUSAL_NONE] = WORD_NONE,
        [NUMBER_REFUSAL_FICTIONAL] = WORD_numbering_refused_fictional,
        [NUMBER_REFUSAL_SERVICE_CODE] = WORD_numbering_refused_service_code,
        [NUMBER_REFUSAL_RESERVED] = WORD_numbering_refused_reserved,
        [NUMBER_REFUSAL_PREMIUM] = WORD_numbering_refused_premium,
        [NUMBER_REFUSAL_PERSONAL] = WORD_numbering_refused_personal,
        [NUMBER_REFUSAL_NON_GEOGRAPHIC] = WORD_numbering_refused_non_geographic,
        [NUMBER_REFUSAL_OTHER_COUNTRY] = WORD_numbering_refused_other_country,
    };
    return words[refusal];
}

enum word number_class_word(struct arena *arena, const struct number *number,
    const struct number_class *class, struct text *ret_about)
{
    *ret_about = number_format(arena, number);
    if (class->refusal == NUMBER_REFUSAL_OTHER_COUNTRY) {
        *ret_about = class->area->name;
    }
    if (class->refusal != NUMBER_REFUSAL_NONE) {
        return number_refusal_word(class->refusal);
    }
    if (class->portability == NUMBER_PORT_CANADIAN) {
        return WORD_numbering_note_canadian;
    }
    if (class->portability == NUMBER_PORT_TOLL_FREE) {
        return WORD_numbering_note_toll_free;
    }
    if (class->unknown_area_code) {
        *ret_about = text_format(arena, "%03d", number_area_code(number));
        return WORD_numbering_note_unknown_area_code;
    }
    return WORD_NONE;
}

struct text number_zone(const struct number_class *class)
{
    return class->area && class->area->zones_count > 0 ? class->area->zones[0] : TEXT_EMPTY;
}

struct text number_zone_of(const struct area_codes *codes, struct text e164)
{
    struct number number;
    if (!number_from_e164(e164, &number)) {
        return TEXT_EMPTY;
    }
    struct number_class class = number_classify(codes, &number);
    return number_zone(&class);
}
