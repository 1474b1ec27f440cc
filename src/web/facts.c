#include "web/facts.h"

struct view_wizard_fact web_fact(struct arena *arena, enum language language, struct date today,
    const struct fact *fact, enum word general)
{
    struct view_wizard_fact view = {0};
    if (fact == NULL || fact->value.len == 0) {
        if (general != WORD_NONE) {
            view.value = words_say(arena, language, general, WORD_NO_ARGS);
        }
        return view;
    }
    view.value = fact->value;
    view.checked = date_short(arena, fact->checked, today);
    view.hearsay = fact->confidence == CONFIDENCE_UNVERIFIED || fact->confidence == CONFIDENCE_CONFLICTING;
    view.soft = !fact_is_certain(fact);
    return view;
}
