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
/* The address of the database that this path stands for: on PostgreSQL a schema, made when it is not there; programs that the test starts
 * after that know it by the same path. Written into `url`, which holds TEST_URL_MAX bytes, and returned. */
const char *test_database(const char *path, char *url);
/* The same, with the tables of these migrations already in it when it is new. On SQLite they are made once for the process and copied;
 * on PostgreSQL a schema that an earlier test of the process has left is emptied and used again. */
const char *test_database_with(const char *path, const struct db_migration *migrations, char *url);
/* After each test: removes every schema that it had, or keeps it for the next. */
void test_databases_drop(void);
/* This test's schemas are not to be used again: it changes tables, or starts processes that may still be writing at its end. */
void test_databases_spoiled(void);

#endif
