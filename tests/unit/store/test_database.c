#include "test_database.h"

#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMAS_MAX 64

static char schemas[SCHEMAS_MAX][32];
static size_t schemas_count;

static const char *server(void)
{
    const char *url = getenv("PORTDESK_TEST_DATABASE");
    return url && *url ? url : NULL;
}

bool test_on_postgres(void)
{
    return server() != NULL;
}

static void run(const char *before, const char *schema, const char *after)
{
    char sql[128];
    snprintf(sql, sizeof sql, "%s %s %s", before, schema, after);
    PGconn *connection = PQconnectdb(server());
    PQclear(PQexec(connection, "SET client_min_messages = warning"));
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        fprintf(stderr, "%s: %s", sql, PQerrorMessage(connection));
        abort();
    }
    PQclear(result);
    PQfinish(connection);
}

static bool known(const char *schema)
{
    for (size_t i = 0; i < schemas_count; i++) {
        if (strcmp(schemas[i], schema) == 0) {
            return true;
        }
    }
    return false;
}

const char *test_database(const char *path, char *url)
{
    if (!server()) {
        snprintf(url, TEST_URL_MAX, "%s", path);
        return url;
    }
    uint64_t hash =
        UINT64_C(0xcbf29ce484222325); /* FNV-1a: the folder's random name makes it one of its own */
    for (const char *at = path; *at; at++) {
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    }
    char schema[32];
    snprintf(schema, sizeof schema, "t%016llx", (unsigned long long)hash);
    if (!known(schema) && schemas_count < SCHEMAS_MAX) {
        run("CREATE SCHEMA IF NOT EXISTS", schema, "");
        memcpy(schemas[schemas_count++], schema, sizeof schema);
    }
    snprintf(url, TEST_URL_MAX, "%s%coptions=-csearch_path%%3D%s", server(),
        strchr(server(), '?') ? '&' : '?', schema);
    return url;
}

void test_databases_drop(void)
{
    while (schemas_count > 0) {
        run("DROP SCHEMA", schemas[--schemas_count], "CASCADE");
    }
}
