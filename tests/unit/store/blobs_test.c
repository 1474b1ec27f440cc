/* Documents on disk: whole or not at all, and nobody reads what was altered. */
#include "store/blobs.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "store/blob_format.h"
#include "store/file.h"

#define CONTENT_MAX (3 * 65536)

struct shelf {
    struct vault *vault;
    struct blobs *blobs;
    char *content; /* CONTENT_MAX bytes that do not repeat soon */
};

static struct shelf shelf_open(struct scratch *scratch)
{
    struct shelf shelf = {.vault = NULL};
    const char *key = scratch_path(scratch, "key");
    assert_true(vault_key_create(key, NULL));
    assert_true(vault_open(key, &shelf.vault, NULL));
    assert_true(blobs_open(scratch_path(scratch, "blobs"), shelf.vault, &shelf.blobs, NULL));
    shelf.content = malloc(CONTENT_MAX);
    assert_non_null(shelf.content);
    for (size_t i = 0; i < CONTENT_MAX; i++) {
        shelf.content[i] = (char)(i * 2654435761U >> 13);
    }
    return shelf;
}

static void shelf_close(struct shelf *shelf)
{
    blobs_close(shelf->blobs);
    vault_close(shelf->vault);
    free(shelf->content);
}

/* Writes the first `size` bytes of the content in pieces. */
static struct blob_info put(
    struct shelf *shelf, const char *account, const char *id, size_t size, size_t piece)
{
    struct blob_writer *writer = NULL;
    struct blob_info info = {.size = -1};
    assert_true(blob_begin(shelf->blobs, text_from(account), text_from(id), &writer, NULL));
    for (size_t at = 0; at < size; at += piece) {
        assert_true(blob_write(writer, text_part((struct text){shelf->content, size}, at, piece), NULL));
    }
    assert_true(blob_finish(writer, &info, NULL));
    return info;
}

/* Reads in pieces; false when the blob says that it is not sound. What came before that is checked too. */
static bool get(struct shelf *shelf, const char *account, const char *id, size_t size, size_t piece)
{
    struct blob_reader *reader = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    bool sound = blob_open(shelf->blobs, text_from(account), text_from(id), &reader, &problem);
    char *got = malloc(piece);
    assert_non_null(got);
    size_t at = 0;
    size_t len = sound ? piece : 0;
    while (len == piece) {
        sound = blob_read(reader, got, piece, &len, &problem);
        if (!sound) {
            assert_false(blob_read(reader, got, piece, &len, NULL)); /* and it stays so */
            break;
        }
        assert_true(at + len <= size);
        assert_memory_equal(got, shelf->content + at, len);
        at += len;
    }
    free(got);
    blob_close(reader);
    if (sound) {
        assert_int_equal(at, size);
    } else {
        assert_int_equal(problem.kind, PROBLEM_INTERNAL);
    }
    return sound;
}

