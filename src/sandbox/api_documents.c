#include <openssl/evp.h>

#include "base/trace.h"
#include "sandbox/app.h"

#define DOCUMENT_MAX ((size_t)10 * 1024 * 1024)
#define FIELD_MAX 256
#define PARTS_MAX 8
#define HEAD_MAX 16                      /* bytes by which a type is told */
#define PICTURE_MAX ((size_t)256 * 1024) /* of a logo; a larger one is taken, but not shown */
#define BILL "utility_bill"

/* One upload as it comes: counted, hashed and looked at. A bill is never kept; another document's first bytes are, since it
 * may be a logo. */
struct upload {
    struct exchange *exchange;
    struct multipart *parser;
    struct problem problem;
    EVP_MD_CTX *digest;
    bool failed;
    enum { PART_OTHER, PART_TYPE, PART_NAME, PART_FILE } part;
    struct buffer type, name, picture;
    bool has_file;
    size_t size;
    unsigned char head[HEAD_MAX];
    size_t head_len;
};

static bool part_begin(void *context, const struct multipart_part *part, struct problem *problem)
{
    (void)problem;
    struct upload *upload = context;
    upload->part = PART_OTHER;
    if (text_is(part->name, "document_type"))
        upload->part = PART_TYPE;
    else if (text_is(part->name, "friendly_name"))
        upload->part = PART_NAME;
    else if (text_is(part->name, "File") && !upload->has_file) {
        upload->part = PART_FILE;
        upload->has_file = true;
    }
    return true;
}

static bool part_bytes(void *context, struct text bytes, struct problem *problem)
{
    (void)problem;
    struct upload *upload = context;
    if (upload->part == PART_TYPE)
        buffer_text(&upload->type, bytes);
    else if (upload->part == PART_NAME)
        buffer_text(&upload->name, bytes);
    else if (upload->part == PART_FILE) {
        for (size_t i = 0; i < bytes.len && upload->head_len < HEAD_MAX; i++)
            upload->head[upload->head_len++] = (unsigned char)bytes.at[i];
        upload->size += bytes.len;
        EVP_DigestUpdate(upload->digest, bytes.at, bytes.len);
        if (!text_is(buffer_view(&upload->type), BILL))
            buffer_text(&upload->picture, bytes);
    }
    return true;
}

static bool part_end(void *context, struct problem *problem)
{
    (void)context;
    (void)problem;
    return true;
}

static bool sink(void *context, struct text bytes)
{
    struct exchange *exchange = context;
    struct upload *upload = exchange->upload;
    /* Reads on after a fault, so that the sender gets an answer. */
    if (!upload->failed && !multipart_feed(upload->parser, bytes, &upload->problem))
        upload->failed = true;
    return true;
}

static void upload_end(void *context)
{
    struct exchange *exchange = context;
    struct upload *upload = exchange->upload;
    EVP_MD_CTX_free(upload->digest);
    buffer_free(&upload->type);
    buffer_free(&upload->name);
    buffer_free(&upload->picture);
    trace_set(TEXT_EMPTY);
}

bool api_document_begin(struct exchange *exchange, struct http_plan *plan)
{
    struct upload *upload = ARENA_NEW(exchange->arena, struct upload);
    struct multipart_handler handler = {upload, part_begin, part_bytes, part_end};
    upload->exchange = exchange;
    upload->type = BUFFER(FIELD_MAX);
    upload->name = BUFFER(FIELD_MAX);
    upload->picture = BUFFER(PICTURE_MAX);
    upload->digest = EVP_MD_CTX_new();
    upload->failed = !upload->digest || !EVP_DigestInit_ex(upload->digest, EVP_sha256(), NULL) ||
                     !multipart_new(exchange->arena, http_header(exchange->request, "Content-Type"),
                         PARTS_MAX, &handler, &upload->parser, &upload->problem);
    exchange->upload = upload;
    plan->sink = sink;
    plan->end = upload_end;
    return !upload->failed;
}

