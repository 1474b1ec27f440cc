/* Inside store/: the key file. It holds a ring: the root, from which keys for purposes other than sealing are derived and which never
 * changes, and the master keys: the current one, with which everything is sealed, and older ones, which still open what was sealed before.
 *
 *   portdesk key ring 1
 *   root <64 hex digits>
 *   key <64 hex digits> <made at, µs>          the current one first
 *   key <64 hex digits> <made at, µs> next     at most one: known already, to become current later
 *
 * A file of the first version, one line of 64 hex digits, is read as a ring of one key. */
#ifndef STORE_VAULT_RING_H
#define STORE_VAULT_RING_H

#include <sodium.h>
#include <sys/stat.h>

#include "store/vault.h"

#define RING_KEY_BYTES ((size_t)32)
#define RING_FILE_MAX ((size_t)4096) /* bytes of the file */

struct ring_key {
    unsigned char master[RING_KEY_BYTES];
    unsigned char id[VAULT_ID_BYTES]; /* made from the master key, so that it cannot be given to another */
    int64_t made_at;                  /* 0: not known */
    bool next;
};

/* In memory of ring_new only: it is kept out of swap and core dumps. */
struct ring {
    unsigned char root[RING_KEY_BYTES];
    size_t count;
    struct ring_key keys[VAULT_KEYS_MAX];
};

struct ring *ring_new(void);
void ring_free(struct ring **ring);
#define RING_CLEANUP __attribute__((cleanup(ring_free))) struct ring *

/* Reads the file; refuses one that others than its owner can read. *ret_stat (may be NULL) tells which file it was. */
bool ring_read(const char *path, struct ring *ret, struct stat *ret_stat, struct problem *problem);
/* Reads a ring from bytes; `path` is for the problem. */
bool ring_parse(struct text bytes, struct ring *ret, const char *path, struct problem *problem);
/* What the file holds, into RING_FILE_MAX bytes. Returns its length. */
size_t ring_print(const struct ring *ring, char *at);

#endif
