/* Drawn signatures as the signing page sends them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "letters/drawing.h"

static void lines_and_points_are_read(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct drawing drawing;
    assert_true(drawing_parse(arena, TEXT("0,0 300,100;5,6"), &drawing));
    assert_int_equal(drawing.count, 3);
    const struct drawing_point wanted[] = {{0, 0, true}, {300, 100, false}, {5, 6, true}};
    for (size_t i = 0; i < drawing.count; i++) {
        assert_int_equal(drawing.points[i].x, wanted[i].x);
        assert_int_equal(drawing.points[i].y, wanted[i].y);
        assert_int_equal(drawing.points[i].begins, wanted[i].begins);
    }
    assert_true(drawing_parse(arena, TEXT_EMPTY, &drawing));
    assert_int_equal(drawing.count, 0);
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    static const char *const wrong[] = {"1", "1,", ",1", "301,0", "0,101", "-1,0", "1,2,3", "1,2  3,4",
        " 1,2", "1.5,2", "a,b", "1,2\n3,4", "99999999999999999999,1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct drawing drawing = {.count = 7};
        assert_false(drawing_parse(arena, text_from(wrong[i]), &drawing));
        assert_int_equal(drawing.count, 7);
    }
}

static void there_is_a_most_of_points(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    char *bytes = ARENA_ARRAY(arena, char, (DRAWING_POINTS_MAX + 1) * 4);
    for (size_t i = 0; i <= DRAWING_POINTS_MAX; i++) {
        bytes[4 * i] = bytes[4 * i + 2] = '1';
        bytes[4 * i + 1] = ',';
        bytes[4 * i + 3] = ' ';
    }
    struct drawing drawing;
    assert_true(drawing_parse(arena, (struct text){bytes, DRAWING_POINTS_MAX * 4 - 1}, &drawing));
    assert_int_equal(drawing.count, DRAWING_POINTS_MAX);
    assert_false(drawing_parse(arena, (struct text){bytes, (DRAWING_POINTS_MAX + 1) * 4 - 1}, &drawing));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_points_are_read),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(there_is_a_most_of_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
