/* What all unit tests include: cmocka with what it wants before it, and two helpers for tables of texts. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define assert_text(got, wanted)                                                                             \
    do {                                                                                                     \
        ARENA_CLEANUP arena_ = arena_new(1024 * 1024);                                                       \
        assert_string_equal(text_cstr(arena_, (got)), (wanted));                                             \
    } while (0)

#endif
