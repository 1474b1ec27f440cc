/* portdesk restore FILE: a backup into an empty data directory and an empty database. The file is read twice: first it must be whole, then it is
 * loaded. The key file is put in place last, so a desk cannot start on what was restored by half. */
#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "commands/backup.h"
#include "commands/commands.h"
#include "commands/deep.h"
#include "store/file.h"
#include "store/migrations.h"
#include "store/pack.h"

#define KEY_FILE_MAX ((size_t)8192)
#define COPY_BYTES ((size_t)64 * 1024)
#define STEPS_MAX 1000
#define KEY_UNFINISHED "portdesk.key.restored"

struct restore {
    struct program *program;
    const char *path;
    const char *key_path; /* --key, or NULL */
    char key[KEY_FILE_MAX];
    size_t key_len; /* 0: there is none */
    json_t *manifest;
    struct db_migration *steps; /* those of the backup */
    struct schema schema;
    struct dump_counts counts;
    int64_t documents, previews;
};

static bool refuse(struct problem *problem, const char *what)
{
    return problem_set(problem, PROBLEM_INPUT, WORD_store_archive_broken, NULL, NULL, "%s", what);
}

/* ---- First: is it whole? ---- */

static bool take_key(
    struct restore *restore, struct pack_in *in, const struct pack_member *member, struct problem *problem)
{
    if (member->size > (int64_t)KEY_FILE_MAX)
        return refuse(problem, "the key file in it is too large");
    return pack_read(in, restore->key, sizeof restore->key, &restore->key_len, problem);
}

static bool read_manifest(struct restore *restore, struct pack_in *in, struct text *ret_mac,
    struct text *ret_text, struct problem *problem)
{
    char sums[65];
    struct text sums_told = TEXT_EMPTY;
    int64_t format = 0;
    if (!pack_manifest(in, ret_text, ret_mac, sums, problem) ||
        !json_parse(*ret_text, PACK_MANIFEST_MAX, &restore->manifest, problem) ||
        !json_get_i64(restore->manifest, "format", 0, INT32_MAX, 0, &format, problem) ||
        !json_get_text(restore->manifest, "sums", 64, &sums_told, problem))
        return false;
    if (format != BACKUP_FORMAT)
        return problem_set(
            problem, PROBLEM_INPUT, WORD_command_restore_newer, NULL, NULL, "format %lld", (long long)format);
    return text_is(sums_told, sums) || refuse(problem, "its manifest is of another backup");
}

/* Which of this program's steps the backup's database had made: the first ones, without a gap. */
static bool read_steps(struct restore *restore, struct problem *problem)
{
    json_t *steps = NULL;
    if (!json_get_array(restore->manifest, "steps", STEPS_MAX, &steps, problem))
        return false;
    size_t count = json_array_size(steps), known = 0;
    while (portdesk_migrations[known].sql)
        known++;
    if (count == 0 || count > known)
        return problem_set(problem, PROBLEM_INPUT, WORD_command_restore_newer, NULL, NULL,
            "%zu steps, %zu known", count, known);
    restore->steps = ARENA_ARRAY(restore->program->arena, struct db_migration, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *step = json_array_get(steps, i);
        struct text name = TEXT_EMPTY;
        int64_t number = 0;
        if (!json_get_i64(step, "number", 0, INT32_MAX, 0, &number, problem) ||
            !json_get_text(step, "name", 200, &name, problem))
            return false;
        if (number != portdesk_migrations[i].number || !text_is(name, portdesk_migrations[i].name))
            return problem_set(problem, PROBLEM_INPUT, WORD_command_restore_newer, NULL, NULL, "step %lld",
                (long long)number);
        restore->steps[i] = portdesk_migrations[i];
    }
    return schema_read(restore->steps, restore->program->arena, &restore->schema, problem);
}

/* The first pass, over all of it. */
static bool look_through(struct restore *restore, struct pack_in *in, struct text *ret_mac,
    struct text *ret_text, struct problem *problem)
{
    struct pack_member member;
    bool more = true;
    while (true) {
        if (!pack_next(in, &member, &more, problem))
            return false;
        if (!more)
            return read_manifest(restore, in, ret_mac, ret_text, problem) && read_steps(restore, problem);
        if (!strcmp(member.name, BACKUP_KEY) && !take_key(restore, in, &member, problem))
            return false;
    }
}

