#include "net/smtp.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "net/curl_once.h"
#include "net/mail_header.h"
#include "net/net_date.h"

#define ADDRESS_MAX 254
#define SUBJECT_MAX 1000
#define NAME_MAX_BYTES 300

static bool label_ok(struct text label)
{
    for (size_t i = 0; i < label.len; i++) {
        char c = label.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-')) {
            return false;
        }
    }
    return label.len > 0 && label.len <= 63 && label.at[0] != '-' && label.at[label.len - 1] != '-';
}

static bool domain_ok(struct text domain)
{
    struct text label = TEXT_EMPTY;
    bool ok = domain.len > 0 && domain.at[domain.len - 1] != '.';
    while (ok && text_next(&domain, '.', &label)) {
        ok = label_ok(label);
    }
    return ok;
}

bool mail_address_ok(struct text address)
{
    size_t at = text_find_char(address, '@', 0);
    if (at == SIZE_MAX || at == 0 || at > 64 || address.len > ADDRESS_MAX || address.at[0] == '-' ||
        address.at[0] == '.' || address.at[at - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < at; i++) {
        char c = address.at[i];
        if (c <= 0x20 || c >= 0x7f || strchr("\"\\()<>[]:;,", c) != NULL ||
            (c == '.' && address.at[i + 1] == '.')) {
            return false;
        }
    }
    return domain_ok(text_part(address, at + 1, SIZE_MAX));
}

struct sending {
    CURL *handle;
    curl_mime *mime;
    struct curl_slist *headers, *recipients;
    struct arena *arena;
};

static void sending_free(struct sending *sending)
{
    curl_mime_free(sending->mime);
    curl_slist_free_all(sending->headers);
    curl_slist_free_all(sending->recipients);
    curl_easy_cleanup(sending->handle);
}

static void list_add(struct curl_slist **list, const char *line)
{
    struct curl_slist *more = curl_slist_append(*list, line);
    if (more == NULL) {
        abort();
    }
    *list = more;
}

static bool on_one_line(struct text value, size_t max)
{
    return value.len <= max && text_is_clean(value) && text_find_char(value, '\r', 0) == SIZE_MAX &&
           text_find_char(value, '\n', 0) == SIZE_MAX;
}

static bool message_id_ok(struct text id)
{
    for (size_t i = 0; i < id.len; i++) {
        if (id.at[i] <= 0x20 || id.at[i] >= 0x7f) {
            return false;
        }
    }
    return id.len > 3 && id.len <= 200 && id.at[0] == '<' && id.at[id.len - 1] == '>';
}

static bool mail_check(
    const struct mail *mail, struct text from_name, struct text from, struct problem *problem)
{
    if (!mail_address_ok(mail->to_address) || !mail_address_ok(from)) {
        return problem_set(problem, PROBLEM_UPSTREAM, WORD_net_mail_address, NULL, NULL, "mail: address");
    }
    if (!on_one_line(mail->subject, SUBJECT_MAX) || !on_one_line(mail->to_name, NAME_MAX_BYTES) ||
        !on_one_line(from_name, NAME_MAX_BYTES) || !message_id_ok(mail->message_id) ||
        !on_one_line(mail->attachment_name, NAME_MAX_BYTES) ||
        !on_one_line(mail->attachment_type, NAME_MAX_BYTES) || !text_is_clean(mail->text) ||
        !text_is_clean(mail->html)) {
        return problem_set(problem, PROBLEM_UPSTREAM, WORD_net_mail_wrong, NULL, NULL,
            "mail: a text that does not fit into a mail");
    }
    return true;
}

static void set_headers(
    struct sending *sending, const struct mail *mail, struct text from_name, struct text from_address)
{
    BUFFER_CLEANUP line = BUFFER((size_t)16 * 1024);
    buffer_string(&line, "From: ");
    mail_header_mailbox(&line, from_name, from_address);
    list_add(&sending->headers, text_cstr(sending->arena, buffer_view(&line)));
    buffer_reset(&line);
    buffer_string(&line, "To: ");
    mail_header_mailbox(&line, mail->to_name, mail->to_address);
    list_add(&sending->headers, text_cstr(sending->arena, buffer_view(&line)));
    buffer_reset(&line);
    buffer_string(&line, "Subject: ");
    mail_header_encode(&line, mail->subject);
    list_add(&sending->headers, text_cstr(sending->arena, buffer_view(&line)));
    buffer_reset(&line);
    buffer_string(&line, "Date: ");
    net_date_mail(&line, mail->date);
    list_add(&sending->headers, text_cstr(sending->arena, buffer_view(&line)));
    struct text id = text_format(sending->arena, "Message-ID: %.*s", TEXT_ARG(mail->message_id));
    list_add(&sending->headers, id.at);
}

/* Lines of mail end with CR LF. */
static struct text mail_lines(struct arena *arena, struct text text)
{
    size_t breaks = 0, len = 0;
    for (size_t i = 0; i < text.len; i++) {
        breaks += text.at[i] == '\n';
    }
    char *out = ARENA_ARRAY(arena, char, text.len + breaks + 1);
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\n') {
            out[len++] = '\r';
        }
        if (text.at[i] != '\r') {
            out[len++] = text.at[i];
        }
    }
    return (struct text){out, len};
}

static bool add_text(struct sending *sending, curl_mime *mime, struct text text, const char *type)
{
    curl_mimepart *part = curl_mime_addpart(mime);
    struct text lines = mail_lines(sending->arena, text);
    return part != NULL && curl_mime_data(part, lines.at, lines.len) == CURLE_OK &&
           curl_mime_type(part, type) == CURLE_OK && curl_mime_encoder(part, "quoted-printable") == CURLE_OK;
}

