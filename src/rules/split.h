/* One request becomes as many carrier orders as needed: numbers of one order share the way that they take, and the
 * gaining carrier's limit on how many (MISSION N6). Good numbers go on; the others are told with their reason. */
#ifndef RULES_SPLIT_H
#define RULES_SPLIT_H

#include "base/arena.h"
#include "numbering/number_list.h"

#define SPLIT_ORDER_MAX 1000 /* numbers of one order: Twilio, verified */

enum way {
    WAY_US, /* US local and mobile numbers */
    WAY_CANADA,
    WAY_TOLL_FREE,
    WAY_COUNT,
};

const char *way_name(enum way way); /* "us", "canada", "toll_free" */
bool way_parse(struct text name, enum way *ret);
enum word way_word(enum way way);         /* "US numbers" */
enum word way_explain_word(enum way way); /* how it travels, a sentence */
/* False when the number goes no way (refused). */
bool way_of_class(const struct number_class *class, enum way *ret);

struct split_order {
    enum way way;
    struct number *numbers;
    size_t numbers_count;
};

struct split {
    struct split_order *orders; /* US first, then Canada, then toll-free; none is empty */
    size_t orders_count;
    size_t left_over; /* items of the list that go into no order */
};

/* `order_max` numbers to an order at most (1 to SPLIT_ORDER_MAX). Faulty, refused and doubled items are left over. */
void split_numbers(struct arena *arena, const struct number_list *list, size_t order_max, struct split *ret);

#endif
