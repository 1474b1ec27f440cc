/* The message catalogue: every sentence that a person reads, in web/words/<language>/<module>.txt, compiled in.
 * A line there is `key = text with {name} in it`; `key#one` is the form for exactly one (chosen when the first number
 * argument is 1). A key `request.keep_service` is WORD_request_keep_service here; a wrong key does not compile. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/buffer.h"
#include "base/text.h"
#include "words.gen.h" /* enum word { WORD_NONE, WORD_<module>_<name>, ..., WORD_COUNT } */

enum language { LANGUAGE_EN, LANGUAGE_COUNT };

/* What stands for {name}. Keep the text short: it is shown, never parsed. */
struct word_arg {
    const char *name;
    struct text text;
    int64_t number;
    bool is_number;
};

#define WORD_TEXT(arg_name, value) ((struct word_arg){.name = (arg_name), .text = (value)})
#define WORD_NUMBER(arg_name, value)                                                                         \
    ((struct word_arg){.name = (arg_name), .number = (value), .is_number = true})
#define WORD_ARGS(...)                                                                                       \
    (const struct word_arg[]){__VA_ARGS__},                                                                  \
        sizeof((const struct word_arg[]){__VA_ARGS__}) / sizeof(struct word_arg)
#define WORD_NO_ARGS NULL, 0

/* Appends the sentence, unescaped. A {name} without an argument is a defect of ours and aborts. */
void words_write(
    struct buffer *out, enum language language, enum word word, const struct word_arg *args, size_t count);

/* The sentence in the arena. */
struct text words_say(
    struct arena *arena, enum language language, enum word word, const struct word_arg *args, size_t count);

/* The key as it stands in the catalogue ("request.keep_service"), for logs and API answers. */
const char *words_key(enum word word);

#endif
