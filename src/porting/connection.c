#include "porting/connection.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "porting/connection_row.h"
#include "porting/row.h"
#include "store/sealed.h"

#define SECRETS_MAX ((size_t)8 * 1024)
#define ROW_MEMORY ((size_t)128 * 1024)

/* ---- Rows ---- */

#define COLUMNS                                                                                              \
    "SELECT account, id, kind, account_sid, key_sid, next_key_sid, base_url, upload_url, api_url, sealed,"   \
    " next_sealed, calls_per_second, version, label, webhook_hash, letter_hash, letter_subject,"             \
    " letter_message, letter_redirect, letter_logo, webhook_wanted FROM carrier_connection"

static bool take_row(struct db_tx *tx, struct db_rows *rows, struct arena *arena, struct connection_row *ret)
{
    if (!db_next(rows))
        return db_ok(tx) && row_refuse(tx, PROBLEM_NOT_FOUND, WORD_connection_not_found, NULL, NULL);
    *ret = (struct connection_row){.account = db_col_copy(rows, 0, arena),
        .id = db_col_copy(rows, 1, arena),
        .kind = db_col_copy(rows, 2, arena),
        .account_sid = db_col_copy(rows, 3, arena),
        .key_sid = db_col_copy(rows, 4, arena),
        .next_key_sid = db_col_copy(rows, 5, arena),
        .base_url = db_col_copy(rows, 6, arena),
        .upload_url = db_col_copy(rows, 7, arena),
        .api_url = db_col_copy(rows, 8, arena),
        .sealed = text_copy(arena, db_col_bytes(rows, 9)),
        .next_sealed = text_copy(arena, db_col_bytes(rows, 10)),
        .calls_per_second = db_col_int(rows, 11),
        .version = db_col_int(rows, 12),
        .label = db_col_copy(rows, 13, arena),
        .webhook_hash = db_col_copy(rows, 14, arena),
        .letter_hash = db_col_copy(rows, 15, arena),
        .letter = {db_col_copy(rows, 16, arena), db_col_copy(rows, 17, arena), db_col_copy(rows, 18, arena),
            db_col_copy(rows, 19, arena)},
        .webhook_wanted = db_col_int(rows, 20) != 0};
    return db_ok(tx);
}

bool connection_row(struct db_tx *tx, struct text account, struct text connection, struct arena *arena,
    struct connection_row *ret)
{
    DB_ROWS rows = db_query(tx, COLUMNS " WHERE id = $2 AND (account = $1 OR account = 'operator')",
        DB_ARGS(db_text(account), db_text(connection)));
    return take_row(tx, rows, arena, ret);
}

bool connection_row_of(struct db_tx *tx, struct text account, struct text connection, struct arena *arena,
    struct connection_row *ret)
{
    DB_ROWS rows = db_query(
        tx, COLUMNS " WHERE account = $1 AND id = $2", DB_ARGS(db_text(account), db_text(connection)));
    return take_row(tx, rows, arena, ret);
}

bool connection_choose(struct db_tx *tx, struct text account, struct arena *arena, struct text *ret)
{
    DB_ROWS rows = db_query(tx,
        "SELECT id FROM carrier_connection WHERE (account = $1 OR account = 'operator') AND takes_new = 1"
        " ORDER BY CASE WHEN account = $1 THEN 0 ELSE 1 END, created_at, id LIMIT 1",
        DB_ARGS(db_text(account)));
    *ret = db_next(rows) ? db_col_copy(rows, 0, arena) : TEXT_EMPTY;
    return db_ok(tx);
}

bool connection_look(struct db_tx *tx, struct clock *clock, struct text account, struct text connection)
{
    return job_add(
        tx, clock, &(struct job_new){.account = account, .kind = JOB_CONNECTION, .subject = connection});
}

/* ---- Secrets ---- */

static enum sealed sealed_of(bool next)
{
    return next ? SEALED_CONNECTION_NEXT : SEALED_CONNECTION;
}

