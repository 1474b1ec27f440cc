#include <archive.h>
#include <archive_entry.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/file.h"
#include "store/pack.h"

struct pack_out {
    char path[FILE_PATH_MAX], temporary[FILE_PATH_MAX];
    int fd;
    int sums; /* an unnamed file: lines of SHA256SUMS, of which there may be a million */
    int64_t sums_size;
    crypto_hash_sha256_state sums_hash;
    struct archive *tar;
    char name[PACK_NAME_MAX + 1]; /* of the member being written; "" before the first */
    int64_t left;
    bool counted; /* the member being written stands in SHA256SUMS */
    crypto_hash_sha256_state hash;
};

static bool tar_problem(struct pack_out *out, const char *doing, struct problem *problem)
{
    int code = archive_errno(out->tar);
    const char *why = archive_error_string(out->tar);
    bool full = code == ENOSPC || code == EDQUOT || code == EIO;
    return problem_set(problem, full ? PROBLEM_LATER : PROBLEM_INTERNAL,
        full ? WORD_problem_later : WORD_problem_internal, NULL, NULL, "cannot %s %s: %s", doing,
        out->temporary, why ? why : "no reason was given");
}

void pack_abandon(struct pack_out *out)
{
    if (!out) {
        return;
    }
    if (out->tar) {
        archive_write_free(out->tar);
    }
    if (out->temporary[0]) {
        unlink(out->temporary);
    }
    file_close(&out->fd);
    file_close(&out->sums);
    free(out);
}

static bool tar_begin(struct pack_out *out, struct problem *problem)
{
    out->tar = archive_write_new();
    if (!out->tar) {
        abort();
    }
    if (archive_write_set_format_ustar(out->tar) != ARCHIVE_OK ||
        archive_write_add_filter_none(out->tar) != ARCHIVE_OK ||
        archive_write_open_fd(out->tar, out->fd) != ARCHIVE_OK) {
        return tar_problem(out, "begin", problem);
    }
    return true;
}

bool pack_create(const char *path, struct pack_out **ret, struct problem *problem)
{
    if (access(path, F_OK) == 0) {
        return problem_set(problem, PROBLEM_CONFLICT, WORD_store_archive_exists, NULL, path, NULL);
    }
    struct pack_out *out = calloc(1, sizeof *out);
    if (!out) {
        abort();
    }
    out->fd = out->sums = -1;
    crypto_hash_sha256_init(&out->sums_hash);
    int len = snprintf(out->path, sizeof out->path, "%s", path);
    int temporary =
        snprintf(out->temporary, sizeof out->temporary, "%s.unfinished-%08x", path, randombytes_random());
    if (len < 0 || (size_t)len >= sizeof out->path || (size_t)temporary >= sizeof out->temporary) {
        out->temporary[0] = '\0';
        pack_abandon(out);
        return problem_internal(problem, "the path of the backup is too long");
    }
    out->fd = open(out->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool done = out->fd >= 0 || file_problem(problem, "make", out->temporary);
    if (!done) {
        out->temporary[0] = '\0';
    }
    if (done) {
        out->sums = file_unnamed(path, problem);
        done = out->sums >= 0;
    }
    if (!done || !tar_begin(out, problem)) {
        pack_abandon(out);
        return false;
    }
    *ret = out;
    return true;
}

static bool header_write(struct pack_out *out, const char *name, int64_t size, struct problem *problem)
{
    struct archive_entry *entry = archive_entry_new();
    if (!entry) {
        abort();
    }
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0600);
    bool done = archive_write_header(out->tar, entry) == ARCHIVE_OK || tar_problem(out, "write", problem);
    archive_entry_free(entry);
    return done;
}

