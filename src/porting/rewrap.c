#include "porting/rewrap.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "people/audit.h"
#include "porting/stored.h"

#define STAGE_DOCUMENTS ((int64_t)SEALED_COUNT)
#define STAGE_END ((int64_t)SEALED_COUNT + 1)
#define BATCH_ROWS 64
#define BATCH_BYTES ((size_t)512 * 1024)
#define BATCHES 50 /* of one run of the job */
#define PAGE_MEMORY ((size_t)1024 * 1024)

bool rewrap_add(struct db_tx *tx, struct clock *clock)
{
    return job_add(tx, clock,
        &(struct job_new){.account = TEXT("operator"), .kind = JOB_REWRAP, .subject = TEXT("desk")});
}

struct round {
    struct porting *porting;
    struct arena *arena;
    struct rewrap_state state;
    struct text at_account, at_row;
    bool fresh;  /* begun by this look */
    bool turned; /* as the master key is another than before */
};

static void current_key(struct porting *porting, char ret[2 * VAULT_ID_BYTES + 1])
{
    unsigned char prefix[VAULT_PREFIX_BYTES];
    vault_prefix(porting->vault, prefix);
    sodium_bin2hex(ret, 2 * VAULT_ID_BYTES + 1, prefix + 1, VAULT_ID_BYTES);
}

static bool state_read(struct db_tx *tx, struct rewrap_state *ret, struct arena *arena,
    struct text *at_account, struct text *at_row)
{
    *ret = (struct rewrap_state){.known = false};
    DB_ROWS rows = db_query(tx,
        "SELECT key_id, stage, done, failed, began_at, ended_at, at_account, at_row FROM key_rewrap"
        " WHERE account = 'operator'",
        DB_NO_ARGS);
    if (!db_next(rows))
        return db_ok(tx);
    ret->known = true;
    snprintf(ret->key, sizeof ret->key, "%.*s", TEXT_ARG(db_col_text(rows, 0)));
    ret->stage = db_col_int(rows, 1);
    ret->done = db_col_int(rows, 2);
    ret->failed = db_col_int(rows, 3);
    ret->began_at = db_col_int(rows, 4);
    ret->ended_at = db_col_int(rows, 5);
    *at_account = db_col_copy(rows, 6, arena);
    *at_row = db_col_copy(rows, 7, arena);
    return db_ok(tx);
}

bool rewrap_state(struct db_tx *tx, struct rewrap_state *ret)
{
    struct text at_account, at_row;
    return state_read(tx, ret, db_arena(tx), &at_account, &at_row);
}

static bool state_write(struct db_tx *tx, const struct round *round)
{
    const struct rewrap_state *state = &round->state;
    return db_exec(tx,
        "INSERT INTO key_rewrap (account, key_id, stage, at_account, at_row, done, failed, began_at, ended_at)"
        " VALUES ('operator', $1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account) DO UPDATE SET key_id ="
        " excluded.key_id, stage = excluded.stage, at_account = excluded.at_account, at_row = excluded.at_row,"
        " done = excluded.done, failed = excluded.failed, began_at = excluded.began_at, ended_at ="
        " excluded.ended_at",
        DB_ARGS(db_text(text_from(state->key)), db_int(state->stage), db_text(round->at_account),
            db_text(round->at_row), db_int(state->done), db_int(state->failed), db_int(state->began_at),
            db_int_or_null(state->ended_at)));
}

/* Reads how far it is; begins anew when the current key is another by now. */
static bool state_take(struct db_tx *tx, struct round *round)
{
    char key[sizeof round->state.key];
    round->at_account = round->at_row = TEXT_EMPTY;
    if (!state_read(tx, &round->state, db_arena(tx), &round->at_account, &round->at_row))
        return false;
    current_key(round->porting, key);
    round->fresh = !round->state.known || strcmp(key, round->state.key) != 0;
    round->turned = round->fresh && round->state.known;
    if (round->fresh) {
        round->state = (struct rewrap_state){.known = true, .began_at = clock_now(round->porting->clock)};
        memcpy(round->state.key, key, sizeof key);
        round->at_account = round->at_row = TEXT_EMPTY;
    }
    return true;
}

