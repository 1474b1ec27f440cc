/* A desk for tests: a database of its own in a temporary folder, a clock that stands still, one account with an owner. */
#ifndef TESTS_PEOPLE_DESK_H
#define TESTS_PEOPLE_DESK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "people/people.h"
#include "people/sessions.h"
#include "store/migrations.h"
#include "test_database.h"

#define DESK_NOW INT64_C(1792310400000000) /* 2026-10-18T08:00:00Z */
#define DESK_EMAIL "marcus@harborpine.example"
#define DESK_PASSWORD "blue kettle on the pier"

struct desk {
    char folder[64];
    struct arena *arena;
    struct clock *clock;
    struct db *db;
    struct vault *vault;
    struct passwords *passwords;
    struct sessions sessions;
    struct id account, user;
};

static inline const char *desk_path(const struct desk *desk, const char *name)
{
    return text_format(desk->arena, "%s/%s", desk->folder, name).at;
}

#define DESK_OK(call, problem)                                                                               \
    do {                                                                                                     \
        if (!(call)) {                                                                                       \
            fail_msg("%s: %s %s", #call, words_key((problem).word), (problem).detail);                       \
        }                                                                                                    \
    } while (0)

static inline struct id desk_user(struct desk *desk, const char *email, const char *name, enum role role)
{
    struct problem problem = {0};
    struct id id;
    struct user_new user = {.account = id_text(&desk->account),
        .email = text_from(email),
        .name = text_from(name),
        .role = role,
        .password = TEXT(DESK_PASSWORD),
        .time_zone = TEXT("America/Los_Angeles")};
    DESK_OK(user_create(desk->db, desk->clock, desk->passwords, &user, &id, &problem), problem);
    return id;
}

static inline int desk_open(void **state)
{
    struct problem problem = {0};
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    snprintf(desk->folder, sizeof desk->folder, "/tmp/portdesk-test-XXXXXX");
    assert_non_null(mkdtemp(desk->folder));
    desk->arena = arena_new(8 * 1024 * 1024);
    desk->clock = clock_fixed(DESK_NOW);
    DESK_OK(vault_key_create(desk_path(desk, "key"), &problem), problem);
    DESK_OK(vault_open(desk_path(desk, "key"), &desk->vault, &problem), problem);
    char url[TEST_URL_MAX];
    struct db_options options = {.url = test_database_with(desk_path(desk, "db"), portdesk_migrations, url),
        .migrations = portdesk_migrations,
        .connections = 4};
    DESK_OK(db_open(&options, &desk->db, &problem), problem);
    DESK_OK(passwords_open(2, 16, PASSWORD_COST_LEAST, &desk->passwords, &problem), problem);
    sessions_init(&desk->sessions, desk->db, desk->clock, desk->passwords, desk->vault);
    struct account_new account = {TEXT("Harbor & Pine Realty"), TEXT("US"), false};
    DESK_OK(account_create(desk->db, desk->clock, &account, &desk->account, &problem), problem);
    desk->user = desk_user(desk, DESK_EMAIL, "Marcus Oyelaran", ROLE_OWNER);
    *state = desk;
    return 0;
}

static inline int desk_close(void **state)
{
    static const char *const files[] = {"key", "db", "db-wal", "db-shm", "db.lock", "db-lock"};
    struct desk *desk = *state;
    db_close(desk->db);
    test_databases_drop();
    vault_close(desk->vault);
    passwords_close(desk->passwords);
    clock_free(desk->clock);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        unlink(desk_path(desk, files[i]));
    }
    rmdir(desk->folder);
    arena_free(desk->arena);
    free(desk);
    return 0;
}

/* Runs one statement. */
struct desk_sql {
    const char *sql;
    const struct db_value *args;
    size_t count;
};
static inline bool desk_sql_run(struct db_tx *tx, void *context)
{
    const struct desk_sql *statement = context;
    return db_exec(tx, statement->sql, statement->args, statement->count);
}
static inline bool desk_exec(struct desk *desk, const char *sql, const struct db_value *args, size_t count)
{
    struct problem problem = {0};
    struct desk_sql statement = {sql, args, count};
    return db_write(desk->db, desk_sql_run, &statement, &problem);
}

struct desk_number {
    const char *sql;
    int64_t number;
};
static inline bool desk_number_run(struct db_tx *tx, void *context)
{
    struct desk_number *query = context;
    query->number = db_number(tx, query->sql, DB_NO_ARGS, -1);
    return db_ok(tx);
}
static inline int64_t desk_number(struct desk *desk, const char *sql)
{
    struct problem problem = {0};
    struct desk_number query = {sql, -1};
    DESK_OK(db_read(desk->db, desk_number_run, &query, &problem), problem);
    return query.number;
}

#endif
