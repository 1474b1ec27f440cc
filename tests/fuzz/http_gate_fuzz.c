/* The pure part of the gate: the first line is the target, each further one a header, and what passes keeps its word. */
#include <stdint.h>
#include <stdlib.h>

#include "net/http_gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_path(struct text path)
{
    check(path.len > 0 && path.at[0] == '/' && text_is_clean(path));
    check(text_find(path, TEXT("//"), 0) == SIZE_MAX);
    check(text_find(path, TEXT("/../"), 0) == SIZE_MAX && !text_ends(path, TEXT("/..")));
    check(text_find(path, TEXT("/./"), 0) == SIZE_MAX && !text_ends(path, TEXT("/.")));
    for (size_t i = 0; i < path.len; i++) {
        check((unsigned char)path.at[i] >= 0x20);
    }
}

static void check_target(struct text target)
{
    ARENA_CLEANUP arena = arena_new((size_t)16 * 1024 * 1024);
    struct http_request request = {0};
    if (!http_gate_target(arena, target, &request)) {
        check(request.path.len == 0 && request.query == NULL);
        return;
    }
    check_path(request.path);
    for (size_t i = 0; i < request.query_count; i++) {
        check(text_is_clean(request.query[i].name) && text_is_clean(request.query[i].value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text rest = {(const char *)bytes, len}, line = TEXT_EMPTY;
    struct http_gate gate = {0};
    if (text_next(&rest, '\n', &line)) {
        check_target(line);
    }
    size_t lengths = 0, codings = 0;
    while (text_next(&rest, '\n', &line)) {
        struct text name = TEXT_EMPTY;
        text_next(&line, ':', &name);
        http_gate_header(&gate, name, line);
        lengths += text_equal_nocase(name, TEXT("Content-Length"));
        codings += text_equal_nocase(name, TEXT("Transfer-Encoding"));
    }
    if (http_gate_status(&gate, HTTP_POST, TEXT("HTTP/1.1")) == 0) {
        check(lengths + codings <= 1 && gate.hosts == 1);
        check(http_gate_has_body(&gate) == (codings == 1 || gate.length > 0));
    }
    if (http_gate_status(&gate, HTTP_GET, TEXT("HTTP/1.1")) == 0) {
        check(!http_gate_has_body(&gate));
    }
    check(http_gate_status(&gate, HTTP_OTHER, TEXT("HTTP/1.1")) != 0);
    return 0;
}
