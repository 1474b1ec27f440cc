/* Where a test's database is: a SQLite file, or, when PORTDESK_TEST_DATABASE gives the address of a PostgreSQL server, a schema of its
 * own there. So one test runs on both engines. */
#ifndef UNIT_TEST_DATABASE_H
#define UNIT_TEST_DATABASE_H

#include <stdbool.h>
#include <stddef.h>

#define TEST_URL_MAX ((size_t)512)

/* Whether tests run on PostgreSQL. */
bool test_on_postgres(void);
/* The address of the database that this path stands for: on PostgreSQL a schema, made when it is not there. Written into `url`, which
 * holds TEST_URL_MAX bytes, and returned. */
const char *test_database(const char *path, char *url);
/* Removes every schema that this process made. */
void test_databases_drop(void);

#endif
