#include "store/vault.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "store/file.h"
#include "store/vault_ring.h"

#define SEAL_FIRST 1   /* version of a value sealed by the only key there was */
#define SEAL_VERSION 2 /* with the key's id behind it */
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SEAL_BYTES (VAULT_PREFIX_BYTES + NONCE_BYTES + TAG_BYTES) /* besides the plain text's */
static_assert(VAULT_WRAPPED_BYTES == VAULT_ID_BYTES + NONCE_BYTES + 32 + TAG_BYTES, "a wrapped key fits");
static_assert(crypto_generichash_KEYBYTES == 32 && crypto_kdf_KEYBYTES == RING_KEY_BYTES, "keys fit");

/* Derived from a master key, which is forgotten. In memory that is kept out of swap and core dumps. */
struct key {
    unsigned char id[VAULT_ID_BYTES];
    unsigned char value_key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    unsigned char wrap_key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    int64_t made_at;
    bool next;
};

struct keys {
    unsigned char purpose_key[crypto_generichash_KEYBYTES];
    size_t count;
    struct key keys[VAULT_KEYS_MAX]; /* the current one first */
};

/* What changes when the file does. */
struct shared {
    char path[FILE_PATH_MAX];
    pthread_rwlock_t lock; /* of all below */
    struct keys *keys;
    struct stat file;
    unsigned char told[VAULT_ID_BYTES]; /* the current key when vault_changed was asked last */
};

struct vault {
    struct shared *shared;
};

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static bool keys_read(const char *path, struct keys **ret, struct stat *ret_file, struct problem *problem)
{
    RING_CLEANUP ring = ring_new();
    if (!ring_read(path, ring, ret_file, problem)) {
        return false;
    }
    struct keys *keys = sodium_malloc(sizeof *keys);
    if (!keys) {
        abort();
    }
    memcpy(keys->purpose_key, ring->root, sizeof keys->purpose_key);
    keys->count = ring->count;
    for (size_t i = 0; i < ring->count; i++) {
        const struct ring_key *from = &ring->keys[i];
        struct key *key = &keys->keys[i];
        memcpy(key->id, from->id, sizeof key->id);
        key->made_at = from->made_at;
        key->next = from->next;
        crypto_kdf_derive_from_key(key->value_key, sizeof key->value_key, 1, "pd-value", from->master);
        crypto_kdf_derive_from_key(key->wrap_key, sizeof key->wrap_key, 3, "pd-wraps", from->master);
    }
    sodium_mprotect_readonly(keys);
    *ret = keys;
    return true;
}

bool vault_open(const char *path, struct vault **ret, struct problem *problem)
{
    struct vault *vault = calloc(1, sizeof *vault);
    struct shared *shared = calloc(1, sizeof *shared);
    if (!vault || !shared) {
        abort();
    }
    vault->shared = shared;
    pthread_rwlock_init(&shared->lock, NULL);
    size_t len = strlen(path);
    if (len >= sizeof shared->path) {
        vault_close(vault);
        return problem_internal(problem, "the path of the key file is too long");
    }
    memcpy(shared->path, path, len + 1);
    if (!keys_read(path, &shared->keys, &shared->file, problem)) {
        vault_close(vault);
        return false;
    }
    memcpy(shared->told, shared->keys->keys[0].id, sizeof shared->told);
    *ret = vault;
    return true;
}

void vault_close(struct vault *vault)
{
    if (vault) {
        sodium_free(vault->shared->keys); /* overwrites them */
        pthread_rwlock_destroy(&vault->shared->lock);
        free(vault->shared);
        free(vault);
    }
}

/* Takes in the file when it is another one. What cannot be read now changes nothing: the keys that are known go on. */
static void look(struct shared *shared)
{
    struct stat file;
    pthread_rwlock_rdlock(&shared->lock);
    bool same = stat(shared->path, &file) != 0 || same_file(&file, &shared->file);
    pthread_rwlock_unlock(&shared->lock);
    if (same) {
        return;
    }
    struct keys *keys = NULL;
    if (!keys_read(shared->path, &keys, &file, NULL)) {
        return;
    }
    pthread_rwlock_wrlock(&shared->lock);
    struct keys *old = shared->keys;
    shared->keys = keys;
    shared->file = file;
    pthread_rwlock_unlock(&shared->lock);
    sodium_free(old);
}

