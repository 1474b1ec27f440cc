/* Blobs when the master key changes: their keys are wrapped anew, their contents stay. */
#include <string.h>

#include "store/blob_format.h"

#define COPY_BYTES ((size_t)64 * 1024)

struct head {
    struct blob_name name;
    bool first; /* of the first version: no slots */
    unsigned char slots[BLOB_SLOTS_BYTES];
};

static bool head_read(
    struct blobs *blobs, struct text account, struct text id, struct head *ret, struct problem *problem)
{
    const struct blob_store_ops *ops = blobs->store->ops;
    unsigned char bytes[BLOB_MAGIC_BYTES + BLOB_SLOTS_BYTES];
    struct blob_source *source = NULL;
    size_t len = 0;
    if (!blob_name_make(account, id, &ret->name, problem) ||
        !ops->open(blobs->store, &ret->name, &source, problem)) {
        return false;
    }
    bool done = ops->read(source, bytes, sizeof bytes, &len, problem);
    ops->end(source);
    if (!done) {
        return false;
    }
    ret->first = len >= BLOB_MAGIC_BYTES && memcmp(bytes, BLOB_MAGIC_FIRST, BLOB_MAGIC_BYTES) == 0;
    if (!ret->first && (len != sizeof bytes || memcmp(bytes, BLOB_MAGIC, BLOB_MAGIC_BYTES) != 0)) {
        return problem_internal(problem, "%s is not a blob", ret->name.path);
    }
    memcpy(ret->slots, bytes + BLOB_MAGIC_BYTES, sizeof ret->slots);
    return true;
}

/* Which slots open, and the blob's key. */
struct opened {
    bool opens[2];
    unsigned char key[32];
};

static bool slots_try(
    struct blobs *blobs, const struct head *head, struct opened *ret, struct problem *problem)
{
    for (size_t i = 0; i < 2; i++) {
        ret->opens[i] = vault_unwrap(
            blobs->vault, blob_bound(&head->name), head->slots + i * VAULT_WRAPPED_BYTES, ret->key);
    }
    if (ret->opens[0] || ret->opens[1]) {
        /* What failed last may have left something else there. */
        return blob_slots_open(blobs->vault, &head->name, head->slots, ret->key);
    }
    return problem_internal(problem,
        "the key of blob %s does not open: it was altered or moved, or its master key is not there",
        head->name.path);
}

bool blob_key(struct blobs *blobs, struct text account, struct text id, char ret[2 * VAULT_ID_BYTES + 1],
    struct problem *problem)
{
    struct head head;
    struct opened opened;
    if (!head_read(blobs, account, id, &head, problem)) {
        return false;
    }
    ret[0] = '\0';
    if (head.first) {
        return true;
    }
    if (!slots_try(blobs, &head, &opened, problem)) {
        return false;
    }
    sodium_memzero(&opened.key, sizeof opened.key);
    /* When both open, it was killed while being wrapped anew: the older one still counts. */
    size_t slot = opened.opens[0] ? 0 : 1;
    unsigned char prefix[VAULT_PREFIX_BYTES];
    vault_prefix(blobs->vault, prefix);
    if (opened.opens[0] && opened.opens[1] && memcmp(head.slots, prefix + 1, VAULT_ID_BYTES) == 0) {
        slot = 1;
    }
    sodium_bin2hex(ret, 2 * VAULT_ID_BYTES + 1, head.slots + slot * VAULT_WRAPPED_BYTES, VAULT_ID_BYTES);
    return true;
}

/* A blob of the first version is written anew under its own name. */
static bool convert(struct blobs *blobs, struct text account, struct text id, struct problem *problem)
{
    struct blob_reader *reader = NULL;
    struct blob_writer *writer = NULL;
    struct blob_info info;
    char bytes[COPY_BYTES];
    size_t len = sizeof bytes;
    if (!blob_open(blobs, account, id, &reader, problem)) {
        return false;
    }
    bool done = blob_begin(blobs, account, id, &writer, problem);
    while (done && len == sizeof bytes) {
        done = blob_read(reader, bytes, sizeof bytes, &len, problem) &&
               blob_write(writer, (struct text){bytes, len}, problem);
    }
    blob_close(reader);
    sodium_memzero(bytes, sizeof bytes);
    if (!done) {
        blob_abandon(writer);
        return false;
    }
    return blob_finish(writer, &info, problem);
}

static bool slots_write(struct blobs *blobs, const struct head *head, size_t slot, size_t count,
    const unsigned char *bytes, struct problem *problem)
{
    return blobs->store->ops->patch(blobs->store, &head->name, BLOB_MAGIC_BYTES + slot * VAULT_WRAPPED_BYTES,
        bytes, count * VAULT_WRAPPED_BYTES, problem);
}

/* First the new one into the other slot, durably, then the old one goes: killed in between, both are there. */
static bool wrap_anew(struct blobs *blobs, const struct head *head, const struct opened *opened,
    bool *ret_changed, struct problem *problem)
{
    unsigned char prefix[VAULT_PREFIX_BYTES], slots[BLOB_SLOTS_BYTES] = {0};
    static const unsigned char zeros[VAULT_WRAPPED_BYTES];
    vault_prefix(blobs->vault, prefix);
    for (size_t i = 0; i < 2; i++) {
        const unsigned char *other = head->slots + (1 - i) * VAULT_WRAPPED_BYTES;
        if (opened->opens[i] &&
            memcmp(head->slots + i * VAULT_WRAPPED_BYTES, prefix + 1, VAULT_ID_BYTES) == 0) {
            *ret_changed = memcmp(other, zeros, sizeof zeros) != 0;
            return !*ret_changed || slots_write(blobs, head, 1 - i, 1, zeros, problem);
        }
    }
    *ret_changed = true;
    if (blobs->store->ops->patches_whole) {
        vault_wrap(blobs->vault, blob_bound(&head->name), opened->key, slots);
        return slots_write(blobs, head, 0, 2, slots, problem);
    }
    size_t old = opened->opens[0] ? 0 : 1;
    vault_wrap(blobs->vault, blob_bound(&head->name), opened->key, slots);
    return slots_write(blobs, head, 1 - old, 1, slots, problem) &&
           slots_write(blobs, head, old, 1, zeros, problem);
}

bool blob_rewrap(
    struct blobs *blobs, struct text account, struct text id, bool *ret_changed, struct problem *problem)
{
    struct head head;
    struct opened opened;
    if (!head_read(blobs, account, id, &head, problem)) {
        return false;
    }
    if (head.first) {
        *ret_changed = true;
        return convert(blobs, account, id, problem);
    }
    bool done =
        slots_try(blobs, &head, &opened, problem) && wrap_anew(blobs, &head, &opened, ret_changed, problem);
    sodium_memzero(&opened, sizeof opened);
    return done;
}
