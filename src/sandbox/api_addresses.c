/* Addresses of the 2010-04-01 API, as far as a port needs one: made, and fetched. */
#include "sandbox/api_account.h"

struct address {
    struct exchange *exchange;
    struct text sid, customer_name, friendly_name, street, street_2, city, region, postal_code, country;
    int64_t created_at;
    bool found;
};

static bool insert(struct db_tx *tx, void *context)
{
    const struct address *address = context;
    return db_exec(tx,
        "INSERT INTO address (sid, customer_name, friendly_name, street, street_2, city, region, postal_code,"
        " country, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        DB_ARGS(db_text(address->sid), db_text(address->customer_name), db_text(address->friendly_name),
            db_text(address->street), db_text(address->street_2), db_text(address->city),
            db_text(address->region), db_text(address->postal_code), db_text(address->country),
            db_int(address->created_at)));
}

static bool load(struct db_tx *tx, void *context)
{
    struct address *address = context;
    DB_ROWS rows = db_query(tx,
        "SELECT customer_name, friendly_name, street, street_2, city, region, postal_code, country,"
        " created_at FROM address WHERE sid = $1",
        DB_ARGS(db_text(address->sid)));
    address->found = db_next(rows);
    if (!address->found)
        return db_ok(tx);
    struct text *const texts[] = {&address->customer_name, &address->friendly_name, &address->street,
        &address->street_2, &address->city, &address->region, &address->postal_code, &address->country};
    for (int i = 0; i < (int)(sizeof texts / sizeof texts[0]); i++)
        *texts[i] = db_col_copy(rows, i, address->exchange->arena);
    address->created_at = db_col_int(rows, 8);
    return db_ok(tx);
}

static void answer_address(const struct address *address, int status)
{
    struct exchange *exchange = address->exchange;
    struct arena *arena = exchange->arena;
    JSON_CLEANUP json = json_object();
    json_put_text(json, "sid", address->sid);
    json_put_text(json, "account_sid", exchange->sandbox->settings.account_sid);
    json_put_text(json, "friendly_name", address->friendly_name);
    json_put_text(json, "customer_name", address->customer_name);
    json_put_text(json, "street", address->street);
    json_text_or_null(json, "street_secondary", address->street_2);
    json_put_text(json, "city", address->city);
    json_put_text(json, "region", address->region);
    json_put_text(json, "postal_code", address->postal_code);
    json_put_text(json, "iso_country", address->country);
    json_object_set_new(json, "emergency_enabled", json_false());
    json_object_set_new(json, "validated", json_false());
    json_object_set_new(json, "verified", json_false());
    account_date(json, "date_created", arena, address->created_at);
    account_date(json, "date_updated", arena, address->created_at);
    json_put_text(json, "uri",
        account_uri(exchange, text_format(arena, "Addresses/%.*s.json", TEXT_ARG(address->sid))));
    answer_json(exchange, status, json);
}

void api_address_create(struct exchange *exchange)
{
    struct problem problem = {0};
    struct http_pair *fields = NULL;
    size_t count = 0;
    struct address address = {.exchange = exchange, .created_at = clock_now(exchange->sandbox->clock)};
    if (!account_ours(exchange))
        return;
    if (!form_parse(exchange->arena, exchange->request->body, &fields, &count, NULL)) {
        api_error(exchange, 400, 20001, "The body is not a form");
        return;
    }
    const struct {
        const char *name;
        bool needed;
        struct text *into;
    } wanted[] = {{"CustomerName", true, &address.customer_name},
        {"FriendlyName", false, &address.friendly_name}, {"Street", true, &address.street},
        {"StreetSecondary", false, &address.street_2}, {"City", true, &address.city},
        {"Region", true, &address.region}, {"PostalCode", true, &address.postal_code},
        {"IsoCountry", true, &address.country}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        *wanted[i].into = text_trim(form_get(fields, count, wanted[i].name));
        if ((wanted[i].needed && !wanted[i].into->len) || wanted[i].into->len > SANDBOX_TEXT_MAX) {
            api_error(exchange, 400, 21604, "%s is missing or too long", wanted[i].name);
            return;
        }
    }
    address.sid = sid_new(exchange->arena, "AD");
    if (db_write(exchange->sandbox->db, insert, &address, &problem))
        answer_address(&address, 201);
    else
        api_problem(exchange, &problem);
}

void api_address_fetch(struct exchange *exchange)
{
    struct problem problem = {0};
    struct address address = {.exchange = exchange, .sid = account_sid_of(exchange->params[1], "AD")};
    if (!account_ours(exchange))
        return;
    if (!db_read(exchange->sandbox->db, load, &address, &problem))
        api_problem(exchange, &problem);
    else if (!address.found)
        api_not_found(exchange);
    else
        answer_address(&address, 200);
}