struct text connection_seal(const struct porting *porting, struct text account, struct text connection,
    bool next, const struct connection_secrets *secrets, struct arena *arena)
{
    JSON_CLEANUP json = json_object();
    json_put_text(json, "secret", secrets->secret);
    json_put_text(json, "signing", secrets->signing);
    struct vault_place place = sealed_place(sealed_of(next), account, connection);
    return vault_seal(porting->vault, &place, json_write(arena, json), arena);
}

bool connection_unseal(const struct porting *porting, const struct connection_row *row, bool next,
    struct arena *arena, struct connection_secrets *ret, struct problem *problem)
{
    JSON_CLEANUP json = NULL;
    struct text plain, secret = TEXT_EMPTY, signing = TEXT_EMPTY;
    struct vault_place place = sealed_place(sealed_of(next), row->account, row->id);
    if (!vault_unseal(
            porting->vault, &place, next ? row->next_sealed : row->sealed, arena, &plain, problem) ||
        !json_parse(plain, SECRETS_MAX, &json, problem) ||
        !json_get_text(json, "secret", SECRETS_MAX, &secret, problem) ||
        !json_get_text(json, "signing", SECRETS_MAX, &signing, problem))
        return false;
    *ret = (struct connection_secrets){.key_sid = next ? row->next_key_sid : row->key_sid,
        .secret = text_copy(arena, secret),
        .signing = text_copy(arena, signing)};
    return true;
}

/* ---- Open connections ---- */

struct open_connection {
    struct open_connection *next;
    char id[ID_MAX];
    int64_t version;
    size_t leases;
    bool stale; /* a newer one has taken its place: closed with its last lease */
    struct carrier_connection connection;
};

struct connections {
    pthread_mutex_t lock;
    connection_opener *opener;
    struct open_connection *first;
};

struct connections *connections_new(connection_opener *opener)
{
    struct connections *connections = calloc(1, sizeof *connections);
    if (!connections)
        abort();
    pthread_mutex_init(&connections->lock, NULL);
    connections->opener = opener;
    return connections;
}

static void close_carrier(const struct carrier_connection *connection)
{
    if (connection->api->close)
        connection->api->close(connection->carrier);
}

bool connections_try(struct connections *connections, struct text kind, const struct carrier_access *access,
    struct problem *problem)
{
    struct carrier_connection connection;
    if (!connections->opener(kind, access, &connection, problem))
        return false;
    close_carrier(&connection);
    return true;
}

static void close_one(struct open_connection *open)
{
    close_carrier(&open->connection);
    free(open);
}

void connections_free(struct connections *connections)
{
    if (!connections)
        return;
    for (struct open_connection *open = connections->first, *next; open; open = next) {
        next = open->next;
        close_one(open);
    }
    pthread_mutex_destroy(&connections->lock);
    free(connections);
}

/* Takes those out that nobody holds and nobody will lease again. Under the lock; returns them as a list. */
static struct open_connection *take_stale(struct connections *connections)
{
    struct open_connection *out = NULL;
    for (struct open_connection **at = &connections->first; *at;) {
        struct open_connection *open = *at;
        if (!open->stale || open->leases) {
            at = &open->next;
            continue;
        }
        *at = open->next;
        open->next = out;
        out = open;
    }
    return out;
}

static void close_all(struct open_connection *open)
{
    for (struct open_connection *next; open; open = next) {
        next = open->next;
        close_one(open);
    }
}

/* The open one of that version, leased; older ones go stale. NULL: it must be opened. */
static struct open_connection *find_open(struct connections *connections, struct text id, int64_t version)
{
    struct open_connection *found = NULL;
    pthread_mutex_lock(&connections->lock);
    for (struct open_connection *open = connections->first; open; open = open->next) {
        if (!text_is(id, open->id) || open->stale)
            continue;
        if (open->version == version)
            found = open;
        else
            open->stale = open->version < version;
    }
    if (found)
        found->leases++;
    struct open_connection *stale = take_stale(connections);
    pthread_mutex_unlock(&connections->lock);
    close_all(stale);
    return found;
}

