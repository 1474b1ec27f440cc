/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cage: what a process gives up, for good, before it looks at a document. It then has three open files, can read
 * fonts and poppler's data, has no network, can start nothing, and has limits on memory, time and what it writes. */
#ifndef BILLREADER_CAGE_H
#define BILLREADER_CAGE_H

#include <stdbool.h>
#include <stddef.h>

/* Where the caged process finds its files. */
enum { CAGE_DOCUMENT_FD = 3, CAGE_PREVIEW_FD = 4, CAGE_ANSWER_FD = 5 };

struct cage_limits {
    size_t memory_bytes; /* of address space, the loaded libraries included */
    unsigned cpu_seconds;
    size_t file_bytes; /* the largest file it may write */
};

/* The first part of the cage that this kernel lacks ("landlock", "seccomp", "no_new_privs"), or NULL. */
const char *cage_missing(void);

/* Puts the calling process in. Returns NULL, or the name of the part that failed; the process must then end, unless
 * `allow_weak`, with which a part that the kernel lacks is left out and only a real failure is told. */
const char *cage_enter(const struct cage_limits *limits, bool allow_weak);

#endif
