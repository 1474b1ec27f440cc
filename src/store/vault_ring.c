#include "store/vault_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/file.h"

#define RING_HEAD "portdesk key ring 1"
#define KEY_HEX (2 * RING_KEY_BYTES)

struct ring *ring_new(void)
{
    if (sodium_init() < 0) {
        abort(); /* no random numbers: nothing can be done safely */
    }
    struct ring *ring = sodium_malloc(sizeof *ring);
    if (!ring) {
        abort();
    }
    sodium_memzero(ring, sizeof *ring);
    return ring;
}

void ring_free(struct ring **ring)
{
    sodium_free(*ring); /* overwrites it */
    *ring = NULL;
}

static void key_name(struct ring_key *key)
{
    static const char purpose[] = "portdesk key id";
    unsigned char hash[32];
    crypto_generichash(
        hash, sizeof hash, (const unsigned char *)purpose, sizeof purpose - 1, key->master, RING_KEY_BYTES);
    memcpy(key->id, hash, sizeof key->id);
}

static void key_make(struct ring_key *key, int64_t now, bool next)
{
    *key = (struct ring_key){.made_at = now, .next = next};
    randombytes_buf(key->master, sizeof key->master);
    key_name(key);
}

/* The first version: the root was derived from the one key. It is kept as it was derived, so that the key itself can go. */
static bool parse_first_version(struct text bytes, struct ring *ret)
{
    struct ring_key *key = &ret->keys[0];
    bool whole = bytes.len == KEY_HEX || (bytes.len == KEY_HEX + 1 && bytes.at[KEY_HEX] == '\n');
    if (!whole || !text_unhex(text_part(bytes, 0, KEY_HEX), key->master, RING_KEY_BYTES)) {
        return false;
    }
    key_name(key);
    crypto_kdf_derive_from_key(ret->root, sizeof ret->root, 2, "purposes", key->master);
    ret->count = 1;
    return true;
}

static bool parse_key(struct text line, struct ring *ring)
{
    struct text word, hex, made_at, last = TEXT_EMPTY;
    if (ring->count == VAULT_KEYS_MAX || !text_next(&line, ' ', &word) || !text_is(word, "key") ||
        !text_next(&line, ' ', &hex) || !text_next(&line, ' ', &made_at)) {
        return false;
    }
    text_next(&line, ' ', &last);
    struct ring_key *key = &ring->keys[ring->count];
    key->next = text_is(last, "next");
    bool sound = line.len == 0 && (last.len == 0 || (key->next && ring->count > 0)) &&
                 text_unhex(hex, key->master, RING_KEY_BYTES) &&
                 text_to_i64(made_at, 0, INT64_MAX, &key->made_at);
    key_name(key);
    for (size_t i = 0; i < ring->count; i++) {
        sound = sound && memcmp(ring->keys[i].id, key->id, sizeof key->id) != 0 &&
                !(key->next && ring->keys[i].next);
    }
    ring->count++;
    return sound;
}

static bool parse_ring(struct text bytes, struct ring *ret)
{
    struct text line;
    if (!text_ends(bytes, TEXT("\n")) || !text_next(&bytes, '\n', &line) || !text_is(line, RING_HEAD) ||
        !text_next(&bytes, '\n', &line) || !text_starts(line, TEXT("root ")) ||
        !text_unhex(text_part(line, 5, SIZE_MAX), ret->root, sizeof ret->root)) {
        return false;
    }
    while (text_next(&bytes, '\n', &line)) {
        if (!parse_key(line, ret)) {
            return false;
        }
    }
    return ret->count > 0;
}

bool ring_parse(struct text bytes, struct ring *ret, const char *path, struct problem *problem)
{
    sodium_memzero(ret, sizeof *ret);
    bool sound =
        text_starts(bytes, TEXT(RING_HEAD)) ? parse_ring(bytes, ret) : parse_first_version(bytes, ret);
    return sound || problem_set(problem, PROBLEM_INTERNAL, WORD_store_key_malformed, NULL, path, NULL);
}

