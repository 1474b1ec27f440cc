/* The load generator of script/bench: `load PORT CONNECTIONS SECONDS FILE` keeps that many connections busy, a thread
 * each, with the requests of FILE in turn, and prints one line of JSON: answers a second, the 50th and 99th percentile of
 * the time to an answer, and how many answers had which status class.
 *
 * FILE holds whole HTTP/1.1 requests, each after a line with its length in bytes. With `once` as a fifth word each request is
 * sent once only (submissions, which must all differ) and the run ends when all were sent. A sixth word is a rate: so many
 * requests a second are due, evenly, whoever of the connections is free sends the next, and the time to its answer counts
 * from when it was due: a server that stalls is charged for those who waited meanwhile. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_HEAD_MAX 16384
#define SAMPLES_MAX 4000000

struct piece {
    const char *at;
    size_t len;
};

static struct piece *requests;
static size_t requests_count;
static bool once;
static double seconds;
static double rate; /* 0: as fast as the answers come */
static double start;
static uint16_t port;
static atomic_size_t next_request;
static atomic_bool failed;

struct worker {
    pthread_t thread;
    uint32_t *micros; /* of each answer */
    size_t count, room;
    uint64_t classes[6]; /* 1xx to 5xx by their first digit */
};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int dial(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int wire = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    struct timeval limit = {.tv_sec = 30};
    if (wire < 0) {
        return -1;
    }
    setsockopt(wire, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(wire, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(wire, (struct sockaddr *)&address, sizeof address) != 0) {
        close(wire);
        return -1;
    }
    return wire;
}

static bool send_all(int wire, struct piece piece)
{
    while (piece.len > 0) {
        ssize_t sent = send(wire, piece.at, piece.len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        piece.at += sent;
        piece.len -= (size_t)sent;
    }
    return true;
}

/* The value of a header in a NUL-terminated head, or NULL. */
static const char *header(const char *head, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':') {
            return line + 3 + len;
        }
    }
    return NULL;
}

/* Reads one answer; returns its status, or 0. *keep tells whether the connection may be used again. */
static int receive_answer(int wire, bool *keep)
{
    char head[ANSWER_HEAD_MAX + 1];
    size_t len = 0;
    const char *end = NULL;
    while (end == NULL) {
        ssize_t got = len < ANSWER_HEAD_MAX ? recv(wire, head + len, ANSWER_HEAD_MAX - len, 0) : 0;
        if (got <= 0) {
            return 0;
        }
        len += (size_t)got;
        head[len] = '\0';
        end = strstr(head, "\r\n\r\n");
    }
    size_t head_len = (size_t)(end - head) + 4, body_here = len - head_len;
    head[head_len - 2] = '\0'; /* only the head is looked through */
    const char *length = header(head, "Content-Length");
    const char *connection = header(head, "Connection");
    *keep = length != NULL &&
            (connection == NULL || strncasecmp(connection + strspn(connection, " "), "close", 5) != 0);
    long status = len > 12 ? strtol(head + 9, NULL, 10) : 0;
    uint64_t body = length != NULL ? strtoull(length, NULL, 10) : UINT64_MAX;
    static _Thread_local char sink[65536];
    for (uint64_t read = body_here; read < body;) {
        ssize_t got = recv(wire, sink, sizeof sink, 0);
        if (got < 0 || (got == 0 && length != NULL)) {
            return 0;
        }
        if (got == 0) {
            break;
        }
        read += (uint64_t)got;
    }
    return status >= 100 && status < 600 ? (int)status : 0;
}

static bool record(struct worker *worker, int status, double spent)
{
    if (worker->count == worker->room) {
        return false;
    }
    worker->micros[worker->count++] = (uint32_t)(spent * 1e6);
    worker->classes[status / 100]++;
    return true;
}

