/* A backup's file: what was written is read again, and whatever was done to it since is found out. */
#include "store/pack.h"

/* The library's header is called archive.h as well as nothing of ours. */
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"

#define FILE_MAX_BYTES ((size_t)1024 * 1024)

static void make(const char *path)
{
    struct pack_out *out = NULL;
    char sums[65];
    assert_true(pack_create(path, &out, NULL));
    assert_true(pack_member(out, "database/00000001", 5, NULL));
    assert_true(pack_bytes(out, TEXT("abc"), NULL));
    assert_true(pack_bytes(out, TEXT("de"), NULL));
    assert_true(pack_member(out, "documents/ac_1/doc_1", 0, NULL));
    assert_true(pack_member(out, "previews/ac_1/pv_1", 3, NULL));
    assert_true(pack_bytes(out, TEXT("xyz"), NULL));
    assert_true(pack_sums(out, sums, NULL));
    assert_true(pack_finish(out, TEXT("{\"manifest\": true}"), TEXT("mac"), NULL));
}

/* Reads all of it. False with the problem when it is not sound. */
static bool read_all(struct pack_in *in, size_t *ret_count, struct problem *problem)
{
    struct pack_member member;
    bool more = true;
    *ret_count = 0;
    while (pack_next(in, &member, &more, problem)) {
        if (!more) {
            return true;
        }
        ++*ret_count;
    }
    return false;
}

static void what_is_written_is_read(void **state)
{
    const char *path = scratch_path(*state, "backup");
    struct pack_in *in = NULL;
    struct pack_member member;
    struct stat file;
    struct text manifest, mac;
    char bytes[16], sums[65];
    size_t len = 0, count = 0;
    bool more = false;
    make(path);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 07777, 0600);
    assert_true(pack_open(path, &in, NULL));
    assert_true(pack_next(in, &member, &more, NULL) && more);
    assert_string_equal(member.name, "database/00000001");
    assert_int_equal(member.size, 5);
    assert_false(pack_manifest(in, &manifest, &mac, sums, NULL));
    assert_true(pack_read(in, bytes, 4, &len, NULL));
    assert_int_equal(len, 4);
    assert_true(pack_read(in, bytes + 4, 4, &len, NULL));
    assert_int_equal(len, 1);
    assert_memory_equal(bytes, "abcde", 5);
    struct problem problem = {.kind = PROBLEM_NONE};
    if (!read_all(in, &count, &problem)) {
        fail_msg("%s", problem.detail);
    }
    assert_int_equal(count, 2);
    assert_true(pack_manifest(in, &manifest, &mac, sums, NULL));
    assert_true(text_is(manifest, "{\"manifest\": true}"));
    assert_true(text_is(mac, "mac"));
    pack_close(in);
}

static void no_file_is_replaced_and_none_is_left(void **state)
{
    struct scratch *scratch = *state;
    const char *path = scratch_path(scratch, "backup");
    struct pack_out *out = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    make(path);
    assert_false(pack_create(path, &out, &problem));
    assert_int_equal(problem.word, WORD_store_archive_exists);
    const char *other = scratch_path(scratch, "other");
    char sums[65];
    assert_true(pack_create(other, &out, NULL));
    assert_int_equal(access(other, F_OK), -1); /* not before its end */
    pack_abandon(out);
    assert_true(pack_create(other, &out, NULL));
    assert_true(pack_sums(out, sums, NULL));
    make(other);
    problem = (struct problem){.kind = PROBLEM_NONE};
    assert_false(pack_finish(out, TEXT("{}"), TEXT("mac"), &problem));
    assert_int_equal(problem.word, WORD_store_archive_exists);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(rmdir(scratch->folder), 0); /* nothing else stands there */
    assert_int_equal(mkdir(scratch->folder, 0700), 0);
}

static void a_writer_keeps_to_its_word(void **state)
{
    struct pack_out *out = NULL;
    char sums[65];
    assert_true(pack_create(scratch_path(*state, "backup"), &out, NULL));
    assert_true(pack_member(out, "database/2", 3, NULL));
    assert_false(pack_bytes(out, TEXT("four"), NULL));
    assert_false(pack_member(out, "database/3", 0, NULL)); /* bytes are missing */
    assert_true(pack_bytes(out, TEXT("abc"), NULL));
    assert_false(pack_member(out, "database/2", 0, NULL)); /* again */
    assert_false(pack_member(out, "database/1", 0, NULL)); /* out of order */
    assert_false(pack_member(out, "database/3", PACK_MEMBER_MAX + 1, NULL));
    assert_true(pack_member(out, "database/3", 1, NULL));
    assert_false(pack_sums(out, sums, NULL));
    pack_abandon(out);
}

static size_t file_read(const char *path, char *at)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(at, 1, FILE_MAX_BYTES, file);
    fclose(file);
    return len;
}

static bool is_sound(const char *path, const char *bytes, size_t len)
{
    struct pack_in *in = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    size_t count = 0;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    bool sound = pack_open(path, &in, &problem) && read_all(in, &count, &problem);
    if (!sound) {
        assert_int_equal(problem.kind, PROBLEM_INPUT);
    }
    pack_close(in);
    return sound;
}

