/* Preloaded: a disk that is full, or can only be read. While the file at DISK_STATE is there, calls that would write below DISK_ROOT fail:
 * with "readonly" in it all of them as on a disk that the system has made read-only, otherwise those that need room. What is open
 * stays open, as it does then. Both paths are absolute and real. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

enum state { SOUND, FULL, READ_ONLY };

static enum state state_now(void)
{
    const char *path = getenv("DISK_STATE");
    int fd = path ? REAL(open)(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        return SOUND;
    }
    char said[16] = "";
    ssize_t len = read(fd, said, sizeof said - 1);
    close(fd);
    return len >= 8 && strncmp(said, "readonly", 8) == 0 ? READ_ONLY : FULL;
}

static bool is_below_root(const char *path)
{
    const char *root = getenv("DISK_ROOT");
    size_t len = root ? strlen(root) : 0;
    return len && strncmp(path, root, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static bool is_file_below_root(int fd)
{
    char self[32];
    char path[PATH_MAX];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(self, path, sizeof path - 1);
    path[len < 0 ? 0 : len] = '\0';
    return is_below_root(path);
}

/* Whether a call fails that writes to what is open. */
static bool fails(int fd)
{
    int before = errno;
    enum state state = state_now();
    bool failing = state != SOUND && is_file_below_root(fd);
    errno = failing ? state == FULL ? ENOSPC : EROFS : before;
    return failing;
}

/* Whether a call fails that changes names. A full disk lets go of names, and takes some more. */
static bool fails_at(int directory, const char *path, bool needs_room)
{
    int before = errno;
    enum state state = state_now();
    bool inside =
        path[0] == '/' ? is_below_root(path) : directory != AT_FDCWD && is_file_below_root(directory);
    bool failing = inside && (state == READ_ONLY || (state == FULL && needs_room));
    errno = failing ? state == FULL ? ENOSPC : EROFS : before;
    return failing;
}

ssize_t write(int fd, const void *at, size_t len)
{
    return fails(fd) ? -1 : REAL(write)(fd, at, len);
}

ssize_t pwrite(int fd, const void *at, size_t len, off_t offset)
{
    return fails(fd) ? -1 : REAL(pwrite)(fd, at, len, offset);
}

ssize_t pwrite64(int fd, const void *at, size_t len, off64_t offset)
{
    return fails(fd) ? -1 : REAL(pwrite64)(fd, at, len, offset);
}

/* Both make a file longer or shorter; shorter goes on a full disk, too. */
static bool truncation_fails(int fd, off_t size)
{
    struct stat of;
    return fstat(fd, &of) == 0 && (size > of.st_size || state_now() == READ_ONLY) && fails(fd);
}

int ftruncate(int fd, off_t size)
{
    return truncation_fails(fd, size) ? -1 : REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return truncation_fails(fd, size) ? -1 : REAL(ftruncate64)(fd, size);
}

static bool opening_fails(int directory, const char *path, int flags)
{
    bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT);
    return writes && fails_at(directory, path, false);
}

#define MODE_OF(flags, mode)                                                                                 \
    do {                                                                                                     \
        va_list args;                                                                                        \
        va_start(args, flags);                                                                               \
        mode = (flags) & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;                                   \
        va_end(args);                                                                                        \
    } while (0)

int open(const char *path, int flags, ...)
{
    mode_t mode;
    MODE_OF(flags, mode);
    return opening_fails(AT_FDCWD, path, flags) ? -1 : REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    mode_t mode;
    MODE_OF(flags, mode);
    return opening_fails(AT_FDCWD, path, flags) ? -1 : REAL(open64)(path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...)
{
    mode_t mode;
    MODE_OF(flags, mode);
    return opening_fails(directory, path, flags) ? -1 : REAL(openat)(directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...)
{
    mode_t mode;
    MODE_OF(flags, mode);
    return opening_fails(directory, path, flags) ? -1 : REAL(openat64)(directory, path, flags, mode);
}

int mkdirat(int directory, const char *path, mode_t mode)
{
    return fails_at(directory, path, true) ? -1 : REAL(mkdirat)(directory, path, mode);
}

int renameat(int from, const char *path, int to, const char *target)
{
    return fails_at(to, target, false) ? -1 : REAL(renameat)(from, path, to, target);
}

int unlink(const char *path)
{
    return fails_at(AT_FDCWD, path, false) ? -1 : REAL(unlink)(path);
}

int unlinkat(int directory, const char *path, int flags)
{
    return fails_at(directory, path, false) ? -1 : REAL(unlinkat)(directory, path, flags);
}
