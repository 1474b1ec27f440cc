#include "numbering/number.h"

#include <stdio.h>
#include <string.h>

#define STRANGE '\1' /* stands for a sign that no written number has */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

/* ---- Folding: every sign to plain ASCII, so that the rest need not know how people and programs write ---- */

/* Decodes one code point; a broken sequence is one byte and code point 1. */
static size_t decode(const unsigned char *at, size_t len, uint32_t *ret)
{
    static const struct {
        unsigned char mask, lead;
        size_t bytes;
    } forms[] = {{0x80, 0x00, 1}, {0xe0, 0xc0, 2}, {0xf0, 0xe0, 3}, {0xf8, 0xf0, 4}};
    for (size_t form = 0; form < sizeof forms / sizeof forms[0]; form++) {
        if ((at[0] & forms[form].mask) != forms[form].lead || forms[form].bytes > len) {
            continue;
        }
        uint32_t point = (uint32_t)(at[0] & ~forms[form].mask);
        for (size_t i = 1; i < forms[form].bytes; i++) {
            if ((at[i] & 0xc0) != 0x80) {
                *ret = 1;
                return 1;
            }
            point = point << 6 | (at[i] & 0x3fu);
        }
        *ret = point;
        return forms[form].bytes;
    }
    *ret = 1;
    return 1;
}

/* ASCII for a code point; 0 for one that is left out (marks of direction, of zero width, soft hyphens). */
static char fold(uint32_t point)
{
    static const struct {
        uint32_t first, last;
        char to;
    } ranges[] = {
        {0x09, 0x0d, ' '},
        {0xa0, 0xa0, ' '},
        {0xad, 0xad, 0},
        {0xb7, 0xb7, '.'},
        {0x1680, 0x1680, ' '},
        {0x2000, 0x200a, ' '},
        {0x200b, 0x200f, 0},
        {0x2010, 0x2015, '-'},
        {0x2018, 0x201f, '"'},
        {0x2022, 0x2022, '.'},
        {0x2028, 0x2029, ' '},
        {0x202a, 0x202e, 0},
        {0x202f, 0x202f, ' '},
        {0x2044, 0x2044, '/'},
        {0x205f, 0x205f, ' '},
        {0x2060, 0x2064, 0},
        {0x2066, 0x2069, 0},
        {0x2212, 0x2212, '-'},
        {0x2219, 0x2219, '.'},
        {0x3000, 0x3000, ' '},
        {0xfe58, 0xfe58, '-'},
        {0xfe63, 0xfe63, '-'},
        {0xfeff, 0xfeff, 0},
    };
    if (point >= 0xff01 && point <= 0xff5e) { /* full-width forms of ASCII */
        point -= 0xfee0;
    }
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (point >= ranges[i].first && point <= ranges[i].last) {
            return ranges[i].to;
        }
    }
    return point >= 0x20 && point < 0x7f ? (char)point : STRANGE;
}

/* The folded text in `ret`, which has room for written.len. */
static struct text fold_all(struct text written, char *ret)
{
    size_t len = 0;
    for (size_t at = 0; at < written.len;) {
        uint32_t point;
        at += decode((const unsigned char *)written.at + at, written.len - at, &point);
        char c = fold(point);
        if (c != 0) {
            ret[len] = c;
            len++;
        }
    }
    return (struct text){ret, len};
}

static bool is_wrapping(char c)
{
    return c == ' ' || c == '"' || c == '\'' || c == '=' || c == '`';
}

/* Without what address books and spreadsheets put around a number: blanks, quotes, "tel:", "4155550134.0". */
static struct text unwrap(struct text text)
{
    while (text.len > 0 && is_wrapping(text.at[0])) {
        text = text_part(text, 1, text.len);
    }
    while (text.len > 0 && is_wrapping(text.at[text.len - 1])) {
        text.len--;
    }
    if (text_equal_nocase(text_part(text, 0, 4), TEXT("tel:"))) {
        return unwrap(text_part(text, 4, text.len));
    }
    size_t dot = text_find_char(text, '.', 0);
    bool is_decimal = (dot == 10 || dot == 11) && dot + 1 < text.len;
    for (size_t at = 0; is_decimal && at < text.len; at++) {
        is_decimal = at < dot ? is_digit(text.at[at]) : at == dot || text.at[at] == '0';
    }
    return is_decimal ? text_part(text, 0, dot) : text;
}