static void blobs_come_back_as_they_went(void **state)
{
    struct shelf shelf = shelf_open(*state);
    static const size_t sizes[] = {0, 1, 2, 65535, 65536, 65537, 131071, 131072, 131073, CONTENT_MAX};
    static const size_t pieces[] = {777, 65536, CONTENT_MAX};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        for (size_t j = 0; j < COUNT(pieces); j++) {
            struct blob_info info = put(&shelf, "ac_1", "doc_77", sizes[i], pieces[j]);
            assert_int_equal(info.size, sizes[i]);
            unsigned char digest[32];
            char hex[65];
            crypto_hash_sha256(digest, (const unsigned char *)shelf.content, sizes[i]);
            assert_string_equal(info.sha256, sodium_bin2hex(hex, sizeof hex, digest, sizeof digest));
            for (size_t k = 0; k < COUNT(pieces); k++) {
                assert_true(get(&shelf, "ac_1", "doc_77", sizes[i], pieces[k]));
            }
        }
    }
    struct stat file;
    assert_int_equal(stat(scratch_path(*state, "blobs/ac_1/77/doc_77"), &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_int_equal(file.st_size, BLOB_HEADER_BYTES + CONTENT_MAX + 3 * 17);
    shelf_close(&shelf);
}

static char *file_read(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *bytes = malloc(2 * CONTENT_MAX);
    assert_non_null(bytes);
    *ret_len = fread(bytes, 1, 2 * CONTENT_MAX, file);
    fclose(file);
    return bytes;
}

static void file_replace(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void an_altered_file_is_told(void **state)
{
    struct shelf shelf = shelf_open(*state);
    const size_t size = 2 * 65536 + 100;
    put(&shelf, "ac_1", "doc_77", size, size);
    put(&shelf, "ac_1", "doc_78", size, size);
    put(&shelf, "ac_2", "doc_77", size, size);
    const char *path = scratch_path(*state, "blobs/ac_1/77/doc_77");
    size_t len = 0;
    char *whole = file_read(path, &len);
    assert_true(memmem(whole, len, shelf.content + 5000, 64) == NULL); /* it is not plain */

    const size_t chunk = 65536 + 17;
    const size_t cuts[] = {0, 1, 7, 8, BLOB_HEADER_BYTES - 1, BLOB_HEADER_BYTES, BLOB_HEADER_BYTES + 1,
        BLOB_HEADER_BYTES + 16, BLOB_HEADER_BYTES + 17, BLOB_HEADER_BYTES + chunk - 1,
        BLOB_HEADER_BYTES + chunk, BLOB_HEADER_BYTES + 2 * chunk, len - 1};
    for (size_t i = 0; i < COUNT(cuts); i++) {
        file_replace(path, whole, cuts[i]);
        assert_false(get(&shelf, "ac_1", "doc_77", size, 1000));
    }
    const size_t flips[] = {0, 7, 8, BLOB_HEADER_BYTES - 1, BLOB_HEADER_BYTES, BLOB_HEADER_BYTES + 5000,
        BLOB_HEADER_BYTES + chunk - 1, BLOB_HEADER_BYTES + chunk, BLOB_HEADER_BYTES + 2 * chunk, len - 1};
    for (size_t i = 0; i < COUNT(flips); i++) {
        whole[flips[i]] = (char)(whole[flips[i]] ^ 0x40);
        file_replace(path, whole, len);
        assert_false(get(&shelf, "ac_1", "doc_77", size, 1000));
        whole[flips[i]] = (char)(whole[flips[i]] ^ 0x40);
    }
    file_replace(path, whole, len + 1); /* something after the end */
    assert_false(get(&shelf, "ac_1", "doc_77", size, 1000));
    file_replace(path, whole, len);
    assert_true(get(&shelf, "ac_1", "doc_77", size, 1000));
    /* Another document, and the same of another account, in its place. */
    assert_int_equal(rename(scratch_path(*state, "blobs/ac_1/78/doc_78"), path), 0);
    assert_false(get(&shelf, "ac_1", "doc_77", size, 1000));
    assert_int_equal(rename(scratch_path(*state, "blobs/ac_2/77/doc_77"), path), 0);
    assert_false(get(&shelf, "ac_1", "doc_77", size, 1000));
    free(whole);
    shelf_close(&shelf);
}

static void hostile_names_are_refused(void **state)
{
    struct shelf shelf = shelf_open(*state);
    static const char long_name[] = "a2345678901234567890123456789012345678901234567890123456789012345";
    static const struct {
        const char *account, *id;
    } cases[] = {{"", "doc_1"}, {"ac_1", ""}, {"ac_1", "x"}, {"..", "doc_1"}, {".unfinished", "doc_1"},
        {"ac_1", ".."}, {"ac_1", "../../key"}, {"ac/1", "doc_1"}, {"ac_1", "doc/1"}, {"ac_1", "doc.1"},
        {"ac 1", "doc_1"}, {"ac_1", "doc_1\n"}, {"ac_1", "döc_1"}, {"ac_1", long_name}, {long_name, "doc_1"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text account = text_from(cases[i].account);
        struct text id = text_from(cases[i].id);
        struct blob_writer *writer = NULL;
        struct blob_reader *reader = NULL;
        assert_false(blob_begin(shelf.blobs, account, id, &writer, NULL));
        assert_false(blob_open(shelf.blobs, account, id, &reader, NULL));
        assert_false(blob_remove(shelf.blobs, account, id, NULL));
        assert_null(writer);
        assert_null(reader);
    }
    struct blob_writer *writer = NULL;
    assert_false(blob_begin(shelf.blobs, TEXT("ac_1"), TEXT("doc\0_1"), &writer, NULL));
    shelf_close(&shelf);
}

static void only_what_was_finished_is_there(void **state)
{
    struct shelf shelf = shelf_open(*state);
    struct problem problem = {.kind = PROBLEM_NONE};
    struct blob_writer *writer = NULL;
    struct blob_reader *reader = NULL;
    assert_true(blob_begin(shelf.blobs, TEXT("ac_1"), TEXT("doc_1"), &writer, NULL));
    assert_true(blob_write(writer, TEXT("half"), NULL));
    assert_false(blob_open(shelf.blobs, TEXT("ac_1"), TEXT("doc_1"), &reader, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    blob_abandon(writer);
    blob_abandon(NULL);
    assert_int_equal(access(scratch_path(*state, "blobs/ac_1"), F_OK), -1);
    /* Unfinished ones go when nothing is in them: rmdir takes only an empty folder. */
    assert_int_equal(rmdir(scratch_path(*state, "blobs/.unfinished")), 0);
    shelf_close(&shelf);
}

static void removing_is_for_good_and_repeatable(void **state)
{
    struct shelf shelf = shelf_open(*state);
    put(&shelf, "ac_1", "doc_01", 10, 10);
    assert_true(get(&shelf, "ac_1", "doc_01", 10, 100));
    assert_true(blob_remove(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), NULL));
    assert_true(blob_remove(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), NULL));
    struct blob_reader *reader = NULL;
    assert_false(blob_open(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), &reader, NULL));
    shelf_close(&shelf);
}

struct seen {
    struct shelf *shelf;
    int count, kept, wanted; /* wanted: stop after so many */
};

static bool see_and_remove(void *context, struct text account, struct text id, int64_t changed_at)
{
    assert_true(changed_at > INT64_C(1600000000000000)); /* the file system's own time */
    struct seen *seen = context;
    seen->count++;
    if (text_is(account, "ac_1") && text_is(id, "doc_01")) {
        seen->kept++;
    } else {
        assert_true(blob_remove(seen->shelf->blobs, account, id, NULL));
    }
    return seen->count < seen->wanted;
}

static void every_blob_is_shown(void **state)
{
    struct shelf shelf = shelf_open(*state);
    static const char *const names[][2] = {
        {"ac_1", "doc_01"}, {"ac_1", "pv_01"}, {"ac_1", "doc_02"}, {"ac_2", "doc_01"}};
    for (size_t i = 0; i < COUNT(names); i++) {
        put(&shelf, names[i][0], names[i][1], 10, 10);
    }
    struct blob_writer *writer = NULL;
    assert_true(blob_begin(shelf.blobs, TEXT("ac_3"), TEXT("doc_01"), &writer, NULL));
    file_replace(scratch_path(*state, "blobs/README"), "not ours", 8);
    struct seen seen = {.shelf = &shelf, .wanted = 1};
    assert_true(blobs_each(shelf.blobs, see_and_remove, &seen, NULL));
    assert_int_equal(seen.count, 1);
    int left = (int)COUNT(names) - (seen.kept ? 0 : 1);
    seen = (struct seen){.shelf = &shelf, .wanted = 100};
    assert_true(blobs_each(shelf.blobs, see_and_remove, &seen, NULL));
    assert_int_equal(seen.count, left);
    seen = (struct seen){.shelf = &shelf, .wanted = 100};
    assert_true(blobs_each(shelf.blobs, see_and_remove, &seen, NULL));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.kept, 1);
    blob_abandon(writer);
    shelf_close(&shelf);
}

static void left_overs_are_swept_but_not_under_a_writer(void **state)
{
    struct shelf shelf = shelf_open(*state);
    const char *left = scratch_path(*state, "blobs/.unfinished/0123456789abcdef");
    file_replace(left, "half", 4);
    struct blob_writer *writer = NULL;
    assert_true(blob_begin(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), &writer, NULL));
    struct stat file;
    assert_int_equal(stat(left, &file), 0);
    int64_t made = (int64_t)file.st_mtim.tv_sec * 1000000;
    size_t removed = 7;
    assert_true(blobs_sweep(shelf.blobs, made - 1000000, &removed, NULL)); /* it is young */
    assert_int_equal(removed, 0);
    assert_true(blobs_sweep(shelf.blobs, made + 3600 * INT64_C(1000000), &removed, NULL));
    assert_int_equal(removed, 1);
    assert_int_equal(access(left, F_OK), -1);
    assert_true(blob_write(writer, (struct text){shelf.content, 70000}, NULL));
    struct blob_info info;
    assert_true(blob_finish(writer, &info, NULL));
    assert_true(get(&shelf, "ac_1", "doc_01", 70000, 1000));
    shelf_close(&shelf);
}

