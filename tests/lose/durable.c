#include "durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void durable_die(const char *doing, const char *what)
{
    fprintf(stderr, "lose: cannot %s %s: %s\n", doing, what, strerrordesc_np(errno));
    abort();
}

void durable_key(int fd, char key[DURABLE_KEY_MAX])
{
    struct statx of;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &of) != 0) {
        durable_die("look at", "a file");
    }
    if (!(of.stx_mask & STATX_BTIME)) {
        fprintf(stderr, "lose: this file system keeps no time of making\n");
        abort();
    }
    snprintf(key, DURABLE_KEY_MAX, "%llx-%llx.%x", (unsigned long long)of.stx_ino,
        (unsigned long long)of.stx_btime.tv_sec, of.stx_btime.tv_nsec);
}

void durable_copy(int from, int to)
{
    off_t at = 0;
    ssize_t copied = 1;
    while (copied > 0) {
        copied = copy_file_range(from, &at, to, NULL, (size_t)1 << 30, 0);
    }
    if (copied < 0) {
        durable_die("copy", "a file");
    }
}

int durable_lock(int shadow)
{
    int fd = openat(shadow, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        durable_die("lock", "the shadow");
    }
    return fd;
}

/* A line for each name: its kind, its mode, its inode's key. */
static void names_write(int directory, FILE *out)
{
    int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = again >= 0 ? fdopendir(again) : NULL;
    if (!listing) {
        durable_die("list", "a directory");
    }
    const struct dirent *entry = readdir(listing);
    while (entry) {
        int fd = openat(directory, entry->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        struct stat of;
        bool is_own = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        if (!is_own && fd >= 0 && fstat(fd, &of) == 0) { /* it may be gone meanwhile */
            char key[DURABLE_KEY_MAX];
            durable_key(fd, key);
            fprintf(out, "%c %o %s %s\n", S_ISDIR(of.st_mode) ? 'd' : 'f', of.st_mode & 07777U, key,
                entry->d_name);
        }
        if (fd >= 0) {
            close(fd);
        }
        entry = readdir(listing);
    }
    closedir(listing);
}

/* Made under another name and renamed, so that whoever is killed here has made nothing durable. */
static void take(int shadow, int fd, bool is_directory)
{
    char key[DURABLE_KEY_MAX];
    char fresh[DURABLE_KEY_MAX + 8];
    char self[32];
    durable_key(fd, key);
    snprintf(fresh, sizeof fresh, "%s.new", key);
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    int to = openat(shadow, fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int from = open(self, O_RDONLY | O_CLOEXEC); /* the file may be open for writing alone */
    if (to < 0 || from < 0) {
        durable_die("take into the shadow", self);
    }
    if (is_directory) {
        FILE *out = fdopen(to, "w");
        names_write(from, out);
        fclose(out);
    } else {
        durable_copy(from, to);
        close(to);
    }
    close(from);
    if (renameat(shadow, fresh, shadow, key) != 0) {
        durable_die("rename", fresh);
    }
}

void durable_take(int shadow, int fd)
{
    struct stat of;
    if (fstat(fd, &of) != 0) {
        durable_die("look at", "a file");
    }
    int lock = durable_lock(shadow);
    take(shadow, fd, S_ISDIR(of.st_mode));
    close(lock);
}
