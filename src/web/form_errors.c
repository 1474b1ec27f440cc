#include "web/form_errors.h"

struct form_errors form_errors_new(struct arena *arena)
{
    return (struct form_errors){.items = ARENA_ARRAY(arena, struct form_error, FORM_ERRORS_MAX)};
}

void form_errors_add(struct arena *arena, struct form_errors *errors, struct text field, struct text message)
{
    for (size_t i = 0; i < errors->items_count; i++) {
        if (text_equal(errors->items[i].field, field)) {
            return;
        }
    }
    if (errors->items_count < FORM_ERRORS_MAX) {
        errors->items[errors->items_count++] =
            (struct form_error){text_copy(arena, field), text_copy(arena, message)};
    }
}

void form_errors_word(struct arena *arena, enum language language, struct form_errors *errors,
    const char *field, enum word word)
{
    form_errors_add(arena, errors, text_from(field), words_say(arena, language, word, WORD_NO_ARGS));
}

void form_errors_problem(
    struct arena *arena, enum language language, struct form_errors *errors, const struct problem *problem)
{
    BUFFER_CLEANUP sentence = BUFFER(4096);
    problem_say(&sentence, language, problem);
    form_errors_add(arena, errors, text_from(problem->field), buffer_view(&sentence));
}

struct text form_errors_of(const struct form_errors *errors, const char *field)
{
    for (size_t i = 0; i < errors->items_count; i++) {
        if (text_is(errors->items[i].field, field)) {
            return errors->items[i].message;
        }
    }
    return TEXT_EMPTY;
}
