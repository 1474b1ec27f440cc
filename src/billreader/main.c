/* SPDX-License-Identifier: GPL-3.0-or-later */
/* portdesk-billreader: reads one untrusted document at a time, each in a cage of its own. Portdesk starts it as a zygote
 * with a socket on descriptor 3; a person gives it a file. Both ways are the same way: the second starts a zygote too. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "billreader/document.h"
#include "billreader/zygote.h"

enum { ZYGOTE_SOCKET = 3, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_NO_CAGE = 3 };
enum { OPTION_ZYGOTE = 256, OPTION_PREVIEW, OPTION_WEAK, OPTION_CHILDREN, OPTION_SECONDS };

struct arguments {
    bool zygote;
    const char *file, *preview;
    struct zygote_options options;
};

static int usage(FILE *to)
{
    fputs("usage: portdesk-billreader [--allow-weak-cage] [--seconds N] [--preview OUT.png] FILE\n"
          "       portdesk-billreader --zygote [--allow-weak-cage] [--seconds N] [--children N]   (socket on "
          "descriptor 3)\n"
          "\n"
          "Reads a phone bill (PDF, JPEG, PNG) in a cage and says in one line of JSON what it is.\n"
          "Exit code: 0 read, 1 refused, 2 wrong usage, 3 the kernel lacks a part of the cage.\n",
        to);
    return to == stdout ? 0 : EXIT_USAGE;
}

/* A number from 1 to max. */
static bool number(const char *text, long max, int *ret)
{
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 1 || value > max)
        return false;
    *ret = (int)value;
    return true;
}

static bool arguments_read(int argc, char **argv, struct arguments *ret)
{
    static const struct option known[] = {{"zygote", no_argument, NULL, OPTION_ZYGOTE},
        {"preview", required_argument, NULL, OPTION_PREVIEW},
        {"allow-weak-cage", no_argument, NULL, OPTION_WEAK},
        {"children", required_argument, NULL, OPTION_CHILDREN},
        {"seconds", required_argument, NULL, OPTION_SECONDS}, {NULL, 0, NULL, 0}};
    int seconds = 20, found;
    for (found = getopt_long(argc, argv, "", known, NULL); found != -1;
         found = getopt_long(argc, argv, "", known, NULL)) {
        if (found == OPTION_ZYGOTE)
            ret->zygote = true;
        else if (found == OPTION_PREVIEW)
            ret->preview = optarg;
        else if (found == OPTION_WEAK)
            ret->options.allow_weak = true;
        else if (found != OPTION_CHILDREN && found != OPTION_SECONDS)
            return false;
        else if (!number(optarg, found == OPTION_CHILDREN ? CHILDREN_MAX : 600,
                     found == OPTION_CHILDREN ? &ret->options.children : &seconds))
            return false;
    }
    ret->file = optind < argc ? argv[optind] : NULL;
    ret->options.wall_ms = seconds * 1000;
    ret->options.limits.cpu_seconds = (unsigned)seconds;
    return ret->zygote ? optind == argc && ret->preview == NULL : optind + 1 == argc;
}

static bool request_send(int socket, int document, int preview, int answer)
{
    int files[] = {document, preview, answer};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof files)];
    } control = {.bytes = {0}};
    char word[] = ZYGOTE_REQUEST;
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
    return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)piece.iov_len;
}

static bool preview_save(const char *path, int preview)
{
    off_t size = lseek(preview, 0, SEEK_END), at = 0;
    int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    while (out >= 0 && at < size) {
        if (sendfile(out, preview, &at, (size_t)(size - at)) <= 0)
            break;
    }
    bool saved = out >= 0 && at == size;
    if (out >= 0)
        saved = close(out) == 0 && saved;
    if (!saved)
        perror(path);
    return saved;
}

/* Asks the zygote about one file and prints its answer. */
static int file_ask(int socket, const struct arguments *arguments)
{
    char line[ANSWER_MAX + 1] = "";
    int document = open(arguments->file, O_RDONLY | O_CLOEXEC);
    int preview = memfd_create("preview", MFD_CLOEXEC);
    int answer[2] = {-1, -1};
    if (document < 0) {
        perror(arguments->file);
        return EXIT_USAGE;
    }
    if (preview < 0 || pipe2(answer, O_CLOEXEC) != 0 || !request_send(socket, document, preview, answer[1])) {
        perror("portdesk-billreader");
        return EXIT_REFUSED;
    }
    close(answer[1]);
    ssize_t len = read(answer[0], line, ANSWER_MAX);
    if (len <= 0) {
        fputs("portdesk-billreader: no answer\n", stderr);
        return EXIT_REFUSED;
    }
    fputs(line, stdout);
    if (strncmp(line, "{\"result\":\"ok\"", 14) != 0)
        return EXIT_REFUSED;
    return arguments->preview == NULL || preview_save(arguments->preview, preview) ? 0 : EXIT_REFUSED;
}

static int file_read(const struct arguments *arguments)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        perror("portdesk-billreader");
        return EXIT_REFUSED;
    }
    pid_t zygote = fork();
    if (zygote == 0) {
        close(ends[0]);
        _exit(zygote_run(ends[1], &arguments->options));
    }
    close(ends[1]);
    char ready[ANSWER_MAX + 1] = "";
    int code = EXIT_REFUSED;
    if (zygote > 0 && recv(ends[0], ready, ANSWER_MAX, 0) > 0 && strstr(ready, "\"ready\":true") != NULL)
        code = file_ask(ends[0], arguments);
    close(ends[0]);
    int status = 0;
    if (zygote > 0 && waitpid(zygote, &status, 0) == zygote && WIFEXITED(status) &&
        WEXITSTATUS(status) == EXIT_NO_CAGE) {
        fprintf(stderr,
            "portdesk-billreader: this kernel lacks a part of the cage: %s; --allow-weak-cage reads without "
            "it\n",
            cage_missing());
        code = EXIT_NO_CAGE;
    }
    return code;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {
        .options = {.children = 2,
            .preload = document_preload,
            .answer = document_answer,
            .limits = {.memory_bytes = (size_t)1 << 30, .file_bytes = PREVIEW_BYTES_MAX}}};
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout);
    if (!arguments_read(argc, argv, &arguments))
        return usage(stderr);
    if (!arguments.zygote)
        return file_read(&arguments);
    syscall(SYS_close_range, ZYGOTE_SOCKET + 1, ~0U, 0);
    return zygote_run(ZYGOTE_SOCKET, &arguments.options);
}