static bool open_row(struct porting *porting, const struct connection_row *row, bool next,
    struct arena *arena, struct carrier_connection *ret, struct problem *problem)
{
    struct connection_secrets secrets;
    if (!connection_unseal(porting, row, next, arena, &secrets, problem))
        return false;
    struct carrier_access access = {.base_url = row->base_url,
        .upload_url = row->upload_url,
        .api_url = row->api_url,
        .account = row->account_sid,
        .key = secrets.key_sid,
        .secret = secrets.secret,
        .calls_per_second = (unsigned)row->calls_per_second};
    return porting->connections->opener(row->kind, &access, ret, problem);
}

/* Two threads may open the same one at once: the second is closed with its last lease, like one of an older version. */
static bool lease_row(struct porting *porting, const struct connection_row *row, bool next,
    struct arena *arena, struct lease *ret, struct problem *problem)
{
    struct connections *connections = porting->connections;
    struct open_connection *open = next ? NULL : find_open(connections, row->id, row->version);
    if (!open) {
        struct carrier_connection connection;
        if (!open_row(porting, row, next, arena, &connection, problem))
            return false;
        open = calloc(1, sizeof *open);
        if (!open)
            abort();
        *open = (struct open_connection){
            .version = row->version, .leases = 1, .stale = next, .connection = connection};
        memcpy(open->id, row->id.at, row->id.len < ID_MAX ? row->id.len : ID_MAX - 1);
        pthread_mutex_lock(&connections->lock);
        for (struct open_connection *other = connections->first; other && !next; other = other->next)
            if (!strcmp(other->id, open->id) && other->version <= open->version)
                other->stale = true;
        open->next = connections->first;
        connections->first = open;
        pthread_mutex_unlock(&connections->lock);
    }
    *ret = (struct lease){open->connection.api, open->connection.carrier, connections, open};
    return true;
}

struct leasing {
    struct text account, connection;
    struct arena *arena;
    struct connection_row row;
};

static bool leasing_closure(struct db_tx *tx, void *context)
{
    struct leasing *leasing = context;
    return connection_row(tx, leasing->account, leasing->connection, leasing->arena, &leasing->row);
}

bool connection_lease(struct porting *porting, struct text account, struct text connection, struct lease *ret,
    struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(ROW_MEMORY);
    struct leasing leasing = {.account = account, .connection = connection, .arena = arena};
    *ret = (struct lease){0};
    return db_read(porting->db, leasing_closure, &leasing, problem) &&
           lease_row(porting, &leasing.row, false, arena, ret, problem);
}

bool connection_lease_next(struct porting *porting, struct text account, struct text connection,
    struct lease *ret, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(ROW_MEMORY);
    struct leasing leasing = {.account = account, .connection = connection, .arena = arena};
    *ret = (struct lease){0};
    return db_read(porting->db, leasing_closure, &leasing, problem) &&
           lease_row(porting, &leasing.row, true, arena, ret, problem);
}

void connection_give_back(struct lease *lease)
{
    if (!lease->open)
        return;
    pthread_mutex_lock(&lease->of->lock);
    lease->open->leases--;
    struct open_connection *stale = take_stale(lease->of);
    pthread_mutex_unlock(&lease->of->lock);
    close_all(stale);
    *lease = (struct lease){0};
}

bool lease_rests(
    const struct lease *lease, struct clock *clock, int64_t *ret_again_at, struct problem *problem)
{
    int64_t rest = lease->api && lease->api->rests_for ? lease->api->rests_for(lease->carrier) : 0;
    int64_t speed = (int64_t)clock_speed(clock);
    if (!rest || problem->kind != PROBLEM_LATER)
        return false;
    *ret_again_at = clock_now(clock) + rest * (speed > 0 ? speed : 1);
    *problem = (struct problem){0};
    return true;
}