/* ---- Keys ---- */

static const char *key_path(void **state)
{
    return scratch_path(*state, "key");
}

static void current_id(struct shelf *shelf, char ret[2 * VAULT_ID_BYTES + 1])
{
    struct vault_key keys[VAULT_KEYS_MAX];
    assert_true(vault_keys(shelf->vault, keys) > 0);
    memcpy(ret, keys[0].id, sizeof keys[0].id);
}

static void assert_wrapped_by(struct shelf *shelf, const char *id, const char *key)
{
    char by[2 * VAULT_ID_BYTES + 1];
    struct problem problem = {.kind = PROBLEM_NONE};
    if (!blob_key(shelf->blobs, TEXT("ac_1"), text_from(id), by, &problem)) {
        fail_msg("%s", problem.detail);
    }
    assert_string_equal(by, key);
}

static void a_key_is_wrapped_anew_and_the_content_stays(void **state)
{
    struct shelf shelf = shelf_open(*state);
    char before[2 * VAULT_ID_BYTES + 1], after[2 * VAULT_ID_BYTES + 1];
    bool changed = true;
    put(&shelf, "ac_1", "doc_01", 70000, 70000);
    current_id(&shelf, before);
    assert_true(blob_rewrap(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), &changed, NULL));
    assert_false(changed);
    size_t old_len = 0, new_len = 0;
    char *old = file_read(scratch_path(*state, "blobs/ac_1/01/doc_01"), &old_len);
    assert_true(vault_key_rotate(key_path(state), false, 1, NULL));
    current_id(&shelf, after);
    assert_string_not_equal(before, after);
    assert_wrapped_by(&shelf, "doc_01", before);
    assert_true(get(&shelf, "ac_1", "doc_01", 70000, 1000));
    assert_true(blob_rewrap(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), &changed, NULL));
    assert_true(changed);
    assert_wrapped_by(&shelf, "doc_01", after);
    char *new = file_read(scratch_path(*state, "blobs/ac_1/01/doc_01"), &new_len);
    assert_int_equal(old_len, new_len);
    size_t content = BLOB_MAGIC_BYTES + BLOB_SLOTS_BYTES;
    assert_memory_equal(old + content, new + content, old_len - content);
    /* The old key is of no use any more, also for what is left of the header. */
    assert_true(vault_key_prune(key_path(state), NULL));
    assert_true(get(&shelf, "ac_1", "doc_01", 70000, 1000));
    file_replace(scratch_path(*state, "blobs/ac_1/01/doc_01"), old, old_len);
    assert_false(get(&shelf, "ac_1", "doc_01", 70000, 1000));
    free(old);
    free(new);
    shelf_close(&shelf);
}

