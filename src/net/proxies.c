#include "net/proxies.h"

#include <arpa/inet.h>
#include <string.h>

#define V4_BITS 96 /* before an IPv4 address within an IPv6 one */

/* An address without zone, port or brackets. */
static bool address_parse(struct text text, unsigned char ret[16], bool *ret_is_v4)
{
    char at[INET6_ADDRSTRLEN + 1];
    if (text.len == 0 || text.len >= sizeof at) {
        return false;
    }
    memcpy(at, text.at, text.len);
    at[text.len] = '\0';
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    unsigned char four[4];
    *ret_is_v4 = inet_pton(AF_INET, at, four) == 1;
    if (*ret_is_v4) {
        memcpy(ret, mapped, sizeof mapped);
        memcpy(ret + sizeof mapped, four, sizeof four);
        return strlen(at) == text.len;
    }
    return inet_pton(AF_INET6, at, ret) == 1 && strlen(at) == text.len;
}

static bool fits(const struct proxy_network *network, const unsigned char address[16])
{
    size_t whole = network->bits / 8;
    unsigned rest = network->bits % 8;
    if (memcmp(network->address, address, whole) != 0) {
        return false;
    }
    unsigned mask = rest == 0 ? 0 : 0xffU << (8 - rest) & 0xffU;
    return rest == 0 || ((network->address[whole] ^ address[whole]) & mask) == 0;
}

static bool network_parse(struct text piece, struct proxy_network *ret)
{
    struct proxy_network network = {.bits = 128};
    bool is_v4 = false;
    size_t slash = text_find_char(piece, '/', 0);
    uint64_t bits = 0;
    if (!address_parse(text_part(piece, 0, slash == SIZE_MAX ? piece.len : slash), network.address, &is_v4)) {
        return false;
    }
    if (slash != SIZE_MAX) {
        if (!text_to_u64(text_part(piece, slash + 1, SIZE_MAX), is_v4 ? 32 : 128, &bits)) {
            return false;
        }
        network.bits = (unsigned)bits + (is_v4 ? V4_BITS : 0);
    }
    for (unsigned bit = network.bits; bit < 128; bit++) {
        if ((network.address[bit / 8] >> (7 - bit % 8) & 1) != 0) {
            return false;
        }
    }
    *ret = network;
    return true;
}

bool proxies_parse(struct text list, struct proxies *ret, struct problem *problem)
{
    struct proxies proxies = {.count = 0};
    struct text rest = list, piece;
    while (text_next(&rest, ',', &piece)) {
        piece = text_trim(piece);
        if (piece.len == 0 && list.len > 0 && proxies.count == 0 && text_trim(list).len == 0) {
            break; /* nothing but white space */
        }
        if (proxies.count == PROXIES_MAX || !network_parse(piece, &proxies.networks[proxies.count])) {
            char about[64];
            size_t len = piece.len < sizeof about - 1 ? piece.len : sizeof about - 1;
            memcpy(about, len > 0 ? piece.at : "", len);
            about[len] = '\0';
            return problem_set(
                problem, PROBLEM_INPUT, WORD_command_proxies_wrong, "web.trusted_proxies", about, NULL);
        }
        proxies.count++;
    }
    *ret = proxies;
    return true;
}

static bool have(const struct proxies *proxies, const unsigned char address[16])
{
    for (size_t i = 0; i < proxies->count; i++) {
        if (fits(&proxies->networks[i], address)) {
            return true;
        }
    }
    return false;
}

bool proxies_have(const struct proxies *proxies, struct text address)
{
    unsigned char binary[16];
    bool is_v4;
    return proxies->count > 0 && address_parse(address, binary, &is_v4) && have(proxies, binary);
}

static struct text shown(struct arena *arena, const unsigned char address[16])
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    char text[INET6_ADDRSTRLEN] = "";
    bool is_v4 = memcmp(address, mapped, sizeof mapped) == 0;
    inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? address + sizeof mapped : address, text, sizeof text);
    return text_copy(arena, text_from(text));
}

/* Takes the last piece of a list off its end. */
static struct text last_piece(struct text *list)
{
    size_t at = list->len;
    while (at > 0 && list->at[at - 1] != ',') {
        at--;
    }
    struct text piece = text_trim(text_part(*list, at, SIZE_MAX));
    *list = text_part(*list, 0, at > 0 ? at - 1 : 0);
    return piece;
}

struct text proxies_client(
    const struct proxies *proxies, struct arena *arena, struct text peer, struct text forwarded)
{
    unsigned char address[16], next[16];
    bool is_v4;
    if (!proxies_have(proxies, peer) || !address_parse(peer, address, &is_v4)) {
        return peer;
    }
    struct text rest = forwarded;
    for (size_t hop = 0; hop < PROXIES_HOPS_MAX && rest.len > 0 && have(proxies, address); hop++) {
        if (!address_parse(last_piece(&rest), next, &is_v4)) {
            break;
        }
        memcpy(address, next, sizeof address);
    }
    return shown(arena, address);
}
