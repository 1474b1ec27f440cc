#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "store/blob_file.h"

struct blob_writer {
    struct blobs *blobs;
    struct blob_name name;
    char temporary[64];
    int fd;
    bool broken; /* a write failed: never finished */
    crypto_secretstream_xchacha20poly1305_state stream;
    crypto_hash_sha256_state hash;
    int64_t size;
    size_t bound_left; /* what the next chunk is bound to; only the first is */
    size_t plain_len;
    unsigned char plain[BLOB_PLAIN]; /* kept until more comes: the last chunk is tagged as such */
    unsigned char chunk[BLOB_CHUNK];
};

static bool header_write(struct blob_writer *writer, struct problem *problem)
{
    unsigned char header[BLOB_HEADER_BYTES];
    memcpy(header, BLOB_MAGIC, BLOB_MAGIC_BYTES);
    crypto_secretstream_xchacha20poly1305_init_push(
        &writer->stream, header + BLOB_MAGIC_BYTES, writer->blobs->key);
    return file_write_all(writer->fd, header, sizeof header, writer->temporary, problem);
}

bool blob_begin(struct blobs *blobs, struct text account, struct text id, struct blob_writer **ret,
    struct problem *problem)
{
    struct blob_writer *writer = calloc(1, sizeof *writer);
    if (!writer) {
        abort();
    }
    writer->blobs = blobs;
    writer->fd = -1;
    snprintf(writer->temporary, sizeof writer->temporary, BLOB_UNFINISHED "/%08x%08x", randombytes_random(),
        randombytes_random());
    crypto_hash_sha256_init(&writer->hash);
    bool named = blob_name_make(account, id, &writer->name, problem);
    if (named) {
        writer->bound_left = writer->name.bound_len;
        writer->fd = openat(
            blobs->root, writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (writer->fd < 0) {
            file_problem(problem, "make", writer->temporary);
        }
    }
    /* The lock says that somebody is still writing it. */
    if (writer->fd < 0 || flock(writer->fd, LOCK_EX | LOCK_NB) != 0 || !header_write(writer, problem)) {
        problem_internal(problem, "cannot begin a blob");
        blob_abandon(writer);
        return false;
    }
    *ret = writer;
    return true;
}

static bool chunk_write(struct blob_writer *writer, unsigned char tag, struct problem *problem)
{
    unsigned long long len = 0;
    crypto_secretstream_xchacha20poly1305_push(&writer->stream, writer->chunk, &len, writer->plain,
        writer->plain_len, writer->name.bound, writer->bound_left, tag);
    writer->plain_len = 0;
    writer->bound_left = 0;
    return file_write_all(writer->fd, writer->chunk, (size_t)len, writer->temporary, problem);
}

bool blob_write(struct blob_writer *writer, struct text bytes, struct problem *problem)
{
    crypto_hash_sha256_update(&writer->hash, (const unsigned char *)bytes.at, bytes.len);
    writer->size += (int64_t)bytes.len;
    while (bytes.len > 0 && !writer->broken) {
        if (writer->plain_len == BLOB_PLAIN) {
            writer->broken = !chunk_write(writer, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE, problem);
        }
        size_t room = BLOB_PLAIN - writer->plain_len;
        size_t len = bytes.len < room ? bytes.len : room;
        memcpy(writer->plain + writer->plain_len, bytes.at, len);
        writer->plain_len += len;
        bytes = text_part(bytes, len, SIZE_MAX);
    }
    return !writer->broken || problem_internal(problem, "the blob was not written");
}

/* Makes the folder, and it and its entry durable also when it is there: who made it may have been killed before. */
static bool folder_make(int root, const char *parent, const char *folder, struct problem *problem)
{
    if (mkdirat(root, folder, 0700) != 0 && errno != EEXIST) {
        return file_problem(problem, "make", folder);
    }
    FILE_CLEANUP fd = openat(root, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 ? file_sync(fd, parent, problem) : file_problem(problem, "open", parent);
}

static bool publish(struct blob_writer *writer, struct problem *problem)
{
    int root = writer->blobs->root;
    const struct blob_name *name = &writer->name;
    if (!file_sync(writer->fd, writer->temporary, problem) ||
        !folder_make(root, ".", name->account, problem) ||
        !folder_make(root, name->account, name->folder, problem)) {
        return false;
    }
    failpoint("blob-before-rename");
    if (renameat(root, writer->temporary, root, name->path) != 0) {
        return file_problem(problem, "make", name->path);
    }
    failpoint("blob-after-rename");
    FILE_CLEANUP folder = openat(root, name->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder >= 0 ? file_sync(folder, name->folder, problem)
                       : file_problem(problem, "open", name->folder);
}

static void writer_free(struct blob_writer *writer)
{
    file_close(&writer->fd);
    sodium_memzero(writer, sizeof *writer);
    free(writer);
}

bool blob_finish(struct blob_writer *writer, struct blob_info *ret, struct problem *problem)
{
    bool done = !writer->broken || problem_internal(problem, "the blob was not written");
    done = done && chunk_write(writer, crypto_secretstream_xchacha20poly1305_TAG_FINAL, problem) &&
           publish(writer, problem);
    if (!done) {
        blob_abandon(writer);
        return false;
    }
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&writer->hash, digest);
    sodium_bin2hex(ret->sha256, sizeof ret->sha256, digest, sizeof digest);
    ret->size = writer->size;
    writer_free(writer);
    return true;
}

void blob_abandon(struct blob_writer *writer)
{
    if (!writer) {
        return;
    }
    if (writer->fd >= 0) {
        unlinkat(writer->blobs->root, writer->temporary, 0);
    }
    writer_free(writer);
}
