/* Bills on their way in and out. The plain bytes are never on the disk: they go encrypted into a blob and, for the reader, into
 * memory that has no name. */
#include <stdlib.h>
#include <unistd.h>

#include "porting/draft.h"
#include "porting/hold.h"
#include "porting/row.h"
#include "porting/stored.h"
#include "porting/timeline.h"

#define FILE_NAME_MAX 120 /* code points that are kept of a browser's file name */
#define INSPECT_BYTES (16 * 1024 * 1024)

struct document_upload {
    struct porting *porting;
    struct arena *arena;
    struct actor actor;
    struct text account, request, file_name;
    struct id id;
    struct blob_writer *blob;
    int plain; /* memfd */
    int64_t size;
};

void document_abandon(struct document_upload *upload)
{
    if (!upload)
        return;
    blob_abandon(upload->blob);
    if (upload->plain >= 0)
        close(upload->plain);
    arena_free(upload->arena);
    free(upload);
}

/* ---- In ---- */

struct place {
    const struct porting *porting;
    const struct actor *actor;
    struct text request;
    struct arena *arena;
    struct request_row row;
};

/* A limit of 0 is none of the carrier's. */
static size_t least(size_t ours, size_t carriers)
{
    return carriers && carriers < ours ? carriers : ours;
}

/* Documents are taken while the request is a draft, and while it waits for a correction. */
static bool takes_documents(struct db_tx *tx, const struct porting *porting, const struct request_row *row)
{
    if (row->status != REQUEST_STATUS_DRAFT && row->status != REQUEST_STATUS_ACTION_REQUIRED)
        return row_refuse(tx, PROBLEM_CONFLICT, WORD_porting_submitted_already, "bill", NULL);
    int64_t count = db_number(tx, "SELECT count(*) FROM document WHERE account = $1 AND request = $2",
        DB_ARGS(db_text(row->account), db_text(row->id)), 0);
    int64_t max = (int64_t)least(DRAFT_DOCUMENTS_MAX, porting->gaining->can->documents_max);
    return count < max || row_refuse(tx, PROBLEM_INPUT, WORD_porting_too_many_bills, "bill", NULL);
}

static bool place_closure(struct db_tx *tx, void *context)
{
    struct place *place = context;
    return row_request(tx, place->actor, RIGHT_REQUEST_WORK, place->request, place->arena, &place->row) &&
           takes_documents(tx, place->porting, &place->row);
}

/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069: by them a name reads other than it is ("fdp.exe" as "exe.pdf"). */
static bool turns_direction(struct text name, size_t at)
{
    struct text three = text_part(name, at, 3);
    if (three.len < 3 || (unsigned char)three.at[0] != 0xe2)
        return false;
    unsigned char second = (unsigned char)three.at[1], third = (unsigned char)three.at[2];
    return (second == 0x80 && (third == 0x8e || third == 0x8f || (third >= 0xaa && third <= 0xae))) ||
           (second == 0x81 && third >= 0xa6 && third <= 0xa9);
}

static struct text without_turns(struct arena *arena, struct text name)
{
    char *to = ARENA_ARRAY(arena, char, name.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++)
        if (turns_direction(name, i))
            i += 2;
        else
            to[len++] = name.at[i];
    return (struct text){to, len};
}

struct text document_name(struct arena *arena, struct text name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.at[i - 1] == '/' || name.at[i - 1] == '\\') {
            name = text_part(name, i, name.len);
            break;
        }
    name = text_trim(without_turns(arena, name));
    if (!name.len || !text_is_clean(name) || text_find_char(name, '\n', 0) != SIZE_MAX ||
        text_find_char(name, '\r', 0) != SIZE_MAX || text_find_char(name, '\t', 0) != SIZE_MAX)
        return TEXT("bill");
    return text_copy(arena, text_clip(name, FILE_NAME_MAX));
}

