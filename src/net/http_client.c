#include "net/http_client.h"

#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "net/curl_once.h"

#define IDLE_MAX 32 /* handles kept with their connections; more threads than that at once make new ones */

struct http_client {
    struct http_client_options options;
    pthread_mutex_t lock;
    CURL *idle[IDLE_MAX]; /* the last used on top: its connection is the freshest */
    size_t idle_count;
};

struct http_client *http_client_new(const struct http_client_options *options)
{
    curl_begin_once();
    struct http_client *client = calloc(1, sizeof *client);
    char *agent = strdup(options->user_agent ? options->user_agent : "");
    if (client == NULL || agent == NULL) {
        abort();
    }
    client->options = *options;
    client->options.user_agent = agent;
    pthread_mutex_init(&client->lock, NULL);
    return client;
}

void http_client_free(struct http_client *client)
{
    if (client == NULL) {
        return;
    }
    for (size_t i = 0; i < client->idle_count; i++) {
        curl_easy_cleanup(client->idle[i]);
    }
    pthread_mutex_destroy(&client->lock);
    free((void *)(uintptr_t)client->options.user_agent);
    free(client);
}

static CURL *handle_take(struct http_client *client)
{
    CURL *handle = NULL;
    pthread_mutex_lock(&client->lock);
    if (client->idle_count > 0) {
        handle = client->idle[--client->idle_count];
    }
    pthread_mutex_unlock(&client->lock);
    handle = handle != NULL ? handle : curl_easy_init();
    if (handle == NULL) {
        abort();
    }
    return handle;
}

static void handle_give_back(struct http_client *client, CURL *handle)
{
    curl_easy_reset(handle); /* forgets the call and its secrets, keeps the connections */
    pthread_mutex_lock(&client->lock);
    bool kept = client->idle_count < IDLE_MAX;
    if (kept) {
        client->idle[client->idle_count++] = handle;
    }
    pthread_mutex_unlock(&client->lock);
    if (!kept) {
        curl_easy_cleanup(handle);
    }
}

struct fetch {
    CURL *handle;
    struct curl_slist *headers;
    curl_mime *mime;
    struct arena *scratch;
    struct buffer body;
    bool broken;       /* a part's read gave up */
    bool headers_done; /* the empty line behind the answer's headers has come */
    int64_t whole;     /* of Content-Range */
    void (*sent)(void);
};

static size_t fetch_write(char *bytes, size_t size, size_t count, void *context)
{
    struct fetch *fetch = context;
    return buffer_add(&fetch->body, bytes, size * count) ? size * count : 0;
}

/* libcurl asks after each step, so after the last byte was sent and before the answer is read. */
static int fetch_progress(
    void *context, curl_off_t to_get, curl_off_t got, curl_off_t to_send, curl_off_t sent)
{
    struct fetch *fetch = context;
    (void)to_get;
    (void)got;
    if (fetch->sent && to_send > 0 && sent >= to_send) {
        void (*tell)(void) = fetch->sent;
        fetch->sent = NULL;
        tell();
    }
    return 0;
}

