#include "porting/sweep.h"

struct sweep {
    struct porting *porting;
    size_t removed;
    bool failed;
    struct problem problem;
};

struct named {
    struct text account;
    struct id document;
    bool preview;
    bool found;
};

/* "doc_0192..." is a document; "pv_0192..." the picture of the one with the same hex digits. */
static bool parse(struct text blob, struct named *ret)
{
    ret->preview = id_parse(blob, "pv", &ret->document);
    if (!ret->preview)
        return id_parse(blob, "doc", &ret->document);
    ARENA_CLEANUP arena = arena_new(1024);
    struct text hex = text_part(blob, 3, blob.len);
    return id_parse(text_format(arena, "doc_%.*s", TEXT_ARG(hex)), "doc", &ret->document);
}

static bool named_closure(struct db_tx *tx, void *context)
{
    struct named *named = context;
    DB_ROWS rows = db_query(tx, "SELECT has_preview FROM document WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(named->account), db_text(id_text(&named->document))));
    named->found = db_next(rows) && (!named->preview || db_col_int(rows, 0) != 0);
    return db_ok(tx);
}

static bool look(void *context, struct text account, struct text blob)
{
    struct sweep *sweep = context;
    struct named named = {.account = account};
    if (!parse(blob, &named))
        return true;
    sweep->failed = !db_read(sweep->porting->db, named_closure, &named, &sweep->problem);
    if (sweep->failed || named.found)
        return !sweep->failed;
    sweep->failed = !blob_remove(sweep->porting->blobs, account, blob, &sweep->problem);
    sweep->removed += sweep->failed ? 0 : 1;
    return !sweep->failed;
}

bool documents_sweep(struct porting *porting, size_t *ret_removed, struct problem *problem)
{
    struct sweep sweep = {.porting = porting};
    bool listed = blobs_each(porting->blobs, look, &sweep, problem);
    *ret_removed = sweep.removed;
    if (sweep.failed && problem)
        *problem = sweep.problem;
    return listed && !sweep.failed;
}