bool document_begin(struct porting *porting, const struct actor *actor, struct text request,
    struct text file_name, struct document_upload **ret, struct problem *problem)
{
    struct document_upload *upload = calloc(1, sizeof *upload);
    if (!upload)
        return problem_internal(problem, "out of memory");
    upload->porting = porting;
    upload->plain = -1;
    upload->arena = arena_new(INSPECT_BYTES);
    upload->actor = *actor;
    struct place place = {.porting = porting, .actor = actor, .request = request, .arena = upload->arena};
    upload->id = id_new(porting->clock, "doc");
    upload->file_name = document_name(upload->arena, file_name);
    bool ok = db_read(porting->db, place_closure, &place, problem);
    upload->account = place.row.account;
    upload->request = place.row.id;
    ok = ok && blob_begin(porting->blobs, upload->account, id_text(&upload->id), &upload->blob, problem);
    if (ok) {
        upload->plain = bill_document_new();
        ok = upload->plain >= 0 || problem_internal(problem, "no file in memory: %m");
    }
    if (!ok) {
        document_abandon(upload);
        return false;
    }
    *ret = upload;
    return true;
}

static bool write_plain(int fd, struct text bytes, struct problem *problem)
{
    while (bytes.len) {
        ssize_t written = write(fd, bytes.at, bytes.len);
        if (written < 0)
            return problem_internal(problem, "memfd: %m");
        bytes = text_part(bytes, (size_t)written, bytes.len);
    }
    return true;
}

bool document_bytes(struct document_upload *upload, struct text bytes, struct problem *problem)
{
    upload->size += (int64_t)bytes.len;
    if (upload->size >
        (int64_t)least(DRAFT_DOCUMENT_BYTES, (size_t)upload->porting->gaining->can->document_bytes_max))
        return problem_set(problem, PROBLEM_TOO_LARGE, WORD_porting_bill_too_large, "bill", NULL, NULL);
    return blob_write(upload->blob, bytes, problem) && write_plain(upload->plain, bytes, problem);
}

static bool keep_preview(struct document_upload *upload, struct text png, struct problem *problem)
{
    struct blob_writer *writer;
    struct blob_info info;
    struct text id = stored_preview(upload->arena, id_text(&upload->id));
    if (!blob_begin(upload->porting->blobs, upload->account, id, &writer, problem))
        return false;
    if (!blob_write(writer, png, problem)) {
        blob_abandon(writer);
        return false;
    }
    return blob_finish(writer, &info, problem);
}

struct add {
    struct document_upload *upload;
    struct draft_document document;
    struct blob_info info;
};

static bool add_closure(struct db_tx *tx, void *context)
{
    struct add *add = context;
    struct document_upload *upload = add->upload;
    struct request_row row;
    if (!row_request_of(tx, upload->account, upload->request, db_arena(tx), &row) ||
        !takes_documents(tx, add->upload->porting, &row))
        return false;
    const struct draft_document *document = &add->document;
    db_exec(tx,
        "INSERT INTO document (account, id, request, kind, file_name, type, size, sha256, pages,"
        " has_preview, active_content, added_by, added_at) VALUES ($1, $2, $3, 'bill', $4, $5, $6, $7, $8,"
        " $9, $10, $11, $12)",
        DB_ARGS(db_text(row.account), db_text(id_text(&upload->id)), db_text(row.id),
            db_text(document->file_name), db_text(document->type), db_int(add->info.size),
            db_text(text_from(add->info.sha256)), db_int(document->pages), db_int(document->has_preview),
            db_int(document->active_content), db_text(upload->actor.user), db_int(document->added_at)));
    db_exec(tx, "UPDATE port_request SET changed_at = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row.account), db_text(row.id), db_int(document->added_at + 1)));
    struct timeline_entry entry = {.account = row.account,
        .request = row.id,
        .event = EVENT_DOCUMENT_ADDED,
        .about = document->file_name};
    timeline_by(&entry, &upload->actor);
    return timeline_add(tx, upload->porting->clock, &entry);
}

/* Looks at the document in the cage, and fills what will stand in its row. */
static bool inspect(struct document_upload *upload, struct add *add, struct problem *problem)
{
    struct bill_facts facts;
    struct text preview = TEXT_EMPTY;
    if (!upload->size)
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_bill_empty, "bill", NULL, NULL);
    if (!bill_reader_inspect(
            upload->porting->reader, upload->plain, upload->arena, &facts, &preview, problem))
        return false;
    if (preview.len && !keep_preview(upload, preview, problem))
        return false;
    add->document = (struct draft_document){
        .id = upload->id,
        .file_name = upload->file_name,
        .type = text_from(bill_type_name(facts.type)),
        .size = upload->size,
        .pages = facts.pages,
        .has_preview = preview.len > 0,
        .active_content = facts.active_content,
        .added_at = clock_now(upload->porting->clock),
    };
    return true;
}