/* What a kill between any two writes leaves: the slots as they were, one torn, both, one. */
static void a_kill_while_wrapping_leaves_it_readable(void **state)
{
    struct shelf shelf = shelf_open(*state);
    char after[2 * VAULT_ID_BYTES + 1];
    const char *path = scratch_path(*state, "blobs/ac_1/01/doc_01");
    size_t len = 0;
    bool changed = false;
    put(&shelf, "ac_1", "doc_01", 1000, 1000);
    char *old = file_read(path, &len);
    assert_true(vault_key_rotate(key_path(state), false, 1, NULL));
    assert_true(blob_rewrap(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), &changed, NULL));
    char *new = file_read(path, &len);
    current_id(&shelf, after);
    const size_t slot = VAULT_WRAPPED_BYTES, at = BLOB_MAGIC_BYTES;
    /* Bytes of the new slot that were written, bytes of the old that were wiped. */
    const size_t kills[][2] = {
        {0, 0}, {1, 0}, {40, 0}, {slot - 1, 0}, {slot, 0}, {slot, 1}, {slot, 40}, {slot, slot}};
    for (size_t i = 0; i < COUNT(kills); i++) {
        char *torn = malloc(len);
        assert_non_null(torn);
        memcpy(torn, old, len);
        memcpy(torn + at + slot, new + at + slot, kills[i][0]);
        memset(torn + at, 0, kills[i][1]);
        file_replace(path, torn, len);
        assert_true(get(&shelf, "ac_1", "doc_01", 1000, 100));
        assert_true(blob_rewrap(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), &changed, NULL));
        assert_wrapped_by(&shelf, "doc_01", after);
        assert_true(get(&shelf, "ac_1", "doc_01", 1000, 100));
        assert_true(blob_rewrap(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), &changed, NULL));
        assert_false(changed);
        free(torn);
    }
    free(old);
    free(new);
    shelf_close(&shelf);
}

