/* Inside store/: what a blob is made of. Magic; two slots that hold the blob's own key, wrapped by a master key (one slot is all zero, but
 * for the moment in which the key is wrapped anew: what opens always stands in one of them); secretstream header; then chunks of up to
 * 64 KiB plain bytes, each with 17 bytes of its own, the last one tagged as final. Account and id are bound into the slots, into the first
 * chunk and, through the stream's state, into all that follow.
 *
 * Blobs of the first version have another magic, no slots, and one key for all of them; they are read, and written no more. */
#ifndef STORE_BLOB_FORMAT_H
#define STORE_BLOB_FORMAT_H

#include <sodium.h>

#include "store/blob_store.h"

#define BLOB_MAGIC "PDblob2\n"
#define BLOB_MAGIC_FIRST "PDblob1\n"
#define BLOB_MAGIC_BYTES (sizeof BLOB_MAGIC - 1)
#define BLOB_SLOTS_BYTES (2 * VAULT_WRAPPED_BYTES)
#define BLOB_STREAM_BYTES crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define BLOB_HEADER_BYTES (BLOB_MAGIC_BYTES + BLOB_SLOTS_BYTES + BLOB_STREAM_BYTES)
#define BLOB_PLAIN ((size_t)64 * 1024) /* bytes of a chunk */
#define BLOB_CHUNK (BLOB_PLAIN + crypto_secretstream_xchacha20poly1305_ABYTES)

struct blobs {
    struct blob_store *store;
    const struct vault *vault;
};

/* What a slot is bound to. */
struct text blob_bound(const struct blob_name *name);
/* Opens one of the slots. False when none opens. */
bool blob_slots_open(const struct vault *vault, const struct blob_name *name,
    const unsigned char slots[BLOB_SLOTS_BYTES], unsigned char ret_key[32]);

#endif
