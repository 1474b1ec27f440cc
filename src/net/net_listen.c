#include "net/net_listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 511

static bool cannot(struct problem *problem, const char *address, const char *what)
{
    return problem_set(
        problem, PROBLEM_INTERNAL, WORD_net_cannot_listen, NULL, address, "%s: %s", what, strerror(errno));
}

static bool port_of(int fd, const char *address, int *ret_port, struct problem *problem)
{
    struct sockaddr_storage name = {0};
    socklen_t len = sizeof name;
    if (getsockname(fd, (struct sockaddr *)&name, &len) != 0) {
        return cannot(problem, address, "getsockname");
    }
    if (name.ss_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, &name, sizeof six);
        *ret_port = ntohs(six.sin6_port);
    } else if (name.ss_family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, &name, sizeof four);
        *ret_port = ntohs(four.sin_port);
    } else {
        *ret_port = 0; /* a local socket has none */
    }
    return true;
}

static bool handed_over(
    struct text number, const char *address, int *ret_fd, int *ret_port, struct problem *problem)
{
    uint64_t fd = 0;
    int listening = 0;
    socklen_t len = sizeof listening;
    errno = EBADF;
    if (!text_to_u64(number, 1023, &fd) ||
        getsockopt((int)fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0 || listening == 0) {
        return cannot(problem, address, "not a listening socket");
    }
    int flags = fcntl((int)fd, F_GETFL);
    if (flags < 0 || fcntl((int)fd, F_SETFL, flags | O_NONBLOCK) != 0) {
        return cannot(problem, address, "fcntl");
    }
    if (!port_of((int)fd, address, ret_port, problem)) {
        return false;
    }
    *ret_fd = (int)fd;
    return true;
}

static bool split(struct arena *arena, struct text address, const char **ret_host, const char **ret_port)
{
    size_t colon = SIZE_MAX, at = text_find_char(address, ':', 0);
    for (; at != SIZE_MAX; at = text_find_char(address, ':', at + 1)) {
        colon = at;
    }
    uint64_t port = 0;
    if (colon == SIZE_MAX || !text_to_u64(text_part(address, colon + 1, SIZE_MAX), 65535, &port)) {
        return false;
    }
    struct text host = text_part(address, 0, colon);
    if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']') {
        host = text_part(host, 1, host.len - 2);
    } else if (text_find_char(host, ':', 0) != SIZE_MAX) {
        return false;
    }
    *ret_host = text_cstr(arena, host);
    *ret_port = text_cstr(arena, text_part(address, colon + 1, SIZE_MAX));
    return host.len > 0;
}

static bool bind_and_listen(
    const struct addrinfo *info, const char *address, int *ret_fd, struct problem *problem)
{
    int one = 1;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return cannot(problem, address, "socket");
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        cannot(problem, address, "bind");
        close(fd);
        return false;
    }
    *ret_fd = fd;
    return true;
}

bool net_listen(const char *address, int *ret_fd, int *ret_port, struct problem *problem)
{
    struct text text = text_from(address);
    if (text_starts(text, TEXT("fd:"))) {
        return handed_over(text_part(text, 3, SIZE_MAX), address, ret_fd, ret_port, problem);
    }
    ARENA_CLEANUP arena = arena_new((size_t)64 * 1024);
    const char *host = NULL, *port = NULL;
    struct addrinfo hints = {
        .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    errno = EINVAL;
    if (text.len > 300 || !split(arena, text, &host, &port) || getaddrinfo(host, port, &hints, &found) != 0) {
        return cannot(problem, address, "address");
    }
    int fd = -1;
    bool done = bind_and_listen(found, address, &fd, problem);
    freeaddrinfo(found);
    if (!done) {
        return false;
    }
    if (!port_of(fd, address, ret_port, problem)) {
        close(fd);
        return false;
    }
    *ret_fd = fd;
    return true;
}
