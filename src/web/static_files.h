/* The stylesheet, icons and scripts, embedded in the program. Their address carries a hash of their content
 * (/static/<hash>/<name>), so a browser may keep them for ever. */
#ifndef WEB_STATIC_FILES_H
#define WEB_STATIC_FILES_H

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

struct web_request;
/* GET /static/{hash}/{file} */
void static_file_get(struct web_request *web);

#endif
