/* The sandbox's HTTP side: one table of routes for Twilio's API and for the pages, and what their handlers answer with. */
#ifndef SANDBOX_APP_H
#define SANDBOX_APP_H

#include "base/html.h"
#include "base/json.h"
#include "net/http_form.h"
#include "net/http_server.h"
#include "sandbox/sandbox.h"
#include "sandbox/views.h"

struct exchange {
    struct sandbox *sandbox;
    struct http_request *request;
    struct http_response *response;
    struct arena *arena;
    struct text params[2];     /* what stands at {} in the route's pattern */
    const struct route *route; /* NULL: no route */
    bool wrong_method;
    int64_t began;       /* µs of metric_clock */
    void *upload;        /* of POST /v1/Documents */
    struct text form_to; /* an origin to which the page's form may lead, beside our own */
    bool has_script;     /* the page brings a script of ours */
};

enum route_kind {
    ROUTE_API,     /* Basic authentication, JSON, Twilio's errors */
    ROUTE_PAGE,    /* HTML for people */
    ROUTE_PLAIN,   /* static files, JSON for whoever looks at the sandbox */
    ROUTE_CONTROL, /* JSON in and out: what makes things happen */
};

struct route {
    enum http_method method;
    const char *pattern; /* "/sign/{}" */
    enum route_kind kind;
    enum http_body body;
    size_t limit;
    void (*handle)(struct exchange *exchange);
};

extern const struct route routes[];
extern const size_t route_count;

http_accept app_accept;
void app_refuse(void *application, int status, struct http_request *request, struct http_response *response);

/* Answers. */
void answer_json(struct exchange *exchange, int status, const json_t *json);
void answer_page(struct exchange *exchange, int status, struct text title, bool operator_pages, bool error);
void answer_page_end(struct exchange *exchange, bool operator_pages);
/* A whole page with one sentence. */
void answer_message(struct exchange *exchange, int status, enum word title, enum word said);
/* The page for a problem of the database. */
void answer_problem(struct exchange *exchange, const struct problem *problem);
void answer_see_other(struct exchange *exchange, struct text path);
struct text say(struct exchange *exchange, enum word word);

/* Twilio's error body. The message is printf. */
void api_error(struct exchange *exchange, int status, int code, const char *message, ...)
    __attribute__((format(printf, 4, 5)));
void api_not_found(struct exchange *exchange);
void api_problem(struct exchange *exchange, const struct problem *problem);

/* Runs the route's handler, with what the script makes go wrong of it (fault.h). */
void fault_handle(struct exchange *exchange);

/* http or https, without white space and fragment: the receiver of a test is often on the same machine. */
bool api_url_ok(struct text url);

/* Handlers, one file a subject. */
void api_portability(struct exchange *exchange);
void api_document(struct exchange *exchange);
bool api_document_begin(struct exchange *exchange, struct http_plan *plan);
void api_port_create(struct exchange *exchange);
void api_port_fetch(struct exchange *exchange);
void api_port_delete(struct exchange *exchange);
void api_port_list(struct exchange *exchange);
void api_number_fetch(struct exchange *exchange);
void api_number_delete(struct exchange *exchange);
void api_webhook_set(struct exchange *exchange);
void api_webhook_get(struct exchange *exchange);
void api_webhook_delete(struct exchange *exchange);
void api_signing_set(struct exchange *exchange);
void api_signing_list(struct exchange *exchange);
void api_address_create(struct exchange *exchange);
void api_address_fetch(struct exchange *exchange);
void api_inventory_list(struct exchange *exchange);
void api_inventory_fetch(struct exchange *exchange);
void api_lookup(struct exchange *exchange);

void page_sign(struct exchange *exchange);
void page_sign_post(struct exchange *exchange);
void page_sign_pdf(struct exchange *exchange);
void page_decline(struct exchange *exchange);
void page_decline_post(struct exchange *exchange);
void logo_picture(struct exchange *exchange);
void page_control(struct exchange *exchange);
void page_control_clock(struct exchange *exchange);
void page_control_next(struct exchange *exchange);
void page_control_expire(struct exchange *exchange);
void page_control_verdict(struct exchange *exchange);
void control_state(struct exchange *exchange);
void control_scenarios(struct exchange *exchange);
void control_script(struct exchange *exchange);
void control_faults(struct exchange *exchange);
void control_jump(struct exchange *exchange);
void control_port(struct exchange *exchange);
void control_clock(struct exchange *exchange);
void control_advance(struct exchange *exchange);
void control_expire(struct exchange *exchange);
void control_sign(struct exchange *exchange);
void control_decline(struct exchange *exchange);
void control_answer(struct exchange *exchange);
void control_reset(struct exchange *exchange);
void page_mailbox(struct exchange *exchange);
void page_mail(struct exchange *exchange);
void mail_html(struct exchange *exchange);
void mail_attachment(struct exchange *exchange);
void mailbox_json(struct exchange *exchange);
void static_file(struct exchange *exchange);

#endif
