#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif
#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif

#define ARENA_ALIGN ((size_t)16)
#define ARENA_FIRST_BLOCK ((size_t)8 * 1024)
#define ARENA_LARGEST_BLOCK ((size_t)256 * 1024)

struct block {
    struct block *before;
    size_t size; /* of at[] */
    size_t used;
    alignas(16) char at[];
};

struct arena {
    struct block *newest;
    size_t limit;
    size_t used;
};

static struct block *block_new(size_t size, struct block *before)
{
    if (size > SIZE_MAX - sizeof(struct block)) {
        abort();
    }
    struct block *block = malloc(sizeof *block + size);
    if (!block) {
        abort();
    }
    block->before = before;
    block->size = size;
    block->used = 0;
    ASAN_POISON_MEMORY_REGION(block->at, size);
    return block;
}

static void block_free(struct block *block)
{
    ASAN_UNPOISON_MEMORY_REGION(block->at, block->size);
    free(block);
}

struct arena *arena_new(size_t limit)
{
    struct arena *arena = malloc(sizeof *arena);
    if (!arena) {
        abort();
    }
    *arena = (struct arena){.limit = limit};
    return arena;
}

void arena_reset(struct arena *arena)
{
    while (arena->newest && arena->newest->before) {
        struct block *block = arena->newest;
        arena->newest = block->before;
        block_free(block);
    }
    if (arena->newest) {
        arena->newest->used = 0;
        ASAN_POISON_MEMORY_REGION(arena->newest->at, arena->newest->size);
    }
    arena->used = 0;
}

void arena_free(struct arena *arena)
{
    if (!arena) {
        return;
    }
    arena_reset(arena);
    if (arena->newest) {
        block_free(arena->newest);
    }
    free(arena);
}

static void arena_grow(struct arena *arena, size_t need)
{
    size_t size = arena->newest ? arena->newest->size : ARENA_FIRST_BLOCK / 2;
    size = size < ARENA_LARGEST_BLOCK / 2 ? size * 2 : ARENA_LARGEST_BLOCK;
    arena->newest = block_new(size > need ? size : need, arena->newest);
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t len = 0;
    if (__builtin_mul_overflow(count, size, &len) || len > SIZE_MAX - ARENA_ALIGN) {
        abort();
    }
    size_t need = len == 0 ? ARENA_ALIGN : (len + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
    assert(arena->used <= arena->limit);
    if (need > arena->limit - arena->used) {
        abort();
    }
    if (!arena->newest || need > arena->newest->size - arena->newest->used) {
        arena_grow(arena, need);
    }
    struct block *block = arena->newest;
    char *at = block->at + block->used;
    block->used += need;
    arena->used += need;
    /* Only what was asked for is opened, so that a read past it is found. */
    ASAN_UNPOISON_MEMORY_REGION(at, len);
    memset(at, 0, len);
    return at;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

void arena_cleanup(struct arena **arena)
{
    arena_free(*arena);
    *arena = NULL;
}