/* A copy of the key, as the keys may be replaced at any time. False when there is none of that id. */
static bool key_find(struct shared *shared, const unsigned char *id, struct key *ret)
{
    bool found = false;
    pthread_rwlock_rdlock(&shared->lock);
    for (size_t i = 0; i < shared->keys->count && !found; i++) {
        found = memcmp(shared->keys->keys[i].id, id, VAULT_ID_BYTES) == 0;
        if (found) {
            *ret = shared->keys->keys[i];
        }
    }
    pthread_rwlock_unlock(&shared->lock);
    return found;
}

static bool key_of(struct shared *shared, const unsigned char *id, struct key *ret)
{
    if (key_find(shared, id, ret)) {
        return true;
    }
    look(shared);
    return key_find(shared, id, ret);
}

static void key_current(struct shared *shared, struct key *ret)
{
    look(shared);
    pthread_rwlock_rdlock(&shared->lock);
    *ret = shared->keys->keys[0];
    pthread_rwlock_unlock(&shared->lock);
}

bool vault_changed(struct vault *vault)
{
    struct key key;
    key_current(vault->shared, &key);
    pthread_rwlock_wrlock(&vault->shared->lock);
    bool changed = memcmp(key.id, vault->shared->told, sizeof key.id) != 0;
    memcpy(vault->shared->told, key.id, sizeof key.id);
    pthread_rwlock_unlock(&vault->shared->lock);
    sodium_memzero(&key, sizeof key);
    return changed;
}

size_t vault_keys(const struct vault *vault, struct vault_key ret[VAULT_KEYS_MAX])
{
    struct shared *shared = vault->shared;
    look(shared);
    pthread_rwlock_rdlock(&shared->lock);
    size_t count = shared->keys->count;
    for (size_t i = 0; i < count; i++) {
        const struct key *key = &shared->keys->keys[i];
        ret[i] = (struct vault_key){.made_at = key->made_at, .current = i == 0, .next = key->next};
        sodium_bin2hex(ret[i].id, sizeof ret[i].id, key->id, sizeof key->id);
    }
    pthread_rwlock_unlock(&shared->lock);
    return count;
}

void vault_derive(const struct vault *vault, const char *purpose, unsigned char ret_key[32])
{
    pthread_rwlock_rdlock(&vault->shared->lock);
    const struct keys *keys = vault->shared->keys;
    int code = crypto_generichash(ret_key, 32, (const unsigned char *)purpose, strlen(purpose),
        keys->purpose_key, sizeof keys->purpose_key);
    pthread_rwlock_unlock(&vault->shared->lock);
    assert(code == 0);
}

/* Each part with its length before it, so that no two places read alike. */
static struct text place_bytes(const struct vault_place *place, unsigned char version, struct arena *arena)
{
    const struct text parts[] = {
        text_from(place->table), text_from(place->column), place->account, place->row};
    size_t len = 1;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        len += sizeof(uint64_t) + parts[i].len;
    }
    char *bytes = arena_alloc(arena, len, 1);
    char *at = bytes;
    *at++ = (char)version;
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
    struct text bound = place_bytes(place, SEAL_VERSION, arena);
    unsigned char *sealed = arena_alloc(arena, plain.len + SEAL_BYTES, 1);
    struct key key;
    key_current(vault->shared, &key);
    sealed[0] = SEAL_VERSION;
    memcpy(sealed + 1, key.id, sizeof key.id);
    unsigned char *nonce = sealed + VAULT_PREFIX_BYTES;
    randombytes_buf(nonce, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_BYTES, NULL, (const unsigned char *)plain.at,
        plain.len, (const unsigned char *)bound.at, bound.len, NULL, nonce, key.value_key);
    sodium_memzero(&key, sizeof key);
    return (struct text){(const char *)sealed, plain.len + SEAL_BYTES};
}

/* Opens nonce, ciphertext and tag in `box`. */
static bool box_open(
    const unsigned char *value_key, struct text bound, struct text box, unsigned char *ret_plain)
{
    const unsigned char *nonce = (const unsigned char *)box.at;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(ret_plain, NULL, NULL, nonce + NONCE_BYTES,
               box.len - NONCE_BYTES, (const unsigned char *)bound.at, bound.len, nonce, value_key) == 0;
}

