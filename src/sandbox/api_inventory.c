/* IncomingPhoneNumbers of the 2010-04-01 API, as far as porting needs them: the account's numbers are those that were ported, from
 * when on the account has them. A number's SID is PN and what stands behind PU in its port. */
#include "sandbox/api_account.h"

#define SIZE_DEFAULT 50
#define SIZE_MAX_PAGE 1000
#define PAGE_MAX 1000000
#define FILTER_MAX 40 /* bytes of a part of a number, or of a name */

struct owned {
    struct text sid, e164;
    int64_t at;
};

struct listing {
    struct exchange *exchange;
    struct text pattern; /* of LIKE */
    struct text sid;     /* PU..., or empty */
    uint64_t size, page;
    int64_t now;
    struct owned *found;
    size_t count;
};

static bool read_page(struct db_tx *tx, void *context)
{
    struct listing *listing = context;
    struct arena *arena = listing->exchange->arena;
    listing->count = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT sid, e164, COALESCE(inventory_at, changed_at) FROM port_number WHERE status = 'completed' AND"
        " COALESCE(inventory_at, changed_at) <= $1 AND e164 LIKE $2 AND ($3 = '' OR sid = $3) ORDER BY 3"
        " DESC, sid LIMIT $4 OFFSET $5",
        DB_ARGS(db_int(listing->now), db_text(listing->pattern), db_text(listing->sid),
            db_int((int64_t)listing->size + 1), db_int((int64_t)(listing->page * listing->size))));
    while (listing->count <= listing->size && db_next(rows))
        listing->found[listing->count++] = (struct owned){.sid = db_col_copy(rows, 0, arena),
            .e164 = db_col_copy(rows, 1, arena),
            .at = db_col_int(rows, 2)};
    return db_ok(tx);
}

static json_t *capabilities_json(void)
{
    json_t *json = json_object();
    json_object_set_new(json, "voice", json_true());
    json_object_set_new(json, "sms", json_true());
    json_object_set_new(json, "mms", json_true());
    json_object_set_new(json, "fax", json_false());
    return json;
}

