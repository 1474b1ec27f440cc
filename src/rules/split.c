#include "rules/split.h"

#include <assert.h>

static const struct {
    const char *name;
    enum word word, explain;
} ways[WAY_COUNT] = {
    [WAY_US] = {"us", WORD_rules_way_us, WORD_rules_way_us_explain},
    [WAY_CANADA] = {"canada", WORD_rules_way_canada, WORD_rules_way_canada_explain},
    [WAY_TOLL_FREE] = {"toll_free", WORD_rules_way_toll_free, WORD_rules_way_toll_free_explain},
};

const char *way_name(enum way way)
{
    return ways[way].name;
}

bool way_parse(struct text name, enum way *ret)
{
    for (size_t i = 0; i < WAY_COUNT; i++) {
        if (text_is(name, ways[i].name)) {
            *ret = (enum way)i;
            return true;
        }
    }
    return false;
}

enum word way_word(enum way way)
{
    return ways[way].word;
}

enum word way_explain_word(enum way way)
{
    return ways[way].explain;
}

bool way_of_class(const struct number_class *class, enum way *ret)
{
    switch (class->portability) {
    case NUMBER_PORT_OK:
        *ret = WAY_US;
        return true;
    case NUMBER_PORT_CANADIAN:
        *ret = WAY_CANADA;
        return true;
    case NUMBER_PORT_TOLL_FREE:
        *ret = WAY_TOLL_FREE;
        return true;
    case NUMBER_PORT_REFUSED:
        break;
    }
    return false;
}

static size_t count_way(const struct number_list *list, enum way wanted)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        enum way way;
        count +=
            number_item_usable(&list->items[i]) && way_of_class(&list->items[i].class, &way) && way == wanted;
    }
    return count;
}

void split_numbers(struct arena *arena, const struct number_list *list, size_t order_max, struct split *ret)
{
    assert(order_max >= 1 && order_max <= SPLIT_ORDER_MAX);
    struct split split = {.left_over = list->count};
    size_t counts[WAY_COUNT];
    size_t orders = 0;
    for (size_t way = 0; way < WAY_COUNT; way++) {
        counts[way] = count_way(list, (enum way)way);
        orders += (counts[way] + order_max - 1) / order_max;
    }
    split.orders = ARENA_ARRAY(arena, struct split_order, orders + 1);
    for (size_t wanted = 0; wanted < WAY_COUNT; wanted++) {
        struct number *numbers = ARENA_ARRAY(arena, struct number, counts[wanted] + 1);
        size_t taken = 0;
        for (size_t i = 0; i < list->count; i++) {
            enum way way;
            if (!number_item_usable(&list->items[i]) || !way_of_class(&list->items[i].class, &way) ||
                way != (enum way)wanted) {
                continue;
            }
            if (taken % order_max == 0) {
                split.orders[split.orders_count] =
                    (struct split_order){.way = (enum way)wanted, .numbers = numbers + taken};
                split.orders_count++;
            }
            numbers[taken] = list->items[i].number;
            taken++;
            split.orders[split.orders_count - 1].numbers_count++;
        }
        split.left_over -= taken;
    }
    *ret = split;
}