/* ---- Reading ---- */

/* "4.15555E+09" */
static bool is_shortened(struct text text)
{
    size_t digits = 0;
    size_t at = 0;
    for (; at < text.len && (is_digit(text.at[at]) || text.at[at] == '.'); at++) {
        digits += is_digit(text.at[at]);
    }
    if (digits == 0 || at >= text.len || lower(text.at[at]) != 'e') {
        return false;
    }
    at++;
    at += at < text.len && text.at[at] == '+';
    size_t exponent = at;
    for (; at < text.len && is_digit(text.at[at]); at++) {
    }
    return at == text.len && at > exponent && at - exponent <= 3;
}

static size_t count_digits(struct text text)
{
    size_t digits = 0;
    for (size_t at = 0; at < text.len; at++) {
        digits += is_digit(text.at[at]);
    }
    return digits;
}

static size_t count_letters(struct text text)
{
    size_t letters = 0;
    for (size_t at = 0; at < text.len; at++) {
        letters += is_letter(text.at[at]);
    }
    return letters;
}

/* True when `tail` is an extension: "x12", "ext. 12", "extension: 12", "#12". */
static bool is_extension(struct text tail)
{
    static const char *const marks[] = {"extension", "extn", "ext", "poste", "x", "#"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        struct text mark = text_from(marks[i]);
        if (!text_equal_nocase(text_part(tail, 0, mark.len), mark)) {
            continue;
        }
        struct text rest = text_part(tail, mark.len, tail.len);
        for (size_t at = 0; at < rest.len; at++) {
            char c = rest.at[at];
            if (!is_digit(c) && c != ' ' && c != '.' && c != ':' && c != '-' && c != '=') {
                return false;
            }
        }
        return true;
    }
    return false;
}

/* Where an extension begins, or SIZE_MAX. */
static size_t find_extension(struct text text)
{
    for (size_t at = 1; at < text.len; at++) {
        bool begins = !is_letter(text.at[at - 1]) && count_digits(text_part(text, 0, at)) >= 7;
        if (begins && is_extension(text_part(text, at, text.len))) {
            return at;
        }
    }
    return SIZE_MAX;
}

static bool is_punctuation(char c)
{
    return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/' || c == '[' || c == ']' ||
           c == '_';
}

/* The fault of `count` digits; `plus`: a plus and the 1 stood before them, `one`: a 1 stands first among them. */
static enum number_fault count_fault(size_t count, bool plus, bool one)
{
    size_t own = one && !plus ? count - 1 : count; /* without the 1 in front */
    if (own == 7) {
        return NUMBER_FAULT_NO_AREA_CODE;
    }
    if (own == 9) {
        return NUMBER_FAULT_ONE_MISSING;
    }
    if (own < 9) {
        return NUMBER_FAULT_TOO_FEW;
    }
    return own == 11 ? NUMBER_FAULT_ONE_TOO_MANY : NUMBER_FAULT_TOO_MANY;
}

static enum number_fault read_ten(const char digits[10], struct number *ret)
{
    if (digits[0] < '2') {
        return NUMBER_FAULT_AREA_CODE;
    }
    if (digits[3] < '2') {
        return NUMBER_FAULT_EXCHANGE;
    }
    *ret = (struct number){.e164 = "+1"};
    memcpy(ret->e164 + 2, digits, 10);
    return NUMBER_FAULT_NONE;
}

