/* Blobs as objects of an S3-compatible store: prefix/account/xx/id, addressed by path. All calls may be repeated, so what may pass is
 * tried again a few times, for a moment. libcurl signs; what it does not do in Debian 12 is done here: the query is sorted and escaped, keys
 * have no character that needs escaping, and the body's hash is made here. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/http_client.h"
#include "store/blob_format.h"
#include "store/file.h"
#include "store/s3_list.h"

#define TRIES 3
#define WINDOW ((size_t)1024 * 1024)     /* bytes that are read of an object at once */
#define FIRST_WINDOW ((size_t)64 * 1024) /* of the first: often its header is all that is wanted */
#define ANSWER_MAX (2 * WINDOW)          /* also of a listing's page */
#define CALL_MEMORY (3 * ANSWER_MAX)

struct s3 {
    struct blob_store store;
    struct arena *arena;
    struct http_client *client;
    struct blob_s3_options options;
    const char *sigv4;
};

struct s3_source {
    struct blob_source source;
    struct s3 *s3;
    struct blob_name name;
    int64_t next; /* where the next window begins */
    size_t at, len;
    char window[WINDOW];
};

/* ---- Calls ---- */

static void s3_close(struct blob_store *store)
{
    struct s3 *s3 = (struct s3 *)store;
    http_client_free(s3->client);
    arena_free(s3->arena);
    free(s3);
}

static struct text object_key(const struct s3 *s3, const struct blob_name *name, struct arena *arena)
{
    const struct text *prefix = &s3->options.prefix;
    return text_format(arena, "%.*s%s%s", TEXT_ARG(*prefix), prefix->len ? "/" : "", name->path);
}

static struct text object_url(const struct s3 *s3, const struct blob_name *name, struct arena *arena)
{
    struct text key = object_key(s3, name, arena);
    return text_format(
        arena, "%.*s/%.*s/%.*s", TEXT_ARG(s3->options.endpoint), TEXT_ARG(s3->options.bucket), TEXT_ARG(key));
}

static bool may_pass(int status)
{
    return status == 429 || status >= 500 || status == 408;
}

/* What an answer means that is not what was asked for. */
static bool refused(const struct http_answer *answer, struct arena *arena, struct problem *problem)
{
    struct text code = s3_error_code(answer->body, arena);
    if (answer->status == 404 && !text_is(code, "NoSuchBucket")) {
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, "no such object");
    }
    /* Credentials and buckets are mended by the operator: then the same works. */
    bool later =
        may_pass(answer->status) || answer->status == 401 || answer->status == 403 || answer->status == 404;
    return problem_set(problem, later ? PROBLEM_LATER : PROBLEM_UPSTREAM,
        later ? WORD_store_objects_later : WORD_store_objects_broken, NULL, NULL,
        "the document store answered %d %.*s", answer->status, TEXT_ARG(code));
}

/* What libcurl of Debian 12 does not do by itself: the body's hash, which the store wants and the signature holds. */
static void hash_body(struct http_call *call, char hex[65])
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    size_t free = 0;
    crypto_hash_sha256(digest, (const unsigned char *)call->body.at, call->body.len);
    sodium_bin2hex(hex, 65, digest, sizeof digest);
    while (call->headers[free].name.len > 0) {
        free++;
    }
    call->headers[free] = (struct http_pair){TEXT("x-amz-content-sha256"), {hex, 64}};
}

/* Makes the call, again where that may help. */
static bool call_again(struct s3 *s3, struct http_call *call, struct arena *arena, struct http_answer *ret,
    struct problem *problem)
{
    char hex[65];
    hash_body(call, hex);
    call->sigv4 = s3->sigv4;
    call->user = s3->options.access_key;
    call->password = s3->options.secret_key;
    int pause = (int)(s3->options.pause_ms ? s3->options.pause_ms : 200);
    struct problem last = {.kind = PROBLEM_NONE};
    for (int i = 0; i < TRIES; i++) {
        if (i > 0) {
            poll(NULL, 0, pause);
            pause *= 4;
        }
        last = (struct problem){.kind = PROBLEM_NONE};
        bool answered = http_fetch(s3->client, call, arena, ret, NULL, &last);
        if (answered && !may_pass(ret->status)) {
            return true;
        }
        if (answered) {
            refused(ret, arena, &last);
        }
        if (last.kind != PROBLEM_LATER) {
            break;
        }
    }
    if (problem && problem->kind == PROBLEM_NONE) {
        *problem = last;
    }
    return false;
}

