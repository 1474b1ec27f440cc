/* Inside store/: files that must survive a kill and a power cut. */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <stddef.h>

#include "base/problem.h"

#define FILE_PATH_MAX ((size_t)4096) /* bytes of a path */

/* PROBLEM_LATER for a full disk, a read-only one and the like, otherwise PROBLEM_INTERNAL, from errno. Returns false. */
bool file_problem(struct problem *problem, const char *doing, const char *path);
bool file_write_all(int fd, const void *bytes, size_t len, const char *path, struct problem *problem);
/* Up to `max` bytes; fewer only at the end of the file. */
bool file_read_all(int fd, void *at, size_t max, size_t *ret_len, const char *path, struct problem *problem);
bool file_sync(int fd, const char *path, struct problem *problem);
/* Makes the entries of the directory that holds `path` durable. */
bool file_sync_parent(const char *path, struct problem *problem);

/* A file without a name beside `path`, for what is too much for memory; gone when it is closed. -1 when it fails. */
int file_unnamed(const char *path, struct problem *problem);

void file_close(int *fd);
#define FILE_CLEANUP __attribute__((cleanup(file_close))) int

#endif