bool document_finish(struct document_upload *upload, struct draft_document *ret, struct problem *problem)
{
    struct add add = {.upload = upload};
    struct problem refused = {0};
    bool ok = inspect(upload, &add, problem);
    bool unclear = false;
    if (ok) {
        ok = blob_finish(upload->blob, &add.info, problem);
        upload->blob = NULL;
    }
    if (ok) {
        ok = db_write(upload->porting->db, add_closure, &add, &refused);
        /* A connection that broke off may have committed the row: then the bytes must stay. The sweep finds out. */
        unclear = !ok && (refused.kind == PROBLEM_LATER || refused.kind == PROBLEM_INTERNAL);
        if (!ok && problem)
            *problem = refused;
    }
    if (ok)
        *ret = add.document;
    else if (!unclear)
        document_forget(upload->porting, upload->account, &upload->id);
    document_abandon(upload);
    return ok;
}

void document_forget(struct porting *porting, struct text account, const struct id *document)
{
    ARENA_CLEANUP arena = arena_new(1024);
    struct problem swept_later = {0};
    int lock = -1;
    bool held = false;
    if (!removal_begin(porting, &lock, &held, &swept_later) || held)
        return;
    blob_remove(porting->blobs, account, id_text(document), &swept_later);
    blob_remove(porting->blobs, account, stored_preview(arena, id_text(document)), &swept_later);
    removal_end(lock);
}

/* ---- Out ---- */

struct remove {
    struct porting *porting;
    const struct actor *actor;
    struct text request, document;
    struct arena *arena;
    struct request_row row;
};

