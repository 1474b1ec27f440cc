#include "rules/directory.h"

#include <stdio.h>
#include <stdlib.h>

#include "numbering/tsv.h"

#define ALIASES_MAX 24 /* of one carrier */
#define KEY_BYTES_MAX 40

static const struct {
    const char *name;
    enum word word;
} kinds[CARRIER_KIND_COUNT] = {
    [CARRIER_MOBILE] = {"mobile", WORD_rules_kind_mobile},
    [CARRIER_PREPAID] = {"prepaid", WORD_rules_kind_prepaid},
    [CARRIER_WIRELINE] = {"wireline", WORD_rules_kind_wireline},
    [CARRIER_CABLE] = {"cable", WORD_rules_kind_cable},
    [CARRIER_VOIP] = {"voip", WORD_rules_kind_voip},
};

const char *carrier_kind_name(enum carrier_kind kind)
{
    return kinds[kind].name;
}

enum word carrier_kind_word(enum carrier_kind kind)
{
    return kinds[kind].word;
}

bool losing_carrier_is_wireless(const struct losing_carrier *carrier)
{
    return carrier->kind == CARRIER_MOBILE || carrier->kind == CARRIER_PREPAID;
}

bool fact_is_certain(const struct fact *fact)
{
    return fact->confidence == CONFIDENCE_VERIFIED;
}

/* ---- Values ---- */

static bool set_aliases(struct arena *arena, struct text value, struct losing_carrier *carrier)
{
    struct text *aliases = ARENA_ARRAY(arena, struct text, ALIASES_MAX);
    size_t count = 0;
    for (struct text alias; text_next(&value, ',', &alias); count++) {
        if (count == ALIASES_MAX || text_trim(alias).len == 0) {
            return false;
        }
        aliases[count] = text_trim(alias);
    }
    carrier->aliases = aliases;
    carrier->aliases_count = count;
    return count > 0;
}

static bool set_kind(struct text value, struct losing_carrier *carrier)
{
    for (size_t i = 0; i < CARRIER_KIND_COUNT; i++) {
        if (text_is(value, kinds[i].name)) {
            carrier->kind = (enum carrier_kind)i;
            return true;
        }
    }
    return false;
}

static bool set_country(struct text value, struct losing_carrier *carrier)
{
    if (text_is(value, "US")) {
        carrier->country = NUMBER_COUNTRY_US;
    } else if (text_is(value, "CA")) {
        carrier->country = NUMBER_COUNTRY_CA;
    } else if (text_is(value, "US/CA")) {
        carrier->country = NUMBER_COUNTRY_OTHER;
    } else {
        return false;
    }
    return true;
}

/* "6" or "9-12". */
static bool range_parse(struct text value, uint64_t max, unsigned *ret_min, unsigned *ret_max)
{
    size_t dash = text_find_char(value, '-', 0);
    struct text first = dash == SIZE_MAX ? value : text_part(value, 0, dash);
    struct text last = dash == SIZE_MAX ? value : text_part(value, dash + 1, value.len);
    uint64_t from;
    uint64_t to;
    if (!text_to_u64(first, max, &from) || !text_to_u64(last, max, &to) || from == 0 || from > to) {
        return false;
    }
    *ret_min = (unsigned)from;
    *ret_max = (unsigned)to;
    return true;
}

/* The facts that are only told. */
static struct fact *plain_fact(struct losing_carrier *carrier, struct text fact)
{
    struct {
        const char *name;
        struct fact *at;
    } facts[] = {
        {"pin_name", &carrier->pin_name},
        {"pin_how", &carrier->pin_how},
        {"account_where", &carrier->account_where},
        {"lock", &carrier->lock},
        {"note", &carrier->note},
        {"phone", &carrier->phone},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        if (text_is(fact, facts[i].name)) {
            return facts[i].at;
        }
    }
    return NULL;
}

/* The facts that are counted. False when the name is none of them or the value is wrong. */
static bool set_counted(struct losing_carrier *carrier, struct text name, const struct fact *fact)
{
    if (text_is(name, "pin_length")) {
        carrier->pin_length.fact = *fact;
        return range_parse(fact->value, 64, &carrier->pin_length.min, &carrier->pin_length.max);
    }
    if (text_is(name, "account_length")) {
        carrier->account_length.fact = *fact;
        return range_parse(fact->value, 64, &carrier->account_length.min, &carrier->account_length.max);
    }
    if (text_is(name, "usual_days")) {
        carrier->usual_fact = *fact;
        return range_parse(fact->value, 366, &carrier->usual_days_min, &carrier->usual_days_max);
    }
    if (text_is(name, "pin_days")) {
        unsigned same;
        carrier->pin_days_fact = *fact;
        return range_parse(fact->value, 366, &carrier->pin_days, &same) && same == carrier->pin_days;
    }
    if (text_is(name, "pin_needed")) {
        carrier->pin_needed_fact = *fact;
        carrier->pin_needed = text_is(fact->value, "yes");
        return carrier->pin_needed || text_is(fact->value, "no");
    }
    return false;
}

