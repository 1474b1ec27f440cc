/* The stylesheet and the icons, embedded in the program. Their address carries a hash of their content. */
#ifndef SANDBOX_STATIC_FILES_H
#define SANDBOX_STATIC_FILES_H

#include <stddef.h>

struct static_file {
    const char *name, *type;
    const char *hash; /* 12 hex digits */
    const unsigned char *bytes;
    size_t len;
    const unsigned char *gzip; /* or NULL */
    size_t gzip_len;
};

extern const struct static_file static_files[];
extern const size_t static_files_count;

#endif
