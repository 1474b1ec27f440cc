#include "net/smtp_server.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/net_listen.h"
#include "net/smtp_session.h"

#define IDLE_MS 60000 /* without a byte of the client */
#define SHORT_OF_FILES_MS 100
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_SIZE ((size_t)4 * 1024 * 1024)
#else
#define STACK_SIZE ((size_t)512 * 1024)
#endif

enum slot_state { SLOT_FREE, SLOT_BUSY, SLOT_OVER /* its thread waits to be joined */ };

struct slot {
    struct smtp_server *server;
    enum slot_state state;
    int fd;
    bool has_thread; /* to be joined; only the accepting thread's to touch, and after it smtp_server_stop's */
    pthread_t thread;
};

struct smtp_server {
    struct smtp_server_options options;
    int fd, port;
    int wake; /* eventfd: a slot is over, or stop */
    pthread_t thread;
    pthread_mutex_t lock; /* slots' state and fd, stopping */
    bool stopping;
    struct slot slots[];
};

static void wake(struct smtp_server *server)
{
    uint64_t one = 1;
    ssize_t written = write(server->wake, &one, sizeof one);
    assert(written == sizeof one);
}

static bool wait_for(int fd, short events)
{
    struct pollfd ready = {.fd = fd, .events = events};
    return poll(&ready, 1, IDLE_MS) > 0;
}

static bool send_replies(int fd, struct buffer *replies)
{
    struct text rest = buffer_view(replies);
    while (rest.len > 0) {
        ssize_t sent = wait_for(fd, POLLOUT) ? send(fd, rest.at, rest.len, MSG_NOSIGNAL | MSG_DONTWAIT) : -1;
        if (sent <= 0) {
            return false;
        }
        rest = text_part(rest, (size_t)sent, SIZE_MAX);
    }
    bool whole = !replies->overflowed;
    buffer_reset(replies);
    return whole;
}

static void converse(const struct smtp_server_options *options, int fd)
{
    struct smtp_session *session = smtp_session_new(options);
    BUFFER_CLEANUP replies = BUFFER(SMTP_REPLY_MAX);
    char bytes[SMTP_FEED_MAX];
    smtp_session_greet(session, &replies);
    bool open = send_replies(fd, &replies);
    while (open) {
        ssize_t got = wait_for(fd, POLLIN) ? recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) : 0;
        open = got > 0 && smtp_session_feed(session, (struct text){bytes, (size_t)got}, &replies);
        open = send_replies(fd, &replies) && open;
    }
    smtp_session_free(session);
}

static void *slot_run(void *context)
{
    struct slot *slot = context;
    struct smtp_server *server = slot->server;
    converse(&server->options, slot->fd);
    pthread_mutex_lock(&server->lock);
    close(slot->fd);
    slot->fd = -1;
    slot->state = SLOT_OVER;
    pthread_mutex_unlock(&server->lock);
    wake(server);
    return NULL;
}

static void slot_start(struct slot *slot, int fd)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    slot->fd = fd;
    slot->state = SLOT_BUSY;
    slot->has_thread = pthread_create(&slot->thread, &attributes, slot_run, slot) == 0;
    if (!slot->has_thread) {
        close(fd);
        slot->state = SLOT_FREE;
    }
    pthread_attr_destroy(&attributes);
}

/* Joins what is over and returns a free slot, or NULL. */
static struct slot *slot_find(struct smtp_server *server)
{
    struct slot *found = NULL;
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->options.connections_max; i++) {
        struct slot *slot = &server->slots[i];
        if (slot->state == SLOT_OVER) {
            pthread_join(slot->thread, NULL); /* it has only its wake left to do */
            slot->has_thread = false;
            slot->state = SLOT_FREE;
        }
        if (slot->state == SLOT_FREE) {
            found = slot;
        }
    }
    pthread_mutex_unlock(&server->lock);
    return found;
}

static bool is_stopping(struct smtp_server *server)
{
    pthread_mutex_lock(&server->lock);
    bool stopping = server->stopping;
    pthread_mutex_unlock(&server->lock);
    return stopping;
}

static void *accept_run(void *context)
{
    struct smtp_server *server = context;
    while (!is_stopping(server)) {
        struct slot *slot = slot_find(server);
        struct pollfd ready[2] = {
            {.fd = server->wake, .events = POLLIN}, {.fd = server->fd, .events = POLLIN}};
        uint64_t woken = 0;
        errno = 0;
        /* Without a free slot further clients wait in the backlog. */
        if (poll(ready, slot != NULL ? 2 : 1, -1) < 0) {
            continue;
        }
        if (ready[0].revents != 0 && read(server->wake, &woken, sizeof woken) < 0) {
            continue;
        }
        int fd = slot != NULL && ready[1].revents != 0 ? accept4(server->fd, NULL, NULL, SOCK_CLOEXEC) : -1;
        if (fd >= 0) {
            slot_start(slot, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            poll(ready, 1, SHORT_OF_FILES_MS); /* rather than trying again at once */
        }
    }
    return NULL;
}

bool smtp_server_start(
    const struct smtp_server_options *options, struct smtp_server **ret, struct problem *problem)
{
    assert(options->connections_max > 0 && options->connections_max <= 10000);
    int fd = -1, port = 0;
    if (!net_listen(options->listen, &fd, &port, problem)) {
        return false;
    }
    struct smtp_server *server = calloc(1, sizeof *server + options->connections_max * sizeof(struct slot));
    if (server == NULL) {
        abort();
    }
    server->options = *options;
    server->fd = fd;
    server->port = port;
    for (size_t i = 0; i < options->connections_max; i++) {
        server->slots[i] = (struct slot){.server = server, .fd = -1};
    }
    pthread_mutex_init(&server->lock, NULL);
    server->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (server->wake < 0 || pthread_create(&server->thread, NULL, accept_run, server) != 0) {
        close(fd);
        close(server->wake);
        pthread_mutex_destroy(&server->lock);
        free(server);
        return problem_internal(problem, "the SMTP server on %s did not start", options->listen);
    }
    *ret = server;
    return true;
}

int smtp_server_port(const struct smtp_server *server)
{
    return server->port;
}

void smtp_server_stop(struct smtp_server *server)
{
    if (server == NULL) {
        return;
    }
    pthread_mutex_lock(&server->lock);
    server->stopping = true;
    pthread_mutex_unlock(&server->lock);
    wake(server);
    pthread_join(server->thread, NULL);
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->options.connections_max; i++) {
        if (server->slots[i].state == SLOT_BUSY) {
            shutdown(server->slots[i].fd, SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&server->lock);
    for (size_t i = 0; i < server->options.connections_max; i++) {
        if (server->slots[i].has_thread) {
            pthread_join(server->slots[i].thread, NULL);
        }
    }
    close(server->fd);
    close(server->wake);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