static void stage_over(struct round *round)
{
    round->state.stage++;
    round->at_account = round->at_row = TEXT_EMPTY;
    if (round->state.stage >= STAGE_END)
        round->state.ended_at = clock_now(round->porting->clock);
}

/* The command that turns the key works without the database; what sees it first writes it down. */
static bool tell_turned(struct db_tx *tx, const struct round *round)
{
    return audit_add(tx, round->porting->clock,
        &(struct audit_entry){.account = TEXT("operator"),
            .kind = AUDIT_KEY_ROTATED,
            .by_command = true,
            .about = text_from(round->state.key)});
}

/* One batch of sealed values, with how far it is then, in one transaction. */
static bool values_closure(struct db_tx *tx, void *context)
{
    struct round *round = context;
    if (!state_take(tx, round) || (round->turned && !tell_turned(tx, round)))
        return false;
    if (round->state.stage >= STAGE_DOCUMENTS)
        return round->fresh ? state_write(tx, round) : db_ok(tx);
    struct sealed_pass pass = {
        .vault = round->porting->vault, .rows_max = BATCH_ROWS, .bytes_max = BATCH_BYTES};
    struct sealed_cursor cursor = {round->at_account, round->at_row};
    bool more = false;
    if (!sealed_renew(tx, (enum sealed)round->state.stage, &pass, &cursor, &more))
        return false;
    round->at_account = cursor.account;
    round->at_row = cursor.row;
    round->state.done += pass.done;
    round->state.failed += pass.failed;
    if (!more)
        stage_over(round);
    return state_write(tx, round);
}

struct page {
    struct text account, row;
    struct arena *arena;
    struct stored_document *documents;
    size_t count;
};

static bool page_closure(struct db_tx *tx, void *context)
{
    struct page *page = context;
    return stored_page(tx, page->account, page->row, page->arena, &page->documents, &page->count);
}

static bool document_rewrap(
    struct round *round, const struct stored_document *document, struct text blob, struct problem *problem)
{
    struct problem why = {0};
    bool changed = false;
    if (blob_rewrap(round->porting->blobs, document->account, blob, &changed, &why)) {
        round->state.done += changed ? 1 : 0;
        return true;
    }
    if (why.kind == PROBLEM_LATER || why.kind == PROBLEM_UPSTREAM) {
        *problem = why;
        return false;
    }
    round->state.failed += 1; /* missing, or altered: doctor tells which */
    return true;
}

static bool keep_closure(struct db_tx *tx, void *context)
{
    return state_write(tx, context);
}

/* One page of documents. The state is of this job alone: one of its kind runs at a time, and what it does may be repeated. */
static bool documents_batch(struct round *round, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(PAGE_MEMORY);
    struct page page = {.account = round->at_account, .row = round->at_row, .arena = arena};
    if (!db_read(round->porting->db, page_closure, &page, problem))
        return false;
    for (size_t i = 0; i < page.count; i++) {
        const struct stored_document *document = &page.documents[i];
        if (!document_rewrap(round, document, document->id, problem) ||
            (document->has_preview &&
                !document_rewrap(round, document, stored_preview(arena, document->id), problem)))
            return false;
        failpoint("rewrap-within-documents");
        round->at_account = document->account;
        round->at_row = document->id;
    }
    if (page.count < STORED_PAGE)
        stage_over(round);
    return db_write(round->porting->db, keep_closure, round, problem);
}

struct reading {
    struct round *round;
    struct arena *arena;
};

static bool look_closure(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    struct round *round = reading->round;
    if (!state_take(tx, round))
        return false;
    round->at_account = text_copy(reading->arena, round->at_account);
    round->at_row = text_copy(reading->arena, round->at_row);
    return db_ok(tx);
}

