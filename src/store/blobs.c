#include "store/blobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/blob_format.h"

static bool is_name(struct text text, size_t min)
{
    if (text.len < min || text.len > BLOB_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '_') {
            return false;
        }
    }
    return true;
}

bool blob_name_make(struct text account, struct text id, struct blob_name *ret, struct problem *problem)
{
    if (!is_name(account, 1) || !is_name(id, 2)) {
        return problem_internal(problem, "not the name of a blob");
    }
    /* The end of an id is random; its beginning is the time. */
    const char *end = id.at + id.len - 2;
    snprintf(ret->account, sizeof ret->account, "%.*s", TEXT_ARG(account));
    snprintf(ret->folder, sizeof ret->folder, "%.*s/%.2s", TEXT_ARG(account), end);
    snprintf(ret->path, sizeof ret->path, "%.*s/%.2s/%.*s", TEXT_ARG(account), end, TEXT_ARG(id));
    unsigned char *at = ret->bound;
    *at++ = (unsigned char)account.len;
    memcpy(at, account.at, account.len);
    at += account.len;
    *at++ = (unsigned char)id.len;
    memcpy(at, id.at, id.len);
    at += id.len;
    ret->bound_len = (size_t)(at - ret->bound);
    return true;
}

static struct blobs *blobs_new(struct blob_store *store, const struct vault *vault)
{
    struct blobs *blobs = calloc(1, sizeof *blobs);
    if (!blobs) {
        abort();
    }
    blobs->store = store;
    blobs->vault = vault;
    return blobs;
}

bool blobs_open(const char *directory, const struct vault *vault, struct blobs **ret, struct problem *problem)
{
    struct blob_store *store = NULL;
    if (!blob_files_open(directory, &store, problem)) {
        return false;
    }
    *ret = blobs_new(store, vault);
    return true;
}

bool blobs_open_s3(const struct blob_s3_options *options, const struct vault *vault, struct blobs **ret,
    struct problem *problem)
{
    struct blob_store *store = NULL;
    if (!blob_s3_open(options, &store, problem)) {
        return false;
    }
    *ret = blobs_new(store, vault);
    return true;
}

void blobs_close(struct blobs *blobs)
{
    if (blobs) {
        blobs->store->ops->close(blobs->store);
        free(blobs);
    }
}

bool blobs_each(struct blobs *blobs, blob_see *see, void *context, struct problem *problem)
{
    return blobs->store->ops->each(blobs->store, see, context, problem);
}

bool blobs_sweep(struct blobs *blobs, int64_t before, size_t *ret_removed, struct problem *problem)
{
    return blobs->store->ops->sweep(blobs->store, before, ret_removed, problem);
}

bool blob_remove(struct blobs *blobs, struct text account, struct text id, struct problem *problem)
{
    struct blob_name name;
    return blob_name_make(account, id, &name, problem) &&
           blobs->store->ops->remove(blobs->store, &name, problem);
}

bool blob_raw_open(struct blobs *blobs, struct text account, struct text id, struct blob_source **ret,
    int64_t *ret_size, struct problem *problem)
{
    struct blob_name name;
    if (!blob_name_make(account, id, &name, problem) ||
        !blobs->store->ops->open(blobs->store, &name, ret, problem)) {
        return false;
    }
    *ret_size = (*ret)->size;
    return true;
}

bool blob_raw_read(struct blob_source *source, void *at, size_t max, size_t *ret_len, struct problem *problem)
{
    return source->store->ops->read(source, at, max, ret_len, problem);
}

void blob_raw_close(struct blob_source *source)
{
    if (source) {
        source->store->ops->end(source);
    }
}
