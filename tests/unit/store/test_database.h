/* Where a test's database is: a SQLite file, or, when PORTDESK_TEST_DATABASE gives the address of a PostgreSQL server, a schema of its
 * own there. So one test runs on both engines. */
#ifndef UNIT_TEST_DATABASE_H
#define UNIT_TEST_DATABASE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/db.h"

#define TEST_URL_MAX ((size_t)512)

/* Whether tests run on PostgreSQL. */
bool test_on_postgres(void);
/* The address of the database that this path stands for: on PostgreSQL a schema, made when it is not there. Written into `url`, which
 * holds TEST_URL_MAX bytes, and returned. */
const char *test_database(const char *path, char *url);
/* The same, with the tables of these migrations already in it when it is new. They are made once for the process and copied, which
 * is several times as fast. */
const char *test_database_with(const char *path, const struct db_migration *migrations, char *url);
/* Removes every schema that this process made. */
void test_databases_drop(void);

#endif
