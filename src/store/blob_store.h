/* Inside store/: where blobs are, behind one interface: files below a folder, or objects of an S3-compatible store. A store sees bytes
 * alone; what they mean is blob_format.h's. */
#ifndef STORE_BLOB_STORE_H
#define STORE_BLOB_STORE_H

#include "store/blobs.h"

#define BLOB_NAME_MAX ((size_t)64)
#define BLOB_RAW_MAX ((size_t)64 * 1024 * 1024) /* bytes of a blob as it is stored: far more than any bill */

struct blob_name {
    char account[BLOB_NAME_MAX + 1];
    char folder[BLOB_NAME_MAX + 1 + 2 + 1];       /* account/xx */
    char path[2 * BLOB_NAME_MAX + 1 + 2 + 1 + 1]; /* account/xx/id */
    unsigned char bound[2 * (1 + BLOB_NAME_MAX)]; /* account and id, each with its length before it */
    size_t bound_len;
};

/* False when account or id is not made of 1 (the id: 2) to 64 letters, digits and '_'. */
bool blob_name_make(struct text account, struct text id, struct blob_name *ret, struct problem *problem);

/* A blob being written. */
struct blob_spool {
    int fd;        /* to be written to by whoever makes the blob */
    char name[64]; /* of the store */
};

/* A blob being read from its beginning to its end. */
struct blob_source {
    struct blob_store *store;
    int64_t size; /* bytes in all */
};

struct blob_store_ops {
    bool patches_whole; /* a patch is seen whole or not at all, also after a crash */
    void (*close)(struct blob_store *store);
    bool (*spool)(struct blob_store *store, struct blob_spool *ret, struct problem *problem);
    /* Makes it durable and visible. `fresh`: PROBLEM_CONFLICT when there is one of that name. */
    bool (*publish)(struct blob_store *store, struct blob_spool *spool, const struct blob_name *name,
        bool fresh, struct problem *problem);
    /* Ends the spool; what was not published is gone. */
    void (*drop)(struct blob_store *store, struct blob_spool *spool);
    /* PROBLEM_NOT_FOUND when there is none. */
    bool (*open)(struct blob_store *store, const struct blob_name *name, struct blob_source **ret,
        struct problem *problem);
    /* Up to `max` bytes; fewer only at the end. */
    bool (*read)(struct blob_source *source, void *at, size_t max, size_t *ret_len, struct problem *problem);
    void (*end)(struct blob_source *source);
    /* Writes over a part, durably. */
    bool (*patch)(struct blob_store *store, const struct blob_name *name, size_t at, const void *bytes,
        size_t len, struct problem *problem);
    bool (*remove)(struct blob_store *store, const struct blob_name *name, struct problem *problem);
    bool (*each)(struct blob_store *store, blob_see *see, void *context, struct problem *problem);
    /* Removes what was left unfinished by who was killed, when it was changed last before that instant. */
    bool (*sweep)(struct blob_store *store, int64_t before, size_t *ret_removed, struct problem *problem);
};

struct blob_store {
    const struct blob_store_ops *ops;
};

bool blob_files_open(const char *directory, struct blob_store **ret, struct problem *problem);
bool blob_s3_open(const struct blob_s3_options *options, struct blob_store **ret, struct problem *problem);

#endif
