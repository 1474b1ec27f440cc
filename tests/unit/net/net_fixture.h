/* A small application on a real HTTP server, and raw sockets to talk to it. */
#ifndef NET_FIXTURE_H
#define NET_FIXTURE_H

#include <semaphore.h>
#include <stdatomic.h>

#include "../base/unit.h"
#include "net/http_server.h"

#define MEMORY_LIMIT 1000
#define STREAM_LIMIT (300 * 1024)

struct fixture {
    struct http_server *server;
    int port;
    bool begun_stop;
    atomic_int accepted, answered, ended, streams_ended, refused_at_gate;
    atomic_int refused_kind; /* of the last answer */
    sem_t entered, go;       /* /wait: posts the one, waits for the other */
    sem_t over;              /* posted at each end */
};

/* Paths: / says its path; /memory and /stream give the body back; /stream refuses at a '!'; /wait waits for `go`; /sized and
 * /chunked stream 100,000 bytes; /broken breaks a stream off; /headers tells what it saw; /close closes. */
void fixture_start(struct fixture *fixture, const struct http_server_options *options);
void fixture_stop(struct fixture *fixture, int grace_ms);

/* A socket connected to the port; every wait on it ends after ten seconds. */
int wire_open(int port);
void wire_write(int fd, const void *bytes, size_t len);
/* All bytes until the other side closes, or fails the test when it does not. */
struct text wire_read_all(struct arena *arena, int fd);
/* Reads until `what` has come, and gives everything read. */
struct text wire_read_until(struct arena *arena, int fd, const char *what);
/* Opens, writes, reads all, closes. */
struct text wire_exchange(struct arena *arena, int port, struct text request);

/* The status of the first answer, 0 when there is none; and how many answers there are. */
int answer_status(struct text answer);
size_t answer_count(struct text answer);
/* What stands behind the first empty line. */
struct text answer_body(struct text answer);

#endif
