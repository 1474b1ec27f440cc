/* What a handler is given, and how it answers. See web.h for how a page is added. */
#ifndef WEB_CONTEXT_H
#define WEB_CONTEXT_H

#include "base/json.h"
#include "people/passkeys.h"
#include "people/sessions.h"
#include "store/blobs.h"
#include "web/form_errors.h"
#include "web/routes.h"
#include "web/views.h"

struct porting;
struct readiness;

/* A person whom the demo offers to sign in as. */
struct web_demo_sign_in {
    struct text name, role, email, password;
};

struct web_config {
    struct text base_url;      /* "https://desk.example.com"; decides whether cookies are Secure */
    struct text operator_name; /* who runs this desk */
    bool demo;
    const struct web_demo_sign_in *demo_sign_ins;
    size_t demo_sign_ins_count;
    struct text demo_carrier_url; /* the sandbox carrier's control page, or empty */
    struct text metrics_token;    /* who may read /metrics; empty: this machine alone */
    bool log_requests;            /* a line in the log for each */
};

/* The program, as pages need it. Filled by portdesk.c; the same for its whole life. */
struct web_app {
    struct db *db;
    struct clock *clock;
    struct sessions sessions;
    struct passkeys passkeys;
    struct porting *porting;     /* the use cases; NULL in tests of the frame */
    const struct people *people; /* those about people */
    struct readiness *readiness; /* NULL in tests of the frame: it is ready */
    /* How many requests wait for the reader: request_count_mine. NULL counts none. */
    bool (*count_mine)(
        struct porting *porting, const struct actor *actor, int64_t *ret, struct problem *problem);
    struct web_config config;
    const struct route *routes; /* web_routes, or a test's own */
    size_t routes_count;
    const size_t *
        route_labels; /* web_metrics: where each route is counted, and behind them where none; NULL: nowhere */
};

/* One request, while it is answered. Everything in it lives in `arena` until the answer is sent. */
struct web_request {
    struct web_app *app;
    const struct route *route;
    struct http_request *request;
    struct http_response *response;
    struct arena *arena;
    enum language language;
    int64_t now;

    const struct actor *actor; /* who is signed in, or NULL */
    struct session session;
    struct text cookie_token; /* the session's token, or the visitor's */
    struct text csrf;         /* what forms carry as `csrf` */
    bool new_visitor;         /* the visitor's cookie must be set */

    struct route_param params[ROUTE_PARAMS_MAX];
    size_t params_count;
    struct http_pair *form;
    size_t form_count;
    struct text key;        /* idempotency key of the form; a fresh one when it carried none */
    struct problem refused; /* of an upload: why its body was not taken whole */
    void *upload;           /* of an upload: what its route keeps */

    struct text trace; /* the request's id */

    /* Of the dispatcher. */
    int64_t began, took; /* µs of metric_clock; until the answer was made */
    bool answered;
    struct problem early;             /* what stood against the request before its body was read */
    const struct route *other_method; /* a route of the same address */
    struct multipart *multipart;
    struct buffer field; /* of the multipart field that is being read */
    struct text field_name;
    bool in_file, csrf_checked;
};

/* A parameter of the path, a query value, a form field: the empty slice when there is none. */
struct text web_param(const struct web_request *web, const char *name);
struct text web_query(const struct web_request *web, const char *name);
struct text web_field(const struct web_request *web, const char *name);

/* Answers. Exactly one of these is called by each handler. */

/* A page: sets status and headers; the template writes into what is returned. */
struct buffer *web_html(struct web_request *web, int status);
/* 303 to a path of ours. */
void web_redirect(struct web_request *web, struct url to);
/* As web_redirect, and the next page says this sentence once. Its key has "flash_" after the module; it takes no arguments. */
void web_redirect_saying(struct web_request *web, struct url to, enum word flash);
/* The page (or for a script that accepts application/json, the RFC 9457 answer) that belongs to a problem; logs what is ours. */
void web_problem(struct web_request *web, const struct problem *problem);
/* Bytes of another type: sets status and type; the caller writes into what is returned. */
struct buffer *web_bytes(struct web_request *web, int status, const char *type);
/* Whether the caller is a script that wants JSON. */
bool web_wants_json(const struct web_request *web);
/* JSON; takes no reference. */
void web_json(struct web_request *web, int status, const json_t *value);

/* What every page's template begins with. `title` names the page; `nav` is the entry of the rail that it belongs to. */
#define WEB_COUNT_SHOWN 999
/* A count for people: "999+" where more may be. */
struct text web_count(struct arena *arena, int64_t count);

struct view_layout web_layout(struct web_request *web, struct text title, enum nav nav);
/* The same with a sentence of the catalogue as title. */
struct view_layout web_layout_word(struct web_request *web, enum word title, enum nav nav);

/* Where to go after the sign-in: a path of ours, or "/" when it is anything else. */
struct text web_safe_next(struct arena *arena, struct text next);

/* Sets a cookie with our name's prefix and attributes; max_age in seconds, 0 removes it, -1 is until the browser closes. */
void web_set_cookie(struct web_request *web, const char *name, struct text value, int64_t max_age);
struct text web_cookie(const struct web_request *web, const char *name);

/* Bytes that a page may have. */
#define WEB_PAGE_MAX (4 * 1024 * 1024)

#endif