static bool watch_sending(struct fetch *fetch, const struct http_call *call)
{
    fetch->sent = call->sent;
    return !call->sent ||
           (curl_easy_setopt(fetch->handle, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
               curl_easy_setopt(fetch->handle, CURLOPT_XFERINFOFUNCTION, fetch_progress) == CURLE_OK &&
               curl_easy_setopt(fetch->handle, CURLOPT_XFERINFODATA, fetch) == CURLE_OK);
}

/* "Content-Range: bytes 0-1023/4096" */
static void note_range(struct fetch *fetch, struct text line)
{
    static const struct text name = {"content-range:", 14};
    size_t slash = text_find_char(line, '/', 0);
    uint64_t whole = 0;
    if (text_equal_nocase(text_part(line, 0, name.len), name) && slash != SIZE_MAX &&
        text_to_u64(text_trim(text_part(line, slash + 1, SIZE_MAX)), INT64_MAX, &whole)) {
        fetch->whole = (int64_t)whole;
    }
}

/* libcurl takes an answer that breaks off within its headers for a whole one. */
static size_t fetch_header(char *bytes, size_t size, size_t count, void *context)
{
    struct fetch *fetch = context;
    struct text line = {bytes, size * count};
    if (text_starts(line, TEXT("HTTP/"))) {
        fetch->headers_done = false; /* behind an interim answer */
        fetch->whole = -1;
    } else if (text_trim(line).len == 0) {
        fetch->headers_done = true;
    } else {
        note_range(fetch, line);
    }
    return size * count;
}

static bool header_fits(struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool add_header(struct fetch *fetch, const char *name, struct text value, struct problem *problem)
{
    if (!header_fits(value) || !header_fits(text_from(name))) {
        return problem_internal(problem, "header %s has a control character", name);
    }
    /* libcurl removes a header without a value; with ';' it sends it empty. */
    struct text line = value.len > 0 ? text_format(fetch->scratch, "%s: %.*s", name, TEXT_ARG(value))
                                     : text_format(fetch->scratch, "%s;", name);
    struct curl_slist *more = curl_slist_append(fetch->headers, line.at);
    if (more == NULL) {
        abort();
    }
    fetch->headers = more;
    return true;
}

static bool set_headers(struct fetch *fetch, const struct http_call *call, struct problem *problem)
{
    for (size_t i = 0; i < sizeof call->headers / sizeof call->headers[0] && call->headers[i].name.len > 0;
         i++) {
        const char *name = text_cstr(fetch->scratch, call->headers[i].name);
        if (!add_header(fetch, name, call->headers[i].value, problem)) {
            return false;
        }
    }
    if (call->part_count == 0 && call->content_type.len > 0 &&
        !add_header(fetch, "Content-Type", call->content_type, problem)) {
        return false;
    }
    const char *unwanted[] = {
        "Expect:", call->part_count == 0 && call->content_type.len == 0 ? "Content-Type:" : NULL};
    /* libcurl of Debian 12 signs a header also when it is removed here, and then nobody can check the signature. */
    for (size_t i = 0; i < 2 && unwanted[i] != NULL && !call->sigv4; i++) {
        struct curl_slist *more = curl_slist_append(fetch->headers, unwanted[i]);
        if (more == NULL) {
            abort();
        }
        fetch->headers = more;
    }
    return curl_easy_setopt(fetch->handle, CURLOPT_HTTPHEADER, fetch->headers) == CURLE_OK;
}

struct part_reader {
    struct fetch *fetch;
    const struct http_part *part;
};

static size_t part_read(char *at, size_t size, size_t count, void *context)
{
    struct part_reader *reader = context;
    size_t got = reader->part->read(reader->part->context, at, size * count);
    if (got == SIZE_MAX) {
        reader->fetch->broken = true;
        return CURL_READFUNC_ABORT;
    }
    assert(got <= size * count);
    return got;
}

static bool add_part(struct fetch *fetch, const struct http_part *part)
{
    curl_mimepart *mime = curl_mime_addpart(fetch->mime);
    if (mime == NULL || curl_mime_name(mime, part->name) != CURLE_OK) {
        return false;
    }
    if (part->file_name.len > 0 &&
        curl_mime_filename(mime, text_cstr(fetch->scratch, part->file_name)) != CURLE_OK) {
        return false;
    }
    if (part->type.len > 0 && curl_mime_type(mime, text_cstr(fetch->scratch, part->type)) != CURLE_OK) {
        return false;
    }
    if (part->read == NULL) {
        return curl_mime_data(mime, part->value.len > 0 ? part->value.at : "", part->value.len) == CURLE_OK;
    }
    struct part_reader *reader = ARENA_NEW(fetch->scratch, struct part_reader);
    *reader = (struct part_reader){fetch, part};
    return curl_mime_data_cb(mime, (curl_off_t)part->size, part_read, NULL, NULL, reader) == CURLE_OK;
}

static bool set_parts(struct fetch *fetch, const struct http_call *call)
{
    fetch->mime = curl_mime_init(fetch->handle);
    bool done = fetch->mime != NULL;
    for (size_t i = 0; i < call->part_count && done; i++) {
        done = add_part(fetch, &call->parts[i]);
        /* What was read cannot be read again: so no connection that may have died meanwhile. */
        if (done && call->parts[i].read != NULL) {
            done = curl_easy_setopt(fetch->handle, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
        }
    }
    return done && curl_easy_setopt(fetch->handle, CURLOPT_MIMEPOST, fetch->mime) == CURLE_OK;
}

static bool set_method(struct fetch *fetch, const struct http_call *call)
{
    CURL *handle = fetch->handle;
    bool get = strcmp(call->method, "GET") == 0, post = strcmp(call->method, "POST") == 0;
    if (call->part_count > 0) {
        return set_parts(fetch, call) &&
               (post || curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, call->method) == CURLE_OK);
    }
    if (post || call->body.len > 0) {
        const char *body = call->body.len > 0 ? call->body.at : "";
        if (curl_easy_setopt(handle, CURLOPT_POST, 1L) != CURLE_OK ||
            curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len) != CURLE_OK ||
            curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body) != CURLE_OK) {
            return false;
        }
    }
    if (strcmp(call->method, "HEAD") == 0) {
        return curl_easy_setopt(handle, CURLOPT_NOBODY, 1L) == CURLE_OK;
    }
    return get || post || curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, call->method) == CURLE_OK;
}

