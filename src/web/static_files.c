#include "web/static_files.h"

#include "web/context.h"

static const struct static_file *find(struct text name)
{
    for (size_t i = 0; i < static_files_count; i++) {
        if (text_is(name, static_files[i].name)) {
            return &static_files[i];
        }
    }
    return NULL;
}

void static_file_get(struct web_request *web)
{
    const struct static_file *file = find(web_param(web, "file"));
    if (file == NULL) {
        web_bytes(web, 404, "text/plain; charset=utf-8");
        return;
    }
    bool packed = file->gzip != NULL &&
                  text_find(http_header(web->request, "Accept-Encoding"), TEXT("gzip"), 0) != SIZE_MAX;
    struct text etag = text_format(web->arena, "\"%s%s\"", file->hash, packed ? "-gz" : "");
    bool known = text_find(http_header(web->request, "If-None-Match"), etag, 0) != SIZE_MAX;
    struct buffer *body = web_bytes(web, known ? 304 : 200, file->type);
    /* A page of the version before may ask with its old hash: it gets what there is now, but must not keep it. */
    bool current = text_is(web_param(web, "hash"), file->hash);
    http_set_header(web->request, web->response, "Cache-Control",
        current ? TEXT("public, max-age=31536000, immutable") : TEXT("no-cache"));
    http_set_header(web->request, web->response, "ETag", etag);
    http_set_header(web->request, web->response, "Vary", TEXT("Accept-Encoding"));
    if (known) {
        return;
    }
    if (packed) {
        http_set_header(web->request, web->response, "Content-Encoding", TEXT("gzip"));
    }
    buffer_add(body, packed ? file->gzip : file->bytes, packed ? file->gzip_len : file->len);
}
