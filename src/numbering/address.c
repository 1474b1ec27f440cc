#include "numbering/address.h"

#define US NUMBER_COUNTRY_US
#define CANADA NUMBER_COUNTRY_CA

static const struct state states[] = {
    {"AL", "Alabama", US},
    {"AK", "Alaska", US},
    {"AZ", "Arizona", US},
    {"AR", "Arkansas", US},
    {"CA", "California", US},
    {"CO", "Colorado", US},
    {"CT", "Connecticut", US},
    {"DE", "Delaware", US},
    {"DC", "District of Columbia", US},
    {"FL", "Florida", US},
    {"GA", "Georgia", US},
    {"HI", "Hawaii", US},
    {"ID", "Idaho", US},
    {"IL", "Illinois", US},
    {"IN", "Indiana", US},
    {"IA", "Iowa", US},
    {"KS", "Kansas", US},
    {"KY", "Kentucky", US},
    {"LA", "Louisiana", US},
    {"ME", "Maine", US},
    {"MD", "Maryland", US},
    {"MA", "Massachusetts", US},
    {"MI", "Michigan", US},
    {"MN", "Minnesota", US},
    {"MS", "Mississippi", US},
    {"MO", "Missouri", US},
    {"MT", "Montana", US},
    {"NE", "Nebraska", US},
    {"NV", "Nevada", US},
    {"NH", "New Hampshire", US},
    {"NJ", "New Jersey", US},
    {"NM", "New Mexico", US},
    {"NY", "New York", US},
    {"NC", "North Carolina", US},
    {"ND", "North Dakota", US},
    {"OH", "Ohio", US},
    {"OK", "Oklahoma", US},
    {"OR", "Oregon", US},
    {"PA", "Pennsylvania", US},
    {"RI", "Rhode Island", US},
    {"SC", "South Carolina", US},
    {"SD", "South Dakota", US},
    {"TN", "Tennessee", US},
    {"TX", "Texas", US},
    {"UT", "Utah", US},
    {"VT", "Vermont", US},
    {"VA", "Virginia", US},
    {"WA", "Washington", US},
    {"WV", "West Virginia", US},
    {"WI", "Wisconsin", US},
    {"WY", "Wyoming", US},
    {"AS", "American Samoa", US},
    {"GU", "Guam", US},
    {"MP", "Northern Mariana Islands", US},
    {"PR", "Puerto Rico", US},
    {"VI", "U.S. Virgin Islands", US},
    {"AA", "Armed Forces Americas", US},
    {"AE", "Armed Forces Europe", US},
    {"AP", "Armed Forces Pacific", US},
    {"AB", "Alberta", CANADA},
    {"BC", "British Columbia", CANADA},
    {"MB", "Manitoba", CANADA},
    {"NB", "New Brunswick", CANADA},
    {"NL", "Newfoundland and Labrador", CANADA},
    {"NS", "Nova Scotia", CANADA},
    {"NT", "Northwest Territories", CANADA},
    {"NU", "Nunavut", CANADA},
    {"ON", "Ontario", CANADA},
    {"PE", "Prince Edward Island", CANADA},
    {"QC", "Quebec", CANADA},
    {"SK", "Saskatchewan", CANADA},
    {"YT", "Yukon", CANADA},
};

/* Other spellings in use. */
static const struct {
    const char *name, *code;
} other_names[] = {
    {"Qu\xc3\xa9"
     "bec",
        "QC"},
    {"QU\xc3\x89"
     "BEC",
        "QC"},
    {"Washington DC", "DC"},
    {"Washington D.C.", "DC"},
    {"Washington, D.C.", "DC"},
    {"D.C.", "DC"},
    {"Newfoundland", "NL"},
    {"Virgin Islands", "VI"},
    {"US Virgin Islands", "VI"},
};

const struct state *states_all(size_t *ret_count)
{
    *ret_count = sizeof states / sizeof states[0];
    return states;
}

const struct state *state_find(struct text code_or_name)
{
    struct text wanted = text_trim(code_or_name);
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++) {
        if (text_equal_nocase(wanted, text_from(other_names[i].name))) {
            wanted = text_from(other_names[i].code);
        }
    }
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (text_equal_nocase(wanted, text_from(states[i].code)) ||
            text_equal_nocase(wanted, text_from(states[i].name))) {
            return &states[i];
        }
    }
    return NULL;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_letter(char c)
{
    return upper(c) >= 'A' && upper(c) <= 'Z';
}

