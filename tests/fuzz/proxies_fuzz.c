/* A list of networks, and behind the first line feed an X-Forwarded-For header: what comes out is an address, and never that of a trusted
 * proxy while another stands behind it. */
#include <arpa/inet.h>
#include <assert.h>

#include "net/proxies.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    if (size > 64 * 1024) {
        return 0;
    }
    struct text input = {(const char *)data, size};
    size_t line = text_find_char(input, '\n', 0);
    struct text list = text_part(input, 0, line == SIZE_MAX ? 0 : line);
    struct text header = line == SIZE_MAX ? input : text_part(input, line + 1, SIZE_MAX);
    struct proxies proxies;
    if (!proxies_parse(list, &proxies, NULL)) {
        assert(proxies_parse(TEXT("127.0.0.1, 10.0.0.0/8"), &proxies, NULL));
    }
    static const char *const peers[] = {"127.0.0.1", "10.1.2.3", "::1", "203.0.113.9"};
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        unsigned char binary[16];
        struct text peer = text_from(peers[i]);
        struct text client = proxies_client(&proxies, arena, peer, header);
        assert(inet_pton(AF_INET, client.at, binary) == 1 || inet_pton(AF_INET6, client.at, binary) == 1);
        assert(proxies_have(&proxies, peer) || text_equal(client, peer));
    }
    return 0;
}
