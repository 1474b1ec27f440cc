#include "base/words.h"

#include <assert.h>
#include <string.h>

#include "base/words_table.h"

static const char *words_form(
    enum language language, enum word word, const struct word_arg *args, size_t count)
{
    assert(language < LANGUAGE_COUNT && word < WORD_COUNT);
    const struct words_entry *entry = &words_table[language][word];
    for (size_t i = 0; i < count; i++) {
        if (args[i].is_number) {
            return args[i].number == 1 && entry->one ? entry->one : entry->other;
        }
    }
    return entry->other;
}

static const struct word_arg *words_arg(struct text name, const struct word_arg *args, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text_is(name, args[i].name)) {
            return &args[i];
        }
    }
    return NULL;
}

void words_write(
    struct buffer *out, enum language language, enum word word, const struct word_arg *args, size_t count)
{
    struct text form = text_from(words_form(language, word, args, count));
    size_t at = 0;
    while (at < form.len) {
        size_t open = text_find_char(form, '{', at);
        buffer_text(out, text_part(form, at, (open == SIZE_MAX ? form.len : open) - at));
        if (open == SIZE_MAX) {
            return;
        }
        size_t end = text_find_char(form, '}', open);
        assert(end != SIZE_MAX); /* tools/words.py lets no open placeholder through */
        const struct word_arg *arg = words_arg(text_part(form, open + 1, end - open - 1), args, count);
        assert(arg);
        if (arg->is_number) {
            buffer_i64(out, arg->number);
        } else {
            buffer_text(out, arg->text);
        }
        at = end + 1;
    }
}

struct text words_say(
    struct arena *arena, enum language language, enum word word, const struct word_arg *args, size_t count)
{
    BUFFER_CLEANUP out = BUFFER(SIZE_MAX / 2); /* the arena's limit is the one that counts */
    words_write(&out, language, word, args, count);
    return text_copy(arena, buffer_view(&out));
}

const char *words_key(enum word word)
{
    assert(word < WORD_COUNT);
    return words_keys[word];
}
