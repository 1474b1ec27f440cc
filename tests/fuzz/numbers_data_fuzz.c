/* The data files that an operator may give: the input is read as each of them, with and without the right line of
 * columns before it. */
#include <stdint.h>
#include <stdlib.h>

#include "numbering/area_codes.h"
#include "rules/calendar.h"
#include "rules/directory.h"
#include "rules/rejection.h"
#include "rules/turn.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void read_all(struct arena *arena, struct text content)
{
    struct area_codes codes;
    struct directory directory;
    struct rejections rejections, worded;
    struct turn_rules turns;
    struct calendar calendar;
    struct problem problems[6] = {0};
    bool read[6] = {
        area_codes_parse(arena, content, &codes, &problems[0]),
        directory_parse(arena, content, &directory, &problems[1]),
        rejections_parse(arena, content, rejection_words_data(), &rejections, &problems[2]),
        calendar_parse(arena, content, &calendar, &problems[3]),
        rejections_parse(arena, rejections_data(), content, &worded, &problems[4]),
        turns_parse(content, &turns, &problems[5]),
    };
    for (size_t i = 0; i < 6; i++) {
        check(read[i] == (problems[i].kind == PROBLEM_NONE));
        check(read[i] || problems[i].word == WORD_numbering_data_wrong);
    }
    for (size_t i = 0; read[1] && i < directory.count; i++) {
        const struct losing_carrier *carrier = &directory.items[i];
        const struct losing_carrier *found[5];
        check(directory_find(&directory, carrier->key) == carrier);
        check(directory_find_name(&directory, carrier->name) != NULL);
        check(directory_search(&directory, carrier->name, found, 5) > 0);
    }
    for (size_t i = 1; read[3] && i < calendar.count; i++) {
        check(date_compare(calendar.holidays[i - 1].date, calendar.holidays[i].date) < 0);
    }
    if (read[2]) {
        check(rejection_of_word(&rejections, TEXT("twilio"), content)->reason < REJECTION_COUNT);
    }
    for (size_t i = 0; read[4] && i < worded.words_count; i++) {
        const struct rejection_carrier_word *word = &worded.words[i];
        check(rejection_of_word(&worded, word->carrier, word->word)->reason == word->reason);
    }
    for (size_t i = 0; read[5] && i < WAIT_COUNT; i++) {
        check(turns.items[i].usual_min <= turns.items[i].usual_max);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const headers[] = {"", "area_code\tcountry\tstate\tname\tkind\tzones\n",
        "carrier\tfact\tvalue\tconfidence\tsource\tchecked\n",
        "reason\tfields\tturn\tkind\tusual\tretry\tpage\n", "date\tname\n",
        "carrier\tword\treason\tconfidence\n", "wait\tusual\tremind\tevery\ttimes\ttell\tteam\tconfidence\n"};
    ARENA_CLEANUP arena = arena_new(64 * 1024 * 1024);
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct text rest = {(const char *)bytes, len > 100000 ? 100000 : len};
        read_all(arena, text_format(arena, "%s%.*s", headers[i], TEXT_ARG(rest)));
    }
    return 0;
}
