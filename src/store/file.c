#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool file_problem(struct problem *problem, const char *doing, const char *path)
{
    int code = errno;
    bool may_pass = code == ENOSPC || code == EDQUOT || code == EIO || code == EROFS || code == ESTALE ||
                    code == EMFILE || code == ENFILE || code == ENOMEM;
    if (may_pass) {
        return problem_set(problem, PROBLEM_LATER, WORD_problem_later, NULL, NULL, "cannot %s %s: %s", doing,
            path, strerrordesc_np(code));
    }
    return problem_internal(problem, "cannot %s %s: %s", doing, path, strerrordesc_np(code));
}

bool file_write_all(int fd, const void *bytes, size_t len, const char *path, struct problem *problem)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t written = write(fd, at, len);
        if (written < 0 && errno != EINTR) {
            return file_problem(problem, "write", path);
        }
        if (written > 0) {
            at += written;
            len -= (size_t)written;
        }
    }
    return true;
}

bool file_read_all(int fd, void *at, size_t max, size_t *ret_len, const char *path, struct problem *problem)
{
    size_t len = 0;
    ssize_t got = 1;
    while (len < max && got != 0) {
        got = read(fd, (char *)at + len, max - len);
        if (got < 0 && errno != EINTR) {
            return file_problem(problem, "read", path);
        }
        len += got > 0 ? (size_t)got : 0;
    }
    *ret_len = len;
    return true;
}

bool file_sync(int fd, const char *path, struct problem *problem)
{
    return fsync(fd) == 0 || file_problem(problem, "make durable", path);
}

bool file_sync_parent(const char *path, struct problem *problem)
{
    const char *slash = strrchr(path, '/');
    char *parent = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    if (!parent) {
        return problem_internal(problem, "out of memory");
    }
    FILE_CLEANUP fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 ? file_sync(fd, parent, problem) : file_problem(problem, "open", parent);
    free(parent);
    return done;
}

int file_unnamed(const char *path, struct problem *problem)
{
    char name[FILE_PATH_MAX];
    int len = snprintf(name, sizeof name, "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof name) {
        problem_internal(problem, "the path is too long");
        return -1;
    }
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd < 0) {
        file_problem(problem, "make a file beside", path);
    } else if (unlink(name) != 0) {
        file_problem(problem, "take the name from", name);
        file_close(&fd);
    }
    return fd;
}

void file_close(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}
