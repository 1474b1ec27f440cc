/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "billreader/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FILES_PER_REQUEST = 3, ABOVE_ALL_FIXED = 10 };

/* A child at work. */
struct job {
    pid_t pid; /* 0: this place is free */
    int pidfd;
    int result; /* what the child writes; read when it has ended */
    int answer; /* where the client waits */
    int64_t deadline_ms;
    bool timed_out;
};

struct zygote {
    int socket;
    const struct zygote_options *options;
    struct job jobs[CHILDREN_MAX];
    int running;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void say(int fd, const char *line, int len)
{
    /* An answer fits into a pipe's first page; a client that is gone gets none. */
    if (len > 0)
        (void)!write(fd, line, (size_t)len);
}

static void refuse(int fd, const char *reason, const char *detail_name, const char *detail)
{
    char line[ANSWER_MAX];
    int len = snprintf(line, sizeof line, "{\"result\":\"refused\",\"reason\":\"%s\",\"%s\":\"%s\"}\n",
        reason, detail_name, detail);
    say(fd, line, len);
}

/* ---- the child ---- */

/* Moves the three files to their known places and closes everything else: other customers' answers, the socket. */
static bool files_settle(int document, int preview, int result)
{
    int null = open("/dev/null", O_RDWR);
    int high[FILES_PER_REQUEST] = {fcntl(document, F_DUPFD, ABOVE_ALL_FIXED),
        fcntl(preview, F_DUPFD, ABOVE_ALL_FIXED), fcntl(result, F_DUPFD, ABOVE_ALL_FIXED)};
    if (null < 0 || high[0] < 0 || high[1] < 0 || high[2] < 0)
        return false;
    bool moved = dup2(high[0], CAGE_DOCUMENT_FD) >= 0 && dup2(high[1], CAGE_PREVIEW_FD) >= 0 &&
                 dup2(high[2], CAGE_ANSWER_FD) >= 0;
    for (int fd = STDIN_FILENO; moved && fd <= STDERR_FILENO; fd++)
        moved = dup2(null, fd) >= 0;
    return moved && syscall(SYS_close_range, CAGE_ANSWER_FD + 1, ~0U, 0) == 0;
}

static _Noreturn void child_run(
    const struct zygote *zygote, int document, int preview, int result, pid_t parent)
{
    const struct zygote_options *options = zygote->options;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || !files_settle(document, preview, result))
        _exit(1);
    clearenv();
    const char *failed = cage_enter(&options->limits, options->allow_weak);
    if (failed != NULL) {
        refuse(CAGE_ANSWER_FD, "cage", "part", failed);
        _exit(0);
    }
    _exit(options->answer(CAGE_DOCUMENT_FD, CAGE_PREVIEW_FD, CAGE_ANSWER_FD));
}

/* ---- the supervisor ---- */

static struct job *free_place(struct zygote *zygote)
{
    for (int i = 0; i < zygote->options->children; i++) {
        if (zygote->jobs[i].pid == 0)
            return &zygote->jobs[i];
    }
    return NULL;
}

/* Starts a child for the files of a request; keeps the answer's descriptor, closes the others. */
static void job_start(struct zygote *zygote, const int files[FILES_PER_REQUEST])
{
    struct job *job = free_place(zygote);
    int pipe_ends[2] = {-1, -1};
    pid_t self = getpid(), pid = -1;
    if (job != NULL && pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) == 0)
        pid = fork();
    if (pid == 0)
        child_run(zygote, files[0], files[1], pipe_ends[1], self);
    close(files[0]);
    close(files[1]);
    if (pipe_ends[1] >= 0)
        close(pipe_ends[1]);
    int pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (pidfd < 0) {
        if (pid > 0) {
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
        }
        if (pipe_ends[0] >= 0)
            close(pipe_ends[0]);
        refuse(files[2], "busy", "part", "fork");
        close(files[2]);
        return;
    }
    *job = (struct job){.pid = pid,
        .pidfd = pidfd,
        .result = pipe_ends[0],
        .answer = files[2],
        .deadline_ms = now_ms() + zygote->options->wall_ms};
    zygote->running++;
}

/* The descriptors that came with a message. All of them are closed unless there are exactly three. */
static bool files_take(struct msghdr *message, int files[FILES_PER_REQUEST])
{
    bool good = false;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        const unsigned char *at = CMSG_DATA(part);
        good = count == FILES_PER_REQUEST && (message->msg_flags & MSG_CTRUNC) == 0;
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, at + i * sizeof fd, sizeof fd);
            if (good)
                files[i] = fd;
            else
                close(fd);
        }
    }
    return good;
}

