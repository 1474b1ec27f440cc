/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The zygote: one thread that has the libraries' data loaded, never opens a document, and forks a caged child for each.
 *
 * Over its SOCK_SEQPACKET socket it first sends one line, {"ready":true,"missing":""} or {"ready":false,"missing":"landlock"}. A request is
 * the message "inspect" with three descriptors: the document (a regular file that nobody changes meanwhile), an empty
 * file for the preview, and where the answer is written, a pipe. The answer is one JSON line, at most ANSWER_MAX bytes.
 * Several requests run side by side. When the other end of the socket is closed, the zygote kills its children and
 * ends. */
#ifndef BILLREADER_ZYGOTE_H
#define BILLREADER_ZYGOTE_H

#include <stdbool.h>

#include "billreader/cage.h"

enum { ANSWER_MAX = 2048, CHILDREN_MAX = 16 };
#define ZYGOTE_REQUEST "inspect"

struct zygote_options {
    struct cage_limits limits;
    int wall_ms;     /* for one document */
    int children;    /* at once, 1 to CHILDREN_MAX */
    bool allow_weak; /* run although the kernel lacks a part of the cage */
    void (*preload)(void);
    /* Runs in the cage; its return value is the child's exit code. */
    int (*answer)(int document_fd, int preview_fd, int answer_fd);
};

/* Serves until the other end closes. Returns the exit code of the program: 0, or 3 when the cage lacks a part. */
int zygote_run(int socket, const struct zygote_options *options);

#endif
