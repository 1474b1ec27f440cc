/* Between words.c and the table that tools/words.py makes. */
#ifndef BASE_WORDS_TABLE_H
#define BASE_WORDS_TABLE_H

#include "base/words.h"

struct words_entry {
    const char *other;
    const char *one; /* NULL: no form of its own */
};

extern const char *const words_keys[WORD_COUNT];
extern const struct words_entry words_table[LANGUAGE_COUNT][WORD_COUNT];

#endif
