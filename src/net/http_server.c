#include "net/http_server.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "net/http_exchange.h"
#include "net/net_listen.h"

#define CONNECTION_MEMORY ((size_t)32 * 1024) /* headers, and what is read of a body at once */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_SIZE ((size_t)1024 * 1024) /* frames grow under the sanitizers */
#else
#define STACK_SIZE ((size_t)512 * 1024)
#endif

/* The gate decodes by itself, once; libmicrohttpd must leave the bytes as they are. */
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return text_from(text).len;
}

static struct MHD_Daemon *daemon_start(struct http_server *server, int fd)
{
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                     MHD_USE_ITC | MHD_USE_ERROR_LOG;
    return MHD_start_daemon(flags, 0, NULL, NULL, exchange_handle, server, MHD_OPTION_EXTERNAL_LOGGER,
        exchange_library_says, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)server->options.connections_max, MHD_OPTION_CONNECTION_TIMEOUT,
        server->options.idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
        MHD_OPTION_THREAD_STACK_SIZE, STACK_SIZE, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, server, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped,
        NULL, MHD_OPTION_NOTIFY_COMPLETED, exchange_over, server, MHD_OPTION_END);
}

bool http_server_start(
    const struct http_server_options *options, struct http_server **ret, struct problem *problem)
{
    int fd = -1, port = 0;
    if (!net_listen(options->listen, &fd, &port, problem)) {
        return false;
    }
    struct http_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        abort();
    }
    server->options = *options;
    server->port = port;
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->idle, NULL);
    server->daemon = daemon_start(server, fd);
    if (server->daemon == NULL) {
        close(fd);
        pthread_cond_destroy(&server->idle);
        pthread_mutex_destroy(&server->lock);
        free(server);
        return problem_internal(problem, "the HTTP server on %s did not start", options->listen);
    }
    *ret = server;
    return true;
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

static void wait_until_idle(struct http_server *server, int grace_ms)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += grace_ms / 1000;
    end.tv_nsec += (long)(grace_ms % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
    int waited = 0;
    pthread_mutex_lock(&server->lock);
    while (server->active > 0 && waited == 0) {
        waited = pthread_cond_clockwait(&server->idle, &server->lock, CLOCK_MONOTONIC, &end);
    }
    /* libmicrohttpd 0.9.75 looks into an answer that it has not made when it is told to stop while it refuses a request: such a
     * refusal, which ends by itself, is waited for whatever the grace is. */
    while (server->refusing > 0) {
        pthread_cond_wait(&server->idle, &server->lock);
    }
    pthread_mutex_unlock(&server->lock);
}

void http_server_stop(struct http_server *server, int grace_ms)
{
    if (server == NULL) {
        return;
    }
    atomic_store(&server->stopping, true);
    MHD_socket fd = MHD_quiesce_daemon(server->daemon);
    wait_until_idle(server, grace_ms);
    MHD_stop_daemon(server->daemon);
    if (fd != MHD_INVALID_SOCKET) {
        close(fd);
    }
    pthread_cond_destroy(&server->idle);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
