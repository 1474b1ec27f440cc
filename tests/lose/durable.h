/* A directory that loses what was not made durable, as a disk does when the power goes. A program runs with liblose.so preloaded; each fsync and fdatasync in the
 * directory then copies what it makes durable into a second directory, the shadow: of a file its content, of a directory its names. After a
 * kill -9 `lose restore` puts the directory back to what the shadow has of it.
 *
 * The shadow holds one file for each file and directory that was ever synced, named after the inode, so that a rename or a removal
 * counts only when its directory is synced. Not known here: O_SYNC, sync, syncfs and msync, which nobody uses who is tested; what SQLite maps
 * (-shm) need not survive. */
#ifndef LOSE_DURABLE_H
#define LOSE_DURABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define DURABLE_KEY_MAX 64

/* The inode's name in the shadow: its number, and the time of its making since numbers are used again. */
void durable_key(int fd, char key[DURABLE_KEY_MAX]);
/* Takes what stands at `fd` into the shadow, in one step. Ends the program when it cannot. */
void durable_take(int shadow, int fd);
/* The lock of the shadow: of two that sync one file the later must win. Closing gives it back. */
int durable_lock(int shadow);
/* Copies `from`, from its beginning, to the place of `to`. */
void durable_copy(int from, int to);

/* Says what went wrong and ends the program. */
void durable_die(const char *doing, const char *what) __attribute__((noreturn));

#endif