static bool add_alternatives(struct sending *sending, curl_mime *mime, const struct mail *mail)
{
    return add_text(sending, mime, mail->text, "text/plain; charset=utf-8") &&
           (mail->html.len == 0 || add_text(sending, mime, mail->html, "text/html; charset=utf-8"));
}

static struct text ascii_name(struct arena *arena, struct text name)
{
    struct text copy = text_copy(arena, name.len > 0 ? name : TEXT("attachment"));
    char *out = ARENA_ARRAY(arena, char, copy.len + 1);
    for (size_t i = 0; i < copy.len; i++) {
        bool fits = copy.at[i] >= 0x20 && copy.at[i] < 0x7f && strchr("\"\\/", copy.at[i]) == NULL;
        out[i] = copy.at[i];
        if (!fits) {
            out[i] = '_';
        }
    }
    return (struct text){out, copy.len};
}

static bool add_attachment(struct sending *sending, const struct mail *mail)
{
    const char *name = ascii_name(sending->arena, mail->attachment_name).at;
    const char *type = mail->attachment_type.len > 0 ? text_cstr(sending->arena, mail->attachment_type)
                                                     : "application/octet-stream";
    curl_mime *inner = curl_mime_init(sending->handle);
    curl_mimepart *texts = curl_mime_addpart(sending->mime);
    if (inner == NULL || texts == NULL || !add_alternatives(sending, inner, mail) ||
        curl_mime_subparts(texts, inner) != CURLE_OK) {
        curl_mime_free(inner);
        return false;
    }
    curl_mimepart *file = curl_mime_addpart(sending->mime);
    return curl_mime_type(texts, "multipart/alternative") == CURLE_OK && file != NULL &&
           curl_mime_data(file, mail->attachment.at, mail->attachment.len) == CURLE_OK &&
           curl_mime_type(file, type) == CURLE_OK && curl_mime_filename(file, name) == CURLE_OK &&
           curl_mime_encoder(file, "base64") == CURLE_OK;
}

static bool set_body(struct sending *sending, const struct mail *mail)
{
    sending->mime = curl_mime_init(sending->handle);
    if (sending->mime == NULL) {
        return false;
    }
    if (mail->attachment.len > 0) {
        return add_attachment(sending, mail);
    }
    list_add(&sending->headers, "Content-Type: multipart/alternative");
    return add_alternatives(sending, sending->mime, mail);
}

static bool set_server(
    struct sending *sending, const struct smtp_options *options, struct text from, struct text to)
{
    CURL *handle = sending->handle;
    struct arena *arena = sending->arena;
    list_add(&sending->recipients, text_format(arena, "<%.*s>", TEXT_ARG(to)).at);
    bool done = curl_easy_setopt(handle, CURLOPT_URL, text_cstr(arena, options->url)) == CURLE_OK &&
                curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
                curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)options->total_ms) == CURLE_OK &&
                curl_easy_setopt(handle, CURLOPT_USE_SSL,
                    options->require_tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY) == CURLE_OK &&
                curl_easy_setopt(
                    handle, CURLOPT_MAIL_FROM, text_format(arena, "<%.*s>", TEXT_ARG(from)).at) == CURLE_OK &&
                curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, sending->recipients) == CURLE_OK &&
                curl_easy_setopt(handle, CURLOPT_HTTPHEADER, sending->headers) == CURLE_OK &&
                curl_easy_setopt(handle, CURLOPT_MIMEPOST, sending->mime) == CURLE_OK;
    if (done && options->user.len > 0) {
        done = curl_easy_setopt(handle, CURLOPT_USERNAME, text_cstr(arena, options->user)) == CURLE_OK &&
               curl_easy_setopt(handle, CURLOPT_PASSWORD, text_cstr(arena, options->password)) == CURLE_OK;
    }
    return done;
}

static bool send_now(struct sending *sending, struct problem *problem)
{
    CURLcode code = curl_easy_perform(sending->handle);
    if (code == CURLE_OK) {
        return true;
    }
    long status = 0;
    curl_easy_getinfo(sending->handle, CURLINFO_RESPONSE_CODE, &status);
    /* A refused sign-in is the operator's to mend and says nothing of the mail. */
    bool refused = status >= 500 && status < 600 && code != CURLE_LOGIN_DENIED;
    return problem_set(problem, refused ? PROBLEM_UPSTREAM : PROBLEM_LATER,
        refused ? WORD_net_mail_refused : WORD_net_mail_later, NULL, NULL, "smtp: %s (%ld)",
        curl_easy_strerror(code), status);
}

bool mail_send(const struct smtp_options *options, const struct mail *mail, struct problem *problem)
{
    bool own = mail->from_address.len > 0;
    struct text from_name = own ? mail->from_name : options->from_name;
    struct text from = own ? mail->from_address : options->from_address;
    if (!mail_check(mail, from_name, from, problem)) {
        return false;
    }
    curl_begin_once();
    ARENA_CLEANUP arena = arena_new(4 * (mail->text.len + mail->html.len) + (size_t)256 * 1024);
    struct sending sending = {.handle = curl_easy_init(), .arena = arena};
    if (sending.handle == NULL) {
        abort();
    }
    set_headers(&sending, mail, from_name, from);
    bool ready = set_body(&sending, mail) && set_server(&sending, options, from, mail->to_address);
    bool done =
        ready ? send_now(&sending, problem) : problem_internal(problem, "libcurl does not take the mail");
    sending_free(&sending);
    return done;
}