static bool take_given_key(struct restore *restore, struct problem *problem)
{
    return !restore->key_path ||
           vault_ring_bytes(restore->key_path, restore->key, sizeof restore->key, &restore->key_len, problem);
}

/* With a key, a manifest that the desk did not make is refused. The key stands beside its place until the end. */
static bool open_key(struct restore *restore, struct text manifest, struct text mac, struct problem *problem)
{
    struct program *program = restore->program;
    char must_be[BACKUP_MAC_BYTES + 1];
    const char *beside = program_path(program, KEY_UNFINISHED);
    if (!restore->key_len)
        return true;
    if (!vault_ring_install(beside, (struct text){restore->key, restore->key_len}, problem) ||
        !vault_open(beside, &program->vault, problem))
        return false;
    backup_mac(program->vault, manifest, must_be);
    return text_equal_secret(mac, text_from(must_be)) ||
           problem_set(problem, PROBLEM_INPUT, WORD_command_restore_other_key, NULL, NULL, NULL);
}

/* ---- Is there room? ---- */

static bool is_empty(const char *path, bool *ret, struct problem *problem)
{
    DIR *folder = opendir(path);
    if (!folder)
        return file_problem(problem, "list", path);
    *ret = true;
    const struct dirent *entry = readdir(folder);
    while (entry) {
        *ret = *ret && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."));
        entry = readdir(folder);
    }
    closedir(folder);
    return true;
}

static bool make_directory(struct restore *restore, struct problem *problem)
{
    const char *path = text_cstr(restore->program->arena, restore->program->settings.data_dir);
    bool empty = false;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return file_problem(problem, "make", path);
    if (!is_empty(path, &empty, problem))
        return false;
    return empty || problem_set(problem, PROBLEM_CONFLICT, WORD_command_restore_not_empty, NULL, path, NULL);
}

static bool see_any(void *context, struct text account, struct text id, int64_t changed_at)
{
    (void)account;
    (void)id;
    (void)changed_at;
    *(bool *)context = true;
    return false;
}

static bool empty_closure(struct db_tx *tx, void *context)
{
    struct restore *restore = context;
    struct problem problem = {0};
    for (size_t i = 0; i < restore->schema.count && db_ok(tx); i++) {
        struct text table = restore->schema.tables[i]->name;
        if (dump_leaves_out(backup_leaves, table, NULL))
            continue;
        struct text sql = text_format(restore->program->arena,
            "SELECT count(*) FROM (SELECT 1 FROM %.*s LIMIT 1) one", TEXT_ARG(table));
        if (db_number(tx, sql.at, DB_NO_ARGS, 0) > 0) {
            const char *name = text_cstr(db_arena(tx), table);
            problem_set(&problem, PROBLEM_CONFLICT, WORD_command_restore_database, NULL, name, NULL);
            return db_fail(tx, &problem);
        }
    }
    return db_ok(tx);
}

/* At the steps of the backup; what is newer comes when its rows are there. */
static bool open_empty(struct restore *restore, struct problem *problem)
{
    struct program *program = restore->program;
    struct db_options options = program_database(program);
    bool any = false;
    options.connections = 2;
    options.migrations = restore->steps;
    if (!db_open(&options, &program->db, problem) || !db_read(program->db, empty_closure, restore, problem) ||
        !program_open_documents(program, problem) || !blobs_each(program->blobs, see_any, &any, problem))
        return false;
    return !any || problem_set(problem, PROBLEM_CONFLICT, WORD_command_restore_documents, NULL, NULL, NULL);
}

/* ---- Then: load it ---- */

struct loading {
    struct restore *restore;
    struct text part;
    size_t table;
    int64_t rows;
};

static bool load_closure(struct db_tx *tx, void *context)
{
    struct loading *loading = context;
    return dump_load(tx, &loading->restore->schema, loading->part, &loading->table, &loading->rows);
}

