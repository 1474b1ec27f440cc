/* The proxies that the operator trusts, and what client address their X-Forwarded-For headers tell. A client can write anything there itself,
 * so the list is walked from its end, and only as long as trusted proxies wrote it. Pure. */
#ifndef NET_PROXIES_H
#define NET_PROXIES_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

#define PROXIES_MAX 64
#define PROXIES_HOPS_MAX 32 /* addresses of a header that are looked at */

struct proxy_network {
    unsigned char address[16]; /* IPv4 as ::ffff:a.b.c.d */
    unsigned bits;             /* of 128 */
};

struct proxies {
    struct proxy_network networks[PROXIES_MAX];
    size_t count;
};

/* "10.0.0.0/8, ::1, 192.0.2.7"; empty: none. Bits behind a network's prefix must be zero. PROBLEM_INPUT with the piece in `about`. */
bool proxies_parse(struct text list, struct proxies *ret, struct problem *problem);

/* Whether the address (as inet_ntop writes it) is one of a trusted proxy. */
bool proxies_have(const struct proxies *proxies, struct text address);

/* The client's address: `peer`, or, when that is a trusted proxy, the last address of `forwarded` (all X-Forwarded-For headers, joined by
 * commas) that is not one; the first of the list when all are. What is no address ends the walk: the one behind it is taken. Written as
 * inet_ntop writes it, in the arena. */
struct text proxies_client(
    const struct proxies *proxies, struct arena *arena, struct text peer, struct text forwarded);

#endif