bool rewrap_work(
    void *porting, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)job;
    struct round round = {.porting = porting, .arena = arena};
    struct reading reading = {.round = &round, .arena = arena};
    for (size_t i = 0; i < BATCHES; i++) {
        if (!db_read(round.porting->db, look_closure, &reading, problem))
            return false;
        if (!round.fresh && round.state.stage >= STAGE_END)
            return true;
        bool done = round.fresh || round.state.stage < STAGE_DOCUMENTS
                        ? db_write(round.porting->db, values_closure, &round, problem)
                        : documents_batch(&round, problem);
        if (!done)
            return false;
        failpoint("rewrap-after-batch");
        if (round.state.ended_at)
            log_event(LOG_LEVEL_INFO, "keys.rewrapped", LOG_TEXT("key", text_from(round.state.key)),
                LOG_NUMBER("values", round.state.done), LOG_NUMBER("failed", round.state.failed));
    }
    *ret_again_at = clock_now(round.porting->clock);
    return true;
}

/* ---- What uses which key ---- */

static bool values_count_closure(struct db_tx *tx, void *context)
{
    struct key_use *use = context;
    memset(use->values, 0, sizeof use->values);
    use->values_other = 0;
    for (size_t i = 0; i < SEALED_COUNT; i++) {
        int64_t known = 0;
        for (size_t j = 0; j < use->keys_count; j++) {
            unsigned char prefix[VAULT_PREFIX_BYTES] = {2};
            sodium_hex2bin(prefix + 1, VAULT_ID_BYTES, use->keys[j].id, 2 * VAULT_ID_BYTES, NULL, NULL, NULL);
            int64_t count = db_number(tx, sealed_columns[i].begins,
                DB_ARGS(db_bytes((struct text){(const char *)prefix, sizeof prefix})), 0);
            use->values[j] += count;
            known += count;
        }
        use->values_other += db_number(tx, sealed_columns[i].count, DB_NO_ARGS, 0) - known;
    }
    return db_ok(tx);
}

static bool document_count(struct porting *porting, struct text account, struct text blob,
    struct key_use *use, struct problem *problem)
{
    struct problem why = {0};
    char key[2 * VAULT_ID_BYTES + 1];
    if (!blob_key(porting->blobs, account, blob, key, &why)) {
        use->documents_missing += why.kind == PROBLEM_NOT_FOUND ? 1 : 0;
        use->documents_other += why.kind == PROBLEM_INTERNAL ? 1 : 0;
        if (why.kind != PROBLEM_NOT_FOUND && why.kind != PROBLEM_INTERNAL)
            *problem = why;
        return why.kind == PROBLEM_NOT_FOUND || why.kind == PROBLEM_INTERNAL;
    }
    for (size_t i = 0; i < use->keys_count; i++)
        if (!strcmp(use->keys[i].id, key)) {
            use->documents[i]++;
            return true;
        }
    use->documents_other++;
    return true;
}

static bool documents_count(struct porting *porting, struct key_use *use, struct problem *problem)
{
    BUFFER_CLEANUP account = BUFFER(256);
    BUFFER_CLEANUP row = BUFFER(256);
    size_t count = STORED_PAGE;
    while (count == STORED_PAGE) {
        ARENA_CLEANUP arena = arena_new(PAGE_MEMORY);
        struct page page = {.account = buffer_view(&account), .row = buffer_view(&row), .arena = arena};
        if (!db_read(porting->db, page_closure, &page, problem))
            return false;
        for (size_t i = 0; i < page.count; i++) {
            const struct stored_document *document = &page.documents[i];
            if (!document_count(porting, document->account, document->id, use, problem) ||
                (document->has_preview && !document_count(porting, document->account,
                                              stored_preview(arena, document->id), use, problem)))
                return false;
        }
        count = page.count;
        if (count > 0) {
            buffer_reset(&account);
            buffer_reset(&row);
            buffer_text(&account, page.documents[count - 1].account);
            buffer_text(&row, page.documents[count - 1].id);
        }
    }
    return true;
}

bool key_use_count(struct porting *porting, struct key_use *ret, struct problem *problem)
{
    struct key_use use = {.keys_count = 0};
    use.keys_count = vault_keys(porting->vault, use.keys);
    if (!db_read(porting->db, values_count_closure, &use, problem) ||
        !documents_count(porting, &use, problem))
        return false;
    *ret = use;
    return true;
}
