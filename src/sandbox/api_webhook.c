/* The webhook's configuration: one address for ports in and one for ports out, each overwritten by the next POST. */
#include "sandbox/app.h"
#include "sandbox/port.h"

#define URL_MAX 2048
#define EVENTS_MAX 50

struct configuration {
    struct arena *arena;
    struct text in_url, out_url, notifications_of, type;
    int64_t in_created, out_created, at, changed;
};

static bool store_one(
    struct db_tx *tx, const struct configuration *configuration, const char *type, struct text url)
{
    if (!url.len)
        return db_ok(tx);
    return db_exec(tx,
        "INSERT INTO webhook (type, url, notifications_of, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT"
        " (type) DO UPDATE SET url = excluded.url, notifications_of = excluded.notifications_of, created_at"
        " = excluded.created_at",
        DB_ARGS(db_text(text_from(type)), db_text(url), db_text(configuration->notifications_of),
            db_int(configuration->at)));
}

static bool store(struct db_tx *tx, void *context)
{
    const struct configuration *configuration = context;
    return store_one(tx, configuration, "PORT_IN", configuration->in_url) &&
           store_one(tx, configuration, "PORT_OUT", configuration->out_url);
}

static bool load(struct db_tx *tx, void *context)
{
    struct configuration *configuration = context;
    DB_ROWS rows = db_query(
        tx, "SELECT type, url, notifications_of, created_at FROM webhook ORDER BY type DESC", DB_NO_ARGS);
    while (db_next(rows)) {
        bool in = text_is(db_col_text(rows, 0), "PORT_IN");
        *(in ? &configuration->in_url : &configuration->out_url) = db_col_copy(rows, 1, configuration->arena);
        *(in ? &configuration->in_created : &configuration->out_created) = db_col_int(rows, 3);
        configuration->notifications_of = db_col_copy(rows, 2, configuration->arena);
    }
    return db_ok(tx);
}

static bool remove_one(struct db_tx *tx, void *context)
{
    struct configuration *configuration = context;
    return db_exec_changed(tx, "DELETE FROM webhook WHERE type = $1", DB_ARGS(db_text(configuration->type)),
        &configuration->changed);
}

static void answer_configuration(
    struct exchange *exchange, int status, const struct configuration *configuration, bool dates)
{
    json_t *events = NULL;
    if (!configuration->notifications_of.len ||
        !json_parse(configuration->notifications_of, 64 * 1024, &events, NULL))
        events = json_array();
    JSON_CLEANUP json = json_object();
    json_text_or_null(json, "port_in_target_url", configuration->in_url);
    json_text_or_null(json, "port_out_target_url", configuration->out_url);
    json_object_set_new(json, "notifications_of", events);
    if (dates) {
        json_instant_or_null(json, "port_in_target_date_created", exchange->arena, configuration->in_created);
        json_instant_or_null(
            json, "port_out_target_date_created", exchange->arena, configuration->out_created);
    }
    json_put_text(json, "url",
        text_format(
            exchange->arena, "%.*s/v1/Porting/Configuration/Webhook", TEXT_ARG(exchange->sandbox->origin)));
    answer_json(exchange, status, json);
}

bool api_url_ok(struct text url)
{
    if (!text_starts(url, TEXT("http://")) && !text_starts(url, TEXT("https://")))
        return false;
    for (size_t i = 0; i < url.len; i++)
        if (url.at[i] <= ' ' || url.at[i] >= 127 || url.at[i] == '#')
            return false;
    return true;
}

static bool read_body(struct exchange *exchange, const json_t *body, struct configuration *configuration)
{
    json_t *events = NULL;
    bool ok = json_is_object(body) &&
              json_get_text(body, "port_in_target_url", URL_MAX, &configuration->in_url, NULL) &&
              json_get_text(body, "port_out_target_url", URL_MAX, &configuration->out_url, NULL) &&
              json_get_array(body, "notifications_of", EVENTS_MAX, &events, NULL);
    for (size_t i = 0; ok && i < json_array_size(events); i++)
        ok = json_is_string(json_array_get(events, i)) &&
             json_string_length(json_array_get(events, i)) <= SANDBOX_TEXT_MAX;
    if (!ok || (configuration->in_url.len && !api_url_ok(configuration->in_url)) ||
        (configuration->out_url.len && !api_url_ok(configuration->out_url))) {
        api_error(exchange, 400, 20001, "Invalid webhook configuration");
        return false;
    }
    if (!configuration->in_url.len && !configuration->out_url.len) {
        api_error(exchange, 400, 22171, "Missing required fields: port_in_target_url or port_out_target_url");
        return false;
    }
    configuration->notifications_of = events ? json_write(exchange->arena, events) : TEXT("[]");
    return true;
}

void api_webhook_set(struct exchange *exchange)
{
    JSON_CLEANUP body = NULL;
    struct problem problem = {0};
    struct configuration configuration = {
        .arena = exchange->arena, .at = clock_now(exchange->sandbox->clock)};
    if (!json_parse(exchange->request->body, 64 * 1024, &body, &problem)) {
        api_error(exchange, 400, 20001, "The body is not a JSON object");
        return;
    }
    if (!read_body(exchange, body, &configuration))
        return;
    if (db_write(exchange->sandbox->db, store, &configuration, &problem))
        answer_configuration(exchange, 201, &configuration, false);
    else
        api_problem(exchange, &problem);
}

void api_webhook_get(struct exchange *exchange)
{
    struct problem problem = {0};
    struct configuration configuration = {.arena = exchange->arena};
    if (!db_read(exchange->sandbox->db, load, &configuration, &problem))
        api_problem(exchange, &problem);
    else if (!configuration.in_url.len && !configuration.out_url.len)
        api_not_found(exchange);
    else
        answer_configuration(exchange, 200, &configuration, true);
}

void api_webhook_delete(struct exchange *exchange)
{
    struct problem problem = {0};
    struct configuration configuration = {.type = exchange->params[0]};
    if (!text_is(configuration.type, "PORT_IN") && !text_is(configuration.type, "PORT_OUT"))
        api_error(exchange, 400, 20001, "WebhookType must be PORT_IN or PORT_OUT");
    else if (!db_write(exchange->sandbox->db, remove_one, &configuration, &problem))
        api_problem(exchange, &problem);
    else if (!configuration.changed)
        api_not_found(exchange);
    else
        exchange->response->status = 204;
}
