/* What is wrong with a form: which field, and the sentence beside it. The page's title then begins with "Error:", a summary links
 * to the fields, and each field names its error. A field's id in the page is its name. */
#ifndef WEB_FORM_ERRORS_H
#define WEB_FORM_ERRORS_H

#include "base/problem.h"

#define FORM_ERRORS_MAX 40

struct form_error {
    struct text field;   /* the input's id; empty when it is about the whole form */
    struct text message; /* the sentence */
};

struct form_errors {
    struct form_error *items; /* room for FORM_ERRORS_MAX, in the arena */
    size_t items_count;
};

struct form_errors form_errors_new(struct arena *arena);
/* The first error of a field wins; beyond FORM_ERRORS_MAX none is added. Copies. */
void form_errors_add(struct arena *arena, struct form_errors *errors, struct text field, struct text message);
void form_errors_word(struct arena *arena, enum language language, struct form_errors *errors,
    const char *field, enum word word);
/* A problem's sentence at its field. */
void form_errors_problem(
    struct arena *arena, enum language language, struct form_errors *errors, const struct problem *problem);
/* The field's sentence, or the empty slice. */
struct text form_errors_of(const struct form_errors *errors, const char *field);

#endif
