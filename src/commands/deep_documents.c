/* Whether what is sealed opens, and every document is there and is what its row says. */
#include <sodium.h>
#include <string.h>

#include "commands/deep.h"
#include "porting/stored.h"
#include "porting/sweep.h"
#include "store/sealed.h"

#define PAGE_MEMORY ((size_t)8 * 1024 * 1024)
#define READ_BYTES ((size_t)64 * 1024)
#define VALUES_PAGE 100
#define STRAY_AGE (2 * CLOCK_DAY) /* older than any sweep leaves it */

/* ---- Sealed values ---- */

struct values {
    struct deep *deep;
    enum sealed column;
    struct buffer account, row; /* the last one */
    int64_t seen;
};

static bool values_closure(struct db_tx *tx, void *context)
{
    struct values *values = context;
    const struct sealed_column *column = &sealed_columns[values->column];
    struct text account = text_copy(db_arena(tx), buffer_view(&values->account));
    struct text row = text_copy(db_arena(tx), buffer_view(&values->row));
    values->seen = 0;
    DB_ROWS rows = db_query(tx, column->page, DB_ARGS(db_text(account), db_text(row), db_int(VALUES_PAGE)));
    while (db_next(rows)) {
        ARENA_CLEANUP arena = arena_new(PAGE_MEMORY);
        struct text plain, sealed = text_copy(arena, db_col_bytes(rows, 2));
        values->seen++;
        buffer_reset(&values->account);
        buffer_reset(&values->row);
        buffer_text(&values->account, db_col_text(rows, 0));
        buffer_text(&values->row, db_col_text(rows, 1));
        struct vault_place place =
            sealed_place(values->column, buffer_view(&values->account), buffer_view(&values->row));
        if (!vault_unseal(values->deep->program->vault, &place, sealed, arena, &plain, NULL))
            deep_found(values->deep,
                text_format(arena, "%s.%s %.*s %.*s", column->table, column->column,
                    TEXT_ARG(buffer_view(&values->account)), TEXT_ARG(buffer_view(&values->row))));
    }
    return db_ok(tx);
}

bool deep_values(struct deep *deep, struct problem *problem)
{
    BUFFER_CLEANUP account = BUFFER(256);
    BUFFER_CLEANUP row = BUFFER(256);
    struct values values = {.deep = deep, .account = account, .row = row};
    bool done = true;
    deep_begin(deep, "values", WORD_doctor_values);
    for (size_t i = 0; i < SEALED_COUNT && done; i++) {
        values.column = (enum sealed)i;
        buffer_reset(&values.account);
        buffer_reset(&values.row);
        do
            done = db_read(deep->program->db, values_closure, &values, problem);
        while (done && values.seen == VALUES_PAGE);
    }
    account = values.account;
    row = values.row;
    if (done)
        deep_end(deep);
    return done;
}

/* ---- Documents ---- */

struct look {
    struct text account, row;
    struct arena *arena;
    struct stored_document *documents;
    size_t count;
    struct id document; /* of a look for one */
    bool preview, named;
};

static bool page_closure(struct db_tx *tx, void *context)
{
    struct look *look = context;
    return stored_page(tx, look->account, look->row, look->arena, &look->documents, &look->count);
}

static bool named_closure(struct db_tx *tx, void *context)
{
    struct look *look = context;
    look->named = stored_is_named(tx, look->account, &look->document, look->preview);
    return db_ok(tx);
}

