/* The yardstick of submissions: a loop over SQLite that writes them and does nothing else, one thread, no server, no checks.
 *
 * `bare DATABASE STATEMENTS DRAFTS GROUP`: each line of DRAFTS is "account user request e164"; the statements of each are those
 * of tests/bench/submission.tsv, GROUP of them (a mean, as "12.5") share a transaction and its sync, with the settings of the
 * product's writer. Prints one line of JSON. */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STATEMENTS_MAX 64
#define VALUES_MAX 32
#define LINE_MAX_BYTES 4096
#define SETTINGS                                                                                             \
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"                        \
    "PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384"

static struct statement {
    sqlite3_stmt *handle;
    char *values[VALUES_MAX];
    int values_count;
} statements[STATEMENTS_MAX];
static size_t statements_count;

/* What the names in STATEMENTS stand for, of one submission. */
static char account[64], user[64], request[64], e164[32], reversed[32], key[64], order[64], number[64],
    event[64];
static const struct {
    const char *name, *text;
} names[] = {{"account", account}, {"user", user}, {"request", request}, {"e164", e164},
    {"reversed", reversed}, {"key", key}, {"order", order}, {"number", number}, {"event", event}};

static double seconds_now(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static _Noreturn void die(sqlite3 *db, const char *what)
{
    fprintf(stderr, "bare: %s: %s\n", what, db ? sqlite3_errmsg(db) : "");
    exit(1);
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        die(db, sql);
    }
}

/* The values of a line stand before its tab, with blanks between them; one in quotes may have blanks itself. */
static void read_values(struct statement *statement, char *at)
{
    while (*at != '\0') {
        if (statement->values_count == VALUES_MAX) {
            die(NULL, "a statement has too many values");
        }
        statement->values[statement->values_count++] = at;
        at = *at == '\'' ? strchr(at + 1, '\'') + 1 : at + strcspn(at, " ");
        if (*at != '\0') {
            *at++ = '\0';
        }
    }
}

static void read_statements(sqlite3 *db, const char *path)
{
    FILE *file = fopen(path, "re");
    char line[LINE_MAX_BYTES];
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *tab = strchr(line, '\t');
        if (line[0] == '#' || tab == NULL) {
            continue;
        }
        if (statements_count == STATEMENTS_MAX) {
            die(NULL, "too many statements");
        }
        struct statement *statement = &statements[statements_count++];
        *tab = '\0';
        if (sqlite3_prepare_v3(db, tab + 1, -1, SQLITE_PREPARE_PERSISTENT, &statement->handle, NULL) !=
            SQLITE_OK) {
            die(db, tab + 1);
        }
        read_values(statement, strdup(line));
    }
    if (file == NULL || statements_count == 0) {
        die(NULL, path);
    }
    fclose(file);
}

static void bind(sqlite3_stmt *handle, int at, const char *value, int64_t now)
{
    if (value[0] == '\'') {
        sqlite3_bind_text(handle, at, value + 1, (int)strlen(value) - 2, SQLITE_STATIC);
    } else if (value[0] >= '0' && value[0] <= '9') {
        sqlite3_bind_int64(handle, at, strtoll(value, NULL, 10));
    } else if (strcmp(value, "now") == 0) {
        sqlite3_bind_int64(handle, at, now);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(value, names[i].name) == 0) {
            sqlite3_bind_text(handle, at, names[i].text, -1, SQLITE_STATIC);
        }
    }
}

static void submit(sqlite3 *db)
{
    int64_t now = (int64_t)(seconds_now(CLOCK_REALTIME) * 1e6);
    for (size_t i = 0; i < statements_count; i++) {
        struct statement *statement = &statements[i];
        /* A number may stand twice ("$4, $4"), so that there are fewer values than places. */
        for (int j = 0; j < statement->values_count; j++) {
            char name[16];
            snprintf(name, sizeof name, "$%d", j + 1);
            int at = sqlite3_bind_parameter_index(statement->handle, name);
            bind(statement->handle, at, statement->values[j], now);
        }
        int code = SQLITE_ROW;
        while (code == SQLITE_ROW) {
            code = sqlite3_step(statement->handle);
        }
        if (code != SQLITE_DONE) {
            die(db, sqlite3_sql(statement->handle));
        }
        sqlite3_reset(statement->handle);
    }
}

/* Ids as long as the product's, in the order of time. */
static void make_ids(unsigned long serial)
{
    unsigned long long ms = (unsigned long long)(seconds_now(CLOCK_REALTIME) * 1e3);
    snprintf(order, sizeof order, "ord_%012llx7%03lx8%015lx", ms, serial & 0xfff, serial);
    snprintf(number, sizeof number, "num_%012llx7%03lx8%015lx", ms, serial & 0xfff, serial);
    snprintf(event, sizeof event, "ev_%012llx7%03lx8%015lx", ms, serial & 0xfff, serial);
    snprintf(key, sizeof key, "%022lx", serial * 0x9e3779b97f4a7c15UL);
}

/* The next word of a line, cut to its place; the rest of the line. */
static char *take_word(char *at, char *to, size_t size)
{
    size_t len = strcspn(at, " \n");
    snprintf(to, size, "%.*s", (int)len, at);
    return at[len] == '\0' ? at + len : at + len + 1;
}

static bool read_draft(FILE *drafts)
{
    char line[LINE_MAX_BYTES];
    if (fgets(line, sizeof line, drafts) == NULL) {
        return false;
    }
    char *at = take_word(line, account, sizeof account);
    at = take_word(at, user, sizeof user);
    at = take_word(at, request, sizeof request);
    take_word(at, e164, sizeof e164);
    size_t len = strlen(e164);
    for (size_t i = 1; i < len; i++) {
        reversed[i - 1] = e164[len - i];
    }
    return e164[0] != '\0';
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    double group = argc == 5 ? strtod(argv[4], NULL) : 0;
    if (!(group >= 1)) {
        fprintf(stderr, "usage: bare DATABASE STATEMENTS DRAFTS GROUP\n");
        return 2;
    }
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        die(db, argv[1]);
    }
    run(db, SETTINGS);
    read_statements(db, argv[2]);
    FILE *drafts = fopen(argv[3], "re");
    if (drafts == NULL) {
        die(NULL, argv[3]);
    }
    unsigned long done = 0, groups = 0;
    double began = seconds_now(CLOCK_MONOTONIC), cpu = seconds_now(CLOCK_PROCESS_CPUTIME_ID);
    while (read_draft(drafts)) {
        if ((double)done >= (double)groups * group) {
            run(db, groups > 0 ? "COMMIT; BEGIN IMMEDIATE" : "BEGIN IMMEDIATE");
            groups++;
        }
        make_ids(done++);
        submit(db);
    }
    run(db, "COMMIT");
    double spent = seconds_now(CLOCK_MONOTONIC) - began;
    cpu = seconds_now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("{\"answers\": %lu, \"per_second\": %.1f, \"groups\": %lu, \"cpu_us\": %.1f}\n", done,
        (double)done / spent, groups, cpu * 1e6 / (double)done);
    fclose(drafts);
    for (size_t i = 0; i < statements_count; i++) {
        sqlite3_finalize(statements[i].handle);
    }
    sqlite3_close(db);
    return 0;
}