/* `digits` without the signs between them; `plus`: a plus stood in front. */
static enum number_fault read_digits(struct text digits, bool plus, struct number *ret)
{
    if (!plus && text_starts(digits, TEXT("011"))) { /* the US way to dial abroad */
        digits = text_part(digits, 3, digits.len);
        plus = true;
    } else if (!plus && text_starts(digits, TEXT("00")) && digits.len > 11) { /* everybody else's */
        digits = text_part(digits, 2, digits.len);
        plus = true;
    }
    if (digits.len == 0) {
        return NUMBER_FAULT_NOT_A_NUMBER;
    }
    bool one = digits.at[0] == '1';
    if (plus && !one) {
        return NUMBER_FAULT_FOREIGN;
    }
    if (one && (plus || digits.len == 11)) {
        digits = text_part(digits, 1, digits.len);
        plus = true;
    }
    if (digits.len == 10 && (plus || !one)) {
        return read_ten(digits.at, ret);
    }
    return count_fault(digits.len, plus, one);
}

/* Digits and punctuation only. */
static enum number_fault read_plain(struct text text, struct number *ret)
{
    char digits[NUMBER_TEXT_BYTES_MAX];
    size_t count = 0;
    bool plus = false;
    for (size_t at = 0; at < text.len; at++) {
        char c = text.at[at];
        if (is_digit(c)) {
            digits[count] = c;
            count++;
        } else if (c == '+' && count == 0 && !plus) {
            plus = true;
        } else if (!is_punctuation(c)) {
            return NUMBER_FAULT_NOT_A_NUMBER;
        }
    }
    return read_digits((struct text){digits, count}, plus, ret);
}

/* What a text with letters may mean: a number beside a name, or letters of the keypad ("800 FLOWERS"). */
static void suggest_for_letters(struct text text, struct number *ret)
{
    static const char keypad[] = "22233344455566677778889999";
    char plain[NUMBER_TEXT_BYTES_MAX];
    char vanity[NUMBER_TEXT_BYTES_MAX];
    size_t plain_len = 0;
    size_t vanity_len = 0;
    for (size_t at = 0; at < text.len; at++) {
        char c = text.at[at];
        plain[at] = is_digit(c) || c == '+' ? c : ' ';
        plain_len++;
        if (is_digit(c) || is_letter(c)) {
            vanity[vanity_len] = is_letter(c) ? keypad[lower(c) - 'a'] : c;
            vanity_len++;
        }
    }
    struct number found;
    if (read_plain((struct text){plain, plain_len}, &found) == NUMBER_FAULT_NONE) {
        *ret = found;
        return;
    }
    size_t wanted = vanity_len > 0 && vanity[0] == '1' ? 11 : 10;
    bool begins_with_digits = text.len > 0 && !is_letter(text.at[0]) && count_digits(text) >= 3;
    bool is_word = count_letters(text) >= 3; /* one letter is a slip of the pen, not a word */
    if (begins_with_digits && is_word && vanity_len >= wanted &&
        read_digits((struct text){vanity, wanted}, false, &found) == NUMBER_FAULT_NONE) {
        *ret = found;
    }
}

static enum number_fault read_folded(struct text text, struct number_reading *ret)
{
    if (text.len == 0) {
        return NUMBER_FAULT_EMPTY;
    }
    if (is_shortened(text)) {
        return NUMBER_FAULT_SHORTENED;
    }
    size_t extension = find_extension(text);
    if (extension != SIZE_MAX) {
        struct number main_number;
        if (read_plain(text_part(text, 0, extension), &main_number) == NUMBER_FAULT_NONE) {
            ret->suggestion = main_number;
            return NUMBER_FAULT_EXTENSION;
        }
    }
    if (count_letters(text) > 0 && count_digits(text) > 0) {
        suggest_for_letters(text, &ret->suggestion);
        return NUMBER_FAULT_LETTERS;
    }
    return read_plain(text, &ret->number);
}

bool number_read(struct text written, struct number_reading *ret)
{
    struct number_reading reading = {0};
    char folded[NUMBER_TEXT_BYTES_MAX];
    if (text_trim(written).len > sizeof folded) {
        reading.fault = NUMBER_FAULT_TOO_LONG;
    } else {
        reading.fault = read_folded(unwrap(fold_all(text_trim(written), folded)), &reading);
    }
    *ret = reading;
    return reading.fault == NUMBER_FAULT_NONE;
}

