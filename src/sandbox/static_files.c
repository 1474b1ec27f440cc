#include "sandbox/static_files.h"

#include "sandbox/app.h"

#define STATIC_MAX ((size_t)1024 * 1024)

void static_file(struct exchange *exchange)
{
    struct http_request *request = exchange->request;
    struct http_response *response = exchange->response;
    for (size_t i = 0; i < static_files_count; i++) {
        const struct static_file *file = &static_files[i];
        if (!text_is(exchange->params[0], file->hash) || !text_is(exchange->params[1], file->name))
            continue;
        http_set_header(request, response, "Content-Type", text_from(file->type));
        http_set_header(request, response, "Cache-Control", TEXT("public, max-age=31536000, immutable"));
        http_set_header(request, response, "X-Content-Type-Options", TEXT("nosniff"));
        response->body.limit = STATIC_MAX;
        buffer_add(&response->body, file->bytes, file->len);
        return;
    }
    answer_message(exchange, 404, WORD_sandbox_message_title, WORD_sandbox_not_found);
}