bool zip_is_valid(struct text zip, struct text *ret_five)
{
    struct text text = text_trim(zip);
    size_t gap = text.len > 5 && (text.at[5] == '-' || text.at[5] == ' ') ? 1 : 0;
    if (text.len != 5 && text.len != 9 + gap) {
        return false;
    }
    for (size_t at = 0; at < text.len; at++) {
        if (!is_digit(text.at[at]) && !(gap == 1 && at == 5)) {
            return false;
        }
    }
    if (ret_five) {
        *ret_five = text_part(text, 0, 5);
    }
    return true;
}

static bool is_one_of(char c, const char *letters)
{
    return text_find_char(text_from(letters), c, 0) != SIZE_MAX;
}

bool postal_code_is_valid(struct text code)
{
    struct text text = text_trim(code);
    char signs[6];
    if (text.len == 7 && (text.at[3] == ' ' || text.at[3] == '-')) {
        for (size_t at = 0; at < 6; at++) {
            signs[at] = upper(text.at[at < 3 ? at : at + 1]);
        }
    } else if (text.len == 6) {
        for (size_t at = 0; at < 6; at++) {
            signs[at] = upper(text.at[at]);
        }
    } else {
        return false;
    }
    for (size_t at = 0; at < 6; at++) {
        bool wants_letter = at % 2 == 0;
        bool fits =
            wants_letter ? is_letter(signs[at]) && !is_one_of(signs[at], "DFIOQU") : is_digit(signs[at]);
        if (!fits) {
            return false;
        }
    }
    return !is_one_of(signs[0], "WZ");
}

/* The street in lower case with one blank for any run of other signs: "P.O. Box #12" is "p o box 12". */
static struct text plain_words(struct text street, char *to, size_t size)
{
    size_t len = 0;
    for (size_t at = 0; at < street.len && len + 1 < size; at++) {
        char c = street.at[at];
        bool kept = is_letter(c) || is_digit(c) || (unsigned char)c >= 0x80;
        if (kept) {
            to[len] = is_letter(c) ? (char)(upper(c) - 'A' + 'a') : c;
            len++;
        } else if (len > 0 && to[len - 1] != ' ') {
            to[len] = ' ';
            len++;
        }
    }
    return text_trim((struct text){to, len});
}

/* True when a box's number (or a letter and a number) stands at `at`. */
static bool box_number_at(struct text words, size_t at)
{
    struct text rest = text_part(words, at, words.len);
    size_t end = text_find_char(rest, ' ', 0);
    struct text first = text_part(rest, 0, end == SIZE_MAX ? rest.len : end);
    bool short_mark = first.len == 1;
    for (size_t i = 0; i < first.len; i++) {
        if (is_digit(first.at[i])) {
            return true;
        }
    }
    return short_mark;
}

bool address_is_po_box(struct text street)
{
    static const char *const anywhere[] = {"po box ", "p o box ", "pobox ", "post office box ", "postal box ",
        "post box ", "pob ", "p o b ", "postfach ", "case postale ", "c p ", "cp ", "bo\xc3\xaete postale "};
    static const char *const at_start[] = {"box ", "drawer ", "po drawer ", "po ", "p o "};
    char buffer[256];
    struct text words = plain_words(street, buffer, sizeof buffer);
    for (size_t i = 0; i < sizeof anywhere / sizeof anywhere[0]; i++) {
        struct text mark = text_from(anywhere[i]);
        for (size_t at = 0; at < words.len; at++) {
            bool begins = at == 0 || words.at[at - 1] == ' ';
            if (begins && text_starts(text_part(words, at, words.len), mark) &&
                box_number_at(words, at + mark.len)) {
                return true;
            }
        }
    }
    for (size_t i = 0; i < sizeof at_start / sizeof at_start[0]; i++) {
        struct text mark = text_from(at_start[i]);
        if (text_starts(words, mark) && box_number_at(words, mark.len)) {
            return true;
        }
    }
    return false;
}