/* As the first version wrote it. */
static void write_first_version(struct shelf *shelf, const char *path, size_t size)
{
    unsigned char key[32], header[BLOB_STREAM_BYTES], bound[] = "\4ac_1\6doc_01";
    crypto_secretstream_xchacha20poly1305_state stream;
    unsigned char *chunk = malloc(size + 17);
    assert_non_null(chunk);
    vault_derive(shelf->vault, "blob", key);
    crypto_secretstream_xchacha20poly1305_init_push(&stream, header, key);
    crypto_secretstream_xchacha20poly1305_push(&stream, chunk, NULL, (const unsigned char *)shelf->content,
        size, bound, sizeof bound - 1, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite("PDblob1\n", 1, 8, file), 8);
    assert_int_equal(fwrite(header, 1, sizeof header, file), sizeof header);
    assert_int_equal(fwrite(chunk, 1, size + 17, file), size + 17);
    assert_int_equal(fclose(file), 0);
    free(chunk);
}

static void blobs_of_the_first_version_are_read_and_converted(void **state)
{
    struct shelf shelf = shelf_open(*state);
    char now[2 * VAULT_ID_BYTES + 1];
    bool changed = false;
    put(&shelf, "ac_1", "doc_01", 10, 10);
    write_first_version(&shelf, scratch_path(*state, "blobs/ac_1/01/doc_01"), 60000);
    assert_true(get(&shelf, "ac_1", "doc_01", 60000, 1000));
    assert_wrapped_by(&shelf, "doc_01", "");
    assert_true(vault_key_rotate(key_path(state), false, 1, NULL));
    assert_true(get(&shelf, "ac_1", "doc_01", 60000, 1000));
    assert_true(blob_rewrap(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), &changed, NULL));
    assert_true(changed);
    current_id(&shelf, now);
    assert_wrapped_by(&shelf, "doc_01", now);
    assert_true(get(&shelf, "ac_1", "doc_01", 60000, 1000));
    shelf_close(&shelf);
}

static void raw_bytes_make_the_same_blob(void **state)
{
    struct shelf shelf = shelf_open(*state);
    struct blob_source *source = NULL;
    struct blob_writer *writer = NULL;
    struct blob_info info;
    struct problem problem = {.kind = PROBLEM_NONE};
    int64_t size = 0;
    size_t len = 0;
    put(&shelf, "ac_1", "doc_01", 70000, 70000);
    char *bytes = malloc(100000);
    assert_non_null(bytes);
    assert_true(blob_raw_open(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), &source, &size, NULL));
    assert_true(blob_raw_read(source, bytes, 100000, &len, NULL));
    assert_int_equal(len, size);
    blob_raw_close(source);
    assert_true(blob_raw_begin(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), &writer, NULL));
    assert_true(blob_write(writer, (struct text){bytes, len}, NULL));
    assert_false(blob_finish(writer, &info, &problem)); /* it never takes another's place */
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    assert_true(blob_remove(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), NULL));
    assert_true(blob_raw_begin(shelf.blobs, TEXT("ac_1"), TEXT("doc_01"), &writer, NULL));
    assert_true(blob_write(writer, (struct text){bytes, 1000}, NULL));
    assert_true(blob_write(writer, (struct text){bytes + 1000, len - 1000}, NULL));
    assert_true(blob_finish(writer, &info, NULL));
    assert_true(get(&shelf, "ac_1", "doc_01", 70000, 1000));
    problem = (struct problem){.kind = PROBLEM_NONE};
    assert_false(blob_raw_open(shelf.blobs, TEXT("ac_1"), TEXT("doc_02"), &source, &size, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    free(bytes);
    shelf_close(&shelf);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(blobs_come_back_as_they_went),
        CASE(an_altered_file_is_told),
        CASE(hostile_names_are_refused),
        CASE(only_what_was_finished_is_there),
        CASE(removing_is_for_good_and_repeatable),
        CASE(every_blob_is_shown),
        CASE(left_overs_are_swept_but_not_under_a_writer),
        CASE(a_key_is_wrapped_anew_and_the_content_stays),
        CASE(a_kill_while_wrapping_leaves_it_readable),
        CASE(blobs_of_the_first_version_are_read_and_converted),
        CASE(raw_bytes_make_the_same_blob),
    };
    return cmocka_run_group_tests_name("blobs", tests, NULL, NULL);
}
