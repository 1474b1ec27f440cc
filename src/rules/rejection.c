#include "rules/rejection.h"

#include "numbering/tsv.h"

#define CARRIER_WORD_BYTES_MAX 80
#define DAYS_MAX 60

static const struct {
    const char *name;
    enum word brief, what, mend;
} reasons[REJECTION_COUNT] = {
#define REJECTION_WORDS(NAME, name)                                                                          \
    [REJECTION_##NAME] = {                                                                                   \
        #name, WORD_rejection_##name, WORD_rejection_##name##_what, WORD_rejection_##name##_do},
    REJECTION_REASONS(REJECTION_WORDS)
#undef REJECTION_WORDS
};

const char *rejection_name(enum rejection_reason reason)
{
    return reasons[reason].name;
}

bool rejection_parse(struct text name, enum rejection_reason *ret)
{
    for (size_t i = 0; i < REJECTION_COUNT; i++) {
        if (text_is(name, reasons[i].name)) {
            *ret = (enum rejection_reason)i;
            return true;
        }
    }
    return false;
}

enum word rejection_short_word(enum rejection_reason reason)
{
    return reasons[reason].brief;
}

enum word rejection_what_word(enum rejection_reason reason)
{
    return reasons[reason].what;
}

enum word rejection_do_word(enum rejection_reason reason)
{
    return reasons[reason].mend;
}

/* ---- The reasons ---- */

static bool fields_parse(struct text names, uint32_t *ret)
{
    uint32_t bits = 0;
    for (struct text name; text_next(&names, ',', &name);) {
        enum draft_field field;
        if (!draft_field_parse(text_trim(name), &field)) {
            return false;
        }
        bits |= DRAFT_FIELD_BIT(field);
    }
    *ret = bits;
    return true;
}

static bool kind_parse(struct text name, enum rejection_kind *ret)
{
    static const char *const kinds[] = {
        [REJECTION_MEND] = "mend", [REJECTION_TIME] = "time", [REJECTION_END] = "end"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (text_is(name, kinds[i])) {
            *ret = (enum rejection_kind)i;
            return true;
        }
    }
    return false;
}

static bool days_parse(struct text digits, unsigned *ret)
{
    int64_t days = 0;
    if (!text_to_i64(digits, 1, DAYS_MAX, &days)) {
        return false;
    }
    *ret = (unsigned)days;
    return true;
}

/* "3", "1-5", "1-5?", or empty. */
static bool usual_parse(struct text usual, struct rejection *ret)
{
    if (usual.len == 0) {
        return true;
    }
    ret->usual_doubtful = text_ends(usual, TEXT("?"));
    usual.len -= ret->usual_doubtful ? 1 : 0;
    size_t dash = text_find_char(usual, '-', 0);
    if (dash == SIZE_MAX) {
        return days_parse(usual, &ret->usual_min) && days_parse(usual, &ret->usual_max);
    }
    return days_parse(text_part(usual, 0, dash), &ret->usual_min) &&
           days_parse(text_part(usual, dash + 1, usual.len), &ret->usual_max) &&
           ret->usual_min < ret->usual_max;
}

/* "2x3", of what only time mends and of nothing else. */
static bool retry_parse(struct text retry, struct rejection *ret)
{
    if (ret->kind != REJECTION_TIME) {
        return retry.len == 0;
    }
    size_t x = text_find_char(retry, 'x', 0);
    return x != SIZE_MAX && days_parse(text_part(retry, 0, x), &ret->retry_days) &&
           days_parse(text_part(retry, x + 1, retry.len), &ret->retries);
}

static bool row_parse(const struct tsv *tsv, const struct text columns[], bool seen[],
    struct rejections *into, struct problem *problem)
{
    struct rejection row = {.page = columns[6]};
    if (!rejection_parse(columns[0], &row.reason)) {
        return tsv_problem(tsv, "there is no such reason", problem);
    }
    if (seen[row.reason]) {
        return tsv_problem(tsv, "this reason stands twice", problem);
    }
    if (!fields_parse(columns[1], &row.fields)) {
        return tsv_problem(tsv, "there is no such field", problem);
    }
    if (!turn_parse(columns[2], &row.turn) || (row.turn != TURN_CUSTOMER && row.turn != TURN_PORTING_TEAM)) {
        return tsv_problem(tsv, "the turn is customer or porting_team", problem);
    }
    if (!kind_parse(columns[3], &row.kind)) {
        return tsv_problem(tsv, "the kind is mend, time or end", problem);
    }
    if (!usual_parse(columns[4], &row)) {
        return tsv_problem(tsv, "what is usual is written 3 or 1-5, with ? when in doubt", problem);
    }
    if (!retry_parse(columns[5], &row)) {
        return tsv_problem(tsv, "a retry is written 2x3, and goes with the kind time", problem);
    }
    if (row.page.len > 0 && !text_starts(row.page, TEXT("https://"))) {
        return tsv_problem(tsv, "the page is an https address", problem);
    }
    seen[row.reason] = true;
    into->items[row.reason] = row;
    return true;
}

static bool reasons_parse(struct text content, struct rejections *into, struct problem *problem)
{
    struct tsv tsv;
    if (!tsv_begin(
            &tsv, content, "rejections.tsv", "reason\tfields\tturn\tkind\tusual\tretry\tpage", problem)) {
        return false;
    }
    bool seen[REJECTION_COUNT] = {false};
    struct problem found = {0};
    struct text columns[TSV_FIELDS_MAX];
    while (tsv_next(&tsv, columns, &found)) {
        if (!row_parse(&tsv, columns, seen, into, &found)) {
            break;
        }
    }
    for (size_t i = 0; i < REJECTION_COUNT && found.kind == PROBLEM_NONE; i++) {
        if (!seen[i]) {
            tsv_problem(&tsv, "a reason is missing", &found);
        }
    }
    return tsv_end(&found, problem);
}

/* ---- The carriers' words ---- */

static const struct rejection_carrier_word *find_word(
    const struct rejections *rejections, struct text carrier, struct text plain)
{
    for (size_t i = 0; i < rejections->words_count; i++) {
        const struct rejection_carrier_word *word = &rejections->words[i];
        if (text_equal(word->word, plain) && text_equal(word->carrier, carrier)) {
            return word;
        }
    }
    return NULL;
}

static bool is_plain_word(struct text word)
{
    for (size_t at = 0; at < word.len; at++) {
        char c = word.at[at];
        if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_') {
            return false;
        }
    }
    return word.len > 0 && word.len <= CARRIER_WORD_BYTES_MAX;
}