/* Ends the member under way: its line of SHA256SUMS. */
static bool member_end(struct pack_out *out, struct problem *problem)
{
    if (out->left != 0) {
        return problem_internal(
            problem, "member %s of the backup has %lld bytes too few", out->name, (long long)out->left);
    }
    if (!out->counted) {
        return true;
    }
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[65], line[65 + 2 + PACK_NAME_MAX + 2];
    crypto_hash_sha256_final(&out->hash, digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    int len = snprintf(line, sizeof line, "%s  %s\n", hex, out->name);
    crypto_hash_sha256_update(&out->sums_hash, (const unsigned char *)line, (unsigned long long)len);
    out->sums_size += len;
    out->counted = false;
    return file_write_all(out->sums, line, (size_t)len, "a list of members", problem);
}

static bool member_begin(
    struct pack_out *out, const char *name, int64_t size, bool counted, struct problem *problem)
{
    if (!member_end(out, problem) || !header_write(out, name, size, problem)) {
        return false;
    }
    snprintf(out->name, sizeof out->name, "%s", name);
    out->left = size;
    out->counted = counted;
    crypto_hash_sha256_init(&out->hash);
    return true;
}

bool pack_member(struct pack_out *out, const char *name, int64_t size, struct problem *problem)
{
    if (strlen(name) > PACK_NAME_MAX || strcmp(name, out->name) <= 0 || size < 0 || size > PACK_MEMBER_MAX) {
        return problem_internal(problem, "%s cannot be a member of the backup behind %s", name, out->name);
    }
    return member_begin(out, name, size, true, problem);
}

bool pack_bytes(struct pack_out *out, struct text bytes, struct problem *problem)
{
    if ((int64_t)bytes.len > out->left) {
        return problem_internal(problem, "member %s of the backup has too many bytes", out->name);
    }
    out->left -= (int64_t)bytes.len;
    crypto_hash_sha256_update(&out->hash, (const unsigned char *)bytes.at, bytes.len);
    while (bytes.len > 0) {
        la_ssize_t written = archive_write_data(out->tar, bytes.at, bytes.len);
        if (written <= 0) {
            return tar_problem(out, "write", problem);
        }
        bytes = text_part(bytes, (size_t)written, SIZE_MAX);
    }
    return true;
}

bool pack_sums(struct pack_out *out, char ret_sums[65], struct problem *problem)
{
    char piece[16 * 1024];
    size_t len = sizeof piece;
    if (!member_end(out, problem) || lseek(out->sums, 0, SEEK_SET) != 0 ||
        !member_begin(out, "SHA256SUMS", out->sums_size, false, problem)) {
        return false;
    }
    while (len == sizeof piece) {
        if (!file_read_all(out->sums, piece, sizeof piece, &len, "a list of members", problem) ||
            !pack_bytes(out, (struct text){piece, len}, problem)) {
            return false;
        }
    }
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&out->sums_hash, digest);
    sodium_bin2hex(ret_sums, 65, digest, sizeof digest);
    return true;
}

static bool publish(struct pack_out *out, struct problem *problem)
{
    if (archive_write_close(out->tar) != ARCHIVE_OK) {
        return tar_problem(out, "end", problem);
    }
    if (!file_sync(out->fd, out->temporary, problem)) {
        return false;
    }
    if (renameat2(AT_FDCWD, out->temporary, AT_FDCWD, out->path, RENAME_NOREPLACE) != 0) {
        return errno == EEXIST
                   ? problem_set(problem, PROBLEM_CONFLICT, WORD_store_archive_exists, NULL, out->path, NULL)
                   : file_problem(problem, "make", out->path);
    }
    out->temporary[0] = '\0';
    return file_sync_parent(out->path, problem);
}

bool pack_finish(struct pack_out *out, struct text manifest, struct text mac, struct problem *problem)
{
    bool done = member_begin(out, "manifest.json", (int64_t)manifest.len, false, problem) &&
                pack_bytes(out, manifest, problem) &&
                member_begin(out, "manifest.mac", (int64_t)mac.len, false, problem) &&
                pack_bytes(out, mac, problem) && publish(out, problem);
    pack_abandon(out);
    return done;
}
