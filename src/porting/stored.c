#include "porting/stored.h"

bool stored_page(struct db_tx *tx, struct text account, struct text id, struct arena *arena,
    struct stored_document **ret, size_t *ret_count)
{
    struct stored_document *documents = ARENA_ARRAY(arena, struct stored_document, STORED_PAGE);
    size_t count = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT account, id, size, sha256, has_preview FROM document WHERE (account, id) > ($1, $2)"
        " ORDER BY account, id LIMIT $3",
        DB_ARGS(db_text(account), db_text(id), db_int(STORED_PAGE)));
    while (count < STORED_PAGE && db_next(rows))
        documents[count++] = (struct stored_document){
            .account = db_col_copy(rows, 0, arena),
            .id = db_col_copy(rows, 1, arena),
            .size = db_col_int(rows, 2),
            .sha256 = db_col_copy(rows, 3, arena),
            .has_preview = db_col_int(rows, 4) != 0,
        };
    *ret = documents;
    *ret_count = count;
    return db_ok(tx);
}

struct text stored_preview(struct arena *arena, struct text document)
{
    return text_format(arena, "pv_%.*s", TEXT_ARG(text_part(document, 4, SIZE_MAX)));
}

bool stored_name_parse(struct text blob, struct id *ret_document, bool *ret_preview, int64_t *ret_made_at)
{
    ARENA_CLEANUP arena = arena_new(1024);
    unsigned char ms[6];
    struct text name = blob;
    *ret_preview = id_parse(blob, "pv", ret_document);
    if (*ret_preview)
        name = text_format(arena, "doc_%.*s", TEXT_ARG(text_part(blob, 3, SIZE_MAX)));
    if (!id_parse(name, "doc", ret_document) || !text_unhex(text_part(name, 4, 12), ms, sizeof ms))
        return false;
    int64_t made_at = 0;
    for (size_t i = 0; i < sizeof ms; i++)
        made_at = made_at << 8 | ms[i];
    *ret_made_at = made_at * 1000;
    return true;
}

bool stored_is_named(struct db_tx *tx, struct text account, const struct id *document, bool preview)
{
    DB_ROWS rows = db_query(tx, "SELECT has_preview FROM document WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(account), db_text(id_text(document))));
    return db_next(rows) && (!preview || db_col_int(rows, 0) != 0);
}
