#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/blob_file.h"

struct blob_reader {
    struct blob_name name;
    int fd;
    crypto_secretstream_xchacha20poly1305_state stream;
    size_t bound_left;
    bool broken; /* altered or truncated: never read on */
    bool last;   /* the final chunk is in `plain` */
    size_t plain_at, plain_len;
    unsigned char plain[BLOB_PLAIN];
    unsigned char chunk[BLOB_CHUNK];
};

static bool header_read(struct blob_reader *reader, const unsigned char *key, struct problem *problem)
{
    unsigned char header[BLOB_HEADER_BYTES];
    size_t len = 0;
    if (!file_read_all(reader->fd, header, sizeof header, &len, reader->name.path, problem)) {
        return false;
    }
    if (len != sizeof header || memcmp(header, BLOB_MAGIC, BLOB_MAGIC_BYTES) != 0 ||
        crypto_secretstream_xchacha20poly1305_init_pull(&reader->stream, header + BLOB_MAGIC_BYTES, key) !=
            0) {
        return problem_internal(problem, "%s is not a blob", reader->name.path);
    }
    return true;
}

bool blob_open(struct blobs *blobs, struct text account, struct text id, struct blob_reader **ret,
    struct problem *problem)
{
    struct blob_reader *reader = calloc(1, sizeof *reader);
    if (!reader) {
        abort();
    }
    reader->fd = -1;
    bool opened = blob_name_make(account, id, &reader->name, problem);
    if (opened) {
        reader->bound_left = reader->name.bound_len;
        reader->fd = openat(blobs->root, reader->name.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        opened = reader->fd >= 0;
    }
    if (reader->name.bound_len > 0 && !opened) {
        if (errno == ENOENT) {
            problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, "no blob %s",
                reader->name.path);
        } else {
            file_problem(problem, "open", reader->name.path);
        }
    }
    if (!opened || !header_read(reader, blobs->key, problem)) {
        blob_close(reader);
        return false;
    }
    *ret = reader;
    return true;
}

static bool altered(struct blob_reader *reader, struct problem *problem)
{
    reader->broken = true;
    return problem_internal(problem, "blob %s was altered, truncated or moved", reader->name.path);
}

/* The next chunk into `plain`. */
static bool chunk_read(struct blob_reader *reader, struct problem *problem)
{
    size_t len = 0;
    if (!file_read_all(reader->fd, reader->chunk, sizeof reader->chunk, &len, reader->name.path, problem)) {
        return false;
    }
    unsigned long long plain_len = 0;
    unsigned char tag = 0;
    if (len < crypto_secretstream_xchacha20poly1305_ABYTES ||
        crypto_secretstream_xchacha20poly1305_pull(&reader->stream, reader->plain, &plain_len, &tag,
            reader->chunk, len, reader->name.bound, reader->bound_left) != 0) {
        return altered(reader, problem);
    }
    reader->bound_left = 0;
    reader->plain_at = 0;
    reader->plain_len = (size_t)plain_len;
    reader->last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    if (!reader->last) {
        return true;
    }
    size_t more = 0;
    if (!file_read_all(reader->fd, reader->chunk, 1, &more, reader->name.path, problem)) {
        return false;
    }
    return more == 0 || altered(reader, problem);
}

bool blob_read(struct blob_reader *reader, char *at, size_t max, size_t *ret_len, struct problem *problem)
{
    if (reader->broken) {
        return altered(reader, problem);
    }
    size_t len = 0;
    while (len < max && (reader->plain_at < reader->plain_len || !reader->last)) {
        if (reader->plain_at == reader->plain_len && !chunk_read(reader, problem)) {
            reader->broken = true;
            return false;
        }
        size_t have = reader->plain_len - reader->plain_at;
        size_t part = have < max - len ? have : max - len;
        memcpy(at + len, reader->plain + reader->plain_at, part);
        reader->plain_at += part;
        len += part;
    }
    *ret_len = len;
    return true;
}

void blob_close(struct blob_reader *reader)
{
    if (!reader) {
        return;
    }
    file_close(&reader->fd);
    sodium_memzero(reader, sizeof *reader);
    free(reader);
}