/* Takes one request. False when the other end is gone. */
static bool request_take(struct zygote *zygote)
{
    char word[32];
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(FILES_PER_REQUEST * sizeof(int))];
    } control;
    struct iovec piece = {word, sizeof word};
    struct msghdr message = {.msg_iov = &piece,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(zygote->socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    if (got == 0)
        return false;
    int files[FILES_PER_REQUEST];
    bool known = (size_t)got == strlen(ZYGOTE_REQUEST) && memcmp(word, ZYGOTE_REQUEST, (size_t)got) == 0;
    if (files_take(&message, files)) {
        if (known)
            job_start(zygote, files);
        for (int i = 0; !known && i < FILES_PER_REQUEST; i++)
            close(files[i]);
    }
    return true;
}

/* A line of plain ASCII that ends where the bytes end: a child that was taken over gets nothing else through. */
static bool is_one_line(const char *bytes, ssize_t len)
{
    if (len < 2 || len > ANSWER_MAX || bytes[len - 1] != '\n')
        return false;
    for (ssize_t i = 0; i < len - 1; i++) {
        if (bytes[i] < ' ' || bytes[i] > '~')
            return false;
    }
    return true;
}

static void answer_relay(const struct job *job, int status)
{
    char line[ANSWER_MAX + 1], detail[32];
    ssize_t len = read(job->result, line, sizeof line);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && is_one_line(line, len)) {
        say(job->answer, line, (int)len);
        return;
    }
    bool signaled = WIFSIGNALED(status);
    snprintf(detail, sizeof detail, "%s %d", signaled ? "signal" : "exit",
        signaled ? WTERMSIG(status) : WEXITSTATUS(status));
    bool late = job->timed_out || (signaled && WTERMSIG(status) == SIGXCPU);
    refuse(job->answer, late ? "timeout" : "killed", "by", detail);
}

static void job_end(struct zygote *zygote, struct job *job)
{
    int status = 0;
    if (waitpid(job->pid, &status, WNOHANG) != job->pid)
        return;
    answer_relay(job, status);
    close(job->pidfd);
    close(job->result);
    close(job->answer);
    *job = (struct job){.pid = 0};
    zygote->running--;
}

static void jobs_kill(struct zygote *zygote)
{
    for (int i = 0; i < CHILDREN_MAX; i++) {
        if (zygote->jobs[i].pid != 0) {
            kill(zygote->jobs[i].pid, SIGKILL);
            waitpid(zygote->jobs[i].pid, NULL, 0);
        }
    }
}

/* Milliseconds to the next deadline, -1 without one; kills what is past its own. */
static int deadlines_keep(struct zygote *zygote)
{
    int64_t now = now_ms(), next = -1;
    for (int i = 0; i < CHILDREN_MAX; i++) {
        struct job *job = &zygote->jobs[i];
        if (job->pid == 0 || job->timed_out)
            continue;
        int64_t left = job->deadline_ms - now;
        if (left <= 0) {
            job->timed_out = true;
            kill(job->pid, SIGKILL);
        } else if (next < 0 || left < next) {
            next = left;
        }
    }
    return (int)next;
}

static void serve(struct zygote *zygote)
{
    /* The socket, then two for each child: its end, and whether its client still waits. */
    struct pollfd polled[1 + 2 * CHILDREN_MAX];
    bool open = true;
    while (open) {
        int timeout = deadlines_keep(zygote);
        bool room = zygote->running < zygote->options->children;
        polled[0] = (struct pollfd){.fd = zygote->socket, .events = room ? POLLIN : 0};
        for (int i = 0; i < CHILDREN_MAX; i++) {
            const struct job *job = &zygote->jobs[i];
            polled[1 + 2 * i] = (struct pollfd){.fd = job->pid ? job->pidfd : -1, .events = POLLIN};
            polled[2 + 2 * i] = (struct pollfd){.fd = job->pid && !job->timed_out ? job->answer : -1};
        }
        if (poll(polled, 1 + 2 * CHILDREN_MAX, timeout) < 0 && errno != EINTR)
            return;
        for (int i = 0; i < CHILDREN_MAX; i++) {
            struct job *job = &zygote->jobs[i];
            if (job->pid != 0 && polled[2 + 2 * i].revents != 0)
                job->deadline_ms = 0; /* nobody waits any more */
            if (job->pid != 0 && polled[1 + 2 * i].revents != 0)
                job_end(zygote, job);
        }
        if (polled[0].revents & POLLIN)
            open = request_take(zygote);
        else if (polled[0].revents != 0)
            open = false;
    }
}

int zygote_run(int socket, const struct zygote_options *options)
{
    const char *missing = cage_missing();
    char line[ANSWER_MAX];
    int len;
    if (missing != NULL && !options->allow_weak) {
        len = snprintf(line, sizeof line, "{\"ready\":false,\"missing\":\"%s\"}\n", missing);
        say(socket, line, len);
        return 3;
    }
    signal(SIGPIPE, SIG_IGN);
    if (options->preload != NULL)
        options->preload();
    len = snprintf(line, sizeof line, "{\"ready\":true,\"missing\":\"%s\"}\n", missing ? missing : "");
    say(socket, line, len);
    struct zygote zygote = {.socket = socket, .options = options};
    serve(&zygote);
    jobs_kill(&zygote);
    return 0;
}
