#include "sandbox/mailbox.h"

#include "base/log.h"
#include "sandbox/app.h"
#include "sandbox_pages.gen.h"

#define RECIPIENTS_MAX ((size_t)64 * 1024) /* bytes */
#define LISTED_MAX 100                     /* on the page */
#define JSON_LISTED_MAX 500
#define MAIL_ARENA ((size_t)32 * 1024 * 1024) /* of one mail of MAIL_SIZE_MAX, taken apart */
#define READ_MAX                                                                                             \
    ((size_t)16 * 1024 * 1024) /* bytes of mails that one list takes apart; older ones are left out */
#define LIST_ARENA (READ_MAX * 16)

struct arriving {
    struct text sender, recipients, data;
    int64_t at;
};

static bool insert(struct db_tx *tx, void *context)
{
    const struct arriving *mail = context;
    db_exec(tx, "INSERT INTO mail (received_at, sender, recipients, data) VALUES ($1, $2, $3, $4)",
        DB_ARGS(db_int(mail->at), db_text(mail->sender), db_text(mail->recipients), db_bytes(mail->data)));
    return db_exec(
        tx, "DELETE FROM mail WHERE id <= (SELECT MAX(id) FROM mail) - $1", DB_ARGS(db_int(MAILBOX_MAX)));
}

/* An envelope's address as text: what is not UTF-8 becomes '?'. */
static struct text address_text(struct arena *arena, struct text address)
{
    return text_is_clean(address) ? address : text_format(arena, "?");
}

bool mailbox_deliver(void *context, const struct smtp_received *mail)
{
    struct sandbox *sandbox = context;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct problem problem = {0};
    BUFFER_CLEANUP recipients = BUFFER(RECIPIENTS_MAX);
    for (size_t i = 0; i < mail->to_count; i++) {
        buffer_text(&recipients, address_text(arena, mail->to[i]));
        buffer_char(&recipients, '\n');
    }
    struct arriving arriving = {.sender = address_text(arena, mail->from),
        .recipients = buffer_view(&recipients),
        .data = mail->data,
        .at = clock_now(sandbox->clock)};
    if (!recipients.overflowed && db_write(sandbox->db, insert, &arriving, &problem))
        return true;
    log_problem(LOG_LEVEL_ERROR, "mailbox.failed", &problem);
    return false;
}

/* One mail as pages show it. */
struct kept {
    int64_t id, at;
    struct text sender, recipients;
    struct mail_view view;
};

struct reading {
    struct exchange *exchange;
    struct arena *arena; /* of the parsed mails */
    struct text to;      /* only mails to this address, when it is not empty */
    int64_t id;          /* only this mail, when it is not 0 */
    int64_t max;
    struct kept *mails;
    size_t count;
    int64_t total;
};

static bool is_to(struct text recipients, struct text to)
{
    struct text one;
    while (text_next(&recipients, '\n', &one))
        if (text_equal_nocase(one, to))
            return true;
    return false;
}

/* Newest first. */
static bool read_mails(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    size_t bytes = 0;
    reading->count = 0;
    reading->total = db_number(tx, "SELECT COUNT(*) FROM mail", DB_NO_ARGS, 0);
    DB_ROWS rows = db_query(tx,
        "SELECT id, received_at, sender, recipients, data FROM mail WHERE $1 = 0 OR id = $1 ORDER BY id DESC",
        DB_ARGS(db_int(reading->id)));
    while ((int64_t)reading->count < reading->max && db_next(rows)) {
        if (reading->to.len && !is_to(db_col_text(rows, 3), reading->to))
            continue;
        bytes += db_col_bytes(rows, 4).len;
        if (bytes > READ_MAX)
            break;
        struct kept *mail = &reading->mails[reading->count++];
        *mail = (struct kept){.id = db_col_int(rows, 0),
            .at = db_col_int(rows, 1),
            .sender = db_col_copy(rows, 2, reading->arena),
            .recipients = db_col_copy(rows, 3, reading->arena)};
        struct text data = text_copy(reading->arena, db_col_bytes(rows, 4));
        if (!mail_parse(reading->arena, data, &mail->view, NULL))
            mail->view = (struct mail_view){.text = TEXT_EMPTY};
    }
    return db_ok(tx);
}

