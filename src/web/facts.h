/* Facts of the directory as pages show them: with how well they are known. */
#ifndef WEB_FACTS_H
#define WEB_FACTS_H

#include "rules/directory.h"
#include "web/wizard_views.h"

/* The fact; the general sentence when there is none; empty when that is WORD_NONE. */
struct view_wizard_fact web_fact(struct arena *arena, enum language language, struct date today,
    const struct fact *fact, enum word general);

#endif
