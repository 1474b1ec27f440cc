#include "rules/wish.h"

static const struct {
    const char *name;
    enum word word;
    struct wish_range range;
} times[WISH_TIME_COUNT] = {
    [WISH_ANY_TIME] = {"", WORD_rules_wish_any_time, {0, 0}},
    [WISH_MORNING] = {"morning", WORD_rules_wish_morning, {8 * 60, 12 * 60}},
    [WISH_AFTERNOON] = {"afternoon", WORD_rules_wish_afternoon, {12 * 60, 17 * 60}},
};

const char *wish_time_name(enum wish_time time)
{
    return times[time].name;
}

bool wish_time_parse(struct text name, enum wish_time *ret)
{
    for (int i = 0; i < WISH_TIME_COUNT; i++) {
        if (text_is(name, times[i].name)) {
            *ret = (enum wish_time)i;
            return true;
        }
    }
    return false;
}

enum word wish_time_word(enum wish_time time)
{
    return times[time].word;
}

struct wish_range wish_time_range(enum wish_time time)
{
    return times[time].range;
}
