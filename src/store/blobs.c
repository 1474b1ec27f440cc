#include "store/blobs.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/blob_file.h"

static bool is_name(struct text text, size_t min)
{
    if (text.len < min || text.len > BLOB_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '_') {
            return false;
        }
    }
    return true;
}

bool blob_name_make(struct text account, struct text id, struct blob_name *ret, struct problem *problem)
{
    if (!is_name(account, 1) || !is_name(id, 2)) {
        return problem_internal(problem, "not the name of a blob");
    }
    /* The end of an id is random; its beginning is the time. */
    const char *end = id.at + id.len - 2;
    snprintf(ret->account, sizeof ret->account, "%.*s", TEXT_ARG(account));
    snprintf(ret->folder, sizeof ret->folder, "%.*s/%.2s", TEXT_ARG(account), end);
    snprintf(ret->path, sizeof ret->path, "%.*s/%.2s/%.*s", TEXT_ARG(account), end, TEXT_ARG(id));
    unsigned char *at = ret->bound;
    *at++ = (unsigned char)account.len;
    memcpy(at, account.at, account.len);
    at += account.len;
    *at++ = (unsigned char)id.len;
    memcpy(at, id.at, id.len);
    at += id.len;
    ret->bound_len = (size_t)(at - ret->bound);
    return true;
}

/* Removes what processes left that were killed while writing. Whoever still writes holds a lock on its file. */
static void sweep_unfinished(int root)
{
    int folder = openat(root, BLOB_UNFINISHED, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = folder >= 0 ? fdopendir(folder) : NULL;
    if (!listing) {
        file_close(&folder);
        return;
    }
    const struct dirent *entry = readdir(listing);
    while (entry) {
        FILE_CLEANUP fd = openat(folder, entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        struct stat stat;
        if (fd >= 0 && fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0) {
            unlinkat(folder, entry->d_name, 0);
        }
        entry = readdir(listing);
    }
    closedir(listing);
}

bool blobs_open(const char *directory, const struct vault *vault, struct blobs **ret, struct problem *problem)
{
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        return file_problem(problem, "make", directory);
    }
    if (!file_sync_parent(directory, problem)) {
        return false;
    }
    FILE_CLEANUP root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        return file_problem(problem, "open", directory);
    }
    if (mkdirat(root, BLOB_UNFINISHED, 0700) != 0 && errno != EEXIST) {
        return file_problem(problem, "make a folder in", directory);
    }
    sweep_unfinished(root);
    struct blobs *blobs = sodium_malloc(sizeof *blobs);
    if (!blobs) {
        abort();
    }
    blobs->root = root;
    root = -1;
    vault_derive(vault, "blob", blobs->key);
    *ret = blobs;
    return true;
}

void blobs_close(struct blobs *blobs)
{
    if (blobs) {
        close(blobs->root);
        sodium_free(blobs);
    }
}

bool blob_remove(struct blobs *blobs, struct text account, struct text id, struct problem *problem)
{
    struct blob_name name;
    if (!blob_name_make(account, id, &name, problem)) {
        return false;
    }
    if (unlinkat(blobs->root, name.path, 0) != 0) {
        return errno == ENOENT || file_problem(problem, "remove", name.path);
    }
    FILE_CLEANUP folder = openat(blobs->root, name.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder >= 0 ? file_sync(folder, name.folder, problem) : file_problem(problem, "open", name.folder);
}
