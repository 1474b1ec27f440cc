/* portdesk backup FILE: the database as it is at one moment, then the documents that it names, into one file, while the desk runs. */
#include "commands/backup.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "commands/commands.h"
#include "porting/hold.h"
#include "porting/stored.h"
#include "store/file.h"
#include "store/migrations.h"
#include "store/pack.h"

#define COPY_BYTES ((size_t)64 * 1024)
#define RENEW_S 60 /* real time between two renewals of the hold */
#define PAGE_MEMORY ((size_t)1024 * 1024)
#define KEY_FILE_MAX ((size_t)8192)

const struct dump_leaves backup_leaves[] = {
    {"document_hold", NULL},
    {"job_worker", NULL},
    {"job_line", NULL}, /* its one row is made with the table */
    {"job", "worker"},
    {NULL, NULL},
};

struct backup {
    struct program *program;
    struct pack_out *out;
    struct schema schema;
    struct hold *hold;
    FILE *list; /* of the snapshot's documents, a line each: account, id, whether there is a picture */
    struct timespec renewed;
    bool begun; /* the snapshot is being read */
    int64_t parts, documents, previews, missing;
    struct dump_counts counts;
    bool with_key;
};

void backup_mac(const struct vault *vault, struct text manifest, char ret[BACKUP_MAC_BYTES + 1])
{
    unsigned char key[32], mac[BACKUP_MAC_BYTES / 2];
    vault_derive(vault, "backup", key);
    crypto_generichash(mac, sizeof mac, (const unsigned char *)manifest.at, manifest.len, key, sizeof key);
    sodium_memzero(key, sizeof key);
    sodium_bin2hex(ret, BACKUP_MAC_BYTES + 1, mac, sizeof mac);
}

static bool renew(struct backup *backup, struct problem *problem)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - backup->renewed.tv_sec < RENEW_S)
        return true;
    backup->renewed = now;
    return hold_renew(backup->hold, problem);
}

/* ---- The database ---- */

static bool put_part(void *context, struct text part, struct problem *problem)
{
    struct backup *backup = context;
    char name[32];
    snprintf(name, sizeof name, "database/%08" PRId64, ++backup->parts);
    return pack_member(backup->out, name, (int64_t)part.len, problem) &&
           pack_bytes(backup->out, part, problem);
}

