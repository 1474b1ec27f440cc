/* Memory that is freed whole. A request, a job or a parse owns one arena; everything it builds lives exactly as long.
 * Nothing taken from an arena is freed alone. An arena is used by one thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

/* A new, empty arena that will hand out at most `limit` bytes in all. Aborts when the process itself is out of
 * memory: there is nothing useful left to do then. Free with arena_free, or declare it ARENA_CLEANUP. */
struct arena *arena_new(size_t limit);

/* Frees the arena and everything in it. NULL is allowed. */
void arena_free(struct arena *arena);

/* Empties the arena for the next use, keeping its first block. */
void arena_reset(struct arena *arena);

/* `count` zeroed objects of `size` bytes, aligned for any type; aborts on overflow of the product and when the arena's
 * limit is passed: limits are set so that only a defect of ours can reach them, as outside sizes are checked before. */
void *arena_alloc(struct arena *arena, size_t count, size_t size) __attribute__((returns_nonnull, malloc));

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc((arena), (count), sizeof(type)))

void arena_cleanup(struct arena **arena);
#define ARENA_CLEANUP __attribute__((cleanup(arena_cleanup))) struct arena *

#endif
