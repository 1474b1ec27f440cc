/* The reader's process as its client sees it: started, asked, ended. Not thread-safe: reader.c locks around it. */
#ifndef BILLS_ZYGOTE_H
#define BILLS_ZYGOTE_H

#include <sys/types.h>

#include "bills/reader.h"

struct zygote {
    pid_t pid;        /* 0: none is running */
    int socket;       /* -1 then */
    char missing[64]; /* the part of the cage that the operator lets be missing, or "" */
};

/* Starts the program and waits until it says that it is ready. */
bool zygote_start(
    const char *path, const struct bill_reader_options *options, struct zygote *ret, struct problem *problem);

/* Hands over the three files; false when nobody is there to take them. */
bool zygote_send(const struct zygote *zygote, int document, int preview, int answer);

/* Closes the socket, by which the program ends; one that does not is killed. */
void zygote_stop(struct zygote *zygote);

#endif