static bool load_part(
    struct restore *restore, struct pack_in *in, const struct pack_member *member, struct problem *problem)
{
    if (member->size > (int64_t)DUMP_PART_MAX)
        return refuse(problem, "a part of the database is too large");
    size_t len = 0;
    char *bytes = malloc((size_t)member->size + 1);
    if (!bytes)
        return problem_internal(problem, "out of memory");
    struct loading loading = {.restore = restore};
    bool done = pack_read(in, bytes, (size_t)member->size, &len, problem);
    loading.part = (struct text){bytes, len};
    done = done && db_write(restore->program->db, load_closure, &loading, problem);
    free(bytes);
    if (done)
        restore->counts.rows[loading.table] += loading.rows;
    return done;
}

static bool load_blob(struct restore *restore, struct pack_in *in, struct text rest, struct problem *problem)
{
    struct text account, id;
    struct blob_writer *writer = NULL;
    struct blob_info info;
    char bytes[COPY_BYTES];
    size_t len = sizeof bytes;
    if (!text_next(&rest, '/', &account) || !text_next(&rest, '/', &id) || rest.len > 0)
        return refuse(problem, "a document has no name that documents have");
    bool done = blob_raw_begin(restore->program->blobs, account, id, &writer, problem);
    while (done && len == sizeof bytes)
        done = pack_read(in, bytes, sizeof bytes, &len, problem) &&
               blob_write(writer, (struct text){bytes, len}, problem);
    if (!done) {
        blob_abandon(writer);
        return false;
    }
    return blob_finish(writer, &info, problem);
}

static bool load_member(
    struct restore *restore, struct pack_in *in, const struct pack_member *member, struct problem *problem)
{
    static const char *const folders[] = {"database/", "documents/", "previews/"};
    struct text name = text_from(member->name);
    if (text_starts(name, text_from(folders[0])))
        return load_part(restore, in, member, problem);
    if (text_is(name, BACKUP_KEY))
        return true; /* taken by the first pass */
    for (size_t i = 1; i < 3; i++)
        if (text_starts(name, text_from(folders[i]))) {
            *(i == 1 ? &restore->documents : &restore->previews) += 1;
            return load_blob(restore, in, text_part(name, strlen(folders[i]), SIZE_MAX), problem);
        }
    return refuse(problem, "a member is of no kind that a backup has");
}

static bool counts_fit(struct restore *restore, struct problem *problem)
{
    json_t *rows = NULL;
    int64_t count = 0, documents = 0, previews = 0, missing = 0;
    if (!json_get_object(restore->manifest, "rows", &rows, problem) ||
        !json_get_i64(restore->manifest, "documents", 0, INT64_MAX, 0, &documents, problem) ||
        !json_get_i64(restore->manifest, "previews", 0, INT64_MAX, 0, &previews, problem) ||
        !json_get_i64(restore->manifest, "missing", 0, INT64_MAX, 0, &missing, problem))
        return false;
    for (size_t i = 0; i < restore->schema.count; i++) {
        const char *name = text_cstr(restore->program->arena, restore->schema.tables[i]->name);
        if (!json_get_i64(rows, name, 0, INT64_MAX, 0, &count, problem))
            return false;
        if (count != restore->counts.rows[i])
            return refuse(problem, "it has not as many rows as its manifest says");
    }
    return restore->documents + restore->previews == documents + previews - missing ||
           refuse(problem, "it has not as many documents as its manifest says");
}

static bool load_all(struct restore *restore, struct problem *problem)
{
    struct pack_in *in = NULL;
    struct pack_member member;
    bool more = true;
    bool done = pack_open(restore->path, &in, problem);
    while (done) {
        done = pack_next(in, &member, &more, problem);
        if (!more)
            break;
        done = done && load_member(restore, in, &member, problem);
    }
    pack_close(in);
    return done && counts_fit(restore, problem);
}

/* Nobody runs a job here yet. */
static bool jobs_closure(struct db_tx *tx, void *context)
{
    (void)context;
    return db_exec(tx, "UPDATE job SET state = 'waiting' WHERE state = 'running'", DB_NO_ARGS);
}

