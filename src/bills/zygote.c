#include "bills/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"

/* What the reader's program expects; its own side is src/billreader/zygote.h. */
enum { ITS_SOCKET = 3, READY_MAX = 2048, READY_MS = 30000, END_MS = 5000 };
static const char request[] = "inspect";

/* poll of one descriptor; true when something is there, also its end. */
static bool wait_readable(int fd, int ms)
{
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    int found = poll(&polled, 1, ms);
    while (found < 0 && errno == EINTR)
        found = poll(&polled, 1, ms);
    return found > 0;
}

/* The child has nothing of ours but the socket and standard error: no environment, no signals blocked or ignored, and a
 * process group of its own, so that a Ctrl-C reaches us first. */
static int spawn(const char *path, char *const argv[], int socket, pid_t *ret)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    char *const environment[] = {NULL};
    sigemptyset(&none);
    sigfillset(&all);
    if (posix_spawn_file_actions_init(&files) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&files);
        return ENOMEM;
    }
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    int failed = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (failed == 0)
        failed = posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (failed == 0)
        failed = posix_spawn_file_actions_adddup2(&files, socket, ITS_SOCKET);
    if (failed == 0)
        failed = posix_spawnp(ret, path, &files, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

static bool start(const char *path, const struct bill_reader_options *options, struct zygote *zygote)
{
    char children[16], seconds[16];
    snprintf(children, sizeof children, "%d", options->at_once);
    snprintf(seconds, sizeof seconds, "%d", options->seconds);
    char *argv[] = {(char[]){"portdesk-billreader"}, (char[]){"--zygote"}, (char[]){"--children"}, children,
        (char[]){"--seconds"}, seconds, options->allow_weak_cage ? (char[]){"--allow-weak-cage"} : NULL,
        NULL};
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    int failed = spawn(path, argv, ends[1], &zygote->pid);
    close(ends[1]);
    if (failed != 0) {
        close(ends[0]);
        *zygote = (struct zygote){.socket = -1};
        errno = failed;
        return false;
    }
    zygote->socket = ends[0];
    return true;
}

/* Its first words: whether it is ready, and what its cage lacks. */
static bool ready(struct zygote *zygote, struct problem *problem)
{
    char line[READY_MAX];
    ssize_t len =
        wait_readable(zygote->socket, READY_MS) ? recv(zygote->socket, line, sizeof line, MSG_DONTWAIT) : -1;
    JSON_CLEANUP words = NULL;
    struct text missing;
    bool is_ready = false;
    if (len <= 0 || !json_parse((struct text){line, (size_t)len}, sizeof line, &words, NULL) ||
        !json_get_text(words, "missing", sizeof zygote->missing - 1, &missing, NULL) ||
        !json_get_bool(words, "ready", false, &is_ready, NULL))
        return problem_set(problem, PROBLEM_LATER, WORD_bills_reader_missing, NULL, "no answer",
            "bill reader ended or was silent at its start");
    snprintf(zygote->missing, sizeof zygote->missing, "%.*s", TEXT_ARG(missing));
    if (!is_ready)
        return problem_set(problem, PROBLEM_LATER, WORD_bills_reader_missing, NULL, zygote->missing,
            "this kernel lacks a part of the bill reader's cage: %s", zygote->missing);
    return true;
}

bool zygote_start(
    const char *path, const struct bill_reader_options *options, struct zygote *ret, struct problem *problem)
{
    struct zygote zygote = {.socket = -1};
    if (!start(path, options, &zygote))
        return problem_set(problem, PROBLEM_LATER, WORD_bills_reader_missing, NULL, strerrorname_np(errno),
            "cannot start %s: error %d", path, errno);
    if (!ready(&zygote, problem)) {
        zygote_stop(&zygote);
        return false;
    }
    *ret = zygote;
    return true;
}

bool zygote_send(const struct zygote *zygote, int document, int preview, int answer)
{
    int files[] = {document, preview, answer};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof files)];
    } control = {.bytes = {0}};
    char word[sizeof request];
    memcpy(word, request, sizeof request);
    struct iovec piece = {word, sizeof word - 1};
    struct msghdr message = {.msg_iov = &piece,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof files);
    memcpy(CMSG_DATA(part), files, sizeof files);
    return zygote->socket >= 0 &&
           sendmsg(zygote->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)piece.iov_len;
}

void zygote_stop(struct zygote *zygote)
{
    if (zygote->socket >= 0)
        close(zygote->socket);
    if (zygote->pid > 0) {
        int pidfd = (int)syscall(SYS_pidfd_open, zygote->pid, 0);
        if (pidfd < 0 || !wait_readable(pidfd, END_MS))
            kill(zygote->pid, SIGKILL);
        if (pidfd >= 0)
            close(pidfd);
        while (waitpid(zygote->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    *zygote = (struct zygote){.socket = -1};
}