static bool set_fact(
    struct arena *arena, struct losing_carrier *carrier, struct text name, const struct fact *fact)
{
    struct fact *plain = plain_fact(carrier, name);
    if (plain) {
        *plain = *fact;
        return true;
    }
    if (text_is(name, "aliases")) {
        return set_aliases(arena, fact->value, carrier);
    }
    if (text_is(name, "kind")) {
        return set_kind(fact->value, carrier);
    }
    if (text_is(name, "country")) {
        return set_country(fact->value, carrier);
    }
    if (text_is(name, "parent")) {
        carrier->parent = fact->value;
        return true;
    }
    return set_counted(carrier, name, fact);
}

/* ---- Reading ---- */

/* All that a carrier may have, for telling doubles. */
static const char *const fact_names[] = {"name", "aliases", "kind", "country", "parent", "pin_name",
    "pin_needed", "pin_length", "pin_days", "pin_how", "account_where", "account_length", "lock", "note",
    "phone", "usual_days"};
#define FACT_COUNT (sizeof fact_names / sizeof fact_names[0])

struct building {
    struct arena *arena;
    struct tsv tsv;
    struct losing_carrier *items;
    uint32_t *seen; /* for each item the bits of fact_names */
    size_t count;
};

static size_t fact_index(struct text name)
{
    for (size_t i = 0; i < FACT_COUNT; i++) {
        if (text_is(name, fact_names[i])) {
            return i;
        }
    }
    return SIZE_MAX;
}

static bool confidence_parse(struct text name, enum confidence *ret)
{
    static const char *const names[] = {NULL, "unverified", "conflicting", "secondary", "verified"};
    for (size_t i = CONFIDENCE_UNVERIFIED; i <= CONFIDENCE_VERIFIED; i++) {
        if (text_is(name, names[i])) {
            *ret = (enum confidence)i;
            return true;
        }
    }
    return false;
}

static bool key_is_valid(struct text key)
{
    for (size_t at = 0; at < key.len; at++) {
        char c = key.at[at];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') {
            return false;
        }
    }
    return key.len > 0 && key.len <= KEY_BYTES_MAX && !text_is(key, "other"); /* "other" is no entry */
}

static size_t index_of(const struct building *building, struct text key)
{
    for (size_t i = 0; i < building->count; i++) {
        if (text_equal(building->items[i].key, key)) {
            return i;
        }
    }
    return SIZE_MAX;
}

static bool fact_parse(
    const struct tsv *tsv, const struct text columns[], struct fact *ret, struct problem *problem)
{
    *ret = (struct fact){.value = columns[2], .source = columns[4]};
    if (ret->value.len == 0) {
        return tsv_problem(tsv, "the value is missing", problem);
    }
    if (!confidence_parse(columns[3], &ret->confidence)) {
        return tsv_problem(tsv, "the confidence is verified, secondary, conflicting or unverified", problem);
    }
    if (ret->source.len == 0) {
        return tsv_problem(tsv, "the source is missing", problem);
    }
    if (!date_parse(columns[5], &ret->checked)) {
        return tsv_problem(tsv, "the date (YYYY-MM-DD) on which it was checked is missing", problem);
    }
    return true;
}

/* Begins a carrier: its first line is its name. */
static bool carrier_begin(
    struct building *building, struct text key, const struct fact *fact, struct problem *problem)
{
    if (!key_is_valid(key)) {
        return tsv_problem(&building->tsv, "the key is lower-case letters, digits and _", problem);
    }
    if (building->count == DIRECTORY_CARRIERS_MAX) {
        return tsv_problem(&building->tsv, "there are too many carriers", problem);
    }
    building->items[building->count] =
        (struct losing_carrier){.key = key, .name = fact->value, .checked = fact->checked};
    building->seen[building->count] = 1; /* name */
    building->count++;
    return true;
}

static bool row_parse(struct building *building, const struct text columns[], struct problem *problem)
{
    struct fact fact;
    if (!fact_parse(&building->tsv, columns, &fact, problem)) {
        return false;
    }
    size_t which = fact_index(columns[1]);
    if (which == SIZE_MAX) {
        return tsv_problem(&building->tsv, "there is no such fact", problem);
    }
    size_t index = index_of(building, columns[0]);
    if (index == SIZE_MAX) {
        return which == 0 ? carrier_begin(building, columns[0], &fact, problem)
                          : tsv_problem(&building->tsv, "a carrier begins with its name", problem);
    }
    if (building->seen[index] >> which & 1) {
        return tsv_problem(&building->tsv, "this fact stands twice", problem);
    }
    building->seen[index] |= UINT32_C(1) << which;
    struct losing_carrier *carrier = &building->items[index];
    if (date_to_days(fact.checked) < date_to_days(carrier->checked)) {
        carrier->checked = fact.checked;
    }
    return set_fact(building->arena, carrier, columns[1], &fact) ||
           tsv_problem(&building->tsv, "the value does not fit the fact", problem);
}

