#include <stdlib.h>
#include <string.h>

#include "store/blob_format.h"

struct blob_reader {
    struct blob_name name;
    struct blob_store *store;
    struct blob_source *source;
    crypto_secretstream_xchacha20poly1305_state stream;
    size_t bound_left;
    bool broken; /* altered or truncated: never read on */
    bool last;   /* the final chunk is in `plain` */
    size_t plain_at, plain_len;
    unsigned char plain[BLOB_PLAIN];
    unsigned char chunk[BLOB_CHUNK];
};

bool blob_slots_open(const struct vault *vault, const struct blob_name *name,
    const unsigned char slots[BLOB_SLOTS_BYTES], unsigned char ret_key[32])
{
    return vault_unwrap(vault, blob_bound(name), slots, ret_key) ||
           vault_unwrap(vault, blob_bound(name), slots + VAULT_WRAPPED_BYTES, ret_key);
}

static bool source_read(
    struct blob_reader *reader, void *at, size_t max, size_t *ret_len, struct problem *problem)
{
    return reader->store->ops->read(reader->source, at, max, ret_len, problem);
}

static bool key_read(
    struct blob_reader *reader, const struct vault *vault, unsigned char ret_key[32], struct problem *problem)
{
    unsigned char start[BLOB_MAGIC_BYTES], slots[BLOB_SLOTS_BYTES];
    size_t len = 0;
    if (!source_read(reader, start, sizeof start, &len, problem)) {
        return false;
    }
    if (len == sizeof start && memcmp(start, BLOB_MAGIC_FIRST, sizeof start) == 0) {
        vault_derive(vault, "blob", ret_key);
        return true;
    }
    if (len != sizeof start || memcmp(start, BLOB_MAGIC, sizeof start) != 0) {
        return problem_internal(problem, "%s is not a blob", reader->name.path);
    }
    if (!source_read(reader, slots, sizeof slots, &len, problem)) {
        return false;
    }
    return (len == sizeof slots && blob_slots_open(vault, &reader->name, slots, ret_key)) ||
           problem_internal(problem,
               "the key of blob %s does not open: it was altered or moved, or its master key is not there",
               reader->name.path);
}

static bool header_read(struct blob_reader *reader, const struct vault *vault, struct problem *problem)
{
    unsigned char key[32], header[BLOB_STREAM_BYTES];
    size_t len = 0;
    bool done =
        key_read(reader, vault, key, problem) && source_read(reader, header, sizeof header, &len, problem);
    if (done) {
        done = (len == sizeof header &&
                   crypto_secretstream_xchacha20poly1305_init_pull(&reader->stream, header, key) == 0) ||
               problem_internal(problem, "%s is not a blob", reader->name.path);
    }
    sodium_memzero(key, sizeof key);
    return done;
}

bool blob_open(struct blobs *blobs, struct text account, struct text id, struct blob_reader **ret,
    struct problem *problem)
{
    struct blob_reader *reader = calloc(1, sizeof *reader);
    if (!reader) {
        abort();
    }
    reader->store = blobs->store;
    if (!blob_name_make(account, id, &reader->name, problem) ||
        !blobs->store->ops->open(blobs->store, &reader->name, &reader->source, problem) ||
        !header_read(reader, blobs->vault, problem)) {
        blob_close(reader);
        return false;
    }
    reader->bound_left = reader->name.bound_len;
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
    if (!source_read(reader, reader->chunk, sizeof reader->chunk, &len, problem)) {
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
    if (!source_read(reader, reader->chunk, 1, &more, problem)) {
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
    blob_raw_close(reader->source);
    sodium_memzero(reader, sizeof *reader);
    free(reader);
}
