/* Listening sockets of our own servers. */
#ifndef NET_NET_LISTEN_H
#define NET_NET_LISTEN_H

#include "base/problem.h"

/* A listening TCP socket for "127.0.0.1:8080", "[::1]:0" (numeric addresses; port 0 picks one) or "fd:3" (a socket that
 * the service manager handed over), and the port it listens on. */
bool net_listen(const char *address, int *ret_fd, int *ret_port, struct problem *problem);

#endif
