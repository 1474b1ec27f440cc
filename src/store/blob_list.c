#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "store/blob_file.h"

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
        listing->enough = !listing->see(listing->context, text_from(listing->account), text_from(name));
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

bool blobs_each(struct blobs *blobs, blob_see *see, void *context, struct problem *problem)
{
    struct listing listing = {.see = see, .context = context, .problem = problem};
    return list_folder(&listing, blobs->root, ".", LEVEL_ACCOUNTS);
}
