/* Documents: files below a folder, or objects of an S3-compatible store; encrypted as they come (libsodium secretstream, the account and
 * id bound in), each with a key of its own that is wrapped by the vault's, never whole in memory in the clear. A blob exists for readers only after
 * blob_finish, which makes it durable; the row that names it is written after that, and blobs that no row names are swept. */
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

struct blob_s3_options {
    struct text endpoint; /* http(s)://host[:port] */
    struct text bucket, prefix;
    struct text region, access_key, secret_key;
    unsigned pause_ms; /* real time before the second try of a call; 0: 200 */
};

/* Opens the folder, making it when it is not there. `vault` must outlive it. */
bool blobs_open(
    const char *directory, const struct vault *vault, struct blobs **ret, struct problem *problem);
/* Opens the object store; makes no call. */
bool blobs_open_s3(const struct blob_s3_options *options, const struct vault *vault, struct blobs **ret,
    struct problem *problem);
void blobs_close(struct blobs *blobs);

/* Begins a blob named by account and id (both checked: only letters, digits and '_'). */
bool blob_begin(
    struct blobs *blobs, struct text account, struct text id, struct blob_writer **ret, struct problem *);
bool blob_write(struct blob_writer *writer, struct text bytes, struct problem *problem);
/* Makes it durable and visible; frees the writer also when it fails. */
bool blob_finish(struct blob_writer *writer, struct blob_info *ret, struct problem *problem);
/* Gives up; removes what was written. NULL is allowed. */
void blob_abandon(struct blob_writer *writer);

/* PROBLEM_NOT_FOUND when there is none. */
bool blob_open(
    struct blobs *blobs, struct text account, struct text id, struct blob_reader **ret, struct problem *);
/* Up to `max` plain bytes into `at`; *ret_len is 0 at the end. A truncated or altered file is PROBLEM_INTERNAL. */
bool blob_read(struct blob_reader *reader, char *at, size_t max, size_t *ret_len, struct problem *problem);
void blob_close(struct blob_reader *reader);

/* Shows every blob there is, in no order, until `see` returns false. What it is shown may be removed by it. `changed_at`: when
 * the store made or changed it, by the store's own clock (µs). */
typedef bool blob_see(void *context, struct text account, struct text id, int64_t changed_at);
bool blobs_each(struct blobs *blobs, blob_see *see, void *context, struct problem *problem);
/* Removes what was never finished, by who was killed, and not touched since `before` (µs, of the system's clock). */
bool blobs_sweep(struct blobs *blobs, int64_t before, size_t *ret_removed, struct problem *problem);

/* Removes; a missing blob is no problem. */
bool blob_remove(struct blobs *blobs, struct text account, struct text id, struct problem *problem);

/* ---- Keys ---- */

/* Which master key opens it, as hex; "" for a blob of the first version. PROBLEM_INTERNAL when none of the vault's does. */
bool blob_key(struct blobs *blobs, struct text account, struct text id, char ret[2 * VAULT_ID_BYTES + 1],
    struct problem *problem);
/* Wraps its key with the current master key, if another has; the content stays as it is, but that of a blob of the first version, which
 * is written anew. May be killed at any moment and repeated. */
bool blob_rewrap(
    struct blobs *blobs, struct text account, struct text id, bool *ret_changed, struct problem *problem);

/* ---- As they are stored, for backups: encrypted ---- */

struct blob_source;
/* *ret_size: bytes that will be read. PROBLEM_NOT_FOUND when there is none. */
bool blob_raw_open(struct blobs *blobs, struct text account, struct text id, struct blob_source **ret,
    int64_t *ret_size, struct problem *problem);
/* Up to `max` bytes; fewer only at the end. */
bool blob_raw_read(
    struct blob_source *source, void *at, size_t max, size_t *ret_len, struct problem *problem);
void blob_raw_close(struct blob_source *source);

/* Puts such bytes back: begin, write, and blob_finish, whose info is then empty. PROBLEM_CONFLICT when there is one of that name. */
bool blob_raw_begin(
    struct blobs *blobs, struct text account, struct text id, struct blob_writer **ret, struct problem *);

#endif
