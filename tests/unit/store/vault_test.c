/* The key file and sealed values. */
#include "store/vault.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"

static struct vault *vault_of(struct scratch *scratch, const char *name)
{
    struct vault *vault = NULL;
    const char *path = scratch_path(scratch, name);
    assert_true(vault_key_create(path, NULL));
    assert_true(vault_open(path, &vault, NULL));
    return vault;
}

static struct vault_place place(const char *table, const char *column, const char *account, const char *row)
{
    return (struct vault_place){
        .table = table, .column = column, .account = text_from(account), .row = text_from(row)};
}

static void sealed_values_open_again(void **state)
{
    struct vault *vault = vault_of(*state, "key");
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct vault_place at = place("port_pin", "sealed", "ac_1", "pr_1");
    const struct text cases[] = {TEXT(""), TEXT("1234"), TEXT("\0\xff binary"), {NULL, 0},
        {memset(arena_alloc(arena, 100000, 1), 'x', 100000), 100000}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text first = vault_seal(vault, &at, cases[i], arena);
        struct text second = vault_seal(vault, &at, cases[i], arena);
        assert_int_equal(first.len, cases[i].len + 1 + 24 + 16);
        assert_false(text_equal(first, second)); /* equal values do not show as equal */
        assert_true(cases[i].len < 4 || text_find(first, cases[i], 0) == SIZE_MAX);
        struct text plain = TEXT_EMPTY;
        assert_true(vault_unseal(vault, &at, first, arena, &plain, NULL));
        assert_true(text_equal(plain, cases[i]));
    }
    vault_close(vault);
}

static void a_sealed_value_opens_nowhere_else(void **state)
{
    struct vault *vault = vault_of(*state, "key");
    struct vault *other = vault_of(*state, "other");
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct vault_place home = place("ab", "cd", "ef", "gh");
    struct text sealed = vault_seal(vault, &home, TEXT("1234"), arena);
    const struct vault_place places[] = {place("ax", "cd", "ef", "gh"), place("ab", "cx", "ef", "gh"),
        place("ab", "cd", "ex", "gh"), place("ab", "cd", "ef", "gx"), place("abc", "d", "ef", "gh"),
        place("ab", "cde", "f", "gh"), place("ab", "cd", "efg", "h"), place("ab", "cd", "gh", "ef"),
        place("ab", "cd", "ef", ""), place("abcd", "", "ef", "gh")};
    for (size_t i = 0; i < COUNT(places); i++) {
        struct text plain = TEXT("untouched");
        struct problem problem = {.kind = PROBLEM_NONE};
        assert_false(vault_unseal(vault, &places[i], sealed, arena, &plain, &problem));
        assert_int_equal(problem.kind, PROBLEM_INTERNAL);
        assert_true(text_is(plain, "untouched"));
    }
    struct text plain = TEXT_EMPTY;
    assert_false(vault_unseal(other, &home, sealed, arena, &plain, NULL));
    assert_true(vault_unseal(vault, &home, sealed, arena, &plain, NULL));
    vault_close(vault);
    vault_close(other);
}

static void an_altered_value_does_not_open(void **state)
{
    struct vault *vault = vault_of(*state, "key");
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct vault_place at = place("port_pin", "sealed", "ac_1", "pr_1");
    struct text sealed = vault_seal(vault, &at, TEXT("1234"), arena);
    struct text plain = TEXT_EMPTY;
    for (size_t i = 0; i < sealed.len; i++) {
        char *altered = memcpy(arena_alloc(arena, sealed.len, 1), sealed.at, sealed.len);
        altered[i] = (char)(altered[i] ^ 1);
        assert_false(vault_unseal(vault, &at, (struct text){altered, sealed.len}, arena, &plain, NULL));
        assert_false(vault_unseal(vault, &at, text_part(sealed, 0, i), arena, &plain, NULL));
    }
    struct text longer = text_format(arena, "%.*s!", TEXT_ARG(sealed));
    assert_false(vault_unseal(vault, &at, longer, arena, &plain, NULL));
    assert_false(vault_unseal(vault, &at, TEXT_EMPTY, arena, &plain, NULL));
    vault_close(vault);
}

