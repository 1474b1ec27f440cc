/* Which documents the database names, and under which names their bytes are stored: for the sweep, key changes, backups and doctor. */
#ifndef PORTING_STORED_H
#define PORTING_STORED_H

#include "porting/porting.h"

struct stored_document {
    struct text account, id;
    int64_t size;       /* bytes */
    struct text sha256; /* hex */
    bool has_preview;
};

#define STORED_PAGE 200

/* Up to STORED_PAGE documents behind (account, id), by these; begin with both empty. Texts live in the arena. Part of a transaction. */
bool stored_page(struct db_tx *tx, struct text account, struct text id, struct arena *arena,
    struct stored_document **ret, size_t *ret_count);

/* The blob of a document's preview: "doc_0192..." is "pv_0192...". */
struct text stored_preview(struct arena *arena, struct text document);

/* Which document a blob belongs to. False when the name is none of ours. *ret_made_at: when the id was made (µs). */
bool stored_name_parse(struct text blob, struct id *ret_document, bool *ret_preview, int64_t *ret_made_at);

/* Whether the database names the blob of that account. Part of a transaction. */
bool stored_is_named(struct db_tx *tx, struct text account, const struct id *document, bool preview);

#endif
