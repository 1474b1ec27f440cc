/* The key file and sealed values. */
#include "store/vault.h"

#include <pthread.h>
#include <sodium.h>
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
        assert_int_equal(first.len, cases[i].len + VAULT_PREFIX_BYTES + 24 + 16);
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
#define HEX2 "ff112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define RING "portdesk key ring 1\nroot " HEX "\n"
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
        {RING "key " HEX " 0\n", 0600, WORD_NONE},
        {RING "key " HEX " 7\nkey " HEX2 " 5\n", 0600, WORD_NONE},
        {RING "key " HEX " 7\nkey " HEX2 " 5 next\n", 0600, WORD_NONE},
        {RING "key " HEX " 0\n", 0640, WORD_store_key_exposed},
        {RING, 0600, WORD_store_key_malformed},                   /* no key */
        {RING "key " HEX " 0", 0600, WORD_store_key_malformed},   /* cut off */
        {RING "key " HEX "\n", 0600, WORD_store_key_malformed},   /* no time */
        {RING "key " HEX " x\n", 0600, WORD_store_key_malformed}, /* no number */
        {RING "key " HEX " -1\n", 0600, WORD_store_key_malformed},
        {RING "key " HEX " 0 next\n", 0600, WORD_store_key_malformed}, /* none is current */
        {RING "key " HEX " 0 last\n", 0600, WORD_store_key_malformed},
        {RING "key " HEX " 0 next x\n", 0600, WORD_store_key_malformed},
        {RING "key " HEX " 0\nkey " HEX " 0\n", 0600, WORD_store_key_malformed}, /* twice */
        {RING "key " HEX " 0\n\n", 0600, WORD_store_key_malformed},
        {RING "root " HEX "\nkey " HEX " 0\n", 0600, WORD_store_key_malformed},
        {"portdesk key ring 1\nkey " HEX " 0\n", 0600, WORD_store_key_malformed}, /* no root */
        {"portdesk key ring 2\nroot " HEX "\nkey " HEX " 0\n", 0600, WORD_store_key_malformed},
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

/* ---- Rotation ---- */

static size_t keys_of(struct vault *vault, struct vault_key keys[VAULT_KEYS_MAX])
{
    return vault_keys(vault, keys);
}

static bool opens(struct vault *vault, struct text sealed, struct arena *arena)
{
    struct vault_place at = place("t", "c", "a", "r");
    struct text plain;
    return vault_unseal(vault, &at, sealed, arena, &plain, NULL) && text_is(plain, "1234");
}

static void a_rotation_is_seen_by_who_runs(void **state)
{
    struct vault *vault = vault_of(*state, "key");
    struct vault *other = NULL;
    const char *path = scratch_path(*state, "key");
    struct vault_place at = place("t", "c", "a", "r");
    struct vault_key keys[VAULT_KEYS_MAX];
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    unsigned char derived[2][32];
    assert_true(vault_open(path, &other, NULL));
    vault_derive(vault, "csrf", derived[0]);
    struct text old = vault_seal(vault, &at, TEXT("1234"), arena);
    assert_false(vault_changed(vault));
    assert_true(vault_key_rotate(path, false, 77, NULL));
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_true(vault_changed(vault));
    assert_false(vault_changed(vault));
    assert_int_equal(keys_of(vault, keys), 2);
    assert_true(keys[0].current && keys[0].made_at == 77 && !keys[1].current);
    assert_true(opens(vault, old, arena));
    assert_false(vault_is_current(vault, old));
    struct text new = vault_seal(vault, &at, TEXT("1234"), arena);
    assert_true(vault_is_current(vault, new));
    assert_true(opens(other, new, arena)); /* it looks for a key that it does not know */
    vault_derive(other, "csrf", derived[1]);
    assert_memory_equal(derived[0], derived[1], 32);
    assert_true(vault_key_prune(path, NULL));
    assert_int_equal(keys_of(vault, keys), 1);
    assert_true(opens(vault, new, arena));
    assert_false(opens(vault, old, arena));
    vault_close(vault);
    vault_close(other);
}

static void a_next_key_is_known_before_it_seals(void **state)
{
    struct vault *vault = vault_of(*state, "key");
    const char *path = scratch_path(*state, "key");
    struct vault_key before[VAULT_KEYS_MAX], keys[VAULT_KEYS_MAX];
    struct problem problem = {.kind = PROBLEM_NONE};
    keys_of(vault, before);
    assert_true(vault_key_rotate(path, true, 5, NULL));
    assert_false(vault_changed(vault));
    assert_int_equal(keys_of(vault, keys), 2);
    assert_string_equal(keys[0].id, before[0].id);
    assert_true(keys[1].next);
    assert_false(vault_key_rotate(path, true, 6, &problem));
    assert_int_equal(problem.word, WORD_store_key_next_exists);
    char next[2 * VAULT_ID_BYTES + 1];
    memcpy(next, keys[1].id, sizeof next);
    assert_true(vault_key_rotate(path, false, 7, NULL));
    assert_int_equal(keys_of(vault, keys), 2);
    assert_string_equal(keys[0].id, next);
    assert_true(keys[0].current && !keys[0].next && keys[0].made_at == 7);
    for (int i = 2; i < VAULT_KEYS_MAX; i++) {
        assert_true(vault_key_rotate(path, false, i, NULL));
    }
    problem = (struct problem){.kind = PROBLEM_NONE};
    assert_false(vault_key_rotate(path, false, 99, &problem));
    assert_int_equal(problem.word, WORD_store_key_ring_full);
    vault_close(vault);
}