static void every_cut_and_flip_is_found(void **state)
{
    const char *path = scratch_path(*state, "backup"), *other = scratch_path(*state, "other");
    char *whole = malloc(FILE_MAX_BYTES);
    assert_non_null(whole);
    make(path);
    size_t len = file_read(path, whole);
    assert_true(is_sound(other, whole, len));
    /* tar ends in zeros: up to there each cut is told. Names, sizes, contents and their hashes are told by a flip. */
    size_t used = len;
    while (used > 0 && !whole[used - 1]) {
        used--;
    }
    for (size_t i = 0; i < used; i += 61) {
        assert_false(is_sound(other, whole, i));
    }
    for (size_t block = 0; block + 512 <= used; block += 512) {
        if (whole[block] == '{' || strcmp(whole + block, "mac") == 0) {
            continue; /* the manifest and its MAC vouch for each other, to who has the key */
        }
        const size_t flips[] = {0, 3, 124 + 9, 156};
        for (size_t i = 0; i < COUNT(flips); i++) {
            size_t at = block + flips[i];
            if (!whole[at]) {
                continue;
            }
            whole[at] ^= 1;
            if (is_sound(other, whole, len)) {
                fail_msg("a flip at %zu", at);
            }
            whole[at] ^= 1;
        }
    }
    free(whole);
}

/* ---- Hostile ones ---- */

struct member {
    const char *name;
    const char *bytes;
    int type;         /* 0: a plain file */
    const char *link; /* of a link */
};

static void add(struct archive *tar, const struct member *member)
{
    struct archive_entry *entry = archive_entry_new();
    size_t len = member->bytes ? strlen(member->bytes) : 0;
    archive_entry_set_pathname(entry, member->name);
    archive_entry_set_filetype(entry, member->type ? (unsigned)member->type : AE_IFREG);
    archive_entry_set_perm(entry, 0600);
    archive_entry_set_size(entry, (la_int64_t)len);
    if (member->link && member->type == AE_IFLNK) {
        archive_entry_set_symlink(entry, member->link);
    } else if (member->link) {
        archive_entry_set_hardlink(entry, member->link);
    }
    assert_int_equal(archive_write_header(tar, entry), ARCHIVE_OK);
    if (len > 0) {
        assert_int_equal(archive_write_data(tar, member->bytes, len), len);
    }
    archive_entry_free(entry);
}

/* Members as they are given, then the tail as it would be right for them. */
static void make_hostile(const char *path, const struct member *members, size_t count)
{
    char sums[4096] = "", hex[65];
    unsigned char digest[32];
    struct archive *tar = archive_write_new();
    assert_int_equal(archive_write_set_format_pax_restricted(tar), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(tar, path), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        const char *bytes = members[i].bytes ? members[i].bytes : "";
        add(tar, &members[i]);
        crypto_hash_sha256(digest, (const unsigned char *)bytes, strlen(bytes));
        sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
        snprintf(sums + strlen(sums), sizeof sums - strlen(sums), "%s  %s\n", hex, members[i].name);
    }
    add(tar, &(struct member){"SHA256SUMS", sums, 0, NULL});
    add(tar, &(struct member){"manifest.json", "{}", 0, NULL});
    add(tar, &(struct member){"manifest.mac", "x", 0, NULL});
    assert_int_equal(archive_write_close(tar), ARCHIVE_OK);
    archive_write_free(tar);
}

static void hostile_members_are_refused(void **state)
{
    static const struct {
        const char *what;
        struct member members[3];
        bool sound;
    } cases[] = {
        {"plain ones", {{"a", "1", 0, NULL}, {"b/c_d-e.f", "2", 0, NULL}}, true},
        {"a way up", {{"../a", "1", 0, NULL}}, false},
        {"a way up inside", {{"documents/../../a", "1", 0, NULL}}, false},
        {"an absolute name", {{"/etc/passwd", "1", 0, NULL}}, false},
        {"a hidden name", {{".a", "1", 0, NULL}}, false},
        {"an empty folder", {{"a//b", "1", 0, NULL}}, false},
        {"a name with a line feed", {{"a\nb", "1", 0, NULL}}, false},
        {"a name with a space", {{"a b", "1", 0, NULL}}, false},
        {"a name with a backslash", {{"a\\b", "1", 0, NULL}}, false},
        {"a long name",
            {{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "1", 0, NULL}},
            false},
        {"a symbolic link", {{"a", NULL, AE_IFLNK, "/etc/passwd"}}, false},
        {"a hard link", {{"a", "1", 0, NULL}, {"b", NULL, 0, "a"}}, false},
        {"a folder", {{"a", NULL, AE_IFDIR, NULL}}, false},
        {"a pipe", {{"a", NULL, AE_IFIFO, NULL}}, false},
        {"a device", {{"a", NULL, AE_IFCHR, NULL}}, false},
        {"one twice", {{"a", "1", 0, NULL}, {"a", "2", 0, NULL}}, false},
        {"out of order", {{"b", "1", 0, NULL}, {"a", "2", 0, NULL}}, false},
        {"a second end", {{"SHA256SUMS", "", 0, NULL}}, false},
    };
    const char *path = scratch_path(*state, "hostile");
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t count = 0, members = 0;
        while (count < 3 && cases[i].members[count].name) {
            count++;
        }
        make_hostile(path, cases[i].members, count);
        struct pack_in *in = NULL;
        struct problem problem = {.kind = PROBLEM_NONE};
        assert_true(pack_open(path, &in, &problem));
        if (read_all(in, &members, &problem) != cases[i].sound) {
            fail_msg("%s: %s", cases[i].what, problem.detail);
        }
        pack_close(in);
    }
    struct pack_in *in = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    assert_false(pack_open(scratch_path(*state, "nothing"), &in, &problem));
    assert_int_equal(problem.word, WORD_store_archive_missing);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(what_is_written_is_read),
        CASE(no_file_is_replaced_and_none_is_left),
        CASE(a_writer_keeps_to_its_word),
        CASE(every_cut_and_flip_is_found),
        CASE(hostile_members_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
