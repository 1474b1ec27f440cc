/* Blobs as files: account/xx/id below a folder. A file is written in the folder .unfinished, synced, renamed to its place, and its folder
 * synced, with every folder that was made for it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "store/blob_format.h"
#include "store/file.h"

#define BLOB_UNFINISHED ".unfinished" /* no account's name */

struct files {
    struct blob_store store;
    int root;
};

struct file_source {
    struct blob_source source;
    int fd;
    char path[sizeof((struct blob_name *)NULL)->path];
};

static int root_of(struct blob_store *store)
{
    return ((struct files *)store)->root;
}

static int64_t changed_at(const struct stat *stat)
{
    return (int64_t)stat->st_mtim.tv_sec * 1000000 + stat->st_mtim.tv_nsec / 1000;
}

static void files_close(struct blob_store *store)
{
    close(root_of(store));
    free(store);
}

/* ---- Writing ---- */

static bool files_spool(struct blob_store *store, struct blob_spool *ret, struct problem *problem)
{
    snprintf(
        ret->name, sizeof ret->name, BLOB_UNFINISHED "/%08x%08x", randombytes_random(), randombytes_random());
    ret->fd = openat(root_of(store), ret->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (ret->fd < 0) {
        ret->name[0] = '\0';
        return file_problem(problem, "make", "an unfinished document");
    }
    /* The lock says that somebody is still writing it. */
    return flock(ret->fd, LOCK_EX | LOCK_NB) == 0 || file_problem(problem, "lock", ret->name);
}

/* Makes the folder, and it and its entry durable also when it is there: who made it may have been killed before. */
static bool folder_make(int root, const char *parent, const char *folder, struct problem *problem)
{
    if (mkdirat(root, folder, 0700) != 0 && errno != EEXIST) {
        return file_problem(problem, "make", folder);
    }
    FILE_CLEANUP fd = openat(root, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 ? file_sync(fd, parent, problem) : file_problem(problem, "open", parent);
}

static bool folder_sync(int root, const char *folder, struct problem *problem)
{
    FILE_CLEANUP fd = openat(root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 ? file_sync(fd, folder, problem) : file_problem(problem, "open", folder);
}

static bool files_publish(struct blob_store *store, struct blob_spool *spool, const struct blob_name *name,
    bool fresh, struct problem *problem)
{
    int root = root_of(store);
    if (!file_sync(spool->fd, spool->name, problem) || !folder_make(root, ".", name->account, problem) ||
        !folder_make(root, name->account, name->folder, problem)) {
        return false;
    }
    failpoint("blob-before-rename");
    if (renameat2(root, spool->name, root, name->path, fresh ? RENAME_NOREPLACE : 0) != 0) {
        return fresh && errno == EEXIST ? problem_set(problem, PROBLEM_CONFLICT, WORD_problem_conflict, NULL,
                                              NULL, "there is a blob %s already", name->path)
                                        : file_problem(problem, "make", name->path);
    }
    failpoint("blob-after-rename");
    spool->name[0] = '\0';
    return folder_sync(root, name->folder, problem);
}

static void files_drop(struct blob_store *store, struct blob_spool *spool)
{
    if (spool->name[0]) {
        unlinkat(root_of(store), spool->name, 0);
    }
    file_close(&spool->fd);
}

static bool files_patch(struct blob_store *store, const struct blob_name *name, size_t at, const void *bytes,
    size_t len, struct problem *problem)
{
    FILE_CLEANUP fd = openat(root_of(store), name->path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return file_problem(problem, "open", name->path);
    }
    if (pwrite(fd, bytes, len, (off_t)at) != (ssize_t)len) {
        return file_problem(problem, "write", name->path);
    }
    return file_sync(fd, name->path, problem);
}

static bool files_remove(struct blob_store *store, const struct blob_name *name, struct problem *problem)
{
    int root = root_of(store);
    if (unlinkat(root, name->path, 0) != 0) {
        return errno == ENOENT || file_problem(problem, "remove", name->path);
    }
    return folder_sync(root, name->folder, problem);
}

/* ---- Reading ---- */

static void files_end(struct blob_source *source)
{
    file_close(&((struct file_source *)source)->fd);
    free(source);
}

static bool files_open(
    struct blob_store *store, const struct blob_name *name, struct blob_source **ret, struct problem *problem)
{
    FILE_CLEANUP fd = openat(root_of(store), name->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) != 0) {
        return errno == ENOENT ? problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL,
                                     "no blob %s", name->path)
                               : file_problem(problem, "open", name->path);
    }
    struct file_source *source = calloc(1, sizeof *source);
    if (!source) {
        abort();
    }
    source->source = (struct blob_source){.store = store, .size = (int64_t)stat.st_size};
    memcpy(source->path, name->path, sizeof source->path);
    source->fd = fd;
    fd = -1;
    *ret = &source->source;
    return true;
}

static bool files_read(
    struct blob_source *source, void *at, size_t max, size_t *ret_len, struct problem *problem)
{
    struct file_source *self = (struct file_source *)source;
    return file_read_all(self->fd, at, max, ret_len, self->path, problem);
}

/* ---- Listing ---- */

/* Accounts, the folders of an account, the blobs of a folder. */
enum level { LEVEL_ACCOUNTS, LEVEL_FOLDERS, LEVEL_BLOBS };

struct listing {
    blob_see *see;
    void *context;
    char account[BLOB_NAME_MAX + 1];
    bool enough; /* `see` wants no more */
    struct problem *problem;
};

static bool list_folder(struct listing *listing, int parent, const char *name, enum level level);

static bool list_entry(struct listing *listing, int folder, const char *name, enum level level)
{
    /* What begins with a dot is no account: "..", ".", and what is being written. */
    size_t len = strlen(name);
    if (name[0] == '.' || len > BLOB_NAME_MAX) {
        return true;
    }
    if (level == LEVEL_BLOBS) {
        struct stat stat;
        if (fstatat(folder, name, &stat, AT_SYMLINK_NOFOLLOW) != 0) {
            return errno == ENOENT || file_problem(listing->problem, "look at", name);
        }
        listing->enough =
            !listing->see(listing->context, text_from(listing->account), text_from(name), changed_at(&stat));
        return true;
    }
    if (level == LEVEL_ACCOUNTS) {
        memcpy(listing->account, name, len + 1);
    }
    return list_folder(listing, folder, name, level + 1);
}

static bool list_folder(struct listing *listing, int parent, const char *name, enum level level)
{
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *entries = folder >= 0 ? fdopendir(folder) : NULL;
    if (!entries) {
        bool stray = errno == ENOTDIR || errno == ELOOP; /* not ours: left alone */
        file_close(&folder);
        return stray || file_problem(listing->problem, "list", name);
    }
    bool done = true;
    const struct dirent *entry = readdir(entries);
    while (entry && done && !listing->enough) {
        done = list_entry(listing, folder, entry->d_name, level);
        entry = readdir(entries);
    }
    closedir(entries);
    return done;
}

static bool files_each(struct blob_store *store, blob_see *see, void *context, struct problem *problem)
{
    struct listing listing = {.see = see, .context = context, .problem = problem};
    return list_folder(&listing, root_of(store), ".", LEVEL_ACCOUNTS);
}

/* Whoever still writes a file holds a lock on it; the age is for the moment between making and locking. */
static bool is_left(int folder, const char *name, int64_t before)
{
    FILE_CLEANUP fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat stat;
    return fd >= 0 && fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && changed_at(&stat) < before &&
           flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static bool files_sweep(
    struct blob_store *store, int64_t before, size_t *ret_removed, struct problem *problem)
{
    int folder = openat(root_of(store), BLOB_UNFINISHED, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = folder >= 0 ? fdopendir(folder) : NULL;
    if (!listing) {
        file_close(&folder);
        return file_problem(problem, "list", BLOB_UNFINISHED);
    }
    size_t removed = 0;
    const struct dirent *entry = readdir(listing);
    while (entry) {
        if (is_left(folder, entry->d_name, before) && unlinkat(folder, entry->d_name, 0) == 0) {
            removed++;
        }
        entry = readdir(listing);
    }
    closedir(listing);
    *ret_removed = removed;
    return true;
}

static const struct blob_store_ops files_ops = {
    .close = files_close,
    .spool = files_spool,
    .publish = files_publish,
    .drop = files_drop,
    .open = files_open,
    .read = files_read,
    .end = files_end,
    .patch = files_patch,
    .remove = files_remove,
    .each = files_each,
    .sweep = files_sweep,
};

bool blob_files_open(const char *directory, struct blob_store **ret, struct problem *problem)
{
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        return file_problem(problem, "make", directory);
    }
    FILE_CLEANUP root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        return file_problem(problem, "open", directory);
    }
    if (mkdirat(root, BLOB_UNFINISHED, 0700) != 0 && errno != EEXIST) {
        return file_problem(problem, "make a folder in", directory);
    }
    /* Also when it was there: who made it may have been killed before its entry was durable. */
    if (!file_sync(root, directory, problem) || !file_sync_parent(directory, problem)) {
        return false;
    }
    struct files *files = calloc(1, sizeof *files);
    if (!files) {
        abort();
    }
    files->store.ops = &files_ops;
    files->root = root;
    root = -1;
    *ret = &files->store;
    return true;
}
