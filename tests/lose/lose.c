/* What the power cut left, made by hand (durable.h):
 *     lose begin ROOT SHADOW           all that is in ROOT now is durable; SHADOW is made, or made anew
 *     lose restore ROOT SHADOW [SEED]  puts ROOT back to what was durable; with a seed other than 0 some of what was not durable
 *                                      stays all the same, as a disk may have it: the names, and of each file some pages */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "durable.h"

#define PAGE 4096
#define PATH 4096

static int shadow_fd;
static uint64_t seed; /* 0: nothing survives that was not durable */
static bool live_names;

/* Where each inode stands now. */
static struct place {
    char key[DURABLE_KEY_MAX];
    char path[PATH];
} * places;
static size_t places_count, places_room;

static int remove_one(const char *path, const struct stat *of, int type, struct FTW *at)
{
    (void)of;
    (void)type;
    (void)at;
    return remove(path);
}

static void remove_tree(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int open_or_die(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        durable_die("open", path);
    }
    return fd;
}

static int take_one(const char *path, const struct stat *of, int type, struct FTW *at)
{
    (void)of;
    (void)at;
    if (type == FTW_F || type == FTW_D) {
        int fd = open_or_die(path, O_RDONLY);
        durable_take(shadow_fd, fd);
        close(fd);
    }
    return 0;
}

static void begin(const char *root, const char *shadow)
{
    remove_tree(shadow);
    if (mkdir(shadow, 0700) != 0) {
        durable_die("make", shadow);
    }
    shadow_fd = open_or_die(shadow, O_RDONLY | O_DIRECTORY);
    nftw(root, take_one, 16, FTW_PHYS);
}

static int note_place(const char *path, const struct stat *of, int type, struct FTW *at)
{
    (void)of;
    (void)at;
    if (type != FTW_F && type != FTW_D) {
        return 0;
    }
    if (places_count == places_room) {
        places_room = places_room ? places_room * 2 : 256;
        places = realloc(places, places_room * sizeof *places);
        if (!places) {
            abort();
        }
    }
    struct place *place = &places[places_count++];
    int fd = open_or_die(path, O_PATH);
    durable_key(fd, place->key);
    close(fd);
    snprintf(place->path, sizeof place->path, "%s", path);
    return 0;
}

static const char *place_of(const char *key)
{
    for (size_t i = 0; i < places_count; i++) {
        if (strcmp(places[i].key, key) == 0) {
            return places[i].path;
        }
    }
    return NULL;
}

/* xorshift64* */
static uint64_t next_random(void)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return seed * UINT64_C(2685821657736338717);
}

/* Of the pages that differ from what was durable each stays or not, and so does the length. */
static void keep_some(int live, int to)
{
    struct stat of;
    struct stat durable;
    if (fstat(live, &of) != 0 || fstat(to, &durable) != 0) {
        durable_die("look at", "a file");
    }
    uint64_t parts = next_random() % 5; /* of four; some files keep all or nothing */
    off_t length = parts && next_random() % 2 ? of.st_size : durable.st_size;
    for (off_t at = 0; at < of.st_size && at < length; at += PAGE) {
        char page[PAGE];
        ssize_t got = pread(live, page, sizeof page, at);
        if (got > 0 && next_random() % 4 < parts && pwrite(to, page, (size_t)got, at) != got) {
            durable_die("write", "a page");
        }
    }
    if (ftruncate(to, length) != 0) {
        durable_die("set the length of", "a file");
    }
}

static void file_restore(const char *key, unsigned mode, const char *path)
{
    int to = open_or_die(path, O_RDWR | O_CREAT | O_EXCL);
    int from = openat(shadow_fd, key, O_RDONLY | O_CLOEXEC);
    if (from >= 0) { /* otherwise its name was durable, and nothing in it */
        durable_copy(from, to);
        close(from);
    }
    const char *place = place_of(key);
    if (seed && place) {
        int live = open_or_die(place, O_RDONLY);
        keep_some(live, to);
        close(live);
    }
    if (fchmod(to, mode) != 0) {
        durable_die("set the mode of", path);
    }
    close(to);
}

/* The names of a directory: those that were durable, or those that it has now, taken into the shadow first. */
static FILE *names_open(const char *key)
{
    const char *place = place_of(key);
    if (live_names && place) {
        int fd = open_or_die(place, O_RDONLY | O_DIRECTORY);
        durable_take(shadow_fd, fd);
        close(fd);
    }
    int fd = openat(shadow_fd, key, O_RDONLY | O_CLOEXEC);
    return fd >= 0 ? fdopen(fd, "r") : NULL;
}

static void directory_restore(const char *key, unsigned mode, const char *path);

/* "f 600 KEY NAME" */
static void entry_restore(char *line, const char *parent)
{
    char *key = NULL;
    unsigned mode = (unsigned)strtoul(line + 2, &key, 8);
    key++;
    char *name = strchr(key, ' ');
    char *end = name ? strchr(name, '\n') : NULL;
    if (!end) {
        durable_die("read", line);
    }
    *name++ = '\0';
    *end = '\0';
    char path[PATH];
    snprintf(path, sizeof path, "%s/%s", parent, name);
    if (line[0] == 'd') {
        directory_restore(key, mode, path);
    } else {
        file_restore(key, mode, path);
    }
}

static void directory_restore(const char *key, unsigned mode, const char *path)
{
    if (mkdir(path, 0700) != 0) {
        durable_die("make", path);
    }
    FILE *names = names_open(key);
    char *line = NULL;
    size_t room = 0;
    while (names && getline(&line, &room, names) > 0) {
        entry_restore(line, path);
    }
    free(line);
    if (names) {
        fclose(names);
    }
    if (chmod(path, mode) != 0) {
        durable_die("set the mode of", path);
    }
}

static void restore(const char *root, const char *shadow)
{
    char fresh[PATH];
    char key[DURABLE_KEY_MAX];
    struct stat of;
    snprintf(fresh, sizeof fresh, "%s.restored", root);
    remove_tree(fresh);
    shadow_fd = open_or_die(shadow, O_RDONLY | O_DIRECTORY);
    int fd = open_or_die(root, O_RDONLY | O_DIRECTORY);
    durable_key(fd, key);
    if (fstat(fd, &of) != 0) {
        durable_die("look at", root);
    }
    close(fd);
    nftw(root, note_place, 16, FTW_PHYS);
    live_names = seed && next_random() % 2;
    directory_restore(key, of.st_mode & 07777U, fresh);
    close(shadow_fd);
    remove_tree(root);
    if (rename(fresh, root) != 0) {
        durable_die("rename", fresh);
    }
    begin(root, shadow);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "begin") == 0) {
        begin(argv[2], argv[3]);
        return 0;
    }
    if ((argc == 4 || argc == 5) && strcmp(argv[1], "restore") == 0) {
        seed = argc == 5 ? strtoull(argv[4], NULL, 10) : 0;
        restore(argv[2], argv[3]);
        return 0;
    }
    fprintf(stderr, "usage: lose begin|restore ROOT SHADOW [SEED]\n");
    return 2;
}
