/* Inside store/: what the writer and the reader of blobs share. A file is: magic, secretstream header, then chunks of
 * up to 64 KiB plain bytes, each with 17 bytes of its own, the last one tagged as final. Account and id are bound into the
 * first chunk and, through the stream's state, into all that follow. */
#ifndef STORE_BLOB_FILE_H
#define STORE_BLOB_FILE_H

#include <sodium.h>

#include "store/blobs.h"
#include "store/file.h"

#define BLOB_MAGIC "PDblob1\n"
#define BLOB_MAGIC_BYTES (sizeof BLOB_MAGIC - 1)
#define BLOB_HEADER_BYTES (BLOB_MAGIC_BYTES + crypto_secretstream_xchacha20poly1305_HEADERBYTES)
#define BLOB_PLAIN ((size_t)64 * 1024) /* bytes of a chunk */
#define BLOB_CHUNK (BLOB_PLAIN + crypto_secretstream_xchacha20poly1305_ABYTES)
#define BLOB_NAME_MAX ((size_t)64)
#define BLOB_UNFINISHED ".unfinished" /* folder of files being written: no account's name */

struct blobs {
    int root; /* the data directory */
    unsigned char key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
};

struct blob_name {
    char account[BLOB_NAME_MAX + 1];
    char folder[BLOB_NAME_MAX + 1 + 2 + 1];       /* account/xx */
    char path[2 * BLOB_NAME_MAX + 1 + 2 + 1 + 1]; /* account/xx/id */
    unsigned char bound[2 * (1 + BLOB_NAME_MAX)]; /* account and id, each with its length before it */
    size_t bound_len;
};

/* False when account or id is not made of 1 (the id: 2) to 64 letters, digits and '_'. */
bool blob_name_make(struct text account, struct text id, struct blob_name *ret, struct problem *problem);

#endif