/* As the first version sealed: version 1, no key id, the key of the one-line file. */
static struct text first_version_seal(const unsigned char *master, struct arena *arena)
{
    static const unsigned char bound[] =
        "\1"
        "\1\0\0\0\0\0\0\0t\1\0\0\0\0\0\0\0c\1\0\0\0\0\0\0\0a\1\0\0\0\0\0\0\0r";
    unsigned char key[32];
    unsigned char *sealed = arena_alloc(arena, 1 + 24 + 4 + 16, 1);
    crypto_kdf_derive_from_key(key, sizeof key, 1, "pd-value", master);
    sealed[0] = 1;
    randombytes_buf(sealed + 1, 24);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed + 25, NULL, (const unsigned char *)"1234", 4, bound, sizeof bound - 1, NULL, sealed + 1, key);
    return (struct text){(const char *)sealed, 1 + 24 + 4 + 16};
}

static void a_file_of_the_first_version_goes_on(void **state)
{
    const char *path = scratch_path(*state, "key");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(HEX "\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
    struct vault *vault = NULL;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    unsigned char master[32], purposes[32], must_be[32], is[32];
    assert_true(text_unhex(TEXT(HEX), master, sizeof master));
    assert_true(vault_open(path, &vault, NULL));
    crypto_kdf_derive_from_key(purposes, sizeof purposes, 2, "purposes", master);
    crypto_generichash(must_be, 32, (const unsigned char *)"csrf", 4, purposes, sizeof purposes);
    struct text sealed = first_version_seal(master, arena);
    for (int i = 0; i < 2; i++) {
        vault_derive(vault, "csrf", is);
        assert_memory_equal(is, must_be, 32);
        assert_true(opens(vault, sealed, arena));
        assert_false(vault_is_current(vault, sealed));
        assert_true(vault_key_rotate(path, false, i, NULL));
    }
    /* When the first key has gone, nothing in the file tells it. */
    assert_true(vault_key_prune(path, NULL));
    assert_true(vault_changed(vault)); /* which looks at the file */
    assert_false(opens(vault, sealed, arena));
    char bytes[4096];
    size_t len = 0;
    assert_true(vault_ring_bytes(path, bytes, sizeof bytes, &len, NULL));
    assert_null(memmem(bytes, len, "00112233445566778899aabb", 24));
    vault_derive(vault, "csrf", is);
    assert_memory_equal(is, must_be, 32);
    vault_close(vault);
}

static void a_wrapped_key_opens_at_its_place_alone(void **state)
{
    struct vault *vault = vault_of(*state, "key");
    unsigned char key[32], back[32], wrapped[VAULT_WRAPPED_BYTES];
    randombytes_buf(key, sizeof key);
    vault_wrap(vault, TEXT("here"), key, wrapped);
    assert_true(vault_unwrap(vault, TEXT("here"), wrapped, back));
    assert_memory_equal(key, back, 32);
    assert_false(vault_unwrap(vault, TEXT("there"), wrapped, back));
    for (size_t i = 0; i < sizeof wrapped; i++) {
        wrapped[i] ^= 1;
        assert_false(vault_unwrap(vault, TEXT("here"), wrapped, back));
        wrapped[i] ^= 1;
    }
    vault_close(vault);
}

/* Rings that others put in place while it is used by several threads: it seals and opens all the time. */
static void *seal_on(void *context)
{
    struct vault *vault = context;
    ARENA_CLEANUP arena = arena_new(16 * 1024 * 1024);
    struct vault_place at = place("t", "c", "a", "r");
    for (int i = 0; i < 2000; i++) {
        if (!opens(vault, vault_seal(vault, &at, TEXT("1234"), arena), arena)) {
            return vault;
        }
    }
    return NULL;
}

static void keys_change_under_threads(void **state)
{
    struct vault *vault = vault_of(*state, "key");
    pthread_t threads[4];
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, seal_on, vault), 0);
    }
    for (int i = 0; i < 14; i++) {
        assert_true(vault_key_rotate(scratch_path(*state, "key"), false, i, NULL));
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    vault_close(vault);
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
        CASE(a_rotation_is_seen_by_who_runs),
        CASE(a_next_key_is_known_before_it_seals),
        CASE(a_file_of_the_first_version_goes_on),
        CASE(a_wrapped_key_opens_at_its_place_alone),
        CASE(keys_change_under_threads),
    };
    return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}