bool number_parse(struct text written, struct number *ret, const char *field, struct problem *problem)
{
    struct number_reading reading;
    if (!number_read(written, &reading)) {
        return problem_set(problem, PROBLEM_INPUT, number_fault_word(reading.fault), field, NULL, NULL);
    }
    *ret = reading.number;
    return true;
}

bool number_from_e164(struct text e164, struct number *ret)
{
    if (e164.len != 12 || !text_starts(e164, TEXT("+1")) || count_digits(e164) != 11) {
        return false;
    }
    struct number number;
    if (read_ten(e164.at + 2, &number) != NUMBER_FAULT_NONE) {
        return false;
    }
    *ret = number;
    return true;
}

/* ---- Words and forms ---- */

enum word number_fault_word(enum number_fault fault)
{
    static const enum word words[NUMBER_FAULT_COUNT] = {
        [NUMBER_FAULT_NONE] = WORD_NONE,
        [NUMBER_FAULT_EMPTY] = WORD_numbering_fault_empty,
        [NUMBER_FAULT_NOT_A_NUMBER] = WORD_numbering_fault_not_a_number,
        [NUMBER_FAULT_TOO_LONG] = WORD_numbering_fault_too_long,
        [NUMBER_FAULT_NO_AREA_CODE] = WORD_numbering_fault_no_area_code,
        [NUMBER_FAULT_ONE_MISSING] = WORD_numbering_fault_one_missing,
        [NUMBER_FAULT_TOO_FEW] = WORD_numbering_fault_too_few,
        [NUMBER_FAULT_ONE_TOO_MANY] = WORD_numbering_fault_one_too_many,
        [NUMBER_FAULT_TOO_MANY] = WORD_numbering_fault_too_many,
        [NUMBER_FAULT_EXTENSION] = WORD_numbering_fault_extension,
        [NUMBER_FAULT_LETTERS] = WORD_numbering_fault_letters,
        [NUMBER_FAULT_FOREIGN] = WORD_numbering_fault_foreign,
        [NUMBER_FAULT_AREA_CODE] = WORD_numbering_fault_area_code,
        [NUMBER_FAULT_EXCHANGE] = WORD_numbering_fault_exchange,
        [NUMBER_FAULT_SHORTENED] = WORD_numbering_fault_shortened,
    };
    return words[fault];
}

enum word number_reading_word(
    struct arena *arena, const struct number_reading *reading, struct text written, struct text *ret_about)
{
    bool suggests = reading->suggestion.e164[0] != '\0';
    *ret_about = suggests ? number_format(arena, &reading->suggestion) : text_clip(text_trim(written), 40);
    if (suggests && reading->fault == NUMBER_FAULT_EXTENSION) {
        return WORD_numbering_fault_extension_suggest;
    }
    if (suggests && reading->fault == NUMBER_FAULT_LETTERS) {
        return WORD_numbering_fault_letters_suggest;
    }
    return number_fault_word(reading->fault);
}

struct text number_e164(const struct number *number)
{
    return text_from(number->e164);
}

bool number_equal(const struct number *a, const struct number *b)
{
    return strcmp(a->e164, b->e164) == 0;
}

int number_area_code(const struct number *number)
{
    const char *digits = number->e164 + 2;
    return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
}

struct text number_format(struct arena *arena, const struct number *number)
{
    const char *digits = number->e164 + 2;
    return text_format(arena, "(%.3s) %.3s-%.4s", digits, digits + 3, digits + 6);
}

struct text number_format_dashes(struct arena *arena, const struct number *number)
{
    const char *digits = number->e164 + 2;
    return text_format(arena, "%.3s-%.3s-%.4s", digits, digits + 3, digits + 6);
}

struct text number_show(struct arena *arena, struct text e164)
{
    struct number number;
    return number_from_e164(e164, &number) ? number_format(arena, &number) : e164;
}