static bool set_target(struct fetch *fetch, const struct http_client *client, const struct http_call *call)
{
    CURL *handle = fetch->handle;
    bool done =
        curl_easy_setopt(handle, CURLOPT_URL, text_cstr(fetch->scratch, call->url)) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_USERAGENT, client->options.user_agent) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)client->options.connect_ms) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)client->options.total_ms) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, fetch_header) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_HEADERDATA, fetch) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, fetch_write) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_WRITEDATA, fetch) == CURLE_OK;
    if (done && call->user.len > 0) {
        CURLcode way = call->sigv4 ? curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, call->sigv4)
                                   : curl_easy_setopt(handle, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        done =
            way == CURLE_OK &&
            curl_easy_setopt(handle, CURLOPT_USERNAME, text_cstr(fetch->scratch, call->user)) == CURLE_OK &&
            curl_easy_setopt(handle, CURLOPT_PASSWORD, text_cstr(fetch->scratch, call->password)) == CURLE_OK;
    }
    return done;
}

static bool url_fits(struct text url)
{
    for (size_t i = 0; i < url.len; i++) {
        if (url.at[i] <= 0x20 || url.at[i] == 0x7f) {
            return false;
        }
    }
    return url.len > 0 && url.len <= 8000;
}

static bool failed(const struct fetch *fetch, CURLcode code, struct problem *problem)
{
    const char *why = curl_easy_strerror(code);
    if (fetch->broken) {
        return problem_set(
            problem, PROBLEM_LATER, WORD_problem_later, NULL, NULL, "what was to be sent broke off");
    }
    if (code == CURLE_WRITE_ERROR && fetch->body.overflowed) {
        return problem_set(problem, PROBLEM_UPSTREAM, WORD_net_answer_too_large, NULL, NULL,
            "answer longer than %zu bytes", fetch->body.limit);
    }
    switch (code) {
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_UNSUPPORTED_PROTOCOL: /* also an answer without a status line */
        return problem_set(problem, PROBLEM_UPSTREAM, WORD_net_answer_broken, NULL, NULL, "%s", why);
    case CURLE_URL_MALFORMAT:
        return problem_set(problem, PROBLEM_UPSTREAM, WORD_net_no_answer, NULL, NULL, "%s", why);
    default:
        return problem_set(problem, PROBLEM_LATER, WORD_net_no_answer, NULL, NULL, "%s", why);
    }
}

static void take_answer(struct fetch *fetch, struct arena *arena, struct http_answer *ret)
{
    long status = 0;
    const char *type = NULL;
    curl_easy_getinfo(fetch->handle, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(fetch->handle, CURLINFO_CONTENT_TYPE, &type);
    curl_off_t retry_after = 0;
    curl_easy_getinfo(fetch->handle, CURLINFO_RETRY_AFTER, &retry_after);
    *ret = (struct http_answer){.status = (int)status,
        .body = text_copy(arena, buffer_view(&fetch->body)),
        .content_type = text_copy(arena, text_from(type)),
        .whole = fetch->whole,
        .retry_after = retry_after > 0 ? (int64_t)retry_after : 0};
}

static bool perform(struct fetch *fetch, struct http_client *client, const struct http_call *call,
    struct arena *arena, struct http_answer *ret, bool *ret_sent, struct problem *problem)
{
    if (!url_fits(call->url)) {
        return problem_set(problem, PROBLEM_UPSTREAM, WORD_net_no_answer, NULL, NULL, "this is no URL");
    }
    if (!set_target(fetch, client, call) || !set_headers(fetch, call, problem) || !set_method(fetch, call) ||
        !watch_sending(fetch, call)) {
        return problem_internal(problem, "libcurl does not take the call");
    }
    CURLcode code = curl_easy_perform(fetch->handle);
    long sent = 0;
    curl_easy_getinfo(fetch->handle, CURLINFO_REQUEST_SIZE, &sent);
    *ret_sent = sent > 0;
    code = code == CURLE_OK && !fetch->headers_done ? CURLE_GOT_NOTHING : code;
    if (code != CURLE_OK) {
        return failed(fetch, code, problem);
    }
    take_answer(fetch, arena, ret);
    return true;
}

bool http_fetch(struct http_client *client, const struct http_call *call, struct arena *arena,
    struct http_answer *ret, bool *ret_sent, struct problem *problem)
{
    ARENA_CLEANUP scratch = arena_new((size_t)1024 * 1024);
    struct fetch fetch = {
        .handle = handle_take(client), .scratch = scratch, .body = BUFFER(client->options.answer_max)};
    bool sent = false;
    bool done = perform(&fetch, client, call, arena, ret, &sent, problem);
    if (ret_sent != NULL) {
        *ret_sent = sent;
    }
    handle_give_back(client, fetch.handle);
    curl_mime_free(fetch.mime);
    curl_slist_free_all(fetch.headers);
    buffer_free(&fetch.body);
    return done;
}
