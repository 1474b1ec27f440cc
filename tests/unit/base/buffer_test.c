/* Arenas and buffers. */
#include "base/buffer.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static void arena_gives_zeroed_aligned_memory(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    static const size_t sizes[] = {0, 1, 15, 16, 17, 4000, 8192, 100000, 3};
    for (int round = 0; round < 3; round++) {
        size_t total = 0;
        for (size_t i = 0; i < COUNT(sizes); i++) {
            char *at = arena_alloc(arena, sizes[i], 1);
            assert_int_equal((uintptr_t)at % 16, 0);
            for (size_t j = 0; j < sizes[i]; j++) {
                assert_int_equal(at[j], 0);
                at[j] = 'x';
            }
            total += sizes[i];
        }
        assert_true(arena_used(arena) >= total);
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
    arena_free(NULL);
}

/* The signal that ended a child which ran `run`, or 0. */
static int signal_of(void (*run)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(SIGABRT, SIG_DFL);
        run();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void use_all(void)
{
    struct arena *arena = arena_new(1024);
    arena_alloc(arena, 64, 16);
}

static void pass_limit(void)
{
    struct arena *arena = arena_new(1024);
    arena_alloc(arena, 64, 16);
    arena_alloc(arena, 1, 1);
}

static void overflow_product(void)
{
    struct arena *arena = arena_new(SIZE_MAX);
    arena_alloc(arena, SIZE_MAX / 2, 3);
}

static void arena_aborts_at_its_limit(void **state)
{
    (void)state;
    assert_int_equal(signal_of(use_all), 0);
    assert_int_equal(signal_of(pass_limit), SIGABRT);
    assert_int_equal(signal_of(overflow_product), SIGABRT);
}

static void appends(void **state)
{
    (void)state;
    BUFFER_CLEANUP buffer = BUFFER(1024);
    assert_text(buffer_view(&buffer), "");
    assert_true(buffer_string(&buffer, "n="));
    assert_true(buffer_u64(&buffer, 0));
    assert_true(buffer_char(&buffer, ' '));
    assert_true(buffer_u64(&buffer, UINT64_MAX));
    assert_true(buffer_char(&buffer, ' '));
    assert_true(buffer_i64(&buffer, INT64_MIN));
    assert_true(buffer_format(&buffer, " %s-%02d", "x", 3));
    assert_true(buffer_text(&buffer, (struct text){NULL, 0}));
    assert_text(buffer_view(&buffer), "n=0 18446744073709551615 -9223372036854775808 x-03");
    buffer_reset(&buffer);
    assert_int_equal(buffer.len, 0);
    assert_int_equal(buffer.limit, 1024);
}

static void keeps_its_limit(void **state)
{
    (void)state;
    static const struct {
        size_t limit;
        const char *first, *second;
        bool fits;
        const char *left;
    } cases[] = {
        {8, "abcd", "efgh", true, "abcdefgh"},
        {7, "abcd", "efgh", false, "abcd"},
        {0, "", "", true, ""},
        {0, "", "a", false, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        BUFFER_CLEANUP added = BUFFER(cases[i].limit);
        BUFFER_CLEANUP formatted = BUFFER(cases[i].limit);
        assert_true(buffer_string(&added, cases[i].first));
        assert_true(buffer_format(&formatted, "%s", cases[i].first));
        assert_int_equal(buffer_string(&added, cases[i].second), cases[i].fits);
        assert_int_equal(buffer_format(&formatted, "%s", cases[i].second), cases[i].fits);
        assert_int_equal(added.overflowed, !cases[i].fits);
        assert_int_equal(formatted.overflowed, !cases[i].fits);
        assert_text(buffer_view(&added), cases[i].left);
        assert_text(buffer_view(&formatted), cases[i].left);
    }
}

static void leaves_no_gap_after_a_refusal(void **state)
{
    (void)state;
    BUFFER_CLEANUP buffer = BUFFER(4);
    assert_true(buffer_string(&buffer, "ab"));
    assert_false(buffer_string(&buffer, "cde"));
    assert_false(buffer_string(&buffer, "f"));
    assert_text(buffer_view(&buffer), "ab");
    buffer_reset(&buffer);
    assert_true(buffer_string(&buffer, "abcd"));
    assert_null(buffer_reserve(&buffer, SIZE_MAX));
    assert_true(buffer.overflowed);
}

static void grows_to_much(void **state)
{
    (void)state;
    BUFFER_CLEANUP buffer = BUFFER(100000);
    for (size_t i = 0; i < 10000; i++) {
        assert_true(buffer_format(&buffer, "%09zu,", i));
    }
    assert_int_equal(buffer.len, 100000);
    assert_false(buffer_char(&buffer, 'x'));
    assert_text(text_part(buffer_view(&buffer), 99990, 10), "000009999,");
    char *at = NULL;
    buffer_reset(&buffer);
    at = buffer_reserve(&buffer, 3);
    assert_non_null(at);
    memcpy(at, "abc", 3);
    buffer.len += 3;
    assert_text(buffer_view(&buffer), "abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(arena_aborts_at_its_limit),
        cmocka_unit_test(appends),
        cmocka_unit_test(keeps_its_limit),
        cmocka_unit_test(leaves_no_gap_after_a_refusal),
        cmocka_unit_test(grows_to_much),
    };
    return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
