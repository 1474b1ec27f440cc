/* POST and GET /v1/SigningRequest/Configuration: subject, message, logo and way back of the letters that are to be signed. The
 * logo itself is served to whoever reads the letter. */
#include "sandbox/app.h"
#include "sandbox/branding.h"

#define BODY_MAX ((size_t)64 * 1024)
#define URL_MAX 2048
#define PAGE_SIZE_DEFAULT 50
#define PAGE_SIZE_MAX 1000
#define PAGE_MAX 1000000

struct setting_up {
    struct exchange *exchange;
    struct branding branding;
    bool logo_known;
};

static bool invalid(struct exchange *exchange, const char *name)
{
    api_error(exchange, 400, 20001, "Invalid parameter: %s", name);
    return false;
}

/* A text of at most so many characters. */
static bool take(
    struct exchange *exchange, const json_t *body, const char *name, size_t max, struct text *ret)
{
    struct text value = TEXT_EMPTY;
    if (!json_get_text(body, name, max * 4, &value, NULL) || text_length(value) > max)
        return invalid(exchange, name);
    *ret = text_copy(exchange->arena, value);
    return true;
}

static bool country_ok(struct text country)
{
    return country.len == 0 || (country.len == 2 && country.at[0] >= 'A' && country.at[0] <= 'Z' &&
                                   country.at[1] >= 'A' && country.at[1] <= 'Z');
}

static bool take_all(struct exchange *exchange, const json_t *body, struct branding *branding)
{
    if (!take(exchange, body, "logo_sid", SANDBOX_TEXT_MAX, &branding->logo_sid) ||
        !take(exchange, body, "friendly_name", SANDBOX_TEXT_MAX, &branding->friendly_name) ||
        !take(exchange, body, "product", SANDBOX_TEXT_MAX, &branding->product) ||
        !take(exchange, body, "country", SANDBOX_TEXT_MAX, &branding->country) ||
        !take(exchange, body, "email_subject", BRANDING_SUBJECT_MAX, &branding->email_subject) ||
        !take(exchange, body, "email_message", BRANDING_MESSAGE_MAX, &branding->email_message) ||
        !take(exchange, body, "url_redirection", URL_MAX, &branding->url_redirection))
        return false;
    if (!branding->product.len)
        branding->product = TEXT("Porting");
    if (!text_is(branding->product, "Porting") && !text_is(branding->product, "Hosting"))
        return invalid(exchange, "product");
    if (!country_ok(branding->country))
        return invalid(exchange, "country");
    if (text_find_char(branding->email_subject, '\n', 0) != SIZE_MAX ||
        text_find_char(branding->email_subject, '\r', 0) != SIZE_MAX)
        return invalid(exchange, "email_subject");
    if (branding->url_redirection.len &&
        (!api_url_ok(branding->url_redirection) || !branding_origin(branding->url_redirection).len))
        return invalid(exchange, "url_redirection");
    return true;
}

static bool store(struct db_tx *tx, void *context)
{
    struct setting_up *setting_up = context;
    const struct branding *branding = &setting_up->branding;
    setting_up->logo_known = !branding->logo_sid.len ||
                             db_number(tx, "SELECT COUNT(*) FROM document WHERE sid = $1 AND mime_type <> ''",
                                 DB_ARGS(db_text(branding->logo_sid)), 0) != 0;
    return setting_up->logo_known ? branding_store(tx, branding) : db_ok(tx);
}

static json_t *configuration_json(struct exchange *exchange, const struct branding *branding)
{
    json_t *json = json_object();
    json_text_or_null(json, "logo_sid", branding->logo_sid);
    json_text_or_null(json, "friendly_name", branding->friendly_name);
    json_put_text(json, "product", branding->product);
    json_text_or_null(json, "country", branding->country);
    json_text_or_null(json, "email_subject", branding->email_subject);
    json_text_or_null(json, "email_message", branding->email_message);
    json_text_or_null(json, "url_redirection", branding->url_redirection);
    json_put_text(json, "url",
        text_format(
            exchange->arena, "%.*s/v1/SigningRequest/Configuration", TEXT_ARG(exchange->sandbox->origin)));
    return json;
}

void api_signing_set(struct exchange *exchange)
{
    JSON_CLEANUP body = NULL;
    struct problem problem = {0};
    struct setting_up setting_up = {.exchange = exchange};
    if (!json_parse(exchange->request->body, BODY_MAX, &body, &problem) || !json_is_object(body)) {
        api_error(exchange, 400, 20001, "The body is not a JSON object");
        return;
    }
    if (!take_all(exchange, body, &setting_up.branding))
        return;
    if (!db_write(exchange->sandbox->db, store, &setting_up, &problem)) {
        api_problem(exchange, &problem);
        return;
    }
    if (!setting_up.logo_known) {
        api_error(
            exchange, 400, 20404, "Document %.*s was not found", TEXT_ARG(setting_up.branding.logo_sid));
        return;
    }
    JSON_CLEANUP json = configuration_json(exchange, &setting_up.branding);
    answer_json(exchange, 201, json);
}

