/* GET /metrics: for the operator's Prometheus alone. To everybody else the address is one that is not there. */
#include "base/metrics.h"
#include "web/parts.h"
#include "web/web.h"

#define METRICS_BYTES (4 * 1024 * 1024)

static bool is_loopback(struct text address)
{
    return text_starts(address, TEXT("127.")) || text_is(address, "::1");
}

/* A page of another site whose name was made to point here would come with that name. */
static bool is_loopback_host(struct text host)
{
    return text_starts(host, TEXT("127.")) || text_starts(host, TEXT("[::1]")) ||
           text_is(host, "localhost") || text_starts(host, TEXT("localhost:"));
}

bool metrics_are_open(const struct web_request *web)
{
    const struct http_request *request = web->request;
    struct text token = web->app->config.metrics_token;
    if (token.len > 0) {
        struct text given = http_header(request, "Authorization");
        return given.len > 7 && text_equal_nocase(text_part(given, 0, 7), TEXT("Bearer ")) &&
               text_equal_secret(text_trim(text_part(given, 7, given.len)), token);
    }
    static const char *const proxies[] = {
        "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"};
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++) {
        if (http_has_header(request, proxies[i])) {
            return false;
        }
    }
    return is_loopback(request->client) && is_loopback_host(http_header(request, "Host"));
}

void metrics_get(struct web_request *web)
{
    struct buffer *body = web_bytes(web, 200, METRICS_TYPE);
    body->limit = METRICS_BYTES;
    http_set_header(web->request, web->response, "Cache-Control", TEXT("no-store"));
    metrics_write(body);
}

void web_metrics(struct web_app *app, struct arena *arena)
{
    size_t count = 0;
    const char **values = ARENA_ARRAY(arena, const char *, app->routes_count + 1);
    size_t *labels = ARENA_ARRAY(arena, size_t, app->routes_count + 1);
    for (size_t i = 0; i <= app->routes_count; i++) {
        const char *pattern = i < app->routes_count ? app->routes[i].pattern : "other";
        size_t at = 0;
        while (at < count && !text_is(text_from(pattern), values[at])) {
            at++;
        }
        values[at] = pattern;
        labels[i] = at;
        count = at == count ? count + 1 : count;
    }
    metrics_values(LABEL_ROUTE, values, count);
    app->route_labels = labels;
}