static void the_key_file_is_checked(void **state)
{
#define HEX "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
    static const struct {
        const char *content;
        mode_t mode;
        enum word refused; /* WORD_NONE: it opens */
    } cases[] = {
        {HEX "\n", 0600, WORD_NONE},
        {HEX, 0400, WORD_NONE},
        {HEX "\n", 0640, WORD_store_key_exposed},
        {HEX "\n", 0604, WORD_store_key_exposed},
        {HEX "\n", 0620, WORD_store_key_exposed},
        {"", 0600, WORD_store_key_malformed},
        {"\n", 0600, WORD_store_key_malformed},
        {HEX "\r\n", 0600, WORD_store_key_malformed},
        {HEX "\n\n", 0600, WORD_store_key_malformed},
        {HEX "00", 0600, WORD_store_key_malformed},
        {"z0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", 0600, WORD_store_key_malformed},
        {"0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", 0600, WORD_store_key_malformed},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char name[16];
        snprintf(name, sizeof name, "key%zu", i);
        const char *path = scratch_path(*state, name);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_true(fputs(cases[i].content, file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(chmod(path, cases[i].mode), 0);
        struct vault *vault = NULL;
        struct problem problem = {.kind = PROBLEM_NONE};
        assert_int_equal(vault_open(path, &vault, &problem), cases[i].refused == WORD_NONE);
        assert_int_equal(problem.word, cases[i].refused);
        vault_close(vault);
    }
    struct vault *vault = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    assert_false(vault_open(scratch_path(*state, "nothing"), &vault, &problem));
    assert_int_equal(problem.word, WORD_store_key_missing);
    problem = (struct problem){.kind = PROBLEM_NONE};
    assert_false(vault_open(((struct scratch *)*state)->folder, &vault, &problem));
    assert_int_equal(problem.word, WORD_store_key_malformed);
}

static void a_key_is_never_overwritten(void **state)
{
    const char *path = scratch_path(*state, "key");
    struct vault *vault = vault_of(*state, "key");
    struct stat before;
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(before.st_mode & 0777, 0600);
    assert_int_equal(before.st_nlink, 1); /* nothing is left beside it */
    struct problem problem = {.kind = PROBLEM_NONE};
    assert_false(vault_key_create(path, &problem));
    assert_int_equal(problem.word, WORD_store_key_exists);
    problem = (struct problem){.kind = PROBLEM_NONE};
    assert_false(vault_key_create("/nowhere/at/all", &problem));
    assert_int_equal(problem.kind, PROBLEM_INTERNAL);

    struct vault *again = NULL;
    assert_true(vault_open(path, &again, NULL));
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct vault_place at = place("t", "c", "a", "r");
    struct text plain = TEXT_EMPTY;
    assert_true(vault_unseal(again, &at, vault_seal(vault, &at, TEXT("1234"), arena), arena, &plain, NULL));
    assert_true(text_is(plain, "1234"));
    vault_close(again);
    vault_close(vault);
}

static void derived_keys_differ_by_purpose_and_key(void **state)
{
    struct vault *vault = vault_of(*state, "key");
    struct vault *other = vault_of(*state, "other");
    struct vault *again = NULL;
    assert_true(vault_open(scratch_path(*state, "key"), &again, NULL));
    unsigned char keys[4][32];
    vault_derive(vault, "csrf", keys[0]);
    vault_derive(vault, "blob", keys[1]);
    vault_derive(other, "csrf", keys[2]);
    vault_derive(again, "csrf", keys[3]);
    assert_memory_not_equal(keys[0], keys[1], 32);
    assert_memory_not_equal(keys[0], keys[2], 32);
    assert_memory_equal(keys[0], keys[3], 32);
    vault_close(vault);
    vault_close(other);
    vault_close(again);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(sealed_values_open_again),
        CASE(a_sealed_value_opens_nowhere_else),
        CASE(an_altered_value_does_not_open),
        CASE(the_key_file_is_checked),
        CASE(a_key_is_never_overwritten),
        CASE(derived_keys_differ_by_purpose_and_key),
    };
    return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}