size_t ring_print(const struct ring *ring, char *at)
{
    char hex[KEY_HEX + 1];
    sodium_bin2hex(hex, sizeof hex, ring->root, sizeof ring->root);
    size_t len = (size_t)snprintf(at, RING_FILE_MAX, RING_HEAD "\nroot %s\n", hex);
    for (size_t i = 0; i < ring->count; i++) {
        const struct ring_key *key = &ring->keys[i];
        sodium_bin2hex(hex, sizeof hex, key->master, sizeof key->master);
        len += (size_t)snprintf(at + len, RING_FILE_MAX - len, "key %s %lld%s\n", hex,
            (long long)key->made_at, key->next ? " next" : "");
    }
    sodium_memzero(hex, sizeof hex);
    return len;
}

static bool is_private(int fd, const char *path, struct stat *ret, struct problem *problem)
{
    if (fd < 0 || fstat(fd, ret) != 0) {
        return problem_set(
            problem, PROBLEM_INTERNAL, WORD_store_key_missing, NULL, path, "%s", strerrordesc_np(errno));
    }
    if (!S_ISREG(ret->st_mode)) {
        return problem_set(
            problem, PROBLEM_INTERNAL, WORD_store_key_malformed, NULL, path, "not a plain file");
    }
    bool ours = ret->st_uid == geteuid() || ret->st_uid == 0;
    if (!ours || (ret->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return problem_set(problem, PROBLEM_INTERNAL, WORD_store_key_exposed, NULL, path,
            "mode %04o, owner %u", (unsigned)(ret->st_mode & 07777), (unsigned)ret->st_uid);
    }
    return true;
}

static bool bytes_read(
    const char *path, char *at, size_t max, size_t *ret_len, struct stat *ret_stat, struct problem *problem)
{
    FILE_CLEANUP fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return is_private(fd, path, ret_stat, problem) && file_read_all(fd, at, max, ret_len, path, problem);
}

bool ring_read(const char *path, struct ring *ret, struct stat *ret_stat, struct problem *problem)
{
    char bytes[RING_FILE_MAX];
    size_t len = 0;
    struct stat stat;
    bool done = bytes_read(path, bytes, sizeof bytes, &len, &stat, problem) &&
                ring_parse((struct text){bytes, len}, ret, path, problem);
    sodium_memzero(bytes, sizeof bytes);
    if (done && ret_stat) {
        *ret_stat = stat;
    }
    return done;
}

bool vault_ring_bytes(const char *path, char *at, size_t max, size_t *ret_len, struct problem *problem)
{
    RING_CLEANUP ring = ring_new();
    struct stat stat;
    return bytes_read(path, at, max, ret_len, &stat, problem) &&
           ring_parse((struct text){at, *ret_len}, ring, path, problem);
}

/* ---- Writing ---- */

/* Writes a file beside `path`, durable but under a name of its own. */
static bool write_beside(
    const char *path, const char *temporary, const struct ring *ring, struct problem *problem)
{
    if (unlink(temporary) != 0 && errno != ENOENT) { /* of one that was killed; it holds keys */
        return file_problem(problem, "remove", temporary);
    }
    FILE_CLEANUP fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return file_problem(problem, "make", temporary);
    }
    struct stat old;
    if (geteuid() == 0 && stat(path, &old) == 0 && fchown(fd, old.st_uid, old.st_gid) != 0) {
        return file_problem(problem, "give away", temporary); /* it must stay the desk's own */
    }
    char bytes[RING_FILE_MAX];
    size_t len = ring_print(ring, bytes);
    bool done = file_write_all(fd, bytes, len, temporary, problem) && file_sync(fd, temporary, problem);
    sodium_memzero(bytes, sizeof bytes);
    return done;
}

static bool beside(const char *path, const char *ending, char ret[FILE_PATH_MAX], struct problem *problem)
{
    int len = snprintf(ret, FILE_PATH_MAX, "%s%s", path, ending);
    return (len > 0 && (size_t)len < FILE_PATH_MAX) ||
           problem_internal(problem, "the path of the key file is too long");
}