static struct text comma_separated(struct arena *arena, struct text recipients)
{
    BUFFER_CLEANUP all = BUFFER(RECIPIENTS_MAX * 2);
    struct text one;
    while (text_next(&recipients, '\n', &one)) {
        if (one.len && all.len)
            buffer_string(&all, ", ");
        buffer_text(&all, one);
    }
    return text_copy(arena, buffer_view(&all));
}

static struct text subject_of(struct exchange *exchange, const struct kept *mail)
{
    return mail->view.subject.len ? mail->view.subject : say(exchange, WORD_sandbox_mail_no_subject);
}

static struct text from_of(const struct kept *mail)
{
    return mail->view.from.len ? mail->view.from : mail->sender;
}

static struct text when_of(struct exchange *exchange, int64_t us)
{
    return instant_short(exchange->arena, us, clock_now(exchange->sandbox->clock), TEXT("America/New_York"));
}

void page_mailbox(struct exchange *exchange)
{
    struct problem problem = {0};
    ARENA_CLEANUP arena = arena_new(LIST_ARENA);
    struct reading reading = {.exchange = exchange,
        .arena = arena,
        .max = LISTED_MAX,
        .mails = ARENA_ARRAY(arena, struct kept, LISTED_MAX)};
    if (!db_read(exchange->sandbox->db, read_mails, &reading, &problem)) {
        answer_problem(exchange, &problem);
        return;
    }
    struct view_mail_line *lines = ARENA_ARRAY(arena, struct view_mail_line, LISTED_MAX);
    for (size_t i = 0; i < reading.count; i++) {
        const struct kept *mail = &reading.mails[i];
        lines[i] = (struct view_mail_line){.subject = subject_of(exchange, mail),
            .from = from_of(mail),
            .to = comma_separated(arena, mail->recipients),
            .when = when_of(exchange, mail->at),
            .page = url_pathf(arena, "/mail/%lld", (long long)mail->id)};
    }
    struct view_mailbox view = {
        .mails = lines, .mails_count = reading.count, .more = reading.total - (int64_t)reading.count};
    answer_page(exchange, 200, say(exchange, WORD_sandbox_mailbox), true, false);
    mailbox_page_write(&exchange->response->body, LANGUAGE_EN, &view);
    answer_page_end(exchange, true);
}

/* Reads the mail of the address; answers itself when there is none. */
static bool fetch(struct exchange *exchange, struct arena *arena, struct kept *ret)
{
    struct problem problem = {0};
    struct reading reading = {.exchange = exchange, .arena = arena, .max = 1, .mails = ret};
    if (!text_to_i64(exchange->params[0], 1, INT64_MAX, &reading.id)) {
        answer_message(exchange, 404, WORD_sandbox_message_title, WORD_sandbox_not_found);
        return false;
    }
    if (!db_read(exchange->sandbox->db, read_mails, &reading, &problem)) {
        answer_problem(exchange, &problem);
        return false;
    }
    if (!reading.count)
        answer_message(exchange, 404, WORD_sandbox_message_title, WORD_sandbox_not_found);
    return reading.count != 0;
}

void page_mail(struct exchange *exchange)
{
    ARENA_CLEANUP arena = arena_new(MAIL_ARENA);
    struct kept mail;
    if (!fetch(exchange, arena, &mail))
        return;
    struct view_mail view = {.subject = subject_of(exchange, &mail),
        .from = from_of(&mail),
        .to = comma_separated(arena, mail.recipients),
        .when = when_of(exchange, mail.at),
        .text = mail.view.text,
        .attachment = mail.view.attachment_name,
        .has_html = mail.view.html.len != 0,
        .has_attachment = mail.view.attachment.len != 0 && mail.view.attachment_name.len != 0,
        .html = url_pathf(arena, "/mail/%lld/html", (long long)mail.id),
        .download = url_pathf(arena, "/mail/%lld/attachment", (long long)mail.id)};
    answer_page(exchange, 200, view.subject, true, false);
    mail_page_write(&exchange->response->body, LANGUAGE_EN, &view);
    answer_page_end(exchange, true);
}

/* The HTML of a mail is anybody's: it is shown in a sandbox without scripts, forms and the network. Links may open a new
 * page, since the signing link is one. */
