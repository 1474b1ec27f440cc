#include "numbering/area_codes.h"

#include "numbering/address.h"
#include "numbering/tsv.h"

static const struct {
    const char *name;
    enum number_kind kind;
} kinds[] = {
    {"geographic", NUMBER_KIND_GEOGRAPHIC},
    {"toll_free", NUMBER_KIND_TOLL_FREE},
    {"personal", NUMBER_KIND_PERSONAL},
    {"premium", NUMBER_KIND_PREMIUM},
    {"non_geographic", NUMBER_KIND_NON_GEOGRAPHIC},
};

static bool kind_parse(struct text name, enum number_kind *ret)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (text_is(name, kinds[i].name)) {
            *ret = kinds[i].kind;
            return true;
        }
    }
    return false;
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool country_is_valid(struct text country)
{
    return text_is(country, "NANP") ||
           (country.len == 2 && is_capital(country.at[0]) && is_capital(country.at[1]));
}

/* One code, or several with a slash between them (902: NS/PE), all of the country. */
static bool state_is_valid(struct text state, struct text country)
{
    for (struct text piece; text_next(&state, '/', &piece);) {
        const struct state *found = piece.len == 2 ? state_find(piece) : NULL;
        if (!found || text_is(country, "US") != (found->country == NUMBER_COUNTRY_US)) {
            return false;
        }
    }
    return true;
}

static bool zone_is_valid(struct text zone)
{
    for (size_t at = 0; at < zone.len; at++) {
        char c = zone.at[at];
        if (!is_capital(c) && !(c >= 'a' && c <= 'z') && c != '_' && c != '/' && c != '-') {
            return false;
        }
    }
    return zone.len > 0;
}

static bool zones_parse(struct text zones, struct area_code *code)
{
    for (struct text zone; text_next(&zones, ' ', &zone);) {
        if (code->zones_count == AREA_CODE_ZONES_MAX || !zone_is_valid(zone)) {
            return false;
        }
        code->zones[code->zones_count] = zone;
        code->zones_count++;
    }
    return true;
}

static bool row_parse(
    const struct tsv *tsv, const struct text fields[], struct area_code *ret, struct problem *problem)
{
    uint64_t npa;
    if (fields[0].len != 3 || !text_to_u64(fields[0], 999, &npa) || npa < 200) {
        return tsv_problem(tsv, "not an area code", problem);
    }
    *ret = (struct area_code){.npa = (int)npa, .country = fields[1], .state = fields[2], .name = fields[3]};
    if (!country_is_valid(ret->country)) {
        return tsv_problem(tsv, "the country is two capital letters, or NANP", problem);
    }
    if (!state_is_valid(ret->state, ret->country)) {
        return tsv_problem(tsv, "there is no such state or province", problem);
    }
    if (ret->name.len == 0) {
        return tsv_problem(tsv, "the name is missing", problem);
    }
    if (!kind_parse(fields[4], &ret->kind)) {
        return tsv_problem(tsv, "there is no such kind", problem);
    }
    if (!zones_parse(fields[5], ret)) {
        return tsv_problem(tsv, "the time zones are not right, or too many", problem);
    }
    return true;
}

bool area_codes_parse(
    struct arena *arena, struct text content, struct area_codes *ret, struct problem *problem)
{
    struct tsv tsv;
    if (!tsv_begin(
            &tsv, content, "area_codes.tsv", "area_code\tcountry\tstate\tname\tkind\tzones", problem)) {
        return false;
    }
    struct area_code *items = ARENA_ARRAY(arena, struct area_code, 800);
    struct area_codes codes = {.items = items};
    struct problem found = {0};
    struct text fields[TSV_FIELDS_MAX];
    while (tsv_next(&tsv, fields, &found)) {
        struct area_code code;
        if (!row_parse(&tsv, fields, &code, &found)) {
            break;
        }
        if (codes.place[code.npa] != 0) {
            tsv_problem(&tsv, "this area code stands twice", &found);
            break;
        }
        items[codes.count] = code; /* 200 to 999 each once: never past 800 */
        codes.count++;
        codes.place[code.npa] = (uint16_t)codes.count;
    }
    if (!tsv_end(&found, problem)) {
        return false;
    }
    *ret = codes;
    return true;
}

const struct area_code *area_codes_find(const struct area_codes *codes, int npa)
{
    bool listed = npa >= 0 && npa < 1000 && codes->place[npa] != 0;
    return listed ? &codes->items[codes->place[npa] - 1] : NULL;
}