/* One process changes the file at a time. */
static int lock_take(const char *path, struct problem *problem)
{
    char name[FILE_PATH_MAX];
    if (!beside(path, ".lock", name, problem)) {
        return -1;
    }
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat key;
    if (fd < 0) {
        file_problem(problem, "open", name);
    } else if (geteuid() == 0 && stat(path, &key) == 0 && fchown(fd, key.st_uid, key.st_gid) != 0) {
        file_problem(problem, "give away", name); /* the desk itself must be able to take it */
        file_close(&fd);
    } else if (flock(fd, LOCK_EX) != 0) {
        file_problem(problem, "lock", name);
        file_close(&fd);
    }
    return fd;
}

static bool ring_make_file(const char *path, const struct ring *ring, struct problem *problem)
{
    char temporary[FILE_PATH_MAX], ending[32];
    snprintf(ending, sizeof ending, ".new-%08x", randombytes_random());
    if (!beside(path, ending, temporary, problem)) {
        return false;
    }
    /* A link, unlike a rename, never takes another file's place. */
    bool done = write_beside(path, temporary, ring, problem);
    if (done && link(temporary, path) != 0) {
        done = errno == EEXIST
                   ? problem_set(problem, PROBLEM_CONFLICT, WORD_store_key_exists, NULL, path, NULL)
                   : file_problem(problem, "make", path);
    }
    unlink(temporary);
    return done && file_sync_parent(path, problem);
}

bool vault_key_create(const char *path, struct problem *problem)
{
    RING_CLEANUP ring = ring_new();
    randombytes_buf(ring->root, sizeof ring->root);
    key_make(&ring->keys[0], 0, false);
    ring->count = 1;
    return ring_make_file(path, ring, problem);
}

bool vault_ring_install(const char *path, struct text bytes, struct problem *problem)
{
    RING_CLEANUP ring = ring_new();
    return ring_parse(bytes, ring, path, problem) && ring_make_file(path, ring, problem);
}

static bool ring_replace(const char *path, const struct ring *ring, struct problem *problem)
{
    char temporary[FILE_PATH_MAX];
    if (!beside(path, ".new", temporary, problem) || !write_beside(path, temporary, ring, problem)) {
        return false;
    }
    if (rename(temporary, path) != 0) {
        return file_problem(problem, "replace", path);
    }
    return file_sync_parent(path, problem);
}

static size_t next_of(const struct ring *ring)
{
    size_t i = 0;
    while (i < ring->count && !ring->keys[i].next) {
        i++;
    }
    return i;
}

/* Puts `key` first; what stood from there to `at` moves on by one. */
static void put_first(struct ring *ring, size_t at, struct ring_key *key)
{
    memmove(&ring->keys[1], &ring->keys[0], at * sizeof *key);
    ring->keys[0] = *key;
    sodium_memzero(key, sizeof *key);
}

bool vault_key_rotate(const char *path, bool next, int64_t now, struct problem *problem)
{
    RING_CLEANUP ring = ring_new();
    FILE_CLEANUP lock = lock_take(path, problem);
    if (lock < 0 || !ring_read(path, ring, NULL, problem)) {
        return false;
    }
    size_t known = next_of(ring);
    if (next && known < ring->count) {
        return problem_set(problem, PROBLEM_CONFLICT, WORD_store_key_next_exists, NULL, path, NULL);
    }
    if (known == VAULT_KEYS_MAX) {
        return problem_set(problem, PROBLEM_CONFLICT, WORD_store_key_ring_full, NULL, path, NULL);
    }
    struct ring_key key = ring->keys[known < ring->count ? known : 0];
    if (known < ring->count) {
        key.next = false;
        key.made_at = now;
        put_first(ring, known, &key);
    } else if (next) {
        key_make(&ring->keys[ring->count++], now, true);
    } else {
        key_make(&key, now, false);
        put_first(ring, ring->count++, &key);
    }
    sodium_memzero(&key, sizeof key);
    return ring_replace(path, ring, problem);
}

bool vault_key_prune(const char *path, struct problem *problem)
{
    RING_CLEANUP ring = ring_new();
    FILE_CLEANUP lock = lock_take(path, problem);
    if (lock < 0 || !ring_read(path, ring, NULL, problem)) {
        return false;
    }
    size_t kept = 1;
    for (size_t i = 1; i < ring->count; i++) {
        if (ring->keys[i].next) {
            ring->keys[kept++] = ring->keys[i];
        }
    }
    ring->count = kept;
    return ring_replace(path, ring, problem);
}