void mail_html(struct exchange *exchange)
{
    ARENA_CLEANUP arena = arena_new(MAIL_ARENA);
    struct kept mail;
    if (!fetch(exchange, arena, &mail))
        return;
    struct http_request *request = exchange->request;
    http_set_header(request, exchange->response, "Content-Type", TEXT("text/html; charset=utf-8"));
    http_set_header(request, exchange->response, "Content-Security-Policy",
        TEXT("sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; "
             "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action"
             " 'none'; frame-ancestors 'self'"));
    http_set_header(request, exchange->response, "X-Content-Type-Options", TEXT("nosniff"));
    http_set_header(request, exchange->response, "Referrer-Policy", TEXT("no-referrer"));
    http_set_header(request, exchange->response, "Cache-Control", TEXT("no-store"));
    exchange->response->body.limit = MAIL_SIZE_MAX * 2;
    /* Out of the frame: the pages behind the links refuse to be framed. */
    buffer_string(&exchange->response->body, "<base target=\"_blank\">\n");
    buffer_text(&exchange->response->body, mail.view.html);
}

void mail_attachment(struct exchange *exchange)
{
    ARENA_CLEANUP arena = arena_new(MAIL_ARENA);
    struct kept mail;
    if (!fetch(exchange, arena, &mail))
        return;
    if (!mail.view.attachment.len) {
        answer_message(exchange, 404, WORD_sandbox_message_title, WORD_sandbox_not_found);
        return;
    }
    /* Name and type are the sender's; only a download of ours is made of it. */
    bool pdf = text_starts(mail.view.attachment, TEXT("%PDF-"));
    http_set_header(exchange->request, exchange->response, "Content-Type",
        text_from(pdf ? "application/pdf" : "application/octet-stream"));
    http_set_header(exchange->request, exchange->response, "Content-Disposition",
        text_from(
            pdf ? "attachment; filename=\"attachment.pdf\"" : "attachment; filename=\"attachment.bin\""));
    http_set_header(exchange->request, exchange->response, "X-Content-Type-Options", TEXT("nosniff"));
    http_set_header(exchange->request, exchange->response, "Content-Security-Policy",
        TEXT("sandbox; default-src 'none'"));
    exchange->response->body.limit = MAIL_SIZE_MAX * 2;
    buffer_text(&exchange->response->body, mail.view.attachment);
}

static json_t *recipients_json(struct text recipients)
{
    json_t *array = json_array();
    struct text one;
    while (text_next(&recipients, '\n', &one))
        if (one.len)
            json_array_append_new(array, json_stringn(one.at, one.len));
    return array;
}

/* The oldest first, at most JSON_LISTED_MAX of the newest. */
void mailbox_json(struct exchange *exchange)
{
    struct problem problem = {0};
    ARENA_CLEANUP arena = arena_new(LIST_ARENA);
    struct reading reading = {.exchange = exchange,
        .arena = arena,
        .to = http_query(exchange->request, "to"),
        .max = JSON_LISTED_MAX,
        .mails = ARENA_ARRAY(arena, struct kept, JSON_LISTED_MAX)};
    if (!db_read(exchange->sandbox->db, read_mails, &reading, &problem)) {
        answer_problem(exchange, &problem);
        return;
    }
    json_t *mails = json_array();
    for (size_t i = reading.count; i > 0; i--) {
        const struct kept *mail = &reading.mails[i - 1];
        json_t *item = json_object();
        json_put_i64(item, "id", mail->id);
        json_put_text(item, "received_at", instant_iso(arena, mail->at));
        json_put_text(item, "sender", mail->sender);
        json_object_set_new(item, "to", recipients_json(mail->recipients));
        json_put_text(item, "from", mail->view.from);
        json_put_text(item, "subject", mail->view.subject);
        json_put_text(item, "message_id", mail->view.message_id);
        json_put_text(item, "text", mail->view.text);
        json_put_text(item, "html", mail->view.html);
        json_put_text(item, "attachment_name", mail->view.attachment_name);
        json_put_i64(item, "attachment_size", (int64_t)mail->view.attachment.len);
        json_array_append_new(mails, item);
    }
    JSON_CLEANUP json = json_object();
    json_object_set_new(json, "mails", mails);
    answer_json(exchange, 200, json);
}