/* ---- Writing ---- */

/* In memory that has no name: nothing of it is left when this process is killed. */
static bool s3_spool(struct blob_store *store, struct blob_spool *ret, struct problem *problem)
{
    (void)store;
    ret->name[0] = '\0';
    ret->fd = memfd_create("document", MFD_CLOEXEC);
    return ret->fd >= 0 || file_problem(problem, "make", "a document in memory");
}

static void s3_drop(struct blob_store *store, struct blob_spool *spool)
{
    (void)store;
    file_close(&spool->fd);
}

static bool put_bytes(struct s3 *s3, const struct blob_name *name, struct text bytes, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(TRIES * CALL_MEMORY);
    struct http_answer answer;
    struct http_call call = {.method = "PUT",
        .url = object_url(s3, name, arena),
        .body = bytes,
        .content_type = TEXT("application/octet-stream")};
    if (!call_again(s3, &call, arena, &answer, problem)) {
        return false;
    }
    return answer.status == 200 || refused(&answer, arena, problem);
}

static bool is_there(struct s3 *s3, const struct blob_name *name, bool *ret, struct problem *problem)
{
    struct blob_source *source = NULL;
    struct problem why = {.kind = PROBLEM_NONE};
    *ret = s3->store.ops->open(&s3->store, name, &source, &why);
    if (*ret) {
        s3->store.ops->end(source);
        return true;
    }
    if (why.kind != PROBLEM_NOT_FOUND && problem) {
        *problem = why;
    }
    return why.kind == PROBLEM_NOT_FOUND;
}

static bool s3_publish(struct blob_store *store, struct blob_spool *spool, const struct blob_name *name,
    bool fresh, struct problem *problem)
{
    struct s3 *s3 = (struct s3 *)store;
    struct stat stat;
    bool there = false;
    if (fresh && !is_there(s3, name, &there, problem)) {
        return false;
    }
    if (there) {
        return problem_set(problem, PROBLEM_CONFLICT, WORD_problem_conflict, NULL, NULL,
            "there is a blob %s already", name->path);
    }
    if (fstat(spool->fd, &stat) != 0 || stat.st_size <= 0 || stat.st_size > (off_t)BLOB_RAW_MAX) {
        return problem_internal(problem, "blob %s has no size that can be stored", name->path);
    }
    size_t len = (size_t)stat.st_size;
    void *bytes = mmap(NULL, len, PROT_READ, MAP_SHARED, spool->fd, 0);
    if (bytes == MAP_FAILED) {
        return file_problem(problem, "read", name->path);
    }
    bool done = put_bytes(s3, name, (struct text){bytes, len}, problem);
    munmap(bytes, len);
    return done;
}

static bool s3_remove(struct blob_store *store, const struct blob_name *name, struct problem *problem)
{
    struct s3 *s3 = (struct s3 *)store;
    ARENA_CLEANUP arena = arena_new(TRIES * CALL_MEMORY);
    struct http_answer answer;
    struct http_call call = {.method = "DELETE", .url = object_url(s3, name, arena)};
    if (!call_again(s3, &call, arena, &answer, problem)) {
        return false;
    }
    struct problem why = {.kind = PROBLEM_NONE};
    if (answer.status == 204 || answer.status == 200) {
        return true;
    }
    refused(&answer, arena, &why);
    if (why.kind != PROBLEM_NOT_FOUND && problem) {
        *problem = why;
    }
    return why.kind == PROBLEM_NOT_FOUND;
}

/* ---- Reading ---- */

/* Reads the window that begins at .next. */
static bool window_read(struct s3_source *self, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(TRIES * CALL_MEMORY);
    struct http_answer answer;
    struct text range = text_format(
        arena, "bytes=%lld-%lld", (long long)self->next, (long long)(self->next + (int64_t)WINDOW - 1));
    struct http_call call = {.method = "GET",
        .url = object_url(self->s3, &self->name, arena),
        .headers = {{TEXT("Range"), range}}};
    if (!call_again(self->s3, &call, arena, &answer, problem)) {
        return false;
    }
    /* A store that does not know ranges gives the whole. */
    bool whole = answer.status == 200 && self->next == 0;
    int64_t size = whole ? (int64_t)answer.body.len : answer.whole;
    if (!whole && answer.status != 206) {
        return refused(&answer, arena, problem);
    }
    if (answer.body.len == 0 || answer.body.len > WINDOW || size < 0 || size > (int64_t)BLOB_RAW_MAX ||
        self->next + (int64_t)answer.body.len > size || (self->next > 0 && size != self->source.size)) {
        return problem_set(problem, PROBLEM_UPSTREAM, WORD_store_objects_broken, NULL, NULL,
            "the document store gave another range of %s than was asked for", self->name.path);
    }
    memcpy(self->window, answer.body.at, answer.body.len);
    self->at = 0;
    self->len = answer.body.len;
    self->next += (int64_t)answer.body.len;
    self->source.size = size;
    return true;
}

