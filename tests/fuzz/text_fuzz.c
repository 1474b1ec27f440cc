/* The small parsers of base/ that everything from outside goes through: UTF-8, numbers, the codings, dates, instants,
 * ids, and the escaping of HTML. What they take must come back the same when it is written again. */
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/html.h"
#include "base/id.h"
#include "base/text.h"

#define INPUT_MAX ((size_t)4096)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void try_slices(struct text input)
{
    struct text rest = input;
    struct text piece;
    size_t len = 0;
    while (text_next(&rest, ',', &piece)) {
        check(text_find_char(piece, ',', 0) == SIZE_MAX);
        len += piece.len + 1;
    }
    check(len == input.len || len == input.len + 1);
    check(text_find(input, text_trim(input), 0) != SIZE_MAX);
    if (!text_is_utf8(input)) {
        check(!text_is_clean(input));
        return;
    }
    size_t points = text_length(input);
    struct text half = text_clip(input, points / 2);
    check(text_is_utf8(half) && text_length(half) == points / 2 && text_starts(input, half));
}

static void try_codings(struct arena *arena, struct text input)
{
    struct text back;
    check(text_unbase64(arena, text_base64(arena, input.at, input.len), input.len, &back) &&
          text_equal(back, input));
    if (text_unbase64(arena, input, INPUT_MAX, &back)) {
        check(text_equal(text_base64(arena, back.at, back.len), input));
    }
    char url[INPUT_MAX];
    size_t len = input.len * 3 / 4;
    if (text_unbase64url(input, url, len)) {
        check(text_equal(text_base64url(arena, url, len), input));
    }
    if (input.len % 2 == 0 && text_unhex(input, url, input.len / 2)) {
        check(text_equal_nocase(text_hex(arena, url, input.len / 2), input));
    }
    if (text_unpercent(arena, input, true, &back)) {
        struct text again;
        check(text_unpercent(arena, text_percent(arena, back), true, &again) && text_equal(again, back));
    }
}

static void try_numbers_and_dates(struct arena *arena, struct text input)
{
    int64_t number = 0;
    if (text_to_i64(input, -1000, INT64_MAX, &number)) {
        check(number >= -1000);
    }
    struct date date;
    if (date_parse(input, &date)) {
        check(text_equal(date_iso(arena, date), input));
        date_at(date, 2, 30, TEXT("America/New_York"));
    }
    int64_t us = 0;
    if (instant_parse(input, &us)) {
        int64_t again = 0;
        /* The day before 1970 and the one after 2199 can be reached by an offset, but not be read back. */
        bool read = instant_parse(instant_iso(arena, us), &again);
        check(!read || (again <= us && us - again < CLOCK_SECOND));
    }
    struct id id;
    if (id_parse(input, "pr", &id)) {
        check(text_equal(id_text(&id), input));
    }
    clock_date(CLOCK_DAY, input);
}

static void try_html(struct text input)
{
    BUFFER_CLEANUP out = BUFFER(INPUT_MAX * 6);
    html_text(&out, input);
    check(!out.overflowed);
    static const char never[] = "<>\"'";
    for (size_t i = 0; i + 1 < sizeof never; i++) {
        check(text_find_char(buffer_view(&out), never[i], 0) == SIZE_MAX);
    }
    struct text url = url_outside(input).text;
    check(text_is(url, "#") || text_equal_nocase(text_part(url, 0, 4), TEXT("http")));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len > INPUT_MAX) {
        return 0;
    }
    struct text input = {(const char *)bytes, len};
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    try_slices(input);
    try_codings(arena, input);
    try_numbers_and_dates(arena, input);
    try_html(input);
    return 0;
}
