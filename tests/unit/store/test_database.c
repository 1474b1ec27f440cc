#include "test_database.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define MADE_MAX 64
#define NAME_MAX_BYTES 32

/* What this process made on the server: schemas, and databases that were copied from a template. */
static struct made {
    char name[NAME_MAX_BYTES];
    bool database;
} made[MADE_MAX];
static size_t made_count;

/* A database with all tables and no rows, for each list of migrations. On SQLite the name is the path of a file. */
static struct template
{
    const struct db_migration *migrations;
    char name[NAME_MAX_BYTES];
}
templates[2];

static void give_up(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    abort();
}

static const char *server(void)
{
    const char *url = getenv("PORTDESK_TEST_DATABASE");
    return url && *url ? url : NULL;
}

bool test_on_postgres(void)
{
    return server() != NULL;
}

static void run(const char *sql)
{
    PGconn *connection = PQconnectdb(server());
    PQclear(PQexec(connection, "SET client_min_messages = warning"));
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        give_up(sql, PQerrorMessage(connection));
    }
    PQclear(result);
    PQfinish(connection);
}

static void drop(const struct made *one)
{
    char sql[128];
    snprintf(sql, sizeof sql, one->database ? "DROP DATABASE %s WITH (FORCE)" : "DROP SCHEMA %s CASCADE",
        one->name);
    run(sql);
}

static const struct made *known(const char *name)
{
    for (size_t i = 0; i < made_count; i++) {
        if (strcmp(made[i].name, name) == 0) {
            return &made[i];
        }
    }
    return NULL;
}

static const struct made *remember(const char *name, bool database)
{
    if (made_count == MADE_MAX) {
        give_up(name, "too many databases at a time");
    }
    struct made *one = &made[made_count++];
    one->database = database;
    snprintf(one->name, sizeof one->name, "%s", name);
    return one;
}

/* The server's address with another database in it, or with a schema. */
static const char *address(const char *name, bool database, char *url)
{
    const char *end = strchr(server(), '?');
    int before = (int)(end ? (size_t)(end - server()) : strlen(server()));
    if (!database) {
        snprintf(url, TEST_URL_MAX, "%s%coptions=-csearch_path%%3D%s", server(), end ? '&' : '?', name);
        return url;
    }
    while (before > 0 && server()[before - 1] != '/') {
        before--;
    }
    snprintf(url, TEST_URL_MAX, "%.*s%s%s", before, server(), name, end ? end : "");
    return url;
}

/* The folder's random name makes it one of its own: FNV-1a of the path. */
static void name_of(const char *path, char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *at = path; *at; at++) {
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    }
    snprintf(name, NAME_MAX_BYTES, "t%016llx", (unsigned long long)hash);
}

const char *test_database(const char *path, char *url)
{
    if (!server()) {
        snprintf(url, TEST_URL_MAX, "%s", path);
        return url;
    }
    char name[NAME_MAX_BYTES];
    name_of(path, name);
    const struct made *one = known(name);
    if (!one) {
        char sql[128];
        snprintf(sql, sizeof sql, "CREATE SCHEMA IF NOT EXISTS %s", name);
        run(sql);
        one = remember(name, false);
    }
    return address(name, one->database, url);
}

/* ---- Templates ---- */

static void forget_templates(void)
{
    for (size_t i = 0; i < sizeof templates / sizeof *templates && templates[i].migrations; i++) {
        char words[128];
        if (server()) {
            snprintf(words, sizeof words, "DROP DATABASE IF EXISTS %s WITH (FORCE)", templates[i].name);
            run(words);
        } else {
            snprintf(words, sizeof words, "%s.lock", templates[i].name);
            unlink(templates[i].name);
            unlink(words);
        }
    }
}

static void make_tables(const char *url, const struct db_migration *migrations)
{
    struct db *db = NULL;
    struct problem problem = {0};
    if (!db_open(
            &(struct db_options){.url = url, .migrations = migrations, .connections = 1}, &db, &problem)) {
        give_up(url, problem.detail);
    }
    db_close(db);
}

static void make_template(struct template *template, const struct db_migration *migrations)
{
    char url[TEST_URL_MAX], sql[128];
    size_t index = (size_t)(template - templates);
    if (server()) {
        snprintf(template->name, sizeof template->name, "template_%ld_%zu", (long)getpid(), index);
        snprintf(sql, sizeof sql, "CREATE DATABASE %s", template->name);
        run(sql);
        make_tables(address(template->name, true, url), migrations);
    } else {
        snprintf(template->name, sizeof template->name, "/tmp/portdesk-tables-XXXXXX");
        int file = mkstemp(template->name);
        if (file < 0) {
            give_up(template->name, "cannot be made");
        }
        close(file);
        make_tables(template->name, migrations);
    }
    template->migrations = migrations;
    if (index == 0) {
        atexit(forget_templates);
    }
}

static const char *template_of(const struct db_migration *migrations)
{
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        if (!templates[i].migrations) {
            make_template(&templates[i], migrations);
        }
        if (templates[i].migrations == migrations) {
            return templates[i].name;
        }
    }
    give_up("test database", "a third list of migrations");
    return NULL;
}

static void copy_file(const char *from, const char *to)
{
    struct stat stat;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (in < 0 || out < 0 || fstat(in, &stat) ||
        sendfile(out, in, NULL, (size_t)stat.st_size) != stat.st_size) {
        give_up(to, "cannot be copied");
    }
    close(in);
    close(out);
}

const char *test_database_with(const char *path, const struct db_migration *migrations, char *url)
{
    char name[NAME_MAX_BYTES], sql[128];
    name_of(path, name);
    if (server() ? known(name) != NULL : access(path, F_OK) == 0) {
        return test_database(path, url);
    }
    const char *template = template_of(migrations);
    if (!server()) {
        copy_file(template, path);
        return test_database(path, url);
    }
    snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY", name, template);
    run(sql);
    remember(name, true);
    return test_database(path, url);
}

void test_databases_drop(void)
{
    while (made_count > 0) {
        drop(&made[--made_count]);
    }
}
