#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/file.h"
#include "store/pack.h"

#define BLOCK_BYTES ((size_t)64 * 1024)
#define MAC_MAX ((size_t)256)

struct pack_in {
    int fd;
    struct archive *tar;
    char name[PACK_NAME_MAX + 1]; /* of the member being read; "" before the first */
    int64_t left;
    bool counted; /* its hash is to be taken */
    bool ended;
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_state sums; /* of SHA256SUMS as it must be */
    char sums_hex[65];
    struct text manifest, mac;
};

static bool wrong(struct problem *problem, const char *what, const char *name)
{
    return problem_set(
        problem, PROBLEM_INPUT, WORD_store_archive_broken, NULL, NULL, "%s: %.100s", what, name);
}

void pack_close(struct pack_in *in)
{
    if (in) {
        archive_read_free(in->tar);
        file_close(&in->fd);
        free((void *)(uintptr_t)in->manifest.at);
        free((void *)(uintptr_t)in->mac.at);
        free(in);
    }
}

bool pack_open_fd(int fd, struct pack_in **ret, struct problem *problem)
{
    struct pack_in *in = calloc(1, sizeof *in);
    if (!in) {
        abort();
    }
    in->fd = fd;
    in->tar = archive_read_new();
    crypto_hash_sha256_init(&in->sums);
    if (!in->tar || archive_read_support_format_tar(in->tar) != ARCHIVE_OK ||
        archive_read_open_fd(in->tar, fd, BLOCK_BYTES) != ARCHIVE_OK) {
        pack_close(in);
        return wrong(problem, "this is no backup", "");
    }
    *ret = in;
    return true;
}

bool pack_open(const char *path, struct pack_in **ret, struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return problem_set(
            problem, PROBLEM_INPUT, WORD_store_archive_missing, NULL, path, "%s", strerrordesc_np(errno));
    }
    return pack_open_fd(fd, ret, problem);
}

/* One or two letters, digits, '_', '.' and '-' between slashes, and nothing that could leave a folder. */
static bool is_plain_name(const char *name)
{
    struct text text = text_from(name);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '_' && c != '.' && c != '-' && c != '/') {
            return false;
        }
    }
    return text.len > 0 && text.len <= PACK_NAME_MAX && !text_starts(text, TEXT("/")) &&
           !text_ends(text, TEXT("/")) && text_find(text, TEXT("//"), 0) == SIZE_MAX &&
           text_find(text, TEXT(".."), 0) == SIZE_MAX && !text_starts(text, TEXT("."));
}

/* Reads the next header: a plain file of a known size and a plain name. False in *ret_more at the archive's end. */
static bool header_read(struct pack_in *in, struct pack_member *ret, bool *ret_more, struct problem *problem)
{
    struct archive_entry *entry = NULL;
    int code = archive_read_next_header(in->tar, &entry);
    *ret_more = code != ARCHIVE_EOF;
    if (code == ARCHIVE_EOF) {
        return true;
    }
    if (code != ARCHIVE_OK) {
        return wrong(problem, "this is no backup, or it was cut off or altered", in->name);
    }
    const char *name = archive_entry_pathname(entry);
    if (!name || !is_plain_name(name)) {
        return wrong(problem, "a member has a name that no backup has; behind", in->name);
    }
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) ||
        archive_entry_symlink(entry) || archive_entry_sparse_count(entry) > 0 ||
        !archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0 ||
        archive_entry_size(entry) > PACK_MEMBER_MAX) {
        return wrong(problem, "a member is no plain file of a fitting size", name);
    }
    snprintf(ret->name, sizeof ret->name, "%s", name);
    ret->size = archive_entry_size(entry);
    return true;
}

bool pack_read(struct pack_in *in, void *at, size_t max, size_t *ret_len, struct problem *problem)
{
    size_t len = 0;
    size_t wanted = in->left < (int64_t)max ? (size_t)in->left : max;
    while (len < wanted) {
        la_ssize_t got = archive_read_data(in->tar, (char *)at + len, wanted - len);
        if (got <= 0) {
            return wrong(problem, "a member was cut off", in->name);
        }
        len += (size_t)got;
    }
    in->left -= (int64_t)len;
    crypto_hash_sha256_update(&in->hash, at, len);
    *ret_len = len;
    return true;
}

