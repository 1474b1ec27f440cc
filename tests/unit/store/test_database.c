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
#define NAME_BYTES 32

/* The schemas that this process made on the server. One that was made with tables in it is emptied after its test and used again. */
static struct made {
    char schema[NAME_BYTES];
    char user[NAME_BYTES]; /* name of the path that it stands for; "" when it waits for another test */
    const struct db_migration *migrations; /* NULL: it began without tables */
} made[MADE_MAX];
static size_t made_count;
static bool spoiled;

/* On SQLite: files with all tables and no rows, one for each list of migrations. */
static struct template
{
    const struct db_migration *migrations;
    char path[NAME_BYTES];
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

/* The folder's random name makes it one of its own: FNV-1a of the path. */
static void name_of(const char *path, char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *at = path; *at; at++) {
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    }
    snprintf(name, NAME_BYTES, "t%016llx", (unsigned long long)hash);
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

/* ---- PostgreSQL ---- */

#define TABLES " IN SELECT tablename FROM pg_tables WHERE schemaname = "

/* Keeps aside what rows the tables begin with. */
static const char keep_rows[] =
    "DO $$ DECLARE t text; n bigint; BEGIN CREATE SCHEMA @_rows; FOR t" TABLES
    "'@' LOOP EXECUTE format('SELECT"
    " COUNT(*) FROM @.%I', t) INTO n; IF n > 0 THEN EXECUTE format('CREATE TABLE @_rows.%I AS TABLE @.%I',"
    " t, t); END IF; END LOOP; END $$";
static const char take_back_rows[] =
    "DO $$ DECLARE t text; BEGIN PERFORM set_config('session_replication_role', 'replica', true); FOR t" TABLES
    "'@' LOOP EXECUTE format('DELETE FROM @.%I', t); END LOOP; FOR t" TABLES
    "'@_rows' LOOP EXECUTE format('INSERT INTO @.%I TABLE @_rows.%I', t, t); END LOOP; END $$";
static const char drop_both[] =
    "SET client_min_messages = warning; DROP SCHEMA IF EXISTS @_rows CASCADE; DROP"
    " SCHEMA @ CASCADE";

/* With the schema's name for each @. */
static void run_for(const char *form, const char *schema)
{
    char sql[1024] = "";
    size_t length = 0;
    for (; *form && length + NAME_BYTES < sizeof sql; form++) {
        if (*form == '@') {
            length += (size_t)snprintf(sql + length, NAME_BYTES, "%s", schema);
        } else {
            sql[length++] = *form;
        }
    }
    run(sql);
}

/* Which schema a path's name stands for. In the environment, so that programs that a test starts know it as well. */
static const char *schema_of(const char *name)
{
    return getenv(name);
}

static struct made *add(const char *name)
{
    if (made_count == MADE_MAX) {
        give_up(name, "too many databases at a time");
    }
    struct made *one = &made[made_count++];
    *one = (struct made){.migrations = NULL};
    snprintf(one->schema, sizeof one->schema, "%s", name);
    run_for("CREATE SCHEMA @", one->schema);
    return one;
}

static void give_to(struct made *one, const char *name)
{
    snprintf(one->user, sizeof one->user, "%s", name);
    setenv(name, one->schema, 1);
}

static const char *address(const char *schema, char *url)
{
    snprintf(url, TEST_URL_MAX, "%s%coptions=-csearch_path%%3D%s", server(),
        strchr(server(), '?') ? '&' : '?', schema);
    return url;
}

static void drop_unused(void)
{
    while (made_count > 0) {
        run_for(drop_both, made[--made_count].schema);
    }
}

static struct made *add_with(const struct db_migration *migrations, const char *name)
{
    static bool before;
    char url[TEST_URL_MAX];
    for (size_t i = 0; i < made_count; i++) {
        if (!made[i].user[0] && made[i].migrations == migrations) {
            return &made[i];
        }
    }
    if (!before) {
        before = atexit(drop_unused) == 0;
    }
    struct made *one = add(name);
    make_tables(address(one->schema, url), migrations);
    run_for(keep_rows, one->schema);
    one->migrations = migrations;
    return one;
}

void test_databases_drop(void)
{
    size_t kept = 0;
    for (size_t i = 0; i < made_count; i++) {
        struct made *one = &made[i];
        if (one->user[0]) {
            bool again = one->migrations && !spoiled;
            run_for(again ? take_back_rows : drop_both, one->schema);
            unsetenv(one->user);
            one->user[0] = '\0';
            if (!again) {
                continue;
            }
        }
        made[kept++] = *one;
    }
    made_count = kept;
    spoiled = false;
}

void test_databases_spoiled(void)
{
    spoiled = true;
}

/* ---- SQLite ---- */

static void forget_templates(void)
{
    for (size_t i = 0; i < sizeof templates / sizeof *templates && templates[i].migrations; i++) {
        char lock[NAME_BYTES + sizeof ".lock"];
        snprintf(lock, sizeof lock, "%s.lock", templates[i].path);
        unlink(templates[i].path);
        unlink(lock);
    }
}

static void make_template(struct template *template, const struct db_migration *migrations)
{
    snprintf(template->path, sizeof template->path, "/tmp/portdesk-tables-XXXXXX");
    int file = mkstemp(template->path);
    if (file < 0) {
        give_up(template->path, "cannot be made");
    }
    close(file);
    make_tables(template->path, migrations);
    template->migrations = migrations;
    if (template == templates) {
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
            return templates[i].path;
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

/* ---- Both ---- */

const char *test_database(const char *path, char *url)
{
    char name[NAME_BYTES];
    if (!server()) {
        snprintf(url, TEST_URL_MAX, "%s", path);
        return url;
    }
    name_of(path, name);
    if (!schema_of(name)) {
        give_to(add(name), name);
    }
    return address(schema_of(name), url);
}

const char *test_database_with(const char *path, const struct db_migration *migrations, char *url)
{
    char name[NAME_BYTES];
    name_of(path, name);
    if (server() && !schema_of(name)) {
        give_to(add_with(migrations, name), name);
    } else if (!server() && access(path, F_OK) != 0) {
        copy_file(template_of(migrations), path);
    }
    return test_database(path, url);
}
