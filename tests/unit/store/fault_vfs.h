/* A disk and a memory that fail when told: SQLite's calls to the operating system and to malloc pass through here on their way, are counted by
 * who makes them, and one of them (or all from one on) is answered with an error instead. */
#ifndef UNIT_FAULT_VFS_H
#define UNIT_FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

enum fault_place {
    FAULT_READ = 1,
    FAULT_WRITE = 2,
    FAULT_TRUNCATE = 4,
    FAULT_SYNC = 8,
    FAULT_SHM_MAP = 16,
    FAULT_SHM_LOCK = 32,
    FAULT_MEMORY = 64,
};

struct fault {
    unsigned places;    /* which calls count: enum fault_place */
    int code;           /* what they are answered with; memory has no code */
    uint64_t nth;       /* from 1: this call fails */
    bool lasting;       /* and all after it */
    bool in_checkpoint; /* only calls within one count */
};

/* Puts itself between SQLite and its default file system and memory. Once, before SQLite is used. */
void fault_vfs_install(void);

/* From now on. */
void fault_arm(const struct fault *fault);
/* Back to a sound machine. Whether a call failed meanwhile. */
bool fault_disarm(void);

/* What connections that were opened for writing, and others, have done since the last fault_counts_reset. Asking for the right to write or
 * to checkpoint is an exclusive lock of the shared memory. */
struct fault_counts {
    uint64_t writes, truncates, syncs, write_locks;
};
void fault_counts_reset(void);
struct fault_counts fault_counts(bool of_writers);
/* Checkpoints that are over, well or not. */
uint64_t fault_checkpoints(void);

#endif
