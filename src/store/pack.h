/* A backup's file: a POSIX tar archive, written from its beginning to its end and read so. Members come in the order of their names, so none
 * comes twice; behind them SHA256SUMS (as sha256sum writes it, of all of them), manifest.json, which holds the hash of SHA256SUMS, and
 * manifest.mac, by which who has the key file knows the manifest again. What is read is hostile until its end was reached. */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include "base/problem.h"
#include "base/text.h"

#define PACK_NAME_MAX ((size_t)99)              /* bytes: what a plain tar header holds */
#define PACK_MANIFEST_MAX ((size_t)1024 * 1024) /* bytes */
#define PACK_MEMBER_MAX ((int64_t)128 * 1024 * 1024)

/* ---- Writing ---- */

struct pack_out;

/* Begins a file beside `path` that only its owner may read; PROBLEM_CONFLICT when there is one at `path` already. */
bool pack_create(const char *path, struct pack_out **ret, struct problem *problem);
/* Begins a member of exactly `size` bytes. Its name must come behind the one before. */
bool pack_member(struct pack_out *out, const char *name, int64_t size, struct problem *problem);
bool pack_bytes(struct pack_out *out, struct text bytes, struct problem *problem);
/* After the last member: writes SHA256SUMS. `ret_sums`: its hash, hex, for the manifest. */
bool pack_sums(struct pack_out *out, char ret_sums[65], struct problem *problem);
/* Writes the manifest and its MAC, makes the file durable and gives it its name. Frees `out` also when it fails. */
bool pack_finish(struct pack_out *out, struct text manifest, struct text mac, struct problem *problem);
/* Gives up; removes what was written. NULL is allowed. */
void pack_abandon(struct pack_out *out);

/* ---- Reading ---- */

struct pack_in;

struct pack_member {
    char name[PACK_NAME_MAX + 1];
    int64_t size;
};

bool pack_open(const char *path, struct pack_in **ret, struct problem *problem);
/* As pack_open, of an open file, which is closed by it. */
bool pack_open_fd(int fd, struct pack_in **ret, struct problem *problem);
/* The next member; what is left of the one before is read away. *ret_more is false when all have come and SHA256SUMS is right; then
 * pack_manifest tells the rest. PROBLEM_INPUT for anything else than what pack_out writes. */
bool pack_next(struct pack_in *in, struct pack_member *ret, bool *ret_more, struct problem *problem);
/* Up to `max` bytes of the member; fewer only at its end. */
bool pack_read(struct pack_in *in, void *at, size_t max, size_t *ret_len, struct problem *problem);
/* After the last member: the manifest and its MAC, which live as long as `in`, and the hash of SHA256SUMS as it is. */
bool pack_manifest(struct pack_in *in, struct text *ret_manifest, struct text *ret_mac, char ret_sums[65],
    struct problem *problem);
void pack_close(struct pack_in *in);

#endif
