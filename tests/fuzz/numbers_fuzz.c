/* number_list_parse on anything: no item is lost, each is what it says, and what we write for people reads back as
 * the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "numbering/address.h"
#include "numbering/number_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static const struct area_codes *area_codes(void)
{
    static struct area_codes codes;
    static struct arena *arena; /* for the life of the process */
    if (!arena) {
        arena = arena_new(1024 * 1024);
        check(area_codes_parse(arena, area_codes_data(), &codes, NULL));
    }
    return &codes;
}

static void check_item(struct arena *arena, const struct number_list *list, size_t index)
{
    const struct number_item *item = &list->items[index];
    struct number_reading again;
    struct number number;
    struct text about;
    check(number_read(item->written, &again) == (item->fault == NUMBER_FAULT_NONE) ||
          item->written.len == 0 || item->fault == NUMBER_FAULT_EMPTY);
    if (item->fault == NUMBER_FAULT_NONE) {
        check(number_equal(&again.number, &item->number));
        check(number_from_e164(number_e164(&item->number), &number));
        check(number_read(number_format(arena, &item->number), &again));
        check(number_equal(&again.number, &item->number));
        check(number_read(number_format_dashes(arena, &item->number), &again));
        check(number_equal(&again.number, &item->number));
        check(
            (item->class.portability == NUMBER_PORT_REFUSED) == (item->class.refusal != NUMBER_REFUSAL_NONE));
    } else {
        check(item->number.e164[0] == '\0' && !item->duplicate);
        check(item->suggestion.e164[0] == '\0' || number_from_e164(number_e164(&item->suggestion), &number));
    }
    if (item->duplicate) {
        check(item->duplicate_of < index);
        check(number_equal(&list->items[item->duplicate_of].number, &item->number));
        check(!list->items[item->duplicate_of].duplicate);
    }
    enum word word = number_item_word(arena, item, &about);
    check(word == WORD_NONE ||
          words_say(arena, LANGUAGE_EN, word, WORD_ARGS(WORD_TEXT("about", about))).len > 0);
}

/* Without a line of column names every digit that was written stands in an item, and items stand in the order
 * written. */
static void check_nothing_lost(struct text written, const struct number_list *list)
{
    size_t item = 0;
    for (size_t i = 1; i < list->count; i++) {
        check(list->items[i].written.at >= list->items[i - 1].written.at + list->items[i - 1].written.len);
    }
    for (const char *at = written.at; at < written.at + written.len; at++) {
        while (item < list->count && at >= list->items[item].written.at + list->items[item].written.len) {
            item++;
        }
        bool digit = *at >= '0' && *at <= '9';
        check(!digit || (item < list->count && at >= list->items[item].written.at));
    }
}

static void check_list(struct arena *arena, struct text written, const struct number_list *list)
{
    size_t usable = 0;
    check(list->count <= NUMBER_LIST_MAX);
    struct buffer again = BUFFER(NUMBER_LIST_BYTES_MAX);
    for (size_t i = 0; i < list->count; i++) {
        check_item(arena, list, i);
        if (number_item_usable(&list->items[i])) {
            usable++;
            buffer_text(&again, number_format(arena, &list->items[i].number));
            buffer_char(&again, '\n');
        }
    }
    check(usable == list->usable);
    check(list->faulty + list->usable <= list->count);
    if (!list->has_header) {
        check_nothing_lost(written, list);
    }
    struct number_list second;
    check(number_list_parse(arena, area_codes(), buffer_view(&again), &second, NULL));
    check(second.count == usable && second.usable == usable);
    buffer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ARENA_CLEANUP arena = arena_new(16 * 1024 * 1024);
    struct text written = {(const char *)bytes, len};
    struct number_list list;
    struct problem problem = {0};
    struct number_reading reading;
    number_read(written, &reading);
    state_find(written);
    zip_is_valid(written, NULL);
    postal_code_is_valid(written);
    address_is_po_box(written);
    if (number_list_parse(arena, area_codes(), written, &list, &problem)) {
        check_list(arena, written, &list);
    } else {
        check(problem.kind == PROBLEM_INPUT || problem.kind == PROBLEM_TOO_LARGE);
    }
    return 0;
}