static bool list_page(
    struct db_tx *tx, struct backup *backup, struct buffer *account, struct buffer *id, bool *ret_more)
{
    ARENA_CLEANUP arena = arena_new(PAGE_MEMORY);
    struct stored_document *documents;
    size_t count = 0;
    if (!stored_page(tx, buffer_view(account), buffer_view(id), arena, &documents, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        fprintf(backup->list, "%.*s %.*s %d\n", TEXT_ARG(documents[i].account), TEXT_ARG(documents[i].id),
            documents[i].has_preview);
    *ret_more = count == STORED_PAGE;
    if (count > 0) {
        buffer_reset(account);
        buffer_reset(id);
        buffer_text(account, documents[count - 1].account);
        buffer_text(id, documents[count - 1].id);
    }
    return true;
}

/* One snapshot. It is read once: what was written of it cannot be taken back. */
static bool snapshot_closure(struct db_tx *tx, void *context)
{
    struct backup *backup = context;
    struct problem problem = {0};
    if (backup->begun) {
        problem_set(
            &problem, PROBLEM_LATER, WORD_problem_later, NULL, NULL, "the database was lost meanwhile");
        return db_fail(tx, &problem);
    }
    backup->begun = true;
    if (!dump_tables(tx, &backup->schema, backup_leaves, put_part, backup, &backup->counts))
        return false;
    BUFFER_CLEANUP account = BUFFER(256);
    BUFFER_CLEANUP id = BUFFER(256);
    bool more = true;
    while (more)
        if (!list_page(tx, backup, &account, &id, &more))
            return false;
    return db_ok(tx);
}

/* ---- The documents ---- */

static bool put_blob(
    struct backup *backup, const char *folder, struct text account, struct text blob, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct problem why = {0};
    struct blob_source *source = NULL;
    int64_t size = 0;
    if (!blob_raw_open(backup->program->blobs, account, blob, &source, &size, &why)) {
        if (why.kind != PROBLEM_NOT_FOUND) {
            *problem = why;
            return false;
        }
        backup->missing++;
        fprintf(stderr, "portdesk: %.*s %.*s\n", TEXT_ARG(account), TEXT_ARG(blob));
        return true;
    }
    struct text name = text_format(arena, "%s/%.*s/%.*s", folder, TEXT_ARG(account), TEXT_ARG(blob));
    char bytes[COPY_BYTES];
    size_t len = sizeof bytes;
    bool done = pack_member(backup->out, name.at, size, problem);
    while (done && len == sizeof bytes)
        done = blob_raw_read(source, bytes, sizeof bytes, &len, problem) &&
               pack_bytes(backup->out, (struct text){bytes, len}, problem);
    blob_raw_close(source);
    return done;
}

/* Goes through the list: the documents, or their pictures. */
static bool put_listed(struct backup *backup, bool previews, struct problem *problem)
{
    char line[512];
    rewind(backup->list);
    while (fgets(line, sizeof line, backup->list)) {
        ARENA_CLEANUP arena = arena_new(4096);
        struct text rest = text_trim(text_from(line)), account, id, flag;
        if (!text_next(&rest, ' ', &account) || !text_next(&rest, ' ', &id) || !text_next(&rest, ' ', &flag))
            return problem_internal(problem, "the list of documents is broken");
        if (previews && !text_is(flag, "1"))
            continue;
        struct text blob = previews ? stored_preview(arena, id) : id;
        if (!renew(backup, problem) ||
            !put_blob(backup, previews ? "previews" : "documents", account, blob, problem))
            return false;
        *(previews ? &backup->previews : &backup->documents) += 1;
    }
    return !ferror(backup->list) || problem_internal(problem, "the list of documents cannot be read");
}

static bool put_key(struct backup *backup, struct problem *problem)
{
    char bytes[KEY_FILE_MAX];
    size_t len = 0;
    if (!backup->with_key)
        return true;
    bool done =
        vault_ring_bytes(program_path(backup->program, "portdesk.key"), bytes, sizeof bytes, &len, problem) &&
        pack_member(backup->out, BACKUP_KEY, (int64_t)len, problem) &&
        pack_bytes(backup->out, (struct text){bytes, len}, problem);
    sodium_memzero(bytes, sizeof bytes);
    return done;
}

/* ---- The manifest ---- */

static json_t *steps_json(void)
{
    json_t *steps = json_array();
    for (const struct db_migration *step = portdesk_migrations; step->sql; step++)
        json_array_append_new(steps, json_pack("{s:i, s:s}", "number", step->number, "name", step->name));
    return steps;
}

static json_t *keys_json(const struct vault *vault)
{
    struct vault_key keys[VAULT_KEYS_MAX];
    size_t count = vault_keys(vault, keys);
    json_t *ids = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(ids, json_string(keys[i].id));
    return ids;
}

static bool finish(struct backup *backup, struct problem *problem)
{
    struct program *program = backup->program;
    char sums[65], mac[BACKUP_MAC_BYTES + 1];
    if (!pack_sums(backup->out, sums, problem))
        return false;
    JSON_CLEANUP whole = json_object();
    json_t *tables = json_object();
    for (size_t i = 0; i < backup->schema.count; i++)
        json_put_i64(
            tables, text_cstr(program->arena, backup->schema.tables[i]->name), backup->counts.rows[i]);
    json_put_i64(whole, "format", BACKUP_FORMAT);
    json_put_text(whole, "program", TEXT("portdesk"));
    json_put_text(whole, "made_at", instant_iso(program->arena, clock_now(program->clock)));
    json_put_text(whole, "engine", db_version(program->db, program->arena));
    json_object_set_new(whole, "steps", steps_json());
    json_object_set_new(whole, "rows", tables);
    json_put_i64(whole, "documents", backup->documents);
    json_put_i64(whole, "previews", backup->previews);
    json_put_i64(whole, "missing", backup->missing);
    json_object_set_new(whole, "keys", keys_json(program->vault));
    json_object_set_new(whole, "with_key", json_boolean(backup->with_key));
    json_put_text(whole, "sums", text_from(sums));
    struct text manifest = json_write(program->arena, whole);
    backup_mac(program->vault, manifest, mac);
    struct pack_out *out = backup->out;
    backup->out = NULL;
    return pack_finish(out, manifest, text_from(mac), problem);
}

/* ---- The command ---- */

/* SQLite is read beside its one writer. PostgreSQL is written to as well, for the hold, once it is known to stand where this program
 * expects it: a backup migrates nothing. */
static bool open_database(struct program *program, bool *ret_writes, struct problem *problem)
{
    struct db_options options = program_database(program);
    options.connections = 2;
    options.read_only = true;
    if (!db_open(&options, &program->db, problem))
        return false;
    *ret_writes = db_url_is_shared(text_from(options.url));
    if (!*ret_writes)
        return true;
    db_close(program->db);
    program->db = NULL;
    options.read_only = false;
    return db_open(&options, &program->db, problem);
}

static bool begin(struct backup *backup, const char *path, struct problem *problem)
{
    struct program *program = backup->program;
    bool writes = false;
    if (!program_open_clock(program, problem) ||
        !vault_open(program_path(program, "portdesk.key"), &program->vault, problem) ||
        !open_database(program, &writes, problem) || !program_open_documents(program, problem) ||
        !schema_read(portdesk_migrations, program->arena, &backup->schema, problem))
        return false;
    program->porting = (struct porting){.db = program->db,
        .vault = program->vault,
        .blobs = program->blobs,
        .clock = program->clock,
        .hold_path = program_path(program, HOLD_FILE)};
    int list = file_unnamed(path, problem);
    backup->list = list >= 0 ? fdopen(list, "w+") : NULL;
    clock_gettime(CLOCK_MONOTONIC, &backup->renewed);
    return backup->list && hold_begin(&program->porting, writes, &backup->hold, problem) &&
           pack_create(path, &backup->out, problem);
}

static bool make(struct backup *backup, const char *path, struct problem *problem)
{
    return begin(backup, path, problem) && db_read(backup->program->db, snapshot_closure, backup, problem) &&
           (fflush(backup->list) == 0 ||
               problem_internal(problem, "the list of documents cannot be written")) &&
           put_listed(backup, false, problem) && put_key(backup, problem) &&
           put_listed(backup, true, problem) && hold_renew(backup->hold, problem) && finish(backup, problem);
}

static void say_made(const struct backup *backup, const char *path)
{
    struct arena *arena = backup->program->arena;
    int64_t rows = 0;
    struct vault_key keys[VAULT_KEYS_MAX];
    vault_keys(backup->program->vault, keys);
    for (size_t i = 0; i < backup->schema.count; i++)
        rows += backup->counts.rows[i];
    struct text line = words_say(arena, LANGUAGE_EN,
        backup->with_key ? WORD_command_backup_made_with_key : WORD_command_backup_made,
        WORD_ARGS(WORD_TEXT("file", text_from(path)), WORD_NUMBER("rows", rows),
            WORD_NUMBER("documents", backup->documents - backup->missing),
            WORD_TEXT("key", text_from(keys[0].id))));
    printf("%.*s\n", TEXT_ARG(line));
    if (backup->missing) {
        struct text missing = words_say(arena, LANGUAGE_EN, WORD_command_backup_missing,
            WORD_ARGS(WORD_NUMBER("count", backup->missing)));
        fprintf(stderr, "portdesk: %.*s\n", TEXT_ARG(missing));
    }
}

int command_backup(int argc, char **argv)
{
    bool with_key = argc > 1 && !strcmp(argv[1], "--with-key");
    int taken = with_key ? 2 : 1;
    if (argc < 1 || argv[0][0] == '-') {
        fprintf(stderr, "usage: portdesk backup FILE [--with-key] [settings]\n");
        return 2;
    }
    const char *path = argv[0];
    struct problem problem = {0};
    struct program program = {.arena = arena_new(16 * 1024 * 1024)};
    struct backup backup = {.program = &program, .with_key = with_key};
    int code = 2;
    if (settings_read(argc - taken, argv + taken, program.arena, &program.settings)) {
        code = make(&backup, path, &problem) ? 0 : command_failed(&problem);
        pack_abandon(backup.out);
        hold_end(backup.hold);
        if (backup.list)
            fclose(backup.list);
        if (!code)
            say_made(&backup, path);
        code = code || backup.missing ? 1 : 0;
    }
    program_close(&program);
    return code;
}
