#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/blob_format.h"
#include "store/file.h"

struct blob_writer {
    struct blobs *blobs;
    struct blob_name name;
    struct blob_spool spool;
    bool raw;    /* the bytes are a blob already */
    bool broken; /* a write failed: never finished */
    unsigned char key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
    crypto_secretstream_xchacha20poly1305_state stream;
    crypto_hash_sha256_state hash;
    int64_t size;
    size_t bound_left; /* what the next chunk is bound to; only the first is */
    size_t plain_len;
    unsigned char plain[BLOB_PLAIN]; /* kept until more comes: the last chunk is tagged as such */
    unsigned char chunk[BLOB_CHUNK];
};
static_assert(crypto_secretstream_xchacha20poly1305_KEYBYTES == 32, "a blob's key can be wrapped");

struct text blob_bound(const struct blob_name *name)
{
    return (struct text){(const char *)name->bound, name->bound_len};
}

/* The slots stay empty until the end: the master key may change while the blob is being written. */
static bool header_write(struct blob_writer *writer, struct problem *problem)
{
    unsigned char header[BLOB_HEADER_BYTES] = {0};
    memcpy(header, BLOB_MAGIC, BLOB_MAGIC_BYTES);
    randombytes_buf(writer->key, sizeof writer->key);
    crypto_secretstream_xchacha20poly1305_init_push(
        &writer->stream, header + BLOB_MAGIC_BYTES + BLOB_SLOTS_BYTES, writer->key);
    return file_write_all(writer->spool.fd, header, sizeof header, writer->name.path, problem);
}

static bool slot_write(struct blob_writer *writer, struct problem *problem)
{
    unsigned char slot[VAULT_WRAPPED_BYTES];
    vault_wrap(writer->blobs->vault, blob_bound(&writer->name), writer->key, slot);
    return pwrite(writer->spool.fd, slot, sizeof slot, BLOB_MAGIC_BYTES) == (ssize_t)sizeof slot ||
           file_problem(problem, "write", writer->name.path);
}

static bool begin(struct blobs *blobs, struct text account, struct text id, bool raw,
    struct blob_writer **ret, struct problem *problem)
{
    struct blob_writer *writer = calloc(1, sizeof *writer);
    if (!writer) {
        abort();
    }
    writer->blobs = blobs;
    writer->spool.fd = -1;
    writer->raw = raw;
    crypto_hash_sha256_init(&writer->hash);
    if (!blob_name_make(account, id, &writer->name, problem) ||
        !blobs->store->ops->spool(blobs->store, &writer->spool, problem) ||
        (!raw && !header_write(writer, problem))) {
        blob_abandon(writer);
        return false;
    }
    writer->bound_left = writer->name.bound_len;
    *ret = writer;
    return true;
}

bool blob_begin(struct blobs *blobs, struct text account, struct text id, struct blob_writer **ret,
    struct problem *problem)
{
    return begin(blobs, account, id, false, ret, problem);
}

bool blob_raw_begin(struct blobs *blobs, struct text account, struct text id, struct blob_writer **ret,
    struct problem *problem)
{
    return begin(blobs, account, id, true, ret, problem);
}

static bool chunk_write(struct blob_writer *writer, unsigned char tag, struct problem *problem)
{
    unsigned long long len = 0;
    crypto_secretstream_xchacha20poly1305_push(&writer->stream, writer->chunk, &len, writer->plain,
        writer->plain_len, writer->name.bound, writer->bound_left, tag);
    writer->plain_len = 0;
    writer->bound_left = 0;
    return file_write_all(writer->spool.fd, writer->chunk, (size_t)len, writer->name.path, problem);
}

bool blob_write(struct blob_writer *writer, struct text bytes, struct problem *problem)
{
    if (writer->raw) {
        writer->broken = writer->broken ||
                         !file_write_all(writer->spool.fd, bytes.at, bytes.len, writer->name.path, problem);
        return !writer->broken;
    }
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

void blob_abandon(struct blob_writer *writer)
{
    if (!writer) {
        return;
    }
    if (writer->spool.fd >= 0) {
        writer->blobs->store->ops->drop(writer->blobs->store, &writer->spool);
    }
    sodium_memzero(writer, sizeof *writer);
    free(writer);
}

bool blob_finish(struct blob_writer *writer, struct blob_info *ret, struct problem *problem)
{
    struct blob_store *store = writer->blobs->store;
    bool done = !writer->broken || problem_internal(problem, "the blob was not written");
    if (!writer->raw) {
        done = done && chunk_write(writer, crypto_secretstream_xchacha20poly1305_TAG_FINAL, problem) &&
               slot_write(writer, problem);
    }
    done = done && store->ops->publish(store, &writer->spool, &writer->name, writer->raw, problem);
    if (done) {
        unsigned char digest[crypto_hash_sha256_BYTES];
        crypto_hash_sha256_final(&writer->hash, digest);
        sodium_bin2hex(ret->sha256, sizeof ret->sha256, digest, sizeof digest);
        ret->size = writer->size;
    }
    blob_abandon(writer);
    return done;
}