/* Reads away what is left of the member, and takes its line of SHA256SUMS. */
static bool member_end(struct pack_in *in, struct problem *problem)
{
    char piece[16 * 1024];
    size_t len = 0;
    while (in->left > 0) {
        if (!pack_read(in, piece, sizeof piece, &len, problem)) {
            return false;
        }
    }
    if (in->counted) {
        unsigned char digest[crypto_hash_sha256_BYTES];
        char hex[65], line[65 + 2 + PACK_NAME_MAX + 2];
        crypto_hash_sha256_final(&in->hash, digest);
        sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
        int length = snprintf(line, sizeof line, "%s  %s\n", hex, in->name);
        crypto_hash_sha256_update(&in->sums, (const unsigned char *)line, (unsigned long long)length);
    }
    in->counted = false;
    return true;
}

static void member_begin(struct pack_in *in, const struct pack_member *member, bool counted)
{
    memcpy(in->name, member->name, sizeof in->name);
    in->left = member->size;
    in->counted = counted;
    crypto_hash_sha256_init(&in->hash);
}

/* A small member whole, malloc'ed. */
static bool read_whole(
    struct pack_in *in, const char *name, size_t max, struct text *ret, struct problem *problem)
{
    struct pack_member member;
    bool more = false;
    size_t len = 0;
    if (!header_read(in, &member, &more, problem)) {
        return false;
    }
    if (!more || strcmp(member.name, name) != 0 || member.size > (int64_t)max) {
        return wrong(problem, "it was cut off or altered: a member is missing", name);
    }
    member_begin(in, &member, false);
    char *at = malloc((size_t)member.size + 1);
    if (!at) {
        abort();
    }
    if (!pack_read(in, at, (size_t)member.size, &len, problem)) {
        free(at);
        return false;
    }
    at[len] = '\0';
    *ret = (struct text){at, len};
    return true;
}

/* SHA256SUMS has begun: it must be what the members made it. Then the manifest, its MAC, and the end. */
static bool tail_read(struct pack_in *in, struct problem *problem)
{
    unsigned char is[crypto_hash_sha256_BYTES], must_be[crypto_hash_sha256_BYTES];
    bool more = false;
    struct pack_member member;
    if (!member_end(in, problem)) {
        return false;
    }
    crypto_hash_sha256_final(&in->hash, is);
    crypto_hash_sha256_final(&in->sums, must_be);
    if (sodium_memcmp(is, must_be, sizeof is) != 0) {
        return wrong(problem, "a member is not what it was", "SHA256SUMS");
    }
    sodium_bin2hex(in->sums_hex, sizeof in->sums_hex, is, sizeof is);
    if (!read_whole(in, "manifest.json", PACK_MANIFEST_MAX, &in->manifest, problem) ||
        !read_whole(in, "manifest.mac", MAC_MAX, &in->mac, problem) ||
        !header_read(in, &member, &more, problem)) {
        return false;
    }
    in->ended = !more;
    return in->ended || wrong(problem, "something stands behind the end", member.name);
}

bool pack_next(struct pack_in *in, struct pack_member *ret, bool *ret_more, struct problem *problem)
{
    bool more = false;
    struct pack_member member = {.size = 0};
    if (!member_end(in, problem) || !header_read(in, &member, &more, problem)) {
        return false;
    }
    if (!more) {
        return wrong(problem, "it was cut off behind", in->name);
    }
    bool tail = strcmp(member.name, "SHA256SUMS") == 0;
    if (!tail && strcmp(member.name, in->name) <= 0) {
        return wrong(problem, "a member comes twice, or out of its order", member.name);
    }
    member_begin(in, &member, !tail);
    if (tail && !tail_read(in, problem)) {
        return false;
    }
    *ret = member;
    *ret_more = !tail;
    return true;
}

bool pack_manifest(struct pack_in *in, struct text *ret_manifest, struct text *ret_mac, char ret_sums[65],
    struct problem *problem)
{
    if (!in->ended) {
        return problem_internal(problem, "the manifest stands at the end");
    }
    *ret_manifest = in->manifest;
    *ret_mac = in->mac;
    memcpy(ret_sums, in->sums_hex, 65);
    return true;
}
