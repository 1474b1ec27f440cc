/* A folder of its own for each test, and what tests of the store and of what stands on it share. */
#ifndef UNIT_SCRATCH_H
#define UNIT_SCRATCH_H

#include <sys/types.h>

#include "store/db.h"

/* These go before cmocka's own header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct scratch {
    char folder[64];
    char paths[8][96];
    size_t next;
};

/* cmocka's set-up and tear-down: *state is a struct scratch *; the folder is removed with all in it. */
int scratch_setup(void **state);
/* As scratch_setup, where making a file durable costs nothing; for thousands of small databases. */
int scratch_setup_in_memory(void **state);
int scratch_teardown(void **state);
/* Path of a file in the folder. The last eight stay valid. */
const char *scratch_path(struct scratch *scratch, const char *name);

/* The database that this path stands for, on the engine that is tested (test_database.h). The last eight stay valid. */
const char *scratch_url(const char *path);
/* Opens a database that must open. A new one of the product or of the sandbox carrier gets its tables as a copy. */
struct db *scratch_db(const char *path, const struct db_migration *migrations);
/* One statement in a transaction of its own; it must succeed. */
void scratch_exec(struct db *db, const char *sql, const struct db_value *args, size_t count);
int64_t scratch_number(struct db *db, const char *sql, const struct db_value *args, size_t count);

/* Starts this very program again as `program mode argument`, its standard output going to *ret_out (NULL: not wanted). */
pid_t scratch_spawn(const char *mode, const char *argument, int *ret_out);
/* Waits for it to end: the exit code, or 128 and the signal. */
int scratch_wait(pid_t child);

#endif
