/* Documents on disk: one file each below the data directory, encrypted as it is written (libsodium secretstream, the
 * account and id bound in), never whole in memory. A blob exists for readers only after blob_finish, which makes file and
 * directory durable; the row that names it is written after that, and blobs that no row names are swept. */
#ifndef STORE_BLOBS_H
#define STORE_BLOBS_H

#include "base/problem.h"
#include "base/text.h"
#include "store/vault.h"

struct blobs;
struct blob_writer;
struct blob_reader;

struct blob_info {
    int64_t size;    /* plain bytes */
    char sha256[65]; /* of the plain bytes, hex */
};

bool blobs_open(
    const char *directory, const struct vault *vault, struct blobs **ret, struct problem *problem);
void blobs_close(struct blobs *blobs);

/* Begins a blob named by account and id (both checked: only letters, digits and '_'). */
bool blob_begin(
    struct blobs *blobs, struct text account, struct text id, struct blob_writer **ret, struct problem *);
bool blob_write(struct blob_writer *writer, struct text bytes, struct problem *problem);
/* Makes it durable and visible; frees the writer also when it fails. */
bool blob_finish(struct blob_writer *writer, struct blob_info *ret, struct problem *problem);
/* Gives up; removes what was written. NULL is allowed. */
void blob_abandon(struct blob_writer *writer);

bool blob_open(
    struct blobs *blobs, struct text account, struct text id, struct blob_reader **ret, struct problem *);
/* Up to `max` plain bytes into `at`; *ret_len is 0 at the end. A truncated or altered file is PROBLEM_INTERNAL. */
bool blob_read(struct blob_reader *reader, char *at, size_t max, size_t *ret_len, struct problem *problem);
void blob_close(struct blob_reader *reader);

/* Shows every blob there is, in no order, until `see` returns false. What it is shown may be removed by it. For the
 * sweep of blobs that no row names: at the start, while nobody writes any. */
typedef bool blob_see(void *context, struct text account, struct text id);
bool blobs_each(struct blobs *blobs, blob_see *see, void *context, struct problem *problem);

/* Removes; a missing blob is no problem. */
bool blob_remove(struct blobs *blobs, struct text account, struct text id, struct problem *problem);

#endif
