#include "store/vault.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/file.h"

#define KEY_HEX (2 * crypto_kdf_KEYBYTES)
#define SEAL_VERSION 1
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SEAL_BYTES (1 + NONCE_BYTES + TAG_BYTES) /* of a sealed value, besides the plain text's */

/* Both are derived from the key of the file, which is forgotten. In memory that is kept out of swap and core dumps. */
struct vault {
    unsigned char value_key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    unsigned char purpose_key[crypto_generichash_KEYBYTES];
};
static_assert(crypto_generichash_KEYBYTES == 32, "a derived key fits");

static void sodium_start(void)
{
    if (sodium_init() < 0) {
        abort(); /* no random numbers: nothing can be done safely */
    }
}

static bool key_file_write(int fd, const char *path, struct problem *problem)
{
    unsigned char key[crypto_kdf_KEYBYTES];
    char line[KEY_HEX + 1];
    crypto_kdf_keygen(key);
    sodium_bin2hex(line, sizeof line, key, sizeof key);
    line[KEY_HEX] = '\n';
    bool done = file_write_all(fd, line, sizeof line, path, problem) && file_sync(fd, path, problem);
    sodium_memzero(key, sizeof key);
    sodium_memzero(line, sizeof line);
    return done;
}

bool vault_key_create(const char *path, struct problem *problem)
{
    sodium_start();
    char temporary[FILE_PATH_MAX];
    int len = snprintf(temporary, sizeof temporary, "%s.new-%08x", path, randombytes_random());
    if (len < 0 || (size_t)len >= sizeof temporary) {
        return problem_internal(problem, "the path of the key file is too long");
    }
    FILE_CLEANUP fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return file_problem(problem, "make", temporary);
    }
    /* A link, unlike a rename, never takes another file's place. */
    bool done = key_file_write(fd, temporary, problem);
    if (done && link(temporary, path) != 0) {
        done = errno == EEXIST
                   ? problem_set(problem, PROBLEM_CONFLICT, WORD_store_key_exists, NULL, path, NULL)
                   : file_problem(problem, "make", path);
    }
    unlink(temporary);
    return done && file_sync_parent(path, problem);
}

/* Reads the key itself. The file may end in one line feed. */
static bool key_file_read(
    const char *path, unsigned char ret_key[crypto_kdf_KEYBYTES], struct problem *problem)
{
    FILE_CLEANUP fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) != 0) {
        return problem_set(
            problem, PROBLEM_INTERNAL, WORD_store_key_missing, NULL, path, "%s", strerrordesc_np(errno));
    }
    if (!S_ISREG(stat.st_mode)) {
        return problem_set(
            problem, PROBLEM_INTERNAL, WORD_store_key_malformed, NULL, path, "not a plain file");
    }
    bool ours = stat.st_uid == geteuid() || stat.st_uid == 0;
    if (!ours || (stat.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return problem_set(problem, PROBLEM_INTERNAL, WORD_store_key_exposed, NULL, path,
            "mode %04o, owner %u", (unsigned)(stat.st_mode & 07777), (unsigned)stat.st_uid);
    }
    char line[KEY_HEX + 2];
    size_t len = 0;
    if (!file_read_all(fd, line, sizeof line, &len, path, problem)) {
        return false;
    }
    bool whole = len == KEY_HEX || (len == KEY_HEX + 1 && line[KEY_HEX] == '\n');
    bool sound = whole && text_unhex((struct text){line, KEY_HEX}, ret_key, crypto_kdf_KEYBYTES);
    sodium_memzero(line, sizeof line);
    return sound || problem_set(problem, PROBLEM_INTERNAL, WORD_store_key_malformed, NULL, path, NULL);
}

bool vault_open(const char *path, struct vault **ret, struct problem *problem)
{
    sodium_start();
    unsigned char key[crypto_kdf_KEYBYTES];
    if (!key_file_read(path, key, problem)) {
        return false;
    }
    struct vault *vault = sodium_malloc(sizeof *vault);
    if (!vault) {
        abort();
    }
    crypto_kdf_derive_from_key(vault->value_key, sizeof vault->value_key, 1, "pd-value", key);
    crypto_kdf_derive_from_key(vault->purpose_key, sizeof vault->purpose_key, 2, "purposes", key);
    sodium_memzero(key, sizeof key);
    sodium_mprotect_readonly(vault);
    *ret = vault;
    return true;
}

void vault_close(struct vault *vault)
{
    sodium_free(vault); /* overwrites it */
}

void vault_derive(const struct vault *vault, const char *purpose, unsigned char ret_key[32])
{
    int code = crypto_generichash(ret_key, 32, (const unsigned char *)purpose, strlen(purpose),
        vault->purpose_key, sizeof vault->purpose_key);
    assert(code == 0);
}

/* Each part with its length before it, so that no two places read alike. */
static struct text place_bytes(const struct vault_place *place, struct arena *arena)
{
    const struct text parts[] = {
        text_from(place->table), text_from(place->column), place->account, place->row};
    size_t len = 1;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        len += sizeof(uint64_t) + parts[i].len;
    }
    char *bytes = arena_alloc(arena, len, 1);
    char *at = bytes;
    *at++ = SEAL_VERSION;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        for (unsigned shift = 0; shift < 64; shift += 8) {
            *at++ = (char)((uint64_t)parts[i].len >> shift & 0xff);
        }
        if (parts[i].len > 0) {
            memcpy(at, parts[i].at, parts[i].len);
            at += parts[i].len;
        }
    }
    return (struct text){bytes, len};
}

struct text vault_seal(
    const struct vault *vault, const struct vault_place *place, struct text plain, struct arena *arena)
{
    struct text bound = place_bytes(place, arena);
    unsigned char *sealed = arena_alloc(arena, plain.len + SEAL_BYTES, 1);
    sealed[0] = SEAL_VERSION;
    unsigned char *nonce = sealed + 1;
    randombytes_buf(nonce, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_BYTES, NULL, (const unsigned char *)plain.at,
        plain.len, (const unsigned char *)bound.at, bound.len, NULL, nonce, vault->value_key);
    return (struct text){(const char *)sealed, plain.len + SEAL_BYTES};
}

bool vault_unseal(const struct vault *vault, const struct vault_place *place, struct text sealed,
    struct arena *arena, struct text *ret_plain, struct problem *problem)
{
    if (sealed.len < SEAL_BYTES || sealed.at[0] != SEAL_VERSION) {
        return problem_internal(problem, "%s.%s holds no sealed value", place->table, place->column);
    }
    struct text bound = place_bytes(place, arena);
    const unsigned char *nonce = (const unsigned char *)sealed.at + 1;
    size_t len = sealed.len - SEAL_BYTES;
    unsigned char *plain = arena_alloc(arena, len + 1, 1); /* NUL-terminated, for C interfaces */
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, nonce + NONCE_BYTES, len + TAG_BYTES,
            (const unsigned char *)bound.at, bound.len, nonce, vault->value_key) != 0) {
        return problem_internal(problem,
            "a sealed value of %s.%s does not open: another key, or it was altered or moved", place->table,
            place->column);
    }
    *ret_plain = (struct text){(const char *)plain, len};
    return true;
}