/* A value of the first version does not say which key sealed it; there were few. */
static bool first_open(struct shared *shared, struct text bound, struct text box, unsigned char *ret_plain)
{
    bool open = false;
    pthread_rwlock_rdlock(&shared->lock);
    for (size_t i = 0; i < shared->keys->count && !open; i++) {
        open = box_open(shared->keys->keys[i].value_key, bound, box, ret_plain);
    }
    pthread_rwlock_unlock(&shared->lock);
    return open;
}

static bool no_key(const struct vault_place *place, const unsigned char *id, struct problem *problem)
{
    char hex[2 * VAULT_ID_BYTES + 1];
    sodium_bin2hex(hex, sizeof hex, id, VAULT_ID_BYTES);
    return problem_internal(problem,
        "a value of %s.%s is sealed with key %s, which the key file does not hold", place->table,
        place->column, hex);
}

bool vault_unseal(const struct vault *vault, const struct vault_place *place, struct text sealed,
    struct arena *arena, struct text *ret_plain, struct problem *problem)
{
    int version = sealed.len > 0 ? (unsigned char)sealed.at[0] : 0;
    size_t prefix = version == SEAL_FIRST ? 1 : VAULT_PREFIX_BYTES;
    if ((version != SEAL_FIRST && version != SEAL_VERSION) || sealed.len < prefix + NONCE_BYTES + TAG_BYTES) {
        return problem_internal(problem, "%s.%s holds no sealed value", place->table, place->column);
    }
    struct text bound = place_bytes(place, (unsigned char)version, arena);
    struct text box = text_part(sealed, prefix, SIZE_MAX);
    size_t len = box.len - NONCE_BYTES - TAG_BYTES;
    unsigned char *plain = arena_alloc(arena, len + 1, 1); /* NUL-terminated, for C interfaces */
    bool open = false;
    if (version == SEAL_FIRST) {
        open = first_open(vault->shared, bound, box, plain);
    } else {
        struct key key;
        const unsigned char *id = (const unsigned char *)sealed.at + 1;
        if (!key_of(vault->shared, id, &key)) {
            return no_key(place, id, problem);
        }
        open = box_open(key.value_key, bound, box, plain);
        sodium_memzero(&key, sizeof key);
    }
    if (!open) {
        return problem_internal(problem,
            "a sealed value of %s.%s does not open: another key, or it was altered or moved", place->table,
            place->column);
    }
    *ret_plain = (struct text){(const char *)plain, len};
    return true;
}

void vault_prefix(const struct vault *vault, unsigned char ret[VAULT_PREFIX_BYTES])
{
    struct key key;
    key_current(vault->shared, &key);
    ret[0] = SEAL_VERSION;
    memcpy(ret + 1, key.id, sizeof key.id);
    sodium_memzero(&key, sizeof key);
}

bool vault_is_current(const struct vault *vault, struct text sealed)
{
    unsigned char prefix[VAULT_PREFIX_BYTES];
    vault_prefix(vault, prefix);
    return text_starts(sealed, (struct text){(const char *)prefix, sizeof prefix});
}

void vault_wrap(const struct vault *vault, struct text bound, const unsigned char key[32],
    unsigned char ret[VAULT_WRAPPED_BYTES])
{
    struct key current;
    key_current(vault->shared, &current);
    memcpy(ret, current.id, sizeof current.id);
    unsigned char *nonce = ret + VAULT_ID_BYTES;
    randombytes_buf(nonce, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_BYTES, NULL, key, 32,
        (const unsigned char *)bound.at, bound.len, NULL, nonce, current.wrap_key);
    sodium_memzero(&current, sizeof current);
}

bool vault_unwrap(const struct vault *vault, struct text bound,
    const unsigned char wrapped[VAULT_WRAPPED_BYTES], unsigned char ret_key[32])
{
    struct key key;
    if (!key_of(vault->shared, wrapped, &key)) {
        return false;
    }
    struct text box = {(const char *)wrapped + VAULT_ID_BYTES, VAULT_WRAPPED_BYTES - VAULT_ID_BYTES};
    bool open = box_open(key.wrap_key, bound, box, ret_key);
    sodium_memzero(&key, sizeof key);
    return open;
}