static void s3_end(struct blob_source *source)
{
    free(source);
}

static bool s3_open(
    struct blob_store *store, const struct blob_name *name, struct blob_source **ret, struct problem *problem)
{
    struct s3_source *self = calloc(1, sizeof *self);
    if (!self) {
        abort();
    }
    self->source.store = store;
    self->s3 = (struct s3 *)store;
    self->name = *name;
    if (!window_read(self, problem)) {
        free(self);
        return false;
    }
    *ret = &self->source;
    return true;
}

static bool s3_read(
    struct blob_source *source, void *at, size_t max, size_t *ret_len, struct problem *problem)
{
    struct s3_source *self = (struct s3_source *)source;
    size_t len = 0;
    while (len < max && (self->at < self->len || self->next < source->size)) {
        if (self->at == self->len && !window_read(self, problem)) {
            return false;
        }
        size_t have = self->len - self->at;
        size_t part = have < max - len ? have : max - len;
        memcpy((char *)at + len, self->window + self->at, part);
        self->at += part;
        len += part;
    }
    *ret_len = len;
    return true;
}

/* An object is written whole, so with the part in it. */
static bool s3_patch(struct blob_store *store, const struct blob_name *name, size_t at, const void *bytes,
    size_t len, struct problem *problem)
{
    struct blob_source *source = NULL;
    if (!s3_open(store, name, &source, problem)) {
        return false;
    }
    size_t size = (size_t)source->size, got = 0;
    char *whole = malloc(size);
    if (!whole) {
        abort();
    }
    bool done = s3_read(source, whole, size, &got, problem);
    s3_end(source);
    if (done && (got != size || at + len > size)) {
        done = problem_internal(problem, "%s is shorter than it was", name->path);
    }
    if (done) {
        memcpy(whole + at, bytes, len);
        done = put_bytes((struct s3 *)store, name, (struct text){whole, size}, problem);
    }
    free(whole);
    return done;
}

/* ---- Listing ---- */

/* Shows the object, if its key is one that we make. Returns what `see` does. */
static bool show(struct s3 *s3, const struct s3_object *object, blob_see *see, void *context)
{
    struct text rest = object->key, account, folder, id;
    size_t skip = s3->options.prefix.len ? s3->options.prefix.len + 1 : 0;
    struct blob_name name;
    rest = text_part(rest, skip, SIZE_MAX);
    bool ours = text_next(&rest, '/', &account) && text_next(&rest, '/', &folder) &&
                text_next(&rest, '/', &id) && rest.len == 0 && blob_name_make(account, id, &name, NULL);
    if (!ours || !text_is(text_part(object->key, skip, SIZE_MAX), name.path)) {
        return true;
    }
    return see(context, account, id, object->changed_at);
}

static bool page_read(
    struct s3 *s3, struct text token, struct arena *arena, struct s3_page *ret, struct problem *problem)
{
    struct http_answer answer;
    struct text prefix = s3->options.prefix;
    struct text from =
        token.len ? text_format(arena, "continuation-token=%.*s&", TEXT_ARG(text_percent(arena, token)))
                  : TEXT_EMPTY;
    struct text of = prefix.len
                         ? text_format(arena, "&prefix=%.*s%%2F", TEXT_ARG(text_percent(arena, prefix)))
                         : TEXT_EMPTY;
    struct http_call call = {.method = "GET",
        .url = text_format(arena, "%.*s/%.*s?%.*slist-type=2&max-keys=%d%.*s", TEXT_ARG(s3->options.endpoint),
            TEXT_ARG(s3->options.bucket), TEXT_ARG(from), S3_LIST_MAX, TEXT_ARG(of))};
    if (!call_again(s3, &call, arena, &answer, problem)) {
        return false;
    }
    if (answer.status == 404) { /* of a bucket: never a sign that there are no documents */
        return problem_set(
            problem, PROBLEM_LATER, WORD_store_objects_later, NULL, NULL, "there is no bucket of that name");
    }
    return answer.status == 200 ? s3_list_parse(answer.body, arena, ret, problem)
                                : refused(&answer, arena, problem);
}