/* When the request counts as begun: now, or when it is due, for which it waits. */
static double wait_until_due(size_t index)
{
    double now = seconds_now();
    if (!(rate > 0)) {
        return now;
    }
    double due = start + (double)index / rate;
    while (now < due) {
        struct timespec pause = {.tv_nsec = (long)((due - now < 0.5 ? due - now : 0.5) * 1e9)};
        ppoll(NULL, 0, &pause, NULL);
        now = seconds_now();
    }
    return due;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    double end = start + seconds;
    int wire = -1;
    while (!atomic_load(&failed) && (once || seconds_now() < end)) {
        size_t index = atomic_fetch_add(&next_request, 1);
        if (once && index >= requests_count) {
            break;
        }
        bool keep = false;
        double began = wait_until_due(index);
        if (wire < 0) {
            wire = dial();
        }
        bool sent = wire >= 0 && send_all(wire, requests[index % requests_count]);
        int status = sent ? receive_answer(wire, &keep) : 0;
        if (status == 0 || !record(worker, status, seconds_now() - began)) {
            atomic_store(&failed, true);
        }
        if (!keep && wire >= 0) {
            close(wire);
            wire = -1;
        }
    }
    if (wire >= 0) {
        close(wire);
    }
    return NULL;
}

/* Reads the requests of the file; they live until the end of the process. */
static bool read_requests(const char *path)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return false;
    }
    bool good = true;
    char line[32];
    size_t room = 0;
    while (good && fgets(line, sizeof line, file) != NULL) {
        char *end = NULL;
        unsigned long len = strtoul(line, &end, 10);
        if (requests_count == room) {
            room = room == 0 ? 64 : room * 2;
            struct piece *more = reallocarray(requests, room, sizeof *requests);
            if (more == NULL) {
                good = false;
                break;
            }
            requests = more;
        }
        char *text = len > 0 && len < 100000000 && *end == '\n' ? malloc(len) : NULL;
        good = text != NULL && fread(text, 1, len, file) == len;
        if (good) {
            requests[requests_count++] = (struct piece){text, len};
        } else {
            free(text);
        }
    }
    fclose(file);
    return good && requests_count > 0;
}

static int by_size(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static void report(struct worker *workers, size_t count, double spent)
{
    size_t total = 0;
    uint64_t classes[6] = {0};
    for (size_t i = 0; i < count; i++) {
        total += workers[i].count;
        for (size_t class = 0; class < 6; class ++) {
            classes[class] += workers[i].classes[class];
        }
    }
    uint32_t *all = calloc(total + 1, sizeof *all);
    if (all == NULL) {
        return;
    }
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(all + at, workers[i].micros, workers[i].count * sizeof *all);
        at += workers[i].count;
    }
    qsort(all, total, sizeof *all, by_size);
    printf("{\"answers\": %zu, \"per_second\": %.1f, \"p50_us\": %u, \"p99_us\": %u, \"2xx\": %llu, \"3xx\": "
           "%llu, "
           "\"4xx\": %llu, \"5xx\": %llu, \"failed\": %s}\n",
        total, (double)total / spent, all[total / 2], all[total - total / 100 - (total > 0 ? 1 : 0)],
        (unsigned long long)classes[2], (unsigned long long)classes[3], (unsigned long long)classes[4],
        (unsigned long long)classes[5], atomic_load(&failed) ? "true" : "false");
    free(all);
}

int main(int argc, char **argv)
{
    prctl(PR_SET_TIMERSLACK, 1000);
    long connections = argc >= 5 ? strtol(argv[2], NULL, 10) : 0;
    long given_port = argc >= 5 ? strtol(argv[1], NULL, 10) : 0;
    seconds = argc >= 5 ? strtod(argv[3], NULL) : 0;
    once = argc >= 6 && strcmp(argv[5], "once") == 0;
    rate = argc >= 7 ? strtod(argv[6], NULL) : 0;
    if (connections < 1 || connections > 1024 || given_port < 1 || given_port > 65535 || !(seconds > 0)) {
        fprintf(stderr, "usage: load PORT CONNECTIONS SECONDS FILE [once|again [RATE]]\n");
        return 2;
    }
    port = (uint16_t)given_port;
    if (!read_requests(argv[4])) {
        fprintf(stderr, "load: %s is not a file of requests\n", argv[4]);
        return 1;
    }
    size_t count = (size_t)connections;
    struct worker *workers = calloc(count, sizeof *workers);
    if (workers == NULL) {
        return 1;
    }
    start = seconds_now();
    for (size_t i = 0; i < count; i++) {
        workers[i].room = SAMPLES_MAX / count;
        workers[i].micros = calloc(workers[i].room, sizeof *workers[i].micros);
        if (workers[i].micros == NULL || pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            fprintf(stderr, "load: no room for %ld connections\n", connections);
            return 1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    report(workers, count, seconds_now() - start);
    for (size_t i = 0; i < count; i++) {
        free(workers[i].micros);
    }
    free(workers);
    return atomic_load(&failed) ? 1 : 0;
}