/* The type by the file's own bytes, or NULL. An upload without content has none, and says so by the empty text. */
static const char *mime_of(const struct upload *upload)
{
    struct text head = {(const char *)upload->head, upload->head_len};
    if (upload->size == 0)
        return "";
    if (text_starts(head, TEXT("%PDF-")))
        return "application/pdf";
    if (text_starts(head, TEXT("\xff\xd8\xff")))
        return "image/jpeg";
    if (text_starts(head, TEXT("\x89PNG\r\n\x1a\n")))
        return "image/png";
    return NULL;
}

/* Documents of other types are taken too (a logo, say); a port asks for a bill. */
static bool type_ok(struct text type)
{
    for (size_t i = 0; i < type.len; i++)
        if ((type.at[i] < 'a' || type.at[i] > 'z') && type.at[i] != '_')
            return false;
    return type.len > 0;
}

/* Answers with what is wrong, or gives the type. */
static const char *checked(struct exchange *exchange, struct upload *upload)
{
    const char *mime = mime_of(upload);
    if (upload->failed || !multipart_finish(upload->parser, &upload->problem))
        api_error(exchange, 400, 20001, "The body is not a multipart/form-data of document_type and File");
    else if (upload->type.overflowed || upload->name.overflowed || !text_is_clean(buffer_view(&upload->name)))
        api_error(exchange, 400, 20001, "friendly_name or document_type cannot be taken");
    else if (!type_ok(buffer_view(&upload->type)))
        api_error(exchange, 400, 20001, "document_type must be like utility_bill");
    else if (!upload->has_file)
        api_error(exchange, 400, 20001, "File is missing");
    else if (upload->size > DOCUMENT_MAX)
        api_error(exchange, 400, 20001, "File is larger than 10 MB");
    else if (!mime)
        api_error(exchange, 400, 20001, "File must be a PDF, JPEG or PNG");
    else
        return mime;
    return NULL;
}

struct new_document {
    struct text sid, type, name, mime, sha256, picture;
    int64_t size, at;
};

static bool insert(struct db_tx *tx, void *context)
{
    const struct new_document *document = context;
    db_exec(tx,
        "INSERT INTO document (sid, type, friendly_name, mime_type, size, sha256, created_at, picture)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        DB_ARGS(db_text(document->sid), db_text(document->type), db_text(document->name),
            db_text(document->mime), db_int(document->size), db_text(document->sha256), db_int(document->at),
            document->picture.len ? db_bytes(document->picture) : db_null()));
    return counter_add(tx, "documents", 1);
}

void api_document(struct exchange *exchange)
{
    struct upload *upload = exchange->upload;
    struct problem problem = {0};
    const char *mime = checked(exchange, upload);
    if (!mime)
        return;
    unsigned char digest[32];
    unsigned len = 0;
    EVP_DigestFinal_ex(upload->digest, digest, &len);
    struct new_document document = {.sid = sid_new(exchange->arena, "RD"),
        .type = buffer_view(&upload->type),
        .name = buffer_view(&upload->name),
        .mime = text_from(mime),
        .sha256 = text_hex(exchange->arena, digest, sizeof digest),
        .size = (int64_t)upload->size,
        .at = clock_now(exchange->sandbox->clock)};
    if (text_starts(document.mime, TEXT("image/")) && !text_is(document.type, BILL) &&
        !upload->picture.overflowed)
        document.picture = buffer_view(&upload->picture);
    if (!db_write(exchange->sandbox->db, insert, &document, &problem)) {
        api_problem(exchange, &problem);
        return;
    }
    JSON_CLEANUP json = json_object();
    json_put_text(json, "sid", document.sid);
    json_put_text(json, "account_sid", exchange->sandbox->settings.account_sid);
    json_put_text(json, "document_type", document.type);
    json_put_text(json, "friendly_name", document.name);
    json_put_text(json, "status", TEXT("DRAFT"));
    json_put_text(json, "mime_type", document.mime);
    json_put_text(json, "date_created", instant_iso(exchange->arena, document.at));
    answer_json(exchange, 201, json);
}
