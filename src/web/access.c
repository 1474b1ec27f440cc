/* What is kept of a request: no address with its parts, no query, no body, as secrets may stand there. */
#include "web/access.h"

#include "base/id.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/trace.h"

static const char *const method_names[] = {
    [METHOD_GET] = "GET", [METHOD_HEAD] = "HEAD", [METHOD_POST] = "POST", [METHOD_OTHER] = "other"};

static size_t method_of(const struct http_request *request)
{
    switch (request->method) {
    case HTTP_GET:
        return METHOD_GET;
    case HTTP_HEAD:
        return METHOD_HEAD;
    case HTTP_POST:
        return METHOD_POST;
    default:
        return METHOD_OTHER;
    }
}

void access_begin(struct web_request *web)
{
    struct text given = http_header(web->request, "X-Request-Id");
    if (web->request->from_proxy && trace_is_good(given)) {
        trace_set(given);
    } else {
        trace_new();
    }
    web->trace = text_copy(web->arena, trace_get());
    web->began = metric_clock();
    metric_add(METRIC_HTTP_IN_FLIGHT, METRIC_ONE, 1);
}

void access_answered(struct web_request *web)
{
    web->took = metric_clock() - web->began;
    http_set_header(web->request, web->response, "X-Request-Id", web->trace);
    web->answered = true;
}

static size_t status_class(int status)
{
    return status < 300 ? STATUS_2XX : status < 400 ? STATUS_3XX : status < 500 ? STATUS_4XX : STATUS_5XX;
}

static void count(const struct web_request *web)
{
    const struct web_app *app = web->app;
    metric_add(METRIC_HTTP_IN_FLIGHT, METRIC_ONE, -1);
    if (app->route_labels == NULL) {
        return;
    }
    size_t route =
        app->route_labels[web->route != NULL ? (size_t)(web->route - app->routes) : app->routes_count];
    size_t status = web->answered ? status_class(web->response->status) : STATUS_GONE;
    metric_add(METRIC_HTTP_REQUESTS, METRIC_AT(route, method_of(web->request), status), 1);
    if (web->answered) {
        metric_observe(METRIC_HTTP_DURATION, METRIC_AT(route), web->took);
    }
}

/* What a page sends; of a stream what it is to send, when that is known. */
static int64_t answer_bytes(const struct web_request *web)
{
    if (!web->answered || web->request->method == HTTP_HEAD) {
        return 0;
    }
    const struct http_response *response = web->response;
    return response->stream == NULL ? (int64_t)response->body.len : response->stream_size;
}

static void say(const struct web_request *web)
{
    const struct log_value none = {.key = NULL};
    const struct route *route = web->route;
    struct id id;
    int status = web->answered ? web->response->status : 0;
    /* Files and what machines ask again and again are of no interest while they are well. */
    bool quiet = route != NULL && route->right == RIGHT_OUTSIDE && route->method == HTTP_GET && status < 400;
    bool about = id_parse(web_param(web, "id"), "pr", &id);
    log_event(web->app->config.log_requests && !quiet ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "web.request",
        LOG_TEXT("method", text_from(method_names[method_of(web->request)])),
        LOG_TEXT("route", text_from(route != NULL ? route->pattern : "other")),
        about ? LOG_TEXT("about", id_text(&id)) : none, LOG_NUMBER("status", status),
        LOG_NUMBER("bytes", answer_bytes(web)),
        LOG_NUMBER("us", web->answered ? web->took : metric_clock() - web->began),
        web->actor != NULL ? LOG_TEXT("user", web->actor->user) : none,
        web->actor != NULL ? LOG_TEXT("account", web->actor->account) : none);
}

void access_end(struct web_request *web)
{
    count(web);
    say(web);
    trace_set(TEXT_EMPTY);
}

void access_refused(
    const struct web_app *app, int status, struct http_request *request, struct http_response *response)
{
    static const int statuses[] = {[REFUSED_400] = 400,
        [REFUSED_417] = 417,
        [REFUSED_431] = 431,
        [REFUSED_501] = 501,
        [REFUSED_505] = 505};
    size_t at = 0;
    while (at < sizeof statuses / sizeof *statuses && statuses[at] != status) {
        at++;
    }
    metric_add(METRIC_HTTP_REFUSED, METRIC_AT(at), 1);
    trace_new();
    http_set_header(request, response, "X-Request-Id", trace_get());
    log_event(app->config.log_requests ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "web.refused",
        LOG_NUMBER("status", status));
    trace_set(TEXT_EMPTY);
}
