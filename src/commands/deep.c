#include "commands/deep.h"

#include <stdio.h>

void deep_begin(struct deep *deep, const char *name, enum word word)
{
    deep->name = name;
    deep->word = word;
    deep->found = 0;
    deep->shown = deep->checks ? json_array() : NULL;
}

static void print_word(const char *mark, enum word word, const struct word_arg *args, size_t count)
{
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct text line = words_say(arena, LANGUAGE_EN, word, args, count);
    printf("%s  %.*s", mark, TEXT_ARG(line));
}

/* Ids and numbers stand in it, but it was read from what may be broken. */
static struct text clean(struct arena *arena, struct text subject)
{
    char *at = ARENA_ARRAY(arena, char, subject.len + 1);
    for (size_t i = 0; i < subject.len; i++)
        at[i] = subject.at[i] >= 0x20 && subject.at[i] < 0x7f ? subject.at[i] : '?';
    return (struct text){at, subject.len};
}

void deep_found(struct deep *deep, struct text subject)
{
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct text shown = clean(arena, text_part(subject, 0, 1000));
    deep->found++;
    deep->findings++;
    if (deep->found > DEEP_SHOWN)
        return;
    if (deep->shown) {
        json_array_append_new(deep->shown, json_stringn(shown.at, shown.len));
        return;
    }
    print_word("FAIL", deep->word, WORD_NO_ARGS);
    printf(": %.*s\n", TEXT_ARG(shown));
}

void deep_end(struct deep *deep)
{
    if (deep->checks) {
        json_t *check = json_object();
        json_put_text(check, "check", text_from(deep->name));
        json_put_i64(check, "findings", deep->found);
        json_object_set_new(check, "examples", deep->shown);
        json_array_append_new(deep->checks, check);
        deep->shown = NULL;
    } else if (deep->found > DEEP_SHOWN) {
        print_word("FAIL", WORD_doctor_more, WORD_ARGS(WORD_NUMBER("count", deep->found - DEEP_SHOWN)));
        printf("\n");
    } else if (!deep->found && !deep->quiet) {
        print_word("ok  ", deep->word, WORD_NO_ARGS);
        printf("\n");
    }
}

static bool see_fault(void *context, struct text what)
{
    deep_found(context, what);
    return true;
}

bool deep_run(struct deep *deep, struct problem *problem)
{
    deep_begin(deep, "engine", WORD_doctor_engine);
    if (!db_check(deep->program->db, see_fault, deep, problem))
        return false;
    deep_end(deep);
    return deep_records(deep, problem) &&
           (deep->without_key || (deep_values(deep, problem) && deep_documents(deep, problem)));
}