/* Everything that could be set on a number at Twilio, and was not. */
static void put_unset(json_t *json)
{
    static const char *const urls[] = {
        "sms_url", "sms_fallback_url", "voice_url", "voice_fallback_url", "status_callback"};
    static const char *const methods[] = {"sms_method", "sms_fallback_method", "voice_method",
        "voice_fallback_method", "status_callback_method"};
    static const char *const sids[] = {"address_sid", "identity_sid", "trunk_sid", "sms_application_sid",
        "voice_application_sid", "emergency_address_sid", "bundle_sid"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        json_put_text(json, urls[i], TEXT_EMPTY);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        json_put_text(json, methods[i], TEXT("POST"));
    for (size_t i = 0; i < sizeof sids / sizeof sids[0]; i++)
        json_object_set_new(json, sids[i], json_null());
    json_object_set_new(json, "voice_caller_id_lookup", json_false());
    json_put_text(json, "voice_receive_mode", TEXT("voice"));
    json_put_text(json, "emergency_status", TEXT("Inactive"));
    json_put_text(json, "emergency_address_status", TEXT("unregistered"));
}

static json_t *owned_json(struct exchange *exchange, const struct owned *owned)
{
    struct arena *arena = exchange->arena;
    struct text sid = text_format(arena, "PN%.*s", TEXT_ARG(text_part(owned->sid, 2, 32)));
    json_t *json = json_object();
    json_put_text(json, "sid", sid);
    json_put_text(json, "account_sid", exchange->sandbox->settings.account_sid);
    json_put_text(json, "phone_number", owned->e164);
    json_put_text(json, "friendly_name",
        text_format(arena, "(%.3s) %.3s-%.4s", owned->e164.at + 2, owned->e164.at + 5, owned->e164.at + 8));
    json_put_text(json, "address_requirements", TEXT("none"));
    json_put_text(json, "api_version", TEXT("2010-04-01"));
    json_object_set_new(json, "beta", json_false());
    json_object_set_new(json, "capabilities", capabilities_json());
    json_put_text(json, "origin", TEXT("twilio"));
    json_put_text(json, "status", TEXT("in-use"));
    put_unset(json);
    account_date(json, "date_created", arena, owned->at);
    account_date(json, "date_updated", arena, owned->at);
    json_put_text(json, "uri",
        account_uri(exchange, text_format(arena, "IncomingPhoneNumbers/%.*s.json", TEXT_ARG(sid))));
    return json;
}

/* A part of a number with * for any digit, as LIKE wants it; false for anything else. */
static bool pattern_of(struct arena *arena, struct text part, struct text *ret)
{
    char bytes[FILTER_MAX + 2];
    size_t len = 0;
    part = text_trim(part); /* a plus sign that nobody escaped has become a space */
    if (part.len > FILTER_MAX)
        return false;
    bytes[len++] = '%';
    for (size_t i = 0; i < part.len; i++) {
        char c = part.at[i];
        if ((c < '0' || c > '9') && c != '*' && c != '+')
            return false;
        bytes[len++] = c;
        if (c == '*')
            bytes[len - 1] = '_';
    }
    bytes[len++] = '%';
    *ret = text_copy(arena, (struct text){bytes, len});
    return true;
}

static struct text page_uri(const struct listing *listing, uint64_t page)
{
    struct exchange *exchange = listing->exchange;
    struct text number = http_query(exchange->request, "PhoneNumber");
    struct text query = text_format(exchange->arena, "IncomingPhoneNumbers.json?PageSize=%llu&Page=%llu",
        (unsigned long long)listing->size, (unsigned long long)page);
    if (number.len)
        query = text_format(exchange->arena, "%.*s&PhoneNumber=%.*s", TEXT_ARG(query),
            TEXT_ARG(text_percent(exchange->arena, number)));
    return account_uri(exchange, query);
}

static void answer_list(const struct listing *listing)
{
    struct exchange *exchange = listing->exchange;
    bool more = listing->count > listing->size;
    size_t count = listing->count - more;
    JSON_CLEANUP json = json_object();
    json_t *numbers = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(numbers, owned_json(exchange, &listing->found[i]));
    int64_t start = (int64_t)(listing->page * listing->size);
    json_object_set_new(json, "incoming_phone_numbers", numbers);
    json_put_i64(json, "page", (int64_t)listing->page);
    json_put_i64(json, "page_size", (int64_t)listing->size);
    json_put_i64(json, "start", start);
    json_put_i64(json, "end", count ? start + (int64_t)count - 1 : start);
    json_put_text(json, "uri", page_uri(listing, listing->page));
    json_put_text(json, "first_page_uri", page_uri(listing, 0));
    json_text_or_null(
        json, "previous_page_uri", listing->page ? page_uri(listing, listing->page - 1) : TEXT_EMPTY);
    json_text_or_null(json, "next_page_uri", more ? page_uri(listing, listing->page + 1) : TEXT_EMPTY);
    answer_json(exchange, 200, json);
}

void api_inventory_list(struct exchange *exchange)
{
    struct problem problem = {0};
    const struct http_request *request = exchange->request;
    struct text size = http_query(request, "PageSize"), page = http_query(request, "Page"),
                origin = http_query(request, "Origin"), name = http_query(request, "FriendlyName");
    struct listing listing = {
        .exchange = exchange, .size = SIZE_DEFAULT, .now = clock_now(exchange->sandbox->clock)};
    if (!account_ours(exchange))
        return;
    if ((size.len && (!text_to_u64(size, SIZE_MAX_PAGE, &listing.size) || !listing.size)) ||
        (page.len && !text_to_u64(page, PAGE_MAX, &listing.page)) ||
        !pattern_of(exchange->arena, http_query(request, "PhoneNumber"), &listing.pattern)) {
        api_error(exchange, 400, 20001, "Invalid parameter: PageSize, Page or PhoneNumber");
        return;
    }
    listing.found = ARENA_ARRAY(exchange->arena, struct owned, listing.size + 1);
    /* Nothing here is hosted, and nothing has a name of its own. */
    bool none = name.len || (origin.len && !text_is(origin, "twilio"));
    if (none || db_read(exchange->sandbox->db, read_page, &listing, &problem))
        answer_list(&listing);
    else
        api_problem(exchange, &problem);
}

void api_inventory_fetch(struct exchange *exchange)
{
    struct problem problem = {0};
    struct owned found[2];
    struct text sid = account_sid_of(exchange->params[1], "PN");
    struct listing listing = {.exchange = exchange,
        .pattern = TEXT("%"),
        .sid = text_format(exchange->arena, "PU%.*s", TEXT_ARG(text_part(sid, 2, 32))),
        .size = 1,
        .now = clock_now(exchange->sandbox->clock),
        .found = found};
    if (!account_ours(exchange))
        return;
    if (sid.len && !db_read(exchange->sandbox->db, read_page, &listing, &problem)) {
        api_problem(exchange, &problem);
        return;
    }
    if (!listing.count) {
        api_not_found(exchange);
        return;
    }
    JSON_CLEANUP json = owned_json(exchange, &found[0]);
    answer_json(exchange, 200, json);
}
