/* Between draft_check.c and draft_check_form.c alone. */
#ifndef RULES_DRAFT_CHECK_PARTS_H
#define RULES_DRAFT_CHECK_PARTS_H

#include "rules/draft_check.h"

struct draft_checker {
    struct arena *arena;
    const struct draft_facts *facts;
    struct finding *findings; /* room for DRAFT_FINDINGS_MAX */
    size_t count;
};

/* Adds a finding at the step that owns the field, or at another one. */
void finding_add(struct draft_checker *checker, enum draft_field field, enum severity severity,
    enum word word, struct text about);
void finding_add_at(struct draft_checker *checker, int step, enum draft_field field, enum severity severity,
    enum word word, struct text about);
/* False, with a finding that tells the limit, when the value is longer than `max` code points. */
bool check_length(
    struct draft_checker *checker, enum draft_field field, struct text value, size_t max, enum word too_long);

void check_account(struct draft_checker *checker);
void check_pin(struct draft_checker *checker);
void check_owner(struct draft_checker *checker);
void check_address(struct draft_checker *checker);

#endif