/* Reads it to its end. With `document`, its size and hash must be those. */
static bool read_whole(
    struct blob_reader *reader, const struct stored_document *document, struct problem *problem)
{
    char bytes[READ_BYTES], hex[65];
    unsigned char digest[32];
    crypto_hash_sha256_state hash;
    int64_t size = 0;
    size_t len = sizeof bytes;
    crypto_hash_sha256_init(&hash);
    while (len == sizeof bytes) {
        if (!blob_read(reader, bytes, sizeof bytes, &len, problem))
            return false;
        crypto_hash_sha256_update(&hash, (const unsigned char *)bytes, len);
        size += (int64_t)len;
    }
    crypto_hash_sha256_final(&hash, digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    return !document || (document->size == size && text_is(document->sha256, hex)) ||
           problem_internal(problem, "it is not what its row says");
}

/* Whether the row is still there: it may have been removed, and its document then, since its page was read. */
static bool still_named(
    struct deep *deep, struct text account, struct text blob, bool *ret, struct problem *problem)
{
    struct look look = {.account = account};
    int64_t made_at = 0;
    if (!stored_name_parse(blob, &look.document, &look.preview, &made_at)) {
        *ret = true; /* a row with an id that is none */
        return true;
    }
    bool done = db_read(deep->program->db, named_closure, &look, problem);
    *ret = look.named;
    return done;
}

static bool check_one(struct deep *deep, const struct stored_document *document, struct text blob,
    bool preview, struct problem *problem)
{
    struct problem why = {0};
    struct blob_reader *reader = NULL;
    bool sound = blob_open(deep->program->blobs, document->account, blob, &reader, &why) &&
                 read_whole(reader, preview ? NULL : document, &why);
    blob_close(reader);
    if (sound)
        return true;
    if (why.kind == PROBLEM_LATER || why.kind == PROBLEM_UPSTREAM) {
        *problem = why; /* the store cannot be asked: that says nothing about the document */
        return false;
    }
    bool named = true;
    if (why.kind == PROBLEM_NOT_FOUND && !still_named(deep, document->account, blob, &named, problem))
        return false;
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    if (named)
        deep_found(deep,
            text_format(arena, "%.*s %.*s: %s", TEXT_ARG(document->account), TEXT_ARG(blob), why.detail));
    return true;
}

static bool check_page(struct deep *deep, const struct look *look, struct problem *problem)
{
    for (size_t i = 0; i < look->count; i++) {
        const struct stored_document *document = &look->documents[i];
        if (!check_one(deep, document, document->id, false, problem) ||
            (document->has_preview &&
                !check_one(deep, document, stored_preview(look->arena, document->id), true, problem)))
            return false;
    }
    return true;
}

static bool check_rows(struct deep *deep, struct problem *problem)
{
    BUFFER_CLEANUP account = BUFFER(256);
    BUFFER_CLEANUP row = BUFFER(256);
    size_t count = STORED_PAGE;
    while (count == STORED_PAGE) {
        ARENA_CLEANUP arena = arena_new(PAGE_MEMORY);
        struct look look = {.account = buffer_view(&account), .row = buffer_view(&row), .arena = arena};
        if (!db_read(deep->program->db, page_closure, &look, problem) || !check_page(deep, &look, problem))
            return false;
        count = look.count;
        if (count > 0) {
            buffer_reset(&account);
            buffer_reset(&row);
            buffer_text(&account, look.documents[count - 1].account);
            buffer_text(&row, look.documents[count - 1].id);
        }
    }
    return true;
}

struct strays {
    struct deep *deep;
    int64_t store_now;
    bool failed;
    struct problem problem;
};

static bool see_blob(void *context, struct text account, struct text blob, int64_t changed_at)
{
    struct strays *strays = context;
    struct look look = {.account = account};
    int64_t made_at = 0;
    bool ours = stored_name_parse(blob, &look.document, &look.preview, &made_at);
    if (ours && (made_at > clock_now(strays->deep->program->clock) - STRAY_AGE ||
                    changed_at > strays->store_now - SWEEP_STORE_AGE))
        return true;
    if (ours && !db_read(strays->deep->program->db, named_closure, &look, &strays->problem)) {
        strays->failed = true;
        return false;
    }
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    if (!look.named)
        deep_found(strays->deep, text_format(arena, "%.*s %.*s", TEXT_ARG(account), TEXT_ARG(blob)));
    return true;
}

bool deep_documents(struct deep *deep, struct problem *problem)
{
    struct strays strays = {.deep = deep, .store_now = clock_now(clock_system())};
    deep_begin(deep, "documents", WORD_doctor_documents);
    if (!check_rows(deep, problem))
        return false;
    deep_end(deep);
    deep_begin(deep, "strays", WORD_doctor_strays);
    if (!blobs_each(deep->program->blobs, see_blob, &strays, problem))
        return false;
    if (strays.failed) {
        *problem = strays.problem;
        return false;
    }
    deep_end(deep);
    return true;
}