static bool confidence_is_known(struct text name)
{
    return text_is(name, "verified") || text_is(name, "secondary") || text_is(name, "conflicting") ||
           text_is(name, "unverified");
}

static bool word_parse(const struct tsv *tsv, const struct text columns[], struct rejections *into,
    struct rejection_carrier_word *to, struct problem *problem)
{
    struct rejection_carrier_word row = {.carrier = columns[0], .word = columns[1]};
    if (row.carrier.len == 0 || !is_plain_word(row.word)) {
        return tsv_problem(tsv, "a carrier and its word, in upper case with _", problem);
    }
    if (find_word(into, row.carrier, row.word)) {
        return tsv_problem(tsv, "this word stands twice", problem);
    }
    if (!rejection_parse(columns[2], &row.reason)) {
        return tsv_problem(tsv, "there is no such reason", problem);
    }
    if (!confidence_is_known(columns[3])) {
        return tsv_problem(tsv, "there is no such confidence", problem);
    }
    *to = row;
    into->words_count++;
    return true;
}

static bool words_parse(
    struct arena *arena, struct text content, struct rejections *into, struct problem *problem)
{
    struct tsv tsv;
    if (!tsv_begin(&tsv, content, "rejection_words.tsv", "carrier\tword\treason\tconfidence", problem)) {
        return false;
    }
    struct rejection_carrier_word *words =
        ARENA_ARRAY(arena, struct rejection_carrier_word, tsv_rows_max(content));
    struct problem found = {0};
    struct text columns[TSV_FIELDS_MAX];
    into->words = words;
    while (tsv_next(&tsv, columns, &found)) {
        if (!word_parse(&tsv, columns, into, &words[into->words_count], &found)) {
            break;
        }
    }
    return tsv_end(&found, problem);
}

bool rejections_parse(struct arena *arena, struct text tsv, struct text words_tsv, struct rejections *ret,
    struct problem *problem)
{
    struct rejections rejections = {0};
    if (!reasons_parse(tsv, &rejections, problem) || !words_parse(arena, words_tsv, &rejections, problem)) {
        return false;
    }
    *ret = rejections;
    return true;
}

const struct rejection *rejection_of_word(
    const struct rejections *rejections, struct text carrier, struct text carrier_word)
{
    char to[CARRIER_WORD_BYTES_MAX];
    struct text word = text_trim(carrier_word);
    if (word.len > sizeof to) {
        return &rejections->items[REJECTION_OTHER];
    }
    for (size_t at = 0; at < word.len; at++) {
        char c = word.at[at];
        if (c >= 'a' && c <= 'z') {
            c = (char)(c - 'a' + 'A');
        }
        to[at] = c == ' ' || c == '-' ? '_' : c;
    }
    const struct rejection_carrier_word *found = find_word(rejections, carrier, (struct text){to, word.len});
    return &rejections->items[found ? found->reason : REJECTION_OTHER];
}

const struct rejection *rejection_of_name(const struct rejections *rejections, struct text name)
{
    enum rejection_reason reason = REJECTION_OTHER;
    rejection_parse(name, &reason);
    return &rejections->items[reason];
}