/* What only the whole file tells: kind and country of each, and parents that are there. */
static bool check_whole(const struct building *building, struct problem *problem)
{
    uint32_t needed = UINT32_C(1) << fact_index(TEXT("kind")) | UINT32_C(1) << fact_index(TEXT("country"));
    for (size_t i = 0; i < building->count; i++) {
        const struct losing_carrier *carrier = &building->items[i];
        char why[160];
        if ((building->seen[i] & needed) != needed) {
            snprintf(why, sizeof why, "%.*s has no kind or no country", TEXT_ARG(carrier->key));
            return tsv_problem(&building->tsv, why, problem);
        }
        if (carrier->parent.len > 0 && index_of(building, carrier->parent) == SIZE_MAX) {
            snprintf(why, sizeof why, "the parent of %.*s is not there", TEXT_ARG(carrier->key));
            return tsv_problem(&building->tsv, why, problem);
        }
    }
    return true;
}

/* Lower-case ASCII first to last; shorter first. */
static int compare_names(const void *left, const void *right)
{
    struct text a = ((const struct losing_carrier *)left)->name;
    struct text b = ((const struct losing_carrier *)right)->name;
    for (size_t at = 0; at < a.len && at < b.len; at++) {
        int x = a.at[at] >= 'A' && a.at[at] <= 'Z' ? a.at[at] - 'A' + 'a' : (unsigned char)a.at[at];
        int y = b.at[at] >= 'A' && b.at[at] <= 'Z' ? b.at[at] - 'A' + 'a' : (unsigned char)b.at[at];
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    return (a.len > b.len) - (a.len < b.len);
}

bool directory_parse(struct arena *arena, struct text content, struct directory *ret, struct problem *problem)
{
    struct building building = {.arena = arena};
    if (!tsv_begin(&building.tsv, content, "losing_carriers.tsv",
            "carrier\tfact\tvalue\tconfidence\tsource\tchecked", problem)) {
        return false;
    }
    struct problem found = {0};
    struct text columns[TSV_FIELDS_MAX];
    building.items = ARENA_ARRAY(arena, struct losing_carrier, DIRECTORY_CARRIERS_MAX);
    building.seen = ARENA_ARRAY(arena, uint32_t, DIRECTORY_CARRIERS_MAX);
    while (tsv_next(&building.tsv, columns, &found)) {
        if (!row_parse(&building, columns, &found)) {
            break;
        }
    }
    if (!tsv_end(&found, problem) || !check_whole(&building, problem)) {
        return false;
    }
    qsort(building.items, building.count, sizeof building.items[0], compare_names);
    *ret = (struct directory){.items = building.items, .count = building.count};
    return true;
}

/* ---- Finding ---- */

const struct losing_carrier *directory_find(const struct directory *directory, struct text key)
{
    for (size_t i = 0; i < directory->count; i++) {
        if (text_equal(directory->items[i].key, key)) {
            return &directory->items[i];
        }
    }
    return NULL;
}

const struct losing_carrier *directory_find_name(const struct directory *directory, struct text name)
{
    struct text wanted = text_trim(name);
    for (size_t i = 0; i < directory->count; i++) {
        const struct losing_carrier *carrier = &directory->items[i];
        if (text_equal_nocase(carrier->name, wanted) || text_equal_nocase(carrier->key, wanted)) {
            return carrier;
        }
    }
    for (size_t i = 0; i < directory->count; i++) {
        const struct losing_carrier *carrier = &directory->items[i];
        for (size_t j = 0; j < carrier->aliases_count; j++) {
            if (text_equal_nocase(carrier->aliases[j], wanted)) {
                return carrier;
            }
        }
    }
    return NULL;
}

/* True when a word of `name` begins with what was typed. */
static bool has_word(struct text name, struct text typed)
{
    for (size_t at = 0; at + typed.len <= name.len; at++) {
        bool begins = at == 0 || name.at[at - 1] == ' ' || name.at[at - 1] == '-' || name.at[at - 1] == '(';
        if (begins && text_equal_nocase(text_part(name, at, typed.len), typed)) {
            return true;
        }
    }
    return false;
}

static bool has_alias(const struct losing_carrier *carrier, struct text typed)
{
    for (size_t i = 0; i < carrier->aliases_count; i++) {
        if (has_word(carrier->aliases[i], typed)) {
            return true;
        }
    }
    return false;
}

size_t directory_search(
    const struct directory *directory, struct text typed, const struct losing_carrier **ret, size_t max)
{
    struct text wanted = text_trim(typed);
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++) { /* names, then those that only an alias finds */
        for (size_t i = 0; i < directory->count && count < max; i++) {
            const struct losing_carrier *carrier = &directory->items[i];
            bool by_name = has_word(carrier->name, wanted);
            if (pass == 0 ? by_name : !by_name && has_alias(carrier, wanted)) {
                ret[count] = carrier;
                count++;
            }
        }
    }
    return count;
}