/* Brings the database to this program's steps. */
static bool reopen(struct program *program, struct problem *problem)
{
    struct db_options options = program_database(program);
    db_close(program->db);
    program->db = NULL;
    options.connections = 2;
    if (!db_open(&options, &program->db, problem) ||
        !db_write_loose(program->db, jobs_closure, NULL, problem))
        return false;
    program->porting = (struct porting){
        .db = program->db, .vault = program->vault, .blobs = program->blobs, .clock = program->clock};
    return true;
}

static bool place_key(struct restore *restore, struct problem *problem)
{
    struct program *program = restore->program;
    const char *path = program_path(program, "portdesk.key");
    if (!restore->key_len)
        return true;
    if (rename(program_path(program, KEY_UNFINISHED), path) != 0)
        return file_problem(problem, "make", path);
    return file_sync_parent(path, problem);
}

/* ---- The command ---- */

static void say(struct program *program, enum word word, const struct word_arg *args, size_t count)
{
    struct text line = words_say(program->arena, LANGUAGE_EN, word, args, count);
    printf("%.*s\n", TEXT_ARG(line));
}

static void say_done(const struct restore *restore, const struct deep *deep)
{
    struct program *program = restore->program;
    int64_t rows = 0;
    for (size_t i = 0; i < restore->schema.count; i++)
        rows += restore->counts.rows[i];
    say(program, WORD_command_restore_done,
        WORD_ARGS(WORD_NUMBER("rows", rows), WORD_NUMBER("documents", restore->documents)));
    if (deep->without_key) {
        const json_t *keys = json_object_get(restore->manifest, "keys");
        const char *id = json_string_value(json_array_get(keys, 0));
        say(program, WORD_command_restore_needs_key,
            WORD_ARGS(WORD_TEXT("key", id && strlen(id) <= 32 ? text_from(id) : TEXT("?"))));
        say(program, WORD_doctor_deep_no_key, WORD_NO_ARGS);
    }
    say(program, deep->findings ? WORD_doctor_deep_findings : WORD_doctor_deep_sound,
        WORD_ARGS(WORD_NUMBER("count", deep->findings)));
}

static bool run(struct restore *restore, int64_t *ret_findings, struct problem *problem)
{
    struct program *program = restore->program;
    struct text manifest = TEXT_EMPTY, mac = TEXT_EMPTY;
    struct pack_in *in = NULL;
    if (!program_open_clock(program, problem) || !pack_open(restore->path, &in, problem))
        return false;
    bool whole = look_through(restore, in, &mac, &manifest, problem) && take_given_key(restore, problem) &&
                 make_directory(restore, problem) && open_key(restore, manifest, mac, problem);
    pack_close(in);
    if (!whole || !open_empty(restore, problem) || !load_all(restore, problem) || !reopen(program, problem))
        return false;
    struct deep deep = {.program = program, .without_key = !program->vault, .quiet = true};
    if (!deep_run(&deep, problem) || !place_key(restore, problem))
        return false;
    say_done(restore, &deep);
    *ret_findings = deep.findings;
    return true;
}

int command_restore(int argc, char **argv)
{
    bool with_key = argc > 2 && !strcmp(argv[1], "--key");
    int taken = with_key ? 3 : 1;
    if (argc < 1 || argv[0][0] == '-') {
        fprintf(stderr, "usage: portdesk restore FILE [--key KEYFILE] [settings]\n");
        return 2;
    }
    struct problem problem = {0};
    int64_t findings = 0;
    struct program program = {.arena = arena_new(16 * 1024 * 1024)};
    struct restore restore = {.program = &program, .path = argv[0], .key_path = with_key ? argv[2] : NULL};
    int code = 2;
    if (settings_read(argc - taken, argv + taken, program.arena, &program.settings))
        code = run(&restore, &findings, &problem) ? 0 : command_failed(&problem);
    sodium_memzero(restore.key, sizeof restore.key);
    json_decref(restore.manifest);
    program_close(&program);
    return code || !findings ? code : 1;
}