static bool s3_each(struct blob_store *store, blob_see *see, void *context, struct problem *problem)
{
    struct s3 *s3 = (struct s3 *)store;
    BUFFER_CLEANUP token = BUFFER(8192);
    bool enough = false;
    do {
        ARENA_CLEANUP arena = arena_new(TRIES * CALL_MEMORY);
        struct s3_page page;
        if (!page_read(s3, buffer_view(&token), arena, &page, problem)) {
            return false;
        }
        for (size_t i = 0; i < page.count && !enough; i++) {
            enough = !show(s3, &page.objects[i], see, context);
        }
        if (page.next.len > 0 && text_equal(page.next, buffer_view(&token))) {
            return problem_set(problem, PROBLEM_UPSTREAM, WORD_store_objects_broken, NULL, NULL,
                "the document store's listing has no end");
        }
        buffer_reset(&token);
        buffer_text(&token, page.next);
    } while (!enough && token.len > 0);
    return true;
}

/* What is being written is in memory: nothing is ever left. */
static bool s3_sweep(struct blob_store *store, int64_t before, size_t *ret_removed, struct problem *problem)
{
    (void)store;
    (void)before;
    (void)problem;
    *ret_removed = 0;
    return true;
}

static const struct blob_store_ops s3_ops = {
    .patches_whole = true,
    .close = s3_close,
    .spool = s3_spool,
    .publish = s3_publish,
    .drop = s3_drop,
    .open = s3_open,
    .read = s3_read,
    .end = s3_end,
    .patch = s3_patch,
    .remove = s3_remove,
    .each = s3_each,
    .sweep = s3_sweep,
};

/* Bucket and prefix stand in paths and signatures as they are, so only what needs no escaping is taken. */
static bool is_plain(struct text text, bool slashes)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '-' && c != '_' && c != '.' && !(slashes && c == '/')) {
            return false;
        }
    }
    return !text_starts(text, TEXT("/")) && !text_ends(text, TEXT("/")) &&
           text_find(text, TEXT("//"), 0) == SIZE_MAX && text_find(text, TEXT(".."), 0) == SIZE_MAX;
}

static struct blob_store *s3_new(const struct blob_s3_options *options)
{
    struct s3 *s3 = calloc(1, sizeof *s3);
    if (!s3) {
        abort();
    }
    s3->store.ops = &s3_ops;
    s3->arena = arena_new((size_t)64 * 1024);
    struct blob_s3_options *own = &s3->options;
    own->endpoint = text_copy(s3->arena, options->endpoint);
    if (text_ends(own->endpoint, TEXT("/"))) {
        own->endpoint.len--;
    }
    own->bucket = text_copy(s3->arena, options->bucket);
    own->prefix = text_copy(s3->arena, options->prefix);
    own->region = text_copy(s3->arena, options->region);
    own->access_key = text_copy(s3->arena, options->access_key);
    own->secret_key = text_copy(s3->arena, options->secret_key);
    own->pause_ms = options->pause_ms;
    s3->sigv4 = text_format(s3->arena, "aws:amz:%.*s:s3", TEXT_ARG(own->region)).at;
    s3->client = http_client_new(&(struct http_client_options){
        .connect_ms = 5000, .total_ms = 60000, .answer_max = ANSWER_MAX, .user_agent = "portdesk"});
    return (struct blob_store *)s3;
}

bool blob_s3_open(const struct blob_s3_options *options, struct blob_store **ret, struct problem *problem)
{
    if (options->bucket.len == 0 || options->bucket.len > 63 || !is_plain(options->bucket, false) ||
        options->prefix.len > 256 || !is_plain(options->prefix, true) || options->region.len == 0 ||
        options->region.len > 64 || !is_plain(options->region, false)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_setting_wrong, NULL, "documents.url",
            "s3://bucket/prefix, of letters, digits, '-', '_' and '.'");
    }
    if (options->access_key.len == 0 || options->secret_key.len == 0) {
        return problem_set(
            problem, PROBLEM_INPUT, WORD_problem_setting_missing, NULL, "documents.secret_key", NULL);
    }
    *ret = s3_new(options);
    return true;
}