struct listing {
    struct exchange *exchange;
    struct text product, country;
    uint64_t size, page;
    struct branding *found;
    size_t count;
};

/* One more than the page, to know whether there is a next one. */
static bool read_page(struct db_tx *tx, void *context)
{
    struct listing *listing = context;
    return branding_list(tx, listing->product, listing->country, (int64_t)(listing->page * listing->size),
        (size_t)listing->size + 1, listing->exchange->arena, listing->found, &listing->count);
}

static struct text page_url(const struct listing *listing, uint64_t page)
{
    struct arena *arena = listing->exchange->arena;
    struct text url = text_format(
        arena, "%.*s/v1/SigningRequest/Configuration?", TEXT_ARG(listing->exchange->sandbox->origin));
    if (listing->product.len)
        url = text_format(arena, "%.*sProduct=%.*s&", TEXT_ARG(url), TEXT_ARG(listing->product));
    if (listing->country.len)
        url = text_format(arena, "%.*sCountry=%.*s&", TEXT_ARG(url), TEXT_ARG(listing->country));
    return text_format(arena, "%.*sPageSize=%llu&Page=%llu", TEXT_ARG(url), (unsigned long long)listing->size,
        (unsigned long long)page);
}

static void answer_page_of(const struct listing *listing)
{
    bool more = listing->count > listing->size;
    JSON_CLEANUP json = json_object();
    json_t *configurations = json_array();
    for (size_t i = 0; i < listing->count - more; i++)
        json_array_append_new(configurations, configuration_json(listing->exchange, &listing->found[i]));
    json_object_set_new(json, "configurations", configurations);
    json_t *meta = json_object();
    json_put_i64(meta, "page", (int64_t)listing->page);
    json_put_i64(meta, "page_size", (int64_t)listing->size);
    json_put_text(meta, "first_page_url", page_url(listing, 0));
    json_text_or_null(
        meta, "previous_page_url", listing->page ? page_url(listing, listing->page - 1) : TEXT_EMPTY);
    json_put_text(meta, "url", page_url(listing, listing->page));
    json_text_or_null(meta, "next_page_url", more ? page_url(listing, listing->page + 1) : TEXT_EMPTY);
    json_put_text(meta, "key", TEXT("configurations"));
    json_object_set_new(json, "meta", meta);
    answer_json(listing->exchange, 200, json);
}

void api_signing_list(struct exchange *exchange)
{
    struct problem problem = {0};
    struct listing listing = {.exchange = exchange,
        .product = http_query(exchange->request, "Product"),
        .country = http_query(exchange->request, "Country"),
        .size = PAGE_SIZE_DEFAULT};
    struct text size = http_query(exchange->request, "PageSize"),
                page = http_query(exchange->request, "Page");
    if (size.len && (!text_to_u64(size, PAGE_SIZE_MAX, &listing.size) || !listing.size)) {
        invalid(exchange, "PageSize");
    } else if (page.len && !text_to_u64(page, PAGE_MAX, &listing.page)) {
        invalid(exchange, "Page");
    } else if (listing.product.len && !text_is(listing.product, "Porting") &&
               !text_is(listing.product, "Hosting")) {
        invalid(exchange, "Product");
    } else if (!country_ok(listing.country)) {
        invalid(exchange, "Country");
    } else {
        listing.found = ARENA_ARRAY(exchange->arena, struct branding, listing.size + 1);
        if (db_read(exchange->sandbox->db, read_page, &listing, &problem))
            answer_page_of(&listing);
        else
            api_problem(exchange, &problem);
    }
}

struct logo {
    struct exchange *exchange;
    struct text picture, type;
};

static bool load_logo(struct db_tx *tx, void *context)
{
    struct logo *logo = context;
    /* Only what a configuration names is shown: other documents are nobody's business. */
    DB_ROWS rows = db_query(tx,
        "SELECT picture, mime_type FROM document WHERE sid = $1 AND picture IS NOT NULL AND sid IN (SELECT"
        " logo_sid FROM signing_configuration)",
        DB_ARGS(db_text(logo->exchange->params[0])));
    if (db_next(rows)) {
        logo->picture = text_copy(logo->exchange->arena, db_col_bytes(rows, 0));
        logo->type = db_col_copy(rows, 1, logo->exchange->arena);
    }
    return db_ok(tx);
}

void logo_picture(struct exchange *exchange)
{
    struct problem problem = {0};
    struct logo logo = {.exchange = exchange};
    if (!db_read(exchange->sandbox->db, load_logo, &logo, &problem)) {
        answer_problem(exchange, &problem);
        return;
    }
    if (!logo.picture.len) {
        answer_message(exchange, 404, WORD_sandbox_message_title, WORD_sandbox_not_found);
        return;
    }
    http_set_header(exchange->request, exchange->response, "Content-Type", logo.type);
    http_set_header(exchange->request, exchange->response, "X-Content-Type-Options", TEXT("nosniff"));
    http_set_header(exchange->request, exchange->response, "Content-Security-Policy",
        TEXT("sandbox; default-src 'none'"));
    exchange->response->body.limit = SANDBOX_ANSWER_MAX;
    buffer_text(&exchange->response->body, logo.picture);
}