static bool remove_closure(struct db_tx *tx, void *context)
{
    struct remove *remove = context;
    if (!row_request(tx, remove->actor, RIGHT_REQUEST_WORK, remove->request, remove->arena, &remove->row))
        return false;
    const struct request_row *row = &remove->row;
    if (row->status != REQUEST_STATUS_DRAFT)
        return row_refuse(tx, PROBLEM_CONFLICT, WORD_porting_submitted_already, "bill", NULL);
    DB_ROWS rows =
        db_query(tx, "SELECT file_name FROM document WHERE account = $1 AND request = $2 AND id = $3",
            DB_ARGS(db_text(row->account), db_text(row->id), db_text(remove->document)));
    if (!db_next(rows))
        return row_refuse(tx, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL);
    struct timeline_entry entry = {.account = row->account,
        .request = row->id,
        .event = EVENT_DOCUMENT_REMOVED,
        .about = db_col_copy(rows, 0, db_arena(tx))};
    timeline_by(&entry, remove->actor);
    db_exec(tx, "DELETE FROM document WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(remove->document)));
    /* Whoever reviews it just now must look again. */
    db_exec(tx, "UPDATE port_request SET changed_at = changed_at + 1 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id)));
    return timeline_add(tx, remove->porting->clock, &entry);
}

bool document_remove(struct porting *porting, const struct actor *actor, struct text request,
    struct text document, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct id id;
    if (!id_parse(document, "doc", &id))
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    struct remove remove = {
        .porting = porting, .actor = actor, .request = request, .document = document, .arena = arena};
    if (!db_write(porting->db, remove_closure, &remove, problem))
        return false;
    document_forget(porting, remove.row.account, &id);
    return true;
}

struct open {
    const struct porting *porting;
    const struct actor *actor;
    struct text request, document;
    bool preview, told; /* told: need not stand in the audit log, or does already */
    struct arena *arena;
    struct request_row row;
    struct text type, file_name;
    int64_t size;
    bool has_preview;
};

static enum audit_kind looks_of(const struct open *open)
{
    return open->preview ? AUDIT_BILL_LOOKED_AT : AUDIT_BILL_DOWNLOADED;
}

/* The same person and bill are one line in an hour: a page shows its picture each time it is opened. */
static bool is_told(struct db_tx *tx, const struct open *open)
{
    return db_number(tx,
               "SELECT count(*) FROM audit_event WHERE account = $1 AND subject = $2 AND kind = $3 AND"
               " by_user = $4 AND at > $5",
               DB_ARGS(db_text(open->row.account), db_text(open->document),
                   db_text(text_from(audit_kind_name(looks_of(open)))), db_text(open->actor->user),
                   db_int(clock_now(open->porting->clock) - CLOCK_HOUR)),
               0) > 0;
}

static bool open_closure(struct db_tx *tx, void *context)
{
    struct open *open = context;
    if (!row_request(tx, open->actor, RIGHT_REQUEST_WORK, open->request, open->arena, &open->row))
        return false;
    DB_ROWS rows = db_query(tx,
        "SELECT type, file_name, size, has_preview, added_by FROM document WHERE account = $1 AND request ="
        " $2 AND id = $3",
        DB_ARGS(db_text(open->row.account), db_text(open->row.id), db_text(open->document)));
    if (!db_next(rows))
        return row_refuse(tx, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL);
    open->type = db_col_copy(rows, 0, open->arena);
    open->file_name = db_col_copy(rows, 1, open->arena);
    open->size = db_col_int(rows, 2);
    open->has_preview = db_col_int(rows, 3) != 0;
    open->told = (open->preview && text_equal(db_col_text(rows, 4), open->actor->user)) || is_told(tx, open);
    return db_ok(tx);
}

static bool tell_closure(struct db_tx *tx, void *context)
{
    const struct open *open = context;
    return audit_add(tx, open->porting->clock,
        &(struct audit_entry){.account = open->row.account,
            .kind = looks_of(open),
            .actor = open->actor,
            .subject = open->document,
            .about = text_format(
                db_arena(tx), "%.*s: %.*s", TEXT_ARG(open->row.reference), TEXT_ARG(open->file_name))});
}

/* A bill holds account numbers: nobody looks at one without a line in the audit log. */
static bool tell_opened(const struct open *open, struct problem *problem)
{
    struct open told = *open;
    return open->told || db_write(open->porting->db, tell_closure, &told, problem);
}

struct text document_mime(struct text type)
{
    if (text_is(type, "pdf"))
        return TEXT("application/pdf");
    return text_is(type, "png") ? TEXT("image/png") : TEXT("image/jpeg");
}

bool document_open(struct porting *porting, const struct actor *actor, struct text request,
    struct text document, bool preview, struct arena *arena, struct blob_reader **ret, struct text *ret_type,
    struct text *ret_file_name, int64_t *ret_size, struct problem *problem)
{
    struct id id;
    if (!id_parse(document, "doc", &id))
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    struct open open = {.porting = porting,
        .actor = actor,
        .request = request,
        .document = document,
        .preview = preview,
        .arena = arena};
    if (!db_read(porting->db, open_closure, &open, problem))
        return false;
    if (preview && !open.has_preview)
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    struct text blob = preview ? stored_preview(arena, id_text(&id)) : id_text(&id);
    struct blob_reader *reader = NULL;
    if (!blob_open(porting->blobs, open.row.account, blob, &reader, problem))
        return false;
    if (!tell_opened(&open, problem)) {
        blob_close(reader);
        return false;
    }
    *ret = reader;
    *ret_type = preview ? TEXT("image/png") : document_mime(open.type);
    *ret_file_name = open.file_name;
    *ret_size = preview ? -1 : open.size;
    return true;
}
